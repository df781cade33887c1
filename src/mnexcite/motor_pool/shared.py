"""What all units of a muscle share: potassium, its pump, facilitation, activity."""

from __future__ import annotations

import math
from dataclasses import astuple, dataclass
from functools import cache, lru_cache
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from numpy.typing import NDArray

from mnexcite.cells import Parameter
from mnexcite.channels.mapping import FrozenMapping
from mnexcite.kernels.compiled import load
from mnexcite.motor_pool import _shared_kernel

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
        return compiled().filling(_numbers(self), potassium, afferent, sensitised, at)

    def after(
        self, s: Shared, spikes: Array, length: Array, blocked: bool
    ) -> tuple[Shared, Array]:
        """Return the states after some ms, and those after each, shape (ms, states).

        `spikes`: per unit in each ms, units weighted by their share in the muscle. Nothing
        fills facilitation where the nerve is blocked.
        """
        begin = np.array([s.potassium, s.pump, s.afferent, s.sensitisation, s.activity])
        found = np.empty((spikes.size, len(STATES)))
        given = (np.ascontiguousarray(each, float) for each in (spikes, length))
        compiled().after(_numbers(self), begin, *given, int(blocked), found)
        return Shared(*found[-1].tolist()) if spikes.size else s, found

    @property
    def values(self) -> Array:
        """All numbers, in their order."""
        return _numbers(self)

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


@lru_cache(maxsize=64)
def _numbers(laws: Laws) -> Array:
    """Return all numbers of laws, in their order."""
    return np.array(astuple(laws))


_ENTRIES = {
    "filling": {
        "laws": "f8[::1]",
        "potassium": "f8",
        "afferent": "f8",
        "sensitised": "f8",
        "at": "f8",
        "return": "f8",
    },
    "after": {
        "laws": "f8[::1]",
        "state": "f8[::1]",
        "spikes": "f8[::1]",
        "length": "f8[::1]",
        "blocked": "i8",
        "kept": "f8[:,::1]",
    },
    "share": {
        **dict.fromkeys(("laws", "state"), "f8[::1]"),
        "unit": "i8[::1]",
        "origin": "f8[::1]",
        "start": "f8",
        "shares": "f8[::1]",
        **dict.fromkeys(("rank", "heads", "order"), "i8[::1]"),
        **dict.fromkeys(("counts", "length"), "f8[::1]"),
        "blocked": "i8",
        "kept": "f8[:,::1]",
    },
    "enter": {
        **dict.fromkeys(("first", "begin"), "i8"),
        **dict.fromkeys(("own", "known"), "f8[:,::1]"),
        **dict.fromkeys(("gain", "common_gain"), "f8"),
        **dict.fromkeys(("numbers", "tension", "rates", "state", "inhibition"), "f8[::1]"),
        **dict.fromkeys(("current", "conductance"), "f8[:,::1]"),
    },
    "swing": {
        "step": "f8[::1]",
        "drawn": "f8[:,::1]",
        "state": "f8[::1]",
        "values": "f8[::1]",
    },
}


@cache
def compiled() -> SimpleNamespace:
    """Return what runs ms by ms, as machine code."""
    source = Path(_shared_kernel.__file__).read_text(encoding="utf-8")
    return load("shared", source, _ENTRIES)
