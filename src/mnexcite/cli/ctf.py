"""`mnexcite ctf`: the cramp threshold test, with and without a block of the nerve."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mnexcite.cli import console, options, results
from mnexcite.cli.exits import INTERRUPTED, NOTHING, SOME_FAILED, say

if TYPE_CHECKING:
    from mnexcite.motor_pool import Threshold

PUBLISHED = (
    "People, abductor hallucis: 13 +- 3 Hz and 55.6 +- 19.2 s intact, 18 +- 3 Hz and "
    "2.6 +- 1.3 s under block (Minetto et al. 2011). Thresholds and durations of the model "
    "were calibrated to these, over many subjects; one of them differs."
)


def ctf(
    units: options.Units = 24,
    muscle: options.MuscleName = "abductor_hallucis",
    subject: Annotated[
        int | None,
        typer.Option(
            help="A person, by number; without it the middle of all.",
            callback=options.whole(0, 2**31),
        ),
    ] = None,
    lowest: Annotated[
        float,
        typer.Option(
            metavar="HZ",
            help="Frequency of the first train.",
            callback=options.number("1 to 100", lowest=1.0, highest=100.0, unit="Hz"),
        ),
    ] = 4.0,
    step: Annotated[
        float,
        typer.Option(
            metavar="HZ",
            help="How much faster each next one is.",
            callback=options.number("0.1 to 100", lowest=0.1, highest=100.0, unit="Hz"),
        ),
    ] = 2.0,
    highest: Annotated[
        float,
        typer.Option(
            metavar="HZ",
            help="Frequency of the last train.",
            callback=options.number("1 to 100", lowest=1.0, highest=100.0, unit="Hz"),
        ),
    ] = 32.0,
    longest: Annotated[
        float,
        typer.Option(
            help="How long a cramp is followed, s.",
            callback=options.number("2 to 1000", lowest=2.0, highest=1000.0, unit="s"),
        ),
    ] = 150.0,
    block: Annotated[bool, typer.Option(help="Test under nerve block too.")] = True,
    seed: options.Seed = 0,
    out: options.Out = Path("ctf"),
    threads: options.Threads = None,
    figure: Annotated[bool, typer.Option(help="Draw ctf.png.")] = True,
) -> None:
    """Find the frequency of stimuli at which a shortened muscle cramps.

    Trains of 150 stimuli to the motor nerve, faster and faster, a minute apart, until firing
    outlasts one.
    """
    from mnexcite import motor_pool as mp

    pool = mp.muscle_pool(muscle, units, seed=seed, subject=subject)
    results.check_folder(out)
    found: dict[str, Threshold] = {}
    for name in ("intact", "blocked") if block else ("intact",):
        with console.progress(f"nerve {name}") as advance:
            try:
                found[name] = mp.cramp_threshold(
                    pool,
                    block=name == "blocked",
                    lowest=lowest,
                    step=step,
                    highest=highest,
                    longest=1e3 * longest,
                    seed=seed,
                    threads=threads,
                    progress=advance,
                )
            except KeyboardInterrupt:
                if not found:
                    say(NOTHING)
                    raise typer.Exit(INTERRUPTED) from None
                say(f"interrupted; the test with the nerve {name} is missing")
                break
    made = console.table("Nerve", *found)
    for row, of in (
        ("Cramp threshold [Hz]", lambda t: console.number(t.frequency, 0, t.status)),
        ("Duration of the cramp [s]", _lasts),
        ("Rate of units [Hz]", lambda t: console.number(_rate(t), 1, t.status)),
        ("Trains given", lambda t: str(len(t.tried))),
    ):
        made.add_row(row, *(of(test) for test in found.values()))
    console.out().print(f"{units} motor units, 150 stimuli a train, muscle short")
    console.out().print(made)
    console.out().print(PUBLISHED)
    written = []
    for name, test in found.items():
        results.save_dataset(test.activity.to_xarray(), results.folder(out) / f"{name}.zarr")
        written.append(f"{name}.zarr")
    if figure:
        _draw(found, out / "ctf.png")
        written = ["ctf.png", *written]
    results.tell(out, written)
    if block and len(found) < 2:
        raise typer.Exit(INTERRUPTED)
    if any(test.status not in ("ok", "no_cramp") for test in found.values()):
        raise typer.Exit(SOME_FAILED)


def _lasts(test: Threshold) -> str:
    if test.cramp is None or test.status != "ok":
        return console.number(float("nan"), 1, test.status)
    return console.lasts(test.cramp.duration, test.cramp.ended)


def _rate(test: Threshold) -> float:
    return float("nan") if test.cramp is None else test.cramp.rate


def _draw(found: dict[str, Threshold], path: Path) -> None:
    from mnexcite import motor_pool as mp
    from mnexcite import plots

    said = {"intact": "Nerve intact", "blocked": "Nerve blocked"}
    drawn = {
        f"{said[name]}: "
        + (f"cramp at {test.frequency:g} Hz" if test.status == "ok" else "no cramp")
        + "\nthe last train, 150 stimuli": (test.activity, mp.surface_emg(test.activity))
        for name, test in found.items()
    }
    plots.save(plots.pool(drawn, plots.new_figure(8.0 * len(drawn), 9.0)), path)
