"""Published findings that a single cell can answer, and what ours says, row by row.

    python benchmarks/scoreboard.py [--page docs/scoreboard.md] [--json FILE]

Spreads are over joint changes by 10 % of all tuned numbers of the cramping motoneuron, as in
`cramping_cell.py`. Verdicts: *reproduced*, within the published spread; *direction*, the sign
alone; *not reproduced*; *encoded*, put in by hand, so that it shows nothing.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from cramping_cell import (
    CELL,
    FULL,
    HELD,
    TRAIN_END,
    WATCH,
    Rows,
    course,
    draws,
    own,
    parts,
    run,
    train,
)
from numpy.typing import NDArray

import mnexcite as mx

Array = NDArray[np.float64]
DRAWS, SEED = 20, 3
#: Seeds of the noise, and its standard deviation [uA/cm2].
SEEDS, NOISE = 40, 0.6
#: A longer interval ends a cramp [ms], as in Minetto et al. 2009.
PAUSE = 500.0
VERDICTS = ("reproduced", "direction", "not reproduced", "encoded")


@dataclass(frozen=True)
class Row:
    """Hold a published finding and what the cell gives."""

    source: str
    finding: str
    published: str
    ours: str
    verdict: str


def told(values: Array, unit: str, digits: int = 1) -> str:
    """Return mean and spread."""
    return f"{values.mean():.{digits}f} +- {values.std():.{digits}f} {unit}"


def within(values: Array, mean: float, spread: float) -> str:
    """Return whether the mean lies within the published spread."""
    return "reproduced" if abs(values.mean() - mean) <= spread else "not reproduced"


def sign(holds: NDArray[np.bool_]) -> str:
    """Return `direction` where it holds in nine draws of ten."""
    return "direction" if holds.mean() >= 0.9 else "not reproduced"


def cramps(rows: Rows, besides: mx.stimuli.Stimulus | None = None) -> list[Array]:
    """Return each draw's intervals between spikes after the train [ms], facilitation fading."""
    drive = train() if besides is None else train() + besides
    trains = run(rows, drive, 100.0, FULL, held=False)
    return [np.diff(s[s > TRAIN_END + 200.0]) for s in trains]


def noise() -> mx.stimuli.Stimulus:
    """Return a current that leaves the healthy cell silent."""
    return mx.stimuli.ornstein_uhlenbeck(NOISE, unit="uA/cm2", tau=5.0, every=0.5)


def variation(intervals: list[Array]) -> Array:
    """Return the variation of successive intervals [%], which a slowing does not raise."""
    changes = [np.diff(x).std() / np.sqrt(2) / x.mean() for x in intervals]
    return 100.0 * np.array(changes)


def of_cramps(rows: Rows) -> list[Row]:
    """Compare with electrically elicited cramps of the abductor hallucis."""
    intervals = [x for x in cramps(rows) if x.size > 12]
    mean = np.array([1e3 / x.mean() for x in intervals])
    six = [6e3 / np.convolve(x, np.ones(6), "valid") for x in intervals]
    low, high = (np.array([pick(x) for x in six]) for pick in (np.min, np.max))
    lasted = np.array([x.sum() * 1e-3 for x in intervals])
    cv = variation(intervals)
    # the firing that noise sets off now and then, after the cramp, is none of it
    noisy = [x[: np.argmax(np.append(x, np.inf) > PAUSE)] for x in cramps(rows, noise())]
    varied = variation([x for x in noisy if x.size > 12])
    minetto = "Minetto et al. 2009"
    return [
        Row(
            minetto,
            "rate in a cramp",
            "14.5 +- 5.1 Hz",
            told(mean, "Hz"),
            within(mean, 14.5, 5.1),
        ),
        Row(minetto, "least rate", "6.0 +- 0.8 Hz", told(low, "Hz"), within(low, 6.0, 0.8)),
        Row(
            minetto,
            "greatest rate",
            "25.0 +- 8.0 Hz",
            told(high, "Hz"),
            within(high, 25.0, 8.0),
        ),
        Row(
            minetto,
            "a unit's cramp lasts",
            "23.6 +- 16.2 s",
            told(lasted, "s"),
            within(lasted, 23.6, 16.2),
        ),
        Row(
            minetto,
            "variation of successive intervals, without noise",
            "44.6 +- 9.7 %",
            told(cv, "%"),
            within(cv, 44.6, 9.7),
        ),
        Row(
            minetto,
            "the same under noise that leaves a healthy cell silent",
            "44.6 +- 9.7 %",
            told(varied, "%"),
            within(varied, 44.6, 9.7),
        ),
    ]


