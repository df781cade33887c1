"""A motor pool that can cramp: its neurons, their terminals and their muscle, as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mnexcite.cells import Cell, Parameter, cramping_motoneuron, motor_terminal
from mnexcite.cells.paths import Path
from mnexcite.cells.provenance import with_sources
from mnexcite.channels import IonPool
from mnexcite.channels.mapping import FrozenMapping
from mnexcite.errors import InputError, array, did_you_mean, flag, mapping, number, whole
from mnexcite.errors.display import columns, table
from mnexcite.motor_pool.numbers import NUMBERS, TUNED
from mnexcite.motor_pool.shared import Laws
from mnexcite.motor_pool.units import Units, draw, with_parts_of_leak

GIVEN = "given by the user"
PARTS = ("soma", "terminal")
#: Subjects differ in these: standard deviation of the logarithm, or of the value itself.
SUBJECTS = {
    "potassium.release": 0.08,
    "soma.afferent.g": 0.08,
    "soma.CAN.g": 0.08,
    "soma.facilitation.tau": 0.25,
}
SUBJECTS_SHIFTED = {"afferent.half": 0.25, "terminal.leak.E": 0.4}
MOST = 2000
#: Of the cleft around a terminal [mM per uA/cm2 ms; ms].
CLEFT_ALPHA, CLEFT_TAU = 3e-5, 2500.0
TERMINAL_SHIFT = -0.3  # mV, of the leaks of the terminal that stands in its cleft
FADING = 30_000.0  # ms, of facilitation
CLEFT = "assumed: a space around the terminal; calibrated to how long cramps last under block"


@dataclass(frozen=True, eq=False)
class Pool:
    """Hold a motor pool; `cramping_pool` makes one.

    Attributes
    ----------
    soma, terminal
        The cells of a unit in the middle of the pool.
    units
        How each unit differs from it, smallest first.
    numbers
        All other numbers, each with source and status: `pool.numbers["potassium.tau"]`.
    """

    soma: Cell
    terminal: Cell
    units: Units
    numbers: FrozenMapping[Parameter]

    def __len__(self) -> int:
        return len(self.units)

    def __repr__(self) -> str:
        return f"Pool({len(self)} units)"

    def _repr_html_(self) -> str:
        rows = [("units", len(self)), ("soma", self.soma), ("terminal", self.terminal)]
        listed = [
            (name, f"{p.value:.6g}", p.unit, p.status, p.source)
            for name, p in self.numbers.items()
        ]
        heads = ("name", "value", "unit", "status", "source")
        return table("Pool", rows) + columns(f"{len(listed)} numbers", heads, listed)

    def __getitem__(self, name: str) -> float:
        return self.numbers[name].value

    def replaced(self, changes: Mapping[str, float]) -> Pool:
        """Return the pool with other numbers.

        Parameters
        ----------
        changes
            Name -> value: of `numbers`, or a path of the cells with `soma.` or `terminal.` in
            front.

        Raises
        ------
        InputError
            If there is no such number, or a value is not allowed.

        Examples
        --------
        >>> pool = cramping_pool(4).replaced({"potassium.tau": 5000.0, "soma.NaP.g": 0.1})
        >>> pool["potassium.tau"], pool.soma.parameters["NaP.g"].value
        (5000.0, 0.1)
        """
        return self._changed(changes, lambda old, new: new, Cell.replaced)

    def scaled(self, changes: Mapping[str, float]) -> Pool:
        """Return the pool with numbers multiplied by factors, by the names of `replaced`."""
        return self._changed(changes, lambda old, factor: old * factor, Cell.scaled)

    def _changed(
        self,
        changes: Mapping[str, float],
        of_number: Callable[[float, float], float],
        of_cell: Callable[[Cell, Mapping[Path, float]], Cell],
    ) -> Pool:
        changes = mapping("changes", changes, "a mapping name -> number")
        cells: dict[str, dict[Path, float]] = {part: {} for part in PARTS}
        numbers = dict(self.numbers)
        for name, given in changes.items():
            part, _, path = str(name).partition(".")
            if part in cells:
                cells[part][path] = given
                continue
            if name not in numbers:
                raise InputError(
                    f"no number {name!r}; {did_you_mean(str(name), numbers)}; of the cells: "
                    "'soma.' or 'terminal.' and a path"
                )
            old = numbers[name]
            value = number(f"pool: {name}", given, unit=old.unit)
            numbers[name] = _checked(name, of_number(old.value, value), old)
        soma, terminal = (
            of_cell(getattr(self, part), cells[part]) if cells[part] else getattr(self, part)
            for part in PARTS
        )
        return replace(self, soma=soma, terminal=terminal, numbers=FrozenMapping(numbers))

    def under(self, *conditions: Callable[[Cell], Cell]) -> Pool:
        """Return the pool whose cells are under conditions, applied from left to right.

        A condition acts on somas and on terminals, or on those of the two that have what it
        changes. What moves a terminal's potassium outside moves that of the resting muscle.

        Raises
        ------
        InputError
            If neither has what a condition changes.

        Examples
        --------
        >>> import mnexcite as mx
        >>> sick = cramping_pool(4).under(mx.conditions.als_early(0.5))
        >>> round(sick.terminal.parameters["NaP.g"].value, 4)
        0.09
        """
        pool = self
        for condition in conditions:
            pool = pool._under(condition)
        return pool

    def _under(self, condition: Callable[[Cell], Cell]) -> Pool:
        cells: dict[str, Cell] = {}
        refused: list[InputError] = []
        for part in PARTS:
            try:
                cells[part] = getattr(self, part).under(condition)
            except InputError as error:
                refused.append(error)
        if not cells:
            raise refused[0]
        pool = replace(self, **cells)
        before, after = (each.terminal.parameters["ions.K_o"].value for each in (self, pool))
        rest = self.numbers["potassium.rest"]
        if after == before:
            return pool
        moved = Parameter(
            rest.value * after / before,
            rest.unit,
            f"{rest.source}; moved as ions.K_o",
            "derived",
        )
        numbers = FrozenMapping({**self.numbers, "potassium.rest": moved})
        return replace(pool, numbers=numbers)

    def chosen(self, which: ArrayLike) -> Pool:
        """Return the pool of some of its units (numbers from 0), in that order."""
        given = array("chosen", which, "numbers of units", ndim=(1,), least=1)
        if not np.all((given >= 0) & (given < len(self)) & (given == np.floor(given))):
            raise InputError(f"chosen: a number is none of 0 to {len(self) - 1}")
        chosen = given.astype(np.int64)
        return replace(self, units=self.units.chosen(chosen))

    @property
    def laws(self) -> Laws:
        """Equations of what all units share."""
        return Laws.of(self.numbers, self.soma.parameters["facilitation.tau"].value)

    @property
    def shares(self) -> NDArray[np.float64]:
        """Share of each unit in the whole muscle, by force; 1 in all if none is lost."""
        return np.array([unit.fused_force for unit in self.units.muscle])


def cramping_pool(
    n: int = 24, *, seed: int = 0, subject: int | None = None, sodium: bool = False
) -> Pool:
    """Return a pool of motor units whose muscle can cramp.

    Each unit is a motoneuron (`cells.cramping_motoneuron`), the terminal of its axon in the
    muscle (`cells.motor_terminal`) and its fibres; they differ by size and by chance. It is a
    calibration of this package: every number says what it rests on.

    Parameters
    ----------
    n
        Number of units, 2 to 2000.
    seed
        Of the spreads between units.
    subject
        Of the spreads between people, which are assumed; None for the middle.
    sodium
        True lets sodium load motoneurons as they fire, as in `cells.cramping_motoneuron`,
        whose 45 s facilitation then has. Thresholds and durations were calibrated without.

    Raises
    ------
    InputError
        If a number is not allowed.

    Examples
    --------
    >>> pool = cramping_pool(24)
    >>> len(pool), pool.numbers["afferent.half"].status
    (24, 'tuned')
    """
    allowed = "a whole number of motor units: a pool has 2 or more"
    n = whole("n", n, allowed, lowest=2, highest=MOST)
    seed = whole("seed", seed, "a whole number, 0 or more", lowest=0, highest=2**63)
    sodium = flag("sodium", sodium)
    soma, units = cramping_motoneuron(sodium=sodium), draw(n, seed)
    if sodium:
        units = with_parts_of_leak(units, soma)
    else:
        soma = soma.replaced({"facilitation.tau": FADING})
        soma = with_sources(soma, {"facilitation.tau": (TUNED, "tuned")})
    pool = Pool(soma, terminal_in_muscle(), units, NUMBERS)
    if subject is None:
        return pool
    who = whole("subject", subject, "a whole number, 0 or more", lowest=0, highest=2**63)
    rng = np.random.default_rng(np.random.SeedSequence([who, 7]))
    factors = {name: float(np.exp(sd * rng.standard_normal())) for name, sd in SUBJECTS.items()}
    shifts = {name: sd * float(rng.standard_normal()) for name, sd in SUBJECTS_SHIFTED.items()}
    terminal = pool.terminal.parameters
    return pool.scaled(factors).replaced(
        {
            "afferent.half": pool["afferent.half"] + shifts["afferent.half"],
            "terminal.leak.E": terminal["leak.E"].value + shifts["terminal.leak.E"],
            "terminal.leakK.E": terminal["leakK.E"].value + shifts["terminal.leak.E"],
        }
    )


def terminal_in_muscle() -> Cell:
    """Return the terminal with the cleft around it, whose potassium follows the muscle's.

    Its own discharges add to it; so it stays excited for some seconds after the muscle's
    potassium has begun to fall.
    """
    cleft = IonPool(
        "K_o",
        alpha=CLEFT_ALPHA,
        tau=CLEFT_TAU,
        rest=None,
        scale=4.0,
        initial=4.0,
        ion="K",
        side="outside",
        unit="mM",
    )
    cell = motor_terminal().with_pool(cleft, source=CLEFT, status="tuned")
    E = cell.parameters["leak.E"].value + TERMINAL_SHIFT
    cell = cell.replaced({"leak.E": E, "leakK.E": E})
    return with_sources(cell, dict.fromkeys(("leak.E", "leakK.E"), (TUNED, "tuned")))


def _checked(name: str, value: float, old: Parameter) -> Parameter:
    """Return a number of the pool with another value."""
    if old.unit != "mV" and value < 0.0:
        raise InputError(f"pool: {name} would be {value:g} {old.unit}; allowed: 0 or more")
    if old.unit == "ms" and value == 0.0:
        raise InputError(f"pool: {name} would be 0 ms; allowed: above 0")
    return Parameter(value, old.unit, f"{GIVEN}; was {old.value:g}: {old.source}", "unverified")
