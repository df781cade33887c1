"""Print the cubic through the ends of a step: its values, its peak, where it crosses."""

from __future__ import annotations

from mnexcite.kernels.source import Source

CLOSE = 1e-15  # of a step, between two places of a crossing


def print_summit(out: Source, old: str, new: str, start: str, end: str) -> None:
    """Print `place`, 0 to 1, and height `v` of the cubic's peak, or of its end."""
    out.add(
        f"square = 3.0 * ({new} - {old}) - 2.0 * {start} - {end}",
        f"cube = {start} + {end} - 2.0 * ({new} - {old})",
        f"under = square * square - 3.0 * {start} * cube",
        # where its slope is 0, start + 2 square s + 3 cube s^2, and falls
        f"place = {start} / (math.sqrt(under) - square) if under > 0.0 else 1.0",
        "place = place if 0.0 < place < 1.0 else 1.0",
        f"v = {hermite(old, new, start, end)}",
    )


def print_crossing(
    out: Source, old: str, new: str, start: str, end: str, until: str = "1.0"
) -> None:
    """Print the search for `place`, 0 to `until`, where the cubic crosses the threshold.

    The cubic goes from `old` to `new` with slopes `start` and `end`, per step. Newton's steps,
    and halves of the bracket where they leave it: a handful instead of fifty.
    """
    out.add(f"low, high, place = 0.0, {until}, 0.5 * {until}")
    with out.block("for _ in range(50):"):
        out.add(
            f"v = {hermite(old, new, start, end)}",
            "low, high = (place, high) if v < threshold else (low, place)",
            f"steep = (1.0 - place) * ((1.0 - 3.0 * place) * {start} + 6.0 * place * "
            f"({new} - {old})) + place * (3.0 * place - 2.0) * {end}",
            "newton = place - (v - threshold) / steep if steep > 0.0 else high",
            "newton = newton if low < newton < high else 0.5 * (low + high)",
            f"close = abs(newton - place) <= {CLOSE}",
            "place = newton",
        )
        with out.block("if close:"):
            out.add("break")


def hermite(old: str, new: str, start: str, end: str) -> str:
    """Return the cubic's value at `place`."""
    rest = "(1.0 - place)"
    return (
        f"{rest} * {rest} * ((1.0 + 2.0 * place) * {old} + place * {start}) + "
        f"place * place * ((3.0 - 2.0 * place) * {new} - {rest} * {end})"
    )
