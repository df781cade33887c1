import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnexcite.cells import Factors, factors, log_factors
from mnexcite.errors import InputError

positive = st.floats(1e-3, 1e3)


def refused(build, message):
    with pytest.raises(InputError, match=message) as caught:
        build()
    assert "\n" not in str(caught.value)


@given(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3), st.integers(2, 50))
def test_factors_go_in_equal_steps(lo, hi, n):
    values = np.array(factors(lo, hi, n).values)
    expected = [lo + (hi - lo) * i / (n - 1) for i in range(n)]
    np.testing.assert_allclose(values, expected, rtol=0, atol=1e-12)
    assert (values[0], values[-1]) == (lo, hi)


@given(positive, positive, st.integers(2, 50))
def test_log_factors_go_in_equal_ratios(lo, hi, n):
    values = np.array(log_factors(lo, hi, n).values)
    expected = [lo * (hi / lo) ** (i / (n - 1)) for i in range(n)]
    np.testing.assert_allclose(values, expected, rtol=1e-12)
    assert (values[0], values[-1]) == (lo, hi)


@given(st.lists(positive, min_size=1, max_size=10), st.floats(-100.0, 100.0))
def test_a_list_is_taken_as_it_is_and_multiplies_a_number(values, own):
    for made in (factors(values), log_factors(values), factors(np.array(values))):
        assert made.values == tuple(values)
        np.testing.assert_array_equal(made.times(own), [own * value for value in values])
    assert hash(Factors(tuple(values))) == hash(factors(values))


def test_one_factor_and_whole_numbers_of_numpy_are_allowed():
    assert factors(2.0, 2.0, 1).values == (2.0,)
    assert factors(1.0, 2.0, np.int64(2)).values == (1.0, 2.0)


@pytest.mark.parametrize("make", [factors, log_factors])
@pytest.mark.parametrize(
    "arguments",
    [
        ([],),
        ([1.0, math.nan],),
        ([1.0, math.inf],),
        (["a"],),
        (None,),
        (1.0,),
        (1.0, 2.0),
        (1.0, None, 3),
        (1.0, 2.0, 0),
        (1.0, 2.0, -3),
        (1.0, 2.0, 2.5),
        (1.0, 2.0, "3"),
        (1.0, 2.0, True),
        (math.nan, 2.0, 3),
        (1.0, math.inf, 3),
        ("a", 2.0, 3),
        ([1.0], 2.0, 3),
    ],
    ids=repr,
)
def test_what_makes_no_factors_is_refused_in_one_line(make, arguments):
    refused(lambda: make(*arguments), "factors")


@pytest.mark.parametrize("arguments", [([0.0, 1.0],), ([-1.0],), (0.0, 1.0, 3), (-1.0, 1.0, 3)])
def test_ratios_need_numbers_above_0(arguments):
    refused(lambda: log_factors(*arguments), "log_factors: .*; allowed: numbers above 0")
