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
    out = p.out
    permeable = any(c.law == "ghk" for each in p.structure.compartments for c in each.channels)
    every = p.layout.slots
    twice = permeable or any(slot.gate.instantaneous for slot in every)
    for _ in p.passages():
        p.entering_now()
        p.open_conductances()
        if twice:
            p.look_up_all(True, p.voltage, p.pool)
            _print_rows(p, p.states.__getitem__)
        else:
            _print_rows(p, lambda place: _middle(p, place))
    p.midpoint_voltages()
    if twice:
        for _ in p.passages():
            _print_pools(p)
            p.look_up_all(
                True, lambda k: p.name("mid", k), lambda k, pool: p.name("mid", k, pool)
            )
            _print_rows(p, lambda place: _middle(p, place))
        p.midpoint_voltages()
    for _ in p.passages():
        _print_pools(p)
        for k, _compartment in p.compartments:
            out.add(f"{p.voltage(k)} = 2.0 * {p.name('mid', k)} - {p.voltage(k)}")
        for k, pool in p.pools:
            out.add(f"{p.pool(k, pool)} = 2.0 * {p.name('mid', k, pool)} - {p.pool(k, pool)}")
        p.look_up_all(False, p.voltage, p.pool)
        _print_gates(p)


def _print_gates(p: Printer) -> None:
    """Print gates half a step ahead, and bindings by where the gates were halfway."""
    held = {
        p.terms.opening(k, channel, channel.gate(name))
        for k, channel, binding in p.bindings
        for name, _ in binding.through
    }
    gates = [x for x in p.own_states if x in held]
    p.out.add(*(f"was_{x} = {x}" for x in gates))
    p.update_gates()
    if len(gates) < len(held):
        p.look_up_all(True, p.voltage, p.pool)
    p.rate_bindings(between=True)
    p.update_bindings()


def _middle(p: Printer, place: int) -> str:
    """Return the variable of a voltage or pool in the middle of the step."""
    voltages = len(p.structure.compartments)
    if place < voltages:
        return p.name("mid", place)
    return p.name("mid", *p.structure.pools[place - voltages])


def _print_rows(p: Printer, at: Callable[[int], str]) -> None:
    p.total_conductances(at)
    p.midpoint_rows()


def _print_pools(p: Printer) -> None:
    """Print the pools in the middle of the step, by the voltages there."""
    for k, pool in p.pools:
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
    p.gather_couplings()
    for _ in p.passages():
        p.entering_now()
        p.look_up_everything()
        p.rate_bindings()
        p.open_conductances()
        p.total_conductances()
        _print_next(p)
        p.update_gates()
        p.update_bindings()


def _print_next(p: Printer) -> None:
    """Print voltages and pools after an exponential Euler step."""
    out = p.out
    for k, _ in p.compartments:
        v, C = p.voltage(k), p.parameter("C", k)
        conductance = " + ".join([p.name("G", k), *p.outwards(k)])
        drive = " + ".join([p.name("B", k), *p.inwards(k)])
        # C holds dt / C
        out.add(
            f"d = ({conductance}) * {C}",
            "phi = quotient(minus_expm1(d), d, 1.0)",
            f"{p.name('next', k)} = {v} + phi * ({C} * ({drive}) - d * {v})",
        )
    for k, pool in p.pools:
        # removal holds exp(-removal dt), alpha and rest what the current and rest add
        removal, alpha = p.parameter("removal", k, pool), p.parameter("alpha", k, pool)
        inflow = p.influx(k, pool)
        out.add(
            f"{p.name('next', k, pool)} = {removal} * {p.pool(k, pool)} + "
            f"{p.parameter('rest', k, pool)} - {alpha} * ({inflow})"
        )
    for k, _ in p.compartments:
        out.add(f"{p.voltage(k)} = {p.name('next', k)}")
    for k, pool in p.pools:
        out.add(f"{p.pool(k, pool)} = {p.name('next', k, pool)}")


def runge_kutta_step(p: Printer) -> None:
    """Print the classical Runge-Kutta step of order 4.

    A fifth evaluation gives the slope at the end, for spike times of the same order.
    Rates in the tables and in the parameters come multiplied by dt.
    """
    out = p.out
    for _ in p.passages():
        p.entering_now()
        for name in p.own_states:
            out.add(f"start_{name} = {name}", f"total_{name} = fill(0.0)")
    out.add("slope0_@ = fill(0.0)", "slope1_@ = fill(0.0)")
    with out.block("for stage in range(5):"):
        p.gather_couplings()
        for _ in p.passages():
            p.look_up_everything()
            p.rate_bindings()
            p.open_conductances()
            p.total_conductances()
            for name, change in zip(p.own_states, p.derivatives(), strict=True):
                out.add(f"change_{name} = {change}")
        out.add(f"slope1_@ = {p.first('change_')}")
        with out.block("if stage == 0:"):
            out.add("slope0_@ = slope1_@")
        with out.block("if stage == 4:"):
            out.add("break")
        out.add(
            "weight = 1.0 / 6.0 if stage == 0 or stage == 3 else 1.0 / 3.0",
            "ahead = 1.0 if stage == 2 else 0.5",
        )
        for _ in p.passages():
            for name in p.own_states:
                out.add(f"total_{name} = fma(change_{name}, weight, total_{name})")
        with out.block("if stage == 3:"):
            for _ in p.passages():
                for name in p.own_states:
                    out.add(f"{name} = start_{name} + total_{name}")
        with out.block("else:"):
            for _ in p.passages():
                for name in p.own_states:
                    out.add(f"{name} = fma(change_{name}, ahead, start_{name})")
