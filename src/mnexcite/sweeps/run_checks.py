"""What every run of a sweep would refuse, found before the first."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mnexcite.cells import Cell
from mnexcite.engine.methods import METHODS, Method
from mnexcite.engine.state import State
from mnexcite.equations.layout import Layout
from mnexcite.equations.lower import apart, lower
from mnexcite.equations.structure import structure_of
from mnexcite.errors import InputError
from mnexcite.simulation.beginning import begin
from mnexcite.simulation.settings import check_stability
from mnexcite.stimuli import VoltageClamp
from mnexcite.sweeps.designs.checks import sample
from mnexcite.sweeps.designs.coordinates import coordinates
from mnexcite.sweeps.designs.points import Inputs, inputs_of
from mnexcite.sweeps.sampling import samplings

if TYPE_CHECKING:
    from mnexcite.sweeps.plan import Plan

#: Names that a sweep's folder has already.
_TAKEN = ("blocks",)


def check_runs(plan: Plan) -> None:
    """Refuse what no run of the plan, or not all of them, could have.

    Raises
    ------
    InputError
        With what is allowed.
    """
    cell, design = plan.cell, plan.design
    conditions = plan.conditions or None
    _check_names(plan)
    _check_initial(cell, plan.numerics.initial, design.size)
    samplings(plan.watched, plan.duration, plan.numerics.dt)
    inputs = inputs_of(cell, design, sample(design), conditions, plan.stimulus)
    _check_drive(cell, inputs)
    if plan.numerics.spike_error is None:  # else the estimate tells
        _check_steps(cell, METHODS[str(plan.numerics.method)], plan.numerics.dt, inputs)


def _check_drive(cell: Cell, inputs: Inputs) -> None:
    """Refuse a voltage clamp, and currents in another unit or into no compartment."""
    if isinstance(inputs.stimuli, VoltageClamp):
        raise InputError(
            "stimulus is a VoltageClamp; allowed in a sweep: injected current; clamp by a "
            "measure, mnexcite.measures.clamp_currents, or with mnexcite.simulate"
        )
    stimuli = inputs.stimuli if isinstance(inputs.stimuli, list) else [inputs.stimuli]
    for one in {id(each): each for each in stimuli if each is not None}.values():
        one.drive(cell)  # type: ignore[union-attr]


def _check_initial(cell: Cell, initial: Any, points: int) -> None:
    """Refuse an initial state that the cell cannot start from."""
    if not isinstance(initial, str | Mapping | State):
        raise InputError(
            f"initial is {type(initial).__name__}; allowed: 'rest', 'published', a mapping "
            "path -> value, or a final_state"
        )
    if isinstance(initial, State):
        if initial.time != 0.0:
            raise InputError(
                f"the initial state stands at {initial.time:g} ms, but the runs of a sweep "
                "begin at 0; give initial=state.at(0)"
            )
        if initial.lanes not in (1, points):
            raise InputError(
                f"the initial state has {initial.lanes} lanes where the sweep has {points} "
                f"points; give a state of one lane or of {points}"
            )
        initial = initial.lane(0)
    if isinstance(initial, str) and initial == "rest":
        return  # each point's own is found where it runs
    begin(lower(cell, Layout(structure_of(cell)), {}, 1), initial)


def _check_steps(cell: Cell, method: Method, dt: float | None, inputs: Inputs) -> None:
    """Refuse a step at which an explicit method blows up in some point."""
    if dt is not None and math.isfinite(method.stability):
        lanes = lower(cell, Layout(structure_of(cell)), inputs.parameters, inputs.lanes)
        for variant in apart(lanes).kinetics:
            check_stability(variant, method, dt)


def _check_names(plan: Plan) -> None:
    """Refuse a variable that has the name of a coordinate."""
    found = coordinates(plan.cell, plan.design, plan.conditions or None, plan.stimulus)
    for output in plan.outputs:
        if output.name in {*found, *plan.design.dims, *_TAKEN}:
            raise InputError(
                f"a measure gives {output.name!r}, which names something else in this sweep; "
                "rename it"
            )
