"""Measures by name."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from mnexcite.errors import InputError, did_you_mean
from mnexcite.measures.after_spike import ahp
from mnexcite.measures.basin import basin
from mnexcite.measures.bistability import bistability
from mnexcite.measures.counts import count, last_rate, latency, mean_rate, rate
from mnexcite.measures.escape import escape
from mnexcite.measures.experiment import Experiment
from mnexcite.measures.fasciculations import fasciculations
from mnexcite.measures.fi_slope import fi_slope
from mnexcite.measures.forces import contraction, force
from mnexcite.measures.measure import Measure
from mnexcite.measures.passive import passive
from mnexcite.measures.phases import phase
from mnexcite.measures.ramp import ramp
from mnexcite.measures.refractory import refractory
from mnexcite.measures.regularity import adaptation, cv, doublets
from mnexcite.measures.release import release
from mnexcite.measures.rheobase import rheobase
from mnexcite.measures.self_sustained import self_sustained
from mnexcite.measures.spike_shapes import spike_shape
from mnexcite.measures.strength_duration import strength_duration
from mnexcite.measures.voltages import voltage

#: Name -> function that makes the measure with its default settings.
BUILT_IN: Mapping[str, Callable[[], Measure | Experiment]] = MappingProxyType(
    {
        make.__name__: make
        for make in (
            count,
            rate,
            mean_rate,
            last_rate,
            latency,
            cv,
            adaptation,
            doublets,
            fasciculations,
            phase,
            voltage,
            spike_shape,
            passive,
            ahp,
            force,
            contraction,
            rheobase,
            strength_duration,
            refractory,
            fi_slope,
            ramp,
            self_sustained,
            bistability,
            basin,
            release,
            escape,
        )
    }
)


@dataclass(frozen=True)
class Row:
    """Hold one output of a built-in measure, as a row of a table.

    Attributes
    ----------
    measure
        Name of the measure.
    output, unit
        Name and unit of the variable in the dataset.
    meaning
        What it is.
    flags
        Meanings of an integer flag, from 0 on; empty for a number.
    """

    measure: str
    output: str
    unit: str
    meaning: str
    flags: tuple[str, ...]


def find(measure: str | Measure | Experiment) -> Measure | Experiment:
    """Return a built-in measure by name; return any other measure as it is.

    Raises
    ------
    InputError
        If there is no such measure.

    Examples
    --------
    >>> find("rate").outputs[0].unit
    'Hz'
    >>> find("fusion")
    Traceback (most recent call last):
    ...
    mnexcite.errors.InputError: no measure is named 'fusion'; ...
    """
    if isinstance(measure, Measure | Experiment):
        return measure
    if not isinstance(measure, str):
        function = inspect.isfunction(measure)
        what = measure.__name__ if function else type(measure).__name__
        raise InputError(
            f"a measure is {what}; allowed: a name such as 'rate', what measures.rate() "
            "returns, or a measure of your own by measures.per_point or measures.streaming"
        )
    if measure not in BUILT_IN:
        hint = did_you_mean(measure, BUILT_IN, limit=len(BUILT_IN))
        raise InputError(f"no measure is named {measure!r}; {hint}")
    return BUILT_IN[measure]()


def describe() -> tuple[Row, ...]:
    """Describe the outputs of every built-in measure, for tables.

    Examples
    --------
    >>> row = describe()[1]
    >>> row.measure, row.output, row.unit, row.meaning
    ('rate', 'rate', 'Hz', 'mean firing rate after discard')
    """
    return tuple(
        Row(name, output.name, output.unit, output.long_name, output.flags)
        for name, make in BUILT_IN.items()
        for output in make().outputs
    )
