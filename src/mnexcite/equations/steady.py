"""The membrane where everything but the voltage has settled, for many lanes at once."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnexcite.cells.cell import Cell
from mnexcite.channels.axes import CONCENTRATION
from mnexcite.equations.evaluated import Evaluated, Part
from mnexcite.equations.node_values import logarithm
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
        self,
        v: Array,
        still: Mapping[Part, Array],
        pools: Mapping[str, Array],
        held: Mapping[Part, Array] | None = None,
    ) -> Evaluated:
        """Return the terms with gates and bindings at rest, as far as `pools` are known.

        Gates that are `held` stay open so far.
        """
        parts, k = {**still, **(held or {})}, self.k
        states = {k: v, **{self.structure.place(k, pool): c for pool, c in pools.items()}}
        terms = Evaluated(self.structure, self.row, states, parts)
        for names, pool in self.reads.items():
            if pool is not None and pool in pools and (k, *names) not in parts:
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
            parts = self._parts(pool, v, still, known)

            def one(c: Array) -> Array:
                return filling({pool: c})[pool]

            rising = _rising(one, shape) if parts is None else self._rising(pool, parts, shape)
            found = [below, *_crossings(rising, one, shape)]
            found = [c for c in found if np.any(np.isfinite(c))] or [np.full(shape, np.nan)]
        # what nothing fills or drains stays where it began
        stuck = (self.row("alpha", self.k, pool) == 0.0) & (
            self.row("removal", self.k, pool) == 0.0
        )
        first = np.where(stuck, self.published[pool], found[0])
        return [{pool: c} for c in (first, *found[1:])]

    def _parts(
        self, pool: str, v: Array, still: Mapping[Part, Array], known: Mapping[str, Array]
    ) -> list[tuple[Array, Array]] | None:
        """Return the currents that fill a pool as products: one part of v, one of c, its own.

        Shapes (lanes, points) and (concentrations, lanes or 1, 1). None where a binding goes
        through a gate that reads the pool: there the two do not part.
        """
        k, c = self.k, _CONCENTRATIONS[:, None, None]
        place, far = self.structure.place(k, pool), logarithm(c)
        feeders = self.structure.feeders(k, pool)
        gates = {ch.name: [g for g in ch.gates if g.pool == pool] for ch, _ in feeders}
        opened = {(k, name, g.name): np.ones(()) for name, own in gates.items() for g in own}
        # the logarithm of the pool is 0 there
        start = np.full((1, 1), CONCENTRATION.lowest)
        terms = self._terms(v, still, {**known, pool: start}, opened)
        parts = []
        for channel, charges in feeders:
            own = gates[channel.name]
            through = {name for each in channel.bindings for name, _ in each.through}
            if through & {gate.name for gate in own}:
                return None
            opening = np.ones_like(c)
            for gate in own:
                opening = (
                    opening * self.gates[channel.name, gate.name].steady_state(c) ** gate.power
                )
            parts.append((charges * terms.current(k, channel), opening))
            if pool in dict(channel.follows).values():
                if channel.law == "ohmic":
                    by = -self.row("nernst", k, pool) * terms.conductance(k, channel)
                    parts.append((charges * by, opening * far))
                else:
                    by = terms.slopes(k, channel)[place]
                    parts.append((charges * by, opening * (c - start)))
        return parts

    def _rising(
        self, pool: str, parts: list[tuple[Array, Array]], shape: tuple[int, int]
    ) -> Iterator[Mask]:
        """Yield where a pool fills, (lanes, points), at one concentration after the other."""
        alpha, removal, rest = (
            self.row(kind, self.k, pool) for kind in ("alpha", "removal", "rest")
        )
        filling = removal * (rest - _CONCENTRATIONS[:, None, None])
        flows = [(np.broadcast_to(alpha * flow, shape), by) for flow, by in parts]
        fixed = sum((flow for flow, by in flows if np.all(by == 1.0)), np.zeros(shape))
        moved = [(flow, by) for flow, by in flows if not np.all(by == 1.0)]
        influx, term = np.empty(shape), np.empty(shape)
        for i in range(_CONCENTRATIONS.size):
            np.copyto(influx, fixed)
            for flow, by in moved:
                influx += np.multiply(flow, by[i], out=term)
            yield influx < filling[i]

    def _alone(
        self, pool: str, filling: Callable[..., dict[str, Array]], shape: tuple[int, int]
    ) -> Array:
        """Return where a pool settles whose kinetics are those at the axis' start."""
        at = np.full(shape, CONCENTRATION.lowest)
        removal = self.row("removal", self.k, pool)
        with np.errstate(divide="ignore", invalid="ignore"):
            settled = at + filling({pool: at})[pool] / removal
        return np.where(np.isfinite(settled), settled, np.nan)


def _rising(filling: Callable[[Array], Array], shape: tuple[int, int]) -> Iterator[Mask]:
    """Yield where a pool fills, (lanes, points), at one concentration after the other."""
    # one number for all points: what depends on it alone is worked out once
    size = math.prod(shape)
    for c in np.array_split(_CONCENTRATIONS, -(-_CONCENTRATIONS.size * size // _AT_ONCE)):
        if c.size:
            yield from filling(c[:, None, None]) > 0.0


def _crossings(
    rising: Iterator[Mask], filling: Callable[[Array], Array], shape: tuple[int, int]
) -> list[Array]:
    """Return the concentrations on the axis at which a pool's filling changes its sign.

    `rising` says at one concentration after the other where it fills; `filling` takes one
    concentration for each lane and point.
    """
    starts: list[Array] = []  # of the first change of each place, of the second ...
    count, last = np.zeros(math.prod(shape), np.int64), next(rising).ravel()
    for low, now in zip(_CONCENTRATIONS, rising, strict=False):
        at = np.flatnonzero(now.ravel() != last)
        last = now.ravel().copy()
        for k in np.unique(count[at]):
            if k == len(starts):
                starts.append(np.full(count.size, np.nan))
            own = at[count[at] == k]
            starts[k][own] = np.log2(low)
        count[at] += 1
    found = []
    for start in starts:
        low = start.reshape(shape)
        crossed = np.isfinite(low)
        low = np.where(crossed, low, 0.0)
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
