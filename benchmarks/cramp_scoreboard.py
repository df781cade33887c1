"""Experiments on human cramps, repeated on model muscles, and what comes out, row by row.

    python benchmarks/cramp_scoreboard.py [--part subjects|seeds|draws|endings|asked|parts ...]
        [--most 4] [--units 24] [--workers 2] [--json FILE] [--page FILE]

The JSON file is written after each case, and the same call goes on from what is there; the
page is made of all that is there, and says of how many.
Verdicts: *reproduced*, the mean lies within the published spread; *direction*, the sign alone;
*not reproduced*; *encoded*, put in by hand. Thresholds, durations and the variation of
intervals were calibrated: that they agree says that such a muscle can be.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import numpy as np

import mnexcite as mx
from mnexcite import disk
from mnexcite import motor_pool as mp
from mnexcite.motor_pool.course import HALF_LIFE, KICKS, STRENGTH, deaths
from mnexcite.motor_pool.cramps import unit_statistics
from mnexcite.motor_pool.day import TRIGGER_LASTS, TRIGGERS_PER_HOUR

SUBJECTS = 20
SEEDS, DRAWS, ASKED, ASKED_OFTEN = 20, 20, 4, 8
HIGHEST = 32.0  # Hz, of the test's trains
#: Muscles in which Minetto & Botter 2009 tried, and in how many of 22 people each cramped.
MUSCLES = {
    "abductor_hallucis": 22,
    "medial_gastrocnemius": 20,
    "flexor_hallucis_brevis": 16,
    "lateral_gastrocnemius": 5,
}
HELD = (
    "facilitation held",
    "sodium, facilitation held",
    "no response of the pump",
    "sodium, no response of the pump",
)
FIRST, FIRST_UNDER_BLOCK = 6.0, 8.0  # Hz; no pool cramps below
#: How far tuned numbers are drawn.
TENTH, SHIFT = 0.1, 1.0
Found = dict[str, Any]


def summary(test: mp.Threshold) -> Found:
    """Return what is kept of a threshold test."""
    cramp = test.cramp
    if cramp is None or not cramp.elicited:
        return {"frequency": None, "status": test.status}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of means of no units
        intervals = [
            np.diff(t[t <= test.train_end + cramp.duration])
            for t in test.activity.terminals.after(test.train_end)
        ]
        intervals = [isi[isi < 500.0] for isi in intervals]
        intervals = [isi for isi in intervals if isi.size > 5]
        means, spreads = (np.array([f(isi) for isi in intervals]) for f in (np.mean, np.std))
        return {
            "frequency": test.frequency,
            "status": test.status,
            "duration": 1e-3 * cramp.duration,
            "ended": cramp.ended,
            "units": cramp.units,
            "rate": cramp.rate,
            "rate_sd": float(np.nanstd(cramp.unit_rate)),
            "least": float(np.nanmean(cramp.unit_least)),
            "greatest": float(np.nanmean(cramp.unit_greatest)),
            "cv": cramp.cv,
            "doublets": float(np.nanmean(cramp.doublets)),
            "unit_duration": 1e-3 * float(np.nanmean(cramp.unit_duration)),
            "unit_duration_sd": 1e-3 * float(np.nanstd(cramp.unit_duration)),
            "sd_with_mean": float(np.corrcoef(means, spreads)[0, 1])
            if means.size > 3
            else None,
            "potassium": float(test.activity.shared["potassium"].max()),
        }


def both(pool: mp.Pool, seed: int = 0) -> Found:
    """Return the threshold tests of a pool, intact and under nerve block."""
    return {
        "intact": summary(mp.cramp_threshold(pool, lowest=FIRST, seed=seed, threads=1)),
        "block": summary(
            mp.cramp_threshold(pool, block=True, lowest=FIRST_UNDER_BLOCK, seed=seed, threads=1)
        ),
    }


def subject(job: tuple[int, int]) -> Found:
    """Test a person."""
    who, units = job
    return both(mp.cramping_pool(units, seed=who, subject=who))


def seeded(job: tuple[int, int]) -> Found:
    """Test the middle person on another day."""
    seed, units = job
    return both(mp.cramping_pool(units), seed=1000 * (seed + 1))


def drawn(job: tuple[int, int]) -> Found:
    """Test a pool all of whose tuned numbers are drawn anew within a tenth."""
    seed, units = job
    rng = np.random.default_rng([seed, 5])
    pool = mp.cramping_pool(units, seed=100 + seed)
    factors, moved = {}, {}
    names = [(name, pool.numbers[name]) for name in pool.numbers]
    for part in mp.PARTS:
        known = getattr(pool, part).parameters
        names += [(f"{part}.{path}", number) for path, number in known.items()]
    for name, number in names:
        if number.status != "tuned" or number.value == 0.0:
            continue
        if name.endswith(".leak.E"):
            moved[name] = number.value + SHIFT * rng.uniform(-1.0, 1.0)
        elif name == "afferent.half":  # what counts is how far it is above rest
            over = number.value - pool["potassium.rest"]
            moved[name] = pool["potassium.rest"] + over * (1 + TENTH * rng.uniform(-1, 1))
        elif not name.endswith((".E", ".order", ".scale", ".initial")):
            factors[name] = 1.0 + TENTH * rng.uniform(-1.0, 1.0)
    moved["terminal.leakK.E"] = moved["terminal.leak.E"]
    return both(pool.scaled(factors).replaced(moved))


def left(activity: mp.Activity, start: float, stop: float) -> int:
    """Return how many units fire at 3 Hz or more in a span [ms]."""
    trains = activity.terminals.between(start, stop)
    return int(sum(t.size >= 3e-3 * (stop - start) for t in trains))


def ended(job: tuple[int, int]) -> Found:
    """Try on a person's cramp what ends cramps: stretch, tendon shocks, drugs."""
    who, units = job
    pool = mp.cramping_pool(units, seed=who, subject=who)
    sick = pool.under(mx.conditions.als_early(0.5)).scaled({"twitches.rate": 10.0})
    end = 1e3 * mp.STIMULI / 20.0
    train, at = mp.length(-1.0) + mp.train(20.0), end + 12_000.0
    cases: dict[str, tuple[mp.Pool, mp.Protocol, float]] = {
        "plain": (pool, train, 60_000.0),
        "als": (sick, train, 60_000.0),
        "stretch 3 s": (pool, train + mp.length(2.0, start=at, duration=3000.0), at + 9000.0),
        "stretch 10 s": (pool, train + mp.length(2.0, start=at, duration=1e4), at + 16_000.0),
        "als, stretch 10 s": (
            sick, train + mp.length(2.0, start=at, duration=1e4), at + 16_000.0,
        ),
        "tendon": (pool, train + mp.tendon_shocks(1.0, start=at), at + 12_000.0),
        "mexiletine 5 uM": (pool.under(mx.conditions.mexiletine(5.0)), train, 60_000.0),
        "mexiletine 8 uM": (pool.under(mx.conditions.mexiletine(8.0)), train, 60_000.0),
        "als, mexiletine 8 uM": (sick.under(mx.conditions.mexiletine(8.0)), train, 60_000.0),
        "tizanidine": (pool.under(mx.conditions.tizanidine()), train, 60_000.0),
    }  # fmt: skip
    found: Found = {}
    for name, (each, protocol, duration) in cases.items():
        run = mp.contract(each, protocol, duration=duration, threads=1)
        cramp = mp.cramp_after(run, end)
        found[name] = {
            "elicited": cramp.elicited,
            "duration": 1e-3 * cramp.duration,
            "ended": cramp.ended,
            "rate": cramp.rate,
            "before": left(run, at - 1000.0, at),
            "after": left(run, run.duration - 4000.0, run.duration - 1000.0),
        }
        if name == "tendon":  # spikes 60 to 160 ms after a shock against those before it
            shocks = at + 1000.0 * np.arange(10)
            hit, plain = (
                sum(run.terminals.between(t + a, t + b).counts.sum() for t in shocks)
                for a, b in ((60.0, 160.0), (-150.0, -50.0))
            )
            found[name]["shocked"] = float(hit / max(plain, 1))
    return found