def of_ends(rows: Rows) -> list[Row]:
    """Compare how a cramp ends, and what firing leaves behind, with facilitation held."""
    trains = {level: run(rows, train(), WATCH, level, held=True) for level in (HELD, FULL)}
    lasted = {level: course(spikes)[0] for level, spikes in trains.items()}
    until = WATCH - TRAIN_END / 1e3 - 1.0
    ended = (lasted[HELD] < until) & (lasted[FULL] < until)
    still = CELL.replaced({"Na_i.alpha": 0.0})
    fixed = {path: column for path, column in rows.items() if path != "Na_i.alpha"}
    endless = course(run(fixed, train(), 60.0, HELD, True, still))[0]
    rest = mx.simulate(CELL, duration=0.01, parameters=parts(rows), initial="rest", record=())
    after = mx.simulate(
        CELL,
        train(),
        duration=200_000.0,
        parameters=parts(rows),
        initial=rest.final_state.at(0.0),
        record=("v", "Na_i"),
        every=1000.0,
    )
    assert isinstance(after, mx.Batch)
    v, inside = (np.array([rec[name] for rec in after]) for name in ("v", "Na_i"))
    deeper = v[:, 0] - v[:, 15]  # some 6 s after the train
    over = (inside - inside[:, :1])[:, 15:]
    # the time to a fall by e
    decay = np.array([np.argmax(x < x[0] / np.e) for x in over], float)
    minutes = mx.stimuli.step(4.0, unit="uA/cm2", start=100.0)
    falling = run(rows, minutes, 60.0, 0.0, held=True)
    early, late = (
        np.array([1e3 / np.diff(s[s < t])[-1] for s in falling]) for t in (5_000.0, 60_000.0)
    )
    change = 100.0 * (late / early - 1.0)
    return [
        Row(
            *("Minetto et al. 2009", "a cramp ends by itself", "units after 23.6 +- 16.2 s"),
            f"facilitation held at 1.2: {told(lasted[HELD], 's', 0)}, at 1.65: "
            f"{told(lasted[FULL], 's', 0)}; {int(ended.sum())} of {DRAWS + 1} "
            f"within {WATCH:g} s",
            sign(ended),
        ),
        Row(
            *("Grafe et al. 1982", "sodium inside and its pump hyperpolarise after firing"),
            "hyperpolarised, ouabain blocks it",
            f"{told(deeper, 'mV')} 6 s after 240 spikes; where sodium is held, "
            f"{int((endless > 50.0).sum())} of {DRAWS + 1} cramps go on",
            sign((deeper > 0.1) & (endless > 50.0)),
        ),
        Row(
            *("Zhang & Sillar 2012", "how long that lasts, in tadpoles", "about 1 minute"),
            f"a fall by e takes {told(decay, 's', 0)}",
            "direction" if 30.0 <= decay.mean() <= 120.0 else "not reproduced",
        ),
        Row(
            *("Héroux et al.", "excitability recovers after minutes at 10 Hz"),
            "time constant 28 s, not complete at 240 s",
            f"{told(decay, 's', 0)}",
            "not reproduced" if decay.mean() > 56.0 else "direction",
        ),
        Row(
            *("Macefield et al. 2000", "rate at 60-90 s of a contraction, to that before"),
            "14.0 +- 0.5 to 15.8 +- 0.7 Hz: -11 %, at will",
            f"{told(change, '%', 0)} from 5 to 60 s, at 4 uA/cm2",
            "direction" if change.mean() < -2.0 else "not reproduced",
        ),
    ]


def last_rate(cell: mx.Cell, rows: Rows, current: float) -> Array:
    """Return the last rate of each draw under a step [Hz], 0 where it stops."""
    drive = mx.stimuli.step(current, unit="uA/cm2", start=100.0)
    known = {path: column for path, column in parts(rows).items() if path in cell.scalars}
    batch = mx.simulate(cell, drive, duration=3000.0, parameters=known, record=())
    return np.array(
        [
            1e3 / np.diff(s)[-1] if s.size > 2 and s[-1] > 2500.0 else 0.0
            for s in batch.spike_times
        ]
    )


def scaled(rows: Rows, **factors: float) -> Rows:
    """Return draws with numbers multiplied, `_` for the dot of a path."""
    paths = {name.replace("_", "."): factor for name, factor in factors.items()}
    known = {path: CELL.parameters[path].value for path in paths if path not in rows}
    base = {
        path: rows[path] if path in rows else np.full(DRAWS + 1, known[path]) for path in paths
    }
    return {**rows, **{path: base[path] * factor for path, factor in paths.items()}}


