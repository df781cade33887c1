"""Step calcium, cross-bridges and a Hill element; plain Python, compiled as it stands.

An L-stable Rosenbrock method of order 3 with one of order 2 in it (RODAS3: Sandu et al. 1997,
Atmos Environ 31:3459) takes steps of its own size, that end at samples, spikes and breaks of
the length; windows are none of these, so that they change no bit. It keeps what is linear in
the states, so calcium is kept to rounding. Release is a sum of two exponentials: two numbers.
"""

import math

import numpy as np

# numbers of a unit, in the order of `calcium.NUMBERS`
K1, K2, K3, K4, K5, K6, COOPERATIVITY, CS0, B0, T0, STORE = range(11)
RELEASE, RISE, FALL, UPTAKE, AFFINITY = range(11, 16)
PHI_SLOPE_SHORT, PHI_SHORT, PHI_SLOPE_LONG, PHI_LONG = range(16, 20)
HALF, SLOPE, TIME, SHIFT, WIDTH = range(20, 25)
FORCE, STIFF, BEST, SPREAD, A_HILL, B_HILL, C_HILL, D_HILL = range(25, 33)

# columns of the state: stored, on calsequestrin, free, on buffers, on troponin [M];
# cross-bridges [1]; length of the contractile element [mm]; release by its slow and its
# fast exponential [1]; time, next step [ms], spikes, last spike [ms], failed
STORED, ON_CS, FREE, ON_B, ON_T, BRIDGES, ELEMENT = range(7)
SLOW, FAST, NOW, STEP, SEEN, AT, FAILED = range(7, 14)
COLUMNS = 14
N = 7
#: The fastest that a yielding contractile element lengthens [mm/ms].
YIELD = 100.0
#: More steps than this in a ms, and the numbers are none that can be solved.
BUSY = 10_000.0


def passed(at: np.ndarray, t: float) -> int:
    """Return how many rising times are not after t."""
    low = 0
    high = at.size
    while low < high:
        middle = (low + high) // 2
        if at[middle] <= t:
            low = middle + 1
        else:
            high = middle
    return low


def phi(p: np.ndarray, lane: int, x: float) -> float:
    """Return how a length changes troponin's affinity."""
    if x <= p[lane, BEST]:
        return p[lane, PHI_SLOPE_SHORT] * x + p[lane, PHI_SHORT]
    return p[lane, PHI_SLOPE_LONG] * x + p[lane, PHI_LONG]


def fits(p: np.ndarray, lane: int, x: float) -> float:
    """Return the force at a length, of that at the best."""
    z = (x - p[lane, BEST]) / p[lane, SPREAD]
    return math.exp(-z * z)


def pull(p: np.ndarray, lane: int, x: float, element: float) -> float:
    """Return the force of the series element, slack below zero."""
    return p[lane, FORCE] * p[lane, STIFF] * max(0.0, x - element)


def releasing(p: np.ndarray, lane: int, slow: float, fast: float, h: float) -> float:
    """Return the rate of release after h."""
    fall = 1.0 / p[lane, FALL]
    return p[lane, RELEASE] * (
        slow * math.exp(-h * fall) - fast * math.exp(-h * (fall + 1.0 / p[lane, RISE]))
    )


def velocity(p: np.ndarray, lane: int, force: float, can: float, parts: np.ndarray) -> None:
    """Write the element's velocity and its slopes by both forces [mm/ms, mm/ms/N]."""
    alpha = p[lane, A_HILL] / p[lane, FORCE]
    if force <= can and force + alpha * can < 1e-12:
        # nothing pulls, nothing can
        parts[0] = 0.0
        parts[1] = 0.0
        parts[2] = 0.0
    elif force <= can:
        b = 1e-3 * p[lane, B_HILL]
        under = force + alpha * can
        parts[0] = -b * (can - force) / under
        parts[1] = b * (1.0 + alpha) * can / (under * under)
        parts[2] = -b * (1.0 + alpha) * force / (under * under)
    else:
        kappa = p[lane, C_HILL] / p[lane, FORCE]
        d = 1e-3 * p[lane, D_HILL]
        under = (2.0 + kappa) * can - force
        if under * YIELD <= d * (force - can):
            parts[0] = YIELD
            parts[1] = 0.0
            parts[2] = 0.0
        else:
            parts[0] = d * (force - can) / under
            parts[1] = d * (1.0 + kappa) * can / (under * under)
            parts[2] = -d * (1.0 + kappa) * force / (under * under)


