"""One more channel or synapse in a cell: its place, groups, and sources of its numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from mnexcite.cells import paths
from mnexcite.cells.compartment import Compartment
from mnexcite.channels import Channel, Synapse
from mnexcite.channels.mapping import FrozenMapping
from mnexcite.errors import InputError, did_you_mean, instance, shown, text

if TYPE_CHECKING:
    from mnexcite.cells.cell import Cell

Texts = str | Mapping[str, str]


def with_channel(
    cell: Cell,
    channel: Channel,
    compartment: str | None,
    groups: Iterable[str] | None,
    source: Texts,
    status: Texts,
) -> Cell:
    """Return the cell with the channel, as `Cell.with_channel` says."""
    channel = instance("channel", channel, Channel, "a mnexcite.channels.Channel")
    return _with(cell, channel, compartment, _groups(cell, channel, groups), source, status)


def with_synapse(
    cell: Cell, synapse: Synapse, compartment: str | None, source: Texts, status: Texts
) -> Cell:
    """Return the cell with the synapse, as `Cell.with_synapse` says."""
    synapse = instance("synapse", synapse, Synapse, "a mnexcite.channels.Synapse")
    return _with(cell, synapse, compartment, (), source, status)


def _with(
    cell: Cell,
    part: Channel | Synapse,
    compartment: str | None,
    groups: tuple[str, ...],
    source: Texts,
    status: Texts,
) -> Cell:
    names = [c.name for c in cell.compartments]
    name = names[0] if compartment is None else compartment
    if name not in names:
        raise InputError(f"no compartment {shown(name)}; {did_you_mean(str(name), names)}")
    place = names.index(name)
    old = cell.compartments[place]
    channels, synapses = old.channels, old.synapses
    if isinstance(part, Channel):
        channels = (*channels, part)
    else:
        synapses = (*synapses, part)
    new = Compartment(
        old.name, old.C, channels, old.pools, initial=old.initial, synapses=synapses
    )
    compartments = (*cell.compartments[:place], new, *cell.compartments[place + 1 :])
    member = paths.join(cell, old, part.name)
    joined = {group: (*cell.groups.get(group, ()), member) for group in groups}
    grown = replace(
        cell, compartments=compartments, groups=FrozenMapping({**cell.groups, **joined})
    )
    added = [path for path in grown.scalars if path not in cell.scalars]
    own = [path.removeprefix(f"{member}.") for path in added]
    sources = _each("source", source, own, "given by the user")
    statuses = _each("status", status, own, "unverified")
    notes = {path: (sources[key], statuses[key]) for path, key in zip(added, own, strict=True)}
    return replace(grown, provenance=FrozenMapping({**cell.provenance, **notes}))


def _groups(cell: Cell, channel: Channel, asked: Iterable[str] | None) -> tuple[str, ...]:
    """Return the groups to join: those asked for, else that of its ion.

    A group named as an ion holds the voltage-gated channels that carry it, so a channel
    that only a concentration gates (SK) is not in K.
    """
    if asked is not None:
        listed = [asked] if isinstance(asked, str) else list(asked)
        return tuple(dict.fromkeys(text("group", group, "a name") for group in listed))
    voltage_gated = any(gate.pool is None for gate in channel.gates)
    joins = voltage_gated and channel.ion is not None and channel.ion in cell.groups
    return (str(channel.ion),) if joins else ()


def _each(what: str, given: Texts, own: list[str], default: str) -> dict[str, str]:
    """Return a text for each number: one for all, or by its name such as `m.half`."""
    if not isinstance(given, Mapping):
        return dict.fromkeys(own, text(what, given))
    for key in given:
        if key not in own:
            raise InputError(f"{what} names {shown(key)}; {did_you_mean(str(key), own)}")
    return {key: text(f"{what} of {key}", given.get(key, default)) for key in own}
