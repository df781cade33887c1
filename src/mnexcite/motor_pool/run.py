"""Run a motor pool: neurons, axons, terminals, muscle and reflexes, window by window."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from mnexcite.cells import Parameter
from mnexcite.cells.paths import Path
from mnexcite.cells.warmth import warmed
from mnexcite.engine import signals
from mnexcite.engine.feeding import NO_PULSES, Pulses
from mnexcite.errors import InputError, check_memory, instance, number, stopped_with, whole
from mnexcite.errors.progress import told, with_bar
from mnexcite.motor_pool.activity import Activity
from mnexcite.motor_pool.axons import Axons, Side, Volley, exchange
from mnexcite.motor_pool.noise import BLOCK, Fluctuations, Rhythm, kicks
from mnexcite.motor_pool.pool import Pool
from mnexcite.motor_pool.protocol import BODY, COLD_TO_HOT, Protocol
from mnexcite.motor_pool.shared import STATES, Shared
from mnexcite.motor_pool.spindles import Spindles
from mnexcite.muscle import Fatigue, TiredState
from mnexcite.muscle.state import TwitchState
from mnexcite.simulation.feed import LANES_OF_A_THREAD, Feed, make_feed
from mnexcite.simulation.settings import thread_count
from mnexcite.spikes import SpikeTrains

Array = NDArray[np.float64]
Index = NDArray[np.int64]

#: What a spike that arrives puts into a soma and a terminal [uA/cm2, ms].
TO_SOMA, TO_SOMA_LASTS = 60.0, 1.0
TO_TERMINAL, TO_TERMINAL_LASTS = 80.0, 0.5
KICK_LASTS = 1.0
#: The range of potassium that terminals can stand in [mM].
POTASSIUM = (0.5, 40.0)
EXCITATION = 0.0  # mV, reversal of effort
#: Of the steps of a pool's cells: spikes are off by 0.002 ms (docs/motor-pool.md).
TOLERANCE = 1e-4
TOGETHER = 5  # windows between two looks at what was asked of the run


@dataclass(frozen=True, eq=False)
class Standing:
    """Hold where a pool stands, so that a run goes on from there.

    `soma`, `terminal`: path -> value of each unit; `fatigued`: share of each unit's force that
    is lost, 0 where fibres do not tire. Fibres are relaxed and axons empty.
    """

    shared: Shared
    soma: Mapping[str, Array]
    terminal: Mapping[str, Array]
    fatigued: Array | float = 0.0


#: Pools that are in use -> where they rest, which takes a second to find.
_RESTS: WeakKeyDictionary[Pool, Standing] = WeakKeyDictionary()


def resting(pool: Pool) -> Standing:
    """Return a pool at rest: each cell at its own stable equilibrium where it has one."""
    found = _RESTS.get(pool)
    if found is None:
        feeds = _feeds(pool, None, None, "rest")
        soma, terminal = (feed.state for feed in feeds)
        for feed in feeds:
            feed.close()
        found = _RESTS[pool] = Standing(Shared(pool.laws.rest), soma, terminal)
    return found


def check_standing(name: str, standing: Standing, pool: Pool) -> None:
    """Refuse where another pool stands."""
    instance(name, standing, Standing, "where a run ended, activity.standing")
    for part, values in (("soma", standing.soma), ("terminal", standing.terminal)):
        cell = getattr(pool, part)
        if set(values) != set(cell.initial):
            raise InputError(
                f"{name} is of other cells; allowed: where a run of this pool ended"
            )
        if any(np.shape(x) != (len(pool),) for x in values.values()):
            raise InputError(
                f"{name} is not of {len(pool)} units; allowed: where a run of this pool ended"
            )


def _feeds(
    pool: Pool, threads: int | None, tolerance: float | None, initial: str
) -> tuple[Feed, Feed]:
    """Return the somas and the terminals of a pool, ready to run."""
    return (
        soma_feed(pool, initial, threads, tolerance),
        _terminal_feed(pool, threads, tolerance, initial),
    )


def soma_feed(
    pool: Pool, initial: str, threads: int | None = None, tolerance: float | None = None
) -> Feed:
    """Return the somas of a pool, ready to run."""
    units, laws = pool.units, pool.laws
    fullest = laws.most * laws.afferent_tau / laws.rise * float(units.afferent.max())
    return make_feed(
        pool.soma,
        parameters=_values(pool.soma.parameters, units.soma),
        dials={"facilitation.rest": (0.0, fullest)},
        initial=initial,
        tolerance=tolerance,
        threads=threads,
    )


def _terminal_feed(
    pool: Pool, threads: int | None, tolerance: float | None, initial: str, warmer: float = 0.0
) -> Feed:
    """Return the terminals of a pool, warmer by some degC than they are."""
    cell = pool.terminal
    if warmer:
        cell = warmed(cell, cell.temperature + warmer)
    return make_feed(
        cell,
        parameters=_values(cell.parameters, pool.units.terminal),
        dials={"ions.K_o": POTASSIUM},
        initial=initial,
        tolerance=tolerance,
        threads=threads,
    )


@with_bar("motor pool")
def contract(
    pool: Pool,
    protocol: Protocol | None = None,
    *,
    duration: float,
    seed: int = 0,
    window: int = 10,
    tolerance: float | None = None,
    initial: Standing | None = None,
    fatigue: Fatigue | None = None,
    threads: int | None = None,
    until: Callable[[Activity], bool] | None = None,
    progress: Callable[[float], None] | bool | None = None,
) -> Activity:
    """Run a pool and its muscle under a protocol.

    Soma and terminal of each unit are lanes of two feeds; spikes pass between them with
    their delays, and vanish where two meet on an axon. Between windows all units share the
    potassium around the muscle's fibres, the afferents' facilitation and the tendon organs'
    inhibition. The equations are on the page of the motor pool.

    Parameters
    ----------
    pool
        Of `cramping_pool`.
    protocol
        What is done; None for nothing: noise and chance kicks alone.
    duration
        Length of the run [ms].
    seed
        Of all that fluctuates.
    window
        How often units learn of each other [ms], whole, no longer than the shortest delay.
    tolerance
        Of the cells' steps, as `simulate` takes it; None for 1e-4, at which units on their own
        spike 0.002 ms off in the middle (docs/motor-pool.md).
    initial
        Where another run ended, `activity.standing`; None for rest.
    fatigue
        Of the fibres, such as `pool_fatigue(pool)`: tendon organs feel the force of the muscle
        as it tires. None for fibres that do not.
    threads
        Changes no bit.
    until
        Asked once a second of the run whether it may end, of what there is by then.
    progress
        True shows a bar. Or a function, called with the share done, 0 to 1.

    Returns
    -------
    Activity

    Raises
    ------
    InputError
        If an argument is not allowed, or a delay is shorter than a window.
    Interrupted
        On Ctrl-C. What was computed is in its `partial`.
    """
    instance("pool", pool, Pool, "a pool of mnexcite.motor_pool.cramping_pool")
    tell = told(progress)
    given = Protocol() if protocol is None else protocol
    instance("protocol", given, Protocol, "a protocol of mnexcite.motor_pool")
    allowed = "1 ms to 1e8 ms"
    duration = number("duration", duration, allowed, lowest=1.0, highest=1e8, unit="ms")
    step = whole("window", window, "a whole number of ms, 1 or more", lowest=1, highest=1000)
    seed = whole("seed", seed, "a whole number, 0 or more", lowest=0, highest=2**62)
    shortest = float(pool.units.delay.min())
    if step > shortest:
        raise InputError(
            f"window is {step} ms, and the shortest delay of an axon {shortest:.3g} ms; "
            "allowed: a window no longer than that"
        )
    for name, of in (("golgi", "tendon organs"), ("renshaw", "Renshaw cells")):
        late = pool[f"{name}.delay"]
        if step > late:
            raise InputError(
                f"window is {step} ms, and {name}.delay, of {of}, {late:g} ms; allowed: a "
                "window no longer than that"
            )
    rest, ceiling = pool["potassium.rest"], pool["potassium.ceiling"]
    low, high = POTASSIUM
    if not low <= rest < ceiling <= high:
        raise InputError(
            f"potassium.rest is {rest:g} and potassium.ceiling {ceiling:g} mM; allowed: from "
            f"{low:g} to {high:g} mM, the ceiling above the rest"
        )
    hottest = BODY + given.warmer.first
    if not (20.0 <= hottest.min() and hottest.max() <= 45.0):
        raise InputError(
            f"heat on heat goes from {hottest.min():g} to {hottest.max():g} degC; allowed: "
            f"{COLD_TO_HOT} degC"
        )
    if fatigue is not None:
        instance("fatigue", fatigue, Fatigue, "what mnexcite.motor_pool.pool_fatigue gives")
        fatigue.of_units(len(pool))
    if initial is not None:
        check_standing("initial", initial, pool)
    check_memory(
        f"force of {len(pool)} units in {duration:g} ms",
        (len(pool) + len(STATES)) * duration,
        "take a shorter duration",
    )
    loop = _Loop(pool, given, seed, initial, fatigue, threads, tolerance)
    end = math.ceil(duration)
    try:
        while loop.time < end:
            before, second = loop.time, False
            # Ctrl-C waits for the end of some windows, so that nothing is half done
            with signals.held() as came:
                for _ in range(TOGETHER):
                    loop.advance(min(loop.time + step, end))
                    second = before // BLOCK < loop.time // BLOCK
                    if second or came or loop.time == end or loop.status != "ok":
                        break
            signals.hear(came)
            if tell is not None:
                tell(loop.time / end)
            if until is not None and second and until(loop.activity()):
                break
            if loop.status != "ok":
                break
    except BaseException as error:
        if not loop.time:
            raise
        said = f"stopped by Ctrl-C after {loop.time} ms"
        raise stopped_with(loop.activity(), error, said) from None
    finally:
        loop.close()
    return loop.activity()


class _Loop:
    """Hold a run where it stands."""

    def __init__(
        self,
        pool: Pool,
        protocol: Protocol,
        seed: int,
        initial: Standing | None,
        fatigue: Fatigue | None,
        threads: int | None,
        tolerance: float | None,
    ) -> None:
        self.pool, self.protocol, self.seed, self.time = pool, protocol, seed, 0
        units = pool.units
        self.numbers = {name: p.value for name, p in pool.numbers.items()}
        self.laws = pool.laws
        standing = resting(pool) if initial is None else initial
        self.shared = standing.shared
        self.axons = Axons(units.delay, self.numbers["axon.echo"], Volley.none(), Volley.none())
        tolerance = TOLERANCE if tolerance is None else tolerance
        threads = thread_count(threads)
        # terminals run beside somas where there is enough to do
        self.beside: ThreadPoolExecutor | None = None
        if threads > 1 and len(pool) >= LANES_OF_A_THREAD and not protocol.block:
            self.beside, threads = ThreadPoolExecutor(1), threads // 2
        self.somas, self.terminals = _feeds(pool, threads, tolerance, "published")
        self.terminals.stand(standing.terminal)
        self.turned = partial(_terminal_feed, pool, threads, tolerance, "published")
        self.warmer, self.heated = 0.0, bool(protocol.warmer.first.any())
        self.somas.stand(standing.soma)
        # a neuron whose nerve is blocked throughout has nothing to tell its muscle
        self.somas_run = not protocol.block
        self.said = Script(protocol, self.numbers["golgi.delay"])
        self.spindles = Spindles(protocol.length, self.numbers)
        rhythm = Rhythm(self.numbers["common.frequency"], self.numbers["common.damping"])
        self.noise = Fluctuations(units.number, seed, self.numbers["noise.tau"], rhythm)
        self.shocks = np.array(protocol.shocks)
        # block of time -> its kicks, and those together with the last block's
        self.kicked: dict[int, tuple[Pulses, Pulses]] = {}
        self.muscle: TwitchState | TiredState
        if fatigue is None:
            self.muscle = TwitchState.at_rest(units.muscle, every=1.0)
        else:
            self.muscle = TiredState.at_rest(units.muscle, fatigue, fatigued=standing.fatigued)
        # tension at each ms from the delay before now on; the muscle begins at rest
        self.delay = round(self.numbers["golgi.delay"])
        self.tension: deque[float] = deque([0.0] * (self.delay + 1))
        self.golgi = 0.0
        # rate of all somas in each ms from the delay before now on
        self.recurrent: deque[float] = deque([0.0] * round(self.numbers["renshaw.delay"]))
        self.renshaw = 0.0
        self.kept: list[Array] = []
        self.force: list[Array] = []
        self.pulling: list[Volley] = []
        self.lengths: list[Array] = []
        self.fired: list[Volley] = []
        self.twitched: list[Volley] = []
        self.share = pool.shares

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
        if self.beside is not None:
            self.beside.shutdown()
        self.somas.close()
        self.terminals.close()

    def advance(self, until: int) -> None:
        """Run one window and let all parts learn of it."""
        start = self.time
        self._warm(start)
        t = np.arange(float(start), until + 1.0)
        if self.beside is None:
            terminal, soma = self._terminals(t), self._somas(t)
        else:
            # neither knows of the other before the window's end
            waiting = self.beside.submit(self._terminals, t)
            soma = self._somas(t)
            terminal = waiting.result()
        self.axons = exchange(self.axons, float(start), float(until), soma, terminal)
        if self.protocol.block:
            none = Volley.none()
            self.axons = replace(self.axons, down=none, up=none)
        self.fired.append(soma.spikes)
        self.twitched.append(terminal.spikes)
        if self.numbers["renshaw.gain"]:
            within = np.clip(soma.spikes.origin.astype(np.int64), start, until - 1) - start
            counts = np.bincount(within, minlength=until - start)
            self.recurrent.extend((1000.0 / len(self.pool) * counts).tolist())
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
        cold, self.warmer = self.terminals, warmer
        self.terminals = self.turned(warmer)
        self.terminals.stand(cold.state, float(self.time))
        cold.close()
        fibres = tuple(unit.warmed(BODY + warmer, BODY) for unit in self.pool.units.muscle)
        self.muscle = self.muscle.with_units(fibres)

    # the two ends -----------------------------------------------------------------
    def _terminals(self, t: Array) -> Side:
        feed, edges = self.terminals, t[[0, -1]]
        others = self._kicks(t[0]), self._shocks(t[0], t[-1])

        def entering(arriving: Volley) -> Pulses:
            at = arriving.arrivals(self.axons.delay)
            own = _pulses(arriving.unit, at, TO_TERMINAL, TO_TERMINAL_LASTS)
            return _joined(own, *others)

        feed.turn({"ions.K_o": self.shared.potassium})
        spikes = feed.advance(edges, pulses=entering(self.axons.down))
        return Side(
            Volley(*spikes),
            lambda units, arriving: Volley(
                *feed.again(units, edges, pulses=entering(arriving))
            ),
        )

    def _somas(self, t: Array) -> Side:
        feed, numbers, shared = self.somas, self.numbers, self.shared
        if not self.somas_run:
            return Side(Volley.none(), lambda units, arriving: Volley.none())
        own, common = self.noise.between(int(t[0]), int(t[-1]))
        loop = shared.afferent * shared.activity / (shared.activity + numbers["noise.half"])
        current = (numbers["noise.own"] + numbers["noise.loop"] * loop) * own
        current += numbers["noise.loop_common"] * loop * common
        length, effort, inhibition, tendon = self.said.between(int(t[0]), int(t[-1]))
        through: dict[float, Array | float] = {}
        if np.count_nonzero(effort):
            swing = 1.0 + numbers["effort.common"] * common + numbers["effort.own"] * own
            through[EXCITATION] = np.maximum(0.0, effort * swing)
        if not self.spindles.silent:
            through[EXCITATION] = through.get(EXCITATION, 0.0) + self.spindles.at(t)
        inhibition = inhibition + numbers["golgi.gain"] * self._golgi(tendon)
        if numbers["renshaw.gain"]:
            inhibition += numbers["renshaw.gain"] * self._renshaw(t.size)
        if np.count_nonzero(inhibition):
            through[numbers["golgi.E"]] = inhibition

        def entering(arriving: Volley) -> Pulses:
            at = arriving.arrivals(self.axons.delay)
            return _pulses(arriving.unit, at, TO_SOMA, TO_SOMA_LASTS)

        filling = self.laws.filling(
            shared.potassium, shared.afferent, shared.sensitisation, float(length[0])
        )
        feed.turn(
            {"facilitation.rest": filling * self.laws.afferent_tau * self.pool.units.afferent}
        )
        spikes = feed.advance(t, current, through, entering(self.axons.up))
        return Side(
            Volley(*spikes),
            lambda units, arriving: Volley(
                *feed.again(units, t, current, through, entering(arriving))
            ),
        )

    def _shocks(self, start: float, until: float) -> Pulses:
        """Return the stimuli to the nerve that act in a window, on all terminals."""
        first, last = self.shocks.searchsorted((start - TO_TERMINAL_LASTS, until))
        if first == last:
            return NO_PULSES
        times, units = self.shocks[first:last], len(self.pool)
        return _pulses(
            np.repeat(np.arange(units), times.size),
            np.tile(times, units),
            TO_TERMINAL,
            TO_TERMINAL_LASTS,
        )

    def _kicks(self, start: float) -> Pulses:
        """Return the chance kicks of terminals of this block of time and the last."""
        block = int(start) // BLOCK
        if block not in self.kicked:
            rate, mean = self.numbers["twitches.rate"], self.numbers["twitches.current"]
            lane, time, height = kicks(self.pool.units.number, self.seed, block, rate, mean)
            new = Pulses(lane, time, time + KICK_LASTS, height)
            last = self.kicked.get(block - 1, (new.of(np.zeros(lane.size, bool)),))
            self.kicked = {block: (new, _joined(last[0], new))}
        return self.kicked[block][1]

    def _renshaw(self, count: int) -> Array:
        """Return Renshaw cells' activity at each ms [Hz], and keep the last."""
        found = [self.renshaw]
        for _ in range(count - 1):
            rate = self.recurrent.popleft()
            found.append(found[-1] + (rate - found[-1]) / self.numbers["renshaw.tau"])
        self.renshaw = found[-1]
        return np.array(found)

    # what all share ---------------------------------------------------------------
    def _golgi(self, tendon: Array) -> Array:
        """Return the tendon organs' activity at each ms, and keep the last."""
        tau = self.numbers["golgi.tau"]
        golgi = self.golgi
        found = [golgi]
        for shock in tendon[:-1].tolist():
            golgi += (self.tension.popleft() + shock - golgi) / tau
            found.append(golgi)
        self.golgi = golgi
        return np.array(found)

    def _share(self, spikes: Volley, start: int, until: int) -> None:
        """Let what all units share follow the muscle's spikes."""
        count = until - start
        counts = np.zeros(count)
        if spikes.unit.size:
            place = np.minimum((spikes.origin - start).astype(np.int64), count - 1)
            shares = self.share[spikes.unit]
            # sums in an order that does not depend on how units are numbered
            order = np.lexsort((shares, place))
            counts += np.bincount(place[order], shares[order], count)
        length = self.said.between(start, until)[0][:-1]
        self.shared, after = self.laws.after(self.shared, counts, length, self.protocol.block)
        self.kept.append(after)
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
        self.tension.extend(tension.tolist())

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


