import sys

import pytest

from mnexcite import cells
from mnexcite.errors import InputError, StorageError

SCRIPT = """
from mnexcite.cells import Cell, Compartment
from mnexcite.channels import Channel

def mine():
    return Cell("mine", Compartment("soma", C=1.0, channels=[Channel("leak", g=0.1, E=-65.0)]))

made = mine()
number = 3

def nothing():
    pass

def with_arguments(g):
    return mine()

def fails():
    return Cell("mine", [])
"""


@pytest.fixture
def script(tmp_path, monkeypatch):
    """Write the user's module into the current folder and forget it afterwards."""
    name = "a_users_cells"
    (tmp_path / f"{name}.py").write_text(SCRIPT)
    (tmp_path / "broken_cells.py").write_text("def f(:\n")
    (tmp_path / "needy_cells.py").write_text("import a_module_nobody_has\n")
    monkeypatch.chdir(tmp_path)
    before = list(sys.path)
    yield name
    assert sys.path == before
    for module in (name, "broken_cells", "needy_cells"):
        sys.modules.pop(module, None)


def refused(name, message):
    with pytest.raises(InputError, match=message) as caught:
        cells.find(name)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", cells.CATALOGUE)
def test_a_published_cell_is_found_by_its_name(name):
    assert cells.find(name) == getattr(cells, name)()


def test_a_saved_cell_is_found_by_its_file(tmp_path):
    cell = cells.purvis_butera_2005().scaled({"NaP.g": 2.0})
    cell.save(tmp_path / "sick.json")
    assert cells.find(str(tmp_path / "sick.json")) == cell
    with pytest.raises(StorageError, match="cannot read"):
        cells.find(str(tmp_path / "none.json"))


@pytest.mark.parametrize("ending", ["{}:mine", "{}.py:mine", "{}:made"])
def test_a_users_cell_is_found_by_module_and_function(script, ending):
    cell = cells.find(ending.format(script))
    assert cell.name == "mine"
    assert cell.parameters["leak.g"].value == 0.1


@pytest.mark.parametrize("start", ["./", "{folder}/"])
def test_a_script_may_be_named_by_its_path(script, tmp_path, start):
    assert cells.find(f"{start.format(folder=tmp_path)}{script}.py:mine").name == "mine"


def test_a_script_of_another_folder_is_found_by_its_path(script, tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert cells.find(f"../{script}.py:mine").name == "mine"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("{}:number", "is int; allowed: a Cell or a function that returns one"),
        ("{}:nothing", "is NoneType; allowed: a Cell or a function that returns one"),
        ("{}:mime", "mime.*did you mean 'mine'"),
        ("{}:with_arguments", "with_arguments.*argument"),
        ("{}:fails", "it has no compartment"),
        ("no_such_module_here:mine", "cannot import 'no_such_module_here'"),
        ("broken_cells:f", "cannot import 'broken_cells'.*invalid syntax"),
        ("needy_cells:f", "cannot import 'needy_cells'.*a_module_nobody_has"),
        (":mine", "no cell ':mine'|cannot import"),
        ("{}:", "no cell"),
        (".:mine", "cannot import|no cell"),
    ],
)
def test_what_gives_no_cell_is_refused_in_one_line(script, name, message):
    refused(name.format(script), message)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("purvis_butera", "did you mean 'purvis_butera_2005'"),
        ("Molkov_2025", "did you mean 'molkov_2025'"),
        ("purvis", "did you mean 'purvis_butera_2005'"),
        ("squid", "allowed: .*hodgkin_huxley_1952.*module:function"),
        ("", "no cell ''"),
    ],
)
def test_an_unknown_name_is_refused_with_a_suggestion(name, message):
    refused(name, message)