def asked(job: tuple[int, int]) -> Found:
    """Ask a person's muscle for its threshold as it is, and changed by what changes it."""
    who, units = job
    pool = mp.cramping_pool(units, seed=who, subject=who)
    half = pool["afferent.half"]

    def threshold(each: mp.Pool, longest: float = 2000.0, **how: Any) -> mp.Threshold:
        return mp.cramp_threshold(each, lowest=FIRST, longest=longest, threads=1, **how)

    def plasma(times: float) -> mp.Pool:
        Na, K = 145.0 * times, 4.0 * times
        return pool.under(mx.conditions.electrolytes(Na_o=Na, K_o=K))

    sensitive = pool.replaced({"sensitisation.rise": 1.0 / 30_000.0})
    before = threshold(sensitive, longest=120_000.0)
    cramped = before.activity.standing
    found: Found = {
        "intact": before.frequency,
        "sensitised": cramped.shared.sensitisation,
    }
    for minutes in (5, 60):
        later = mp.rested(sensitive, cramped, 6e4 * minutes)
        found[f"{minutes} min after a cramp"] = threshold(sensitive, initial=later).frequency
    found["no history"] = threshold(pool.replaced({"afferent.half": half + 0.9})).frequency
    found["diluted"] = threshold(plasma(0.95)).frequency
    found["concentrated"] = threshold(plasma(1.03)).frequency
    sick = pool.under(mx.conditions.als_early(0.5)).scaled({"twitches.rate": 10.0})
    found["fasciculations"] = float(mp.expected_fasciculations(sick).sum())
    return found


