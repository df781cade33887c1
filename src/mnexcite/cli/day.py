"""`mnexcite day`: how often a muscle cramps in a day, with and without a drug."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mnexcite.cli import console, options, results
from mnexcite.cli.exits import INTERRUPTED, NOTHING, SOME_FAILED, say

if TYPE_CHECKING:
    from rich.table import Table

    from mnexcite.motor_pool import Day, Pool

BASIS = (
    "Published: 5.3 cramps a day in ALS (Stephens et al. 2017); a third fewer under "
    "mexiletine, fasciculations unchanged (Oskarsson et al. 2018). Calibrated by us: the "
    "number of hard contractions a day, to 5 cramps or so. Assumed: their length, and all "
    "that a cramp rests on (docs/motor-pool.md)."
)


def day(
    units: options.Units = 24,
    muscle: options.MuscleName = "abductor_hallucis",
    hours: Annotated[
        float,
        typer.Option(
            help="Length of the day, h.",
            callback=options.number("above 0, to 1000", above=0.0, highest=1000.0, unit="h"),
        ),
    ] = 24.0,
    per_hour: Annotated[
        float,
        typer.Option(
            help="Hard contractions of the shortened muscle per hour, at random.",
            callback=options.number("above 0, to 1000", above=0.0, highest=1000.0),
        ),
    ] = 2.0 / 3.0,
    lasts: Annotated[
        float,
        typer.Option(
            metavar="S",
            help="Mean length of a contraction, s; lengths are exponential.",
            callback=options.number("0.001 to 1000", lowest=1e-3, highest=1e3, unit="s"),
        ),
    ] = 1.0,
    train: Annotated[
        float | None,
        typer.Option(
            metavar="HZ",
            help="Trains to the motor nerve in place of contractions.",
            callback=options.number("1 to 200", lowest=1.0, highest=200.0, unit="Hz"),
        ),
    ] = None,
    longest: Annotated[
        float,
        typer.Option(
            metavar="S",
            help="How long a cramp is followed, s; then it is taken as broken.",
            callback=options.number("2 to 10000", lowest=2.0, highest=1e4, unit="s"),
        ),
    ] = 300.0,
    preset: Annotated[
        str,
        typer.Option(
            help="The condition of the muscle, such as als_early; none for a healthy one."
        ),
    ] = "als_early",
    strength: options.Strength = 0.5,
    drug: Annotated[
        str,
        typer.Option(
            metavar="NAME=UM",
            help="Drug of the second day and its free concentration; none for no such day.",
        ),
    ] = "mexiletine=8",
    seed: options.Seed = 0,
    out: Annotated[
        Path, typer.Option(help="Folder for figure and data; a day there is gone on with.")
    ] = Path("day"),
    threads: options.Threads = None,
    figure: Annotated[bool, typer.Option(help="Draw day.png.")] = True,
) -> None:
    """Count the cramps of a day: contractions at random, with and without a drug.

    Both days get the same contractions and the same noise. What is computed is kept at once:
    after Ctrl-C the same command goes on.
    """
    import os

    from mnexcite import motor_pool as mp

    cases = _cases(mp.muscle_pool(muscle, units, seed=seed), preset, strength, drug)
    results.check_folder(out)
    results.folder(out)
    stopped = False
    with console.progress("days") as advance:
        try:
            days = mp.day_several(
                {name: pool for name, (_, pool) in cases.items()},
                folder=out,
                workers=min(threads or os.cpu_count() or 1, len(cases)),
                progress=advance,
                hours=hours,
                per_hour=per_hour,
                lasts=1e3 * lasts,
                train=train,
                longest=1e3 * longest,
                seed=seed,
            )
        except KeyboardInterrupt as error:  # Interrupted, or before a trigger was done
            there = getattr(error, "partial", None)
            if not isinstance(there, dict):
                say(NOTHING)
                raise typer.Exit(INTERRUPTED) from None
            days, stopped = there, True
    titles = {name: title for name, (title, _) in cases.items()}
    console.out().print(
        f"{units} motor units, muscle short; on average {per_hour:.2g} "
        f"{'contractions' if train is None else f'trains at {train:g} Hz'} "
        f"per hour, each of {lasts:g} s"
    )
    console.out().print(_table(days, titles))
    if {"muscle", "drug"} <= set(days):
        console.out().print(_sentence(days["muscle"], days["drug"], titles["drug"]))
    console.out().print(BASIS)
    written = [f"{name}.json" for name in days]
    if figure:
        from mnexcite import plots

        drawn = {titles[name]: each for name, each in days.items()}
        canvas = plots.new_figure(11.0, 1.2 + 2.9 * len(drawn))
        plots.save(plots.day(drawn, canvas), out / "day.png")
        written = ["day.png", *written]
    results.tell(out, written)
    if stopped:
        say(f"interrupted; what was computed is in {out}, and the same command goes on")
        raise typer.Exit(INTERRUPTED)
    if any(each.status != "ok" for found in days.values() for each in found.triggers):
        raise typer.Exit(SOME_FAILED)


def _cases(pool: Pool, preset: str, strength: float, drug: str) -> dict[str, tuple[str, Pool]]:
    """Return name -> title and pool."""
    from mnexcite.cli.sickness import dose
    from mnexcite.conditions import DRUGS, PRESETS
    from mnexcite.errors import choice
    from mnexcite.motor_pool.elicited import sick

    if preset == "none":
        title = "Healthy muscle"
    else:
        choice("--preset", preset, [*PRESETS, "none"])
        pool = sick(pool, PRESETS[preset](strength))
        title = f"Sick muscle\n{preset}, strength {strength:g}"
    cases = {"muscle": (title, pool)}
    if drug != "none":
        name, c = dose(drug)
        first, _, rest = title.partition("\n")
        said = f"{first} with {name} {c:g} uM"
        cases["drug"] = (f"{said}\n{rest}" if rest else said, pool.under(DRUGS[name](c)))
    return cases


def _table(days: Mapping[str, Day], titles: Mapping[str, str]) -> Table:
    made = console.table("", *(titles[name].replace("\n", ": ") for name in days))

    def of_cramps(d: Day, of: Callable[[list[float]], float]) -> str:
        if not d.cramps:
            return "-"
        ended = all(each.ended for each in d.cramps)
        return console.lasts(of([each.duration for each in d.cramps]), ended, 0)

    def longest(found: Day) -> str:
        last = max(found.cramps, key=lambda each: each.duration, default=None)
        return "-" if last is None else console.lasts(last.duration, last.ended, 0)

    def rate(d: Day) -> str:
        rates = [each.rate for each in d.cramps]
        return console.number(sum(rates) / len(rates), 0) if rates else "-"

    for row, of in (
        ("Hours computed", lambda d: console.number(d.hours, 1)),
        ("Contractions" if _by_effort(days) else "Trains", lambda d: str(len(d.triggers))),
        ("Cramps", lambda d: str(len(d.cramps))),
        ("Cramps per day", lambda d: console.number(d.per_day, 1)),
        ("Mean duration [s]", lambda d: of_cramps(d, lambda some: sum(some) / len(some))),
        ("Longest [s]", longest),
        ("Mean rate of units [Hz]", rate),
        ("Time in cramps [s]", lambda d: of_cramps(d, sum) if d.cramps else "0"),
        ("Fasciculations [1/min]", lambda d: console.number(d.fasciculations, 0)),
        ("Status", _status),
    ):
        made.add_row(row, *(of(found) for found in days.values()))
    return made


def _by_effort(days: Mapping[str, Day]) -> bool:
    return all("effort" in found.settings for found in days.values())


def _status(found: Day) -> str:
    bad = [each.status for each in found.triggers if each.status != "ok"]
    return bad[0].replace("_", " ") if bad else "ok"


def _sentence(plain: Day, drug: Day, title: str) -> str:
    given = title.partition("\n")[0]
    until = min(plain.reached, drug.reached)
    cramps = [[each for each in found.cramps if each.time < until] for found in (plain, drug)]
    if not cramps[0]:
        return (
            "No contraction cramped without the drug, so nothing can be said of what it does."
        )
    times = [sum(each.duration for each in some) for some in cramps]
    return (
        f"{given}: {len(cramps[1])} cramps after the same contractions, {len(cramps[0])} "
        f"without; {100.0 * times[1] / times[0]:.0f} % as long in cramps altogether; "
        f"fasciculations {drug.fasciculations:.0f} per minute, {plain.fasciculations:.0f} "
        f"without."
    )
