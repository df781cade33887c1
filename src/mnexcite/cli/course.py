"""`mnexcite course`: a muscle through months of a disease of its motoneurons."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mnexcite.cli import console, options, results
from mnexcite.cli.exits import INTERRUPTED, NOTHING, SOME_FAILED, say
from mnexcite.errors import InputError

if TYPE_CHECKING:
    from rich.table import Table

    from mnexcite.motor_pool import Course, Month

BASIS = (
    "Assumed: the order and the speed in which units die, how long before they are "
    "hyperexcitable and how far that goes. Published: fasciculations fall as muscles weaken "
    "(Bashford et al. 2020), cramps do not go with the duration of ALS (Stephens et al. 2017)."
)
ORDERS = ("largest", "smallest", "random")
POSITIVE = options.number("above 0", above=0.0, highest=1e6)


def course(
    units: options.Units = 24,
    muscle: options.MuscleName = "abductor_hallucis",
    months: Annotated[
        str,
        typer.Option(
            metavar="A,B,...",
            help="Months to look at; negative before the first death.",
        ),
    ] = "-12,0,6,12,18,24",
    half_life: Annotated[
        float,
        typer.Option(
            metavar="MONTHS", help="Months in which half of the units die.", callback=POSITIVE
        ),
    ] = 12.0,
    sick_for: Annotated[
        float,
        typer.Option(
            metavar="MONTHS",
            help="Months of sickness before death.",
            callback=POSITIVE,
        ),
    ] = 12.0,
    order: Annotated[
        str,
        typer.Option(
            metavar="|".join(ORDERS),
            help="Which units die first.",
            callback=options.one_of(lambda: ORDERS),
        ),
    ] = "largest",
    most: Annotated[
        float,
        typer.Option(
            help="How many times its own force a survivor can reach.",
            callback=options.number("1 or more", lowest=1.0, highest=1e3),
        ),
    ] = 5.0,
    preset: Annotated[
        str,
        typer.Option(
            help="What units become, such as als_early.",
            callback=options.one_of(options.presets),
        ),
    ] = "als_early",
    strength: Annotated[
        float,
        typer.Option(
            help="How far that goes, 1 for all of it.",
            callback=options.number("0 to 2", lowest=0.0, highest=2.0),
        ),
    ] = 0.5,
    longest: Annotated[
        float,
        typer.Option(
            metavar="S",
            help="How long a cramp is followed, s.",
            callback=options.number("2 to 10000", lowest=2.0, highest=1e4, unit="s"),
        ),
    ] = 120.0,
    seed: options.Seed = 0,
    out: options.Out = Path("course"),
    threads: options.Threads = None,
    figure: Annotated[bool, typer.Option(help="Draw course.png.")] = True,
) -> None:
    """Follow a muscle through months of ALS: it twitches, cramps and weakens.

    Motoneurons become hyperexcitable one after another and die; survivors take over their
    fibres. Each month the same contraction is tried.
    """
    import os

    from mnexcite import motor_pool as mp
    from mnexcite.conditions import PRESETS

    when = _months(months)
    results.check_folder(out)
    stopped = False
    with console.progress("months") as advance:
        try:
            found = mp.course(
                mp.muscle_pool(muscle, units, seed=seed),
                when,
                condition=PRESETS[preset],
                strength=strength,
                half_life=half_life,
                sick_for=sick_for,
                order=order,
                most=most,
                longest=1e3 * longest,
                seed=seed,
                workers=min(threads or os.cpu_count() or 1, len(when)),
                progress=advance,
            )
        except KeyboardInterrupt as error:  # Interrupted, or before a month was done
            there = getattr(error, "partial", None)
            if not isinstance(there, mp.Course):
                say(NOTHING)
                raise typer.Exit(INTERRUPTED) from None
            found, stopped = there, True
    title = f"{units} motor units, {preset}, strength {strength:g}"
    console.out().print(
        f"{title}; the {order} die first" if order != "random" else f"{title}; dying at random"
    )
    console.out().print(_table(found))
    console.out().print(BASIS)
    results.write_text(_csv(found), out / "course.csv")
    written = ["course.csv"]
    if figure:
        from mnexcite import plots

        plots.save(plots.course(found, plots.new_figure(10.0, 10.0), title), out / "course.png")
        written = ["course.png", *written]
    results.tell(out, written)
    if stopped:
        say(f"interrupted; the months that were computed are in {out}")
        raise typer.Exit(INTERRUPTED)
    if any(month.status != "ok" for month in found.months):
        raise typer.Exit(SOME_FAILED)


def _months(given: str) -> list[float]:
    """Return the numbers of an option such as 0,6,12."""
    try:
        found = [float(each) for each in given.split(",")]
        if not all(abs(each) < 1e6 for each in found):
            raise ValueError
    except ValueError:
        raise InputError(
            f"--months is {given!r}; allowed: numbers with commas between, such as -12,0,6"
        ) from None
    return found


def _table(found: Course) -> Table:
    made = console.table("Month", *(f"{month.month:g}" for month in found.months))

    def cramp(month: Month) -> str:
        return console.lasts(month.duration, month.ended, 0) if month.cramped else "none"

    for row, of in (
        ("Units alive", lambda m: str(m.alive)),
        ("Hyperexcitable", lambda m: str(m.hyperexcitable)),
        ("Strength [% of healthy]", lambda m: console.number(100.0 * m.strength, 0)),
        ("Fasciculations [1/min]", lambda m: console.number(m.fasciculations, 0)),
        ("Cramp after a contraction [s]", cramp),
        ("Rate of its units [Hz]", lambda m: console.number(m.rate, 1) if m.cramped else "-"),
        ("Status", lambda m: m.status.replace("_", " ")),
    ):
        made.add_row(row, *(of(month) for month in found.months))
    return made


def _csv(found: Course) -> str:
    names = (
        ("month", "month"),
        ("alive", "alive"),
        ("hyperexcitable", "hyperexcitable"),
        ("strength", "strength (fraction of healthy)"),
        ("fasciculations", "fasciculations (1/min)"),
        ("cramped", "cramped"),
        ("duration", "cramp duration (ms)"),
        ("ended", "cramp ended"),
        ("rate", "rate of units (Hz)"),
        ("status", "status"),
    )
    lines = [",".join(label for _, label in names)]
    for month in found.months:
        lines.append(",".join(str(getattr(month, name)) for name, _ in names))
    return "\n".join(lines) + "\n"
