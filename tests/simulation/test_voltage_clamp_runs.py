"""Voltage clamp: gates relax as closed forms say, currents end on the steady curve."""

import numpy as np
import pytest
from scipy.integrate import quad

from mnexcite import cells, simulate, stimuli
from mnexcite.equations import gate_curves, iv_curve

HH, PB, BRK = (
    cells.hodgkin_huxley_1952(),
    cells.purvis_butera_2005(),
    cells.booth_rinzel_kiehn_1997(),
)


def rates(v):
    """Return alpha and beta of m, h and n [1/ms], Hodgkin & Huxley 1952."""
    return {
        "Na.m": (
            0.1 * (v + 40.0) / (1.0 - np.exp(-(v + 40.0) / 10.0)),
            4.0 * np.exp(-(v + 65.0) / 18.0),
        ),
        "Na.h": (
            0.07 * np.exp(-(v + 65.0) / 20.0),
            1.0 / (1.0 + np.exp(-(v + 35.0) / 10.0)),
        ),
        "Kdr.n": (
            0.01 * (v + 55.0) / (1.0 - np.exp(-(v + 55.0) / 10.0)),
            0.125 * np.exp(-(v + 65.0) / 80.0),
        ),
    }


def relaxed(x, v, t):
    """Return a gate that starts at x after time t at voltage v."""
    alpha, beta = x[1]
    del v
    inf = alpha / (alpha + beta)
    return inf + (x[0] - inf) * np.exp(-(alpha + beta) * t)


def test_gates_relax_exponentially():
    clamp = stimuli.voltage_clamp(-70.0, (5.0, 10.0, -10.0))
    names = ("v", "Na.m", "Na.h", "Kdr.n")
    run = simulate(HH, clamp, duration=25.0, record=names, every=0.1)
    assert run.status == "ok"
    x = {name: HH.initial[name] for name in names[1:]}
    for begin, end, v in ((0.0, 5.0, -70.0), (5.0, 15.0, -10.0), (15.0, 25.0, -70.0)):
        inside = (run.t >= begin) & (run.t < end)
        for name, (alpha, beta) in rates(v).items():
            expected = relaxed((x[name], (alpha, beta)), v, run.t[inside] - begin)
            # the solver's relative tolerance of 1e-9, some dozen steps over
            np.testing.assert_allclose(run[name][inside], expected, rtol=0, atol=1e-7)
            x[name] = relaxed((x[name], (alpha, beta)), v, end - begin)


def test_the_voltage_is_the_command_at_every_sample():
    """A step acts from its start on, samples at its very start included."""
    clamp = stimuli.voltage_clamp(-70.0, (5.0, 10.0, -10.0), (20.0, 4.0, -90.0, -30.0))
    run = simulate(HH, clamp, duration=30.0, every=0.5)
    np.testing.assert_allclose(run["v"], clamp.command.at(run.t), rtol=1e-9)


@pytest.mark.parametrize("v", [-85.0, -60.0, -48.0, -20.0, 10.0])
def test_the_clamp_current_ends_on_the_steady_curve(v):
    """The implicit solver gets there in a tenth of the steps of the other, that runs once."""
    # the slowest gates of this cell take 290 ms; how fast they are moves no steady current
    cell = PB.replaced({"NaP.h.rate": 30.0, "h.m.rate": 30.0})
    clamp = stimuli.voltage_clamp(v)
    solver = {} if v == -48.0 else {"method": "reference_radau", "tolerance": 1e-6}
    run = simulate(cell, clamp, duration=500.0, every=100.0, **solver)
    curve = iv_curve(PB, [v])
    assert run["clamp.i"][-1] == pytest.approx(curve.total[0], rel=1e-6, abs=1e-9)
    assert run.units["clamp.i"] == "nA"
    assert set(run.data) == {"v", "clamp.i"}


def test_the_clamp_current_is_the_sum_of_the_currents():
    clamp = stimuli.voltage_clamp(-80.0, (2.0, 20.0, -20.0))
    names = [f"{c.name}.i" for c in HH.compartments[0].channels]
    run = simulate(HH, clamp, duration=25.0, record=(*names, "clamp.i"))
    total = sum(run[name] for name in names)
    np.testing.assert_allclose(run["clamp.i"], total, rtol=1e-12, atol=1e-12)


def test_a_ramp_charges_the_membrane():
    """C dv/dt comes on top of the ionic currents: 80 mV in 20 ms are 4 uA into 1 uF."""
    clamp = stimuli.voltage_clamp(-90.0, (5.0, 20.0, -90.0, -10.0))
    names = [f"{c.name}.i" for c in HH.compartments[0].channels]
    run = simulate(HH, clamp, duration=30.0, record=(*names, "clamp.i", "v"), every=0.5)
    total = sum(run[name] for name in names)
    on_ramp = (run.t > 5.0) & (run.t < 25.0)
    np.testing.assert_allclose((run["clamp.i"] - total)[on_ramp], 4.0, rtol=1e-9)
    off = (run.t < 5.0) | (run.t > 25.0)
    np.testing.assert_allclose((run["clamp.i"] - total)[off], 0.0, atol=1e-12)


