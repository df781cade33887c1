"""Every number and function of the catalogue against a second transcription."""

import numpy as np
import published_equations as published
import pytest

from mnexcite import cells, equations

NAMES = tuple(published.GATES)
CELLS = {name: getattr(cells, name)() for name in NAMES}
by_name = pytest.mark.parametrize("name", NAMES)

# off the 5 mV and 0.125 mV grids on which anything is checked or tabulated, and on it,
# with the removable singularities of Hodgkin and Huxley at -40 and -55 mV
VOLTAGES = np.unique(np.concatenate([np.arange(-149.9, 100.0, 0.37), [-55.0, -40.0, -65.0]]))

RULES = {
    "half": "mV",
    "slope": "mV",
    "tau": "ms",
    "scale": "ms",
    "base": "ms",
    "order": "",
    "shift": "mV",
    "rate": "",
}
# rates that are multiplied by a voltage, and Kv1's weights of two exponentials
UNITS = {
    "Na.m.alpha_rate": "1/(ms mV)",
    "Kdr.n.alpha_rate": "1/(ms mV)",
    "Na.m.beta_rate": "1/ms",
    "Kdr.n.beta_rate": "1/ms",
    "Na.h.alpha_rate": "1/ms",
    "Na.h.beta_rate": "1/ms",
    "Kv1.h.tau_rate_1": "",
    "Kv1.h.tau_rate_2": "",
}


def gates(cell):
    several = len(cell.compartments) > 1
    return {
        ".".join(([c.name] if several else []) + [channel.name, gate.name]): gate
        for c in cell.compartments
        for channel in c.channels
        for gate in channel.gates
    }


def unit_of(name, path):
    """Return the unit that a gate's number has by what it multiplies."""
    if path in UNITS:
        return UNITS[path]
    gate, _, number = path.rpartition(".")
    if gate in published.CALCIUM_GATES[name] and number == "half":
        return published.CALCIUM_GATES[name][gate][2]
    parts = number.split("_")
    return RULES["half" if "half" in parts else "slope" if "slope" in parts else parts[-1]]


def test_the_catalogue_holds_these_and_the_default_first():
    calibrated = ["cramping_motoneuron", "motor_terminal"]
    assert list(cells.CATALOGUE) == [*NAMES, *calibrated]
    assert [make().name for make in cells.CATALOGUE.values()] == list(cells.CATALOGUE)
    with pytest.raises(TypeError):
        cells.CATALOGUE["mine"] = None


@by_name
def test_every_gate_is_where_the_papers_have_one(name):
    expected = set(published.GATES[name]) | set(published.CALCIUM_GATES[name])
    assert set(gates(CELLS[name])) == expected


@pytest.mark.parametrize(
    ("name", "path"), [(name, path) for name in NAMES for path in published.GATES[name]]
)
def test_voltage_dependent_gate(name, path):
    gate = gates(CELLS[name])[path]
    inf, tau = published.GATES[name][path]
    for got, function in ((gate.steady_state, inf), (gate.time_constant, tau)):
        expected = [function(v) for v in VOLTAGES]
        np.testing.assert_allclose(got(VOLTAGES), expected, rtol=1e-12, atol=0)
    assert gate.instantaneous == (tau is published.INSTANTANEOUS)


@pytest.mark.parametrize(
    ("name", "path"), [(name, path) for name in NAMES for path in published.CALCIUM_GATES[name]]
)
def test_calcium_dependent_gate(name, path):
    gate = gates(CELLS[name])[path]
    inf, tau, _ = published.CALCIUM_GATES[name][path]
    c = np.geomspace(1e-9, 100.0, 400)
    np.testing.assert_allclose(gate.steady_state(c), [inf(x) for x in c], rtol=1e-12, atol=0)
    np.testing.assert_array_equal(gate.time_constant(c), np.full(c.shape, tau))
    assert float(gate.steady_state(0.0)) == 0.0


def test_slow_kv1_inactivation_takes_seconds():
    # 2.6 s at -80 mV and 1.3 s at -40 mV, after Bos et al. 2018
    tau = gates(CELLS["molkov_2025"])["Kv1.h"].time_constant([-80.0, -40.0])
    np.testing.assert_allclose(tau, [2600.0, 1300.0], rtol=0, atol=50.0)  # two digits


@by_name
def test_every_current_at_held_voltage(name):
    """Conductances, exponents, reversals, pools and which ion feeds them, in one."""
    cell, v = CELLS[name], np.arange(-119.9, 39.0, 0.71)
    for compartment in cell.compartments:
        curve = equations.iv_curve(cell, v, compartment.name)
        rows = [published.steady_currents(name, x)[compartment.name] for x in v]
        assert list(curve.currents) == [channel.name for channel in compartment.channels]
        assert set(curve.currents) == set(rows[0][1])
        for channel, current in curve.currents.items():
            expected = np.array([row[1][channel] for row in rows])
            np.testing.assert_allclose(current, expected, rtol=1e-12, atol=1e-25)
        if rows[0][0] is not None:
            np.testing.assert_allclose(curve.pools["Ca"], [row[0] for row in rows], rtol=1e-12)
        total = [sum(row[1].values()) for row in rows]
        # a sum that cancels keeps the round-off of its largest term
        largest = max(abs(current) for row in rows for current in row[1].values())
        np.testing.assert_allclose(curve.total, total, rtol=0, atol=1e-14 * largest)


