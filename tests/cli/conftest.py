from functools import cache

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from mnexcite.cli.app import app


@pytest.fixture(scope="session", autouse=True)
def made_once():
    """Have the runner make all commands once; for each call that takes longer than most do."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("typer.testing._get_command", cache(get_command), raising=False)
        yield


@pytest.fixture
def command(tmp_path, monkeypatch):
    """Run the command line in an empty folder; return its result."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")

    def run(*arguments):
        return CliRunner().invoke(app, [str(argument) for argument in arguments])

    return run
