"""A motor unit by its calcium: release, binding, activation and a Hill element."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from mnexcite.cells.parameter import Parameter
from mnexcite.channels.mapping import FrozenMapping
from mnexcite.errors import InputError, did_you_mean, mapping, number, text

_KIM = "Kim 2017 (J Appl Physiol 123:88), read in its public code, ModelDB 235769"


def _table(**rows: tuple[float, str]) -> FrozenMapping[Parameter]:
    return FrozenMapping(
        {
            name: Parameter(value, unit, _KIM, "published")
            for name, (value, unit) in rows.items()
        }
    )


#: Name -> number, in the order that the kernel reads them in.
NUMBERS = _table(
    k1=(3000.0, "1/M/ms"),  # calsequestrin
    k2=(3.0, "1/ms"),
    k3=(400.0, "1/M/ms"),  # what else binds calcium
    k4=(1.0, "1/ms"),
    k5=(4e5, "1/M/ms"),  # troponin
    k6=(150.0, "1/ms"),
    cooperativity=(5.0, "1"),
    calsequestrin=(0.03, "M"),
    buffer=(4.3e-4, "M"),
    troponin=(7e-5, "M"),
    store=(0.0025, "M"),
    release=(10.0, "1/ms"),
    release_rise=(3.0, "ms"),
    release_fall=(25.0, "ms"),
    uptake=(2000.0, "M/ms"),
    uptake_affinity=(850.0, "1/M"),
    phi_slope_short=(0.03, "1/mm"),
    phi_short=(1.23, "1"),
    phi_slope_long=(0.01, "1/mm"),
    phi_long=(1.08, "1"),
    activation_half=(0.128, "1"),
    activation_slope=(0.093, "1"),
    activation_time=(61.206, "ms"),
    activation_shift=(-13.116, "1"),
    activation_width=(5.095, "1"),
    greatest_force=(23.0, "N"),
    stiffness=(0.4, "1/mm"),
    best_length=(-8.0, "mm"),
    length_width=(21.4, "mm"),
    a0=(2.35, "N"),
    b0=(24.35, "mm/s"),
    c0=(-7.4, "N"),
    d0=(30.3, "mm/s"),
)
#: Those that may be 0 or less; all others are above 0.
_SIGNED = {"phi_slope_short", "phi_slope_long", "activation_shift", "best_length", "c0"}
#: By 10 degC: of all rates, and of the cross-bridges' time.
RATE_Q10, BRIDGE_Q10 = 1.43, 1.73
_RATES = ("k1", "k2", "k3", "k4", "k5", "k6", "release", "uptake", "b0", "d0")
_TIMES = ("release_rise", "release_fall")
_WARMTH = (
    "; by a Q10 of {:g}, calibrated by mnexcite to the twitch of the first dorsal interosseous "
    "(Ranatunga 1987)"
)
#: How many times the published number, or its part, one can be.
FAR = 1000.0


@dataclass(frozen=True)
class CalciumHillUnit:
    """Describe a motor unit by its calcium and a Hill element; see the page on muscle.

    Parameters
    ----------
    name
        What to call it in tables and figures.
    parameters
        Every number with unit, source and status, by name.

    Examples
    --------
    >>> unit = calcium_hill_unit()
    >>> unit["greatest_force"], unit.parameters["greatest_force"].unit
    (23.0, 'N')
    >>> unit.with_greatest_force(0.2).parameters["greatest_force"].status
    'unverified'
    """

    name: str
    parameters: FrozenMapping[Parameter] = field(default=NUMBERS, repr=False)

    def __post_init__(self) -> None:
        text("motor unit: name", self.name)
        if list(self.parameters) != list(NUMBERS):
            raise InputError(
                "parameters are not those of NUMBERS; allowed: to change some by `replaced`"
            )
        if not -self["c0"] < self["greatest_force"]:
            raise InputError(
                f"c0 is {self['c0']:g} N and greatest_force {self['greatest_force']:g} N; "
                "allowed: together above 0 N (`with_greatest_force` scales both)"
            )

    def __getitem__(self, name: str) -> float:
        return self.parameters[name].value

    @property
    def force_unit(self) -> str:
        """Unit of its force."""
        return self.parameters["greatest_force"].unit

    @property
    def resting_activation(self) -> float:
        """Activation of cross-bridges without calcium, in the square of which force is [1]."""
        return 0.5 * (1.0 - math.tanh(self["activation_half"] / self["activation_slope"]))

    def resting_force(self, length: float) -> float:
        """Return the force without a spike at a length [mm], of which little is left [N]."""
        fits = math.exp(-(((length - self["best_length"]) / self["length_width"]) ** 2))
        return self["greatest_force"] * fits * self.resting_activation**2

    def with_greatest_force(self, force: float) -> CalciumHillUnit:
        """Return the unit scaled to another force at full activation [N], 0.023 to 23000.

        All forces scale with it: the numbers of Hill's element that are forces do.

        Raises
        ------
        InputError
            If `force` is not allowed.
        """
        top = NUMBERS["greatest_force"].value
        allowed = f"{top / FAR:g} to {top * FAR:g}"
        force = number(
            "greatest_force", force, allowed, lowest=top / FAR, highest=top * FAR, unit="N"
        )
        ratio = force / self["greatest_force"]
        return self.replaced(
            {"greatest_force": force, "a0": self["a0"] * ratio, "c0": self["c0"] * ratio}
        )

    def warmed(self, celsius: float, at: float = 37.0) -> CalciumHillUnit:
        """Return the unit at another temperature [degC]: faster when warm.

        All rates have a Q10 of 1.43, so that the time to peak has (human first dorsal
        interosseous, 25 to 35 degC: Ranatunga 1987); cross-bridges 1.73, with which
        half-relaxation has the 1.7 measured there. Both are calibrated. A cold twitch is then
        weaker, by 28 % for 10 degC, and tetanus is not.

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
        >>> round(calcium_hill_unit().warmed(27.0)["activation_time"], 2)
        105.89
        """
        to, own = (
            number(
                f"motor unit: {name}", each, "10 to 45", lowest=10.0, highest=45.0, unit="degC"
            )
            for name, each in (("temperature", celsius), ("its own temperature", at))
        )
        tens = (to - own) / 10.0
        factors = {name: (RATE_Q10, RATE_Q10**tens) for name in _RATES}
        factors |= {name: (RATE_Q10, RATE_Q10**-tens) for name in _TIMES}
        factors["activation_time"] = BRIDGE_Q10, BRIDGE_Q10**-tens
        numbers = dict(self.parameters)
        for name, (q10, factor) in factors.items():
            old = numbers[name]
            source = old.source + _WARMTH.format(q10)
            numbers[name] = Parameter(old.value * factor, old.unit, source, "tuned")
        return dataclasses.replace(self, parameters=FrozenMapping(numbers))

    def replaced(self, changes: Mapping[str, float]) -> CalciumHillUnit:
        """Return the unit with other numbers, in the units of `parameters`.

        Raises
        ------
        InputError
            If a name is not known or a number not allowed.
        """
        allowed = "names of numbers, such as {'uptake': 1000.0}"
        numbers = dict(self.parameters)
        for name, value in mapping("changes", changes, allowed).items():
            if name not in NUMBERS:
                raise InputError(f"changes names {name!r}; {did_you_mean(name, NUMBERS)}")
            unit = NUMBERS[name].unit
            most = FAR * abs(NUMBERS[name].value)
            least = -most if name in _SIGNED else most / FAR**2
            words = f"{least:g} to {most:g} {unit}"
            given = number(
                f"motor unit: {name}", value, words, lowest=least, highest=most, unit=unit
            )
            numbers[name] = Parameter(given, unit, "given by the user", "unverified")
        return dataclasses.replace(self, parameters=FrozenMapping(numbers))


def calcium_hill_unit() -> CalciumHillUnit:
    """Return the soleus unit of Kim 2017, with every number as published.

    It is of a cat's soleus, whole: 23 N. What it gives beside human thenar units is on the
    page on muscle.

    >>> calcium_hill_unit().parameters["k5"].status
    'published'
    """
    return CalciumHillUnit("soleus unit")
