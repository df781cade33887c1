"""What nobody could pay for is refused before any work, with what it would cost."""

import numpy as np
import pytest

import mnexcite as mx
from mnexcite.errors import cost

HH = mx.cells.hodgkin_huxley_1952()


@pytest.fixture(autouse=True)
def nothing_runs(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("work began before the cost was told")

    monkeypatch.setattr("mnexcite.engine.batch.Runs.advance", refuse)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"duration": 1e15}, "would take .* steps or more"),
        ({"duration": 1e12, "method": "reference"}, "would take .* steps or more"),
        ({"duration": 1e9, "method": "staggered", "dt": 1e-6}, "would take 1e\\+15 steps"),
        ({"duration": 10.0, "method": "staggered", "dt": 1e-15}, "dt is 1e-15 ms; allowed"),
        ({"duration": 1e-308, "method": "reference"}, "duration is 1e-308 ms; allowed"),
        ({"duration": 1e3, "every": 1e-300}, "would take .* GiB; allowed: up to"),
        ({"duration": 1e9, "every": 1e-3, "record": ("v", "Na.i")}, "would take .* GiB"),
        ({"duration": 1e3, "threads": 10**30}, "threads is .*; allowed"),
    ],
)
def test_runs_that_cost_too_much(told, said):
    with pytest.raises(mx.InputError, match=said) as caught:
        mx.simulate(HH, **told)
    assert "\n" not in str(caught.value)


def test_a_thousand_lanes_cost_a_thousand_times_as_much():
    values = {"Na.g": np.full(1000, 120.0)}
    with pytest.raises(mx.InputError, match=r"1000 lanes of 1e\+09 ms .* take 1e\+12 steps"):
        mx.simulate(HH, duration=1e9, parameters=values)


@pytest.mark.parametrize(
    "make",
    [
        lambda: mx.factors(0.0, 1.0, 10**9),
        lambda: mx.sweeps.random({"Na.g": mx.between(1.0, 2.0)}, 10**15),
        lambda: mx.stimuli.train(1.0, unit="nA", rate=1e3, duration=1e15),
        lambda: mx.muscle.fuglevand_pool(10**9),
        lambda: mx.muscle.contract([1.0], mx.muscle.slow_unit(), duration=1e12),
        lambda: mx.sweep(HH, {"Na.g": [100.0]}, duration=1e15),
        lambda: mx.plots.new_figure(1e15, 1.0),
    ],
)
def test_what_would_fill_the_memory(make):
    with pytest.raises(mx.InputError, match=r"allowed") as caught:
        make()
    assert "\n" not in str(caught.value)


def test_the_limit_follows_the_machine(monkeypatch):
    monkeypatch.setattr(cost, "memory", lambda: 800.0)
    cost.check_memory("80 values", 80.0, "take fewer")
    with pytest.raises(mx.InputError, match=r"6.03e-07 GiB; allowed: up to 5.96e-07"):
        cost.check_memory("81 values", 81.0, "take fewer")
