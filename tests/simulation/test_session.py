"""A session gives the bits of one run, however its time is cut, and says where it stands."""

import os
import signal
import threading
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactness import by
from mnexcite import InputError, Interrupted, cells, prepare, simulate, stimuli
from mnexcite.engine.batch import OWN_TABLES_CHUNK
from mnexcite.engine.methods import METHODS
from mnexcite.simulation import session as module
from mnexcite.spikes import SpikeTrains

HH, PB = cells.hodgkin_huxley_1952(), cells.purvis_butera_2005()
STEP = stimuli.step(15.0, unit="uA/cm2", start=3.013, duration=60.0)
COMPILED = [name for name, method in METHODS.items() if not method.reference]
LANES = {"Na.g": [100.0, 120.0, 120.0], "Kdr.n.shift": [0.0, 2.0, 0.0]}
#: The last one drives its lane out of range.
DRIVES = [STEP, STEP * 0.7, stimuli.step(1e6, unit="uA/cm2", start=41.3)]
END = 80.0


def options(method):
    return {"method": method, "record": ("v", "Na.i"), "every": 0.5, "parameters": LANES}


def together(windows):
    """Return the spikes and samples of all windows."""
    lanes = range(len(windows[0].status))
    trains = [np.concatenate([w.spikes[k] for w in windows]) for k in lanes]
    names = windows[0].data
    samples = {n: np.concatenate([w[n] for w in windows], axis=1) for n in names}
    return SpikeTrains.from_list(trains), np.concatenate([w.t for w in windows]), samples


@cache
def whole(method):
    with pytest.warns(match="did not end well"):
        return simulate(HH, DRIVES, duration=END, **options(method))


@settings(max_examples=6, deadline=None)
@given(cuts=st.lists(st.floats(0.05, END - 0.05), max_size=6, unique=True))
@pytest.mark.parametrize("method", COMPILED)
@pytest.mark.parametrize("short", [0.0, np.inf], ids=["in threads", "here"])
def test_windows_give_the_bits_of_one_run(method, short, cuts):
    run, dt = whole(method), None if METHODS[method].adaptive else HH.dt
    # a window has a length that a run can have
    cuts = {round(cut, 9) for cut in cuts} if dt is None else {round(c / dt) * dt for c in cuts}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "SHORT", short)
        with prepare(HH, DRIVES, threads=2, **options(method)) as session:
            windows = [session.advance(until) for until in [*sorted(cuts), END]]
            state = session.state
    for one, other in pairwise(windows):
        assert one.end == other.start
    trains, t, samples = together(windows)
    assert trains == run.spike_times
    np.testing.assert_array_equal(t, run.t)
    for name, values in samples.items():
        np.testing.assert_array_equal(values, run[name])
    assert windows[-1].status == run.status and run.status[2] != "ok"
    np.testing.assert_array_equal(windows[-1].ended, run.ended)
    assert state == run.final_state and session.time == END


@pytest.mark.parametrize("method", ["reference", "reference_radau"])
def test_the_references_start_anew_in_each_window(method):
    drive = stimuli.step(40.0, unit="uA/cm2", start=1.013)
    run = simulate(HH, drive, duration=12.0, **by(method))
    assert len(run.spike_times) >= 2
    with prepare(HH, drive, **by(method)) as session:
        trains, *_ = together([session.advance(until) for until in (3.0, 7.5, 12.0)])
    np.testing.assert_allclose(trains[0], run.spike_times, rtol=0, atol=1e-4)


@pytest.mark.parametrize("method", ["kaps_rentrop", "staggered"])
def test_a_state_goes_on_in_another_session_or_run(method):
    given = options(method)
    with prepare(HH, DRIVES, **given) as session:
        first = session.advance(31.2)
        kept = session.state
        last = session.advance(END)
    with prepare(HH, DRIVES, **given, initial=kept) as other:
        assert other.time == first.end
        again = other.advance(END)
    assert again.spikes == last.spikes and other.state == session.state
    with pytest.warns(match="did not end well"):
        rest = simulate(HH, DRIVES, duration=END - first.end, **given, initial=kept)
    np.testing.assert_array_equal(rest["v"], last["v"])
    assert first.end == rest.start


def test_the_state_before_anything_ran():
    with prepare(HH, STEP) as session:
        before = session.state
        assert before.time == session.time == 0.0
        assert before.mapping() == dict(HH.initial)
        spikes = session.advance(20.0).spikes[0]
    run = simulate(HH, STEP, duration=20.0, initial=before)
    np.testing.assert_array_equal(run.spike_times, spikes)


def test_many_chunks_and_kinetics_of_their_own():
    shifts = np.linspace(-2.0, 2.0, 2 * OWN_TABLES_CHUNK + 2)
    given = {"parameters": {"Na.m.shift": shifts}, "threads": 2}
    run = simulate(HH, STEP, duration=20.0, **given)
    with prepare(HH, STEP, **given) as session:
        trains, *_ = together([session.advance(until) for until in (4.0, 9.9, 20.0)])
    assert trains == run.spike_times


