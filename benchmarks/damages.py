"""Damage saved things at random, and count what was noticed.

    python benchmarks/damages.py [--count 1000] [--kills 200] [--seed 0] [--json FILE]

Stores of sweeps, saved runs, saved cells and compiled kernels are each damaged: bytes
flipped, files cut, emptied, zeroed, removed or swapped, numbers of JSON changed. Then they
are used as a user would. A damage is `mended` if the values are those from before and it was
said, `refused` if there was one line of error, `harmless` if the values are those from
before without a word, `silent` if they are others without a word, `raw` if an undocumented
exception came up. Saved runs are also saved over while the process that does it is killed
(`killed_saves.py`). Ends with 1 if anything was silent, raw or lost.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import killed_saves
import numpy as np
import xarray
from tables import Table

import mnexcite as mx
from mnexcite.kernels import compiled

KINDS = ("flip", "cut", "empty", "zero", "remove", "swap", "json")
Outcomes = Counter[str]


def damage(folder: Path, chance: random.Random) -> str:
    """Damage one file below a folder (swap: two); return what was done."""
    files = sorted(f for f in folder.rglob("*") if f.is_file() and f.suffix != ".lock")
    kind, file = chance.choice(KINDS), chance.choice(files)
    data = bytearray(file.read_bytes())
    if kind == "json":
        listed = [f for f in files if f.suffix == ".json"]
        if listed:
            file = chance.choice(listed)
            file.write_text(_edited(file.read_text(encoding="utf-8"), chance), encoding="utf-8")
    elif kind == "remove":
        file.unlink()
    elif kind == "swap":
        other = chance.choice(files)
        theirs = other.read_bytes()
        file.write_bytes(theirs)
        other.write_bytes(data)
    elif kind == "flip":
        for _ in range(chance.choice((1, 1, 8))):
            if data:
                data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        file.write_bytes(data)
    else:
        cut = chance.randrange(len(data)) if data else 0
        file.write_bytes({"cut": data[:cut], "empty": b"", "zero": bytes(len(data))}[kind])
    return f"{kind} {file.relative_to(folder)}"


def _edited(text: str, chance: random.Random) -> str:
    """Return a JSON text with one value changed or one key removed."""
    tree = json.loads(text)
    places: list[tuple[Any, Any]] = []

    def walk(branch: Any) -> None:
        for key in branch if isinstance(branch, dict) else range(len(branch)):
            places.append((branch, key))
            if isinstance(branch[key], dict | list):
                walk(branch[key])

    walk(tree)
    branch, key = chance.choice(places)
    value = branch[key]
    if isinstance(branch, dict) and chance.random() < 0.3:
        del branch[key]
    elif isinstance(value, bool) or not isinstance(value, int | float):
        branch[key] = chance.choice((None, 0, "x", [], {}, value and str(value)[::-1]))
    else:
        branch[key] = chance.choice((value * 2 + 1, -value, 0, 10**9, "x", None))
    return json.dumps(tree)


def outcome(use: Callable[[], Any], same: Callable[[Any], bool]) -> str:
    """Return what came of using something damaged."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            got = use()
        except (mx.InputError, mx.StorageError) as error:
            return "raw: two lines" if "\n" in str(error) else "refused"
        except Exception as error:  # what must not come up
            return f"raw: {type(error).__name__}: {str(error)[:80]}"
    noticed = any(issubclass(w.category, mx.RunWarning) for w in said)
    if not same(got):
        return "silent"
    return "mended" if noticed else "harmless"


def stores(count: int, chance: random.Random, folder: Path) -> Outcomes:
    """Damage the store of a sweep; the same sweep is asked for again."""
    cell, step = mx.cells.hodgkin_huxley_1952(), mx.stimuli.step(10.0, unit="uA/cm2")
    axes = {"Na.g": mx.factors(0.6, 1.4, 6), "K.g": mx.factors(0.6, 1.4, 4)}
    told: dict[str, Any] = {"duration": 60.0, "chunk": 5, "threads": 1}
    told["measures"] = ("rate", "phase", "force")
    whole, path = folder / "whole.zarr", folder / "map.zarr"
    truth = mx.sweep(cell, axes, step, store=whole, **told)

    def again() -> xarray.Dataset:
        return mx.sweep(cell, axes, step, store=path, **told)

    return _counted(count, chance, whole, path, again, truth.identical)


def runs(count: int, chance: random.Random, folder: Path) -> Outcomes:
    """Damage a saved run; it is loaded."""
    drive = mx.stimuli.step(15.0, unit="uA/cm2")
    cell = mx.cells.hodgkin_huxley_1952()
    truth = mx.simulate(cell, drive, duration=40.0, record=("v", "Na.i"))
    whole, path = folder / "whole.zarr", folder / "run.zarr"
    truth.save(whole)

    def same(got: Any) -> bool:
        arrays = [(got.t, truth.t), (got.spike_times, truth.spike_times)]
        arrays += [(got[name], truth[name]) for name in truth.data]
        return (
            all(np.array_equal(a, b) for a, b in arrays)
            and got.final_state == truth.final_state
            and got.cell == truth.cell
            and got.to_xarray().identical(truth.to_xarray())
        )

    return _counted(count, chance, whole, path, lambda: mx.load(path), same)


