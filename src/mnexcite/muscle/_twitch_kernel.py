"""Sum the twitches of spike trains; plain Python that is compiled as it stands.

In units of T since the last spike, u = (t - t_s) / T, and of one twitch's P e, the summed
twitches of all earlier spikes are (b + a u) exp(-u): two numbers per lane hold them all.
State at the last spike is kept, never stepped to a sample or to a window's edge, so the
samples' grid and the windows change no bit of it.
"""

import math

import numpy as np

#: Fuglevand et al. 1993: below T/ISI = 0.4 twitches add without a change of gain.
KNEE = 0.4
KNEE_SLOPE = -math.expm1(-2.0 * KNEE * KNEE * KNEE) / KNEE

#: How many of the last cycles decide the fusion index.
CYCLES = 20

# columns of the state; of each of the last cycles the trough over the peak, and its length
A, B, LAST, COUNT, COUNTED, AREA, PEAK = range(7)
FUSION = 7
LENGTH = 27
COLUMNS = 47


def gain(u: float) -> float:
    """Return what a twitch is multiplied by after an interval u T: S(x)/x / (S(0.4)/0.4)."""
    if u * KNEE > 1.0:
        return 1.0
    x = 1.0 / max(u, 0.1)  # S(10) is 1 already; the bound only avoids overflow
    return -math.expm1(-2.0 * x * x * x) * u / KNEE_SLOPE


def level(a: float, b: float, u: float) -> float:
    """Return the summed twitches at u."""
    return (b + a * u) * math.exp(-u)


def area(a: float, b: float, start: float, stop: float) -> float:
    """Return the integral of the summed twitches over u.

    That is c(start) exp(-start) - c(stop) exp(-stop), c(u) = a + b + a u, rearranged so
    that a short piece keeps its digits.
    """
    c = a + b + a * start
    u = stop - start
    return math.exp(-start) * (-c * math.expm1(-u) - a * u * math.exp(-u))


def crest(a: float, b: float, start: float, stop: float) -> float:
    """Return the largest of the summed twitches, whose slope is zero at u = 1 - b/a."""
    if a > 0.0:
        start = min(max(1.0 - b / a, start), stop)
    return level(a, b, start)


def advance(
    times: np.ndarray,
    offsets: np.ndarray,
    stops: np.ndarray,
    contraction_times: np.ndarray,
    scales: np.ndarray,
    every: float,
    first: int,
    last: int,
    discard: float,
    state: np.ndarray,
    force: np.ndarray,
) -> None:
    """Take each lane through its spikes, and write samples `first` to `last` - 1.

    Spikes of a lane are times[offsets[lane]:offsets[lane + 1]]; sample k, at k `every`,
    comes before spike s if k <= stops[s].
    """
    for lane in range(offsets.size - 1):
        T = contraction_times[lane]
        scale = scales[lane]
        a = state[lane, A]
        b = state[lane, B]
        t_last = state[lane, LAST]
        count = state[lane, COUNT]
        sample = first

        for s in range(offsets[lane], offsets[lane + 1]):
            t = times[s]
            while sample <= stops[s] and sample < last:
                u = (sample * every - t_last) / T
                force[lane, sample - first] = scale * level(a, b, u)
                sample += 1

            u = (t - t_last) / T
            b_new = level(a, b, u)
            if t >= discard:
                start = max((discard - t_last) / T, 0.0)
                state[lane, AREA] += T * area(a, b, start, u)
                state[lane, PEAK] = max(state[lane, PEAK], crest(a, b, start, u))
                top = crest(a, b, 0.0, u)
                if state[lane, COUNTED] > 0.0 and top > 0.0:
                    # after its crest the force falls until the next spike
                    cycle = int(state[lane, COUNTED] - 1.0) % CYCLES
                    state[lane, FUSION + cycle] = b_new / top
                    state[lane, LENGTH + cycle] = t - t_last
                state[lane, COUNTED] += 1.0
            g = gain(u) if count > 0.0 else 1.0
            a = a * math.exp(-u) + g
            b = b_new
            t_last = t
            count += 1.0

        while sample < last:
            u = (sample * every - t_last) / T
            force[lane, sample - first] = scale * level(a, b, u)
            sample += 1
        state[lane, A] = a
        state[lane, B] = b
        state[lane, LAST] = t_last
        state[lane, COUNT] = count


def close(
    contraction_times: np.ndarray,
    discard: float,
    until: float,
    state: np.ndarray,
    areas: np.ndarray,
    peaks: np.ndarray,
) -> None:
    """Write each lane's integral and peak from `discard` to `until`; the state stays."""
    for lane in range(areas.size):
        T = contraction_times[lane]
        a = state[lane, A]
        b = state[lane, B]
        start = max((discard - state[lane, LAST]) / T, 0.0)
        stop = (until - state[lane, LAST]) / T
        areas[lane] = state[lane, AREA] + T * area(a, b, start, stop)
        peaks[lane] = max(state[lane, PEAK], crest(a, b, start, stop))
