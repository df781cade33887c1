"""Cells that several tests of the bench share, with random states of them."""

import functools

import numpy as np
from hypothesis import strategies as st

from mnexcite import cells
from mnexcite.bench.cell import benchmark_cell
from mnexcite.bench.system import system
from mnexcite.cells import Cell, Compartment, Coupling, Ion
from mnexcite.channels import Channel, Gate, IonPool, kinetics
from mnexcite.equations.right_hand_side import Equations


def sigmoid(v, half, slope):
    return 1.0 / (1.0 + np.exp(-(np.asarray(v, dtype=float) - half) / slope))


class Bell:
    """A callable object, as users write them."""

    def __init__(self, height, centre, width):
        self.height, self.centre, self.width = height, centre, width

    def __call__(self, v):
        return 0.3 + self.height / np.cosh((v - self.centre) / self.width)


def user_cell():
    """Return a cell of every kind of part: its own functions, shifts, rates, a pool."""
    u = 0.7
    m = Gate(
        "m",
        power=3,
        alpha=lambda v, a=0.32: (
            a * np.where(v == -54.0, 4.0, (v + 54.0) / (1 - np.exp(-(v + 54.0) / 4)))
        ),
        beta=lambda v: u * np.exp(-np.clip(v + 27.0, -100.0, 200.0) / 9.0),
        shift=1.5,
        rate=1.3,
    )
    h = Gate(
        "h",
        inf=functools.partial(sigmoid, slope=-6.2),
        tau=Bell(6.0, -60.0, 15.0),
        half=-58.1,
        shift=-2.0,
    )
    n = Gate(
        "n",
        power=4,
        alpha=kinetics.alpha_linear,
        beta=lambda v: 0.125 * np.exp(-(v + 65.0) / 80.0),
        alpha_rate=0.01,
        alpha_half=-55.0,
        alpha_slope=10.0,
        rate=2.0,
    )
    p = Gate("p", power=2, inf=lambda v: sigmoid(v, -48.0, 5.0))
    d = Gate("d", power=2, inf=lambda v: np.power(sigmoid(v, -38.2, 6.1), 1.5), tau=2.5)
    z = Gate("z", inf=lambda c: c**2 / (c**2 + 0.35**2), tau=lambda c: 3.0 + 2.0 / (1.0 + c))
    q = Gate("q", inf=kinetics.hill, half=0.4, order=1.7)
    soma = Compartment(
        "soma",
        0.05,
        [
            Channel("Na", 2.1, [m, h], ion="Na"),
            Channel("NaP", 0.01, p, ion="Na"),
            Channel("Kdr", 0.9, n, ion="K"),
            Channel("leak", 0.004, E=-66.0),
        ],
        v=-66.3,
    )
    calcium = IonPool(
        "Ca", alpha=3.0, tau=35.0, f=0.5, rest=0.05, initial=0.06, scale=0.3, unit="uM"
    )
    dendrite = Compartment(
        "dendrite",
        0.11,
        [
            Channel("CaD", 0.04, d, ion="Ca"),
            Channel("KCa", 0.06, z, ion="K"),
            Channel("BK", 0.03, q, ion="K"),
            Channel("leak", 0.006, E=-66.0),
        ],
        pools=[calcium],
        v=-66.3,
    )
    return Cell(
        "user",
        [soma, dendrite],
        couplings=[Coupling("soma", "dendrite", g_c=0.013)],
        ions=[
            Ion("Na", 52.0, outside=145.0),
            Ion("K", -84.0, outside=4.0, inside=140.0),
            Ion("Ca", 62.0),
        ],
        membrane="absolute",
    )


CELLS = {
    "HH": cells.hodgkin_huxley_1952(),
    "PB": cells.purvis_butera_2005(),
    "MK": cells.molkov_2025(),
    "BRK": cells.booth_rinzel_kiehn_1997(),
    "bench": benchmark_cell(),
    "user": user_cell(),
}
#: What may differ between parameter sets: conductances, kinetics, ions, calcium, coupling.
VARYING = {
    "HH": {"Na.g": 130.0, "Na.m.alpha_half": -41.0, "Kdr.n.rate": 1.2, "C": 1.1},
    "PB": {"ions.K_o": 6.0, "SK.g": 0.2, "Ca.decay": 0.05, "NaP.m.half": -46.0},
    "MK": {"temperature": 36.0, "ions.K_o": 5.0, "KCa.z.half": 3e-4, "Na.m.shift": 1.0},
    "BRK": {"coupling.p": 0.2, "coupling.g_c": 0.15, "dendrite.Ca.f": 0.02},
    "bench": {"NaP.g": 1.0, "K.g": 25.0},
    "user": {"soma.Na.h.half": -57.0, "soma.Na.m.shift": 0.5, "coupling.g_c": 0.02},
}


@functools.cache
def plain(name):
    """Return the equations of a cell twice: printed, and the engine's own."""
    return system(CELLS[name]), Equations(CELLS[name])


@st.composite
def states(draw, name):
    """Return a state of a cell, and its injected currents."""
    s, _ = plain(name)
    pools = len(s.pools)
    y = [draw(st.floats(-90.0, 40.0)) for _ in range(s.compartments)]
    y += [draw(st.floats(0.0, 0.01 if name != "BRK" else 1.0)) for _ in range(pools)]
    y += [draw(st.floats(0.0, 1.0)) for _ in range(len(s.gates))]
    injected = [draw(st.floats(-20.0, 20.0)) for _ in range(s.compartments)]
    return np.array(y), injected


def sizes(s, named):
    """Return how large the terms are that each derivative is the difference of."""
    flows = [abs(float(np.asarray(c.flow.evaluate(**named)))) for c in s.currents]
    found = []
    for k, C in enumerate(s.capacitances):
        total = sum(f for c, f in zip(s.currents, flows, strict=True) if c.compartment == k)
        lost = sum(
            100.0 * float(c.g_a.evaluate(**named) + c.g_b.evaluate(**named))
            for c in s.couplings
        )
        found.append((total + lost + abs(named[s.injected[k]])) / float(C.evaluate(**named)))
    for pool in s.pools:
        alpha, removal = (float(p.evaluate(**named)) for p in (pool.alpha, pool.removal))
        found.append(alpha * sum(flows) + removal)
    for gate in s.gates:
        first, second = (float(np.asarray(p.evaluate(**named))) for p in gate.parts)
        found.append(first + second if gate.alpha is not None else second)
    return np.array(found)


def assert_same(s, found, wanted, named):
    """Assert equality to 1e-12 of the terms: the formulas are the same but for rounding."""
    assert np.all(np.abs(np.array(found) - wanted) <= 1e-12 * sizes(s, named) + 1e-300)
