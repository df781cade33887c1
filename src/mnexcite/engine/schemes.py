"""Fixed-step schemes: how each prints one step of one lane.

A scheme leaves the new voltages in `new_k` and in the tile.
"""

from __future__ import annotations

from mnexcite.engine.emit import Printer
from mnexcite.engine.layout import Slot


def staggered_step(p: Printer) -> None:
    """Print the staggered second-order step.

    Gates stand half a step ahead of voltages and pools. Voltages and pools take an
    implicit midpoint step; what depends on them at once (instantaneous gates) is taken
    first at the start and then at the middle of the step, which keeps the order at 2.
    """
    s, out = p.structure, p.out
    p.open_conductances()
    passes = 2 if p.slots(instantaneous=True) else 1
    for index, (k, pool) in enumerate(s.pools):
        out.add(f"{p.name('c', k, pool)} = {p.state(len(s.compartments) + index)}")
    for number in range(passes):
        if passes == 2:
            where = "old" if number == 0 else "v"
            for k in sorted({x.compartment for x in p.slots(True) if x.gate.pool is None}):
                p.locate_voltage(k, f"{where}_{k}")
            for index, (k, pool) in enumerate(s.pools):
                if any(_reads(slot, k, pool) for slot in p.slots(True)):
                    kind = "c" if number == 0 else "mid"
                    p.locate_concentration(index, p.name(kind, k, pool))
        p.total_conductances()
        p.midpoint_voltages()
        for k, pool in s.pools:
            # (2/dt + removal) c = 2/dt c_old + removal rest - alpha I; alpha and removal
            # come multiplied by dt/2
            removal, alpha = p.parameter("removal", k, pool), p.parameter("alpha", k, pool)
            rest, c = p.parameter("rest", k, pool), p.name("c", k, pool)
            out.add(
                f"{p.name('mid', k, pool)} = ({c} + {removal} * {rest} - {alpha} * "
                f"({p.influx(k, pool, f'v_{k}')})) / (1.0 + {removal})"
            )
    for k in range(len(s.compartments)):
        out.add(f"new_{k} = 2.0 * v_{k} - old_{k}", f"{p.state(k)} = new_{k}")
    for index, (k, pool) in enumerate(s.pools):
        place, c = len(s.compartments) + index, p.name("c", k, pool)
        out.add(
            f"{p.before(place)} = {c}",
            f"{c} = 2.0 * {p.name('mid', k, pool)} - {c}",
            f"{p.state(place)} = {c}",
        )
    _locate_for_gates(p, "new", "c")
    p.update_gates()


def exponential_euler_step(p: Printer) -> None:
    """Print the exponential Euler step: every state by its own linear equation.

    All coefficients are taken at the start of the step; order 1.
    """
    s, out = p.structure, p.out
    for index, (k, pool) in enumerate(s.pools):
        out.add(f"{p.name('c', k, pool)} = {p.state(len(s.compartments) + index)}")
    for k in sorted({slot.compartment for slot in p.layout.voltage}):
        p.locate_voltage(k, f"old_{k}")
    for index, (k, pool) in enumerate(s.pools):
        if any(_reads(slot, k, pool) for slot in p.layout.concentration):
            p.locate_concentration(index, p.name("c", k, pool))
    p.open_conductances()
    p.total_conductances()
    for k in range(len(s.compartments)):
        joined = [(p.coupling(index, k), other) for index, other in s.neighbours(k)]
        conductance = " + ".join([f"G_{k}", *(g for g, _ in joined)])
        drive = " + ".join([f"B_{k}", *(f"{g} * old_{other}" for g, other in joined)])
        # C holds dt / C
        out.add(
            f"d_{k} = ({conductance}) * {p.parameter('C', k)}",
            f"phi = -math.expm1(-d_{k}) / d_{k} if d_{k} > 1e-12 else 1.0",
            f"new_{k} = old_{k} + phi * ({p.parameter('C', k)} * ({drive}) - d_{k} * old_{k})",
        )
    for index, (k, pool) in enumerate(s.pools):
        # removal holds exp(-removal dt), alpha and rest what the current and rest add
        place, c = len(s.compartments) + index, p.name("c", k, pool)
        out.add(
            f"{p.before(place)} = {c}",
            f"{p.state(place)} = {p.parameter('removal', k, pool)} * {c} + "
            f"{p.parameter('rest', k, pool)} - {p.parameter('alpha', k, pool)} * "
            f"({p.influx(k, pool, f'old_{k}')})",
        )
    for k in range(len(s.compartments)):
        out.add(f"{p.state(k)} = new_{k}")
    p.update_gates()


