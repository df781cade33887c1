"""Force of motor units with the numbers that describe it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mnexcite.channels.mapping import FrozenMapping
from mnexcite.disk import labelled
from mnexcite.errors import InputError, array, cf_attributes, checked, number
from mnexcite.errors.display import counted, statuses, table
from mnexcite.muscle._twitch_kernel import CYCLES
from mnexcite.muscle.calcium import CalciumHillUnit
from mnexcite.muscle.fusion import fusion_index
from mnexcite.muscle.trains import as_trains
from mnexcite.muscle.unit import MotorUnit
from mnexcite.spikes import SpikeTrains

if TYPE_CHECKING:
    import xarray

Array = NDArray[np.float64]

#: What became of a train, in the order of the flag written to files.
STATUSES = {
    "ok": "every number is defined",
    "no_spikes": (
        "no spike after discard, so no fusion index; give a longer run or a smaller discard"
    ),
    "too_few_spikes": (
        "one spike after discard: a single twitch has no cycle and so no fusion index; give a "
        "longer run or a smaller discard"
    ),
    "no_force": (
        "no cycle holds force, so there is no fusion index; check that spike times are in ms "
        "and the baseline is that of rest"
    ),
    "failed_run": (
        "the cell's run did not reach its end, so spikes are missing; see the run's own status"
    ),
}

#: Name, unit (None: that of the force) and meaning of each result, for files and axes.
VARIABLES = {
    "force": (None, "force"),
    "peak": (None, "largest force after discard; ripple may lie above fused force"),
    "mean": (None, "time mean of the force after discard"),
    "baseline": (None, "force at rest"),
    "fusion_index": ("1", f"fusion index, median over time of the last {CYCLES} cycles"),
    "spike_count": ("1", "spikes after discard"),
}
#: Unit and meaning of what else is known at each sample, for files and axes.
STATES = {
    "capacity": ("1", "share of its fused force that a unit that tires can do"),
    "calcium": ("M", "free calcium in the fibres"),
    "activation": ("1", "activation of the cross-bridges, squared"),
}


def _range(values: Array) -> str:
    """Return the least and the largest of some numbers, in words."""
    known = values[np.isfinite(values)]
    return f"{known.min():.3g} to {known.max():.3g}" if known.size else "none"


def _none() -> Mapping[str, Array]:
    return FrozenMapping[Array]()


@dataclass(frozen=True, eq=False)
class Force:
    """Hold the force of one motor unit.

    Attributes
    ----------
    t
        Sample times, shape (n,) [ms].
    force
        Force at `t`, shape (n,) [`force_unit`].
    force_unit
        "fraction of fused force", or the unit the motor unit was given in.
    unit
        The motor unit; None for a force that was measured.
    duration, discard
        `peak`, `mean` and `fusion_index` describe the time from `discard` to `duration`
        [ms].
    spike_count
        Number of spikes from `discard` on.
    peak
        Largest force, between samples too [`force_unit`]. Fused force is the mean of a fast
        regular train, so a peak may lie above it: by the ripple around that mean, and by up
        to about 10 % in irregular trains, in which spikes with a small gain before them are
        followed by ones with a large gain. No muscle does that; take the mean.
    mean
        Time mean of the force, its exact integral over the time [`force_unit`].
    baseline
        Force at rest [`force_unit`].
    fusion_index
        1 - (peak - trough) / (peak - baseline) [1], the median over the time of the last 20
        full cycles. A cycle runs from one spike to the next; its peak is the largest force
        in it, its trough the lowest force from that peak to the next spike, and it counts by
        its length, up to twice the median length. 0: each twitch relaxes completely; 1:
        fused. NaN where `status` says why.
    status
        A key of `mnexcite.muscle.STATUSES`.
    states
        What else is known at `t`, each of shape (n,): `capacity` of a unit that tires, 0 to 1;
        `calcium` [M] and `activation` of a unit by its calcium.

    References
    ----------
    Celichowski & Grottel 1995 (Arch Ital Biol), fusion index: lowest force before the last
    contraction over that contraction's peak. Regular trains have the same by both.
    """

    t: Array
    force: Array
    force_unit: str
    unit: MotorUnit | CalciumHillUnit | None
    duration: float
    discard: float
    spike_count: int
    peak: float
    mean: float
    baseline: float
    fusion_index: float
    status: str
    states: Mapping[str, Array] = field(default_factory=_none)

    def __repr__(self) -> str:
        unit = "measured" if self.unit is None else self.unit.name
        return (
            f"Force({unit}: peak {self.peak:.3g}, mean {self.mean:.3g} {self.force_unit}, "
            f"fusion index {self.fusion_index:.3g}, {counted(self.spike_count, 'spike')}, "
            f"{self.duration:g} ms; {self.status})"
        )

    def _repr_html_(self) -> str:
        rows = [
            ("motor unit", "measured" if self.unit is None else self.unit.name),
            ("peak", f"{self.peak:.3g} {self.force_unit}"),
            ("mean", f"{self.mean:.3g} {self.force_unit}"),
            ("fusion index", f"{self.fusion_index:.3g}"),
            ("spikes", self.spike_count),
            ("time", f"{self.discard:g} to {self.duration:g} ms"),
            ("status", self.status),
        ]
        return table("Force", rows)

    @property
    def message(self) -> str:
        """What `status` means, in a sentence."""
        return STATUSES[self.status]

    @property
    def twitch_tetanus_ratio(self) -> float:
        """Twitch force over fused force of the unit; see `twitch_tetanus_ratio`."""
        if self.unit is None:
            raise InputError(
                "this force was measured, so its motor unit is not known; divide a twitch's "
                "peak by a fused tetanus' peak"
            )
        from mnexcite.muscle.twitches import twitch_tetanus_ratio

        return twitch_tetanus_ratio(self.unit)

    def to_xarray(self) -> xarray.Dataset:
        """Return the force and its measures as an xarray.Dataset with dimension `time`."""
        return _dataset(self, () if self.unit is None else (self.unit,), ())


@dataclass(frozen=True, eq=False)
class Forces:
    """Hold the forces of several motor units, one lane for each.

    Attributes are those of `Force` with one value per lane: `force` has the shape
    (lanes, n), so have `states`, the measures and `status` the shape (lanes,). `names` are
    those of the spike trains, if they have any. `forces[i]` is the `Force` of lane i.
    """

    t: Array
    force: Array
    force_unit: str
    units: tuple[MotorUnit, ...] | tuple[CalciumHillUnit, ...]
    duration: float
    discard: float
    spike_count: NDArray[np.int64]
    peak: Array
    mean: Array
    baseline: Array
    fusion_index: Array
    status: tuple[str, ...]
    names: tuple[str, ...] | None = None
    states: Mapping[str, Array] = field(default_factory=_none)

    def __repr__(self) -> str:
        return (
            f"Forces({counted(len(self), 'unit')}: peaks {_range(self.peak)} "
            f"{self.force_unit}, {counted(int(self.spike_count.sum()), 'spike')}, "
            f"{self.duration:g} ms; {statuses(self.status)})"
        )

    def _repr_html_(self) -> str:
        rows = [
            ("units", len(self)),
            ("peaks", f"{_range(self.peak)} {self.force_unit}"),
            ("means", f"{_range(self.mean)} {self.force_unit}"),
            ("fusion indices", _range(self.fusion_index)),
            ("spikes", int(self.spike_count.sum())),
            ("time", f"{self.discard:g} to {self.duration:g} ms"),
            ("status", statuses(self.status)),
        ]
        return table("Forces", rows)

    def __len__(self) -> int:
        return len(self.units)

    def __iter__(self) -> Iterator[Force]:
        return (self[lane] for lane in range(len(self)))

    def __getitem__(self, lane: int) -> Force:
        if not -len(self) <= lane < len(self):
            raise IndexError(f"lane is {lane}; allowed: -{len(self)} to {len(self) - 1}")
        return Force(
            t=self.t,
            force=self.force[lane],
            force_unit=self.force_unit,
            unit=self.units[lane],
            duration=self.duration,
            discard=self.discard,
            spike_count=int(self.spike_count[lane]),
            peak=float(self.peak[lane]),
            mean=float(self.mean[lane]),
            baseline=float(self.baseline[lane]),
            fusion_index=float(self.fusion_index[lane]),
            status=self.status[lane],
            states=FrozenMapping({name: each[lane] for name, each in self.states.items()}),
        )

    @property
    def twitch_tetanus_ratio(self) -> Array:
        """Twitch force over fused force of each unit; see `twitch_tetanus_ratio`."""
        from mnexcite.muscle.twitches import twitch_tetanus_ratio

        found = {unit: twitch_tetanus_ratio(unit) for unit in set(self.units)}
        return np.array([found[unit] for unit in self.units])

    def to_xarray(self) -> xarray.Dataset:
        """Return the forces as an xarray.Dataset with dimensions `lane` and `time`."""
        return _dataset(self, self.units, ("lane",))


@checked
def analyse(
    t: ArrayLike,
    force: ArrayLike,
    spikes: object,
    *,
    baseline: float = 0.0,
    discard: float = 0.0,
    force_unit: str = "N",
) -> Force:
    """Measure a sampled force, such as one from a laboratory, as `contract` does its own.

    Parameters
    ----------
    t
        Sample times, rising, shape (n,), at least 2 [ms].
    force
        Force at `t`, shape (n,) [`force_unit`].
    spikes
        Spike or stimulus times of the one train [ms]; those after t[-1] are ignored.
    baseline
        Force at rest [`force_unit`].
    discard
        Time before which force and spikes are left out [ms].
    force_unit
        Unit of `force`.

    Returns
    -------
    Force
        With `peak` and the cycle's extrema as good as the sampling, and `mean` by the
        trapezoidal rule.

    Raises
    ------
    InputError
        If `t` does not rise, the shapes differ, a number is not finite or nothing is left
        after `discard`.

    Examples
    --------
    >>> t = np.arange(0.0, 400.0)
    >>> trace = 1 + 0.5 * np.cos(2 * np.pi * (t - 50) / 100)
    >>> measured = analyse(t, trace, [0, 100, 200, 300], discard=100)
    >>> round(measured.fusion_index, 2), round(measured.peak, 2)
    (0.33, 1.5)
    """
    times = array("t", t, "sample times in ms, 1-D", unit="ms")
    values = array("force", force, "force samples, 1-D; cut or fill gaps first")
    baseline = number("baseline", baseline)
    discard = number("discard", discard, "0 or more", lowest=0.0, unit="ms")
    if times.ndim != 1 or times.shape != values.shape or times.size < 2:
        raise InputError(
            f"t and force have shapes {times.shape} and {values.shape}; allowed: the same "
            "1-D shape with 2 samples or more"
        )
    if not (np.diff(times) > 0).all():
        raise InputError("t does not rise; allowed: rising sample times in ms")
    trains, _ = as_trains(spikes)
    if len(trains) != 1:
        raise InputError(f"spikes holds {len(trains)} trains; allowed: the one of this force")
    after = times >= discard
    if after.sum() < 2:
        raise InputError(
            f"discard is {discard:g} ms of {times[-1]:g} ms; allowed: to leave 2 samples"
        )
    counted = trains[0][(trains[0] >= discard) & (trains[0] <= times[-1])]
    index, status = np.nan, spike_status(counted.size)
    if status == "ok":
        index = _sampled_index(times, values, counted[-CYCLES - 1 :], baseline)
        status = "no_force" if np.isnan(index) else "ok"
    rest, level = times[after], values[after]
    return Force(
        t=times,
        force=values,
        force_unit=force_unit,
        unit=None,
        duration=float(times[-1]),
        discard=float(discard),
        spike_count=int(counted.size),
        peak=float(level.max()),
        mean=float(np.trapezoid(level, rest) / (rest[-1] - rest[0])),
        baseline=float(baseline),
        fusion_index=float(index),
        status=status,
    )


def measured(
    t: Array,
    force: Array,
    trains: SpikeTrains,
    units: tuple[MotorUnit, ...] | tuple[CalciumHillUnit, ...],
    *,
    discard: float,
    states: Mapping[str, Array],
    baselines: Sequence[float] | None = None,
) -> Forces:
    """Measure sampled forces of units, shape (lanes, n), as `analyse` does each."""
    if t.size < 2:
        raise InputError("duration holds one sample; allowed: every, or more")
    kind = units[0].force_unit
    rest = [0.0] * len(units) if baselines is None else baselines
    lanes = [
        analyse(t, each, train, baseline=base, discard=discard, force_unit=kind)
        for each, train, base in zip(force, trains, rest, strict=True)
    ]
    return Forces(
        t=t,
        force=force,
        force_unit=kind,
        units=units,
        duration=float(t[-1]),
        discard=discard,
        spike_count=np.array([lane.spike_count for lane in lanes]),
        peak=np.array([lane.peak for lane in lanes]),
        mean=np.array([lane.mean for lane in lanes]),
        baseline=np.array([lane.baseline for lane in lanes]),
        fusion_index=np.array([lane.fusion_index for lane in lanes]),
        status=tuple(lane.status for lane in lanes),
        states=FrozenMapping(states),
    )


def _sampled_index(t: Array, force: Array, spikes: Array, baseline: float) -> float:
    """Return the fusion index of the cycles between `spikes`, NaN where none holds force."""
    indices, lengths = [0.0], [0.0]
    for begin, end in pairwise(spikes):
        cycle = force[np.searchsorted(t, begin) : np.searchsorted(t, end, side="right")]
        if cycle.size and (peak := cycle.max()) > baseline:
            trough = cycle[cycle.argmax() :].min()
            indices.append(1.0 - (peak - trough) / (peak - baseline))
            lengths.append(end - begin)
    return float(fusion_index(np.array([indices]), np.array([lengths]))[0])


def spike_status(count: int) -> str:
    """Return the status of a train with `count` spikes."""
    return ("no_spikes", "too_few_spikes")[count] if count < 2 else "ok"


def _dataset(
    force: Force | Forces, units: Sequence[MotorUnit | CalciumHillUnit], lanes: tuple[str, ...]
) -> xarray.Dataset:
    import xarray

    variables: dict[str, Any] = {}
    for name, (unit, meaning) in VARIABLES.items():
        dims = (*lanes, "time") if name == "force" else lanes
        attributes = cf_attributes(unit or force.force_unit, meaning)
        variables[name] = (dims, np.asarray(getattr(force, name)), attributes)
    for name, values in force.states.items():
        unit, meaning = STATES[name]
        variables[name] = ((*lanes, "time"), values, cf_attributes(unit, meaning))
    names = list(STATUSES)
    codes = [names.index(status) for status in _as_tuple(force.status)]
    variables["status"] = (
        lanes,
        np.array(codes if lanes else codes[0], dtype=np.int8),
        {
            "long_name": "what became of the train",
            "flag_values": np.arange(len(names), dtype=np.int8),
            "flag_meanings": " ".join(names),
        },
    )
    coordinates: dict[str, Any] = {
        "time": ("time", force.t, {"units": "ms", "long_name": "time"})
    }
    if lanes:
        coordinates["lane"] = np.arange(len(units))
    if units:
        for name in units[0].parameters:
            coordinates[name] = _of_units(name, units, lanes)
        # text as objects: NumPy's fixed-length text has no Zarr 3 specification
        names = [unit.name for unit in units]
        coordinates["motor_unit"] = (lanes, np.array(names if lanes else names[0], object))
    if isinstance(force, Forces) and force.names is not None:
        coordinates["name"] = (
            lanes,
            np.array(force.names, dtype=object),
            {"long_name": "name of the spike train"},
        )
    attributes = {
        "duration": force.duration,
        "discard": force.discard,
        "software": f"mnexcite {version('mnexcite')}",
    }
    return labelled(xarray.Dataset(variables, coordinates, attributes), "force of motor units")


def _of_units(
    name: str, units: Sequence[MotorUnit | CalciumHillUnit], lanes: tuple[str, ...]
) -> tuple[tuple[str, ...], Array, dict[str, str]]:
    parameters = [unit.parameters[name] for unit in units]
    values = np.array([parameter.value for parameter in parameters])
    attributes = cf_attributes(parameters[0].unit, name.replace("_", " "))
    for key in ("source", "status"):
        given = dict.fromkeys(getattr(parameter, key) for parameter in parameters)
        attributes[key] = "; ".join(given)
    return lanes, values if lanes else values[0], attributes


def _as_tuple(status: str | tuple[str, ...]) -> tuple[str, ...]:
    return (status,) if isinstance(status, str) else status
