import pytest
from typer.testing import CliRunner

from mnexcite.cli.app import app


@pytest.fixture
def command(tmp_path, monkeypatch):
    """Run the command line in an empty folder; return its result."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")

    def run(*arguments):
        return CliRunner().invoke(app, [str(argument) for argument in arguments])

    return run
