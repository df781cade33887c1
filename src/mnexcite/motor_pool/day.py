"""A day of one muscle: triggers by chance, the cramps that they set off, and silence."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mnexcite import disk
from mnexcite.errors import (
    InputError,
    StorageError,
    instance,
    number,
    place,
    stopped_with,
    whole,
)
from mnexcite.errors.progress import told, with_bar
from mnexcite.motor_pool import protocol as protocols
from mnexcite.motor_pool.activity import Activity
from mnexcite.motor_pool.counts import as_one, find_cramps
from mnexcite.motor_pool.cramps import SOON
from mnexcite.motor_pool.ends import Standing, resting
from mnexcite.motor_pool.kicked import expected_fasciculations
from mnexcite.motor_pool.pool import Pool
from mnexcite.motor_pool.run import contract
from mnexcite.motor_pool.shared import Shared
from mnexcite.motor_pool.silence import rested
from mnexcite.muscle import Fatigue

Array = NDArray[np.float64]

HOUR = 3_600_000.0  # ms
#: Nobody has counted the triggers of cramps. Their mean length is assumed; with it, their
#: number is calibrated: a third or so of them cramps, and 5.3 cramps a day are published.
TRIGGERS_PER_HOUR = 2.0 / 3.0
TRIGGER_LASTS = 1000.0  # ms on average
EFFORT = 0.6  # mS/cm2, near the greatest force
#: A muscle is silent when no unit fired so often in its last second, and afferents are shut.
QUIET = 3
SHUT = 1e-6  # 1/ms
STREAM, STREAM_OF_RUNS = 31, 37


@dataclass(frozen=True)
class Trigger:
    """Hold one trigger of a day and what came of it.

    Attributes
    ----------
    time, lasts
        When it came, from the day's start, and how long it lasted [ms].
    outcome
        `cramp`; `none`; `busy` where the muscle still worked or cramped, and nothing was done.
    duration
        Of the cramp [ms]; a lower bound where `ended` is false.
    ended
        Whether the cramp ended by itself within the longest time that was allowed.
    units, rate
        How many units cramped, and their mean rate [Hz], 0 without a cramp.
    ran
        How long cells were computed [ms].
    status
        `ok`, or how cells failed.
    """

    time: float
    lasts: float
    outcome: str
    duration: float = 0.0
    ended: bool = True
    units: int = 0
    rate: float = 0.0
    ran: float = 0.0
    status: str = "ok"


@dataclass(frozen=True, eq=False)
class Day:
    """Hold a day of a muscle, or what there is of it.

    Attributes
    ----------
    settings
        What was asked for, and a mark of the pool.
    units
        Motor units of the pool.
    triggers
        All that have come, in order.
    fasciculations
        Expected per minute of silence, from the terminals' thresholds for chance kicks.
    reached
        Until when the day is known [ms].
    standing
        Where the muscle stands then.
    """

    settings: Mapping[str, float | str]
    units: int
    triggers: tuple[Trigger, ...]
    fasciculations: float
    reached: float
    standing: Standing

    @property
    def hours(self) -> float:
        """How much of the day is known [h]."""
        return self.reached / HOUR

    @property
    def complete(self) -> bool:
        """Whether all of it is."""
        return self.reached >= HOUR * float(self.settings["hours"])

    @property
    def cramps(self) -> tuple[Trigger, ...]:
        """The triggers that led to a cramp."""
        return tuple(each for each in self.triggers if each.outcome == "cramp")

    @property
    def per_day(self) -> float:
        """Cramps per 24 hours; of nothing, 0."""
        return 24.0 * len(self.cramps) / self.hours if self.hours else 0.0


@with_bar("day")
def day(
    pool: Pool,
    *,
    hours: float = 24.0,
    per_hour: float = TRIGGERS_PER_HOUR,
    lasts: float = TRIGGER_LASTS,
    effort: float = EFFORT,
    train: float | None = None,
    longest: float = 300_000.0,
    seed: int = 0,
    fatigue: Fatigue | None = None,
    store: str | Path | None = None,
    threads: int | None = None,
    progress: Callable[[float], None] | bool | None = None,
) -> Day:
    """Run a day of one muscle: cramps set off by chance, and the silence between them.

    Triggers are a Poisson process: hard contractions of the shortened muscle, or trains to its
    nerve, whose lengths are exponential. Each is computed from where the muscle stands until
    it is silent again. Of the silence between, the shared states are solved in closed form,
    with cells at rest and afferents' gates shut; what the few fasciculations then add to
    potassium is neglected. Their number is that of the terminals' kicks that reach threshold.

    Pools under the same seed get the same triggers and the same noise, so that a drug is
    compared pair by pair.

    Parameters
    ----------
    pool
        Of `cramping_pool`, also under conditions.
    hours
        Length of the day.
    per_hour, lasts
        Triggers per hour and their mean length [ms]. Nobody has counted them: the length is
        assumed, and with it the number calibrated to 5.3 cramps a day in early ALS. Cramps are
        in proportion to it.
    effort
        Conductance of the contraction [mS/cm2].
    train
        Rate of stimuli to the nerve in place of an effort [Hz].
    longest
        How long a cramp is followed after its trigger [ms]; then it is taken as broken.
    seed
        Of triggers, and of all that fluctuates.
    fatigue
        Of the fibres, such as `pool_fatigue(pool)`, which recover in the silence; None for
        fibres that do not tire.
    store
        A .json file that is written after each trigger; the same call goes on from there.
    threads
        Changes no bit.
    progress
        True shows a bar. Or a function, called with the share of the day done, 0 to 1.

    Raises
    ------
    InputError
        If an argument is not allowed, or the store is of another day.
    StorageError
        If the store cannot be read or written.
    Interrupted
        On Ctrl-C. The day so far is in its `partial`.

    References
    ----------
    Stephens et al. 2017: 5.3 cramps per day in ALS.
    """
    tell = told(progress)
    instance("pool", pool, Pool, "a pool of mnexcite.motor_pool.cramping_pool")
    hours = number("hours", hours, "above 0, to 1000", above=0.0, highest=1000.0, unit="h")
    allowed = "above 0, to 1000"
    often = number("per_hour", per_hour, allowed, above=0.0, highest=1000.0, unit="1/h")
    lasts = number("lasts", lasts, "1 ms to 1e6 ms", lowest=1.0, highest=1e6, unit="ms")
    g = number("effort", effort, "0 or more", lowest=0.0, unit="mS/cm2")
    if train is not None:
        train = number("train", train, "1 to 200", lowest=1.0, highest=200.0, unit="Hz")
    longest = number(
        "longest", longest, "2000 ms to 1e7 ms", lowest=2e3, highest=1e7, unit="ms"
    )
    seed = whole("seed", seed, "a whole number, 0 or more", lowest=0, highest=2**62)
    settings: dict[str, float | str] = {
        "hours": hours,
        "per_hour": often,
        "lasts": lasts,
        "effort" if train is None else "train": g if train is None else train,
        "longest": longest,
        "seed": seed,
        "pool": _mark(pool),
    }
    if fatigue is not None:
        instance("fatigue", fatigue, Fatigue, "what mnexcite.motor_pool.pool_fatigue gives")
        fatigue.of_units(len(pool))
        numbers = [fatigue.fatigability.tolist(), fatigue.recovery, fatigue.slowing]
        settings["fatigue"] = disk.checksum(json.dumps(numbers))
    store = None if store is None else place("store", store)
    rest = resting(pool)
    done = _begun(pool, settings, store, rest)
    end = HOUR * hours
    try:
        for k, (time, length) in enumerate(draw_triggers(hours, often, lasts, seed)):
            if k < len(done.triggers):
                continue
            done = _after(pool, done, time, length, k, rest, fatigue, threads)
            if store is not None:
                disk.write(store, to_json(done))
            if tell is not None:
                tell(min(done.reached / end, 1.0))
    except BaseException as error:
        said = f"stopped by Ctrl-C after {done.hours:.1f} h of the day"
        raise stopped_with(done, error, said) from None
    # a cramp may last beyond midnight
    pause = max(0.0, end - done.reached)
    standing = rested(pool, done.standing, pause, rest, fatigue)
    done = replace(done, reached=done.reached + pause, standing=standing)
    if store is not None:
        disk.write(store, to_json(done))
    return done


def draw_triggers(
    hours: float, per_hour: float, lasts: float, seed: int
) -> list[tuple[float, float]]:
    """Return time and length [ms] of a day's triggers; those of a shorter day are its first."""
    rng = np.random.default_rng(np.random.SeedSequence([seed, STREAM]))
    found, time = [], 0.0
    while True:
        time += float(rng.exponential(HOUR / per_hour))
        if time >= HOUR * hours:
            return found
        found.append((time, max(1.0, float(np.ceil(rng.exponential(lasts))))))


