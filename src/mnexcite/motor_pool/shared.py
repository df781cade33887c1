"""What all units of a muscle share: potassium, its pump, facilitation, activity."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnexcite.cells import Parameter
from mnexcite.channels.mapping import FrozenMapping

Array = NDArray[np.float64]

STATES = ("potassium", "pump", "afferent", "sensitisation", "activity")


@dataclass(frozen=True)
class Shared:
    """Hold the shared states: mM, 1, 1, 1, Hz."""

    potassium: float
    pump: float = 0.0
    afferent: float = 0.0
    sensitisation: float = 0.0
    activity: float = 0.0


@dataclass(frozen=True)
class Laws:
    """Hold the numbers of the shared states' equations, and `facilitation.tau` of the soma."""

    rest: float
    ceiling: float
    release: float
    tau: float
    pump_gain: float
    pump_tau: float
    pump_rate: float
    half: float
    slope: float
    most: float
    rise: float
    by_length: float
    by_sensitisation: float
    sensitised: float
    sensitisation_tau: float
    activity_tau: float
    afferent_tau: float

    @classmethod
    def of(cls, numbers: FrozenMapping[Parameter], afferent_tau: float) -> Laws:
        """Return the laws that a pool's numbers give."""
        names = (
            "potassium.rest",
            "potassium.ceiling",
            "potassium.release",
            "potassium.tau",
            "pump.gain",
            "pump.tau",
            "pump.rate",
            "afferent.half",
            "afferent.slope",
            "afferent.most",
            "afferent.rise",
            "afferent.length",
            "afferent.sensitised",
            "sensitisation.rise",
            "sensitisation.tau",
            "noise.activity",
        )
        values = [numbers[name].value for name in names]
        return cls(*values, afferent_tau)  # type: ignore[call-arg]

    def filling(self, potassium: float, afferent: float, sensitised: float, at: float) -> float:
        """Return how fast the afferents' gate lets facilitation fill at a length [1/ms]."""
        half = self.half + self.by_length * (at + 1.0) - self.by_sensitisation * sensitised
        over = (potassium - half) / self.slope
        gate = 1.0 / (1.0 + math.exp(-over)) if over > -700.0 else 0.0
        return gate * max(0.0, self.most - afferent) / self.rise

    def after(
        self,
        s: Shared,
        spikes: Array,
        length: Array,
        blocked: bool,
        kept: list[tuple[float, ...]],
    ) -> Shared:
        """Return the states after some ms; those after each are added to `kept`.

        `spikes`: per unit in each ms, units weighted by their share in the muscle. Nothing
        fills facilitation where the nerve is blocked.
        """
        k, p, a, m, q = s.potassium, s.pump, s.afferent, s.sensitisation, s.activity
        room = self.ceiling - self.rest
        for n, at in zip(spikes.tolist(), length.tolist(), strict=True):
            fills = 0.0 if blocked else self.filling(k, a, m, at)
            over = k - self.rest
            cleared = over * (1.0 + self.pump_gain * p) / self.tau
            k += self.release * n * max(0.0, 1.0 - over / room) - cleared
            p += (1000.0 * n / self.pump_rate - p) / self.pump_tau
            m += self.sensitised * a * (1.0 - m) - m / self.sensitisation_tau
            a += fills - a / self.afferent_tau
            q += (1000.0 * n - q) / self.activity_tau
            kept.append((k, p, a, m, q))
        return Shared(k, p, a, m, q)

    def rested(self, s: Shared, t: float) -> Shared:
        """Return the states after `t` ms without a spike, by the exact solution.

        The afferents' gate is taken as shut and the gain of sensitisation as off: a silent
        muscle's potassium falls below the gate within a few hundred ms.
        """
        pump = s.pump * math.exp(-t / self.pump_tau)
        # integral of 1 + gain pump over t
        cleared = t + self.pump_gain * self.pump_tau * (s.pump - pump)
        return Shared(
            self.rest + (s.potassium - self.rest) * math.exp(-cleared / self.tau),
            pump,
            s.afferent * math.exp(-t / self.afferent_tau),
            s.sensitisation * math.exp(-t / self.sensitisation_tau),
            s.activity * math.exp(-t / self.activity_tau),
        )
