"""The rate form: force of motor units that fire at steady rates, in closed form.

Fuglevand, Winter & Patla 1993; Potvin & Fuglevand 2017. With the normalised rate
x = T rate / 1000, the fraction of fused force is S(0.4) x / 0.4 up to x = 0.4 and S(x)
above, S(x) = 1 - exp(-2 x^3).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mnexcite.errors import InputError, array, checked
from mnexcite.muscle._twitch_kernel import KNEE, KNEE_SLOPE
from mnexcite.muscle.pool import MotorPool
from mnexcite.muscle.unit import MotorUnit

Array = NDArray[np.float64]


@checked
def force_from_rate(rate: ArrayLike, unit: MotorUnit) -> Array:
    """Return the steady force of a motor unit at `rate`, as a fraction of fused force.

    Parameters
    ----------
    rate
        Firing rate, any shape [Hz].
    unit
        The motor unit; only its contraction time matters.

    Returns
    -------
    ndarray
        Fraction of fused force, 0 to 1, in the shape of `rate`.

    Raises
    ------
    InputError
        If a rate is negative or not finite.

    References
    ----------
    Potvin & Fuglevand 2017, force-frequency relation.

    Examples
    --------
    >>> from mnexcite.muscle import fast_unit
    >>> round(float(force_from_rate(25.0, fast_unit())), 4)
    0.5699
    """
    return _fraction(_rates(rate), np.float64(unit.contraction_time))


@checked
def excitation_to_rates(excitation: ArrayLike, pool: MotorPool) -> Array:
    """Return the rate of each unit of a pool at a common excitation.

    rate = gain (E - threshold) + minimum rate from the threshold on, up to the peak rate.

    Parameters
    ----------
    excitation
        Excitation E, any shape [units of excitation].
    pool
        The motor pool of n units.

    Returns
    -------
    ndarray
        Rates [Hz], shape of `excitation` followed by (n,); 0 below the threshold.

    Raises
    ------
    InputError
        If an excitation is negative or not finite.

    References
    ----------
    Fuglevand, Winter & Patla 1993; Potvin & Fuglevand 2017.
    """
    drive = array("excitation", excitation, "0 or more", ndim=None, lowest=0.0)
    drive = drive[..., np.newaxis]
    above = drive - pool.recruitment_threshold
    rates = np.minimum(pool.gain * above + pool.minimum_rate, pool.peak_rate)
    return np.where(above >= 0, rates, 0.0)


@checked
def force_from_rates(rates: ArrayLike, pool: MotorPool) -> Array:
    """Return a muscle's steady force when its units fire at `rates`.

    Parameters
    ----------
    rates
        Rate of each unit, shape (..., n), or one number for all [Hz].
    pool
        The motor pool of n units.

    Returns
    -------
    ndarray
        Sum of the units' forces, shape (...) [`force_unit` of the units].

    Raises
    ------
    InputError
        If a rate is negative or not finite, or the last axis is neither n nor a scalar.

    Examples
    --------
    >>> from mnexcite.muscle import fuglevand_pool
    >>> round(float(force_from_rates(67.0, fuglevand_pool())), 4)
    2609.0309
    """
    values = _rates(rates)
    if values.ndim and values.shape[-1] != len(pool):
        raise InputError(
            f"rates has shape {values.shape}; allowed: one number, or {len(pool)} on the "
            "last axis, one per motor unit"
        )
    return (pool.fused_force * _fraction(values, pool.contraction_time)).sum(axis=-1)


@checked
def force_from_excitation(excitation: ArrayLike, pool: MotorPool) -> Array:
    """Return a muscle's steady force at a common excitation of its pool.

    Parameters
    ----------
    excitation
        Excitation E, any shape [units of excitation].
    pool
        The motor pool.

    Returns
    -------
    ndarray
        Force in the shape of `excitation` [`force_unit` of the units].

    Raises
    ------
    InputError
        If an excitation is negative or not finite.

    Examples
    --------
    >>> from mnexcite.muscle import fuglevand_pool
    >>> force_from_excitation([40.0, 67.0], fuglevand_pool()).round(4)
    array([1311.869 , 2215.9811])
    """
    return force_from_rates(excitation_to_rates(excitation, pool), pool)


def _rates(rate: ArrayLike) -> Array:
    return array("rate", rate, "0 Hz or more", ndim=None, lowest=0.0, unit="Hz")


def _fraction(rate: Array, contraction_time: Array | np.float64) -> Array:
    x = contraction_time * rate / 1000.0
    # beyond 4 the exponential is below one part in 1e55: the bound only avoids overflow
    saturating = -np.expm1(-2.0 * np.minimum(x, 4.0) ** 3)
    return np.where(x <= KNEE, KNEE_SLOPE * x, saturating)
