import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnexcite.cells import Cell, Compartment
from mnexcite.channels import Channel, Gate, IonPool
from mnexcite.channels.names import TAKEN, check_name
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


@pytest.mark.parametrize("name", sorted(TAKEN))
def test_what_results_and_axes_are_called_names_no_part(name):
    """A pool `time`, or `stimulus`, would be the axis or the variable of that name."""
    leak = Channel("leak", g=0.1, E=-65.0)
    for make in (
        lambda: Compartment("soma", 1.0, Channel(name, g=0.1, E=-65.0)),
        lambda: Compartment("soma", 1.0, leak, pools=[IonPool(name, alpha=1.0, decay=0.1)]),
        lambda: Cell("cell", Compartment(name, 1.0, leak)),
    ):
        with pytest.raises(InputError, match=f"{name!r} is taken"):
            make()


@pytest.mark.parametrize("name", ["g_open", "drive"])
def test_what_is_recorded_of_a_channel_names_no_gate(name):
    with pytest.raises(InputError, match=f"{name!r} is taken"):
        Channel("K", g=0.1, E=-80.0, gates=Gate(name, inf=0.5, tau=1.0))
