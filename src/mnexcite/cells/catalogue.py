"""The published cells by name, and how a name on a command line finds a cell."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from mnexcite.cells import files
from mnexcite.cells.booth_rinzel_kiehn_1997 import booth_rinzel_kiehn_1997
from mnexcite.cells.cell import Cell
from mnexcite.cells.hodgkin_huxley_1952 import hodgkin_huxley_1952
from mnexcite.cells.molkov_2025 import molkov_2025
from mnexcite.cells.purvis_butera_2005 import purvis_butera_2005
from mnexcite.errors import InputError, did_you_mean

#: Every published cell by name; the first is the default.
CATALOGUE: Mapping[str, Callable[[], Cell]] = MappingProxyType(
    {
        cell.__name__: cell
        for cell in (
            purvis_butera_2005,
            molkov_2025,
            booth_rinzel_kiehn_1997,
            hodgkin_huxley_1952,
        )
    }
)


def find(name: str) -> Cell:
    """Return the cell that `name` means.

    Parameters
    ----------
    name
        A cell of the catalogue, a saved cell's file (`.json`), or `module:function` with
        a function that returns a cell; the current folder is searched first.

    Raises
    ------
    InputError
        If there is no such cell.

    Examples
    --------
    >>> find("hodgkin_huxley_1952").name
    'hodgkin_huxley_1952'
    """
    if name in CATALOGUE:
        return CATALOGUE[name]()
    if name.endswith(".json"):
        return files.load(name)
    module_name, _, function_name = name.partition(":")
    if not function_name:
        raise InputError(
            f"no cell {name!r}; {did_you_mean(name, CATALOGUE)}; a saved cell's "
            "file (.json) and module:function are allowed too"
        )
    here = str(Path.cwd())
    sys.path.insert(0, here)
    try:
        module = importlib.import_module(module_name.removesuffix(".py"))
    except ImportError as error:
        raise InputError(
            f"cannot import {module_name!r} ({error}); name a module of the current folder "
            "or of the installed packages"
        ) from error
    finally:
        sys.path.remove(here)
    function = getattr(module, function_name, None)
    cell = function() if callable(function) else function
    if not isinstance(cell, Cell):
        raise InputError(
            f"{name!r} is {type(cell).__name__}; allowed: a Cell or a function that returns one"
        )
    return cell
