"""What laboratories bring, as their programs write it; the times are those that went in."""

import gzip
import json

import numpy as np
import pytest
from scipy.io import savemat

from mnexcite import muscle
from mnexcite.errors import InputError, RunWarning, StorageError
from mnexcite.spikes import SpikeTrains, read

RATE = 2048
SAMPLES = [[205, 410, 620], [300, 512], [400]]
TRAINS = [[1000.0 * s / RATE for s in unit] for unit in SAMPLES]


def rows_of(trains, fill=""):
    longest = max(map(len, trains))
    return [[*train, *[fill] * (longest - len(train))] for train in trains]


def text_of(rows):
    return "".join(",".join(map(str, row)) + "\n" for row in rows)


def turned(rows):
    return [list(row) for row in zip(*rows, strict=True)]


SECONDS = [[t / 1000.0 for t in train] for train in TRAINS]
PADDED = rows_of(SECONDS)
INDEXED = [["", 0, 1, 2], *([i, *row] for i, row in enumerate(turned(PADDED)))]
EVENTS = [("205", "A"), ("300", "B"), ("410", "A"), ("620", "A")]
BITS = [[int(s in unit) for unit in SAMPLES] for s in range(700)]


def given(tmp_path, content, name="lab.csv", **options):
    path = tmp_path / name
    path.write_text(content if isinstance(content, str) else text_of(content))
    return read(path, **options)


@pytest.mark.parametrize(
    ("rows", "options", "names"),
    [
        (INDEXED, {"unit": "s", "layout": "wide"}, ("0", "1", "2")),
        ([["", "A", "B", "C"], *INDEXED[1:]], {"unit": "s"}, ("A", "B", "C")),
        ([['""', "V1", "V2", "V3"], *INDEXED[1:]], {"unit": "s", "layout": "wide"}, None),
        ([["index", "A", "B", "C"], *INDEXED[1:]], {"unit": "s"}, "ABC"),
        ([["spike", "A", "B", "C"], *INDEXED[1:]], {"unit": "s"}, "ABC"),
        ([[0, 1, 2], *turned(PADDED)], {"unit": "s", "header": True}, ("0", "1", "2")),
        (SECONDS, {"unit": "s", "layout": "rows"}, None),
        (rows_of(SECONDS, 0), {"unit": "s", "layout": "rows", "zeros": "padding"}, None),
        ([["A", *SECONDS[0]], ["B", *SECONDS[1]], ["C", *SECONDS[2]]], {"unit": "s"}, "ABC"),
        ([["unit", "t1", "t2", "t3"], *(["ABC"[i], *row] for i, row in enumerate(PADDED))],
         {"unit": "s"}, "ABC"),
        ([["A", "B", "C"], *turned(rows_of(SAMPLES))], {"rate": RATE}, "ABC"),
        (turned(rows_of(SAMPLES, 0)), {"rate": RATE, "layout": "wide", "zeros": "padding"},
         None),
        (BITS, {"rate": RATE}, None),
        ([["", 0, 1, 2], *([i, *row] for i, row in enumerate(BITS))], {"rate": RATE}, "012"),
        ([["time_s", "A", "B", "C"], *([i / RATE, *row] for i, row in enumerate(BITS))],
         {}, "ABC"),
        ([["unit", "sample"], *(("ABC"[i], s) for i, u in enumerate(SAMPLES) for s in u)],
         {"rate": RATE}, "ABC"),
        ([(s, "ABC"[i]) for i, u in enumerate(SAMPLES) for s in u], {"rate": RATE}, "ABC"),
        ([(t, i) for i, u in enumerate(SECONDS) for t in u],
         {"unit": "s", "layout": "time_first"}, "012"),
    ],
)  # fmt: skip
def test_tables_of_all_kinds(tmp_path, rows, options, names):
    found = given(tmp_path, rows, **options)
    assert found.counts.tolist() == [3, 2, 1]
    np.testing.assert_allclose(found.times, np.concatenate(TRAINS), rtol=1e-15)
    if names is not None:
        assert found.names == tuple(names)


