"""Print the loop of fixed steps around what a scheme prints for one step of one vector.

The loop loads and stores lanes, finds spikes and failures and takes samples. Small cells run
several vectors in turn within a step, which hides the latency of each.
"""

from __future__ import annotations

from collections.abc import Callable

from mnexcite.engine import status
from mnexcite.engine.cubic import print_crossing
from mnexcite.engine.loops import looped
from mnexcite.engine.printer import Printer
from mnexcite.equations.layout import CUBIC, WIDTH
from mnexcite.equations.structure import Structure
from mnexcite.kernels.source import Entry

NON_FINITE, OUT_OF_RANGE, NEGATIVE = (
    status.CODES[name] for name in ("non_finite", "out_of_range", "negative_concentration")
)

ENTRY = Entry(
    "advance",
    "Advance all lanes by `steps` steps of dt from step number `first`.",
    {
        "y": ("f8[::1]", "states x lanes, in and out"),
        "centred": ("f8[::1]", "the same with all states at the last time"),
        "p": ("f8[::1]", "parameters x lanes"),
        "vtable": ("f8[::1]", "functions by voltage"),
        "vbase": ("i8[::1]", "where each lane's table begins"),
        "ctable": ("f8[::1]", "functions by concentration"),
        "cbase": ("i8[::1]", "where each lane's table begins"),
        "drive": ("f8[::1]", "steps x inputs x waves, means over each step"),
        "drive_of": ("i8[::1]", "each lane's wave"),
        "waves": ("i8", "how many there are"),
        "dt": ("f8", "the step"),
        "first": ("i8", "number of the first step"),
        "steps": ("i8", "how many to take"),
        "stride": ("i8", "a sample is every so many steps"),
        "recorded": ("i8[::1]", "states that are sampled"),
        "samples": ("f8[:,:,::1]", "samples x recorded states x lanes"),
        "times": ("f8[:,::1]", "spikes by lane"),
        "counts": ("i8[::1]", "how many each lane has"),
        "armed": ("i8[::1]", "whether a crossing will be a spike"),
        "status": ("i8[::1]", "of each lane, by number"),
        "ended": ("f8[::1]", "when a lane failed"),
        "threshold": ("f8", "of a spike"),
        "floors": ("f8[::1]", "of the pools"),
        "lanes": ("i8", "how many there are"),
        "tile": ("f8[::1]", "room to work in, where there are loops over compartments"),
    },
)


def vectors_of(structure: Structure) -> int:
    """Return how many vectors share a step: more for small cells, which have registers left."""
    gates = len(structure.every_gate)
    if looped(structure):
        return 1
    return 3 if gates <= 4 else 2 if gates <= 10 else 1


def lanes_of(structure: Structure) -> int:
    """Return the lanes that a kernel works on at a time."""
    return WIDTH * vectors_of(structure)


def kernel_source(
    structure: Structure,
    title: str,
    step: Callable[[Printer], None],
    *,
    coefficients: int = CUBIC,
    staggered: bool = False,
    hermite: bool = False,
    width: int = WIDTH,
) -> str:
    """Return the kernel's source, on vectors of `width` lanes.

    `step` prints how one vector's states go from step to step, with `old` its voltage
    before. Functions have `coefficients` in a row of a table. With `staggered` gates stand
    half a step ahead, and samples take the mean of before and after. With `hermite` the step
    leaves dt v' at its ends in `slope0` and `slope1`, and spike times come from the cubic
    through them instead of a straight line.
    """
    return _print(structure, title, step, coefficients, staggered, hermite, width).out.text()


def room(structure: Structure, step: Callable[[Printer], None], staggered: bool) -> int:
    """Return the numbers that a kernel's tile holds."""
    if not looped(structure):
        return 0
    return _print(structure, "", step, CUBIC, staggered, False, WIDTH).room


