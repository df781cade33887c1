"""Run sweeps on disks that are full halfway, make room and resume them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from interrupted_runs import (
    STORE,
    Calm,
    Counts,
    Markers,
    Run,
    attempt,
    compare,
    markers,
    prepare,
)

from mnexcite.sweeps import store

FULL = 4  # exit code where the store cannot be written
PAGE = 4096  # [bytes] a file takes at least on a small file system


def size_limit(folder: Path, text: str, calm: Calm, counts: Counts) -> str:
    """Kill a run after its first blocks, resume it where no value can be written, then on."""
    prepare(folder, text)
    attempt(folder, stop=lambda elapsed: bool(markers(folder)))
    kept = markers(folder)
    run = attempt(folder, file_size=4)  # less than a number
    return _resumed(folder, run, kept, calm, counts)


def small_disk(folder: Path, text: str, calm: Calm, counts: Counts) -> str:
    """Run where about half of the blocks fit; then make room and resume."""
    prepare(folder, text)
    size = _room(calm.folder / STORE)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        return "not run: mounting is not allowed here"
    try:
        (folder / "map.toml").write_text(text, encoding="utf-8")
        run = attempt(folder)
        larger = ["mount", "-o", f"remount,size={16 * size}", str(folder)]
        subprocess.run(larger, check=True, capture_output=True)
        return _resumed(folder, run, markers(folder), calm, counts)
    finally:
        subprocess.run(["umount", str(folder)], check=True, capture_output=True)


def _room(path: Path) -> int:
    """Return the bytes that an empty store and half of its blocks take."""
    sizes = {f: -(-f.stat().st_size // PAGE) * PAGE for f in path.rglob("*") if f.is_file()}
    blocks = sum(size for file, size in sizes.items() if file.name.startswith("c."))
    return sum(sizes.values()) - blocks // 2


def _resumed(folder: Path, full: Run, kept: Markers, calm: Calm, counts: Counts) -> str:
    """Check what a run said and left when the disk was full; resume it; say what happened."""
    counts.see_code(full, FULL)
    lines = full.stderr.strip().splitlines()
    if not lines or "Traceback" in full.stderr:
        counts.differences.append(f"full disk, and no clear message: {full.stderr[-500:]!r}")
    total = store.open_store(folder / STORE).blocks.count
    if not 0 < len(kept) < total or kept != markers(folder):
        counts.differences.append(f"full disk: {len(kept)} of {total} blocks before it")
    counts.see_code(attempt(folder), calm.code)
    counts.see_rewritten(kept, markers(folder))
    counts.differences += compare(calm, folder)
    said = " ".join(lines).replace(f"{folder.resolve()}/", "")
    return f"{len(kept)} of {total} blocks, then the rest; it said: {said}"
