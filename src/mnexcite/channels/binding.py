"""A binding: a substance that takes channels out of play, at rates that their gates decide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mnexcite.channels.mapping import FrozenMapping
from mnexcite.channels.names import check_name
from mnexcite.errors import InputError, flag, mapping, number, text, whole


@dataclass(frozen=True, init=False)
class Binding:
    """Describe the share x of a channel that a substance leaves free, a factor of its current.

    x' = off (1 - x) - on c f x, with f the product of the gates in `through` to their powers,
    or 1 less that. So a drug that binds open channels alone (a guarded receptor) has the
    channel's own gates there, one that binds those that are inactivated has `outside=True`
    and the gate of inactivation; several bindings of one channel make a modulated receptor.
    Where f is 1, x relaxes at on c + off towards Kd / (Kd + c), Kd = off / on.

    Parameters
    ----------
    name
        Name in paths, such as `mexiletine`.
    on, off
        Rates [1/(`unit` ms)] and [1/ms].
    c
        Free concentration [`unit`]; 0 leaves the channel as it is.
    through
        Gate of the channel -> power; none for a site that is always open.
    outside
        Whether it binds where these gates are not.
    unit
        Of the concentration.

    Raises
    ------
    InputError
        If a number is not allowed.

    References
    ----------
    Starmer, Grant and Strauss 1984 (Biophys J 46:15-27), guarded receptors; Hille 1977 (J Gen
    Physiol 69:497-515), modulated ones.

    Examples
    --------
    >>> drug = Binding("drug", on=0.0104, off=0.0544, c=8.0, through={"m": 3, "h": 1})
    >>> round(drug.free(1.0), 3), drug.free(0.0)
    (0.395, 1.0)
    """

    name: str
    on: float
    off: float
    c: float
    through: FrozenMapping[int]
    outside: bool
    unit: str

    def __init__(
        self,
        name: str,
        on: float,
        off: float,
        c: float = 0.0,
        through: Mapping[str, int] | None = None,
        outside: bool = False,
        unit: str = "uM",
    ) -> None:
        check_name("binding", name)
        said = f"binding {name}"
        given = {} if through is None else through
        gates = mapping(f"{said}: through", given, "gate -> power")
        for key, value in {
            "name": name,
            "on": number(f"{said}: on", on, "0 or more", lowest=0.0),
            "off": number(f"{said}: off", off, "above 0", above=0.0),
            "c": number(f"{said}: c", c, "0 or more", lowest=0.0),
            "through": FrozenMapping(
                {
                    text(f"{said}: gate", gate): whole(f"{said}: power of {gate}", power)
                    for gate, power in gates.items()
                }
            ),
            "outside": flag(f"{said}: outside", outside),
            "unit": text(f"{said}: unit", unit, "the unit of the concentration"),
        }.items():
            object.__setattr__(self, key, value)
        if self.outside and not self.through:
            raise InputError(f"{said}: it binds outside no gate; give through={{gate: power}}")

    def free(self, f: float) -> float:
        """Return the share of free channels that it settles at, where `f` binds."""
        return self.off / (self.off + self.on * self.c * f)

    @property
    def scalars(self) -> dict[str, tuple[float, str]]:
        """Every number with its unit by its name in a path."""
        return {
            "on": (self.on, f"1/({self.unit} ms)"),
            "off": (self.off, "1/ms"),
            "c": (self.c, self.unit),
        }
