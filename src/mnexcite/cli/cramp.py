"""`mnexcite cramp`: a muscle at rest, a train, the cramp that outlasts it, and what ends it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mnexcite.cli import console, options, results
from mnexcite.cli.exits import INTERRUPTED, NOTHING, SOME_FAILED, say

if TYPE_CHECKING:
    from rich.table import Table

    from mnexcite.motor_pool import Activity, Pool, Protocol
    from mnexcite.motor_pool.elicited import Elicited


@dataclass(frozen=True)
class Case:
    """Hold a case: its pool and what it is called."""

    title: str
    pool: Pool


def cramp(
    units: options.Units = 24,
    muscle: options.MuscleName = "abductor_hallucis",
    train: Annotated[
        float,
        typer.Option(
            metavar="HZ",
            help="Rate of the 150 stimuli to the motor nerve.",
            callback=options.number("1 to 100", lowest=1.0, highest=100.0, unit="Hz"),
        ),
    ] = 18.0,
    stretch: Annotated[
        float,
        typer.Option(
            metavar="S",
            help="When the muscle is stretched, s after the train, for 5 s; 0 for not at all.",
            callback=options.number("0 to 600", lowest=0.0, highest=600.0, unit="s"),
        ),
    ] = 20.0,
    follow: Annotated[
        float,
        typer.Option(
            metavar="S",
            help="What is shown after the stretch, or without one after the train, s.",
            callback=options.number("2 to 1000", lowest=2.0, highest=1000.0, unit="s"),
        ),
    ] = 5.0,
    preset: Annotated[
        str,
        typer.Option(
            help="The condition of the sick pool, such as als_early.",
            callback=options.one_of(options.presets),
        ),
    ] = "als_early",
    strength: options.Strength = 0.5,
    drug: Annotated[
        str,
        typer.Option(
            metavar="NAME=UM",
            help="Drug of the third case and its free concentration; none for no such case.",
        ),
    ] = "mexiletine=8",
    seed: options.Seed = 0,
    out: options.Out = Path("cramp"),
    threads: options.Threads = None,
    nwb: Annotated[
        bool, typer.Option("--nwb", help="Write spikes as NWB too (needs pynwb).")
    ] = False,
    figure: Annotated[bool, typer.Option(help="Draw cramp.png.")] = True,
) -> None:
    """Show a cramp: a train to the shortened muscle, what outlasts it, and a stretch.

    Three muscles: healthy, sick, and sick under a drug. Each rests, gets 150 stimuli to its
    motor nerve, and is stretched. A calibrated model; what it rests on is printed.
    """
    from mnexcite import motor_pool as mp
    from mnexcite.motor_pool import elicited

    pool = mp.muscle_pool(muscle, units, seed=seed)
    cases = {"healthy": Case("Healthy", pool)} | _sick(pool, preset, strength, drug)
    given = elicited.Elicited(train, 1e3 * stretch)
    duration = (given.pulled[1] if given.pulled else given.end) + 1e3 * follow
    results.check_folder(out)
    if nwb:
        from mnexcite.spikes.nwb_files import need_pynwb

        need_pynwb("writing")  # before any work
    ran = _run(cases, given.protocol, duration, seed, threads, out)
    console.out().print(
        f"{units} motor units, 150 stimuli at {train:g} Hz to the shortened muscle"
        + (f", stretch {stretch:g} s after them" if stretch else "")
    )
    console.out().print(_table(cases, ran, given))
    for name, activity in ran.items():
        title = cases[name].title.replace("\n", ", ")
        console.out().print(f"{title}: {elicited.sentence(activity, given)}")
    console.out().print(elicited.BASIS)
    written = _write(ran, out, nwb)
    if figure:
        _draw(cases, ran, given, out / "cramp.png")
        written = ["cramp.png", *written]
    results.tell(out, written)
    if any(activity.status != "ok" for activity in ran.values()):
        raise typer.Exit(SOME_FAILED)


def _sick(pool: Pool, preset: str, strength: float, drug: str) -> dict[str, Case]:
    from mnexcite.cli.sickness import dose
    from mnexcite.conditions import DRUGS, PRESETS
    from mnexcite.motor_pool import elicited

    sick = elicited.sick(pool, PRESETS[preset](strength))
    said = f"{preset}, strength {strength:g}"
    cases = {"sick": Case(f"Sick\n{said}", sick)}
    if drug != "none":
        name, c = dose(drug)
        cases["drug"] = Case(f"Sick, {name} {c:g} uM\n{said}", sick.under(DRUGS[name](c)))
    return cases


def _run(
    cases: Mapping[str, Case],
    protocol: Protocol,
    duration: float,
    seed: int,
    threads: int | None,
    out: Path,
) -> dict[str, Activity]:
    """Run the cases, some at a time: each in a process of its own."""
    import os

    from mnexcite import motor_pool as mp

    pools = {name: case.pool for name, case in cases.items()}
    with console.progress("motor pools") as advance:
        try:
            return mp.contract_several(
                pools,
                protocol,
                duration=duration,
                seed=seed,
                workers=min(threads or os.cpu_count() or 1, len(pools)),
                progress=advance,
            )
        except KeyboardInterrupt as stopped:  # Interrupted, or before a muscle was done
            there = getattr(stopped, "partial", None)
            if isinstance(there, dict):
                _write(there, out)
            say(f"interrupted; what was computed is in {out}" if there else NOTHING)
            raise typer.Exit(INTERRUPTED) from None


def _table(
    cases: Mapping[str, Case],
    ran: Mapping[str, Activity],
    given: Elicited,
) -> Table:
    from mnexcite import motor_pool as mp
    from mnexcite.motor_pool.elicited import outcome

    made = console.table("", *(case.title.replace("\n", ": ") for case in cases.values()))
    rows: dict[str, list[str]] = {}
    for activity in ran.values():
        found = mp.cramp_after(activity, given.end)
        rest = mp.fasciculations(activity, stop=given.rest)
        late = slice(int(given.end) + 500, int(given.end) + 3000)
        values = {
            "Fasciculations at rest [1/min]": console.number(rest.per_minute, 0, rest.status),
            "Units that cramp": f"{found.units} of {len(activity.pool)}",
            "Ended": outcome(activity, given),
            "Duration after the train [s]": console.lasts(found.duration, found.ended),
            "Rate of units [Hz]": console.number(found.rate, 1),
            "CV of intervals": console.number(found.cv, 2),
            "Force in the cramp [% of maximal]": console.number(
                100.0 * float(activity.force[late].mean()), 0
            ),
            "Greatest potassium in the muscle [mM]": console.number(
                float(activity.shared["potassium"].max()), 1
            ),
            "Status": activity.status.replace("_", " "),
        }
        for row, value in values.items():
            rows.setdefault(row, []).append(value)
    for row, cells in rows.items():
        made.add_row(row, *cells)
    return made


def _write(ran: Mapping[str, Activity], out: Path, nwb: bool = False) -> list[str]:
    from mnexcite.spikes import write_csv, write_nwb

    written = []
    for name, activity in ran.items():
        results.save_dataset(activity.to_xarray(), results.folder(out) / f"{name}.zarr")
        write_csv(activity.terminals, out / f"{name}-spikes.csv")
        written += [f"{name}.zarr", f"{name}-spikes.csv"]
        if nwb and activity.terminals.times.size:
            write_nwb(activity.terminals, out / f"{name}-spikes.nwb")
            written.append(f"{name}-spikes.nwb")
    return written


def _draw(
    cases: Mapping[str, Case],
    ran: Mapping[str, Activity],
    given: Elicited,
    path: Path,
) -> None:
    from mnexcite import motor_pool as mp
    from mnexcite import plots
    from mnexcite.motor_pool.elicited import outcome

    heads = {
        "no cramp": "no cramp",
        "by itself": "a cramp that ends by itself",
        "not ended": "a cramp that does not end",
        "by stretch": "stretch ends the cramp",
        "stretch leaves some": "stretch ends most of it",
        "resists stretch": "the cramp resists the stretch",
    }
    drawn = {}
    for name, activity in ran.items():
        first, _, rest = cases[name].title.partition("\n")
        how = heads[outcome(activity, given)]
        drawn[f"{first}: {how}\n{rest or 'a cramp of a healthy muscle'}"] = (
            activity,
            mp.surface_emg(activity),
        )
    plots.save(plots.pool(drawn, plots.new_figure(6.2 * len(drawn), 9.0)), path)
