import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from mnexcite import cells, equations, muscle, plots
from mnexcite.errors import InputError, StorageError
from mnexcite.plots.envelope import envelope
from mnexcite.plots.labels import _apart


@given(
    st.integers(1, 5000), st.integers(1, 200), st.integers(0, 2**32 - 1), st.floats(0.0, 0.3)
)
def test_envelope_keeps_every_extreme(size, columns, seed, gaps):
    random = np.random.default_rng(seed)
    y = random.normal(size=size)
    y[random.random(size) < gaps] = np.nan
    t = np.arange(size, dtype=float)
    few_t, few = envelope(t, y, columns)
    assert np.all(np.diff(few_t) >= 0)
    np.testing.assert_array_equal(few, y[few_t.astype(int)])
    assert few.size <= 2 * columns
    if np.isfinite(y).any():
        assert np.nanmax(few) == np.nanmax(y)
        assert np.nanmin(few) == np.nanmin(y)


@given(st.lists(st.floats(-50, 150), min_size=1, max_size=8))
def test_labels_at_line_ends_do_not_touch(wanted):
    wanted = np.array(wanted)
    placed = _apart(wanted, 0.0, 100.0, 12.0)
    order = np.argsort(wanted, kind="stable")
    assert np.all(np.diff(placed[order]) >= 12.0 - 1e-9)
    assert placed.max() <= 100.0 + 1e-9


def test_labels_that_have_room_stay():
    wanted = np.array([80.0, 10.0, 40.0])
    np.testing.assert_allclose(_apart(wanted, 0.0, 100.0, 12.0), wanted)


def test_time_is_in_seconds_from_two_seconds_on():
    short, long = Figure().subplots(2)
    assert plots.raster([10.0, 1500.0], short).get_xlabel() == "Time [ms]"
    assert plots.raster([10.0, 9000.0], long).get_xlabel() == "Time [s]"


def test_raster_has_a_tick_for_each_spike_at_its_time():
    ax = plots.raster([[10.0, 60.0], [25.0]], Figure().subplots())
    segments = ax.collections[0].get_segments()
    assert [segment[0][0] for segment in segments] == [10.0, 60.0, 25.0]
    assert segments[0][:, 1].mean() == 0.0
    assert segments[2][:, 1].mean() == 1.0


def test_several_forces_are_named_at_their_ends():
    forces = muscle.contract([[10.0], [60.0]], muscle.slow_unit(), duration=200.0)
    ax = plots.force(forces, Figure().subplots())
    assert [t.get_text() for t in ax.texts] == ["fused", "slow unit 0", "slow unit 1"]
    above = muscle.contract([*np.arange(0.0, 900.0, 60.0), 870.0], muscle.slow_unit())
    assert above.peak > 1.0
    told = plots.force(above, ax=plots.new_figure().subplots()).texts[0].get_text()
    assert told == "fused (mean without ripple)"


def test_force_in_newton_says_so():
    unit = muscle.slow_unit().with_fused_force(0.2, "N")
    force = muscle.contract([10.0], unit)
    assert plots.force(force, Figure().subplots()).get_ylabel() == "Force [N]"


def test_iv_curve_shades_negative_slope_and_marks_rest():
    curve = equations.iv_curve(cells.purvis_butera_2005(), np.arange(-90.0, -45.0, 0.25))
    ax = plots.iv_curve(curve, Figure().subplots())
    circles = next(line for line in ax.lines if line.get_marker() == "o")
    # the published rest of the cell (Purvis & Butera 2005, table of the replication)
    np.testing.assert_allclose(circles.get_xdata(), [-71.63], atol=0.05)
    assert "slope\nbelow 0" in [text.get_text() for text in ax.texts]


