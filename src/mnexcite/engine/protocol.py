"""Numbers that tell whether two runs have the same equations and the same stimulus."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mnexcite.equations.lower import Lanes
from mnexcite.stimuli import Drive

Index = NDArray[np.int64]


def fingerprints(lanes: Lanes, drives: Sequence[Drive], drive_of: Index) -> Index:
    """Return a number per lane, of its parameters, its gates' kinetics and its drive."""
    kinetics = [lanes.values.fingerprint(cell, lanes.layout) for cell in lanes.kinetics]
    entering = [_columns(drive.numbers.view(np.int64)[:, None])[0] for drive in drives]
    numbers = np.stack([np.array(kinetics)[lanes.kind], np.array(entering)[drive_of]])
    return _columns(np.concatenate([lanes.rows.view(np.int64), numbers]))


def _columns(bits: Index) -> Index:
    """Return a number per column, which changes with every bit and with their places."""
    odd = np.arange(1, 2 * len(bits), 2, dtype=np.int64) * np.int64(0x5851F42D4C957F2D)
    with np.errstate(over="ignore"):
        mixed = (bits ^ (bits >> np.int64(29))) * odd[:, None]
        mixed = (mixed ^ (mixed >> np.int64(32))) * np.int64(0x2545F4914F6CDD1D)
        return np.sum(mixed ^ (mixed >> np.int64(31)), axis=0)
