"""The muscle's answer: mean and peak force, fusion and the duration of a contraction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from mnexcite.errors import InputError, checked, number
from mnexcite.measures.flags import FAILED, status_of
from mnexcite.measures.measure import Array, Ending, Measure, Output, Span, Values, View
from mnexcite.muscle import MotorUnit
from mnexcite.muscle.unit import FRACTION

#: Interval between the samples of `View.force` [ms].
EVERY = 1.0

_STATUS = status_of("fusion_index", "no_spikes", "too_few_spikes", "no_force")


def force() -> Measure:
    """Take mean, peak and fusion index of the force after discard.

    Mean and peak are fractions of the motor unit's fused force, whatever unit the motor
    unit's force has; ripple and irregular trains may lift the peak above it, the mean not
    (see `mnexcite.muscle.Force`). The fusion index is 1 - (peak - trough)/(peak - baseline)
    of a cycle between spikes, the median over the time of the last 20 cycles; below two
    spikes it is NaN and `fusion_index_status` says why, in the words of
    `mnexcite.muscle.STATUSES`.

    References
    ----------
    Celichowski & Grottel 1995 (Arch Ital Biol), fusion index.

    Examples
    --------
    >>> from mnexcite import measures
    >>> [output.name for output in measures.force().outputs]
    ['force_mean', 'force_peak', 'fusion_index', 'fusion_index_status']
    """
    outputs = (
        Output("force_mean", "1", "mean force after discard, fraction of fused force"),
        Output("force_peak", "1", "peak force after discard, fraction of fused force"),
        Output("fusion_index", "1", "fusion index, median over time of the last 20 cycles"),
        _STATUS,
    )
    return Measure(outputs, _nothing, _pass, _force, force=True)


@checked
def contraction(level: float = 0.1) -> Measure:
    """Take the time after discard for which the force is above a level [ms].

    The force is sampled every 1 ms; a sample above the level counts 1 ms, and times above
    it add up over all contractions.

    Parameters
    ----------
    level
        Level of force that counts as contraction, as a fraction of fused force. The
        default, 10 %, is a choice: a single twitch, at 11 %, just reaches it.

    Raises
    ------
    InputError
        If `level` is not from 0 to below 1.

    Examples
    --------
    >>> from mnexcite import measures
    >>> measures.contraction(level=0.5).outputs[0].long_name
    'time with force above 50 % of fused force'
    """
    allowed = "0 to below 1, a fraction of fused force"
    level = number("level", level, allowed, lowest=0.0, highest=np.nextafter(1.0, 0.0))
    meaning = f"time with force above {level * 100:.12g} % of fused force"
    return Measure(
        (Output("contraction_duration", "ms", meaning),),
        partial(_relaxed, level),
        _contract,
        _contraction,
        force=True,
        force_samples=True,
    )


def _nothing(span: Span) -> None:
    return None


def _pass(state: None, window: View) -> None:
    return None


def _force(state: None, ending: Ending) -> Values:
    forces = ending.forces
    if forces is None:
        raise InputError("the run has no force; give it a motor unit")
    # a sweep takes no other unit
    fused = _fused(tuple(unit for unit in forces.units if isinstance(unit, MotorUnit)))
    flags = [FAILED if each == "failed_run" else each for each in forces.status]
    return {
        "force_mean": forces.mean / fused,
        "force_peak": forces.peak / fused,
        "fusion_index": forces.fusion_index,
        "fusion_index_status": np.array([_STATUS.flags.index(f) for f in flags], np.int8),
    }


def _fused(units: tuple[MotorUnit, ...]) -> Array:
    # the fraction's own fused force is 1 but for rounding
    return np.array([1.0 if u.force_unit == FRACTION else u.fused_force for u in units])


@dataclass(frozen=True)
class _Contraction:
    span: Span
    above: Array
    samples: NDArray[np.int64]


def _relaxed(level: float, span: Span) -> _Contraction:
    if len(span.units) != span.lanes:
        raise InputError(
            f"the run has {len(span.units)} motor units for {span.lanes} points; "
            "allowed: one per point"
        )
    return _Contraction(span, level * _fused(span.units), np.zeros(span.lanes, np.int64))


def _contract(state: _Contraction, window: View) -> _Contraction:
    t = window.force_t
    counted = (t >= state.span.discard) & (t < state.span.end)
    above = window.force[:, counted] > state.above[:, np.newaxis]
    return replace(state, samples=state.samples + np.count_nonzero(above, axis=1))


def _contraction(state: _Contraction, ending: Ending) -> Values:
    return {"contraction_duration": state.samples * EVERY}
