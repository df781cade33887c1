import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnexcite.errors import InputError, StorageError
from mnexcite.spikes import SpikeTrains, read_csv, write_csv

LONG = "unit,time_s\nMU1,0.010\nMU2,0.025\nMU1,0.120\n"
PAIR = SpikeTrains.from_list([[10.0, 120.0], [25.0]], ("MU1", "MU2"))
ONE = SpikeTrains.from_list([[10.0, 25.0, 120.0]])
THREE = SpikeTrains.from_list([[10.0, 120.0], [25.0], [7.0, 8.0]])


@pytest.fixture
def read(tmp_path):
    def read_text(text, **options):
        path = tmp_path / "spikes.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_csv(path, **options)

    return read_text


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        # one column
        ("0.010\n0.025\n0.120\n", {"unit": "s"}, ONE),
        ("10\n25\n120", {"unit": "ms"}, ONE),
        ("10000\n25000\n120000\n", {"unit": "us"}, ONE),
        ("time_s\n0.010\n0.025\n.12\n", {}, ONE),
        ("time_ms\n1e1\n+25.0\n120.\n", {}, ONE),
        ("Spike time (s)\n0.010\n0.025\n0.120\n", {}, ONE),
        ("Time [ms]\r\n10\r\n25\r\n120\r\n", {}, ONE),
        ("\ufefftime/ms\n10\n25\n120\n", {}, ONE),
        ("time in seconds\n0.010\n0.025\n0.120\n", {}, ONE),
        ("times\n10\n25\n120\n", {"unit": "ms"}, ONE),
        ("# cell 7, left hand\n\n  # more\n10\n\n25\n120\n", {"unit": "ms"}, ONE),
        ("  10 \n 25\n120", {"unit": "ms"}, ONE),
        ("time_s\n0,010\n0,025\n0,120\n", {"decimal": ","}, ONE),
        ("10,25,120\n", {"unit": "ms", "layout": "single"}, ONE),
        ("10 25\n120\n", {"unit": "ms", "layout": "single"}, ONE),
        ("a b\n10\n25\n120\n", {"unit": "ms"}, SpikeTrains.from_list([ONE[0]], ("a b",))),
        # one line per spike
        (LONG, {}, PAIR),
        ("time_s,unit\n0.010,MU1\n0.025,MU2\n0.120,MU1\n", {}, PAIR),
        ("Neuron ID;Time (ms)\nMU1;10\nMU2;25\nMU1;120\n", {}, PAIR),
        ("unit\ttime\nMU1\t10\nMU2\t25\nMU1\t120\n", {"unit": "ms"}, PAIR),
        ("unit time_ms\nMU1 10\nMU2   25\nMU1 120\n", {}, PAIR),
        ("unit;time_s\nMU1;0,010\nMU2;0,025\nMU1;0,120\n", {"decimal": ","}, PAIR),
        ("mu,amplitude_uV,onset_s\nMU1,3,0.01\nMU2,4,0.025\nMU1,5,.12\n", {}, PAIR),
        ('"unit","time_s"\n"MU1",0.010\n"MU2",0.025\n"MU1",0.120\n', {}, PAIR),
        ("MU1,10\nMU2,25\nMU1,120\n", {"unit": "ms"}, PAIR),
        (
            "1,10\n2,25\n1,120\n",
            {"unit": "ms", "layout": "long"},
            SpikeTrains.from_list([[10.0, 120.0], [25.0]], ("1", "2")),
        ),
        # one column per train
        ("MU1_ms,MU2_ms\n10,25\n120,\n", {}, PAIR),
        ("MU1,MU2\n0.01,0.025\n0.12\n", {"unit": "s"}, PAIR),
        ("MU1 [s];MU2 [s]\n0.01;0.025\n0.12;NaN\n", {}, PAIR),
        ("MU1_S\tMU2_S\n0.01\t0.025\n0.12\t\n", {}, PAIR),
        ("10,25,7\n120,,8\n", {"unit": "ms"}, THREE),
        ("10,25,7\n120,NaN,8\n,nan\n", {"unit": "ms"}, THREE),
        ("10,25\n120,\n", {"unit": "ms", "layout": "wide"}, None),
        (
            "1,2\n10,25\n120,\n",
            {"unit": "ms", "header": True},
            SpikeTrains.from_list([[10.0, 120.0], [25.0]], ("1", "2")),
        ),
        (
            "MU_s,MU_f\n10,25\n120,\n",
            {"unit": "ms"},
            SpikeTrains.from_list([[10.0, 120.0], [25.0]], ("MU_s", "MU_f")),
        ),
        ("MU1_ms,MU2_ms,MU3_ms\n1,,2\n", {}, None),
    ],
)
def test_files_that_laboratories_have(read, text, options, expected):
    found = read(text, **options)
    if expected is None:
        assert min(found.counts) in (0, 1)
    else:
        assert found.names == expected.names
        assert found.counts.tolist() == expected.counts.tolist()
        # 0.12 s times 1000 is rounded once
        np.testing.assert_allclose(found.times, expected.times, rtol=2**-52)


