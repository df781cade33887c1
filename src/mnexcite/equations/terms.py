"""The membrane, written once: what flows through each channel, and what that depends on.

A channel's current is its conductance, g times its openings, times what drives it:

    ohmic   g x gates x bindings x (v - E)
    Nernst  the same, E following the logarithms of the pools of its ion
    pump    i_max x gates, driven by nothing else
    GHK     P z F x gates x bindings x (A c_i - B c_o), A = u / (1 - e^-u), B = A - u,
            u = z F v / (R T)

Whoever has to know the membrane walks these terms with values of its own: texts in printed
kernels, arrays in the oracle, in equilibria and recorded currents, formulas for the benchmark's
peers. A new kind of current is a new case of `drive` and `slopes` here, and of
`Printer._print_drive`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import reduce
from operator import add, mul
from typing import Any, Generic, TypeVar

from mnexcite.equations.structure import BindingSlot, ChannelSlot, GateSlot, Structure

T = TypeVar("T", bound=Any)


class Terms(ABC, Generic[T]):
    """Walk the terms of a structure's membrane; values are added and multiplied only.

    A place is the index of a voltage or pool among the states.
    """

    structure: Structure

    # what a walker provides --------------------------------------------------------
    @abstractmethod
    def row(self, kind: str, *where: object) -> T:
        """Return a parameter, as the layout's rows name it."""

    @abstractmethod
    def state(self, place: int) -> T:
        """Return a voltage or the concentration of a pool."""

    @abstractmethod
    def opening(self, k: int, channel: ChannelSlot, gate: GateSlot) -> T:
        """Return how far a gate is open."""

    @abstractmethod
    def free(self, k: int, channel: ChannelSlot, binding: BindingSlot) -> T:
        """Return the share that a binding leaves free."""

    @abstractmethod
    def logarithm(self, k: int, pool: str) -> T:
        """Return where the logarithm of a pool lies on its axis, 0 to 1."""

    @abstractmethod
    def goldman(self, k: int, channel: ChannelSlot) -> tuple[T, T, T]:
        """Return u, A and dA/du of a permeability."""

    def steepness(self, k: int, channel: ChannelSlot, gate: GateSlot) -> T:
        """Return the slope of an instantaneous gate, or a logarithm's, by what it reads."""
        raise NotImplementedError

    # the terms ---------------------------------------------------------------------
    def reversal(self, k: int, channel: ChannelSlot) -> T:
        """Return E: what is fixed, and what the pools of its ion add."""
        E = self.row("E", k, channel.name)
        for _, pool in channel.follows:
            E = E + self.row("nernst", k, pool) * self.logarithm(k, pool)
        return E

    def conductance(self, k: int, channel: ChannelSlot) -> T:
        """Return g, or i_max of a pump, times all openings."""
        return reduce(mul, self._factors(k, channel), self.row("g", k, channel.name))

    def drive(self, k: int, channel: ChannelSlot) -> T | None:
        """Return what multiplies the conductance, None for nothing."""
        if channel.law == "ohmic":
            return self.state(k) - self.reversal(k, channel)
        if channel.law == "pump":
            return None
        u, A, _ = self.goldman(k, channel)
        inside, outside = (self.concentration(k, channel, s) for s in ("inside", "outside"))
        return A * inside - (A - u) * outside

    def concentration(self, k: int, channel: ChannelSlot, side: str) -> T:
        """Return what is on one side of a permeability."""
        pool = dict(channel.follows).get(side)
        if pool is None:
            return self.row(side, k, channel.name)
        return self.state(self.structure.place(k, pool))

    def drive_by_voltage(self, k: int, channel: ChannelSlot) -> T:
        """Return what the drive of a permeability gains by the voltage."""
        _, _, slope = self.goldman(k, channel)
        inside, outside = (self.concentration(k, channel, s) for s in ("inside", "outside"))
        per_volt = self.row("per_volt", k, channel.name)
        return per_volt * (slope * inside - (slope - 1.0) * outside)

    def current(self, k: int, channel: ChannelSlot) -> T:
        """Return the current, outward positive."""
        return _times(self.conductance(k, channel), self.drive(k, channel))

    def slopes(self, k: int, channel: ChannelSlot) -> dict[int, T]:
        """Return what the current gains by each place, gates and bindings held."""
        if channel.law == "pump":
            return {}
        g, gained = self.conductance(k, channel), {}
        if channel.law == "ghk":
            u, A, _ = self.goldman(k, channel)
            gained[k] = g * self.drive_by_voltage(k, channel)
            for side, pool in channel.follows:
                by = A if side == "inside" else u - A
                gained[self.structure.place(k, pool)] = g * by
            return gained
        gained[k] = g
        for _, pool in channel.follows:
            by_log = self.row("nernst", k, pool) * self._log_steepness(k, pool)
            gained[self.structure.place(k, pool)] = -1.0 * g * by_log
        return gained

    def felt(self, k: int, channel: ChannelSlot, by: GateSlot | BindingSlot) -> T:
        """Return what the current gains by one gate or binding."""
        g = reduce(mul, self._factors(k, channel, by), self.row("g", k, channel.name))
        return _times(g, self.drive(k, channel))

    def influx(self, k: int, pool: str) -> Any:
        """Return the sum of the currents that fill a pool, None without one."""
        flows = [
            self.current(k, channel) if charges == 1.0 else charges * self.current(k, channel)
            for channel, charges in self.structure.feeders(k, pool)
        ]
        return reduce(add, flows) if flows else None

    def filling(self, k: int, pool: str) -> T:
        """Return c' of a pool."""
        c = self.state(self.structure.place(k, pool))
        slope = self.row("removal", k, pool) * (self.row("rest", k, pool) - c)
        influx = self.influx(k, pool)
        return slope if influx is None else slope - self.row("alpha", k, pool) * influx

    def freeing(self, k: int, channel: ChannelSlot, binding: BindingSlot) -> T:
        """Return x' of what a binding leaves free."""
        x, f = self.free(k, channel, binding), self.bound(k, channel, binding)
        free, catch = (self.row(r, k, channel.name, binding.name) for r in ("free", "catch"))
        return free * (1.0 - x) - (catch * x if f is None else catch * f * x)

    def bound(self, k: int, channel: ChannelSlot, binding: BindingSlot) -> T | None:
        """Return f, the share of channels in the states that it binds to, None for all."""
        if not binding.through:
            return None
        opened = (
            self.opening(k, channel, channel.gate(name)) ** power
            for name, power in binding.through
        )
        f = reduce(mul, opened)
        return 1.0 - f if binding.outside else f

    def bound_by(self, k: int, channel: ChannelSlot, binding: BindingSlot, name: str) -> T:
        """Return what f gains by one of the gates that it goes through."""
        powers = dict(binding.through)
        own = _slope_of_power(self.opening(k, channel, channel.gate(name)), powers[name])
        others = (
            self.opening(k, channel, channel.gate(other)) ** power
            for other, power in binding.through
            if other != name
        )
        slope = reduce(mul, others, own)
        return -1.0 * slope if binding.outside else slope

    def _factors(
        self, k: int, channel: ChannelSlot, by: GateSlot | BindingSlot | None = None
    ) -> list[T]:
        """Return the factors of a conductance, one of them as its slope."""
        factors = []
        for gate in channel.gates:
            x = self.opening(k, channel, gate)
            if gate is not by:
                factors.append(x**gate.power)
            elif gate.power > 1:
                factors.append(_slope_of_power(x, gate.power))
        bindings = (each for each in channel.bindings if each is not by)
        return factors + [self.free(k, channel, each) for each in bindings]

    def _log_steepness(self, k: int, pool: str) -> T:
        gates = ((channel, g) for at, channel, g in self.structure.logarithms if at == k)
        channel, gate = next(pair for pair in gates if pair[1].name == pool)
        return self.steepness(k, channel, gate)


def _times(g: T, drive: T | None) -> T:
    return g if drive is None else g * drive


def _slope_of_power(x: Any, power: int) -> Any:
    return float(power) * x ** (power - 1) if power > 1 else x**0
