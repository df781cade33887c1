"""Print the kernel of a structure as readable Python source.

A kernel advances lanes (independent parameter sets) over fixed steps, four lanes to a
vector. What one step of one vector does is printed by a scheme; this file prints the loop
around it: loading and storing lanes, finding spikes and failures, taking samples. Values
come in as arrays; only the structure and the scheme are in the text.

Small cells run several vectors in turn within a step, which hides the latency of each. A
variable's name ends in the number of its vector; `@` stands for it while printing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from mnexcite.channels.axes import CONCENTRATION, VOLTAGE
from mnexcite.engine import status
from mnexcite.engine.layout import COEFFICIENTS, Block, Layout, Slot, row_width
from mnexcite.engine.structure import ChannelSlot, Structure
from mnexcite.engine.vector_ops import WIDTH

ENTRY = "advance"
SIGNATURE = (
    "void(f8[::1], f8[::1], f8[::1], f8[::1], i8[::1], f8[::1], i8[::1], f8[::1], i8[::1], "
    "i8, f8, i8, i8, i8, i8[::1], f8[:,:,::1], f8[:,::1], i8[::1], i8[::1], i8[::1], "
    "f8[::1], f8, i8)"
)
#: Uncompiled source runs with the operations in NumPy; the compiler puts in its own.
OPERATIONS = (
    "from mnexcite.engine.vector_ops import clamp, columns, crossed, below, fill, fma, "
    "fraction, gather, load, minus_expm1, octave_fraction, octave_rows, outside, quotient, "
    "store, whole"
)
NON_FINITE, OUT_OF_RANGE = (status.BY_NAME[s].code for s in ("non_finite", "out_of_range"))

_HEAD = '''
def advance(y, centred, p, vtable, vbase, ctable, cbase, drive, drive_of, waves, dt, first,
            steps, stride, recorded, samples, times, counts, armed, status, ended, threshold,
            lanes):
    """Advance all lanes by `steps` steps of dt from step number `first`.

    y: states x lanes, in and out; centred: the same with all states at the last time.
    p: parameters x lanes. vtable, ctable: cubics by voltage and concentration, with
    each lane's base. drive: steps x compartments x waves, drive_of each lane. samples:
    samples x recorded states x lanes, every `stride` steps. times, counts: spikes by
    lane. armed, status, ended: spike detection and failure of each lane.
    """
'''


class Source:
    """Lines of Python text with indentation."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.depth = 0

    def add(self, *lines: str) -> None:
        """Append lines at the current depth."""
        self.lines += [("    " * self.depth + line).rstrip() for line in lines]

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Indent what is added inside under `head`."""
        self.add(head)
        self.depth += 1
        yield
        self.depth -= 1

    @contextmanager
    def for_each_vector(self, count: int) -> Iterator[None]:
        """Repeat what is added inside for vectors 0 to `count` - 1."""
        start = len(self.lines)
        yield
        once = self.lines[start:]
        self.lines[start:] = [
            line.replace("@", str(vector)) for vector in range(count) for line in once
        ]

    def text(self) -> str:
        """Return all lines as one text."""
        return "\n".join(self.lines) + "\n"


class Printer:
    """Names and shared passages of one structure's kernel."""

    def __init__(self, structure: Structure) -> None:
        self.structure = structure
        self.layout = Layout(structure)
        self.out = Source()
        self.states = len(structure.states)

    # names -----------------------------------------------------------------------
    def name(self, kind: str, compartment: int, *parts: str) -> str:
        """Return a variable name such as `open__NaP_@` or `x__soma__Kdr__n_@`."""
        names = [c.name for c in self.structure.compartments]
        prefix = names[compartment : compartment + 1] if len(names) > 1 else []
        return "__".join((kind, *prefix, *parts)) + "_@"

    def voltage(self, k: int) -> str:
        """Return the name of a compartment's voltage."""
        return self.name("v", k)

    def pool(self, k: int, pool: str) -> str:
        """Return the name of a pool's concentration."""
        return self.name("c", k, pool)

    def gate(self, slot: Slot) -> str:
        """Return the name of a gate's variable."""
        return self.name("x", slot.compartment, slot.channel.name, slot.gate.name)

    def state_names(self) -> list[str]:
        """Return the variables that hold the states, in the structure's order."""
        s = self.structure
        return [
            *(self.voltage(k) for k in range(len(s.compartments))),
            *(self.pool(k, pool) for k, pool in s.pools),
            *(self.name("x", k, channel.name, gate.name) for k, channel, gate in s.gates),
        ]

    def parameter(self, kind: str, *where: object) -> str:
        """Return the variable that holds a parameter."""
        return f"p{self.layout.row(kind, *where)}_@"

    # passages --------------------------------------------------------------------
    def look_up(self, block: Block, x: str) -> None:
        """Print the values of a block's functions at `x`: f0 and f1 of each gate."""
        if block.pool is None:
            last = VOLTAGE.rows - 1e-9
            self.out.add(
                f"u = clamp(({x} - {VOLTAGE.lowest}) * {1.0 / VOLTAGE.width}, 0.0, {last:.9f})",
                "w = whole(u)",
                "u = fraction(u)",
            )
            table, base, width = "vtable", "vrow_@", row_width(self.layout.voltage)
        else:
            shift = 52 - (CONCENTRATION.parts.bit_length() - 1)
            bias = (1023 + CONCENTRATION.first) * CONCENTRATION.parts
            highest = CONCENTRATION.highest * (1 - 2**-52)
            self.out.add(
                f"u = clamp({x}, {CONCENTRATION.lowest!r}, {highest!r})",
                f"w = octave_rows(u, {shift}, {bias})",
                f"u = octave_fraction(u, {shift})",
            )
            table, base, width = "ctable", "crow_@", row_width(self.layout.concentration)
        rows = ", ".join(f"{base}[{i}] + w[{i}] * {width}" for i in range(WIDTH))
        self.out.add(f"r = ({rows})")
        for slot in block.slots:
            for function in range(slot.functions):
                column = slot.column + COEFFICIENTS * function
                self.out.add(
                    f"q = columns({table}, r, {column})",
                    f"{self.function(slot, function)} = "
                    "fma(u, fma(u, fma(u, q[3], q[2]), q[1]), q[0])",
                )

    def function(self, slot: Slot, number: int) -> str:
        """Return the variable that holds a looked-up function."""
        return self.name(f"f{number}", slot.compartment, slot.channel.name, slot.gate.name)

    def look_up_all(
        self, instantaneous: bool, v: Callable[[int], str], c: Callable[[int, str], str]
    ) -> None:
        """Print all look-ups of gates with or without a time constant, at v(k), c(k, pool)."""
        for block in (*self.layout.voltage, *self.layout.concentration):
            if block.instantaneous == instantaneous:
                k = block.compartment
                self.look_up(block, v(k) if block.pool is None else c(k, block.pool))

    def slots(self, instantaneous: bool) -> list[Slot]:
        """Return the slots of gates with or without a time constant."""
        return [slot for slot in self.layout.slots if slot.gate.instantaneous == instantaneous]

    def update_gates(self) -> None:
        """Print x = decay x + rise for every gate."""
        for slot in self.slots(instantaneous=False):
            x = self.gate(slot)
            self.out.add(f"{x} = fma({self.function(slot, 0)}, {x}, {self.function(slot, 1)})")

    def open_conductances(self) -> None:
        """Print each channel's g times its gates that have a time constant."""
        for k, compartment in enumerate(self.structure.compartments):
            for channel in compartment.channels:
                factors = [self.parameter("g", k, channel.name)]
                factors += [
                    _power(self.name("x", k, channel.name, gate.name), gate.power)
                    for gate in channel.gates
                    if not gate.instantaneous
                ]
                self.out.add(f"{self.name('open', k, channel.name)} = {' * '.join(factors)}")

    def total_conductances(self) -> None:
        """Print the conductance G and the drive B = sum(g E) + I of each compartment."""
        for k, compartment in enumerate(self.structure.compartments):
            G, B = self.name("G", k), self.name("B", k)
            self.out.add(f"{G} = fill(0.0)", f"{B} = {self.name('drive', k)}")
            for channel in compartment.channels:
                g = self.conductance(k, channel)
                E = self.parameter("E", k, channel.name)
                self.out.add(f"{G} = {G} + {g}", f"{B} = fma({g}, {E}, {B})")

    def conductance(self, k: int, channel: ChannelSlot) -> str:
        """Print, where needed, and return the name of a channel's conductance now."""
        name = self.name("open", k, channel.name)
        factors = [
            _power(self.name("f0", k, channel.name, gate.name), gate.power)
            for gate in channel.gates
            if gate.instantaneous
        ]
        if not factors:
            return name
        whole = self.name("now", k, channel.name)
        self.out.add(f"{whole} = {' * '.join([name, *factors])}")
        return whole

    def influx(self, k: int, pool: str, v: str) -> str:
        """Return the sum of the currents that feed a pool at voltage `v`."""
        terms = []
        for channel in self.structure.compartments[k].channels:
            if channel.feeds == pool:
                kind = "now" if any(g.instantaneous for g in channel.gates) else "open"
                E = self.parameter("E", k, channel.name)
                terms.append(f"{self.name(kind, k, channel.name)} * ({v} - {E})")
        return " + ".join(terms) or "fill(0.0)"

    def midpoint_voltages(self) -> None:
        """Print the voltages `mid` at the middle of the step, all compartments at once.

        (2C/dt + G) mid = 2C/dt v + B with couplings; `C` holds 2C/dt. Compartments form a
        tree: leaves are eliminated into their parents, then voltages follow from the root.
        """
        s, out = self.structure, self.out
        parents = _tree(s)
        for k in range(len(s.compartments)):
            C, d = self.parameter("C", k), self.name("d", k)
            joined = [self.coupling(index, k) for index, _ in s.neighbours(k)]
            out.add(
                f"{d} = {' + '.join([C, self.name('G', k), *joined])}",
                f"{self.name('mid', k)} = fma({C}, {self.voltage(k)}, {self.name('B', k)})",
            )
        for k, parent, index in reversed(parents):
            down, up = self.coupling(index, parent), self.coupling(index, k)
            d, above = self.name("d", parent), self.name("mid", parent)
            out.add(
                f"share = {down} / {self.name('d', k)}",
                f"{d} = {d} - share * {up}",
                f"{above} = fma(share, {self.name('mid', k)}, {above})",
            )
        out.add(f"{self.name('mid', 0)} = {self.name('mid', 0)} / {self.name('d', 0)}")
        for k, parent, index in parents:
            mid = self.name("mid", k)
            out.add(
                f"{mid} = fma({self.coupling(index, k)}, {self.name('mid', parent)}, {mid}) "
                f"/ {self.name('d', k)}"
            )

    def coupling(self, index: int, compartment: int) -> str:
        """Return the coupling conductance as compartment `compartment` feels it."""
        side = (
            "coupling_a" if self.structure.couplings[index][0] == compartment else "coupling_b"
        )
        return self.parameter(side, index)

    def out_of_range(self) -> list[str]:
        """Return the masks of lanes whose voltages or concentrations left the tables."""
        s = self.structure
        masks = [
            f"outside({self.voltage(k)}, {VOLTAGE.lowest}, {VOLTAGE.highest})"
            for k in range(len(s.compartments))
        ]
        read = {(block.compartment, block.pool) for block in self.layout.concentration}
        highest = CONCENTRATION.highest
        masks += [
            f"outside({self.pool(k, pool)}, {-highest}, {highest})"
            for k, pool in s.pools
            if (k, pool) in read
        ]
        return masks


