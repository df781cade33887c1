"""How objects show themselves: short, true, safe, and without words from outside."""

import html
import re

import numpy as np
import pytest

import mnexcite as mx
from mnexcite.fitting import Fit

HH = mx.cells.hodgkin_huxley_1952()


@pytest.fixture(scope="module")
def shown():
    drive = mx.stimuli.step(10.0, unit="uA/cm2")
    rec = mx.simulate(HH, drive, duration=40.0)
    batch = mx.simulate(HH, drive, duration=40.0, parameters={"Na.g": np.linspace(90, 120, 3)})
    pool = mx.motor_pool.cramping_pool(2)
    return {
        "Cell": HH,
        "Recording": rec,
        "Batch": batch,
        "Force": mx.muscle.contract(rec.spike_times, mx.muscle.slow_unit()),
        "Forces": mx.muscle.contract(batch.spike_times, mx.muscle.slow_unit()),
        "Pool": pool,
        "MotorPool": mx.muscle.fuglevand_pool(5),
        "Activity": mx.motor_pool.contract(
            pool, mx.motor_pool.train(20.0, count=1, start=5.0), duration=60.0
        ),
        "Fit": Fit(
            values={"Na.g": 1.2, "K.g": 38.0},
            units={"Na.g": "1", "K.g": "mS/cm2"},
            sd={"Na.g": 0.1, "K.g": np.nan},
            sd_alone={"Na.g": 0.1, "K.g": np.nan},
            correlation=np.array([[1.0, 0.97], [0.97, 1.0]]),
            known={"Na.g": "determined", "K.g": "unknown"},
            cell=HH,
            targets=(),
            cost=3.2,
            degrees=4,
            probability=0.5,
            status="ok",
            candidates=2,
            tried={"Na.g": np.array([1.2, 1.0]), "K.g": np.array([38.0, 36.0])},
            costs=np.array([3.2, 9.0]),
            seed=0,
        ),
    }


KINDS = (
    "Cell",
    "Recording",
    "Batch",
    "Force",
    "Forces",
    "Pool",
    "MotorPool",
    "Activity",
    "Fit",
)


@pytest.mark.parametrize("kind", KINDS)
def test_text_is_one_short_line_and_a_notebook_gets_a_table(shown, kind):
    said = repr(shown[kind])
    assert said.startswith(f"{kind}(") and "\n" not in said and len(said) < 200
    table = shown[kind]._repr_html_()
    assert f"<caption>{kind}</caption>" in table
    opened = re.findall(r"<(\w+)>", table)
    assert sorted(opened) == sorted(re.findall(r"</(\w+)>", table))


def test_what_is_said_is_counted_here(shown):
    rec, batch = shown["Recording"], shown["Batch"]
    assert f"{len(rec.spike_times)} spikes, recorded v; ok" in repr(rec)
    total = sum(len(train) for train in batch.spike_times)
    assert "3 lanes of 40 ms over Na.g" in repr(batch) and f"{total} spikes" in repr(batch)
    assert "Na.g 90 to 120" in batch._repr_html_()
    assert f"peak {shown['Force'].peak:.3g}" in repr(shown["Force"])


def test_a_cell_says_how_it_differs_from_the_published_one():
    assert repr(HH).endswith("3 channels, 4 states; as published)")
    assert "Na.g 120 -> 60 mS/cm2" in repr(HH.scaled({"Na.g": 0.5}))
    assert "2 numbers changed" in repr(HH.scaled({"Na.g": 0.5, "Kdr.g": 0.5}))
    rows = HH._repr_html_().count("<tr>")
    assert rows == len(HH.parameters) + 1 + 4  # all numbers, their head, what the cell is


def test_what_others_wrote_is_no_markup():
    from dataclasses import replace

    cell = replace(HH, source="<script>alert(1)</script>")
    said = cell._repr_html_()
    assert "<script>" not in said and html.escape("<script>") in said


def test_spike_functions_take_runs(shown):
    rec, batch = shown["Recording"], shown["Batch"]
    times = rec.spike_times
    expected = 1e3 * (times.size - 1) / (times[-1] - times[0])
    assert mx.spikes.rate(rec) == pytest.approx(expected, rel=1e-12)
    assert mx.spikes.rate(batch).shape == (3,)
    assert mx.spikes.describe(rec).count == times.size
    with pytest.raises(mx.InputError, match=r"give activity\.terminals"):
        mx.spikes.rate(shown["Activity"])


def test_results_of_clamps_and_bifurcations_are_short_too():
    family = mx.measures.clamp_family(HH, [-20.0, 0.0], duration=1.0, start=1.0, every=0.5)
    said = "ClampFamily(hodgkin_huxley_1952: all currents at 2 levels from -80 mV; ok)"
    assert repr(family) == said
    picture = mx.measures.bifurcation(HH, [5.0, 12.0], duration=10.0)
    assert repr(picture).startswith("Bifurcation(2 values of current [uA/cm2]: hopf at 9.77544")
    equations = mx.equations.right_hand_side(HH)
    assert repr(equations) == "RightHandSide(hodgkin_huxley_1952: f(t, y) of 4 states)"
