import csv
import io
import os
import subprocess
import sys
import time

import numpy as np
import pytest
import xarray

import mnexcite
from mnexcite import cells, muscle
from mnexcite.cli import checks
from waiting import interrupt

RUN = """
[cell.scaled]
"NaP.g" = 2
"K.g" = 0.5
[run]
duration = 500
record = ["v", "NaP.i"]
[muscle]
"""
BARE = f'{RUN}[output]\nfigure = ""\n'


# simulate


def test_simulate_writes_recording_spikes_force_and_figure(command, tmp_path):
    (tmp_path / "own.toml").write_text(RUN)
    done = command("simulate", "own.toml")
    assert done.exit_code == 0
    assert "Written to own: run.png, run.zarr, spikes.csv, force.zarr" in done.stdout
    rec = mnexcite.load(tmp_path / "own" / "run.zarr")
    assert set(rec.data) == {"v", "NaP.i"}
    with xarray.open_zarr(tmp_path / "own" / "force.zarr", consolidated=False) as force:
        np.testing.assert_array_equal(
            force["force"].values, muscle.contract(rec, muscle.slow_unit()).force
        )


def test_simulate_puts_results_where_the_file_or_the_option_says(command, tmp_path):
    (tmp_path / "sub").mkdir()
    text = '[run]\nduration = 20\n[output]\nfolder = "results"\nfigure = ""\n'
    (tmp_path / "sub" / "own.toml").write_text(text)
    assert command("simulate", "sub/own.toml").exit_code == 0
    assert sorted(p.name for p in (tmp_path / "sub" / "results").iterdir()) == [
        "run.zarr",
        "spikes.csv",
    ]
    assert command("simulate", "sub/own.toml", "--out", "here").exit_code == 0
    assert (tmp_path / "here" / "run.zarr").exists()


def test_simulate_tells_the_error_that_was_asked_for(command, tmp_path):
    text = BARE.replace("duration = 500", "duration = 150\nspike_error = 0.01")
    (tmp_path / "own.toml").write_text(text)
    done = command("simulate", "own.toml")
    assert done.exit_code == 0
    rec = mnexcite.load(tmp_path / "own" / "run.zarr")
    assert rec.spike_times.size
    assert rec.spike_error <= 0.01
    assert f"{rec.spike_error:.1e}" in done.stdout
    assert "Error of spike times [ms]" in " ".join(done.stdout.split())


def test_simulate_with_fixed_steps(command, tmp_path):
    text = BARE.replace("[run]", '[run]\nmethod = "staggered"\ndt = 0.01')
    (tmp_path / "own.toml").write_text(text)
    done = command("simulate", "own.toml")
    assert done.exit_code == 0
    rec = mnexcite.load(tmp_path / "own" / "run.zarr")
    assert (rec.method, rec.dt, rec.tolerance) == ("staggered", 0.01, None)
    assert "Error of spike times" not in done.stdout


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[run]\nduratoin = 1", "own.toml: [run] unknown key 'duratoin'; did you mean"),
        ("[run", "own.toml is not TOML"),
        ('[run]\nrecord = ["w"]', "own.toml: [run] record names 'w'"),
        ('[output]\nfigure = "run.gif"', "own.toml: [output] figure"),
    ],
)
def test_simulate_refuses_a_faulty_file_before_any_work(command, tmp_path, text, said):
    (tmp_path / "own.toml").write_text(text)
    done = command("simulate", "own.toml")
    assert done.exit_code == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert not list(tmp_path.glob("own/*"))


def test_simulate_with_a_failed_run_saves_it_and_ends_with_3(command, tmp_path):
    (tmp_path / "own.toml").write_text(
        'cell.name = "hodgkin_huxley_1952"\nrun = {duration = 50}\n'
        '[[stimulus]]\nshape = "step"\namplitude = 1e5\nunit = "uA/cm2"\n'
    )
    done = command("simulate", "own.toml")
    assert done.exit_code == 3
    assert "out of range" in done.stdout
    assert mnexcite.load(tmp_path / "own" / "run.zarr").status == "out_of_range"


