"""Voltages at which the steady currents of a whole cell cancel."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnexcite.cells.cell import Cell
from mnexcite.channels.axes import VOLTAGE
from mnexcite.equations.steady import Membrane
from mnexcite.equations.variants import Variants, axial

Array = NDArray[np.float64]
Index = NDArray[np.int64]

_NODES = VOLTAGE.nodes
#: Lanes whose curves are held at once.
_LANES = 8
#: Share of the currents that may be left over where they are said to cancel.
_LEFT_OVER = 1e-6


@dataclass(frozen=True)
class Curve:
    """Hold the net outward current of a part of the tree over one compartment's voltage.

    `v` increases; `net` is the current that is left over there; `voltages`: compartment ->
    its voltage along the curve.
    """

    v: Array
    net: Array
    voltages: dict[int, Array]

    def at(self, v: Array) -> Curve:
        """Return the curve by linear interpolation at `v`."""
        others = {k: np.interp(v, self.v, x) for k, x in self.voltages.items()}
        return Curve(v, np.interp(v, self.v, self.net), others)

    def of(self, where: Index | slice) -> Curve:
        """Return some points of the curve."""
        others = {k: x[where] for k, x in self.voltages.items()}
        return Curve(self.v[where], self.net[where], others)


def balanced(cell: Cell, variants: Variants, injected: Array) -> tuple[Index, Array]:
    """Return (lane of each equilibrium, its voltages, shape (compartments, equilibria)) [mV].

    The steady current of each compartment is scanned on the nodes of the voltage axis; two
    crossings between neighbours are found by the parabola through the nearest three. In a
    cell of several compartments the voltage of each end of the tree gives that of its
    neighbour, so that the whole cell is a curve over the first compartment's voltage. Newton's
    method then makes each crossing exact.

    Parameters
    ----------
    variants
        The lanes.
    injected
        Current into each compartment, shape (compartments,) [the cell's unit].
    """
    lanes, starts = [np.empty(0, np.int64)], [np.empty((len(cell.compartments), 0))]
    for lane, curves in enumerate(steady_curves(cell, variants, injected)):
        for curve in curves:
            at = curve.at(zeros(curve.v, curve.net))
            starts.append(np.stack([at.voltages[k] for k in sorted(at.voltages)]))
            lanes.append(np.full(at.v.size, lane))
    near = np.concatenate(starts, axis=1)
    return _exact(cell, variants, injected, np.concatenate(lanes), near)


def steady_curves(cell: Cell, variants: Variants, injected: Array) -> Iterator[list[Curve]]:
    """Yield for each lane the curves of the net current over the first compartment's voltage.

    There is one, or several where other compartments or pools can settle in several ways.
    """
    for first in range(0, variants.count, _LANES):
        part = variants.at(np.arange(first, min(first + _LANES, variants.count)))
        membranes = [Membrane(cell, k, part) for k in range(len(cell.compartments))]
        totals = [[s.total for s in membrane.settled(_NODES)] for membrane in membranes]
        for row in range(part.count):
            yield _Tree(cell, part, injected, totals, row).curves(0, None)


class _Tree:
    """Follow one lane's compartments from the ends of the tree to the first."""

    def __init__(
        self,
        cell: Cell,
        variants: Variants,
        injected: Array,
        totals: list[list[Array]],
        row: int,
    ) -> None:
        self.injected, self.totals, self.row = injected, totals, row
        self.joints = _joints(variants, row)

    def curves(self, k: int, parent: int | None) -> list[Curve]:
        """Return the curves of compartment `k` and the branches of the tree beyond it."""
        curves = []
        for total in self.totals[k]:
            net = np.broadcast_to(total[self.row] - self.injected[k], _NODES.shape)
            curves += _pieces(Curve(_NODES, net, {k: _NODES}), np.isfinite(net[1:] + net[:-1]))
        for (one, child), (inwards, outwards) in self.joints.items():
            if one != k or child == parent:
                continue
            arms = self._arms(child, k, inwards, outwards)
            curves = [both for own in curves for arm in arms if (both := _joined(own, arm))]
        return curves

    def _arms(self, child: int, k: int, inwards: float, outwards: float) -> list[Curve]:
        """Return what a branch of the tree draws from compartment `k`, over k's voltage."""
        arms = []
        for curve in self.curves(child, k):
            if outwards == 0.0:  # cut off: it settles alone, whatever k does
                for place in zeros(curve.v, curve.net):
                    held = curve.at(np.full(2, place))
                    span = np.array([VOLTAGE.lowest, VOLTAGE.highest])
                    arms.append(Curve(span, inwards * (span - place), held.voltages))
                continue
            with np.errstate(over="ignore"):  # far outside the axis, any number will do
                v = np.clip(curve.v + curve.net / outwards, -1e6, 1e6)
            arm = Curve(v, inwards * (v - curve.v), curve.voltages)
            most, least = np.maximum(v[1:], v[:-1]), np.minimum(v[1:], v[:-1])
            near = (most >= VOLTAGE.lowest) & (least <= VOLTAGE.highest) & (most > least)
            for rising in (True, False):
                steps = (np.diff(v) > 0.0) == rising
                for piece in _pieces(arm, steps & near):
                    arms.append(piece if rising else piece.of(slice(None, None, -1)))
        return arms


def _joints(variants: Variants, row: int) -> dict[tuple[int, int], tuple[float, float]]:
    """Return (one, other) -> the conductances by which the one and the other lose."""
    found = {}
    for i, (a, b) in enumerate(variants.structure.couplings):
        lost = tuple(float(variants.row(f"coupling_{end}", i)[row]) for end in "ab")
        found[a, b], found[b, a] = lost, lost[::-1]
    return found


def _pieces(curve: Curve, steps: NDArray[np.bool_]) -> list[Curve]:
    """Return the runs of the curve's steps (between neighbours) that hold."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], steps, [False]]).astype(np.int8)))
    return [curve.of(slice(a, b + 1)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _joined(own: Curve, arm: Curve) -> Curve | None:
    """Return the sum of two curves where both are known."""
    low, high = max(own.v[0], arm.v[0]), min(own.v[-1], arm.v[-1])
    if not low < high:
        return None
    v = np.concatenate([own.v, arm.v])
    v = np.unique(np.concatenate([v[(v > low) & (v < high)], [low, high]]))
    one, other = own.at(v), arm.at(v)
    return Curve(v, one.net + other.net, one.voltages | other.voltages)


def zeros(v: Array, f: Array) -> Array:
    """Return where a sampled function is 0: crossings, and pairs between neighbours.

    >>> x = np.array([-0.7, -0.2, 0.3])
    >>> zeros(x, x * x - 0.01).round(6).tolist(), zeros(x, x + 0.2).tolist()
    ([-0.1, 0.1], [-0.2])
    """
    if v.size < 2:
        return np.empty(0)
    at = np.flatnonzero(np.sign(f[:-1]) * np.sign(f[1:]) < 0)
    crossed = v[at] - f[at] * (v[at + 1] - v[at]) / (f[at + 1] - f[at])
    edged = np.concatenate([[np.inf], f, [np.inf]])
    # a function that is 0 over a stretch has no crossing there
    lone = v[(f == 0.0) & (edged[:-2] != 0.0) & (edged[2:] != 0.0)]
    inner = np.abs(f[1:-1])
    near = (inner <= np.abs(f[:-2])) & (inner <= np.abs(f[2:])) & (inner > 0.0)
    near &= (np.sign(f[:-2]) == np.sign(f[1:-1])) & (np.sign(f[2:]) == np.sign(f[1:-1]))
    pairs = [_of_parabola(v[i : i + 3], f[i : i + 3]) for i in np.flatnonzero(near)]
    return np.unique(np.concatenate([crossed, lone, *pairs]))


def _of_parabola(v: Array, f: Array) -> Array:
    """Return the zeros of the parabola through three points."""
    first, second = np.diff(f) / np.diff(v)
    bend = (second - first) / (v[2] - v[0])
    slope = first + bend * (v[1] - v[0])
    under = slope * slope - 4.0 * bend * f[1]
    if bend == 0.0 or under <= 0.0:
        return np.empty(0)
    return v[1] + (-slope + np.array([-1.0, 1.0]) * np.sqrt(under)) / (2.0 * bend)


def _exact(
    cell: Cell, variants: Variants, injected: Array, lanes: Index, starts: Array
) -> tuple[Index, Array]:
    """Return the equilibria near `starts`, each once, in order of lane and voltage."""
    n = len(cell.compartments)
    own = variants.at(lanes)
    laplace = axial(own)
    membranes = [Membrane(cell, k, own) for k in range(n)]
    best = starts.T.copy()
    left, slope, gross = _left_over(membranes, laplace, injected, best)
    least = np.max(np.abs(left) / gross, axis=1, initial=0.0)
    v = best
    moving = np.ones(lanes.size, dtype=bool)  # a point that is done is not moved by others
    for _ in range(30):
        jacobian = laplace + slope[:, :, None] * np.eye(n)
        jacobian += 1e-12 * np.eye(n) * (np.abs(slope)[:, :, None] + 1e-12)
        known = np.where(np.isfinite(left), left, 0.0)
        move = np.linalg.solve(jacobian, known[:, :, None])[:, :, 0]
        # the start is within a row of the axis, or nearly
        far = np.max(np.abs(move), axis=1, initial=0.0, keepdims=True) / VOLTAGE.width
        v = v - move / np.maximum(far, 1.0)
        v = np.clip(v, VOLTAGE.lowest, VOLTAGE.highest)
        left, slope, gross = _left_over(membranes, laplace, injected, v)
        rest = np.max(np.abs(left) / gross, axis=1, initial=0.0)
        moving &= rest < least
        best, least = np.where(moving[:, None], v, best), np.where(moving, rest, least)
        moving &= least > 1e-14
        if not moving.any():
            break
    order = np.lexsort((best[:, 0], lanes))
    lanes, best, least = lanes[order], best[order], least[order]
    again = np.zeros(lanes.size, bool)
    again[1:] = (lanes[1:] == lanes[:-1]) & np.all(np.abs(np.diff(best, axis=0)) < 1e-7, axis=1)
    kept = (least <= _LEFT_OVER) & ~again
    return lanes[kept], best[kept].T


def _left_over(
    membranes: list[Membrane], laplace: Array, injected: Array, v: Array
) -> tuple[Array, Array, Array]:
    """Return what is left of all currents, its slope, their size: (points, compartments)."""
    nudge = 1e-3  # mV; Newton needs no better slope
    left = np.empty_like(v)
    slope, gross = np.empty_like(v), np.empty_like(v)
    lost_to_others = np.einsum("pij,pj->pi", laplace, v)
    for k, membrane in enumerate(membranes):
        points = v[:, k, None] + np.array([-nudge, 0.0, nudge])
        states = membrane.settled(points)
        shape = points.shape
        sums = np.stack([np.broadcast_to(s.total, shape) for s in states])
        sizes = np.stack(
            [sum((np.abs(i) for i in s.currents.values()), np.zeros(shape)) for s in states]
        )
        net = sums + (lost_to_others[:, k] - injected[k])[:, None]
        # of several steady states at this voltage, the one that is nearest to balance
        nearest = np.argmin(np.where(np.isfinite(net[..., 1]), np.abs(net[..., 1]), np.inf), 0)
        at = (nearest, np.arange(len(v)))
        left[:, k] = net[..., 1][at]
        slope[:, k] = ((net[..., 2] - net[..., 0]) / (2.0 * nudge))[at]
        # what is left over matters beside the currents, or beside what 1 mV would change
        gross[:, k] = sizes[..., 1][at] + np.abs(lost_to_others[:, k]) + abs(float(injected[k]))
        gross[:, k] += np.abs(slope[:, k])
    # where there is no steady state at all, everything is left over
    lost = ~np.isfinite(left)
    return np.where(lost, np.inf, left), np.nan_to_num(slope, nan=1.0), _size(gross, lost)


def _size(gross: Array, lost: NDArray[np.bool_]) -> Array:
    return np.where(lost, 1.0, np.maximum(gross, 1e-300))
