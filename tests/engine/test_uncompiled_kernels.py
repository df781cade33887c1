"""The emitted source runs as plain Python too, and gives what the machine code gives."""

import numpy as np
import pytest
from engine_cells import ADAPTIVE, CATALOGUE, COMPILED, FIXED, step_of

from mnexcite import simulate
from mnexcite.kernels import compiled

#: Each method with two cells in turn, so that each cell meets three or four methods.
PAIRS = [
    (name, method)
    for i, name in enumerate(CATALOGUE)
    for k, method in enumerate(COMPILED)
    if (i + k) % 2
]


def computed():
    """Return status, states and samples of short runs, by cell and method."""
    found = {}
    for name, method in PAIRS:
        cell = CATALOGUE[name]
        sizes = [(p, v.value) for p, v in cell.parameters.items() if p.endswith(".g")][:2]
        run = simulate(
            cell,
            step_of(name, start=0.0131),
            duration=0.2,
            every=0.05,
            parameters={path: [x, 1.1 * x, 0.9 * x] for path, x in sizes},
            record=("v",),
            method=method,
            threads=1,
            **({"dt": 0.01} if method in FIXED else {}),
        )
        state = run.final_state
        found[f"{name} {method}"] = [
            list(run.status),
            state.raw.tolist(),
            state.values.tolist(),
            run["v"].tolist(),
        ]
    return found


def test_uncompiled_and_compiled_agree(monkeypatch):
    machine, before = computed(), compiled.compilations()
    monkeypatch.setenv("MNEXCITE_UNCOMPILED", "1")
    plain = computed()
    assert compiled.compilations() == before
    assert len(plain) == len(PAIRS) == len(CATALOGUE) * len(COMPILED) // 2
    for key, (status, raw, values, v) in machine.items():
        assert plain[key][0] == status == ["ok"] * 3
        # the same operations; only exp and fma may round differently, some dozen times
        np.testing.assert_allclose(plain[key][2], values, rtol=1e-12, atol=1e-12, err_msg=key)
        np.testing.assert_allclose(plain[key][3], v, rtol=1e-12, atol=1e-12, err_msg=key)
        # an error estimate is a small difference of large numbers, and sets how long steps are
        rounding = 1e-9 if key.endswith(ADAPTIVE) else 1e-12
        np.testing.assert_allclose(plain[key][1], raw, rtol=rounding, atol=rounding)


@pytest.mark.parametrize("method", COMPILED)
def test_spikes_and_failures_of_the_uncompiled_kernel(method, monkeypatch):
    cell = CATALOGUE["HH"]
    good, bad = step_of("HH", 40.0), step_of("HH", 1e6, start=1.0)
    worse = step_of("HH", 1e308, start=0.5)
    options = {"duration": 2.0, "every": 0.5, "record": ("v",), "threads": 1}
    if method in FIXED:
        options["dt"] = 0.02
    with pytest.warns(match="did not end well"):
        machine = simulate(cell, [good, bad, worse], method=method, **options)
    with monkeypatch.context() as patch:
        patch.setenv("MNEXCITE_UNCOMPILED", "1")
        with pytest.warns(match="did not end well"), np.errstate(all="ignore"):
            plain = simulate(cell, [good, bad, worse], method=method, **options)
    # the last one overflows, and rounding decides in which operation first
    assert plain.status[:2] == machine.status[:2] and plain.status[2] != "ok"
    assert machine.status[0] == "ok" and "ok" not in machine.status[1:]
    assert len(machine.spike_times[0]) == 1
    np.testing.assert_allclose(plain.spike_times[0], machine.spike_times[0], rtol=1e-12)
    np.testing.assert_allclose(plain.ended[:2], machine.ended[:2], rtol=1e-12)
    np.testing.assert_allclose(plain["v"][0], machine["v"][0], rtol=1e-12)
