"""A small sweep of made-up values, and processes that may be killed while they commit it."""

import math
import os
import random
import sys
import time

import numpy as np
import xarray

from mnexcite.sweeps import store
from mnexcite.sweeps.store.blocks import Blocks

BLOCKS = Blocks((7, 5), (2, 3))
IDENTITY = {"cell": {"NaP.g": 0.05, "K.g": 1.0}, "duration": 4000.0, "measures": ["rate"]}
STATUS = {"flag_values": [0, 1, -1], "flag_meanings": "ok non_finite pending"}
VARIABLES = {
    "status": store.Variable("int8", STATUS),
    "rate": store.Variable("float64", {"units": "Hz"}),
    "count": store.Variable("int64", {"units": "1"}),
    "force": store.Variable("float32", {"units": "N"}),
}


def template():
    gain = np.linspace(1.0, 4.0, 7)
    return xarray.Dataset(
        coords={
            "NaP.g": ("NaP.g", 0.05 * gain, {"units": "uS"}),
            "NaP.g_factor": ("NaP.g", gain),
            "K.g": ("K.g", np.linspace(0.5, 1.0, 5)),
        },
        attrs={"software": "mnexcite", "seed": 3},
    )


def values(index, blocks=BLOCKS):
    """Return values that only depend on the points, with all the bits in use."""
    points = blocks.points(index).reshape(blocks.shape_of(index)).astype(float)
    rate = np.sin(points + 1.0) * 10.0 ** (points % 7)
    return {
        "status": (points % 5 == 4).astype("int8"),
        "rate": np.where(points % 5 == 4, math.nan, rate),
        "count": (points * 1e15).astype("int64") + 1,
        "force": np.sqrt(points).astype("float32"),
    }


def make(path, **changed):
    settings = {"blocks": BLOCKS, "identity": IDENTITY, "variables": VARIABLES} | changed
    return store.create(path, template(), **settings)


def resume(path, **changed):
    settings = {"blocks": BLOCKS, "identity": IDENTITY, "variables": VARIABLES} | changed
    return store.create_or_resume(path, template(), **settings)


def fill(found, indices=None):
    for index in found.missing() if indices is None else indices:
        found.commit(index, values(index))
    return found


def commit_slowly(path, seed):
    chance = random.Random(seed)
    found = resume(path)
    for index in found.missing():
        time.sleep(chance.uniform(0.0, 0.02))
        found.commit(index, values(index))


def serve(path):
    """Fork a process that goes on with the sweep for each number read; tell how it ended."""
    for seed in sys.stdin:
        child = os.fork()
        if child == 0:
            code = 1
            try:
                commit_slowly(path, int(seed))
                code = 0
            finally:
                os._exit(code)
        print(child, flush=True)
        sys.stdin.readline()  # so that its number is not given to another process before
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
