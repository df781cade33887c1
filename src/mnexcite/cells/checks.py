"""Whether the parts of a cell belong together: names, couplings, ions, pools, channels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnexcite.cells import paths
from mnexcite.cells.compartment import Compartment, Ion, tracking
from mnexcite.cells.parameter import STATUSES
from mnexcite.channels import GHK, Pump
from mnexcite.channels.names import TAKEN
from mnexcite.errors import InputError

if TYPE_CHECKING:
    from mnexcite.cells.cell import Cell


def check(cell: Cell) -> None:
    """Refuse a cell whose parts do not belong together.

    Raises
    ------
    InputError
        With what is wrong and what to do.
    """
    if not cell.compartments:
        raise InputError(f"cell {cell.name}: it has no compartment; give at least one")
    if cell.status not in STATUSES:
        raise InputError(
            f"cell {cell.name}: status is {cell.status!r}; allowed: {', '.join(STATUSES)}"
        )
    for path, (_, status) in cell.provenance.items():
        if status not in STATUSES:
            raise InputError(
                f"cell {cell.name}: status of {path} is {status!r}; allowed: "
                f"{', '.join(STATUSES)}"
            )
    joints = [coupling.name for coupling in cell.couplings]
    names = [c.name for c in cell.compartments]
    if clash := [n for n in joints if joints.count(n) > 1 or n in (*names, *TAKEN)]:
        raise InputError(f"cell {cell.name}: coupling name {clash[0]!r} is taken; use another")
    if clash := [n for n in names if n in TAKEN]:
        raise InputError(
            f"cell {cell.name}: compartment name {clash[0]!r} is taken; use another"
        )
    ions = [ion.name for ion in cell.ions]
    if clash := [n for n in ions if ions.count(n) > 1]:
        raise InputError(f"cell {cell.name}: ion {clash[0]!r} is given twice; keep one")
    if len(set(names)) < len(names) or not all(names):
        raise InputError(f"cell {cell.name}: compartments need different names, got {names}")
    known, joined = set(names), {name: [] for name in names}
    for coupling in cell.couplings:
        if {coupling.a, coupling.b} - known:
            raise InputError(
                f"cell {cell.name}: coupling joins {coupling.a!r} and {coupling.b!r}; "
                f"allowed: two of {', '.join(names)}"
            )
        if (coupling.p is None) != (cell.membrane == "absolute"):
            raise InputError(
                f"cell {cell.name}: coupling {coupling.name} needs p (the share of the "
                "membrane in a) in a density cell, and none in an absolute one"
            )
        joined[coupling.a].append(coupling.b)
        joined[coupling.b].append(coupling.a)
    reached, ahead = {names[0]}, [names[0]]
    while ahead:  # walk the tree once, each compartment when it is first reached
        new = [name for name in joined[ahead.pop()] if name not in reached]
        reached.update(new)
        ahead.extend(new)
    if len(reached) < len(names) or len(cell.couplings) != len(names) - 1:
        raise InputError(
            f"cell {cell.name}: {len(names)} compartments need {len(names) - 1} couplings that "
            f"reach them all, got {len(cell.couplings)}"
        )
    known = {ion.name for ion in cell.ions}
    pools = {pool.ion for c in cell.compartments for pool in c.pools}
    for compartment in cell.compartments:
        for ion in cell.ions:
            _check_tracking(compartment, ion)
        for pool in compartment.pools:
            if pool.ion not in known and (pool.rest is None or pool.reference is not None):
                lacking = "rest" if pool.rest is None else "reversal to move"
                raise InputError(
                    f"pool {pool.name}: it has no {lacking}, for the cell has no ion "
                    f"{pool.ion!r}; give the cell ions=[Ion({pool.ion!r}, E=...)]"
                )
        for channel in compartment.channels:
            if isinstance(channel, Pump):
                continue
            if isinstance(channel, GHK):
                _check_concentrations(cell, compartment, channel)
                continue
            if channel.E is None and channel.ion not in known:
                raise InputError(
                    f"channel {channel.name}: ion {channel.ion!r} is not in the cell; give the "
                    f"cell ions=[Ion({channel.ion!r}, E=...)] or the channel its E"
                )
            if channel.ion is not None and channel.ion not in known | pools:
                raise InputError(
                    f"channel {channel.name}: nothing in the cell uses its ion "
                    f"{channel.ion!r}; leave ion out or add the Ion or IonPool"
                )
    # listing all numbers is most of what a changed cell costs, and few groups need it
    conductances = paths.strengths(cell) if cell.groups else {}
    for group, members in cell.groups.items():
        if all(f"{member}.g" in conductances for member in members):
            continue
        # of channels, or of the sites of a substance
        tail = "c" if all(f"{member}.c" in cell.scalars for member in members) else "g"
        for member in members:
            paths.resolve(cell, f"{member}.{tail}", of=f"group {group}")


def _check_concentrations(cell: Cell, compartment: Compartment, channel: GHK) -> None:
    """Refuse a permeability whose ion has no concentration on one side."""
    ion = next((ion for ion in cell.ions if ion.name == channel.ion), None)
    pools = {pool.side: pool for pool in tracking(compartment, ion)}
    for side in ("inside", "outside"):
        if ion is None or (side not in pools and getattr(ion, side) is None):
            raise InputError(
                f"channel {channel.name}: {channel.ion!r} has no concentration {side}; give "
                f"the cell ions=[Ion({channel.ion!r}, E=..., inside=..., outside=...)]"
            )
        if side in pools and pools[side].unit != "mM":
            raise InputError(
                f"channel {channel.name}: pool {pools[side].name} is in {pools[side].unit}; "
                "give it in mM, for a permeability needs amounts"
            )


def _check_tracking(compartment: Compartment, ion: Ion) -> None:
    """Refuse pools that cannot stand for a concentration that the cell's ion states."""
    tracked = tracking(compartment, ion)
    for pool in compartment.pools:
        if pool.ion != ion.name:
            continue
        if pool.rest is None and getattr(ion, pool.side) is None:
            raise InputError(
                f"pool {pool.name}: it has no rest, and ion {ion.name} no concentration "
                f"{pool.side}; give rest in {pool.unit}, or that concentration"
            )
        if pool in tracked and pool.unit != "mM" and pool.reference is None:
            raise InputError(
                f"pool {pool.name}: its unit is {pool.unit!r}, but ion {ion.name} states its "
                f"concentration {pool.side} in mM; give the pool in mM, or a reference"
            )
        if pool in tracked and compartment.initial[pool.name] <= 0.0:
            raise InputError(
                f"pool {pool.name}: it moves the reversal of {ion.name} and begins at 0 mM; "
                "give initial above 0"
            )
    sides = [pool.side for pool in tracked]
    if clash := [side for side in sides if sides.count(side) > 1]:
        raise InputError(
            f"compartment {compartment.name}: several pools {clash[0]} move the reversal of "
            f"{ion.name}; give one of them a reference, and the Ion no concentration there"
        )
