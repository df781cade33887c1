"""Print the longest step in which a mode that grows still grows as it should.

Beside an equilibrium that is not stable a cell moves little, so that the estimated error of a
step tells nothing, and a long step may damp what grows: an L-stable method does so from about
one radian on, and the cell would stay where it cannot. What follows bounds how fast a growing
mode can be, from the Jacobian at the start of a step; a method's `reach` says up to which
|h s| its steps render a mode exp(s t).

With C dv/dt = -I(v, x) and dx/dt = (x_inf(v) - x) / tau, a mode s = r + i w of one
compartment solves

    C s + g + sum of a / (1 + s tau) = 0,    a = dI/dx dx_inf/dv,

where g is the membrane's slope conductance with its gates held. Gates with a > 0 oppose a
change of voltage, those with a < 0 promote it. For r >= 0 the real and the imaginary part give

    g + C r <= sum of |a| over a < 0              (so without an excess of these nothing grows)
    r^2 <= max(0, -g / C) r + sum of |a| / (C tau) over a < 0
    w^2 <= sum of a / (C tau) over a > 0

and, where g > 0, however small C is, r and 2 w <= sum of |a| / (g tau) over a < 0.

Compartments are joined by passive conductances, so the largest of these bounds holds for all.
Pools and bindings are left out: loops through them turn too slowly for a longest step to miss.
"""

from __future__ import annotations

from mnexcite.engine.printer import Printed, Printer
from mnexcite.equations.structure import ChannelSlot
from mnexcite.kernels.formula import Text

LONGEST = 1.0  # ms, whatever grows


def print_slopes(p: Printer, reach: str) -> None:
    """Print the `slopes_` of all states and `longest_` [ms], for one vector.

    Also, for each gate, `feel_`: what its channel's current gains by it; and, for each that
    has a time constant, `speed_`, one over that, and `lift_`: what its slope gains by the
    voltage or pool that it reads.
    """
    out, bounds = p.out, []
    p.gather_couplings(joined=True)
    if p.loops:
        out.add(f"{', '.join(_MOST)} = fill(0.0), fill(0.0), fill(0.0)")
    for _ in p.passages():
        if p.loops:
            p.drive_at("time_@")
        p.evaluate(slopes=True)
        bounds = _print_bounds(p)
        if p.loops:
            for most, name in zip(_MOST, bounds[0], strict=True):
                out.add(f"{most} = greatest({most}, {name})")
    grow, turn, steep = (
        _MOST if p.loops else (_greatest(names) for names in zip(*bounds, strict=True))
    )
    out.add(
        f"fastest = least({grow} + {turn}, 1.25 * {steep} * {steep})",
        f"longest_@ = least({reach} * inverse_root(fastest), fill({LONGEST}))",
    )


#: The greatest of these bounds so far, in a loop.
_MOST = ("most_grow", "most_turn", "most_steep")


def _print_bounds(p: Printer) -> list[tuple[str, str, str]]:
    """Print how fast modes can grow, turn and, where held, grow, of each compartment."""
    out, bounds = p.out, []
    out.add("# how fast a change of voltage can grow, and the longest step that follows it")
    for k, compartment in p.compartments:
        near, held, promote, grow, turn, steep = (
            p.name(kind, k) for kind in ("near", "held", "promote", "grow", "turn", "steep")
        )
        out.add(
            f"{held} = {p.name('G', k)}",
            *(f"{sum_of} = fill(0.0)" for sum_of in (promote, grow, turn)),
        )
        for channel in compartment.channels:
            _print_channel(p, k, channel)
            for gate in channel.gates:
                x = p.name("x", k, channel.name, gate.name)
                if gate.pool is None and gate.instantaneous:
                    by_v = p.name("d0", k, channel.name, gate.name)
                    out.add(f"{held} = fma(feel_{x}, {by_v}, {held})")
                elif gate.pool is None:
                    rate = f"speed_{x}"
                    out.add(
                        f"loop = feel_{x} * lift_{x}",
                        "less = least(loop, 0.0)",
                        f"{promote} = {promote} - less / {rate}",
                        f"{grow} = {grow} - less",
                        f"{turn} = {turn} + (loop - less)",
                    )
        C = p.parameter("C", k)  # one by the capacitance
        out.add(
            # 1 where something can grow, 0 far from that: a bound that jumped would be a kick
            f"{near} = clamp(2.0 * {promote} / {held} - 1.0, 0.0, 1.0)",
            f"{near} = choose({held}, 0.0, fill(1.0), {near})",
            f"{steep} = {near} * {grow} / {held}",
            f"{steep} = choose({held}, 0.0, fill(1e150), {steep})",
            f"{promote} = {near} * clamp(({promote} - {held}) * {C}, 0.0, 1e150)",
            f"{held} = clamp({held} * {C}, -1e150, 0.0)",
            # (n + sqrt(m))^2 is at most 2 (n^2 + m)
            f"{grow} = 2.0 * fma({held}, {held}, {grow} * {C})",
            f"{grow} = least({promote} * {promote}, {grow})",
            f"{turn} = {near} * {turn} * {C}",
        )
        bounds.append((grow, turn, steep))
    return bounds


def _print_channel(p: Printer, k: int, channel: ChannelSlot) -> None:
    if not channel.gates and not channel.bindings:
        return
    terms = _Felt(p)
    if channel.law == "ohmic":
        p.out.add(f"{terms.drive(k, channel)} = {p.terms.drive(k, channel)}")
    for gate in channel.gates:
        x = p.name("x", k, channel.name, gate.name)
        p.out.add(f"feel_{x} = {terms.felt(k, channel, gate)}")
        if not gate.instantaneous:
            rate, f0, d0, d1 = (
                p.name(name, k, channel.name, gate.name) for name in ("rate", "f0", "d0", "d1")
            )
            p.out.add(
                f"speed_{x} = {rate} * {f0}",
                f"lift_{x} = {rate} * ({d1} - {d0} * {x})",
            )
    for binding in channel.bindings:
        x = p.name("x", k, channel.name, binding.name)
        p.out.add(f"feel_{x} = {terms.felt(k, channel, binding)}")


class _Felt(Printed):
    """The terms with what drives each channel in a variable of its own."""

    def drive(self, k: int, channel: ChannelSlot) -> Text | None:
        """Return the variable of v - E, or of what else drives a channel."""
        if channel.law == "ohmic":
            return Text(self.printer.name("gap", k, channel.name))
        return super().drive(k, channel)


def _greatest(names: tuple[str, ...]) -> str:
    found, *others = names
    for other in others:
        found = f"greatest({found}, {other})"
    return found
