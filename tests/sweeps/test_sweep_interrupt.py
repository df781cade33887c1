"""Ctrl-C in a sweep: what is computed is kept, and the store can be gone on with."""

import signal
import subprocess
import textwrap

import numpy as np
import pytest
from sweep_oracle import HH, STEP, same_bits, steps

import mnexcite as mx
from mnexcite.sweeps import open_store
from waiting import until

AXES = {"stimulus.amplitude": np.linspace(0.0, 30.0, 10)}


def _stop_at(done):
    def progress(now):
        if now.done >= done:
            raise KeyboardInterrupt

    return progress


@pytest.fixture(scope="module")
def plain():
    return mx.sweep(HH, AXES, steps, duration=60.0)


@pytest.mark.parametrize("threads", [1, 2])
def test_interrupted_in_memory_carries_what_is_done(threads, plain):
    told = {"duration": 60.0, "chunk": 1, "threads": threads}
    with pytest.raises(mx.Interrupted, match="give store= to be able to go on") as caught:
        mx.sweep(HH, AXES, steps, **told, progress=_stop_at(4))
    found = caught.value.partial
    done = (found["status"] == 0).values
    assert done.sum() >= 4
    assert f"with {done.sum()} of 10 points" in str(caught.value)
    assert set(found["status"].values) == {0, -1}
    for name in plain:
        assert found[name].values[done].tobytes() == plain[name].values[done].tobytes()
        pending = found[name].values[~done]
        assert (np.isnan(pending) if pending.dtype == float else pending == -1).all()


@pytest.mark.parametrize("at", [0, 4, 10])
def test_interrupted_store_goes_on(tmp_path, at, plain):
    path = tmp_path / "a.zarr"
    told = {"duration": 60.0, "chunk": 1, "threads": 2}
    with pytest.raises(mx.Interrupted, match="run it again to go on") as caught:
        mx.sweep(HH, AXES, steps, **told, store=path, progress=_stop_at(at))
    done = int((caught.value.partial["status"] == 0).sum())
    assert at <= done == 10 - len(open_store(path).missing())
    seen = []
    found = mx.sweep(HH, AXES, steps, **told, store=path, progress=seen.append)
    assert (seen[0].done, seen[-1].computed) == (done, 10 - done)
    assert not same_bits(plain, found)


def test_interrupt_stops_a_long_block_soon():
    def later(now):
        if now.computed == 0:
            signal.setitimer(signal.ITIMER_REAL, 0.3)

    def ring(number, frame):
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, ring)
    try:
        mx.sweep(HH, {"Na.g": [120.0]}, STEP, duration=10.0)  # compiled by now
        with pytest.raises(mx.Interrupted) as caught:
            mx.sweep(
                HH,
                {"Na.g": np.linspace(110, 120, 400)},
                STEP,
                duration=20_000.0,
                progress=later,
            )
        # a block of so much firing takes seconds, and none is waited for
        assert (caught.value.partial["status"] == -1).all()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


def test_a_real_sigint_leaves_a_store_to_go_on_with(tmp_path, forked):
    path = tmp_path / "a.zarr"
    program = """
        import sys, time
        import numpy as np
        import mnexcite as mx
        cell, step = mx.cells.hodgkin_huxley_1952(), mx.stimuli.step(10.0, unit="uA/cm2")
        axes = {"Na.g": np.linspace(100.0, 130.0, 60)}
        def told(now):
            print(now.done, flush=True)
            while now.done >= 4:
                time.sleep(0.01)
        try:
            mx.sweep(cell, axes, step, duration=1500.0, chunk=2, threads=2, progress=told,
                     store=sys.argv[1])
        except mx.Interrupted as stopped:
            print("stopped", int((stopped.partial["status"] == 0).sum()), flush=True)
            sys.exit(130)
        """
    command = [*forked, "-c", textwrap.dedent(program), str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        until(lambda: int(process.stdout.readline()) >= 4)
        process.send_signal(signal.SIGINT)
        said = process.stdout.read().split()
    assert process.returncode == 130
    assert said[-2] == "stopped"
    missing = open_store(path).missing()
    assert 0 < len(missing) < 30
    assert int(said[-1]) == 60 - 2 * len(missing)
    found = mx.sweep(
        HH, {"Na.g": np.linspace(100.0, 130.0, 60)}, STEP, duration=1500.0, store=path
    )
    assert open_store(path).missing() == ()
    plain = mx.sweep(HH, {"Na.g": np.linspace(100.0, 130.0, 60)}, STEP, duration=1500.0)
    assert not same_bits(plain, found)


@pytest.mark.parametrize("stored", [False, True])
def test_what_progress_raises_stops_the_sweep_and_keeps_what_there_is(tmp_path, stored, plain):
    class Enough(Exception):
        pass

    def progress(now):
        if now.done >= 4:
            raise Enough

    path = tmp_path / "a.zarr" if stored else None
    told = {"duration": 60.0, "chunk": 1, "threads": 2, "store": path}
    with pytest.raises(Enough) as caught:
        mx.sweep(HH, AXES, steps, **told, progress=progress)
    done = (caught.value.partial["status"] == 0).values
    assert 4 <= done.sum() < 10
    for name in plain:
        kept = caught.value.partial[name].values[done]
        assert kept.tobytes() == plain[name].values[done].tobytes()
    if stored:
        assert len(open_store(path).missing()) == 10 - done.sum()
