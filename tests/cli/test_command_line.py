"""What holds for every command: help, exit codes, one line for an error."""

import ast
import re
import subprocess
import sys
import typing
import warnings
from pathlib import Path

import pytest
import typer

import mnexcite.errors
from mnexcite.cli import exits, options
from mnexcite.cli.app import app

HEAVY = ("numpy", "scipy", "numba", "xarray", "zarr", "matplotlib", "tomli_w")
COMMANDS = (
    (),
    ("cramp",),
    ("ctf",),
    ("day",),
    ("course",),
    ("imbalance",),
    ("explore",),
    ("simulate",),
    ("sweep",),
    ("contract",),
    ("bench",),
    ("cells",),
    ("cells", "show"),
    ("doctor",),
)


def loaded_after(code):
    """Return which heavy packages a fresh interpreter has loaded after `code`."""
    listed = f"import sys; print(*[m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{listed}"], capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()[-1].split()


def test_import_is_light():
    loaded = loaded_after("import mnexcite")
    assert not {"numba", "scipy", "xarray", "matplotlib"} & set(loaded)


def test_help_loads_nothing_heavy():
    code = f"""
from typer.main import get_command
from mnexcite.cli.app import app
made = get_command(app)
for command in {COMMANDS!r}:
    assert made.main([*command, "--help"], "mnexcite", standalone_mode=False) == 0
"""
    assert loaded_after(code) == []


@pytest.mark.parametrize("words", COMMANDS)
def test_help_fits_80_columns(command, words):
    done = command(*words, "--help")
    assert done.exit_code == 0
    assert "Usage: " in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_no_command_shows_help(command):
    assert command().stdout == command("--help").stdout


def test_version(command):
    from mnexcite import __version__

    assert command("--version").stdout == f"mnexcite {__version__}\n"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("crampp",), 2, "Did you mean 'cramp'?"),
        (("imbalance", "--napp", "2"), 2, "--nap"),
        (("imbalance", "--nap", "two"), 2, "--nap"),
        (("imbalance", "--nap", "-1"), 2, "--nap is -1.0; allowed: 0 or more"),
        (
            ("imbalance", "--cell", "purvis_butera_2006"),
            2,
            "did you mean 'purvis_butera_2005'?",
        ),
        (("imbalance", "--unit", "slo"), 2, "--unit is 'slo'; did you mean 'slow'?"),
        (
            ("imbalance", "--preset", "als_erly"),
            2,
            "--preset is 'als_erly'; did you mean 'als_early'",
        ),
        (("imbalance", "--duration", "0"), 2, "--duration is 0.0 s; allowed: above 0"),
        (
            ("imbalance", "--discard", "3", "--duration", "2"),
            2,
            "--discard is 3 s of 2 s; allowed: below --duration",
        ),
        (("imbalance", "--k-o", "0"), 2, "--k-o is 0.0 mM; allowed: 0.1 to 1000"),
        (("imbalance", "--threads", "0"), 2, "--threads is 0"),
        (("simulate",), 2, "CONFIG"),
        (("simulate", "nowhere.toml"), 4, "cannot read nowhere.toml"),
        (("contract", "nowhere.csv"), 4, "cannot read nowhere.csv"),
        (("contract", "nowhere.nwb"), 4, "cannot read nowhere.nwb"),
        (("cells", "show", "squid"), 2, "no cell 'squid'"),
        (("cells", "shw"), 2, "Did you mean 'show'?"),
        (("cells", "show", "molkov_2025", "--json", "--csv"), 2, "one of the two"),
    ],
)
def test_error_is_one_line_on_stderr_and_has_its_exit_code(command, words, code, said):
    done = command(*words)
    assert done.exit_code == code
    assert done.stdout == ""
    assert done.stderr.startswith("mnexcite: ")
    assert done.stderr.count("\n") == 1
    assert said in done.stderr