def salted(job: tuple[int, int]) -> Found:
    """Test a person whose motoneurons are loaded with sodium as they fire."""
    who, units = job
    pool = mp.cramping_pool(units, seed=who, subject=who, sodium=True)
    return {
        "intact": summary(mp.cramp_threshold(pool, lowest=FIRST, seed=who, threads=1)),
        # without its motoneurons a muscle does not know of their sodium
        "block": {"frequency": None},
    }


def held(job: tuple[str, int]) -> Found:
    """Run a cramp for which nothing outside the motoneurons fades."""
    name, units = job
    pool = mp.cramping_pool(units, sodium=name.startswith("sodium"))
    if "facilitation" in name:
        pool = pool.replaced({"soma.facilitation.tau": 1e9})
    else:
        pool = pool.replaced({"pump.gain": 0.0})
    return cramp_of(pool, 18.0, 180_000.0)


def tired(job: tuple[int, int]) -> Found:
    """Ask a person's muscle for its threshold fresh, and a minute after hard work."""
    who, units = job
    found: Found = {}
    for name, sodium in (("plain", False), ("sodium", True)):
        pool = mp.cramping_pool(units, seed=who, subject=who, sodium=sodium)
        law = mp.pool_fatigue(pool)
        work = mp.contract(
            pool, mp.effort(0.1), duration=60_000.0, seed=who, fatigue=law, threads=1
        )
        weaker = float(np.asarray(work.standing.fatigued) @ pool.shares)
        later = mp.rested(pool, work.standing, 60_000.0, fatigue=law)
        fresh, after = (
            mp.cramp_threshold(pool, lowest=10.0, longest=2000.0, initial=begin, threads=1)
            for begin in (None, later)
        )
        found[name] = {
            "fresh": fresh.frequency,
            "after": after.frequency,
            "weaker": weaker,
            "hz": float(work.terminals.counts.mean() / 60.0),
        }
    return found


def shortest(pool: mp.Pool, seed: int) -> float:
    """Return the shortest hard contraction of the short muscle that cramps, by halving [ms]."""
    low, high = 100.0, 6500.0

    def cramps(lasts: float) -> bool:
        given = mp.length(-1.0) + mp.effort(0.6, duration=lasts)
        run = mp.contract(pool, given, duration=lasts + 1400.0, seed=seed, threads=1)
        return mp.cramp_after(run, lasts).elicited

    if not cramps(high):
        return float("inf")
    for _ in range(7):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if cramps(middle) else (middle, high)
    return high


def daily(job: tuple[int, int]) -> Found:
    """Find what makes a person's muscle cramp, healthy, in early ALS, and with drugs then."""
    who, units = job
    pool = mp.cramping_pool(units, seed=who, subject=who)
    sick = pool.under(mx.conditions.als_early(0.5)).scaled({"twitches.rate": 10.0})
    drugs = mx.conditions
    cases = {
        "healthy": pool,
        "als": sick,
        "mexiletine 5 uM": sick.under(drugs.mexiletine(5.0)),
        "mexiletine 8 uM": sick.under(drugs.mexiletine(8.0)),
    }
    return {name: shortest(each, who) for name, each in cases.items()} | {
        f"twitches, {name}": float(mp.expected_fasciculations(each).sum())
        for name, each in cases.items()
    }


def elicited(job: tuple[int, int]) -> Found:
    """Tell which of a person's muscles cramps after a train of the test's highest rate."""
    who, units = job
    end = 1e3 * mp.STIMULI / HIGHEST
    given = mp.length(-1.0) + mp.train(HIGHEST)
    found: Found = {}
    for name in MUSCLES:
        pool = mp.muscle_pool(name, units, seed=who, subject=who)
        run = mp.contract(pool, given, duration=end + 1400.0, seed=who, threads=1)
        found[name] = mp.cramp_after(run, end).elicited
    # a contraction at will at the length of rest, beside the cramp of the abductor
    will = mp.contract(
        mp.cramping_pool(units, seed=who, subject=who),
        mp.effort(0.1),
        duration=10_000.0,
        seed=who,
        threads=1,
    )
    units_at_will = np.array([unit_statistics(t) for t in will.terminals.after(2000.0)])
    found["rate at will"], found["cv at will"] = np.nanmean(
        units_at_will[:, 1:3], axis=0
    ).tolist()
    return found


