"""Step what all units share, ms by ms; plain Python that is compiled as it stands."""

import math

import numpy as np

# numbers of the laws, in the order of `Laws`
REST, CEILING, RELEASE, TAU, PUMP_GAIN, PUMP_TAU, PUMP_RATE = range(7)
HALF, SLOPE, MOST, RISE, BY_LENGTH, BY_SENSITISATION = range(7, 13)
SENSITISED, SENSITISATION_TAU, ACTIVITY_TAU, AFFERENT_TAU = range(13, 17)


def filling(
    laws: np.ndarray, potassium: float, afferent: float, sensitised: float, at: float
) -> float:
    """Return how fast the afferents' gate lets facilitation fill at a length [1/ms]."""
    half = laws[HALF] + laws[BY_LENGTH] * (at + 1.0) - laws[BY_SENSITISATION] * sensitised
    over = (potassium - half) / laws[SLOPE]
    gate = 1.0 / (1.0 + math.exp(-over)) if over > -700.0 else 0.0
    return gate * max(0.0, laws[MOST] - afferent) / laws[RISE]


def after(
    laws: np.ndarray,
    state: np.ndarray,
    spikes: np.ndarray,
    length: np.ndarray,
    blocked: int,
    kept: np.ndarray,
) -> None:
    """Write the states after each ms to `kept`, shape (ms, 5); `state` is where they begin."""
    k, p, a, m, q = state[0], state[1], state[2], state[3], state[4]
    room = laws[CEILING] - laws[REST]
    for i in range(spikes.size):
        n = spikes[i]
        fills = 0.0
        if blocked == 0:
            fills = filling(laws, k, a, m, length[i])
        over = k - laws[REST]
        cleared = over * (1.0 + laws[PUMP_GAIN] * p) / laws[TAU]
        k += laws[RELEASE] * n * max(0.0, 1.0 - over / room) - cleared
        p += (1000.0 * n / laws[PUMP_RATE] - p) / laws[PUMP_TAU]
        m += laws[SENSITISED] * a * (1.0 - m) - m / laws[SENSITISATION_TAU]
        a += fills - a / laws[AFFERENT_TAU]
        q += (1000.0 * n - q) / laws[ACTIVITY_TAU]
        kept[i, 0], kept[i, 1], kept[i, 2], kept[i, 3], kept[i, 4] = k, p, a, m, q


def swing(step: np.ndarray, drawn: np.ndarray, state: np.ndarray, values: np.ndarray) -> None:
    """Write an oscillator's place before each step; `state` is where it begins and ends."""
    x, y = state[0], state[1]
    for i in range(values.size):
        values[i] = x
        new = step[0] * x + step[1] * y + drawn[i, 0]
        y = step[2] * x + step[3] * y + drawn[i, 1]
        x = new
    state[0], state[1] = x, y
