"""A cell: compartments, their couplings and ions, as one value that never changes."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from numpy.typing import NDArray

from mnexcite.cells import paths
from mnexcite.cells.checks import check
from mnexcite.cells.compartment import Compartment, Coupling, Ion, reference_of, tracking
from mnexcite.cells.parameter import Parameter
from mnexcite.cells.provenance import NEUTRAL, noted
from mnexcite.cells.values import with_values
from mnexcite.cells.warmth import KELVIN, SOURCE, celsius, warmed
from mnexcite.channels import Binding, Carrier, Channel, Gate, IonPool, Synapse
from mnexcite.channels.mapping import FrozenMapping
from mnexcite.errors import (
    InputError,
    choice,
    display,
    instance,
    mapping,
    number,
    parts,
    shown,
    text,
)

if TYPE_CHECKING:
    from mnexcite.cells.paths import Path

Array = NDArray[np.float64]

#: Units of a cell's conductances, currents and capacitance.
MEMBRANES = {
    "density": {"g": "mS/cm2", "i": "uA/cm2", "C": "uF/cm2", "P": "cm/s"},
    "absolute": {"g": "uS", "i": "nA", "C": "nF", "P": "cm3/s"},
}
GAS_OVER_FARADAY = 8.314462618 / 96485.33212 * 1e3  # mV/K, CODATA 2018
_BODY: dict[str, Any] = {
    "allowed": "-10 to 60",
    "lowest": -10.0,
    "highest": 60.0,
    "unit": "degC",
}
_LIMITS: dict[str, dict[str, Any]] = {
    "temperature": _BODY,
    "temperature_0": _BODY,
    "rt_f": {"allowed": "above 0", "above": 0.0, "unit": "mV"},
    "area": {"allowed": "above 0", "above": 0.0, "unit": "cm2"},
    "spike_threshold": {"unit": "mV"},
    "dt": {"allowed": "above 0 and at most 1", "above": 0.0, "highest": 1.0, "unit": "ms"},
}


@dataclass(frozen=True, init=False)
class Cell:
    """Describe a whole cell.

    Parameters
    ----------
    name
        Name in tables and files.
    compartments
        One or more; the first is stimulated and recorded unless another is named.
    couplings
        Conductances between compartments, which must form a tree.
    ions
        Ions with reversal potentials that follow concentrations.
    temperature
        [degC] at which kinetics and reversals are stated, and of RT/F. Changed afterwards,
        it warms them all (see `replaced`).
    rt_f
        RT/F [mV] at `temperature` where the paper states its own.
    membrane
        `density` (uF/cm2, mS/cm2, uA/cm2) or `absolute` (nF, uS, nA).
    area
        Membrane area [cm2] where a source states one; needed to convert nA.
    spike_threshold
        Voltage [mV] whose upward crossing is a spike.
    dt
        Default step of the fixed-step methods [ms].
    groups
        Names for several channels, such as `K` for all voltage-gated K channels.
    source, status
        Of every number that `provenance` does not name.
    provenance
        Path -> (source, status).

    Raises
    ------
    InputError
        If names clash or the couplings do not form a tree.
    """

    name: str
    compartments: tuple[Compartment, ...]
    couplings: tuple[Coupling, ...]
    ions: tuple[Ion, ...]
    temperature: float
    rt_f: float | None
    temperature_0: float
    membrane: str
    area: float | None
    spike_threshold: float
    dt: float
    groups: FrozenMapping[tuple[str, ...]]
    source: str
    status: str
    provenance: FrozenMapping[tuple[str, str]]

    def __init__(
        self,
        name: str,
        compartments: Compartment | Iterable[Compartment],
        couplings: Iterable[Coupling] = (),
        ions: Iterable[Ion] = (),
        temperature: float = 37.0,
        rt_f: float | None = None,
        temperature_0: float | None = None,
        membrane: str = "density",
        area: float | None = None,
        spike_threshold: float = 0.0,
        dt: float = 0.025,
        groups: Mapping[str, tuple[str, ...]] | None = None,
        source: str = "given by the user",
        status: str = "unverified",
        provenance: Mapping[str, tuple[str, str]] | None = None,
    ) -> None:
        name = text("cell name", name, "a text of one line")
        compartments = parts(
            f"cell {name}: compartments", compartments, Compartment, "Compartments"
        )
        couplings = parts(f"cell {name}: couplings", couplings, Coupling, "Couplings")
        ions = parts(f"cell {name}: ions", ions, Ion, "Ions")
        membrane = choice(f"cell {name}: membrane", membrane, MEMBRANES)
        groups = mapping(f"cell {name}: groups", groups or {}, "group -> list of channels")
        numbers = {
            "temperature": temperature,
            "rt_f": rt_f,
            "temperature_0": temperature if temperature_0 is None else temperature_0,
            "area": area,
            "spike_threshold": spike_threshold,
            "dt": dt,
        }
        for key, value in numbers.items():
            if value is not None or key not in ("rt_f", "area"):
                numbers[key] = number(f"cell {name}: {key}", value, **_LIMITS[key])
        for key, value in {
            "name": name,
            "compartments": compartments,
            "couplings": couplings,
            "ions": ions,
            **numbers,
            "membrane": membrane,
            "groups": FrozenMapping(
                {key: _members(name, key, group) for key, group in groups.items()}
            ),
            "source": source,
            "status": status,
            "provenance": FrozenMapping(provenance),
        }.items():
            object.__setattr__(self, key, value)
        check(self)

    @cached_property
    def scalars(self) -> FrozenMapping[tuple[float, str]]:
        """Value and unit of every number by its path; `parameters` adds the sources."""
        return FrozenMapping(paths.list_scalars(self))

    def __getstate__(self) -> dict[str, Any]:
        # what is kept for speed does not travel
        return {key: value for key, value in self.__dict__.items() if key != "scalars"}

    @property
    def parameters(self) -> Mapping[str, Parameter]:
        """Every number of the cell by its path, with unit, source and status."""
        listed = {}
        follows = {
            paths.join(self, compartment, channel.name, "E"): f"ions.E_{channel.ion}"
            for compartment in self.compartments
            for channel in compartment.channels
            if isinstance(channel, Channel) and channel.E is None
        }
        for path, (value, unit) in paths.scalars(self).items():
            default = (
                NEUTRAL if path.endswith((".shift", ".rate")) else self.source,
                self.status,
            )
            listed[path] = Parameter(
                value, unit, *self.provenance.get(follows.get(path, path), default)
            )
        return FrozenMapping(listed)

    def __repr__(self) -> str:
        return f"Cell({self.name}: {self._parts}; {self._told(most=1)})"

    def _repr_html_(self) -> str:
        rows = [
            ("name", self.name),
            ("made of", self._parts),
            ("numbers", self._told(most=12)),
            ("source", self.source),
        ]
        listed = [
            (path, f"{p.value:.6g}", p.unit, p.status, p.source)
            for path, p in self.parameters.items()
        ]
        heads = ("path", "value", "unit", "status", "source")
        title = f"{len(listed)} numbers"
        return display.table("Cell", rows) + display.columns(title, heads, listed)

    @property
    def _parts(self) -> str:
        channels = sum(len(c.channels) for c in self.compartments)
        parts = {"compartment": len(self.compartments), "channel": channels}
        listed = (parts | {"state": len(self.initial)}).items()
        return ", ".join(display.counted(number, name) for name, number in listed)

    def _told(self, most: int) -> str:
        """Say what differs from the published cell of this name, up to so many numbers."""
        from mnexcite.cells.catalogue import CATALOGUE
        from mnexcite.cells.changes import changes

        if self.name not in CATALOGUE:
            return f"own, {display.counted(len(self.scalars), 'number')}"
        told = changes(self)
        if not told:
            return "as published"
        if len(told) > most:
            return f"{display.counted(len(told), 'number')} changed"
        return ", ".join(f"{path} {change}" for path, change in told.items())

    @property
    def units(self) -> Mapping[str, str]:
        """Units of this cell's conductances `g`, currents `i`, `C` and permeabilities `P`."""
        return MEMBRANES[self.membrane]

    @property
    def initial(self) -> Mapping[str, float]:
        """The published state by path: voltages, gates and concentrations."""
        return FrozenMapping(
            {
                paths.join(self, compartment, key): value
                for compartment in self.compartments
                for key, value in compartment.initial.items()
            }
        )

    @overload
    def nernst_slope(self, temperature: float | None = None) -> float: ...
    @overload
    def nernst_slope(self, temperature: float | Array) -> float | Array: ...
    def nernst_slope(self, temperature: float | Array | None = None) -> float | Array:
        """Return RT/F [mV] at the cell's temperature, or at another [degC]."""
        kelvin = KELVIN + (self.temperature if temperature is None else temperature)
        if self.rt_f is None:
            return GAS_OVER_FARADAY * kelvin
        return self.rt_f * kelvin / (KELVIN + self.temperature_0)

    def reversal(self, channel: str) -> float:
        """Return the reversal potential [mV] of a channel at the cell's concentrations.

        Where a pool stands for one, that with which it begins.
        """
        found = paths.resolve(self, f"{text('channel', channel, 'its name')}.E")
        if len(found) != 1:
            raise InputError(f"{channel} has several reversals: {', '.join(found)}; name one")
        (path,) = found
        value = paths.scalars(self)[path][0]
        compartment, part = paths.find_part(self, path)
        ion = next((i for i in self.ions if i.name == getattr(part, "ion", None)), None)
        if ion is None:
            return value
        pools = tracking(compartment, ion)
        value += self.nernst_shift(replace(ion, **dict.fromkeys(pool.side for pool in pools)))
        for pool in pools:
            octaves = math.log(compartment.initial[pool.name] / reference_of(pool, ion))
            slope = self.nernst_slope() / ion.valence
            value += octaves * (slope if pool.outside else -slope)
        return value

    def nernst_shift(self, ion: Ion) -> float:
        """Return how far [mV] the ion's concentrations move its reversal potential."""
        shift = 0.0
        if ion.outside is not None and ion.outside_0 is not None:
            shift += math.log(ion.outside / ion.outside_0)
        if ion.inside is not None and ion.inside_0 is not None:
            shift -= math.log(ion.inside / ion.inside_0)
        return shift * self.nernst_slope() / ion.valence

    def replaced(self, values: Mapping[Path, float]) -> Cell:
        """Return a new cell in which the numbers at `values`' paths are replaced.

        A `temperature` [degC] is set after all others and warms the cell as
        `mnexcite.conditions.temperature` does: rates of gates by a Q10 of 3, the sodium and
        potassium reversals by the absolute temperature, and RT/F.

        `spike_threshold` counts among them here, though it is no number of the membrane: at
        which voltage [mV] an upward crossing is a spike, in every run of the new cell.

        Raises
        ------
        InputError
            If a path is unknown or a value is not allowed.

        Examples
        --------
        >>> from mnexcite import cells
        >>> cells.purvis_butera_2005().replaced({"NaP.g": 0.1}).parameters["NaP.g"].value
        0.1
        """
        cell = self
        if isinstance(values, Mapping) and "spike_threshold" in values:
            values = dict(values)
            cell = replace(self, spike_threshold=values.pop("spike_threshold"))
        return cell._changed(values, lambda old, given: given, "replaced")

    def scaled(self, factors: Mapping[Path, float]) -> Cell:
        """Return a new cell in which the numbers at `factors`' paths are multiplied.

        Raises
        ------
        InputError
            If a path is unknown or a product is not allowed.
        """
        return self._changed(factors, lambda old, given: old * given, "scaled")

    def under(self, *conditions: Callable[[Cell], Cell]) -> Cell:
        """Return the cell under `conditions`, applied from left to right."""
        cell = self
        for condition in conditions:
            changed = condition(cell) if callable(condition) else None
            if not isinstance(changed, Cell):
                raise InputError(
                    f"condition {shown(condition)} gives no cell; allowed: functions "
                    "Cell -> Cell, such as mnexcite.conditions.als_early()"
                )
            cell = changed
        return cell

    def with_channel(
        self,
        channel: Carrier,
        *,
        compartment: str | None = None,
        groups: Iterable[str] | None = None,
        replace: bool = False,
        source: str | Mapping[str, str] = "given by the user",
        status: str | Mapping[str, str] = "unverified",
    ) -> Cell:
        """Return a new cell that has one more channel, or another in the place of one.

        Its gates start at their steady state at the published voltage.

        Parameters
        ----------
        channel
            The channel, or pump.
        compartment
            Where it goes; the first compartment by default.
        groups
            Groups that it joins, new ones or those of the cell. Left out, a voltage-gated
            channel joins the group of its ion: after `ion="K"`, `K.g` means it too.
        replace
            Whether it takes the place of the channel of its name, which must be there.
        source, status
            Of all its numbers, or by name: `{"g": "Gutman 2005", "m.half": "own fit"}`.

        Raises
        ------
        InputError
            If there is no such compartment, it cannot hold the channel, or `source` names
            a number that the channel lacks.

        Examples
        --------
        >>> from mnexcite import cells, channels
        >>> m = channels.Gate(
        ...     "m", inf=channels.kinetics.boltzmann, tau=30.0, half=-35.0, slope=5.0
        ... )
        >>> kcnq = channels.Channel("KCNQ", g=0.02, ion="K", gates=m)
        >>> more = cells.purvis_butera_2005().with_channel(kcnq)
        >>> more.groups["K"]
        ('Kdr', 'A', 'KCNQ')
        >>> more.scaled({"K.g": 2.0}).parameters["KCNQ.g"].value
        0.04
        """
        from mnexcite.cells.adding import with_channel

        return with_channel(self, channel, compartment, groups, replace, source, status)

    def with_gate(
        self,
        channel: str,
        gate: Gate,
        *,
        source: str | Mapping[str, str] = "given by the user",
        status: str | Mapping[str, str] = "unverified",
    ) -> Cell:
        """Return a new cell in which a channel has one more gate, or another of that name.

        The gate starts at its steady state at the published voltage.

        Parameters
        ----------
        channel
            Path of the channel, such as `NaP`, or `soma.CaN` in a cell of several compartments.
        gate
            The gate.
        source, status
            As `with_channel` takes them.

        Raises
        ------
        InputError
            If there is no such channel, or it cannot hold the gate.

        Examples
        --------
        >>> from mnexcite import cells, channels
        >>> s = channels.Gate(
        ...     "s", inf=channels.kinetics.boltzmann, tau=900.0, half=-60.0, slope=-5.0
        ... )
        >>> cells.hodgkin_huxley_1952().with_gate("Na", s).parameters["Na.s.half"].value
        -60.0
        """
        from mnexcite.cells.adding import with_gate

        gate = instance("gate", gate, Gate, "a mnexcite.channels.Gate")
        return with_gate(self, channel, gate, source, status)

    def with_binding(
        self,
        channel: str,
        binding: Binding,
        *,
        source: str | Mapping[str, str] = "given by the user",
        status: str | Mapping[str, str] = "unverified",
    ) -> Cell:
        """Return a new cell in which a substance binds to a channel, or binds otherwise.

        Parameters
        ----------
        channel
            Path of the channel, such as `NaP`, or `soma.CaN` in a cell of several compartments.
        binding
            The binding; it takes the place of one of its name.
        source, status
            As `with_channel` takes them.

        Raises
        ------
        InputError
            If there is no such channel, or it lacks a gate that the binding goes through.

        Examples
        --------
        >>> from mnexcite import cells, channels
        >>> drug = channels.Binding("drug", on=0.01, off=0.05, through={"m": 3, "h": 1})
        >>> cell = cells.hodgkin_huxley_1952().with_binding("Na", drug)
        >>> cell.replaced({"Na.drug.c": 20.0}).parameters["Na.drug.c"].unit
        'uM'
        """
        from mnexcite.cells.adding import with_gate

        return with_gate(self, channel, binding, source, status)

    def with_synapse(
        self,
        synapse: Synapse,
        *,
        compartment: str | None = None,
        source: str | Mapping[str, str] = "given by the user",
        status: str | Mapping[str, str] = "unverified",
    ) -> Cell:
        """Return a new cell that has one more synapse, which `stimuli.events` open.

        Parameters
        ----------
        synapse
            The synapse.
        compartment, source, status
            As `with_channel` takes them.

        Raises
        ------
        InputError
            If there is no such compartment, its name is taken, or `source` names a number
            that the synapse lacks.

        Examples
        --------
        >>> from mnexcite import cells, channels
        >>> gaba = channels.Synapse("GABA", g=0.02, E=-75.0, decay=10.0, rise=1.0)
        >>> cell = cells.purvis_butera_2005().with_synapse(gaba)
        >>> cell.scaled({"GABA.g": 2.0}).parameters["GABA.g"].value
        0.04
        """
        from mnexcite.cells.adding import with_synapse

        return with_synapse(self, synapse, compartment, source, status)

    def with_pool(
        self,
        pool: IonPool,
        *,
        compartment: str | None = None,
        source: str | Mapping[str, str] = "given by the user",
        status: str | Mapping[str, str] = "unverified",
    ) -> Cell:
        """Return a new cell that has one more ion pool, or another of that name.

        Parameters
        ----------
        pool
            The pool.
        compartment, source, status
            As `with_channel` takes them.

        Raises
        ------
        InputError
            If there is no such compartment, its name is taken, or the cell has no ion whose
            reversal it could move.

        Examples
        --------
        >>> from mnexcite import cells, channels
        >>> space = channels.IonPool(
        ...     "K_o", alpha=1e-4, tau=5e3, rest=None, initial=4.0, ion="K", side="outside"
        ... )
        >>> cell = cells.purvis_butera_2005().with_pool(space)
        >>> cell.initial["K_o"], cell.parameters["K_o.tau"].value
        (4.0, 5000.0)
        """
        from mnexcite.cells.adding import with_pool

        return with_pool(self, pool, compartment, source, status)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the cell to a JSON file that `mnexcite.cells.load` reads."""
        from mnexcite.cells import files

        files.save(self, path)

    def _changed(
        self, given: Mapping[Path, float], change: Callable[[float, float], float], word: str
    ) -> Cell:
        if not isinstance(given, Mapping):
            raise InputError(
                f"{word}: given {shown(given)}; allowed: a mapping path -> number, such as "
                "{'NaP.g': 2}"
            )
        known, new, to = self.scalars, {}, None
        provenance = dict(self.provenance)
        for key, amount in given.items():
            amount = paths.finite(self, key, amount)
            if word == "replaced":
                paths.check_one_value(self, key)
            for path in paths.resolve(self, key):
                old = new.get(path, known[path][0])
                value = change(old, amount)
                if value == old:
                    continue
                if path == "temperature":
                    to = value
                    continue
                new[path] = value
                before = self.provenance.get(path, (self.source, self.status))[0]
                provenance[path] = (f"{word} by the user from {old:g} ({before})", "unverified")
        cell = with_values(self, new, provenance=FrozenMapping(provenance))
        if to is None:
            return cell
        to = celsius("temperature", to)
        return noted(cell, warmed(cell, to), f"temperature({to:g})", SOURCE, "unverified")


def _members(cell: str, group: str, members: Iterable[str]) -> tuple[str, ...]:
    if isinstance(members, str):
        raise InputError(
            f"cell {cell}: group {group} is {members!r}; allowed: a list of channel names"
        )
    return parts(f"cell {cell}: group {group}", members, str, "a list of channel names")
