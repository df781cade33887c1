"""An ion pool: a concentration, inside or outside, that currents fill or drain."""

from __future__ import annotations

from dataclasses import dataclass

from mnexcite.channels.names import check_name
from mnexcite.errors import InputError, choice, number, text


@dataclass(frozen=True)
class IonPool:
    """Describe c' = f (-alpha I - k (c - rest)), with k = decay or 1 / tau.

    I is the sum of the compartment's currents that carry the pool's ion, outward positive.
    A pool outside gains what flows out: c' = f (alpha ratio I - k (c - rest)). With a
    `reference`, or where the cell's `Ion` states a concentration on the pool's side, the ion's
    reversal potential moves with the pool, at every moment.

    Parameters
    ----------
    name
        As in paths, such as `Ca` or `K_o`.
    alpha
        Concentration per charge [unit / (current unit x ms)].
    decay, tau
        Rate of removal, or of diffusion to a bath [1/ms], 0 for none; or its time constant
        [ms]; one of the two.
    f
        Free fraction, multiplying both terms.
    rest
        Concentration without current; None takes that of the cell's `Ion` on this side.
    initial
        Concentration at the start.
    scale
        Typical concentration, which weighs errors; about the half-activation of what
        reads the pool.
    unit
        Unit of the concentration.
    ion
        Whose currents fill it; left out, the ion of the pool's name.
    side
        `inside` or `outside` of the membrane.
    ratio
        Volume inside per volume of this space; 1 for a pool inside.
    reference
        Concentration at which the ion's reversal potential is E; left out, the `Ion`'s own.

    Raises
    ------
    InputError
        If a number is not allowed.

    Examples
    --------
    Potassium in a space outside that is a seventh of the cell, washed in 10 s:

    >>> space = IonPool("K_o", alpha=1e-5, tau=1e4, rest=4.0, initial=4.0, ion="K",
    ...                 side="outside", ratio=7.0)
    >>> space.ion, space.outside
    ('K', True)
    """

    name: str
    alpha: float
    decay: float | None = None
    tau: float | None = None
    f: float = 1.0
    rest: float | None = 0.0
    initial: float = 0.0
    scale: float = 1e-3
    unit: str = "mM"
    ion: str = ""
    side: str = "inside"
    ratio: float = 1.0
    reference: float | None = None

    def __post_init__(self) -> None:
        check_name("pool", self.name)
        if (self.decay is None) == (self.tau is None):
            raise InputError(
                f"pool {self.name}: give decay in 1/ms or tau in ms, one of the two"
            )
        if self.ion is None or self.ion == "":
            object.__setattr__(self, "ion", self.name)
        check_name(f"pool {self.name}: ion", self.ion)
        text(f"pool {self.name}: unit", self.unit, "the unit of the concentration")
        choice(f"pool {self.name}: side", self.side, ("inside", "outside"))
        if self.side == "inside" and self.ratio != 1.0:
            raise InputError(
                f"pool {self.name}: ratio is {self.ratio!r}, but it is inside; leave ratio out"
            )
        for key in (
            "alpha",
            "decay",
            "tau",
            "f",
            "rest",
            "initial",
            "scale",
            "ratio",
            "reference",
        ):
            value = getattr(self, key)
            if value is None and key in ("decay", "tau", "rest", "reference"):
                continue
            name = f"pool {self.name}: {key}"
            if key in ("tau", "scale", "ratio", "reference"):
                value = number(name, value, "above 0", above=0.0)
            else:
                value = number(name, value, "0 or more", lowest=0.0)
            object.__setattr__(self, key, value)

    @property
    def outside(self) -> bool:
        """Whether it is outside of the membrane."""
        return self.side == "outside"

    @property
    def scalars(self) -> dict[str, tuple[float, str]]:
        """Every number of the pool with its unit, by its name in a path."""
        removal = (
            {"decay": (self.decay, "1/ms")} if self.tau is None else {"tau": (self.tau, "ms")}
        )
        return {
            "alpha": (self.alpha, f"{self.unit}/(current ms)"),
            **removal,  # type: ignore[dict-item]
            "f": (self.f, ""),
            **({} if self.rest is None else {"rest": (self.rest, self.unit)}),
            **({"ratio": (self.ratio, "")} if self.outside else {}),
        }