def test_what_pandas_writes(tmp_path):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({i: pandas.Series(train) for i, train in enumerate(TRAINS)})
    frame.to_csv(tmp_path / "lab.csv")
    with pytest.raises(InputError, match=r"'wide' \(one column per train\) or 'rows'"):
        read(tmp_path / "lab.csv", unit="ms")
    found = read(tmp_path / "lab.csv", unit="ms", layout="wide")
    assert [train.tolist() for train in found] == TRAINS
    frame.T.to_csv(tmp_path / "lab.csv")
    found = read(tmp_path / "lab.csv", unit="ms", layout="rows")
    assert [train.tolist() for train in found] == TRAINS
    pandas.Series(TRAINS[0], name="time_ms").to_csv(tmp_path / "lab.csv")
    assert read(tmp_path / "lab.csv")[0].tolist() == TRAINS[0]
    frame.to_csv(tmp_path / "lab.csv", index=False)
    with pytest.raises(InputError, match=r"line 1 holds 0, 1, 2, which .* header=True or"):
        read(tmp_path / "lab.csv", unit="ms")


@pytest.mark.parametrize(
    ("rows", "options", "message"),
    [
        (SECONDS, {"unit": "s"}, "give layout='wide' .* or 'rows'"),
        ([[0.1, 0.2, 0.3], [0.2, 0.3, 0], [0.15, 0, 0]], {"unit": "s"}, "give layout='rows'"),
        ([[0.1, 0.2], [0.3, 0.4]], {"unit": "s"},
         "give layout='wide' .* 'single' .*'time_first'"),
        (INDEXED[1:], {"unit": "s", "layout": "wide"}, "column 1 counts the rows; remove it"),
        ([["a", *row] for row in INDEXED[1:]], {"unit": "s"}, "'long' .* or 'rows'"),
        ([[0.1, 1], [0.2, 2], [0.3, 1]], {"unit": "s", "layout": "long"},
         "fractions in column 1 and none in column 2.*give layout='time_first'"),
        ([["t1", "t2", "t3"], *PADDED], {"unit": "s"}, "columns t1, t2, t3; give layout="),
        ([["A", 0.1, 0.2], ["A", 0.3, 0.4]], {"unit": "s"}, "'long' .* or 'rows'"),
        ([["A", "B", "C"], *turned(rows_of(SAMPLES))], {},
         "unit='s' or unit='ms', or rate= of the samples"),
        ([["A [samples]"], [3], [400]], {}, "holds numbers of samples; give rate="),
        ([["time_s"], [3], [400]], {"rate": RATE}, "says 'time_s', and rate=2048 was given"),
        ([[0.5], [1.5]], {"rate": RATE}, "line 1 holds 0.5; allowed: whole numbers of samples"),
        ([[1], [2]], {"rate": RATE, "unit": "s"}, "unit='s' and rate=2048 are both given"),
        ([[1], [2]], {"rate": 0}, "rate is 0 Hz; allowed: above 0"),
        (BITS, {}, "give rate= "),
        (turned(BITS)[:3], {"rate": RATE}, "700 columns of 3 samples; .*turn the table"),
        ([[1, 0], [2, 1], [1, 0]], {"rate": RATE, "layout": "binary"}, "line 2 holds '2'"),
        ([[1, 0], [0], [1, 0]], {"rate": RATE, "layout": "binary"}, "line 2 has 1 of 2"),
        (turned(rows_of(SECONDS, 0)), {"unit": "s", "layout": "wide"},
         "line 3 holds a 0 below the last spike of a train; give zeros='padding' to leave"),
        (turned(rows_of(SECONDS, 0)), {"unit": "s", "layout": "wide", "sort": True}, "zeros="),
        (turned(rows_of(SECONDS, -1)), {"unit": "s"}, "if it is padding, leave the cell empty"),
        ([[1], [2]], {"unit": "ms", "zeros": "none"}, "zeros is 'none'"),
        ([["A", "B"], [0.1, 0.2], [0.2, "None"]], {"unit": "s"}, "'None'.*leave the cell"),
        ([["unit", "time"], ["A", "00:01:02.5"]], {}, "is a clock time: convert it to seconds"),
        ([["Subject 3"], ["time_s"], [0.1]], {}, r"line 2 .*'time_s'.*\(a preamble\) with #"),
        ([["Subject 3"], ["unit", "time_s"], ["A", 0.1]], {}, "start each line above the"),
        ([["time_ms"], [0.1], [0.2], [0.3]], {}, r"10000 Hz .*in the header: s \(10 Hz\); or"),
        ([[0.1], [0.2], [0.3]], {"unit": "ms"}, r"give unit='s' \(10 Hz\); or give fastest=1"),
    ],
)  # fmt: skip
def test_what_is_open_is_asked_for_in_one_line(tmp_path, rows, options, message):
    with pytest.raises(InputError, match=message) as caught:
        given(tmp_path, rows, **options)
    assert "\n" not in str(caught.value)


