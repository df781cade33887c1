"""Take a motor neuron from its ion channels to a muscle cramp.

Rooms, from left to right as data flows: `spikes`, `channels`, `cells`, `conditions`,
`stimuli`, `equations`, `muscle`, `measures`, `sweeps`, `fitting`, `bench`, `plots`; `simulate`
runs a cell, `sweep` maps its parameters, `fit` finds them, `explore` lets one feel it and
`load` reads a saved run.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mnexcite import (
        bench,
        cells,
        channels,
        conditions,
        config,
        equations,
        fitting,
        measures,
        motor_pool,
        muscle,
        plots,
        spikes,
        stimuli,
        sweeps,
    )
    from mnexcite.cells import Cell, Compartment, Coupling, Ion, Parameter, factors, log_factors
    from mnexcite.channels import GHK, Binding, Channel, Gate, IonPool, Pump, Synapse
    from mnexcite.errors import InputError, Interrupted, RunWarning, StorageError
    from mnexcite.fitting import fit
    from mnexcite.page import explore
    from mnexcite.simulation import Batch, Recording, Session, load, prepare, simulate
    from mnexcite.sweeps import between, sweep

__version__ = "0.1.0"

_ROOMS = (
    "bench",
    "cells",
    "channels",
    "conditions",
    "config",
    "equations",
    "fitting",
    "measures",
    "motor_pool",
    "muscle",
    "plots",
    "spikes",
    "stimuli",
    "sweeps",
)
# room -> its names at the top; loaded when first used, so that `import mnexcite` is light
_NAMES = {
    "errors": ("InputError", "Interrupted", "RunWarning", "StorageError"),
    "channels": ("GHK", "Binding", "Channel", "Gate", "IonPool", "Pump", "Synapse"),
    "cells": ("Cell", "Compartment", "Coupling", "Ion", "Parameter", "factors", "log_factors"),
    "fitting": ("fit",),
    "page": ("explore",),
    "simulation": ("Batch", "Recording", "Session", "load", "prepare", "simulate"),
    "sweeps": ("between", "sweep"),
}
_HOME = {name: room for room, names in _NAMES.items() for name in names}

__all__ = [
    "GHK",
    "Batch",
    "Binding",
    "Cell",
    "Channel",
    "Compartment",
    "Coupling",
    "Gate",
    "InputError",
    "Interrupted",
    "Ion",
    "IonPool",
    "Parameter",
    "Pump",
    "Recording",
    "RunWarning",
    "Session",
    "StorageError",
    "Synapse",
    "bench",
    "between",
    "cells",
    "channels",
    "conditions",
    "config",
    "equations",
    "explore",
    "factors",
    "fit",
    "fitting",
    "load",
    "log_factors",
    "measures",
    "motor_pool",
    "muscle",
    "plots",
    "prepare",
    "simulate",
    "spikes",
    "stimuli",
    "sweep",
    "sweeps",
]


def __getattr__(name: str) -> object:
    if name in _ROOMS:
        return importlib.import_module(f"mnexcite.{name}")
    if name in _HOME:
        return getattr(importlib.import_module(f"mnexcite.{_HOME[name]}"), name)
    raise AttributeError(f"module 'mnexcite' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
