"""`mnexcite simulate`: a run described in TOML."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mnexcite.cli import console, results
from mnexcite.cli.exits import INTERRUPTED, SOME_FAILED, say
from mnexcite.errors import InputError

if TYPE_CHECKING:
    from mnexcite.config import Config
    from mnexcite.simulation import Recording


def simulate(
    description: Annotated[
        Path, typer.Argument(metavar="CONFIG.toml", help="The run, described in TOML.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for results (default: as the file says, or named after it)."),
    ] = None,
) -> None:
    """Run what a TOML file describes; write its recording, spikes, force and figure."""
    from mnexcite import config

    wanted = config.load(description)
    if out is None:
        named = wanted.output.folder
        out = Path(description.stem) if named is None else wanted.folder / named
    cell = config.build_cell(wanted)
    config.build_stimulus(wanted)
    config.build_unit(wanted)
    picture = _picture(wanted)
    results.check_folder(out)
    kept: list[Recording] = []

    def keep(recording: Recording) -> None:
        results.save_recordings({"run": recording}, out)
        kept.append(recording)

    with console.progress(cell.name) as advance:
        try:
            done = config.run(wanted, advance, keep)
        except KeyboardInterrupt as stopped:  # Interrupted, or before or after the run
            partial = getattr(stopped, "partial", kept[0] if kept else None)
            say(results.keep({} if partial is None else {"run": partial}, out))
            raise typer.Exit(INTERRUPTED) from None
    rec, force = done.recording, done.force
    console.out().print(results.cases_table({cell.name: (rec, force)}))
    written = ["run.zarr", "spikes.csv"]
    if force is not None:
        results.save_dataset(force.to_xarray(), out / "force.zarr")
        written.append("force.zarr")
    if picture:
        from mnexcite import plots

        heights = 1.0 + 2.0 * (len(rec.data) + (force is not None)) + 1.0
        figure = plots.overview(rec, force, plots.new_figure(10.0, heights))
        plots.save(figure, out / picture)
        written = [picture, *written]
    results.tell(out, written)
    if rec.status != "ok":
        raise typer.Exit(SOME_FAILED)


def _picture(wanted: Config) -> str:
    """Return the checked name of the figure, empty for none."""
    name = wanted.output.figure
    if name:
        from mnexcite import plots

        try:
            plots.check_name(name)
        except InputError as error:
            raise InputError(f"{wanted.path}: [output] {error}") from error
    return name
