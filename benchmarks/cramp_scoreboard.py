"""Experiments on human cramps, repeated on model muscles, and what comes out, row by row.

    python benchmarks/cramp_scoreboard.py [--part subjects|seeds|draws|endings|asked|parts ...]
        [--units 24] [--workers 2] [--json FILE] [--page FILE]

Each part adds what it measured to the JSON file; the page is made of all that is there.
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
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

import mnexcite as mx
from mnexcite import motor_pool as mp

SUBJECTS = 20
SEEDS, DRAWS, ASKED = 8, 20, 4
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

    def threshold(each: mp.Pool, longest: float = 2000.0) -> mp.Threshold:
        return mp.cramp_threshold(each, lowest=FIRST, longest=longest, threads=1)

    def plasma(times: float) -> mp.Pool:
        Na, K = 145.0 * times, 4.0 * times
        return pool.under(mx.conditions.electrolytes(Na_o=Na, K_o=K))

    sensitive = pool.replaced({"sensitisation.rise": 1.0 / 30_000.0})
    before = threshold(sensitive, longest=120_000.0)
    after = before.activity.standing.shared.sensitisation
    found: Found = {"intact": before.frequency, "sensitised": after}
    for minutes in (5, 60):
        left = after * np.exp(-6e4 * minutes / pool["sensitisation.tau"])
        moved = {"afferent.half": half - pool["afferent.sensitised"] * left}
        found[f"{minutes} min after a cramp"] = threshold(pool.replaced(moved)).frequency
    found["no history"] = threshold(pool.replaced({"afferent.half": half + 0.9})).frequency
    found["diluted"] = threshold(plasma(0.95)).frequency
    found["concentrated"] = threshold(plasma(1.03)).frequency
    sick = pool.under(mx.conditions.als_early(0.5)).scaled({"twitches.rate": 10.0})
    found["fasciculations"] = float(mp.expected_fasciculations(sick).sum())
    return found


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
    end = 1e3 * mp.STIMULI / 18.0
    run = mp.contract(
        changed[name],
        mp.length(-1.0) + mp.train(18.0),
        duration=end + 120_000.0,
        threads=1,
        until=lambda now: now.duration > end + 1500.0 and mp.cramp_after(now, end).ended,
    )
    cramp = mp.cramp_after(run, end)
    keys = ("elicited", "ended", "units")
    return {key: getattr(cramp, key) for key in keys} | {
        "name": name,
        "duration": 1e-3 * cramp.duration,
        "rate": cramp.rate,
        "cv": cramp.cv,
    }


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
    "seeds": (seeded, tuple(range(SEEDS))),
    "draws": (drawn, tuple(range(DRAWS))),
}


def values(found: list[Found], key: str, which: str = "intact") -> np.ndarray:
    """Return one number of each test that found a cramp."""
    return np.array([f[which][key] for f in found if f[which]["frequency"] is not None], float)


def told(x: np.ndarray, unit: str, digits: int = 1) -> str:
    """Return mean and standard deviation."""
    return f"{x.mean():.{digits}f} +- {x.std():.{digits}f} {unit}"


def row(source: str, finding: str, published: str, ours: str, verdict: str) -> str:
    """Return a row of the page."""
    return f"| {source} | {finding} | {published} | {ours} | {verdict} |"


def within(x: np.ndarray, mean: float, spread: float) -> str:
    """Return whether the mean lies within the published spread."""
    return "reproduced" if abs(x.mean() - mean) <= spread else "not reproduced"


HEAD = ["| source | finding | published | here | verdict |", "| --- | --- | --- | --- | --- |"]


def of_tests(found: list[Found]) -> list[str]:
    """Return the rows of threshold tests."""
    first, then = "Minetto et al. 2009", "Minetto et al. 2011"
    ctf, blocked = values(found, "frequency"), values(found, "frequency", "block")
    lasts, short = values(found, "duration"), values(found, "duration", "block")
    pairs = [(f["intact"]["frequency"], f["block"]["frequency"]) for f in found]
    higher = sum(a is not None and b is not None and b > a for a, b in pairs)
    sd = values(found, "sd_with_mean")
    sd = sd[np.isfinite(sd)]
    rows = [
        row(then, "threshold, intact", "13 +- 3 Hz", told(ctf, "Hz"), within(ctf, 13, 3)),
        row(then, "threshold, nerve blocked", "18 +- 3 Hz", told(blocked, "Hz"),
            within(blocked, 18, 3)),
        row(then, "the block raises the threshold", "in all 8", f"in {higher} of {len(found)}",
            "direction" if higher >= 0.8 * len(found) else "not reproduced"),
        row(then, "duration, intact", "55.6 +- 19.2 s",
            f"{told(lasts, 's')}; {sum(values(found, 'ended') == 1)} of {lasts.size} end",
            within(lasts, 55.6, 19.2)),
        row(then, "duration, blocked", "2.6 +- 1.3 s", told(short, "s"),
            within(short, 2.6, 1.3)),
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
        rows.append(
            row(
                first,
                finding,
                f"{mean:g} +- {spread:g} {unit}",
                told(x, unit),
                within(x, mean, spread),
            )
        )
    x = values(found, "rate", "block")
    x = x[np.isfinite(x)]
    rows.append(
        row(then, "rate, blocked", "25.7 +- 11.6 Hz", told(x, "Hz"), within(x, 25.7, 11.6))
    )
    more = np.sum(x > values(found, "rate").mean())
    rows.append(
        row(then, "rates are higher under block", "25.7 against 20.0 Hz",
            f"in {more} of {x.size}",
            "direction" if more >= 0.8 * x.size else "not reproduced")
    )  # fmt: skip
    rows.append(
        row(first, "spread of intervals grows with their mean", "R2 0.37",
            f"R2 {np.mean(sd**2):.2f}", "direction" if np.all(sd > 0) else "not reproduced")
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


NOT_ASKED = """Not asked:

