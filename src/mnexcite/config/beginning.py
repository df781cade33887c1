"""Where a described run begins."""

from __future__ import annotations

from collections.abc import Mapping

from mnexcite.config.build import naming
from mnexcite.config.schema import Config
from mnexcite.engine.state import State
from mnexcite.errors import InputError, StorageError
from mnexcite.simulation.beginning import Initial
from mnexcite.simulation.storage import load


def build_initial(config: Config, default: str) -> Initial:
    """Return what `initial` in `[run]` means; a text that is no word names a saved run.

    Raises
    ------
    InputError
        If the text is neither a word nor the folder of a saved run.
    """
    given = config.run.initial
    if given is None:
        return default
    if isinstance(given, Mapping) or given in ("published", "rest"):
        return given
    with naming(config, "run"):
        try:
            found = load(config.folder / given)
            return found if isinstance(found, State) else found.final_state
        except StorageError:
            raise InputError(
                f"initial is {given!r}; allowed: 'published', 'rest', a table path = value, or "
                "the folder of a saved run, such as 'first/run.zarr'"
            ) from None
