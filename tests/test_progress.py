"""`progress=True`: a bar in a terminal and a notebook, lines elsewhere, nothing left after."""

import io
import sys
import types

import pytest
from rich.console import Console

import mnexcite as mx
from mnexcite.errors import progress
from small_cells import DRIVE, SMALL


@pytest.fixture
def terminal(monkeypatch):
    """Return what a terminal of 80 columns was sent."""
    sent = io.StringIO()
    made = Console(file=sent, force_terminal=True, width=80)
    monkeypatch.setattr("rich.console.Console", lambda **given: made)
    return sent


@pytest.fixture
def notebook(monkeypatch):
    """Return what a notebook showed, one text for each change."""
    seen = []

    def display(shown, display_id):
        seen.append(shown)
        return types.SimpleNamespace(update=seen.append)

    module = types.SimpleNamespace(HTML=str, display=display)
    monkeypatch.setitem(sys.modules, "ipykernel", types.ModuleType("ipykernel"))
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(display=module))
    monkeypatch.setitem(sys.modules, "IPython.display", module)
    monkeypatch.setattr(progress, "UPDATES", 0.0)
    return seen


def run(told):
    return mx.simulate(SMALL, DRIVE, duration=20.0, progress=told)


def test_a_terminal_has_a_bar_that_goes(terminal):
    assert run(True).spike_times.tolist() == run(None).spike_times.tolist()
    sent = terminal.getvalue()
    assert "runs" in sent and "100 %" in sent
    assert sent.endswith("\x1b[2K")  # the bar's line is erased


def test_a_sweep_says_points_and_a_notebook_shows_them(notebook):
    axes = {"NaP.g": [20.0, 21.0, 22.0]}
    mx.sweep(SMALL, axes, DRIVE, duration=20.0, initial="published", progress=True)
    assert '<progress value="0.0000" max="1">' in notebook[0] and "sweep 0 %" in notebook[0]
    assert any("100 % 3 of 3 points" in text for text in notebook)
    assert notebook[-1] == ""


def test_a_stopped_run_leaves_a_clean_line(terminal, notebook):
    sys.modules.pop("ipykernel")
    for _ in (terminal, notebook):
        with pytest.raises(KeyboardInterrupt), progress.bar("work") as tell:
            tell(0.5)
            raise KeyboardInterrupt
        sys.modules["ipykernel"] = sys
    assert terminal.getvalue().endswith("\x1b[2K") and notebook[-1] == ""


def test_without_a_terminal_a_line_comes_now_and_then(monkeypatch, capsys):
    monkeypatch.setattr(progress, "LINES", 0.0)
    with progress.bar("work") as tell:
        tell(0.25)
    assert capsys.readouterr().err == "mnexcite: work: 25 %\n"


def test_false_is_none_and_nonsense_is_refused(terminal):
    run(False)
    assert terminal.getvalue() == ""
    for wrong in (1, "yes", print.__class__):
        with pytest.raises(mx.InputError, match="allowed: True, or a function"):
            run(wrong)


def test_examples_and_signatures_are_the_functions_own():
    assert mx.simulate.__globals__["__name__"] == "mnexcite.simulation.simulate"
    assert "duration" in mx.simulate.__doc__
