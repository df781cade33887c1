"""Temperature: kinetics by Q10, and RT/F in every Nernst potential."""

from __future__ import annotations

from mnexcite.cells import warmth
from mnexcite.conditions.condition import Condition
from mnexcite.conditions.effects import Rates


def temperature(celsius: float, q10: float = warmth.Q10) -> Condition:
    """Return a temperature [degC]: every gate's rate changes by `q10` per 10 degC.

    The sodium and potassium reversals are Nernst potentials and grow with the absolute
    temperature. Conductances and pumps stay as they are. The default Q10 is that of
    Hodgkin and Huxley 1952; motor axons have 2.2 to 3 (McIntyre et al. 2002). The path
    `temperature` (in `cell.replaced`, in `simulate(parameters=)`, as an axis, in TOML) does
    the same, to the bit, with the default Q10.

    Raises
    ------
    InputError
        If the temperature is not in 0 to 50 degC or q10 not in 1 to 6, or nothing of the
        cell follows its temperature.
    """
    celsius = warmth.celsius("temperature", celsius)
    q10 = warmth.allowed_q10("temperature: q10", q10)
    name = f"temperature({celsius:g})"
    return Condition(name, Rates(celsius, q10), warmth.SOURCE, "unverified")