def _after(
    pool: Pool,
    day: Day,
    time: float,
    lasts: float,
    k: int,
    rest: Standing,
    fatigue: Fatigue | None,
    threads: int | None,
) -> Day:
    """Return the day after its trigger number `k`."""
    if time < day.reached:
        return replace(day, triggers=(*day.triggers, Trigger(time, lasts, "busy")))
    given, settings = protocols.length(-1.0), day.settings
    if "train" in settings:
        rate = float(settings["train"])
        given += protocols.train(rate, count=max(1, round(1e-3 * rate * lasts)))
    else:
        given += protocols.effort(float(settings["effort"]), duration=lasts)
    key = np.random.SeedSequence([int(settings["seed"]), k, STREAM_OF_RUNS])
    activity = contract(
        pool,
        given,
        duration=lasts + float(settings["longest"]),
        seed=int(key.generate_state(1)[0]),
        initial=rested(pool, day.standing, time - day.reached, rest, fatigue),
        fatigue=fatigue,
        threads=threads,
        until=lambda activity: silent(activity, lasts),
    )
    trigger = Trigger(time, lasts, "none", ran=activity.duration, status=activity.status)
    cramp = as_one(find_cramps(activity))
    if cramp is not None:
        duration, ended, units, rate = cramp
        # a last unit may still fire now and then
        ended = ended or silent(activity, lasts)
        trigger = replace(
            trigger, outcome="cramp", duration=duration, ended=ended, units=units, rate=rate
        )
    return replace(
        day,
        triggers=(*day.triggers, trigger),
        reached=time + activity.duration,
        standing=activity.standing,
    )


