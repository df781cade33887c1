"""A sweep's own store as the map of a page."""

import numpy as np
import pytest

import mnexcite as mx
from mnexcite import cells, sweeps
from mnexcite.errors import InputError
from mnexcite.page import explore
from mnexcite.page.describe import describe
from mnexcite.page.stored import map_of

SQUID = cells.hodgkin_huxley_1952


def stored(folder, axes, cell=None, **more):
    path = folder / "map.zarr"
    mx.sweep(cell or SQUID(), axes, duration=100.0, store=path, **more)
    return path


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """A store of two axes, of which one falls and one reaches beyond its slider."""
    axes = {"ions.K_o": [30.0, 20.0, 14.0], "K.g": [10.8, 36.0, 90.0, 108.0]}
    path = stored(tmp_path_factory.mktemp("map"), axes)
    return path, map_of(SQUID(), path), sweeps.load(path)


def test_values_lie_at_their_sliders(found):
    _, told, ds = found
    x, y = told.json["x"], told.json["y"]
    assert (x["slider"], y["slider"]) == ("ions.K_o", "K.g")
    assert x["values"] == [14.0, 20.0, 30.0]
    np.testing.assert_allclose(y["values"], [0.3, 1.0, 2.5, 3.0])
    names = ds.phase.attrs["flag_meanings"].split()
    for i, outside in enumerate(x["values"]):
        for j, factor in enumerate(y["values"]):
            point = ds.sel({"ions.K_o": outside, "K.g": 36.0 * factor}, method="nearest")
            values = {key: rows[j][i] for key, rows in told.json["values"].items()}
            assert values["rate"] == float(point.rate)
            assert values["says"] == names[int(point.phase)]
            assert values["fires"] == (values["says"] in ("tonic", "burst", "irregular"))
    assert {row for rows in told.json["values"]["fires"] for row in rows} == {0, 1}


def test_sliders_reach_the_map_and_keep_their_steps(found):
    _, told, _ = found
    (own,) = (one for one in told.sliders if one.id == "K.g")
    assert (own.low, own.step) == (0.0, 0.01)
    assert own.high == pytest.approx(3.0)


def test_the_page_holds_it(found, tmp_path):
    path, told, _ = found
    assert describe(SQUID(), map=path)["map"] == told.json
    page = explore(SQUID(), save=tmp_path / "page.html", map=path)
    assert "map.zarr" in page.read_text("utf-8")


def test_a_path_becomes_a_slider(tmp_path):
    path = stored(tmp_path, {"leak.E": [-60.0, -50.0], "K.g:factor": [0.5, 1.0]})
    told = map_of(SQUID(), path)
    assert told.json["x"] == {"slider": "leak.E", "values": [-60.0, -50.0]}
    assert "leak.E" in {one.id for one in told.sliders}


def test_only_a_phase_is_enough(tmp_path):
    path = stored(tmp_path, {"K.g": [18.0, 36.0], "Na.g": [60.0, 120.0]}, measures=("phase",))
    assert set(map_of(SQUID(), path).json["values"]) == {"fires", "says"}


@pytest.mark.parametrize(
    ("axes", "more", "said"),
    [
        ({"K.g": [18.0, 36.0]}, {}, "two axes"),
        (
            {"K.g": [18.0, 36.0], "stimulus.amplitude": [0.0, 5.0]},
            {"stimulus": lambda amplitude: mx.stimuli.step(amplitude, unit="uA/cm2")},
            "amplitude, which a page cannot move",
        ),
        ({"K.g": [18.0, 36.0], "Na.g": [60.0, 120.0]}, {"measures": ("cv",)}, "rate or phase"),
        (
            {"K.g": [18.0, 36.0], "Na.g": [60.0, 120.0]},
            {"cell": SQUID().replaced({"leak.E": -60.0})},
            "own cell",
        ),
    ],
)
def test_what_is_no_map_of_the_page_is_refused(axes, more, said, tmp_path):
    path = stored(tmp_path, axes, **more)
    with pytest.raises(InputError, match=said):
        map_of(SQUID(), path)
