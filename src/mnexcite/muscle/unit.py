"""A motor unit: one motor neuron's muscle fibres, by their twitch."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from mnexcite.cells.parameter import Parameter
from mnexcite.channels.mapping import FrozenMapping
from mnexcite.errors import InputError, number, text
from mnexcite.muscle._twitch_kernel import KNEE_SLOPE

#: How many twitches strong fused tetanus is in the twitch form: e / ((1-exp(-2 0.4^3))/0.4).
FUSED_TWITCHES = math.e / KNEE_SLOPE
FRACTION = "fraction of fused force"
SHORTEST, LONGEST = 1e-3, 1e6
#: Of the contraction time, by 10 degC less.
CONTRACTION_Q10 = 1.43
WARMTH = f"by a Q10 of {CONTRACTION_Q10:g} (Ranatunga 1987)"

_UNITS = {"contraction_time": "ms"}


@dataclass(frozen=True)
class MotorUnit:
    """Describe a motor unit by the twitch that one spike of its motor neuron gives.

    Parameters
    ----------
    name
        What to call it in tables and figures.
    contraction_time
        Time T from the start of a twitch to its peak [ms].
    twitch_force
        Peak force P of one twitch [`force_unit`]; left out, such that fused force is 1.
    force_unit
        Unit of `twitch_force` and of every force computed with it.
    origins
        Where numbers come from, by field name; a number without an origin, or that is no
        longer the origin's, is listed in `parameters` as given by the user.

    Raises
    ------
    InputError
        If a number is not finite, not positive, or T is not from 0.001 to 1e6 ms.

    Examples
    --------
    >>> unit = MotorUnit("soleus", contraction_time=111.0)
    >>> round(unit.fused_force, 12), round(unit.twitch_tetanus_ratio, 4)
    (1.0, 0.1105)
    >>> unit.with_fused_force(0.2, "N").force_unit
    'N'
    """

    name: str
    contraction_time: float
    twitch_force: float = 1.0 / FUSED_TWITCHES
    force_unit: str = FRACTION
    origins: Mapping[str, Parameter] = field(
        default_factory=lambda: FrozenMapping[Parameter](), repr=False, compare=False
    )

    def __post_init__(self) -> None:
        text("motor unit: name", self.name)
        text("motor unit: force_unit", self.force_unit)
        for key in ("contraction_time", "twitch_force"):
            unit = _UNITS.get(key, self.force_unit)
            given = _number(self.name, key, getattr(self, key), unit)
            object.__setattr__(self, key, given)
        if not SHORTEST <= self.contraction_time <= LONGEST:
            raise InputError(
                f"motor unit {self.name}: contraction_time is {self.contraction_time:g} ms; "
                f"allowed: {SHORTEST:g} to {LONGEST:g} ms"
            )
        if not self.twitch_force > 0:
            raise InputError(
                f"motor unit {self.name}: twitch_force is {self.twitch_force:g}; "
                "allowed: more than 0"
            )
        object.__setattr__(self, "origins", FrozenMapping(self.origins))

    @property
    def fused_force(self) -> float:
        """Force of fused tetanus [`force_unit`]."""
        return self.twitch_force * FUSED_TWITCHES

    @property
    def twitch_tetanus_ratio(self) -> float:
        """Twitch force over fused force: 0.1105 for every unit of this kind."""
        return 1.0 / FUSED_TWITCHES

    @property
    def parameters(self) -> FrozenMapping[Parameter]:
        """Every number with its unit, source and status, by field name."""
        return FrozenMapping(
            {
                key: self._parameter(key, _UNITS.get(key, self.force_unit))
                for key in ("contraction_time", "twitch_force")
            }
        )

    def with_fused_force(self, force: float, force_unit: str) -> MotorUnit:
        """Return the unit scaled so that its fused force is `force` [`force_unit`]."""
        force = _number(self.name, "fused force", force)
        return dataclasses.replace(
            self, twitch_force=force / FUSED_TWITCHES, force_unit=force_unit
        )

    def warmed(self, celsius: float, at: float = 37.0) -> MotorUnit:
        """Return the unit at another temperature [degC]: twitches are faster when warm.

        The contraction time falls by 1.43 per 10 degC (first dorsal interosseous of people,
        25 to 35 degC: Ranatunga 1987). Relaxation, whose own Q10 is 1.7, goes with it,
        since this twitch has one time; its force stays, though it falls below 25 degC.

        Parameters
        ----------
        celsius, at
            The temperature, and that of the unit as it is, 10 to 45 [degC].

        Raises
        ------
        InputError
            If a temperature is not allowed.

        Examples
        --------
        >>> MotorUnit("soleus", contraction_time=100.0).warmed(27.0).contraction_time
        143.0
        """
        to, own = (
            number(
                f"motor unit: {name}", each, "10 to 45", lowest=10.0, highest=45.0, unit="degC"
            )
            for name, each in (("temperature", celsius), ("its own temperature", at))
        )
        time = self.contraction_time * CONTRACTION_Q10 ** ((own - to) / 10.0)
        told = f"{self.parameters['contraction_time'].source}; {WARMTH}"
        origin = Parameter(time, _UNITS["contraction_time"], told, "derived")
        origins = {**self.origins, "contraction_time": origin}
        return dataclasses.replace(self, contraction_time=time, origins=FrozenMapping(origins))

    def _parameter(self, key: str, unit: str) -> Parameter:
        value = getattr(self, key)
        origin = self.origins.get(key)
        if origin is not None and (origin.value, origin.unit) == (value, unit):
            return origin
        return Parameter(value, unit, "given by the user", "unverified")


def _number(name: str, key: str, value: object, unit: str = "") -> float:
    return number(f"motor unit {name}: {key}", value, unit=unit)