LONG = "[run]\nduration = 1e10\nrecord = []\n"
WORDS = {
    "mnexcite: interrupted; what was computed is in long\n": "interrupted",
    "mnexcite: interrupted before anything was computed\n": None,
}


def pressed_after(seconds, folder, python=(sys.executable,)):
    """Press Ctrl-C some time after the program's start; return what is saved, None for nothing.

    What runs before its `main` is the interpreter's own.
    """
    program = (
        "import os, mnexcite.cli\nmnexcite.cli.stopping.end_at_once()\n"
        "os.write(1, b'main\\n')\nmnexcite.cli.main()"
    )
    folder.mkdir()
    (folder / "long.toml").write_text(LONG)
    with subprocess.Popen(
        [*python, "-c", program, "simulate", "long.toml"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.readline() == "main\n"
        time.sleep(seconds)
        _, said = interrupt(process)
    assert process.returncode == 130
    assert said in WORDS
    if WORDS[said] is None:
        assert [entry.name for entry in folder.iterdir()] == ["long.toml"]
        return None
    return mnexcite.load(folder / "long" / "run.zarr").status


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT to send")
def test_ctrl_c_at_any_moment_is_one_line_and_leaves_nothing_half_written(tmp_path, forked):
    """While it imports, and while it reads, compiles and runs, until there is a run."""
    moments = [0.01 * 1.8**k for k in range(18)]
    for moment in filter(lambda moment: moment < 1.0, moments[::2]):
        pressed_after(moment, tmp_path / f"{moment:.4f}")
    found = (pressed_after(moment, tmp_path / f"f{moment:.4f}", forked) for moment in moments)
    assert next(filter(None, found)) == "interrupted"


def test_the_recording_is_saved_before_the_force_is_computed(command, tmp_path, monkeypatch):
    def stopped(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(muscle, "contract", stopped)
    (tmp_path / "own.toml").write_text(RUN)
    done = command("simulate", "own.toml")
    assert done.exit_code == 130
    assert done.stderr == "mnexcite: interrupted; what was computed is in own\n"
    assert mnexcite.load(tmp_path / "own" / "run.zarr").status == "ok"


# contract


@pytest.mark.parametrize(
    ("text", "options", "written"),
    [
        ("time_s\n0.1\n0.2\n0.3\n", (), "contract.png, force.zarr"),
        *(
            (text, (*options, "--no-figure"), "force.zarr")
            for text, options in (
                ("100\n200\n300\n", ("--column-unit", "ms")),
                ("0,3\n0,1\n0,2\n", ("--column-unit", "s", "--decimal", ",", "--sort")),
                ("-0.9\n-0.8\n-0.7\n", ("--column-unit", "s", "--offset", "1000")),
            )
        ),
    ],
)
def test_contract_reads_what_a_laboratory_has(command, tmp_path, text, options, written):
    (tmp_path / "lab.csv").write_text(text)
    done = command("contract", "lab.csv", "--unit", "thenar", "--duration", "1", *options)
    assert done.exit_code == 0, done.stderr
    assert f"Written to contract: {written}\n" in done.stdout
    expected = muscle.contract([100.0, 200.0, 300.0], muscle.thenar_unit(), duration=1000.0)
    with xarray.open_zarr(tmp_path / "contract" / "force.zarr", consolidated=False) as force:
        # the same to the rounding of the decimal numbers in the file
        np.testing.assert_allclose(force["force"].values[0], expected.force, atol=1e-12)


def test_contract_reads_nwb(command, tmp_path):
    from datetime import UTC, datetime

    from pynwb import NWBHDF5IO, NWBFile

    nwb = NWBFile("spikes", "one", datetime(2020, 1, 1, tzinfo=UTC))
    nwb.add_unit(spike_times=[0.1, 0.2])
    nwb.add_unit(spike_times=[0.15])
    with NWBHDF5IO(path=str(tmp_path / "lab.nwb"), mode="w") as io:
        io.write(nwb)
    done = command("contract", "lab.nwb", "--no-figure")
    assert done.exit_code == 0, done.stderr
    assert "too few spikes" in " ".join(done.stdout.split())


def test_contract_tells_what_a_muscle_of_the_units_does(command, tmp_path):
    cramp = [5.0 + 0.05 * i for i in range(60)]  # 20 Hz from 5 s to 7.95 s
    lines = ["unit,time_s", "MU1,1.0", "MU2,2.5", "MU2,2.51", *(f"MU1,{t}" for t in cramp)]
    path = tmp_path / "units.csv"
    path.write_text("\n".join([*lines, "MU1,12.0"]))
    out = tmp_path / "out"
    done = command("contract", str(path), "--emg", "--duration", "15", "--out", str(out))
    assert done.exit_code == 0, done.output
    said = " ".join(done.stdout.split())
    # of 15 s 2.95 s are a cramp: three fasciculations in 12.05 s
    assert f"Fasciculations: {3 * 60 / 12.05:.1f} per minute" in said
    assert "Cramp from 5.0 s to 8.0 s: 1 units at 20 Hz" in said
    assert "Assumed: forces of units by their order" in said
    assert sorted(each.name for each in out.iterdir()) == ["contract.png", "muscle.zarr"]
    ds = xarray.open_zarr(out / "muscle.zarr", consolidated=False)
    assert ds["unit"].values.tolist() == ["MU1", "MU2"]
    assert float(np.abs(ds["emg"]).max()) > 0.0
    assert ds["force"].sizes["time"] == 15_000
    refused = command("contract", str(path), "--emg", "--unit", "fast")
    assert refused.exit_code == 2
    assert "no --unit, --discard or --every" in refused.stderr


def test_contract_lists_a_limited_number_of_trains(command, tmp_path):
    rows = "".join(f"MU{i},{0.1 + i / 1000}\n" for i in range(50))
    (tmp_path / "lab.csv").write_text("unit,time_s\n" + rows)
    done = command("contract", "lab.csv", "--no-figure")
    assert "... and 10 more" in " ".join(done.stdout.split())
    assert "MU39" in done.stdout
    assert "MU40" not in done.stdout


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0.1\n0.2\n", "unit"),
        ("time_s\n", "holds no spike"),
        ("time_s\n0.2\n0.1\n", "ascending"),
    ],
)
def test_contract_refuses_a_faulty_file(command, tmp_path, text, said):
    (tmp_path / "lab.csv").write_text(text)
    done = command("contract", "lab.csv")
    assert done.exit_code == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        ("10\n20\n", (), "give --column-unit s or --column-unit ms, or --rate of the"),
        ("0.1,0.2\n0.3,0.4\n", (), "give --layout wide (one column per train), 'rows'"),
        ("time_s\n0.2\n0.1\n", (), "give --sort"),
        ("0,1,2\n.1,.2,.3\n", (), "give --header or --no-header"),
        ("a_s,b_s\n.1,.2\n.2,0\n", (), "give --zeros padding to leave"),
        ("0\n1\n0\n0\n1\n", (), "give --rate [Hz], such as --rate 2048"),
        ("a;b\n0,5;0,7\n", ("--column-unit", "s"), "give --decimal , for decimal commas"),
        (
            "time_ms\n0.1\n0.2\n0.3\n",
            (),
            "in the header: s (10 Hz); or give --fastest",
        ),
        ("time_s\n-1\n", (), "give --offset 1000 [ms]"),
        ("time_ms\n1\n", ("--column-unit", "s"), "and --column-unit s was given"),
    ],
)
def test_contract_asks_in_the_words_of_the_command_line(command, tmp_path, text, options, said):
    (tmp_path / "lab.csv").write_text(text)
    done = command("contract", "lab.csv", *options)
    assert done.exit_code == 2
    assert said in done.stderr
    assert "=" not in done.stderr


