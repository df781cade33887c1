"""A method of one's own on the bench: a function that takes one step."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnexcite.bench import clock
from mnexcite.bench.peers.peer import Answer, Setting
from mnexcite.bench.peers.right_hand_side import RightHandSide, right_hand_side
from mnexcite.bench.pieces import Piece, pieces
from mnexcite.bench.work import Work

Array = NDArray[np.float64]
Derivative = Callable[[float, Array, Array], Array]


@dataclass(frozen=True)
class OneStep:
    """Run a method of one's own with fixed steps, set after set.

    Parameters
    ----------
    name
        Name in tables.
    step
        (f, t, y, h, p) -> the states at t + h, shape (states,). `f(t, y, p)` gives their slopes
        per ms. States are divided by their scales (voltages by 100 mV); `p` are numbers of the
        set, to be handed on. `f` is compiled by numba, so a step may be too.
    steps
        Lengths of a step [ms], coarse to fine. Steps end on every edge of the stimulus.

    Examples
    --------
    Heun's method: its error falls with the square of the step.

    >>> from mnexcite.bench import benchmark_work, work_precision
    >>> def heun(f, t, y, h, p):
    ...     slope = f(t, y, p)
    ...     return y + 0.5 * h * (slope + f(t + h, y + h * slope, p))
    >>> contestant = OneStep("Heun", heun, steps=(0.01, 0.005))
    >>> found = work_precision(benchmark_work(3, 20.0), [], [contestant], repeats=1)
    >>> coarse, fine = (point.error for point in found.points)
    >>> 3.5 < coarse / fine < 4.5
    True
    """

    name: str
    step: Callable[[Derivative, float, Array, float, Array], Array]
    steps: tuple[float, ...] = (0.025, 0.0125, 0.00625, 0.003125)

    #: Sets run one by one, so that a part of them tells the cost of all.
    alone = True

    def missing(self) -> str | None:
        """Return None: it is always there."""
        return None

    def settings(self) -> tuple[Setting, ...]:
        """Return the steps."""
        return tuple(Setting(f"dt {dt:.3g}", dt, "dt") for dt in self.steps)

    def prepare(self, work: Work, setting: Setting) -> Callable[[], Answer]:
        """Compile the equations; the callable runs every set."""
        equations, stretches = right_hand_side(work), pieces(work)

        def run() -> Answer:
            start = clock.now()
            with np.errstate(all="ignore"):  # a set that fails is judged by its spikes
                sets = [
                    self._set(equations, stretches, place, setting.value)
                    for place in range(work.sets)
                ]
            seconds = clock.now() - start
            return Answer(
                tuple(train for train, _ in sets), seconds, sum(steps for _, steps in sets)
            )

        return run

    def _set(
        self, equations: RightHandSide, stretches: list[Piece], place: int, dt: float
    ) -> tuple[Array, int]:
        """Return the spike times [ms] of one set, NaN where it failed, and its steps."""
        f, y, threshold = equations.derivative, equations.initial, equations.threshold
        spikes: list[float] = []
        steps = 0
        for piece in stretches:
            p = equations.numbers(place, piece)
            length = piece.right - piece.left
            count = math.ceil(length / dt - 1e-9)
            h, steps = length / count, steps + count
            for n in range(count):
                t, before = piece.left + n * h, y
                y = self.step(f, t, y, h, p)
                if before[0] < threshold <= y[0]:
                    slopes = f(t, before, p)[0], f(t + h, y, p)[0]
                    spikes.append(t + _crossing(h, before[0], y[0], *slopes, threshold))
        return (np.array(spikes) if np.isfinite(y).all() else np.array([math.nan])), steps


def _crossing(
    h: float, v0: float, v1: float, slope0: float, slope1: float, threshold: float
) -> float:
    """Return when the cubic through both ends of a step crosses, from its start on."""
    from scipy.interpolate import CubicHermiteSpline

    cubic = CubicHermiteSpline([0.0, h], [v0, v1], [slope0, slope1])
    return float(cubic.solve(threshold, extrapolate=False)[0])
