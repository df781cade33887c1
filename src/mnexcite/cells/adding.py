"""One more channel, pump, gate or synapse in a cell: its place, groups, sources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, get_args

from mnexcite.cells import paths
from mnexcite.cells.compartment import Compartment
from mnexcite.cells.provenance import UNTOLD
from mnexcite.channels import Binding, Carrier, Channel, Gate, IonPool, Pump, Synapse
from mnexcite.channels.mapping import FrozenMapping
from mnexcite.errors import InputError, did_you_mean, flag, instance, shown, text

if TYPE_CHECKING:
    from mnexcite.cells.cell import Cell

Texts = str | Mapping[str, str]


def with_channel(
    cell: Cell,
    channel: Carrier,
    compartment: str | None,
    groups: Iterable[str] | None,
    instead: bool,
    source: Texts,
    status: Texts,
) -> Cell:
    """Return the cell with the channel, as `Cell.with_channel` says."""
    channel = instance(
        "channel", channel, get_args(Carrier), "a mnexcite.channels.Channel, GHK or Pump"
    )
    joined = _groups(cell, channel, groups)
    if not flag("replace", instead):
        return _with(cell, channel, compartment, joined, source, status)
    old = _compartment(cell, compartment)
    names = [each.name for each in old.channels]
    if channel.name not in names:
        raise InputError(
            f"no channel {channel.name!r} in {old.name}; {did_you_mean(channel.name, names)}"
        )
    channels = tuple(channel if e.name == channel.name else e for e in old.channels)
    member = paths.join(cell, old, channel.name)
    return _told(cell, _rebuilt(cell, old, channels=channels), member, source, status)


def with_synapse(
    cell: Cell, synapse: Synapse, compartment: str | None, source: Texts, status: Texts
) -> Cell:
    """Return the cell with the synapse, as `Cell.with_synapse` says."""
    synapse = instance("synapse", synapse, Synapse, "a mnexcite.channels.Synapse")
    return _with(cell, synapse, compartment, (), source, status)


def with_pool(
    cell: Cell, pool: IonPool, compartment: str | None, source: Texts, status: Texts
) -> Cell:
    """Return the cell with the pool, as `Cell.with_pool` says."""
    pool = instance("pool", pool, IonPool, "a mnexcite.channels.IonPool")
    old = _compartment(cell, compartment)
    kept = tuple(other for other in old.pools if other.name != pool.name)
    grown = _rebuilt(cell, old, pools=(*kept, pool))
    return _told(cell, grown, paths.join(cell, old, pool.name), source, status)


def with_gate(
    cell: Cell, channel: str, part: Gate | Binding, source: Texts, status: Texts
) -> Cell:
    """Return the cell with the gate or binding, as `Cell.with_gate` and `with_binding` say."""
    channel = text("channel", channel, "the path of a channel")
    known = {
        paths.join(cell, compartment, each.name): (compartment, each)
        for compartment in cell.compartments
        for each in compartment.channels
    }
    if channel not in known:
        raise InputError(f"no channel {shown(channel)}; {did_you_mean(str(channel), known)}")
    compartment, old = known[channel]
    if isinstance(part, Gate):
        kept = tuple(other for other in old.gates if other.name != part.name)
        new = replace(old, gates=(*kept, part))
    else:
        part = instance("binding", part, Binding, "a mnexcite.channels.Binding")
        if isinstance(old, Pump):
            raise InputError(f"{channel} is a pump, to which nothing binds; name a channel")
        bound = tuple(other for other in old.bindings if other.name != part.name)
        new = replace(old, bindings=(*bound, part))
    channels = tuple(new if each is old else each for each in compartment.channels)
    grown = _rebuilt(cell, compartment, channels=channels)
    member = f"{channel}.{part.name}"
    return _told(cell, grown, member, source, status)


def _with(
    cell: Cell,
    part: Carrier | Synapse,
    compartment: str | None,
    groups: tuple[str, ...],
    source: Texts,
    status: Texts,
) -> Cell:
    old = _compartment(cell, compartment)
    if isinstance(part, Synapse):
        grown = _rebuilt(cell, old, synapses=(*old.synapses, part))
    else:
        grown = _rebuilt(cell, old, channels=(*old.channels, part))
    member = paths.join(cell, old, part.name)
    joined = {group: (*cell.groups.get(group, ()), member) for group in groups}
    grown = replace(grown, groups=FrozenMapping({**cell.groups, **joined}))
    return _told(cell, grown, member, source, status)


def _compartment(cell: Cell, name: str | None) -> Compartment:
    names = [c.name for c in cell.compartments]
    if name is None or name in names:
        return cell.compartments[0 if name is None else names.index(name)]
    raise InputError(f"no compartment {shown(name)}; {did_you_mean(str(name), names)}")


def _rebuilt(
    cell: Cell,
    old: Compartment,
    channels: tuple[Carrier, ...] | None = None,
    synapses: tuple[Synapse, ...] | None = None,
    pools: tuple[IonPool, ...] | None = None,
) -> Cell:
    """Return the cell with other channels, synapses or pools in a compartment."""
    channels = old.channels if channels is None else channels
    states = {f"{c.name}.{g.name}" for c in channels for g in c.gates if not g.instantaneous}
    states |= {f"{c.name}.{b.name}" for c in channels for b in c.bindings}
    states |= {"v", *(pool.name for pool in old.pools if pools is None or pool in pools)}
    new = Compartment(
        old.name,
        old.C,
        channels,
        old.pools if pools is None else pools,
        # a gate or pool that came or went has no published state
        initial={path: value for path, value in old.initial.items() if path in states},
        synapses=old.synapses if synapses is None else synapses,
    )
    compartments = tuple(new if each is old else each for each in cell.compartments)
    return replace(cell, compartments=compartments)


def _told(cell: Cell, grown: Cell, member: str, source: Texts, status: Texts) -> Cell:
    """Return the grown cell with the sources of its new part's numbers."""
    prefix = f"{member}."
    added = [path for path in grown.scalars if path.startswith(prefix)]
    own = [path.removeprefix(prefix) for path in added]
    sources = _each("source", source, own, UNTOLD)
    statuses = _each("status", status, own, "unverified")
    notes = {path: (sources[key], statuses[key]) for path, key in zip(added, own, strict=True)}
    known = {p: told for p, told in cell.provenance.items() if p in grown.scalars}
    return replace(grown, provenance=FrozenMapping({**known, **notes}))


def _groups(cell: Cell, channel: Carrier, asked: Iterable[str] | None) -> tuple[str, ...]:
    """Return the groups to join: those asked for, else that of its ion.

    A group named as an ion holds the voltage-gated channels that carry it, so a channel
    that only a concentration gates (SK) is not in K.
    """
    if asked is not None:
        listed = [asked] if isinstance(asked, str) else list(asked)
        return tuple(dict.fromkeys(text("group", group, "a name") for group in listed))
    voltage_gated = any(gate.pool is None for gate in channel.gates)
    ohmic = isinstance(channel, Channel)  # which alone has a g
    joins = ohmic and voltage_gated and channel.ion is not None and channel.ion in cell.groups
    return (str(channel.ion),) if joins else ()


def _each(what: str, given: Texts, own: list[str], default: str) -> dict[str, str]:
    """Return a text for each number: one for all, or by its name such as `m.half`."""
    if not isinstance(given, Mapping):
        return dict.fromkeys(own, text(what, given))
    for key in given:
        if key not in own:
            raise InputError(f"{what} names {shown(key)}; {did_you_mean(str(key), own)}")
    return {key: text(f"{what} of {key}", given.get(key, default)) for key in own}