class _Lanes:
    """Print how states and parameters come, are kept, sampled and go: as names."""

    room = 0

    def __init__(self, printer: Printer, staggered: bool) -> None:
        self.printer, self.out, self.width = printer, printer.out, printer.width
        self.names = printer.states
        self.first_gate = printer.structure.first_gate
        #: Names of what stands half a step ahead.
        self.ahead = self.names[self.first_gate :] if staggered else []

    def head(self) -> None:
        """Print room for what is sampled."""
        self.out.add(f"held = np.zeros({len(self.names) * self.width})")

    def enter(self) -> None:
        """Print how they come from `y` and `p`."""
        for index, name in enumerate(self.names):
            self.out.add(f"{name} = load(y, {index} * lanes + at_@)")
        for row, name in enumerate(self.printer.parameters):
            self.out.add(f"{name} = load(p, {row} * lanes + at_@)")

    def keep(self) -> None:
        """Print how what stands ahead is kept before a step."""
        self.out.add(*(f"before_{name} = {name}" for name in self.ahead))

    def means(self) -> None:
        """Print what enters during a step."""
        self.printer.print_means()

    def failed(self) -> None:
        """Print the mask of lanes that left the tables."""
        self.out.add(f"failed_@ = {' | '.join(self.printer.out_of_range())}")

    def centre(self) -> None:
        """Print all states at the time of the voltages into `held`."""
        for index, name in enumerate(self.names):
            value = f"0.5 * (before_{name} + {name})" if name in self.ahead else name
            self.out.add(f"store(held, {index * self.width}, {value})")

    def held(self, index: str) -> str:
        """Return how a lane's number in `held` is read."""
        return f"held[{index}]"

    def leave(self) -> None:
        """Print how states go back to `y`."""
        for index, name in enumerate(self.names):
            self.out.add(f"store(y, {index} * lanes + at_@, {name})")

    def cause(self) -> None:
        """Print `finite`, of a lane's voltages, and the `code` of where it strayed."""
        out, printer, finite = self.out, self.printer, []
        for k in range(len(printer.structure.compartments)):
            out.add(f"store(now, 0, {printer.voltage(k)})")
            out.add(f"finite_{k} = math.isfinite(now[i])")
            finite.append(f"finite_{k}")
        out.add(f"code = {OUT_OF_RANGE}")
        for index, (k, pool) in enumerate(printer.structure.pools):
            out.add(f"store(now, 0, {printer.pool(k, pool)})")
            out.add(f"code = {NEGATIVE} if now[i] < floors[{index}] else code")
        out.add(f"finite = {' and '.join(finite)}")


class _LoopedLanes(_Lanes):
    """Print the same where states and parameters stand in the tile."""

    def __init__(self, printer: Printer, staggered: bool) -> None:
        super().__init__(printer, staggered)
        assert printer.loops is not None
        self.loops, s = printer.loops, printer.structure
        count, cells = len(self.names), len(s.compartments)
        sizes = {"states": count, "before": count, "held": count, "change": count}
        sizes |= {"parameters": len(printer.parameters)}
        self.loops.lay_out(sizes, 0)
        self.count, self.cells = count, cells

    def head(self) -> None:
        """Print nothing."""

    def _copy(self, target: str, source: str, start: int, stop: int) -> None:
        w, base = self.width, self.loops.base
        with self.out.block(f"for k in range({start}, {stop}):"):
            self.out.add(f"store(tile, {base[target]} + k * {w}, {source})")

    def enter(self) -> None:
        """Print how they come from `y` and `p`, and what joins compartments."""
        self._copy("states", "load(y, k * lanes + at_@)", 0, self.count)
        self._copy("parameters", "load(p, k * lanes + at_@)", 0, len(self.printer.parameters))
        self.loops.gather_couplings("states", joined=True)

    def keep(self) -> None:
        """Print how what stands ahead is kept before a step."""
        self._copy("before", self._state, self.first_gate, self.count)

    @property
    def _state(self) -> str:
        return self.loops.read("states", f"k * {self.width}")

    def means(self) -> None:
        """Print nothing: passages print what enters each compartment."""

    def failed(self) -> None:
        """Print the mask of lanes that left the tables."""
        self.loops.print_strayed("failed_@")

    def centre(self) -> None:
        """Print all states at the time of the voltages into `held`."""
        until = self.first_gate if self.ahead else self.count
        self._copy("held", self._state, 0, until)
        before = self.loops.read("before", f"k * {self.width}")
        if self.ahead:
            mean = f"0.5 * ({before} + {self._state})"
            self._copy("held", mean, until, self.count)

    def held(self, index: str) -> str:
        """Return how a lane's number in `held` is read."""
        return f"tile[{self.loops.base['held']} + {index}]"

    def leave(self) -> None:
        """Print how states go back to `y`."""
        with self.out.block(f"for k in range({self.count}):"):
            self.out.add(f"store(y, k * lanes + at_@, {self._state})")

    def cause(self) -> None:
        """Print `finite`, of a lane's voltages, and the `code` of where it strayed."""
        out, states, w = self.out, self.loops.base["states"], self.width
        out.add("finite = True", f"code = {OUT_OF_RANGE}")
        with out.block(f"for k in range({self.cells}):"):
            out.add(f"finite = finite and math.isfinite(tile[{states} + k * {w} + i])")
        with out.block("for k in range(floors.size):"):
            out.add(f"below_floor = tile[{states + self.cells * w} + k * {w} + i] < floors[k]")
            out.add(f"code = {NEGATIVE} if below_floor else code")

    @property
    def room(self) -> int:  # type: ignore[override]
        """The numbers that the tile holds, once all is printed."""
        return self.loops.end


