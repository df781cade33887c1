"""The page's numbers are the product's: its spikes are those of `simulate`."""

import re
import warnings
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

import mnexcite as mx
from mnexcite import cells, config
from mnexcite.measures.verdict import conclude, judge
from mnexcite.page.describe import describe, of_page
from page_engine import ask, find_node

CELLS = ("purvis_butera_2005", "booth_rinzel_kiehn_1997", "molkov_2025", "hodgkin_huxley_1952")
#: A current that takes Molkov's cell out of the range of voltages [uA/cm2].
FAILING = 1000.0
#: What two roundings may do to a run that is not sensitive [ms].
SAME = 0.2


@pytest.fixture(scope="module", autouse=True)
def node():
    """Skip before anything is computed, where there is no node."""
    return find_node()


@pytest.fixture(scope="module", params=CELLS)
def described(request):
    cell = cells.find(request.param)
    return cell, describe(cell)


def settings_of(described, count, seed):
    """Return random settings, a drug in every fourth."""
    rng = np.random.default_rng(seed)
    found = []
    for k in range(count):
        settings = {}
        for slider in described["sliders"]:
            if slider["kind"] == "drug":
                continue
            low, high = slider["low"], slider["high"]
            settings[slider["id"]] = round(float(rng.uniform(low, high)), 4)
        if k % 4 == 0:
            drugs = [s for s in described["sliders"] if s["kind"] == "drug"]
            drug = drugs[rng.integers(len(drugs))]
            settings[drug["id"]] = round(float(rng.uniform(0.0, drug["high"])), 4)
        found.append(settings)
    return found


def run(text):
    """Return the spikes of the Python that a page gives."""
    known = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", mx.RunWarning)  # the status says it too
        exec(text.replace("print(rec.spike_times)", ""), known)
    return known["rec"]


def in_words(text):
    """Return a sentence without its numbers, and these."""
    return re.sub(r"[\d.]+", "#", text.lower()), [
        float(x) for x in re.findall(r"\d+\.\d", text)
    ]


def test_spikes_are_those_of_simulate(described, tmp_path):
    _, page = described
    asked = settings_of(page, 12, seed=3)
    plain = {"unit": "slow", "duration": 1000.0}
    messages = []
    for k, settings in enumerate(asked):
        told = {"id": k, "settings": settings, "tag": "now", **plain}
        messages += [{**told, "kind": kind} for kind in ("run", "python", "sensitive")]
    answers = ask(tmp_path, page, messages)
    compared = 0
    for k, settings in enumerate(asked):
        (found,), (python,), (sensitive,) = answers[3 * k : 3 * k + 3]
        rec = run(python["text"])
        assert found["status"] == rec.status
        if sensitive["sensitive"]:
            continue
        compared += 1
        assert len(found["spikes"]) == rec.spike_times.size, settings
        np.testing.assert_allclose(found["spikes"], rec.spike_times, rtol=0, atol=SAME)
    assert compared >= 8


def test_force_and_words_are_the_products(described, tmp_path):
    cell, page = described
    asked = settings_of(page, 6, seed=5)
    asked.append({s["id"]: s["neutral"] for s in page["sliders"]})
    messages = []
    for k, settings in enumerate(asked):
        if k % 2:
            settings.pop("stimulus")
        told = {"id": k, "settings": settings, "tag": "now", "unit": "slow", "duration": 2000.0}
        messages += [{**told, "kind": kind} for kind in ("run", "python", "sensitive")]
    answers = [found[0] for found in ask(tmp_path, page, messages)]
    by_kind = [answers[kind::3] for kind in range(3)]
    for settings, found, python, sensitive in zip(asked, *by_kind, strict=True):
        rec = run(python["text"])
        force = mx.muscle.contract(found["spikes"], mx.muscle.slow_unit(), duration=2000.0)
        assert (found["force"] is None) == (rec.status != "ok") == (found["status"] != "ok")
        if rec.status != "ok":
            assert rec.status in found["sentence"]
            continue
        np.testing.assert_allclose(found["force"]["percent"], 100.0 * force.force, atol=1e-9)
        blocked = mx.measures.phase_of(rec) == "block"
        block = float(rec.final_state.values[0][0]) if blocked else None
        driven = settings.get("stimulus", 0.0) > 0.0
        said = judge(rec, force, block, driven=driven)
        (words, numbers), (wanted, known) = map(in_words, (found["sentence"], said.sentence))
        if not sensitive["sensitive"]:
            assert words == wanted
            assert numbers == pytest.approx(known, abs=0.11)
            assert found["conclusion"] == of_page(conclude(cell.name, said, driven=driven))


