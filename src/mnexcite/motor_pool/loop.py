"""Hold a pool's run where it stands, and take it from window to window."""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, dataclass, replace
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray

from mnexcite.engine.feeding import Pulses
from mnexcite.motor_pool.activity import Activity
from mnexcite.motor_pool.ahead import TO_TERMINAL, TO_TERMINAL_LASTS, Ahead, joined
from mnexcite.motor_pool.axons import Axons, Side, Volley, exchange
from mnexcite.motor_pool.ends import Standing, feeds, terminal_feed
from mnexcite.motor_pool.pool import Pool
from mnexcite.motor_pool.protocol import BODY, Protocol
from mnexcite.motor_pool.shared import STATES, Shared, compiled
from mnexcite.muscle import Fatigue, TiredState
from mnexcite.muscle.state import TwitchState
from mnexcite.simulation.feed import Feed, Spikes
from mnexcite.spikes import SpikeTrains

Array = NDArray[np.float64]
Index = NDArray[np.int64]

#: What a spike that arrives puts into a soma [uA/cm2, ms].
TO_SOMA, TO_SOMA_LASTS = 60.0, 1.0
#: Fewer units than this are not worth another thread's waking.
UNITS_OF_A_THREAD = 24
#: Numbers of what motoneurons hear, in the order of the kernel.
HEARD = (
    "effort.common",
    "effort.own",
    "golgi.gain",
    "golgi.tau",
    "golgi.E",
    "renshaw.gain",
    "renshaw.tau",
)


@dataclass(frozen=True)
class _End:
    """Hold one end of the axons in a window: its cells, what enters them, what may arrive."""

    feed: Feed
    given: tuple[Array, Array | float, Array | float | None]
    entering: Callable[[Volley], Pulses]

    def again(self, units: Index, arriving: Volley) -> Volley:
        """Run the window again in some units."""
        return Volley(*self.feed.again(units, *self.given, self.entering(arriving)))


