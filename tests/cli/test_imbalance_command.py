import json
import tomllib

import numpy as np
import pytest
import xarray
from PIL import Image

import mnexcite
from mnexcite import config, muscle, simulation
from mnexcite.errors import Interrupted
from mnexcite.spikes import read_csv


@pytest.fixture(scope="module")
def main_job(tmp_path_factory):
    """The main job, once: its result and its folder."""
    from typer.testing import CliRunner

    from mnexcite.cli.app import app

    out = tmp_path_factory.mktemp("main") / "imbalance"
    return CliRunner().invoke(app, ["imbalance", "--out", str(out)]), out


def test_main_job_tells_the_story_in_words(main_job):
    done, _ = main_job
    assert done.exit_code == 0
    assert done.stderr == ""
    said = " ".join(done.stdout.split())
    assert "Healthy: silent; the muscle stays at rest." in said
    assert "fires by itself at 10.3 Hz" in said
    assert "a sustained, incompletely fused contraction." in said
    assert "This is not yet a clinical cramp: this cell does not latch." in said
    assert "has no stable rest" in said


def test_main_job_has_the_known_numbers(main_job):
    done, _ = main_job
    rows = {
        cells[1].strip(): [cell.strip() for cell in cells[2:4]]
        for line in done.stdout.splitlines()
        if len(cells := line.split("│")) == 5
    }
    healthy, sick = rows["Rate [Hz]"]
    assert healthy == "0.00"
    # 10.27 Hz from an independent solver; the default method is good to 1 %
    assert float(sick) == pytest.approx(10.27, rel=0.01)
    # T 90 ms at 10.27 Hz by the rate form of Potvin & Fuglevand 2017: 79 % of fused; less
    # here by the rise in the first second of ten
    steady = 100.0 * (1.0 - np.exp(-2.0 * (0.09 * 10.27) ** 3))
    assert steady - 3.0 < float(rows["Mean force [% of fused]"][1]) < steady
    assert rows["Status"] == ["ok", "ok"]
    assert rows["Fusion index"][0] == "- (no spikes)"


def test_main_job_writes_what_it_says(main_job):
    done, out = main_job
    names = [
        "imbalance.png",
        "healthy.zarr",
        "sick.zarr",
        "force.zarr",
        "spikes.csv",
        "sick.toml",
    ]
    assert f"Written to {out}: {', '.join(names)}\n" in done.stdout
    assert sorted(path.name for path in out.iterdir()) == sorted(names)


def test_saved_data_agree_with_each_other(main_job):
    _, out = main_job
    sick = mnexcite.load(out / "sick.zarr")
    assert isinstance(sick, simulation.Recording)
    trains = read_csv(out / "spikes.csv")
    assert trains.names == ("healthy", "sick")
    np.testing.assert_array_equal(trains["sick"], sick.spike_times)
    with xarray.open_zarr(out / "force.zarr", consolidated=False) as stored:
        forces = stored.load()
    assert forces["name"].values.tolist() == ["healthy", "sick"]
    again = muscle.contract(sick, muscle.slow_unit())
    np.testing.assert_array_equal(forces["force"].values[1], again.force)
    assert forces["force"].attrs["long_name"] == "force, fraction of fused force"


def test_description_of_the_sick_run_repeats_it(main_job):
    _, out = main_job
    sick = mnexcite.load(out / "sick.zarr")
    assert isinstance(sick, simulation.Recording)
    again = config.run(config.load(out / "sick.toml")).recording
    np.testing.assert_array_equal(again.spike_times, sick.spike_times)


def test_figure_is_a_small_picture_of_both_cases(main_job):
    _, out = main_job
    image = np.asarray(Image.open(out / "imbalance.png").convert("RGB")).astype(int)
    assert image.shape == (1080, 1920, 3)
    for color in ((0, 114, 178), (213, 94, 0)):
        assert np.sum(np.all(np.abs(image - color) < 30, axis=2)) > 1000
    assert (out / "imbalance.png").stat().st_size < 400_000