def test_a_gate_on_a_ramp_follows_its_integral():
    """x(t) = x0 exp(-int rate) + int alpha exp(-int rate): by quadrature."""
    clamp = stimuli.voltage_clamp(-80.0, (0.0, 40.0, -80.0, 0.0))
    run = simulate(HH, clamp, duration=40.0, record=("Kdr.n",), every=10.0)

    def v(t):
        return -80.0 + 2.0 * t

    def rate(t):
        alpha, beta = rates(v(t))["Kdr.n"]
        return alpha + beta

    def decay(a, b):
        return np.exp(-quad(rate, a, b, epsabs=1e-11)[0])

    end = 30.0
    fed = quad(
        lambda s: rates(v(s))["Kdr.n"][0] * decay(s, end), 0.0, end, epsabs=1e-9, limit=200
    )[0]
    expected = HH.initial["Kdr.n"] * decay(0.0, end) + fed
    assert run["Kdr.n"][3] == pytest.approx(expected, abs=1e-7)


def test_no_spikes_are_counted_in_the_clamped_compartment():
    clamp = stimuli.voltage_clamp(-70.0, (5.0, 5.0, 20.0), (15.0, 5.0, 20.0))
    assert len(simulate(HH, clamp, duration=30.0).spike_times) == 0


def test_the_other_compartment_stays_free():
    """Booth: a dendrite held depolarised fires the soma; a hyperpolarised one does not."""
    for held, fires in ((-10.0, True), (-80.0, False)):
        clamp = stimuli.voltage_clamp(held, compartment="dendrite")
        run = simulate(BRK, clamp, duration=20.0, record=("soma.v", "dendrite.v", "clamp.i"))
        np.testing.assert_allclose(run["dendrite.v"], held, rtol=1e-9)
        assert np.ptp(run["soma.v"]) > 1.0
        assert (len(run.spike_times) > 0) == fires
    clamp = stimuli.voltage_clamp(-58.0, compartment="dendrite")
    run = simulate(
        BRK,
        clamp,
        duration=901.0,
        every=50.0,
        record=("soma.v", "dendrite.v", "clamp.i"),
    )
    curve = iv_curve(BRK, [-58.0], compartment="dendrite")
    coupled = 0.1 / 0.9 * (-58.0 - run["soma.v"][-1])
    assert run["clamp.i"][-1] == pytest.approx(curve.total[0] + coupled, rel=1e-6)


def test_a_batch_of_clamped_cells():
    clamp = stimuli.voltage_clamp(-30.0)
    g = np.array([60.0, 120.0, 240.0])
    batch = simulate(
        HH, clamp, duration=5.0, parameters={"Na.g": g}, record=("Na.i", "Na.m", "Na.h")
    )
    expected = g[:, None] * batch["Na.m"] ** 3 * batch["Na.h"] * (-30.0 - 50.0)
    np.testing.assert_allclose(batch["Na.i"], expected, rtol=1e-12)


def test_gate_curves_are_where_gates_end():
    v = -37.0
    run = simulate(
        HH,
        stimuli.voltage_clamp(v),
        duration=200.0,
        every=50.0,
        record=("Na.m", "Na.h", "Kdr.n"),
    )
    for name, (inf, tau) in gate_curves(HH, [v]).items():
        alpha, beta = rates(v)[name]
        assert inf[0] == pytest.approx(alpha / (alpha + beta), rel=1e-12)
        assert tau[0] == pytest.approx(1.0 / (alpha + beta), rel=1e-12)
        assert run[name][-1] == pytest.approx(inf[0], abs=1e-8)


def test_negative_slope_is_the_mark_of_a_persistent_inward_current():
    v = np.arange(-80.0, -30.0, 0.5)
    assert not iv_curve(PB.replaced({"NaP.g": 0.0}), v[v < -55.0]).negative_slope.any()
    strong = iv_curve(PB.scaled({"NaP.g": 4.0}), v)
    assert strong.negative_slope.any()


def test_a_family_of_steps_is_one_batch():
    """Each lane by the closed form of its own level; a ramp in company keeps its C dv/dt."""
    levels = (-50.0, -20.0, 10.0)
    family = [stimuli.voltage_clamp(-70.0, (5.0, 10.0, level)) for level in levels]
    ramp = stimuli.voltage_clamp(-70.0, (5.0, 10.0, -70.0, -50.0))
    names = ("v", "clamp.i", "Na.i", "Kdr.i", "leak.i", "Kdr.n")
    batch = simulate(HH, [*family, ramp], duration=15.0, record=names, tolerance=1e-9)
    assert batch.status == ("ok",) * 4
    before = relaxed((HH.initial["Kdr.n"], rates(-70.0)["Kdr.n"]), -70.0, 5.0)
    inside = (batch.t >= 5.0) & (batch.t < 15.0)
    for lane, level in enumerate(levels):
        expected = relaxed((before, rates(level)["Kdr.n"]), level, batch.t[inside] - 5.0)
        np.testing.assert_allclose(batch["Kdr.n"][lane, inside], expected, rtol=0, atol=1e-6)
        np.testing.assert_array_equal(batch["v"][lane, inside], level)
    ionic = batch["Na.i"] + batch["Kdr.i"] + batch["leak.i"]
    charging = (batch["clamp.i"] - ionic)[:, inside]
    # 20 mV in 10 ms into 1 uF/cm2, and nothing where the command is flat
    expected = np.array([[0.0]] * 3 + [[2.0]])
    assert np.abs(charging - expected).max() < 1e-9  # roundings of currents of 1000 uA/cm2


def test_under_clamp_every_batch_records_what_the_amplifier_does():
    family = [stimuli.voltage_clamp(level) for level in (-60.0, -50.0)]
    batch = simulate(HH, family, duration=1.0, tolerance=1e-6)
    assert set(batch.data) == {"v", "clamp.i"}
    assert batch.stimulus[1] == "voltage clamp [mV]: -50.0 from 0 ms"
