"""A cell beside an unstable equilibrium leaves it as fast as its eigenvalues say.

Equilibria and eigenvalues are those of the equations in `make_references`, which imports
nothing from the package.
"""

import importlib.util
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from mnexcite import cells, simulate, stimuli
from mnexcite.engine.methods import METHODS

_SPEC = importlib.util.spec_from_file_location(
    "make_references", Path(__file__).parents[1] / "data" / "make_references.py"
)
references = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(references)

STEADY = {
    "HH": references.hodgkin_huxley_steady,
    "PB": references.purvis_butera_steady,
    "MK": references.molkov_steady,
}
CATALOGUE = {
    "HH": cells.hodgkin_huxley_1952,
    "PB": cells.purvis_butera_2005,
    "MK": cells.molkov_2025,
}
#: Where each cell may sit [mV].
VOLTAGES = {"HH": (-60.0, -40.0), "PB": (-65.0, -15.0), "MK": (-60.0, -15.0)}
VARIED = {
    "HH": ("Na.g", "Kdr.g"),
    "PB": ("NaP.g", "Kdr.g", "A.g", "ions.K_o"),
    "MK": ("NaP.g", "Kdr.g", "CAN.g", "ions.K_o"),
}
#: of each gate's and voltage's scale: small against what bends, large against rounding
NUDGE = 1e-6


@cache
def equilibria(name, count, seed):
    """Return (changes, current, state, Jacobian, scales) of equilibria that are slowly left."""
    return list(slowly_left(name, count, seed))


def slowly_left(name, count, seed):
    rng, published = np.random.default_rng(seed), references.CELLS[name]
    scale = published.atol(1.0)
    while count:
        p = dict(published.parameters)
        for path in VARIED[name]:
            p[path] *= rng.uniform(0.5, 2.0)
        if name == "MK":
            p["NaP.g"] = rng.uniform(0.0, 0.5)
        v = rng.uniform(*VOLTAGES[name])
        y = np.array([v, *STEADY[name](v, p)])
        held = -published.derivative(p, lambda t: 0.0)(0.0, y)[0] * p["C"]
        f = published.derivative(p, lambda t, held=held: held)
        J = references.jacobian(f, y, 1e-3 * scale)
        growth = np.linalg.eigvals(J).real.max()
        if 0.02 < growth < 0.5:
            count -= 1
            yield {path: p[path] for path in VARIED[name]}, held, y, J, scale


def measured(name, method, changes, current, y, J, scale):
    """Return the growth rate of a small displacement, and what it should be."""
    values, vectors = np.linalg.eig(J)
    lead = np.argmax(values.real)
    left = np.linalg.inv(vectors)[lead]
    away = np.real(vectors[:, lead])
    away = away * (NUDGE / np.abs(away / scale).max())
    cell = CATALOGUE[name]().replaced(changes)
    names = list(references.CELLS[name].initial)
    rec = simulate(
        cell,
        stimuli.step(current, unit=references.CELLS[name].unit, start=0.0, duration=1e4),
        duration=min(3.0 / values[lead].real, 60.0),
        initial=dict(zip(names, y + away, strict=True)),
        method=method,
        record=(),
    )
    end = np.array([rec.final_state.values[rec.final_state.names.index(n), 0] for n in names])
    grown = np.abs(left @ (end - y)) / np.abs(left @ away)
    return np.log(grown) / rec.final_state.time, values[lead]


#: Error relative to |lambda|; that of Euler's method is of first order, |lambda| dt / 2.
FAITHFUL = {"exponential_euler": 0.15}
SMOOTH = [m for m in METHODS if m not in ("reference", "staggered_lines")]


@pytest.mark.parametrize("name", CATALOGUE)
@pytest.mark.parametrize("method", SMOOTH)
def test_small_displacements_grow_at_the_rate_of_the_eigenvalue(name, method):
    for case in equilibria(name, 1 if METHODS[method].reference else 4, seed=3):
        rate, eigenvalue = measured(name, method, *case)
        allowed = FAITHFUL.get(method, 2e-3) * abs(eigenvalue)
        assert rate == pytest.approx(eigenvalue.real, abs=allowed), case[:2]


@pytest.mark.parametrize("name", CATALOGUE)
def test_on_straight_lines_they_grow(name):
    """Lines have the slope of a whole row: a small rate is a difference of large ones."""
    for case in equilibria(name, 4, seed=3):
        rate, _ = measured(name, "staggered_lines", *case)
        assert rate > 0.0


@pytest.mark.parametrize("name", CATALOGUE)
def test_the_reference_leaves_too(name):
    for case in equilibria(name, 1, seed=5):
        rate, eigenvalue = measured(name, "reference", *case)
        assert rate == pytest.approx(eigenvalue.real, abs=2e-3 * abs(eigenvalue)), case[:2]
