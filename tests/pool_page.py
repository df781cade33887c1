"""A small page of a muscle, for tests: two units, a fast train, one stretch."""

import base64
import zlib
from typing import Any

import numpy as np

from mnexcite import motor_pool as mp
from mnexcite.page.pool_description import describe_pool
from mnexcite.page.pool_runs import Grid

MADE = "pool = mx.motor_pool.cramping_pool(2)"
SMALL = Grid((60.0,), (1500.0,), after=4000.0, rest=300.0, lasts=1000.0)


def described():
    return describe_pool(mp.cramping_pool(2), MADE, grid=SMALL)


def unpacked(told, name, kind):
    """Return the array that a page unpacks."""
    buffer = told["buffers"][name]
    turned = np.frombuffer(zlib.decompress(base64.b64decode(buffer["bytes"])), np.uint8)
    return turned.reshape(buffer["wide"], -1).T.copy().view(kind).ravel()


KINDS = {"spikes": "u4", "counts": "u4", "emg": "i1", "force": "u2", "potassium": "u2"}


def decoded(told, run) -> dict[str, Any]:
    """Return spikes of each unit [ms], and (t, values) of the rest, as a page joins them."""
    parts = {name: unpacked(told, run[name], kind) for name, kind in KINDS.items()}
    ends = np.cumsum(parts["counts"])[:-1].astype(int)
    found: dict[str, Any] = {
        "spikes": np.split(parts["spikes"] * told["every"]["spikes"], ends)
    }
    plain = None
    if run["since"]:
        same = {"case": run["case"], "train": run["train"], "stretch": 0.0}
        plain = decoded(told, next(r for r in told["runs"] if same.items() <= r.items()))
        found["spikes"] = [
            np.concatenate([a[a < run["since"]], b])
            for a, b in zip(plain["spikes"], found["spikes"], strict=True)
        ]
    for name in ("emg", "force", "potassium"):
        every, values = told["every"][name], parts[name] * told["step"][name]
        if plain:
            first = int(np.ceil(run["since"] / every))
            values = np.concatenate([plain[name][1][:first], values])
        found[name] = np.arange(values.size) * every, values
    return found
