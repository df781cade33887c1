"""
Make notebooks of the scripts in this folder: python make.py [FOLDER]

A script is in cells: `# %% [markdown]` begins one of text, whose lines are comments, `# %%` one
of Python. Needs nothing but Python.
"""

import json
import re
import sys
from pathlib import Path

HERE = Path(__file__).parent


def notebook(script):
    """Return the notebook of a script's text, as JSON has it."""
    parts = re.split(r"^# %%(.*)\n", script, flags=re.MULTILINE)
    cells = []
    for i, (kind, body) in enumerate(zip(parts[1::2], parts[2::2], strict=True)):
        told = "[markdown]" in kind
        text = re.sub(r"^# ?", "", body, flags=re.MULTILINE) if told else body
        cell = {"cell_type": "markdown" if told else "code", "id": f"cell-{i}", "metadata": {}}
        cell["source"] = text.strip("\n").splitlines(keepends=True)
        cells.append(cell if told else cell | {"outputs": [], "execution_count": None})
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {
        "cells": cells,
        "metadata": {"kernelspec": kernel},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def scripts():
    """Return the scripts that are notebooks."""
    return [path for path in sorted(HERE.glob("*.py")) if path.name != "make.py"]


def main(folder):
    """Write a notebook for each script."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in scripts():
        made = notebook(path.read_text(encoding="utf-8"))
        target = folder / f"{path.stem}.ipynb"
        target.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
        print(target)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
