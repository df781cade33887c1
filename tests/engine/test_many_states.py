"""Cells of more than thirty states."""

import numpy as np
import pytest
from engine_cells import CASES, case_cell, case_stimulus

from mnexcite import simulate
from mnexcite.channels import Channel, Gate

CASE = CASES["HH two steps"]


def idle(k):
    """Return a channel that carries nothing, with a gate of its own."""
    gate = Gate("m", inf=lambda v: 1.0 / (1.0 + np.exp(-(v + 40.0) / 5.0)), tau=5.0)
    return Channel(f"idle{k}", g=0.0, E=-70.0, gates=[gate])


@pytest.mark.parametrize("method", ["kaps_rentrop", "staggered"])
def test_idle_channels_change_no_spike(method):
    cell = case_cell(CASE)
    for k in range(29):
        cell = cell.with_channel(idle(k))
    run = simulate(cell, case_stimulus(CASE), duration=120.0, method=method, record=())
    assert run.status == "ok" and len(run.final_state.names) == 33
    wanted = np.array(CASE["spikes"])[np.array(CASE["spikes"]) < 120.0]
    allowed = 0.1 if method == "staggered" else 1e-3
    np.testing.assert_allclose(run.spike_times, wanted, rtol=0, atol=allowed)
