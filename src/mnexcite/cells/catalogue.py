"""The cells of the catalogue by name, and how a name on a command line finds a cell."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType, ModuleType

from mnexcite.cells import files
from mnexcite.cells.booth_rinzel_kiehn_1997 import booth_rinzel_kiehn_1997
from mnexcite.cells.cell import Cell
from mnexcite.cells.cramping_motoneuron import cramping_motoneuron
from mnexcite.cells.hodgkin_huxley_1952 import hodgkin_huxley_1952
from mnexcite.cells.molkov_2025 import molkov_2025
from mnexcite.cells.motor_terminal import motor_terminal
from mnexcite.cells.purvis_butera_2005 import purvis_butera_2005
from mnexcite.errors import InputError, checked, did_you_mean

#: Published cells, named by their papers, and calibrations of ours; the first is the default.
CATALOGUE: Mapping[str, Callable[[], Cell]] = MappingProxyType(
    {
        cell.__name__: cell
        for cell in (
            purvis_butera_2005,
            molkov_2025,
            booth_rinzel_kiehn_1997,
            hodgkin_huxley_1952,
            cramping_motoneuron,
            motor_terminal,
        )
    }
)


@checked
def find(name: str) -> Cell:
    """Return the cell that `name` means.

    Parameters
    ----------
    name
        A cell of the catalogue, a saved cell's file (`.json`), or `module:function` or
        `folder/script.py:function` with a function that returns a cell; the current
        folder is searched first.

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
    module_name, _, function_name = name.rpartition(":")
    if not (module_name and function_name):
        raise InputError(
            f"no cell {name!r}; {did_you_mean(name, CATALOGUE)} (also allowed: a "
            "saved cell's .json file, and module:function)"
        )
    module = _import(module_name)
    if not hasattr(module, function_name):
        names = [key for key in vars(module) if not key.startswith("_")]
        raise InputError(
            f"no {function_name!r} in {module_name}; {did_you_mean(function_name, names)}"
        )
    function = getattr(module, function_name)
    cell = function() if callable(function) and not _needs(function) else function
    if not isinstance(cell, Cell):
        raise InputError(
            f"{name!r} is {type(cell).__name__}; allowed: a Cell or a function that returns "
            "one and needs no argument"
        )
    return cell


def _needs(function: Callable[..., object]) -> bool:
    parameters = inspect.signature(function).parameters.values()
    return any(
        p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
        for p in parameters
    )


def _import(name: str) -> ModuleType:
    """Import a module, from a file of the current folder before any installed one."""
    here = Path.cwd()
    script = name.endswith(".py")
    file = here / name if script else here.joinpath(*name.split(".")).with_suffix(".py")
    sys.path.insert(0, str(here))
    try:
        if not file.is_file():
            return importlib.import_module(name.removesuffix(".py"))
        # by its file, so that a module of the same name loaded earlier is not taken for it
        spec = importlib.util.spec_from_file_location(file.stem if script else name, file)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
    except Exception as error:  # the user's module may fail in any way
        raise InputError(
            f"cannot import {name!r} ({' '.join(str(error).split())}); name a script or module "
            "of the current folder, or an installed module"
        ) from error
    finally:
        sys.path.remove(str(here))
