"""Drives -> what kernels read: means over fixed steps, or pieces between edges.

A drive's inputs stand in the order of the structure: currents, conductances, synapses.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnexcite.equations.structure import Structure
from mnexcite.stimuli import Drive
from mnexcite.stimuli.drive import Signal
from mnexcite.stimuli.events import Train

Array = NDArray[np.float64]

CLOSEST_EDGES = 1e-100  # ms


class Pieces(NamedTuple):
    """Hold drives in pieces from edge to edge.

    `starts`: start of each piece; `levels`, `climbs`: pieces x inputs. Of a current or
    conductance they are its value there and its slope; of a synapse what fades by its decay
    and, less that, by its rise. Drive d has pieces `bounds[d]` to `bounds[d + 1]`.
    """

    starts: Array
    levels: Array
    climbs: Array
    bounds: NDArray[np.int64]


def inputs(drive: Drive, structure: Structure) -> list[Signal | Train | None]:
    """Return what enters by each of the structure's inputs."""
    trains = iter(drive.trains)
    found: list[Signal | Train | None] = []
    for kind, k, _ in structure.inputs:
        if kind == "synapse":
            found.append(next(trains))
        else:
            found.append((drive.currents if kind == "current" else drive.conductances)[k])
    return found


def opened(
    drives: Sequence[Drive], structure: Structure, k: int, synapse: str, t: Array
) -> Array:
    """Return s(t) of a synapse at increasing times, drives x times."""
    place = structure.inputs.index(("synapse", k, synapse))
    trains = [inputs(drive, structure)[place] for drive in drives]
    return np.array([x.at(t) if isinstance(x, Train) else np.zeros(t.shape) for x in trains])


def means(
    drives: Sequence[Drive], structure: Structure, first: int, steps: int, dt: float
) -> Array:
    """Return the mean of each input over each step, steps x inputs x drives."""
    edges = dt * np.arange(float(first), first + steps + 1.0)
    values = np.zeros((steps, len(structure.inputs), len(drives)))
    for index, drive in enumerate(drives):
        for place, given in enumerate(inputs(drive, structure)):
            if isinstance(given, Train):
                values[:, place, index] = given.means(edges)
            elif given is not None:
                line = given.between(edges[0], edges[-1])
                values[:, place, index] = line.means(edges)
    return values


def pieces(
    drives: Sequence[Drive], structure: Structure, start: float = 0.0, end: float = math.inf
) -> Pieces:
    """Return the pieces of drives in a window, those at its start and after its end included.

    Without an end the drives must not fluctuate: a path has no last knot.
    """
    starts, levels, climbs, bounds = [], [], [], [0]
    for drive in drives:
        given = inputs(drive, structure)
        lines = [g.between(start, end) if isinstance(g, Signal) else None for g in given]
        known = [line.breaks for line in lines if line is not None]
        known += [g.between(start, end) for g in given if isinstance(g, Train)]
        edges = np.unique(np.concatenate([np.zeros(1), *known]))
        # what is between edges too close to step there is left out
        first = np.diff(edges, prepend=-np.inf) > CLOSEST_EDGES
        last = np.append(first[1:], True)
        level, climb = np.zeros((2, int(first.sum()), len(given)))
        for place, (line, train) in enumerate(zip(lines, given, strict=True)):
            if line is not None:
                level[:, place] = line.at(edges[last])
                climb[:, place] = line.slope(edges[last])
            elif isinstance(train, Train):
                here = edges[last]
                known_from = here >= train.times[0]
                opened = train.open(here[known_from])
                level[known_from, place], climb[known_from, place] = opened
        edges = edges[first]
        starts.append(edges)
        levels.append(level)
        climbs.append(climb)
        bounds.append(bounds[-1] + edges.size)
    return Pieces(
        np.concatenate(starts),
        np.concatenate(levels),
        np.concatenate(climbs),
        np.array(bounds, np.int64),
    )
