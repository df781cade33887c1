import numpy as np
import pytest

from mnexcite import cells, conditions, muscle, simulate, stimuli
from mnexcite.config import build_cell, build_stimulus, load, loads, run
from mnexcite.errors import InputError, StorageError

CURRENT = '[[stimulus]]\nshape = "sampled"\nunit = "nA"\n'


def test_run_equals_the_same_calls_to_the_bit():
    done = run(
        loads(
            """
            [cell.scaled]
            "NaP.g" = 2.0
            [cell.replaced]
            "leak.g" = 0.004
            [conditions]
            als_early = 0.5
            electrolytes = {K_o = 5.0}
            [[stimulus]]
            shape = "step"
            amplitude = 0.5
            unit = "nA"
            start = 20
            duration = 200
            [[stimulus]]
            shape = "pulse"
            amplitude = 1.0
            unit = "nA"
            [run]
            duration = 300
            record = ["v", "NaP.i"]
            [muscle]
            unit = "fast"
            every = 0.5
            """
        )
    )
    cell = (
        cells.purvis_butera_2005()
        .scaled({"NaP.g": 2.0})
        .replaced({"leak.g": 0.004})
        .under(conditions.als_early(0.5), conditions.electrolytes(K_o=5.0))
    )
    stimulus = stimuli.step(0.5, unit="nA", start=20, duration=200)
    stimulus += stimuli.pulse(1.0, unit="nA")
    rec = simulate(cell, stimulus, duration=300, record=("v", "NaP.i"))
    force = muscle.contract(rec, muscle.fast_unit(), every=0.5)
    np.testing.assert_array_equal(done.recording["v"], rec["v"])
    np.testing.assert_array_equal(done.recording["NaP.i"], rec["NaP.i"])
    np.testing.assert_array_equal(done.recording.spike_times, rec.spike_times)
    assert done.force is not None
    np.testing.assert_array_equal(done.force.force, force.force)


def test_discard_hides_spikes_but_they_pull_all_the_same():
    text = '[cell.scaled]\n"NaP.g" = 2\n"K.g" = 0.5\n[run]\nduration = 1000\n{}\n[muscle]\n'
    whole, later = run(loads(text.format(""))), run(loads(text.format("discard = 500")))
    spikes = whole.recording.spike_times
    np.testing.assert_array_equal(later.recording.spike_times, spikes[spikes >= 500.0])
    assert later.recording.discard == 500.0
    assert whole.force is not None
    assert later.force is not None
    np.testing.assert_array_equal(later.force.force, whole.force.force)
    assert later.force.mean > whole.force.mean


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ('method = "staggered"\ndt = 0.01', {"method": "staggered", "dt": 0.01}),
        ("tolerance = 1e-4", {"tolerance": 1e-4}),
        ('method = "dormand_prince"', {"method": "dormand_prince"}),
        ('method = "kaps_rentrop"', {"method": "kaps_rentrop"}),
        ("spike_error = 0.01", {"spike_error": 0.01}),
        (
            'method = "staggered"\ndt = 0.05\nspike_error = 1',
            {"method": "staggered", "dt": 0.05, "spike_error": 1.0},
        ),
    ],
)
def test_how_to_run_is_passed_on(text, options):
    current = '[[stimulus]]\nshape = "step"\namplitude = 1\nunit = "nA"\n'
    done = run(loads(f"{current}[run]\nduration = 60\n{text}"))
    rec = simulate(
        cells.purvis_butera_2005(), stimuli.step(1.0, unit="nA"), duration=60.0, **options
    )
    assert len(rec.spike_times) >= 2
    np.testing.assert_array_equal(done.recording.spike_times, rec.spike_times)
    for key in ("method", "dt", "tolerance", "spike_error"):
        assert getattr(done.recording, key) == getattr(rec, key), key


def test_progress_is_told():
    shares = []
    run(loads("[run]\nduration = 500"), shares.append)
    assert shares
    assert shares[-1] <= 1.0


