"""Kernels for other processors than this one: with AVX2, and with SSE only.

AVX-512 and ARM share the same source and are not tested here.
"""

import json
import os
import subprocess

import numpy as np
import pytest
from llvmlite.binding import get_host_cpu_features

from small_cells import SOURCE

SCRIPT = (
    SOURCE
    + """
import json
from mnexcite import simulate

found = {}
for method in ("rosenbrock", "staggered"):
    run = simulate(SMALL, DRIVE, duration=60.0, method=method,
                   parameters={"NaP.g": [19.0, 20.0, 21.0]}, record=("v",), every=1.0)
    found[method] = [list(run.status), [t.tolist() for t in run.spike_times], run["v"].tolist()]
print(json.dumps(found))
"""
)
PROCESSORS = {
    "AVX2": {"MNEXCITE_CPU_NAME": "haswell", "MNEXCITE_CPU_FEATURES": "+avx,+avx2,+fma"},
    "SSE": {"MNEXCITE_CPU_NAME": "nehalem", "MNEXCITE_CPU_FEATURES": ""},
}
pytestmark = pytest.mark.skipif(
    not get_host_cpu_features().get("fma"), reason="this processor cannot run them all"
)


@pytest.fixture(scope="module")
def found(forked):
    others = {
        name: json.loads(
            subprocess.run(
                [*forked, "-c", SCRIPT],
                env={**os.environ, **settings},
                check=True,
                capture_output=True,
                text=True,
            ).stdout
        )
        for name, settings in PROCESSORS.items()
    }
    here: dict = {}
    exec(SCRIPT, here)
    return {"this one": json.loads(json.dumps(here["found"]))} | others


@pytest.mark.parametrize("method", ["rosenbrock", "staggered"])
@pytest.mark.parametrize("processor", ["AVX2", "SSE"])
def test_other_processors_agree(processor, method, found):
    status, trains, v = found[processor][method]
    here = found["this one"][method]
    assert status == here[0] == ["ok"] * 3
    # without FMA products are rounded once more, and a firing cell amplifies that a little
    for train, other in zip(trains, here[1], strict=True):
        assert len(train) > 5
        np.testing.assert_allclose(train, other, rtol=1e-11)
    np.testing.assert_allclose(v, here[2], rtol=0, atol=1e-6)


def test_kernels_of_other_processors_are_others(found):
    """Equal bits would mean that the setting was not heard."""
    assert found["SSE"]["rosenbrock"][2] != found["AVX2"]["rosenbrock"][2]