def twitches(job: tuple[int, int]) -> Found:
    """Tell how often a person's muscle fasciculates, healthy and in months of a disease."""
    who, units = job
    pool = mp.cramping_pool(units, seed=who, subject=who)
    dies = deaths(pool, HALF_LIFE, "largest", who)
    found: Found = {"healthy": float(mp.expected_fasciculations(pool).sum())}
    for month in (0, 6, 12, 18, 24):
        then, strengths = mp.at_month(pool, month, dies)
        often = 1.0 + (KICKS - 1.0) * strengths / STRENGTH
        found[str(month)] = float((mp.expected_fasciculations(then) * often).sum())
        found[f"strength {month}"] = float(then.shares.sum())
    return found


def cramp_of(pool: mp.Pool, rate: float, longest: float) -> Found:
    """Return the cramp after a train, followed for so long [ms]."""
    end = 1e3 * mp.STIMULI / rate
    run = mp.contract(
        pool,
        mp.length(-1.0) + mp.train(rate),
        duration=end + longest,
        threads=1,
        until=lambda now: now.duration > end + 1500.0 and mp.cramp_after(now, end).ended,
    )
    cramp = mp.cramp_after(run, end)
    return {key: getattr(cramp, key) for key in ("elicited", "ended", "units")} | {
        "duration": 1e-3 * cramp.duration,
        "rate": cramp.rate,
        "cv": cramp.cv,
    }


def without(job: tuple[str, int]) -> Found:
    """Run a cramp without a part."""
    name, units = job
    pool = mp.cramping_pool(units)
    changed: dict[str, mp.Pool] = {
        "nothing": pool,
        "CAN": pool.scaled({"soma.CAN.g": 1e-6}),
        "facilitation": pool.replaced({"afferent.most": 0.0}),
        "direct excitation by afferents": pool.scaled({"soma.afferent.g": 1e-6}),
        "persistent sodium of the soma": pool.scaled({"soma.NaP.g": 1e-6}),
        "half of SK": pool.scaled({"soma.SK.g": 0.5}),
        "the pump's response": pool.replaced({"pump.gain": 0.0}),
        "noise of the loop": pool.replaced({"noise.loop": 0.0, "noise.loop_common": 0.0}),
        "half of facilitation's time": pool.scaled({"soma.facilitation.tau": 0.5}),
    }
    return cramp_of(changed[name], 18.0, 120_000.0)


WITHOUT = (
    "nothing",
    "CAN",
    "facilitation",
    "direct excitation by afferents",
    "persistent sodium of the soma",
    "half of SK",
    "the pump's response",
    "noise of the loop",
    "half of facilitation's time",
)
PARTS: dict[str, tuple[Callable[[Any], Found], tuple[Any, ...]]] = {
    "subjects": (subject, tuple(range(SUBJECTS))),
    "parts": (without, WITHOUT),
    "endings": (ended, tuple(range(8))),
    "asked": (asked, tuple(range(ASKED))),
    "daily": (daily, tuple(range(ASKED_OFTEN))),
    "elicited": (elicited, tuple(range(SUBJECTS))),
    "twitches": (twitches, tuple(range(SUBJECTS))),
    "tired": (tired, tuple(range(ASKED))),
    "sodium": (salted, tuple(range(SUBJECTS))),
    "held": (held, HELD),
    "seeds": (seeded, tuple(range(SEEDS))),
    "draws": (drawn, tuple(range(DRAWS))),
}


def values(found: list[Found], key: str, which: str = "intact") -> np.ndarray:
    """Return one number of each test that found a cramp."""
    return np.array([f[which][key] for f in found if f[which]["frequency"] is not None], float)


def told(x: np.ndarray, unit: str, digits: int = 1) -> str:
    """Return mean and standard deviation."""
    return f"{x.mean():.{digits}f} +- {x.std():.{digits}f} {unit}".rstrip()


def row(source: str, finding: str, published: str, ours: str, verdict: str) -> str:
    """Return a row of the page."""
    return f"| {source} | {finding} | {published} | {ours} | {verdict} |"


