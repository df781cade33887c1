import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnexcite.errors import InputError, Interrupted, RunWarning, StorageError, did_you_mean

names = st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=20, unique=True)


@pytest.mark.parametrize(
    ("error", "base"),
    [
        (InputError, ValueError),
        (StorageError, OSError),
        (RunWarning, UserWarning),
        (Interrupted, KeyboardInterrupt),
    ],
)
def test_each_error_is_caught_by_the_builtin_it_extends(error, base):
    assert issubclass(error, base)


def test_interrupted_carries_what_was_done():
    assert Interrupted("stopped", [1, 2]).partial == [1, 2]
    assert Interrupted("stopped").partial is None


def test_input_error_survives_a_process_boundary():
    again = pickle.loads(pickle.dumps(InputError("NaP.g is -1")))
    assert isinstance(again, InputError)
    assert str(again) == "NaP.g is -1"


@pytest.mark.parametrize("given_name", ["NaQ.g", "nap.g", "NAP.G", "NaP_g"])
def test_the_nearest_name_is_offered_whatever_its_case(given_name):
    assert did_you_mean(given_name, ["Kdr.n.half", "NaP.g"]) == "did you mean 'NaP.g'?"


def test_names_that_differ_only_in_case_are_both_offered():
    assert did_you_mean("nap", ["NaP", "NAP"]) == "did you mean 'NaP' or 'NAP'?"


def test_the_start_of_a_name_finds_it():
    assert "molkov_2025" in did_you_mean("molkov", ["purvis_butera_2005", "molkov_2025"])
    assert did_you_mean("purvis", ["purvis_butera_2005", "molkov_2025"]).startswith("did you")


def test_far_from_everything_lists_what_is_allowed_up_to_the_limit():
    assert did_you_mean("zzz", ["NaP.g", "Kdr.g"]) == "allowed: NaP.g, Kdr.g"
    many = [f"path{i}" for i in range(10)]
    tail = did_you_mean("zzz", many, limit=3)
    assert tail == "allowed: path0, path1, path2, ... (10 in all)"


@given(names)
def test_an_allowed_name_is_its_own_nearest(allowed):
    for name in allowed:
        if len({n.casefold() for n in allowed}) == len(allowed):
            assert did_you_mean(name, allowed).startswith(f"did you mean {name!r}")


@given(st.text(max_size=12), names)
def test_a_suggestion_only_names_what_is_allowed(typed, allowed):
    tail = did_you_mean(typed, iter(allowed))
    assert tail.startswith(("did you mean ", "allowed: "))
    assert any(name in tail or repr(name) in tail for name in allowed)