def test_a_train_without_spikes_is_kept(read):
    found = read("MU1_ms,MU2_ms,MU3_ms\n1,,2\n")
    assert found.counts.tolist() == [1, 0, 1]


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("", {}, "is empty"),
        ("\n \n# nothing\n", {}, "is empty"),
        (",,\n,,\n", {"unit": "ms"}, "is empty"),
        ("unit,time_s\n", {}, "holds no spike times"),
        ("a_ms,b_ms\nnan,nan\n", {}, "holds no spike times"),
        ("0.01\n0.02\n", {}, "does not state one unit of time; give unit='s' or unit='ms'"),
        ("time\n0.01\n", {}, "give unit="),
        ("a_s,b_ms\n1,2\n", {}, "does not state one unit"),
        ("a_s,b\n1,2\n", {}, "does not state one unit"),
        ("time_s\n0.01\n0.0x\n", {}, "line 3 holds '0.0x'; allowed"),
        ("0.01O\n0.02\n", {"unit": "s"}, "line 1 holds '0.01O'"),
        ("time_s\n# a\n\nnan\n", {}, "line 4 holds 'nan'"),
        ("time_s\ninf\n", {}, "line 2 holds 'inf'"),
        ("time_s\n1_0\n", {}, "line 2 holds '1_0'"),
        ("time_s\n1e999\n", {}, "line 2 is too large"),
        ("time_s\n" + "x" * 500 + "\n", {}, r"line 2 holds 'x{40}\.\.\.'"),
        ("a;b\n0,5;0,7\n", {"unit": "s"}, r"line 2 holds '0,5'; .* give decimal=','"),
        ("time_s\n1.000,5\n", {"decimal": ","}, "line 2 holds"),
        (
            "time_s\n0.2\n0.1\n",
            {},
            r"line 3: the spike at 100 ms follows .* \(line 2\).*sort=True",
        ),
        (LONG + "MU1,0.05\n", {}, r"line 5: the spike of 'MU1' at 50 ms .*\(line 4\)"),
        ("time_s\n0.2\n0.2\n", {"sort": True}, "line 3: .* remove the repeat"),
        ("time_s\n-0.0125\n0.2\n", {}, r"line 2: spike times go down to -12.5 ms; .*offset=13"),
        ("time_s\n0.01\n", {"offset": -11.0}, "go down to -1 ms; .*offset=-10 "),
        ("unit,time_s\nMU1,\n", {}, "line 2 lacks a train or a time"),
        ("unit,time_s\n,3\n", {}, "line 2 lacks a train or a time"),
        ("unit,time_s\nMU1,1,2\n", {}, "line 2 has 3 columns and the header 2"),
        ("time_s,amplitude\n1,2\n", {}, "has columns time_s, amplitude; give layout="),
        ("unit,time_s,time_ms\n1,2,3\n", {}, "has columns unit, time_s, time_ms; a long file"),
        ("1,0.5\n2,0.7\n", {"unit": "s"}, "has 2 columns without a header; give layout="),
        ("1,2,3\n", {"unit": "s"}, "has 3 columns without a header; give layout="),
        ("1,2,4\n4,5,6\n", {"unit": "s"}, "has 3 columns without a header; give layout="),
        ("1,2,3\n", {"unit": "s", "layout": "long"}, "add a header such as unit,time_s"),
        ("a b c\n1 2 3\n4 5\n", {"unit": "s"}, "line 3 has 2 of 3 columns"),
        ("a_ms,b_ms\n1,2\n,nan\n3,4\n", {}, "line 3 has no number in column 2, but line 4 has"),
        (",time_s\n3,1\n", {}, "column 1 has no label"),
        ("a_s,a_s\n1,2\n", {}, "two trains are named 'a'"),
        ('unit,time_s\n"a,1\n', {}, "mend the quotes"),
        ('unit,time_s\n"a,1\nb",2\n', {}, "line 2: a quote is not closed"),
        ('unit,time_s\n"a"x,1\n', {}, "mend the quotes"),
        (b"\xff\xfe1\x000\x00", {"unit": "s"}, "is not UTF-8 text"),
        ("1\n", {"unit": "sec"}, "unit is 'sec'"),
        ("1\n", {"unit": "s", "layout": "log"}, r"layout is 'log'; did you mean 'long'"),
        ("1\n", {"unit": "s", "decimal": ";"}, "decimal is ';'"),
        ("1\n", {"unit": "s", "offset": np.nan}, "offset is nan"),
    ],
)
def test_bad_files_are_refused_in_one_line(read, text, options, message):
    with pytest.raises(InputError, match=message) as caught:
        read(text, **options)
    assert "\n" not in str(caught.value)


