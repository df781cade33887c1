"""`mnexcite contract`: the force of a laboratory's spike times."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from mnexcite.cli import options as allowed
from mnexcite.cli import results

#: So many trains are listed; the rest is in the files.
LISTED = 40


def contract(
    spikes: Annotated[
        Path, typer.Argument(metavar="SPIKES.csv", help="Spike times: .csv, .txt or .nwb.")
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
            metavar="single|long|wide",
            help="One column; a line per spike; a column per train.",
            callback=allowed.one_of(lambda: ("single", "long", "wide")),
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
    from mnexcite.spikes import read_csv, read_nwb

    motor_unit = config.find_unit(unit)
    if spikes.suffix.lower() == ".nwb":
        trains = read_nwb(spikes, offset=offset, sort=sort)
    else:
        options: Any = {"unit": column_unit, "layout": layout, "decimal": decimal}
        trains = read_csv(spikes, header=header, offset=offset, sort=sort, **options)
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