def test_contract_takes_samples_zeros_and_other_formats(command, tmp_path):
    (tmp_path / "lab.csv").write_text("205,410\n410,0\n614,0\n")
    options = ("--rate", "2048", "--zeros", "padding", "--layout", "wide", "--no-figure")
    done = command("contract", "lab.csv", *options)
    assert done.exit_code == 0, done.stderr
    (tmp_path / "lab.json").write_text('{"MUPULSES": [[205, 410, 614]], "FSAMP": 2048}')
    done = command("contract", "lab.json", "--no-figure")
    assert done.exit_code == 0, done.stderr
    done = command("contract", "lab.json", "--layout", "wide")
    assert "--layout is given and lab.json says it itself" in done.stderr


# cells


def test_cells_lists_the_catalogue(command):
    listed = command("cells").stdout
    assert all(name in listed for name in cells.CATALOGUE)
    assert command("cells", "list").stdout == listed


@pytest.mark.parametrize("name", cells.CATALOGUE)
def test_show_has_every_number(command, name, monkeypatch):
    numbers = cells.CATALOGUE[name]().parameters
    rows = [line.split("│") for line in command("cells", "show", name).stdout.splitlines()]
    shown = {r[1].strip(): [cell.strip() for cell in r[2:6]] for r in rows if len(r) == 7}
    assert list(shown) == list(numbers)
    for path, number in numbers.items():
        value, unit, status, _ = shown[path]
        # nine digits are shown
        assert float(value) == pytest.approx(number.value, rel=1e-8)
        assert (unit, status) == (number.unit, number.status)


