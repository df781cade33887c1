import sys
from datetime import UTC, datetime

import numpy as np
import pytest

from mnexcite.errors import InputError, StorageError
from mnexcite.spikes import SpikeTrains, read_nwb, write_nwb


@pytest.fixture
def write(tmp_path):
    """Write an NWB file with the given units: spike times [s] by id."""
    import pynwb

    def write_units(units, column=True):
        nwb = pynwb.NWBFile("a test", "spikes", datetime(2020, 1, 1, tzinfo=UTC))
        for unit, times in units.items():
            nwb.add_unit(id=unit, **({"spike_times": times} if column else {}))
        path = tmp_path / "units.nwb"
        with pynwb.NWBHDF5IO(path=str(path), mode="w") as io:
            io.write(nwb)
        return path

    return write_units


def test_units_become_trains(write):
    found = read_nwb(write({4: [0.01, 0.12], 7: [], 2: [0.0255]}))
    assert found.names == ("4", "7", "2")
    assert found.counts.tolist() == [2, 0, 1]
    # seconds to ms is one rounding
    np.testing.assert_allclose(found.times, [10.0, 120.0, 25.5], rtol=2**-52)


def test_offset_and_sort(write):
    path = write({1: [0.2, -0.5], 2: [0.1, 0.3]})
    with pytest.raises(InputError, match=r"go down to -500 ms; .*offset=500"):
        read_nwb(path)
    with pytest.raises(InputError, match=r"train 0 \('1'\) goes from 700 to 0 ms"):
        read_nwb(path, offset=500.0)
    found = read_nwb(path, offset=500.0, sort=True)
    assert found["1"].tolist() == [0.0, 700.0]
    assert found["2"].tolist() == [600.0, 800.0]


@pytest.mark.parametrize(
    ("units", "column", "message"),
    [
        ({}, True, "no Units table with spike_times"),
        ({1: []}, False, "no Units table with spike_times"),
        ({1: [], 2: []}, True, "holds no spike times"),
        ({1: [0.1, np.nan]}, True, "not finite"),
        ({1: [0.1, 0.1]}, True, r"units\.nwb: train 0 \('1'\) goes from 100 to 100 ms"),
    ],
)
def test_files_without_use_are_refused_in_one_line(write, units, column, message):
    with pytest.raises(InputError, match=message) as caught:
        read_nwb(write(units, column))
    assert "\n" not in str(caught.value)


def test_other_files_are_refused(tmp_path):
    with pytest.raises(StorageError, match=r"cannot read .*none\.nwb: No such file"):
        read_nwb(tmp_path / "none.nwb")
    path = tmp_path / "text.nwb"
    path.write_text("unit,time_s\n")
    with pytest.raises(InputError, match="cannot be read as NWB") as caught:
        read_nwb(path)
    assert "\n" not in str(caught.value)
    with pytest.raises(InputError, match="offset is nan"):
        read_nwb(path, offset=np.nan)


def test_without_pynwb_it_says_how_to_install_it(tmp_path, monkeypatch):
    path = tmp_path / "units.nwb"
    path.write_bytes(b"")
    monkeypatch.setitem(sys.modules, "pynwb", None)
    with pytest.raises(InputError, match=r'pip install "mnexcite\[nwb\]"') as caught:
        read_nwb(path)
    assert "\n" not in str(caught.value)


def test_a_unit_that_the_file_states_is_honoured_or_refused(write):
    import h5py

    path = write({1: [10.0, 120.0]})
    for unit, factor in (("milliseconds", 1.0), ("s", 1000.0), ("seconds", 1000.0)):
        with h5py.File(path, "a") as file:
            file["units/spike_times"].attrs["unit"] = unit
        assert read_nwb(path).times.tolist() == [10.0 * factor, 120.0 * factor]
    with h5py.File(path, "a") as file:
        file["units/spike_times"].attrs["unit"] = "furlong"
    with pytest.raises(InputError, match="spike_times is in 'furlong'; allowed: ms, s, us"):
        read_nwb(path)


TRAINS = [[0.1, 1234.567, 98765.4321], [], [3.3]]


@pytest.mark.parametrize("names", [None, ("MU 1", "Größe", "c")])
def test_what_is_written_is_read_back(tmp_path, names):
    path = tmp_path / "out.nwb"
    trains = SpikeTrains.from_list(TRAINS, names)
    write_nwb(trains, path)
    found = read_nwb(path)
    assert found.names == (names or ("0", "1", "2"))
    assert found.counts.tolist() == trains.counts.tolist()
    # to seconds and back: two roundings
    np.testing.assert_allclose(found.times, trains.times, rtol=2**-51)
    write_nwb(SpikeTrains.from_list([[7.0]]), path)  # one that is there is replaced
    assert read_nwb(path).times.tolist() == [7.0]


