"""`mnexcite course`: a table of months, a file and a figure."""

import pandas as pd
import pytest


def test_a_course_is_told_drawn_and_written(command, tmp_path):
    out = tmp_path / "course"
    done = command(
        *("course", "--units", "3", "--months", "24,-12", "--longest", "2", "--threads", "1"),
        *("--out", str(out)),
    )
    assert done.exit_code == 0, done.output
    said = " ".join(done.stdout.split())
    for words in ("Units alive", "Strength [% of healthy]", "Assumed: the order and the speed"):
        assert words in said
    assert sorted(each.name for each in out.iterdir()) == ["course.csv", "course.png"]
    table = pd.read_csv(out / "course.csv")
    assert table["month"].tolist() == [-12.0, 24.0]
    # of three units half die in 12 months, half of those left in 24: 0.75 of one is left
    assert table["alive"].tolist() == [3, 1]
    assert table["hyperexcitable"].tolist() == [0, 1]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--months", "1,two"), "--months is '1,two'; allowed: numbers with commas between"),
        (("--months", "nan"), "--months is 'nan'"),
        (("--order", "largst"), "--order is 'largst'; did you mean 'largest'"),
        (("--half-life", "0"), "--half-life is 0"),
    ],
)
def test_courses_that_are_refused(command, options, said):
    done = command("course", *options, "--no-figure")
    assert done.exit_code == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
