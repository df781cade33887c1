import copy
import functools
import json
import math
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnexcite import cells, conditions
from mnexcite.cells import Cell, Compartment, Ion
from mnexcite.channels import Channel, Gate, IonPool, kinetics
from mnexcite.channels.axes import CONCENTRATION, VOLTAGE
from mnexcite.equations import iv_curve
from mnexcite.errors import InputError, StorageError

CELLS = {name: make() for name, make in cells.CATALOGUE.items()}
by_name = pytest.mark.parametrize("name", CELLS)


def half_open(v, half, slope):
    """Return a user's own steady state."""
    return 0.5 + 0.5 * np.tanh((v - half) / slope)


@functools.wraps(kinetics.boltzmann)
def turned_round(v, half, slope):
    return 1.0 - kinetics.boltzmann(v, half, slope)


def own_cell():
    """Return a cell of the user's functions: a lambda, a table of rates, a pool."""
    mine = Channel(
        "Mine",
        g=0.4,
        E=50.0,
        gates=[
            Gate(
                "m",
                power=2,
                inf=half_open,
                tau=lambda v: 1.0 + 3.0 * np.exp(-((v + 40.0) ** 2) / 200.0),
                half=-45.0,
                slope=12.0,
            ),
            Gate(
                "h",
                alpha=lambda v: 0.02 * np.exp(-(v + 60.0) / 18.0),
                beta=lambda v: 0.5 / (1.0 + np.exp(-(v + 30.0) / 9.0)),
                rate=1.7,
            ),
            Gate("i_m", inf=lambda v: 1.0 / (1.0 + np.exp(-(v + 35.0) / 6.0))),
        ],
    )
    calcium = Channel("CaL", g=0.01, ion="Ca", gates=[Gate("m", inf=0.3, tau=2.0)])
    sk = Channel(
        "SK",
        g=0.2,
        ion="K",
        gates=[
            Gate("z", inf=lambda c: c**2 / (c**2 + 1e-6), tau=lambda c: 1.0 + 1.0 / (1.0 + c))
        ],
    )
    return Cell(
        "mine",
        Compartment(
            "soma",
            C=1.0,
            channels=[mine, calcium, sk, Channel("leak", g=0.1, E=-70.0)],
            pools=[IonPool("Ca", alpha=1e-4, tau=50.0)],
            v=-70.0,
        ),
        ions=[Ion("K", E=-85.0, outside=4.0), Ion("Ca", E=80.0)],
        groups={"K": ("SK",)},
        source="my notebook",
        status="tuned",
        provenance={"SK.g": ("my recording", "unverified")},
    )


def gates(cell):
    return {
        (channel.name, gate.name): gate
        for channel in cell.compartments[0].channels
        for gate in channel.gates
    }


@pytest.fixture(scope="module")
def again(tmp_path_factory):
    """The user's own cell, saved and loaded: its tables make megabytes of text."""
    return reload(own_cell(), tmp_path_factory.mktemp("own"))


def reload(cell, folder):
    cell.save(folder / "cell.json")
    return cells.load(folder / "cell.json")


@by_name
def test_a_published_cell_comes_back_equal(name, tmp_path):
    again = reload(CELLS[name], tmp_path)
    assert again == CELLS[name]
    assert hash(again) == hash(CELLS[name])
    assert again.parameters == CELLS[name].parameters
    assert again.initial == CELLS[name].initial


@by_name
def test_a_published_cell_survives_pickle(name):
    again = pickle.loads(pickle.dumps(CELLS[name]))
    assert again == CELLS[name]
    assert hash(again) == hash(CELLS[name])


