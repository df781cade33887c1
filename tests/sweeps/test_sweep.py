"""A sweep on its main path: what each point is, and how the dataset says so."""

from functools import partial

import numpy as np
import pytest
from sweep_oracle import HH, STEP, WATCHING, meanings, same_bits, single, steps

import mnexcite as mx
from mnexcite import measures, sweeps
from mnexcite.sweeps import watch

# points fail on purpose; that a sweep warns of them is tested in test_sweep_failures
pytestmark = pytest.mark.filterwarnings("ignore:.*did not end well:mnexcite.errors.RunWarning")

PB = mx.cells.purvis_butera_2005()
TOLD = ("count", "rate", "last_rate", "latency", "force", "contraction")


def agrees(point, expected):
    """Say whether a point of a sweep is a single run, to the bit."""
    return {name: point[name].item() for name in expected} == pytest.approx(
        expected, rel=0, abs=0, nan_ok=True
    )


def test_points_are_single_runs_of_changed_cells():
    axes = {
        "NaP.g": mx.factors([1.0, 3.0]),
        "K.g": mx.factors([0.5, 1.0]),
        "ions.K_o": [4.0, 5.5],
    }
    pulse = mx.stimuli.step(0.6, unit="nA", start=20.0, duration=80.0)
    found = mx.sweep(PB, axes, pulse, duration=150.0, discard=15.0, measures=TOLD, chunk=3)
    assert found.sizes == {"NaP.g": 2, "K.g": 2, "ions.K_o": 2}
    for i, j, k in [(0, 0, 0), (1, 0, 1), (0, 1, 1), (1, 1, 0)]:
        cell = PB.scaled({"NaP.g": (1.0, 3.0)[i], "K.g": (0.5, 1.0)[j]})
        cell = cell.replaced({"ions.K_o": (4.0, 5.5)[k]})
        point = found.isel({"NaP.g": i, "K.g": j, "ions.K_o": k})
        assert agrees(point, single(cell, pulse, 150.0, 15.0)), (i, j, k)
    assert np.ptp(found["count"].values) > 2


def test_points_are_single_runs_under_conditions_and_temperatures():
    axes = {"conditions.als_early": [0.0, 1.0], "temperature": [35.0, 37.0]}
    pulse = mx.stimuli.step(0.6, unit="nA", start=10.0)
    found = mx.sweep(PB, axes, pulse, duration=90.0, measures=TOLD)
    for i, strength in enumerate((0.0, 1.0)):
        for j, degrees in enumerate((35.0, 37.0)):
            cell = PB.under(
                mx.conditions.als_early(strength), mx.conditions.temperature(degrees)
            )
            point = found.isel({"conditions.als_early": i, "temperature": j})
            assert agrees(point, single(cell, pulse, 90.0)), (strength, degrees)


def test_points_are_single_runs_under_their_own_stimuli():
    axes = {"stimulus.amplitude": [0.0, 8.0, 20.0], "stimulus.duration": [30.0, 60.0]}
    drive = partial(mx.stimuli.step, unit="uA/cm2", start=5.0)
    found = mx.sweep(HH, axes, drive, duration=90.0, measures=TOLD, threads=2, chunk=1)
    for i, amplitude in enumerate((0.0, 8.0, 20.0)):
        for j, duration in enumerate((30.0, 60.0)):
            expected = single(HH, drive(amplitude=amplitude, duration=duration), 90.0)
            assert agrees(
                found.isel({"stimulus.amplitude": i, "stimulus.duration": j}), expected
            )
    assert found["stimulus.amplitude"].attrs["units"] == "uA/cm2"
    assert found["stimulus.duration"].attrs["units"] == "ms"


@pytest.mark.parametrize(
    "design",
    [
        sweeps.zipped({"Na.g": [100.0, 120.0, 140.0], "leak.g:factor": [1.0, 2.0, 0.5]}),
        sweeps.sobol(
            {"Na.g": sweeps.between(90.0, 150.0), "K.g": sweeps.between(0.5, 1, factor=True)},
            4,
            seed=3,
        ),
    ],
    ids=["zipped", "sobol"],
)
def test_points_of_other_designs_are_single_runs(design):
    found = mx.sweep(HH, design, STEP, duration=60.0, measures=TOLD, chunk=2)
    assert found.sizes == {"point": design.size}
    values = design.at(np.arange(design.size))
    for point in range(design.size):
        cell = HH.replaced({"Na.g": values["Na.g"][point]})
        (name,) = {"leak.g", "K.g"} & set(design.names)
        cell = cell.scaled({name: values[name][point]})
        assert agrees(found.isel(point=point), single(cell, STEP, 60.0))


