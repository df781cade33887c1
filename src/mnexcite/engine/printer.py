"""Print passages of kernels as readable Python source: names, look-ups, conductances.

Values come in as arrays; only a cell's structure is in the text. Kernels work on vectors of
`width` lanes (independent parameter sets). A loop may run several vectors in turn: a variable's
name ends in the number of its vector, and `@` stands for it while printing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial

from mnexcite.channels.axes import CONCENTRATION, VOLTAGE
from mnexcite.engine.loops import Loops, looped
from mnexcite.engine.printed import Between, Printed
from mnexcite.equations.layout import (
    CUBIC,
    LINE,
    QUINTIC,
    SYNAPSE,
    WIDTH,
    Block,
    Layout,
    Slot,
    degree_of,
    row_groups,
    voltage_axis,
)
from mnexcite.equations.structure import (
    BindingSlot,
    ChannelSlot,
    CompartmentSlot,
    GateSlot,
    Structure,
)
from mnexcite.equations.terms import Terms
from mnexcite.kernels import source
from mnexcite.kernels.formula import Text
from mnexcite.kernels.source import Source
from mnexcite.kernels.vector_ops import GROUP


class Printer:
    """Names and shared passages of one structure's kernel."""

    def __init__(
        self,
        structure: Structure,
        vectors: int,
        coefficients: int = CUBIC,
        width: int = WIDTH,
    ) -> None:
        self.structure, self.vectors, self.coefficients = structure, vectors, coefficients
        self.width = width
        self.layout = Layout(structure)
        self.out = Source()
        self.states = self._state_names()
        self.terms = Printed(self)
        self.loops = Loops(self) if looped(structure) else None
        #: Compartments that passages are printed of, in the order of the structure.
        self.chosen: tuple[int, ...] = tuple(range(len(structure.compartments)))

    # what is printed -------------------------------------------------------------
    @property
    def compartments(self) -> list[tuple[int, CompartmentSlot]]:
        """(index, compartment) of those that passages are printed of."""
        return [(k, self.structure.compartments[k]) for k in self.chosen]

    @property
    def pools(self) -> list[tuple[int, str]]:
        """(compartment index, pool) of the same."""
        return [row for row in self.structure.pools if row[0] in self.chosen]

    @property
    def gates(self) -> list[tuple[int, ChannelSlot, GateSlot]]:
        """(compartment index, channel, gate) of their gates that have a time constant."""
        return [row for row in self.structure.gates if row[0] in self.chosen]

    @property
    def bindings(self) -> list[tuple[int, ChannelSlot, BindingSlot]]:
        """(compartment index, channel, binding) of their bindings."""
        return [row for row in self.structure.bindings if row[0] in self.chosen]

    @property
    def inputs(self) -> list[tuple[str, int, str]]:
        """(kind, compartment index, synapse) of all that enters them."""
        return [row for row in self.structure.inputs if row[1] in self.chosen]

    @property
    def blocks(self) -> list[Block]:
        """What is looked up in them together."""
        every = (*self.layout.voltage, *self.layout.concentration)
        return [block for block in every if block.compartment in self.chosen]

    @property
    def own_states(self) -> list[str]:
        """The variables of their states."""
        own = self.structure.owners
        return [x for x, k in zip(self.states, own, strict=True) if k in self.chosen]

    def place(self, of: Callable[[int], int], k: int) -> str:
        """Return a place that compartments of one type have each at its own, such as a row."""
        return str(of(k)) if self.loops is None else self.loops.place(of, k)

    def each(self) -> AbstractContextManager[None]:
        """Repeat what is added inside for each vector."""
        return self.out.for_each_vector(self.vectors)

    def preamble(self, title: str) -> None:
        """Print the module's head up to its function."""
        states = ", ".join(self.structure.states)
        self.out.lines += source.preamble(f"{title}: {states}.", self.width)

    # names -----------------------------------------------------------------------
    def passages(self, states: str = "states") -> Iterator[None]:
        """Print what is printed meanwhile of all compartments, type by type in loops.

        There `states` stand in that region.
        """
        if self.loops:
            yield from self.loops.each(states)
        else:
            yield

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

    def _state_names(self) -> list[str]:
        """Return the variables that hold the states, in the structure's order."""
        s = self.structure
        return [
            *(self.voltage(k) for k in range(len(s.compartments))),
            *(self.pool(k, pool) for k, pool in s.pools),
            *(self.name("x", k, channel.name, gate.name) for k, channel, gate in s.gates),
            *(self.name("x", k, channel.name, each.name) for k, channel, each in s.bindings),
        ]

    def parameter(self, kind: str, *where: object) -> str:
        """Return the variable that holds a parameter, such as `g__NaP_@` or `C__soma_@`.

        A coupling's are named by the compartment that feels it and the one beyond.
        """
        at, *names = map(str, where)
        if not kind.startswith("coupling"):
            return self.name(kind, int(at), *names)
        ends = [self.structure.compartments[k].name for k in self.structure.couplings[int(at)]]
        feeling, beyond = ends if kind == "coupling_a" else ends[::-1]
        return f"g_c__{feeling}__{beyond}_@"

    @property
    def parameters(self) -> list[str]:
        """The variables of all parameters, in the order of their rows."""
        return [self.parameter(*row) for row in self.layout.parameters]

    # passages --------------------------------------------------------------------
    def look_up(self, block: Block, x: str, slopes: bool = False) -> None:
        """Print the values of a block's functions at `x`: f0 and f1 of each gate.

        With `slopes` also their derivatives by `x`, d0 and d1.
        """
        degree, width = degree_of(block.pool, self.coefficients), self.row_width(block.pool)
        if block.pool is None:
            axis = voltage_axis(degree)
            scale, last = repr(1.0 / axis.width), axis.rows - 1e-9
            self.out.add(
                f"r, u = locate({x}, {axis.lowest}, {scale}, {last:.9f}, vrow_@, {width})"
            )
        else:
            scale = "scale"
            shift = 52 - (CONCENTRATION.parts.bit_length() - 1)
            bias = (1023 + CONCENTRATION.first) * CONCENTRATION.parts
            highest = CONCENTRATION.highest * (1 - 2**-52)
            self.out.add(
                f"r, u, scale = locate_octave({x}, {CONCENTRATION.lowest!r}, {highest!r}, "
                f"{shift}, {bias}, {CONCENTRATION.parts}, crow_@, {width})"
            )
        name = {LINE: "lines", CUBIC: "cubics", QUINTIC: "quintics"}[degree]
        table = "vtable" if block.pool is None else "ctable"
        numbered = [(slot, n) for slot in block.slots for n in range(slot.functions)]
        for group in range(block.groups):
            members = numbered[group * GROUP : (group + 1) * GROUP]
            unused = ["_"] * (GROUP - len(members))
            column = self.place(partial(self._column, block, group, degree), block.compartment)
            names = [self.function(slot, n) for slot, n in members] + unused
            if slopes:
                names += [self.function(slot, n, "d") for slot, n in members] + unused
                look_up = f"sloped_{name}({table}, r, {column}, u, {scale})"
            else:
                look_up = f"{name}({table}, r, {column}, u)"
            self.out.add(f"{', '.join(names)} = {look_up}")

    def _column(self, block: Block, group: int, degree: int, k: int) -> int:
        """Return where a group of the same block of a compartment begins in a row."""
        blocks = self.layout.voltage if block.pool is None else self.layout.concentration
        same = replace(block, compartment=k)
        (start,) = (
            b.start
            for b in blocks
            if (b.compartment, b.pool, b.instantaneous)
            == (same.compartment, same.pool, same.instantaneous)
        )
        return (start + group) * GROUP * degree

    def row_width(self, pool: str | None) -> int:
        """Return the numbers in one row of the table of pools, or of voltages for None."""
        blocks = self.layout.voltage if pool is None else self.layout.concentration
        return row_groups(blocks) * GROUP * degree_of(pool, self.coefficients)

    def function(self, slot: Slot, number: int, kind: str = "f") -> str:
        """Return the variable that holds a looked-up function (f) or its slope (d)."""
        return self.name(f"{kind}{number}", slot.compartment, slot.channel.name, slot.gate.name)

    def look_up_all(
        self, instantaneous: bool, v: Callable[[int], str], c: Callable[[int, str], str]
    ) -> None:
        """Print all look-ups of gates with or without a time constant, at v(k), c(k, pool)."""
        for block in self.blocks:
            if block.instantaneous == instantaneous:
                k = block.compartment
                self.look_up(block, v(k) if block.pool is None else c(k, block.pool))

    def look_up_everything(self, slopes: bool = False) -> None:
        """Print the look-ups of every gate at the present state."""
        for block in self.blocks:
            k = block.compartment
            x = self.voltage(k) if block.pool is None else self.pool(k, block.pool)
            self.look_up(block, x, slopes)

    def slots(self, instantaneous: bool) -> list[Slot]:
        """Return the slots of gates with or without a time constant."""
        every = (slot for block in self.blocks for slot in block.slots)
        return [slot for slot in every if slot.gate.instantaneous == instantaneous]

    def rate_bindings(self, between: bool = False) -> None:
        """Print rate f0 and rise f1 of what each binding leaves free, after look-ups.

        With `between` gates are halfway from `was_` to what they are.
        """
        for k, channel, binding in self.bindings:
            names = (channel.name, binding.name)
            f0, f1 = (self.name(f, k, *names) for f in ("f0", "f1"))
            catch, free = (self.parameter(row, k, *names) for row in ("catch", "free"))
            terms = Between(self) if between else self.terms
            bound = terms.bound(k, channel, binding) or "fill(1.0)"
            self.out.add(f"{f0} = fma({catch}, {bound}, {free})", f"{f1} = {free}")

    def update_bindings(self) -> None:
        """Print what each binding leaves free after a step at its rate and rise."""
        for k, channel, binding in self.bindings:
            x, f0, f1 = (self.name(f, k, channel.name, binding.name) for f in ("x", "f0", "f1"))
            self.out.add(f"{x} = fma(minus_expm1({f0} * dt), {f1} / {f0} - {x}, {x})")

    def update_gates(self) -> None:
        """Print x = decay x + rise for every gate."""
        for slot in self.slots(instantaneous=False):
            x = self.gate(slot)
            self.out.add(f"{x} = fma({self.function(slot, 0)}, {x}, {self.function(slot, 1)})")

    def open_conductances(self) -> None:
        """Print each channel's g times its gates that have a time constant."""
        for k, compartment in self.compartments:
            for channel in compartment.channels:
                g = self.terms.row("g", k, channel.name)
                for gate in channel.gates:
                    if not gate.instantaneous:
                        g = g * self.terms.opening(k, channel, gate) ** gate.power
                for binding in channel.bindings:
                    g = g * self.terms.free(k, channel, binding)
                self.out.add(f"{self.name('open', k, channel.name)} = {g}")

    def total_conductances(self, at: Callable[[int], str] | None = None) -> None:
        """Print the conductance G and the drive B = sum(g E) + I of each compartment.

        `at(place)`: variable of a voltage or pool, the present one if left out.
        """
        terms = Printed(self, at)
        for k, compartment in self.compartments:
            G, B = self.name("G", k), self.name("B", k)
            leak = self.name("leak", k) if compartment.conducted else "fill(0.0)"
            self.out.add(f"{G} = {leak}", f"{B} = {self.name('drive', k)}")
            for synapse in compartment.synapses:
                g, opened = self.name("open", k, synapse), self.name("opened", k, synapse)
                peak, E = (self.parameter(row, k, synapse) for row in SYNAPSE[:2])
                self.out.add(
                    f"{g} = {peak} * {opened}",
                    f"{G} = {G} + {g}",
                    f"{B} = fma({g}, {E}, {B})",
                )
            for channel in compartment.channels:
                g = self._conductance(k, channel)
                if channel.law == "pump":
                    self.out.add(f"{B} = {B} - {g}")
                elif channel.law == "ghk":
                    slope = self._print_goldman(terms, k, channel)
                    rest = slope * terms.state(k) - terms.drive(k, channel)
                    self.out.add(f"{G} = fma({g}, {slope}, {G})")
                    self.out.add(f"{B} = fma({g}, {rest}, {B})")
                else:
                    E = terms.reversal(k, channel)
                    if channel.follows:
                        self.out.add(f"{E} = {Terms.reversal(terms, k, channel)}")
                    self.out.add(f"{G} = {G} + {g}", f"{B} = fma({g}, {E}, {B})")

    def _print_goldman(self, terms: Printed, k: int, channel: ChannelSlot) -> Text:
        """Print u, A, dA/du and the drive of a permeability, and return the drive's slope.

        By w = |u|, for which A = w / (1 - exp(-w)), and A(-w) = A(w) - w. So the current is
        taken as the straight line that touches it.
        """
        u, A, dA = terms.goldman(k, channel)
        slope = Text(self.name("slope", k, channel.name))
        self.out.add(
            f"{u} = {terms.row('per_volt', k, channel.name) * terms.state(k)}",
            f"w = greatest({u}, -1.0 * {u})",
            "a = 1.0 / quotient(minus_expm1(w), w, 1.0)",
            "s = quotient((1.0 + w - a) * a, w, 0.5)",
            f"{A} = a + least({u}, 0.0)",
            f"{dA} = choose({u}, 0.0, 1.0 - s, s)",
            f"{terms.drive(k, channel)} = {Terms.drive(terms, k, channel)}",
            f"{slope} = {terms.drive_by_voltage(k, channel)}",
        )
        return slope

    def _conductance(self, k: int, channel: ChannelSlot) -> Text:
        """Print, where needed, and return the name of a channel's conductance now."""
        now, opened = (
            self.terms.conductance(k, channel),
            Text(self.name("open", k, channel.name)),
        )
        if now != opened:
            g = opened
            for gate in channel.gates:
                if gate.instantaneous:
                    g = g * self.terms.opening(k, channel, gate) ** gate.power
            self.out.add(f"{now} = {g}")
        return now

    def influx(self, k: int, pool: str, at: Callable[[int], str] | None = None) -> str:
        """Return the sum of the currents that fill a pool; `at` as above."""
        return Printed(self, at).influx(k, pool) or "fill(0.0)"

    def evaluate(self, slopes: bool = False) -> None:
        """Print the `slopes_` of all states at the present ones, with look-ups."""
        self.out.add("# what each gate's functions are here, by their tables")
        self.look_up_everything(slopes)
        self.rate_bindings()
        self.out.add("# conductances, and currents as B - G v")
        self.open_conductances()
        self.total_conductances()
        if self.loops:
            named = zip(self.own_states, self.derivatives(), strict=True)
            self.out.add(*(f"slope_{name} = {slope}" for name, slope in named))
        else:
            self.out.add(f"slopes_@ = {joined(self.derivatives())}")

    def unpack(self, pack: str, prefix: str = "") -> None:
        """Print how a pack of all states, or of what belongs to each, gets its names."""
        names = ", ".join(prefix + name for name in self.states)
        self.out.add(f"{names}, = {pack}")

    def pack(self, prefix: str) -> str:
        """Return the pack of what belongs to each state."""
        return joined([prefix + name for name in self.states])

    def zeros(self) -> str:
        """Return the pack of a zero for each state."""
        return joined(["fill(0.0)"] * len(self.states))

    def derivatives(self) -> list[str]:
        """Return the expressions of every state's slope, after look-ups and conductances.

        With rates, 1 / C, alpha and removal multiplied by dt, dt times the slopes.
        """
        s, slopes = self.structure, []
        for k, _ in self.compartments:
            v = self.voltage(k)
            flows = [f"{self.name('B', k)} - {self.name('G', k)} * {v}"]
            if self.loops:
                flows.append(self.name("axial", k))
            else:
                for index, other in s.neighbours(k):
                    flows.append(f"{self.coupling(index, k)} * ({self.voltage(other)} - {v})")
            slopes.append(f"{self.parameter('C', k)} * ({' + '.join(flows)})")
        for k, pool in self.pools:
            removal, alpha = (
                self.parameter("removal", k, pool),
                self.parameter("alpha", k, pool),
            )
            rest, inflow = (
                self.parameter("rest", k, pool),
                self.influx(k, pool),
            )
            slopes.append(f"{removal} * ({rest} - {self.pool(k, pool)}) - {alpha} * ({inflow})")
        for k, channel, gate in self.gates:
            rate, rise = (self.name(f, k, channel.name, gate.name) for f in ("f0", "f1"))
            x, pace = (self.name(f, k, channel.name, gate.name) for f in ("x", "rate"))
            slopes.append(f"{pace} * fma(-{rate}, {x}, {rise})")
        for k, channel, each in self.bindings:
            names = (channel.name, each.name)
            x, rate, rise = (self.name(f, k, *names) for f in ("x", "f0", "f1"))
            slopes.append(f"{rise} - {rate} * {x}")
        return slopes

    def midpoint_rows(self) -> None:
        """Print diagonal `d` and right-hand side `mid` of the voltages' equations.

        (2C/dt + G) mid = 2C/dt v + B with couplings; `C` holds 2C/dt.
        """
        for k, _ in self.compartments:
            C, d = self.parameter("C", k), self.name("d", k)
            self.out.add(
                f"{d} = {' + '.join([C, self.name('G', k), *self.outwards(k)])}",
                f"{self.name('mid', k)} = fma({C}, {self.voltage(k)}, {self.name('B', k)})",
            )

    def outwards(self, k: int) -> list[str]:
        """Return the conductances to a compartment's neighbours."""
        if self.loops:
            return [self.name("joined", k)]
        return [self.coupling(index, k) for index, _ in self.structure.neighbours(k)]

    def inwards(self, k: int) -> list[str]:
        """Return what flows into a compartment, beyond `outwards` times v out of it."""
        s = self.structure
        if self.loops:
            return [self.name("axial", k), f"{self.name('joined', k)} * {self.voltage(k)}"]
        joined = s.neighbours(k)
        return [f"{self.coupling(i, k)} * {self.voltage(other)}" for i, other in joined]

    def gather_couplings(self, states: str = "states", joined: bool = False) -> None:
        """Print what flows between compartments, where loops need it ahead."""
        if self.loops:
            self.loops.gather_couplings(states, joined)

    def first(self, prefix: str = "") -> str:
        """Return the first voltage, or what belongs to it, as read outside of passages."""
        if self.loops:
            return self.loops.read(self.loops.STATES[prefix])
        return prefix + self.voltage(0)

    def entering_now(self) -> None:
        """Print what enters during a fixed step, where loops need it here."""
        if self.loops:
            self.print_means()

    def print_means(self) -> None:
        """Print the mean over the step of all that enters, row `n` of `drive`."""
        inputs = self.structure.inputs
        for which in self.inputs:
            place = self.place(lambda k, w=which: inputs.index((w[0], k, w[2])), which[1])
            at = f"(n * {len(inputs)} + {place}) * waves"
            self.out.add(
                f"{self.entering(*which)} = fill(drive[{at}]) if waves == 1 "
                f"else gather(drive, {at}, wave_@)"
            )

    def midpoint_voltages(self) -> None:
        """Print the voltages `mid` at the middle of the step, all compartments at once.

        Compartments form a tree: leaves are eliminated into their parents, then voltages
        follow from the root.
        """
        if self.loops:
            self.loops.factor_tree(scaled=False)
            self.loops.solve_tree("mid")
            return
        out, parents = self.out, self.tree()
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

    def tree(self) -> list[tuple[int, int, int]]:
        """Return (compartment, parent, coupling) outwards from the first compartment."""
        found, reached = [], [0]
        for parent in reached:
            for index, other in self.structure.neighbours(parent):
                if other not in reached:
                    reached.append(other)
                    found.append((other, parent, index))
        return found

    def input(self, part: str, kind: str, k: int, synapse: str) -> str:
        """Return the variable of a part, such as `level` or `climb`, of what enters."""
        if kind == "conductance":
            part = f"{part}_leak"
        return self.name(part, k, *([synapse] * (kind == "synapse")))

    def entering(self, kind: str, k: int, synapse: str) -> str:
        """Return the variable of a current, a conductance or s(t) at the present time."""
        part = {"current": "drive", "conductance": "leak", "synapse": "opened"}[kind]
        return self.name(part, k, *([synapse] * (kind == "synapse")))

    def drive_at(self, time: str) -> None:
        """Print all that enters at a time within its present piece.

        Currents and conductances are straight lines there. Of a synapse's s(t), `level` is
        what fades since the start of the piece, `climb` what holds its rise back.
        """
        self.out.add(f"since = {time} - start_@")
        for which in self.inputs:
            level, climb = self.input("level", *which), self.input("climb", *which)
            now = f"fma({climb}, since, {level})"
            if which[0] == "synapse":
                fading, rising = self._fading(*which[1:])
                now = f"{level} * {fading} - {climb} * {rising}"
            self.out.add(f"{self.entering(*which)} = {now}")

    def _fading(self, k: int, synapse: str) -> tuple[str, str]:
        """Return exp(-since / tau) of a synapse's decay and rise."""
        rates = (self.parameter(kind, k, synapse) for kind in ("fading", "rising"))
        fading, rising = (f"(1.0 - minus_expm1(since * {rate}))" for rate in rates)
        return fading, rising

    def print_drift(self) -> None:
        """Print `drift_`, by which each voltage's slope grows with time at the step's start."""
        if any(kind != "current" for kind, *_ in self.inputs):
            self.out.add("since = time_@ - start_@")
        for k, _ in self.compartments:
            v, terms = self.voltage(k), [self.name("climb", k)]
            for kind, owner, synapse in self.inputs:
                if owner != k or kind == "current":
                    continue
                if kind == "conductance":
                    climb = self.input("climb", kind, k, synapse)
                    terms.append(f"{climb} * {v}")
                    continue
                level, held = (self.name(part, k, synapse) for part in ("level", "climb"))
                fading, rising = self._fading(k, synapse)
                peak, E, fade, rise = (self.parameter(row, k, synapse) for row in SYNAPSE)
                opening = f"{held} * {rise} * {rising} - {level} * {fade} * {fading}"
                terms.append(f"{peak} * ({opening}) * ({v} - {E})")
            self.out.add(f"{self.name('drift', k)} = {' - '.join(terms)}")

    def coupling(self, index: int, compartment: int) -> str:
        """Return the coupling conductance as compartment `compartment` feels it."""
        side = (
            "coupling_a" if self.structure.couplings[index][0] == compartment else "coupling_b"
        )
        return self.parameter(side, index)

    def out_of_range(self, prefix: str = "") -> list[str]:
        """Return the masks of lanes that left the tables, or whose pools went below 0."""
        masks = [
            f"outside({prefix}{self.voltage(k)}, {VOLTAGE.lowest}, {VOLTAGE.highest})"
            for k, _ in self.compartments
        ]
        read = {(block.compartment, block.pool) for block in self.layout.concentration}
        for k, pool in self.pools:
            highest = CONCENTRATION.highest if (k, pool) in read else 1e300
            floor = f"floors[{self.place(partial(self._pool_index, pool), k)}]"
            masks.append(f"outside({prefix}{self.pool(k, pool)}, {floor}, {highest})")
        return masks

    def _pool_index(self, pool: str, k: int) -> int:
        return self.structure.pools.index((k, pool))


def joined(members: list[str]) -> str:
    """Return a pack of members."""
    return f"({', '.join(members)},)"