def test_currents_are_those_of_the_states(described, tmp_path):
    cell, page = described
    high = next(s for s in page["sliders"] if s["id"] == "stimulus")["high"]
    K_o = 1.1 * cell.scalars["ions.K_o"][0]
    settings = {"K.g": 0.8, "ions.K_o": K_o, "stimulus": high / 4}
    message = {"kind": "run", "id": 1, "tag": "now", "settings": settings, "unit": "slow"}
    ((found,),) = ask(tmp_path, page, [{**message, "duration": 300.0, "all": True}])
    assert set(found["currents"]) == set(page["currents"])
    changed = cell.scaled({"K.g": 0.8}).replaced({"ions.K_o": K_o})
    assert np.ptp(found["states"][page["states"][0]]) > 50.0  # it fired
    compare_currents(changed, found)


def test_many_compartments_of_one_type(tmp_path):
    """They share their tables, also those of gates that open at once, and run in loops."""
    booth = cells.find("booth_rinzel_kiehn_1997")
    parts = [replace(booth.compartments[0], name=f"part{k}") for k in range(7)]
    joints = [
        mx.Coupling(one.name, two.name, 0.1, 0.5, name=f"joint{k}")
        for k, (one, two) in enumerate(pairwise(parts))
    ]
    cell = mx.Cell("chain", parts, couplings=joints, ions=booth.ions)
    message = {"kind": "run", "id": 1, "tag": "now", "settings": {"stimulus": 40.0}}
    message |= {"unit": "slow", "duration": 200.0, "all": True}
    page = describe(cell) | {"tolerance": 1e-5}
    ((found,),) = ask(tmp_path, page, [message])
    step = mx.stimuli.step(40.0, unit="uA/cm2", start=page["begins"], duration=200.0)
    rec = mx.simulate(cell, step, duration=200.0, method="reference")
    assert found["status"] == rec.status == "ok"
    assert rec.spike_times.size > 2
    np.testing.assert_allclose(found["spikes"], rec.spike_times, rtol=0.0, atol=0.01)
    compare_currents(cell, found)


def compare_currents(changed, found):
    """Compare a page's currents with those of its states by the cell's own kinetics."""
    states = {name: np.array(column) for name, column in found["states"].items()}
    for compartment in changed.compartments:
        prefix = f"{compartment.name}." if len(changed.compartments) > 1 else ""
        v = states.get(f"{prefix}v")
        for channel in compartment.channels:
            path = f"{prefix}{channel.name}"
            flow = channel.g * (v - changed.reversal(path))
            for gate in channel.gates:
                x = states.get(f"{path}.{gate.name}")
                if x is None:
                    read = v if gate.pool is None else states[f"{prefix}{gate.pool}"]
                    x = gate.steady_state(read)
                flow = flow * x**gate.power
            told = np.array(found["currents"][f"{path}.i"])
            np.testing.assert_allclose(told, flow, atol=1e-7 * np.abs(flow).max(), err_msg=path)


