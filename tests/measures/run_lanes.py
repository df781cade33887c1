"""What experiments run on: `simulate` on some lanes, or answers told beforehand."""

import warnings
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import ClassVar

import numpy as np

from mnexcite import RunWarning, simulate
from mnexcite.cells import Cell, purvis_butera_2005
from mnexcite.spikes import SpikeTrains


@dataclass
class Lanes:
    """Run lanes of a cell; count the runs."""

    cell: Cell
    parameters: dict = field(default_factory=lambda: {"C": None})
    options: dict = field(default_factory=dict)
    runs: int = 0

    def __post_init__(self):
        own = self.cell.parameters
        self.parameters = {
            path: np.atleast_1d(
                np.asarray(own[path].value if values is None else values, float)
            )
            for path, values in self.parameters.items()
        }

    @property
    def lanes(self):
        return next(iter(self.parameters.values())).size

    @property
    def unit(self):
        return self.cell.units["i"]

    def __call__(
        self,
        stimulus,
        *,
        duration,
        discard=0.0,
        lanes=None,
        record=(),
        every=None,
        initial=None,
    ):
        self.runs += 1
        options = self.options if initial is None else {**self.options, "initial": initial}
        lanes = np.arange(self.lanes) if lanes is None else lanes
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RunWarning)
            return simulate(
                self.cell,
                stimulus,
                duration=duration,
                discard=discard,
                parameters={path: column[lanes] for path, column in self.parameters.items()},
                record=record,
                every=every,
                **options,
            )


@dataclass
class Told:
    """Answer runs with spike times, statuses and end voltages told beforehand, in turn."""

    answers: list
    lanes: int = 1
    unit: str = "nA"
    asked: list = field(default_factory=list)

    def __call__(self, stimulus, *, duration, discard=0.0, lanes=None, record=(), every=None):
        rows = self.answers[len(self.asked)]
        self.asked.append((stimulus, duration, lanes))
        return ToldBatch(rows, duration)


class ToldBatch:
    start = 0.0
    cell = purvis_butera_2005()  # unstable from -52 mV on
    parameters: ClassVar = {}

    def __init__(self, rows, duration):
        trains, voltages, self.status = zip(*rows, strict=True)
        self.spike_times = SpikeTrains.from_list(trains)
        self.final_state = SimpleNamespace(values=np.array([voltages]))
        self.duration = duration

    def __len__(self):
        return len(self.status)


def lane(spikes=(), v=-70.0, status="ok"):
    """Return what one lane answers."""
    return (spikes, v, status)


def flag_names(experiment, values, name):
    """Return a flag output as its meanings."""
    (output,) = (output for output in experiment.outputs if output.name == name)
    return [output.flags[code] for code in values[name]]
