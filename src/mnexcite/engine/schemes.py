"""Fixed-step schemes: how each prints one step of one vector of lanes."""

from __future__ import annotations

from collections.abc import Callable

from mnexcite.engine.printer import Printer


def staggered_step(p: Printer) -> None:
    """Print the staggered second-order step.

    Gates stand half a step ahead of voltages and pools. Voltages and pools take an
    implicit midpoint step; what depends on them at once (instantaneous gates) is taken
    first at the start and then at the middle of the step, which keeps the order at 2.
    """
    s, out = p.structure, p.out
    p.open_conductances()
    permeable = any(c.law == "ghk" for each in s.compartments for c in each.channels)
    if p.slots(instantaneous=True) or permeable:
        p.look_up_all(True, p.voltage, p.pool)
        _midpoints(p, p.states.__getitem__)
        p.look_up_all(True, lambda k: p.name("mid", k), lambda k, pool: p.name("mid", k, pool))
    _midpoints(p, lambda place: _middle(p, place))
    for k in range(len(s.compartments)):
        out.add(f"{p.voltage(k)} = 2.0 * {p.name('mid', k)} - {p.voltage(k)}")
    for k, pool in s.pools:
        out.add(f"{p.pool(k, pool)} = 2.0 * {p.name('mid', k, pool)} - {p.pool(k, pool)}")
    p.look_up_all(False, p.voltage, p.pool)
    _print_gates(p)


def _print_gates(p: Printer) -> None:
    """Print gates half a step ahead, and bindings by where the gates were halfway."""
    held = {
        p.terms.opening(k, channel, channel.gate(name))
        for k, channel, binding in p.structure.bindings
        for name, _ in binding.through
    }
    gates = [x for x in p.states if x in held]
    p.out.add(*(f"was_{x} = {x}" for x in gates))
    p.update_gates()
    if len(gates) < len(held):
        p.look_up_all(True, p.voltage, p.pool)
    p.bindings(between=True)
    p.update_bindings()


def _middle(p: Printer, place: int) -> str:
    """Return the variable of a voltage or pool in the middle of the step."""
    voltages = len(p.structure.compartments)
    if place < voltages:
        return p.name("mid", place)
    return p.name("mid", *p.structure.pools[place - voltages])


def _midpoints(p: Printer, at: Callable[[int], str]) -> None:
    p.total_conductances(at)
    p.midpoint_voltages()
    for k, pool in p.structure.pools:
        # (2/dt + removal) mid = 2/dt c + removal rest - alpha I; alpha and removal come
        # multiplied by dt/2
        removal, alpha = p.parameter("removal", k, pool), p.parameter("alpha", k, pool)
        rest = p.parameter("rest", k, pool)
        inflow = p.influx(k, pool, lambda place: _middle(p, place))
        p.out.add(
            f"{p.name('mid', k, pool)} = ({p.pool(k, pool)} + {removal} * {rest} - "
            f"{alpha} * ({inflow})) / (1.0 + {removal})"
        )


def exponential_euler_step(p: Printer) -> None:
    """Print the exponential Euler step: every state by its own linear equation.

    All coefficients are taken at the start of the step; order 1.
    """
    s, out = p.structure, p.out
    p.look_up_everything()
    p.bindings()
    p.open_conductances()
    p.total_conductances()
    for k in range(len(s.compartments)):
        v, C = p.voltage(k), p.parameter("C", k)
        joined = [(p.coupling(index, k), other) for index, other in s.neighbours(k)]
        conductance = " + ".join([p.name("G", k), *(g for g, _ in joined)])
        drive = [p.name("B", k), *(f"{g} * {p.voltage(other)}" for g, other in joined)]
        # C holds dt / C
        out.add(
            f"d = ({conductance}) * {C}",
            "phi = quotient(minus_expm1(d), d, 1.0)",
            f"{p.name('next', k)} = {v} + phi * ({C} * ({' + '.join(drive)}) - d * {v})",
        )
    for k, pool in s.pools:
        # removal holds exp(-removal dt), alpha and rest what the current and rest add
        removal, alpha = p.parameter("removal", k, pool), p.parameter("alpha", k, pool)
        inflow = p.influx(k, pool)
        out.add(
            f"{p.name('next', k, pool)} = {removal} * {p.pool(k, pool)} + "
            f"{p.parameter('rest', k, pool)} - {alpha} * ({inflow})"
        )
    for k in range(len(s.compartments)):
        out.add(f"{p.voltage(k)} = {p.name('next', k)}")
    for k, pool in s.pools:
        out.add(f"{p.pool(k, pool)} = {p.name('next', k, pool)}")
    p.update_gates()
    p.update_bindings()


def runge_kutta_step(p: Printer) -> None:
    """Print the classical Runge-Kutta step of order 4.

    A fifth evaluation gives the slope at the end, for spike times of the same order.
    Rates in the tables and in the parameters come multiplied by dt.
    """
    out, names = p.out, p.states
    for name in names:
        out.add(f"start_{name} = {name}", f"total_{name} = fill(0.0)")
    out.add("slope0_@ = fill(0.0)", "slope1_@ = fill(0.0)")
    with out.block("for stage in range(5):"):
        p.look_up_everything()
        p.bindings()
        p.open_conductances()
        p.total_conductances()
        for name, change in zip(names, p.derivatives(), strict=True):
            out.add(f"change_{name} = {change}")
        out.add(f"slope1_@ = change_{names[0]}")
        with out.block("if stage == 0:"):
            out.add("slope0_@ = slope1_@")
        with out.block("if stage == 4:"):
            out.add("break")
        out.add(
            "weight = 1.0 / 6.0 if stage == 0 or stage == 3 else 1.0 / 3.0",
            "ahead = 1.0 if stage == 2 else 0.5",
        )
        for name in names:
            out.add(f"total_{name} = fma(change_{name}, weight, total_{name})")
        with out.block("if stage == 3:"):
            for name in names:
                out.add(f"{name} = start_{name} + total_{name}")
        with out.block("else:"):
            for name in names:
                out.add(f"{name} = fma(change_{name}, ahead, start_{name})")
