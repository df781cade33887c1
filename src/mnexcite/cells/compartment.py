"""A compartment: one voltage, its channels and pumps, ion pools and synapses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

from mnexcite.channels import Binding, Carrier, IonPool, Synapse
from mnexcite.channels.mapping import FrozenMapping
from mnexcite.channels.names import TAKEN, check_name
from mnexcite.errors import InputError, did_you_mean, mapping, number, parts, whole

#: Lowest and highest concentration [mM] on each side of the membrane.
CONCENTRATIONS = {"outside": (0.1, 1000.0), "inside": (1e-6, 1000.0)}

if TYPE_CHECKING:
    from mnexcite.cells.cell import Cell


@dataclass(frozen=True, init=False)
class Compartment:
    """Describe an isopotential piece of membrane.

    Parameters
    ----------
    name
        Name in paths; a cell of one compartment leaves it out of them.
    C
        Capacitance, in the cell's unit [uF/cm2 or nF].
    channels, pools, synapses
        What the membrane holds; pumps stand among the channels.
    v
        Voltage at the start [mV].
    initial
        Gates at the start by `channel.gate`; those left out start at their steady
        state at `v` and the pools' initial concentrations.

    Raises
    ------
    InputError
        If names clash, a gate reads a pool that is not there, or a number is not allowed.
    """

    name: str
    C: float
    channels: tuple[Carrier, ...]
    pools: tuple[IonPool, ...]
    initial: FrozenMapping[float]
    synapses: tuple[Synapse, ...]

    def __init__(
        self,
        name: str,
        C: float,
        channels: Carrier | Iterable[Carrier],
        pools: Iterable[IonPool] = (),
        v: float = -65.0,
        initial: Mapping[str, float] | None = None,
        synapses: Iterable[Synapse] = (),
    ) -> None:
        check_name("compartment", name)
        channels = parts(
            f"compartment {name}: channels",
            channels,
            get_args(Carrier),
            "Channels, GHKs and Pumps",
        )
        pools = parts(f"compartment {name}: pools", pools, IonPool, "IonPools")
        synapses = parts(f"compartment {name}: synapses", synapses, Synapse, "Synapses")
        C = number(f"compartment {name}: C", C, "above 0", above=0.0)
        names = [part.name for part in (*channels, *pools, *synapses)]
        if clash := [n for n in names if names.count(n) > 1 or n in TAKEN]:
            raise InputError(f"compartment {name}: the name {clash[0]!r} is taken; use another")
        known = [pool.name for pool in pools]
        for channel in channels:
            for gate in channel.gates:
                if gate.pool is not None and gate.pool not in known:
                    raise InputError(
                        f"gate {channel.name}.{gate.name} reads pool {gate.pool!r}, which "
                        f"compartment {name} lacks; give pools=[IonPool({gate.pool!r}, ...)]"
                    )
        allowed = "a mapping channel.gate -> value"
        given = dict(mapping("initial", {} if initial is None else initial, allowed))
        start = {"v": number(f"compartment {name}: v", given.pop("v", v))}
        for pool in pools:
            c = given.pop(pool.name, pool.initial)
            start[pool.name] = number(f"initial {pool.name}", c, "0 or more", lowest=0.0)
        for channel in channels:
            for gate in channel.gates:
                if gate.instantaneous:
                    continue
                key = f"{channel.name}.{gate.name}"
                x = start["v"] if gate.pool is None else start[gate.pool]
                opening = given.pop(key) if key in given else gate.steady_state(x)
                start[key] = number(
                    f"initial {key}", opening, "0 to 1", lowest=0.0, highest=1.0
                )
            for binding in channel.bindings:
                key = f"{channel.name}.{binding.name}"
                free = given.pop(key) if key in given else _free(channel, binding, start)
                start[key] = number(f"initial {key}", free, "0 to 1", lowest=0.0, highest=1.0)
        if given:
            wrong = next(iter(given))
            raise InputError(f"initial names {wrong!r}; {did_you_mean(wrong, start)}")
        for key, value in {
            "name": name,
            "C": C,
            "channels": channels,
            "pools": pools,
            "initial": FrozenMapping(start),
            "synapses": synapses,
        }.items():
            object.__setattr__(self, key, value)

    @property
    def states(self) -> tuple[str, ...]:
        """Names of what evolves: the voltage, each gate with a time constant, each pool."""
        return tuple(self.initial)


def _free(channel: Carrier, binding: Binding, start: Mapping[str, float]) -> float:
    """Return the share of channels that a binding leaves free where the cell starts."""
    f = 1.0
    for gate in channel.gates:
        x = start.get(f"{channel.name}.{gate.name}")  # none of an instantaneous gate
        if gate.name in binding.through:
            x = float(gate.steady_state(start["v"])) if x is None else x
            f *= x ** binding.through[gate.name]
    return binding.free(1.0 - f if binding.outside else f)


def tracking(compartment: Compartment, ion: Ion | None) -> tuple[IonPool, ...]:
    """Return the pools that move the reversal of one of the cell's ions."""
    return tuple(
        pool
        for pool in compartment.pools
        if ion is not None and pool.ion == ion.name
        if pool.reference is not None or getattr(ion, pool.side) is not None
    )


