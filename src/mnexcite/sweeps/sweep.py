"""Sweep a cell over a design: the daily work."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnexcite.cells import Cell
from mnexcite.engine import status
from mnexcite.errors import InputError, RunWarning, place
from mnexcite.errors.progress import told, with_bar
from mnexcite.measures import Experiment, Measure
from mnexcite.muscle import MotorUnit, slow_unit
from mnexcite.simulation.beginning import Initial
from mnexcite.simulation.numerics import Numerics
from mnexcite.simulation.settings import thread_count
from mnexcite.sweeps import executors
from mnexcite.sweeps.designs.design import Design, grid
from mnexcite.sweeps.designs.points import Drive, Maker
from mnexcite.sweeps.designs.questions import meant_as_factors
from mnexcite.sweeps.plan import STATUS, make_plan
from mnexcite.sweeps.progress import Progress, failures_in
from mnexcite.sweeps.run import prepare, read_shard

if TYPE_CHECKING:
    import xarray
    from distributed import Client


@with_bar("sweep")
def sweep(
    cell: Cell,
    axes: Mapping[Any, Any] | Design,
    stimulus: Drive = None,
    *,
    duration: float,
    discard: float = 0.0,
    until: float | None = None,
    measures: Sequence[str | Measure | Experiment] = ("rate", "phase"),
    unit: MotorUnit | None = None,
    conditions: Mapping[str, Maker] | None = None,
    store: str | Path | None = None,
    executor: str | Client = "threads",
    threads: int | None = None,
    workers: int | None = None,
    shard: str | None = None,
    chunk: int | None = None,
    method: str | None = None,
    tolerance: float | None = None,
    dt: float | None = None,
    spike_error: float | None = None,
    initial: Initial = "rest",
    seed: int | None = None,
    progress: Callable[[Progress], None] | bool | None = None,
    mixed: bool = False,
) -> xarray.Dataset:
    """Run every point of a design and return its measures, with a status for each point.

    Parameters
    ----------
    cell
        The cell that is varied.
    axes
        Path (or group, tuple of paths, `temperature`, `conditions.<name>`,
        `stimulus.<argument>`) -> values, or `mnexcite.factors`: every combination is a
        point. Or a design of `mnexcite.sweeps`, such as `sobol` or `table`.
    stimulus
        Injected current of all points, or a function of the stimulus axes' arguments that
        returns one.
    duration, discard
        Length of each run, and the time before which spikes and force do not count [ms].
    until
        The time from which they no longer count, where the runs end [ms]; default duration.
    measures
        Names of `mnexcite.measures`, or measures made there.
    unit
        The motor unit that the spikes drive, for measures of force; default slow.
    conditions
        Name -> `Condition`, for axes `conditions.<name>` of its strength and
        `conditions.<name>.<number>` of any of its numbers; or a function of a strength that
        returns one.
    store
        A folder that keeps every block as soon as it is computed. If it holds the same
        sweep already, only what is missing or damaged is computed. Without it all is in
        memory.
    executor
        `threads`; `dask` for workers on this machine; or a client of a Dask cluster (extra
        `cluster`), whose workers see the folder of the store under the same name.
    threads
        Number of threads, default all cores; no number changes the result.
    workers
        Processes of executor "dask" on this machine, default one for each core.
    shard
        `i/n` computes the i-th of n shares (i from 1) into the store, for job arrays.
    chunk
        Points of a block, which is computed and stored as one; no number changes the
        result.
    method, tolerance, dt, spike_error
        As for `mnexcite.simulate`.
    initial
        As for `mnexcite.simulate`, by default `rest`: each point begins at its own rest, and
        `began` in the dataset says which points have none and began at the published state.
        A `final_state` at time 0 has one lane, or one for each point in their flat order.
        Measures with stimuli of their own begin there too.
    seed
        Of what fluctuates in the stimulus: each point has its own path, by its number. A
        function with a `seed` that nothing sets is given each point's own; default 0.
    progress
        True shows a bar. Or a function, called with a `Progress` now and
        then. What it raises stops the sweep at once.
    mixed
        Whether to go on in a store that other versions of the packages, or another
        processor's instructions, began: numbers may then differ in their last bits from
        block to block. The result says which blocks are whose.

    Returns
    -------
    xarray.Dataset
        One variable per measure, `status` of each point, and where it all came from.

    Raises
    ------
    InputError
        If an argument is not allowed, or the store is of another sweep; nothing has run.
    StorageError
        If the store cannot be read or written; what was computed before stays in it.
    Interrupted
        On Ctrl-C, with what is computed in its `partial`.

    Warns
    -----
    RunWarning
        If some points failed, each has its status; or if the store was damaged, which is
        mended.

    Examples
    --------
    >>> import mnexcite as mx
    >>> cell = mx.cells.hodgkin_huxley_1952()
    >>> step = mx.stimuli.step(10.0, unit="uA/cm2")
    >>> ds = sweep(cell, {"Na.g": mx.factors(0.5, 1.0, 2)}, step, duration=100.0)
    >>> ds["rate"].values.round().tolist(), ds["Na.g"].values.tolist()
    ([0.0, 68.0], [60.0, 120.0])
    """
    design = axes if isinstance(axes, Design) else grid(axes)
    plan = make_plan(
        cell,
        design,
        stimulus,
        Numerics(method, tolerance, dt, spike_error, initial, seed),
        duration=duration,
        discard=discard,
        until=until,
        measures=measures,
        unit=slow_unit() if unit is None else unit,
        conditions=conditions,
    )
    for question in meant_as_factors(cell, plan.design):
        warnings.warn(question, RunWarning, stacklevel=3)
    count = thread_count(threads)
    share = read_shard(shard)
    executors.check(executor, workers)
    tell = told(progress, "a Progress")
    if store is not None:
        place("store", store)
    if store is None and share != (1, 1):
        raise InputError(f"shard is {shard}, but there is no store to put it in; give store=")
    if not isinstance(mixed, bool):
        raise InputError(f"mixed is {mixed!r}; allowed: True or False")
    run = prepare(plan, store, chunk)
    run.compute(executor, count, share, tell, mixed, workers)
    found = run.dataset()
    failures = failures_in({STATUS: found[STATUS].values})
    if failures:
        warnings.warn(
            f"{failures.total()} of {design.size} points did not end well: "
            f"{status.in_words(failures)}",
            RunWarning,
            stacklevel=3,
        )
    return found
