"""What a run, or a stretch of one, gave: in the words of the public face."""

from __future__ import annotations

import numpy as np

from mnexcite.engine import status
from mnexcite.engine.batch import Outcome
from mnexcite.spikes import SpikeTrains


def trains_of(outcome: Outcome) -> SpikeTrains:
    """Return the spikes of a run or a stretch of one."""
    counts = np.array([train.size for train in outcome.spikes], dtype=np.int64)
    return SpikeTrains(np.concatenate([np.empty(0), *outcome.spikes]), counts)


def names_of(outcome: Outcome) -> tuple[str, ...]:
    """Return each lane's status."""
    return tuple(status.NAMES[code] for code in outcome.status.tolist())