def test_zeros_and_rates_as_the_caller_says(tmp_path):
    rows = [[0.0, 0.1], [0.2, 0.3], [0.0, 0.4]]
    found = given(tmp_path, rows, unit="s", layout="wide", zeros="padding")
    assert found[0].tolist() == [0.0, 200.0]
    with pytest.raises(InputError, match="remove the 0 or sort the file"):
        given(tmp_path, rows, unit="s", layout="wide", zeros="spikes")
    fast = "time_ms\n1\n2\n3\n"
    assert given(tmp_path, fast, fastest=1000).counts.tolist() == [3]
    with pytest.raises(InputError, match="fastest is 0 Hz"):
        given(tmp_path, fast, fastest=0.0)


def test_whole_seconds_are_questioned(tmp_path):
    with pytest.warns(RunWarning, match="all times are whole seconds, .* check the unit"):
        assert given(tmp_path, "205\n410\n620\n", unit="s")[0][0] == 205_000.0


def test_seconds_in_contract_are_questioned():
    unit = muscle.slow_unit()
    with pytest.warns(RunWarning, match=r"train 0 fires at 10000 Hz .* seconds by 1000"):
        muscle.contract([0.1, 0.2, 0.3], unit, duration=100.0)


# programs that decompose an EMG


def packed(**more):
    """Return what openhdemg 0.1 writes: each value is JSON within the JSON."""
    held = {"SOURCE": "OTB", "MUPULSES": SAMPLES, "FSAMP": float(RATE), **more}
    return json.dumps({key: json.dumps(value) for key, value in held.items()})


def test_openhdemg(tmp_path):
    path = tmp_path / "lab.json"
    for content in (
        gzip.compress(packed().encode()),
        packed().encode(),
        json.dumps({"MUPULSES": SAMPLES, "FSAMP": RATE}).encode(),
    ):
        path.write_bytes(content)
        found = read(path)
        assert [train.tolist() for train in found] == TRAINS
        assert found.names is None
    assert read(path, offset=10.0)[2].tolist() == [TRAINS[2][0] + 10.0]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("no", "is no JSON"),
        ("[1]", "has no MUPULSES with a rate FSAMP"),
        ('{"MUPULSES": "[[1"}', "has no MUPULSES"),
        (packed(FSAMP=0), "FSAMP is 0 Hz; allowed: above 0"),
        (packed(MUPULSES=[[1.5]]), "MUPULSES 0 holds no whole numbers"),
        (packed(MUPULSES=[["x"]]), "MUPULSES 0 holds no whole numbers"),
        (packed(MUPULSES=[[], []]), "holds no spike times"),
        (packed(MUPULSES=[[-2, 5]]), "go down to -0.976562 ms; .*offset=1 "),
        (packed(MUPULSES=[[5, 2]]), "train 0 goes from"),
        (packed(MUPULSES=[[5, 6, 7]]), "train 0 fires at 2048 Hz"),
    ],
)
def test_bad_files_of_openhdemg_are_refused_in_one_line(tmp_path, content, message):
    with pytest.raises(InputError, match=message) as caught:
        given(tmp_path, content, "lab.json")
    assert "\n" not in str(caught.value)


