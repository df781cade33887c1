"""Cell and values per lane -> rows of parameters and tables' gates."""

from __future__ import annotations

import math
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from mnexcite.cells import Cell
from mnexcite.cells.compartment import reference_of, tracking
from mnexcite.cells.paths import scalars
from mnexcite.cells.values import with_values
from mnexcite.channels import Channel, IonPool, Pump
from mnexcite.channels.axes import CONCENTRATION
from mnexcite.equations.layout import SYNAPSE, Layout
from mnexcite.equations.node_values import NodeValues
from mnexcite.equations.structure import Structure

Array = NDArray[np.float64]
#: Charge of a mol, as the current that a permeability of 1 lets through per mM: in uA/cm2 of
#: cm/s, in nA of cm3/s. CODATA 2018.
CHARGE = {"density": 96485.33212, "absolute": 96485.33212e3}
#: Which number of a synapse each of its rows is made of.
SYNAPSE_NUMBERS = dict(zip(SYNAPSE, ("g", "E", "decay", "rise"), strict=True))


@dataclass(frozen=True)
class Lanes:
    """Hold a batch in numbers.

    `rows`: parameters x lanes, in the layout's order and the cell's units, rates of gates
    among them. `kinetics`: the distinct sets of kinetics but for these, each a cell; `kind`:
    which of them each lane has; `values`: their gates at the nodes of the axes.
    """

    cell: Cell
    layout: Layout
    rows: Array
    kinetics: tuple[Cell, ...]
    kind: NDArray[np.int64]
    values: NodeValues = field(default_factory=NodeValues)

    @property
    def count(self) -> int:
        """Number of lanes."""
        return self.rows.shape[1]


def lower(cell: Cell, layout: Layout, values: Mapping[str, Array], count: int) -> Lanes:
    """Return the batch in which `values` (full path -> one number per lane) hold."""
    numbers: dict[str, float | Array] = {path: v for path, (v, _) in scalars(cell).items()}
    numbers.update(values)
    rows = np.empty((len(layout.parameters), count))
    for index in range(len(rows)):
        rows[index] = any_row(cell, layout, numbers, index, values)
    kinetics, kind_of = _kinetics(cell, layout, values, count)
    return Lanes(cell, layout, rows, kinetics, kind_of)


class Rows:
    """Know which numbers each row is made of, to make those again that a change moves."""

    def __init__(self, lanes: Lanes, values: Mapping[str, Array]) -> None:
        self.cell, self.layout, self.rows = lanes.cell, lanes.layout, lanes.rows
        numbers: dict[str, float | Array] = {p: v for p, (v, _) in scalars(lanes.cell).items()}
        self.numbers = numbers | dict(values)
        self.given = set(values)
        self.of: dict[str, list[int]] = {}
        for index in range(len(self.rows)):
            read = _Read(self.numbers)
            any_row(self.cell, self.layout, read, index, self.given)
            for path in read.paths:
                self.of.setdefault(path, []).append(index)

    def changed(self, values: Mapping[str, Array | float]) -> Array:
        """Return the rows with other values of some full paths: one, or one per lane.

        A reversal that follows its ion must not be among them.
        """
        self.numbers.update(values)
        self.rows = self.rows.copy()
        for index in sorted({i for path in values for i in self.of.get(path, ())}):
            self.rows[index] = any_row(self.cell, self.layout, self.numbers, index, self.given)
        return self.rows


class _Read(Mapping[str, float | Array]):
    """Tell which paths are read of a mapping."""

    def __init__(self, numbers: Mapping[str, float | Array]) -> None:
        self.numbers = numbers
        self.paths: set[str] = set()

    def __getitem__(self, path: str) -> float | Array:
        self.paths.add(path)
        return self.numbers[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self.numbers)

    def __len__(self) -> int:
        return len(self.numbers)


