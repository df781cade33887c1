"""`mnexcite contract`: the force of a laboratory's spike times."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mnexcite.cli import options as allowed
from mnexcite.cli import results
from mnexcite.errors import InputError

if TYPE_CHECKING:
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
    out: Annotated[Path, typer.Option(help="Folder for figure and data.")] = Path("contract"),
    figure: Annotated[bool, typer.Option(help="Draw contract.png.")] = True,
) -> None:
    """Compute the force that measured spike trains give, one motor unit per train."""
    from mnexcite import config, muscle

    motor_unit = config.find_unit(unit)
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


def _read(spikes: Path, **given: Any) -> SpikeTrains:
    """Read the file; what is wrong with it is said in the words of the command line."""
    from mnexcite.spikes import read

    try:
        return read(spikes, **given)
    except InputError as error:
        own = {name: f"--{name}" for name in given} | {"unit": "--column-unit"}
        raise InputError(allowed.in_flags(str(error), own)) from None
