"""How the units of a pool differ, by size and by chance."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mnexcite.cells import Cell
from mnexcite.muscle import MotorUnit

Array = NDArray[np.float64]

#: Share of the pool's greatest force.
POOL_FORCE = "fraction of maximal force"
#: Path of the soma -> greatest over least factor by size; 1 is at 0.35 of the pool.
BY_SIZE = {"leak.g": 1.8, "Ca.tau": 1.0 / 1.3}
MIDDLE = 0.35
#: Relative standard deviation of these paths between units.
SPREAD = 0.05
SOMA_SPREAD = ("leak.g", "CAN.g", "NaP.g", "SK.g", "Ca.tau", "Cs.alpha")
TERMINAL_SPREAD = ("NaP.g", "leak.g", "KM.g")
SOMA_REST_SD = 0.5  # mV, of the leak's reversal
TERMINAL_REST_SD = 2.2
#: Every second terminal rests so much lower, and fires by itself at higher potassium only [mV].
STEADY_TERMINALS = -8.0
AFFERENT_SD = 0.25  # of the logarithm of what facilitation does to a unit
DELAY, DELAY_SD = 15.0, 0.1  # ms, of an axon
FORCE_RANGE = 10.0
LONGEST_TWITCH, TWITCH_RANGE = 75.0, 2.0  # contraction time [ms]


@dataclass(frozen=True, eq=False)
class Units:
    """Hold what differs between units, smallest first.

    Attributes
    ----------
    number
        Of each unit in the pool it was drawn in: what it is called, and whose noise it has.
    soma, terminal
        Path -> value of each unit's cell less the pool's common value where it is a shift
        (`leak.E`), or over it, shape (n,).
    afferent
        How strongly facilitation acts on each, 1 on average, shape (n,).
    delay
        From soma to terminal or back, shape (n,) [ms].
    muscle
        Their muscle fibres.
    """

    number: NDArray[np.int64]
    soma: dict[str, Array]
    terminal: dict[str, Array]
    afferent: Array
    delay: Array
    muscle: tuple[MotorUnit, ...]

    def __len__(self) -> int:
        return self.delay.size

    def chosen(self, which: NDArray[np.int64]) -> Units:
        """Return some of the units (numbers), in that order."""
        return Units(
            self.number[which],
            {path: x[which] for path, x in self.soma.items()},
            {path: x[which] for path, x in self.terminal.items()},
            self.afferent[which],
            self.delay[which],
            tuple(self.muscle[i] for i in which.tolist()),
        )


def with_parts_of_leak(units: Units, soma: Cell) -> Units:
    """Return units whose leak is made of potassium's, sodium's and a pump, as a soma's is.

    Leak and pump are in proportion, so that sodium rests near where it does in the middle of
    the pool; what shifts the leak's reversal moves conductance from one ion to the other.
    """
    p = {path: each.value for path, each in soma.parameters.items()}
    own = dict(units.soma)
    by, shift = own.pop("leak.g"), own.pop("leak.E")
    g = p["leakK.g"] + p["leakNa.g"]
    moved = g * shift / (p["ions.E_Na"] - p["ions.E_K"])
    own["leakK.g"] = by * (1.0 - moved / p["leakK.g"])
    own["leakNa.g"] = by * (1.0 + moved / p["leakNa.g"])
    own["NaK.i_max"] = by
    return replace(units, soma=own)


def draw(n: int, seed: int) -> Units:
    """Return `n` units by the size principle, with spreads drawn by a seed."""
    rng = np.random.default_rng(np.random.SeedSequence([seed, n]))
    size = np.linspace(0.0, 1.0, n)
    soma = {path: np.exp(SPREAD * rng.standard_normal(n)) for path in SOMA_SPREAD}
    for path, ratio in BY_SIZE.items():
        soma[path] = soma[path] * ratio ** (size - MIDDLE)
    soma["leak.E"] = SOMA_REST_SD * rng.standard_normal(n)
    terminal = {path: np.exp(SPREAD * rng.standard_normal(n)) for path in TERMINAL_SPREAD}
    terminal["leakK.g"] = terminal["leak.g"]
    steady = np.where(rng.permutation(n) % 2 == 0, 0.0, STEADY_TERMINALS)
    terminal["leak.E"] = steady + TERMINAL_REST_SD * rng.standard_normal(n)
    terminal["leakK.E"] = terminal["leak.E"]
    afferent = np.exp(AFFERENT_SD * rng.standard_normal(n) - 0.5 * AFFERENT_SD**2)
    delay = DELAY * (1.0 + DELAY_SD * np.clip(rng.standard_normal(n), -2.5, 2.5))
    force = FORCE_RANGE**size
    times = LONGEST_TWITCH * force ** (-math.log(TWITCH_RANGE) / math.log(FORCE_RANGE))
    muscle = tuple(
        MotorUnit(f"unit {i + 1}", float(t)).with_fused_force(float(p), POOL_FORCE)
        for i, (t, p) in enumerate(zip(times, force / force.sum(), strict=True))
    )
    return Units(np.arange(n), soma, terminal, afferent, delay, muscle)
