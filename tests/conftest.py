"""What all tests run under."""

import gc
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Matrices are of a dozen rows here: threads for them wait for each other longer than they work.
for library in ("OPENBLAS", "MKL", "OMP"):  # read when NumPy is imported
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

# A job in the background ignores Ctrl-C, and so would the programs that tests interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Waiting for a disk is for when the power fails, which no test lets it; what is waited for is
# an open file all the same.
if os.name != "nt":
    os.fsync = os.fstat  # type: ignore[assignment]

# How long an example takes says how busy the machine is. CI judges a change, so it draws the
# same examples every time; elsewhere they differ, and a failure prints how to repeat it.
settings.register_profile(
    "mnexcite",
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize="CI" in os.environ,
    print_blob=True,
)
settings.load_profile("mnexcite")

# Dask gives up on a worker that takes longer to answer, as on a busy machine; to one that was
# killed it tries to connect for as long.
for name, patience in (("CONNECT", "60s"), ("TCP", "300s")):
    os.environ.setdefault(f"DASK_DISTRIBUTED__COMM__TIMEOUTS__{name}", patience)

CACHE = "MNEXCITE_CACHE_DIR"
TOO_FAST = "ignore:.* fires at .* Hz in the mean:mnexcite.errors.RunWarning"

#: The files that take longest: begun first, so that no core waits for one in the end.
LONG = (
    "tests/sweeps/test_store_survival.py",
    "tests/sweeps/test_survival.py",
    "tests/sweeps/test_sweep_dask.py",
    "tests/cli/test_sweep_command.py",
    "tests/cli/test_other_commands.py",
    "tests/simulation/test_saved_runs.py",
    "tests/kernels/test_kernel_cache.py",
    "tests/motor_pool/test_run.py",
    "tests/motor_pool/test_cramps.py",
    "tests/engine/test_extremes.py",
    "tests/engine/test_oracles_reference.py",
    "tests/engine/test_continuation.py",
    "tests/simulation/test_spike_error.py",
    "tests/engine/test_bit_equality.py",
    "tests/engine/test_orders.py",
    "tests/engine/test_slow_ions.py",
    "tests/measures/test_strength_duration.py",
    "tests/engine/test_oracles_default.py",
)


@pytest.hookimpl(trylast=True)
def pytest_configure(config):
    """Keep compiled kernels in one folder for all tests and the programs that they start.

    It stays between sessions (`--cache-clear` empties it): kernels are kept under their
    source and versions. Processes that run tests side by side share it.
    """
    if CACHE not in os.environ and hasattr(config, "cache"):
        folder = config.cache.mkdir("kernels")
        folder.chmod(0o700)
        os.environ[CACHE] = str(folder)
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False  # by numbers of tests, which tell little


def pytest_collection_modifyitems(items):
    """Begin with the longest files, where several are shared out.

    Trains that Hypothesis draws have any interval, also those of no motor unit: where it
    draws, the question about that is no error.
    """
    order = {name: place for place, name in enumerate(LONG)}
    items.sort(key=lambda item: order.get(item.nodeid.partition("::")[0], len(LONG)))
    for item in items:
        if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
            item.add_marker(pytest.mark.filterwarnings(TOO_FAST))


def pytest_collection_finish():
    """Take what collection left out of garbage collection: it stays to the end."""
    gc.freeze()


def pytest_xdist_auto_num_workers(config):
    """Share all tests out to the cores; a file or two are quicker done here."""
    everything = config.args == config.getini("testpaths")
    return (os.cpu_count() or 1) if everything else 0


@pytest.fixture(scope="session")
def forked(tmp_path_factory):
    """Return how a command begins that does what Python would, but has imported everything."""
    script, path = Path(__file__).with_name("forks.py"), tmp_path_factory.mktemp("f") / "calls"
    with subprocess.Popen(
        [sys.executable, script, "serve", path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdin is not None and server.stdout is not None
        assert server.stdout.readline() == "ready\n"
        yield [sys.executable, "-I", "-S", str(script), str(path)]
        server.stdin.close()