def silent(activity: Activity, trigger: float = 0.0) -> bool:
    """Tell whether a muscle is silent after a trigger that ended then [ms]: units and gates."""
    end = activity.duration
    if end < trigger + SOON[1]:
        return False
    if activity.terminals.between(end - 1000.0, end).counts.max(initial=0) >= QUIET:
        return False
    s, laws = activity.standing.shared, activity.pool.laws
    length = float(activity.protocol.length.at(end))
    return laws.filling(s.potassium, s.afferent, s.sensitisation, length) < SHUT


def to_json(day: Day) -> str:
    """Return a day as text; `from_json` gives it back to the bit."""
    standing = day.standing
    return json.dumps(
        {
            "settings": dict(day.settings),
            "units": day.units,
            "triggers": [asdict(each) for each in day.triggers],
            "fasciculations": day.fasciculations,
            "reached": day.reached,
            "shared": asdict(standing.shared),
            "soma": {path: x.tolist() for path, x in standing.soma.items()},
            "terminal": {path: x.tolist() for path, x in standing.terminal.items()},
            "fatigued": np.asarray(standing.fatigued).tolist(),
        },
        indent=1,
    )


def from_json(text: str) -> Day:
    """Return the day that `to_json` wrote.

    Raises
    ------
    InputError
        If it is no day.
    """
    try:
        known = json.loads(text)
        soma, terminal = (
            {path: np.array(x) for path, x in known[part].items()}
            for part in ("soma", "terminal")
        )
        return Day(
            known["settings"],
            known["units"],
            tuple(Trigger(**each) for each in known["triggers"]),
            known["fasciculations"],
            known["reached"],
            Standing(
                Shared(**known["shared"]),
                soma,
                terminal,
                np.asarray(known["fatigued"], float),
            ),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise InputError("this is no day of mnexcite; give a file that `day` wrote") from None


def load_day(path: str | Path) -> Day:
    """Return the day in a file that `day(store=...)` wrote.

    Raises
    ------
    StorageError
        If the file cannot be read.
    InputError
        If it holds no day.
    """
    path = place("path", path)
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise StorageError(f"cannot read {path}: {error.strerror}; check the path") from None
    except UnicodeDecodeError:
        raise InputError(f"{path} is no text; give a file that `day` wrote") from None
    return from_json(text)


def _begun(
    pool: Pool, settings: Mapping[str, float | str], store: Path | None, rest: Standing
) -> Day:
    """Return the day so far, or its beginning."""
    if store is not None and store.exists():
        done = load_day(store)
        known = done.settings
        other = [key for key in {**known, **settings} if known.get(key) != settings.get(key)]
        if other:
            raise InputError(
                f"{store} holds another day (not the same: {', '.join(other)}); give another "
                "store, or delete it"
            )
        return done
    often = float(expected_fasciculations(pool).sum())
    return Day(settings, len(pool), (), often, 0.0, rest)


def _mark(pool: Pool) -> str:
    """Return what tells a pool from others: a sum over all its numbers."""
    numbers = {
        **{name: p.value for name, p in pool.numbers.items()},
        **{f"soma.{name}": p.value for name, p in pool.soma.parameters.items()},
        **{f"terminal.{name}": p.value for name, p in pool.terminal.parameters.items()},
        "units": [
            pool.units.number.tolist(),
            pool.units.afferent.tolist(),
            pool.units.delay.tolist(),
            *(x.tolist() for x in pool.units.soma.values()),
            *(x.tolist() for x in pool.units.terminal.values()),
            pool.shares.tolist(),
        ],
    }
    return disk.checksum(json.dumps(numbers, sort_keys=True))
