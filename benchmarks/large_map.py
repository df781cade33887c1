"""The large map, by the command `mnexcite sweep` in a process of its own."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import xarray

import mnexcite as mx
from mnexcite.sweeps import Design, grid, load

MEASURES = ("rate", "phase", "force")
K_O = (4.0, 5.0)  # mM
LOOK = 0.02  # [s] between two looks at a process's memory

T = TypeVar("T")


@dataclass(frozen=True)
class LargeMap:
    """Say the map: points along both planes' axes, and the times of each run [ms]."""

    size: int
    duration: float
    discard: float

    @property
    def toml(self) -> str:
        """The map as the command reads it."""
        return f"""\
[cell]
name = "purvis_butera_2005"
[axes]
"NaP.g:factor" = {{from = 1, to = 4, n = {self.size}}}
"K.g:factor" = {{from = 0.5, to = 1, n = {self.size}}}
"ions.K_o" = {list(K_O)}
[run]
duration = {self.duration}
discard = {self.discard}
[sweep]
measures = {list(MEASURES)}
"""

    @property
    def design(self) -> Design:
        """The same points."""
        return grid(
            {
                "NaP.g": mx.factors(1.0, 4.0, self.size),
                "K.g": mx.factors(0.5, 1.0, self.size),
                "ions.K_o": K_O,
            }
        )

    def run(self, folder: Path, threads: int) -> tuple[dict[str, Any], xarray.Dataset]:
        """Compute the map; return a row that says what it took, and the map."""
        (folder / "map.toml").write_text(self.toml, encoding="utf-8")
        command = [sys.executable, "-m", "mnexcite", "sweep", "map.toml"]
        seconds, peak = watched([*command, "--threads", str(threads)], folder)
        ds = load(folder / "map.zarr")
        points = ds["status"].size
        row = {
            "points": points,
            "ms each": self.duration,
            "threads": threads,
            "s": seconds,
            "points/s": points / seconds,
            "MiB": peak,
            "failed": int(np.count_nonzero(ds["status"])),
        }
        return row, ds


def phases(ds: xarray.Dataset) -> list[dict[str, Any]]:
    """Return how many points are of each phase, a row for each concentration."""
    names = ds["phase"].attrs["flag_meanings"].split()
    rows = []
    for k_o in ds["ions.K_o"].values.tolist():
        codes = ds["phase"].sel({"ions.K_o": k_o}).values
        counts = {name: int(np.count_nonzero(codes == i)) for i, name in enumerate(names)}
        rows.append({"K_o mM": k_o, **counts})
    return rows


def watched(command: list[str], folder: Path) -> tuple[float, float | None]:
    """Run a command; return its wall time [s] and the peak of its memory [MiB]."""
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
    peak = None
    while process.poll() is None:
        peak = peak_of(process.pid) or peak
        time.sleep(LOOK)
    if process.returncode not in (0, 3):  # 3: some points failed
        raise subprocess.CalledProcessError(process.returncode, command)
    return time.perf_counter() - start, peak


def peak_of(process: int | str = "self") -> float | None:
    """Return the peak of a process's memory [MiB], where the system tells it (Linux)."""
    try:
        lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    found = (line.split()[1] for line in lines if line.startswith("VmHWM"))
    return next((float(kilobytes) / 1024 for kilobytes in found), None)


def timed(call: Callable[[], T]) -> tuple[float, T]:
    """Return the wall time of a call [s] and what it returned."""
    start = time.perf_counter()
    result = call()
    return time.perf_counter() - start, result
