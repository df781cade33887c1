"""`mnexcite doctor`: tell whether this installation is sound."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

import typer

from mnexcite.cli import console
from mnexcite.cli.exits import SOME_FAILED

PACKAGES = ("mnexcite", "numpy", "scipy", "llvmlite", "xarray", "zarr", "matplotlib")


def doctor(
    clear_cache: Annotated[
        bool, typer.Option("--clear-cache", help="Remove all compiled kernels, and stop.")
    ] = False,
) -> None:
    """Print versions, processor and cache, and check results against known numbers."""
    from mnexcite.kernels import compiled

    printer = console.out()
    if clear_cache:
        removed = compiled.clear_cache()
        printer.print(
            f"Removed {removed} compiled kernels from {compiled.cache_folder()}", soft_wrap=True
        )
        return
    made = console.table("What", "Found")
    made.columns[1].justify = "left"
    made.add_row("Python", platform.python_version())
    for package in PACKAGES:
        made.add_row(package, _version(package))
    made.add_row("processor", _processor())
    printer.print(made)
    folder = compiled.cache_folder()
    files = [path for path in folder.rglob("*") if path.is_file()]
    kernels = sum(path.is_dir() for path in folder.iterdir())
    size = sum(path.stat().st_size for path in files) / 2**20
    printer.print(f"Cache: {folder} ({kernels} kernels, {size:.1f} MiB)", soft_wrap=True)
    if not _check():
        raise typer.Exit(SOME_FAILED)


def _check() -> bool:
    """Print each check; return whether all are as expected."""
    from mnexcite.cli.checks import CHECKS

    made = console.table("Check", "Expected", "Got", "Result")
    good = True
    with console.progress("self-check") as advance:
        for i, check in enumerate(CHECKS):
            expected, got, ok = check.judge()
            good = good and ok
            made.add_row(check.what, expected, got, "ok" if ok else "FAILED")
            advance((i + 1) / len(CHECKS))
    console.out().print(made)
    return good


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _processor() -> str:
    import os

    model = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            names = [line for line in lines if line.startswith("model name")]
        model = names[0].partition(":")[2].strip() if names else model
    except OSError:
        pass  # other systems have no such file
    return f"{model}, {os.cpu_count()} cores"