def within(x: np.ndarray, mean: float, spread: float) -> str:
    """Return whether the mean lies within the published spread."""
    return "reproduced" if abs(x.mean() - mean) <= spread else "not reproduced"


HEAD = ["| source | finding | published | here | verdict |", "| --- | --- | --- | --- | --- |"]


MINETTO, BLOCKED = "Minetto et al. 2009", "Minetto et al. 2011"


def of_cramps(found: list[Found]) -> list[str]:
    """Return the rows of cramps with the nerve intact."""
    ctf, lasts = values(found, "frequency"), values(found, "duration")
    rows = [
        row(BLOCKED, "threshold, intact", "13 +- 3 Hz", told(ctf, "Hz"), within(ctf, 13, 3)),
        row(BLOCKED, "duration, intact", "55.6 +- 19.2 s",
            f"{told(lasts, 's')}; {sum(values(found, 'ended') == 1)} of {lasts.size} end",
            within(lasts, 55.6, 19.2)),
    ]  # fmt: skip
    for key, finding, mean, spread, unit, scale in (
        ("rate", "rate of units", 14.5, 5.1, "Hz", 1.0),
        ("least", "least rate", 6.0, 0.8, "Hz", 1.0),
        ("greatest", "greatest rate", 25.0, 8.0, "Hz", 1.0),
        ("unit_duration", "a unit's cramp lasts", 23.6, 16.2, "s", 1.0),
        ("cv", "variation of intervals", 44.6, 9.7, "%", 100.0),
        ("doublets", "intervals below 20 ms", 4.1, 4.7, "%", 100.0),
    ):
        x = scale * values(found, key)
        said = f"{mean:g} +- {spread:g} {unit}"
        rows.append(row(MINETTO, finding, said, told(x, unit), within(x, mean, spread)))
    sd = values(found, "sd_with_mean")
    sd = sd[np.isfinite(sd)]
    return [
        *rows,
        row(MINETTO, "spread of intervals grows with their mean", "R2 0.37",
            f"R2 {np.mean(sd**2):.2f}", "direction" if np.all(sd > 0) else "not reproduced"),
    ]  # fmt: skip


def of_tests(found: list[Found]) -> list[str]:
    """Return the rows of threshold tests, intact and under block."""
    blocked, short = values(found, "frequency", "block"), values(found, "duration", "block")
    pairs = [(f["intact"]["frequency"], f["block"]["frequency"]) for f in found]
    higher = sum(a is not None and b is not None and b > a for a, b in pairs)
    x = values(found, "rate", "block")
    x = x[np.isfinite(x)]
    more = np.sum(x > values(found, "rate").mean())
    return [
        *of_cramps(found),
        row(BLOCKED, "threshold, nerve blocked", "18 +- 3 Hz", told(blocked, "Hz"),
            within(blocked, 18, 3)),
        row(BLOCKED, "the block raises the threshold", "in all 8",
            f"in {higher} of {len(found)}",
            "direction" if higher >= 0.8 * len(found) else "not reproduced"),
        row(BLOCKED, "duration, blocked", "2.6 +- 1.3 s", told(short, "s"),
            within(short, 2.6, 1.3)),
        row(BLOCKED, "rate, blocked", "25.7 +- 11.6 Hz", told(x, "Hz"),
            within(x, 25.7, 11.6)),
        row(BLOCKED, "rates are higher under block", "25.7 against 20.0 Hz",
            f"in {more} of {x.size}",
            "direction" if more >= 0.8 * x.size else "not reproduced"),
    ]  # fmt: skip


def of_days(found: list[Found]) -> list[str]:
    """Return the rows of threshold tests of one person on several days."""
    ctf = values(found, "frequency")
    apart = float(np.ptp(ctf))
    return [
        *of_tests(found),
        row("Miller et al. 2009", "the threshold on another day", "19.7, then 18.3 Hz",
            f"at most {apart:g} Hz apart", "reproduced" if apart <= 2.0 else "not reproduced"),
    ]  # fmt: skip


