"""Sweeps on the processes of a Dask cluster, some of which die."""

import os
import signal

import dask
import numpy as np
import pytest
from sweep_oracle import HH, WATCHING, same_bits, steps

import mnexcite as mx
from mnexcite import measures
from mnexcite.sweeps import open_store
from waiting import PATIENCE

distributed = pytest.importorskip("distributed")
pytestmark = [
    # of distributed, about its own sockets when workers were killed
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning"),
]

AXES = {"stimulus.amplitude": np.linspace(0.0, 30.0, 6), "K.g": mx.factors([0.8, 1.0, 1.2])}
OFFSET = 0.25
#: What a worker needs, and would import late.
MODULES = ("xarray", "mnexcite.engine.methods", "mnexcite.kernels.native", "mnexcite.sweeps")


@pytest.fixture(scope="module")
def cluster():
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": ":0"}
    # those that are killed begin again as forks of a process that has imported everything
    with dask.config.set({"distributed.worker.multiprocessing-method": "forkserver"}):
        distributed.utils.get_mp_context().set_forkserver_preload(["distributed", *MODULES])
        with distributed.LocalCluster(**options, silence_logs=50) as started:
            yield started


@pytest.fixture
def client(cluster):
    with distributed.Client(cluster) as connected:
        connected.wait_for_workers(2, timeout=PATIENCE)
        yield connected


def _swept(measures=WATCHING, **options):
    # neither function can be pickled by its name
    drive = lambda amplitude: steps(amplitude=amplitude)  # noqa: E731
    return mx.sweep(HH, AXES, drive, duration=60.0, measures=measures, **options)


def _kill(cluster, number):
    for nanny in list(cluster.workers.values())[:number]:
        os.kill(nanny.process.pid, signal.SIGKILL)


def test_workers_give_the_bits_of_threads(client, tmp_path):
    own = measures.per_point("own", lambda p: p.spike_times.sum() + OFFSET, unit="ms")
    search = measures.rheobase(duration=20.0, settle=5.0, precision=0.2)
    told = {"measures": (*WATCHING, own, search)}
    plain = _swept(threads=1, **told)
    for options in ({"chunk": 5}, {"store": tmp_path / "a.zarr", "chunk": 7}):
        assert not same_bits(plain, _swept(executor=client, **told, **options))


# where values go is nothing to who computes them
@pytest.mark.parametrize(
    ("killed", "stored"), [(1, False), (2, True)], ids=["one-memory", "all-store"]
)
def test_killed_workers_lose_nothing(cluster, client, tmp_path, killed, stored):
    seen = []

    def progress(now):
        seen.append(now.done)
        if len(seen) == 6:
            _kill(cluster, killed)

    path = tmp_path / "a.zarr" if stored else None
    found = _swept(executor=client, chunk=1, progress=progress, store=path)
    assert seen == list(range(19))  # every point once
    assert not same_bits(_swept(threads=1), found)
    if stored:
        assert open_store(path).missing() == ()
        assert open_store(path).verify() == ()


@pytest.mark.parametrize("error", [OSError, KeyError, ValueError, TimeoutError])
def test_a_worker_that_dies_as_it_is_given_the_sweep_is_replaced(client, monkeypatch, error):
    """The scheduler names a dead worker until it hears of it, and fails in several ways."""
    scatter, failures = client.scatter, [error("dead"), error("dead")]

    def scattered(*args, **options):
        if failures:
            raise failures.pop()
        return scatter(*args, **options)

    monkeypatch.setattr(client, "scatter", scattered)
    one = {"duration": 20.0, "measures": "rate"}
    found = mx.sweep(HH, {"K.g": [30.0]}, executor=client, **one)
    assert not failures and not same_bits(mx.sweep(HH, {"K.g": [30.0]}, **one), found)


def test_a_measure_that_fails_on_a_worker_says_so(client):
    own = measures.per_point("own", lambda p: 1 / 0, unit="1")
    with pytest.raises(mx.InputError, match=r"measure 'own'.*ZeroDivisionError"):
        _swept(measures=own, executor=client)
    assert not same_bits(_swept(measures="rate"), _swept(measures="rate", executor=client))


def test_interrupted_on_a_cluster(client, tmp_path):
    def progress(now):
        if now.done >= 5:
            raise KeyboardInterrupt

    path = tmp_path / "a.zarr"
    with pytest.raises(mx.Interrupted, match="of 18 points done; run it again to go on"):
        _swept(executor=client, chunk=1, store=path, progress=progress)
    assert not same_bits(_swept(threads=1), _swept(executor=client, store=path))


def test_a_script_without_a_guard_is_told_so(monkeypatch):
    def refuse(**options):  # as a worker that runs the script once more makes it do
        raise RuntimeError("Nanny failed to start.")

    monkeypatch.setattr("distributed.LocalCluster", refuse)
    with pytest.raises(mx.InputError, match=r"Nanny failed.*under if __name__ == '__main__':"):
        _swept(executor="dask")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (dict(executor="threads", workers=2), "workers is 2, and the executor 'threads'"),
        (dict(executor="dask", workers=0), "workers is 0; allowed: 1 to 1024"),
    ],
)
def test_workers_are_refused_where_they_mean_nothing(given, said):
    with pytest.raises(mx.InputError, match=said):
        _swept(**given)
