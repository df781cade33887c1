"""Let spikes on axons meet and find echoes; plain Python that is compiled as it stands."""

import numpy as np


def sort_out(unit: np.ndarray, heads: np.ndarray, order: np.ndarray) -> None:
    """Write the spikes of unit i, by number, to `order[heads[i]:heads[i + 1]]`.

    `heads` comes as zeros, units + 2.
    """
    for spike in range(unit.size):
        heads[unit[spike] + 2] += 1
    for i in range(2, heads.size):
        heads[i] += heads[i - 1]
    for spike in range(unit.size):
        order[heads[unit[spike] + 1]] = spike
        heads[unit[spike] + 1] += 1


def meet(
    down_unit: np.ndarray,
    down_origin: np.ndarray,
    up_unit: np.ndarray,
    up_origin: np.ndarray,
    delay: np.ndarray,
    down_heads: np.ndarray,
    down_order: np.ndarray,
    up_heads: np.ndarray,
    up_order: np.ndarray,
    down_gone: np.ndarray,
    up_gone: np.ndarray,
) -> None:
    """Mark with 1 the spikes that meet one in the other direction; some may be gone before.

    Those that meet first vanish first. Heads (zeros) and orders are room to work in.
    """
    sort_out(down_unit, down_heads, down_order)
    sort_out(up_unit, up_heads, up_order)
    for i in range(delay.size):
        if down_heads[i] == down_heads[i + 1] or up_heads[i] == up_heads[i + 1]:
            continue
        while True:
            one, other, soonest = -1, -1, 0.0
            for j in range(down_heads[i], down_heads[i + 1]):
                a = down_order[j]
                if down_gone[a] != 0:
                    continue
                for k in range(up_heads[i], up_heads[i + 1]):
                    b = up_order[k]
                    if up_gone[b] != 0 or abs(down_origin[a] - up_origin[b]) >= delay[i]:
                        continue
                    when = down_origin[a] + up_origin[b]
                    if one < 0 or when < soonest:
                        one, other, soonest = a, b, when
                    elif when == soonest and down_origin[a] < down_origin[one]:
                        one, other = a, b
            if one < 0:
                break
            down_gone[one] = 1
            up_gone[other] = 1


def echoes(
    unit: np.ndarray,
    origin: np.ndarray,
    first: int,
    arrived_unit: np.ndarray,
    arrived_at: np.ndarray,
    back: np.ndarray,
    echo: float,
    gone: np.ndarray,
) -> None:
    """Mark with 2 the spikes from `first` on that follow an arrival within `echo`.

    Arrivals that were taken `back` are none.
    """
    for spike in range(first, unit.size):
        for k in range(arrived_unit.size):
            if arrived_unit[k] == unit[spike] and back[k] == 0:
                since = origin[spike] - arrived_at[k]
                if 0.0 <= since <= echo:
                    gone[spike] = 2