def of_daily(found: list[Found]) -> list[str]:
    """Return the rows of how often a muscle cramps, counted by the contractions that suffice.

    Lengths of contractions are exponential, so that a share exp(-shortest/mean) of them cramps.
    """
    given = 24.0 * TRIGGERS_PER_HOUR

    def a_day(name: str) -> np.ndarray:
        return given * np.exp(-np.array([f[name] for f in found]) / TRIGGER_LASTS)

    als, healthy = a_day("als"), a_day("healthy")
    rows = [
        row("Stephens et al. 2017", "cramps a day in ALS", "5.3", told(als, "a day"),
            f"encoded: {given:g} contractions a day"),
        row("clinical", "a healthy muscle cramps less often", "",
            f"{told(healthy, 'a day')}",
            "direction" if np.mean(healthy < als) >= 0.8 else "not reproduced"),
    ]  # fmt: skip
    for name, source, said in (
        ("mexiletine 5 uM", "Oskarsson et al. 2018", "to 66 % (300 mg)"),
        ("mexiletine 5 uM", "Weiss et al. 2016", "to 31 % (300 mg)"),
        ("mexiletine 8 uM", "Weiss et al. 2016", "to 16 % (900 mg)"),
    ):
        ratio = a_day(name) / als
        rows.append(
            row(source, f"{name}: cramps a day", said,
                f"to {told(100.0 * ratio, '%', 0)}; fewer in {np.sum(ratio < 1.0)} of "
                f"{ratio.size}",
                "direction" if np.mean(ratio < 1.0) >= 0.8 else "not reproduced")
        )  # fmt: skip
    twitches = np.array([f["twitches, mexiletine 5 uM"] / f["twitches, als"] for f in found])
    rows.append(
        row("Oskarsson et al. 2018", "mexiletine 5 uM: twitches", "unchanged",
            f"to {told(100.0 * twitches, '%', 0)}",
            "reproduced" if abs(twitches.mean() - 1.0) <= 0.1 else "not reproduced")
    )  # fmt: skip
    return rows


def of_elicited(found: list[Found]) -> list[str]:
    """Return the rows of muscles by name, and of contractions at will."""
    n = len(found)
    rows = [
        row("Minetto & Botter 2009", f"{name.replace('_', ' ')} cramps", f"in {people} of 22",
            f"in {sum(f[name] for f in found)} of {n}", "encoded: potassium of a train")
        for name, people in MUSCLES.items()
    ]  # fmt: skip
    cv = 100.0 * np.array([f["cv at will"] for f in found])
    rate = np.array([f["rate at will"] for f in found])
    return [
        *rows,
        row("Ross & Thomas 1995", "intervals vary less in a contraction at will", "yes",
            f"{told(cv, '%', 0)} at {told(rate, 'Hz')}",
            "direction" if cv.mean() < 44.6 else "not reproduced"),
    ]  # fmt: skip


def of_twitches(found: list[Found]) -> list[str]:
    """Return the rows of twitches in strong and in weak muscles."""
    bashford = "Bashford et al. 2020"

    def of(month: int) -> np.ndarray:
        return np.array([f[str(month)] for f in found])

    healthy = np.array([f["healthy"] for f in found])
    strong, weak, falls = of(0) / healthy, of(18) / healthy, (of(12) - of(18)) / 6.0
    strength = np.array([f["strength 18"] for f in found])
    return [
        row(bashford, "twitches in a strong ALS muscle", "x 10 (biceps), x 5 (calf)",
            f"x {told(strong, '')}", "encoded: ten times the kicks"),
        row(bashford, "in a weak one", "x 40 (biceps), x 1.5 (calf)",
            f"x {told(weak, '')} at {told(100 * strength, '%', 0)} of the strength",
            "not reproduced" if weak.mean() < strong.mean() else "direction"),
        row(bashford, "they fall in a weak one", "by 7.6 per minute in a month",
            f"by {told(falls, 'per minute in a month')}",
            "direction" if np.all(falls > 0.0) else "not reproduced"),
    ]  # fmt: skip


def of_tired(found: list[Found]) -> list[str]:
    """Return the rows of the threshold a minute after work that tires."""
    rows = []
    for name, cells in (("plain", ""), ("sodium", ", motoneurons with sodium")):
        fresh, after = (np.array([f[name][key] for f in found]) for key in ("fresh", "after"))
        weaker = 100.0 * np.array([f[name]["weaker"] for f in found])
        rows.append(
            row("Stone et al.", f"threshold after work that tires{cells}",
                "20.0 +- 7.7 -> 32.9 +- 11.7 Hz",
                f"{told(fresh, 'Hz')} -> {told(after, 'Hz')}, {told(weaker, '%', 0)} weaker",
                "direction" if np.mean(after > fresh) >= 0.8 else "not reproduced")
        )  # fmt: skip
    return rows