@settings(deadline=None, max_examples=5)
@given(st.floats(0.0, 10.0), st.floats(0.5, 150.0), st.floats(0.0, 50.0), st.floats(0.0, 2.0))
def test_a_changed_cell_comes_back_equal(tmp_path_factory, k, K_o, celsius, strength):
    for name in ("purvis_butera_2005", "booth_rinzel_kiehn_1997"):
        cell = (
            CELLS[name]
            .scaled({"K.g": k})
            .under(
                conditions.electrolytes(K_o=K_o),
                conditions.temperature(celsius),
                conditions.als_early(strength),
            )
        )
        assert reload(cell, tmp_path_factory.getbasetemp()) == cell


def test_paths_may_be_texts_or_path_objects(tmp_path):
    CELLS["purvis_butera_2005"].save(str(tmp_path / "a.json"))
    assert cells.load(str(tmp_path / "a.json")) == CELLS["purvis_butera_2005"]


def test_own_kinetics_come_back_to_the_bit_on_the_nodes_of_the_tables(again):
    cell = own_cell()
    assert gates(again).keys() == gates(cell).keys()
    for key, gate in gates(cell).items():
        loaded = gates(again)[key]
        x = VOLTAGE.nodes if gate.pool is None else CONCENTRATION.nodes
        np.testing.assert_array_equal(loaded.steady_state(x), gate.steady_state(x))
        np.testing.assert_array_equal(loaded.time_constant(x), gate.time_constant(x))
        assert (loaded.power, loaded.pool, loaded.rate) == (gate.power, gate.pool, gate.rate)
        assert loaded.instantaneous == gate.instantaneous


def test_own_kinetics_come_back_close_between_the_nodes(again):
    v = np.linspace(-120.0, 60.0, 3601)
    loaded, gate = gates(again)["Mine", "m"], gates(own_cell())["Mine", "m"]
    # nodes are h = 0.25 mV apart, so the error of the spline is at most 5/384 h^4 of the
    # fourth derivative (Hall & Meyer 1976), which is below 2.1 / 12^4 for
    # (1 + tanh(x / 12)) / 2
    bound = 5.0 / 384.0 * 0.25**4 * 2.1 / 12.0**4 + 1e-15
    assert np.max(np.abs(loaded.steady_state(v) - gate.steady_state(v))) < bound


def test_kinetics_with_a_jump_come_back_within_their_range(tmp_path):
    gate = Gate(
        "m", inf=lambda v: np.where(v < -40.1, 0.0, 1.0), tau=lambda v: np.where(v < 0, 50, 0.1)
    )
    membrane = Compartment("soma", C=1.0, channels=[Channel("X", g=1.0, E=0.0, gates=[gate])])
    again = gates(reload(Cell("c", membrane), tmp_path))["X", "m"]
    v = np.linspace(-60.0, 10.0, 7001)
    inf, tau = again.steady_state(v), again.time_constant(v)
    assert inf.min() >= 0.0 and inf.max() <= 1.0
    assert tau.min() > 0.0


def test_what_is_not_kinetics_comes_back_as_it_was(again):
    cell = own_cell()
    assert again.initial == cell.initial
    assert again.groups == cell.groups
    assert again.compartments[0].pools == cell.compartments[0].pools
    # named numbers of a user's functions are frozen into their values
    kept = {path for path in cell.parameters if not path.startswith("Mine.m.")}
    assert {path: cell.parameters[path] for path in kept - {"SK.z.rate"}} == {
        path: again.parameters[path] for path in kept - {"SK.z.rate"}
    }
    assert again.scaled({"K.g": 0.5}).parameters["SK.g"].value == 0.1


def test_the_rest_of_a_loaded_cell_is_that_of_the_original(again):
    v = np.arange(-90.0, -40.0, 0.1)
    zeros = [iv_curve(c, v).zeros for c in (own_cell(), again)]
    # an error of 1e-7 in a gate moves the current by 1e-6 of the conductance of 0.1 mS/cm2
    np.testing.assert_allclose(zeros[1], zeros[0], rtol=0, atol=1e-4)