def reference_of(pool: IonPool, ion: Ion) -> float:
    """Return the concentration of a pool at which its ion's reversal is E."""
    return getattr(ion, f"{pool.side}_0") if pool.reference is None else pool.reference


@dataclass(frozen=True)
class Coupling:
    """Join two compartments by a conductance.

    Per area of its own membrane, `a` loses g_c / p (v_a - v_b) and `b` loses
    g_c / (1 - p) (v_b - v_a); `p` is the share of the membrane that belongs to `a`
    (Booth, Rinzel and Kiehn 1997, eqs 1-2). In an absolute cell (nF, uS, nA) p is None
    and both lose g_c times the difference.
    """

    a: str
    b: str
    g_c: float
    p: float | None = None
    name: str = "coupling"

    def __post_init__(self) -> None:
        check_name("coupling", self.name)
        g_c = number(f"{self.name}: g_c", self.g_c, "0 or more", lowest=0.0)
        object.__setattr__(self, "g_c", g_c)
        if self.p is not None:
            allowed = "above 0 and below 1"
            p = number(f"{self.name}: p", self.p, allowed, above=0.0, highest=1.0 - 2.0**-53)
            object.__setattr__(self, "p", p)


def concentration(name: str, value: object, side: str) -> float:
    """Return a concentration [mM] that a solution, or the inside of a cell, can have.

    The same limits on every road: `Ion`, paths, lanes, axes and conditions.
    """
    low, high = CONCENTRATIONS[side]
    allowed = f"{low:g} to {high:g}"
    return number(name, value, allowed, lowest=low, highest=high, unit="mM")


@dataclass(frozen=True)
class Ion:
    """Describe an ion whose concentrations move a reversal potential.

    Parameters
    ----------
    name
        Such as `K`; paths are `ions.E_K`, `ions.K_o`, `ions.K_i`.
    E
        Reversal potential [mV] at the reference concentrations.
    outside, inside
        Concentrations now [mM]; None where the cell has none.
    outside_0, inside_0
        Reference concentrations [mM]; left out, those given first.
    valence
        Charge number.
    """

    name: str
    E: float
    outside: float | None = None
    inside: float | None = None
    outside_0: float | None = None
    inside_0: float | None = None
    valence: int = 1

    def __post_init__(self) -> None:
        check_name("ion", self.name)
        E = number(f"ion {self.name}: E", self.E, "a finite number in mV")
        object.__setattr__(self, "E", E)
        said = f"ion {self.name}: valence"
        valence = whole(said, self.valence, "-2, -1, 1 and 2", lowest=-2, highest=2)
        if valence == 0:
            raise InputError(f"{said} is 0; allowed: -2, -1, 1 and 2")
        object.__setattr__(self, "valence", valence)
        for side in ("outside", "inside"):
            if getattr(self, side) is not None and getattr(self, f"{side}_0") is None:
                object.__setattr__(self, f"{side}_0", getattr(self, side))
            for key in (side, f"{side}_0"):
                if (value := getattr(self, key)) is not None:
                    value = concentration(f"ion {self.name}: {key}", value, side)
                    object.__setattr__(self, key, value)


def find_compartment(cell: Cell, name: str | None) -> Compartment:
    """Return the compartment of that name, the first one for None."""
    if name is None:
        return cell.compartments[0]
    for compartment in cell.compartments:
        if compartment.name == name:
            return compartment
    names = [compartment.name for compartment in cell.compartments]
    raise InputError(f"no compartment {name!r} in {cell.name}; {did_you_mean(name, names)}")
