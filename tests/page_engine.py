"""The page's engine in node, for tests: a browser runs the same text."""

import json
import subprocess
from importlib.resources import files
from pathlib import Path

import pytest

from mnexcite.page.write import ENGINE


def find_node():
    """Return the node that drives the browsers, or skip where they are not tested."""
    why = "the page's engine is tested with the browsers: pip install -e '.[browser]'"
    playwright = pytest.importorskip("playwright", reason=why)
    return str(Path(playwright.__file__).parent / "driver" / "node")


def ask(folder, description, messages):
    """Return the answers of the engine of a description to each message."""
    node = find_node()
    page = files("mnexcite.page").joinpath("browser")
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
