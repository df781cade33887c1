"""A concentration that falls below zero ends a run with a status of its own."""

import pytest
from engine_cells import COMPILED

from mnexcite import cells, channels, simulate, stimuli
from mnexcite.cells import Cell, Compartment


def emptied():
    """Return a cell whose only current drains its pool: c falls by 0.1 per ms from 0.05."""
    drain = channels.Channel("drain", g=0.1, E=-60.0, ion="Ca")
    hold = channels.Channel("leak", g=1.0, E=0.0)
    pool = channels.IonPool("Ca", alpha=0.01, decay=1e-9, initial=0.05, scale=1e-3)
    return Cell("emptied", Compartment("soma", 1.0, [drain, hold], [pool], v=-5.0))


@pytest.mark.filterwarnings("ignore:.*did not end well")
@pytest.mark.parametrize("method", [*COMPILED, "reference"])
def test_a_pool_that_is_drained(method, monkeypatch):
    """The others uncompiled: by their text, which is what machine code is made of."""
    if method not in ("rosenbrock", "kaps_rentrop", "staggered"):
        monkeypatch.setenv("MNEXCITE_UNCOMPILED", "1")
    run = simulate(emptied(), duration=20.0, method=method, record=("Ca",), threads=1)
    assert run.status == "negative_concentration"
    # the inward flow at rest: g_leak and g_Ca share the voltage, -60 * 0.1 / 1.1
    v = -60.0 * 0.1 / 1.1
    emptied_at = 0.05 / (0.01 * 0.1 * (v + 60.0))
    assert 0.97 * emptied_at < run.ended < emptied_at + 1.0  # a step later
    # the step that ends the run goes beyond that moment, and so may its samples
    assert run["Ca"][run.t < 0.97 * emptied_at].min() > 0.0


@pytest.mark.filterwarnings("ignore:.*did not end well")
def test_calcium_under_a_clamp_beyond_its_reversal_potential():
    clamp = stimuli.voltage_clamp(-70.0, (5.0, 200.0, 50.0))
    run = simulate(cells.purvis_butera_2005(), clamp, duration=200.0)
    assert run.status == "negative_concentration"


def test_what_rounds_to_zero_is_no_failure():
    """Molkov's pool starts at 0 and Booth's too."""
    for cell in (cells.molkov_2025(), cells.booth_rinzel_kiehn_1997()):
        for method in COMPILED:
            dt = (
                {}
                if method in ("kaps_rentrop", "rosenbrock", "dormand_prince")
                else {"dt": 0.01}
            )
            assert simulate(cell, duration=20.0, method=method, **dt).status == "ok"
