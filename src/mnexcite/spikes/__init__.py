"""Spike trains: hold them, find them in a trace, measure them, read and write files."""

from mnexcite.spikes.csv_files import read_csv, write_csv
from mnexcite.spikes.decompositions import read_mat, read_openhdemg
from mnexcite.spikes.detection import detect
from mnexcite.spikes.distances import isi_distance, van_rossum_distance
from mnexcite.spikes.drive import (
    DRIVE_STATUSES,
    Coherence,
    CommonDrive,
    coherence,
    common_drive,
)
from mnexcite.spikes.neo_trains import from_neo, to_neo
from mnexcite.spikes.nwb_files import read_nwb, write_nwb
from mnexcite.spikes.patterns import bursts, fires_on, stretches
from mnexcite.spikes.reading import read
from mnexcite.spikes.recruitment import (
    DELTA_F_STATUSES,
    DeltaF,
    Thresholds,
    delta_f,
    delta_f_pairs,
    recruitment_thresholds,
)
from mnexcite.spikes.shape import SHAPE_STATUSES, SpikeShape, shape
from mnexcite.spikes.smoothing import mean_instantaneous_rate, smoothed_rate
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
from mnexcite.spikes.variation import cv2, lv

__all__ = [
    "DELTA_F_STATUSES",
    "DRIVE_STATUSES",
    "SHAPE_STATUSES",
    "TRAIN_STATUSES",
    "Coherence",
    "CommonDrive",
    "DeltaF",
    "SpikeShape",
    "SpikeTrains",
    "Thresholds",
    "TrainStatistics",
    "bursts",
    "coherence",
    "common_drive",
    "cv",
    "cv2",
    "delta_f",
    "delta_f_pairs",
    "describe",
    "detect",
    "doublets",
    "fires_on",
    "from_neo",
    "intervals",
    "isi_distance",
    "last_rate",
    "latency",
    "lv",
    "mean_instantaneous_rate",
    "mean_rate",
    "rate",
    "read",
    "read_csv",
    "read_mat",
    "read_nwb",
    "read_openhdemg",
    "recruitment_thresholds",
    "shape",
    "smoothed_rate",
    "stretches",
    "to_neo",
    "van_rossum_distance",
    "write_csv",
    "write_nwb",
]
