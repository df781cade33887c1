"""Begin a window of lanes, and cut what enters into pieces; compiled as it stands."""

import numpy as np


def copied(now: np.ndarray, before: np.ndarray) -> None:
    """Copy rows of numbers."""
    for k in range(before.size):
        before[k] = now[k]


def begin(
    time: float,
    y: np.ndarray,
    clock: np.ndarray,
    values: np.ndarray,
    armed: np.ndarray,
    codes: np.ndarray,
    ended: np.ndarray,
    taken: np.ndarray,
    y_before: np.ndarray,
    clock_before: np.ndarray,
    values_before: np.ndarray,
    armed_before: np.ndarray,
    codes_before: np.ndarray,
    ended_before: np.ndarray,
    taken_before: np.ndarray,
    order: np.ndarray,
    queue: np.ndarray,
    done: np.ndarray,
) -> int:
    """Let lanes begin from their values, keep where they stand, and return how many run.

    Those stand in `queue`, the highest voltage first: who fires takes longest, and begun first
    leaves no vector half empty. `order` is that of all lanes in the last window.
    """
    lanes = order.size
    for k in range(values.size // lanes):
        for i in range(lanes):
            y[k, i] = values[k, i]
            y_before[k, i] = values[k, i]
            values_before[k, i] = values[k, i]
    for i in range(lanes):
        clock[0, i] = time
        clock[2, i] = float(armed[i])
        for k in range(3):
            clock_before[k, i] = clock[k, i]
    copied(ended, ended_before)
    copied(taken, taken_before)
    copied(armed, armed_before)
    copied(codes, codes_before)
    for j in range(1, lanes):
        lane, k = order[j], j
        while k > 0 and values[0, order[k - 1]] < values[0, lane]:
            order[k] = order[k - 1]
            k -= 1
        order[k] = lane
    count = 0
    for j in range(lanes):
        lane = order[j]
        done[lane] = 1
        if codes[lane] == 0:
            done[lane] = 0
            queue[count] = lane
            count += 1
    return count


def cut(
    t: np.ndarray,
    current: np.ndarray,
    conductance: np.ndarray,
    inputs: int,
    at_current: int,
    at_conductance: int,
    lane: np.ndarray,
    on: np.ndarray,
    off: np.ndarray,
    height: np.ndarray,
    heads: np.ndarray,
    order: np.ndarray,
    starts: np.ndarray,
    levels: np.ndarray,
    climbs: np.ndarray,
    bounds: np.ndarray,
) -> None:
    """Write the pieces of each lane: lane i has pieces `bounds[i]` to `bounds[i + 1]`.

    `current` and `conductance` have a row of knots for each lane, one for all, or none.
    `heads` (zeros, lanes + 1) and `order` (pulses) are room to work in.
    """
    n, lanes = t.size, bounds.size - 1
    first, last = t[0], t[n - 1]
    for j in range(lane.size):
        if on[j] < last and off[j] > first:
            heads[lane[j] + 1] += 1
    for i in range(lanes):
        heads[i + 1] += heads[i]
        bounds[i] = heads[i]
    # pulses by lane, in an order that does not depend on how they were found: sums round
    for j in range(lane.size):
        if on[j] < last and off[j] > first:
            k = bounds[lane[j]]
            bounds[lane[j]] += 1
            begin = max(on[j], first)
            while k > heads[lane[j]]:
                before = max(on[order[k - 1]], first)
                if before < begin or (before == begin and height[order[k - 1]] <= height[j]):
                    break
                order[k] = order[k - 1]
                k -= 1
            order[k] = j

    end = 0
    for i in range(lanes):
        start = end
        bounds[i] = start
        for k in range(n):
            starts[end] = t[k]
            end += 1
        # where pulses begin and end, each once
        for q in range(heads[i], heads[i + 1]):
            for side in range(2):
                edge = max(on[order[q]], first) if side == 0 else min(off[order[q]], last)
                k = end
                while starts[k - 1] > edge:
                    k -= 1
                if starts[k - 1] < edge:
                    for j in range(end - k):
                        starts[end - j] = starts[end - j - 1]
                    starts[k] = edge
                    end += 1
        for k in range(start * inputs, end * inputs):
            levels[k] = 0.0
            climbs[k] = 0.0
        for part in range(2):
            line = current.size // n if part == 0 else conductance.size // n
            if line == 0:
                continue
            row = i if line > 1 else 0
            place = at_current if part == 0 else at_conductance
            knot = 0
            for k in range(start, end):
                while knot + 1 < n and t[knot + 1] <= starts[k]:
                    knot += 1
                here = current[row, knot] if part == 0 else conductance[row, knot]
                climb = 0.0
                if knot + 1 < n:
                    after = current[row, knot + 1] if part == 0 else conductance[row, knot + 1]
                    climb = (after - here) / (t[knot + 1] - t[knot])
                levels[k * inputs + place] = here + climb * (starts[k] - t[knot])
                climbs[k * inputs + place] = climb
        for q in range(heads[i], heads[i + 1]):
            for k in range(start, end):
                if on[order[q]] <= starts[k] < min(off[order[q]], last):
                    levels[k * inputs + at_current] += height[order[q]]
    bounds[lanes] = end
