"""SciPy, heyoka and numbalsoda on work whose spike times were found elsewhere."""

import numpy as np
import pytest
from bench_works import SPIKES, sets

from mnexcite import cells, stimuli
from mnexcite.bench.accuracy import accuracy
from mnexcite.bench.peers import PEERS as EVERY
from mnexcite.bench.peers import Heyoka, NumbaLsoda, SciPy, Setting
from mnexcite.bench.reference import reference
from mnexcite.bench.work import Work

#: Every peer at a tolerance that is tight for it, and the error [ms] that it keeps there.
TIGHT = {
    "SciPy LSODA": 1e-9,
    "SciPy DOP853": 1e-8,
    "SciPy RK45": 1e-8,
    "SciPy Radau": 1e-6,
    "SciPy BDF": 1e-7,
    "numbalsoda LSODA": 1e-9,
    "numbalsoda DOP853": 1e-8,
    "heyoka, batch of 4": 1e-6,
    "heyoka, batch of 8": 1e-6,
}
PEERS = {p.name: p for p in EVERY if isinstance(p, Heyoka | NumbaLsoda | SciPy)}
#: BDF and Radau are slow; one spike is enough for them.
SHORT = ("SciPy Radau", "SciPy BDF")


def answer(peer, work, tolerance):
    if reason := peer.missing():
        pytest.skip(reason)
    return peer.prepare(work, Setting("", tolerance, "tolerance"))()


@pytest.mark.parametrize("name", PEERS)
def test_spike_times_are_those_found_elsewhere(name):
    duration = 20.0 if name in SHORT else 200.0
    found = answer(PEERS[name], sets(*SPIKES, duration=duration), TIGHT[name])
    assert found.seconds > 0.0
    for train, wanted in zip(found.spikes, SPIKES.values(), strict=True):
        wanted = np.array([t for t in wanted if t < duration])
        # a hundred times finer than what any use of spike times needs; a wrong equation or
        # a wrong crossing is off by 0.01 ms and more
        np.testing.assert_allclose(train, wanted, atol=3e-4)


@pytest.mark.parametrize("name", PEERS)
def test_a_smaller_tolerance_gives_a_smaller_error(name):
    work = sets(512, duration=12.0)
    wanted = [np.array(SPIKES[512][:1])]
    coarse, fine = (
        accuracy(answer(PEERS[name], work, tol).spikes, wanted, 12.0).error
        for tol in (1e-3, TIGHT[name])
    )
    assert fine < 0.3 * coarse


@pytest.mark.parametrize("name", ["SciPy LSODA", "SciPy DOP853", "SciPy BDF", *list(PEERS)[:4]])
def test_stimuli_in_pieces_and_ramps(name):
    drive = stimuli.triangle(20.0, unit="uA/cm2", start=5.0, duration=20.0)
    drive = drive + stimuli.pulse(30.0, unit="uA/cm2", start=3.0)
    work = Work(cells.hodgkin_huxley_1952(), {"Kdr.g": [36.0, 30.0, 40.0]}, drive, 30.0)
    true = reference(work)
    found = answer(PEERS[name], work, TIGHT[name])
    judged = accuracy([found.spikes[k] for k in true.sets], true.spikes, 30.0)
    assert sum(train.size for train in true.spikes) >= 3
    assert judged.error < 1e-3


def test_settings_go_from_coarse_to_fine():
    for peer in PEERS.values():
        values = [setting.value for setting in peer.settings()]
        assert values == sorted(values, reverse=True)
        assert {setting.kind for setting in peer.settings()} == {"tolerance"}


def test_a_batch_that_is_not_full():
    whole = answer(PEERS["heyoka, batch of 4"], sets(400, 512, 1023), 1e-6)
    assert len(whole.spikes) == 3
    assert [train.size for train in whole.spikes] == [3, 3, 2]


def test_what_is_missing_is_said(monkeypatch):
    import importlib.util

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert "pip install heyoka" in Heyoka(4).missing()
    assert "Fortran" in NumbaLsoda("LSODA").missing()
    assert SciPy("BDF").missing() is None