def apart(lanes: Lanes) -> Lanes:
    """Return the lanes with a set of kinetics for each set of rates, in which these hold.

    For tables in which a rate is no factor, such as those of a gate's decay over a step.
    """
    s, layout = lanes.layout.structure, lanes.layout
    rates = {
        s.path(k, channel.name, gate.name, "rate"): layout.row(
            "rate", k, channel.name, gate.name
        )
        for k, channel, gate in s.gates
    }
    columns = np.vstack([lanes.kind, lanes.rows[list(rates.values())]])
    distinct, kind = np.unique(columns, axis=1, return_inverse=True)
    kinetics = []
    for of, *own in distinct.T.tolist():
        cell = lanes.kinetics[int(of)]
        known = {path: value for path, (value, _) in scalars(cell).items()}
        new = {p: rate for p, rate in zip(rates, own, strict=True) if rate != known[p]}
        kinetics.append(with_values(cell, new) if new else cell)
    return replace(lanes, kinetics=tuple(kinetics), kind=kind.reshape(-1).astype(np.int64))


def lane_cell(cell: Cell, values: Mapping[str, Array], lane: int) -> Cell:
    """Return the cell of one lane."""
    return with_values(cell, {path: float(column[lane]) for path, column in values.items()})


def any_row(
    cell: Cell,
    layout: Layout,
    numbers: Mapping[str, float | Array],
    index: int,
    given: Container[str],
) -> float | Array:
    """Return a row of parameters from numbers by full path; those `given` follow no ion."""
    kind, *where = layout.parameters[index]
    if kind == "E":
        return _reversal(cell, layout, numbers, int(where[0]), where[1], given)
    return _row(cell, layout, numbers, kind, where)


def _row(
    cell: Cell,
    layout: Layout,
    numbers: Mapping[str, float | Array],
    kind: str,
    where: list[str],
) -> float | Array:
    s = layout.structure
    if kind.startswith("coupling"):
        coupling = cell.couplings[int(where[0])]
        g_c = numbers[f"{coupling.name}.g_c"]
        if coupling.p is None:
            return g_c
        p = numbers[f"{coupling.name}.p"]
        return g_c / p if kind == "coupling_a" else g_c / (1.0 - p)
    compartment = int(where[0])
    if kind in ("C", "rate"):
        return numbers[s.path(compartment, *where[1:], kind)]
    if kind in ("catch", "free"):  # how often a free channel is caught, a caught one freed
        on, off, c = (
            numbers[s.path(compartment, *where[1:], name)] for name in ("on", "off", "c")
        )
        return on * c if kind == "catch" else off
    part = where[1]
    if kind in SYNAPSE:
        value = numbers[s.path(compartment, part, SYNAPSE_NUMBERS[kind])]
        return value if kind in ("peak", "reversal") else _inverse(value)
    if kind in ("g", "per_volt", "inside", "outside"):
        return _strength(cell, s, numbers, kind, compartment, part)
    pool = next(p for p in cell.compartments[compartment].pools if p.name == part)
    if kind == "nernst":
        octaves = CONCENTRATION.last - CONCENTRATION.first
        return _nernst(cell, numbers, pool) * (math.log(2.0) * octaves)
    f = numbers[s.path(compartment, part, "f")]
    if kind == "alpha":
        filled = f * numbers[s.path(compartment, part, "alpha")]
        return -filled * numbers[s.path(compartment, part, "ratio")] if pool.outside else filled
    if kind == "rest":
        bath = f"ions.{pool.ion}_{pool.side[0]}"
        return numbers[s.path(compartment, part, "rest") if pool.rest is not None else bath]
    if pool.tau is None:
        return f * numbers[s.path(compartment, part, "decay")]
    return f / numbers[s.path(compartment, part, "tau")]


