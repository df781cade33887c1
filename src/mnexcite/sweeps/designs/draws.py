"""Designs that draw their points from ranges: the same seed gives the same points."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from mnexcite.errors import InputError, check_memory, checked, whole
from mnexcite.sweeps.designs.axes import Array, Axis, Label, Range, read_label
from mnexcite.sweeps.designs.design import Design, Kind

#: Bits of a Sobol number in SciPy, and so the logarithm of its longest sequence.
_SOBOL_BITS = 30


@checked
def random(ranges: Mapping[Any, Range], points: int, *, seed: int | None = 0) -> Design:
    """Return points drawn independently; more of them begin with the same ones.

    Parameters
    ----------
    ranges
        Path -> `between(...)`, keyed as the axes of a `grid`.
    points
        How many.
    seed
        0 or more; None is 0.

    Raises
    ------
    InputError
        If a range is none, or points or seed are no whole numbers.

    Examples
    --------
    >>> from mnexcite.sweeps.designs.axes import between
    >>> random({"NaP.g": between(1, 4, factor=True), "ions.K_o": between(3, 6)}, 100).shape
    (100,)
    """
    points, seed = _points(points), _seed(seed)
    _check(ranges)
    shares = np.random.default_rng(seed).random((points, len(ranges)))
    return _design("random", ranges, shares, seed)


@checked
def latin_hypercube(
    ranges: Mapping[Any, Range], points: int, *, seed: int | None = 0
) -> Design:
    """Return points of which each axis has one in each of `points` equal parts.

    By `scipy.stats.qmc.LatinHypercube` (McKay et al. 1979). Parameters and errors are
    those of `random`.
    """
    points, seed = _points(points), _seed(seed)
    _check(ranges)
    shares = hypercube(len(ranges), points, np.random.default_rng(seed))
    return _design("latin_hypercube", ranges, shares, seed)


@checked
def sobol(ranges: Mapping[Any, Range], points: int, *, seed: int | None = 0) -> Design:
    """Return scrambled Sobol points, which fill the ranges evenly.

    By `scipy.stats.qmc.Sobol` (Owen's scrambling). Parameters are those of `random`;
    `points` must be a power of 2, without which the points lose their balance.
    """
    points, seed = _power_of_two(points), _seed(seed)
    _check(ranges)
    return _design("sobol", ranges, _sobol(len(ranges), points, seed), seed)


@checked
def saltelli(ranges: Mapping[Any, Range], points: int, *, seed: int | None = 0) -> Design:
    """Return the points that `sensitivity` needs: `points` samples of axes + 2 points each.

    Each sample is a point A, a point B, and A with each axis in turn taken from B
    (Saltelli et al. 2010, Comput Phys Commun 181:259), from a scrambled Sobol sequence.
    Parameters are those of `random`; `points` must be a power of 2, and there must be at
    least two ranges.

    Examples
    --------
    >>> from mnexcite.sweeps.designs.axes import between
    >>> saltelli({"NaP.g": between(0.04, 0.2), "C": between(0.03, 0.05)}, 256).shape
    (1024,)
    """
    samples, seed = _power_of_two(points), _seed(seed)
    _check(ranges)
    count = len(ranges)
    if count < 2:
        raise InputError(
            "saltelli has 1 range, whose share of the variance is all of it; give 2 or more"
        )
    a, b = np.split(_sobol(2 * count, samples, seed), 2, axis=1)
    shares = np.repeat(a[:, None, :], count + 2, axis=1)
    shares[:, 1] = b
    for axis in range(count):
        shares[:, 2 + axis, axis] = b[:, axis]
    return _design("saltelli", ranges, shares.reshape(-1, count), seed)


def _sobol(dimensions: int, points: int, seed: int) -> Array:
    from scipy.stats import qmc

    drawn = drawn_by(np.random.default_rng(seed))
    engine = qmc.Sobol(d=dimensions, scramble=True, bits=_SOBOL_BITS, **drawn)
    return engine.random_base2(points.bit_length() - 1)


def hypercube(dimensions: int, points: int, rng: np.random.Generator) -> Array:
    """Return the shares of a Latin hypercube, shape (points, dimensions)."""
    from scipy.stats import qmc

    return qmc.LatinHypercube(d=dimensions, **drawn_by(rng)).random(points)


def drawn_by(rng: np.random.Generator) -> dict[str, Any]:
    """Return the argument by which SciPy takes a generator: `seed` before its 1.15."""
    import scipy

    version = tuple(int(part) for part in scipy.__version__.split(".")[:2])
    return {"rng" if version >= (1, 15) else "seed": rng}


def placed(ranges: Mapping[Any, Range], shares: Array) -> Design:
    """Return points at shares (0 to 1) of each range, shape (points, ranges)."""
    return Design("table", _axes(ranges, shares))


def _design(kind: Kind, ranges: Mapping[Any, Range], shares: Array, seed: int) -> Design:
    return Design(kind, _axes(ranges, shares), seed)


def _axes(ranges: Mapping[Any, Range], shares: Array) -> tuple[Axis, ...]:
    return tuple(
        Axis(label.name, given.at(share), given.factor or label.is_factor, label.unit)
        for (label, given), share in zip(_check(ranges), shares.T, strict=True)
    )


def _check(ranges: Mapping[Any, Range]) -> list[tuple[Label, Range]]:
    if not isinstance(ranges, Mapping) or not ranges:
        raise InputError(
            f"ranges are {ranges!r}; allowed: a mapping path -> mnexcite.sweeps.between(lo, hi)"
        )
    for key, given in ranges.items():
        if not isinstance(given, Range):
            raise InputError(
                f"axis {key!r} is {type(given).__name__}; allowed in a design that draws its "
                "points: mnexcite.sweeps.between(lo, hi)"
            )
    return [(read_label(key), given) for key, given in ranges.items()]


def _points(points: int) -> int:
    points = whole("points", points, "whole numbers from 1 on")
    check_memory(f"{points} points", 32.0 * min(points, 2**500), "take fewer points")
    return points


def _seed(seed: int | None) -> int:
    return (
        0
        if seed is None
        else whole("seed", seed, "whole numbers from 0 on", lowest=0, highest=2**63)
    )


def _power_of_two(points: int) -> int:
    points = whole("points", points, "whole numbers from 1 on")
    if points & (points - 1) or points > 2**_SOBOL_BITS:
        below = min(1 << (points.bit_length() - 1), 2**_SOBOL_BITS)
        near = f"{below}" if points > 2**_SOBOL_BITS else f"{below} or {2 * below}"
        raise InputError(f"points is {points}; allowed: a power of 2, such as {near}")
    return _points(points)