def of_endings(found: list[Found]) -> list[str]:
    """Return the rows of what ends a cramp."""
    n = len(found)

    def rest(name: str) -> int:
        return sum(f[name]["after"] <= 0.1 * max(f[name]["before"], 1) for f in found)

    def lasts(name: str) -> np.ndarray:
        return np.array([f[name]["duration"] for f in found])

    plain, als = lasts("plain"), lasts("als")
    hit = np.array([f["tendon"]["shocked"] for f in found])
    burne, ross = "Khan & Burne 2007", "Ross & Thomas 1995"
    rows = [
        row(ross, "stretch for 3 s ends it", "yes", f"in {rest('stretch 3 s')} of {n}",
            "direction" if rest("stretch 3 s") >= 0.8 * n else "not reproduced"),
        row(ross, "stretch for 10 s ends it", "yes", f"in {rest('stretch 10 s')} of {n}",
            "direction" if rest("stretch 10 s") >= 0.8 * n else "not reproduced"),
        row("clinical", "in ALS stretch fails", "",
            f"ends it in {rest('als, stretch 10 s')} of {n}",
            "direction" if rest("als, stretch 10 s") <= 0.5 * n else "not reproduced"),
        row("clinical", "in ALS cramps last longer", "",
            f"{als.mean():.0f} against {plain.mean():.0f} s (followed for 52 s)",
            "direction" if np.all(als >= plain - 1.0) else "not reproduced"),
        row(burne, "a shock to the tendon inhibits", "in all 8",
            f"to {told(100 * hit, '%', 0)} of the spikes",
            "direction" if np.all(hit < 1.0) else "not reproduced"),
    ]  # fmt: skip
    for name, source, said in (
        ("mexiletine 5 uM", "Weiss et al. 2016", "31 % (300 mg)"),
        ("mexiletine 8 uM", "Weiss et al. 2016", "16 % (900 mg)"),
        ("tizanidine", "Milanov 1994", "less excitable"),
    ):
        # of cramps that outlast the run with and without, nothing is known
        seen = [f["plain"]["ended"] or f[name]["ended"] for f in found]
        share = (lasts(name) / np.maximum(plain, 1e-9))[seen]
        rows.append(
            row(source, f"{name}: cramps left", f"{said}",
                f"{told(100 * share, '%', 0)} of the duration; shorter in "
                f"{np.sum(share < 1.0)} of {share.size} whose end was seen",
                "direction" if np.mean(share < 1.0) >= 0.9 else "not reproduced")
        )  # fmt: skip
    return rows


def of_asked(found: list[Found]) -> list[str]:
    """Return the rows of thresholds that change, and of twitches."""
    n = len(found)

    def of(key: str) -> np.ndarray:
        return np.array([f[key] for f in found], float)

    def against(key: str) -> str:
        """Return the threshold beside the person's own, where both were found."""
        both = np.isfinite(of("intact")) & np.isfinite(of(key))
        change = (of(key) - of("intact"))[both]
        return (
            f"{told(of('intact')[both], 'Hz')} -> {told(of(key)[both], 'Hz')}; higher in "
            f"{np.sum(change > 0)}, lower in {np.sum(change < 0)} of {n}"
        )

    def lower(key: str) -> str:
        return "direction" if np.nanmean(of(key) - of("intact")) < 0.0 else "not reproduced"

    steady = np.nanmax(np.abs(of("concentrated") - of("intact"))) <= 2.0
    twitches = of("fasciculations")
    return [
        row("Miller & Knight 2009", "threshold without a history of cramps",
            "14.9 against 25.5 Hz", against("no history"), "encoded: gate 0.9 mM higher"),
        row("Muscle Nerve 2017 56:E95", "threshold 5 min after a cramp", "18 -> 14 Hz",
            against("5 min after a cramp"), "encoded: sensitisation, off by default"),
        row("Muscle Nerve 2017 56:E95", "and 60 min after it", "lower for 60 min or more",
            against("60 min after a cramp"), "encoded: sensitisation, off by default"),
        row("Lau et al. 2019", "water after sweating lowers the threshold", "by 4 to 5 Hz",
            f"plasma Na and K 5 % thinner: {against('diluted')}", lower("diluted")),
        row("Miller et al. 2010", "3 % hypohydration does not change it", "unchanged",
            f"Na and K 3 % denser: {against('concentrated')}",
            "reproduced" if steady else "not reproduced"),
        row("Bashford et al. 2020", "twitches per minute in ALS",
            "median 40.5, 10.6 to 79.4", told(twitches, "per minute", 0),
            "encoded: ten times the kicks"),
    ]  # fmt: skip


