import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnexcite.channels.names import check_name
from mnexcite.errors import InputError


@given(st.from_regex(r"[A-Za-z][A-Za-z0-9]{0,8}(_[a-z0-9]{1,4})?", fullmatch=True))
def test_letters_digits_and_single_underscores_make_a_name(name):
    assert check_name("channel", name) is None


@pytest.mark.parametrize(
    "name", ["", "1a", "a.b", "a b", "a__b", "_a", "a_", "Kv1.2", "é", "a\n", "a-b", None, 3]
)
def test_what_could_not_stand_in_a_path_is_refused(name):
    with pytest.raises(
        InputError, match=r"pool name is .*; allowed: letters, digits"
    ) as caught:
        check_name("pool", name)
    assert "\n" not in str(caught.value)