def _print(
    structure: Structure,
    title: str,
    step: Callable[[Printer], None],
    coefficients: int,
    staggered: bool,
    hermite: bool,
    width: int,
) -> _Lanes:
    printer = Printer(structure, vectors_of(structure), coefficients, width)
    out, vectors = printer.out, printer.vectors
    lanes = (_LoopedLanes if printer.loops else _Lanes)(printer, staggered)
    printer.preamble(title)
    out.lines += ENTRY.head()
    out.depth = 1
    out.add(f"ends, now = np.zeros({4 * width}), np.zeros({width})")
    lanes.head()
    out.add("rearm = threshold - 10.0")
    with out.block(f"for left in range(0, lanes, {width * vectors}):"):
        with printer.each():
            out.add(f"at_@ = left + {width} * @")
            lanes.enter()
            for target, array in (("vrow", "vbase"), ("crow", "cbase"), ("wave", "drive_of")):
                out.add(f"{target}_@ = row_starts({array}, at_@)")
            bits = " | ".join(f"(armed[at_@ + {i}] << {i})" for i in range(width))
            out.add(f"arm_@ = {bits}")
            if staggered:
                lanes.keep()
        # steps until the next sample, counted down: a division would cost more than a gate
        out.add("until = stride - first % stride if recorded.size > 0 else steps + 1")
        out.add("sample = 0")
        with out.block("for n in range(steps):"):
            out.add("until -= 1")
            if lanes.ahead:
                out.add("keep = until == 0 or n == steps - 1")
            with printer.each():
                lanes.means()
                out.add(f"old_@ = {printer.first()}")
                if lanes.ahead:
                    with out.block("if keep:"):
                        lanes.keep()
                step(printer)
                v = printer.first()
                out.add(
                    f"spiked_@ = crossed(old_@, {v}, threshold) & arm_@",
                    f"arm_@ = (arm_@ & ~spiked_@) | below({v}, rearm)",
                )
                lanes.failed()
            events = " | ".join(f"spiked_{g} | failed_{g}" for g in range(vectors))
            out.add("# spikes and failures, lane by lane")
            with out.block(f"if ({events}) != 0:"), printer.each():
                _print_events(lanes, hermite)
            with out.block("if until == 0:"):
                with printer.each():
                    lanes.centre()
                    with out.block("for j in range(recorded.size):"):
                        with out.block(f"for i in range({width}):"):
                            out.add(
                                "samples[sample, j, at_@ + i] = "
                                + lanes.held(f"recorded[j] * {width} + i")
                            )
                out.add("until = stride", "sample += 1")
        with printer.each():
            lanes.leave()
            lanes.centre()
            with out.block(f"for k in range({len(lanes.names)}):"):
                with out.block(f"for i in range({width}):"):
                    out.add(f"centred[k * lanes + at_@ + i] = {lanes.held(f'k * {width} + i')}")
            with out.block(f"for i in range({width}):"):
                out.add("armed[at_@ + i] = (arm_@ >> i) & 1")
    if printer.loops:
        printer.loops.finish()
    return lanes


def _print_events(lanes: _Lanes, hermite: bool) -> None:
    """Print what a spike or a failure in a vector leads to, lane by lane."""
    out, printer, width = lanes.out, lanes.printer, lanes.width
    with out.block("if (spiked_@ | failed_@) != 0:"):
        out.add("store(ends, 0, old_@)", f"store(ends, {width}, {printer.first()})")
        if hermite:
            out.add(
                f"store(ends, {2 * width}, slope0_@)", f"store(ends, {3 * width}, slope1_@)"
            )
        with out.block(f"for i in range({width}):"):
            out.add("lane = at_@ + i")
            with out.block("if (spiked_@ >> i) & 1 and status[lane] == 0:"):
                out.add(
                    f"old, new = ends[i], ends[{width} + i]",
                    "place = (threshold - old) / (new - old)",
                )
                if hermite:
                    start, end = (f"ends[{j * width} + i]" for j in (2, 3))
                    print_crossing(out, "old", "new", start, end)
                out.add(
                    "times[lane, counts[lane]] = (first + n + place) * dt",
                    "counts[lane] += 1",
                )
            with out.block("if (failed_@ >> i) & 1 and status[lane] == 0:"):
                lanes.cause()
                out.add(
                    f"status[lane] = code if finite else {NON_FINITE}",
                    "ended[lane] = (first + n + 1) * dt",
                )
