"""The door: what is taken for a number or an array, and what is refused in one line."""

import datetime
import decimal
import fractions
from types import SimpleNamespace

import neo
import numpy as np
import pandas as pd
import pint
import pytest
import quantities
import xarray as xr

from mnexcite import errors
from mnexcite.errors import InputError

NO_NUMBER = [
    True, np.True_, 1j, np.complex128(1), "1", "1_2_0", b"1", bytearray(b"1"), None, {}, {1: 2},
    {1, 2}, frozenset(), [1], (1.0,), np.array([1.0]), object(), float, iter([1]), range(3),
    datetime.datetime(2020, 1, 1), datetime.timedelta(1), np.datetime64("2020-01-01"),
    np.timedelta64(3, "s"), pd.NA, pd.NaT, 10**400, -(10**5000), decimal.Decimal("1e999"),
    decimal.Decimal("sNaN"), np.longdouble("1e4000"), np.ma.masked, np.nan, np.inf,
    np.ma.array(1.0, mask=True), np.array(3, dtype=object), xr.DataArray("a"), ..., slice(1),
]  # fmt: skip
NO_ARRAY = [
    [1, True], [1, [2]], [[1, 2], [3]], [1, None], ["a"], "12", b"12", np.array([True]),
    np.array([1j]), [1, 2 + 0j], np.array([1, "2"]), np.array([1, 2], dtype=object), {1, 2},
    {1: 2}, {}.keys(), iter([1]), [10**400], [1, np.nan], np.array([np.inf]), [{}],
    [datetime.date(2020, 1, 1)], np.array(["2020"], dtype="M8[D]"), np.array([1], "m8[s]"),
    [np.timedelta64(1, "s")], pd.to_timedelta([1, 2]), pd.Series([1, None], dtype="Int64"),
    pd.Series([True]), pd.Series(["a"]), pd.Series([1.0, None]), xr.Dataset({"a": [1]}),
    np.ma.array([1.0, 2.0], mask=[False, True]), [np.ma.masked, 1], np.zeros((2, 2)), 3.0,
    np.zeros(3, dtype="i4,f4"), None, object(), len,
]  # fmt: skip


def repr_of(value):
    return type(value).__name__


def one_line(error):
    message = str(error.value)
    assert message.startswith("x ") and "allowed" in message and "\n" not in message
    assert len(message) < 200


@pytest.mark.parametrize("value", NO_NUMBER, ids=repr_of)
def test_what_is_no_number_is_refused_in_one_line(value):
    with pytest.raises(InputError) as error:
        errors.number("x", value)
    one_line(error)


@pytest.mark.parametrize("value", NO_ARRAY, ids=repr_of)
def test_what_is_no_array_is_refused_in_one_line(value):
    with pytest.raises(InputError) as error:
        errors.array("x", value)
    one_line(error)


@pytest.mark.parametrize(
    "value",
    [
        3, 3.0, np.int8(3), np.uint64(3), np.float16(3), np.array(3), fractions.Fraction(3),
        decimal.Decimal(3), xr.DataArray(3), np.longdouble(3), np.ma.array(3.0),
    ],
    ids=repr_of,
)  # fmt: skip
def test_numbers_of_every_make_are_taken(value):
    assert errors.number("x", value) == 3.0 and type(errors.number("x", value)) is float


@pytest.mark.parametrize(
    "value",
    [
        [1, 2.0], (1, 2), range(1, 3), np.array([1, 2], "u1"), np.array([1, 2], "f2"),
        pd.Series([1, 2]), pd.Series([1, 2], dtype="Int64"), pd.Index([1, 2]),
        xr.DataArray([1, 2]), np.ma.array([1, 2]), [np.float32(1), np.array(2)],
        np.array([2, 1])[::-1],
    ],
    ids=repr_of,
)  # fmt: skip
def test_arrays_of_every_make_are_taken(value):
    out = errors.array("x", value)
    assert out.dtype == np.float64 and out.tolist() == [1.0, 2.0] and out.flags.c_contiguous


def test_what_comes_in_is_copied():
    given = np.array([1.0, 2.0])
    errors.array("x", given)[0] = 5.0
    assert given[0] == 1.0


REGISTRY = pint.UnitRegistry()


def carriers(values, unit):
    """Objects of other packages that carry a unit."""
    made = [
        xr.DataArray(values, attrs={"units": unit}),
        xr.DataArray(values, attrs={"unit": unit}),
    ]
    series = pd.Series(values)
    series.attrs["units"] = unit
    made.append(series)
    made.append(np.array(values) * getattr(quantities, unit))
    made.append(np.array(values) * getattr(REGISTRY, unit))
    # astropy's shape: a value and one unit
    made.append(SimpleNamespace(value=np.array(values), unit=unit))
    return made


