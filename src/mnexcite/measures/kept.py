"""Spikes and force samples that are kept to the end of a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from mnexcite.measures.measure import Array, Span, View
from mnexcite.spikes import SpikeTrains


@dataclass(frozen=True)
class Kept:
    """Hold what was kept, one entry per window."""

    span: Span
    spikes: list[SpikeTrains] = field(default_factory=list)
    force: list[Array] = field(default_factory=list)
    force_t: list[Array] = field(default_factory=list)

    def trains(self) -> SpikeTrains:
        """Return the spikes of all windows."""
        return joined(self.spikes, self.span.lanes)


def keep_spikes(kept: Kept, window: View) -> Kept:
    """Keep the spikes of a window."""
    if window.spikes.times.size:
        kept.spikes.append(window.spikes)
    return kept


def keep_force(kept: Kept, window: View) -> Kept:
    """Keep the spikes and the force samples of a window."""
    kept.force.append(window.force)
    kept.force_t.append(window.force_t)
    return keep_spikes(kept, window)


def joined(windows: Sequence[SpikeTrains], lanes: int) -> SpikeTrains:
    """Return the spikes of windows in time order, lane by lane, as one."""
    times = np.concatenate([np.empty(0), *(window.times for window in windows)])
    owners = np.concatenate([np.empty(0, np.int64), *(window.lanes for window in windows)])
    order = np.argsort(owners, kind="stable")
    return SpikeTrains(times[order], np.bincount(owners, minlength=lanes))
