"""With an error asked for and no method named, the cell itself decides."""

import numpy as np
import pytest
from test_spike_error import CASES, HH, MK, PB, own_cell

from mnexcite import simulate, stimuli
from mnexcite.cells import Cell, Compartment
from mnexcite.channels import Channel
from mnexcite.engine.methods import METHODS
from mnexcite.simulation.cheapest import cheapest_method
from mnexcite.simulation.simulate import integrate

ADAPTIVE = [name for name, method in METHODS.items() if method.adaptive]
# Tolerances go down by tens, in which steps become 1.6 to 1.8 times as many: a method may
# stop one of them later than another by chance.
ONE_TOLERANCE = 1.8


# The trials of a cell are the same for all errors, which decide where they are read: each cell
# is asked once, each error of several cells.
@pytest.mark.parametrize(
    ("name", "wanted"),
    [("HH", 0.01), ("PB", 0.1), ("MK", 0.001), ("BRK", 0.1), ("own", 0.01), ("pauses", 0.001)],
)
def test_the_choice_is_cheap_under_other_drives_too(name, wanted):
    cell, drive, duration = CASES[name]
    options = {"duration": duration, "spike_error": wanted, "record": ()}
    works = {}
    for method in ADAPTIVE:
        run = simulate(cell, drive, method=method, **options)
        works[method] = METHODS[method].cost * run.steps
    chosen = simulate(cell, drive, **options)
    assert chosen.status == "ok" and chosen.spike_error <= wanted
    assert works[chosen.method] <= ONE_TOLERANCE * min(works.values()), works


def test_cells_differ_in_what_they_choose():
    assert len({cheapest_method(cell, 1e-3, integrate) for cell in (HH, PB, MK)}) > 1


def test_neither_drive_nor_company_changes_the_choice():
    drives = [stimuli.step(i, unit="uA/cm2") for i in (0.0, 5.0, 30.0)]
    batch = simulate(MK, drives, duration=60.0, spike_error=0.01)
    for lane, drive in enumerate(drives):
        alone = simulate(MK, drive, duration=60.0, spike_error=0.01)
        assert alone.method == batch.method
        np.testing.assert_array_equal(alone.spike_times, batch[lane].spike_times)


def test_what_is_named_is_kept():
    options = {"duration": 30.0, "spike_error": 0.01}
    assert simulate(MK, method="rosenbrock", **options).method == "rosenbrock"
    assert simulate(MK, tolerance=1e-5, **options).method == "kaps_rentrop"
    assert simulate(MK, duration=30.0).method == "kaps_rentrop"


def test_a_cell_that_never_fires_takes_the_default():
    leak = [Channel("leak", 0.1, E=-65.0)]
    cell = Cell("passive", Compartment("soma", 1.0, leak, v=-60.0), spike_threshold=2000.0)
    assert cheapest_method(cell, 0.01, integrate) == "kaps_rentrop"


def test_a_trial_that_saw_too_little_is_made_longer():
    seen = []

    def watched(*args, **options):
        seen.append(options["duration"])
        return integrate(*args, **options)

    slow = HH.replaced({"C": 30.0})  # fires some times in the longer trial
    cheapest_method(slow, 0.01, watched)
    assert max(seen) > 1000.0
    seen.clear()
    cheapest_method(HH, 0.02, watched)
    assert max(seen) <= 200.0


def test_an_own_cell_with_functions_that_cannot_be_compared():
    assert cheapest_method(own_cell(), 0.01, integrate) in ADAPTIVE
