"""First spike of a cell of many compartments with an empty kernel cache, in a new process.

    python benchmarks/compartments.py --compartments 1 16 64 221

prints CPU seconds, everything included. What is computed is the squid axon of Hodgkin and
Huxley in a chain, at whose first compartment a current enters.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile

METHODS = ("rosenbrock", "kaps_rentrop", "dormand_prince", "staggered", "exponential_euler",
           "runge_kutta_4")  # fmt: skip
CHAIN = """
import sys, time
from dataclasses import replace
import mnexcite as mx

many, method = int(sys.argv[1]), sys.argv[2]
squid = mx.cells.hodgkin_huxley_1952()
parts = [replace(squid.compartments[0], name=f"s{k}") for k in range(many + 1)]
joints = [mx.Coupling(f"s{k}", f"s{k + 1}", 1.0, 0.5, name=f"j{k}") for k in range(many)]
cell = mx.Cell("chain", parts, couplings=joints, ions=squid.ions,
               temperature=squid.temperature)
drive = mx.stimuli.step(20.0, unit="uA/cm2", start=5.0, duration=45.0, compartment="s0")
run = mx.simulate(cell, drive, duration=60.0, method=method)
assert run.spike_times.size > 0
print(time.process_time())
"""


def seconds(many: int, method: str) -> float:
    """Return the CPU time of a process that compiles and runs the chain [s]."""
    with tempfile.TemporaryDirectory() as folder:
        run = subprocess.run(
            [sys.executable, "-c", CHAIN, str(many), method],
            env={**os.environ, "MNEXCITE_CACHE_DIR": folder},
            check=True,
            capture_output=True,
            text=True,
        )
    return float(run.stdout)


def main() -> None:
    """Print a row for each method."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--compartments", type=int, nargs="+", default=[1, 16, 64])
    parser.add_argument("--methods", nargs="+", default=METHODS, choices=METHODS)
    given = parser.parse_args()
    print("beside the first", *given.compartments)
    for method in given.methods:
        row = (f"{seconds(many, method):.1f}" for many in given.compartments)
        print(method, *row, flush=True)


if __name__ == "__main__":
    main()
