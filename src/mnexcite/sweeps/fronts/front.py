"""Find the fronts between classes of points in a plane, not every point of it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mnexcite.cells import Cell
from mnexcite.errors import InputError, RunWarning, stopped_with, whole
from mnexcite.errors.progress import told, with_bar
from mnexcite.measures import Experiment, Measure
from mnexcite.muscle import MotorUnit, slow_unit
from mnexcite.simulation.beginning import Initial
from mnexcite.simulation.numerics import Numerics
from mnexcite.simulation.settings import thread_count
from mnexcite.sweeps import executors, labels
from mnexcite.sweeps.block import compute
from mnexcite.sweeps.designs.design import Design, grid
from mnexcite.sweeps.designs.points import Drive, IntArray, Maker
from mnexcite.sweeps.designs.questions import meant_as_factors
from mnexcite.sweeps.fronts.parting import Of, Parting, parting_of
from mnexcite.sweeps.fronts.refinement import refine, steps
from mnexcite.sweeps.plan import Plan, identity, make_plan
from mnexcite.sweeps.progress import Counted, Progress, failures_in
from mnexcite.sweeps.task import Done

if TYPE_CHECKING:
    import xarray

#: Points that are computed as one: so that each thread has two blocks, within these.
LEAST, MOST = 16, 1024


@with_bar("front")
def front(
    cell: Cell,
    axes: Mapping[Any, Any] | Design,
    stimulus: Drive = None,
    *,
    of: Of = "phase",
    coarse: int = 8,
    duration: float,
    discard: float = 0.0,
    until: float | None = None,
    measures: Sequence[str | Measure | Experiment] = ("rate", "phase"),
    unit: MotorUnit | None = None,
    conditions: Mapping[str, Maker] | None = None,
    threads: int | None = None,
    method: str | None = None,
    tolerance: float | None = None,
    dt: float | None = None,
    spike_error: float | None = None,
    initial: Initial = "rest",
    seed: int | None = None,
    progress: Callable[[Progress], None] | bool | None = None,
) -> xarray.Dataset:
    """Find where a plane changes from one class to another, with few of its points.

    Rectangles between some lines of the grid are bisected where their points differ in
    class, and those beside them, until they are one step of the grid wide. A front is
    followed wherever it leads: one of which any step is met is found from end to end, as the
    whole grid has it. An island, or a bay at the plane's edge, can be missed where it lies
    between the first lines and away from other fronts; `coarse` says how close these are.

    Parameters
    ----------
    cell, stimulus, duration, discard, until, measures, unit, conditions, threads
        As for `mnexcite.sweep`; and `method`, `tolerance`, `dt`, `spike_error`, `initial`
        and `seed`.
    axes
        Two axes, as for `mnexcite.sweep`, whose values rise or fall. The grid's own steps
        are the width to which fronts are found.
    of
        What parts the points: a flag that a measure gives, or the name of a number and a
        threshold in its unit, such as `("rate", 1.0)`. Failed points are a class.
    coarse
        Rectangles along each axis to begin with.
    progress
        True shows a bar. Or a function, called with a `Progress` now and
        then; its `points` are those wanted so far.

    Returns
    -------
    xarray.Dataset
        The dataset of `mnexcite.sweep` on the whole grid, where points that were not
        computed are NaN, -1 in flags, and `pending` in `status`. And over (`segment`, `end`)
        the front, `front_x` and `front_y`, in the first and the second axis' own values:
        lines midway between neighbouring points of different classes. `front_between` has
        the classes on both sides of a segment, the lower place on the grid first;
        `front_class`, that of each point where a threshold parts them. Attributes
        `points_computed`, `points_grid` and their ratio `saved` tell what was saved.

    Raises
    ------
    InputError
        If an argument is not allowed; nothing has run.
    Interrupted
        On Ctrl-C, with what is computed in its `partial`.

    Examples
    --------
    >>> import mnexcite as mx
    >>> cell = mx.cells.hodgkin_huxley_1952()
    >>> step = mx.stimuli.step(10.0, unit="uA/cm2")
    >>> plane = {"Na.g": mx.factors(0.5, 1.0, 33), "K.g": mx.factors(1.0, 2.0, 33)}
    >>> ds = front(cell, plane, step, of=("rate", 1.0), duration=50.0)
    >>> ds.attrs["points_grid"], ds.attrs["saved"] > 2
    (1089, True)
    """
    design = axes if isinstance(axes, Design) else grid(axes)
    _check_plane(design)
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
    first = whole("coarse", coarse, "a whole number from 1 on", highest=2**20)
    tell = told(progress, "a Progress")
    search = _Search(plan, parting_of(plan.outputs, of), thread_count(threads), tell)
    try:
        refine(search.classify, (design.shape[0], design.shape[1]), first)
    except BaseException as error:  # Ctrl-C, of `progress`, or of a handler of signals
        now = search.counted.now()
        said = f"stopped by Ctrl-C with {now.done} points done; the front is not complete"
        raise stopped_with(search.dataset(first), error, said) from None
    return search.dataset(first)


def _check_plane(design: Design) -> None:
    if design.kind != "grid" or len(design.axes) != 2:
        listed = ", ".join(design.names)
        raise InputError(
            f"the design is a {design.kind} of {len(design.axes)} axes ({listed}); allowed: a "
            "grid of two, between whose points a front can run"
        )
    for axis in design.axes:
        rises = np.diff(axis.values)
        if not rises.size or not (np.all(rises > 0) or np.all(rises < 0)):
            given = np.array2string(axis.values, threshold=8, max_line_width=1000)
            raise InputError(
                f"axis {axis.name!r} is {given}; allowed: "
                "two or more values that rise or fall from each to the next"
            )


@dataclass(frozen=True)
class _Part:
    """Compute some of the points of a plane, as a task of `executors.on_threads`."""

    plan: Plan
    blocks: Sequence[IntArray]

    def __call__(self, index: int, halted: Callable[[], None] = lambda: None) -> Done:
        values = compute(self.plan, self.blocks[index], halted)
        return Done(index, self.blocks[index].size, failures_in(values), values)


class _Search:
    """Compute the points that are asked for, and keep what they gave."""

    def __init__(
        self,
        plan: Plan,
        parting: Parting,
        threads: int,
        progress: Callable[[Progress], None] | None,
    ) -> None:
        self.plan, self.parting, self.threads = plan, parting, threads
        self.tell = progress or (lambda now: None)
        self.wanted, self.counted = 0, Counted(0, 0)
        self.labelled = labels.template(plan, identity(plan))
        self.described = labels.variables(plan)
        self.values = {
            name: np.full(plan.design.size, variable.fill, variable.dtype)
            for name, variable in self.described.items()
        }

    def classify(self, points: IntArray) -> NDArray[np.int8]:
        """Return the classes of flat points, after their runs."""
        size = int(np.clip(-(-points.size // (2 * self.threads)), LEAST, MOST))
        count = -(-points.size // size)
        # dealt out in turn, for runs near each other take about as long
        blocks = [points[first::count] for first in range(count)]
        self.wanted += points.size

        def on_done(done: Done) -> None:
            for name, value in (done.values or {}).items():
                self.values[name][blocks[done.index]] = value
            self.counted.add(done.failures, done.points)
            self.tell(replace(self.counted.now(), points=self.wanted))

        executors.on_threads(
            _Part(self.plan, blocks), range(len(blocks)), self.threads, on_done
        )
        return self.parting.classes({name: v[points] for name, v in self.values.items()})

    def dataset(self, coarse: int) -> xarray.Dataset:
        """Return all that is computed, and the front in it."""
        design, parting, labelled = self.plan.design, self.parting, self.labelled
        plane = {name: value.reshape(design.shape) for name, value in self.values.items()}
        classes = parting.classes(plane)
        x, y, between = steps(classes, *(labelled[dim].values for dim in design.dims))
        found: dict[str, Any] = {
            name: (design.dims, values, self.described[name].labelled)
            for name, values in plane.items()
        }
        for name, ends, dim in zip(("front_x", "front_y"), (x, y), design.dims, strict=True):
            units = labelled[dim].attrs.get("units", "1")
            found[name] = (("segment", "end"), ends, {"units": units, "long_name": dim})
        sides = {"long_name": f"{parting.title} on both sides of the front", **parting.attrs}
        found["front_between"] = (("segment", "side"), between, sides)
        if parting.threshold is not None:
            own = {"long_name": parting.title, **parting.attrs}
            found["front_class"] = (design.dims, classes, own)
        computed = self.counted.now().computed
        attrs = {
            "title": f"front of {parting.title} of {self.plan.cell.name}",
            "coarse": coarse,
            "points_computed": computed,
            "points_grid": design.size,
            "saved": design.size / max(computed, 1),
        }
        return labelled.assign(found).assign_attrs(attrs)
