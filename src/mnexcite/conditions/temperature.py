"""Temperature: kinetics by Q10, and RT/F in every Nernst potential."""

from __future__ import annotations

from collections.abc import Mapping

from mnexcite.cells import warmth
from mnexcite.conditions.condition import Condition
from mnexcite.conditions.effects import Rates


def temperature(
    celsius: float,
    q10: float = warmth.Q10,
    *,
    gates: Mapping[str, float] | None = None,
    conductance_q10: float = 1.0,
    pump_q10: float = 1.0,
) -> Condition:
    """Return a temperature [degC]: every gate's rate changes by `q10` per 10 degC.

    The sodium and potassium reversals are Nernst potentials and grow with the absolute
    temperature. The default Q10 is that of Hodgkin and Huxley 1952; motor axons have 2.2 to 3
    (McIntyre et al. 2002). The path `temperature` (in `cell.replaced`, in
    `simulate(parameters=)`, as an axis, in TOML) does the same, to the bit, with the defaults.

    Parameters
    ----------
    celsius
        0 to 50 [degC].
    q10
        Of the rates of gates, 1 to 6.
    gates
        Gate or channel -> a Q10 of its own, such as {"Na.m": 2.2, "Na.h": 2.9}, those of the
        motor axon (McIntyre et al. 2002).
    conductance_q10, pump_q10
        Of conductances and permeabilities, and of pumps' currents, 1 to 6. By default both
        stay as they are: what is said of conductances (1.3 to 1.5) is unverified.

    Raises
    ------
    InputError
        If the temperature is not in 0 to 50 degC or a Q10 not in 1 to 6, a gate is not there,
        or nothing of the cell follows its temperature.

    Examples
    --------
    >>> import mnexcite as mx
    >>> warm = temperature(16.3, gates={"Na.m": 2.2}, conductance_q10=1.5)
    >>> axon = mx.cells.hodgkin_huxley_1952().under(warm)
    >>> [round(axon.parameters[p].value, 6) for p in ("Na.m.rate", "Na.h.rate", "Na.g")]
    [2.2, 3.0, 180.0]
    """
    celsius = warmth.celsius("temperature", celsius)
    q10 = warmth.allowed_q10("temperature: q10", q10)
    effect = Rates(
        celsius,
        q10,
        warmth.allowed_q10("temperature: conductance_q10", conductance_q10),
        warmth.allowed_q10("temperature: pump_q10", pump_q10),
        {} if gates is None else gates,
    )
    return Condition(f"temperature({celsius:g})", effect, warmth.SOURCE, "unverified")
