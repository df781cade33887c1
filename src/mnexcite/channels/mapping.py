"""A read-only mapping that can be pickled and compared."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, Mapping, ValuesView
from typing import Generic, TypeVar

Value = TypeVar("Value")


class FrozenMapping(Mapping[str, Value], Generic[Value]):
    """Hold names and values that never change.

    >>> FrozenMapping({"half": -47.1})["half"]
    -47.1
    """

    def __init__(self, items: Mapping[str, Value] | None = None) -> None:
        self._items = dict(items or {})

    def __getitem__(self, key: str) -> Value:
        return self._items[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    # those of Mapping ask for one name after the other
    def __contains__(self, key: object) -> bool:
        return key in self._items

    def items(self) -> ItemsView[str, Value]:
        """Return a view of names with their values."""
        return self._items.items()

    def values(self) -> ValuesView[Value]:
        """Return a view of the values."""
        return self._items.values()

    def __hash__(self) -> int:
        return hash(frozenset(self._items.items()))

    def __repr__(self) -> str:
        return repr(self._items)

    def with_items(self, **items: Value) -> FrozenMapping[Value]:
        """Return a copy in which `items` are new or replaced."""
        return FrozenMapping({**self._items, **items})