@by_name
def test_every_other_number(name):
    cell = CELLS[name]
    owned = tuple(f"{path}." for path in gates(cell))
    numbers = {
        path: number.value
        for path, number in cell.parameters.items()
        if not path.startswith(owned)
    }
    for path in published.CONVENTIONS[name]:
        assert numbers.pop(path) > 0
    expected = {path: value for path, (value, _) in published.NUMBERS[name].items()}
    assert numbers == pytest.approx(expected, rel=1e-15, abs=0)


@by_name
def test_every_number_has_its_unit(name):
    parameters = CELLS[name].parameters
    owned = tuple(f"{path}." for path in gates(CELLS[name]))
    wrong = {}
    for path, number in parameters.items():
        if path in published.NUMBERS[name]:
            expected = published.NUMBERS[name][path][1]
        elif path.startswith(owned):
            expected = unit_of(name, path)
        else:
            expected = "degC" if path == "temperature" else "mM"  # conventions
        if number.unit != expected:
            wrong[path] = (number.unit, expected)
    assert wrong == {}


@by_name
def test_every_number_has_a_source_and_a_status(name):
    cell = CELLS[name]
    author, year = name.split("_")[0].capitalize(), name[-4:]
    for path, number in cell.parameters.items():
        assert number.status in ("published", "derived", "tuned", "unverified"), path
        if number.status == "published" and not path.endswith((".shift", ".rate")):
            assert author in number.source and year in number.source, path
        assert number.source, path
    for path in published.CONVENTIONS[name]:
        assert cell.parameters[path].status == "unverified"


def test_what_is_our_convention_does_not_pass_for_published():
    for name in ("purvis_butera_2005", "booth_rinzel_kiehn_1997"):
        assert CELLS[name].parameters["ions.K_o"].status == "unverified"
        assert CELLS[name].parameters["temperature"].status == "unverified"
    assert CELLS["molkov_2025"].parameters["ions.E_K"].status == "derived"


def test_the_reversal_of_a_channel_has_the_status_of_its_ion():
    parameters = CELLS["molkov_2025"].parameters
    for channel in ("Kdr", "Kv1", "KCa"):
        assert parameters[f"{channel}.E"].status == "derived"


@by_name
def test_the_published_start(name):
    start = CELLS[name].initial
    assert set(start) == set(published.INITIAL[name])
    tolerance = 1e-12 if name.startswith("booth") else 0.0  # Booth's gates are computed
    assert start == pytest.approx(published.INITIAL[name], rel=tolerance, abs=0)


def test_purvis_and_butera_start_at_rest():
    """Nine published digits: each gate at its steady state, and no current left."""
    start = published.INITIAL["purvis_butera_2005"]
    gate = published.GATES["purvis_butera_2005"]
    # one unit of the last digit of v, 1e-7 mV, moves a gate of 3 mV slope by 3e-8
    for path, (inf, _) in gate.items():
        assert start[path] == pytest.approx(inf(start["v"]), rel=5e-8, abs=0)
    (calcium, currents) = published.steady_currents("purvis_butera_2005", start["v"])["soma"]
    assert calcium == pytest.approx(start["Ca"], rel=5e-8)
    conductance = 0.01  # uS, about that of the resting membrane
    assert sum(currents.values()) / conductance == pytest.approx(0.0, abs=1e-6)


@by_name
def test_groups_thresholds_areas_and_units(name):
    cell = CELLS[name]
    assert cell.groups == {"K": published.GROUP_K[name]}
    purvis_butera = name == "purvis_butera_2005"
    assert cell.spike_threshold == (-10.0 if purvis_butera else 0.0)
    assert cell.area == (4.0e-5 if purvis_butera else None)
    assert cell.membrane == ("absolute" if purvis_butera else "density")
    assert cell.units == (
        {"g": "uS", "i": "nA", "C": "nF", "P": "cm3/s"}
        if purvis_butera
        else {"g": "mS/cm2", "i": "uA/cm2", "C": "uF/cm2", "P": "cm/s"}
    )


def test_the_area_follows_from_the_capacitance_and_says_so():
    cell = CELLS["purvis_butera_2005"]
    assert cell.area == pytest.approx(cell.parameters["C"].value * 1e-3 / 1.0)  # 1 uF/cm2
    assert cell.parameters["area"].status == "derived"


@pytest.mark.parametrize(
    ("name", "channels"),
    [
        ("hodgkin_huxley_1952", {"axon": "Na Kdr leak"}),
        ("purvis_butera_2005", {"soma": "Na NaP Kdr A SK CaT CaN CaP h leak"}),
        ("molkov_2025", {"soma": "Na NaP Kdr Kv1 KCa CaL CAN leak"}),
        (
            "booth_rinzel_kiehn_1997",
            {"soma": "Na Kdr CaN KCa leak", "dendrite": "CaN CaL KCa leak"},
        ),
    ],
)
def test_channels_have_their_fixed_names(name, channels):
    cell = CELLS[name]
    assert {c.name: {ch.name for ch in c.channels} for c in cell.compartments} == {
        where: set(listed.split()) for where, listed in channels.items()
    }
    pools = [[pool.name for pool in c.pools] for c in cell.compartments]
    assert pools == [[] if name == "hodgkin_huxley_1952" else ["Ca"]] * len(pools)


@by_name
def test_a_fresh_cell_equals_another_and_cannot_be_changed(name):
    assert getattr(cells, name)() == CELLS[name]
    assert hash(getattr(cells, name)()) == hash(CELLS[name])
    with pytest.raises(AttributeError):
        CELLS[name].dt = 1.0
    with pytest.raises(TypeError):
        CELLS[name].parameters["C"] = 1.0
    with pytest.raises(TypeError):
        CELLS[name].initial["v"] = 1.0
