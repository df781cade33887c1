"""The membrane where everything but the voltage has settled, for many lanes at once."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnexcite.cells.cell import Cell
from mnexcite.channels.axes import CONCENTRATION
from mnexcite.equations.evaluated import Evaluated, Part
from mnexcite.equations.variants import Variants

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

#: Where the balance of a pool that its own currents read is looked at: four to an octave.
_CONCENTRATIONS = np.exp2(np.arange(CONCENTRATION.first, CONCENTRATION.last + 0.125, 0.25))
#: Numbers of one look at them; how near two of them come to a place between them [octaves],
#: and in how many looks at most.
_AT_ONCE, _EXACT, _LOOKS = 200_000, 1e-14, 100
#: Steps towards the balance of pools that read each other.
_STEPS = 60


@dataclass(frozen=True)
class Settled:
    """Hold what flows at held voltages, shape (lanes, points) each.

    `currents` by channel and `pools` by name; NaN where there is no such steady state.
    """

    currents: Mapping[str, Array]
    pools: Mapping[str, Array]

    @property
    def total(self) -> Array:
        """Sum of the currents, outward positive; NaN where a pool leaves its axis."""
        total = sum(self.currents.values(), np.zeros(()))
        for c in self.pools.values():
            total = np.where(c > CONCENTRATION.highest, np.nan, total)
        return total


class Membrane:
    """Evaluate one compartment (index) of some lanes at held voltages."""

    def __init__(self, cell: Cell, index: int, variants: Variants) -> None:
        self.k, self.variants, self.structure = index, variants, variants.structure
        self.slot = self.structure.compartments[index]
        self.published = cell.compartments[index].initial
        self.gates = {
            (channel.name, gate.name): of_lanes
            for (k, channel, gate), of_lanes in zip(
                self.structure.every_gate, variants.gates, strict=True
            )
            if k == index
        }
        self.reads = {(c.name, g.name): g.pool for c in self.slot.channels for g in c.gates}
        self._rows: dict[tuple[object, ...], Array] = {}

    def settled(self, v: Array) -> list[Settled]:
        """Return every steady state at voltages `v` [mV], (points,) or (lanes, points).

        There is one, or several where a pool's own currents read it. Of pools that read each
        other, that which they come to from the published concentrations.
        """
        still = {
            (self.k, *names): self.gates[names].steady_state(v)
            for names, pool in self.reads.items()
            if pool is None
        }
        found: list[dict[str, Array]] = [{}]
        for group in self._groups():
            found = [
                {**pools, **more}
                for pools in found
                for more in self._concentrations(group, v, still, pools)
            ]
        states = []
        for pools in found:
            terms = self._terms(v, still, pools)
            flows = {c.name: terms.current(self.k, c) for c in self.slot.channels}
            states.append(Settled(flows, pools))
        return states

    def row(self, kind: str, *where: object) -> Array:
        """Return a parameter of all lanes, for arrays of lanes x points."""
        if (kind, *where) not in self._rows:
            self._rows[kind, *where] = self.variants.row(kind, *where)[:, None]
        return self._rows[kind, *where]

    def _terms(
        self, v: Array, still: Mapping[Part, Array], pools: Mapping[str, Array]
    ) -> Evaluated:
        """Return the terms with gates and bindings at rest, as far as `pools` are known."""
        parts, k = dict(still), self.k
        states = {k: v, **{self.structure.place(k, pool): c for pool, c in pools.items()}}
        terms = Evaluated(self.structure, self.row, states, parts)
        for names, pool in self.reads.items():
            if pool is not None and pool in pools:
                parts[k, *names] = self.gates[names].steady_state(pools[pool])
        for channel in self.slot.channels:
            for binding in channel.bindings:
                f = terms.bound(k, channel, binding)
                names = (channel.name, binding.name)
                free, catch = (self.row(row, k, *names) for row in ("free", "catch"))
                parts[k, *names] = free / (free + (catch if f is None else catch * f))
        return terms

    def _reads(self, pool: str) -> set[str]:
        """Return the pools that the currents which fill a pool depend on."""
        feeders = [channel for channel, _ in self.structure.feeders(self.k, pool)]
        read = {gate.pool for c in feeders for gate in c.gates if gate.pool is not None}
        return read.union(*({pool for _, pool in channel.follows} for channel in feeders))

    def _groups(self) -> list[list[str]]:
        """Return the pools, each after those it reads, together where they read each other."""
        reached = {pool: self._reads(pool) for pool in self.slot.pools}
        for _ in reached:
            reached = {p: q.union(*(reached[read] for read in q)) for p, q in reached.items()}
        groups: list[list[str]] = []
        for pool in sorted(reached, key=lambda p: len(reached[p])):
            mates = [q for q in reached[pool] if pool in reached[q] and q != pool]
            if not any(pool in group for group in groups):
                groups.append([pool, *mates])
        return groups

    def _concentrations(
        self,
        group: list[str],
        v: Array,
        still: Mapping[Part, Array],
        known: Mapping[str, Array],
    ) -> list[dict[str, Array]]:
        """Return every set of concentrations at which flows into some pools cancel."""
        shape = (self.variants.count, v.shape[-1])

        def filling(pools: Mapping[str, Array]) -> dict[str, Array]:
            terms = self._terms(v, still, {**known, **pools})
            wide = np.broadcast_shapes(shape, *(np.shape(c) for c in pools.values()))
            return {pool: np.broadcast_to(terms.filling(self.k, pool), wide) for pool in group}

        if len(group) > 1:
            return [_together(filling, {p: np.full(shape, self.published[p]) for p in group})]
        (pool,) = group
        found = [self._alone(pool, filling, shape)]
        if pool in self._reads(pool):
            # below the axis kinetics are those of its start, so that the balance is explicit
            below = np.where(found[0] <= CONCENTRATION.lowest, found[0], np.nan)
            found = [below, *_crossings(lambda c: filling({pool: c})[pool], shape)]
            found = [c for c in found if np.any(np.isfinite(c))] or [np.full(shape, np.nan)]
        # what nothing fills or drains stays where it began
        stuck = (self.row("alpha", self.k, pool) == 0.0) & (
            self.row("removal", self.k, pool) == 0.0
        )
        first = np.where(stuck, self.published[pool], found[0])
        return [{pool: c} for c in (first, *found[1:])]

    def _alone(
        self, pool: str, filling: Callable[..., dict[str, Array]], shape: tuple[int, int]
    ) -> Array:
        """Return where a pool settles whose kinetics are those at the axis' start."""
        at = np.full(shape, CONCENTRATION.lowest)
        removal = self.row("removal", self.k, pool)
        with np.errstate(divide="ignore", invalid="ignore"):
            settled = at + filling({pool: at})[pool] / removal
        return np.where(np.isfinite(settled), settled, np.nan)


