"""A stimulus in the terms that simulators have: a constant, or points to be joined."""

from __future__ import annotations

from mnexcite.bench.pieces import pieces
from mnexcite.bench.work import Work


def constant(work: Work, compartment: int) -> float | None:
    """Return a compartment's injected current if it is the same all the time, else None.

    Examples
    --------
    >>> from mnexcite import cells, stimuli
    >>> cell, drive = cells.hodgkin_huxley_1952(), stimuli.step(10.0, unit="uA/cm2")
    >>> constant(Work(cell, {}, drive), 0), constant(Work(cell), 0)
    (10.0, 0.0)
    """
    stretches = pieces(work)
    values = {float(piece.first[compartment]) for piece in stretches}
    flat = all(piece.slope[compartment] == 0.0 for piece in stretches)
    return values.pop() if flat and len(values) == 1 else None


def points(work: Work, compartment: int) -> tuple[list[float], list[float]]:
    """Return times [ms] and values to be joined by straight lines; a jump is two points.

    Examples
    --------
    >>> from mnexcite import cells, stimuli
    >>> drive = stimuli.step(10.0, unit="uA/cm2", start=5.0)
    >>> points(Work(cells.hodgkin_huxley_1952(), {}, drive, duration=20.0), 0)
    ([0.0, 5.0, 5.0, 20.0], [0.0, 0.0, 10.0, 10.0])
    """
    times, values = [], []
    for piece in pieces(work):
        first, slope = float(piece.first[compartment]), float(piece.slope[compartment])
        times += [piece.left, piece.right]
        values += [first, first + slope * (piece.right - piece.left)]
    return times, values
