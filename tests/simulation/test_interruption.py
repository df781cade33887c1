"""Ctrl-C and progress on long runs."""

import os
import signal
import subprocess
from dataclasses import replace

import numpy as np
import pytest

from exactness import by
from mnexcite import cells, simulate, stimuli
from mnexcite.channels import Gate, kinetics
from mnexcite.engine import adaptive_run, fixed_run
from mnexcite.engine import batch as engine
from mnexcite.errors import Interrupted
from waiting import interrupt, until

HH = cells.hodgkin_huxley_1952()
STEP = stimuli.step(15.0, unit="uA/cm2")
MAIN = ("rosenbrock", "kaps_rentrop", "dormand_prince", "staggered")


@pytest.fixture
def pressed(monkeypatch):
    """Press Ctrl-C in the main thread once some kernel calls are done."""

    def after(calls):
        add, seen, raised = engine.Control.add, [], []

        def counted(self, amount):
            add(self, amount)
            seen.append(1)
            if len(seen) >= calls:  # none runs ahead of Ctrl-C
                until(lambda: raised)

        monkeypatch.setattr(engine.Control, "add", counted)
        wait = engine.wait_a_little

        def interrupted(*args, **kwargs):
            until(lambda: len(seen) >= calls)
            if not raised:
                raised.append(1)
                raise KeyboardInterrupt
            return wait(*args, **kwargs)

        monkeypatch.setattr(engine, "wait_a_little", interrupted)
        monkeypatch.setattr(fixed_run, "WINDOW", 100)
        monkeypatch.setattr(adaptive_run, "BUDGET", 100)

    return after


@pytest.mark.parametrize("method", MAIN)
def test_ctrl_c_gives_what_was_computed(method, pressed):
    given = {"duration": 5000.0, "every": 1.0, "method": method}
    whole = simulate(HH, STEP, **given)
    pressed(calls=20)
    with pytest.raises(Interrupted) as caught:
        simulate(HH, STEP, **given)
    partial = caught.value.partial
    assert isinstance(caught.value, KeyboardInterrupt) and "\n" not in str(caught.value)
    assert partial.status == "interrupted"
    assert 20 * 100 * 0.005 <= partial.ended < 5000.0
    done = whole.spike_times[whole.spike_times < partial.ended]
    np.testing.assert_array_equal(partial.spike_times, done)
    assert len(done) >= 2
    np.testing.assert_array_equal(partial["v"], whole["v"][: len(partial["v"])])
    assert len(partial.t) == len(partial["v"]) >= partial.ended - 3.0
    assert np.all(np.isfinite(partial["v"]))
    np.testing.assert_array_equal(partial.t, whole.t[whole.t < partial.ended])


@pytest.mark.parametrize("method", MAIN)
def test_an_interrupted_run_can_go_on(method, pressed, monkeypatch):
    """Its final state stands where the run stopped, not where it should have ended."""
    given = {"method": method, "every": 0.5}
    whole = simulate(HH, STEP, duration=4000.0, **given)
    pressed(calls=20)
    with pytest.raises(Interrupted) as caught:
        simulate(HH, STEP, duration=4000.0, **given)
    monkeypatch.undo()
    partial = caught.value.partial
    assert partial.final_state.time == partial.ended < 4000.0
    left = 4000.0 - partial.ended
    assert partial.ended + left == 4000.0
    rest = simulate(HH, STEP, duration=left, initial=partial.final_state, **given)
    both = np.concatenate([partial.spike_times, rest.spike_times])
    np.testing.assert_array_equal(both, whole.spike_times)
    np.testing.assert_array_equal(np.concatenate([partial["v"], rest["v"]]), whole["v"])
    assert rest.final_state == whole.final_state


