"""The Rosenbrock step: implicit, of order 4(3), with one small system per step.

Gates depend on each other only through voltages and pools. So the matrix of a step is an
arrow: gates are eliminated one by one, and what remains has a row for each voltage and pool.
Its entries are exact, for the slopes of the tables are those of the tabulated functions.

The fourth stage shares the third one's evaluation. Coefficients are in the transformed form of
Hairer and Wanner, Solving Ordinary Differential Equations II, equation (7.25).
"""

from __future__ import annotations

from mnexcite.engine.elimination import Elimination
from mnexcite.engine.growth import print_slopes
from mnexcite.engine.printer import Printer
from mnexcite.engine.tableau import Tableau
from mnexcite.equations.structure import BindingSlot, ChannelSlot

#: The L-stable method of Hairer and Wanner, table 7.2.
TABLEAU = Tableau(
    times=(0.0, 1.14564, 0.65521686381559, 0.65521686381559),
    values=((), (2.0,), (1.867943637803922, 0.2344449711399156), ()),
    rest=(
        (),
        (-7.137615036412310,),
        (2.580708087951457, 0.6515950076447975),
        (-2.137148994382534, -0.3214669691237626, -0.6949742501781779),
    ),
    drift=(0.57282, -1.769193891319233, 0.7592633437920482, -0.1049021087100450),
    solution=(2.255570073418735, 0.2870493262186792, 0.4353179431840180, 1.093502252409163),
    error=(-0.2815431932141155, -0.0727619912493492, -0.1082196201495311, -1.093502252409163),
    gamma=0.57282,
)
#: GRK4T of Kaps and Rentrop 1979, Numer Math 33:55-68: A(89.3 deg)-stable; what decays at once
#: shrinks to 0.45 per step. Its errors are smaller for a given step.
KAPS_RENTROP = Tableau(
    times=(0.0, 0.462, 0.8802083333333334, 0.8802083333333334),
    values=((), (2.0,), (4.524708207373116, 4.163528788597648), ()),
    rest=(
        (),
        (-5.071675338776316,),
        (6.020152728650786, 0.1597506846727117),
        (-1.856343618686113, -8.505380858179826, -2.084075136023187),
    ),
    drift=(0.231, -0.03962966775244303, 0.5507789395789127, -0.05535098457052764),
    solution=(3.957503746640777, 4.624892388363313, 0.6174772638750108, 1.282612945269037),
    error=(2.302155402932996, 3.073634485392623, -0.8732808018045032, -1.282612945269037),
    gamma=0.231,
)


def begin(p: Printer) -> None:
    """Print the `slopes_` of all states at the start, those of the tables, and `longest_`."""
    print_slopes(p, TABLEAU.reach_entry)


def step(p: Printer) -> None:
    """Print the `new_` states and their `error_` after `begin`, for each vector.

    Stage after stage solves (1 / (h gamma) - J) k = f + sum c k / h, where f is evaluated at
    y + sum a k; the solution is y + sum m k.
    """
    out, systems = p.out, {}
    with p.each():
        out.add(
            "inverse_@ = 1.0 / h_@",
            f"diagonal_@ = inverse_@ * {TABLEAU.diagonal_entry}",
        )
        for _ in p.passages():
            systems[p.chosen] = _System(p)
            p.print_drift()
        if p.loops:
            p.loops.factor_tree(scaled=True)
    with out.block("for stage in range(4):"):
        out.add(f"row = stage * {TABLEAU.width}")
        with p.each():
            with out.block("if stage == 1 or stage == 2:"):
                TABLEAU.print_stage(p)
            out.add("# right-hand side of this stage, and its unknowns")
            kept = f"stages_@ + stage * {TABLEAU.pitch(p)}"
            if p.loops:
                p.loops.copy("slopes", "right")
                TABLEAU.print_sum(p, "right", "rest", "inverse_@")
                p.loops.move("unknown", kept)
            else:
                out.add("right_@ = slopes_@")
                TABLEAU.print_sum(p, "right_@", "rest", "inverse_@")
                p.unpack("right_@", "r_")
            out.add(f"weight_@ = h_@ * {TABLEAU.entry('drift')}")
            for _ in p.passages():
                for k, _compartment in p.compartments:
                    drift, r = p.name("drift", k), f"r_{p.states[k]}"
                    out.add(f"{r} = fma(weight_@, {p.parameter('C', k)} * {drift}, {r})")
                systems[p.chosen].eliminate()
            if p.loops:
                p.loops.solve_tree("right")
            for _ in p.passages():
                systems[p.chosen].substitute()
            if not p.loops:
                out.add(f"store_all(tile, {kept}, {p.pack('k_')})")
    TABLEAU.print_ends(p)


