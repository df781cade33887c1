"""Does an error fall as its setting tightens? If not, something else decides it."""

from __future__ import annotations

from collections.abc import Sequence

#: By so much a step (by kind) must be tightened before its error may be asked to have fallen.
TIGHTENED = {"dt": 4.0, "tolerance": 30.0}
#: Over that an error falls at least so many times: a first-order step gives 4, a tolerance
#: whose error goes as its square root 5.
FALL = 2.0
#: Fewer settings show no trend, since one of them may be right by chance.
LEAST = 3
#: An error is at the judge's floor if it is not so many times above it.
NEAR = 3.0


def stays(values: Sequence[float], errors: Sequence[float], kind: str, floor: float) -> int:
    """Return at how many of the finest settings the error stays where it is; 0 if it falls.

    Parameters
    ----------
    values, errors
        Settings from coarse to fine, and the spike-time error [ms] at each.
    kind
        `dt` or `tolerance`.
    floor
        How sure the judge is [ms]: an error about as small as that cannot be seen to fall.

    Examples
    --------
    >>> stays([1e-4, 1e-6, 1e-7, 1e-8], [7e-3, 1.8e-4, 1.7e-4, 1.6e-4], "tolerance", 4e-8)
    3
    >>> stays([1e-4, 1e-6, 1e-7, 1e-8], [7e-3, 9e-5, 1e-6, 2e-7], "tolerance", 4e-8)
    0
    >>> stays([0.1, 0.05, 0.025], [3e-8, 3e-8, 3e-8], "dt", 4e-8)
    0
    """
    if not errors or errors[-1] <= NEAR * floor:
        return 0
    count = 0
    for place in reversed(range(len(errors))):
        if errors[place] >= FALL * errors[-1]:
            break
        count += 1
    enough = count >= LEAST and values[len(values) - count] >= TIGHTENED[kind] * values[-1]
    return count if enough else 0