class Script:
    """Hold what a protocol says at each ms; tendon organs are heard `late` [ms]."""

    def __init__(self, protocol: Protocol, late: float) -> None:
        self._late = late
        self._said = protocol.length, protocol.effort, protocol.inhibition, protocol.tendon
        self._first, self._values = 0, np.empty((4, 0))

    def between(self, first: int, last: int) -> Array:
        """Return length, effort, inhibition, tendon at ms `first` to `last`, both included."""
        if not self._first <= first <= last < self._first + self._values.shape[1]:
            t = np.arange(float(first), float(max(last, first + BLOCK)) + 1.0)
            self._first, self._values = (
                first,
                np.array(
                    [*(wave.at(t) for wave in self._said[:3]), self._said[3].at(t - self._late)]
                ),
            )
        return self._values[:, first - self._first : last - self._first + 1]


def _values(known: Mapping[str, Parameter], units: Mapping[str, Array]) -> dict[Path, Array]:
    """Return path -> value of each unit: factors on the pool's number, shifts of a voltage."""
    found: dict[Path, Array] = {}
    for path, given in units.items():
        value = known[path].value
        found[path] = value + given if path.endswith(".E") else value * given
    return found


def _all(volleys: list[Volley]) -> Volley:
    return Volley(
        np.concatenate([volley.unit for volley in volleys]),
        np.concatenate([volley.origin for volley in volleys]),
    )


def _sorted(volley: Volley) -> tuple[Index, Array]:
    order = np.lexsort((volley.origin, volley.unit))
    return volley.unit[order], volley.origin[order]


def _pulses(lane: Index, at: Array, height: float, lasts: float) -> Pulses:
    return Pulses(lane, at, at + lasts, np.full(lane.size, height))


def _joined(*some: Pulses) -> Pulses:
    some = tuple(each for each in some if each.lane.size) or some[:1]
    if len(some) == 1:
        return some[0]
    return Pulses(*(np.concatenate(each) for each in zip(*some, strict=True)))
