"""Kill processes while they save runs over each other, and load what is left.

    python benchmarks/killed_saves.py [--kills 200] [--seed 0] [--json FILE]

A process saves two runs at one place, one over the other, again and again, until SIGKILL
ends it at a random moment. Then another process loads what is there: it must be one of the
two, to the bit. Ends with 1 if it ever was not.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import zarr  # noqa: F401  what a save imports, once for all forks
from xarray.backends import list_engines

import mnexcite as mx

KILLS = 200
LOADED = ("the older", "the newer")
LOST = "lost"
SAVES = 3.0  # the last kill comes after so many of them, or earlier


def measure(kills: int = KILLS, seed: int = 0) -> dict[str, int]:
    """Return what was there after kills, counted in a process of its own.

    It forks, which a process with threads must not.
    """
    told = [sys.executable, __file__, "--kills", str(kills), "--seed", str(seed)]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "counts.json"
        subprocess.run([*told, "--json", str(file)], check=False, stdout=subprocess.DEVNULL)
        return json.loads(file.read_text(encoding="utf-8"))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--kills", type=int, default=KILLS)
    parser.add_argument("--seed", type=int, default=0, help="of the moments")
    parser.add_argument("--json", type=Path, help="where the counts go as well")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        counts = killed(Path(folder), options.kills, random.Random(options.seed))
    print(", ".join(f"{key} {n}" for key, n in counts.items()))
    if options.json:
        options.json.write_text(json.dumps(counts, indent=1) + "\n", encoding="utf-8")
    sys.exit(counts[LOST] > 0)


def killed(folder: Path, kills: int, chance: random.Random) -> dict[str, int]:
    """Return how often which run was there, and how the kill had left the folder."""
    cell, path = mx.cells.hodgkin_huxley_1952(), folder / "run.zarr"
    drive = mx.stimuli.step(10.0, unit="uA/cm2")
    runs = [mx.simulate(cell, drive, duration=end, record=("v",)) for end in (400.0, 200.0)]
    assert all(isinstance(run, mx.Recording) for run in runs)
    list_engines()  # what forks would each look for

    def save_on() -> int:
        for run in itertools.cycle(runs[::-1]):
            run.save(path)
        return 0

    def which() -> int:
        found = mx.load(path)
        assert isinstance(found, mx.Recording | mx.Batch)
        same = [found.to_xarray().identical(run.to_xarray()) for run in runs]
        return 10 + same.index(True)

    counts: Counter[str] = Counter(
        dict.fromkeys((*LOADED, LOST, "unfinished beside it", "out of place"), 0)
    )
    for _ in range(kills):
        began = time.perf_counter()
        assert ended(forked(lambda: runs[0].save(path) or 0)) == 0
        once = time.perf_counter() - began
        child = forked(save_on)
        time.sleep(chance.uniform(0.0, SAVES * once))
        os.kill(child, signal.SIGKILL)
        assert ended(child) == -signal.SIGKILL
        counts["out of place"] += not path.exists()
        counts["unfinished beside it"] += len(list(folder.iterdir())) > path.exists()
        code = ended(forked(which)) - 10
        counts[LOADED[code] if code in (0, 1) else LOST] += 1
    return dict(counts)


def forked(action: Callable[[], int]) -> int:
    """Do something in a process of its own; return its number."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            code = action()
        finally:
            os._exit(code)
    return child


def ended(child: int) -> int:
    """Wait for a process; return its code."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    main()
