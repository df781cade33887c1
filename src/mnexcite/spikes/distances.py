"""How far spike trains are apart."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import numpy as np

from mnexcite.errors import InputError, checked
from mnexcite.spikes.arrays import FloatArray, number
from mnexcite.spikes.trains import SpikeTrains


@checked
def van_rossum_distance(trains: SpikeTrains, *, tau: float) -> FloatArray:
    """Return the distances of trains whose spikes are tails exp(-t/tau).

    D^2 is the integral of the squared difference of two trains' sums of tails, over tau.
    D^2 is 1/2 between a spike and none, 1 between two spikes far apart, and 0 between equal
    trains; for a long tau it is half the square of the difference in number. (Elephant's D is
    sqrt(2) times this one.)

    Parameters
    ----------
    trains
        Two trains or more.
    tau
        Decay of the tails [ms]: differences in time that are shorter count little.

    Returns
    -------
    ndarray
        D of each pair, shape (trains, trains).

    Raises
    ------
    InputError
        If `tau` is not above 0.

    References
    ----------
    van Rossum 2001, Neural Comput 13:751; the sum as by Houghton & Kreuz 2012, Network 23:48.

    Examples
    --------
    >>> from mnexcite.spikes import SpikeTrains, van_rossum_distance
    >>> trains = SpikeTrains.from_list([[10.0], []])
    >>> van_rossum_distance(trains, tau=5.0)[0, 1].round(6)
    np.float64(0.707107)
    """
    tau = number("tau", tau, "ms", above=0.0)
    return _matrix(trains, lambda a, b: _van_rossum(a, b, tau))


@checked
def isi_distance(trains: SpikeTrains) -> FloatArray:
    """Return the mean of `|x - y|/max(x, y)` over time, x and y the intervals of two trains.

    It is 0 between trains of the same rate at any time, whatever their phase, and near 1 where
    rates differ much. The time is that within intervals of both trains; PySpike also
    continues the trains to the ends of the recording.

    Parameters
    ----------
    trains
        Two trains or more, of two spikes or more each.

    Returns
    -------
    ndarray
        Distance of each pair, shape (trains, trains), from 0 to 1.

    Raises
    ------
    InputError
        If a train has fewer than two spikes, or two trains do not fire at the same time.

    References
    ----------
    Kreuz et al. 2007, J Neurosci Methods 165:151; without sign as in Kreuz et al. 2009,
    J Neurosci Methods 183:287.

    Examples
    --------
    >>> import numpy as np
    >>> from mnexcite.spikes import SpikeTrains, isi_distance
    >>> slow, fast = np.arange(0.0, 901.0, 100.0), np.arange(0.0, 901.0, 50.0)
    >>> trains = SpikeTrains.from_list([slow, fast])
    >>> isi_distance(trains).tolist()
    [[0.0, 0.5], [0.5, 0.0]]
    """
    few = np.flatnonzero(trains.counts < 2)
    if few.size:
        i = int(few[0])
        raise InputError(
            f"{trains.label(i)} has {trains.counts[i]} spikes; the ISI distance needs 2 or more"
        )
    for i, j in combinations(range(len(trains)), 2):
        if max(trains[i][0], trains[j][0]) >= min(trains[i][-1], trains[j][-1]):
            raise InputError(
                f"{trains.label(i)} and {trains.label(j)} do not fire at the same time; leave "
                "one out"
            )
    return _matrix(trains, _isi)


def _matrix(
    trains: SpikeTrains, distance: Callable[[FloatArray, FloatArray], float]
) -> FloatArray:
    found = np.zeros((len(trains), len(trains)))
    for i, j in combinations(range(len(trains)), 2):
        found[i, j] = found[j, i] = distance(trains[i], trains[j])
    return found


def _van_rossum(a: FloatArray, b: FloatArray, tau: float) -> float:
    times = np.concatenate([a, b])
    order = np.argsort(times, kind="stable")
    signs = np.concatenate([np.ones(a.size), -np.ones(b.size)])[order]
    gaps = np.diff(times[order], prepend=times[order][:1])
    with np.errstate(over="ignore"):  # a gap of infinitely many time constants leaves nothing
        decays = np.exp(-gaps / tau)
    tail = total = 0.0
    for sign, decay in zip(signs.tolist(), decays.tolist(), strict=True):
        tail *= decay
        total += sign * (0.5 * sign + tail)
        tail += sign
    return float(np.sqrt(max(total, 0.0)))


def _isi(a: FloatArray, b: FloatArray) -> float:
    start, end = max(a[0], b[0]), min(a[-1], b[-1])
    edges = np.unique(np.concatenate([a, b]).clip(start, end))
    middle = 0.5 * (edges[1:] + edges[:-1])
    x, y = (np.diff(t)[np.searchsorted(t, middle) - 1] for t in (a, b))
    parts = np.abs(x - y) / np.maximum(x, y)
    return float(np.sum(parts * np.diff(edges)) / (end - start))