def _strength(
    cell: Cell,
    s: Structure,
    numbers: Mapping[str, float | Array],
    kind: str,
    k: int,
    name: str,
) -> float | Array:
    """Return what a channel's openings are multiplied with, or what drives a permeability."""
    channel = next(c for c in cell.compartments[k].channels if c.name == name)
    if isinstance(channel, Pump):
        return numbers[s.path(k, name, "i_max")]
    if isinstance(channel, Channel):
        return numbers[s.path(k, name, "g")]
    ion = next(ion for ion in cell.ions if ion.name == channel.ion)
    if kind == "g":
        return numbers[s.path(k, name, "P")] * (ion.valence * CHARGE[cell.membrane])
    if kind == "per_volt":
        return ion.valence / cell.nernst_slope(numbers["temperature"])
    return numbers[f"ions.{ion.name}_{kind[0]}"]


def _inverse(tau: float | Array) -> float | Array:
    """Return one over a time constant, 0 where there is none."""
    tau = np.asarray(tau, dtype=float)
    return np.where(tau > 0.0, 1.0 / np.where(tau > 0.0, tau, 1.0), 0.0)


def _reversal(
    cell: Cell,
    layout: Layout,
    numbers: Mapping[str, float | Array],
    compartment: int,
    name: str,
    given: Container[str],
) -> float | Array:
    path = layout.structure.path(compartment, name, "E")
    owner = cell.compartments[compartment]
    channel = next(c for c in owner.channels if c.name == name)
    assert isinstance(channel, Channel)
    ion = next((i for i in cell.ions if i.name == channel.ion), None)
    if ion is None:
        return numbers[path]
    # a reversal that was not given itself follows the ion's
    follows = channel.E is None and path not in given
    E = numbers[f"ions.E_{ion.name}"] if follows else numbers[path]
    slope = cell.nernst_slope(numbers["temperature"])
    shift: float | Array = 0.0
    moved = {pool.side: pool for pool in tracking(owner, ion)}
    if ion.outside is not None and "outside" not in moved:
        shift = shift + _log(numbers[f"ions.{ion.name}_o"] / ion.outside_0)  # type: ignore[operator]
    if ion.inside is not None and "inside" not in moved:
        shift = shift - _log(numbers[f"ions.{ion.name}_i"] / ion.inside_0)  # type: ignore[operator]
    E = E + slope * shift / ion.valence
    # what a pool moves is told from the start of the axis of concentrations
    for pool in moved.values():
        E = E + _nernst(cell, numbers, pool) * math.log(
            CONCENTRATION.lowest / reference_of(pool, ion)
        )
    return E


def _nernst(cell: Cell, numbers: Mapping[str, float | Array], pool: IonPool) -> float | Array:
    """Return what a reversal gains as its pool's logarithm grows by one [mV]."""
    ion = next(ion for ion in cell.ions if ion.name == pool.ion)
    slope = cell.nernst_slope(numbers["temperature"]) / ion.valence
    return slope if pool.outside else -slope


def _kinetics(
    cell: Cell, layout: Layout, values: Mapping[str, Array], count: int
) -> tuple[tuple[Cell, ...], NDArray[np.int64]]:
    s = layout.structure
    prefixes = tuple(s.path(k, c.name, g.name) + "." for k, c, g in s.every_gate)
    shapes = (path for path in values if path.startswith(prefixes))
    changing = [path for path in shapes if not path.endswith(".rate")]
    if not changing:
        return (cell,), np.zeros(count, np.int64)
    stacked = np.stack([values[path] for path in changing], axis=1)
    distinct, kind = np.unique(stacked, axis=0, return_inverse=True)
    kinds = []
    for row in distinct:
        kinds.append(with_values(cell, dict(zip(changing, row.tolist(), strict=True))))
    return tuple(kinds), kind.reshape(-1).astype(np.int64)


def _log(x: float | Array) -> float | Array:
    """Return the logarithm, the same bits for a number alone and in an array.

    What is no number has a logarithm of its own (`explore.formula`).
    """
    if isinstance(x, np.ndarray):
        return np.array([math.log(value) for value in x])
    own = getattr(x, "log", None)
    return math.log(x) if own is None else own()