def test_preset_gives_twitches_and_says_so(command):
    done = command("imbalance", "--preset", "als_early", "--duration", "4", "--no-figure")
    said = " ".join(done.stdout.split())
    assert "Sick (als_early): fires by itself at 5." in said
    assert "unfused, fasciculation-like twitches" in said
    assert "This is no cramp: the force is not held" in said


def test_options_change_the_sick_cell_only(command, tmp_path):
    options = (
        "--nap",
        "1.5",
        "--k",
        "1",
        "--k-o",
        "5",
        "--temperature",
        "36",
        "--unit",
        "fast",
    )
    done = command("imbalance", *options, "--duration", "0.2", "--no-figure", "--out", "x")
    assert done.exit_code == 0
    assert "and a fast unit, 0.2 s; sick: NaP x1.5, K_o 5 mM, 36 degC" in done.stdout
    wanted = tomllib.loads((tmp_path / "x" / "sick.toml").read_text())
    assert wanted["cell"]["scaled"] == {"NaP.g": 1.5, "K.g": 1.0}
    assert wanted["conditions"] == {"electrolytes": {"K_o": 5.0}, "temperature": 36.0}
    healthy = mnexcite.load(tmp_path / "x" / "healthy.zarr")
    assert healthy.cell.parameters == mnexcite.cells.purvis_butera_2005().parameters


def test_other_cells_are_named_for_what_they_are(command):
    said = " ".join(
        command(
            *("imbalance", "--cell", "hodgkin_huxley_1952", "--duration", "1", "--no-figure")
        ).stdout.split()
    )
    assert "hodgkin_huxley_1952 has no NaP.g above 0, so that is not scaled." in said
    assert "the giant axon of a squid, not a motor neuron" in said
    assert "sick: K x0.5" in said


def test_cell_without_anything_to_scale(command, tmp_path):
    (tmp_path / "own_cell.py").write_text(
        "import mnexcite as mx\n"
        "def leaky():\n"
        "    leak = mx.Channel('leak', g=0.1, E=-65.0)\n"
        "    return mx.Cell('leaky', mx.Compartment('soma', C=1.0, channels=[leak],"
        " initial={'v': -65.0}))\n"
    )
    done = command("imbalance", "--cell", "own_cell:leaky")
    assert done.exit_code == 2
    assert "has neither NaP.g nor K.g to scale" in done.stderr


def test_second_run_replaces_the_first_and_nothing_else(command, tmp_path):
    command("imbalance", "--duration", "0.2", "--no-figure")
    (tmp_path / "imbalance" / "notes.txt").write_text("mine")
    done = command("imbalance", "--duration", "0.3", "--no-figure")
    assert done.exit_code == 0
    assert (tmp_path / "imbalance" / "notes.txt").read_text() == "mine"
    healthy = mnexcite.load(tmp_path / "imbalance" / "healthy.zarr")
    assert healthy.duration == 300.0


def test_folder_of_another_kind_is_not_replaced(command, tmp_path):
    (tmp_path / "imbalance" / "force.zarr").mkdir(parents=True)
    done = command("imbalance", "--duration", "0.2", "--no-figure")
    assert done.exit_code == 2
    assert "is no Zarr folder" in done.stderr


def test_interrupt_keeps_what_was_computed(command, tmp_path, monkeypatch):
    real = config.run

    def stopped(given, progress=None):
        if given.cell.scaled:
            raise Interrupted("stopped", real(given, progress).recording)
        return real(given, progress)

    monkeypatch.setattr(config, "run", stopped)
    done = command("imbalance", "--duration", "0.2", "--no-figure")
    assert done.exit_code == 130
    assert done.stderr == "mnexcite: interrupted; what was computed is in imbalance\n"
    assert mnexcite.load(tmp_path / "imbalance" / "sick.zarr").status == "ok"
    assert (tmp_path / "imbalance" / "spikes.csv").exists()


