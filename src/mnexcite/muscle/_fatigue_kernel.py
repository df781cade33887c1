"""Let twitches tire; plain Python that is compiled, after the text of the twitches.

Between two spikes a unit's contraction time T is held at what its fatigue asked for at the
first. Then the force n of a unit that can do all is (b + a u) exp(-u), u in units of T, and
what is fatigued, d' = rate n - d / recovery, has a closed form: nothing is stepped.
"""

import math

import numpy as np

from mnexcite.muscle._twitch_kernel import KNEE_SLOPE, gain, level

# columns of the state
RISE, LEVEL, AT, SEEN, TIRED, TIME = range(6)
WIDTH = 6


def tired(
    d: float, a: float, b: float, u: float, T: float, rate: float, recovery: float
) -> float:
    """Return the fatigued share at u; `rate` and `recovery` in 1/ms."""
    slow = T * recovery
    m = 1.0 - slow
    x = m * u
    left = math.exp(-x)
    lost = -math.expm1(-x)
    grown = (b * lost + a * (lost - x * left) / m) / m
    return max(0.0, min(1.0, math.exp(-slow * u) * (d + rate * T * KNEE_SLOPE * grown)))


def advance_tired(
    times: np.ndarray,
    offsets: np.ndarray,
    stops: np.ndarray,
    contraction_times: np.ndarray,
    scales: np.ndarray,
    rates: np.ndarray,
    recovery: float,
    slowing: float,
    every: float,
    first: int,
    last: int,
    state: np.ndarray,
    force: np.ndarray,
    fatigued: np.ndarray,
) -> None:
    """Take each lane through its spikes, and write samples `first` to `last` - 1."""
    for lane in range(offsets.size - 1):
        scale = scales[lane]
        rate = rates[lane]
        a = state[lane, RISE]
        b = state[lane, LEVEL]
        t_last = state[lane, AT]
        count = state[lane, SEEN]
        d = state[lane, TIRED]
        T = state[lane, TIME]
        sample = first
        for s in range(offsets[lane], offsets[lane + 1] + 1):
            # after the last spike come the samples that are left
            stop = last - 1
            if s < offsets[lane + 1] and stops[s] < stop:
                stop = stops[s]
            while sample <= stop:
                u = (sample * every - t_last) / T
                now = tired(d, a, b, u, T, rate, recovery)
                force[lane, sample - first] = scale * level(a, b, u) * (1.0 - now)
                fatigued[lane, sample - first] = now
                sample += 1
            if s < offsets[lane + 1]:
                u = (times[s] - t_last) / T
                d = tired(d, a, b, u, T, rate, recovery)
                g = gain(u) if count > 0.0 else 1.0
                b = level(a, b, u)
                a = a * math.exp(-u) + g
                t_last = times[s]
                count += 1.0
                T = contraction_times[lane] * (1.0 + slowing * d)
        state[lane, RISE] = a
        state[lane, LEVEL] = b
        state[lane, AT] = t_last
        state[lane, SEEN] = count
        state[lane, TIRED] = d
        state[lane, TIME] = T


def shares(
    rates: np.ndarray, recovery: float, until: float, state: np.ndarray, fatigued: np.ndarray
) -> None:
    """Write the fatigued share of each lane at `until`; the state stays."""
    for lane in range(fatigued.size):
        T = state[lane, TIME]
        u = (until - state[lane, AT]) / T
        fatigued[lane] = tired(
            state[lane, TIRED],
            state[lane, RISE],
            state[lane, LEVEL],
            u,
            T,
            rates[lane],
            recovery,
        )
