"""SciPy, heyoka and numbalsoda on work whose spike times were found elsewhere."""

import functools

import numpy as np
import pytest
from bench_works import SPIKES, sets
from mechanisms import exact

from mnexcite import cells, stimuli
from mnexcite.bench.accuracy import accuracy
from mnexcite.bench.peers import PEERS as EVERY
from mnexcite.bench.peers import Heyoka, NumbaLsoda, SciPy, Setting
from mnexcite.bench.reference import reference
from mnexcite.bench.tasks import cell_work
from mnexcite.bench.work import Work
from mnexcite.cells import Cell, Compartment
from mnexcite.channels import Channel, Gate, kinetics

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


def need(peer):
    """Skip where a peer is not installed; before what it is compared with is computed."""
    if reason := peer.missing():
        pytest.skip(reason)


def answer(peer, work, tolerance):
    need(peer)
    return peer.prepare(work, Setting("", tolerance, "tolerance"))()


@pytest.mark.parametrize("name", PEERS)
def test_spike_times_are_those_found_elsewhere(name):
    duration = 20.0 if name in SHORT else 100.0
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


@functools.cache
def driven():
    """Return a work with ramps and a pulse, and its reference."""
    drive = stimuli.triangle(20.0, unit="uA/cm2", start=5.0, duration=20.0)
    drive = drive + stimuli.pulse(30.0, unit="uA/cm2", start=3.0)
    work = Work(cells.hodgkin_huxley_1952(), {"Kdr.g": [36.0, 30.0, 40.0]}, drive, 30.0)
    return work, reference(work)


@pytest.mark.parametrize("name", ["SciPy LSODA", "SciPy DOP853", "SciPy BDF", *list(PEERS)[:4]])
def test_stimuli_in_pieces_and_ramps(name):
    need(PEERS[name])
    work, true = driven()
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


def removable(v):
    with np.errstate(invalid="ignore"):
        elsewhere = (v + 60.0) / (1.0 - np.exp(-(v + 60.0) / 30.0))
    return np.where(v == -60.0, 30.0, elsewhere) / 200.0


def edged_cell(kind, start):
    """Return a cell whose gate m opens from its `start` on: the edge of a choice."""
    sodium = Gate("m", power=3, inf=lambda v: kinetics.boltzmann(v, -40.0, 7.0), tau=0.2)
    slow = Gate("s", inf=kind, tau=0.5)
    potassium = Gate("n", power=4, inf=lambda v: kinetics.boltzmann(v, -45.0, 8.0), tau=3.0)
    channels = [
        Channel("Na", 60.0, [sodium, slow], E=50.0),
        Channel("K", 20.0, potassium, E=-80.0),
        Channel("leak", 0.3, E=-55.0),
    ]
    return Cell("edged", Compartment("soma", 1.0, channels, v=start))


@pytest.mark.parametrize(
    "kind",
    [
        # each is continuous and begins on its edge, from where the voltage rises
        lambda v: np.where(v <= -60.0, 0.2, 0.2 + 0.004 * (v + 60.0)),
        lambda v: 0.2 + 0.002 * (np.maximum(v, -60.0) + 60.0),
        lambda v: 0.2 + 0.002 * np.maximum(0.0, v + 60.0),
        lambda v: 0.2 - 0.002 * np.minimum(-60.0 - v, 0.0),
        lambda v: 0.2 + 0.001 * (np.abs(v + 60.0) + v + 60.0),
        # a removable singularity: alone by linoid, and as users write it
        lambda v: kinetics.linoid(v + 60.0, 30.0) / 200.0,
        removable,
    ],
)
def test_a_run_that_begins_on_the_edge_of_a_choice(kind):
    need(PEERS["heyoka, batch of 4"])
    drive = stimuli.step(20.0, unit="uA/cm2")
    work = Work(edged_cell(kind, -60.0), {}, drive, 6.0)
    wanted = exact(work, 1e-11)
    assert wanted[0].size == 1
    found = answer(PEERS["heyoka, batch of 4"], work, 1e-9)
    # a step on the wrong branch is off by 1e-4 ms and more
    np.testing.assert_allclose(found.spikes[0], wanted[0], atol=2e-8)


def test_calcium_that_starts_at_zero_opens_its_channel_at_once():
    need(PEERS["heyoka, batch of 4"])
    work = cell_work(cells.booth_rinzel_kiehn_1997(), 3, 40.0)
    wanted = exact(work, 1e-11)
    coarse, fine = (answer(PEERS["heyoka, batch of 4"], work, tol) for tol in (1e-5, 1e-9))
    worst = [
        max(np.abs(a - b).max() for a, b in zip(found.spikes, wanted, strict=True))
        for found in (coarse, fine)
    ]
    # a tolerance of 1e-9 of 100 mV where the voltage rises by 100 mV/ms, over 40 ms
    assert worst[1] < 1e-7 and worst[1] < 0.05 * worst[0]


def test_what_is_missing_is_said(monkeypatch):
    import importlib.util

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert "pip install heyoka" in Heyoka(4).missing()
    assert "Fortran" in NumbaLsoda("LSODA").missing()
    assert SciPy("BDF").missing() is None
