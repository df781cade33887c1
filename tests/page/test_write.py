"""The page as a file: whole, by itself, and no larger than it must be."""

import base64
import hashlib
import html
import json
import re
import zlib
from importlib.resources import files

import numpy as np
import pytest

from mnexcite import cells
from mnexcite.channels.axes import CONCENTRATION, VOLTAGE
from mnexcite.errors import InputError, StorageError
from mnexcite.page import explore, page_of
from mnexcite.page.buffers import Buffers
from mnexcite.page.describe import describe
from mnexcite.page.heading import ABOUT, title
from mnexcite.page.packed import pack
from small_cells import SMALL

#: Of npm's uPlot 1.6.32.
UPLOT = {
    "uPlot.iife.min.js": "19c8d4c6ad88929a79f4ae49d6f7161566dfd0ba3d15cc495e974f787eb78f1f",
    "uPlot.min.css": "df630c6a8d6f8eeaff264b50f73ce5b114f646ffd9a0bb74f049b0a00135fa04",
}


@pytest.fixture(scope="module")
def page():
    return page_of(cells.purvis_butera_2005())


@pytest.fixture
def told(monkeypatch):
    """Return what a page is told of a cell, but not what computes: that takes long to make."""
    monkeypatch.setattr("mnexcite.page.model.model", lambda *_: {})
    return describe


def unpacked(buffers, name, dtype):
    """Return an array as the page unpacks it."""
    told = buffers.json[name]
    turned = zlib.decompress(base64.b64decode(told["bytes"])) if told["size"] else b""
    columns = np.frombuffer(turned, np.uint8).reshape(told["wide"], -1)
    return np.frombuffer(columns.T.tobytes(), dtype)


def test_scripts_and_styles_are_those_that_the_policy_allows(page):
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)
    policy = html.unescape(policy)
    assert policy.startswith("default-src 'none';")
    for kind in ("script", "style"):
        (text,) = re.findall(rf"<{kind}>(.*?)</{kind}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert "'unsafe-inline'" not in policy and "'unsafe-eval'" not in policy


def test_nothing_is_asked_from_elsewhere(page):
    outside = [
        address
        for address in re.findall(r"""(?:src|href)\s*=\s*["']([^"']+)""", page)
        if not address.startswith(("data:", "#"))
    ]
    assert not outside
    assert not re.search(r"@import|\bfetch\(|XMLHttpRequest|WebSocket\(", page)
    # no attribute runs or styles anything: the policy would forbid it
    body = re.sub(r"<(script|style).*?</\1>", "", page, flags=re.DOTALL)
    assert not re.search(r"<[^>]+\s(?:on\w+|style)\s*=", body)


def test_the_description_is_json(page):
    (text,) = re.findall(r'id="description">(.*?)</script>', page, re.DOTALL)
    told = json.loads(text)
    assert told["cell"]["name"] == "purvis_butera_2005"
    assert "<" not in text


def test_a_page_is_small(page):
    # more than that, and mail servers begin to refuse it
    assert len(page.encode()) < 1.1e6


@pytest.mark.parametrize("name", UPLOT)
def test_the_plotting_library_is_as_published(name):
    raw = files("mnexcite.page").joinpath("browser", name).read_bytes()
    assert hashlib.sha256(raw).hexdigest() == UPLOT[name]
    licence = files("mnexcite.page").joinpath("browser", "uPlot.LICENSE").read_text("utf-8")
    assert "MIT" in licence and "Leon Sorokin" in licence


@pytest.mark.parametrize("of_pools", [False, True])
def test_tables_are_told_whole(of_pools):
    axis, degree = (CONCENTRATION, 6) if of_pools else (VOLTAGE, 4)
    rng = np.random.default_rng(1)
    # two of the four functions of a group are there
    table = np.zeros((axis.rows, degree, 4))
    table[..., 1], table[..., 2] = rng.normal(size=(2, axis.rows, degree))
    buffers = Buffers()
    told = pack(table.reshape(-1), buffers, of_pools=of_pools)
    assert told["used"] == [1, 2]
    kept = unpacked(buffers, told["kept"], np.float64)
    odd = unpacked(buffers, told["odd"], np.int32).reshape(-1, 2)
    rows = unpacked(buffers, told["coefficients"], np.float64).reshape(-1, degree)
    curves = table[..., [1, 2]].transpose(2, 0, 1)
    if of_pools:
        np.testing.assert_array_equal(kept.reshape(curves.shape), curves)
    else:
        # random rows are no spline: all are told
        assert len(odd) == 2 * axis.rows
        np.testing.assert_array_equal(rows, curves[odd[:, 0], odd[:, 1]])


def test_a_cell_of_ones_own_and_more_sliders(tmp_path):
    path = explore(SMALL, save=tmp_path / "own.html", sliders=("leak.E",))
    text = path.read_text("utf-8")
    assert '"id":"leak.E"' in text and "small" in text


@pytest.mark.parametrize(
    "given, said",
    [
        ({"cell": "purvis"}, "cell is"),
        ({"cell": SMALL, "sliders": ("NaX.g",)}, "NaX"),
        ({"cell": SMALL, "sliders": "NaP.g"}, "sliders"),
        ({"cell": SMALL, "save": 3}, "save"),
    ],
)
def test_bad_input_is_refused(given, said, tmp_path):
    given = {"save": tmp_path / "page.html"} | given
    with pytest.raises(InputError, match=said):
        explore(given.pop("cell"), **given)
    assert not list(tmp_path.iterdir())


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(InputError, match="a folder"):
        explore(SMALL, save=tmp_path)
    with pytest.raises(StorageError):
        explore(SMALL, save=tmp_path / "none" / "page.html")


def test_every_cell_of_the_catalogue_is_introduced():
    assert set(ABOUT) == set(cells.CATALOGUE)
    titles = {name: title(make()) for name, make in cells.CATALOGUE.items()}
    assert titles["molkov_2025"] == "Molkov et al. 2025"
    assert titles["booth_rinzel_kiehn_1997"] == "Booth, Rinzel & Kiehn 1997"
    assert titles["motor_terminal"] == "Motor terminal"


def test_a_squid_has_no_disease_of_people(page, told):
    presets = told(cells.hodgkin_huxley_1952())["presets"]
    assert presets and "als_early" not in [each["id"] for each in presets]
    assert '"id":"als_early"' in page


def test_a_page_names_no_file_and_no_flag(told):
    known = told(cells.cramping_motoneuron())
    said = json.dumps([known["words"], known["presets"]])
    assert "docs/" not in said and "--" not in said
