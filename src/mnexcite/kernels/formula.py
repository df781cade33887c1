"""Formulas of emitted text, made by the operators of Python."""

from __future__ import annotations

#: How tightly a formula holds together: a name or number, a product, a sum.
ATOM, PRODUCT, SUM = 0, 1, 2


class Text(str):
    """Hold a formula; operators give formulas that are evaluated in the order written.

    >>> g, v, E = Text("g"), Text("v"), Text("E")
    >>> print(-1.0 * g**3 * (v - E))
    -1.0 * ((g * g) * g) * (v - E)
    """

    rank: int

    def __new__(cls, code: str, rank: int = ATOM) -> Text:
        """Return the text of a formula."""
        self = super().__new__(cls, code)
        self.rank = rank
        return self

    def __add__(self, other: object) -> Text:  # type: ignore[override]
        return Text(f"{self} + {_within(other, PRODUCT)}", SUM)

    def __radd__(self, other: object) -> Text:
        return _text(other) + self

    def __sub__(self, other: object) -> Text:
        return Text(f"{self} - {_within(other, PRODUCT)}", SUM)

    def __rsub__(self, other: object) -> Text:
        return _text(other) - self

    def __mul__(self, other: object) -> Text:  # type: ignore[override]
        return Text(f"{_within(self, PRODUCT)} * {_within(other, ATOM)}", PRODUCT)

    def __rmul__(self, other: object) -> Text:  # type: ignore[override]
        return _text(other) * self

    def __pow__(self, exponent: int) -> Text:
        """Return the product that is a whole power, in as few steps as squares allow."""
        if exponent == 0:
            return Text("1.0")
        if exponent == 1:
            return self
        own = Text(_within(self, ATOM))
        half = own ** (exponent // 2)
        square = Text(f"({half} * {half})")
        return square if exponent % 2 == 0 else Text(f"({square} * {own})")


def _text(value: object) -> Text:
    return value if isinstance(value, Text) else Text(str(value))


def _within(value: object, rank: int) -> str:
    text = _text(value)
    return text if text.rank <= rank else f"({text})"