def test_a_unit_that_an_object_carries_is_honoured():
    for given in carriers([0.1, 0.31], "s"):
        assert errors.array("x", given, unit="ms").tolist() == [100.0, 310.0]
        assert errors.array("x", [given, given], ndim=2, unit="ms").tolist() == 2 * [
            [100.0, 310.0]
        ]
    for given in carriers([70.0], "pA"):
        assert errors.array("x", given, unit="nA").tolist() == [0.07]
    for given in carriers([-0.065], "V"):
        assert errors.array("x", given, unit="mV").tolist() == [-65.0]
    for given in carriers(3.0, "s"):
        if not isinstance(given, pd.Series):
            assert errors.number("x", given, unit="ms") == 3000.0


def test_a_unit_that_does_not_convert_is_refused():
    for given in [*carriers([1.0], "furlong"), *carriers([1.0], "V")]:
        for wanted in ("ms", ""):
            with pytest.raises(InputError) as error:
                errors.array("x", given, unit=wanted)
            one_line(error)


def test_trains_of_neo_are_in_their_own_unit():
    train = neo.SpikeTrain([0.1, 0.2, 0.31, 0.4] * quantities.s, t_stop=1 * quantities.s)
    assert errors.array("x", train, unit="ms").tolist() == [100.0, 200.0, 310.0, 400.0]


# sizes by SI prefixes and definitions, not by the table
@pytest.mark.parametrize(
    ("given", "wanted", "factor"),
    [
        ("s", "ms", 1000), ("sec", "ms", 1000), ("seconds", "ms", 1000), ("µs", "ms", 1e-3),
        ("msec", "ms", 1), ("min", "ms", 60000), ("millisecond", "ms", 1), ("pA", "nA", 1e-3),
        ("mA", "nA", 1e6), ("µA/cm²", "uA/cm2", 1), ("μA/cm^2", "uA/cm2", 1),
        ("uA cm-2", "uA/cm2", 1), ("microampere / centimeter ** 2", "uA/cm2", 1),
        ("A/m2", "uA/cm2", 100), ("mA/cm2", "uA/cm2", 1000), ("nS", "uS", 1e-3),
        ("S/cm2", "mS/cm2", 1000), ("pF", "nF", 1e-3), ("V", "mV", 1000), ("uM", "mM", 1e-3),
        ("mmol/L", "mM", 1), ("mol/m3", "mM", 1), ("1/s", "Hz", 1), ("kHz", "Hz", 1000),
        ("°C", "degC", 1), ("um2", "cm2", 1e-8), ("s-1", "Hz", 1), ("1", "x", 1), ("", "x", 1),
        ("S*V", "A", 1), ("F*V/s", "A", 1),
    ],
)  # fmt: skip
def test_usual_spellings_convert(given, wanted, factor):
    assert float(errors.conversion(given, wanted)) == pytest.approx(factor, rel=1e-15)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("furlong", "ms"), ("ms", "mV"), ("nA", "uA/cm2"), ("S", "ms"), ("K", "degC"),
        ("mmin", "ms"), ("m", "ms"), ("s/", "ms"), ("//", "ms"), ("-", "ms"), ("kg kg", "N"),
    ],
)  # fmt: skip
def test_other_units_do_not(given, wanted):
    assert errors.conversion(given, wanted) is None


def test_places_that_no_file_system_holds_are_refused(tmp_path):
    assert errors.place("x", str(tmp_path)) == tmp_path == errors.place("x", tmp_path)
    for wrong in ("", "a\0b", "a" * 255, "a/" * 4000, b"a", 3, None, "\ud800", "é" * 120):
        with pytest.raises(InputError, match=r"^x is .*; allowed: [^\n]*$"):
            errors.place("x", wrong)


def test_flags_texts_words_and_whole_numbers():
    for wrong in (1, 0, "true", None, [], np.array(True)):
        with pytest.raises(InputError, match="True or False"):
            errors.flag("x", wrong)
    for wrong in (1, None, "a\nb", "a\0", "\x85", b"a", "\ud800"):
        with pytest.raises(InputError, match=r"^x is [^\n]*; allowed: a text$"):
            errors.text("x", wrong)
    for wrong in (
        True,
        2.0,
        "2",
        None,
        0,
        10**5000,
        np.timedelta64(2, "s"),
        [2],
        np.array([2]),
    ):
        with pytest.raises(InputError, match=r"^x is [^\n]*; allowed: 1 to 9$"):
            errors.whole("x", wrong, "1 to 9", highest=9)
    assert errors.whole("x", np.int8(2)) == errors.whole("x", np.array(2)) == 2
    with pytest.raises(InputError, match="did you mean 'tonic'"):
        errors.choice("x", "tonik", ("tonic", "burst"))


def test_objects_that_raise_at_every_touch_are_refused():
    class Trap:
        def __getattr__(self, name):
            raise RuntimeError("touched")

        __repr__ = __array__ = __float__ = __index__ = lambda self, *_: self.touched

    for ask in (
        errors.number,
        errors.array,
        errors.whole,
        errors.flag,
        errors.text,
        errors.place,
    ):
        with pytest.raises(InputError, match=r"^x [^\n]*$"):
            ask("x", Trap())
