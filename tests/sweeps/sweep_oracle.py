"""What single runs say about the points of a sweep, and how to compare two sweeps."""

import warnings
from functools import partial

import numpy as np

import mnexcite as mx

HH = mx.cells.hodgkin_huxley_1952()
STEP = mx.stimuli.step(10.0, unit="uA/cm2")
#: A function of the stimulus axes' arguments.
steps = partial(mx.stimuli.step, unit="uA/cm2", start=5.0, duration=60.0)
#: Every measure that watches the sweep's own runs.
WATCHING = tuple(
    name
    for name, make in mx.measures.BUILT_IN.items()
    if isinstance(make(), mx.measures.Measure)
)


def same_bits(one, other):
    """Say which variables and coordinates of two sweeps differ in a bit; none is good."""
    assert set(one.variables) == set(other.variables)
    assert {name: one[name].dtype for name in one} == {name: other[name].dtype for name in one}
    return [
        name
        for name in one.variables
        if one[name].dims != other[name].dims
        or one[name].values.tobytes() != other[name].values.tobytes()
    ]


def meanings(variable):
    """Return the flags of a variable as words."""
    words = variable.attrs["flag_meanings"].split()
    named = dict(zip(variable.attrs["flag_values"], words, strict=True))
    return np.vectorize(lambda code: named[code], otypes=[object])(variable.values)


def single(cell, stimulus, duration, discard=0.0, **options):
    """Return what one run of one cell from its rest says, by the package's other doors."""
    options = {"initial": "rest", **options}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*no stable rest")
        run = mx.simulate(cell, stimulus, duration=duration, discard=discard, **options)
        whole = mx.simulate(cell, stimulus, duration=duration, **options).spike_times
    force = mx.muscle.contract(
        whole, mx.muscle.slow_unit(), duration=duration, discard=discard, every=1.0
    )
    after = force.force[(force.t >= discard) & (force.t < duration)]
    spikes = run.spike_times
    return {
        "count": float(len(spikes)),
        "rate": mx.spikes.describe(spikes).rate,
        "last_rate": mx.spikes.describe(spikes).last_rate,
        "latency": spikes[0] - discard if len(spikes) else np.nan,
        "force_mean": force.mean,
        "force_peak": force.peak,
        "fusion_index": force.fusion_index,
        "contraction_duration": float(np.count_nonzero(after > 0.1)),
    }
