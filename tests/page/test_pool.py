"""A page of a muscle: what it plays is what `contract` does."""

import numpy as np
import pytest

import mnexcite as mx
from mnexcite.errors import InputError
from mnexcite.motor_pool.elicited import Elicited
from mnexcite.page import explore
from pool_page import MADE, decoded

mp = mx.motor_pool


@pytest.fixture(scope="module")
def told(pool_page):
    return pool_page[0]


def test_runs_are_those_of_their_python(told):
    """To the digits that a page is told; one is told in two parts."""
    runs = told["runs"]
    for run in (runs[0], next(r for r in runs if r["since"])):
        known = {}
        exec(run["python"].replace("print(run)", ""), known)
        again, page = known["run"], decoded(told, run)
        assert again.duration == run["duration"] and run["status"] == "ok"
        for unit, train in enumerate(again.terminals):
            np.testing.assert_allclose(page["spikes"][unit], train, rtol=0.0, atol=0.0501)
        force = 100.0 * np.interp(page["force"][0][1:], again.t, again.force)
        np.testing.assert_allclose(page["force"][1][1:], force, rtol=0.0, atol=2e-3)
        mM = np.interp(page["potassium"][0][1:], again.t, again.shared["potassium"])
        np.testing.assert_allclose(page["potassium"][1][1:], mM, rtol=0.0, atol=1e-3)


def test_stretches_are_where_there_is_a_cramp(told):
    for run in told["runs"]:
        others = [
            (r["case"], r["train"]) == (run["case"], run["train"]) and r["stretch"] > 0
            for r in told["runs"]
        ]
        assert any(others) == (run["units"] >= 0.1 * told["units"])
    assert any(run["stretch"] for run in told["runs"])


def test_what_is_done_is_what_the_laboratory_does():
    given = Elicited(train=20.0, stretch=3000.0)
    assert (given.end, given.pulled) == (11_500.0, (14_500.0, 19_500.0))
    shocks = given.protocol.shocks
    assert (len(shocks), shocks[0], shocks[1]) == (150, 4000.0, 4050.0)
    t = np.array([0.0, 14_499.0, 14_501.0, 19_499.0, 19_501.0])
    assert given.protocol.length.at(t).tolist() == [-1.0, -1.0, 1.0, 1.0, -1.0]
    known = {"mx": mx}
    assert eval(given.python, known) == given.protocol


@pytest.mark.parametrize(
    "given, said",
    [
        ({"cell": mp.cramping_pool(25)}, "25 units; allowed: 24 or fewer"),
        ({"cell": mp.cramping_pool(2), "sliders": ("NaP.g",)}, "sliders is"),
        ({"cell": mp.cramping_pool(2), "map": "a.zarr"}, "map is"),
        ({"cell": "pool"}, "or a motor pool"),
    ],
)
def test_what_is_no_page_is_refused_before_any_run(given, said, tmp_path):
    with pytest.raises(InputError, match=said):
        explore(**given, save=tmp_path / "page.html")
    assert not list(tmp_path.iterdir())


def test_a_file_is_written(told, tmp_path, monkeypatch):
    asked = []

    def described(*given):
        asked.extend(given)
        return told

    monkeypatch.setattr("mnexcite.page.write.describe_pool", described)
    pool = mp.cramping_pool(2)
    path = explore(pool, save=tmp_path / "page.html", python=MADE, workers=3)
    text = path.read_text("utf-8")
    assert asked == [pool, MADE, 3, None]
    assert MADE in text and "default-src" in text
    assert len(text) < 1_000_000