def cells(count: int, chance: random.Random, folder: Path) -> Outcomes:
    """Damage a saved cell; it is loaded."""
    truth = mx.cells.purvis_butera_2005().scaled({"NaP.g": 2.0})
    whole, path = folder / "whole", folder / "cell"
    whole.mkdir()
    truth.save(str(whole / "cell.json"))

    def same(got: Any) -> bool:
        return got == truth and got.parameters == truth.parameters

    return _counted(count, chance, whole, path, lambda: mx.cells.load(path / "cell.json"), same)


TEXT = "def triple(a):\n    for i in range(a.size):\n        a[i] = 3.0 * a[i]\n"
LIKE = TEXT.replace("3.0", "5.0")


def kernels(count: int, chance: random.Random, folder: Path) -> Outcomes:
    """Damage the folder of compiled kernels; one is loaded as by a new process."""
    whole, path = folder / "whole", folder / "cache"

    def triple() -> list[float]:
        compiled._loaded.clear()
        module = compiled.load("triple", TEXT, {"triple": {"a": "f8[::1]"}})
        values = np.arange(4.0)
        module.triple(values)
        return values.tolist()

    before = os.environ.get(compiled.CACHE_VARIABLE)
    loaded = dict(compiled._loaded)
    os.environ[compiled.CACHE_VARIABLE] = str(path)
    try:
        truth = triple()
        compiled.load("triple", LIKE, {"triple": {"a": "f8[::1]"}})
        shutil.move(path, whole)
        return _counted(count, chance, whole, path, triple, truth.__eq__)
    finally:
        compiled._loaded.clear()
        compiled._loaded.update(loaded)
        os.environ.pop(compiled.CACHE_VARIABLE)
        if before is not None:
            os.environ[compiled.CACHE_VARIABLE] = before


def _counted(
    count: int,
    chance: random.Random,
    whole: Path,
    path: Path,
    use: Callable[[], Any],
    same: Callable[[Any], bool],
) -> Outcomes:
    counts: Outcomes = Counter()
    for _ in range(count):
        shutil.rmtree(path, ignore_errors=True)
        shutil.copytree(whole, path)
        done = damage(path, chance)
        came = outcome(use, same)
        counts[came] += 1
        if came.startswith(("silent", "raw")):
            print(f"{path.name}: {done}: {came}", file=sys.stderr, flush=True)
    return counts


EACH = {"stores": stores, "runs": runs, "cells": cells, "kernels": kernels}


TITLE = "What damage and kills leave of saved things"
NOTE = (
    "Saved things are damaged at random and used; processes are killed with SIGKILL while they "
    "save a run over another one, and what is left is loaded."
)
COUNT, QUICK_COUNT, QUICK_KILLS = 1000, 5, 3


def measure(
    quick: bool,
    peers: Sequence[object] = (),
    *,
    count: int = COUNT,
    kills: int = killed_saves.KILLS,
    seed: int = 0,
) -> dict[str, dict[str, Any]]:
    """Return what came of so many damages of each, and of so many kills."""
    if quick:
        count, kills = QUICK_COUNT, QUICK_KILLS
    found = {}
    for name, run in EACH.items():
        with tempfile.TemporaryDirectory() as folder:
            found[name] = dict(run(count, random.Random(f"{name} {seed}"), Path(folder)))
    return {"damages": found, "kills": killed_saves.measure(kills, seed)}


def tables(result: dict[str, dict[str, Any]]) -> list[Table]:
    """Return the damages and the kills."""
    outcomes = sorted({key for counts in result["damages"].values() for key in counts})
    damages = [
        {"what": name} | {key: counts.get(key, 0) for key in outcomes}
        for name, counts in result["damages"].items()
    ]
    kills = [{"what": "runs saved over each other"} | result["kills"]]
    return [Table("Damages", damages), Table("Kills while saving", kills)]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--count", type=int, default=COUNT, help="damages of each")
    parser.add_argument("--kills", type=int, default=killed_saves.KILLS)
    parser.add_argument("--seed", type=int, default=0, help="of the damages")
    parser.add_argument("--json", type=Path, help="where the counts go as well")
    options = parser.parse_args()
    found = measure(False, count=options.count, kills=options.kills, seed=options.seed)
    for table in tables(found):
        print(table.markdown())
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    bad = ("silent", "raw")
    spoilt = any(key.startswith(bad) for counts in found["damages"].values() for key in counts)
    sys.exit(spoilt or found["kills"][killed_saves.LOST] > 0)


if __name__ == "__main__":
    main()