def test_a_clamp_is_the_references(described, tmp_path):
    cell, page = described
    levels = [-60.0, -20.0, 10.0]
    message = {"kind": "clamp", "id": 1, "settings": {"K.g": 0.8}, "hold": -80.0}
    ((found,),) = ask(
        tmp_path, page, [{**message, "levels": levels, "settle": 300.0, "duration": 20.0}]
    )
    assert found["status"] == "ok"
    for level, trace in zip(levels, found["traces"], strict=True):
        assert trace["level"] == level
        steps = mx.stimuli.voltage_clamp(-80.0, (300.0, 20.0, level))
        rec = mx.simulate(cell.scaled({"K.g": 0.8}), steps, duration=320.0, every=0.02)
        t, i = np.array(trace["t"]), np.array(trace["i"])
        # at the page's points, which are far apart where little changes
        known = np.interp(t, rec.t - 300.0, rec["clamp.i"])
        after = (t > 0.2) & (t < 19.9)
        assert np.abs(i - known)[after].max() < 2e-3 * np.abs(known[after]).max()
        held = np.interp(299.98 + 20.0, rec.t, rec["clamp.i"])
        assert i[-1] == pytest.approx(held, abs=2e-3 * np.abs(known[after]).max())


def test_peaks_of_equal_spikes_are_equal(tmp_path):
    page = describe(cells.purvis_butera_2005())
    settings = {"NaP.g": 2.0, "K.g": 0.5}
    message = {"kind": "run", "id": 1, "tag": "now", "settings": settings, "unit": "slow"}
    ((found,),) = ask(tmp_path, page, [{**message, "duration": 4000.0}])
    t, v = np.array(found["t"]), np.array(found["v"])
    peaks = [v[(t >= at) & (t < at + 5.0)].max() for at in found["spikes"][3:]]
    assert np.ptp(peaks) < 1.0


def test_a_train_and_a_stretch(tmp_path):
    cell = cells.cramping_motoneuron()
    page = describe(cell)
    presets = {p["id"]: p for p in page["presets"]}
    names = ("train", "cramp", "stretch")
    messages = []
    for name in names:
        told = {
            "id": 1,
            "settings": presets[name]["settings"],
            "duration": presets[name]["duration"],
            "protocol": presets[name]["protocol"],
            "unit": "slow",
        }
        messages += [{**told, "kind": "run", "tag": "now"}, {**told, "kind": "python"}]
    answers = [found[0] for found in ask(tmp_path, page, messages)]
    last = {}
    for name, found, python in zip(names, answers[::2], answers[1::2], strict=True):
        rec = run(python["text"])
        assert len(found["spikes"]) == rec.spike_times.size
        # a minute of firing at the page's tolerance
        np.testing.assert_allclose(found["spikes"], rec.spike_times, rtol=0, atol=50.0)
        last[name] = found["spikes"][-1]
    assert last["train"] < 9000.0 < last["stretch"] < 26_000.0 < last["cramp"]


def test_live_windows_are_one_run(tmp_path):
    page = describe(cells.purvis_butera_2005())
    settings = {"NaP.g": 2.0, "K.g": 0.5}
    told = {"id": 1, "settings": settings, "unit": "slow"}
    windows = [{**told, "kind": "live", "command": "on", "span": 33.0} for _ in range(40)]
    messages = [{**told, "kind": "live", "command": "start", "span": 0.0}, *windows]
    messages.append({**told, "kind": "run", "tag": "now", "duration": 40 * 33.0})
    *live, whole = [found[0] for found in ask(tmp_path, page, messages)]
    spikes = np.concatenate([window["spikes"] for window in live])
    # a window begins with a step of its own
    np.testing.assert_allclose(spikes, whole["spikes"], rtol=0, atol=0.5)
    assert live[-1]["now"] == 40 * 33.0
    force = np.concatenate([window["force"]["percent"] for window in live])
    assert force.max() == pytest.approx(max(whole["force"]["percent"]), rel=0.02)


def test_a_map_is_of_runs(tmp_path):
    page = describe(cells.purvis_butera_2005())
    x, y = [0.5, 1.0], [1.0, 2.0]
    message = {
        "kind": "map",
        "id": 9,
        "settings": {},
        "duration": 2000.0,
        "x": {"slider": "K.g", "values": x},
        "y": {"slider": "NaP.g", "values": y},
    }
    (rows,) = ask(tmp_path, page, [message])
    assert [row["row"] for row in rows] == [0, 1]
    rates = np.array([row["rate"] for row in rows])
    cell = cells.purvis_butera_2005()
    for j, nap in enumerate(y):
        for i, k in enumerate(x):
            rec = mx.simulate(cell.scaled({"NaP.g": nap, "K.g": k}), duration=2000.0)
            rate = mx.spikes.rate(rec.spike_times) if rec.spike_times.size > 1 else 0.0
            assert rates[j, i] == pytest.approx(rate, abs=0.1)