def test_failed_run_ends_with_code_3_and_says_so(command, tmp_path):
    cell = mnexcite.cells.hodgkin_huxley_1952()
    cell = cell.replaced({"leak.E": 500.0, "leak.g": 100.0})
    cell.save(str(tmp_path / "wild.json"))
    done = command("imbalance", "--cell", "wild.json", "--duration", "0.1")
    assert done.exit_code == 3
    assert "out of range" in done.stdout
    assert "the run failed" in done.stdout
    assert done.stderr.startswith("mnexcite: warning: 1 of 1 lanes did not end well")
    assert (tmp_path / "imbalance" / "imbalance.png").exists()


def test_json_of_a_cell_is_the_cells_own_numbers(command):
    done = command("cells", "show", "molkov_2025", "--json")
    numbers = json.loads(done.stdout)["parameters"]
    assert {p: n["value"] for p, n in numbers.items()} == {
        p: n.value for p, n in mnexcite.cells.molkov_2025().parameters.items()
    }


def test_a_drug_that_quiets_the_cell_is_told_and_kept(command, tmp_path):
    """Mexiletine at a clinical concentration stops what the default factors began."""
    options = ("--drug", "mexiletine=8", "--duration", "5", "--no-figure", "--out")
    done = command("imbalance", *options, str(tmp_path / "out"))
    said = " ".join(done.stdout.split())
    assert done.exit_code == 0 and "sick: NaP x2, K x0.5, mexiletine 8 uM" in said
    # DOP853 at 1e-9: 26 spikes at 6.083 Hz, the last at 4155.8 ms
    assert "fires by itself at 6.1 Hz, and stops after 4.2 s" in said
    assert "twitches that do not last" in said
    written = tomllib.loads((tmp_path / "out" / "sick.toml").read_text())
    assert written["conditions"]["drugs"] == {"mexiletine": 8.0}
    again = config.build_cell(config.load(tmp_path / "out" / "sick.toml"))
    assert again.parameters["NaP.late.c"].value == 8.0


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("mexiletin=8", "--drug is 'mexiletin'; did you mean 'mexiletine'?"),
        ("mexiletine", "--drug is 'mexiletine'; allowed: a name and its free concentration"),
        ("retigabine=1", "retigabine changes nothing in cell purvis_butera_2005"),
        ("mexiletine=-1", "--drug mexiletine is -1.0 uM; allowed: 0 or more"),
    ],
)
def test_drugs_that_are_refused(command, given, said):
    done = command("imbalance", "--drug", given, "--no-figure")
    assert done.exit_code == 2 and said in " ".join(done.stderr.split())


def test_a_cramp_is_set_off_by_stimuli_and_ends(command, tmp_path):
    """The cell that cramps: healthy it stops with the stimuli, facilitated 20 s later."""
    cell = ("--cell", "cramping_motoneuron", "--facilitation", "1.65", "--train", "30")
    done = command("imbalance", *cell, "--duration", "32", "--no-figure", "--out", "out")
    said = " ".join(done.stdout.split())
    assert done.exit_code == 0 and done.stderr == ""
    assert "Healthy: follows the stimuli and stops with them" in said
    assert "Sick (facilitation 1.65): fires on after the stimuli, from 17 to 6 Hz" in said
    assert "and stops after 20 s; the muscle gives a contraction that outlasts them" in said
    assert "This is the cramp of one motor unit" in said and "assumed" in said
    written = tomllib.loads((tmp_path / "out" / "sick.toml").read_text())
    assert written["run"]["initial"] == {"facilitation": 1.65}
    assert written["stimulus"][0]["rate"] == 30.0
    still = command("imbalance", "--train", "30", "--nap", "1", "--k", "1", "--no-figure")
    assert "This is no cramp: nothing outlasts the stimuli." in " ".join(still.stdout.split())


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--preset", "hyper"), "--preset is 'hyper'; did you mean 'hyperkalaemia'?"),
        (("--facilitation", "1"), "has no facilitation; choose --cell cramping_motoneuron"),
        (("--train", "30", "--duration", "8"), "--train lasts until 9 s; allowed: more"),
        (("--train", "0"), "--train is 0.0 Hz; allowed: above 0, below 1000"),
    ],
)
def test_cramps_that_are_refused(command, options, said):
    done = command("imbalance", *options, "--no-figure")
    assert done.exit_code == 2 and said in " ".join(done.stderr.split())
