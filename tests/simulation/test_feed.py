"""Lanes led through windows by arrays give what a run with the same stimulus gives."""

import numpy as np
import pytest

import mnexcite as mx
from exactness import NEAR
from mnexcite.engine.feeding import Pulses
from mnexcite.simulation.feed import make_feed

CELL = mx.cells.hodgkin_huxley_1952()
LANES, END = 5, 30
T = np.arange(END + 1.0)
RNG = np.random.default_rng(3)
CURRENT = 10.0 + np.cumsum(RNG.normal(0.0, 0.6, (LANES, T.size)), axis=1)
G = np.abs(RNG.normal(0.05, 0.03, (LANES, T.size)))
E = -70.0
NA = np.linspace(110.0, 130.0, LANES)
PULSES = Pulses(
    np.array([0, 2, 2, 4]),
    np.array([13.3, 17.77, 24.5, 8.0]),
    np.array([14.3, 18.77, 25.5, 12.0]),
    np.array([30.0, 20.0, 25.0, 15.0]),
)


def windows(step):
    return [np.arange(a, min(a + step, END) + 1) for a in range(0, END, step)]


def fed(step=10, parts=1):
    """Return lane and time of every spike."""
    feed = make_feed(
        CELL,
        parameters={"Na.g": NA},
        dials={},
        tolerance=1e-9,
        parts=parts,
    )
    found = [
        feed.advance(T[k], CURRENT[:, k] + E * G[:, k], G[:, k], PULSES) for k in windows(step)
    ]
    assert set(feed.status) == {"ok"}
    return (np.concatenate(side) for side in zip(*found, strict=True))


def expected():
    """Return the same by the reference, which solves each lane alone."""
    stimuli = []
    for lane in range(LANES):
        line, g = CURRENT[lane], G[lane]
        wave = mx.stimuli.Waveform(T, line, np.append(line[1:], line[-1]))
        opened = mx.stimuli.Waveform(T, g, np.append(g[1:], g[-1]))
        total = mx.stimuli.Stimulus(
            (mx.stimuli.Current(wave, "uA/cm2", None),),
            conductances=(mx.stimuli.Conductance(opened, "mS/cm2", E, None),),
        )
        for k in np.flatnonzero(PULSES.lane == lane):
            total += mx.stimuli.step(
                PULSES.height[k],
                unit="uA/cm2",
                start=PULSES.start[k],
                duration=PULSES.end[k] - PULSES.start[k],
            )
        stimuli.append(total)
    return mx.simulate(
        CELL,
        stimuli,
        duration=float(END),
        parameters={"Na.g": NA},
        initial="rest",
        **NEAR,
    ).spike_times


def test_windows_of_arrays_are_a_run_by_the_reference():
    lane, time = fed()
    for i, train in enumerate(expected()):
        assert train.size
        np.testing.assert_allclose(np.sort(time[lane == i]), train, atol=2e-3)


def test_parts_change_no_bit():
    one = [each.tolist() for each in fed()]
    lane, time = fed(parts=2)
    order = np.lexsort((time, lane))
    first = np.lexsort((one[1], one[0]))
    assert np.array(one[0])[first].tolist() == lane[order].tolist()
    assert np.array(one[1])[first].tolist() == time[order].tolist()


def test_a_window_taken_again_is_the_same_and_others_stay():
    feed = make_feed(CELL, parameters={"Na.g": NA}, dials={})
    for k in windows(10):
        given = (T[k], CURRENT[:, k] + E * G[:, k], G[:, k], PULSES)
        lane, time = feed.advance(*given)
        before = {path: values.copy() for path, values in feed.state.items()}
        chosen = np.array([1, 2])
        again = feed.again(chosen, *given)
        mine = np.isin(lane, chosen)
        assert sorted(zip(*again, strict=True)) == sorted(
            zip(lane[mine], time[mine], strict=True)
        )
        for path, values in feed.state.items():
            np.testing.assert_array_equal(values, before[path])
        # with other pulses only those lanes move
        feed.again(chosen, T[k], CURRENT[:, k] + 5.0)
        v = feed.state["v"]
        assert (v[[1, 2]] != before["v"][[1, 2]]).all()
        np.testing.assert_array_equal(v[[0, 3, 4]], before["v"][[0, 3, 4]])
        feed.again(chosen, *given)


def test_numbers_with_a_dial_change_as_those_of_a_session():
    same = {"parameters": {"Na.g": [120.0]}, "initial": "rest"}
    feed = make_feed(CELL, dials={"Kdr.g": (20.0, 50.0)}, **same)
    drive = mx.stimuli.step(10.0, unit="uA/cm2")
    drive += mx.stimuli.conductance(0.0, unit="mS/cm2", E=0.0)
    with mx.prepare(CELL, drive, **same) as session:
        for until, g in ((100.0, 36.0), (200.0, 30.0), (300.0, 37.0)):
            feed.turn({"Kdr.g": g})
            _, time = feed.advance(np.array([until - 100.0, until]), 10.0)
            window = session.advance(until, rows={"Kdr.g": g})
            np.testing.assert_allclose(time, window.spikes[0], atol=2e-3)
            assert time.size
    with pytest.raises(mx.InputError, match=r"Kdr\.g goes from 60 to 60; allowed: 20 to 50"):
        feed.turn({"Kdr.g": 60.0})


def test_dials_are_checked_where_they_are_asked_for():
    for dials, said in (
        ({"Na.m.half": (-40.0, -30.0)}, "decides tables"),
        ({"K.gg": (1.0, 2.0)}, "did you mean"),
        ({"Na.g": (-1.0, 2.0)}, "Na.g"),
    ):
        with pytest.raises(mx.InputError, match=said):
            make_feed(mx.cells.purvis_butera_2005(), parameters={"Na.g": [0.7]}, dials=dials)
