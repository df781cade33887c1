"""Every block of Python in the documentation runs and gives what the page shows."""

import doctest
import operator
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [
    page
    for page in sorted(DOCS.rglob("*.md"))
    if not {"_build", "generated", "gallery"} & set(page.relative_to(DOCS).parts)
]
BLOCK = re.compile(r"^```(python|pycon|toml)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE | doctest.IGNORE_EXCEPTION_DETAIL


def blocks(page, *kinds):
    return [match[2] for match in BLOCK.finditer(page.read_text()) if match[1] in kinds]


def named(pages):
    return pytest.mark.parametrize(
        "page", pages, ids=[str(page.relative_to(DOCS)) for page in pages]
    )


@named(PAGES)
def test_names_on_a_page_are_there(page):
    import mnexcite

    text = BLOCK.sub("", page.read_text())
    for name in set(re.findall(r"`mx\.([A-Za-z_.]*[A-Za-z_])", text)):
        operator.attrgetter(name)(mnexcite)


@named([page for page in PAGES if blocks(page, "python", "pycon")])
def test_blocks_of_a_page_run_in_their_order(page, tmp_path, monkeypatch):
    pytest.importorskip("sphinx", reason="pages are tested where they can be made: .[docs]")
    import matplotlib

    matplotlib.use("Agg")
    shutil.copy(ROOT / "examples" / "spikes.csv", tmp_path)
    monkeypatch.chdir(tmp_path)
    text = "\n".join(as_examples(block) for block in blocks(page, "python", "pycon"))
    test = doctest.DocTestParser().get_doctest(
        text, {"__name__": "__main__"}, page.stem, str(page), 0
    )
    said: list[str] = []
    result = doctest.DocTestRunner(optionflags=FLAGS).run(test, out=said.append)
    import matplotlib.pyplot as plt

    plt.close("all")
    assert not result.failed, "".join(said)


@named([page for page in PAGES if blocks(page, "toml")])
def test_run_described_on_a_page_can_be_read(page):
    from mnexcite import config

    for block in blocks(page, "toml"):
        if "[axes]" in block:
            config.build_plan(config.loads_sweep(block))
            continue
        wanted = config.loads(block)
        config.build_cell(wanted)
        config.build_stimulus(wanted)
        config.build_unit(wanted)


@named(PAGES)
def test_links_between_pages_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
        made_by_the_build = "gallery/" in target or "generated/" in target
        assert made_by_the_build or (page.parent / target).exists(), target


def as_examples(block: str) -> str:
    """Return a plain block as examples of the interpreter."""
    if block.startswith(">>>"):
        return block
    lines = block.splitlines()
    return "\n".join((">>> " if not line.startswith(" ") else "... ") + line for line in lines)


def test_generated_pages_are_made_from_the_package(tmp_path):
    script = (
        "import sys, types; sys.path.insert(0, sys.argv[1]);"
        "import generated_pages; generated_pages.write_pages("
        "types.SimpleNamespace(srcdir=sys.argv[2]))"
    )
    pytest.importorskip("sphinx")
    subprocess.run(
        [sys.executable, "-c", script, str(DOCS / "extensions"), str(tmp_path)], check=True
    )
    page = (tmp_path / "generated" / "cells" / "purvis_butera_2005.md").read_text()
    assert "| `NaP.g` | 0.05 | uS | published |" in page
    methods = (tmp_path / "generated" / "parts" / "methods.md").read_text()
    assert "| `staggered` | 2 |" in methods
    measures = (tmp_path / "generated" / "parts" / "measures.md").read_text()
    assert "| `rate` | `rate` | Hz | mean firing rate after discard |" in measures
    phases = (tmp_path / "generated" / "parts" / "phases.md").read_text()
    assert "| 2 | `silent` | no spike after discard |" in phases
