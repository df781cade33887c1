"""Conductances, events and noise against SciPy on equations written apart; orders; bits."""

import numpy as np
import pytest
from engine_cells import ADAPTIVE, COMPILED, FIXED
from entering import GIVEN, LASTING, PUBLISHED, SEED, synapses
from hypothesis import given, settings
from hypothesis import strategies as st

from mnexcite import InputError, channels, prepare, simulate, stimuli
from mnexcite.cells import Cell, Compartment
from mnexcite.channels import Channel
from mnexcite.stimuli.events import train

#: How a method is told of what enters does not depend on the cell; one of two compartments has
#: its own text where a step solves for both voltages at once.
CELLS = {"rosenbrock": "BRK", "kaps_rentrop": "PB", "dormand_prince": "PB", "reference": "BRK"}
OWN_STEPS = [(CELLS[m], what, m) for m in (*ADAPTIVE, "reference") for what in GIVEN]
#: Of fixed steps (voltages and spikes), where what enters is its mean over each step.
ORDERS = {"staggered": 2, "exponential_euler": 1, "runge_kutta_4": 2}
#: Every pair of a method and what enters, and of that and a cell; orders on all cells are
#: fitted elsewhere.
PAIRS = [
    (method, what, "BRK" if method == "staggered" else "PB")
    for method in ORDERS
    for what in GIVEN
]


@pytest.fixture(scope="module")
def known():
    """Make each case and its truth once."""
    made = {}

    def case(name, what):
        if (name, what) not in made:
            entering = GIVEN[what](name)
            made[name, what] = entering, *entering.truth()
        return made[name, what]

    return case


@pytest.mark.parametrize(("name", "what", "method"), OWN_STEPS)
def test_methods_of_their_own_steps(name, what, method, known):
    entering, spikes, last = known(name, what)
    options = {"duration": LASTING[name], "method": method, "seed": SEED}
    assert spikes.size >= 2
    if method != "reference":
        plain = simulate(entering.cell, entering.stimulus, **options)
        np.testing.assert_allclose(plain.spike_times, spikes, rtol=0, atol=1e-3)
    exact = simulate(entering.cell, entering.stimulus, tolerance=1e-10, **options)
    np.testing.assert_allclose(exact.spike_times, spikes, rtol=0, atol=1e-6)
    for path, value in last.items():
        scale = 100.0 if path.endswith("v") else 1.0
        assert abs(exact.final_state.mapping()[path] - value) < 1e-8 * scale, path


@pytest.mark.parametrize(("method", "what", "name"), PAIRS)
def test_orders_of_fixed_steps(method, what, name):
    """On one fixed path, so that these are the strong orders for noise."""
    entering = GIVEN[what](name)
    # rates of instantaneous sodium gates are near 200 per ms in Booth's upstroke
    finest = 6.25e-4 if name == "BRK" or method == "exponential_euler" else 2.5e-3
    options = {
        "duration": 15.0,
        "seed": SEED,
        "initial": {next(iter(entering.cell.initial)): -55.0},
    }
    truth = simulate(entering.cell, entering.stimulus, tolerance=1e-10, **options)
    errors, steps = [], [4 * finest, 2 * finest, finest]
    for dt in steps:
        run = simulate(entering.cell, entering.stimulus, method=method, dt=dt, **options)
        assert run.spike_times.size == truth.spike_times.size > 0
        # at 1 mV/ms, between spikes, a voltage that is as late is as far off
        volts = np.abs(run.final_state.values - truth.final_state.values)[0, 0]
        errors.append(volts + np.abs(run.spike_times - truth.spike_times).max())
    assert np.polyfit(np.log(steps), np.log(errors), 1)[0] > ORDERS[method] - 0.25


@pytest.mark.parametrize("method", COMPILED)
def test_windows_threads_and_lanes_change_no_bit(method):
    """A session is told of each event 1 ms before it acts; noise and events in every lane."""
    duration, rng = 60.0, np.random.default_rng(8)
    cell = synapses("PB").cell
    noise = stimuli.ornstein_uhlenbeck(0.3, unit="nA", tau=3.0, mean=0.6, shared=0.4)
    noise += stimuli.ornstein_uhlenbeck(0.02, unit="uS", E=-80.0, tau=8.0, mean=0.01)
    times = [rng.uniform(0.0, duration, 40) for _ in range(6)]
    events = [stimuli.events(("AMPA", "GABA")[k % 2], t) for k, t in enumerate(times)]
    step = {"dt": 0.02} if method in FIXED else {}
    options = {"method": method, "seed": 4, "record": ("v", "AMPA.i"), "every": 1.0} | step
    whole = simulate(cell, [noise + e for e in events], duration=duration, **options)
    assert sum(t.size for t in whole.spike_times) > 6

    def told(low, high):
        return [
            stimuli.events(("AMPA", "GABA")[k % 2], t[(t >= low) & (t < high)])
            for k, t in enumerate(times)
        ]

    with prepare(cell, [noise] * 6, threads=1, **options) as session:
        windows, known = [], 0.0
        for until in (0.5, 17.0, 17.62, 55.0, duration):
            if until == 55.0:  # elsewhere, from what was kept
                session = prepare(cell, [noise] * 6, initial=session.state, **options)
            windows.append(session.advance(until, events=told(known, until + 1.0)))
            known = until + 1.0
        for lane in range(6):
            apart = [window.spikes[lane] for window in windows]
            np.testing.assert_array_equal(np.concatenate(apart), whole.spike_times[lane])
        for name in ("v", "AMPA.i"):
            apart = [window[name] for window in windows]
            np.testing.assert_array_equal(np.concatenate(apart, axis=1), whole[name])
        np.testing.assert_array_equal(session.state.raw, whole.final_state.raw)
    alone = simulate(cell, (noise + events[4]).seeded(4, 4), duration=duration, **options)
    np.testing.assert_array_equal(alone["v"], whole["v"][4])
    np.testing.assert_array_equal(alone["AMPA.i"], whole["AMPA.i"][4])


