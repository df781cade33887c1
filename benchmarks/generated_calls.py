"""Call every public function with what nobody should give it, and count what comes of it.

    python benchmarks/generated_calls.py --calls 100000 --seed 0

A call is one line of the table in `public_calls.py` whose arguments are good but for one or
two, which are drawn from `nonsense.py`: values that must be refused for that kind of argument
(`True` for a number, a masked array for samples), or values at the edge (1e-300, 1e15), which
may be refused or run. It ends as

refused
    InputError or StorageError, in one line, as documented;
ran
    with an argument at the edge only;
accepted
    nonsense that was not refused: a fault;
raw
    any other exception, or a message of several lines: a fault;
hang
    no answer within the limit: a fault.

Calls run in a process of their own, which is replaced when it hangs or dies.
"""

from __future__ import annotations

import argparse
import collections
import json
import multiprocessing
import os
import sys
import tempfile
import time
import traceback
import warnings
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from nonsense import draw
from public_calls import table

FAULTS = ("accepted", "raw", "hang")


def one(index: int, seed: int, calls: list[Any]) -> tuple[str, str, str]:
    """Make call `index` and return how it ended, which it was, and what was said."""
    import mnexcite as mx

    rng = np.random.default_rng([seed, index])
    call = calls[int(rng.integers(len(calls)))]
    names = list(call.kinds)
    wrong = rng.choice(len(names), size=min(len(names), int(rng.integers(1, 3))), replace=False)
    arguments = call.good()
    said, must = [], False
    for place in wrong:
        name = names[int(place)]
        value, bad, spelled = draw(rng, call.kinds[name])
        arguments[name] = value
        must |= bad
        said.append(f"{name}={spelled}")
    label = f"{call.name}({', '.join(said)})"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", mx.RunWarning)
            call.make(**arguments)
    except (mx.InputError, mx.StorageError) as error:
        lines = str(error).count("\n")
        return ("raw", label, "a message of several lines") if lines else ("refused", label, "")
    except IndexError as error:
        if "lane" in call.kinds.values():  # what Python's [] promises
            return "refused", label, ""
        return "raw", label, f"IndexError: {error}"[:200]
    except MemoryError:
        return "raw", label, "MemoryError"
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        told = f"{type(error).__name__}: {error}"[:200]
        return "raw", label, f"{told} [{Path(where.filename).name}:{where.lineno}]"
    return ("accepted" if must else "ran"), label, ""


def worker(seed: int, pipe: Any) -> None:
    """Answer the calls that come through a pipe."""
    import matplotlib as mpl

    mpl.use("Agg")
    folder = tempfile.mkdtemp()
    os.chdir(folder)
    calls = table(Path(folder))
    pipe.send(None)
    while (index := pipe.recv()) is not None:
        pipe.send(one(index, seed, calls))
        import matplotlib.pyplot as plt

        plt.close("all")


class Worker:
    """Run calls in another process, which is replaced when it gives no answer."""

    def __init__(self, seed: int, limit: float) -> None:
        self.seed, self.limit = seed, limit
        self.start()

    def start(self) -> None:
        """Start the process and wait until it is ready."""
        context = multiprocessing.get_context("spawn")
        self.pipe, other = context.Pipe()
        self.process = context.Process(target=worker, args=(self.seed, other), daemon=True)
        self.process.start()
        other.close()
        if not self.pipe.poll(600.0):
            raise TimeoutError("the worker did not start in 600 s")
        self.pipe.recv()

    def ask(self, index: int) -> tuple[str, str, str]:
        """Return how call `index` ended."""
        self.pipe.send(index)
        try:
            if self.pipe.poll(self.limit):
                return self.pipe.recv()
            ended = "hang", f"call {index}", f"no answer in {self.limit:g} s"
        except EOFError:
            ended = "raw", f"call {index}", "the process died"
        self.process.kill()
        self.process.join()
        self.start()
        return ended

    def stop(self) -> None:
        """End the process."""
        self.pipe.send(None)
        self.process.join(30.0)


def run(calls: int, seed: int, limit: float, first: int = 0) -> dict[str, Any]:
    """Make calls `first` to `first + calls`, and return counts and every fault."""
    counts: collections.Counter[str] = collections.Counter()
    faults: list[tuple[int, str, str, str]] = []
    asked = Worker(seed, limit)
    start = time.perf_counter()
    for index in range(first, first + calls):
        ended, label, told = asked.ask(index)
        counts[ended] += 1
        if ended in FAULTS:
            faults.append((index, ended, label, told))
    asked.stop()
    seconds = time.perf_counter() - start
    told = {"calls": calls, "seed": seed, "seconds": seconds}
    return told | {"counts": counts, "faults": faults}


def main() -> int:
    """Read the command line, run, and print what came of it."""
    parser = argparse.ArgumentParser(description="Call everything with nonsense.")
    parser.add_argument("--calls", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--limit", type=float, default=60.0, help="seconds for one call")
    parser.add_argument("--out", type=Path, help="JSON file for counts and faults")
    given = parser.parse_args()
    found = run(given.calls, given.seed, given.limit, given.first)
    if given.out:
        given.out.write_text(json.dumps(found, indent=1), encoding="utf-8")
    for index, ended, label, told in found["faults"][:200]:
        print(f"{ended:9} {index:7} {label}  {told}")
    print(f"{given.calls} calls in {found['seconds']:.0f} s: {dict(found['counts'])}")
    return 1 if found["faults"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
