"""An ion pool: a concentration that a current fills and a pump empties."""

from __future__ import annotations

from dataclasses import dataclass

from mnexcite.channels.names import check_name
from mnexcite.errors import InputError, number


@dataclass(frozen=True)
class IonPool:
    """Describe c' = f (-alpha I - k (c - rest)), with k = decay or 1 / tau.

    I is the sum of the compartment's currents that carry the ion of the pool's name,
    outward positive.

    Parameters
    ----------
    name
        Name of the ion, as in paths.
    alpha
        Concentration per charge [unit / (current unit x ms)].
    decay, tau
        Removal rate [1/ms], or its time constant [ms]; one of the two.
    f
        Free fraction, multiplying both terms.
    rest
        Concentration without current.
    initial
        Concentration at the start.
    scale
        Typical concentration, which weighs errors; about the half-activation of what
        reads the pool.
    unit
        Unit of the concentration.
    """

    name: str
    alpha: float
    decay: float | None = None
    tau: float | None = None
    f: float = 1.0
    rest: float = 0.0
    initial: float = 0.0
    scale: float = 1e-3
    unit: str = "mM"

    def __post_init__(self) -> None:
        check_name("pool", self.name)
        if (self.decay is None) == (self.tau is None):
            raise InputError(
                f"pool {self.name}: give decay in 1/ms or tau in ms, one of the two"
            )
        for key in ("alpha", "decay", "tau", "f", "rest", "initial", "scale"):
            value = getattr(self, key)
            if value is None and key in ("decay", "tau"):
                continue
            name = f"pool {self.name}: {key}"
            if key in ("decay", "tau", "scale"):
                value = number(name, value, "above 0", above=0.0)
            else:
                value = number(name, value, "0 or more", lowest=0.0)
            object.__setattr__(self, key, value)

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
            "rest": (self.rest, self.unit),
        }