def runge_kutta_step(p: Printer) -> None:
    """Print the classical Runge-Kutta step of order 4.

    A fifth evaluation gives the slope at the end, for spike times of the same order.
    Rates in the tables and in the parameters come multiplied by dt.
    """
    s, out = p.structure, p.out
    for place in range(len(s.compartments), p.states):
        out.add(f"{p.before(place)} = {p.state(place)}")
    with out.block("for stage in range(5):"):
        for k in range(len(s.compartments)):
            out.add(f"v_{k} = {p.state(k)}")
        for index, (k, pool) in enumerate(s.pools):
            out.add(f"{p.name('c', k, pool)} = {p.state(len(s.compartments) + index)}")
        for k in sorted({slot.compartment for slot in p.layout.voltage}):
            p.locate_voltage(k, f"v_{k}")
        for index, (k, pool) in enumerate(s.pools):
            if any(_reads(slot, k, pool) for slot in p.layout.concentration):
                p.locate_concentration(index, p.name("c", k, pool))
        p.open_conductances()
        p.total_conductances()
        for k in range(len(s.compartments)):
            flows = [f"B_{k} - G_{k} * v_{k}"]
            flows += [f"{p.coupling(i, k)} * (v_{o} - v_{k})" for i, o in s.neighbours(k)]
            out.add(f"d_{k} = {p.parameter('C', k)} * ({' + '.join(flows)})")
        out.add("slopes[l, 0] = d_0 if stage == 0 else slopes[l, 0]", "slopes[l, 1] = d_0")
        with out.block("if stage == 4:"):
            out.add("break")
        out.add(
            "weight = 1.0 / 6.0 if stage == 0 or stage == 3 else 1.0 / 3.0",
            "ahead = 1.0 if stage == 2 else 0.5",
        )
        for k in range(len(s.compartments)):
            _print_stage(p, k, f"d_{k}")
        for index, (k, pool) in enumerate(s.pools):
            removal, alpha = p.parameter("removal", k, pool), p.parameter("alpha", k, pool)
            inside = f"{p.name('c', k, pool)} - {p.parameter('rest', k, pool)}"
            flow = f"-{alpha} * ({p.influx(k, pool, f'v_{k}')}) - {removal} * ({inside})"
            _print_stage(p, len(s.compartments) + index, flow)
        for slot in p.slots(instantaneous=False):
            x = p.name("x", slot.compartment, slot.channel.name, slot.gate.name)
            change = f"({p.tabulated(slot, 1)}) - ({p.tabulated(slot, 0)}) * {x}"
            _print_stage(p, p.gate_index(slot), change)
    for k in range(len(s.compartments)):
        out.add(f"new_{k} = {p.state(k)}")


def _print_stage(p: Printer, index: int, change: str) -> None:
    p.out.add(
        f"change = {change}",
        f"total[{index}] = weight * change + (0.0 if stage == 0 else total[{index}])",
        f"{p.state(index)} = {p.before(index)} + (total[{index}] if stage == 3 else "
        "ahead * change)",
    )


def _locate_for_gates(p: Printer, v: str, c: str) -> None:
    moving = p.slots(instantaneous=False)
    for k in sorted({slot.compartment for slot in moving if slot.gate.pool is None}):
        p.locate_voltage(k, f"{v}_{k}")
    for index, (k, pool) in enumerate(p.structure.pools):
        if any(_reads(slot, k, pool) for slot in moving):
            p.locate_concentration(index, p.name(c, k, pool))


def _reads(slot: Slot, compartment: int, pool: str) -> bool:
    return slot.compartment == compartment and slot.gate.pool == pool
