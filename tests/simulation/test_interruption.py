"""Ctrl-C and progress on long runs."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from mnexcite import cells, simulate, stimuli
from mnexcite.engine import batch as engine
from mnexcite.errors import Interrupted

HH = cells.hodgkin_huxley_1952()
STEP = stimuli.step(15.0, unit="uA/cm2")


@pytest.fixture
def pressed(monkeypatch):
    """Press Ctrl-C in the main thread once some windows are done."""

    def after(windows):
        advance, seen = engine.fold.advance, []

        def counted(*args, **kwargs):
            seen.append(1)
            time.sleep(0.002)
            return advance(*args, **kwargs)

        monkeypatch.setattr(engine.fold, "advance", counted)
        wait, raised = engine.wait, []

        def interrupted(*args, **kwargs):
            for _ in range(20_000):
                if len(seen) >= windows:
                    break
                time.sleep(0.001)
            if not raised:
                raised.append(1)
                raise KeyboardInterrupt
            return wait(*args, **kwargs)

        monkeypatch.setattr(engine, "wait", interrupted)
        monkeypatch.setattr(engine, "WINDOW", 100)

    return after


def test_ctrl_c_gives_what_was_computed(pressed):
    whole = simulate(HH, STEP, duration=2000.0, every=1.0)
    pressed(windows=20)
    with pytest.raises(Interrupted) as caught:
        simulate(HH, STEP, duration=2000.0, every=1.0)
    partial = caught.value.partial
    assert isinstance(caught.value, KeyboardInterrupt) and "\n" not in str(caught.value)
    assert partial.status == "interrupted"
    assert 20 * 100 * 0.025 <= partial.ended < 2000.0
    done = whole.spike_times[whole.spike_times < partial.ended]
    np.testing.assert_array_equal(partial.spike_times, done)
    assert len(done) >= 2
    np.testing.assert_array_equal(partial["v"], whole["v"][: len(partial["v"])])
    assert len(partial.t) == len(partial["v"]) >= partial.ended - 3.0
    assert np.all(np.isfinite(partial["v"]))


def test_an_interrupted_run_can_go_on(pressed, monkeypatch):
    """Its final state stands where the run stopped, not where it should have ended."""
    whole = simulate(HH, STEP, duration=500.0)
    pressed(windows=20)
    with pytest.raises(Interrupted) as caught:
        simulate(HH, STEP, duration=500.0)
    monkeypatch.undo()
    partial = caught.value.partial
    assert partial.final_state.time == partial.ended < 500.0
    rest = simulate(HH, STEP, duration=500.0 - partial.ended, initial=partial.final_state)
    both = np.concatenate([partial.spike_times, rest.spike_times])
    np.testing.assert_array_equal(both, whole.spike_times)
    assert rest.final_state == whole.final_state


def test_ctrl_c_in_a_batch(pressed):
    values = np.linspace(100.0, 140.0, 100)
    pressed(windows=30)
    with pytest.raises(Interrupted) as caught:
        simulate(
            HH, STEP, duration=2000.0, parameters={"Na.g": values}, record=("v",), every=1.0
        )
    partial = caught.value.partial
    assert len(partial) == 100
    assert set(partial.status) <= {"ok", "interrupted"} and "interrupted" in partial.status
    assert partial["v"].shape == (100, len(partial.t))
    for lane in range(100):
        assert np.all(partial.spike_times[lane] <= partial.ended[lane])


def test_ctrl_c_stops_the_reference_too(monkeypatch):
    wait, raised = engine.wait, []

    def interrupted(*args, **kwargs):
        time.sleep(0.3)
        if not raised:
            raised.append(1)
            raise KeyboardInterrupt
        return wait(*args, **kwargs)

    monkeypatch.setattr(engine, "wait", interrupted)
    begun = time.monotonic()
    with pytest.raises(Interrupted) as caught:
        simulate(HH, STEP, duration=100_000.0, method="reference", every=1.0)
    # 100 s of firing would take minutes
    assert time.monotonic() - begun < 30.0
    partial = caught.value.partial
    assert partial.status == "interrupted" and 0 < partial.ended < 100_000.0
    assert np.all(np.isfinite(partial["v"]))


@pytest.mark.skipif(os.name != "posix", reason="signals of this kind")
def test_a_real_signal(tmp_path):
    script = """
import sys
import mnexcite as mx
cell = mx.cells.hodgkin_huxley_1952()
drive = mx.stimuli.step(15.0, unit="uA/cm2")
mx.simulate(cell, drive, duration=1.0)
print("ready", flush=True)
try:
    mx.simulate(cell, drive, duration=1e7, record=())
except mx.Interrupted as error:
    print(error.partial.status, len(error.partial.spike_times) > 0, error, sep="|")
    sys.exit(130)
"""
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    status, spikes, message = out.strip().split("|")
    assert status == "interrupted" and spikes == "True" and "Ctrl-C" in message
    assert err == ""


@pytest.mark.parametrize("method", ["staggered", "reference"])
def test_progress_grows_to_one(method):
    seen = []
    duration = 3000.0 if method == "staggered" else 60.0
    simulate(
        HH,
        STEP,
        duration=duration,
        parameters={"Na.g": [110.0, 120.0, 130.0]},
        progress=seen.append,
        method=method,
    )
    assert seen and all(0.0 <= share <= 1.0 for share in seen)
    assert seen == sorted(seen)
    assert seen[-1] == pytest.approx(1.0)


def test_progress_is_called_on_the_way(monkeypatch):
    monkeypatch.setattr(engine, "WINDOW", 50)
    advance = engine.fold.advance

    def slow(*args, **kwargs):
        time.sleep(0.02)
        return advance(*args, **kwargs)

    monkeypatch.setattr(engine.fold, "advance", slow)
    seen = []
    simulate(HH, STEP, duration=25.0, progress=seen.append)
    assert len(seen) >= 3 and 0.0 < seen[len(seen) // 2] < 1.0


def test_an_error_in_a_worker_is_raised(monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("broken")

    monkeypatch.setattr(engine.fold, "advance", broken)
    with pytest.raises(RuntimeError, match="broken"):
        simulate(HH, STEP, duration=10.0, parameters={"Na.g": np.ones(200)})
