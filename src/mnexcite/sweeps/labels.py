"""A sweep as a labelled dataset: coordinates, variables, and where it came from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mnexcite.disk import labelled
from mnexcite.engine.status import STATUSES
from mnexcite.errors import cf
from mnexcite.measures import Output
from mnexcite.simulation.beginning import BEGAN as WAYS
from mnexcite.sweeps.block import dtype_of
from mnexcite.sweeps.designs.coordinates import coordinates
from mnexcite.sweeps.plan import BEGAN, ERROR, SEED, STATUS, Plan, fingerprint
from mnexcite.sweeps.provenance import described
from mnexcite.sweeps.store.layout import Variable
from mnexcite.sweeps.store.origin import here
from mnexcite.sweeps.store.overview import PENDING

if TYPE_CHECKING:
    import xarray


def template(plan: Plan, identity: Mapping[str, Any]) -> xarray.Dataset:
    """Return the coordinates and attributes of a sweep."""
    import xarray

    found = coordinates(plan.cell, plan.design, plan.conditions or None, plan.stimulus)
    run = {key: value for key, value in identity["run"].items() if value is not None}
    if not isinstance(run["initial"], str):
        run["initial"] = json.dumps(run["initial"])
    attrs = {
        "history": f"{here().software}: sweep",
        **described(plan),
        "design": plan.design.kind,
        **run,
        "software": here().software,
        "instruction_set": here().instructions,
        "sweep_sha256": fingerprint(identity),
    }
    return labelled(xarray.Dataset(coords=found, attrs=attrs), f"sweep of {plan.cell.name}")


def variables(plan: Plan) -> dict[str, Variable]:
    """Return what every point has, by name."""
    found = {output.name: _variable(output) for output in plan.outputs}
    if plan.numerics.spike_error is not None and plan.watched:
        attrs = {"units": "ms", "long_name": "estimated error of spike times"}
        found[ERROR] = Variable("float64", attrs)
    if plan.is_random:
        found[SEED] = Variable("int64", {"long_name": "seed of the point's stimulus"})
    if plan.tells_beginnings:
        ways = {name: code for code, name in enumerate(WAYS)} | {PENDING: -1}
        found[BEGAN] = Variable("int8", {"long_name": "where the runs began", **_flags(ways)})
    flags = {status.name: status.code for status in STATUSES} | {PENDING: -1}
    attrs = {"long_name": "how the run ended", **_flags(flags)}
    return found | {STATUS: Variable("int8", attrs)}


def _variable(output: Output) -> Variable:
    attrs: dict[str, Any] = {"long_name": output.long_name}
    if output.flags:
        attrs |= _flags({name: code for code, name in enumerate(output.flags)} | {PENDING: -1})
    else:
        attrs["units"] = cf(output.unit)
        if output.signed:
            attrs["centre"] = 0.0
    return Variable(dtype_of(output), attrs)


def _flags(codes: Mapping[str, int]) -> dict[str, Any]:
    return {"flag_values": list(codes.values()), "flag_meanings": " ".join(codes)}
