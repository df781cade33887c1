"""One temperature, one meaning, on every road; against published equations and SciPy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from published_equations import GATES
from scipy.integrate import solve_ivp

import mnexcite as mx
from mnexcite import cells, conditions
from mnexcite.errors import InputError

HH, PB = cells.hodgkin_huxley_1952(), cells.purvis_butera_2005()
MK, BRK = cells.molkov_2025(), cells.booth_rinzel_kiehn_1997()


def numbers(cell):
    return {path: value for path, (value, _) in cell.scalars.items()}


def squid_spikes(celsius, amplitude, duration):
    """Return upward crossings of 0 mV of the axon at a temperature, by SciPy alone.

    Hodgkin and Huxley 1952, p. 524: rates times 3^((T - 6.3) / 10); E_Na and E_K times the
    ratio of absolute temperatures, as Nernst has it.
    """
    phi = 3.0 ** ((celsius - 6.3) / 10.0)
    warmer = (273.15 + celsius) / (273.15 + 6.3)
    gates = [GATES["hodgkin_huxley_1952"][name] for name in ("Na.m", "Na.h", "Kdr.n")]

    def slope(t, y):
        v, m, h, n = y
        flow = 120.0 * m**3 * h * (v - 50.0 * warmer) + 36.0 * n**4 * (v + 77.0 * warmer)
        moved = [
            phi * (steady(v) - x) / tau(v)
            for (steady, tau), x in zip(gates, y[1:], strict=True)
        ]
        return [amplitude - flow - 0.3 * (v + 54.387), *moved]

    start = [-64.99584, 0.05296, 0.59590, 0.31773]
    cross = lambda t, y: y[0]  # noqa: E731
    cross.direction = 1.0
    found = solve_ivp(
        slope, (0.0, duration), start, "LSODA", events=cross, rtol=1e-8, atol=1e-8, max_step=0.5
    )
    return found.t_events[0]


@pytest.mark.parametrize(("celsius", "amplitude"), [(18.5, 20.0), (11.0, 12.0)])
def test_the_axon_fires_as_its_equations_do_at_that_temperature(celsius, amplitude):
    drive = mx.stimuli.step(amplitude, unit="uA/cm2")
    expected = squid_spikes(celsius, amplitude, 100.0)
    runs = [
        mx.simulate(HH.replaced({"temperature": celsius}), drive, duration=100.0).spike_times,
        mx.simulate(
            HH, drive, duration=100.0, parameters={"temperature": [celsius, 6.3]}
        ).spike_times[0],
        mx.simulate(
            HH.under(conditions.temperature(celsius)), drive, duration=100.0
        ).spike_times,
    ]
    for spikes in runs:
        assert expected.size > 5
        # the state at the start has five digits there, and the default some thousandths
        np.testing.assert_allclose(spikes, expected, rtol=0, atol=0.02)
        assert spikes.tolist() == runs[0].tolist()


@pytest.mark.parametrize("cell", [HH, PB, MK, BRK], ids=lambda cell: cell.name)
@settings(max_examples=4, deadline=None)
@given(celsius=st.floats(5.0, 45.0))
def test_every_road_gives_the_same_cell(cell, celsius):
    wanted = cell.under(conditions.temperature(celsius))
    assert cell.replaced({"temperature": celsius}) == wanted
    factor = celsius / cell.temperature
    scaled = cell.scaled({"temperature": factor})
    assert scaled == cell.replaced({"temperature": cell.temperature * factor})
    batch = mx.simulate(cell, duration=0.5, parameters={"temperature": [celsius]})
    assert numbers(batch[0].cell) == numbers(wanted)
    again = mx.simulate(cell, duration=0.5, parameters=batch.parameters)
    assert numbers(again[0].cell) == numbers(wanted)  # warmed once, not twice


def test_a_sweep_and_a_batch_and_a_cell_agree_to_the_bit():
    drive = mx.stimuli.step(15.0, unit="uA/cm2")
    ds = mx.sweep(
        HH, {"temperature": [6.3, 14.0]}, drive, duration=200.0, measures=("count", "rate"),
        initial="published",
    )  # fmt: skip
    batch = mx.simulate(HH, drive, duration=200.0, parameters={"temperature": [6.3, 14.0]})
    for lane, celsius in enumerate((6.3, 14.0)):
        alone = mx.simulate(HH.replaced({"temperature": celsius}), drive, duration=200.0)
        assert batch[lane].spike_times.tolist() == alone.spike_times.tolist()
        assert int(ds["count"][lane]) == alone.spike_times.size


def test_a_temperature_acts_after_the_numbers_given_with_it():
    both = PB.replaced({"temperature": 30.0, "ions.E_K": -85.0, "Kdr.n.rate": 2.0})
    one = PB.replaced({"ions.E_K": -85.0, "Kdr.n.rate": 2.0}).replaced({"temperature": 30.0})
    assert numbers(both) == numbers(one)
    assert both.parameters["ions.E_K"].value == pytest.approx(
        -85.0 * 303.15 / 310.15, rel=1e-14
    )
    lanes = {"ions.E_K": [-85.0], "temperature": [30.0], "Kdr.n.rate": mx.factors([2.0])}
    assert numbers(mx.simulate(PB, duration=0.5, parameters=lanes)[0].cell) == numbers(one)


def test_the_cells_own_temperature_changes_nothing():
    assert PB.replaced({"temperature": 37.0}) == PB
    batch = mx.simulate(PB, duration=1.0, parameters={"temperature": [37.0]})
    assert numbers(batch[0].cell) == numbers(PB)


def test_a_warmed_number_says_where_its_q10_comes_from():
    rate = PB.replaced({"temperature": 30.0}).parameters["Na.h.rate"]
    assert "assumed where a cell's source states none" in rate.source
    assert rate.status == "unverified"


@pytest.mark.parametrize("celsius", [-1.0, 51.0, np.nan, "warm", True])
def test_no_road_takes_a_temperature_that_no_cell_survives(celsius):
    roads = [
        lambda: conditions.temperature(celsius),
        lambda: PB.replaced({"temperature": celsius}),
        lambda: mx.simulate(PB, duration=1.0, parameters={"temperature": [celsius]}),
        lambda: mx.sweep(PB, {"temperature": [celsius]}, duration=1.0),
    ]
    for road in roads:
        with pytest.raises(InputError, match=r"temperature[^\n]*; allowed"):
            road()


def test_no_road_takes_a_concentration_that_no_solution_has():
    for K_o in (4000.0, 1000.1, 0.09, 0.0, -1.0):
        roads = [
            lambda K_o=K_o: conditions.electrolytes(K_o=K_o),
            lambda K_o=K_o: PB.replaced({"ions.K_o": K_o}),
            lambda K_o=K_o: PB.scaled({"ions.K_o": K_o / 4.0}),
            lambda K_o=K_o: mx.simulate(PB, duration=1.0, parameters={"ions.K_o": [4.0, K_o]}),
            lambda K_o=K_o: mx.sweep(PB, {"ions.K_o": [K_o]}, duration=1.0),
            lambda K_o=K_o: cells.Ion("K", E=-80.0, outside=K_o),
        ]
        for road in roads:
            with pytest.raises(InputError, match=r"mM; allowed: 0.1 to 1000"):
                road()