@pytest.mark.parametrize(
    ("table", "options", "times", "expected"),
    [
        ("0.5\n1.0\n", "every = 10", [0, 10, 20], [0.5, 1.0, 0.0]),
        ("current_nA\n0.5\n1.0\n", "every = 10", [0, 10, 20], [0.5, 1.0, 0.0]),
        ("# lab\ntime,i\n5,0.5\n8,1.0\n", "", [0, 5, 8, 99], [0.0, 0.5, 1.0, 1.0]),
    ],
)
def test_sampled_current_from_a_file_beside_the_description(
    table, options, times, expected, tmp_path
):
    (tmp_path / "current.csv").write_text(table)
    path = tmp_path / "run.toml"
    path.write_text(f'{CURRENT}file = "current.csv"\n{options}\n')
    stimulus = build_stimulus(load(path))
    assert stimulus is not None
    assert stimulus.at(times).tolist() == expected


def test_saved_cell_beside_the_description(tmp_path):
    cell = cells.hodgkin_huxley_1952().scaled({"Na.g": 1.1})
    cell.save(str(tmp_path / "own.json"))
    path = tmp_path / "run.toml"
    path.write_text('cell.name = "own.json"')
    assert build_cell(load(path)).parameters == cell.parameters


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('cell.name = "purvis"', "[cell] no cell 'purvis'"),
        ('[cell.scaled]\n"NaQ.g" = 2', "[cell] "),
        (
            '[cell]\nscaled = {"K.g" = 2}\nreplaced = {"A.g" = 1}',
            "[cell] A.g is scaled and replaced; allowed: one of the two",
        ),
        ("[conditions]\nals_early = 9", "[conditions] als_early: strength is 9.0"),
        ("[conditions]\nelectrolytes = {K_o = -1}", "[conditions] electrolytes: K_o"),
        (
            '[[stimulus]]\nshape = "step"\namplitude = 1\nunit = "pA"',
            "[stimulus 1] step: unit is 'pA'",
        ),
        (CURRENT, "[stimulus 1] sampled: give values or file, one of the two"),
        (f'{CURRENT}values = [1.0]\nfile = "a"', "give values or file, one of the two"),
        (f'{CURRENT}file = "words.csv"', "holds something else than numbers"),
        (f'{CURRENT}file = "wide.csv"', "is no table of 1 or 2 columns"),
        ('muscle.unit = "slo"', "[muscle] unit is 'slo'; did you mean 'slow'?"),
        ("[run]\ndt = 0.01", "[run] dt is 0.01 ms, but kaps_rentrop chooses its own"),
        ('[run]\nmethod = "staggered"\ndt = 2.0', "[run] dt is 2.0 ms"),
        ("[run]\ntolerance = 1.0", "[run] tolerance is 1.0; allowed"),
        ("[run]\nspike_error = 0", "[run] spike_error is 0"),
        ('[run]\nmethod = "rosenbrok"', "did you mean 'rosenbrock'?"),
        ("[run]\ndiscard = 1000", "[run] discard is 1000 ms of 1000 ms"),
        ("[run]\ndiscard = -1", "[run] discard is -1 ms"),
        ("[run]\nduration = 0", "[run] duration is 0.0 ms"),
        ('[run]\nrecord = ["w"]', "[run] record names 'w'"),
        ("[muscle]\nevery = 0", "[muscle] every"),
    ],
)
def test_what_the_cell_or_stimulus_refuses_names_file_and_section(text, said, tmp_path):
    (tmp_path / "words.csv").write_text("i\none\n")
    (tmp_path / "wide.csv").write_text("1,2,3\n")
    path = tmp_path / "run.toml"
    path.write_text(text)
    with pytest.raises(InputError) as refused:
        run(load(path))
    assert str(refused.value).startswith(f"{path}: ")
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_missing_file_of_samples(tmp_path):
    path = tmp_path / "run.toml"
    path.write_text(f'{CURRENT}file = "nowhere.csv"')
    with pytest.raises(StorageError, match=r"cannot read .*nowhere\.csv"):
        run(load(path))