def test_a_loaded_cell_can_be_shifted_warmed_pickled_and_saved_again(tmp_path):
    again = reload(own_cell(), tmp_path)
    moved = again.replaced({"Mine.m.shift": 5.0, "Mine.m.rate": 2.0})
    original = gates(own_cell())["Mine", "m"]
    v = np.array([-60.0, -40.0, -20.0])
    np.testing.assert_array_equal(
        gates(moved)["Mine", "m"].steady_state(v + 5.0), original.steady_state(v)
    )
    np.testing.assert_array_equal(
        gates(moved)["Mine", "m"].time_constant(v + 5.0), original.time_constant(v) / 2.0
    )
    pickled = pickle.loads(pickle.dumps(again))
    np.testing.assert_array_equal(
        gates(pickled)["SK", "z"].steady_state(1e-3), gates(again)["SK", "z"].steady_state(1e-3)
    )
    again.save(tmp_path / "twice.json")
    assert (tmp_path / "twice.json").read_text() == (tmp_path / "cell.json").read_text()


def test_a_loaded_cell_equals_itself_loaded_again(tmp_path):
    first = reload(own_cell(), tmp_path)
    second = cells.load(tmp_path / "cell.json")
    assert first == second
    assert hash(first) == hash(second)


def test_a_function_in_the_guise_of_ours_is_saved_as_what_it_does(tmp_path):
    gate = Gate("m", inf=turned_round, tau=1.0, half=-40.0, slope=5.0)
    membrane = Compartment("soma", C=1.0, channels=[Channel("X", g=1.0, E=0.0, gates=[gate])])
    again = reload(Cell("c", membrane), tmp_path)
    assert float(gates(again)["X", "m"].steady_state(-60.0)) > 0.9


def test_numbers_of_numpy_can_be_saved(tmp_path):
    cell = Cell(
        "c",
        Compartment(
            "soma", C=np.float32(1.0), channels=[Channel("Kdr", g=np.int64(1), ion="K")]
        ),
        ions=[Ion("K", E=np.float32(-80.0), outside=np.float32(4.0))],
        area=np.float32(0.5),
    )
    assert reload(cell, tmp_path) == cell


def test_the_file_is_plain_json_that_says_what_it_is(tmp_path):
    CELLS["purvis_butera_2005"].save(tmp_path / "cell.json")
    described = json.loads((tmp_path / "cell.json").read_text(encoding="utf-8"))
    assert described["format"] == "mnexcite cell, format 3"
    assert described["name"] == "purvis_butera_2005"


@pytest.mark.parametrize("where", ["missing/cell.json", "."])
def test_a_file_that_cannot_be_written_or_read_is_a_storage_error(tmp_path, where):
    with pytest.raises(StorageError, match=r"cannot write .*choose another") as caught:
        CELLS["purvis_butera_2005"].save(tmp_path / where)
    assert "\n" not in str(caught.value)
    with pytest.raises(StorageError, match="cannot read"):
        cells.load(tmp_path / where)


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{}", b"3", b"null", b'{"format": "another"}', b"\xff\xfe\x00", b'{"format'],
)
def test_a_file_that_is_no_cell_is_refused_in_one_line(tmp_path, content):
    (tmp_path / "cell.json").write_bytes(content)
    with pytest.raises(InputError, match=r"cell\.json is not a saved cell") as caught:
        cells.load(tmp_path / "cell.json")
    assert "\n" not in str(caught.value)


def by_hand(path):
    """Return the text of a saved cell as one that may be edited."""
    described = json.loads(path.read_text(encoding="utf-8"))
    return json.dumps({**described, "checksum": "edited"})


def test_a_changed_number_is_noticed_unless_the_file_says_so(tmp_path):
    path = tmp_path / "cell.json"
    CELLS["purvis_butera_2005"].save(path)
    described = json.loads(path.read_text())
    described["temperature"] += 1.0
    path.write_text(json.dumps(described))
    with pytest.raises(InputError, match="are not those that were saved") as caught:
        cells.load(path)
    assert "\n" not in str(caught.value)
    path.write_text(json.dumps({**described, "checksum": "edited"}))
    assert cells.load(path).temperature == described["temperature"]
    del described["checksum"]
    path.write_text(json.dumps(described))
    with pytest.raises(InputError, match="are not those that were saved"):
        cells.load(path)


