"""The force-frequency relation of a motor unit, by both forms."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mnexcite.errors import array, checked
from mnexcite.muscle._twitch_kernel import KNEE, KNEE_SLOPE
from mnexcite.muscle.rates import force_from_rate
from mnexcite.muscle.unit import MotorUnit

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ForceFrequency:
    """Hold the steady force of a motor unit over the rate of a regular train.

    Attributes
    ----------
    rate
        Rates of the regular trains, shape (n,) [Hz].
    rate_form
        Force by the rate form, shape (n,) [`force_unit`].
    mean, peak, trough
        Time mean and extrema of the spike-driven form's last cycle, shape (n,)
        [`force_unit`].
    ripple
        (peak - trough) / mean, shape (n,) [1].
    fusion_index
        trough / peak, shape (n,) [1].
    unit
        The motor unit.
    """

    rate: Array
    rate_form: Array
    mean: Array
    peak: Array
    trough: Array
    ripple: Array
    fusion_index: Array
    unit: MotorUnit

    @property
    def force_unit(self) -> str:
        """Unit of the forces."""
        return self.unit.force_unit


@checked
def force_frequency(unit: MotorUnit, rates: ArrayLike) -> ForceFrequency:
    """Return a unit's steady force for regular trains, by the rate and spike-driven forms.

    The spike-driven form is summed over the whole past in closed form (a geometric series),
    so nothing is simulated. Its mean equals the rate form at every rate. The ripple falls
    with the rate relative to the mean; in units of force it falls up to T/ISI = 0.4, rises
    to T/ISI = 0.75, because the gain sets in there, and falls again.

    Parameters
    ----------
    unit
        The motor unit.
    rates
        Rates above 0, shape (n,) [Hz].

    Raises
    ------
    InputError
        If a rate is not positive and finite, or `rates` is not 1-D.

    References
    ----------
    Fuglevand, Winter & Patla 1993; Nagamori et al. 2021 (PLoS Comput Biol, fig. 4) on the
    ripple of this model.

    Examples
    --------
    >>> from mnexcite.muscle import slow_unit
    >>> curve = force_frequency(slow_unit(), [5.0, 10.0, 20.0])
    >>> curve.mean.round(3), curve.fusion_index.round(3)
    (array([0.167, 0.767, 1.   ]), array([0.56 , 0.859, 0.962]))
    """
    allowed = "1-D with finite rates above 0 Hz; give 5 for a twitch"
    rate = array("rates", rates, allowed, above=0.0, unit="Hz")
    x = unit.contraction_time * rate / 1000.0
    # an interval of 700 T leaves nothing of a twitch; the bound only avoids overflow
    interval = 1.0 / np.maximum(x, 1.0 / 700.0)
    gain = np.where(x < KNEE, 1.0, -np.expm1(-2.0 * np.minimum(x, 4.0) ** 3) / (x * KNEE_SLOPE))
    left = np.exp(-interval)
    a = gain / -np.expm1(-interval)
    b = a * interval * left / -np.expm1(-interval)
    crest = 1.0 - b / a
    scale = unit.twitch_force * math.e
    peak = scale * a * np.exp(-crest)
    trough = scale * b
    mean = scale * gain * x
    return ForceFrequency(
        rate=rate,
        rate_form=unit.fused_force * force_from_rate(rate, unit),
        mean=mean,
        peak=peak,
        trough=trough,
        ripple=(peak - trough) / mean,
        fusion_index=trough / peak,
        unit=unit,
    )