def test_offset_and_sort(read):
    found = read("time_s\n0.2\n-0.5\n", offset=500.0, sort=True)
    assert found[0].tolist() == [0.0, 700.0]


def test_seconds_are_never_guessed(read):
    # ten minutes of spikes at 0.1 Hz look like seconds, and are taken as said
    text = "\n".join(str(10.0 * i) for i in range(60))
    assert read(text, unit="ms")[0][-1] == 590.0
    with pytest.raises(InputError, match="give unit="):
        read(text)


def test_files_that_cannot_be_read_or_written(tmp_path):
    with pytest.raises(StorageError, match=r"cannot read .*none\.csv: No such file"):
        read_csv(tmp_path / "none.csv", unit="s")
    with pytest.raises(StorageError, match="cannot read"):
        read_csv(tmp_path, unit="s")
    with pytest.raises(StorageError, match="cannot write"):
        write_csv(PAIR, tmp_path / "no" / "folder.csv")
    with pytest.raises(InputError, match="0 trains"):
        write_csv(SpikeTrains.from_list([]), tmp_path / "x.csv")


train = st.lists(st.floats(0.0, 1e9, allow_subnormal=False), unique=True, max_size=8).map(
    sorted
)
# letters of several scripts, digits, and what CSV and the header rules give a meaning
name = st.text("aZ09é猫#,;'\" _-[]().", min_size=1, max_size=8).map(str.strip).filter(bool)


@settings(max_examples=20)
@given(st.lists(train, min_size=1, max_size=5).filter(any), st.data())
def test_written_trains_come_back_to_the_bit(arrays, data):
    n = len(arrays)
    names = data.draw(st.none() | st.lists(name, min_size=n, max_size=n, unique=True))
    held = SpikeTrains.from_list(arrays, names)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "spikes.csv")
        write_csv(held, path)
        found = read_csv(path, fastest=np.inf)
    assert found.counts.tolist() == held.counts.tolist()
    assert found.times.tolist() == held.times.tolist()
    default = None if n == 1 else tuple(f"train {i}" for i in range(n))
    assert found.names == (default if names is None else tuple(names))


@settings(max_examples=20)
@given(
    st.lists(train.filter(bool), min_size=1, max_size=4),
    st.sampled_from([",", ";", "\t", "  "]),
    st.booleans(),
    st.randoms(),
)
def test_a_long_file_in_any_order_gives_the_trains(arrays, delimiter, time_first, random):
    rows = [(f"MU{i}", repr(t)) for i, times in enumerate(arrays) for t in times]
    random.shuffle(rows)
    rows.insert(0, ("unit", "time_ms"))
    text = "\n".join(delimiter.join(row[::-1] if time_first else row) for row in rows)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "spikes.txt")
        path.write_text(text)
        found = read_csv(path, sort=True, fastest=np.inf)
    assert len(found) == len(arrays)
    for i, times in enumerate(arrays):
        assert found[f"MU{i}"].tolist() == times


@pytest.mark.parametrize(
    "text", ["time_ms\n10\n", "unit,time_ms\na,10\n", "MU1 [ms],MU2 [ms]\n10,20\n"]
)
def test_a_unit_that_the_header_contradicts_is_refused(tmp_path, text):
    path = tmp_path / "spikes.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=r"the header says '.*', and unit='s' was given;"):
        read_csv(path, unit="s")
    assert read_csv(path, unit="ms") == read_csv(path)


def test_a_trains_name_may_end_as_a_unit_does(tmp_path):
    path = tmp_path / "spikes.csv"
    path.write_text("left_s,right_s\n10,20\n")
    assert read_csv(path, unit="ms").names == ("left_s", "right_s")