def slopes(
    p: np.ndarray,
    lane: int,
    y: np.ndarray,
    rate: float,
    x: float,
    parts: np.ndarray,
    out: np.ndarray,
) -> None:
    """Write the states' slopes at a rate of release and a length."""
    k5 = p[lane, K5] * phi(p, lane, x)
    k6 = p[lane, K6] / (1.0 + p[lane, COOPERATIVITY] * y[BRIDGES])
    held = p[lane, K1] * y[STORED] * (p[lane, CS0] - y[ON_CS]) - p[lane, K2] * y[ON_CS]
    up = 0.0
    if y[FREE] > 0.0:
        c = p[lane, AFFINITY] * y[FREE]
        part = c * c / (1.0 + c + c * c)
        up = p[lane, UPTAKE] * part * part
    out_of = rate * y[STORED]
    buffered = p[lane, K3] * y[FREE] * (p[lane, B0] - y[ON_B]) - p[lane, K4] * y[ON_B]
    bound = k5 * y[FREE] * (p[lane, T0] - y[ON_T]) - k6 * y[ON_T]
    out[STORED] = -held - out_of + up
    out[ON_CS] = held
    out[FREE] = out_of - up - buffered - bound
    out[ON_B] = buffered
    out[ON_T] = bound
    share = y[ON_T] / p[lane, T0]
    z = (share - p[lane, SHIFT]) / (2.0 * p[lane, WIDTH])
    quick = 0.5 * (math.exp(z) + math.exp(-z)) / p[lane, TIME]
    goal = 0.5 * (1.0 + math.tanh((share - p[lane, HALF]) / p[lane, SLOPE]))
    out[BRIDGES] = (goal - y[BRIDGES]) * quick
    can = p[lane, FORCE] * fits(p, lane, x) * y[BRIDGES] * y[BRIDGES]
    velocity(p, lane, pull(p, lane, x, y[ELEMENT]), can, parts)
    out[ELEMENT] = parts[0]


def jacobian(
    p: np.ndarray,
    lane: int,
    y: np.ndarray,
    rate: float,
    turn: float,
    x: float,
    moving: float,
    parts: np.ndarray,
    m: np.ndarray,
    ft: np.ndarray,
) -> None:
    """Write minus the slopes' slopes, and those by time: `turn` of release, `moving` of x."""
    for i in range(N):
        ft[i] = 0.0
        for j in range(N):
            m[i, j] = 0.0
    k5 = p[lane, K5] * phi(p, lane, x)
    relieved = 1.0 + p[lane, COOPERATIVITY] * y[BRIDGES]
    k6 = p[lane, K6] / relieved
    by_s = p[lane, K1] * (p[lane, CS0] - y[ON_CS])
    by_c = p[lane, K1] * y[STORED] + p[lane, K2]
    up = 0.0
    if y[FREE] > 0.0:
        c = p[lane, AFFINITY] * y[FREE]
        whole = 1.0 + c + c * c
        up = p[lane, UPTAKE] * 2.0 * (c * c / whole) * c * (2.0 + c) / (whole * whole)
        up = up * p[lane, AFFINITY]
    by_free = p[lane, K3] * (p[lane, B0] - y[ON_B])
    by_b = p[lane, K3] * y[FREE] + p[lane, K4]
    t_free = k5 * (p[lane, T0] - y[ON_T])
    t_on = k5 * y[FREE] + k6
    t_bridges = k6 * p[lane, COOPERATIVITY] / relieved * y[ON_T]
    m[STORED, STORED] = by_s + rate
    m[STORED, ON_CS] = -by_c
    m[STORED, FREE] = -up
    m[ON_CS, STORED] = -by_s
    m[ON_CS, ON_CS] = by_c
    m[FREE, STORED] = -rate
    m[FREE, FREE] = up + by_free + t_free
    m[FREE, ON_B] = -by_b
    m[FREE, ON_T] = -t_on
    m[FREE, BRIDGES] = t_bridges
    m[ON_B, FREE] = -by_free
    m[ON_B, ON_B] = by_b
    m[ON_T, FREE] = -t_free
    m[ON_T, ON_T] = t_on
    m[ON_T, BRIDGES] = -t_bridges
    share = y[ON_T] / p[lane, T0]
    z = (share - p[lane, SHIFT]) / (2.0 * p[lane, WIDTH])
    up_z, down_z = math.exp(z), math.exp(-z)
    quick = 0.5 * (up_z + down_z) / p[lane, TIME]
    quicker = 0.5 * (up_z - down_z) / p[lane, TIME] / (2.0 * p[lane, WIDTH])
    bent = math.tanh((share - p[lane, HALF]) / p[lane, SLOPE])
    goal = 0.5 * (1.0 + bent)
    rising = 0.5 * (1.0 - bent * bent) / p[lane, SLOPE]
    by_share = rising * quick + (goal - y[BRIDGES]) * quicker
    m[BRIDGES, ON_T] = -by_share / p[lane, T0]
    m[BRIDGES, BRIDGES] = quick
    stiff = p[lane, FORCE] * p[lane, STIFF] if x > y[ELEMENT] else 0.0
    top = p[lane, FORCE] * fits(p, lane, x)
    can = top * y[BRIDGES] * y[BRIDGES]
    velocity(p, lane, pull(p, lane, x, y[ELEMENT]), can, parts)
    m[ELEMENT, BRIDGES] = -parts[2] * 2.0 * top * y[BRIDGES]
    m[ELEMENT, ELEMENT] = parts[1] * stiff
    ft[STORED] = -turn * y[STORED]
    ft[FREE] = turn * y[STORED]
    if moving != 0.0:
        bends = p[lane, PHI_SLOPE_LONG]
        if x <= p[lane, BEST]:
            bends = p[lane, PHI_SLOPE_SHORT]
        more = p[lane, K5] * bends * moving * y[FREE] * (p[lane, T0] - y[ON_T])
        ft[FREE] -= more
        ft[ON_T] = more
        spread = p[lane, SPREAD]
        lean = -2.0 * (x - p[lane, BEST]) / (spread * spread) * moving
        ft[ELEMENT] = parts[1] * stiff * moving + parts[2] * can * lean


