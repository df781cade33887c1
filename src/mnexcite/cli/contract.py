"""`mnexcite contract`: the force of a laboratory's spike times."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mnexcite.cli import console, results
from mnexcite.cli import options as allowed
from mnexcite.errors import InputError

if TYPE_CHECKING:
    from mnexcite.motor_pool import Activity
    from mnexcite.spikes import SpikeTrains

#: So many trains are listed; the rest is in the files.
LISTED = 40


def _layouts() -> tuple[str, ...]:
    from mnexcite.spikes.layouts import LAYOUTS

    return LAYOUTS


def contract(
    spikes: Annotated[
        Path,
        typer.Argument(
            metavar="SPIKES.csv",
            help="Spike times: text, .nwb, .json (openhdemg), .mat (DEMUSE, OTB+).",
        ),
    ],
    unit: Annotated[
        str,
        typer.Option(
            metavar="slow|fast|thenar",
            help="The motor unit of each train.",
            callback=allowed.one_of(allowed.motor_units),
        ),
    ] = "slow",
    column_unit: Annotated[
        str | None,
        typer.Option(
            metavar="s|ms|us",
            help="Unit of the times (default: as the header says).",
            callback=allowed.one_of(lambda: ("s", "ms", "us")),
        ),
    ] = None,
    layout: Annotated[
        str | None,
        typer.Option(
            metavar="single|long|time_first|wide|rows|binary",
            help="One column; a line per spike (train, time or time, train); a column or a row "
            "per train; 0 and 1 at each sample (default: as it looks).",
            callback=allowed.one_of(_layouts),
        ),
    ] = None,
    header: Annotated[
        bool | None, typer.Option(help="Whether line 1 holds labels (default: as it looks).")
    ] = None,
    decimal: Annotated[
        str,
        typer.Option(
            metavar=".|,",
            help="Decimal mark.",
            callback=allowed.one_of(lambda: (".", ",")),
        ),
    ] = ".",
    rate: Annotated[
        float | None,
        typer.Option(
            help="The file holds samples at this rate, Hz.",
            callback=allowed.number("above 0", above=0.0, unit="Hz"),
        ),
    ] = None,
    zeros: Annotated[
        str | None,
        typer.Option(
            metavar="padding|spikes",
            help="What zeros below the last spike of a train are.",
            callback=allowed.one_of(lambda: ("padding", "spikes")),
        ),
    ] = None,
    fastest: Annotated[
        float,
        typer.Option(
            help="Mean rate above which a train is refused, Hz.",
            callback=allowed.number("above 0", above=0.0, unit="Hz"),
        ),
    ] = 200.0,
    offset: Annotated[
        float, typer.Option(help="Added to all times, ms.", callback=allowed.FINITE)
    ] = 0.0,
    sort: Annotated[bool, typer.Option("--sort", help="Sort each train.")] = False,
    duration: Annotated[
        float | None,
        typer.Option(
            help="End of the force, s (default: after the last twitch).",
            callback=allowed.SECONDS,
        ),
    ] = None,
    discard: Annotated[
        float,
        typer.Option(
            help="Leave the start out of the numbers, s.",
            callback=allowed.number("0 or more", lowest=0.0, unit="s"),
        ),
    ] = 0.0,
    every: Annotated[
        float,
        typer.Option(
            help="Interval of the force's samples, ms.",
            callback=allowed.number("above 0", above=0.0, unit="ms"),
        ),
    ] = 1.0,
    emg: Annotated[
        bool,
        typer.Option(
            "--emg",
            help="Trains are the units of one muscle, smallest first: its EMG, force, counts.",
        ),
    ] = False,
    out: Annotated[Path, typer.Option(help="Folder for figure and data.")] = Path("contract"),
    figure: Annotated[bool, typer.Option(help="Draw contract.png.")] = True,
) -> None:
    """Compute the force that measured spike trains give, one motor unit per train.

    With --emg they are the units of one muscle: fasciculations and cramps are counted.
    """
    from mnexcite import config, muscle

    motor_unit = config.find_unit(unit)
    if emg and (unit, discard, every) != ("slow", 0.0, 1.0):
        raise InputError(
            "--emg takes the units of a whole muscle; allowed: no --unit, --discard or --every "
            "beside it"
        )
    trains = _read(
        spikes,
        unit=column_unit,
        layout=layout,
        header=header,
        decimal=decimal,
        rate=rate,
        zeros=zeros,
        offset=offset,
        sort=sort,
        fastest=fastest,
    )
    results.check_folder(out)
    if emg:
        _muscle(trains, None if duration is None else 1e3 * duration, out, figure)
        return
    forces = muscle.contract(
        trains,
        motor_unit,
        duration=None if duration is None else 1e3 * duration,
        every=every,
        discard=1e3 * discard,
    )
    results.print_trains(trains, forces, LISTED)
    results.folder(out)
    results.save_dataset(forces.to_xarray(), out / "force.zarr")
    written = ["force.zarr"]
    if figure:
        from mnexcite import plots

        canvas = plots.new_figure(10.0, min(4.0 + 0.3 * len(trains), 9.0))
        plots.save(plots.overview(trains, forces, canvas), out / "contract.png")
        written = ["contract.png", *written]
    results.tell(out, written)


def _muscle(trains: SpikeTrains, duration: float | None, out: Path, figure: bool) -> None:
    """Tell, draw and write what a muscle of these units does."""
    from mnexcite import motor_pool as mp

    activity = mp.recorded(trains, duration=duration)
    emg = mp.surface_emg(activity)
    _count(activity)
    results.folder(out)
    dataset = activity.to_xarray().assign(
        emg=(
            "emg_time",
            emg.values,
            {"units": "1", "long_name": "EMG, in peaks of the largest unit's"},
        )
    )
    dataset = dataset.assign_coords(emg_time=("emg_time", emg.t, {"units": "ms"}))
    results.save_dataset(dataset, out / "muscle.zarr")
    written = ["muscle.zarr"]
    if figure:
        from mnexcite import plots

        drawn = {f"{len(trains)} recorded motor units": (activity, emg)}
        plots.save(plots.pool(drawn, plots.new_figure(11.0, 9.0)), out / "contract.png")
        written = ["contract.png", *written]
    results.tell(out, written)


def _count(activity: Activity) -> None:
    """Print what an electromyographer counts, by units and for the muscle."""
    from mnexcite import motor_pool as mp
    from mnexcite.spikes import describe

    found, cramps = mp.fasciculations(activity), mp.find_cramps(activity)
    made = console.table(
        "Unit, smallest first",
        "Spikes",
        "Rate [Hz]",
        "Fasciculations",
        "Cramps",
        "Peak force [%]",
    )
    for i in range(min(len(activity.pool), LISTED)):
        taking = sum(bool(each.cramp.unit_duration[i] > 0.0) for each in cramps)
        made.add_row(
            activity.pool.units.muscle[i].name,
            str(activity.terminals[i].size),
            console.number(float(describe(activity.terminals[i]).rate)),
            str(found.unit_counts[i]),
            str(taking),
            console.number(100.0 * float(activity.unit_force[i].max()), 1),
        )
    printer = console.out()
    printer.print(made)
    if len(activity.pool) > LISTED:
        printer.print(f"... and {len(activity.pool) - LISTED} more units")
    often = console.number(found.per_minute, 1, found.status)
    printer.print(
        f"Fasciculations: {often} per minute outside cramps. "
        f"Greatest force: {100.0 * float(activity.force.max()):.0f} % of maximal."
    )
    for each in cramps:
        end = f"{1e-3 * each.end:.1f} s" if each.cramp.ended else "the end of the file"
        printer.print(
            f"Cramp from {1e-3 * each.onset:.1f} s to {end}: {each.cramp.units} units at "
            f"{each.cramp.rate:.0f} Hz."
        )
    printer.print(
        "Assumed: forces of units by their order in the file, ten times from the smallest to "
        "the largest; all discharges spontaneous."
    )


def _read(spikes: Path, **given: Any) -> SpikeTrains:
    """Read the file; the unit of its times is another option here than in Python."""
    from mnexcite.spikes import read

    try:
        return read(spikes, **given)
    except InputError as error:
        raise InputError(allowed.in_flags(str(error), {"unit": "--column-unit"})) from None
