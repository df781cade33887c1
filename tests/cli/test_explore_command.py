"""`mnexcite explore`: a file, and one line where it cannot be."""

import pytest


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


@pytest.mark.parametrize(
    "words, said",
    [
        (("nocell",), "no cell 'nocell'"),
        (("hodgkin_huxley_1952", "--slider", "X.g"), "no number 'X.g'"),
        (("hodgkin_huxley_1952", "--save", "."), "--save is"),
    ],
)
def test_what_cannot_be_is_one_line(command, words, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    given = words if "--save" in words else (*words, "--save", "page.html")
    done = command("explore", *given)
    assert done.exit_code == 2
    assert said in done.stderr and done.stderr.count("\n") == 1
    assert not list(tmp_path.iterdir())
