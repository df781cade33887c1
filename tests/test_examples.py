"""What examples state is what independent integrations give; the gallery runs them all."""

import json
import runpy
from pathlib import Path

import matplotlib
import numpy as np
import pytest

import mnexcite as mx

EXAMPLES = Path(__file__).parents[1] / "examples"
REFERENCES = Path(__file__).parent / "data" / "references.json"

# headless backends say so when asked to show; a reader with a screen is not concerned
pytestmark = pytest.mark.filterwarnings("ignore:FigureCanvasAgg is non-interactive")


@pytest.fixture
def names(tmp_path, monkeypatch):
    """Run a script as a reader would, in a folder of its own, and return its names."""
    matplotlib.use("Agg")
    plt = pytest.importorskip("matplotlib.pyplot")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(plt, "show", lambda: None)
    yield lambda script: runpy.run_path(str(EXAMPLES / script), run_name="__main__")
    plt.close("all")
    assert not list(tmp_path.iterdir())


@pytest.fixture(scope="module")
def references():
    return {case["name"]: case for case in json.loads(REFERENCES.read_text())["cases"]}


def test_an_own_cell_is_found_by_its_module_and_function(monkeypatch):
    monkeypatch.chdir(EXAMPLES)
    cell = mx.cells.find("own_cell:my_cell")
    assert cell.parameters["NaPslow.m.half"].value == -53.0
    own = {path: n for path, n in cell.parameters.items() if path.startswith("NaPslow.")}
    assert own.pop("NaPslow.E") == cell.parameters["ions.E_Na"]
    assert {number.status for number in own.values()} == {"unverified"}
    assert cell.parameters["Na.g"].status == "published"


def test_first_contraction_fires_at_the_rate_of_the_reference(names, references):
    statistics = names("plot_first_contraction.py")["statistics"]
    expected = references["PB NaP x2 K x0.5, 10 s"]["windows"][0]["rate"]
    assert statistics.rate == pytest.approx(expected, rel=0.01)


def test_purvis_butera_page_agrees_with_its_table(names, references):
    page = names("papers/plot_purvis_butera_2005.py")
    for i, count, rate in zip(
        page["amplitudes"], page["counts"], page["last_rates"], strict=True
    ):
        expected = references[f"PB step {i} nA"]
        assert abs(count - expected["count"]) <= 1
        assert rate == pytest.approx(expected["last_rate"], rel=0.01)
    one = references["PB one spike"]["stated"]
    # half a step of the default method, and sub-threshold voltages within 0.05 mV
    assert page["one"].spike_times == pytest.approx(one["spikes"], abs=0.0125)
    assert page["one"]["v"].min() == pytest.approx(one["v_min"], abs=0.05)


def test_booth_page_shows_both_states(names, references):
    page = names("papers/plot_booth_1997.py")
    early, late = references["BRK 5-HT both"]["windows"]
    before, after = page["rates"]["KCa x0.6 (serotonin)"]
    assert before == pytest.approx(early["rate"], rel=0.01)
    assert after == pytest.approx(late["rate"], rel=0.01)
    assert page["rates"]["KCa as published"] == (0.0, 0.0)


def test_molkov_page_shows_the_hysteresis(names, references):
    page = names("papers/plot_molkov_2025.py")
    expected = references["MK triangle"]["stated"]
    spikes = page["runs"]["with CAN"].spike_times
    assert page["triangle"].at(spikes[-1]) == pytest.approx(expected["i_last"], abs=0.1)
    assert 1e3 / np.diff(spikes).min() == pytest.approx(expected["rate_max"], rel=0.01)
