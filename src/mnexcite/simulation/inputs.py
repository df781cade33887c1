"""What a run is given lane by lane: parameters and stimuli."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mnexcite.cells import Cell, Factors
from mnexcite.cells.compartment import find_compartment
from mnexcite.cells.paths import Path, check_one_value, join, resolve
from mnexcite.cells.values import with_values
from mnexcite.cells.warmth import Numbers, celsius, warmed_columns
from mnexcite.engine.state import State
from mnexcite.equations.lower import lane_cell
from mnexcite.errors import InputError, array, shown, whole
from mnexcite.simulation.beginning import Initial
from mnexcite.stimuli import Drive, Stimulus, VoltageClamp
from mnexcite.stimuli.drive import Commands
from mnexcite.stimuli.stimulus import trains

Array = NDArray[np.float64]


def columns(
    cell: Cell, parameters: Mapping[Path, ArrayLike | Factors] | None
) -> dict[str, Array]:
    """Return full path -> checked column of values."""
    values: dict[str, Array] = {}
    if not isinstance(parameters, Mapping | None):
        raise InputError(
            f"parameters are {shown(parameters)}; allowed: a mapping path -> one value per lane"
        )
    for key, given in (parameters or {}).items():
        if isinstance(given, Factors):
            known = cell.parameters
            for path in resolve(cell, key):
                values[path] = given.times(known[path].value)
            continue
        check_one_value(cell, key)
        paths = resolve(cell, key)
        unit = cell.scalars[paths[0]][1]
        allowed = "finite numbers, one value per lane"
        column = np.atleast_1d(
            array(f"parameters[{key!r}]", given, allowed, ndim=(0, 1), least=1, unit=unit)
        )
        for path in paths:
            if path == "area":
                raise InputError(
                    "parameters['area']: one area converts the stimulus of all lanes; change "
                    "it with cell.replaced, or scale the stimuli"
                )
            values[path] = column
    if values:
        _check(cell, values)
    return values


def told(
    cell: Cell, parameters: Mapping[Path, ArrayLike | Factors] | None
) -> Mapping[Path, ArrayLike | Factors] | None:
    """Return what parameters mean number by number: a temperature warms its lane."""
    if isinstance(parameters, Numbers) or not isinstance(parameters, Mapping):
        return parameters
    named = {path for key in parameters for path in (key if isinstance(key, tuple) else (key,))}
    if "temperature" not in named:
        return parameters  # whoever sets up the run checks them
    return {**warmed_columns(cell, columns(cell, parameters))}


def _check(cell: Cell, values: Mapping[str, Array]) -> None:
    """Refuse numbers that a part of the cell does not allow, and name the lane."""
    least = {path: int(column.argmin()) for path, column in values.items()}
    most = {path: int(column.argmax()) for path, column in values.items()}
    try:  # all numbers at once: each more cell that is built takes a millisecond
        for lanes in (least, most) if least != most else (least,):
            _allow(cell, {path: float(values[path][lane]) for path, lane in lanes.items()})
    except InputError:
        for path in values:
            for lane in {least[path], most[path]}:
                try:
                    _allow(cell, {path: float(values[path][lane])})
                except InputError as error:
                    raise InputError(f"{error} (lane {lane})") from None


def _allow(cell: Cell, values: Mapping[str, float]) -> None:
    if "temperature" in values:  # all that it moves is tried where it is moved
        celsius("temperature", values["temperature"])
    with_values(cell, {path: v for path, v in values.items() if path != "temperature"})


def stimuli_and_clamp(
    cell: Cell,
    stimulus: Stimulus | VoltageClamp | Iterable[Stimulus | VoltageClamp] | None,
) -> tuple[list[Stimulus], Commands | None]:
    """Return the distinct stimuli, and the commands of voltage clamps."""
    if stimulus is None:
        return [Stimulus()], None
    given = list(stimulus) if isinstance(stimulus, Iterable) else [stimulus]
    clamps = [one for one in given if isinstance(one, VoltageClamp)]
    if clamps and len(clamps) == len(given):
        return [Stimulus()], _commands(cell, clamps)
    if clamps:
        raise InputError(
            f"stimulus holds {len(clamps)} voltage clamps among {len(given)} stimuli; allowed: "
            "clamps for all lanes or for none"
        )
    plain = [one for one in given if isinstance(one, Stimulus)]
    if not given or len(plain) != len(given):
        raise InputError(
            f"stimulus is {type(stimulus).__name__}; allowed: a stimulus of mnexcite.stimuli, "
            "or a list of them, one per lane"
        )
    return plain, None


def _commands(cell: Cell, clamps: list[VoltageClamp]) -> Commands:
    places = {
        cell.compartments.index(find_compartment(cell, clamp.compartment)) for clamp in clamps
    }
    if len(places) > 1:
        named = ", ".join(cell.compartments[place].name for place in sorted(places))
        raise InputError(f"the clamps hold {named}; allowed: one compartment for all lanes")
    return Commands(places.pop(), tuple(clamp.command for clamp in clamps))


def run_seed(seed: object) -> int:
    """Return the seed of a run, 0 where none is given."""
    allowed = "a whole number, 0 or more"
    return 0 if seed is None else whole("seed", seed, allowed, lowest=0, highest=2**63)


def entering(
    cell: Cell,
    stimuli: list[Stimulus],
    values: Mapping[str, Array],
    count: int,
    seed: int,
) -> tuple[list[Drive], NDArray[np.int64]]:
    """Return the distinct drives, and which of them each lane has.

    Lanes share one where they have the same stimulus, nothing in it fluctuates, and the
    time constants of synapses are the same.
    """
    fading = [path for path in values if is_time_of_synapse(cell, path)]
    own = fading and any(s.events for s in stimuli)
    if len(stimuli) == 1 and count > 1 and (own or stimuli[0].noisy):
        stimuli = stimuli * count
    if len(stimuli) == 1 and not own:
        return [stimuli[0].seeded(seed, 0).drive(cell)], np.zeros(count, np.int64)
    drives = []
    for lane, stimulus in enumerate(stimuli):
        it = _lane_cell(cell, {path: values[path] for path in fading if own}, lane)
        drives.append(stimulus.seeded(seed, lane).drive(it))
    return drives, np.arange(count)


def _lane_cell(cell: Cell, values: Mapping[str, Array], lane: int) -> Cell:
    return lane_cell(cell, values, lane) if values else cell


def with_events(
    cell: Cell,
    values: Mapping[str, Array],
    drives: list[Drive],
    drive_of: NDArray[np.int64],
    events: Sequence[Stimulus],
    since: float = -math.inf,
) -> list[Drive]:
    """Return each lane's drive with events of its own; those before `since` [ms] are summed."""
    fading = [path for path in values if is_time_of_synapse(cell, path)]
    grown = []
    for lane, stimulus in enumerate(events):
        drive = drives[drive_of[lane]]
        own = _lane_cell(cell, {path: values[path] for path in fading}, lane)
        pairs = zip(drive.trains, trains(stimulus.events, own), strict=True)
        joined = (two if one is None else one.since(since).joined(two) for one, two in pairs)
        grown.append(drive.with_trains(tuple(joined)))
    return grown


def is_time_of_synapse(cell: Cell, path: str) -> bool:
    """Tell whether a path is a time constant of a synapse."""
    return any(
        path == join(cell, compartment, synapse.name, key)
        for compartment in cell.compartments
        for synapse in compartment.synapses
        for key in synapse.scalars
    )


def lane_count(
    values: Mapping[str, Array],
    stimulus: Stimulus | VoltageClamp | Iterable[Stimulus | VoltageClamp] | None,
    initial: Initial,
) -> tuple[int, bool]:
    """Return the number of lanes, and whether one plain cell was asked for."""
    sizes = {f"parameters[{path!r}]": column.size for path, column in values.items()}
    several = isinstance(stimulus, list)
    if several:
        sizes["stimulus"] = len(stimulus)
    if isinstance(initial, State):
        sizes["initial"] = initial.lanes
    count = max(sizes.values(), default=1)
    for name, size in sizes.items():
        if size not in (1, count):
            raise InputError(
                f"{name} has {size} lanes where others have {count}; give one value or {count}"
            )
    return count, not values and not several and count == 1