def split(m: np.ndarray) -> None:
    """Split a matrix into triangles, in place; its diagonal is large enough for it."""
    for k in range(N):
        for i in range(k + 1, N):
            if m[i, k] != 0.0:
                part = m[i, k] / m[k, k]
                m[i, k] = part
                for j in range(k + 1, N):
                    m[i, j] -= part * m[k, j]


def solve(m: np.ndarray, b: np.ndarray) -> None:
    """Solve with a matrix that is split, in place."""
    for i in range(1, N):
        found = b[i]
        for j in range(i):
            found -= m[i, j] * b[j]
        b[i] = found
    for back in range(N):
        i = N - 1 - back
        found = b[i]
        for j in range(i + 1, N):
            found -= m[i, j] * b[j]
        b[i] = found / m[i, i]


def go(
    p: np.ndarray,
    lane: int,
    tolerance: float,
    at: np.ndarray,
    lengths: np.ndarray,
    until: float,
    state: np.ndarray,
    y: np.ndarray,
    new: np.ndarray,
    f: np.ndarray,
    ft: np.ndarray,
    m: np.ndarray,
    u1: np.ndarray,
    u2: np.ndarray,
    u3: np.ndarray,
    u4: np.ndarray,
    parts: np.ndarray,
) -> None:
    """Step a lane from where it is to `until`."""
    t = state[lane, NOW]
    h = state[lane, STEP]
    slow = state[lane, SLOW]
    fast = state[lane, FAST]
    fall = 1.0 / p[lane, FALL]
    rise = fall + 1.0 / p[lane, RISE]
    left = BUSY * (1.0 + until - t)
    for i in range(N):
        y[i] = state[lane, i]
    while t < until and state[lane, FAILED] == 0.0:
        left -= 1.0
        if left < 0.0:
            state[lane, FAILED] = 1.0
        piece = passed(at, t)
        stop = until
        moving = 0.0
        x = lengths[0]
        if piece > 0:
            x = lengths[piece - 1]
        if piece < at.size:
            if at[piece] < stop:
                stop = at[piece]
            if piece > 0:
                wide = at[piece] - at[piece - 1]
                moving = (lengths[piece] - lengths[piece - 1]) / wide
                x += moving * (t - at[piece - 1])
        step = h
        ends = step >= stop - t
        if ends:
            step = stop - t
        rate = releasing(p, lane, slow, fast, 0.0)
        turn = p[lane, RELEASE] * (fast * rise - slow * fall)
        jacobian(p, lane, y, rate, turn, x, moving, parts, m, ft)
        for i in range(N):
            m[i, i] += 2.0 / step
        split(m)
        slopes(p, lane, y, rate, x, parts, f)
        for i in range(N):
            u1[i] = f[i] + 0.5 * step * ft[i]
        solve(m, u1)
        for i in range(N):
            u2[i] = f[i] + 4.0 * u1[i] / step + 1.5 * step * ft[i]
        solve(m, u2)
        later = releasing(p, lane, slow, fast, step)
        x_later = x + moving * step
        for i in range(N):
            new[i] = y[i] + 2.0 * u1[i]
        slopes(p, lane, new, later, x_later, parts, f)
        for i in range(N):
            u3[i] = f[i] + (u1[i] - u2[i]) / step
        solve(m, u3)
        for i in range(N):
            new[i] += u3[i]
        slopes(p, lane, new, later, x_later, parts, f)
        for i in range(N):
            u4[i] = f[i] + (u1[i] - u2[i] - 8.0 / 3.0 * u3[i]) / step
        solve(m, u4)
        square = 0.0
        for i in range(N):
            new[i] += u4[i]
            scale = p[lane, T0] + abs(new[i])
            if i == FREE:
                scale = 0.01 * p[lane, T0] + abs(new[i])
            if i == BRIDGES:
                scale = 0.1 + abs(new[i])
            if i == ELEMENT:
                scale = 1.0  # mm, of which force is made wherever it is
            part = u4[i] / (tolerance * scale)
            square += part * part
        error = math.sqrt(square / N)
        if error <= 1.0:
            grown = 5.0
            if error > 0.005:
                grown = min(5.0, 0.9 * math.exp(-math.log(error) / 3.0))
            for i in range(N):
                y[i] = new[i]
            slow *= math.exp(-step * fall)
            fast *= math.exp(-step * rise)
            if ends:
                # a step that was cut short says little about the next
                t = stop
                h = max(h, step * grown) if grown >= 1.0 else step * grown
            else:
                t += step
                h = step * grown
        else:
            shrunk = 0.2
            if error < 100.0:
                shrunk = max(0.2, 0.9 * math.exp(-math.log(error) / 3.0))
            h = step * shrunk
            if h < 1e-12:
                state[lane, FAILED] = 1.0
    for i in range(N):
        state[lane, i] = y[i]
    state[lane, NOW] = t
    state[lane, STEP] = h
    state[lane, SLOW] = slow
    state[lane, FAST] = fast