class _System:
    """Print and factor 1 / (h gamma) - J at the start of the step.

    `over_` is one by a gate's diagonal, `follow_` what the gate gains by the voltage or pool
    that it reads, `felt_` is feel_ over the diagonal, `gain` what a channel's current gains
    by a voltage or pool, gates following. `feel_` and `lift_` stand with the longest step.
    """

    def __init__(self, p: Printer) -> None:
        self.p = p
        p.out.add("# 1 / (h gamma) - J: gates are eliminated, voltages and pools are left")
        for slot in p.slots(instantaneous=False):
            x = p.gate(slot)
            p.out.add(
                f"over_{x} = 1.0 / (diagonal_@ + speed_{x})",
                f"follow_{x} = lift_{x} * over_{x}",
            )
        for k, channel, binding in p.bindings:
            self._print_binding(k, channel, binding)
        self.gains = {
            (k, channel.name): self._gain(k, channel)
            for k, compartment in p.compartments
            for channel in compartment.channels
        }
        order = [place for place in _leaves_first(p) if p.states[place] in p.own_states]
        self.open = set(p.chosen) if p.loops else set()  # the tree's loops go on with these
        self.border = Elimination(p.out, self._border(), order, "@", self.open)
        for k in self.open:
            p.out.add(f"{p.name('d', k)} = {self.border.entries[k, k]}")
        names = p.states
        self.rows, self.unknowns = (
            {row: f"{prefix}_{names[row]}" for row in order} for prefix in ("r", "k")
        )

    def eliminate(self) -> None:
        """Print what right-hand sides `r_` become as gates, pools and voltages go."""
        p = self.p
        shares: dict[tuple[int, str], str] = {}
        for c, channel, binding in p.bindings:  # what its channel's gates move of it
            x = p.name("x", c, channel.name, binding.name)
            for name, gate in self._held(c, channel, binding):
                p.out.add(f"r_{x} = fma(pull_{x}_{name}, over_{gate} * r_{gate}, r_{x})")
        for c, channel, gate in (*p.gates, *p.bindings):
            x = p.name("x", c, channel.name, gate.name)
            before = shares.get((c, channel.name))
            term = f"felt_{x} * r_{x}"
            shares[c, channel.name] = f"fma(felt_{x}, r_{x}, {before})" if before else term
        lost = {place: p.name("lost", *place) for place in shares}
        for place, expression in shares.items():
            p.out.add(f"{lost[place]} = {expression}")
        names = p.states
        for row, channels, factor in self._currents():
            terms = [_shared(charges, lost[c]) for c, charges in channels.items() if c in lost]
            if terms:
                r = f"r_{names[row]}"
                p.out.add(f"{r} = {r} - {factor} * ({' + '.join(terms)})")
        self.border.eliminate(self.rows)

    def substitute(self) -> None:
        """Print the unknowns `k_`."""
        p, s, names = self.p, self.p.structure, self.p.states
        for k in self.open:
            p.out.add(f"{self.unknowns[k]} = {self.rows[k]}")
        self.border.substitute(self.rows, self.unknowns)
        for slot in p.slots(instantaneous=False):
            x = p.gate(slot)
            source = names[s.source(slot.compartment, slot.gate)]
            p.out.add(f"k_{x} = fma(follow_{x}, k_{source}, over_{x} * r_{x})")
        for c, channel, binding in p.bindings:
            x = p.name("x", c, channel.name, binding.name)
            p.out.add(f"k_{x} = fma(follow_{x}, k_{names[c]}, over_{x} * r_{x})")

    def _held(
        self, k: int, channel: ChannelSlot, binding: BindingSlot
    ) -> list[tuple[str, str]]:
        """Return name and variable of the gates with a time constant that a binding reads."""
        return [
            (name, self.p.name("x", k, channel.name, name))
            for name, _ in binding.through
            if not channel.gate(name).instantaneous
        ]

    def _print_binding(self, k: int, channel: ChannelSlot, binding: BindingSlot) -> None:
        """Print how a binding is eliminated: its gates first, which it follows.

        `pull_` is what its slope gains by each gate, -catch x df / dgate.
        """
        p = self.p
        x = p.name("x", k, channel.name, binding.name)
        rate, catch = (
            p.name("f0", k, channel.name, binding.name),
            p.parameter("catch", k, channel.name, binding.name),
        )
        p.out.add(f"over_{x} = 1.0 / (diagonal_@ + {rate})")
        gained = []
        for name, _ in binding.through:
            gate = channel.gate(name)
            by = p.terms.bound_by(k, channel, binding, name)
            p.out.add(f"pull_{x}_{name} = -1.0 * {catch} * {x} * ({by})")
            follows = f"follow_{p.terms.opening(k, channel, gate)}"
            if gate.instantaneous:
                follows = p.terms.steepness(k, channel, gate)
            gained.append(f"pull_{x}_{name} * {follows}")
        total = " + ".join(gained) or "fill(0.0)"
        p.out.add(f"follow_{x} = over_{x} * ({total})")

    def _gain(self, k: int, channel: ChannelSlot) -> dict[int, str]:
        """Print what a channel's current gains by each voltage or pool, gates following."""
        p = self.p
        terms: dict[int, list[str]] = {}
        for source, slope in p.terms.slopes(k, channel).items():
            terms[source] = [slope]
        for gate in channel.gates:
            source = p.structure.source(k, gate)
            x = p.name("x", k, channel.name, gate.name)
            if gate.instantaneous:
                slope = p.terms.steepness(k, channel, gate)
                terms.setdefault(source, []).append(f"feel_{x} * {slope}")
            else:
                p.out.add(f"felt_{x} = feel_{x} * over_{x}")
                terms.setdefault(source, []).append(f"feel_{x} * follow_{x}")
        for binding in channel.bindings:
            x = p.name("x", k, channel.name, binding.name)
            p.out.add(f"felt_{x} = feel_{x} * over_{x}")
            terms.setdefault(k, []).append(f"feel_{x} * follow_{x}")
        gains = {}
        for source, parts in terms.items():
            gains[source] = p.name(f"gain{source}", k, channel.name)
            p.out.add(f"{gains[source]} = {' + '.join(parts)}")
        return gains

    def _currents(self) -> list[tuple[int, dict[tuple[int, str], float], str]]:
        """Return (row, channel -> share that it feels, factor) of voltages and pools."""
        p, s = self.p, self.p.structure
        rows = [
            (k, {(k, c.name): 1.0 for c in compartment.channels}, p.parameter("C", k))
            for k, compartment in p.compartments
        ]
        for k, pool in p.pools:
            feeding = {(k, c.name): charges for c, charges in s.feeders(k, pool)}
            rows.append((s.place(k, pool), feeding, p.parameter("alpha", k, pool)))
        return rows

    def _border(self) -> dict[tuple[int, int], str]:
        p, s = self.p, self.p.structure
        matrix: dict[tuple[int, int], str] = {}
        for row, channels, factor in self._currents():
            columns: dict[int, list[str]] = {}
            for place, charges in channels.items():
                for source, gain in self.gains[place].items():
                    columns.setdefault(source, []).append(_shared(charges, gain))
            if row < len(s.compartments):
                compartment = s.compartments[row]
                entering = [p.name("leak", row)] if compartment.conducted else []
                entering += [p.name("open", row, name) for name in compartment.synapses]
                if entering:
                    columns.setdefault(row, []).extend(entering)
                if p.loops:
                    columns.setdefault(row, []).extend(p.outwards(row))
                for index, other in [] if p.loops else s.neighbours(row):
                    columns.setdefault(row, []).append(p.coupling(index, row))
                    matrix[row, other] = f"-1.0 * {factor} * {p.coupling(index, row)}"
            for column, gains in columns.items():
                matrix[row, column] = f"{factor} * ({' + '.join(gains)})"
        for row, *_ in self._currents():
            own = ["diagonal_@"]
            if row >= len(s.compartments):
                k, pool = s.pools[row - len(s.compartments)]
                own.append(p.parameter("removal", k, pool))
            if (row, row) in matrix:
                own.append(matrix[row, row])
            matrix[row, row] = " + ".join(own)
        return matrix


def _shared(charges: float, term: str) -> str:
    return term if charges == 1.0 else f"{charges!r} * {term}"


def _leaves_first(p: Printer) -> list[int]:
    """Return the order of elimination in which no zero fills up: leaves, pools before v."""
    s, order = p.structure, []
    outwards = [0, *(k for k, _, _ in p.tree())]
    for k in reversed(outwards):
        for index, (compartment, _) in enumerate(s.pools):
            if compartment == k:
                order.append(len(s.compartments) + index)
        order.append(k)
    return order