def test_a_kill_while_saving_leaves_the_older_file(tmp_path, monkeypatch):
    path = tmp_path / "cell.json"
    CELLS["purvis_butera_2005"].save(path)

    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StorageError, match="disk is full"):
        CELLS["molkov_2025"].save(path)
    assert cells.load(path) == CELLS["purvis_butera_2005"]
    assert [entry.name for entry in tmp_path.iterdir()] == ["cell.json"]


def test_a_file_cannot_choose_what_is_imported(tmp_path):
    CELLS["purvis_butera_2005"].save(tmp_path / "cell.json")
    text = by_hand(tmp_path / "cell.json")
    (tmp_path / "cell.json").write_text(text.replace("mnexcite.channels.kinetics:", "os:"))
    with pytest.raises(InputError, match="not of this package"):
        cells.load(tmp_path / "cell.json")


@pytest.mark.parametrize("name", ["mnexcite.channels.kinetics:nope", "mnexcite.zzz:f", 3, "f"])
def test_unknown_kinetics_are_refused(tmp_path, name):
    CELLS["hodgkin_huxley_1952"].save(tmp_path / "cell.json")
    described = json.loads(by_hand(tmp_path / "cell.json"))
    described["compartments"][0]["channels"][0]["gates"][0]["functions"]["alpha"] = name
    (tmp_path / "cell.json").write_text(json.dumps(described))
    with pytest.raises(InputError):
        cells.load(tmp_path / "cell.json")


@pytest.mark.parametrize("length", [0, 1000, 1002])
def test_a_table_of_another_length_is_refused(tmp_path, length):
    place = ("compartments", 0, "channels", 0, "gates", 0, "tables", "inf")
    tree = changed(DAMAGED["mine"], place, [0.5] * length)
    (tmp_path / "cell.json").write_text(json.dumps(tree))
    with pytest.raises(InputError):
        cells.load(tmp_path / "cell.json")


def leaves(tree, at=()):
    yield at
    items = tree.items() if isinstance(tree, dict) else enumerate(tree)
    if isinstance(tree, dict | list):
        for key, branch in items if isinstance(tree, dict) else list(enumerate(tree))[:3]:
            yield from (
                leaves(branch, (*at, key)) if isinstance(branch, dict | list) else [(*at, key)]
            )


def described(cell):
    from mnexcite.cells.files import describe

    return json.loads(json.dumps(describe(cell)))


DAMAGED = {
    "booth_rinzel_kiehn_1997": described(CELLS["booth_rinzel_kiehn_1997"]),
    "mine": described(own_cell()),
}
PLACES = [(name, at) for name, tree in DAMAGED.items() for at in leaves(tree) if at]
junk = st.one_of(
    st.none(), st.integers(-2, 2), st.text(max_size=3), st.just([]), st.just({}), st.just([[]])
)


def changed(tree, place, value):
    """Return a described cell with one value changed, as one that was edited by hand."""
    at = tree = {**tree, "checksum": "edited"}
    *branch, last = place
    for key in branch:
        at[key] = copy.copy(at[key])
        at = at[key]
    at[last] = value
    return tree


@settings(deadline=None, max_examples=25)
@given(st.sampled_from(PLACES), junk)
def test_whatever_is_damaged_the_file_gives_a_cell_or_one_line(tmp_path_factory, place, value):
    name, where = place
    path = tmp_path_factory.getbasetemp() / "damaged.json"
    path.write_text(json.dumps(changed(DAMAGED[name], where, value)))
    try:
        cell = cells.load(path)
    except InputError as error:
        assert "\n" not in str(error)
        return
    assert isinstance(cell, Cell)
    assert all(math.isfinite(number.value) for number in cell.parameters.values())
