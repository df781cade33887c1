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
    arrived_origin: np.ndarray,
    delay: np.ndarray,
    back: np.ndarray,
    echo: float,
    gone: np.ndarray,
) -> None:
    """Mark with 2 the spikes from `first` on that follow an arrival within `echo`.

    Of the spikes that came, those with a `back` might arrive; what was taken back did not.
    """
    for spike in range(first, unit.size):
        for k in range(back.size):
            if arrived_unit[k] == unit[spike] and back[k] == 0:
                since = origin[spike] - (arrived_origin[k] + delay[arrived_unit[k]])
                if 0.0 <= since <= echo:
                    gone[spike] = 2


def wrongly(
    unit: np.ndarray,
    origin: np.ndarray,
    delay: np.ndarray,
    start: float,
    end: float,
    back: np.ndarray,
    gone: np.ndarray,
) -> int:
    """Mark with 3, and count, the spikes that arrived within [start, end) but are gone."""
    found = 0
    for k in range(back.size):
        at = origin[k] + delay[unit[k]]
        if gone[k] != 0 and back[k] == 0 and start <= at < end:
            gone[k] = 3
            found += 1
    return found


def left(
    unit: np.ndarray, origin: np.ndarray, delay: np.ndarray, gone: np.ndarray, after: float
) -> int:
    """Move the spikes that still act `after` a time to the front, and return how many."""
    found = 0
    for k in range(unit.size):
        if gone[k] == 0 and origin[k] + delay[unit[k]] >= after:
            unit[found] = unit[k]
            origin[found] = origin[k]
            found += 1
    return found


def settle(
    down_unit: np.ndarray,
    down_origin: np.ndarray,
    up_unit: np.ndarray,
    up_origin: np.ndarray,
    delay: np.ndarray,
    echo: float,
    start: float,
    end: float,
    down_back: np.ndarray,
    up_back: np.ndarray,
    down_heads: np.ndarray,
    down_order: np.ndarray,
    up_heads: np.ndarray,
    up_order: np.ndarray,
    down_gone: np.ndarray,
    up_gone: np.ndarray,
    after: float,
    kept: np.ndarray,
) -> int:
    """Mark echoes and spikes that meet, and return how many were let arrive wrongly.

    Spikes that came into the window stand first: as many as have a `back`, 1 where they were
    taken back. With none wrong, those that still act `after` that time, of arrival, come to
    the front, and `kept` is how many.
    """
    down, up = down_back.size, up_back.size
    echoes(down_unit, down_origin, down, up_unit, up_origin, delay, up_back, echo, down_gone)
    echoes(up_unit, up_origin, up, down_unit, down_origin, delay, down_back, echo, up_gone)
    if down_unit.size > 0 and up_unit.size > 0:
        meet(
            down_unit,
            down_origin,
            up_unit,
            up_origin,
            delay,
            down_heads,
            down_order,
            up_heads,
            up_order,
            down_gone,
            up_gone,
        )
    wrong = wrongly(down_unit, down_origin, delay, start, end, down_back, down_gone)
    wrong += wrongly(up_unit, up_origin, delay, start, end, up_back, up_gone)
    if wrong == 0:
        kept[0] = left(down_unit, down_origin, delay, down_gone, after)
        kept[1] = left(up_unit, up_origin, delay, up_gone, after)
    return wrong
