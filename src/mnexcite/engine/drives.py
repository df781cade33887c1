"""Stimuli -> what kernels read: means over fixed steps, or pieces that are straight lines."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnexcite.stimuli import Waveform

Array = NDArray[np.float64]
Waveforms = list[list[Waveform | None]]

CLOSEST_EDGES = 1e-100  # ms


class Pieces(NamedTuple):
    """Hold drives as straight lines from edge to edge.

    `starts`: start of each piece; `levels`, `climbs`: pieces x compartments, the value there
    and the slope. Drive d has pieces `bounds[d]` to `bounds[d + 1]`.
    """

    starts: Array
    levels: Array
    climbs: Array
    bounds: NDArray[np.int64]


def means(waveforms: Waveforms, first: int, steps: int, dt: float) -> Array:
    """Return the mean current of each step, steps x compartments x waveforms.

    `waveforms` holds, for each distinct stimulus, one per compartment or None.
    """
    edges = dt * np.arange(float(first), first + steps + 1.0)
    compartments = len(waveforms[0])
    values = np.zeros((steps, compartments, len(waveforms)))
    for index, stimulus in enumerate(waveforms):
        for compartment, waveform in enumerate(stimulus):
            if waveform is not None:
                values[:, compartment, index] = waveform.means(edges)
    return values


def pieces(waveforms: Waveforms) -> Pieces:
    """Return the drives of all distinct stimuli, from time 0 on."""
    starts, levels, climbs, bounds = [], [], [], [0]
    for stimulus in waveforms:
        known = [w.breaks for w in stimulus if w is not None]
        edges = np.unique(np.concatenate([np.zeros(1), *known]))
        # what is between edges too close to step there is left out
        first = np.diff(edges, prepend=-np.inf) > CLOSEST_EDGES
        last = np.append(first[1:], True)
        level, climb = np.zeros((2, int(first.sum()), len(stimulus)))
        for compartment, waveform in enumerate(stimulus):
            if waveform is not None:
                level[:, compartment] = waveform.at(edges[last])
                climb[:, compartment] = waveform.slope(edges[last])
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
