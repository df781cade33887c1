"""Print the kernel of a structure as readable Python source.

A kernel advances lanes (independent parameter sets) over fixed steps. Lanes are worked
on in tiles: their states and parameters are copied to one flat local array with constant
offsets, which is what lets the compiler turn the loop over a tile's lanes into vector
code. Values come in as arrays; only the structure and the scheme are in the text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from mnexcite.channels.axes import CONCENTRATION, VOLTAGE
from mnexcite.engine.layout import Layout, Slot
from mnexcite.engine.structure import ChannelSlot, Structure

TILE = 8
ENTRY = "advance"
SIGNATURE = (
    "void(f8[:,::1], f8[:,::1], f8[:,::1], f8[::1], i8[::1], f8[::1], i8[::1], "
    "f8[:,:,::1], i8[::1], f8, i8, i8, i8, i8[::1], f8[:,:,::1], f8[:,::1], i8[::1], "
    "i8[::1], i8[::1], f8[::1], f8, i8, i8)"
)
OK, NON_FINITE, OUT_OF_RANGE = 0, 1, 2

_HEAD = '''
def advance(y, centred, p, vtable, vbase, ctable, cbase, drive, drive_of, dt, first, steps,
            stride, recorded, samples, times, counts, armed, status, ended, threshold,
            begin, end):
    """Advance lanes begin..end by `steps` steps of dt from step number `first`.

    y: states x lanes, in and out; centred: the same with all states at the last time.
    p: parameters x lanes. vtable, ctable: quadratics by voltage and concentration, with
    each lane's base. drive: steps x compartments x waveforms, drive_of each lane.
    samples: samples x recorded states x lanes, every `stride` steps. times, counts:
    spikes by lane. armed, status, ended: spike detection and failure of each lane.
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
        self.scratch = 2 * self.states  # states, then their values before the step

    # names -----------------------------------------------------------------------
    def name(self, kind: str, compartment: int, *parts: str) -> str:
        """Return a variable name such as `open__NaP` or `x__soma__Kdr__n`."""
        names = [c.name for c in self.structure.compartments]
        prefix = names[compartment : compartment + 1] if len(names) > 1 else []
        return "__".join((kind, *prefix, *parts))

    def state(self, index: int) -> str:
        """Return the place of a state of lane `l` in the tile."""
        return f"tile[{index * TILE} + l]"

    def before(self, index: int) -> str:
        """Return the place of a state before the step."""
        return f"tile[{(self.states + index) * TILE} + l]"

    def parameter(self, kind: str, *where: object) -> str:
        """Return the place of a parameter of lane `l` in the tile."""
        return f"tile[{(self.scratch + self.layout.row(kind, *where)) * TILE} + l]"

    # passages --------------------------------------------------------------------
    def locate_voltage(self, compartment: int, v: str) -> None:
        """Print the row of the voltage table at `v` and the place in it."""
        last = f"{VOLTAGE.rows - 1e-9:.9f}"
        at, width = f"u_{compartment}", self.layout.width(self.layout.voltage)
        self.out.add(
            f"{at} = ({v} - {VOLTAGE.lowest}) * {1.0 / VOLTAGE.width}",
            f"{at} = {at} if {at} > 0.0 else 0.0",
            f"{at} = {at} if {at} < {last} else {last}",
            f"r_{compartment} = int({at})",
            f"{at} = {at} - r_{compartment}",
            f"r_{compartment} = vrow[l] + r_{compartment} * {width}",
        )

    def locate_concentration(self, index: int, c: str) -> None:
        """Print the row of the concentration table at `c`, read off the float's bits."""
        k, pool = self.structure.pools[index]
        at, row = self.name("uc", k, pool), self.name("rc", k, pool)
        highest = f"{CONCENTRATION.highest * (1 - 2**-52)!r}"
        shift = 52 - (CONCENTRATION.parts.bit_length() - 1)
        bias = (1023 + CONCENTRATION.first) * CONCENTRATION.parts
        self.out.add(
            f"{at} = {c}",
            f"{at} = {at} if {at} > {CONCENTRATION.lowest!r} else {CONCENTRATION.lowest!r}",
            f"{at} = {at} if {at} < {highest} else {highest}",
            f"tile[{self.bits} * {TILE} + l] = {at}",
            f"{row} = bits[{self.bits} * {TILE} + l]",
            f"{at} = ({row} & {(1 << shift) - 1}) * {2.0**-shift!r}",
            f"{row} = crow[l] + (({row} >> {shift}) - {bias}) * "
            f"{self.layout.width(self.layout.concentration)}",
        )

    @property
    def bits(self) -> int:
        """Return the tile row that lends its bits as integers."""
        return self.scratch + len(self.layout.parameters)

    def tabulated(self, slot: Slot, function: int) -> str:
        """Return the quadratic of a slot's function at the located row."""
        column = slot.column + 3 * function
        if slot.gate.pool is None:
            table, row, u = "vtable", f"r_{slot.compartment}", f"u_{slot.compartment}"
        else:
            table = "ctable"
            row = self.name("rc", slot.compartment, slot.gate.pool)
            u = self.name("uc", slot.compartment, slot.gate.pool)
        c0, c1, c2 = (f"{table}[{row} + {column + i}]" for i in range(3))
        return f"{c0} + {u} * ({c1} + {u} * {c2})"

    def gate_index(self, slot: Slot) -> int:
        """Return the state index of a slot's gate."""
        return self.structure.states.index(
            self.structure.path(slot.compartment, slot.channel.name, slot.gate.name)
        )

    def slots(self, instantaneous: bool) -> list[Slot]:
        """Return the slots of gates with or without a time constant."""
        slots = (*self.layout.voltage, *self.layout.concentration)
        return [slot for slot in slots if slot.gate.instantaneous == instantaneous]

    def update_gates(self) -> None:
        """Print x = decay x + rise for every gate, keeping its value before."""
        for slot in self.slots(instantaneous=False):
            index = self.gate_index(slot)
            x = self.name("x", slot.compartment, slot.channel.name, slot.gate.name)
            self.out.add(
                f"{x} = {self.state(index)}",
                f"{self.before(index)} = {x}",
                f"{self.state(index)} = ({self.tabulated(slot, 0)}) * {x} + "
                f"({self.tabulated(slot, 1)})",
            )

    def open_conductances(self) -> None:
        """Print each channel's g times its gates that have a time constant."""
        for k, compartment in enumerate(self.structure.compartments):
            for channel in compartment.channels:
                factors = [self.parameter("g", k, channel.name)]
                for gate in channel.gates:
                    if not gate.instantaneous:
                        x = self.name("x", k, channel.name, gate.name)
                        index = self.structure.states.index(
                            self.structure.path(k, channel.name, gate.name)
                        )
                        self.out.add(f"{x} = {self.state(index)}")
                        factors.append(_power(x, gate.power))
                self.out.add(f"{self.name('open', k, channel.name)} = {' * '.join(factors)}")

    def total_conductances(self) -> None:
        """Print the conductance G and the drive B = sum(g E) + I of each compartment."""
        for slot in self.slots(instantaneous=True):
            x = self.name("x", slot.compartment, slot.channel.name, slot.gate.name)
            self.out.add(f"{x} = {self.tabulated(slot, 0)}")
        for k, compartment in enumerate(self.structure.compartments):
            conductances, drives = [], [f"current_{k}"]
            for channel in compartment.channels:
                g = self.conductance(k, channel)
                conductances.append(g)
                drives.append(f"{g} * {self.parameter('E', k, channel.name)}")
            self.out.add(f"G_{k} = {' + '.join(conductances) or '0.0'}")
            self.out.add(f"B_{k} = {' + '.join(drives)}")

    def conductance(self, k: int, channel: ChannelSlot) -> str:
        """Print, where needed, and return the name of a channel's conductance now."""
        instantaneous = [gate for gate in channel.gates if gate.instantaneous]
        name = self.name("open", k, channel.name)
        if not instantaneous:
            return name
        factors = [
            _power(self.name("x", k, channel.name, gate.name), gate.power)
            for gate in instantaneous
        ]
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
        return " + ".join(terms) or "0.0"

    def midpoint_voltages(self) -> None:
        """Print v_k at the middle of the step: (2C/dt + G) v = 2C/dt v_old + B, coupled.

        `C` holds 2C/dt. Compartments form a tree: leaves are eliminated into their
        parents, then voltages follow from the root.
        """
        s = self.structure
        parents = _tree(s)
        for k in range(len(s.compartments)):
            C = self.parameter("C", k)
            joined = [self.coupling(index, k) for index, _ in s.neighbours(k)]
            self.out.add(
                f"d_{k} = {' + '.join([C, f'G_{k}', *joined])}",
                f"v_{k} = {C} * old_{k} + B_{k}",
            )
        for k, parent, index in reversed(parents):
            down, up = self.coupling(index, parent), self.coupling(index, k)
            self.out.add(
                f"share = {down} / d_{k}",
                f"d_{parent} = d_{parent} - share * {up}",
                f"v_{parent} = v_{parent} + share * v_{k}",
            )
        self.out.add("v_0 = v_0 / d_0")
        for k, parent, index in parents:
            self.out.add(f"v_{k} = (v_{k} + {self.coupling(index, k)} * v_{parent}) / d_{k}")

    def coupling(self, index: int, compartment: int) -> str:
        """Return the coupling conductance as compartment `compartment` feels it."""
        side = (
            "coupling_a" if self.structure.couplings[index][0] == compartment else "coupling_b"
        )
        return self.parameter(side, index)


