"""Where a silent voltage lies: below what makes a cell fire, or beyond it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mnexcite.cells.cell import Cell
from mnexcite.channels.axes import CONCENTRATION
from mnexcite.equations.balance import steady_curves
from mnexcite.equations.evaluated import Evaluated
from mnexcite.equations.stability import jacobian, settled_at
from mnexcite.equations.variants import Variants

Array = NDArray[np.float64]
Index = NDArray[np.int64]

#: Voltages that are looked at [mV].
VOLTAGES = np.arange(-150.0, 101.0)
#: So many voltages are looked at at once, and of few lanes so many points in all: of fewer,
#: most of what it takes is NumPy's.
_AT_ONCE, _FEW = 32, 512
#: How many states (points) are solved at once.
_POINTS = 4096
#: Cells of several compartments with more states than twice this are looked at more coarsely.
_STATES = 64


def beyond_instability(
    cell: Cell, variants: Variants, v: Array, others: Array | None = None
) -> NDArray[np.bool_]:
    """Tell of each lane whether the cell is unstable at a voltage below `v`.

    At each whole mV the steady state is taken, with whatever constant current holds the
    first compartment there, and its eigenvalues: where one grows, the cell cannot stay and
    fires, or leaps to another state. A cell that is silent below every such voltage rests,
    however depolarised; one that is silent above one has passed the voltages at which it
    fires: depolarisation block. A cell that is unstable nowhere, such as one without sodium
    channels, only rests.

    Voltages below the lowest reversal potential do not count: there every current is inward,
    and only a current from outside could hold the cell. Where other compartments can settle
    in several ways, the steady states looked at are those that `v` leads to without a leap.

    Parameters
    ----------
    cell, variants
        The cell and its lanes.
    v
        Voltage of each lane's first compartment, shape (lanes,) [mV]; NaN lies below
        everything.
    others
        Voltages of the other compartments, shape (compartments - 1, lanes) [mV]; left out,
        of several ways the one with the lowest.
    """
    lowest = _lowest_reversal(cell, variants)
    if len(cell.compartments) > 1:
        return _beyond_in_a_tree(cell, variants, lowest, v, others)
    found = np.zeros(v.size, bool)
    # from each lane's voltage downwards: if any is unstable, the nearest is as a rule
    place = np.searchsorted(VOLTAGES, v) - 1  # NaN comes last and is taken out
    left = np.flatnonzero(np.isfinite(v))
    while left.size:
        looked = place[left, None] - np.arange(max(1, min(_AT_ONCE, _FEW // left.size)))
        inside = (looked >= 0) & (VOLTAGES[looked] >= lowest[left, None])
        owner = np.broadcast_to(left[:, None], looked.shape)[inside]
        grows = _unstable(cell, variants, owner, VOLTAGES[None, looked[inside]])
        found[owner[grows]] = True
        left = left[inside[:, -1] & ~found[left]]
        place[left] -= looked.shape[1]
    return found


def _lowest_reversal(cell: Cell, variants: Variants) -> Array:
    """Return each lane's lowest reversal of a channel that conducts [mV].

    Reversals that pools move are those at their published concentrations.
    """
    s, lowest = variants.structure, np.full(variants.count, np.inf)
    published = {s.place(k, pool): cell.compartments[k].initial[pool] for k, pool in s.pools}
    terms = Evaluated(s, variants.row, published, {})
    for k, compartment in enumerate(s.compartments):
        for channel in compartment.channels:
            if channel.law == "pump":
                continue
            if channel.law == "ohmic":
                E = terms.reversal(k, channel)
            else:
                sides = (terms.concentration(k, channel, s) for s in ("outside", "inside"))
                outside, inside = (np.maximum(c, CONCENTRATION.lowest) for c in sides)
                E = np.log(outside / inside) / variants.row("per_volt", k, channel.name)
            flows = variants.row("g", k, channel.name) > 0.0
            lowest = np.minimum(lowest, np.where(flows, E, np.inf))
    return lowest


def _beyond_in_a_tree(
    cell: Cell, variants: Variants, lowest: Array, v: Array, others: Array | None
) -> NDArray[np.bool_]:
    """Do the same for several compartments: the others settle as the first one is held."""
    n = len(cell.compartments)
    # the work for eigenvalues grows with the third power of the number of states
    apart = max(1, sum(len(c.states) for c in cell.compartments) // _STATES)
    lanes, voltages = [np.empty(0, np.int64)], [np.empty((n, 0))]
    for lane, curves in enumerate(steady_curves(cell, variants, np.zeros(n))):
        ways = [curve for curve in curves if curve.v[0] <= v[lane] <= curve.v[-1]]
        if not ways:
            continue
        held = [way.at(v[lane : lane + 1]).voltages for way in ways]
        ends = np.array([[each[k][0] for k in range(1, n)] for each in held])
        far = ends.sum(axis=1)
        if others is not None:
            far = np.abs(ends - others[:, lane]).sum(axis=1)
        way = ways[int(np.argmin(far))]
        grid = VOLTAGES[(VOLTAGES >= max(lowest[lane], way.v[0])) & (VOLTAGES < v[lane])]
        grid = grid[::-1][::apart]
        at = way.at(grid).voltages
        voltages.append(np.stack([at[k] for k in range(n)]))
        lanes.append(np.full(grid.size, lane))
    owner = np.concatenate(lanes)
    unstable = _unstable(cell, variants, owner, np.concatenate(voltages, axis=1))
    return np.bincount(owner[unstable], minlength=v.size) > 0


def _unstable(
    cell: Cell, variants: Variants, lanes: Index, voltages: Array
) -> NDArray[np.bool_]:
    """Return whether an eigenvalue grows at each point: a lane and its voltages."""
    n = len(cell.compartments)
    found = np.zeros(lanes.size, bool)
    for first in range(0, lanes.size, _POINTS):
        part = slice(first, first + _POINTS)
        own, at = variants.at(lanes[part]), voltages[:, part]
        slopes = jacobian(own, settled_at(cell, own, at, np.zeros(n)))
        doubtful = np.ones(at.shape[1], bool)
        if n == 1:
            doubtful = ~_passive(slopes, len(cell.compartments[0].pools))
        growth = np.linalg.eigvals(slopes[doubtful]).real.max(axis=1, initial=-np.inf)
        found[part][doubtful] = growth > 0.0
    return found


def _passive(jacobian: Array, pools: int) -> NDArray[np.bool_]:
    """Return where the conductance is positive at every frequency, so that nothing grows.

    A gate adds a conductance behind a low-pass filter, which is never more negative than at
    rest. Ways through a pool are taken as negative, with all their gains.
    """
    diagonal = -np.einsum("pii->pi", jacobian)
    of_pools = slice(1, 1 + pools)
    gain = np.abs(jacobian) / diagonal[:, :, None]
    to_v, from_v = jacobian[:, 0, 1:], jacobian[:, 1:, 0] / diagonal[:, 1:]
    own = diagonal[:, 0] - np.maximum(to_v * from_v, 0.0).sum(axis=1)
    for k in range(1, 1 + pools):
        into = gain[:, k, 0] + (gain[:, k, 1 + pools :] * gain[:, 1 + pools :, 0]).sum(axis=1)
        out = gain[:, 1 + pools :, k]
        back = np.abs(jacobian[:, 0, k])
        back = back + (np.abs(jacobian[:, 0, 1 + pools :]) * out).sum(axis=1)
        own -= into * back
        # a pool that feeds on itself may grow by itself
        loop = np.abs(gain[:, k, of_pools]).sum(axis=1) - 1.0
        loop = loop + (gain[:, k, 1 + pools :] * out).sum(axis=1)
        own = np.where(loop > 0.0, -1.0, own)
    return own > 0.0