def test_coordinates_units_flags_and_provenance():
    axes = {"K.g": mx.factors([0.5, 1.0]), "ions.K_o": [10.0, 11.0, 12.0]}
    found = mx.sweep(HH, axes, STEP, duration=40.0, measures=("rate", "phase", "force"), seed=4)
    assert found["rate"].dims == ("K.g", "ions.K_o")
    assert found["K.g"].values.tolist() == [18.0, 36.0]
    assert found["K.g_factor"].values.tolist() == [0.5, 1.0]
    assert (found["K.g"].attrs["units"], found["ions.K_o"].attrs["units"]) == (
        "mS/cm2",
        "mmol l-1",
    )
    assert found["rate"].attrs["units"] == "Hz"
    for name in ("phase", "status", "fusion_index_status"):
        assert found[name].dtype == np.int8
        assert len(found[name].attrs["flag_values"]) == len(
            found[name].attrs["flag_meanings"].split()
        )
    assert set(meanings(found["status"]).ravel()) == {"ok"}
    assert found["status"].attrs["flag_meanings"].split()[-1] == "pending"
    assert found["status"].attrs["flag_values"][-1] == -1
    assert [p.name for p in measures.PHASES] == found["phase"].attrs["flag_meanings"].split()[
        :-1
    ]
    assert found.attrs["seed"] == 4
    assert found.attrs["cell"] == HH.name
    assert len(found.attrs["sweep_sha256"]) == 64


def test_spike_error_is_told_for_each_point():
    axes = {"Na.g": mx.factors([0.9, 1.0])}
    for options in ({}, {"method": "staggered"}):
        asked = {"spike_error": 0.05, **options}
        found = mx.sweep(HH, axes, STEP, duration=30.0, measures=("rate", "phase"), **asked)
        assert found["spike_error"].attrs["units"] == "ms"
        assert (found["spike_error"] <= 0.05).all()
        asked["method"] = found.attrs["method"]  # that of the cell itself for all its points
        for i, factor in enumerate((0.9, 1.0)):
            cell = HH.scaled({"Na.g": factor})
            run = mx.simulate(cell, STEP, duration=30.0, initial="rest", **asked)
            assert found["spike_error"][i].item() == run.spike_error


def test_fixed_steps_are_those_of_single_runs():
    fixed = {"method": "staggered", "dt": 0.02}
    found = mx.sweep(
        HH, {"K.g": mx.factors([0.6, 1.0])}, STEP, duration=70.0, measures=TOLD, **fixed
    )
    for i, factor in enumerate((0.6, 1.0)):
        expected = single(HH.scaled({"K.g": factor}), STEP, 70.0, **fixed)
        assert agrees(found.isel({"K.g": i}), expected)


def test_last_step_beyond_the_end_gives_no_spike():
    fixed = {"method": "staggered", "dt": 0.02}
    last = mx.simulate(HH, STEP, duration=60.0, initial="rest", **fixed).spike_times[-1]
    duration = (np.floor(last / 0.02) * 0.02 + last) / 2  # the spike's step ends after it
    axes = {"Na.g": [120.0, 119.0]}
    found = mx.sweep(HH, axes, STEP, duration=duration, measures=("count", "force"), **fixed)
    longer = mx.sweep(HH, axes, STEP, duration=last + 1.0, measures=("count",), **fixed)
    assert (longer["count"][0] - found["count"][0]).item() == 1


def test_rest_of_each_point():
    # Hodgkin and Huxley's cell fires by itself without most of its potassium current
    axes = {"Na.g": mx.factors([1.0, 3.0])}
    found = mx.sweep(HH, axes, duration=40.0, measures=("count", "voltage"))
    run = mx.simulate(HH, duration=40.0, initial="rest", every=0.1)
    assert found["v_mean"][0].item() == pytest.approx(run["v"].mean(), abs=1e-9)
    again = mx.sweep(HH, {"Na.g": mx.factors([1.0])}, duration=40.0, measures=("voltage",))
    assert again["v_mean"][0].item() == found["v_mean"][0].item()