def test_others_read_what_is_written(tmp_path):
    """With pynwb alone."""
    import pynwb

    path = tmp_path / "out.nwb"
    began = datetime(2024, 5, 6, 7, 8, tzinfo=UTC)
    trains = SpikeTrains.from_list(TRAINS, ("a", "b", "c"))
    write_nwb(trains, path, description="a cramp", start=began)
    with pynwb.NWBHDF5IO(path=str(path), mode="r") as io:
        nwb = io.read()
        assert nwb.session_description == "a cramp"
        assert nwb.session_start_time == began
        frame = nwb.units.to_dataframe()
    assert frame["unit_name"].tolist() == ["a", "b", "c"]
    np.testing.assert_allclose(frame["spike_times"][0], [1e-4, 1.234567, 98.7654321])


def test_names_that_do_not_tell_units_apart_are_no_names(tmp_path):
    import pynwb

    nwb = pynwb.NWBFile("a test", "spikes", datetime(2020, 1, 1, tzinfo=UTC))
    nwb.add_unit_column("unit_name", "as it was called")
    for i in range(2):
        nwb.add_unit(id=i + 5, spike_times=[0.1 + i], unit_name="same")
    path = tmp_path / "same.nwb"
    with pynwb.NWBHDF5IO(path=str(path), mode="w") as io:
        io.write(nwb)
    assert read_nwb(path).names == ("5", "6")


def test_what_cannot_be_written_is_refused(tmp_path, monkeypatch):
    trains = SpikeTrains.from_list(TRAINS)
    with pytest.raises(InputError, match="start is"):
        write_nwb(trains, tmp_path / "x.nwb", start=datetime(2020, 1, 1))
    with pytest.raises(InputError, match="there are 0 spikes"):
        write_nwb(SpikeTrains.from_list([[]]), tmp_path / "x.nwb")
    with pytest.raises(StorageError, match="cannot write"):
        write_nwb(trains, tmp_path / "none" / "x.nwb")
    monkeypatch.setitem(sys.modules, "pynwb", None)
    with pytest.raises(InputError, match=r'writing NWB .*pip install "mnexcite\[nwb\]"'):
        write_nwb(trains, tmp_path / "x.nwb")
    assert list(tmp_path.iterdir()) == []


WHOSE = {"subject_id": "S1", "species": "Homo sapiens", "sex": "F", "age": "P54Y"}


def test_a_judge_of_archives_finds_nothing_to_blame(tmp_path):
    judge = pytest.importorskip("nwbinspector", reason="needs the extra oracles")
    path = tmp_path / "out.nwb"
    write_nwb(
        SpikeTrains.from_list(TRAINS, ("a", "b", "c")),
        path,
        start=datetime(2024, 5, 6, 7, 8, tzinfo=UTC),
        resolution=1 / 2.048,
        subject=WHOSE | {"description": "a volunteer"},
        experimenter="Doe, Ann",
        institution="A laboratory",
    )
    assert list(judge.inspect_nwbfile(nwbfile_path=path)) == []


@pytest.mark.parametrize(
    ("subject", "message"),
    [
        ({"speces": "Homo sapiens"}, "subject names 'speces'; did you mean 'species'"),
        ({"age": "54"}, "subject's age is '54'; allowed: a duration as in ISO 8601"),
        ({"age": "P"}, "subject's age is 'P'"),
        ({"age": 54}, "subject's age is 54; allowed: a text"),
        ({"sex": "female"}, "subject's sex is 'female'"),
        ("S1", "subject is 'S1'; allowed: a mapping"),
    ],
)
def test_a_subject_is_told_in_the_words_of_nwb(tmp_path, subject, message):
    trains = SpikeTrains.from_list(TRAINS)
    with pytest.raises(InputError, match=message):
        write_nwb(trains, tmp_path / "x.nwb", subject=subject)
    assert not (tmp_path / "x.nwb").exists()


def test_ages_that_nwb_knows_are_written(tmp_path):
    trains = SpikeTrains.from_list(TRAINS)
    for age in ("P54Y", "P3M2W", "P20D/P30D", "P1Y/"):
        write_nwb(trains, tmp_path / "x.nwb", subject=WHOSE | {"age": age})
