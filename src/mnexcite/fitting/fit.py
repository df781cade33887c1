"""Find numbers of a cell that do what was measured."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnexcite.cells import Cell
from mnexcite.engine.methods import DEFAULT_METHOD, find_method
from mnexcite.errors import InputError, RunWarning, instance, parts, shown, stopped_with, whole
from mnexcite.errors.progress import told, with_bar
from mnexcite.fitting import search
from mnexcite.fitting.result import STATUSES, Fit, Reached
from mnexcite.fitting.targets import Candidates, Target, unit_in
from mnexcite.simulation.beginning import Initial
from mnexcite.simulation.inputs import run_seed
from mnexcite.simulation.numerics import Numerics
from mnexcite.simulation.settings import allowed_tolerance, step, thread_count
from mnexcite.sweeps.designs.axes import Range
from mnexcite.sweeps.designs.checks import check
from mnexcite.sweeps.designs.design import Design
from mnexcite.sweeps.designs.draws import placed
from mnexcite.sweeps.designs.units import in_own_units

Array = NDArray[np.float64]

#: A number that would be known so many times better alone trades off with others.
_TRADES = 3.0


@with_bar("fit")
def fit(
    cell: Cell,
    ranges: Mapping[Any, Range],
    targets: Target | Sequence[Target],
    *,
    candidates: int | None = None,
    generations: int = 20,
    threads: int | None = None,
    method: str | None = None,
    tolerance: float | None = None,
    dt: float | None = None,
    initial: Initial = "rest",
    seed: int | None = None,
    progress: Callable[[float], None] | bool | None = None,
) -> Fit:
    """Find the numbers of a cell that come nearest to targets, and how well they are known.

    Differential evolution searches all ranges, a whole generation of candidates as one
    batch; least squares, with slopes from one batch, ends it (`scipy.optimize`). A candidate
    with a failed run, or without a value for a target, never wins. The same seed gives the
    same bits, whatever the threads.

    Parameters
    ----------
    cell
        The cell whose numbers are varied.
    ranges
        Path, group, tuple of paths, `temperature` or `conditions.<name>` ->
        `mnexcite.between(lo, hi)`, as for designs that draw their points.
    targets
        What the cell shall do, from `mnexcite.fitting`: `rates`, `spike_times`,
        `steady_current`, `measured`.
    candidates
        Candidates of a generation, 5 or more; default 10 for each range, 16 or more.
    generations
        Most generations of the search everywhere.
    threads, method, tolerance, dt
        As for `mnexcite.simulate`.
    initial
        Where every run begins, as for `mnexcite.simulate`.
    seed
        Of the search, default 0.
    progress
        True shows a bar. Or a function, called with the share done, 0 to 1.

    Returns
    -------
    Fit
        Best values with their uncertainty, and what each target reached.

    Raises
    ------
    InputError
        If an argument is not allowed; nothing has run then.
    Interrupted
        On Ctrl-C, with the best so far in its `partial`.

    Warns
    -----
    RunWarning
        If the fit did not converge inside its ranges.

    Examples
    --------
    >>> import mnexcite as mx
    >>> cell = mx.cells.purvis_butera_2005()
    >>> v = [-90.0, -80.0, -70.0, -60.0]
    >>> current = mx.equations.iv_curve(cell.scaled({"NaP.g": 2.0}), v).total
    >>> found = fit(
    ...     cell,
    ...     {"NaP.g": mx.between(0.5, 4.0, factor=True)},
    ...     mx.fitting.steady_current(v, current, noise=0.01),
    ... )
    >>> round(found.values["NaP.g"], 3), found.status, found.known["NaP.g"]
    (2.0, 'converged', 'determined')
    """
    instance("cell", cell, Cell, "a Cell, such as mnexcite.cells.purvis_butera_2005()")
    wanted = parts(
        "targets", targets, Target, "targets of mnexcite.fitting, such as rates(...)"
    )
    if not wanted:
        raise InputError("targets are empty; give one or more, such as mnexcite.fitting.rates")
    corners = in_own_units(cell, placed(ranges, _corners(len(_mapped(ranges)))))
    if any(axis.kind == "stimulus" for axis in corners.axes):
        raise InputError(
            "ranges name a number of the stimulus; allowed: numbers of the cell and conditions"
        )
    check(cell, corners)
    axes = len(corners.axes)
    count = max(16, 10 * axes) if candidates is None else candidates
    count = whole("candidates", count, "5 to 100000", lowest=5, highest=100_000)
    generations = whole("generations", generations, "1 to 10000", highest=10_000)
    seed = run_seed(seed)
    chosen = find_method(DEFAULT_METHOD if method is None else method)
    if chosen.reference:
        raise InputError(f"method is {chosen.name!r}, which is too slow to fit; take another")
    tell = told(progress) or (lambda share: None)
    numerics = Numerics(
        chosen.name,
        allowed_tolerance(chosen, tolerance),
        step(cell, chosen, dt, False),
        initial=initial,
    )
    lanes = thread_count(threads)

    def given(shares: Array) -> Design:
        return in_own_units(cell, placed(ranges, shares))

    def reached(shares: Array) -> Array:
        of = Candidates(cell, given(shares), numerics, lanes)
        return np.concatenate([target.reached(of) for target in wanted], axis=1)

    values = np.concatenate([target.values for target in wanted])
    noise = np.concatenate([target.noise for target in wanted])
    tried = search.Tried(lambda shares: (reached(shares) - values) / noise)

    def result(status: str) -> Fit:
        return _result(cell, ranges, wanted, given, reached, tried, status, seed)

    try:
        search.differential_evolution(
            tried, axes, count, generations, seed, lambda n: tell(n / (generations + 1))
        )
        ended = "failed"
        if tried.best is not None:
            ended = "converged" if search.least_squares(tried) else "not_converged"
        tell(1.0)
        found = result(ended)
    except BaseException as error:  # Ctrl-C, of `progress`, or of a handler of signals
        partial = result("stopped") if tried.best is not None else None
        said = "stopped by Ctrl-C; the best so far is in .partial"
        raise stopped_with(partial, error, said) from None
    if found.status != "converged":
        warnings.warn(
            f"the fit is {found.status}: {STATUSES[found.status]}", RunWarning, stacklevel=3
        )
    return found


def _mapped(ranges: Any) -> Mapping[Any, Any]:
    if not isinstance(ranges, Mapping) or not ranges:
        raise InputError(
            f"ranges are {shown(ranges)}; allowed: a mapping path -> mnexcite.between(lo, hi)"
        )
    return ranges


def _corners(axes: int) -> Array:
    """Return shares at the ends and the middle of all ranges."""
    return np.repeat([[0.0], [0.5], [1.0]], axes, axis=1)


def _result(
    cell: Cell,
    ranges: Mapping[Any, Range],
    targets: Sequence[Target],
    given: Callable[[Array], Design],
    reached: Callable[[Array], Array],
    tried: search.Tried,
    status: str,
    seed: int,
) -> Fit:
    from mnexcite.sweeps.designs.points import point_cell

    best, shares, costs = tried.best, np.concatenate(tried.shares), np.concatenate(tried.costs)
    design = given(shares)
    names, units = [axis.name for axis in design.axes], _units(cell, design)
    axes, wanted = len(names), np.concatenate([target.values for target in targets])
    noise = np.concatenate([target.noise for target in targets])
    degrees = wanted.size - axes
    if best is None:
        at, known = np.full(axes, np.nan), ["unknown"] * axes
        sd, alone, correlation = at, at, np.full((axes, axes), np.nan)
        gives, cost, made = np.full(wanted.size, np.nan), np.inf, cell
    else:
        one = given(best[None])
        at = np.array([axis.values[0] for axis in one.axes])
        gives = reached(best[None])[0]
        cost, made = float(np.sum(((gives - wanted) / noise) ** 2)), point_cell(cell, one, 0)
        if status == "stopped":  # no more runs
            jacobian, rough = np.zeros((wanted.size, axes)), np.zeros(axes, dtype=bool)
        else:
            jacobian, rough = search.slopes(search.Tried(tried.residuals), best)
        covariance, alone_in = _covariance(jacobian)
        widths = _stretch(given, best)
        inside, correlation = _sd(covariance)
        known = _known(best, inside, alone_in, jacobian, rough)
        sd, alone = inside * widths, alone_in * widths
        if status == "converged" and "at_bound" in known:
            status = "at_bound"
    probability = None
    if degrees > 0 and best is not None:
        from scipy.stats import chi2

        probability = float(chi2.sf(cost, degrees))
    labels = [(t.name, label, unit_in(cell, t)) for t in targets for label in t.labels]
    return Fit(
        values=dict(zip(names, at.tolist(), strict=True)),
        units=dict(zip(names, units, strict=True)),
        sd=dict(zip(names, sd.tolist(), strict=True)),
        sd_alone=dict(zip(names, alone.tolist(), strict=True)),
        correlation=correlation,
        known=dict(zip(names, known, strict=True)),
        cell=made,
        targets=tuple(
            Reached(*label, *numbers)
            for label, numbers in zip(
                labels, np.stack([wanted, gives, noise], axis=1).tolist(), strict=True
            )
        ),
        cost=cost,
        degrees=degrees,
        probability=probability,
        status=status,
        candidates=costs.size,
        tried={axis.name: np.array(axis.values) for axis in design.axes},
        costs=costs,
        seed=seed,
    )


def _units(cell: Cell, design: Design) -> list[str]:
    from mnexcite.cells.paths import resolve

    def of(axis: Any) -> str:
        if axis.is_factor:
            return "1"
        if axis.kind == "condition":
            return "degC" if axis.target == "temperature" else "1"
        return cell.scalars[resolve(cell, axis.path)[0]][1] or "1"

    return [of(axis) for axis in design.axes]


def _covariance(jacobian: Array) -> tuple[Array, Array]:
    """Return the covariance of the shares, and the deviation of each if alone unknown.

    Directions that move no target have a variance that is very large, not infinite.
    """
    _, sizes, directions = np.linalg.svd(jacobian, full_matrices=False)
    if sizes.size < jacobian.shape[1]:  # fewer targets than axes
        sizes = np.append(sizes, np.zeros(jacobian.shape[1] - sizes.size))
        directions = np.linalg.svd(jacobian, full_matrices=True)[2]
    floor = max(float(sizes.max(initial=0.0)) * 1e-12, 1e-12)
    scaled = directions.T / np.maximum(sizes, floor)
    slopes = np.linalg.norm(jacobian, axis=0)
    return scaled @ scaled.T, 1.0 / np.maximum(slopes, floor)


def _sd(covariance: Array) -> tuple[Array, Array]:
    sd = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(sd, sd)
    np.fill_diagonal(correlation, 1.0)
    return sd, np.clip(correlation, -1.0, 1.0)


def _stretch(given: Callable[[Array], Design], at: Array) -> Array:
    """Return how much each value changes per share of its range, at a candidate."""
    low, high = np.clip(at - 1e-5, 0.0, 1.0), np.clip(at + 1e-5, 0.0, 1.0)
    ends = given(np.stack([low, high]))
    return np.array(
        [
            abs(axis.values[1] - axis.values[0]) / width
            for axis, width in zip(ends.axes, high - low, strict=True)
        ]
    )


def _known(
    at: Array, sd: Array, alone: Array, jacobian: Array, rough: NDArray[np.bool_]
) -> list[str]:
    flat = ~np.any(jacobian, axis=0)
    words = np.full(at.size, "determined", object)
    words[sd > _TRADES * alone] = "trades_off"
    words[4.0 * sd > 1.0] = "undetermined"
    words[rough] = "rough"
    words[flat] = "unknown"
    words[(at < search.STEP) | (at > 1.0 - search.STEP)] = "at_bound"
    return words.tolist()
