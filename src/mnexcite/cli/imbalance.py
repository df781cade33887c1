"""`mnexcite imbalance`: from quiet to spontaneous firing, from rest to a contraction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mnexcite.cli import console, options, results
from mnexcite.cli.exits import INTERRUPTED, SOME_FAILED, say
from mnexcite.cli.sickness import DEFAULT, sickness
from mnexcite.errors import InputError

if TYPE_CHECKING:
    from mnexcite.cells import Cell
    from mnexcite.config import Config, StimulusConfig
    from mnexcite.measures.verdict import Verdict
    from mnexcite.muscle import Force, Forces, MotorUnit
    from mnexcite.simulation import Recording

#: How often the voltage is sampled [ms]: so that equal spikes look equally tall.
SAMPLING = 0.05
#: When the stimuli of --train begin and end [s], and what each is, for 1 ms, by its unit.
TRAIN = (1.0, 9.0)
PULSE = {"uA/cm2": 60.0, "nA": 2.0}


def imbalance(
    nap: Annotated[
        float | None,
        typer.Option(
            help=f"Factor on persistent sodium, NaP.g (default {DEFAULT['NaP.g']:g})",
            callback=options.FACTOR,
        ),
    ] = None,
    k: Annotated[
        float | None,
        typer.Option(
            help=f"Factor on all voltage-gated potassium, K.g (default {DEFAULT['K.g']:g})",
            callback=options.FACTOR,
        ),
    ] = None,
    k_o: Annotated[
        float | None,
        typer.Option(
            "--k-o",
            help="Potassium outside the sick cell, mM.",
            callback=options.number("0.1 to 1000", lowest=0.1, highest=1000.0, unit="mM"),
        ),
    ] = None,
    temperature: Annotated[
        float | None,
        typer.Option(
            help="Temperature of the sick cell, degC.",
            callback=options.number("0 to 50", lowest=0.0, highest=50.0, unit="degC"),
        ),
    ] = None,
    preset: Annotated[
        str | None,
        typer.Option(
            help="A condition in place of the default factors, such as als_early, als_late or "
            "hyperkalaemia.",
            callback=options.one_of(options.presets),
        ),
    ] = None,
    drug: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=UM", help="A drug and its free concentration, such as mexiletine=8."
        ),
    ] = None,
    facilitation: Annotated[
        float | None,
        typer.Option(
            help="At the start of the sick cell, if it has one; 1.65 lets it cramp.",
            callback=options.FACTOR,
        ),
    ] = None,
    train: Annotated[
        float | None,
        typer.Option(
            metavar="HZ",
            help="Stimuli to both cells, from 1 s to 9 s.",
            callback=options.number("above 0, below 1000", above=0.0, below=1000.0, unit="Hz"),
        ),
    ] = None,
    cell: Annotated[
        str, typer.Option(help="Cell of the catalogue, saved .json file or module:function.")
    ] = "purvis_butera_2005",
    unit: Annotated[
        str,
        typer.Option(
            metavar="slow|fast|thenar",
            help="The motor unit it drives.",
            callback=options.one_of(options.motor_units),
        ),
    ] = "slow",
    duration: Annotated[
        float, typer.Option(help="Length of each run, s.", callback=options.SECONDS)
    ] = 10.0,
    discard: Annotated[
        float,
        typer.Option(
            help="Begin of each run that table and words leave out, s.",
            callback=options.number("0 or more, below --duration", lowest=0.0, unit="s"),
        ),
    ] = 0.0,
    out: Annotated[Path, typer.Option(help="Folder for figure and data.")] = Path("imbalance"),
    threads: options.Threads = None,
    figure: Annotated[bool, typer.Option(help="Draw imbalance.png.")] = True,
) -> None:
    """Show how a Na/K imbalance makes a quiet motor neuron contract its muscle.

    Runs the healthy cell and a sick one, both without any stimulus or after a train, and lets
    each drive a motor unit. All options but the cell, train, unit and duration change the sick
    cell only.
    """
    from mnexcite import config
    from mnexcite.channels.mapping import FrozenMapping
    from mnexcite.measures import verdict

    if not discard < duration:
        raise InputError(
            f"--discard is {discard:g} s of {duration:g} s; allowed: below --duration"
        )
    # a saved cell's file is meant from here, wherever the description is written to
    name = str(Path(cell).resolve()) if cell.endswith(".json") else cell
    found = config.build_cell(config.Config(config.CellConfig(name)))
    change = sickness(
        found,
        nap=nap,
        k=k,
        k_o=k_o,
        temperature=temperature,
        preset=preset,
        drugs=drug or (),
        facilitation=facilitation,
    )
    healthy = config.Config(
        cell=config.CellConfig(name),
        stimulus=() if train is None else (stimuli_at(train, found, duration),),
        run=config.RunConfig(1e3 * duration, record=("v",), every=SAMPLING, threads=threads),
        muscle=config.MuscleConfig(unit),
    )
    sick = replace(
        healthy,
        cell=config.CellConfig(name, FrozenMapping(change.factors)),
        conditions=change.conditions,
    )
    if facilitation is not None:
        start = FrozenMapping({"facilitation": facilitation})
        sick = replace(sick, run=replace(sick.run, initial=start))
    config.build_cell(sick)
    motor_unit = config.find_unit(unit)
    results.check_folder(out)
    recordings = _run({"healthy": healthy, "sick": sick}, out)
    results.save_recordings(recordings, out)
    forces = _contract(recordings, motor_unit, 1e3 * discard)
    cases = {
        name: (_from(rec, 1e3 * discard), force)
        for (name, rec), force in zip(recordings.items(), forces, strict=True)
    }
    since = None if train is None else 1e3 * TRAIN[1]
    words = {name: verdict.judge(*case, _block(case[0]), since) for name, case in cases.items()}
    title = f"{found.name} and a {motor_unit.name}, {duration:g} s; sick: {change.label}"
    console.out().print(title)
    console.out().print(results.cases_table(cases))
    for line in (
        f"Healthy: {words['healthy'].sentence}",
        f"Sick ({change.label}): {words['sick'].sentence}",
        verdict.conclude_after(found.name, words["sick"])
        if since
        else verdict.conclude(found.name, words["sick"], _rest(recordings["sick"])),
        *change.notes,
    ):
        console.out().print(line)
    results.save_dataset(forces.to_xarray(), out / "force.zarr")
    results.write_text(config.dump(sick), out / "sick.toml")
    written = ["healthy.zarr", "sick.zarr", "force.zarr", "spikes.csv", "sick.toml"]
    if figure:
        _draw(cases, words, change.label, out / "imbalance.png")
        written = ["imbalance.png", *written]
    results.tell(out, written)
    if any(rec.status != "ok" for rec in recordings.values()):
        raise typer.Exit(SOME_FAILED)


def stimuli_at(rate: float, cell: Cell, duration: float) -> StimulusConfig:
    """Return stimuli at a rate [Hz], each of which gives a spike in a cell of the catalogue."""
    from mnexcite.channels.mapping import FrozenMapping
    from mnexcite.config import StimulusConfig

    start, end = TRAIN
    if not duration > end:
        raise InputError(
            f"duration is {duration:g} s, and --train lasts until {end:g} s; allowed: more"
        )
    unit = cell.units["i"]
    given = {
        "amplitude": PULSE[unit],
        "unit": unit,
        "rate": rate,
        "start": 1e3 * start,
        "duration": 1e3 * (end - start),
    }
    return StimulusConfig("train", FrozenMapping(given))


def _run(cases: Mapping[str, Config], out: Path) -> dict[str, Recording]:
    """Run the cases one after the other; Ctrl-C keeps what there is."""
    from mnexcite import config

    recordings: dict[str, Recording] = {}
    for name, case in cases.items():
        with console.progress(f"{name} cell") as advance:
            try:
                recordings[name] = config.run(case, advance).recording
            except KeyboardInterrupt as stopped:  # Interrupted, or before the run
                partial = getattr(stopped, "partial", None)
                there = recordings if partial is None else recordings | {name: partial}
                say(results.keep(there, out))
                raise typer.Exit(INTERRUPTED) from None
    return recordings


def _from(rec: Recording, discard: float) -> Recording:
    """Return a recording that hides spikes before `discard` [ms]."""
    return replace(rec, spike_times=rec.spike_times[rec.spike_times >= discard])


def _contract(recordings: Mapping[str, Recording], unit: MotorUnit, discard: float) -> Forces:
    from mnexcite import muscle, spikes

    trains = spikes.SpikeTrains.from_list(
        [rec.spike_times for rec in recordings.values()], tuple(recordings)
    )
    first = next(iter(recordings.values()))
    return muscle.contract(trains, unit, duration=first.duration, discard=discard)


def _draw(
    cases: Mapping[str, tuple[Recording, Force]],
    words: Mapping[str, Verdict],
    label: str,
    path: Path,
) -> None:
    from mnexcite import plots

    titles = {"healthy": "Healthy", "sick": label.replace(" x", " ×").replace("degC", "°C")}
    drawn = {
        f"{titles[name]}: {said.title}\n{said.contraction.capitalize()}": cases[name]
        for name, said in words.items()
    }
    plots.save(plots.contraction(drawn, plots.new_figure(16.0, 9.0)), path)


def _block(rec: Recording) -> float | None:
    """Return the voltage [mV] at which the cell is in depolarisation block, if it is."""
    from mnexcite.measures import phase_of

    return float(rec.final_state.values[0][0]) if phase_of(rec) == "block" else None


def _rest(rec: Recording) -> float | None:
    """Return the voltage [mV] at which the cell could also rest, without drive."""
    from mnexcite.equations import equilibria

    return next((e.v for e in equilibria(rec.cell) if e.rest), None)