def numbers_asked_for():
    """Return command and flag of every option that takes a number, and a number too bad."""
    from mnexcite.cli.app import app

    found = []
    for told in app.registered_commands:
        name = told.name or told.callback.__name__
        for option, hint in typing.get_type_hints(told.callback).items():
            kinds = {hint, *typing.get_args(hint)}
            if kinds & {int, float}:
                flag = "--" + option.replace("_", "-")
                found.append((name, flag, "nan" if float in kinds else "-7"))
    return found


def test_numbers_are_asked_for():
    assert ("imbalance", "--k-o", "nan") in numbers_asked_for()


@pytest.mark.parametrize(("name", "flag", "bad"), numbers_asked_for())
def test_every_number_is_refused_by_the_flag_that_it_came_by(command, name, flag, bad):
    done = command(name, flag, bad)
    assert done.exit_code == 2 and done.stdout == ""
    assert done.stderr.startswith(f"mnexcite: {flag} is ") and "; allowed: " in done.stderr


def test_folder_that_cannot_be_written_is_noticed_before_any_work(command, tmp_path):
    (tmp_path / "taken").write_text("a file")
    done = command("imbalance", "--out", "taken")
    assert done.exit_code == 4
    assert "choose another folder with --out" in done.stderr
    assert done.stdout == ""


def test_module_runs_as_the_command():
    done = subprocess.run(
        [sys.executable, "-m", "mnexcite", "cells"], capture_output=True, text=True, check=True
    )
    assert "purvis_butera_2005" in done.stdout
    assert done.stderr == ""


#: What messages ask for that is no option: whoever reads them called Python. Parts of cells,
#: what a recording or a figure was made with, functions and other programs' own arguments.
ASKED_OF_PYTHON = {
    *("area", "ions", "pools", "through"),
    *("channel", "compartment", "initial", "record", "test", "variable"),
    *("conditions", "executor", "factor", "index", "log", "of"),
}


def arguments_asked_for():
    """Return every argument that a message of the package asks for, as in `sort=True`."""
    asked = re.compile(r"\b(?:give|say|take|with)\b[^=]*?\b([a-z_]+)=(?!=)")
    found = set()
    for file in Path(mnexcite.__file__).parent.rglob("*.py"):
        nodes = list(ast.walk(ast.parse(file.read_text("utf-8"))))
        docs = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
        for node in nodes:
            if not isinstance(node, ast.Constant | ast.JoinedStr):
                continue
            parts = node.values if isinstance(node, ast.JoinedStr) else [node]
            texts = [getattr(part, "value", None) for part in parts if id(node) not in docs]
            told = "".join(each if isinstance(each, str) else "?" for each in texts)
            if "=" in told:  # the pattern takes long to find none
                found |= set(asked.findall(told))
    return found


def test_what_a_message_asks_for_is_an_option_or_known_to_be_none():
    """A new hint is one that commands put in their own words, or it is listed above."""
    told = exits.flags(typer.main.get_command(app))
    known, asked = {*told, "unit"}, arguments_asked_for()  # unit of contract: --column-unit
    assert asked >= {"sort", "decimal", "mixed", "store"}
    assert asked - known == ASKED_OF_PYTHON


def test_options_stand_in_messages_in_place_of_arguments(command, tmp_path):
    (tmp_path / "spikes.csv").write_text("time_ms\n30\n10\n")
    done = command("contract", "spikes.csv")
    assert "--sort" in done.stderr and "sort=" not in done.stderr
    told = exits.flags(typer.main.get_group(app).commands["sweep"])
    said = options.in_flags("store is 3; give store='a', mixed=True", told)
    assert said == "--store is 3; give --store a, --mixed"


def test_warnings_speak_of_the_commands_own_options(capsys):
    commands = typer.Typer(cls=exits.OneLineErrors)

    @commands.command()
    def one(unit: typing.Annotated[str, typer.Option("--column-unit")] = "s") -> None:
        warnings.warn("all are whole; give unit='ms'", mnexcite.errors.RunWarning, stacklevel=2)

    @commands.command()
    def other(unit: str = "s") -> None:
        """Have another option of the same name."""

    assert commands(["one"], standalone_mode=False) == 0
    said = capsys.readouterr().err
    assert said == "mnexcite: warning: all are whole; give --column-unit ms\n"