@pytest.mark.parametrize("method", MAIN)
def test_ctrl_c_in_a_batch(method, pressed):
    """Samples reach as far as the furthest lane; NaN stands where others were not yet."""
    values = np.linspace(100.0, 140.0, 100)
    given = {"parameters": {"Na.g": values}, "record": ("v",), "every": 1.0, "method": method}
    whole = simulate(HH, STEP, duration=500.0, **given)
    pressed(calls=30)
    with pytest.raises(Interrupted) as caught:
        simulate(HH, STEP, duration=500.0, **given)
    partial = caught.value.partial
    assert len(partial) == 100
    assert set(partial.status) <= {"ok", "interrupted"} and "interrupted" in partial.status
    assert partial["v"].shape == (100, len(partial.t))
    reached = np.where(np.isinf(partial.ended), 500.0, partial.ended)
    assert len(partial.t) == np.sum(whole.t < reached.max())
    for lane in range(100):
        assert np.isfinite(partial.ended[lane]) == (partial.status[lane] == "interrupted")
        done = partial.t < reached[lane]
        np.testing.assert_array_equal(
            partial["v"][lane, done], whole["v"][lane, : np.sum(done)]
        )
        assert np.all(np.isnan(partial["v"][lane, ~done]))
        spikes = whole.spike_times[lane]
        np.testing.assert_array_equal(partial.spike_times[lane], spikes[spikes < reached[lane]])


@pytest.mark.parametrize("method", ["rosenbrock", "dormand_prince"])
def test_lanes_of_an_interrupted_batch_that_were_done(method, pressed):
    """A lane of the queue that had ended is whole; one that had not begun is at its start."""
    short, long = (
        stimuli.step(0.0, unit="uA/cm2"),
        stimuli.train(15.0, unit="uA/cm2", rate=500.0, width=0.5, count=2000),
    )
    drives = [short] * 8 + [long] * 8
    pressed(calls=12)
    with pytest.raises(Interrupted) as caught:
        simulate(HH, drives, duration=4000.0, method=method, threads=1, record=("v",))
    partial = caught.value.partial
    ok = np.array([status == "ok" for status in partial.status])
    assert np.all(np.isinf(partial.ended[ok])) and np.all(np.isfinite(partial.ended[~ok]))
    assert np.any(partial.ended == 0.0)
    assert np.all(np.isfinite(partial["v"][ok]))
    assert np.all(np.isnan(partial["v"][partial.ended == 0.0]))


@pytest.mark.parametrize("method", MAIN)
def test_ctrl_c_before_a_run_goes_on_at_all(method, monkeypatch):
    """It then stands where it began, and no spike of before is given out again."""
    given = {"method": method, "every": 0.5}
    whole = simulate(HH, STEP, duration=40.0, **given)
    # just behind a spike, so that the step that is kept begins before it
    cut = np.ceil(whole.spike_times[1] / 0.025) * 0.025
    first = simulate(HH, STEP, duration=cut, **given)

    class Stopped(engine.Control):
        def __init__(self):
            super().__init__()
            self.stop.set()

    with monkeypatch.context() as patch:
        patch.setattr(engine, "Control", Stopped)
        wait, raised = engine.wait_a_little, []

        def interrupted(*args, **kwargs):
            if not raised:
                raised.append(1)
                raise KeyboardInterrupt
            return wait(*args, **kwargs)

        patch.setattr(engine, "wait_a_little", interrupted)
        with pytest.raises(Interrupted) as caught:
            simulate(HH, STEP, duration=40.0 - cut, initial=first.final_state, **given)
    partial = caught.value.partial
    assert partial.start == partial.ended == partial.final_state.time == cut
    rest = simulate(HH, STEP, duration=40.0 - cut, initial=partial.final_state, **given)
    both = np.concatenate([first.spike_times, partial.spike_times, rest.spike_times])
    np.testing.assert_array_equal(both, whole.spike_times)


def test_ctrl_c_stops_the_reference_too(monkeypatch):
    (soma,) = HH.compartments
    sodium, *others = soma.channels
    _, h = sodium.gates
    asked = []

    def counted(v):
        asked.append(1)
        return kinetics.alpha_linear(v, 0.1, -40.0, 10.0)

    beta = lambda v: kinetics.beta_exponential(v, 4.0, -65.0, 18.0)  # noqa: E731
    sodium = replace(sodium, gates=(Gate("m", power=3, alpha=counted, beta=beta), h))
    cell = replace(HH, compartments=(replace(soma, channels=(sodium, *others)),))
    before, wait, raised = len(asked), engine.wait_a_little, []

    def interrupted(*args, **kwargs):
        until(lambda: len(asked) > before + 1000)
        if not raised:
            raised.append(1)
            raise KeyboardInterrupt
        return wait(*args, **kwargs)

    monkeypatch.setattr(engine, "wait_a_little", interrupted)
    with pytest.raises(Interrupted) as caught:
        simulate(cell, STEP, duration=100_000.0, method="reference", every=1.0)
    partial = caught.value.partial
    # stopped at once, not when the 100 s were over, which would take minutes
    assert partial.status == "interrupted" and 0 < partial.ended < 10_000.0
    assert np.all(np.isfinite(partial["v"]))