def test_a_state_goes_to_disk_with_what_it_was_told(tmp_path):
    import mnexcite as mx

    cell = synapses("PB").cell
    with prepare(cell, parameters={"AMPA.decay": [2.0, 4.0]}) as session:
        session.advance(5.0, events=stimuli.events("AMPA", [1.0, 4.0, 7.5], weights=2.0))
        session.save(tmp_path / "here.zarr")
        on = session.advance(30.0)
    state = mx.load(tmp_path / "here.zarr")
    assert state.told and state.time == 5.0
    for keep in (state, state.lane(1)):
        values = {"AMPA.decay": [2.0, 4.0][-keep.lanes :]}
        with prepare(cell, parameters=values, initial=keep) as again:
            window = again.advance(30.0)
        for one, other in zip(window.spikes, list(on.spikes)[-keep.lanes :], strict=True):
            np.testing.assert_array_equal(one, other)
    assert on.spikes.counts.sum() > 0


def test_a_lane_alone_has_its_own_synapses():
    """The time constants of a lane's synapses act, however many lanes there are."""
    cell, drive = synapses("PB").cell, stimuli.events("AMPA", [1.0, 4.0], weights=0.2)
    options = {"duration": 12.0, "record": ("v", "AMPA.g_open"), "every": 1.0}
    several = simulate(cell, drive, parameters={"AMPA.decay": [9.0, 3.0]}, **options)
    alone = simulate(cell, drive, parameters={"AMPA.decay": [9.0]}, **options)
    own = simulate(cell.replaced({"AMPA.decay": 9.0}), drive, **options)
    for name in options["record"]:
        np.testing.assert_array_equal(alone[name][0], several[name][0])
        np.testing.assert_array_equal(alone[name][0], own[name])


times = st.lists(st.sampled_from([0.0, 3.0, 5.0, 5.0000001, 8.0]), min_size=1, max_size=12)


@settings(max_examples=30)
@given(at=times, data=st.data())
def test_the_order_of_events_changes_no_bit(at, data):
    weights = data.draw(st.lists(st.floats(0.0, 3.0), min_size=len(at), max_size=len(at)))
    order = data.draw(st.permutations(range(len(at))))
    synapse = channels.Synapse("S", g=1.0, E=0.0, decay=4.0, rise=0.3)
    one = train(synapse, np.array(at), np.array(weights))
    other = train(synapse, np.array(at)[order], np.array(weights)[order])
    for key in ("times", "weights", "slow", "fast"):
        np.testing.assert_array_equal(getattr(one, key), getattr(other, key))


@settings(max_examples=50)
@given(
    at=st.lists(st.floats(0.0, 50.0), max_size=20),
    rise=st.sampled_from([0.0, 0.2, 3.9]),
    dt=st.floats(0.01, 1.0),
)
def test_means_over_steps_are_exact(at, rise, dt):
    synapse = channels.Synapse("S", g=1.0, E=0.0, decay=4.0, rise=rise)
    each = train(synapse, np.array(at), np.ones(len(at)))
    edges = dt * np.arange(30.0)
    total = 0.0
    for t in at:  # the integral of each event's exponentials, by hand
        a, b = np.maximum(edges[:-1] - t, 0.0), np.maximum(edges[1:] - t, 0.0)
        total = total + 4.0 * (np.exp(-a / 4.0) - np.exp(-b / 4.0)) * synapse.norm
        if rise:
            total = total - rise * (np.exp(-a / rise) - np.exp(-b / rise)) * synapse.norm
    np.testing.assert_allclose(each.means(edges), total / dt, atol=1e-12 * synapse.norm)


