"""The self-check: results of this machine beside numbers from elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mnexcite import cells, muscle, simulation, stimuli
from mnexcite.engine.methods import DEFAULT_METHOD
from mnexcite.spikes import rate

#: Spike times [ms] of the Hodgkin-Huxley cell under 10 uA/cm2 in 100-200 ms and 35 uA/cm2
#: in 300-400 ms, from the untabulated equations by an independent solver.
HODGKIN_HUXLEY = (
    *(101.9012, 116.8227, 131.4719, 146.1091, 160.7453, 175.3816, 190.0178),
    *(300.9286, 311.2867, 320.9835, 330.6199, 340.2467, 349.8720, 359.4970),
    *(369.1219, 378.7469, 388.3718, 397.9968),
)
#: First spike [ms] of the Purvis-Butera cell after 1 nA for 1 ms at 10 ms, likewise.
PURVIS_BUTERA = 11.3846
#: Its rate [Hz] with NaP x2 and K x0.5, likewise.
SPONTANEOUS = 10.3
#: Force of the 120 units at 67 Hz and at an excitation of 67, computed twice elsewhere.
ALL_FUSED, ALL_DRIVEN = 2609.0309, 2215.9811


@dataclass(frozen=True)
class Check:
    """Compare numbers with expected ones; the tolerance has the unit of the numbers."""

    what: str
    expected: tuple[float, ...]
    tolerance: float
    compute: Callable[[], np.ndarray]

    def judge(self) -> tuple[str, str, bool]:
        """Return what was expected, what came, and whether that is within tolerance."""
        got = np.atleast_1d(self.compute())
        wanted = np.array(self.expected)
        if got.size != wanted.size:
            return f"{wanted.size} values", f"{got.size} values", False
        off = float(np.max(np.abs(got - wanted)))
        ok = off <= self.tolerance
        margin = f"+- {self.tolerance:g}"
        if wanted.size == 1:
            return f"{wanted[0]:.10g} {margin}", f"{got[0]:.9g}", ok
        return f"{wanted.size} times {margin}", f"off by {off:.1e}", ok


def _purvis_butera(method: str) -> np.ndarray:
    pulse = stimuli.pulse(1.0, unit="nA", start=10.0)
    cell = cells.purvis_butera_2005()
    return np.asarray(
        simulation.simulate(cell, pulse, duration=30.0, method=method).spike_times
    )


def _hodgkin_huxley(method: str, duration: float = 500.0) -> np.ndarray:
    steps = stimuli.step(10.0, unit="uA/cm2", start=100.0, duration=100.0)
    steps += stimuli.step(35.0, unit="uA/cm2", start=300.0, duration=100.0)
    cell = cells.hodgkin_huxley_1952()
    return np.asarray(
        simulation.simulate(cell, steps, duration=duration, method=method).spike_times
    )


def _spontaneous() -> np.ndarray:
    sick = cells.purvis_butera_2005().scaled({"NaP.g": 2.0, "K.g": 0.5})
    return np.asarray(rate(simulation.simulate(sick, duration=4000.0).spike_times))


def _fused() -> np.ndarray:
    return np.asarray(muscle.force_from_rates(67.0, muscle.fuglevand_pool()))


def _driven() -> np.ndarray:
    return np.asarray(muscle.force_from_excitation(67.0, muscle.fuglevand_pool()))


def _regular_train() -> np.ndarray:
    force = muscle.contract(
        np.arange(0.0, 4000.0, 100.0), muscle.slow_unit(), duration=4000.0, discard=2000.0
    )
    return np.asarray(force.mean)


CHECKS = (
    Check(
        "Purvis-Butera spike [ms], reference",
        (PURVIS_BUTERA,),
        1e-3,
        lambda: _purvis_butera("reference"),
    ),
    Check(
        "Purvis-Butera spike [ms], default method",
        (PURVIS_BUTERA,),
        1e-3,
        lambda: _purvis_butera(DEFAULT_METHOD),
    ),
    # half a step of 0.025 ms
    Check(
        "Purvis-Butera spike [ms], fixed steps",
        (PURVIS_BUTERA,),
        0.0125,
        lambda: _purvis_butera("staggered"),
    ),
    # it takes seconds: the first step only
    Check(
        "Hodgkin-Huxley spikes [ms], reference",
        HODGKIN_HUXLEY[:7],
        1e-3,
        lambda: _hodgkin_huxley("reference", 200.0),
    ),
    Check(
        "Hodgkin-Huxley spikes [ms], default method",
        HODGKIN_HUXLEY,
        1e-3,
        lambda: _hodgkin_huxley(DEFAULT_METHOD),
    ),
    # one step
    Check(
        "Hodgkin-Huxley spikes [ms], fixed steps",
        HODGKIN_HUXLEY,
        0.025,
        lambda: _hodgkin_huxley("staggered"),
    ),
    # 1 %
    Check("NaP x2, K x0.5: rate [Hz]", (SPONTANEOUS,), 0.1, _spontaneous),
    Check("120 units at 67 Hz: force", (ALL_FUSED,), 1e-4, _fused),
    Check("120 units, excitation 67: force", (ALL_DRIVEN,), 1e-4, _driven),
    # rate form at 10 Hz, T 90 ms: 1 - exp(-2 0.9^3)
    Check(
        "slow unit at 10 Hz: mean force", (1.0 - np.exp(-2.0 * 0.9**3),), 1e-3, _regular_train
    ),
)
