"""What a page costs: to write, to run beside `simulate`, and to open.

    python benchmarks/explored_page.py [--json page.json]

CPU times are the least of several; the engine runs in node, as in a browser's worker. With
playwright and Chromium the time to the first picture is told too.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import mnexcite as mx
from mnexcite.bench.machine import describe as describe_machine
from mnexcite.explore import describe, page_of
from mnexcite.explore.write import ENGINE

REPEATS, TOLERANCE = 20, 1e-4
DURATIONS = (2000.0, 10_000.0)

RUN = """
const fs = require("fs"), vm = require("vm");
const [script, described, repeats, ...durations] = process.argv.slice(2);
globalThis.self = globalThis;
let heard;
globalThis.postMessage = (message) => heard(message);
vm.runInThisContext(fs.readFileSync(script, "utf8"));
const send = (data) => new Promise((resolve) => { heard = resolve; self.onmessage({ data }); });
(async () => {
  const description = JSON.parse(fs.readFileSync(described, "utf8"));
  await send({ kind: "begin", id: 0, description });
  const found = [];
  for (const duration of durations.map(Number)) {
    let least = Infinity, spikes = 0;
    for (let k = 0; k < Number(repeats); k++) {
      const start = process.cpuUsage();
      const run = { settings: { "NaP.g": 2, "K.g": 0.5 }, duration, unit: "slow" };
      const answer = await send({ kind: "run", id: k, tag: "now", ...run });
      const { user, system } = process.cpuUsage(start);
      least = Math.min(least, (user + system) / 1000);
      spikes = answer.spikes.length;
    }
    found.push({ duration, ms: least, spikes });
  }
  process.stdout.write(JSON.stringify(found));
})();
"""


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    cell = mx.cells.purvis_butera_2005()
    page = page_of(cell)  # compiles
    found: dict[str, Any] = {"machine": describe_machine()}
    found["bytes"] = len(page.encode())
    found["writing_cpu_ms"] = least(lambda: page_of(cell), 5)
    print(f"page of {cell.name}: {found['bytes'] / 1e6:.2f} MB")
    print(f"written in {found['writing_cpu_ms']:.0f} ms of CPU, once compiled")
    found["runs"] = runs(cell)
    for run in found["runs"]:
        page_ms, own_ms = run["page_cpu_ms"], run["simulate_cpu_ms"]
        print(
            f"{run['duration'] / 1e3:g} s, {run['spikes']} spikes: page {page_ms:.1f} ms, "
            f"simulate and contract {own_ms:.1f} ms of CPU, ratio {page_ms / own_ms:.2f}"
        )
    found["first_picture_ms"] = first_picture(page)
    if found["first_picture_ms"] is not None:
        print(f"first picture in Chromium after {found['first_picture_ms']:.0f} ms")
    if given.json:
        given.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def least(call: Callable[[], object], repeats: int = REPEATS) -> float:
    """Return the least CPU time of a call [ms]."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        call()
        times.append(1e3 * (time.process_time() - start))
    return min(times)


def runs(cell: mx.Cell) -> list[dict[str, float]]:
    """Return CPU times of runs of the sick cell with force, in the page and in Python."""
    node = shutil.which("node")
    if node is None:
        print("runs: skipped, because there is no node")
        return []
    sick, unit = cell.scaled({"NaP.g": 2.0, "K.g": 0.5}), mx.muscle.slow_unit()
    with tempfile.TemporaryDirectory() as folder:
        room = Path(folder)
        pages = files("mnexcite.explore").joinpath("page")
        script = "\n".join(pages.joinpath(name).read_text("utf-8") for name in ENGINE)
        (room / "engine.js").write_text(script, encoding="utf-8")
        (room / "description.json").write_text(json.dumps(describe(cell)), encoding="utf-8")
        (room / "run.js").write_text(RUN, encoding="utf-8")
        command = [node, "run.js", "engine.js", "description.json", str(REPEATS)]
        done = subprocess.run(
            [*command, *map(str, DURATIONS)],
            cwd=room,
            capture_output=True,
            text=True,
            check=True,
        )
    found = []
    for told in json.loads(done.stdout):
        duration = told["duration"]

        def both(duration: float = duration) -> None:
            rec = mx.simulate(sick, duration=duration, tolerance=TOLERANCE, threads=1)
            mx.muscle.contract(rec.spike_times, unit, duration=duration)

        own = {"page_cpu_ms": told["ms"], "simulate_cpu_ms": least(both)}
        found.append({"duration": duration, "spikes": told["spikes"], **own})
    return found


def first_picture(page: str) -> float | None:
    """Return the least time from opening to a drawn page [ms], None without a browser."""
    chromium = shutil.which("chromium")
    try:
        from playwright.sync_api import sync_playwright  # type: ignore[import-not-found]
    except ImportError:
        return None
    if chromium is None:
        return None
    times = []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = Path(folder) / "page.html"
        path.write_text(page, encoding="utf-8")
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        for _ in range(5):
            tab = browser.new_page()
            start = time.perf_counter()
            tab.goto(path.as_uri())
            while not tab.evaluate("window.mnexcite?.state?.().busy === false"):
                time.sleep(0.002)
            times.append(1e3 * (time.perf_counter() - start))
            tab.close()
        browser.close()
    return min(times)


if __name__ == "__main__":
    sys.exit(main())
