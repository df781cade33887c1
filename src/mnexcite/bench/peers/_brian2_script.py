"""Let Brian2 build a program for a prepared job; runs in Brian2's own environment."""

from __future__ import annotations

import json
from pathlib import Path


def main() -> None:
    """Read the job in this folder, build the program, and say which files it will write."""
    job = json.loads(Path("job.json").read_text(encoding="utf-8"))
    import brian2 as b  # pyright: ignore[reportMissingImports]
    import numpy as np

    b.set_device("cpp_standalone", build_on_run=False, directory="program")
    b.defaultclock.dt = job["dt"] * b.ms
    names = {"where": 3, "larger": 2, "smaller": 2}
    functions = {
        name: b.Function(
            lambda *args: None,
            arg_units=[1] * count,
            return_unit=1,
            arg_types=["any"] * count,
            return_type="float",
        )
        for name, count in names.items()
    }
    for name, definition in zip(names, job["helpers"].strip().split("\n\n"), strict=True):
        functions[name].implementations.add_implementation("cpp", definition)
    v, threshold = job["v"], job["threshold"]
    memory = job["memory"]
    equations = "\n".join([job["equations"], *(f"{name} : 1" for name in memory)])
    group = b.NeuronGroup(
        job["sets"],
        equations,
        method=job["method"],
        threshold=f"{v} >= {threshold!r} and before < {threshold!r}",
        namespace=functions,
        name="cells",
    )
    moves = [f"{to} = {source}" for to, source in zip(memory, [v, *memory], strict=False)]
    group.run_regularly("\n".join(reversed(moves)), when="start", name="remember")
    group.run_regularly(f"{job['step_start']} = t / ms", when="start", name="begin")
    for name, value in job["initial"].items():
        setattr(group, name, value)
    for name in memory:
        setattr(group, name, job["initial"][v])
    for name, values in zip(job["parameters"], job["values"], strict=True):
        setattr(group, name, np.array(values))
    spikes = b.SpikeMonitor(group, variables=[v, *memory], name="spikes")
    b.Network(group, spikes, *group.contained_objects).run(job["duration"] * b.ms)
    b.device.build(directory="program", compile=True, run=False)
    files = {}
    for name in ("t", "i", v, *memory):
        array = spikes.variables[name]
        path = b.device.get_array_filename(array)
        files[name] = (f"results/{path}", np.dtype(array.dtype).str)
    Path("files.json").write_text(json.dumps(files), encoding="utf-8")


if __name__ == "__main__":
    main()
