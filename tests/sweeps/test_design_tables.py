import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnexcite.cells import factors
from mnexcite.errors import InputError, StorageError
from mnexcite.sweeps.designs.design import table, zipped

EXPECTED = zipped({"NaP.g": factors([1, 2.5]), "ions.K_o": [4, 4.5]})


@pytest.fixture
def read(tmp_path):
    def read_text(text, **options):
        path = tmp_path / "points.csv"
        path.write_text(text, encoding="utf-8")
        return table(path, **options)

    return read_text


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("NaP.g:factor,ions.K_o\n1,4\n2.5,4.5\n", {}),
        ("\ufeffNaP.g:factor;ions.K_o\r\n1;4\r\n2.5;4.5", {}),
        ("# made by hand\n\nNaP.g:factor\tions.K_o\n1\t4\n# and so on\n2.5\t4.5\n", {}),
        ("NaP.g:factor;ions.K_o\n1;4\n2,5;4,5\n", {"decimal": ","}),
        ('"NaP.g:factor", "ions.K_o"\n 1, 4\n25e-1 ,4.5\n', {}),
    ],
)
def test_points_are_read(read, text, options):
    found = read(text, **options)
    assert found.kind == "table" and found.axes == EXPECTED.axes


def test_units_and_joined_paths_stand_in_the_header(read):
    one, two = read("ions.K_o [mM],Kdr.g + A.g:factor\n4,1\n5,2\n").axes
    assert (one.name, one.unit) == ("ions.K_o", "mM")
    assert (two.path, two.is_factor) == (("Kdr.g", "A.g"), True)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_numbers_come_back_to_the_bit(tmp_path_factory, values):
    path = tmp_path_factory.mktemp("tables") / "points.csv"
    path.write_text("C\n" + "\n".join(map(repr, values)))
    assert table(path).axes[0].values.tobytes() == np.array(values).tobytes()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty; give a file with a header and points$"),
        ("# nothing\n", "is empty"),
        ("C\n", "has a header and no points"),
        ("1,2\n3,4\n", "line 1, column 1 is 1; allowed: a header"),
        ("C,,B\n1,2,3\n", "line 1, column 2 has no name"),
        ("C,B:x\n1,2\n", "line 1, column 2: axis is 'B:x'"),
        ("C,B,C\n1,2,3\n", "line 1, column 3 is C again"),
        ("C,B\n1,2\n3,x\n", r"line 3, column 2 \(B\) holds 'x'; allowed: a plain number$"),
        ("C;B\n1;2\n3;4,5\n", "line 3, column 2 .* give decimal=','"),
        ("C,B\n1,2\n3\n", r"line 3, column 2 \(B\) is empty"),
        ("C,B\n1,2\n,4\n", r"line 3, column 1 \(C\) is empty"),
        ("C,B\n1,nan\n", "holds 'nan'"),
        ("C,B\n1,1e999\n", r"line 2, column 2 \(B\) is too large"),
        ("C,B\n1,2,3\n", "line 2 has 3 columns and the header 2"),
        ('C,B\n"1,2\n', "line 2: .*; mend the quotes"),
        ("C,C:factor\n1,2\n", "'C' is given twice"),
    ],
)
def test_what_is_no_table_is_refused_by_line_and_column(read, text, message):
    with pytest.raises(InputError, match=message) as caught:
        read(text)
    assert "spike" not in str(caught.value)


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(StorageError, match="cannot read"):
        table(tmp_path / "none.csv")