def test_a_fixed_step_ends_with_the_first_that_reaches_the_time():
    with prepare(PB, method="staggered", dt=0.05) as session:
        assert session.advance(1.01).end == session.time == pytest.approx(1.05)
        assert session.advance(1.06).end == pytest.approx(1.1)


@pytest.mark.parametrize("until", [5.0, 4.0, -1.0, np.nan, np.inf, "6", None, True])
def test_a_time_that_is_not_ahead_is_refused(until):
    with prepare(HH) as session:
        session.advance(5.0)
        with pytest.raises(InputError, match=r"^until.*after 5"):
            session.advance(until)
        assert session.time == 5.0
        session.advance(6.0)


def test_what_simulate_refuses_is_refused():
    for wrong in ({"method": "rosenbrok"}, {"dt": 0.1}, {"record": ("w",)}, {"threads": 0}):
        with pytest.raises(InputError):
            prepare(HH, **wrong)


def test_ctrl_c_while_a_short_window_runs_is_heard_after_it():
    with prepare(HH, STEP) as session:
        real = session._runs.advance_here

        def pressed(job):
            os.kill(os.getpid(), signal.SIGINT)
            return real(job)

        session._runs.advance_here = pressed
        with pytest.raises(Interrupted) as caught:
            session.advance(20.0)
        session._runs.advance_here = real
        assert caught.value.partial.end == session.time == 20.0
        last = session.advance(30.0)
    whole = simulate(HH, STEP, duration=30.0)
    trains, *_ = together([caught.value.partial, last])
    np.testing.assert_array_equal(trains[0], whole.spike_times)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_progress_stops_a_window_and_the_session():
    def stop(share):
        raise RuntimeError("enough")

    with prepare(HH, STEP * 0.0 + STEP) as session:
        with pytest.raises(RuntimeError, match="enough") as caught:
            session.advance(1e6, progress=stop)
        assert caught.value.partial.status == ("interrupted",)


def test_a_session_in_another_thread():
    found = []

    def work():
        with prepare(HH, STEP) as session:
            found.extend(session.advance(until).spikes.times for until in (20.0, 40.0))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    whole = simulate(HH, STEP, duration=40.0)
    np.testing.assert_array_equal(np.concatenate(found), whole.spike_times)


@pytest.mark.parametrize("method", ["kaps_rentrop", "dormand_prince", "staggered", "reference"])
def test_numbers_change_between_windows(method):
    """A window with other numbers is a run of another cell from the same states."""
    cell, drive = PB, stimuli.step(0.5, unit="nA")
    ends = (1.0, 6.0, 8.0) if METHODS[method].reference else (30.0, 50.0, 55.0)
    options = {"method": method, "record": ("v", "NaP.i"), "every": 1.0}
    with prepare(cell, [drive] * 2, **options) as session:
        session.advance(ends[0])
        here = session.state
        window = session.advance(ends[1], rows={"ions.K_o": [5.0, 6.0], "NaP.g": 0.1})
        kept = session.advance(ends[2])
    for lane, K_o in enumerate((5.0, 6.0)):
        other = cell.replaced({"ions.K_o": K_o, "NaP.g": 0.1})
        left = ends[2] - ends[0]
        run = simulate(other, drive, duration=left, initial=here.lane(lane), **options)
        # fixed steps begin with half a step of gates, made of tables here and there anew; the
        # reference starts its solver again in each window
        tolerance = {"staggered": 1e-3, "reference": 1e-6}.get(method, 0.0)
        for name in ("v", "NaP.i"):
            apart = np.concatenate([window[name][lane], kept[name][lane]])
            np.testing.assert_allclose(apart, run[name], rtol=0, atol=tolerance)
    assert sum(map(len, window.spikes)) > 0


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ({"NaP.m.half": -50.0}, "rows: NaP.m.half decides tables"),
        ({"temperature": 30.0}, "rows: temperature decides tables"),
        ({"NaP.g": [1.0, 2.0, 3.0]}, "3 values for 2 lanes"),
        ({"NaQ.g": 1.0}, "no number 'NaQ.g'"),
        ({"NaP.g": -1.0}, "NaP.g"),
        (3.0, "allowed: a mapping"),
    ],
)
def test_rows_that_are_refused(rows, said):
    cell = PB
    with prepare(cell, parameters={"Kdr.g": [1.0, 1.3]}) as session:
        session.advance(1.0)
        with pytest.raises(InputError, match=said):
            session.advance(2.0, rows=rows)
        assert session.time == 1.0


def test_a_window_that_is_too_short_to_be_one_is_refused():
    with prepare(HH) as session:
        session.advance(0.05)
        with pytest.raises(InputError, match="after where the session stands; allowed: 1e-12"):
            session.advance(0.05000000000000001)
        assert session.advance(0.06).end == 0.06
