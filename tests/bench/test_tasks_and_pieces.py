import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnexcite import cells, stimuli
from mnexcite.bench.pieces import pieces
from mnexcite.bench.tasks import DRIVES, benchmark_work, cell_work
from mnexcite.bench.work import Work
from mnexcite.errors import InputError

HH = cells.hodgkin_huxley_1952()


@given(st.floats(0.0, 99.0), st.floats(1.0, 50.0), st.floats(-20.0, 20.0))
def test_pieces_are_the_stimulus_itself(start, length, peak):
    drive = stimuli.triangle(peak, unit="uA/cm2", start=start, duration=length)
    drive = drive + stimuli.step(3.0, unit="uA/cm2", start=40.0, duration=20.0)
    found = pieces(Work(HH, {}, drive, duration=100.0))
    assert found[0].left == 0.0
    assert found[-1].right == 100.0
    for piece, after in zip(found, [*found[1:], None], strict=True):
        assert after is None or after.left == piece.right
        t = piece.left + (piece.right - piece.left) * np.array([0.25, 0.5, 0.75])
        # two roundings of a difference of times up to 100 ms
        np.testing.assert_allclose(
            piece.offset[0] + piece.slope[0] * t, drive.at(t), rtol=1e-9, atol=1e-9
        )


def test_without_a_stimulus_there_is_one_piece_of_nothing():
    (piece,) = pieces(Work(cells.booth_rinzel_kiehn_1997(), duration=5.0))
    assert (piece.left, piece.right) == (0.0, 5.0)
    assert piece.first.tolist() == piece.slope.tolist() == [0.0, 0.0]


def test_every_cell_of_the_catalogue_has_a_drive_in_its_own_unit():
    assert set(DRIVES) == set(cells.CATALOGUE)
    for name, make in cells.CATALOGUE.items():
        assert cell_work(make(), 4).waveforms()[0] is not None, name


def test_sets_differ_by_default():
    work = cell_work(HH, 5)
    assert work.sets == 5
    assert np.ptp(work.parameters["Na.g"]) == pytest.approx(0.2 * 120.0)
    assert cell_work(HH, 1).sets == 1


def test_given_parameters_and_stimulus_are_taken():
    drive = stimuli.step(7.0, unit="uA/cm2")
    work = cell_work(HH, 2, stimulus=drive, parameters={"Kdr.g": [30.0, 36.0]})
    assert work.stimulus is drive
    assert list(work.parameters) == ["Kdr.g"]


def test_benchmark_parameters_are_those_of_the_published_grid():
    work = benchmark_work(1024)
    # set k has NaP.g = 2 k / 1023 and K.g = 10 + 30 k / 1023
    assert work.parameters["NaP.g"][512] == 2 * 512 / 1023
    assert work.parameters["K.g"][512] == pytest.approx(10 + 30 * 512 / 1023, abs=1e-13)


def test_no_sets():
    with pytest.raises(InputError, match="sets is 0"):
        cell_work(HH, 0)
