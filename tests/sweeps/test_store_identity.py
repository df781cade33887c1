"""How two sweeps differ is said in lines a user can act on."""

import math

import numpy as np
import pytest

from mnexcite.sweeps.store import compare
from mnexcite.sweeps.store.identity import plain


@pytest.mark.parametrize(
    ("there", "here", "lines"),
    [
        ({"a": 1}, {"a": 1.0}, []),
        ({"a": math.nan}, {"a": math.nan}, []),
        ({"a": np.float64(0.1), "b": (1, 2)}, {"a": 0.1, "b": np.array([1, 2])}, []),
        ({"a": 1}, {"a": True}, ["a is 1 there, True here"]),
        ({"a": 0.1}, {"a": 0.1 + 2e-17}, ["a is 0.1 there, 0.10000000000000002 here"]),
        ({"cell": {"NaP.g": 1.0}}, {"cell": {}}, ["cell: NaP.g is 1.0 there, absent here"]),
        ({}, {"method": "rosenbrock"}, ["method is absent there, 'rosenbrock' here"]),
        (
            {"stimulus": {"step": {"start": 0.0}}},
            {"stimulus": {"step": {"start": 5.0}}},
            ["stimulus: step.start is 0.0 there, 5.0 here"],
        ),
        ({"axis": [1, 2, 3]}, {"axis": [1, 2]}, ["axis has 3 entries there, 2 here"]),
        (
            {"axis": [1, 2, 3]},
            {"axis": [1, 5, 6]},
            ["axis[1] is 2 there, 5 here (2 of 3 differ)"],
        ),
        (
            {"axes": [{"values": [1, 2]}, {"unit": "uS"}]},
            {"axes": [{"values": [1, 3]}, {"unit": "nS"}]},
            ["axes[0].values[1] is 2 there, 3 here", "axes[1].unit is 'uS' there, 'nS' here"],
        ),
    ],
)
def test_one_line_per_difference(there, here, lines):
    assert compare(there, here) == lines


def test_eight_lines_and_the_number_of_the_others():
    there = {"cell": {f"K{i}.g": 0.0 for i in range(11)}}
    here = {"cell": {f"K{i}.g": 1.0 for i in range(11)}}
    lines = compare(there, here)
    assert len(lines) == 9 and lines[-1] == "and 3 more"
    assert len(compare({"cell": {}}, {"cell": {f"{i}": 0 for i in range(8)}})) == 8


def test_numbers_keep_their_bits():
    given = {"a": np.float64(0.1) * 3, "b": [math.inf, 5e-324], "n": np.int64(7)}
    assert plain(given) == {"a": 0.1 * 3, "b": [math.inf, 5e-324], "n": 7}
    with pytest.raises(TypeError, match="object cannot be part"):
        plain({"a": object()})
