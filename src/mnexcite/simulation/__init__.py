"""Run cells: `simulate` at once, `prepare` in windows; `load` reads a saved run."""

from pathlib import Path

from mnexcite.engine.state import State
from mnexcite.simulation.recording import Batch, Recording
from mnexcite.simulation.session import Session, Window, prepare
from mnexcite.simulation.simulate import simulate


def load(path: str | Path) -> Batch | Recording | State:
    """Read what `Recording.save`, `Batch.save` or `Session.save` wrote."""
    from mnexcite.simulation import storage

    return storage.load(path)


__all__ = ["Batch", "Recording", "Session", "Window", "load", "prepare", "simulate"]
