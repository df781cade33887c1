"""`mnexcite explore`: a file, and one line where it cannot be."""

import pytest

import mnexcite as mx


def test_a_page_is_kept(command, tmp_path):
    path = tmp_path / "page.html"
    done = command("explore", "hodgkin_huxley_1952", "--save", str(path), "--slider", "leak.E")
    assert done.exit_code == 0 and "MB" in done.stdout
    text = path.read_text("utf-8")
    assert "Hodgkin &amp; Huxley 1952" in text and '"id":"leak.E"' in text


def test_ones_own_cell_is_made_again_by_its_python(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    source = (
        "from mnexcite import cells\n\n\ndef own():\n    return cells.hodgkin_huxley_1952()\n"
    )
    (tmp_path / "mine.py").write_text(source, encoding="utf-8")
    done = command("explore", "mine.py:own", "--save", "own.html")
    assert done.exit_code == 0, done.stderr
    assert "mx.cells.find('mine.py:own')" in (tmp_path / "own.html").read_text("utf-8")


def test_a_sweep_is_the_pages_map(command, tmp_path):
    axes = {"K.g:factor": [0.5, 1.0], "leak.E": [-54.0, -50.0]}
    mx.sweep(mx.cells.hodgkin_huxley_1952(), axes, duration=50.0, store=tmp_path / "own.zarr")
    page = tmp_path / "page.html"
    given = ("--map", str(tmp_path / "own.zarr"), "--save", str(page))
    done = command("explore", "hodgkin_huxley_1952", *given)
    assert done.exit_code == 0, done.stderr
    text = page.read_text("utf-8")
    assert '"source":"own.zarr"' in text and '"id":"leak.E"' in text
    done = command("explore", "purvis_butera_2005", *given)
    assert done.exit_code == 2
    assert "--map is a sweep of hodgkin_huxley_1952" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "words, said",
    [
        (("nocell",), "no cell 'nocell'"),
        (("hodgkin_huxley_1952", "--slider", "X.g"), "no number 'X.g'"),
        (("hodgkin_huxley_1952", "--save", "."), "--save is"),
        (("hodgkin_huxley_1952", "--pool"), "--pool is a page of a muscle"),
        (("--pool", "--units", "25"), "--units is 25"),
        (("--pool", "--slider", "NaP.g"), "--slider is ('NaP.g',)"),
        (("--pool", "--map", "a.zarr"), "--map is"),
    ],
)
def test_what_cannot_be_is_one_line(command, words, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    given = words if "--save" in words else (*words, "--save", "page.html")
    done = command("explore", *given)
    assert done.exit_code == 2
    assert said in done.stderr and done.stderr.count("\n") == 1
    assert not list(tmp_path.iterdir())
