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


def _locate_for_gates(p: Printer, v: str, c: str) -> None:
    moving = p.slots(instantaneous=False)
    for k in sorted({slot.compartment for slot in moving if slot.gate.pool is None}):
        p.locate_voltage(k, f"{v}_{k}")
    for index, (k, pool) in enumerate(p.structure.pools):
        if any(_reads(slot, k, pool) for slot in moving):
            p.locate_concentration(index, p.name(c, k, pool))


def _reads(slot: Slot, compartment: int, pool: str) -> bool:
    return slot.compartment == compartment and slot.gate.pool == pool