#: Published findings that the model cannot answer, and the part that it has not.
NO_PART = (
    ("de Carvalho & Swash 2013", "twitches that begin in the cord", "14 to 44 %",
     "missing: chance kicks of motoneurons; all twitches begin in terminals"),
    ("Serrao et al. 2007", "a painful injection lowers the threshold", "31.2 -> 25.7 Hz",
     "missing: pain; the afferents' gate would be moved by hand"),
    ("Lau et al. 2019", "an electrolyte drink raises the threshold", "by 4 to 5 Hz",
     "missing: all of a drink but the ions of plasma"),
)  # fmt: skip


def of_no_part() -> list[str]:
    """Return the rows of findings for which the model has no part."""
    return [row(*finding, "no part for it") for finding in NO_PART]


def of_parts(found: dict[str, Found], head: str) -> list[str]:
    """Return the table of cramps without a part."""
    lines = [f"| {head} | lasts | rate | variation |", "| --- | --- | --- | --- |"]
    for name, each in found.items():
        more = "" if each["ended"] else "more than "
        said = f"{more}{each['duration']:.0f} s" if each["elicited"] else "no cramp"
        rate = (
            f"{each['rate']:.1f} Hz | {100 * each['cv']:.0f} %" if each["elicited"] else "- | -"
        )
        lines.append(f"| {name} | {said} | {rate} |")
    return lines


def page(kept: dict[str, Any]) -> str:
    """Return what was found as Markdown."""
    parts = []
    for name, title, made in (
        ("subjects", "{} model subjects", of_tests),
        ("sodium", "{} of them whose motoneurons have sodium", of_cramps),
        ("endings", "What ends a cramp, in {} of them", of_endings),
        ("daily", "How often a muscle cramps, in {} of them", of_daily),
        ("elicited", "Muscles by name, and contractions at will, in {} subjects", of_elicited),
        ("twitches", "Twitches, in {} subjects", of_twitches),
        ("draws", "{} joint changes of all tuned numbers by up to 10 %", of_tests),
        ("seeds", "One subject on {} days (other noise)", of_days),
        ("asked", "What changes the threshold, in {} subjects", of_asked),
        ("tired", "After work, in {} subjects", of_tired),
    ):
        if kept.get(name):
            asked = len(PARTS[name][1])
            n = len(kept[name])
            head = title.format(n if n == asked else f"{n} (of {asked} asked for)")
            parts += [f"## {head}", "", *HEAD, *made(list(kept[name].values())), ""]
    parts += ["## No part for it", "", *HEAD, *of_no_part(), ""]
    left = ", ".join(f"`--part {name}`" for name in PARTS if not kept.get(name))
    parts += [f"Written, but not run: {left}.", ""] if left else []
    for name, title, head in (
        ("parts", "Without a part (one subject, 18 Hz)", "without"),
        ("held", "Where nothing outside motoneurons fades (one subject, 18 Hz)", "what"),
    ):
        if kept.get(name):
            parts += [f"## {title}", "", *of_parts(kept[name], head), ""]
    return "\n".join(parts)


def measured(
    part: str, known: Found, units: int, workers: int, most: int | None
) -> Iterator[tuple[str, Found]]:
    """Measure the first cases of a part, less those that are known, and give each when done."""
    test, cases = PARTS[part]
    left = [case for case in cases[:most] if str(case) not in known]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        waiting = {pool.submit(test, (case, units)): str(case) for case in left}
        try:
            for done in as_completed(waiting):
                yield waiting[done], done.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def main() -> None:
    """Measure what is asked for, and print the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", action="append", choices=PARTS)
    parser.add_argument("--units", type=int, default=24)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--most", type=int, help="cases of each part; all if not told")
    parser.add_argument("--json", type=Path, default=Path("cramp_scoreboard.json"))
    parser.add_argument("--page", type=Path)
    asked = parser.parse_args()
    kept = json.loads(asked.json.read_text()) if asked.json.exists() else {}
    for part in asked.part or ():
        began = time.perf_counter()
        known = kept.get(part, {})
        for label, found in measured(part, known, asked.units, asked.workers, asked.most):
            known = {**known, label: found}
            kept[part] = {str(c): known[str(c)] for c in PARTS[part][1] if str(c) in known}
            disk.write(asked.json, json.dumps(kept, indent=1))
            print(f"{part} {label}: {time.perf_counter() - began:.0f} s", flush=True)
    print(page(kept))
    if asked.page is not None:
        text = asked.page.read_text()
        head, _, _ = text.partition(MARK)
        asked.page.write_text(f"{head}{MARK}\n\n{page(kept)}")


#: What follows it on the page is made by this script.
MARK = "<!-- by benchmarks/cramp_scoreboard.py -->"

if __name__ == "__main__":
    main()
