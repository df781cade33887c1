"""Surface electromyogram of a pool: travelling sources in a conductor without borders.

A simple volume conductor, and said to be so: no skin, no fat, no ends of fibres in space.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnexcite.errors import InputError, check_memory, instance, number, whole
from mnexcite.motor_pool.activity import Activity

Array = NDArray[np.float64]

VELOCITY = 4.0  # mm/ms, of muscle fibres
LONGEST = 30.0  # ms of a unit's potential
FINE = 0.05  # mm, step of the integral along a fibre
SPREAD = 3.0  # mm, of end plates along the muscle


@dataclass(frozen=True, eq=False)
class Emg:
    """Hold a surface electromyogram: times [ms], values [peak of the largest unit]."""

    t: Array
    values: Array


def surface_emg(
    activity: Activity,
    *,
    rate: float = 2.0,
    depth: tuple[float, float] = (5.0, 15.0),
    half_length: float = 40.0,
    electrodes: float = 20.0,
    apart: float = 20.0,
    seed: int = 0,
) -> Emg:
    """Return what two electrodes along a muscle record of a pool's spikes.

    Each spike of a terminal sends Rosenfalck's action potential along the unit's fibres, from
    the end plate both ways, until it dies at the tendons. The current through the membrane, its
    second derivative in space, is a line of sources; the potential at an electrode is its
    integral over the distance (Plonsey 1974), once for each unit, at the middle of its depth.
    Units count as their force does.

    Parameters
    ----------
    activity
        Of `contract`.
    rate
        Samples per ms.
    depth
        Least and greatest depth of a unit under the skin, drawn by `seed` [mm].
    half_length
        Of fibres, from end plate to tendon [mm].
    electrodes, apart
        Distance of the electrodes' middle from the end plates, and of the two from each other
        [mm].
    seed
        Of depths and end plates.

    Raises
    ------
    InputError
        If a number is not allowed.

    References
    ----------
    Rosenfalck 1969 (Acta Physiol Scand Suppl 321), the action potential; Plonsey 1974
    (IEEE Trans Biomed Eng 21:371), the conductor.

    Examples
    --------
    >>> import mnexcite as mx
    >>> pool = mx.motor_pool.cramping_pool(4)
    >>> shock = mx.motor_pool.train(10.0, count=1, start=20.0)
    >>> emg = surface_emg(mx.motor_pool.contract(pool, shock, duration=100.0))
    >>> bool(20.0 < emg.t[abs(emg.values).argmax()] < 40.0)
    True
    """
    instance("activity", activity, Activity, "what mnexcite.motor_pool.contract gives")
    rate = number("emg: rate", rate, "0.1 to 20", lowest=0.1, highest=20.0, unit="1/ms")
    low, high = (
        number("emg: depth", d, "1 to 200", lowest=1.0, highest=200.0, unit="mm") for d in depth
    )
    if high < low:
        raise InputError(f"emg: depth goes from {low:g} to {high:g} mm; allowed: ascending")
    allowed = "5 to 500"
    half = number(
        "emg: half_length", half_length, allowed, lowest=5.0, highest=500.0, unit="mm"
    )
    middle = number(
        "emg: electrodes", electrodes, "0 to 500", lowest=0.0, highest=500.0, unit="mm"
    )
    apart = number("emg: apart", apart, "1 to 200", lowest=1.0, highest=200.0, unit="mm")
    seed = whole("seed", seed, "a whole number, 0 or more", lowest=0, highest=2**63)
    pool, n = activity.pool, len(activity.pool)
    samples = int(activity.duration * rate)
    check_memory("the electromyogram", 2.0 * samples, "take a lower rate")
    rng = np.random.default_rng(np.random.SeedSequence([seed, 11]))
    deep, plate = rng.uniform(low, high, n), SPREAD * rng.standard_normal(n)
    values = np.zeros(samples)
    step = 1.0 / rate
    for unit, train in enumerate(activity.terminals):
        shape = pool.shares[unit] * potential(
            step, deep[unit], half, middle - plate[unit], apart
        )
        hits = np.zeros(samples)
        np.add.at(hits, np.minimum((train * rate).astype(np.int64), samples - 1), 1.0)
        values += _convolved(hits, shape)
    top = max(
        np.abs(
            pool.shares[-1] * potential(step, deep[-1], half, middle - plate[-1], apart)
        ).max(),
        np.finfo(float).tiny,
    )
    return Emg(np.arange(samples) / rate, values / top)


def potential(step: float, depth: float, half: float, middle: float, apart: float) -> Array:
    """Return what one spike of a unit gives between two electrodes, every `step` [ms]."""
    t = np.arange(0.0, LONGEST, step)
    z = np.arange(-half, half + FINE, FINE)
    # the wave front stands at velocity x t on both sides of the end plate
    behind = VELOCITY * t[:, None] - np.abs(z)[None, :]
    wave = rosenfalck(behind)
    source = np.gradient(np.gradient(wave, FINE, axis=1), FINE, axis=1)
    kernel = [
        1.0 / np.hypot(z - at, depth) for at in (middle - 0.5 * apart, middle + 0.5 * apart)
    ]
    return source @ (kernel[0] - kernel[1]) * FINE


def rosenfalck(z: Array) -> Array:
    """Return the action potential above rest, z [mm] behind its front: 96 z^3 exp(-z) mV."""
    behind = np.maximum(z, 0.0)
    return 96.0 * behind**3 * np.exp(-behind)


def _convolved(hits: Array, shape: Array) -> Array:
    from scipy.signal import oaconvolve

    return oaconvolve(hits, shape)[: hits.size]