def length_at(at: np.ndarray, lengths: np.ndarray, t: float) -> float:
    """Return the length at a time, held before the first and after the last."""
    piece = passed(at, t)
    if piece == 0:
        return lengths[0]
    x = lengths[piece - 1]
    if piece < at.size:
        wide = at[piece] - at[piece - 1]
        x += (lengths[piece] - lengths[piece - 1]) / wide * (t - at[piece - 1])
    return x


def advance_calcium(
    times: np.ndarray,
    offsets: np.ndarray,
    stops: np.ndarray,
    p: np.ndarray,
    tolerance: float,
    at: np.ndarray,
    lengths: np.ndarray,
    every: float,
    first: int,
    last: int,
    m: np.ndarray,
    state: np.ndarray,
    force: np.ndarray,
    calcium: np.ndarray,
    activation: np.ndarray,
) -> None:
    """Take each lane through its spikes, and write samples `first` to `last` - 1."""
    y = np.zeros(7)
    new = np.zeros(7)
    f = np.zeros(7)
    ft = np.zeros(7)
    u1 = np.zeros(7)
    u2 = np.zeros(7)
    u3 = np.zeros(7)
    u4 = np.zeros(7)
    parts = np.zeros(3)
    for lane in range(offsets.size - 1):
        sample = first
        for s in range(offsets[lane], offsets[lane + 1] + 1):
            # after the last spike come the samples that are left
            stop = last - 1
            if s < offsets[lane + 1] and stops[s] < stop:
                stop = stops[s]
            while sample <= stop:
                t = sample * every
                go(
                    p,
                    lane,
                    tolerance,
                    at,
                    lengths,
                    t,
                    state,
                    y,
                    new,
                    f,
                    ft,
                    m,
                    u1,
                    u2,
                    u3,
                    u4,
                    parts,
                )
                x = length_at(at, lengths, t)
                force[lane, sample - first] = pull(p, lane, x, state[lane, ELEMENT])
                calcium[lane, sample - first] = max(0.0, state[lane, FREE])
                bridges = state[lane, BRIDGES]
                activation[lane, sample - first] = bridges * bridges
                sample += 1
            if s < offsets[lane + 1]:
                t = times[s]
                go(
                    p,
                    lane,
                    tolerance,
                    at,
                    lengths,
                    t,
                    state,
                    y,
                    new,
                    f,
                    ft,
                    m,
                    u1,
                    u2,
                    u3,
                    u4,
                    parts,
                )
                state[lane, SLOW] += 1.0
                state[lane, FAST] += 1.0
                state[lane, SEEN] += 1.0
                state[lane, AT] = times[s]
