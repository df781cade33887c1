"""A channel by its permeability: the Goldman-Hodgkin-Katz current, of ions far from balance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mnexcite.channels.binding import Binding
from mnexcite.channels.channel import allowed_parts
from mnexcite.channels.gate import Gate
from mnexcite.channels.names import check_name
from mnexcite.errors import number, text


@dataclass(frozen=True, init=False)
class GHK:
    """Describe the current P x product(gate^power) x z F u (c_i - c_o e^-u) / (1 - e^-u).

    u = z F v / (R T), outward positive. Calcium inside is ten thousand times less than
    outside, so that its current is no straight line of the voltage and a conductance with a
    reversal potential describes it over a few mV only.

    Parameters
    ----------
    name
        Name in paths, such as `CaL`.
    P
        Permeability [cm/s]; of an absolute cell that times its area [cm3/s].
    ion
        What it carries. The cell's `Ion` states concentrations inside and outside [mM], or
        pools do.
    gates
        The channel's gates.
    bindings
        Substances that take some of the channels out of play.

    Raises
    ------
    InputError
        If a number is not allowed.

    References
    ----------
    Hodgkin and Katz 1949 (J Physiol 108:37-77), appendix.

    Examples
    --------
    >>> from mnexcite.channels import kinetics
    >>> m = Gate("m", power=2, inf=kinetics.boltzmann, tau=1.0, half=-20.0, slope=6.0)
    >>> channel = GHK("CaL", P=1e-5, ion="Ca", gates=m)
    >>> channel.name, dict(channel.carries)
    ('CaL', {'Ca': 1.0})
    """

    name: str
    P: float
    ion: str
    gates: tuple[Gate, ...]
    bindings: tuple[Binding, ...]

    def __init__(
        self,
        name: str,
        P: float,
        ion: str,
        gates: Gate | Iterable[Gate] = (),
        bindings: Binding | Iterable[Binding] = (),
    ) -> None:
        check_name("channel", name)
        said = f"channel {name}"
        gates, bindings = allowed_parts(said, gates, bindings, ("P", "i"))
        for key, value in {
            "name": name,
            "P": number(f"{said}: P", P, "0 or more", lowest=0.0),
            "ion": text(f"{said}: ion", ion, "a name"),
            "gates": gates,
            "bindings": bindings,
        }.items():
            object.__setattr__(self, key, value)

    @property
    def carries(self) -> Mapping[str, float]:
        """Ion -> the share of the current that it carries."""
        return {self.ion: 1.0}
