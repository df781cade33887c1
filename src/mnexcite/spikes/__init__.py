"""Spike trains: hold them, find them in a trace, measure them, read and write files."""

from mnexcite.spikes.csv_files import read_csv, write_csv
from mnexcite.spikes.decompositions import read_mat, read_openhdemg
from mnexcite.spikes.detection import detect
from mnexcite.spikes.neo_trains import from_neo, to_neo
from mnexcite.spikes.nwb_files import read_nwb, write_nwb
from mnexcite.spikes.patterns import bursts, fires_on, stretches
from mnexcite.spikes.reading import read
from mnexcite.spikes.shape import SHAPE_STATUSES, SpikeShape, shape
from mnexcite.spikes.statistics import (
    TRAIN_STATUSES,
    TrainStatistics,
    cv,
    describe,
    doublets,
    intervals,
    last_rate,
    latency,
    mean_rate,
    rate,
)
from mnexcite.spikes.trains import SpikeTrains

__all__ = [
    "SHAPE_STATUSES",
    "TRAIN_STATUSES",
    "SpikeShape",
    "SpikeTrains",
    "TrainStatistics",
    "bursts",
    "cv",
    "describe",
    "detect",
    "doublets",
    "fires_on",
    "from_neo",
    "intervals",
    "last_rate",
    "latency",
    "mean_rate",
    "rate",
    "read",
    "read_csv",
    "read_mat",
    "read_nwb",
    "read_openhdemg",
    "shape",
    "stretches",
    "to_neo",
    "write_csv",
    "write_nwb",
]
