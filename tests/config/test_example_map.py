"""The map that the documentation runs in one command is what it says, and nothing runs here."""

from pathlib import Path

import numpy as np
import pytest

from mnexcite import config

MAP = Path(__file__).parents[2] / "examples" / "map.toml"


@pytest.fixture(scope="module")
def plan():
    return config.build_plan(config.load_sweep(MAP))


def test_the_map_has_two_planes_of_200_by_200_points(plan):
    assert plan.design.names == ("NaP.g", "K.g", "ions.K_o")
    assert plan.design.shape == (200, 200, 2)
    sodium, potassium, outside = plan.design.axes
    assert sodium.is_factor and potassium.is_factor
    # np.linspace ends where it is told to
    assert (sodium.values[0], sodium.values[-1]) == (1.0, 4.0)
    assert (potassium.values[0], potassium.values[-1]) == (0.5, 1.0)
    np.testing.assert_array_equal(outside.values, [4.0, 5.0])


def test_the_map_runs_4_s_of_the_default_cell_with_force(plan):
    assert plan.cell.name == "purvis_butera_2005"
    assert plan.duration == 4000.0
    names = {output.name for output in plan.outputs}
    assert {"rate", "phase", "force_mean", "fusion_index"} <= names


def test_the_page_shows_the_file():
    page = (MAP.parents[1] / "docs" / "howto" / "store-and-resume.md").read_text()
    text = MAP.read_text()
    assert text[text.index("[cell]") :] in page