def test_the_sweep_that_a_page_gives_is_read(tmp_path):
    page = describe(cells.purvis_butera_2005())
    settings = {"NaP.g": 2.0, "Na.g": 0.9, "ions.K_o": 5.0, "mexiletine.c": 5.0}
    settings |= {"stimulus": 0.2, "temperature": 38.0}
    message = {"kind": "toml", "id": 1, "settings": settings, "duration": 1e3}
    ((found,),) = ask(tmp_path, page, [message])
    plan = config.build_plan(config.loads_sweep(found["text"]))
    assert plan.design.shape == (31, 31)


def test_nullclines_cross_where_the_cell_can_rest(described, tmp_path):
    """At the voltage of each equilibrium, against its state, which no table has made."""
    cell, page = described
    plain, share = page["models"]["plain"], np.linspace(0.0, 1.0, 2001).tolist()
    gates = plain["nullclines"]["steady"]
    rests = mx.equations.equilibria(cell)
    asked = {"kind": "nullclines", "id": 0, "settings": {}, "share": share}
    messages = [
        {
            **asked,
            "gate": gate,
            "v": [rest.v],
            "values": [rest.state[s] for s in plain["states"]],
        }
        for rest in rests
        for gate in gates
    ]
    answers = [found[0] for found in ask(tmp_path, page, messages)]
    for i, rest in enumerate(rests):
        told = 0
        for gate, found in zip(gates, answers[i * len(gates) :], strict=False):
            assert found["still"][0] == pytest.approx(rest.state[gate], abs=1e-5)
            # a channel that is shut or has no drive leaves its gates anywhere
            if found["voltage"][0] is not None:
                told += abs(found["voltage"][0] - rest.state[gate]) < 1e-3
        assert told >= 1


def test_a_block_is_where_the_products_rule_finds_it(described, tmp_path):
    """Among steps of current that blocks, lets fire, and leaves at rest."""
    _, page = described
    slider = next(s for s in page["sliders"] if s["id"] == "stimulus")
    shares = [-0.5, 0.1, 0.5, 1.0, 3.0, 8.0]
    settings = [{"stimulus": slider["high"] * share} for share in shares]
    settings += [{"ions.K_o": 30.0}, {"Na.g": 0.3, "K.g": 0.1, "stimulus": slider["high"]}]
    plain = {"unit": "slow", "duration": 1000.0}
    messages = []
    for k, chosen in enumerate(settings):
        told = {"id": k, "settings": chosen, "tag": "now", **plain}
        messages += [{**told, "kind": kind} for kind in ("run", "python")]
    answers = [found[0] for found in ask(tmp_path, page, messages)]
    phases = []
    for found, python in zip(answers[::2], answers[1::2], strict=True):
        rec = run(python["text"])
        phases.append(mx.measures.phase_of(rec))
        assert ("depolarisation block" in found["sentence"]) == (phases[-1] == "block")
        # of what failed there is no force
        assert (found["force"] is None) == (phases[-1] == "failed") == (found["status"] != "ok")
    assert len(set(phases)) > 2


def test_a_point_that_fails_has_no_answer_on_a_map(tmp_path):
    page = describe(cells.molkov_2025())
    axes = {"y": {"slider": "K.g", "values": [1.0]}}
    axes |= {"x": {"slider": "stimulus", "values": [0.0, FAILING]}}
    message = {"kind": "map", "id": 1, "settings": {}, "duration": 500.0, **axes}
    ((row,),) = ask(tmp_path, page, [message])
    assert row["says"] == ["", "out_of_range"]
    assert row["fires"] == [0, -1]
