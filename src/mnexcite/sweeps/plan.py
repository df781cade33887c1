"""What a sweep is: everything that decides its results, and how to tell it from others."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, is_dataclass, replace
from typing import Any

from mnexcite.cells import Cell, files
from mnexcite.engine.methods import DEFAULT_METHOD, find_method
from mnexcite.engine.state import State
from mnexcite.errors import InputError, check_memory, number
from mnexcite.measures import Experiment, Measure, Output, find
from mnexcite.measures.experiment import outputs_in
from mnexcite.measures.flags import FAILED
from mnexcite.muscle import MotorUnit
from mnexcite.simulation.beginning import Initial
from mnexcite.simulation.cheapest import cheapest_method
from mnexcite.simulation.inputs import run_seed
from mnexcite.simulation.numerics import Numerics
from mnexcite.simulation.settings import (
    allowed_error,
    allowed_tolerance,
    check_cost,
    run_length,
    step,
)
from mnexcite.simulation.simulate import integrate
from mnexcite.stimuli import Noise, Stimulus, Waveform
from mnexcite.sweeps.designs.checks import check
from mnexcite.sweeps.designs.coordinates import describe
from mnexcite.sweeps.designs.design import Design
from mnexcite.sweeps.designs.points import Drive, Maker, takes_seed
from mnexcite.sweeps.designs.units import in_own_units
from mnexcite.sweeps.function_identity import told
from mnexcite.sweeps.run_checks import check_runs

#: What is told of each point beside its measures.
STATUS = "status"
BEGAN = "began"
ERROR = "spike_error"
SEED = "seed"


@dataclass(frozen=True)
class Plan:
    """Hold a checked sweep; `make_plan` makes it."""

    cell: Cell
    design: Design
    stimulus: Drive
    conditions: Mapping[str, Maker]
    measures: tuple[Measure | Experiment, ...]
    unit: MotorUnit
    duration: float
    discard: float
    numerics: Numerics

    @property
    def outputs(self) -> tuple[Output, ...]:
        """Variables of all measures, their units filled in."""
        listed = [output for measure in self.measures for output in measure.outputs]
        return outputs_in(self.cell.units["i"], listed)

    @property
    def watched(self) -> tuple[Measure, ...]:
        """The measures that watch the sweep's own runs."""
        return tuple(m for m in self.measures if isinstance(m, Measure))

    @property
    def experiments(self) -> tuple[Experiment, ...]:
        """The measures that bring their own stimuli."""
        return tuple(m for m in self.measures if isinstance(m, Experiment))

    @property
    def is_random(self) -> bool:
        """Whether each point has noise of its own."""
        return takes_seed(self.design, self.stimulus)

    @property
    def tells_beginnings(self) -> bool:
        """Whether points can begin in different ways: at rest, or without one."""
        return isinstance(self.numerics.initial, str) and self.numerics.initial == "rest"

    def numerics_from(self, initial: Initial) -> Numerics:
        """Return how some points are integrated, whose stimuli have their seeds already."""
        own = replace(self.numerics, initial=initial, seed=None)
        # tolerance or dt follow from an error
        return own if own.spike_error is None else replace(own, tolerance=None, dt=None)


def make_plan(
    cell: Cell,
    design: Design,
    stimulus: Drive,
    numerics: Numerics,
    *,
    duration: float,
    discard: float = 0.0,
    until: float | None = None,
    measures: Sequence[str | Measure | Experiment] = ("rate", "phase"),
    unit: MotorUnit,
    conditions: Mapping[str, Maker] | None = None,
) -> Plan:
    """Check everything that can be checked before any work, and return the sweep.

    Raises
    ------
    InputError
        If something is not allowed.
    """
    if not isinstance(cell, Cell):
        raise InputError(
            f"cell is {type(cell).__name__}; allowed: a Cell, such as that of "
            "mnexcite.cells.purvis_butera_2005()"
        )
    if not isinstance(unit, MotorUnit):
        raise InputError(
            f"unit is {unit!r}; allowed: a MotorUnit, such as mnexcite.muscle.slow_unit()"
        )
    if not isinstance(conditions, Mapping | None):
        raise InputError(
            f"conditions are {type(conditions).__name__}; allowed: a mapping name -> function "
            "of a strength"
        )
    design = in_own_units(cell, design, stimulus)
    check(cell, design, conditions, stimulus)
    duration = run_length(duration)
    discard = number("discard", discard, "0 or more", lowest=0.0, unit="ms")
    if not discard < duration:
        raise InputError(
            f"discard is {discard:g} ms of {duration:g} ms; allowed: less than duration"
        )
    if until is not None:  # nothing that counts comes after it
        allowed = f"above discard ({discard:g} ms) and at most duration ({duration:g} ms)"
        duration = number("until", until, allowed, above=discard, highest=duration, unit="ms")
    dt, tolerance, initial = numerics.dt, numerics.tolerance, numerics.initial
    chosen = find_method(DEFAULT_METHOD if numerics.method is None else numerics.method)
    if chosen.reference:
        raise InputError(
            f"method is {chosen.name!r}, which is too slow for a sweep; take another and give "
            "spike_error to know its error"
        )
    wanted = allowed_error(chosen, numerics.spike_error)
    if wanted is not None and (dt is not None or tolerance is not None):
        raise InputError(
            "spike_error is given beside dt or tolerance, which it chooses; give one of them"
        )
    if wanted is not None and numerics.method is None:
        chosen = find_method(cheapest_method(cell, wanted, integrate))
    plan = Plan(
        cell=cell,
        design=design,
        stimulus=stimulus,
        conditions=dict(conditions or {}),
        measures=_measures(measures),
        unit=unit,
        duration=duration,
        discard=discard,
        numerics=Numerics(
            chosen.name,
            allowed_tolerance(chosen, tolerance),
            step(cell, chosen, dt, False),
            wanted,
            dict(initial) if isinstance(initial, Mapping) else initial,
            run_seed(numerics.seed),
        ),
    )
    check_cost(chosen, 1, duration, plan.numerics.dt, 1.0, 1, 1)
    check_memory(
        f"{design.size} points of {len(plan.outputs)} variables",
        design.size * (2.0 + len(plan.outputs) + len(design.axes)),
        "take fewer points, or a sweep for each part",
    )
    check_runs(plan)
    return plan


