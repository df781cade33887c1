import pickle
import re
import subprocess
import sys

import pytest

from mnexcite import measures
from mnexcite.errors import InputError
from mnexcite.measures import Experiment, Measure

NAMES = {
    "count", "rate", "mean_rate", "last_rate", "latency", "cv", "adaptation", "doublets",
    "phase", "voltage", "spike_shape", "force", "contraction",
    "rheobase", "strength_duration", "fi_slope", "ramp", "self_sustained", "bistability",
    "fasciculations", "refractory", "basin", "release", "escape", "passive", "ahp",
}  # fmt: skip


def test_every_measure_by_its_name():
    assert set(measures.BUILT_IN) == NAMES
    for name in NAMES:
        assert isinstance(measures.find(name), Measure | Experiment)
        assert measures.BUILT_IN[name] is getattr(measures, name)
        assert name in measures.__all__


def test_what_is_no_name_is_passed_on():
    for measure in (measures.rate(), measures.rheobase()):
        assert measures.find(measure) is measure


def test_outputs_are_named_once_and_described():
    rows = measures.describe()
    names = [row.output for row in rows]
    assert len(set(names)) == len(names)
    assert {row.measure for row in rows} == NAMES
    assert all(row.unit and row.meaning for row in rows)
    assert all(re.fullmatch(r"[a-z_]+([0-9.]+(ms)?)?", name) for name in names)


def test_every_flag_can_say_that_the_run_failed():
    for row in measures.describe():
        if row.flags:
            assert row.flags[-1] == "failed"
            assert all(re.fullmatch(r"[a-z_]+", flag) for flag in row.flags)
        assert row.output.endswith("_status") <= bool(row.flags)


def test_only_the_phase_keeps_spikes():
    found = [measures.find(name) for name in NAMES]
    kept = [m.outputs[0].name for m in found if isinstance(m, Measure) and m.spikes_kept]
    assert kept == ["phase"]


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_measure_can_be_sent_to_another_process(name):
    measure = measures.find(name)
    assert pickle.loads(pickle.dumps(measure)).outputs == measure.outputs


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("rat", "no measure is named 'rat'; did you mean 'rate'"),
        ("zzz", "no measure is named 'zzz'; allowed: count, rate, .*, escape$"),
        (measures.rate, r"a measure is rate; allowed: .* what measures\.rate\(\) returns"),
        (3, "a measure is int; allowed: a name"),
        (None, "a measure is NoneType; allowed: a name"),
    ],
)
def test_an_unknown_measure_is_refused_in_one_line(given, said):
    with pytest.raises(InputError, match=said) as error:
        measures.find(given)
    assert "\n" not in str(error.value)


def test_the_room_loads_nothing_heavy():
    heavy = ("numba", "scipy", "xarray", "zarr", "matplotlib", "dask")
    code = f"import sys, mnexcite.measures; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