def test_experiments_run_in_a_sweep():
    axes = {"K.g": mx.factors([0.9, 1.0])}
    search = measures.rheobase(duration=50.0, settle=10.0, precision=0.02)
    found = mx.sweep(HH, axes, duration=30.0, measures=("rate", search), chunk=1)
    alone = mx.sweep(HH, axes, duration=30.0, measures=search)
    assert found["rheobase"].attrs["units"] == "uA/cm2"
    assert found["rheobase"].values.tobytes() == alone["rheobase"].values.tobytes()
    for i, factor in enumerate((0.9, 1.0)):
        value, cell = found["rheobase"][i].item(), HH.scaled({"K.g": factor})
        fires = [
            mx.simulate(
                cell,
                mx.stimuli.step(at, unit="uA/cm2", start=10.0, duration=50.0),
                duration=60.0,
                discard=10.0,
                initial="rest",
            ).spike_times.size
            > 0
            for at in (value, 0.97 * value)
        ]
        assert fires == [True, False]
    assert set(meanings(found["rheobase_status"])) == {"ok"}


def test_a_users_measures_see_what_single_runs_give(tmp_path):
    def drop(point):
        return point.force.force[-1] - point.force.force.max()

    def highest(state, window):
        return np.maximum(state, window.v.max(axis=1, initial=-np.inf))

    mine = (
        measures.per_point("drop", drop, unit="1", force=True),
        measures.per_point("sum_of_times", lambda point: point.spike_times.sum(), unit="ms"),
        measures.streaming(
            "top",
            lambda span: np.full(span.lanes, -np.inf),
            highest,
            lambda state, ending: state,
            unit="mV",
            every=0.25,
        ),
    )
    axes = {"Na.g": mx.factors([0.9, 1.0])}
    found = mx.sweep(HH, axes, STEP, duration=50.0, measures=mine, store=tmp_path / "a.zarr")
    for i, factor in enumerate((0.9, 1.0)):
        cell = HH.scaled({"Na.g": factor})
        run = mx.simulate(cell, STEP, duration=50.0, every=0.25, initial="rest")
        force = mx.muscle.contract(run.spike_times, mx.muscle.slow_unit(), duration=50.0).force
        assert found["sum_of_times"][i].item() == run.spike_times.sum()
        assert found["top"][i].item() == run["v"].max()
        assert found["drop"][i].item() == force[-1] - force.max()


def test_windows_change_no_bit(monkeypatch):
    drive = partial(mx.stimuli.step, unit="uA/cm2", start=5.0, duration=30.0)
    axes = {"stimulus.amplitude": [0.0, 8.0, 5000.0], "Na.g": mx.factors([0.5, 1.0])}
    told = {"duration": 43.7, "discard": 11.3, "measures": WATCHING, "chunk": 4}
    fixed = {"method": "staggered", "dt": 0.025}
    for how, windows in (
        ({}, [(40, 1e4), (10**6, 7.3), (10**6, 1.0)]),
        (fixed, [(40, 1e4), (900, 1e4), (10**6, 7.3)]),
    ):
        whole = mx.sweep(HH, axes, drive, **told, **how)
        for samples, longest in windows:
            with monkeypatch.context() as patch:
                patch.setattr(watch, "SAMPLES", samples)
                patch.setattr(watch, "LONGEST", longest)
                assert not same_bits(whole, mx.sweep(HH, axes, drive, **told, **how))


def test_many_windows_of_random_length_change_no_bit_of_a_users_measure(monkeypatch):
    kept = measures.per_point(
        "kept", lambda p: float(np.dot(p.spike_times, p.spike_times)), unit="1"
    )
    axes = {"stimulus.amplitude": np.linspace(0.0, 30.0, 7)}
    told = {"duration": 64.0, "measures": (kept, measures.voltage(every=0.3))}
    whole = mx.sweep(HH, axes, steps, **told)
    for longest in (2.0, 3.0, 17.0):
        monkeypatch.setattr(watch, "LONGEST", longest)
        assert not same_bits(whole, mx.sweep(HH, axes, steps, **told))


def test_until_ends_the_time_that_counts():
    axes = {"Na.g": mx.factors(0.5, 1.0, 3)}
    told = {"discard": 20.0, "measures": ("count", "mean_rate", "phase", "force")}
    cut = mx.sweep(HH, axes, STEP, duration=200.0, until=80.0, **told)
    short = mx.sweep(HH, axes, STEP, duration=80.0, **told)
    for name in short.data_vars:
        np.testing.assert_array_equal(cut[name], short[name])
    np.testing.assert_allclose(cut["mean_rate"], 1000.0 * cut["count"] / 60.0)
    with pytest.raises(mx.InputError, match=r"until is 10(.0)? ms; allowed: above discard"):
        mx.sweep(HH, axes, STEP, duration=200.0, until=10.0, **told)
