"""New numbers at the paths of a cell: each part that changes is built once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from mnexcite.channels import Carrier, Pump
from mnexcite.errors import InputError

if TYPE_CHECKING:
    from mnexcite.cells.cell import Cell
    from mnexcite.cells.compartment import Compartment, Ion

Part = TypeVar("Part")
#: What changes in a part: the rest of a path -> its new value.
Changes = Mapping[str, float]


def with_value(cell: Cell, path: str, value: float) -> Cell:
    """Return the cell with the number at one full path replaced."""
    return with_values(cell, {path: value})


def with_values(cell: Cell, values: Changes, **fields: Any) -> Cell:
    """Return the cell with the numbers at full paths replaced, and no other number.

    `fields` are fields of the cell that change with them, such as its provenance.

    Raises
    ------
    InputError
        If a part does not allow its new numbers.
    """
    own, inner = _by_head(values)
    fields |= {key: value for key, value in own.items() if key in ("temperature", "area")}
    if "ions" in inner:
        changes = inner.pop("ions")
        fields["ions"] = tuple(_ion(ion, changes) for ion in cell.ions)
    joints = {coupling.name for coupling in cell.couplings} & inner.keys()
    if joints:
        fields["couplings"] = tuple(
            _part(c.name, inner.get(c.name, {}), lambda ch, c=c: replace(c, **ch), c)
            for c in cell.couplings
        )
    if len(cell.compartments) == 1:
        kept = {k: v for k, v in values.items() if k == "C" or k.partition(".")[0] in inner}
        below = {cell.compartments[0].name: kept} if kept else {}
    else:
        below = {name: changes for name, changes in inner.items() if name not in joints}
    if below:
        fields["compartments"] = tuple(
            _compartment(cell, c, below[c.name]) if c.name in below else c
            for c in cell.compartments
        )
    return replace(cell, **fields)


def _by_head(values: Changes) -> tuple[dict[str, float], dict[str, dict[str, float]]]:
    """Return what has no dot, and the others by what stands before their first dot."""
    own: dict[str, float] = {}
    inner: dict[str, dict[str, float]] = {}
    for path, value in values.items():
        head, dot, tail = path.partition(".")
        if dot:
            inner.setdefault(head, {})[tail] = value
        else:
            own[path] = value
    return own, inner


def _part(path: str, changes: Changes, change: Callable[[Any], Part], unchanged: Part) -> Part:
    """Return the changed part; what it refuses names the paths that were set."""
    if not changes:
        return unchanged
    try:
        return change(dict(changes))
    except InputError as error:
        paths = ", ".join(f"{path}.{key}" for key in changes)
        raise InputError(f"{paths}: {error}") from None


def _ion(ion: Ion, changes: Changes) -> Ion:
    fields = {f"E_{ion.name}": "E", f"{ion.name}_o": "outside", f"{ion.name}_i": "inside"}
    own = {name: value for name, value in changes.items() if name in fields}
    return _part(
        "ions", own, lambda ch: replace(ion, **{fields[k]: v for k, v in ch.items()}), ion
    )


def _compartment(cell: Cell, compartment: Compartment, changes: Changes) -> Compartment:
    """Change numbers of a compartment and keep its published initial state."""
    prefix = "" if len(cell.compartments) == 1 else f"{compartment.name}."
    own, inner = _by_head(changes)
    C = own.get("C", compartment.C)
    if C <= 0:
        raise InputError(f"{prefix}C is {C!r}; allowed: above 0")
    pools = tuple(
        _part(prefix + p.name, inner.get(p.name, {}), lambda ch, p=p: replace(p, **ch), p)
        for p in compartment.pools
    )
    channels = tuple(
        _channel(prefix + c.name, c, inner[c.name]) if c.name in inner else c
        for c in compartment.channels
    )
    synapses = tuple(
        _part(prefix + s.name, inner.get(s.name, {}), lambda ch, s=s: replace(s, **ch), s)
        for s in compartment.synapses
    )
    return type(compartment)(
        compartment.name, C, channels, pools, initial=compartment.initial, synapses=synapses
    )


def _channel(path: str, channel: Carrier, changes: Changes) -> Carrier:
    own, inner = _by_head(changes)
    gates = tuple(
        _part(f"{path}.{g.name}", inner.get(g.name, {}), g.with_scalars, g)
        for g in channel.gates
    )
    bindings = tuple(
        _part(f"{path}.{b.name}", inner.get(b.name, {}), lambda ch, b=b: replace(b, **ch), b)
        for b in channel.bindings
    )
    changed = {**own, "gates": gates}
    if not isinstance(channel, Pump):
        changed["bindings"] = bindings
    return _part(path, own or {"gates": 0.0}, lambda _: replace(channel, **changed), channel)
