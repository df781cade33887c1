import pickle

import numpy as np
import pytest
from windows import Lane, fold

from mnexcite import measures
from mnexcite.errors import InputError
from mnexcite.measures import Point
from mnexcite.muscle import Force, contract, slow_unit

END = 300.0
TRAINS = [[10.0, 60.0, 200.0], [], [40.0]]
LANES = [Lane(train) for train in TRAINS]


def longest(point):
    gaps = np.diff(point.spike_times)
    return gaps.max() if gaps.size else np.nan


def test_a_function_of_one_point():
    found = fold(measures.per_point("longest", longest, unit="ms"), LANES, end=END)
    np.testing.assert_array_equal(found["longest"], [140.0, np.nan, np.nan])
    np.testing.assert_array_equal(found["longest_status"], [0, 1, 1])


def test_what_a_point_holds():
    seen: list[Point] = []
    measure = measures.per_point("n", lambda p: seen.append(p) or 1, unit="1", force=True)
    assert (measure.force, measure.force_samples, measure.spikes_kept) == (True,) * 3
    fold(measure, LANES, end=END, discard=50.0, edges=[55.0, 60.0, 150.5])
    for point, train in zip(seen, TRAINS, strict=True):
        assert (point.start, point.discard, point.end, point.status) == (0, 50.0, END, "ok")
        assert point.spike_times.tolist() == [t for t in train if t >= 50.0]
        assert isinstance(point.force, Force)
        # the force knows the spikes before discard too
        whole = contract(train, slow_unit(), duration=END, discard=50.0)
        np.testing.assert_array_equal(point.force.t, whole.t)
        np.testing.assert_array_equal(point.force.force, whole.force)
        assert point.force.peak == whole.peak and point.force.status == whole.status


def test_force_is_none_where_it_was_not_asked_for():
    found = fold(
        measures.per_point("none", lambda p: p.force is None, unit="1"), LANES, end=END
    )
    assert found["none"].tolist() == [1.0] * 3


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (None, "NoneType"),
        ("3", "str"),
        ([1.0], "list"),
        (np.array([1.0]), "ndarray"),
        (1j, "complex"),
        ([1, [2]], "list"),
    ],
)
def test_what_is_no_number_is_refused_by_name(value, kind):
    measure = measures.per_point("mine", lambda point: value, unit="1")
    with pytest.raises(InputError) as error:
        fold(measure, LANES, end=END)
    assert str(error.value) == (
        f"measure 'mine': its function returned {kind}; allowed: a number, NaN where it is "
        "undefined"
    )


@pytest.mark.parametrize("value", [3, 3.0, np.float32(3), np.int8(3), np.array(3.0), True + 2])
def test_numbers_of_any_kind_are_taken(value):
    found = fold(measures.per_point("mine", lambda p: value, unit="1"), LANES, end=END)
    assert found["mine"].tolist() == [3.0] * 3


def first(point):
    return point.spike_times[0]


def test_a_function_that_raises_is_named_with_its_error():
    with pytest.raises(InputError, match=r"^measure 'first': its function raised IndexError: "):
        fold(measures.per_point("first", first, unit="ms"), LANES, end=END)


def test_of_a_failed_run_nothing_is_expected():
    lanes = [Lane([7.0]), Lane([], status="non_finite")]
    found = fold(measures.per_point("first", first, unit="ms"), lanes, end=END)
    np.testing.assert_array_equal(found["first"], [7.0, np.nan])


def streamed(**changes):
    calls = {
        "start": lambda span: np.zeros(span.lanes),
        "update": lambda n, window: n + window.spikes.counts,
        "finish": lambda n, ending: np.where(n > 0, n, np.nan),
        "unit": "1",
    }
    return measures.streaming("mine", **{**calls, **changes})


def test_a_fold_over_windows():
    found = fold(streamed(), LANES, end=END, edges=[50.0, 100.0])
    np.testing.assert_array_equal(found["mine"], [3.0, np.nan, 1.0])
    np.testing.assert_array_equal(found["mine_status"], [0, 1, 0])
    measure = streamed(every=0.5, force=True)
    assert (measure.every, measure.force, measure.force_samples) == (0.5, True, True)
    assert not measure.spikes_kept


def fail(*given):
    raise ValueError("two\nlines")


@pytest.mark.parametrize("role", ["start", "update", "finish"])
def test_a_fold_that_raises_is_named_with_its_error(role):
    with pytest.raises(InputError) as error:
        fold(streamed(**{role: fail}), LANES, end=END)
    assert (
        str(error.value) == f"measure 'mine': its {role} raised ValueError: two lines; mend it"
    )


@pytest.mark.parametrize(
    "values", [[1.0], 1.0, np.zeros((3, 1)), ["a", "b", "c"], [None] * 3, [[1], [1, 2], []]]
)
def test_a_fold_that_gives_no_number_per_lane_is_refused(values):
    with pytest.raises(InputError, match=r"^measure 'mine': its finish (returned|raised)"):
        fold(streamed(finish=lambda n, ending: values), LANES, end=END)


@pytest.mark.parametrize(
    "call",
    [
        lambda: measures.per_point("my measure", longest, unit="ms"),
        lambda: measures.per_point("", longest, unit="ms"),
        lambda: measures.per_point(3, longest, unit="ms"),  # type: ignore[arg-type]
        lambda: measures.per_point("mine", longest, unit=""),
        lambda: measures.per_point("mine", longest, unit=None),  # type: ignore[arg-type]
        lambda: measures.per_point("mine", longest, unit="1", long_name=3),  # type: ignore
        lambda: measures.per_point("mine", 3, unit="1"),  # type: ignore[arg-type]
        lambda: streamed(start=None),
        lambda: streamed(update=3),
        lambda: streamed(finish="x"),
        lambda: streamed(every=0.0),
        lambda: streamed(every="x"),
    ],
)
def test_bad_arguments_are_refused_in_one_line(call):
    with pytest.raises(InputError) as error:
        call()
    assert "\n" not in str(error.value)


def test_labels():
    value, status = measures.per_point("my_rate", longest, unit="Hz").outputs
    assert (value.name, value.unit, value.long_name) == ("my_rate", "Hz", "my rate")
    assert status.name == "my_rate_status"
    named = measures.per_point("my_rate", longest, unit="Hz", long_name="a rate of mine")
    assert named.outputs[0].long_name == "a rate of mine"


def test_a_measure_travels_to_another_process():
    measure = pickle.loads(pickle.dumps(measures.per_point("longest", longest, unit="ms")))
    assert fold(measure, LANES, end=END)["longest"][0] == 140.0
