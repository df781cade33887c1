import importlib

import numpy as np
import pytest

import mnexcite as mx
from mnexcite.errors import InputError, Interrupted
from mnexcite.measures import Experiment, Output, find
from mnexcite.sweeps import front, grid, sobol, zipped
from mnexcite.sweeps.fronts.refinement import steps

HH = mx.cells.hodgkin_huxley_1952()
#: The module; the package shows the function of its name.
MODULE = importlib.import_module("mnexcite.sweeps.fronts.front")
STEP = mx.stimuli.step(10.0, unit="uA/cm2")
PLANE = {"Na.g": mx.factors(0.5, 1.0, 21), "K.g": mx.log_factors(2.0, 0.8, 24)}
SHORT = {"duration": 45.0, "discard": 10.0}


@pytest.fixture(scope="module")
def whole():
    return mx.sweep(HH, PLANE, STEP, measures=("rate", "phase", "cv"), **SHORT)


@pytest.fixture(scope="module")
def seen():
    """Return what the search for the front, `found`, tells of its progress."""
    return []


@pytest.fixture(scope="module")
def found(seen):
    told = {"measures": ("rate", "phase", "cv"), "progress": seen.append}
    return front(HH, PLANE, STEP, threads=1, **told, **SHORT)


def differing(values, computed=None):
    """Return the pairs of neighbours that differ, as (place, place) of a grid."""
    pairs = set()
    for i, j in np.ndindex(values.shape):
        for k, q in ((i + 1, j), (i, j + 1)):
            if k < values.shape[0] and q < values.shape[1] and values[i, j] != values[k, q]:
                if computed is None or (computed[i, j] and computed[k, q]):
                    pairs.add(((i, j), (k, q)))
    return pairs


def test_computed_points_have_the_bits_of_the_sweep(whole, found):
    computed = found.status.values != -1
    assert 0 < computed.sum() < computed.size
    assert set(whole.data_vars) < set(found.data_vars)
    for name, variable in whole.variables.items():
        np.testing.assert_equal(variable.attrs, found[name].attrs)
        assert variable.dims == found[name].dims
        assert variable.dtype == found[name].dtype
        if name in whole.data_vars:
            own, other = variable.values[computed], found[name].values[computed]
            assert own.tobytes() == other.tobytes()
        else:
            assert variable.values.tobytes() == found[name].values.tobytes()
    assert found.attrs["sweep_sha256"] == whole.attrs["sweep_sha256"]


def test_points_that_were_not_computed_are_empty(found):
    pending = found.status.values == -1
    assert np.isnan(found.rate.values[pending]).all()
    assert (found.phase.values[pending] == -1).all()
    assert not np.isnan(found.rate.values[~pending]).any()


def test_the_front_is_that_of_the_whole_grid(whole, found):
    expected = differing(whole.phase.values)
    assert len(expected) > 30
    assert differing(found.phase.values, found.status.values != -1) == expected
    assert found.sizes["segment"] == len(expected)
    x, y, between = steps(whole.phase.values, whole["Na.g"].values, whole["K.g"].values)
    assert np.array_equal(found.front_x, x) and np.array_equal(found.front_y, y)
    assert np.array_equal(found.front_between, between)
    assert found.front_x.attrs == {"units": "mS/cm2", "long_name": "Na.g"}
    told = whole.phase.attrs["flag_meanings"]
    assert f"{found.front_between.attrs['flag_meanings']} pending" == told


def test_what_was_saved_is_told(found):
    computed = int((found.status.values != -1).sum())
    assert found.attrs["points_computed"] == computed
    assert found.attrs["points_grid"] == 21 * 24
    assert found.attrs["saved"] == 21 * 24 / computed > 1


def test_neither_threads_nor_other_words_for_the_same_change_anything(found):
    own = [*map(find, ("rate", "phase", "cv"))]
    again = front(HH, grid(PLANE), STEP, measures=own, threads=3, **SHORT)
    assert again.identical(found)


def test_a_threshold_parts_a_number(whole):
    ds = front(HH, PLANE, STEP, of=("rate", 80.0), measures="rate", **SHORT)
    above = whole.rate.values >= 80.0
    computed = ds.status.values != -1
    assert differing(ds.front_class.values, computed) == differing(above)
    assert (ds.front_class.values[computed] == above[computed]).all()
    assert (ds.front_class.values[~computed] == -1).all()
    assert ds.front_class.attrs["flag_meanings"] == "below above undefined failed stopped"
    assert ds.attrs["title"] == "front of rate at 80 Hz of hodgkin_huxley_1952"
    assert mx.plots.front(ds, variable="front_class").get_xlabel().startswith("Na.g")


PHASE = {phase.name: flag for flag, phase in enumerate(mx.measures.PHASES)}


def flagged(point):
    """Return values of points of a 40 x 40 grid: those of a disc fail."""
    i, j = np.divmod(point, 40)
    failed = np.hypot(i - 12, j - 14) < 8
    phase = np.where(
        failed, PHASE["failed"], np.where(i + j > 50, PHASE["tonic"], PHASE["silent"])
    )
    return {
        "rate": np.where(failed | (i < 3), np.nan, i + j),
        "phase": phase.astype(np.int8),
        "status": failed.astype(np.int8),
    }


