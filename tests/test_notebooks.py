"""The notebooks for a class run as they stand, and say what they claim."""

import json
import re
import runpy
from pathlib import Path

import matplotlib
import pytest

FOLDER = Path(__file__).parents[1] / "examples" / "notebooks"
MAKE = runpy.run_path(str(FOLDER / "make.py"))

pytestmark = pytest.mark.filterwarnings("ignore:FigureCanvasAgg is non-interactive")


@pytest.fixture
def run(monkeypatch):
    """Run the cells of a notebook in their order, as Jupyter does, and return its names."""
    matplotlib.use("Agg")
    plt = pytest.importorskip("matplotlib.pyplot")
    drawn = []
    monkeypatch.setattr(plt, "show", lambda: (drawn.append(plt.gcf()), plt.close("all")))

    def names(name):
        told = json.loads(json.dumps(MAKE["notebook"]((FOLDER / f"{name}.py").read_text())))
        found = {}
        for cell in told["cells"]:
            if cell["cell_type"] == "code":
                exec("".join(cell["source"]), found)
        assert drawn and all(any(ax.has_data() for ax in one.axes) for one in drawn)
        return found

    yield names
    plt.close("all")


def test_a_quiet_cell(run):
    found = run("why_a_quiet_cell_fires")
    counts = found["counts"]
    assert counts["as published"] == counts["NaP x2"] == 0
    assert counts["NaP x2, K x0.7"] > 5 < counts["K x0.5"]
    # without a rest it fires, whatever it begins with; with one it stays there
    assert [bool(found["resting"][name]) for name in counts] == [True] * 4 + [False]
    assert [count > 0 for count in found["at_rest"].values()] == [False, False, True]


def test_twitches_melt(run):
    fusion = run("from_twitch_to_tetanus")["fusion"]
    assert fusion["slow unit"][0] < 0.1 and fusion["slow unit"][-1] > 0.98
    middle = len(fusion["slow unit"]) // 4
    assert fusion["fast unit"][middle] < fusion["slow unit"][middle]


def test_a_cramp_outlasts_its_train(run):
    found = run("how_a_cramp_starts_holds_and_is_broken")
    healthy, cramp, stretched = found["lasted"].values()
    assert healthy == 0.0
    assert 15.0 < cramp < 30.0
    assert 16.0 - found["END"] - 1.0 < stretched < 16.0 - found["END"] + 0.5
    assert found["durations"] == sorted(found["durations"], reverse=True)


def test_notebooks_are_whole(tmp_path):
    MAKE["main"](tmp_path)
    made = sorted(tmp_path.glob("*.ipynb"))
    assert [one.stem for one in made] == [one.stem for one in MAKE["scripts"]()]
    for one in made:
        told = json.loads(one.read_text("utf-8"))
        kinds = [cell["cell_type"] for cell in told["cells"]]
        assert (told["nbformat"], kinds[0]) == (4, "markdown")
        text = "".join("".join(cell["source"]) for cell in told["cells"])
        assert {"Predict", "Answer"} <= set(re.findall(r"## (\w+)", text))
        assert len({cell["id"] for cell in told["cells"]}) == len(kinds)
