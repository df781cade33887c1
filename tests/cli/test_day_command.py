"""`mnexcite day`: cramps of a day, with and without a drug, kept as they come."""

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from mnexcite import motor_pool as mp
from mnexcite.cli.app import app

SHORT = ("--units", "2", "--hours", "0.6", "--per-hour", "1", "--lasts", "1.2")
SHORT += ("--longest", "2", "--threads", "1")


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    out = tmp_path_factory.mktemp("day") / "day"
    return CliRunner().invoke(app, ["day", *SHORT, "--out", str(out)]), out


def test_a_day_is_told_drawn_and_kept(done):
    told, out = done
    assert told.exit_code == 0, told.output
    said = " ".join(told.stdout.split())
    for words in ("Cramps per day", "als_early", "mexiletine 8 uM", "5.3 cramps a day"):
        assert words in said
    for words in ("Published:", "Calibrated by us:", "Assumed:"):
        assert words in said
    assert sorted(each.name for each in out.iterdir()) == [
        "day.png",
        "drug.json",
        "muscle.json",
    ]
    days = [mp.load_day(out / f"{name}.json") for name in ("muscle", "drug")]
    assert [each.complete for each in days] == [True, True]
    same = [[(each.time, each.lasts) for each in found.triggers] for found in days]
    assert same[0] == same[1]
    assert len(same[0]) == 1
    image = np.asarray(Image.open(out / "day.png").convert("RGB"))
    assert len(np.unique(image.reshape(-1, 3), axis=0)) > 3


def test_the_same_command_finds_the_day_done(done):
    told, out = done
    again = CliRunner().invoke(app, ["day", *SHORT, "--no-figure", "--out", str(out)])
    assert again.exit_code == 0
    assert again.stdout.replace("day.png, ", "") == told.stdout.replace("day.png, ", "")
    other = CliRunner().invoke(app, ["day", *SHORT, "--seed", "1", "--out", str(out)])
    assert other.exit_code == 2
    assert "holds another day (not the same: seed, pool)" in other.stderr


def test_a_healthy_muscle_gets_trains(command, tmp_path):
    out = tmp_path / "day"
    options = ("--train", "40", "--preset", "none", "--drug", "none", "--muscle", "thenar")
    done = command("day", *SHORT, *options, "--no-figure", "--out", str(out))
    assert done.exit_code == 0, done.output
    said = " ".join(done.stdout.split())
    assert "trains at 40 Hz per hour, each of 1.2 s" in said
    assert "Healthy muscle" in said
    assert [each.name for each in out.iterdir()] == ["muscle.json"]
    found = mp.load_day(out / "muscle.json")
    assert found.settings["train"] == 40.0
    assert len(found.triggers) == 1
    pool = mp.muscle_pool("thenar", 2)
    assert found.fasciculations == pytest.approx(mp.expected_fasciculations(pool).sum())


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--hours", "0"), "--hours is 0"),
        (("--preset", "als_erly"), "--preset is 'als_erly'; did you mean 'als_early'"),
        (("--drug", "mexiletin=3"), "did you mean 'mexiletine'?"),
        (("--train", "0"), "--train is 0"),
        (("--muscle", "thenr"), "--muscle is 'thenr'; did you mean 'thenar'"),
    ],
)
def test_days_that_are_refused(command, options, said):
    done = command("day", *options, "--no-figure")
    assert done.exit_code == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