def of_disease(rows: Rows) -> list[Row]:
    """Compare with motoneurons in ALS."""
    gains = {}
    for name, changed in (("control", rows), ("nap", scaled(rows, NaP_g=2.0))):
        low, high = (last_rate(CELL, changed, i) for i in (6.0, 12.0))
        gains[name] = low, high
    treated = CELL.under(mx.conditions.riluzole(2.0))
    back = last_rate(treated, scaled(rows, NaP_g=2.0), 6.0)
    more = gains["nap"][0] - gains["control"][0]
    returned = np.abs(back - gains["control"][0])
    weaker = last_rate(CELL, scaled(rows, Kdr_g=0.7, KM_g=0.7), 6.0)
    opened = CELL.under(mx.conditions.retigabine(10.0))
    quiet = last_rate(opened, scaled(rows, Kdr_g=0.7, KM_g=0.7), 6.0)
    adult = last_rate(CELL, scaled(rows, leak_g=1.25), 6.0) - gains["control"][0]
    return [
        Row(
            *("Kuo et al. 2004, 2005", "more persistent sodium raises the rate", "much higher"),
            f"x2: {told(more, 'Hz')} at 6 uA/cm2",
            sign(more > 0.0),
        ),
        Row(
            *("Kuo et al. 2005", "riluzole brings it back", "to control"),
            f"2 uM: {told(returned, 'Hz')} from control",
            "encoded",
        ),
        Row(
            *("Wainger et al. 2014", "less delayed rectifier excites", "hyperexcitable"),
            f"K x0.7: {told(weaker - gains['control'][0], 'Hz')} at 6 uA/cm2",
            sign(weaker > gains["control"][0]),
        ),
        Row(
            *("Wainger et al. 2014", "retigabine quiets it", "blocks it"),
            f"10 uM: {told(quiet - weaker, 'Hz')}",
            sign(quiet < weaker),
        ),
        Row(
            *("Delestree et al. 2014", "adult: larger input conductance, less excitable"),
            "unchanged or hypoexcitable",
            f"leak x1.25: {told(adult, 'Hz')}",
            "encoded",
        ),
    ]


def inactivation_shift(c: float) -> float:
    """Return by how much carbamazepine moves the half of sodium's availability [mV]."""
    v = np.arange(-120.0, -40.0, 2.0)
    site = CELL.under(mx.conditions.carbamazepine(c))
    held = [
        mx.simulate(site, mx.stimuli.voltage_clamp(float(each)), duration=3000.0).final_state
        for each in v
    ]
    plain, free = (
        np.array([float(state[name][0]) for state in held])
        for name in ("Na.h", "Na.inactivated_slowly")
    )
    half = [float(np.interp(0.5, (x / x.max())[::-1], v[::-1])) for x in (plain, plain * free)]
    return half[1] - half[0]


def of_drugs(rows: Rows) -> list[Row]:
    """Compare with what drugs do."""
    free = np.array([x.sum() for x in cramps(rows)])
    treated, found = CELL.under(mx.conditions.mexiletine(5.0)), {}
    for c in (2.8, 8.0):
        given = {**parts(rows), "mexiletine.c": np.full(DRAWS + 1, c)}
        start = mx.simulate(treated, duration=0.01, parameters=given, initial="rest", record=())
        state = start.final_state
        values = state.values.copy()
        values[state.names.index("facilitation")] = FULL
        batch = mx.simulate(
            treated,
            train(),
            duration=60_000.0,
            parameters=given,
            initial=replace(state.at(0.0), values=values, raw=values),
            record=(),
        )
        left = [np.diff(s[s > TRAIN_END + 200.0]).sum() for s in batch.spike_times]
        found[c] = 100.0 * np.array(left) / free
    weiss = "Weiss et al. 2016"
    rest = [
        mx.equations.equilibria(treated.replaced({"mexiletine.c": c}))[0] for c in (2.8, 8.0)
    ]
    shift = inactivation_shift(250.0)
    calmed = CELL.under(mx.conditions.tizanidine())
    share = calmed.parameters["CAN.g"].value / CELL.parameters["CAN.g"].value
    less = {**rows, "CAN.g": share * rows["CAN.g"]}
    calm = 100.0 * np.array([x.sum() for x in cramps(less)]) / free
    late = ", ".join(f"{100 * (1 - e.state['NaP.late']):.0f}" for e in rest)
    return [
        Row(
            *(weiss, "mexiletine, 300 mg: cramps left", "31 % of placebo, in number"),
            f"2.8 uM: {told(found[2.8], '%', 0)} of the duration",
            sign(found[2.8] < 100.0),
        ),
        Row(
            *(weiss, "mexiletine, 900 mg: cramps left", "16 % of placebo, in number"),
            f"8 uM: {told(found[8.0], '%', 0)} of the duration",
            sign(found[8.0] < found[2.8]),
        ),
        Row(
            *("Wang et al. 2004", "late sodium blocked at 2.8 and 8 uM", "27, 52 %"),
            f"{late} %",
            "encoded",
        ),
        Row(
            *("Hebeisen et al. 2015", "carbamazepine, 250 uM: half of fast inactivation"),
            "-12.0 mV, in neuroblastoma cells",
            f"{shift:.1f} mV, by a half concentration of 25 uM from another assay",
            "direction" if shift < 0.0 else "not reproduced",
        ),
        Row(
            *("Milanov 1994", "tizanidine makes motoneurons less excitable", "F wave down"),
            f"cramp: {told(calm, '%', 0)} of the duration; the size of its effect is a guess",
            sign(calm < 100.0),
        ),
        Row(
            *("Urbani & Belluzzi 2000", "riluzole, 2 uM: persistent sodium left", "50 %"),
            "50 %",
            "encoded",
        ),
        Row(
            *(
                "Tatulian & Brown 2003",
                "retigabine, 10 uM: half-activation of KCNQ",
                "-11.4 mV",
            ),
            "-11.4 mV",
            "encoded",
        ),
    ]


