"""numbalsoda: LSODA and DOP853 called from compiled code, with a compiled right-hand side."""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnexcite.bench import clock
from mnexcite.bench.peers.peer import Answer, Setting
from mnexcite.bench.peers.right_hand_side import RightHandSide, right_hand_side
from mnexcite.bench.pieces import pieces
from mnexcite.bench.work import Work

Array = NDArray[np.float64]

#: Interval at which states are given [ms]; no spike is above its threshold so briefly.
EVERY = 0.1
_TOLERANCES = (1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10)
_STEPS = 1_000_000


@dataclass(frozen=True)
class NumbaLsoda:
    """Run numbalsoda's LSODA or DOP853 over all sets within one compiled function.

    Nothing of Python runs between two steps. A crossing between two states is found by
    Newton's method, held between them, with short integrations at the same tolerance.
    """

    method: str

    @property
    def name(self) -> str:
        """Name in tables."""
        return f"numbalsoda {self.method}"

    def missing(self) -> str | None:
        """Return why it cannot run."""
        if importlib.util.find_spec("numbalsoda") is None:
            return (
                "numbalsoda is not installed; with CMake and a Fortran compiler, "
                'pip install "mnexcite[bench-compiled]"'
            )
        return None

    def settings(self) -> tuple[Setting, ...]:
        """Return tolerances, relative to scaled states; the same number is the absolute."""
        # DOP853 prints lines of its own where a coarse one makes it think of stiffness
        first = 1e-3 if self.method == "LSODA" else 1e-4
        return tuple(Setting(f"tol {t:g}", t, "tolerance") for t in _TOLERANCES if t <= first)

    def prepare(self, work: Work, setting: Setting) -> Callable[[], Answer]:
        """Compile the equations and the loop over sets."""
        equations = right_hand_side(work)
        stretches = pieces(work)
        numbers = np.array(
            [
                [equations.numbers(place, piece) for piece in stretches]
                for place in range(work.sets)
            ]
        )
        edges = np.array([0.0, *(piece.right for piece in stretches)])
        pointer = _pointer(equations.fill, len(equations.initial), numbers.shape[-1])
        loop = _loop(self.method)
        derivative, tol = equations.derivative, setting.value

        def run() -> Answer:
            start = clock.now()
            trains = [
                _one(loop, pointer.address, equations, derivative, edges, own, tol)
                for own in numbers
            ]
            return Answer(tuple(trains), clock.now() - start)

        return run


def _one(
    loop: Callable[..., Any],
    address: int,
    equations: RightHandSide,
    derivative: Callable[..., Array],
    edges: Array,
    numbers: Array,
    tol: float,
) -> Array:
    y, spikes = equations.initial, []
    for i, own in enumerate(numbers):
        left, right = edges[i], edges[i + 1]
        t = np.linspace(left, right, math.ceil((right - left) / EVERY) + 1)
        y, found, good = loop(address, derivative, y, t, own, equations.threshold, tol)
        spikes += [found] if good else [np.array([np.nan])]
    return np.concatenate(spikes)


@lru_cache(maxsize=8)
def _pointer(fill: Callable[..., None], states: int, numbers: int) -> Any:
    """Return the equations as a C function of the library's signature."""
    import numba
    from numba import carray  # pyright: ignore[reportPrivateImportUsage]
    from numbalsoda import lsoda_sig  # pyright: ignore[reportMissingImports]

    @numba.cfunc(lsoda_sig)
    def equations(t: float, y: Any, dy: Any, p: Any) -> None:
        fill(
            t,
            carray(y, (states,)),
            carray(p, (numbers,)),
            carray(dy, (states,)),
        )

    return equations


@lru_cache(maxsize=2)
def _loop(method: str) -> Callable[..., Any]:
    import numba
    import numbalsoda  # pyright: ignore[reportMissingImports]

    integrate = {"LSODA": numbalsoda.lsoda, "DOP853": numbalsoda.dop853}[method]

    @numba.njit(error_model="numpy")
    def loop(
        address: int,
        derivative: Any,
        y: Array,
        t: Array,
        numbers: Array,
        threshold: float,
        tol: float,
    ) -> tuple[Array, Array, bool]:
        states, good = integrate(address, y, t, numbers, tol, tol, _STEPS)
        spikes = np.empty(len(t))
        span = np.empty(2)
        count = 0
        for i in range(len(t) - 1):
            v0, v1 = states[i, 0], states[i + 1, 0]
            if not (v0 < threshold <= v1):
                continue
            left, right, below = t[i], t[i + 1], states[i].copy()
            here = left + (right - left) * (threshold - v0) / (v1 - v0)
            while right - left > 1e-10 and here > left:
                span[0], span[1] = left, here
                short, fine = integrate(address, below, span, numbers, tol, tol, _STEPS)
                good = good and fine
                now = short[1]
                shift = (threshold - now[0]) / derivative(here, now, numbers)[0]
                if abs(shift) < 1e-6:  # what is left is its square
                    here += shift
                    break
                if now[0] < threshold:
                    left, below = here, now.copy()
                else:
                    right = here
                ahead = here + shift
                here = ahead if left < ahead < right else 0.5 * (left + right)
            spikes[count] = here
            count += 1
        return states[-1].copy(), spikes[:count], good

    return loop