def _power(x: str, power: int) -> str:
    if power == 1:
        return x
    half = _power(x, power // 2)
    half = half if power // 2 == 1 else f"({half})"
    square = f"{half} * {half}"
    return square if power % 2 == 0 else f"{square} * {x}"


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

    `step` prints how one lane's states go from step to step. With `staggered` gates
    stand half a step ahead, and samples take the mean of before and after. With
    `hermite` the step leaves dt v' at its ends in `slopes`, and spike times come from
    the cubic through them instead of a straight line.
    """
    printer = Printer(structure)
    out, s = printer.out, structure
    rows, centre = len(printer.layout.parameters), s.first_gate if staggered else printer.states
    out.lines += [f'"""{title}: {", ".join(s.states)}."""', ""]
    out.lines += ["import math", "", "import numpy as np", "", ""]
    out.lines += _HEAD.strip("\n").split("\n")
    out.depth = 1
    out.add(
        f"tile = np.zeros({(printer.bits + 1) * TILE})",
        "bits = tile.view(np.int64)",
        f"vrow = np.zeros({TILE}, np.int64)",
        f"crow = np.zeros({TILE}, np.int64)",
        f"wave = np.zeros({TILE}, np.int64)",
        f"event = np.zeros({TILE}, np.int64)",
        f"arm = np.zeros({TILE}, np.int64)",
        "rearm = threshold - 10.0",
    )
    if hermite:
        out.add(f"slopes = np.zeros(({TILE}, 2))", f"total = np.zeros({printer.states})")
    with out.block(f"for left in range(begin, end, {TILE}):"):
        out.add(f"width = min({TILE}, end - left)")
        with out.block("for l in range(width):"):
            with out.block(f"for k in range({printer.states}):"):
                out.add(f"tile[k * {TILE} + l] = y[k, left + l]")
                out.add(f"tile[({printer.states} + k) * {TILE} + l] = y[k, left + l]")
            with out.block(f"for k in range({rows}):"):
                out.add(f"tile[({printer.scratch} + k) * {TILE} + l] = p[k, left + l]")
            out.add("vrow[l] = vbase[left + l]", "crow[l] = cbase[left + l]")
            out.add("wave[l] = drive_of[left + l]", "arm[l] = armed[left + l]")
        with out.block("for n in range(steps):"):
            out.add("eventful = 0")
            with out.block("for l in range(width):"):
                for k in range(len(s.compartments)):
                    out.add(f"current_{k} = drive[n, {k}, wave[l]]")
                    out.add(f"old_{k} = {printer.state(k)}", f"{printer.before(k)} = old_{k}")
                step(printer)
                inside = " and ".join(
                    f"({VOLTAGE.lowest} < new_{k}) and (new_{k} < {VOLTAGE.highest})"
                    for k in range(len(s.compartments))
                )
                out.add(
                    f"failed = 0 if {inside} else 2",
                    "crossed = arm[l] if (old_0 < threshold) and (new_0 >= threshold) else 0",
                    "arm[l] = 1 if new_0 < rearm else arm[l] - crossed",
                    "event[l] = crossed + failed",
                    "eventful += crossed + failed",
                )
            with out.block("if eventful > 0:"), out.block("for l in range(width):"):
                with out.block("if event[l] == 1 and status[left + l] == 0:"):
                    out.add(
                        f"old, new = {printer.before(0)}, {printer.state(0)}",
                        "place = (threshold - old) / (new - old)",
                    )
                    if hermite:
                        _print_hermite_crossing(out)
                    out.add(
                        "times[left + l, counts[left + l]] = (first + n + place) * dt",
                        "counts[left + l] += 1",
                    )
                with out.block("if event[l] >= 2:"):
                    with out.block("if status[left + l] == 0:"):
                        finite = " and ".join(
                            f"math.isfinite({printer.state(k)})"
                            for k in range(len(s.compartments))
                        )
                        out.add(
                            f"status[left + l] = {OUT_OF_RANGE} if {finite} else {NON_FINITE}",
                            "ended[left + l] = (first + n + 1) * dt",
                        )
                    # a failed lane stands still, so that it cannot spoil the tile's speed
                    with out.block(f"for k in range({printer.states}):"):
                        out.add(
                            f"tile[k * {TILE} + l] = tile[({printer.states} + k) * {TILE} + l]"
                        )
            with out.block("if (first + n + 1) % stride == 0 and recorded.size > 0:"):
                out.add("sample = (first + n + 1) // stride - first // stride - 1")
                with out.block("for j in range(recorded.size):"):
                    out.add("k = recorded[j]", f"share = 0.5 if k >= {centre} else 0.0")
                    with out.block("for l in range(width):"):
                        out.add(f"samples[sample, j, left + l] = {_centred(printer.states)}")
        with out.block("for l in range(width):"):
            out.add("armed[left + l] = arm[l]")
            with out.block(f"for k in range({printer.states}):"):
                out.add(
                    f"share = 0.5 if k >= {centre} else 0.0",
                    f"y[k, left + l] = tile[k * {TILE} + l]",
                    f"centred[k, left + l] = {_centred(printer.states)}",
                )
    return out.text()


def _print_hermite_crossing(out: Source) -> None:
    """Print the bisection for where the cubic through both ends crosses the threshold."""
    out.add("low, high = 0.0, 1.0")
    with out.block("for _ in range(50):"):
        out.add(
            "place = 0.5 * (low + high)",
            "rest = 1.0 - place",
            "v = rest * rest * ((1.0 + 2.0 * place) * old + place * slopes[l, 0])",
            "v += place * place * ((1.0 + 2.0 * rest) * new - rest * slopes[l, 1])",
            "low, high = (place, high) if v < threshold else (low, place)",
        )


def _centred(states: int) -> str:
    """Return state k at the time of the voltages, `share` of it from before the step."""
    before = f"tile[({states} + k) * {TILE} + l]"
    return f"(1.0 - share) * tile[k * {TILE} + l] + share * {before}"
