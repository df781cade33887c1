"""Whether a cell can rest and can fire, by SciPy and on equations written apart.

Imports nothing from the package. Equilibria are the roots of the steady current in
`tests/data/make_references.py`, told apart by the eigenvalues of differences; firing is what
`explicit_runs.py` finds at the end of a long watch. The rules are those of the measure
`bistability`, written once more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
from classified_apart import _unstable_below
from explicit_runs import Array, Explicit, equations
from scipy.optimize import brentq

PULSE = {"nA": 1.0, "uA/cm2": 20.0}
DURATION, WATCH = 500.0, 10_000.0  # ms
WAY = 0.25  # mV, between two states of a dendrite that is looked at
FIRES, RESTS, BOTH, NEITHER = "fires_only", "rest_only", "bistable", "neither"


def bistability(name: str, values: Mapping[str, float], tolerance: float) -> str:
    """Return what a cell can do without a current."""
    explicit = Explicit(name)
    rest = lowest_rest(name, values)
    top = PULSE[explicit.cell.unit]
    kick = [(0.0, DURATION, top), (DURATION, DURATION + WATCH, 0.0)]
    quiet = [(0.0, DURATION + WATCH, 0.0)]
    fires = any(
        fires_on(explicit.spikes(values, drive, tolerance, start=start)[0])
        for drive, start in ((kick, rest), (quiet, None))
    )
    return {
        (True, True): BOTH,
        (True, False): RESTS,
        (False, True): FIRES,
        (False, False): NEITHER,
    }[rest is not None, fires]


def fires_on(spikes: Array, start: float = DURATION, end: float = DURATION + WATCH) -> bool:
    """Whether firing goes on at `end`, judged by the spikes from `start` on."""
    late = spikes[spikes >= start]
    return late.size > 1 and bool(end - late[-1] <= 3.0 * np.diff(late).max())


def lowest_rest(name: str, values: Mapping[str, float]) -> Array | None:
    """Return the stable equilibrium of lowest voltage, unless it is a block."""
    apart = equations()
    case = apart.Case("point", name, 1.0, replaced=dict(values))
    for state in steady_states(name, case.parameters()):
        if _growth(name, case.parameters(), state) < 0.0:
            blocked = (
                _blocked_with_dendrite(case.parameters(), state)
                if name == "BRK"
                else _unstable_below(float(state[0]), case)
            )
            return None if blocked else state
    return None


def _blocked_with_dendrite(p: Mapping[str, float], state: Array) -> bool:
    """Whether Booth's cell is unstable anywhere on the way down, its dendrite settled."""
    at, last = _balanced_dendrite(p), state[0]
    lowest = min(p["ions.E_K"], p["soma.leak.E"], p["dendrite.leak.E"])
    for vd in np.arange(state[6], -95.0, -WAY):
        held = np.array(at(float(vd)))
        if held[0] > last or held[0] < lowest:  # the way turns, or every current is inward
            return False
        if _growth("BRK", p, held) > 0.0:
            return True
        last = held[0]
    return False


def steady_states(name: str, p: Mapping[str, float]) -> list[Array]:
    """Return the states at which nothing changes, in order of voltage."""
    apart = equations()
    f = apart.CELLS[name].derivative(p, lambda t: 0.0)
    at = _balanced_dendrite(p) if name == "BRK" else _held(name, p)

    def net(v: float) -> float:
        return f(0.0, at(v))[0]

    grid = np.linspace(-95.0, 20.0, 2301)
    found = [net(float(v)) for v in grid]
    roots = [
        brentq(net, a, b, xtol=1e-12)
        for (a, b), (one, other) in zip(pairwise(grid), pairwise(found), strict=True)
        if one * other < 0.0
    ]
    states = [np.array(at(float(v))) for v in roots]  # type: ignore[arg-type]
    return sorted(states, key=lambda state: state[0])


def _held(name: str, p: Mapping[str, float]) -> Callable[[float], list[float]]:
    apart = equations()
    steady = {
        "HH": apart.hodgkin_huxley_steady,
        "PB": apart.purvis_butera_steady,
        "MK": apart.molkov_steady,
    }[name]
    return lambda v: [v, *steady(v, p)]


def _balanced_dendrite(p: Mapping[str, float]) -> Callable[[float], list[float]]:
    """Return the state of Booth's cell with a balanced dendrite, by its voltage."""
    apart = equations()
    f = apart.CELLS["BRK"].derivative(p, lambda t: 0.0)

    def state(vd: float) -> list[float]:
        _, (m_nd, h_nd, m_l) = apart.booth_gates(vd, vd)
        influx = (p["dendrite.CaN.g"] * m_nd**2 * h_nd + p["dendrite.CaL.g"] * m_l) * (
            vd - p["ions.E_Ca"]
        )
        dendrite = [vd, m_nd, h_nd, m_l, -0.009 * influx / 2.0]
        # the current between the two is linear in the soma's voltage
        alone = f(0.0, [vd, *[0.1] * 5, *dendrite])[6] * p["C"]
        vs = vd - alone * (1.0 - p["coupling.p"]) / p["coupling.g"]
        (h, n, m_ns, h_ns), _ = apart.booth_gates(vs, vs)
        soma_influx = p["soma.CaN.g"] * m_ns**2 * h_ns * (vs - p["ions.E_Ca"])
        return [vs, h, n, m_ns, h_ns, -0.009 * soma_influx / 2.0, *dendrite]

    return state


def _growth(name: str, p: Mapping[str, float], state: Array) -> float:
    """Return the largest real part of the eigenvalues."""
    apart = equations()
    cell: Any = apart.CELLS[name]
    scale = [
        max(0.1 * abs(value), 1e-12)
        if path.endswith("Ca")
        else 1.0
        if path.split(".")[-1] == "v"
        else 0.01
        for path, value in zip(cell.initial, state, strict=True)
    ]
    f = cell.derivative(p, lambda t: 0.0)
    return float(np.linalg.eigvals(apart.jacobian(f, state, scale)).real.max())
