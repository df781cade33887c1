"""Coefficients of a one-step method, as data that its kernel reads stage by stage.

A loop over stages that reads them is a third of the text of stages printed one by one, and
compiles as much faster.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mnexcite.engine.printer import Printer

Stages = tuple[tuple[float, ...], ...]
Complex = NDArray[np.complex128]

#: Relative error allowed in the exponent of a mode that grows, in a step of the longest length.
FAITHFUL = 1e-3


@dataclass(frozen=True)
class Tableau:
    """Hold coefficients by stage.

    `times` of the stages in steps; `values`: stage values y + sum a k; `solution` and `error`:
    weights of the new state and of its error. Rosenbrock methods also have `rest`, the
    weights of k / h in a stage's right-hand side, `drift`, that of the drive's slope, and
    `gamma`, which multiplies h and the Jacobian in each stage's matrix.
    """

    times: tuple[float, ...]
    values: Stages
    solution: tuple[float, ...]
    error: tuple[float, ...]
    rest: Stages = ()
    drift: tuple[float, ...] = ()
    gamma: float = 1.0

    @property
    def stages(self) -> int:
        """Number of stages."""
        return len(self.times)

    @property
    def width(self) -> int:
        """Numbers in one stage's row."""
        return 4 + 2 * self.stages

    def numbers(self) -> NDArray[np.float64]:
        """Return all rows, flat, and 1 / gamma and the reach behind them."""
        rows = np.zeros((self.stages, self.width))
        rows[:, 0], rows[:, 2], rows[:, 3] = self.times, self.solution, self.error
        if self.drift:
            rows[:, 1] = self.drift
        for start, triangle in ((4, self.values), (4 + self.stages, self.rest)):
            for stage, given in enumerate(triangle):
                rows[stage, start : start + len(given)] = given
        return np.append(rows, [1.0 / self.gamma, self.reach])

    @property
    def diagonal_entry(self) -> str:
        """How the kernel reads 1 / gamma."""
        return f"tableau[{self.stages * self.width}]"

    @property
    def reach_entry(self) -> str:
        """How the kernel reads the reach."""
        return f"tableau[{self.stages * self.width + 1}]"

    def growth(self, z: Complex) -> Complex:
        """Return R(z), what a step makes of y' = z y with h = 1 and y = 1, shape of `z`."""
        k: list[Complex] = []
        values: tuple[float, ...] = ()
        for stage in range(self.stages):
            values = self.values[stage] or values  # a stage may share the last one's
            slope = z * (1.0 + _weighted(values, k))
            if self.rest:
                slope = (slope + _weighted(self.rest[stage], k)) / (1.0 / self.gamma - z)
            k.append(slope)
        return 1.0 + _weighted(self.solution, k)

    @cached_property
    def reach(self) -> float:
        """Largest |z| with R(z) = exp(z (1 + e)), |e| below `FAITHFUL`, for all that grows."""
        angles = np.linspace(0.0, 0.5 * np.pi, 91)
        radii = np.arange(0.01, 3.0, 0.01)
        z: Complex = np.multiply.outer(radii, np.exp(1j * angles)).astype(np.complex128)
        wrong = np.abs(np.log(self.growth(z)) / z - 1.0).max(axis=1)
        return float(radii[np.argmax(wrong > FAITHFUL) - 1])

    def entry(self, kind: str, earlier: str = "") -> str:
        """Return how the kernel reads a coefficient of its present stage (`row`)."""
        first = {"time": 0, "drift": 1, "solution": 2, "error": 3}
        first |= {"values": 4, "rest": 4 + self.stages}
        return f"tableau[row + {' + '.join([str(first[kind]), *([earlier] * bool(earlier))])}]"

    def print_sum(self, p: Printer, pack: str, kind: str, factor: str = "1.0") -> None:
        """Print how k of all earlier stages are added to a pack, with weights of `kind`."""
        with p.out.block("for earlier in range(stage):"):
            weight, at = f"weight_{kind}", f"stages_@ + earlier * {self.pitch(p)}"
            p.out.add(
                f"{weight} = {factor} * {self.entry(kind, 'earlier')}",
            )
            if p.loops:
                p.out.add(f"at = {at}")
                p.loops.add(pack, weight, "at")
            else:
                p.out.add(f"{pack} = add_all({pack}, {weight}, tile, {at})")

    def print_stage(self, p: Printer) -> None:
        """Print the states, the drive and the slopes of the present stage."""
        time = f"fma(h_@, {self.entry('time')}, time_@)"
        if p.loops:
            p.loops.copy("states", "stage")
            self.print_sum(p, "stage", "values")
            p.gather_couplings("stage")
        else:
            p.out.add("stage_@ = states_@")
            self.print_sum(p, "stage_@", "values")
            p.unpack("stage_@")
        for _ in p.passages("stage"):
            p.drive_at(time)
            p.evaluate()

    def print_ends(self, p: Printer) -> None:
        """Print the new states and their errors after all stages, for each vector."""
        p.out.add("# the new states, and what they may be wrong by")
        ends = [("new_@", "solution"), ("error_@", "error")]
        if p.loops:
            p.loops.copy("states", "new")
            p.loops.fill("error", "fill(0.0)")
        else:
            with p.each():
                p.out.add("new_@ = states_@", f"error_@ = {p.zeros()}")
        with p.out.block(f"for stage in range({self.stages}):"):
            p.out.add(f"row, at = stage * {self.width}, stage * {self.pitch(p)}")
            with p.each():
                if p.loops:
                    p.out.add("at = stages_@ + at")
                for pack, kind in ends:
                    weight = self.entry(kind)
                    if p.loops:
                        p.loops.add(pack[:-2], weight, "at")
                    else:
                        p.out.add(f"{pack} = add_all({pack}, {weight}, tile, stages_@ + at)")

    def pitch(self, p: Printer) -> int:
        """Return how far apart the k of two stages stand."""
        return len(p.states) * p.width


def _weighted(weights: tuple[float, ...], terms: list[Complex]) -> Complex:
    total = np.zeros((), np.complex128)
    for weight, term in zip(weights, terms, strict=False):
        total = total + weight * term
    return total
