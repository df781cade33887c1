"""Wall times that a person waits for, each from the start of a new process."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tables import Table

from mnexcite.bench.peers import Peer

TITLE = "From the start of a process"
NOTE = (
    "Seconds of wall time, median of the repeats. `first` has an empty kernel cache, so it "
    "compiles."
)

_FIRST_SPIKE = (
    "import mnexcite as mx;"
    "mx.simulate(mx.cells.purvis_butera_2005(),"
    " mx.stimuli.pulse(1.0, unit='nA', start=10.0), duration=50.0).spike_times[0]"
)
_CLI = (sys.executable, "-m", "mnexcite")


def measure(quick: bool, peers: Sequence[Peer] = ()) -> list[dict[str, object]]:
    """Return a row for each command."""
    repeats = 1 if quick else 5
    rows: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as folder:
        empty = {**os.environ, "MNEXCITE_CACHE_DIR": str(Path(folder) / "cache")}
        cramp = (*_CLI, "imbalance", "--out", str(Path(folder) / "imbalance"))
        cold = _timed(_python(_FIRST_SPIKE), empty)
        rows.append(_row("first spike time, first ever", [cold]))
        for what, command in (
            ("first spike time, afterwards", _python(_FIRST_SPIKE)),
            ("import mnexcite", _python("import mnexcite")),
            ("mnexcite --help", (*_CLI, "--help")),
            ("mnexcite imbalance, with its figure", cramp),
        ):
            _timed(command, empty)
            rows.append(_row(what, [_timed(command, empty) for _ in range(repeats)]))
    return rows


def tables(rows: list[dict[str, object]]) -> list[Table]:
    """Return the table of commands."""
    return [Table(TITLE, rows)]


def _python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


def _timed(command: tuple[str, ...], environment: dict[str, str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def _row(what: str, seconds: list[float]) -> dict[str, object]:
    return {"what": what, "s": statistics.median(seconds), "repeats": len(seconds)}
