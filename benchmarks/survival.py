"""Kill sweeps at random moments, fill their disk, resume them, and count what was lost.

    python benchmarks/survival.py [--kills 200] [--seed 0] [--json FILE]

Every sweep runs undisturbed once. Then it is started in a fresh folder and killed with
SIGKILL, again and again, until it ends by itself; and from the start again, until there
were enough kills. A sweep has survived if every value, coordinate and flag has the bits of
the undisturbed run, no block is missing and none that was complete was written again. The
disk is full twice: by a limit on the size of files, and on a small file system where
mounting one is allowed. Ends with 1 if anything was lost.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import random
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from full_disks import size_limit, small_disk
from interrupted_runs import (
    STORE,
    Calm,
    Counts,
    attempt,
    compare,
    markers,
    prepare,
    undisturbed,
)
from killed_workers import kill_workers
from tables import Table

from mnexcite.sweeps import store

SWEEPS = {
    "Hodgkin-Huxley, 400 points, 40 blocks": """
[cell]
name = "hodgkin_huxley_1952"

[[stimulus]]
shape = "step"
amplitude = 10.0
unit = "uA/cm2"

[run]
duration = 1000.0
discard = 100.0

[axes]
"Na.g:factor" = {from = 0.6, to = 1.4, n = 20}
"K.g:factor" = {from = 0.6, to = 1.4, n = 20}

[sweep]
store = "map.zarr"
figure = ""
measures = ["rate", "cv", "phase"]
chunk = 10
""",
    "Purvis-Butera with force, 60 points, 30 blocks": """
[run]
duration = 3000.0
discard = 200.0

[axes]
"NaP.g:factor" = {from = 1.0, to = 4.0, n = 10}
"K.g:factor" = {from = 0.5, to = 1.0, n = 6}

[sweep]
store = "map.zarr"
figure = ""
measures = ["rate", "phase", "force"]
chunk = 2
""",
}


TITLE = "What sweeps survive"
NOTE = (
    "Real `mnexcite sweep` processes, killed with SIGKILL at random moments and started "
    "again until they end; then every value, coordinate and flag is compared with an "
    "undisturbed run, bit by bit."
)
KILLS, QUICK_KILLS, WORKER_KILLS = 200, 2, 30


def measure(
    quick: bool, peers: Sequence[object] = (), *, kills: int = KILLS, seed: int = 0
) -> dict[str, Any]:
    """Return the counts of each sweep."""
    sweeps = dict(list(SWEEPS.items())[: 1 if quick else None])
    share = -(-(QUICK_KILLS if quick else kills) // len(sweeps))
    chance = random.Random(seed)
    results: dict[str, Any] = {"commands": {}}
    for name, text in sweeps.items():
        with tempfile.TemporaryDirectory() as folder:
            results["commands"][name] = survive(Path(folder), text, share, chance)
    if importlib.util.find_spec("distributed") is None:
        return results | {"workers": {"not run": "Dask is not installed"}}
    with tempfile.TemporaryDirectory() as folder:
        died = kill_workers(Path(folder), 1 if quick else WORKER_KILLS, chance)
    return results | {"workers": died}


def tables(result: dict[str, Any]) -> list[Table]:
    """Return the kills, and what a full disk did."""
    kills = [
        {
            "sweep": name,
            "kills": counts["kills"],
            "before the store": counts["kills_before_the_store"],
            "between blocks": counts["kills_between_blocks"],
            "after the last": counts["kills_after_the_last_block"],
            "runs that ended": counts["runs"],
            "blocks rewritten": counts["blocks_rewritten"],
            "differences": len(counts["differences"]),
        }
        for name, counts in result["commands"].items()
    ]
    disks = [
        {"sweep": name, "disk": disk.replace("_", " "), "what": counts[disk]}
        for name, counts in result["commands"].items()
        for disk in ("file_size_limit", "small_file_system")
    ]
    left = ("sweep", "disk", "what")
    workers = [{key.replace("_", " "): value for key, value in result["workers"].items()}]
    return [
        Table("Kills", kills, left=left),
        Table("Full disks", disks, left=left),
        Table(
            "Killed workers of a Dask cluster",
            workers,
            "A cluster of two processes sweeps 120 points, a block each; one or both "
            "workers are killed with SIGKILL, three times a sweep. Differences from threads "
            "in any bit.",
        ),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--kills", type=int, default=KILLS, help="in all, at least")
    parser.add_argument("--seed", type=int, default=0, help="of the moments")
    parser.add_argument("--json", type=Path, help="where the counts go as well")
    options = parser.parse_args()
    results = measure(quick=False, kills=options.kills, seed=options.seed)
    for table in tables(results):
        print(table.markdown())
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    lost = [r["differences"] or r["blocks_rewritten"] for r in results["commands"].values()]
    lost += [results["workers"].get(key) for key in ("blocks_missing", "differences")]
    sys.exit(any(lost))


def survive(folder: Path, text: str, kills: int, chance: random.Random) -> dict[str, Any]:
    """Return the counts of one sweep's kills and full disks."""
    calm = undisturbed(folder / "calm", text)
    counts = Counts()
    while counts.kills < kills:
        disturbed = prepare(folder / "killed", text)
        while not ended(disturbed, calm, counts, chance):
            pass
        counts.runs += 1
        counts.differences += compare(calm, disturbed)
        print(f"  {counts.kills} of {kills} kills", end="\r", file=sys.stderr, flush=True)
    full = {
        "file_size_limit": size_limit(folder / "limited", text, calm, counts),
        "small_file_system": small_disk(folder / "small", text, calm, counts),
    }
    return asdict(counts) | {"undisturbed_s": round(calm.seconds, 2)} | full


def ended(folder: Path, calm: Calm, counts: Counts, chance: random.Random) -> bool:
    """Run until the end or a kill, whichever is first; return whether it ended."""
    path, before = folder / STORE, markers(folder)
    # one kill in five at any moment, the others not before the store is there
    first = 0.0 if chance.random() < 0.2 else calm.started
    moment = chance.uniform(first, 1.05 * calm.seconds)
    run = attempt(folder, stop=lambda elapsed: elapsed >= moment)
    counts.see_rewritten(before, markers(folder))
    if not run.killed:
        counts.see_code(run, calm.code)
        return True
    counts.kills += 1
    if not path.exists():
        counts.kills_before_the_store += 1
    elif store.open_store(path).missing():
        counts.kills_between_blocks += 1
    else:
        counts.kills_after_the_last_block += 1
    return False


if __name__ == "__main__":
    main()