- threshold up after exercise that tires (Stone): the model has no process that raises it for minutes;
- people in whom a muscle cramps at all, 22, 20, 16 and 5 of 22: that decided the muscles' potassium ([muscles by name](#muscles-by-name));
- 5.3 cramps a day in ALS: it decided the number of triggers ([a day](#a-day));
- twitches ten times as many in strong muscles and fewer month by month in weak ones: put in by kicks and by the death of units ([months](#months-of-a-disease));
- share of twitches that begin in the spinal cord, 14 to 44 %: the model has no chance kicks of somas, all begin in terminals;
- a drink that raises the threshold: the model has no drink but its ions."""  # noqa: E501


def of_parts(found: list[Found]) -> list[str]:
    """Return the table of cramps without a part."""
    lines = ["| without | lasts | rate | variation |", "| --- | --- | --- | --- |"]
    for each in found:
        more = "" if each["ended"] else "more than "
        said = f"{more}{each['duration']:.0f} s" if each["elicited"] else "no cramp"
        rate = (
            f"{each['rate']:.1f} Hz | {100 * each['cv']:.0f} %" if each["elicited"] else "- | -"
        )
        lines.append(f"| {each['name']} | {said} | {rate} |")
    return lines


def page(kept: dict[str, Any]) -> str:
    """Return what was found as Markdown."""
    parts = []
    for name, title, made in (
        ("subjects", "Twenty model subjects", of_tests),
        ("endings", "What ends a cramp, in eight of them", of_endings),
        ("draws", "{} joint changes of all tuned numbers by up to 10 %", of_tests),
        ("seeds", "One subject on {} days (other noise)", of_tests),
        ("asked", "What changes the threshold, in {} subjects", of_asked),
    ):
        if name in kept:
            head = title.format(len(kept[name]))
            parts += [f"## {head}", "", *HEAD, *made(kept[name]), ""]
    parts += [NOT_ASKED, ""]
    left = ", ".join(f"`--part {name}`" for name in ("draws", "asked") if name not in kept)
    parts += [f"Written, but not run to the end: {left}.", ""] if left else []
    if "parts" in kept:
        parts += ["## Without a part (one subject, 18 Hz)", "", *of_parts(kept["parts"]), ""]
    return "\n".join(parts)


def main() -> None:
    """Measure what is asked for, and print the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", action="append", choices=PARTS)
    parser.add_argument("--units", type=int, default=24)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", type=Path, default=Path("cramp_scoreboard.json"))
    parser.add_argument("--page", type=Path)
    asked = parser.parse_args()
    kept = json.loads(asked.json.read_text()) if asked.json.exists() else {}
    context = multiprocessing.get_context("spawn")
    for part in asked.part or ():
        test, cases = PARTS[part]
        began = time.perf_counter()
        with ProcessPoolExecutor(asked.workers, mp_context=context) as pool:
            kept[part] = list(pool.map(test, [(case, asked.units) for case in cases]))
        print(f"{part}: {time.perf_counter() - began:.0f} s", flush=True)
        asked.json.write_text(json.dumps(kept, indent=1))
    print(page(kept))
    if asked.page is not None:
        text = asked.page.read_text()
        head, _, _ = text.partition(MARK)
        asked.page.write_text(f"{head}{MARK}\n\n{page(kept)}")


#: What follows it on the page is made by this script.
MARK = "<!-- by benchmarks/cramp_scoreboard.py -->"

if __name__ == "__main__":
    main()
