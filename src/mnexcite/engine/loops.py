"""Loops over compartments of one type: the text of one, the numbers of all in memory.

A text that repeats itself for each compartment takes the longer to compile the more there are.
Where a cell has `MANY` compartments of one type, which differ in numbers only, each passage of
its kernel stands once per type, in a loop over its members and in the names of the first. What
outlives a passage stands in the kernel's tile: a passage loads what it reads before it writes
it, and stores what others read. Couplings are a tree, gone through by loops over its edges.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from mnexcite.equations.structure import Structure

if TYPE_CHECKING:
    from mnexcite.engine.printer import Printer

#: From so many compartments of one type on a kernel goes through all its types in loops.
MANY = 6
#: What belongs to a vector of lanes ends so; kernels with loops run one vector at a time.
_END = "_0"
#: Stands for a passage until all are printed.
_MARK = "# passage "


def types_of(structure: Structure) -> tuple[tuple[int, ...], ...]:
    """Return the compartments (indices) of each type, in the order of their first ones."""
    found: dict[object, list[int]] = {}
    for k, compartment in enumerate(structure.compartments):
        found.setdefault(replace(compartment, name=""), []).append(k)
    return tuple(map(tuple, found.values()))


def looped(structure: Structure) -> bool:
    """Return whether a structure has so many compartments of a type that loops are worth it."""
    return any(len(members) >= MANY for members in types_of(structure))


@dataclass(frozen=True)
class _Passage:
    """Lines about compartments of one type, and the regions of states by prefix.

    `reads`: variables that it reads before it writes them.
    """

    members: tuple[int, ...]
    lines: list[str]
    regions: Mapping[str, str]
    reads: frozenset[str]
    writes: frozenset[str]


class Loops:
    """Print passages as loops over the compartments of a type.

    `base`: where in the tile each region begins. A region of states has a vector for each, in
    their order; of compartments, parameters and inputs likewise. `moving`: where those begin
    that change their place as the kernel runs. What no region holds gets its place in the
    `frame`, which ends the tile.
    """

    #: Regions of states by the prefix of their variables, where a passage says nothing else.
    STATES: Mapping[str, str] = {
        "": "states",
        "slope_": "slopes",
        "r_": "right",
        "k_": "unknown",
        "change_": "change",
    }
    #: Regions of compartments: what flows in from others, the conductances to them, and the
    #: diagonal and right-hand side of the voltages' equations.
    COMPARTMENTS = ("axial", "joined", "d", "mid")

    def __init__(self, printer: Printer) -> None:
        self.printer, s = printer, printer.structure
        self.count = len(s.compartments)
        self.types = types_of(s)
        self.base: dict[str, int] = {}
        self.moving: dict[str, str] = {}
        self.passages: list[_Passage] = []
        self.tables: list[list[int]] = []
        self.framed = 0  # vectors of the frame that are in use

    def lay_out(self, sizes: Mapping[str, int], start: int) -> None:
        """Give regions, in vectors, their places in the tile, and those of compartments."""
        own = dict.fromkeys((*self.COMPARTMENTS, "pivot", "share", "up"), self.count)
        for region, size in {**sizes, **own}.items():
            self.base[region] = start
            start += size * self.printer.width
        self.base["frame"] = start

    @property
    def end(self) -> int:
        """Where the tile ends, once all is printed."""
        return self.base["frame"] + self.framed * self.printer.width

    def move(self, region: str, start: str) -> None:
        """Let a region of states begin where an expression says."""
        self.base[region], self.moving[region] = 0, start.replace("@", "0")

    # passages ----------------------------------------------------------------------
    def each(self, states: str = "states") -> Iterator[None]:
        """Print what is printed meanwhile once for each type; `states` stand in that region."""
        p = self.printer
        everything, out = p.chosen, p.out
        for members in self.types:
            p.chosen, start = members[:1], len(out.lines)
            yield
            depth = "    " * out.depth
            lines = [x.removeprefix(depth).replace("@", "0") for x in out.lines[start:]]
            out.lines[start:] = [f"{depth}{_MARK}{len(self.passages)}"]
            regions = {**self.STATES, "": states}
            self.passages.append(_Passage(members, lines, regions, *_used(lines)))
        p.chosen = everything

    def place(self, of: Callable[[int], int], k: int) -> str:
        """Return a place that each member of a type has: the compartment's, in its loop."""
        members = next(members for members in self.types if k in members)
        return self.progression([of(member) for member in members], "member")

    def progression(self, values: list[int], counter: str) -> str:
        """Return an expression that is one of these values after the other."""
        first, step = values[0], values[1] - values[0] if len(values) > 1 else 0
        if values == [first + step * n for n in range(len(values))]:
            return f"{first} + {step} * {counter}" if step else str(first)
        rest = [value - first for value in values]
        if rest not in self.tables:
            self.tables.append(rest)
        return f"{first} + table_{self.tables.index(rest)}[{counter}]"

    def print_strayed(self, mask: str) -> None:
        """Print the mask of lanes that left the tables."""
        out = self.printer.out
        out.add("beyond = 0")
        for _ in self.each():
            out.add(f"beyond = beyond | {' | '.join(self.printer.out_of_range())}")
        out.add(f"{mask} = beyond")

    # a region at once --------------------------------------------------------------
    def read(self, region: str, at: str = "0") -> str:
        """Return how a vector of a region is read."""
        return f"load(tile, {self._place(region, at)})"

    def write(self, region: str, at: str, value: str) -> str:
        """Return how a vector of a region is written."""
        return f"store(tile, {self._place(region, at)}, {value})"

    def _place(self, region: str, at: str) -> str:
        return str(self.base[region]) if at == "0" else f"{self.base[region]} + {at}"

    def each_state(self) -> AbstractContextManager[None]:
        """Repeat what is added inside for the place `k` of each state in its region."""
        w, count = self.printer.width, len(self.printer.states)
        return self.printer.out.block(f"for k in range(0, {count * w}, {w}):")

    def fill(self, target: str, value: str) -> None:
        """Print what every state gets in a region: a value at its place `k`."""
        with self.each_state():
            self.printer.out.add(self.write(target, "k", value))

    def copy(self, source: str, target: str) -> None:
        """Print the copy of a region of states."""
        self.fill(target, self.read(source, "k"))

    def add(self, target: str, weight: str, at: str) -> None:
        """Print how a region of states gains a weight times what begins at `at`."""
        self.fill(target, f"fma(load(tile, {at} + k), {weight}, {self.read(target, 'k')})")

    # the tree ----------------------------------------------------------------------
    def gather_couplings(self, states: str, joined: bool) -> None:
        """Print `axial`, what flows into each compartment, and `joined`, its conductances."""
        out, w, read, write = self.printer.out, self.printer.width, self.read, self.write
        with out.block(f"for k in range(0, {self.count * w}, {w}):"):
            for region in ("axial", *["joined"] * joined):
                out.add(write(region, "k", "fill(0.0)"))
        with self._each_edge():
            felt = [f"load(tile, {self._edge_rows('coupling', end)})" for end in (0, 1)]
            out.add(
                f"g_outer, g_inner = {', '.join(felt)}",
                f"across = {read(states, 'inner')} - {read(states, 'outer')}",
                write("axial", "outer", f"{read('axial', 'outer')} + g_outer * across"),
                write("axial", "inner", f"{read('axial', 'inner')} - g_inner * across"),
            )
            for end in ("outer", "inner") if joined else ():
                out.add(write("joined", end, f"{read('joined', end)} + g_{end}"))

    def factor_tree(self, scaled: bool) -> None:
        """Print the elimination of `d` from the leaves: `pivot`, and by edge `share` and `up`.

        A row is its diagonal d less its conductances, times its C where `scaled`.
        """
        out, read, write = self.printer.out, self.read, self.write
        with self._each_edge(outwards=False):
            kinds = ("C", "coupling") if scaled else ("coupling",)
            up, down = (
                " * ".join(f"load(tile, {self._edge_rows(kind, end)})" for kind in kinds)
                for end in (0, 1)
            )
            out.add(
                f"up, pivot = {up}, 1.0 / {read('d', 'outer')}",
                f"share = {down} * pivot",
                write("pivot", "outer", "pivot"),
                write("share", "at", "share"),
                write("up", "at", "up"),
                write("d", "inner", f"{read('d', 'inner')} - share * up"),
            )
        out.add(write("pivot", "0", f"1.0 / {read('d')}"))

    def solve_tree(self, region: str) -> None:
        """Print the solution of the factored tree for right-hand sides, in their place."""
        out, read, write = self.printer.out, self.read, self.write
        with self._each_edge(outwards=False):
            x = f"fma({read('share', 'at')}, {read(region, 'outer')}, {read(region, 'inner')})"
            out.add(write(region, "inner", x))
        out.add(write(region, "0", f"{read(region)} * {read('pivot')}"))
        with self._each_edge():
            x = f"fma({read('up', 'at')}, {read(region, 'inner')}, {read(region, 'outer')})"
            out.add(write(region, "outer", f"{x} * {read('pivot', 'outer')}"))

    @contextmanager
    def _each_edge(self, outwards: bool = True) -> Iterator[None]:
        """Repeat what is added inside for each edge, and the places of it and its ends."""
        out, w, edges = self.printer.out, self.printer.width, self.printer.tree()
        with out.block(f"for count in range({len(edges)}):"):
            out.add(f"edge = {'count' if outwards else f'{len(edges) - 1} - count'}")
            ends = ([edge[end] * w for edge in edges] for end in (0, 1))
            outer, inner = (self.progression(places, "edge") for places in ends)
            out.add(f"at, outer, inner = {w} * edge, {outer}, {inner}")
            yield

    def _edge_rows(self, kind: str, end: int) -> str:
        """Return where, of an edge's outer or inner end, C or its side of the coupling is."""
        p, rows = self.printer, []
        for *ends, index in p.tree():
            k = ends[end]
            side = "coupling_a" if p.structure.couplings[index][0] == k else "coupling_b"
            row = p.layout.row(side, index) if kind == "coupling" else p.layout.row(kind, k)
            rows.append(self.base["parameters"] + row * p.width)
        return self.progression(rows, "edge")

    # what stands where -------------------------------------------------------------
    def finish(self) -> None:
        """Put each passage, with its loads and stores, into its loop."""
        homes = {members: self._homes(members) for members in self.types}
        lines: list[str] = []
        for line in self.printer.out.lines:
            depth, mark, number = line.partition(_MARK)
            if not mark:
                lines.append(line)
                continue
            passage = self.passages[int(number)]
            lines += [depth + text for text in self._loop(passage, homes[passage.members])]
        at = lines.index('    """') + 1
        lines[at:at] = self._tables()
        self.printer.out.lines = lines

    def _tables(self) -> list[str]:
        lines = []
        for index, table in enumerate(self.tables):
            lines.append(f"    table_{index} = np.zeros({len(table)}, np.int64)")
            lines += [f"    table_{index}[{n}] = {x}" for n, x in enumerate(table) if x]
        return lines

    def _homes(self, members: tuple[int, ...]) -> dict[str, str]:
        """Return where in the frame a type's variables are that several passages share."""
        own = [passage for passage in self.passages if passage.members == members]
        shared = {name for x in own for name in x.reads} & {n for x in own for n in x.writes}
        homes, w = {}, self.printer.width
        for name in sorted(shared):
            if self._home(name, own[0]) is None:
                places = [self.end + w * n for n in range(len(members))]
                homes[name] = self.progression(places, "member")
                self.framed += len(members)
        return homes

    def _home(self, name: str, passage: _Passage) -> str | None:
        """Return where a variable is, if a region holds it."""
        found = self._places.get(name)
        for prefix, region in passage.regions.items():
            position = self._states.get(name.removeprefix(prefix))
            if name.startswith(prefix) and position is not None:
                found = "states", region, position
        if found is None or found[1] not in self.base:
            return None
        kind, region, position = found
        base, w, own = self.base[region], self.printer.width, self._own[kind]
        places = [base + w * own[member][position] for member in passage.members]
        at = self.progression(places, "member")
        return f"{self.moving[region]} + {at}" if region in self.moving else at

    @cached_property
    def _own(self) -> Mapping[str, list[list[int]]]:
        """Of each compartment its states, parameters, inputs and itself, by index."""
        s, rows = self.printer.structure, self.printer.layout.parameters
        owners: dict[str, list[int]] = {
            "states": list(s.owners),
            "parameters": [-1 if kind[:8] == "coupling" else int(at) for kind, at, *_ in rows],
            "inputs": [at for _, at, _ in s.inputs],
            "compartments": list(range(self.count)),
        }
        return {kind: _by_owner(of, self.count) for kind, of in owners.items()}

    @cached_property
    def _states(self) -> Mapping[str, int]:
        """Of each state's variable, which of its compartment's it is."""
        return self._positions("states", self.printer.states)

    @cached_property
    def _places(self) -> Mapping[str, tuple[str, str, int]]:
        """Of each other variable with a region: its kind, region and position."""
        p, s = self.printer, self.printer.structure
        named = [("parameters", "parameters", p.parameters)]
        for part in ("level", "climb"):
            named.append(("inputs", part, [p.input(part, *which) for which in s.inputs]))
        for region in self.COMPARTMENTS:
            names = [p.name(region, k) for k in range(self.count)]
            named.append(("compartments", region, names))
        return {
            name: (kind, region, position)
            for kind, region, names in named
            for name, position in self._positions(kind, names).items()
        }

    def _positions(self, kind: str, names: Sequence[str]) -> dict[str, int]:
        return {
            names[index].replace("@", "0"): position
            for own in self._own[kind]
            for position, index in enumerate(own)
        }

    def _loop(self, passage: _Passage, homes: Mapping[str, str]) -> list[str]:
        every = [
            [(name, homes.get(name) or self._home(name, passage)) for name in sorted(names)]
            for names in (passage.reads, passage.writes)
        ]
        loads, stores = ([(name, at) for name, at in found if at] for found in every)
        body = [
            *(f"{name} = load(tile, {at})" for name, at in loads),
            *passage.lines,
            *(f"store(tile, {at}, {name})" for name, at in stores),
        ]
        first, *_, last = (passage.members[0], *passage.members)
        names = [self.printer.structure.compartments[k].name for k in (first, last)]
        head = f"for member in range({len(passage.members)}):  # {' to '.join(names)}"
        return [head, *("    " + line for line in body)]


def _by_owner(owners: Sequence[int], count: int) -> list[list[int]]:
    own: list[list[int]] = [[] for _ in range(count)]
    for index, owner in enumerate(owners):
        if owner >= 0:
            own[owner].append(index)
    return own


def _used(lines: list[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Return what lines without branches read before they write it, and what they write."""
    reads: set[str] = set()
    writes: set[str] = set()
    for statement in ast.parse("\n".join(lines)).body:
        names = [x for x in ast.walk(statement) if isinstance(x, ast.Name)]
        own = [x for x in names if x.id.endswith(_END)]
        reads |= {x.id for x in own if isinstance(x.ctx, ast.Load)} - writes
        writes |= {x.id for x in own if isinstance(x.ctx, ast.Store)}
    return frozenset(reads), frozenset(writes)