@pytest.mark.parametrize(
    ("of", "names"),
    [
        ("phase", {name: PHASE[name] for name in ("silent", "tonic", "failed")}),
        (("rate", 51), {"below": 0, "above": 1, "undefined": 2, "failed": 3}),
    ],
)
def test_failed_points_are_a_class(monkeypatch, of, names):
    def compute(plan, points, halted):
        return flagged(points)

    monkeypatch.setattr(MODULE, "compute", compute)
    axes = {"Na.g": mx.factors(0.5, 1.0, 40), "K.g": mx.factors(1.0, 2.0, 40)}
    ds = front(HH, axes, of=of, duration=10.0)
    every = {name: value.reshape(40, 40) for name, value in flagged(np.arange(1600)).items()}
    classes = every["phase"].copy()
    if of != "phase":
        classes = np.where(every["rate"] >= 51, names["above"], names["below"])
        classes[np.isnan(every["rate"])] = names["undefined"]
        classes[every["status"] > 0] = names["failed"]
    variable = "phase" if of == "phase" else "front_class"
    assert differing(ds[variable].values, ds.status.values != -1) == differing(classes)
    assert set(np.unique(ds.front_between)) == set(names.values())
    meanings = ds.front_between.attrs["flag_meanings"].split()
    assert {name: meanings.index(name) for name in names} == names


def test_an_experiment_can_part_the_plane():
    def run(lanes):
        strong = np.arange(lanes.lanes) < lanes.lanes / 2
        return {"answer": strong.astype(np.int8)}

    answer = Experiment((Output("answer", "1", "answer", ("no", "yes", "failed")),), run)
    axes = {"Na.g": mx.factors(0.5, 1.0, 2), "K.g": mx.factors(1.0, 2.0, 2)}
    ds = front(HH, axes, of="answer", measures=answer, duration=10.0, threads=1)
    assert ds.answer.values.tolist() == [[1, 1], [0, 0]]
    assert np.unique(ds.front_x) == pytest.approx(0.75 * 120.0)


def test_stopping_gives_what_is_there():
    seen = []

    def stop(progress):
        seen.append(progress)
        if len(seen) == 3:
            raise KeyboardInterrupt

    with pytest.raises(Interrupted, match=r"stopped by Ctrl-C with .* points done") as stopped:
        front(HH, PLANE, STEP, threads=1, progress=stop, **SHORT)
    partial = stopped.value.partial
    computed = int((partial.status.values != -1).sum())
    assert computed == partial.attrs["points_computed"] == seen[-1].done < seen[-1].points
    assert "front_x" in partial


def test_progress_ends_with_all_that_was_wanted(found, seen):
    assert seen[-1].done == seen[-1].points == found.attrs["points_computed"]
    assert [now.done for now in seen] == sorted(now.done for now in seen)


TWO = {"Na.g": [100.0, 120.0], "K.g": [30.0, 36.0]}


@pytest.mark.parametrize(
    ("axes", "options", "said"),
    [
        ({"Na.g": [100.0, 120.0]}, {}, r"grid of 1 axes \(Na.g\); allowed: a grid of two"),
        (TWO | {"leak.g": [0.1, 0.3]}, {}, "grid of 3 axes"),
        (zipped(TWO), {}, "zipped of 2 axes"),
        (
            sobol({name: mx.between(*ends) for name, ends in TWO.items()}, 4),
            {},
            "sobol of 2 axes",
        ),
        (TWO | {"K.g": [30.0]}, {}, r"'K.g' is \[30.\]; allowed: two or more values"),
        (TWO | {"K.g": [30.0, 36.0, 33.0]}, {}, "'K.g' is .* that rise or fall"),
        (TWO, {"of": "phas"}, "'phas', which none of the measures .* did you mean 'phase'"),
        (TWO, {"of": "cv"}, "'cv', which none of the measures"),
        (TWO, {"of": "rate"}, r"rate is a number.*threshold \[Hz\], as in of=\('rate', 1.0\)"),
        (TWO, {"of": ("phase", 1.0)}, "phase is a flag and has no threshold"),
        (TWO, {"of": ("rate", np.nan)}, "threshold of rate is nan Hz"),
        (TWO, {"of": ("rate", 1.0, 2.0)}, "of is .* allowed: the name of a flag"),
        (TWO, {"of": 3}, "of is 3; allowed: the name of a flag"),
        (TWO, {"coarse": 0}, "coarse is 0; allowed"),
        (TWO, {"coarse": 2.5}, "coarse is 2.5; allowed"),
        (TWO, {"threads": 0}, "threads is 0"),
        (TWO, {"discard": 50.0}, "discard is 50"),
    ],
)
def test_what_is_not_allowed(axes, options, said, monkeypatch):
    def refuse(*given):
        raise AssertionError("something ran")

    monkeypatch.setattr(MODULE, "compute", refuse)
    with pytest.raises(InputError, match=said):
        front(HH, axes, **({"duration": 10.0} | options))