@pytest.mark.skipif(os.name != "posix", reason="signals of this kind")
@pytest.mark.parametrize("method", ["rosenbrock", "staggered"])
def test_a_real_signal(method, tmp_path, forked):
    script = """
import sys
import mnexcite as mx
cell = mx.cells.hodgkin_huxley_1952()
drive = mx.stimuli.step(15.0, unit="uA/cm2")
mx.simulate(cell, drive, duration=1.0, method=sys.argv[1])
try:
    seen = []
    def told(share):
        if share > 0.0 and not seen:
            seen.append(print("computing", flush=True))
    mx.simulate(cell, drive, duration=1e8, record=(), method=sys.argv[1], progress=told)
except mx.Interrupted as error:
    print(error.partial.status, len(error.partial.spike_times) > 0, error, sep="|")
    sys.exit(130)
"""
    process = subprocess.Popen(
        [*forked, "-c", script, method],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "computing\n"
    out, err = interrupt(process)
    assert process.returncode == 130, err
    status, spikes, message = out.strip().split("|")
    assert status == "interrupted" and spikes == "True" and "Ctrl-C" in message
    assert err == ""


@pytest.mark.parametrize("method", [*MAIN, "reference"])
def test_progress_grows_to_one(method):
    seen = []
    simulate(
        HH,
        STEP,
        duration=6.0 if method == "reference" else 1000.0,
        parameters={"Na.g": [110.0, 120.0, 130.0]},
        progress=seen.append,
        **by(method),
    )
    assert seen and all(0.0 <= share <= 1.0 for share in seen)
    assert seen == sorted(seen)
    assert seen[-1] == pytest.approx(1.0)


@pytest.mark.parametrize("method", MAIN)
def test_progress_is_called_on_the_way(method, monkeypatch):
    monkeypatch.setattr(fixed_run, "WINDOW", 50)
    monkeypatch.setattr(adaptive_run, "BUDGET", 20)
    add, seen, added = engine.Control.add, [], []

    def patient(self, amount):
        add(self, amount)
        added.append(amount)
        if len(added) <= 4:  # some stretches wait until they were told
            told = len(seen)
            until(lambda: len(seen) > told)

    monkeypatch.setattr(engine.Control, "add", patient)
    simulate(HH, STEP, duration=25.0, progress=seen.append, method=method)
    assert len(seen) >= 3 and 0.0 < seen[len(seen) // 2] < 1.0


@pytest.mark.parametrize("method", [*MAIN, "reference"])
def test_an_error_in_a_worker_is_raised(method, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("broken")

    monkeypatch.setattr(engine.Control, "add", broken)
    with pytest.raises(RuntimeError, match="broken"):
        simulate(HH, STEP, duration=10.0, parameters={"Na.g": np.ones(200)}, method=method)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("raised", [ValueError("no"), SystemExit(3)], ids=["error", "exit"])
def test_what_progress_raises_stops_the_run_and_keeps_what_there_is(raised, threads):
    def progress(share):
        if share > 0.0:
            raise raised

    with pytest.raises(type(raised)) as caught:
        simulate(
            HH,
            STEP,
            duration=1e7,
            record=(),
            parameters={"Na.g": np.linspace(110.0, 130.0, 8)},
            threads=threads,
            progress=progress,
        )
    assert caught.value is raised
    assert set(caught.value.partial.status) == {"interrupted"}
    # at once: all of it, 80 000 s of firing, would take hours
    assert (caught.value.partial.ended < 1e6).all()


@pytest.mark.skipif(os.name != "posix", reason="signals of this kind")
def test_what_a_handler_of_signals_raises_stops_the_run():
    class Preempted(Exception):
        pass

    def ring(number, frame):
        raise Preempted

    simulate(HH, STEP, duration=1.0)  # compiled by now
    before = signal.signal(signal.SIGALRM, ring)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.3)
        with pytest.raises(Preempted) as caught:
            simulate(HH, STEP, duration=1e8, record=())
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
    assert caught.value.partial.status == "interrupted"