def vectors_of(structure: Structure) -> int:
    """Return how many vectors share a step: more for small cells, which have registers left."""
    gates = len(structure.every_gate)
    return 3 if gates <= 4 else 2 if gates <= 10 else 1


def lanes_of(structure: Structure) -> int:
    """Return the lanes that a kernel works on at a time."""
    return WIDTH * vectors_of(structure)


def _power(x: str, power: int) -> str:
    if power == 1:
        return x
    half = _power(x, power // 2)
    square = f"({half} * {half})"
    return square if power % 2 == 0 else f"({square} * {x})"


def _tree(structure: Structure) -> list[tuple[int, int, int]]:
    """Return (compartment, parent, coupling) outwards from the first compartment."""
    found, reached = [], [0]
    for parent in reached:
        for index, other in structure.neighbours(parent):
            if other not in reached:
                reached.append(other)
                found.append((other, parent, index))
    return found


def kernel_source(
    structure: Structure,
    title: str,
    step: Callable[[Printer], None],
    *,
    staggered: bool = False,
    hermite: bool = False,
) -> str:
    """Return the kernel's source.

    `step` prints how one vector's states go from step to step, with `old` its voltage
    before. With `staggered` gates stand half a step ahead, and samples take the mean of
    before and after. With `hermite` the step leaves dt v' at its ends in `slope0` and
    `slope1`, and spike times come from the cubic through them instead of a straight line.
    """
    printer = Printer(structure)
    out, s, vectors = printer.out, structure, vectors_of(structure)
    names = printer.state_names()
    gates = names[s.first_gate :] if staggered else []
    rows = len(printer.layout.parameters)
    out.lines += [f'"""{title}: {", ".join(s.states)}."""', "", "import math", ""]
    out.lines += ["import numpy as np", "", OPERATIONS, "", "", *_HEAD.strip("\n").split("\n")]
    out.depth = 1
    out.add(f"ends, now = np.zeros({4 * WIDTH}), np.zeros({WIDTH})")
    out.add(f"held = np.zeros({printer.states * WIDTH})")
    out.add("rearm = threshold - 10.0")
    with out.block(f"for left in range(0, lanes, {WIDTH * vectors}):"):
        with out.for_each_vector(vectors):
            out.add(f"at_@ = left + {WIDTH} * @")
            for index, name in enumerate(names):
                out.add(f"{name} = load(y, {index} * lanes + at_@)")
            for row in range(rows):
                out.add(f"p{row}_@ = load(p, {row} * lanes + at_@)")
            for target, array in (("vrow", "vbase"), ("crow", "cbase"), ("wave", "drive_of")):
                lanes = ", ".join(f"{array}[at_@ + {i}]" for i in range(WIDTH))
                out.add(f"{target}_@ = ({lanes})")
            bits = " | ".join(f"(armed[at_@ + {i}] << {i})" for i in range(WIDTH))
            out.add(f"arm_@ = {bits}")
            out.add(*(f"before_{name} = {name}" for name in gates))
        # steps until the next sample, counted down: a division would cost more than a gate
        out.add("until = stride - first % stride if recorded.size > 0 else steps + 1")
        out.add("sample = 0")
        with out.block("for n in range(steps):"):
            out.add("until -= 1")
            if gates:
                out.add("keep = until == 0 or n == steps - 1")
            with out.for_each_vector(vectors):
                for k in range(len(s.compartments)):
                    at = f"(n * {len(s.compartments)} + {k}) * waves"
                    out.add(
                        f"{printer.name('drive', k)} = fill(drive[{at}]) if waves == 1 "
                        f"else gather(drive, {at}, wave_@)"
                    )
                out.add(f"old_@ = {printer.voltage(0)}")
                if gates:
                    with out.block("if keep:"):
                        out.add(*(f"before_{name} = {name}" for name in gates))
                step(printer)
                v = printer.voltage(0)
                failed = " | ".join(printer.out_of_range())
                out.add(
                    f"spiked_@ = crossed(old_@, {v}, threshold) & arm_@",
                    f"arm_@ = (arm_@ & ~spiked_@) | below({v}, rearm)",
                    f"failed_@ = {failed}",
                )
            events = " | ".join(f"spiked_{g} | failed_{g}" for g in range(vectors))
            with out.block(f"if ({events}) != 0:"), out.for_each_vector(vectors):
                _print_events(printer, hermite)
            with out.block("if until == 0:"):
                with out.for_each_vector(vectors):
                    _print_centred(out, names, gates)
                    with out.block("for j in range(recorded.size):"):
                        with out.block(f"for i in range({WIDTH}):"):
                            out.add(
                                "samples[sample, j, at_@ + i] = "
                                f"held[recorded[j] * {WIDTH} + i]"
                            )
                out.add("until = stride", "sample += 1")
        with out.for_each_vector(vectors):
            for index, name in enumerate(names):
                out.add(f"store(y, {index} * lanes + at_@, {name})")
            _print_centred(out, names, gates)
            with out.block(f"for k in range({printer.states}):"):
                with out.block(f"for i in range({WIDTH}):"):
                    out.add(f"centred[k * lanes + at_@ + i] = held[k * {WIDTH} + i]")
            with out.block(f"for i in range({WIDTH}):"):
                out.add("armed[at_@ + i] = (arm_@ >> i) & 1")
    return out.text()


def _print_centred(out: Source, names: list[str], gates: list[str]) -> None:
    """Print all states at the time of the voltages into `held`."""
    for index, name in enumerate(names):
        value = f"0.5 * (before_{name} + {name})" if name in gates else name
        out.add(f"store(held, {index * WIDTH}, {value})")


def _print_events(printer: Printer, hermite: bool) -> None:
    """Print what a spike or a failure in a vector leads to, lane by lane."""
    out, v = printer.out, printer.voltage(0)
    with out.block("if (spiked_@ | failed_@) != 0:"):
        out.add("store(ends, 0, old_@)", f"store(ends, {WIDTH}, {v})")
        if hermite:
            out.add(
                f"store(ends, {2 * WIDTH}, slope0_@)", f"store(ends, {3 * WIDTH}, slope1_@)"
            )
        with out.block(f"for i in range({WIDTH}):"):
            out.add("lane = at_@ + i")
            with out.block("if (spiked_@ >> i) & 1 and status[lane] == 0:"):
                out.add(
                    f"old, new = ends[i], ends[{WIDTH} + i]",
                    "place = (threshold - old) / (new - old)",
                )
                if hermite:
                    _print_hermite_crossing(out)
                out.add(
                    "times[lane, counts[lane]] = (first + n + place) * dt",
                    "counts[lane] += 1",
                )
            with out.block("if (failed_@ >> i) & 1 and status[lane] == 0:"):
                finite = []
                for k in range(len(printer.structure.compartments)):
                    out.add(f"store(now, 0, {printer.voltage(k)})")
                    out.add(f"finite_{k} = math.isfinite(now[i])")
                    finite.append(f"finite_{k}")
                out.add(
                    f"status[lane] = {OUT_OF_RANGE} if {' and '.join(finite)} "
                    f"else {NON_FINITE}",
                    "ended[lane] = (first + n + 1) * dt",
                )


def _print_hermite_crossing(out: Source) -> None:
    """Print the bisection for where the cubic through both ends crosses the threshold."""
    start, end = f"ends[{2 * WIDTH} + i]", f"ends[{3 * WIDTH} + i]"
    out.add("low, high = 0.0, 1.0")
    with out.block("for _ in range(50):"):
        out.add(
            "place = 0.5 * (low + high)",
            "rest = 1.0 - place",
            f"v = rest * rest * ((1.0 + 2.0 * place) * old + place * {start})",
            f"v += place * place * ((1.0 + 2.0 * rest) * new - rest * {end})",
            "low, high = (place, high) if v < threshold else (low, place)",
        )
