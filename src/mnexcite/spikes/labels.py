"""Read what a column's label says: a name, a unit of time, a role."""

from __future__ import annotations

import re
from dataclasses import dataclass

#: How many milliseconds a unit of time has.
MILLISECONDS = {"s": 1000.0, "ms": 1.0, "us": 0.001}
#: The unit of sample numbers; how long it is depends on the rate.
SAMPLES = "samples"
_SPELLINGS = {
    "s": ("s", "sec", "secs", "second", "seconds"),
    "ms": ("ms", "msec", "msecs", "millisecond", "milliseconds"),
    "us": ("us", "usec", "usecs", "µs", "μs", "microsecond", "microseconds"),
    SAMPLES: ("sample", "samples"),
}
_UNITS = {spelling: unit for unit, spellings in _SPELLINGS.items() for spelling in spellings}
_ANY = "|".join(sorted(_UNITS, key=len, reverse=True))
_SUFFIX = re.compile(
    rf"^(.*?)(?:\s*[(\[]\s*({_ANY})\s*[)\]]|(?:[_\s/]|_in_|\s+in\s+)({_ANY}))$",
    re.IGNORECASE,
)
_TRAINS = {
    *("unit", "units", "unit_id", "unit_index", "id", "neuron", "neuron_id", "cell"),
    *("cell_id", "train", "train_id", "lane", "motor_unit", "mu", "mu_id", "cluster"),
    *("cluster_id", "channel", "label", "name", "source"),
}
_TIMES = {
    *("time", "times", "t", "spike", "spikes", "spike_time", "spike_times", "spiketime"),
    *("spiketimes", "timestamp", "timestamps", "discharge_time", "discharge_times"),
    *("firing_time", "firing_times", "sample", "samples", "sample_number", "sample_numbers"),
}
# what programs call columns that nobody named: 0, V1 (R), Var1 (MATLAB), or spikes in a row
_NUMBERED = re.compile(
    r"(t|times?|spikes?|spike_times?|v|var|x|columns?|col|unnamed:)?[\s_]*[0-9]+", re.IGNORECASE
)
# what a column is called that counts the rows of a table
_COUNTERS = (
    *("", "index", "idx", "unnamed:_0", "row", "row_number", "#"),
    *("spike", "spikes", "spike_number", "discharge", "discharge_number"),
)


@dataclass(frozen=True)
class Label:
    """Hold a column's text, and the name and unit of time that it states."""

    text: str
    name: str
    unit: str | None

    @property
    def is_train(self) -> bool:
        """Tell whether the column says which train a spike belongs to."""
        return self.unit is None and _folded(self.name) in _TRAINS

    @property
    def states_unit(self) -> bool:
        """Tell whether the unit is meant: of a time column, or in brackets.

        The last word of a train's name (`left_s`) may be a unit by chance.
        """
        return self.unit is not None and (self.is_time or self.text.rstrip()[-1:] in ")]")

    @property
    def is_time(self) -> bool:
        """Tell whether the column is called after spike times, not after a train."""
        return _folded(self.name) in _TIMES or not self.name

    @property
    def is_numbered(self) -> bool:
        """Tell whether the column has a number where a train has a name."""
        return self.unit is None and bool(_NUMBERED.fullmatch(self.name))

    @property
    def may_count(self) -> bool:
        """Tell whether the column may hold numbers of rows."""
        return self.unit is None and _folded(self.name) in _COUNTERS


def parse(text: str) -> Label:
    """Read one label.

    >>> parse("time_s").unit, parse("MU 3 [ms]").name
    ('s', 'MU 3')
    """
    match = _SUFFIX.match(text.strip())
    if match is None:
        return Label(text, text.strip(), None)
    found = (match[2] or match[3]).lower()
    return Label(text, match[1].strip(), _UNITS[found])


def _folded(name: str) -> str:
    return re.sub(r"[\s\-]+", "_", name.strip().lower())
