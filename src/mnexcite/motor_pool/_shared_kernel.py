"""Step what all units share and hear, ms by ms; plain Python that is compiled as it stands."""

import math

import numpy as np

# numbers of the laws, in the order of `Laws`
REST, CEILING, RELEASE, TAU, PUMP_GAIN, PUMP_TAU, PUMP_RATE = range(7)
HALF, SLOPE, MOST, RISE, BY_LENGTH, BY_SENSITISATION = range(7, 13)
SENSITISED, SENSITISATION_TAU, ACTIVITY_TAU, AFFERENT_TAU = range(13, 17)
# what is known of each ms, in the order of `ahead.Span`
COMMON, LENGTH, EFFORT, INHIBITION, TENDON, SPINDLES = range(6)
# numbers of what motoneurons hear, in the order of `loop.HEARD`
EFFORT_COMMON, EFFORT_OWN, GOLGI_GAIN, GOLGI_TAU, GOLGI_E = range(5)
RENSHAW_GAIN, RENSHAW_TAU = 5, 6


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


def share(
    laws: np.ndarray,
    state: np.ndarray,
    unit: np.ndarray,
    origin: np.ndarray,
    start: float,
    shares: np.ndarray,
    rank: np.ndarray,
    heads: np.ndarray,
    order: np.ndarray,
    counts: np.ndarray,
    length: np.ndarray,
    blocked: int,
    kept: np.ndarray,
) -> None:
    """Do the same of spikes as they come; `rank` is each unit's place by its share.

    Sums then do not depend on how units are numbered. `heads` (zeros, units + 2), `order` and
    `counts` (zeros) are room to work in.
    """
    for j in range(unit.size):
        heads[rank[unit[j]] + 2] += 1
    for i in range(2, heads.size):
        heads[i] += heads[i - 1]
    for j in range(unit.size):
        order[heads[rank[unit[j]] + 1]] = j
        heads[rank[unit[j]] + 1] += 1
    for k in range(unit.size):
        j = order[k]
        at = int(origin[j] - start)
        if at >= counts.size:
            at = counts.size - 1
        counts[at] += shares[unit[j]]
    after(laws, state, counts, length, blocked, kept)


def enter(
    first: int,
    begin: int,
    own: np.ndarray,
    known: np.ndarray,
    gain: float,
    common_gain: float,
    numbers: np.ndarray,
    tension: np.ndarray,
    rates: np.ndarray,
    state: np.ndarray,
    inhibition: np.ndarray,
    current: np.ndarray,
    conductance: np.ndarray,
) -> None:
    """Write what enters each soma at the knots of a window, shape (units, knots).

    The window begins `first` ms into what is `known`, `begin` ms into the run, of which
    `tension` and `rates` are those heard by tendon organs and Renshaw cells in each ms. `state`
    is the activity of both, `inhibition` (knots) room to work in.
    """
    knots = inhibition.size
    golgi, renshaw = state[0], state[1]
    for k in range(knots):
        inhibition[k] = known[INHIBITION, first + k] + numbers[GOLGI_GAIN] * golgi
        inhibition[k] += numbers[RENSHAW_GAIN] * renshaw
        if k + 1 < knots:
            shock = known[TENDON, first + k]
            golgi += (tension[begin + k] + shock - golgi) / numbers[GOLGI_TAU]
            renshaw += (rates[begin + k] - renshaw) / numbers[RENSHAW_TAU]
    state[0], state[1] = golgi, renshaw
    units = current.size // knots
    for i in range(units):
        for k in range(knots):
            x, common = own[i, first + k], known[COMMON, first + k]
            swing = 1.0 + numbers[EFFORT_COMMON] * common + numbers[EFFORT_OWN] * x
            excitation = max(0.0, known[EFFORT, first + k] * swing)
            conductance[i, k] = excitation + known[SPINDLES, first + k] + inhibition[k]
            current[i, k] = gain * x + common_gain * common + numbers[GOLGI_E] * inhibition[k]


def swing(step: np.ndarray, drawn: np.ndarray, state: np.ndarray, values: np.ndarray) -> None:
    """Write an oscillator's place before each step; `state` is where it begins and ends."""
    x, y = state[0], state[1]
    for i in range(values.size):
        values[i] = x
        new = step[0] * x + step[1] * y + drawn[i, 0]
        y = step[2] * x + step[3] * y + drawn[i, 1]
        x = new
    state[0], state[1] = x, y
