"""The main job: three muscles, a train, a cramp, and what is said of it."""

import numpy as np
import pytest
import xarray
from PIL import Image
from typer.testing import CliRunner

from mnexcite.cli.app import app
from mnexcite.spikes import read_csv, read_nwb

SHORT = ("--units", "2", "--train", "60", "--threads", "1")


@pytest.fixture(scope="module")
def main_job(tmp_path_factory):
    out = tmp_path_factory.mktemp("main") / "cramp"
    options = ("--stretch", "0", "--follow", "2", "--nwb", "--out", str(out))
    return CliRunner().invoke(app, ["cramp", *SHORT, *options]), out


def test_main_job_tells_what_happens_and_what_it_rests_on(main_job):
    done, _ = main_job
    assert done.exit_code == 0, done.output
    said = " ".join(done.stdout.split())
    for words in ("Healthy", "als_early", "mexiletine 8 uM", "Units that cramp"):
        assert words in said
    for words in ("Published:", "Calibrated by us:", "Assumed:"):
        assert words in said


def test_main_job_writes_what_it_says(main_job):
    done, out = main_job
    names = [
        "cramp.png",
        *(
            f"{case}{end}"
            for case in ("healthy", "sick", "drug")
            for end in (".zarr", "-spikes.csv", "-spikes.nwb")
        ),
    ]
    assert sorted(path.name for path in out.iterdir()) == sorted(names)
    for name in names:
        assert name in " ".join(done.stdout.split())


def test_spikes_read_back_are_those_of_the_dataset(main_job):
    _, out = main_job
    for case in ("healthy", "sick", "drug"):
        ds = xarray.open_zarr(out / f"{case}.zarr", consolidated=False)
        trains = read_csv(out / f"{case}-spikes.csv")
        np.testing.assert_array_equal(
            np.concatenate(list(trains)), ds["terminal_spike_times"].values
        )
        nwb = read_nwb(out / f"{case}-spikes.nwb")
        np.testing.assert_allclose(nwb.times, trains.times, rtol=2**-51)
        assert ds["force"].attrs["long_name"] == "force, fraction of maximal force"
        assert float(ds["force"].min()) >= 0.0
        assert ds.attrs["status"] == "ok"


def test_figure_has_colours_of_train_force_and_electromyogram(main_job):
    _, out = main_job
    image = np.asarray(Image.open(out / "cramp.png").convert("RGB")).reshape(-1, 3).astype(int)
    for colour in ((213, 94, 0), (0, 114, 178)):
        assert (np.abs(image - colour).max(axis=1) < 12).sum() > 500


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--units", "1"), "--units is 1"),
        (("--train", "0"), "--train is 0"),
        (("--preset", "als_erly"), "--preset is 'als_erly'; did you mean 'als_early' or"),
        (("--drug", "mexiletin=3"), "did you mean 'mexiletine'?"),
        (("--drug", "mexiletine"), "allowed: a name and its free concentration in uM"),
        (("--strength", "3"), "--strength is 3"),
    ],
)
def test_cramps_that_are_refused(command, options, said):
    done = command("cramp", *options, "--no-figure")
    assert done.exit_code == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_threshold_test_gives_a_table_and_a_figure(command, tmp_path):
    done = command(
        *("ctf", "--units", "2", "--lowest", "90", "--highest", "90", "--longest", "2"),
        *("--out", str(tmp_path / "out")),
    )
    assert done.exit_code == 0
    said = " ".join(done.stdout.split())
    assert "Cramp threshold [Hz]" in said
    assert "13 +- 3 Hz" in said
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "blocked.zarr",
        "ctf.png",
        "intact.zarr",
    ]


def test_threshold_tests_that_are_refused(command):
    done = command("ctf", "--lowest", "20", "--highest", "10")
    assert done.exit_code == 2
    assert "highest is 10 Hz; allowed: lowest, 20 Hz, or more" in done.stderr
