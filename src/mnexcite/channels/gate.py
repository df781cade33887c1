"""A gate: how one gating variable follows the voltage or a concentration."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mnexcite.channels.axes import axis_of
from mnexcite.channels.kinetics import unit_of
from mnexcite.channels.mapping import FrozenMapping
from mnexcite.channels.names import check_name
from mnexcite.errors import InputError, did_you_mean, number, whole

Kinetics = Callable[..., ArrayLike]
_ROLES = ("inf", "tau", "alpha", "beta")
#: The unit of a concentration, until the pool it is read from is known.
OF_THE_POOL = "of the pool"


@dataclass(frozen=True, init=False)
class Gate:
    """Describe a gating variable x with x' = (inf - x) / tau, or alpha (1 - x) - beta x.

    Parameters
    ----------
    name
        Name in paths, such as `m`.
    power
        Exponent of the gate in its current, a whole number from 1 to 8.
    inf, tau
        Steady state [0 to 1] and time constant [ms]: NumPy functions whose first
        argument is `v` [mV] or `c` (a pool's concentration) and whose others are named
        numbers, or a plain number. Without `tau` the gate is instantaneous.
    alpha, beta
        Opening and closing rate [1/ms] instead of `inf` and `tau`.
    shift
        Moves the kinetics along the voltage axis [mV]; none for a concentration.
    rate
        Speeds the gate up [x]; none for an instantaneous gate.
    pool
        Ion pool whose concentration `c` is read.
    units
        Units of the named numbers, where their names do not tell.
    **numbers
        The named numbers of the functions; each becomes a path.

    Raises
    ------
    InputError
        If the functions and numbers do not fit, or give values out of range.

    Examples
    --------
    >>> from mnexcite.channels import Gate, kinetics
    >>> m = Gate("m", inf=kinetics.boltzmann, tau=0.1, half=-47.1, slope=4.1)
    >>> float(m.steady_state(-47.1)), float(m.time_constant(-47.1))
    (0.5, 0.1)
    """

    name: str
    power: int
    inf: Kinetics | None
    tau: Kinetics | None
    alpha: Kinetics | None
    beta: Kinetics | None
    shift: float
    rate: float
    pool: str | None
    numbers: FrozenMapping[float]
    units: FrozenMapping[str]

    def __init__(
        self,
        name: str,
        *,
        power: int = 1,
        inf: Kinetics | float | None = None,
        tau: Kinetics | float | None = None,
        alpha: Kinetics | float | None = None,
        beta: Kinetics | float | None = None,
        shift: float = 0.0,
        rate: float = 1.0,
        pool: str | None = None,
        units: Mapping[str, str] | None = None,
        numbers: Mapping[str, float] | None = None,
        **named: float,
    ) -> None:
        check_name("gate", name)
        values = {**(numbers or {}), **named}
        functions: dict[str, Kinetics | None] = {}
        for role, given in zip(_ROLES, (inf, tau, alpha, beta), strict=True):
            if given is None or callable(given):
                functions[role] = given
            else:
                functions[role] = _CONSTANTS[role]
                values[role] = _number(name, role, given)
        values = {key: _number(name, key, value) for key, value in values.items()}
        for key, value in values.items():
            if value == 0.0 and "slope" in key.split("_"):
                raise InputError(f"gate {name}: {key} is 0; allowed: any other number")
        reads_pool = _check_functions(name, functions, values)
        if reads_pool:
            pool = pool or "Ca"
        elif pool is not None:
            raise InputError(
                f"gate {name}: pool {pool!r} is given, but its functions read the voltage v; "
                "name their first argument c to read the pool"
            )
        fields = {
            "name": name,
            "power": whole(f"gate {name}: power", power, "whole numbers 1 to 8", highest=8),
            **functions,
            "shift": _number(name, "shift", shift),
            "rate": _number(name, "rate", rate),
            "pool": pool,
            "numbers": FrozenMapping(values),
            "units": FrozenMapping(units),
        }
        for key, value in fields.items():
            object.__setattr__(self, key, value)
        if self.rate <= 0:
            raise InputError(f"gate {name}: rate is {rate!r}; allowed: above 0")
        if pool is not None and self.shift != 0.0:
            raise InputError(f"gate {name}: it reads pool {pool}, so it has no shift in mV")
        grid = axis_of(pool).nodes
        self.steady_state(grid)
        self.time_constant(grid)

    @property
    def instantaneous(self) -> bool:
        """Whether the gate is at its steady state all the time."""
        return self.tau is None and self.alpha is None

    @cached_property
    def scalars(self) -> FrozenMapping[tuple[float, str]]:
        """Every number of the gate with its unit, by its name in a path."""
        listed = {
            key: (value, self.units.get(key, self._usual_unit(key)))
            for key, value in self.numbers.items()
        }
        if self.pool is None:
            listed["shift"] = (self.shift, "mV")
        if not self.instantaneous:
            listed["rate"] = (self.rate, "")
        return FrozenMapping(listed)

    def __getstate__(self) -> dict[str, Any]:
        # what is kept for speed does not travel
        return {key: value for key, value in self.__dict__.items() if key != "scalars"}

    def _usual_unit(self, key: str) -> str:
        unit = unit_of(key)
        return OF_THE_POOL if unit == "mV" and self.pool is not None else unit

    def with_scalars(self, values: Mapping[str, float]) -> Gate:
        """Return the gate with some of its numbers changed."""
        own = {key: value for key, value in values.items() if key in ("shift", "rate")}
        named = {key: value for key, value in values.items() if key not in own}
        return replace(self, numbers=self.numbers.with_items(**named), **own)

    def steady_state(self, x: ArrayLike) -> NDArray[np.float64]:
        """Return the steady state at voltage [mV] or concentration `x`, of x's shape."""
        x = np.asarray(x, dtype=float)
        if self.inf is not None:
            value = self._evaluate("inf", x)
        else:
            alpha, beta = self._evaluate("alpha", x), self._evaluate("beta", x)
            with np.errstate(all="ignore"):
                value = alpha / (alpha + beta)
        self._refuse(
            "steady state", x, value, (value >= -1e-12) & (value <= 1 + 1e-12), "0 to 1"
        )
        return np.clip(value, 0.0, 1.0)

    def time_constant(self, x: ArrayLike) -> NDArray[np.float64]:
        """Return the time constant [ms] at `x`, 0 for an instantaneous gate."""
        x = np.asarray(x, dtype=float)
        if self.instantaneous:
            return np.zeros(x.shape)
        if self.tau is not None:
            value = self._evaluate("tau", x)
        else:
            rates = self._evaluate("alpha", x) + self._evaluate("beta", x)
            with np.errstate(all="ignore"):
                value = 1.0 / rates
        with np.errstate(over="ignore"):
            value = value / self.rate
        self._refuse("tau", x, value, value > 0, "above 0")
        return value

    def _evaluate(self, role: str, x: NDArray[np.float64]) -> NDArray[np.float64]:
        function: Kinetics = getattr(self, role)
        wanted = _arguments(function)[1:]
        numbers = {key: self.numbers[key] for key in wanted if key in self.numbers}
        try:
            with np.errstate(all="ignore"):
                value = np.asarray(function(x - self.shift, **numbers), dtype=float)
                # most functions return one value for each, and this is asked for often
                return value if value.shape == x.shape else np.broadcast_to(value, x.shape)
        except (TypeError, ValueError) as error:
            raise InputError(
                f"gate {self.name}: {role} fails on an array ({error}); write it with NumPy "
                "functions of v or c that return one value for each"
            ) from error

    def _refuse(
        self,
        what: str,
        x: NDArray[np.float64],
        value: NDArray[np.float64],
        good: NDArray[np.bool_],
        allowed: str,
    ) -> None:
        good = good & np.isfinite(value)
        if np.all(good):
            return
        where = np.flatnonzero(~np.ravel(good))[0]
        axis = "v" if self.pool is None else self.pool
        hint = "change its numbers or its function"
        if not np.isfinite(np.ravel(x)[where]):
            hint = f"give a finite {axis}"
        elif np.isnan(np.ravel(value)[where]):
            hint = "use mnexcite.channels.kinetics.linoid for x / (1 - exp(-x / y))"
        raise InputError(
            f"gate {self.name}: {what} is {np.ravel(value)[where]:g} at {axis} = "
            f"{np.ravel(x)[where]:g}; allowed: {allowed}; {hint}"
        )


def _constant_inf(v: ArrayLike, inf: float) -> ArrayLike:
    return inf


def _constant_tau(v: ArrayLike, tau: float) -> ArrayLike:
    return tau


def _constant_alpha(v: ArrayLike, alpha: float) -> ArrayLike:
    return alpha


def _constant_beta(v: ArrayLike, beta: float) -> ArrayLike:
    return beta


_CONSTANTS: dict[str, Kinetics] = {
    "inf": _constant_inf,
    "tau": _constant_tau,
    "alpha": _constant_alpha,
    "beta": _constant_beta,
}


@lru_cache(maxsize=256)
def _parameters(function: Kinetics) -> tuple[inspect.Parameter, ...]:
    """Return what a function takes, nothing where it does not say so."""
    try:
        return tuple(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return ()


def _arguments(function: Kinetics) -> list[str]:
    return [parameter.name for parameter in _parameters(function)]


def _number(gate: str, key: str, value: object) -> float:
    return number(f"gate {gate}: {key}", value)


def _check_functions(
    gate: str, functions: Mapping[str, Kinetics | None], numbers: Mapping[str, float]
) -> bool:
    """Refuse functions and numbers that do not fit; return whether they read a pool."""
    given = {role for role, function in functions.items() if function is not None}
    if given not in ({"inf"}, {"inf", "tau"}, {"alpha", "beta"}):
        raise InputError(
            f"gate {gate}: given {', '.join(sorted(given)) or 'no function'}; allowed: "
            "inf and tau, alpha and beta, or inf alone for an instantaneous gate"
        )
    axes: dict[str, str] = {}
    used: set[str] = set()
    for role in given:
        function = functions[role]
        assert function is not None
        parameters = _parameters(function)
        if not parameters or parameters[0].name not in ("v", "c"):
            raise InputError(
                f"gate {gate}: the first argument of {role} must be named v (voltage) or "
                "c (concentration)"
            )
        if function not in _CONSTANTS.values():
            axes[role] = parameters[0].name
        for parameter in parameters[1:]:
            if parameter.name in ("shift", "rate"):
                raise InputError(
                    f"gate {gate}: the name {parameter.name!r} in {role} is taken (every gate "
                    "has that number); rename the argument"
                )
            if parameter.name in numbers:
                used.add(parameter.name)
            elif parameter.default is inspect.Parameter.empty:
                raise InputError(
                    f"gate {gate}: {role} needs the number {parameter.name!r}; give it as "
                    f"{parameter.name}=..."
                )
    if unused := [key for key in numbers if key not in used]:
        known = sorted({p for role in given for p in _arguments(functions[role])[1:]})  # type: ignore[arg-type]
        allowed = did_you_mean(unused[0], known) if known else "leave it out"
        raise InputError(f"gate {gate}: no function of it takes {unused[0]!r}; {allowed}")
    if len(set(axes.values())) > 1:
        raise InputError(
            f"gate {gate}: some functions read v and others c; a gate reads one of them"
        )
    return set(axes.values()) == {"c"}