def identity(plan: Plan) -> dict[str, Any]:
    """Return what decides the results, as plain data for JSON; see `store.origin` for versions.

    Functions are told by what they do where they make numbers (kinetics, conditions,
    stimuli), and by their code where they are measures of a user.
    """
    cell = files.describe(plan.cell)
    for said in ("provenance", "source", "status"):  # where numbers are from changes none
        del cell[said]
    decided = {
        "cell": {
            "name": plan.cell.name,
            "parameters": {p: q.value for p, q in plan.cell.parameters.items()},
            "sha256": _digest(cell),
        },
        "points": describe(plan.cell, plan.design, plan.conditions or None, plan.stimulus),
        "run": {
            "duration": plan.duration,
            "discard": plan.discard,
            **vars(plan.numerics),
            "initial": _of_initial(plan.numerics.initial),
        },
        "unit": vars(plan.unit),
        "measures": {
            "+".join(output.name for output in measure.outputs): _digest(_of_measure(measure))
            for measure in plan.measures
        },
    }
    return json.loads(json.dumps(decided, default=_plain))


def fingerprint(identity: Mapping[str, Any]) -> str:
    """Return one SHA-256 of an identity."""
    return _digest(identity)


def _measures(given: Sequence[str | Measure | Experiment]) -> tuple[Measure | Experiment, ...]:
    if isinstance(given, str | Measure | Experiment):
        given = (given,)
    if not isinstance(given, Iterable):
        raise InputError(
            f"measures are {type(given).__name__}; allowed: names of mnexcite.measures, or "
            "measures made there"
        )
    found = tuple(find(measure) for measure in given)
    if not found:
        raise InputError("measures are empty; give at least one, such as 'rate'")
    names = [output.name for measure in found for output in measure.outputs]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"two measures give {name!r}; keep one, or name yours otherwise")
        if name in (STATUS, BEGAN, ERROR, SEED):
            raise InputError(f"a measure gives {name!r}, which every sweep has; rename it")
    for measure in found:
        for output in measure.outputs:
            if output.flags and FAILED not in output.flags:
                raise InputError(
                    f"the flags of {output.name} are {', '.join(output.flags)}; add "
                    f"{FAILED!r}, which stands for a failed run"
                )
    return found


def _of_initial(initial: Initial) -> Any:
    """Return what tells a start from others; of a state, the values that a sweep takes."""
    if isinstance(initial, State):
        held = (initial.values, initial.armed, initial.status)
        return {"state_sha256": hashlib.sha256(b"".join(x.tobytes() for x in held)).hexdigest()}
    return initial


def _of_measure(measure: Measure | Experiment) -> Any:
    calls = ("run",) if isinstance(measure, Experiment) else ("start", "update", "finish")
    plain = {
        name: getattr(measure, name) for name in ("every", "force") if hasattr(measure, name)
    }
    return {
        "outputs": [asdict(output) for output in measure.outputs],
        **plain,
        **{call: told(getattr(measure, call)) for call in calls},
    }


def _digest(value: Any) -> str:
    text = json.dumps(value, default=_plain, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return vars(value)
    return dict(value) if isinstance(value, Mapping) else float(value)


def stimulus_end(stimulus: Drive) -> float | None:
    """Return when a stimulus that is the same for all points ends [ms], None for none."""
    if not isinstance(stimulus, Stimulus):
        return None
    waveforms = [part.waveform for part in (*stimulus.currents, *stimulus.conductances)]
    ends = [_end(waveform) for waveform in waveforms]
    ends += [float(each.times.max()) for each in stimulus.events if each.times.size]
    return max(ends, default=None)


def _end(waveform: Waveform | Noise) -> float:
    """Return the last time at which a signal changes its course [ms]."""
    if isinstance(waveform, Waveform):
        return float(waveform.breaks[-1])
    return waveform.end if math.isfinite(waveform.end) else waveform.start
