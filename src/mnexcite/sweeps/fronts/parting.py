"""What parts the points of a plane into classes: a flag, or a number and a threshold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnexcite.errors import InputError, did_you_mean, number
from mnexcite.measures import Output
from mnexcite.measures.flags import FAILED
from mnexcite.sweeps.block import Values
from mnexcite.sweeps.plan import STATUS

#: What parts the points: a flag's name, or a number's name and a threshold in its unit.
Of = str | tuple[str, float]

#: Classes of a number; firing that stopped has a rate, but is on neither side of one.
SIDES = ("below", "above", "undefined", FAILED)
STOPPED = "stopped"


@dataclass(frozen=True)
class Parting:
    """Hold an output that parts points into classes, and the threshold of a number.

    `beside` is the flag that says of a number where firing stopped, if it has one.
    """

    output: Output
    threshold: float | None = None
    beside: Output | None = None

    @property
    def flags(self) -> tuple[str, ...]:
        """Names of the classes, which are counted from 0."""
        if self.threshold is None:
            return self.output.flags
        return SIDES if self.beside is None else (*SIDES, STOPPED)

    @property
    def attrs(self) -> dict[str, Any]:
        """The classes by the CF conventions."""
        return {
            "flag_values": np.arange(len(self.flags), dtype=np.int8),
            "flag_meanings": " ".join(self.flags),
        }

    @property
    def title(self) -> str:
        """What parts the points."""
        if self.threshold is None:
            return self.output.name
        unit = "" if self.output.unit == "1" else f" {self.output.unit}"
        return f"{self.output.name} at {self.threshold:g}{unit}"

    def classes(self, values: Values) -> NDArray[np.int8]:
        """Return the class of each point; below 0 where it was not computed.

        A number at the threshold is above it. A failed point has a class of its own.
        """
        given, status = values[self.output.name], values[STATUS]
        if self.threshold is None:
            return given
        sides = np.where(given < self.threshold, 0, 1)
        if self.beside is not None:
            where = values[self.beside.name] == self.beside.flags.index(STOPPED)
            sides[where] = len(SIDES)
        sides[np.isnan(given)] = SIDES.index("undefined")
        sides[status > 0] = SIDES.index(FAILED)
        sides[status < 0] = -1
        return sides.astype(np.int8)


def parting_of(outputs: Sequence[Output], of: Any) -> Parting:
    """Return what parts the points.

    Raises
    ------
    InputError
        If no measure gives it, a flag has a threshold or a number has none.
    """
    given = (of,) if isinstance(of, str) else of
    name = given[0] if isinstance(given, tuple | list) and len(given) in (1, 2) else None
    if not isinstance(name, str):
        raise InputError(
            f"of is {of!r}; allowed: the name of a flag, such as 'phase', or of a number and a "
            "threshold, such as ('rate', 1.0)"
        )
    known = {output.name: output for output in outputs}
    if name not in known:
        raise InputError(
            f"of is {name!r}, which none of the measures gives (add one that does); "
            f"{did_you_mean(name, known)}"
        )
    output = known[name]
    if output.flags:
        if len(given) == 2:
            raise InputError(f"{name} is a flag and has no threshold; give of={name!r}")
        return Parting(output)
    unit = "" if output.unit == "1" else output.unit
    if len(given) == 1:
        said = f" [{unit}]" if unit else ""
        raise InputError(
            f"{name} is a number, not a flag; give a threshold{said}, as in of=({name!r}, 1.0)"
        )
    beside = known.get(f"{name}_status")
    if beside is not None and STOPPED not in beside.flags:
        beside = None
    return Parting(output, number(f"threshold of {name}", given[1], unit=unit), beside)