@pytest.mark.parametrize(
    ("v", "factors", "filled", "open_"),
    [
        (np.arange(-90.0, -45.0, 0.25), {}, [-71.63], []),
        (np.arange(-90.0, -55.0, 0.25), {"NaP.g": 2.0, "K.g": 0.62}, [], [-64.72]),
        (
            np.arange(-90.0, -20.0, 0.25),
            {"NaP.g": 2.0, "K.g": 0.62},
            [],
            [-64.72, -49.32, -31.99],
        ),
        (np.arange(-65.0, -60.0, 0.25), {}, [], []),
    ],
)
def test_iv_curve_tells_stable_from_unstable_and_always_draws_zero(v, factors, filled, open_):
    cell = cells.purvis_butera_2005().scaled(factors)
    ax = plots.iv_curve(equations.iv_curve(cell, v), Figure().subplots())
    drawn = {line.get_label(): line for line in ax.lines if line.get_marker() == "o"}
    found = [list(drawn[n].get_xdata()) if n in drawn else [] for n in ("stable", "unstable")]
    expected = equations.equilibria(cell)
    within = [e for e in expected if v[0] <= e.v <= v[-1]]
    assert found == [[e.v for e in within if e.stable], [e.v for e in within if not e.stable]]
    for at, wanted in zip(found, (filled, open_), strict=True):
        np.testing.assert_allclose(at, wanted, atol=0.01)
    for name, color in (("stable", "black"), ("unstable", "white")):
        assert name not in drawn or drawn[name].get_color() == color
    low, high = ax.get_ylim()
    assert low < 0.0 < high
    assert any(list(line.get_ydata()) == [0.0, 0.0] for line in ax.lines)


def test_iv_curve_of_one_of_two_compartments_claims_no_rest():
    curve = equations.iv_curve(cells.booth_rinzel_kiehn_1997(), np.arange(-90.0, 0.0, 0.5))
    assert curve.equilibria == () and curve.zeros.size
    ax = plots.iv_curve(curve, Figure().subplots())
    labels = [line.get_label() for line in ax.lines if line.get_marker() == "o"]
    assert not {"stable", "unstable"} & set(labels)


def test_failed_run_is_drawn_up_to_its_end(rec, pixels):
    from dataclasses import replace

    v = rec["v"].copy()
    v[4000:] = np.nan
    ax = plots.recording(replace(rec, data={"v": v}), ax=Figure().subplots())
    assert np.nanmax(ax.lines[0].get_xdata()[np.isfinite(ax.lines[0].get_ydata())]) < 400.0
    assert pixels(ax.figure).min() < 250


#: One gate at one concentration.
GATE = {"SK.z": ([0.5], [1.0])}


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda rec: plots.recording(rec, "NaP.j"), "did you mean 'NaP.i'?"),
        (lambda rec: plots.recording(rec, ax=Figure().subplots(2)), "holds 2 axes; allowed: 3"),
        (lambda rec: plots.recording(rec, []), "there is no variable to draw"),
        (lambda rec: plots.fi_curve([0.0, 1.0], [1.0]), r"shapes \(2,\) and \(1,\)"),
        (lambda rec: plots.gate_curves([0.0], {}), "holds no gate"),
        (lambda rec: plots.gate_curves([1.0], GATE, over="Ca"), "over is 'Ca'.*unit"),
        (lambda rec: plots.gate_curves([-1.0], GATE, over="Ca [mM]"), "0 or more"),
        (lambda rec: plots.gate_curves([0.0], GATE, over="Ca [mM]"), "some of it above 0"),
        (
            lambda rec: plots.gate_curves(
                [0.0], equations.gate_curves(cells.hodgkin_huxley_1952(), [0.0, 1.0])
            ),
            "give the voltages",
        ),
        (lambda rec: plots.contraction({}), "there are 0 cases; allowed: 1 to 4"),
        (
            lambda rec: plots.force(muscle.contract([1.0], muscle.slow_unit(), every=None)),
            "give contract every=1.0",
        ),
        (lambda rec: plots.save(Figure(), "run.gif"), "allowed: .png, .pdf, .svg"),
    ],
)
def test_bad_input_is_refused_in_one_line(rec, call, said):
    with pytest.raises(InputError, match=said) as refused:
        call(rec)
    assert "\n" not in str(refused.value)


def test_figure_that_cannot_be_written(tmp_path):
    with pytest.raises(StorageError, match="cannot write"):
        plots.save(Figure(), tmp_path / "nowhere" / "run.png")