class Loop:
    """Hold a run where it stands; windows are of `step` ms, the last may be shorter."""

    def __init__(
        self,
        pool: Pool,
        protocol: Protocol,
        standing: Standing,
        *,
        step: int,
        end: int,
        seed: int,
        fatigue: Fatigue | None,
        threads: int,
        tolerance: float,
    ) -> None:
        self.pool, self.protocol, self.seed, self.time = pool, protocol, seed, 0
        self.step, self.end = step, end
        units, n = pool.units, len(pool)
        numbers = self.numbers = {name: p.value for name, p in pool.numbers.items()}
        self.laws, self.shared = pool.laws, standing.shared
        self.begin = np.array(astuple(self.shared))
        self.axons = Axons(units.delay, numbers["axon.echo"], Volley.none(), Volley.none())
        self.parts = max(1, min(threads, n // UNITS_OF_A_THREAD))
        self.others = ThreadPoolExecutor(self.parts - 1) if self.parts > 1 else None
        self.tolerance = tolerance
        self.somas, self.terminals = feeds(pool, "published", tolerance, self.parts)
        self.somas.stand(standing.soma)
        self.terminals.stand(standing.terminal)
        self.warmer, self.heated = 0.0, bool(protocol.warmer.first.any())
        self.ahead = Ahead(units.number, protocol, numbers, seed, step)
        self.span, self.span_from = self.ahead.span(0), 0
        self.muscle: TwitchState | TiredState
        if fatigue is None:
            self.muscle = TwitchState.at_rest(units.muscle, every=1.0)
        else:
            self.muscle = TiredState.at_rest(units.muscle, fatigue, fatigued=standing.fatigued)
        self.heard = np.array([numbers[name] for name in HEARD])
        # activity of tendon organs and Renshaw cells, and what reaches them in each ms: the
        # muscle's tension and the rate of all somas, a delay ago; a run begins at rest
        self.reflexes = np.zeros(2)
        self.delay, self.late = (
            round(numbers[f"{name}.delay"]) for name in ("golgi", "renshaw")
        )
        self.tension, self.felt = np.zeros(end + self.delay + 1), self.delay + 1
        self.rates = np.zeros(end + self.late)
        self.kept: list[Array] = []
        self.force: list[Array] = []
        self.pulling: list[Volley] = []
        self.lengths: list[Array] = []
        self.fired: list[Volley] = []
        self.twitched: list[Volley] = []
        self.shares = np.ascontiguousarray(pool.shares)
        self.rank = self.shares.argsort().argsort()

    @property
    def status(self) -> str:
        """`ok`, or which cells failed, and how."""
        for part, feed in (("soma", self.somas), ("terminal", self.terminals)):
            if feed.failed:
                status = next(each for each in feed.status if each != "ok")
                return f"{part}: {status}"
        return "ok"

    def close(self) -> None:
        """Let the threads end."""
        if self.others is not None:
            self.others.shutdown()

    def advance(self) -> None:
        """Run one window and let all parts learn of it."""
        start, until = self.time, min(self.time + self.step, self.end)
        self._warm(start)
        if start == self.span_from + self.span.t.size - 1:
            self.span, self.span_from = self.ahead.span(start), start
        # a neuron whose nerve is blocked throughout has nothing to tell its muscle
        blocked = self.protocol.block
        ends = [self._terminals(start, until)]
        if not blocked:
            ends.append(self._somas(start, until))
        terminal, *others = self._run(ends)
        soma = others[0] if others else Side(Volley.none(), lambda units, volley: Volley.none())
        self.axons = exchange(self.axons, float(start), float(until), soma, terminal)
        if blocked:
            none = Volley.none()
            self.axons = replace(self.axons, down=none, up=none)
        self.fired.append(soma.spikes)
        self.twitched.append(terminal.spikes)
        if self.numbers["renshaw.gain"]:
            within = np.clip(soma.spikes.origin.astype(np.int64), start, until - 1) - start
            counts = np.bincount(within, minlength=until - start)
            self.rates[start + self.late : until + self.late] = 1000.0 / len(self.pool) * counts
        self._share(terminal.spikes, start, until)
        self.time = until

    def _warm(self, start: int) -> None:
        """Let terminals and fibres go on at another temperature from where they stand."""
        if not self.heated:
            return
        warmer = float(self.protocol.warmer.at(float(start)))
        if warmer == self.warmer:
            return
        self._pull(self.time)
        state, self.warmer = self.terminals.state, warmer
        self.terminals = terminal_feed(
            self.pool, "published", self.tolerance, self.parts, warmer
        )
        self.terminals.stand(state, float(self.time))
        fibres = tuple(unit.warmed(BODY + warmer, BODY) for unit in self.pool.units.muscle)
        self.muscle = self.muscle.with_units(fibres)

    # the two ends -----------------------------------------------------------------
    def _run(self, ends: list[_End]) -> list[Side]:
        """Run a window in both ends: neither knows of the other before it is over."""
        coming = (self.axons.down, self.axons.up)
        work = [
            end.feed.work(*end.given, end.entering(volley))
            for end, volley in zip(ends, coming, strict=False)
        ]
        first, *rest = zip_longest(*work)
        waiting = [self.others.submit(_all_of, part) for part in rest] if self.others else []
        found = [_all_of(first), *(task.result() for task in waiting)]
        sides = []
        for end, spikes in zip(ends, zip(*found, strict=True), strict=True):
            own = end.feed.joined([each for each in spikes if each is not None])
            sides.append(Side(Volley(*own), end.again))
        return sides

    def _terminals(self, start: int, until: int) -> _End:
        self.terminals.turn({"ions.K_o": self.shared.potassium})
        others = self.span.between(start, until)

        def entering(arriving: Volley) -> Pulses:
            if not arriving.unit.size:
                return others
            own = self._arriving(arriving, TO_TERMINAL, TO_TERMINAL_LASTS)
            return joined(own, others)

        return _End(self.terminals, (np.array([start, until], float), 0.0, None), entering)

    def _somas(self, start: int, until: int) -> _End:
        shared, numbers, first = self.shared, self.numbers, start - self.span_from
        loop = shared.afferent * shared.activity / (shared.activity + numbers["noise.half"])
        knots = until - start + 1
        current, conductance = (np.empty((len(self.pool), knots)) for _ in range(2))
        compiled().enter(
            first,
            start,
            self.span.own,
            self.span.known,
            numbers["noise.own"] + numbers["noise.loop"] * loop,
            numbers["noise.loop_common"] * loop,
            self.heard,
            self.tension,
            self.rates,
            self.reflexes,
            np.empty(knots),
            current,
            conductance,
        )
        length = float(self.span.length[first])
        filling = self.laws.filling(
            shared.potassium, shared.afferent, shared.sensitisation, length
        )
        filled = filling * self.laws.afferent_tau * self.pool.units.afferent
        self.somas.turn({"facilitation.rest": filled})
        t = self.span.t[first : first + knots]
        return _End(
            self.somas,
            (t, current, conductance),
            lambda arriving: self._arriving(arriving, TO_SOMA, TO_SOMA_LASTS),
        )

    def _arriving(self, volley: Volley, height: float, lasts: float) -> Pulses:
        """Return what spikes put into the cells at the ends of their axons."""
        at = volley.arrivals(self.axons.delay)
        return Pulses(volley.unit, at, at + lasts, np.full(at.size, height))

    # what all share ---------------------------------------------------------------
    def _share(self, spikes: Volley, start: int, until: int) -> None:
        """Let what all units share follow the muscle's spikes."""
        count, first = until - start, start - self.span_from
        length = self.span.length[first : first + count]
        kept = np.empty((count, len(STATES)))
        compiled().share(
            self.laws.values,
            self.begin,
            spikes.unit,
            spikes.origin,
            float(start),
            self.shares,
            self.rank,
            np.zeros(len(self.pool) + 2, np.int64),
            np.empty(spikes.unit.size, np.int64),
            np.zeros(count),
            length,
            int(self.protocol.block),
            kept,
        )
        self.shared, self.begin = Shared(*kept[-1].tolist()), kept[-1]
        self.kept.append(kept)
        self.pulling.append(spikes)
        self.lengths.append(length)
        # tendon organs feel what the muscle did a delay ago: until then it can wait
        if until - self.muscle.now > self.delay - count:
            self._pull(until)

    def _pull(self, until: int) -> None:
        """Let the muscle contract up to now, and keep its tension."""
        if not self.pulling:
            return
        trains = SpikeTrains.sorted_out([_sorted(_all(self.pulling))], len(self.pool))
        length, n = np.concatenate(self.lengths), self.numbers
        self.pulling, self.lengths = [], []
        self.muscle, samples = self.muscle.advance(trains, float(until))[:2]
        samples = samples[:, -length.size :]
        self.force.append(samples)
        fits = np.exp(-(((length - n["length.best"]) / n["length.width"]) ** 2))
        passive = np.expm1(3.0 * np.maximum(0.0, length)) / math.expm1(3.0)
        tension = np.sort(samples, axis=0).sum(axis=0) * fits + n["length.passive"] * passive
        self.tension[self.felt : self.felt + tension.size] = tension
        self.felt += tension.size

    def activity(self) -> Activity:
        """Return what there is by now."""
        self._pull(self.time)
        n = len(self.pool)
        somas, terminals = (
            SpikeTrains.sorted_out([_sorted(_all([Volley.none(), *volleys]))], n)
            for volleys in (self.fired, self.twitched)
        )
        shared = np.concatenate([np.empty((0, len(STATES))), *self.kept]).T
        standing = Standing(
            self.shared,
            self.somas.state,
            self.terminals.state,
            self.muscle.fatigued if isinstance(self.muscle, TiredState) else 0.0,
        )
        return Activity(
            pool=self.pool,
            protocol=self.protocol,
            seed=self.seed,
            duration=float(self.time),
            somas=somas,
            terminals=terminals,
            t=np.arange(1.0, self.time + 1.0),
            shared=dict(zip(STATES, shared, strict=True)),
            unit_force=np.concatenate(self.force, axis=1),
            status=self.status,
            standing=standing,
        )


def _all(volleys: list[Volley]) -> Volley:
    return Volley(
        np.concatenate([volley.unit for volley in volleys]),
        np.concatenate([volley.origin for volley in volleys]),
    )


def _sorted(volley: Volley) -> tuple[Index, Array]:
    order = np.lexsort((volley.origin, volley.unit))
    return volley.unit[order], volley.origin[order]


def _all_of(jobs: tuple[Callable[[], Spikes] | None, ...]) -> list[Spikes | None]:
    return [None if job is None else job() for job in jobs]