def of_twitches(rows: Rows) -> list[Row]:
    """Compare with spontaneous twitches, under noise of a size that leaves health silent."""
    del rows
    early = mx.conditions.als_early()
    cells = {
        "healthy": CELL,
        "early": CELL.under(early),
        "treated": CELL.under(early, mx.conditions.mexiletine(5.0)),
    }
    found, doublets = {}, {}
    for name, cell in cells.items():
        batch = mx.simulate(
            cell,
            noise(),
            duration=60_000.0,
            parameters={"C": np.ones(SEEDS)},
            initial="rest",
            seed=SEED,
            record=(),
        )
        found[name] = np.array([s.size for s in batch.spike_times], float)
        doublets[name] = sum(int(np.sum(np.diff(s) < 20.0)) for s in batch.spike_times)
    share = 100.0 * doublets["early"] / max(found["early"].sum(), 1.0)
    healthy, early_ = (told(found[name], "/min") for name in ("healthy", "early"))
    return [
        Row(
            *(
                "Bashford et al. 2020",
                "twitches: more in ALS than without",
                "x10 in strong muscles",
            ),
            f"als_early {early_}, {share:.0f} % doublets; healthy {healthy}",
            sign(np.array([found["early"].mean() > 10.0 * found["healthy"].mean()])),
        ),
        Row(
            *("Oskarsson et al. 2018", "mexiletine leaves twitches as they are", "unchanged"),
            f"5 uM: {told(found['treated'], '/min')}",
            "not reproduced"
            if found["treated"].mean() < 0.5 * found["early"].mean()
            else "direction",
        ),
    ]


def of_surroundings(rows: Rows) -> list[Row]:
    """Compare with heat and potassium."""

    def rests(**changed: float) -> Array:
        given = {
            **parts(rows),
            **{k.replace("__", "."): np.full(DRAWS + 1, v) for k, v in changed.items()},
        }
        start = mx.simulate(CELL, duration=0.01, parameters=given, initial="rest", record=())
        return start.final_state["v"]

    plain = rests()
    warm, salty = rests(temperature=43.0) - plain, rests(ions__K_o=6.5) - plain
    return [
        Row(
            *("Howells et al. 2013", "6 degrees warmer: rest of a motor axon", "-2 mV"),
            told(warm, "mV"),
            sign(warm < -0.2),
        ),
        Row(
            *("Krishnan et al. 2005", "high potassium depolarises", "depolarised"),
            f"6.5 mM: {told(salty, 'mV')}",
            sign(salty > 0.2),
        ),
    ]


SECTIONS: tuple[tuple[str, Callable[[Rows], list[Row]]], ...] = (
    ("Cramps", of_cramps),
    ("Ends", of_ends),
    ("Disease", of_disease),
    ("Drugs", of_drugs),
    ("Twitches", of_twitches),
    ("Heat and potassium", of_surroundings),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--page", type=Path)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    rows = draws(DRAWS, SEED, own())
    found = {title: section(rows) for title, section in SECTIONS}
    lines = []
    for title, listed in found.items():
        lines += [f"## {title}", "", "| source | finding | published | here | verdict |"]
        lines += ["| --- | --- | --- | --- | --- |"]
        lines += [f"| {' | '.join(asdict(row).values())} |" for row in listed] + [""]
    text = "\n".join(lines)
    print(text)
    if args.page:
        head = args.page.read_text(encoding="utf-8").split("## Cramps")[0]
        args.page.write_text(head + text, encoding="utf-8")
    if args.json:
        told_ = {title: [asdict(row) for row in listed] for title, listed in found.items()}
        args.json.write_text(json.dumps(told_, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
