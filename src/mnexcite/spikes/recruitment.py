"""When units join and leave a contraction, and what pairs of them say of their drive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import permutations
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from mnexcite.errors import InputError, check_memory, checked
from mnexcite.spikes.arrays import FloatArray, number, trace
from mnexcite.spikes.smoothing import NARROWEST, WIDTH, smoothed_rate
from mnexcite.spikes.trains import SpikeTrains, as_trains

#: What each status of `DeltaF` means and what to do.
DELTA_F_STATUSES: Mapping[str, str] = MappingProxyType(
    {
        "ok": "the control unit fired throughout, and as the test unit did",
        "few_spikes": "the test or the control unit has fewer than 3 spikes: delta-F is "
        "undefined; choose another pair",
        "control_not_firing": "the control unit starts after the test unit or stops before it: "
        "delta-F is undefined; choose a control unit that is recruited before and leaves after",
        "recruited_together": "the control unit was recruited less than lead before the test "
        "unit: its persistent inward current may still have been growing",
        "rates_differ": "the squared correlation of the two rates is below least_r2: the units "
        "may not share their drive",
    }
)


@dataclass(frozen=True)
class DeltaF:
    """Hold the paired-unit estimate of a persistent inward current, delta-F.

    A number that is undefined is NaN; `status` then is not "ok" and `sentence` says why.

    Parameters
    ----------
    delta_f
        Control unit's rate at recruitment less that at derecruitment of the test unit [Hz].
    recruitment_rate, derecruitment_rate
        The two rates [Hz].
    lead
        From the recruitment of the control unit to that of the test unit [ms].
    r2
        Squared correlation of the two smoothed rates while the test unit fires.
    status
        Key of `DELTA_F_STATUSES`; the first that applies.
    """

    delta_f: float = field(metadata={"unit": "Hz"})
    recruitment_rate: float = field(metadata={"unit": "Hz"})
    derecruitment_rate: float = field(metadata={"unit": "Hz"})
    lead: float = field(metadata={"unit": "ms"})
    r2: float = field(metadata={"unit": "1"})
    status: str

    @property
    def sentence(self) -> str:
        """What the status means and what to do."""
        return DELTA_F_STATUSES[self.status]


@dataclass(frozen=True, eq=False)
class Thresholds:
    """Hold a signal, such as force or torque, at each train's first and last spike.

    Parameters
    ----------
    recruitment, derecruitment
        Shape (trains,), in the unit of the signal; NaN for a train without spikes.
    status
        "ok", or "no_spikes", one for each train.
    """

    recruitment: FloatArray
    derecruitment: FloatArray
    status: tuple[str, ...]


@checked
def delta_f(
    control: ArrayLike,
    test: ArrayLike,
    *,
    width: float = WIDTH,
    lead: float = 1000.0,
    least_r2: float = 0.5,
) -> DeltaF:
    """Return delta-F: how much lower the drive is when a test unit stops than when it starts.

    The rate of a control unit, which fires before, during and after, stands for the drive of
    both. Here that rate is smoothed by a Hann window; the first studies fitted a polynomial of
    fifth order. Recruitment and derecruitment are the test unit's first and last spike: take
    lone spikes out first.

    Parameters
    ----------
    control, test
        Spike times of the two units in one slow contraction [ms].
    width
        Of the window [ms]. Within half a width of its own end the control unit's rate is too
        low, and delta-F too high.
    lead
        Least time from the control unit's recruitment to the test unit's [ms]. Assumed; studies
        ask for 1 to 2 s.
    least_r2
        Least squared correlation of the two rates. Assumed; studies ask for 0.5 to 0.7.

    Returns
    -------
    DeltaF
        With a status where the pair does not meet what is asked for.

    Raises
    ------
    InputError
        If times are not finite, negative or not ascending, or an option is out of range.

    References
    ----------
    Gorassini et al. 2002, J Neurophysiol 87:1850.

    Examples
    --------
    >>> import numpy as np
    >>> from mnexcite.spikes import delta_f
    >>> control = np.r_[np.arange(0.0, 5000.0, 80.0), np.arange(5000.0, 9000.0, 100.0)]
    >>> found = delta_f(control, np.arange(2000.0, 7000.0, 110.0), least_r2=0.0)
    >>> round(found.recruitment_rate, 2), round(found.derecruitment_rate, 2), found.status
    (12.5, 10.0, 'ok')
    """
    width = number("width", width, "ms", low=NARROWEST)
    lead = number("lead", lead, "ms", low=0.0)
    least_r2 = number("least_r2", least_r2, "1", low=0.0)
    trains = SpikeTrains.from_list([control, test], ("control", "test"))
    return _delta_f(trains[0], trains[1], width, lead, least_r2)


@checked
def delta_f_pairs(
    trains: SpikeTrains,
    *,
    width: float = WIDTH,
    lead: float = 1000.0,
    least_r2: float = 0.5,
) -> dict[tuple[int, int], DeltaF]:
    """Return delta-F of all pairs of trains of which it is defined.

    The mean over the control units of each test unit is what studies report.

    Parameters
    ----------
    trains
        Units of one slow contraction.
    width, lead, least_r2
        As for `delta_f`.

    Returns
    -------
    dict
        `DeltaF` by the numbers of control and test unit.

    Raises
    ------
    InputError
        If an option is out of range.
    """
    width = number("width", width, "ms", low=NARROWEST)
    lead = number("lead", lead, "ms", low=0.0)
    least_r2 = number("least_r2", least_r2, "1", low=0.0)
    every = {
        (i, j): _delta_f(trains[i], trains[j], width, lead, least_r2)
        for i, j in permutations(range(len(trains)), 2)
    }
    return {pair: found for pair, found in every.items() if not np.isnan(found.delta_f)}


@checked
def recruitment_thresholds(
    times: ArrayLike | SpikeTrains, t: ArrayLike, signal: ArrayLike
) -> Thresholds:
    """Return a signal at each unit's recruitment and derecruitment, its first and last spike.

    Parameters
    ----------
    times
        Spike times of one train [ms], shape (spikes,), or several trains.
    t, signal
        Times [ms] and values of the signal, such as force in percent of maximum; straight
        between samples.

    Raises
    ------
    InputError
        If times are not finite, negative or not ascending, or the signal does not cover a
        spike.

    Examples
    --------
    >>> from mnexcite.spikes import recruitment_thresholds
    >>> found = recruitment_thresholds([100.0, 200.0, 700.0], [0.0, 500.0, 1000.0], [0, 50, 0])
    >>> found.recruitment, found.derecruitment
    (array([10.]), array([30.]))
    """
    at, values = trace(t, signal, "signal", "", "value")
    trains, _ = as_trains(times)
    some = np.flatnonzero(trains.counts)
    ends = np.full((2, len(trains)), np.nan)
    ends[0, some] = trains.times[trains.offsets[:-1][some]]
    ends[1, some] = trains.times[trains.offsets[1:][some] - 1]
    out = some[(ends[0, some] < at[0]) | (ends[1, some] > at[-1])]
    if out.size:
        raise InputError(
            f"{trains.label(int(out[0]))} fires outside the signal, which goes from {at[0]:g} "
            f"to {at[-1]:g} ms; give a signal of the whole contraction"
        )
    found = np.where(np.isnan(ends), np.nan, np.interp(ends, at, values))
    status = tuple("ok" if count else "no_spikes" for count in trains.counts.tolist())
    return Thresholds(found[0], found[1], status)


def _delta_f(
    control: FloatArray, test: FloatArray, width: float, lead: float, least_r2: float
) -> DeltaF:
    if min(control.size, test.size) < 3:
        return DeltaF(np.nan, np.nan, np.nan, np.nan, np.nan, "few_spikes")
    early = float(test[0] - control[0])
    if early < 0 or control[-1] < test[-1]:
        return DeltaF(np.nan, np.nan, np.nan, early, np.nan, "control_not_firing")
    start, end = smoothed_rate(control, [test[0], test[-1]], width=width).tolist()
    # within the test unit's firing, where its window is whole
    samples = 20.0 * (test[-1] - test[0]) / width
    check_memory(f"{samples:.3g} samples of rates", 10.0 * samples, "take a longer width")
    inside = np.arange(test[0] + 0.5 * width, test[-1] - 0.5 * width, 0.05 * width)
    r2 = _r2(*(smoothed_rate(train, inside, width=width) for train in (control, test)))
    status = (
        "recruited_together" if early < lead else "ok" if r2 >= least_r2 else "rates_differ"
    )
    return DeltaF(start - end, start, end, early, r2, status)


def _r2(a: FloatArray, b: FloatArray) -> float:
    """Return the squared correlation; 0 where one does not change but by rounding."""
    if a.size < 2 or min(np.ptp(a) / a.max(), np.ptp(b) / b.max()) < 1e-9:
        return 0.0
    a, b = a - a.mean(), b - b.mean()
    return float((a @ b) ** 2 / ((a @ a) * (b @ b)))
