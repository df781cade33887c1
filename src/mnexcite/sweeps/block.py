"""Compute some points of a sweep: a pure function of the plan and the points."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnexcite.cells.paths import Path
from mnexcite.engine.state import State
from mnexcite.equations.layout import Layout
from mnexcite.equations.lower import lower
from mnexcite.equations.structure import structure_of
from mnexcite.measures import Output
from mnexcite.measures.flags import FAILED
from mnexcite.simulation import Batch
from mnexcite.simulation.beginning import BEGAN as WAYS
from mnexcite.simulation.beginning import Beginning, Initial, begin
from mnexcite.simulation.simulate import integrate
from mnexcite.stimuli import Stimulus, VoltageClamp
from mnexcite.sweeps.designs.points import Inputs, IntArray, inputs_of
from mnexcite.sweeps.plan import BEGAN, ERROR, SEED, STATUS, Plan
from mnexcite.sweeps.watch import codes_of, watch

Values = dict[str, NDArray[Any]]


def compute(plan: Plan, points: IntArray, halted: Callable[[], None] = lambda: None) -> Values:
    """Return every variable at flat points, shape (points,) each.

    Where a point's run failed its numbers are NaN, its flags say `failed` and its status
    says why; neither points beside it nor their number change a bit. The status is that of
    the sweep's own run; where nothing watches one, that of the experiments' runs.

    Raises
    ------
    KeyboardInterrupt
        If `halted`, which is called now and then, raised it.
    """
    seed = plan.numerics.seed or 0
    inputs = inputs_of(
        plan.cell, plan.design, points, plan.conditions or None, plan.stimulus, seed
    )
    beginning = _beginning(plan, inputs, points)
    values: Values = {}
    status, error = np.zeros(inputs.lanes, np.int8), None
    if plan.watched:
        seen = watch(plan, inputs, beginning.state, halted)
        status, error = codes_of(seen.status), seen.spike_error
        values |= seen.values
    failures = np.zeros(inputs.lanes, np.int8)
    run = _RunLanes(plan, inputs, beginning.state, halted, failures)
    experimented: Values = {}
    for experiment in plan.experiments:
        experimented |= experiment.run(run)
    if not plan.watched:
        status = run.failures
    failed = status != 0
    known = {output.name: output for output in plan.outputs}
    blanked = {name: _blank(known[name], value, failed) for name, value in values.items()}
    if error is not None:  # it says how inaccurate an `inaccurate` run is
        blanked[ERROR] = error
    own = {name: _typed(known[name], value) for name, value in experimented.items()}
    seeds = {} if inputs.seeds is None else {SEED: inputs.seeds}
    told: Values = {}
    if plan.tells_beginnings:
        told[BEGAN] = np.array([WAYS.index(way) for way in beginning.began], np.int8)
    return {**blanked, **own, **seeds, **told, STATUS: status}


def _beginning(plan: Plan, inputs: Inputs, points: IntArray) -> Beginning:
    """Return where every run of the points begins, found once for all of them."""
    layout = Layout(structure_of(plan.cell))
    initial = plan.numerics.initial
    if isinstance(initial, State) and initial.lanes > 1:
        initial = initial.lanes_at(points)
    return begin(lower(plan.cell, layout, inputs.parameters, inputs.lanes), initial)


def dtype_of(output: Output) -> str:
    """Return the type of a variable."""
    return "int8" if output.flags else "float64"


def _typed(output: Output, values: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(values).astype(dtype_of(output))


def _blank(output: Output, values: NDArray[Any], failed: NDArray[np.bool_]) -> NDArray[Any]:
    made = np.array(values, dtype=dtype_of(output))
    made[failed] = output.flags.index(FAILED) if output.flags else np.nan
    return made


@dataclass(frozen=True)
class _RunLanes:
    """Run the points under an experiment's stimuli; see `mnexcite.measures.RunLanes`.

    `failures` gathers the last failure of each lane, shape (lanes,).
    """

    plan: Plan
    inputs: Inputs
    start: State
    halted: Callable[[], None]
    failures: NDArray[np.int8]

    @property
    def lanes(self) -> int:
        return self.inputs.lanes

    @property
    def unit(self) -> str:
        return self.plan.cell.units["i"]

    def __call__(
        self,
        stimulus: Stimulus | Sequence[Stimulus | VoltageClamp],
        *,
        duration: float,
        discard: float = 0.0,
        lanes: IntArray | None = None,
        record: Sequence[str] = (),
        every: float | None = None,
        initial: Initial | None = None,
    ) -> Batch:
        chosen = np.arange(self.lanes) if lanes is None else np.asarray(lanes)
        cell = self.plan.cell
        columns: dict[Path, NDArray[Any]] = {
            path: column[chosen] for path, column in self.inputs.parameters.items()
        }
        if not columns:
            columns = {"temperature": np.full(chosen.size, cell.temperature)}
        start = self.start.lanes_at(chosen) if initial is None else initial
        batch = integrate(
            cell,
            stimulus if isinstance(stimulus, Stimulus) else list(stimulus),
            self.plan.numerics_from(start),
            duration=duration,
            discard=discard,
            parameters=columns,
            record=record,
            every=every,
            threads=1,
            progress=lambda _: self.halted(),
        )
        assert isinstance(batch, Batch)
        codes = codes_of(batch.status)
        self.failures[chosen[codes != 0]] = codes[codes != 0]
        return batch
