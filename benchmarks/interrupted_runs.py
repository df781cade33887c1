"""Run the sweep command, stop it, and compare what two runs left."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import xarray

from mnexcite.sweeps import store
from mnexcite.sweeps.store.layout import MARKERS

COMMAND = [sys.executable, "-m", "mnexcite", "sweep", "map.toml"]
STORE = "map.zarr"  # as the files of the sweeps name it
COMPLETE = (0, 3)  # exit codes; 3: some points failed
LOOK = 0.002  # [s] between two looks at whether to stop

Markers = dict[str, tuple[int, int]]


@dataclass(frozen=True)
class Run:
    """Hold how a run of the command ended."""

    code: int
    seconds: float
    stderr: str

    @property
    def killed(self) -> bool:
        """Whether it was killed before it could end."""
        return self.code == -signal.SIGKILL


@dataclass(frozen=True)
class Calm:
    """Hold an undisturbed run; `started` is when its store was there [s]."""

    folder: Path
    seconds: float
    started: float
    code: int


@dataclass
class Counts:
    """Count what happened to one sweep."""

    runs: int = 0
    kills: int = 0
    kills_before_the_store: int = 0
    kills_between_blocks: int = 0
    kills_after_the_last_block: int = 0
    blocks_rewritten: int = 0
    differences: list[str] = field(default_factory=list)

    def see_rewritten(self, before: Markers, after: Markers) -> None:
        """Count blocks that were complete and are not as they were."""
        self.blocks_rewritten += sum(after.get(name) != mark for name, mark in before.items())

    def see_code(self, run: Run, expected: int) -> None:
        """Note an exit code that should be another."""
        if run.code != expected:
            self.differences.append(
                f"exit code {run.code}, not {expected}: {run.stderr.strip()[-500:]}"
            )


def prepare(folder: Path, text: str) -> Path:
    """Return a fresh folder with the sweep's file."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / "map.toml").write_text(text, encoding="utf-8")
    return folder


def attempt(
    folder: Path,
    stop: Callable[[float], bool] = lambda elapsed: False,
    file_size: int | None = None,
) -> Run:
    """Run the command until it ends or `stop`, given the seconds since its start, is true.

    No file may grow beyond `file_size` bytes.
    """

    def limit() -> None:
        if file_size is not None:
            import resource  # POSIX only

            resource.setrlimit(resource.RLIMIT_FSIZE, (file_size, file_size))

    began = time.perf_counter()
    with subprocess.Popen(
        COMMAND,
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=limit,
    ) as process:
        while True:
            try:
                _, stderr = process.communicate(timeout=LOOK)
                return Run(process.returncode, time.perf_counter() - began, stderr)
            except subprocess.TimeoutExpired:
                if stop(time.perf_counter() - began) and process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)


def undisturbed(folder: Path, text: str) -> Calm:
    """Run once to compile what there is to compile, and once to keep."""
    seen: list[float] = []

    def look(elapsed: float) -> bool:
        if not seen and (folder / STORE).exists():
            seen.append(elapsed)
        return False

    attempt(prepare(folder, text))
    run = attempt(prepare(folder, text), stop=look)
    if run.code not in COMPLETE:
        raise SystemExit(f"the undisturbed run ends with {run.code}: {run.stderr}")
    return Calm(folder, run.seconds, min(seen, default=0.0), run.code)


def markers(folder: Path) -> Markers:
    """Return which blocks are complete, and the file and moment of each marker."""
    files = (folder / STORE / MARKERS).glob("c.*")
    return {f.name: (f.stat().st_ino, f.stat().st_mtime_ns) for f in files}


def compare(calm: Calm, disturbed: Path) -> list[str]:
    """Return what is not the same to the bit as in the undisturbed run."""
    found = store.open_store(disturbed / STORE)
    differences = [f"block {i} is missing" for i in found.missing()]
    differences += [f"block {i} is damaged" for i in found.verify()]
    with (
        xarray.open_zarr(calm.folder / STORE, chunks=None) as one,
        xarray.open_zarr(disturbed / STORE, chunks=None) as two,
    ):
        differences += [f"{name} is in one" for name in set(one.variables) ^ set(two.variables)]
        for name in set(one.variables) & set(two.variables):
            a, b = one[name].values, two[name].values
            if (a.dtype, a.shape, a.tobytes()) != (b.dtype, b.shape, b.tobytes()):
                differences.append(f"{name} differs")
    return differences