def cell_array(parts):
    cells = np.empty((1, len(parts)), object)
    for i, part in enumerate(parts):
        cells[0, i] = np.atleast_2d(part).astype(float)
    return cells


def test_demuse_counts_from_one(tmp_path):
    path = tmp_path / "lab.mat"
    pulses = cell_array([[s + 1 for s in unit] for unit in SAMPLES])
    savemat(path, {"MUPulses": pulses, "fsamp": RATE})
    assert [train.tolist() for train in read(path)] == TRAINS
    savemat(path, {"MUPulses": pulses[0, 0], "fsamp": RATE})
    assert read(path)[0].tolist() == TRAINS[0]
    savemat(path, {"MUPulses": pulses})
    with pytest.raises(InputError, match="give rate= "):
        read(path)
    assert [train.tolist() for train in read(path, rate=RATE)] == TRAINS


def test_otb_marks_each_sample(tmp_path):
    path = tmp_path / "lab.mat"
    described = np.empty((4, 1), object)
    texts = (
        "Biceps (1)[uV]",
        *(f"{i} - Decomposition of Biceps Brachii - GR08 ({i})[a.u]" for i in (1, 2)),
        "Decomposition of Soleus - GR08 (1)[a.u]",
    )
    described[:, 0] = texts
    data = np.empty((1, 1), object)
    data[0, 0] = np.hstack([np.full((len(BITS), 1), 0.3), np.array(BITS, float)])
    held = {"Data": data, "Description": described, "SamplingFrequency": RATE}
    savemat(path, held)
    found = read(path)
    assert [train.tolist() for train in found] == TRAINS
    assert found.names == ("Biceps Brachii 1", "Biceps Brachii 2", "Soleus 1")
    described[:, 0] = ["a", "b", "c", "d"]
    savemat(path, held)
    with pytest.raises(InputError, match="described as 'Decomposition of"):
        read(path)


def test_other_files_are_refused_in_one_line(tmp_path):
    path = tmp_path / "lab.mat"
    savemat(path, {"x": 1})
    with pytest.raises(InputError, match="holds x; allowed: MUPulses and fsamp"):
        read(path)
    path.write_text("no")
    with pytest.raises(InputError, match="cannot be read as MATLAB's"):
        read(path)
    for name in ("none.mat", "none.json", "none.nwb", "none.txt"):
        with pytest.raises(StorageError, match="cannot read"):
            read(tmp_path / name)
    with pytest.raises(InputError, match="is a workbook; save its sheet as CSV"):
        read(tmp_path / "lab.xlsx")
    for option in ({"layout": "wide"}, {"unit": "s"}, {"decimal": ","}, {"rate": 2048}):
        with pytest.raises(InputError, match=f"{next(iter(option))}= is given and"):
            read(tmp_path / "lab.json", **option)


def test_units_of_nwb_have_their_names(tmp_path):
    from datetime import UTC, datetime

    from pynwb import NWBHDF5IO, NWBFile

    nwb = NWBFile("spikes", "one", datetime(2020, 1, 1, tzinfo=UTC))
    nwb.add_unit_column("unit_name", "what the unit is called")
    for name, train in zip("AB", SECONDS, strict=False):
        nwb.add_unit(spike_times=train, unit_name=name)
    path = tmp_path / "lab.nwb"
    with NWBHDF5IO(path=str(path), mode="w") as io:
        io.write(nwb)
    found = read(path)
    assert found.names == ("A", "B")
    assert isinstance(found, SpikeTrains)
    with pytest.raises(InputError, match=r"'A'\) fires at 10 Hz in the mean; allowed: up to 5"):
        read(path, fastest=5.0)
