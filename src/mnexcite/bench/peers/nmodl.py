"""What the mechanisms of NEURON and Arbor share: the same language, two dialects of it."""

from __future__ import annotations

from dataclasses import dataclass

from mnexcite.bench.expressions import Expression, assignments
from mnexcite.bench.system import System

Lines = list[tuple[str, str]]


@dataclass(frozen=True)
class Membrane:
    """Hold a compartment's equations as text.

    `states` and their `initial` values; `currents` assigns the outward currents whose sum
    is `total`, and `rates` what the lines of `derivatives` need.
    """

    states: tuple[str, ...]
    initial: tuple[float, ...]
    currents: Lines
    total: str
    rates: Lines
    derivatives: tuple[str, ...]

    @property
    def text(self) -> str:
        """All of the right-hand sides."""
        return "\n".join(text for _, text in (*self.currents, *self.rates))


def membrane(s: System, compartment: int, dialect: str) -> Membrane:
    """Return a compartment's membrane; its voltage is called v.

    Each derivative is linear in its own state, as the method cnexp wants it.
    """
    v = {s.names[compartment]: "v"}
    start = dict(zip(s.names, s.initial.tolist(), strict=True))
    flows = {
        f"i{n}": current.flow.renamed(v)
        for n, current in enumerate(s.currents)
        if current.compartment == compartment
    }
    outputs: dict[str, Expression] = {}
    derivatives: dict[str, str] = {}
    for n, pool in enumerate(p for p in s.pools if p.compartment == compartment):
        x = str(pool.state.value)
        outputs[f"c{n}"] = (-pool.alpha * pool.influx + pool.removal * pool.rest).renamed(v)
        outputs[f"d{n}"] = pool.removal
        derivatives[x] = f"{x}' = c{n} - d{n} * {x}"
    for n, gate in enumerate(g for g in s.gates if g.compartment == compartment):
        x = str(gate.state.value)
        outputs[f"a{n}"], outputs[f"b{n}"] = (part.renamed(v) for part in gate.parts)
        if gate.alpha is not None:
            derivatives[x] = f"{x}' = a{n} * (1 - {x}) - b{n} * {x}"
        else:
            derivatives[x] = f"{x}' = b{n} * (a{n} - {x})"
    return Membrane(
        tuple(derivatives),
        tuple(start[x] for x in derivatives),
        assignments(flows, dialect),
        " + ".join(flows) or "0.0",
        assignments(outputs, dialect),
        tuple(derivatives.values()),
    )


def block(title: str, *lines: str) -> str:
    """Return a block of a mechanism."""
    return "\n".join([f"{title} {{", *(f"    {line}" for line in lines), "}"])


def declared(lines: Lines) -> list[str]:
    """Return the declaration of what the lines assign, and the lines."""
    if not lines:
        return []
    names = ", ".join(name for name, _ in lines)
    return [f"LOCAL {names}", *(f"{name} = {text}" for name, text in lines)]