def _crossings(filling: Callable[[Array], Array], shape: tuple[int, int]) -> list[Array]:
    """Return the concentrations on the axis at which a pool's filling changes its sign.

    `filling` takes one concentration for all lanes and points, or some of them stacked in
    front, (n, 1, 1), or one for each, (lanes, points).
    """
    # one number for all points: what depends on it alone is worked out once
    size = _CONCENTRATIONS.size * math.prod(shape)
    parts = np.array_split(_CONCENTRATIONS, -(-size // _AT_ONCE))
    signs = np.concatenate([filling(c[:, None, None]) > 0.0 for c in parts if c.size])
    rank = np.cumsum(signs[:-1] != signs[1:], axis=0, dtype=np.int8)
    found = []
    for wanted in range(1, int(rank.max(initial=0)) + 1):
        low = np.log2(_CONCENTRATIONS[np.argmax(rank >= wanted, axis=0)])
        crossed = rank[-1] >= wanted
        place = _zeros(lambda x: filling(np.exp2(x)), low, low + 0.25, crossed)
        found.append(np.where(crossed, np.exp2(place), np.nan))
    return found


def _zeros(f: Callable[[Array], Array], low: Array, high: Array, wanted: Mask) -> Array:
    """Return where `f` changes its sign between two places each, in the `wanted` ones.

    Inverse parabolas where they are sure to get nearer, halves elsewhere (Chandrupatla 1997).
    Each place goes its own way, whatever the others do.
    """
    a, b, c = high.copy(), low.copy(), low.copy()  # the newest, that beyond the zero, the last
    fa, fb = f(a).copy(), f(b).copy()
    fc, t = fb.copy(), np.full(low.shape, 0.5)
    # where rounding alone gave the signs, the end that is nearer
    going = wanted & ((fa > 0.0) != (fb > 0.0))
    with np.errstate(all="ignore"):
        for _ in range(_LOOKS):
            x = a + t * (b - a)
            fx = f(np.where(going, x, low))
            near = (fx > 0.0) == (fa > 0.0)
            moves = ((c, fc, a, fa, near), (c, fc, b, fb, ~near), (b, fb, a, fa, ~near))
            for to, f_to, of, f_of, where in (*moves, (a, fa, x, fx, True)):
                np.copyto(to, of, where=where & going)
                np.copyto(f_to, f_of, where=where & going)
            least = _EXACT / np.abs(b - a)
            going &= (least <= 0.5) & (fa != 0.0)
            if not going.any():
                break
            along, across = (a - b) / (c - b), (fa - fb) / (fc - fb)
            sure = (across**2 < along) & ((1.0 - across) ** 2 < 1.0 - along)
            t = fa / (fb - fa) * fc / (fb - fc)
            t += (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb)
            t = np.clip(np.where(sure & np.isfinite(t), t, 0.5), least, 1.0 - least)
    return np.where(np.abs(fb) < np.abs(fa), b, a)


def _together(
    filling: Callable[[Mapping[str, Array]], dict[str, Array]], start: Mapping[str, Array]
) -> dict[str, Array]:
    """Return where pools that read each other settle, NaN where they do not.

    Implicit Euler steps for their logarithms, longer and longer: slow ones follow what the
    pools would do, the last ones are Newton's.
    """
    logs, names = np.stack([np.log(c) for c in start.values()]), list(start)
    span = np.log([CONCENTRATION.lowest, CONCENTRATION.highest])

    def slope(logs: Array) -> Array:
        c = np.exp(logs)
        flows = filling(dict(zip(names, c, strict=True)))
        return np.stack([flows[name] for name in names]) / c

    nudge, eye = 1e-6, np.eye(len(names))
    move = np.full(logs.shape, np.inf)
    for step in np.geomspace(1.0, 1e15, _STEPS):
        here = slope(logs)
        by = np.stack([(slope(logs + nudge * e[:, None, None]) - here) / nudge for e in eye])
        matrix = eye / step - by.transpose(2, 3, 1, 0)
        good = np.isfinite(matrix).all(axis=(2, 3)) & np.isfinite(here).all(axis=0)
        matrix = np.where(good[..., None, None], matrix, eye)
        right = np.where(good, here, 0.0).transpose(1, 2, 0)[..., None]
        move = np.linalg.solve(matrix, right)[..., 0].transpose(2, 0, 1)
        logs = np.clip(logs + np.clip(move, -1.0, 1.0), *span)
    settled = (np.abs(move) < 1e-6).all(axis=0)
    inside = ((logs > span[0]) & (logs < span[1])).all(axis=0)
    return {
        name: np.where(settled & inside, np.exp(log), np.nan)
        for name, log in zip(names, logs, strict=True)
    }
