import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnexcite.channels.mapping import FrozenMapping

items = st.dictionaries(st.text(max_size=5), st.floats(allow_nan=False), max_size=6)


@given(items)
def test_it_is_the_mapping_it_was_given(given_items):
    held = FrozenMapping(given_items)
    assert held == given_items
    assert dict(held) == given_items
    assert list(held) == list(given_items)
    assert len(held) == len(given_items)
    assert repr(held) == repr(given_items)
    assert pickle.loads(pickle.dumps(held)) == held


@given(items)
def test_equal_mappings_hash_alike_whatever_their_order(given_items):
    turned = FrozenMapping(dict(reversed(given_items.items())))
    assert turned == FrozenMapping(given_items)
    assert hash(turned) == hash(FrozenMapping(given_items))


@given(items, st.floats(allow_nan=False))
def test_with_items_makes_a_new_one(given_items, value):
    held = FrozenMapping(given_items)
    assert held.with_items(q=value) == {**given_items, "q": value}
    assert held == given_items


def test_it_does_not_follow_its_source_and_cannot_be_changed():
    source = {"half": -47.1}
    held = FrozenMapping(source)
    source["half"] = 0.0
    assert held["half"] == -47.1
    with pytest.raises(TypeError):
        held["half"] = 0.0
    with pytest.raises(KeyError):
        held["slope"]
    assert FrozenMapping() == {}
