from types import SimpleNamespace

import numpy as np
import pytest

from mnexcite import muscle
from mnexcite.measures.verdict import BLOCKED, LATCH, UNTESTED, conclude, conclude_after, judge


def judged(spikes, unit=None, duration=5000.0, status="ok", block=None, since=None):
    spikes = np.asarray(spikes, dtype=float)
    rec = SimpleNamespace(spike_times=spikes, status=status, start=0.0, duration=duration)
    force = muscle.contract(spikes, unit or muscle.slow_unit(), duration=duration)
    return judge(rec, force, block, since)


def train(rate, stop=5000.0):
    return np.arange(10.0, stop, 1000.0 / rate)


@pytest.mark.parametrize(
    ("spikes", "firing", "contraction", "sustained"),
    [
        ([], "silent", "the muscle stays at rest", False),
        ([10.0], "one spike", "single twitch", False),
        (train(1.0), "at 1.0 Hz", "single, fasciculation-like twitches", False),
        (train(5.0), "at 5.0 Hz", "unfused, fasciculation-like twitches", False),
        (train(10.0), "at 10.0 Hz", "sustained, incompletely fused contraction", True),
        (train(60.0), "at 60.0 Hz", "fused contraction", True),
        (train(22.0), "at 22.0 Hz", "nearly fused contraction", True),
        (
            train(10.0, stop=2000.0),
            "and stops after 1.9 s",
            "incompletely fused contraction that does not last",
            False,
        ),
    ],
)
def test_words_follow_from_the_spikes(spikes, firing, contraction, sustained):
    words = judged(spikes)
    assert words.firing.endswith(firing)
    assert words.contraction == contraction
    assert words.sustained is sustained


def test_same_spikes_are_twitches_of_a_fast_unit():
    assert "twitches" in judged(train(10.0), muscle.fast_unit()).contraction


def test_what_a_current_drives_does_not_fire_by_itself():
    rec = SimpleNamespace(spike_times=train(10.0), status="ok", start=0.0, duration=5000.0)
    force = muscle.contract(rec.spike_times, muscle.slow_unit(), duration=5000.0)
    words = judge(rec, force, driven=True)
    assert "itself" not in words.sentence
    assert "from outside" in conclude("purvis_butera_2005", words, driven=True)


@pytest.mark.parametrize(
    "last, firing",
    [
        (3000.0, "stops after 2 s, in depolarisation block at -31.0 mV"),
        (1000.0, "stops with them, in depolarisation block at -31.0 mV"),
    ],
)
def test_a_block_after_stimuli_is_told(last, firing):
    words = judged(train(20.0, stop=last), block=-31.0, since=1000.0)
    assert words.firing.endswith(firing)
    assert conclude_after("purvis_butera_2005", words) == BLOCKED


def test_failed_run_is_not_judged():
    words = judged([10.0], status="non_finite")
    assert words.firing == "the run failed (non_finite)"
    assert not words.sustained
    assert conclude("purvis_butera_2005", words).startswith("The run failed")


def test_conclusion_says_what_it_is_not_and_why():
    sustained, twitches = judged(train(10.0)), judged(train(5.0))
    said = conclude("purvis_butera_2005", sustained)
    assert said.startswith("This is not yet a clinical cramp: this cell does not latch.")
    assert conclude("purvis_butera_2005", twitches).startswith("This is no cramp: the force")
    assert conclude("molkov_2025", sustained).endswith("would show it.")
    assert conclude("somebody's own", sustained).endswith(UNTESTED)
    assert "stable rest, at -67.3 mV" in conclude("purvis_butera_2005", sustained, -67.3)
    assert conclude("molkov_2025", judged([])) == "This is no cramp: nothing fires by itself."


def test_every_catalogue_cell_has_its_words():
    from mnexcite.cells import CATALOGUE

    assert set(LATCH) == set(CATALOGUE)


@pytest.mark.parametrize(
    ("spikes", "said"),
    [
        (train(10.0), "gives a sustained, incompletely fused contraction."),
        (train(5.0), "gives unfused, fasciculation-like twitches."),
        (train(10.0, 2000.0), "gives an incompletely fused contraction that does not last."),
        ([], "silent; the muscle stays at rest."),
    ],
)
def test_sentence_is_grammatical(spikes, said):
    assert judged(spikes).sentence.endswith(said)


@pytest.mark.parametrize(
    ("spikes", "firing"),
    [
        ([], "silent, in depolarisation block at -24.5 mV"),
        ([10.0], "one spike, then depolarisation block at -24.5 mV"),
        (
            train(20.0, stop=500.0),
            "fires by itself at 20.0 Hz, and stops after 0.5 s in depolarisation block at "
            "-24.5 mV",
        ),
    ],
)
def test_a_depolarisation_block_is_no_rest(spikes, firing):
    words = judged(spikes, block=-24.5)
    assert words.firing == firing
    assert not words.sustained
    said = conclude("purvis_butera_2005", words, -24.5)
    assert said.startswith("This is no cramp: the cell is too depolarised to fire.")
    assert "rest" not in said
