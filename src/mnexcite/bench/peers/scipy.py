"""SciPy's solvers with a compiled right-hand side, one call per set."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnexcite.bench import clock
from mnexcite.bench.peers.peer import Answer, Setting
from mnexcite.bench.peers.right_hand_side import RightHandSide, right_hand_side
from mnexcite.bench.pieces import Piece, pieces
from mnexcite.bench.work import Work

Array = NDArray[np.float64]
Derivative = Callable[..., Array]

#: Interval at which LSODA gives states [ms]; no spike is above its threshold so briefly.
EVERY = 0.1
_TOLERANCES = (1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10)
_STEPS = 1_000_000
#: What `ode` returns where it stops because it takes the problem for stiff; it goes on then.
_CALLED_STIFF = -4


@dataclass(frozen=True)
class SciPy:
    """Run one of SciPy's methods on equations compiled by numba.

    LSODA is `odeint`; DOP853 and RK45 are `ode("dop853")` and `ode("dopri5")`, whose steps
    are looked at one by one: both stay in compiled code between two calls of the
    right-hand side, which `solve_ivp` does not. It serves Radau and BDF. A crossing that
    falls between two states is then found by Newton's method, with short integrations at
    the same tolerance.
    """

    method: str

    #: Sets run one by one, so that a part of them tells the cost of all.
    alone = True

    @property
    def name(self) -> str:
        """Name in tables."""
        return f"SciPy {self.method}"

    def missing(self) -> str | None:
        """Return None: the package needs SciPy anyway."""
        return None

    def settings(self) -> tuple[Setting, ...]:
        """Return tolerances, relative to scaled states; the same number is the absolute."""
        last = 1e-7 if self.method in ("Radau", "BDF") else 1e-10
        return tuple(Setting(f"tol {t:g}", t, "tolerance") for t in _TOLERANCES if t >= last)

    def prepare(self, work: Work, setting: Setting) -> Callable[[], Answer]:
        """Compile the equations; the callable runs every set."""
        equations = right_hand_side(work)
        stretches = pieces(work)

        def run() -> Answer:
            trains, steps = [], 0
            start = clock.now()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # a set that fails is judged by its spikes
                for place in range(work.sets):
                    train, taken = one_set(
                        equations, place, stretches, self.method, setting.value
                    )
                    trains.append(train)
                    steps += taken
            return Answer(tuple(trains), clock.now() - start, steps)

        return run


#: What a solver returns: the last state, crossings, steps taken.
Solved = tuple[Array, list[float], int]
Solve = Callable[[Derivative, Array, Piece, Array, float, float], Solved]


def one_set(
    equations: RightHandSide, place: int, stretches: list[Piece], method: str, tol: float
) -> tuple[Array, int]:
    """Return the spike times [ms] of one set, NaN where the solver failed, and its steps."""
    solve = _SOLVERS[method]
    y, spikes, steps = equations.initial, [], 0
    for piece in stretches:
        numbers = equations.numbers(place, piece)
        y, found, taken = solve(
            equations.derivative, y, piece, numbers, equations.threshold, tol
        )
        spikes += found
        steps += taken
    return np.array(spikes), steps


def _by_odeint(
    f: Derivative, y: Array, piece: Piece, numbers: Array, threshold: float, tol: float
) -> Solved:
    from scipy.integrate import odeint

    options = {"rtol": tol, "atol": tol, "tfirst": True, "args": (numbers,), "mxstep": _STEPS}
    t = np.linspace(piece.left, piece.right, math.ceil((piece.right - piece.left) / EVERY) + 1)
    states, info = odeint(f, y, t, full_output=True, **options)

    def advance(start: float, y: Array, stop: float) -> Array:
        return odeint(f, y, [start, stop], **options)[-1]

    v, slope = states[:, 0], _slope(f, numbers)
    spikes = [
        _crossing(advance, slope, t[i], states[i], t[i + 1], v[i + 1], threshold)
        for i in np.flatnonzero((v[:-1] < threshold) & (v[1:] >= threshold))
    ]
    good = info["message"] == "Integration successful."
    return states[-1], spikes if good else [math.nan], int(info["nst"][-1])


def _by_ode(name: str) -> Solve:
    def solve(
        f: Derivative, y: Array, piece: Piece, numbers: Array, threshold: float, tol: float
    ) -> Solved:
        from scipy.integrate import ode

        taken = 0
        below = [(piece.left, y)]
        crossed: list[tuple[float, Array, float, float]] = []

        def bound(t: float, y: Array) -> Array:  # SciPy would give parameters to `look` too
            return f(t, y, numbers)

        def look(t: float, y: Array) -> None:
            nonlocal taken
            taken += 1
            before, at = below[-1]
            if at[0] < threshold <= y[0]:
                crossed.append((before, at, t, float(y[0])))
            below[-1] = (t, y.copy())

        def advance(start: float, y: Array, stop: float) -> Array:
            short = ode(bound).set_integrator(name, rtol=tol, atol=tol, nsteps=_STEPS)
            return short.set_initial_value(y, start).integrate(stop)

        solver = ode(bound).set_integrator(name, rtol=tol, atol=tol, nsteps=_STEPS)
        solver.set_solout(look)
        solver.set_initial_value(y, piece.left).integrate(piece.right)
        while solver.get_return_code() == _CALLED_STIFF:
            solver.set_initial_value(solver.y, solver.t).integrate(piece.right)
        last = np.asarray(solver.y)
        slope = _slope(f, numbers)
        spikes = [_crossing(advance, slope, *step, threshold) for step in crossed]
        return last, spikes if solver.successful() else [math.nan], taken

    return solve


def _by_solve_ivp(method: str) -> Solve:
    def solve(
        f: Derivative, y: Array, piece: Piece, numbers: Array, threshold: float, tol: float
    ) -> Solved:
        from scipy.integrate import solve_ivp

        def crossing(t: float, y: Array, numbers: Array) -> float:
            return y[0] - threshold

        crossing.direction = 1.0  # type: ignore[attr-defined]
        run = solve_ivp(
            f,
            (piece.left, piece.right),
            y,
            method=method,
            events=crossing,
            args=(numbers,),
            rtol=tol,
            atol=tol,
        )
        spikes = run.t_events[0].tolist() if run.success else [math.nan]
        return run.y[:, -1], spikes, run.t.size - 1

    return solve


_SOLVERS: Mapping[str, Solve] = {
    "LSODA": _by_odeint,
    "DOP853": _by_ode("dop853"),
    "RK45": _by_ode("dopri5"),
    "Radau": _by_solve_ivp("Radau"),
    "BDF": _by_solve_ivp("BDF"),
}


def _slope(f: Derivative, numbers: Array) -> Callable[[float, Array], float]:
    return lambda t, y: float(f(t, y, numbers)[0])


def _crossing(
    advance: Callable[[float, Array, float], Array],
    slope: Callable[[float, Array], float],
    t0: float,
    y0: Array,
    t1: float,
    v1: float,
    threshold: float,
) -> float:
    """Return when the voltage crosses between t0 and t1: Newton's method, held between."""
    t = t0 + (t1 - t0) * (threshold - y0[0]) / (v1 - y0[0])
    while t1 - t0 > 1e-10 and t > t0:
        y = advance(t0, y0, t)
        shift = (threshold - y[0]) / slope(t, y)
        if abs(shift) < 1e-6:  # what is left is its square
            return float(t + shift)
        if y[0] < threshold:
            t0, y0 = t, y
        else:
            t1 = t
        t = t + shift if t0 < t + shift < t1 else 0.5 * (t0 + t1)
    return float(t)