def test_an_event_of_weight_one_opens_g():
    for rise in (0.0, 0.5, 9.9):
        synapse = channels.Synapse("S", g=1.0, E=0.0, decay=10.0, rise=rise)
        one = train(synapse, np.array([3.0]), np.array([1.0]))
        t = np.linspace(3.0, 60.0, 100_001)
        assert one.at(t).max() == pytest.approx(1.0, abs=1e-6)
        assert t[one.at(t).argmax()] == pytest.approx(3.0 + synapse.peak_time, abs=1e-3)


@pytest.mark.parametrize("method", COMPILED)
def test_a_conductance_alone_relaxes_as_its_closed_form(method, monkeypatch):
    """C v' = -(g_leak + g) v + ...: an exponential; idle synapses change nothing.

    Uncompiled, since its structure serves nothing else.
    """
    monkeypatch.setenv("MNEXCITE_UNCOMPILED", "1")
    leak = Channel("leak", 0.1, E=-65.0)
    two = [channels.Synapse(name, g=1.0, E=0.0, decay=3.0) for name in ("A", "B")]
    cell = Cell("passive", Compartment("soma", 2.0, leak, v=-65.0, synapses=two))
    pulse = stimuli.conductance(0.3, unit="mS/cm2", E=-20.0, start=1.0, duration=4.0)
    end = (0.1 * -65.0 + 0.3 * -20.0) / 0.4
    expected = end + (-65.0 - end) * np.exp(-4.0 * 0.4 / 2.0)
    step = {"dt": 0.01} if method in FIXED else {"tolerance": 1e-8}
    run = simulate(cell, pulse, duration=5.0, method=method, threads=1, **step)
    assert run.final_state["v"][0] == pytest.approx(expected, abs=1e-5)


REFUSED = {
    "no such synapse": (
        lambda cell: simulate(cell, stimuli.events("AMPA", [1.0]), duration=1.0),
        "has no synapse 'AMPA'; it has none; add one with cell.with_synapse",
    ),
    "a negative weight": (
        lambda cell: stimuli.events("S", [1.0], weights=-1.0),
        "weights",
    ),
    "weights that are too few": (
        lambda cell: stimuli.events("S", [1.0, 2.0, 3.0], weights=[1.0, 2.0]),
        "2 weights for 3 times",
    ),
    "a negative time": (lambda cell: stimuli.events("S", [-1.0]), "times"),
    "a conductance in nA": (
        lambda cell: stimuli.conductance(1.0, unit="nA", E=0.0),
        "unit is 'nA'; allowed: uS, mS/cm2",
    ),
    "a negative conductance": (
        lambda cell: stimuli.conductance(-1.0, unit="uS", E=0.0),
        "g is -1.0 uS; allowed: 0 or more",
    ),
    "a conductance turned round": (
        lambda cell: -stimuli.conductance(1.0, unit="uS", E=0.0),
        "allowed with conductances or events: 0 on",
    ),
    "a rise as long as the decay": (
        lambda cell: channels.Synapse("S", g=1.0, E=0.0, decay=2.0, rise=2.0),
        "rise is 2 ms; allowed: 0 to 0.999 of the decay",
    ),
    "a name that is taken": (
        lambda cell: cell.with_synapse(channels.Synapse("NaP", 1.0, 0.0, 2.0)),
        "the name 'NaP' is taken",
    ),
    "noise of a current with a reversal": (
        lambda cell: stimuli.ornstein_uhlenbeck(1.0, unit="nA", tau=1.0, E=0.0),
        "unit is 'nA'; allowed: uS, mS/cm2 with E",
    ),
    "a seed below 0": (lambda cell: simulate(cell, duration=1.0, seed=-1), "seed is -1"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_refused(what):
    call, said = REFUSED[what]
    with pytest.raises(InputError) as caught:
        call(PUBLISHED["PB"])
    assert said in str(caught.value) and "\n" not in str(caught.value)


def test_a_session_refuses_events_of_the_past_and_of_other_kinds():
    with prepare(synapses("PB").cell) as session:
        session.advance(5.0)
        with pytest.raises(InputError, match=r"first is at 4 ms; allowed: .* which is 5 ms"):
            session.advance(10.0, events=stimuli.events("AMPA", [6.0, 4.0]))
        with pytest.raises(InputError, match="has currents in it"):
            session.advance(10.0, events=stimuli.step(1.0, unit="nA"))
        with pytest.raises(InputError, match="2 for 1 lanes"):
            session.advance(10.0, events=[stimuli.events("AMPA", [6.0])] * 2)
        assert session.time == 5.0


def test_a_run_says_the_seed_of_its_noise():
    noise = stimuli.ornstein_uhlenbeck(0.1, unit="nA", tau=5.0)
    run = simulate(PUBLISHED["PB"], noise, duration=1.0, seed=3)
    assert run.stimulus.endswith("(each lane's own); seed of the run 3")
    own = simulate(PUBLISHED["PB"], [noise.seeded(4, 2)], duration=1.0)
    assert "(seed 4, lane 2)" in own.stimulus[0]
