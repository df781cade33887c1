import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnexcite.cells import factors, log_factors
from mnexcite.errors import InputError
from mnexcite.sweeps.designs.axes import Axis, axis_of, between, read_label

NAMES = ("NaP.g", "soma.Na.m.half", "ions.K_o", "C", "temperature", "conditions.als_early")
FINITE = st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("name", "kind", "target", "path"),
    [
        ("NaP.g", "parameter", "NaP.g", "NaP.g"),
        ("NaP.g+K.g", "parameter", "NaP.g+K.g", ("NaP.g", "K.g")),
        ("ions.K_o", "parameter", "ions.K_o", "ions.K_o"),
        ("temperature", "condition", "temperature", "temperature"),
        ("conditions.als_early", "condition", "als_early", "conditions.als_early"),
        ("conditions.a.b", "condition", "a.b", "conditions.a.b"),
        ("stimulus.amplitude", "stimulus", "amplitude", "stimulus.amplitude"),
    ],
)
def test_a_name_tells_what_an_axis_changes(name, kind, target, path):
    axis = Axis(name, np.array([1.0]))
    assert (axis.kind, axis.target, axis.path) == (kind, target, path)


@given(
    st.sampled_from(NAMES), st.booleans(), st.sampled_from([None, "uS", "uA/cm2", "mS / cm2"])
)
def test_a_label_is_read_back(name, factor, unit):
    text = name + ":factor" * factor + (f" [{unit}]" if unit else "")
    assert read_label(text) == read_label(f"  {text} ") == (name, factor, unit)


@pytest.mark.parametrize("key", [("NaP.g", "K.g"), "NaP.g+K.g", "NaP.g + K.g"])
def test_joined_paths_are_one_axis_in_either_spelling(key):
    assert axis_of(key, [1.0]).path == ("NaP.g", "K.g")


@given(st.lists(FINITE, min_size=1, max_size=20))
def test_values_are_kept_to_the_bit_and_cannot_be_changed(values):
    for given_values in (values, tuple(values), np.array(values)):
        axis = axis_of("C", given_values)
        assert axis.values.tobytes() == np.array(values).tobytes()
    with pytest.raises(ValueError, match="read-only"):
        axis.values[0] = 1.0


def test_factors_are_told_from_values():
    assert axis_of("NaP.g", factors(1, 2, 3)).is_factor
    assert axis_of("NaP.g", log_factors(1, 4, 3)).values.tolist() == [1.0, 2.0, 4.0]
    assert axis_of("NaP.g:factor", [1, 2]) == axis_of("NaP.g", factors([1, 2]))
    assert axis_of("NaP.g", [1, 2]) != axis_of("NaP.g", factors([1, 2]))


@pytest.mark.parametrize(
    ("key", "values", "message"),
    [
        (3, [1], r"axis is 3; allowed: a path"),
        ("", [1], "allowed: a path"),
        ((), [1], "allowed: a path"),
        ("NaP.g:half", [1], "allowed: a path"),
        ("NaP g", [1], "allowed: a path"),
        ("NaP.g+", [1], r"joins 'NaP.g', ''; allowed: different paths"),
        (("C", "C"), [1], "allowed: different paths"),
        (("temperature", "C"), [1], "allowed: different paths"),
        (("stimulus.a", "C"), [1], "allowed: different paths"),
        ("stimulus.", [1], "allowed: a path"),
        ("conditions.", [1], "allowed: a path"),
        ("C", [], "'C' has 0 values"),
        ("C", 2.0, "'C' is 2.0; allowed: a list of finite numbers"),
        ("C", [[1.0]], "has 2 dimensions"),
        ("C", [[1.0], [1.0, 2.0]], "is ragged"),
        ("C", ["1.0"], "holds '1.0'"),
        ("C", "1.0", "is '1.0'; allowed: a list of finite numbers"),
        ("C", [True], "holds True"),
        ("C", [1.0, np.nan], "is nan at position 1"),
        ("C", [np.inf], "is inf at position 0"),
        ("C", between(1, 2), "between is for random"),
        ("temperature", factors([1]), "no value of its own"),
        ("conditions.als_early:factor", [1], "no value of its own"),
        ("stimulus.amplitude", factors([1]), "no value of its own"),
        ("C:factor [nF]", [1], "factors are in 'nF'"),
    ],
)
def test_what_is_no_axis_is_refused(key, values, message):
    with pytest.raises(InputError, match=message) as caught:
        axis_of(key, values)
    assert "\n" not in str(caught.value)


@given(st.tuples(FINITE, FINITE).filter(lambda ends: ends[0] < ends[1] < 1e300 + ends[0]))
def test_a_range_is_walked_from_end_to_end(ends):
    lo, hi = ends
    values = between(lo, hi).at(np.array([0.0, 0.5, 1.0]))
    assert values[0] == lo and lo <= values[1] <= hi
    # lo + (hi - lo) rounds twice
    assert values[2] == pytest.approx(hi, rel=1e-15, abs=4e-16 * abs(lo))


@given(st.floats(1e-6, 1e3), st.floats(1.001, 1e6), st.floats(0, 1))
def test_a_logarithmic_range_has_equal_ratios(lo, ratio, share):
    value = float(between(lo, lo * ratio, log=True).at(np.array(share)))
    # a power of up to 1e6 amplifies the rounding of its logarithm by ln(1e6) = 14
    assert value == pytest.approx(lo * ratio**share, rel=1e-14)


@pytest.mark.parametrize(
    ("ends", "options"),
    [((2, 1), {}), ((1, 1), {}), ((0, 1), {"log": True}), ((np.nan, 1), {}), ((0, "x"), {})],
)
def test_what_is_no_range_is_refused(ends, options):
    with pytest.raises(InputError, match="between: "):
        between(*ends, **options)
