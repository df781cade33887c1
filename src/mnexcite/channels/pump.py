"""A pump: a current that concentrations drive, and that moves ions against their gradients."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from mnexcite.channels import kinetics
from mnexcite.channels.binding import Binding
from mnexcite.channels.channel import allowed_parts
from mnexcite.channels.gate import Gate
from mnexcite.channels.mapping import FrozenMapping
from mnexcite.channels.names import check_name
from mnexcite.errors import InputError, mapping, number, text


@dataclass(frozen=True, init=False)
class Pump:
    """Describe the current i_max x product(gate^power), outward positive.

    Parameters
    ----------
    name
        Name in paths, such as `NaK`.
    i_max
        Current at saturation, in the cell's unit [uA/cm2 or nA].
    gates
        What it depends on, above all concentrations.
    carries
        Ion -> charges that leave the cell for each net charge; they add up to 1, such as
        {"Na": 3, "K": -2}.

    Raises
    ------
    InputError
        If a number is not allowed.

    Examples
    --------
    >>> pump = Pump.sodium_potassium(2.0, Na_half=10.0, K_half=1.5)
    >>> pump.name, dict(pump.carries), [gate.power for gate in pump.gates]
    ('NaK', {'Na': 3.0, 'K': -2.0}, [3, 2])
    """

    name: str
    i_max: float
    gates: tuple[Gate, ...]
    carries: FrozenMapping[float]
    #: What a channel has and a pump does not.
    bindings: ClassVar[tuple[Binding, ...]] = ()
    ion: ClassVar[None] = None

    def __init__(
        self,
        name: str,
        i_max: float,
        gates: Gate | Iterable[Gate],
        carries: Mapping[str, float],
    ) -> None:
        check_name("pump", name)
        said = f"pump {name}"
        gates, _ = allowed_parts(said, gates, (), ("i_max", "i"))
        given = mapping(f"{said}: carries", carries, "ion -> charges")
        carried = {
            text(f"{said}: ion", ion, "a name"): number(f"{said}: charges of {ion}", charges)
            for ion, charges in given.items()
        }
        if abs(sum(carried.values()) - 1.0) > 1e-12:
            raise InputError(
                f"{said}: it carries {dict(carried)}; allowed: charges that add up to 1, such "
                "as {'Na': 3, 'K': -2}"
            )
        for key, value in {
            "name": name,
            "i_max": number(f"{said}: i_max", i_max, "0 or more", lowest=0.0),
            "gates": gates,
            "carries": FrozenMapping(carried),
        }.items():
            object.__setattr__(self, key, value)

    @classmethod
    def sodium_potassium(
        cls,
        i_max: float,
        Na_half: float,
        K_half: float | None = None,
        *,
        name: str = "NaK",
        Na: str = "Na_i",
        K: str = "K_o",
    ) -> Pump:
        """Return the pump of three sodium out and two potassium in.

        i_max / ((1 + Na_half / Na_i)^3 (1 + K_half / K_o)^2).

        Parameters
        ----------
        i_max
            Net current at saturation, in the cell's unit.
        Na_half, K_half
            Half-saturating concentrations of each site [mM]; without `K_half` it does not
            depend on potassium.
        name
            Of the pump.
        Na, K
            Pools of sodium inside and potassium outside.

        References
        ----------
        Kager, Wadman and Somjen 2000 (J Neurophysiol 84:495-512), the pump current.
        """
        Na_half = number("Na_half", Na_half, "above 0", above=0.0, unit="mM")
        if K_half is not None:
            K_half = number("K_half", K_half, "above 0", above=0.0, unit="mM")
        gates = [Gate("Na", power=3, inf=kinetics.hill, half=Na_half, order=1.0, pool=Na)]
        if K_half is not None:
            gates.append(Gate("K", power=2, inf=kinetics.hill, half=K_half, order=1.0, pool=K))
        return cls(name, i_max, gates, {"Na": 3.0, "K": -2.0})