def test_wide_terminals_see_sources_in_full(command, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    done = command("cells", "show", "purvis_butera_2005")
    assert "Purvis & Butera 2005, J Neurophysiol 93:723" in done.stdout
    assert "[1]" not in done.stdout


def test_csv_reads_back_to_the_bit(command):
    rows = list(
        csv.DictReader(io.StringIO(command("cells", "show", "molkov_2025", "--csv").stdout))
    )
    numbers = cells.molkov_2025().parameters
    assert {row["path"]: float(row["value"]) for row in rows} == {
        path: number.value for path, number in numbers.items()
    }
    assert {row["path"]: row["source"] for row in rows} == {
        path: number.source for path, number in numbers.items()
    }


def test_show_takes_a_cell_of_ones_own(command, tmp_path):
    (tmp_path / "my_cells.py").write_text(
        "import mnexcite as mx\n"
        "def mine():\n"
        "    return mx.cells.hodgkin_huxley_1952().scaled({'Na.g': 2})\n"
    )
    done = command("cells", "show", "my_cells:mine")
    assert done.exit_code == 0
    assert "scaled by the user from 120" in " ".join(done.stdout.split())


# doctor


def test_doctor_finds_this_installation_sound(command):
    done = command("doctor")
    assert done.exit_code == 0, done.stdout
    assert "FAILED" not in done.stdout
    assert done.stdout.count(" ok ") == len(checks.CHECKS)
    assert "llvmlite" in done.stdout
    assert "kernels" in done.stdout


def test_doctor_ends_with_3_when_a_check_fails(command, monkeypatch):
    wrong = checks.Check("two and two", (5.0,), 0.1, lambda: np.asarray(4.0))
    monkeypatch.setattr(checks, "CHECKS", (wrong,))
    done = command("doctor")
    assert done.exit_code == 3
    assert "FAILED" in done.stdout


@pytest.mark.parametrize("got", [[1.0], [1.0, np.nan], [1.0, 2.2]])
def test_check_fails_on_missing_undefined_and_wrong_numbers(got):
    assert not checks.Check("x", (1.0, 2.0), 0.1, lambda: np.array(got)).judge()[2]


def test_clear_cache_removes_the_kernels(tmp_path):
    kernel = tmp_path / "kernels" / "staggered-0"
    kernel.mkdir(parents=True, mode=0o700)
    (kernel / "kernel.py").write_text("")
    os.chmod(tmp_path / "kernels", 0o700)
    done = subprocess.run(
        [sys.executable, "-m", "mnexcite", "doctor", "--clear-cache"],
        env={**os.environ, "MNEXCITE_CACHE_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"Removed 1 compiled kernels from {tmp_path / 'kernels'}\n"
    assert not kernel.exists()
