"""Drugs and toxins by their free concentration in uM.

A block is a binding whose concentration is a number of the cell: after
`cell.under(mexiletine(5.0))` the path `mexiletine.c` means it at every site, also as an axis.
Under 0 uM a cell stays as it is, to the bit.
"""

from __future__ import annotations

from mnexcite.channels import Binding
from mnexcite.conditions.condition import Condition
from mnexcite.conditions.effects import AddBinding, Scale, ShiftByDose
from mnexcite.errors import number

WANG = "Wang et al. 2004, hNav1.4"
#: Where only an equilibrium is known, a free site is found again that often [1/ms].
OFF = 0.0544


def mexiletine(c: float) -> Condition:
    """Return mexiletine at `c` uM (plasma 2.8 to 11): a modulated receptor of sodium channels.

    Open channels are bound at 10.4 /uM/s and freed at 54.4 /s; channels at rest and
    inactivated ones with half concentrations of 431 and 67.8 uM, persistent sodium with 7.5 uM
    (Wang et al. 2004). 54.4 / 10.4 is 5.2 uM; the paper's steady half concentration of open
    channels is 3.3 uM.

    Raises
    ------
    InputError
        If the concentration is not allowed, or the cell has neither Na nor NaP.

    Examples
    --------
    >>> from mnexcite import cells
    >>> treated = cells.purvis_butera_2005().under(mexiletine(5.0))
    >>> treated.groups["mexiletine"]
    ('Na.open', 'Na.inactivated', 'Na.resting', 'NaP.late')
    >>> treated.replaced({"mexiletine.c": 8.0}).parameters["NaP.late.c"].value
    8.0
    """
    open_ = _site("Na", "open", c, "mexiletine", 0.0104, 0.0544, WANG, through={"m": 3, "h": 1})
    inactivated = _at_half(
        "Na", "inactivated", c, "mexiletine", 67.8, WANG, through={"h": 1}, outside=True
    )
    effects = (
        open_,
        inactivated,
        _at_half("Na", "resting", c, "mexiletine", 431.2, WANG),
        _at_half("NaP", "late", c, "mexiletine", 7.5, WANG),
    )
    return _drug("mexiletine", c, effects, WANG, "published")


def carbamazepine(c: float) -> Condition:
    """Return carbamazepine at `c` uM (free 6 to 12): it binds inactivated sodium channels.

    On-rate 38 /mM/s and a half concentration of 25 uM, from memory of Kuo et al. 1997: they are
    unverified, and assays differ (250 uM move inactivation by -12 mV in Hebeisen et al. 2015).
    """
    source = "Kuo et al. 1997, from memory"
    site = _site(
        *("Na", "inactivated_slowly", c, "carbamazepine", 3.8e-5, 3.8e-5 * 25.0, source),
        status="unverified",
        through={"h": 1},
        outside=True,
    )
    return _drug("carbamazepine", c, (site,), source, "unverified")


def riluzole(c: float) -> Condition:
    """Return riluzole at `c` uM (plasma 1 to 2): persistent sodium, half at 2 uM.

    Urbani and Belluzzi 2000. Transient sodium needs much more and is left.
    """
    source = "Urbani & Belluzzi 2000"
    site = _at_half("NaP", "riluzole", c, "riluzole", 2.0, source)
    return _drug("riluzole", c, (site,), source, "published")


def retigabine(c: float) -> Condition:
    """Return retigabine at `c` uM: it moves the half-activation of KM to lower voltages.

    -11.4 mV at 10 uM (Tatulian and Brown 2003, KCNQ2/3); that it is half of its most at 1.6 uM
    is from memory and unverified. Some 2 mV describe a clinical dose (Sleutjes et al. 2022).
    The larger open probability is left out.
    """
    half = 1.6
    most = -11.4 * (10.0 + half) / 10.0
    effect = ShiftByDose("KM.w.half", most, half, _concentration("retigabine", c))
    source = "Tatulian & Brown 2003 at 10 uM; half of the most at 1.6 uM from memory"
    return Condition(f"retigabine({c:g})", effect, source, "unverified")


def tizanidine(strength: float = 1.0) -> Condition:
    """Return tizanidine: less monoamine drive, so that CAN and CaL are 35 % less at strength 1.

    20 to 50 % is a guess: no measurement in people was found. Its effect on reflexes is not
    the cell's.
    """
    source = "a guess of 20 to 50 %; direction: less monoamine drive"
    effects = (Scale("CAN.g", 0.65), Scale("CaL.g", 0.65))
    return Condition("tizanidine", effects, source, "unverified").at(strength)


def ttx(c: float) -> Condition:
    """Return tetrodotoxin at `c` uM: sodium channels, half at 0.005 uM, from memory."""
    sites = [_at_half(channel, "ttx", c, "ttx", 0.005, _MEMORY) for channel in ("Na", "NaP")]
    return _drug("ttx", c, tuple(sites), _MEMORY, "unverified")


def tea(c: float) -> Condition:
    """Return tetraethylammonium at `c` uM: Kdr, half at 1000 uM, from memory."""
    return _drug(
        "tea", c, (_at_half("Kdr", "tea", c, "tea", 1e3, _MEMORY),), _MEMORY, "unverified"
    )


def four_ap(c: float) -> Condition:
    """Return 4-aminopyridine at `c` uM: A and Kv1, half at 300 uM, from memory."""
    sites = [
        _at_half(channel, "four_ap", c, "four_ap", 300.0, _MEMORY) for channel in ("A", "Kv1")
    ]
    return _drug("four_ap", c, tuple(sites), _MEMORY, "unverified")


_MEMORY = "textbook value from memory, for teaching"


def _concentration(name: str, c: float) -> float:
    return number(f"{name}: c", c, "0 or more", lowest=0.0, unit="uM")


def _drug(
    name: str, c: float, effects: tuple[AddBinding, ...], source: str, status: str
) -> Condition:
    kept = effects if _concentration(name, c) > 0.0 else ()
    return Condition(f"{name}({c:g})", kept, source, status)


def _site(
    channel: str,
    name: str,
    c: float,
    substance: str,
    on: float,
    off: float,
    source: str,
    *,
    status: str = "published",
    rates: tuple[str, str] | None = None,
    through: dict[str, int] | None = None,
    outside: bool = False,
) -> AddBinding:
    """Return a binding to a channel, with the source of its rates."""
    c = _concentration(substance, c)
    binding = Binding(name, on=on, off=off, c=c, through=through, outside=outside)
    told = dict.fromkeys(("on", "off"), rates or (source, status))
    return AddBinding(channel, binding, substance, {**told, "c": ("given", "unverified")})


def _at_half(
    channel: str,
    name: str,
    c: float,
    substance: str,
    half: float,
    source: str,
    *,
    through: dict[str, int] | None = None,
    outside: bool = False,
) -> AddBinding:
    """Return a binding of which the half concentration is known and not its rates."""
    rates = (f"{source}: half at {half:g} uM; off chosen", "unverified")
    return _site(
        *(channel, name, c, substance, OFF / half, OFF, source),
        rates=rates,
        through=through,
        outside=outside,
    )
