"""Units as text: one small table, how they convert, and those that objects carry.

The core computes with plain floats in fixed units. What enters with a unit of its own (an
axis `stimulus.duration [s]`, a spike train of neo, an xarray object with `units`) is
converted once, here, or refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np

from mnexcite.errors.kinds import InputError

#: Exponents of second, metre, kilogram, ampere, mole and degree Celsius.
Dimension = tuple[int, int, int, int, int, int]

# Named units: exponents and size in those base units. Celsius is kept apart from kelvin:
# no factor leads from one to the other.
_BASE: dict[str, tuple[Dimension, Fraction]] = {
    "s": ((1, 0, 0, 0, 0, 0), Fraction(1)),
    "min": ((1, 0, 0, 0, 0, 0), Fraction(60)),
    "h": ((1, 0, 0, 0, 0, 0), Fraction(3600)),
    "Hz": ((-1, 0, 0, 0, 0, 0), Fraction(1)),
    "m": ((0, 1, 0, 0, 0, 0), Fraction(1)),
    "L": ((0, 3, 0, 0, 0, 0), Fraction(1, 1000)),
    "g": ((0, 0, 1, 0, 0, 0), Fraction(1, 1000)),
    "A": ((0, 0, 0, 1, 0, 0), Fraction(1)),
    "V": ((-3, 2, 1, -1, 0, 0), Fraction(1)),
    "S": ((3, -2, -1, 2, 0, 0), Fraction(1)),
    "F": ((4, -2, -1, 2, 0, 0), Fraction(1)),
    "ohm": ((-3, 2, 1, -2, 0, 0), Fraction(1)),
    "N": ((-2, 1, 1, 0, 0, 0), Fraction(1)),
    "mol": ((0, 0, 0, 0, 1, 0), Fraction(1)),
    "M": ((0, -3, 0, 0, 1, 0), Fraction(1000)),
    "degC": ((0, 0, 0, 0, 0, 1), Fraction(1)),
    "1": ((0, 0, 0, 0, 0, 0), Fraction(1)),
}
_NAMES = {
    "sec": "s", "second": "s", "minute": "min", "hour": "h", "hertz": "Hz", "meter": "m",
    "metre": "m", "liter": "L", "litre": "L", "l": "L", "gram": "g", "ampere": "A",
    "amp": "A", "volt": "V", "siemens": "S", "farad": "F", "newton": "N", "mole": "mol",
    "molar": "M", "°C": "degC", "℃": "degC", "celsius": "degC", "Celsius": "degC",
    "degree_Celsius": "degC", "deg_C": "degC", "x": "1", "dimensionless": "1",
}  # fmt: skip
_PREFIXES = {
    "G": 9, "giga": 9, "M": 6, "mega": 6, "k": 3, "kilo": 3, "d": -1, "deci": -1, "c": -2,
    "centi": -2, "m": -3, "milli": -3, "u": -6, "micro": -6, "n": -9, "nano": -9, "p": -12,
    "pico": -12, "f": -15, "femto": -15,
}  # fmt: skip
_NOT_PREFIXED = ("1", "min", "h", "degC")
_SPELLING = str.maketrans("µμ²³⁻⁰¹", "uu23-01")


class UnknownUnitError(ValueError):
    """Tell that a text is no unit of the table."""


def conversion(given: str, wanted: str) -> Fraction | None:
    """Return the factor from one unit to another, or None where there is none.

    >>> conversion("s", "ms"), conversion("µA/cm²", "uA/cm2"), conversion("furlong", "ms")
    (Fraction(1000, 1), Fraction(1, 1), None)
    """
    if given == wanted:
        return Fraction(1)
    try:
        (here, size), (there, unit) = _parsed(given), _parsed(wanted)
    except UnknownUnitError:
        return None
    return size / unit if here == there else None


def converted(name: str, values: Any, given: str, wanted: str) -> Any:
    """Return a float or an array in the unit `wanted`; refuse a unit that does not convert.

    >>> converted("t", 0.31, "s", "ms")
    310.0
    >>> converted("t", 0.31, "furlong", "ms")
    Traceback (most recent call last):
    ...
    mnexcite.errors.InputError: t is in 'furlong'; allowed: ms, s, us
    """
    factor = conversion(given, wanted)
    if factor is None:
        raise InputError(f"{name} is in {given!r}; allowed: {spellings(wanted)}")
    if factor.numerator > 1:  # one rounding each, so that 0.31 s is 310 ms to the bit
        values = values * float(factor.numerator)
    return values / float(factor.denominator) if factor.denominator > 1 else values


def is_unit(text: str) -> bool:
    """Tell whether a text is a unit that can be converted.

    >>> is_unit("1/(ms mV)"), is_unit("furlong")
    (True, False)
    """
    try:
        return bool(_parsed(text))
    except UnknownUnitError:
        return False


def cf(unit: str) -> str:
    """Return a unit as UDUNITS spells it, and with it CF; words that are no unit become 1.

    >>> cf("mM"), cf("uA/mM"), cf("1/(ms mM)"), cf("uA/cm2"), cf("of the pool")
    ('mmol l-1', 'uA/(mmol l-1)', '1/(ms mmol l-1)', 'uA/cm2', '1')
    """

    def spelled(found: re.Match[str]) -> str:
        power = int(found[3] or 1)
        said = f"{found[2]}mol{'' if power == 1 else power} l{-power}"
        return f"/({said})" if found[1] else said

    return re.sub(r"(/?)\b([munp]?)M(-?\d)?\b", spelled, unit) or "1" if is_unit(unit) else "1"


def cf_attributes(unit: str, meaning: str) -> dict[str, str]:
    """Return CF's `units` and `long_name`; words that are no unit go into the name.

    >>> cf_attributes("fraction of fused force", "force")
    {'units': '1', 'long_name': 'force, fraction of fused force'}
    """
    told = meaning if not unit or is_unit(unit) else f"{meaning}, {unit}"
    return {"units": cf(unit), "long_name": told}


def from_cf(unit: str) -> str:
    """Return a unit of a labelled dataset as figures and tables spell it.

    >>> from_cf("mmol l-1"), from_cf("uA/(mmol l-1)"), from_cf("1/(ms mmol l-1)")
    ('mM', 'uA/mM', '1/(ms mM)')
    """
    alone = re.sub(r"/\((.?)mol(-?\d)? l-?\d\)", r"/\1M\2", unit)
    return re.sub(r"([munp]?)mol(-?\d)? l-?\d", r"\1M\2", alone)


def spellings(wanted: str) -> str:
    """Return the usual units that convert to `wanted`, it first, for error lines."""
    if conversion(wanted, "1") is not None or not wanted:
        return "a number without unit"
    head = re.match(r"(G|M|k|m|u|n|p)?(?=(?:s|A|V|S|F|N|M|Hz)(?:\b|/))", wanted)
    if head is None:
        return wanted
    tail = wanted[head.end() :]
    near = {"s": ("s", "us"), "Hz": ("Hz", "kHz")}.get(
        tail, tuple(prefix + tail for prefix in ("m", "u", "n", "p"))
    )
    return ", ".join(dict.fromkeys((wanted, *near)))


def carried(value: Any) -> tuple[Any, str | None]:
    """Return what an object holds without its unit, and the unit as text where it has one.

    Understands pint, quantities (and with it neo), astropy, unyt, Brian2, netCDF4, and the
    attributes `units` or `unit` of xarray, pandas and HDF5 objects.
    """
    kind = type(value)
    if kind.__module__ in ("builtins", "numpy") and kind.__name__ != "Quantity":
        return value, None
    try:
        if (unit := getattr(value, "units", None)) is not None and not callable(unit):
            # quantities spells a unit in its dimensionality; its own text starts with "1.0"
            spelled = getattr(getattr(unit, "dimensionality", None), "string", None)
            held = getattr(value, "magnitude", None)
            return np.asarray(value) if held is None else held, str(spelled or unit)
        if (unit := getattr(value, "unit", None)) is not None and hasattr(value, "value"):
            return value.value, str(unit)
        if hasattr(value, "dim") and hasattr(value, "get_best_unit"):  # Brian2: SI base units
            return value.view(np.ndarray), re.sub("metre", "m", str(value.dim))
        attrs = getattr(value, "attrs", None)
        if isinstance(attrs, Mapping):
            unit = attrs.get("units", attrs.get("unit"))
            if isinstance(unit, bytes):
                unit = unit.decode()
            return (value, None) if unit is None else (np.asarray(value), str(unit))
    except Exception:  # an object whose attributes raise carries no unit that we can read
        return value, None
    return value, None


@lru_cache(maxsize=1024)
def _parsed(text: str) -> tuple[Dimension, Fraction]:
    """Return exponents and size of a unit such as `uA/cm2`, `microampere / centimeter ** 2`."""
    plain = text.strip().translate(_SPELLING)
    plain = re.sub(r"/\s*\(([^()]*)\)", _divided_by_each, plain)
    plain = re.sub(r"\s*(\*\*|\^)\s*", "", plain)
    plain = re.sub(r"\s*([*/·])\s*|\s+", lambda m: m[1] or "*", plain)
    if not plain:
        return _BASE["1"]
    exponents, size, sign = [0] * 6, Fraction(1), 1
    for part in re.split(r"([*/·])", plain):
        if part in ("*", "/", "·"):
            sign = -1 if part == "/" else 1
            continue
        found = re.fullmatch(r"(1|[^\d\s-]+?)(-?\d)?(?:\.0)?", part)
        if found is None:
            raise UnknownUnitError(text)
        power = sign * int(found[2] or 1)
        dimension, unit = _named(found[1], text)
        exponents = [e + power * d for e, d in zip(exponents, dimension, strict=True)]
        size *= unit**power
    return tuple(exponents), size  # type: ignore[return-value]


def _divided_by_each(found: re.Match[str]) -> str:
    """Write `1/(ms mV)` as `1/ms/mV`, and `1/(uA/cm2 ms)` as `1/uA*cm2/ms`."""
    inside = re.sub(r"\s*([*/·])\s*|\s+", lambda m: m[1] or "*", found[1].strip())
    return "/" + inside.translate(str.maketrans("*·/", "//*"))


def _named(name: str, text: str) -> tuple[Dimension, Fraction]:
    for spelled in (name, name.removesuffix("s")):
        if (base := _NAMES.get(spelled, spelled)) in _BASE:
            return _BASE[base]
        for prefix, power in _PREFIXES.items():
            rest = spelled.removeprefix(prefix)
            base = _NAMES.get(rest, rest)
            # short prefixes go with symbols, long ones with names
            fits = (len(prefix) > 1) == (rest in _NAMES and rest not in ("sec", "l"))
            if (
                rest
                and rest != spelled
                and fits
                and base in _BASE
                and base not in _NOT_PREFIXED
            ):
                dimension, size = _BASE[base]
                return dimension, size * Fraction(10) ** power
    raise UnknownUnitError(text)
