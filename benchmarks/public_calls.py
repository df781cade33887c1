"""The public functions, a good call of each, and the kinds of its arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import mnexcite as mx


@dataclass(frozen=True)
class Call:
    """Hold a function, good arguments for it, and the kinds of those to spoil.

    A kind is a word of `nonsense.BAD`; `?` after it says that None is allowed.
    """

    name: str
    make: Callable[..., Any]
    arguments: Mapping[str, Any]
    kinds: Mapping[str, str]

    def good(self) -> dict[str, Any]:
        """Return a copy of the good arguments."""
        return dict(self.arguments)


def table(folder: Path) -> list[Call]:
    """Return all calls; small results that they need are made once, and files in `folder`."""
    made = _Made(folder)
    parts = (
        _cells,
        _conditions,
        _stimuli,
        _runs,
        _spikes,
        _muscle,
        _pool,
        _measures,
        _sweeps,
        _fitting,
        _plots,
        _bench,
        _files,
    )
    return [call for part in parts for call in part(made)]


class _Made:
    """Hold what the calls are given: a cell, a run, a force, a sweep, files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cell = mx.cells.hodgkin_huxley_1952()
        self.drive = mx.stimuli.step(10.0, unit="uA/cm2")
        self.rec = mx.simulate(self.cell, self.drive, duration=60.0)
        batch = mx.simulate(
            self.cell, self.drive, duration=20.0, parameters={"Na.g": [110.0, 120.0]}
        )
        assert isinstance(batch, mx.Batch)
        self.batch = batch
        self.unit = mx.muscle.slow_unit()
        self.force = mx.muscle.contract(self.rec.spike_times, self.unit, duration=200.0)
        self.pool = mx.muscle.fuglevand_pool(4)
        self.muscle = mx.motor_pool.cramping_pool(2)
        self.shocked = mx.motor_pool.train(20.0, count=2, start=5.0)
        self.activity = mx.motor_pool.contract(self.muscle, self.shocked, duration=1500.0)
        axes = {"Na.g": [100.0, 110.0, 120.0], "Kdr.g": [30.0, 36.0, 40.0]}
        self.ds = mx.sweep(
            self.cell, axes, self.drive, duration=40.0, measures=("rate", "phase", "count")
        )
        ranges = {"Na.g": mx.between(80.0, 120.0), "Kdr.g": mx.between(20.0, 40.0)}
        drawn = mx.sweeps.saltelli(ranges, 4, seed=0)
        self.saltelli = mx.sweep(self.cell, drawn, self.drive, duration=80.0)
        self.t, self.v = self.rec.t, self.rec["v"]
        space = mx.IonPool("K_o", 1e-4, tau=10.0, initial=4.0, ion="K", side="outside")
        self.pools = partial(
            mx.prepare, self.cell.with_pool(space), parameters={"Na.g": [110.0, 120.0]}
        )
        self.family = mx.measures.clamp_family(
            self.cell, [-40.0, -20.0, 0.0], start=1.0, duration=2.0, channel="Na", every=0.5
        )
        self.tested = mx.measures.clamp_family(
            self.cell, [-90.0, -60.0, -40.0], start=1.0, duration=2.0, test=0.0,
            test_duration=2.0, channel="Na", every=0.5
        )  # fmt: skip
        pulses = mx.measures.strength_duration(durations=[1.0, 5.0], settle=10.0, watch=10.0)
        self.thresholds = mx.sweep(
            self.cell, {"Na.g": [110.0, 120.0]}, duration=1.0, measures=[pulses]
        )
        self.csv = folder / "spikes.csv"
        mx.spikes.write_csv(mx.spikes.SpikeTrains.from_list([[1.0, 2.0]]), self.csv)
        self.day = folder / "day.json"
        self.one_day = mx.motor_pool.day(self.muscle, hours=0.1, per_hour=0.01, store=self.day)
        self.one_course = mx.motor_pool.course(self.muscle, [1.0], lasts=50.0, longest=2000.0)
        self.work = mx.bench.cell_work(self.cell, 1, 20.0, stimulus=self.drive)
        self.frontier = mx.bench.work_precision(
            self.work, ["rosenbrock"], repeats=1, settings=1, budget=0.1
        )
        self.bench = folder / "bench.json"
        mx.bench.save(self.frontier, self.bench)
        self.json = folder / "cell.json"
        self.cell.save(str(self.json))


def _cells(m: _Made) -> list[Call]:
    gate = mx.Gate("m", inf=mx.channels.kinetics.boltzmann, tau=1.0, half=-40.0, slope=5.0)
    numbers = dict.fromkeys(("temperature", "spike_threshold", "dt"), "finite")
    soma = mx.Compartment("soma", 1.0, [mx.Channel("leak", g=0.1, E=-65.0)])
    one = partial
    return [
        Call("Gate", mx.Gate,
             dict(name="m", inf=mx.channels.kinetics.boltzmann, tau=1.0, half=-40.0, slope=5.0,
                  power=2, shift=0.0, rate=1.0),
             dict(name="text", half="finite", slope="finite", power="count", shift="finite",
                  rate="positive")),
        Call("Synapse", mx.channels.Synapse,
             dict(name="S", g=0.1, E=-75.0, decay=5.0, rise=0.5),
             dict(name="text", g="finite", E="finite", decay="positive", rise="finite")),
        Call("Binding", mx.channels.Binding,
             dict(name="B", on=0.1, off=0.5, c=5.0, through={"m": 1}, unit="uM"),
             dict(name="text", on="finite", off="positive", c="finite", through="mapping?")),
        Call("with_binding", m.cell.with_binding,
             dict(channel="Na", binding=mx.channels.Binding("B", 0.1, 0.5)),
             dict(channel="word", binding="object")),
        Call("with_gate", m.cell.with_gate, dict(channel="Na", gate=gate),
             dict(channel="word", gate="object")),
        Call("with_synapse", m.cell.with_synapse,
             dict(synapse=mx.channels.Synapse("S", 0.1, 0.0, 5.0), compartment=None),
             dict(synapse="object", compartment="text?")),
        Call("GHK", mx.GHK, dict(name="X", P=1e-5, ion="Ca", gates=[gate]),
             dict(name="text", P="finite", ion="text", gates="object")),
        Call("Pump", mx.Pump, dict(name="X", i_max=1.0, gates=[gate], carries={"Na": 1.0}),
             dict(name="text", i_max="finite", gates="object")),
        Call("Pump.sodium_potassium", mx.Pump.sodium_potassium,
             dict(i_max=1.0, Na_half=10.0, K_half=1.5, name="NaK"),
             dict(i_max="finite", Na_half="positive", K_half="positive?", name="text")),
        Call("with_pool", m.cell.with_pool,
             dict(pool=mx.IonPool("Ca", 1e-4, tau=10.0), compartment=None),
             dict(pool="object", compartment="word?")),
        Call("Channel", mx.Channel, dict(name="X", g=1.0, gates=[gate], E=-70.0),
             dict(name="text", g="finite", E="finite", gates="object")),
        Call("IonPool", mx.IonPool,
             dict(name="Ca", alpha=1.0, tau=10.0, f=1.0, rest=0.0, initial=0.0, scale=1.0),
             dict(name="text", alpha="finite", tau="positive", f="finite", rest="finite?",
                  initial="finite", scale="positive")),
        Call("IonPool outside", mx.IonPool,
             dict(name="K_o", alpha=1.0, tau=10.0, ion="K", side="outside", ratio=5.0,
                  reference=4.0),
             dict(ion="text?", side="word", ratio="positive", reference="positive?")),
        Call("Ion", mx.Ion, dict(name="K", E=-80.0, outside=4.0, inside=140.0, valence=1),
             dict(name="text", E="finite", outside="positive?", inside="positive?")),
        Call("Compartment", mx.Compartment,
             dict(name="soma", C=1.0, channels=[mx.Channel("leak", g=0.1, E=-65.0)], v=-65.0,
                  initial={}),
             dict(name="text", C="positive", channels="object", v="finite",
                  initial="mapping?")),
        Call("Coupling", mx.Coupling, dict(a="a", b="b", g_c=0.1, p=0.5),
             dict(g_c="finite", p="positive?")),
        Call("Cell", mx.Cell,
             dict(name="c", compartments=soma, temperature=37.0, area=1e-5, rt_f=26.0,
                  spike_threshold=0.0, dt=0.02, membrane="density"),
             {**numbers, "name": "text", "compartments": "object", "area": "positive?",
              "rt_f": "positive?", "membrane": "word"}),
        Call("Cell.scaled", lambda value: m.cell.scaled({"Na.g": value}), dict(value=1.1),
             dict(value="finite")),
        Call("Cell.scaled of", m.cell.scaled, dict(factors={"Na.g": 1.1}),
             dict(factors="mapping")),
        Call("Cell.replaced", lambda path, value: m.cell.replaced({path: value}),
             dict(path="Na.g", value=100.0), dict(value="finite")),
        Call("Cell.replaced temperature", lambda value: m.cell.replaced({"temperature": value}),
             dict(value=10.0), dict(value="finite")),
        Call("Cell.with_channel", m.cell.with_channel,
             dict(channel=mx.Channel("X", g=1.0, E=0.0), compartment=None, source="s",
                  status="tuned"),
             dict(channel="object", compartment="word?", source="text", status="word")),
        Call("Cell.reversal", m.cell.reversal, dict(channel="Na"), dict(channel="word")),
        Call("Cell.save", m.cell.save, dict(path=str(m.folder / "c.json")), dict(path="path")),
        Call("equations.iv_curve", mx.equations.iv_curve,
             dict(cell=m.cell, v=[-70.0, 0.0], compartment=None),
             dict(cell="object", v="array", compartment="word?")),
        Call("equations.right_hand_side", mx.equations.right_hand_side,
             dict(cell=m.cell, current=1.0, compartment=None),
             dict(cell="object", current="finite", compartment="word?")),
        Call("equations.gate_curves", mx.equations.gate_curves,
             dict(cell=m.cell, v=[-70.0, 0.0]),
             dict(cell="object", v="array", over="word")),
        Call("equations.equilibria", mx.equations.equilibria,
             dict(cell=m.cell, current=1.0, compartment=None),
             dict(cell="object", current="finite", compartment="word?")),
        Call("cells.changes", mx.cells.changes, dict(cell=m.cell), dict(cell="object")),
        Call("cells.cramping_motoneuron", mx.cells.cramping_motoneuron, dict(sodium=False),
             dict(sodium="flag")),
        Call("cells.find", mx.cells.find, dict(name="hodgkin_huxley_1952"), dict(name="word")),
        Call("cells.load", mx.cells.load, dict(path=m.json), dict(path="path")),
        Call("factors", mx.factors, dict(lo=1.0, hi=2.0, n=3),
             dict(lo="finite", hi="finite", n="count")),
        Call("log_factors", mx.log_factors, dict(lo=1.0, hi=2.0, n=3),
             dict(lo="positive", hi="positive", n="count")),
        Call("factors of", one(mx.factors), dict(lo=[1.0, 2.0]), dict(lo="array")),
    ]  # fmt: skip


def _conditions(m: _Made) -> list[Call]:
    c = mx.conditions
    return [
        Call("als_early", c.als_early, dict(strength=1.0, recovery=1.5),
             dict(strength="finite", recovery="positive")),
        Call("electrolytes", c.electrolytes, dict(K_o=5.0, Na_o=140.0),
             dict(K_o="positive?", Na_o="positive?")),
        Call("Scale", c.Scale, dict(path="Na.g", factor=2.0), dict(factor="finite")),
        Call("Shift", c.Shift, dict(path="Na.g", by=2.0), dict(by="finite")),
        Call("Replace", c.Replace, dict(path="Na.g", value=2.0), dict(value="finite")),
        Call("Rates", c.Rates, dict(temperature=20.0, q10=3.0),
             dict(temperature="finite", q10="positive")),
        Call("Condition", c.Condition,
             dict(name="mine", effects=c.Scale("Na.g", 2.0), source="a paper", status="tuned"),
             dict(name="text", source="text", status="word")),
        Call("Condition.at", c.Condition("mine", c.Scale("Na.g", 2.0), "a", "tuned").at,
             dict(strength=0.5), dict(strength="finite")),
        Call("Condition.with_number",
             c.Condition("mine", c.Scale("Na.g", 2.0), "a", "tuned").with_number,
             dict(name="Na.g", value=0.5), dict(name="word", value="finite")),
        *(Call(name, drug, dict(c=5.0), dict(c="finite")) for name, drug in c.DRUGS.items()),
        *(Call(name, preset, dict(strength=0.5), dict(strength="finite"))
          for name, preset in c.PRESETS.items() if name != "als_early"),
        Call("drug on a cell", lambda c: m.cell.under(mx.conditions.mexiletine(c)),
             dict(c=5.0), dict(c="finite")),
        Call("ScaleAll", c.ScaleAll, dict(factor=2.0), dict(factor="finite")),
        Call("ShiftByDose", c.ShiftByDose,
             dict(path="Na.m.shift", most=-5.0, half=1.0, c=2.0),
             dict(most="finite", half="finite", c="finite")),
        Call("temperature", lambda **told: m.cell.under(c.temperature(**told)),
             dict(celsius=20.0, q10=3.0, gates={"Na.m": 2.2}, conductance_q10=1.5,
                  pump_q10=2.0),
             dict(celsius="finite", q10="positive", gates="mapping?",
                  conductance_q10="positive", pump_q10="positive")),
    ]  # fmt: skip


def _stimuli(m: _Made) -> list[Call]:
    s = mx.stimuli
    common = dict(unit="word", start="finite", compartment="text?")
    return [
        Call("step", s.step, dict(amplitude=1.0, unit="nA", start=0.0, duration=5.0),
             dict(amplitude="finite", unit="word", start="finite", duration="positive")),
        Call("pulse", s.pulse, dict(amplitude=1.0, unit="nA", start=0.0, duration=1.0),
             dict(amplitude="finite", unit="word", start="finite", duration="positive")),
        Call("ramp", s.ramp, dict(first=0.0, last=1.0, unit="nA", start=0.0, duration=5.0),
             dict(first="finite", last="finite", unit="word", start="finite",
                  duration="positive")),
        Call("triangle", s.triangle, dict(peak=1.0, unit="nA", duration=5.0, base=0.0),
             dict(peak="finite", unit="word", duration="positive", base="finite")),
        Call("train", s.train, dict(amplitude=1.0, unit="nA", rate=50.0, count=3, width=1.0),
             dict(amplitude="finite", unit="word", rate="positive", count="count",
                  width="positive")),
        Call("train for", s.train, dict(amplitude=1.0, unit="nA", rate=50.0, duration=100.0),
             dict(rate="positive", duration="size")),
        Call("sampled", s.sampled, dict(values=[1, 2, 3.0], unit="nA", every=0.5, start=0.0),
             dict(values="array", unit="word", every="positive", start="finite")),
        Call("sampled at", s.sampled, dict(values=[1.0, 2.0, 3.0], unit="nA", times=[0, 1, 2]),
             dict(times="array")),
        Call("noise", s.ornstein_uhlenbeck,
             dict(sd=1.0, unit="nA", tau=5.0, duration=50.0, mean=0.0, start=0.0, every=0.1,
                  seed=0, shared=0.5),
             {**common, "sd": "finite", "tau": "positive", "duration": "positive",
              "mean": "finite", "every": "positive?", "seed": "seed?", "shared": "finite"}),
        Call("conductance", s.conductance,
             dict(g=1.0, unit="uS", E=-70.0, start=0.0, duration=5.0),
             {**common, "g": "finite", "E": "finite", "duration": "positive"}),
        Call("conductance sampled", s.conductance,
             dict(g=[1.0, 2.0], unit="uS", E=-70.0, start=0.0, every=5.0),
             {"g": "array", "every": "positive"}),
        Call("events", s.events, dict(synapse="S", times=[1.0, 2.0], weights=1.0, delay=0.0),
             dict(synapse="text", times="array", weights="finite", delay="finite",
                  compartment="text?")),
        Call("seeded", m.drive.seeded, dict(seed=1, lane=2), dict(seed="seed", lane="seed")),
        Call("voltage_clamp",
             lambda holding, start, duration, level: s.voltage_clamp(
                 holding, (start, duration, level)),
             dict(holding=-70.0, start=1.0, duration=5.0, level=0.0),
             dict(holding="finite", start="finite", duration="positive", level="finite")),
        Call("Stimulus * factor", lambda factor: m.drive * factor, dict(factor=2.0),
             dict(factor="finite")),
        Call("Stimulus.at", m.drive.at, dict(t=[0.0, 1.0]), dict(t="numbers")),
    ]  # fmt: skip


def _runs(m: _Made) -> list[Call]:
    run = dict(cell=m.cell, stimulus=m.drive, duration=5.0, discard=0.0)
    return [
        Call("simulate", mx.simulate, run | dict(record=("v",), every=0.1, tolerance=1e-6),
             dict(cell="object", stimulus="object?", duration="size", discard="finite",
                  record="object?", every="positive?", tolerance="positive?")),
        Call("simulate by steps", mx.simulate, run | dict(method="staggered", dt=0.05),
             dict(method="word?", dt="size?", duration="size")),
        Call("simulate to an error", mx.simulate, run | dict(spike_error=0.5),
             dict(spike_error="positive?")),
        Call("simulate by reference", mx.simulate,
             dict(cell=m.cell, duration=1.0, method="reference"), dict(duration="size")),
        Call("simulate from", mx.simulate, run | dict(initial={"v": -60.0}, threads=1),
             dict(initial="mapping", threads="count?")),
        Call("simulate from v", lambda v: mx.simulate(m.cell, duration=2.0, initial={"v": v}),
             dict(v=-60.0), dict(v="finite")),
        Call("simulate lanes",
             lambda values: mx.simulate(m.cell, duration=2.0, parameters={"Na.g": values}),
             dict(values=[110.0, 120.0]), dict(values="array")),
        Call("simulate with", mx.simulate,
             dict(cell=m.cell, duration=2.0, parameters={"Na.g": [1.0]}, progress=None),
             dict(parameters="mapping?", progress="progress?")),
        Call("prepare", lambda until, **given: mx.prepare(**given).advance(until),
             dict(cell=m.cell, stimulus=m.drive, record=("v",), every=0.1, threads=1,
                  until=5.0),
             dict(cell="object", stimulus="object?", record="object?", every="positive?",
                  threads="count?", until="size")),
        Call("advance events", lambda events: mx.prepare(m.cell).advance(2.0, events=events),
             dict(events=None), dict(events="object?")),
        Call("mix", lambda **given: m.pools().mix(**given),
             dict(pool="K_o", volumes=[1.0, 2.0], share=0.5),
             dict(pool="word", volumes="array?", share="finite")),
        Call("simulate seed", lambda seed: mx.simulate(m.cell, duration=2.0, seed=seed),
             dict(seed=1), dict(seed="seed?")),
        Call("Batch[]", m.batch.__getitem__, dict(key=1), dict(key="lane")),
        Call("Batch.lane", m.batch.lane, dict(index=1), dict(index="lane")),
        Call("Recording[]", m.rec.__getitem__, dict(name="v"), dict(name="word")),
        Call("Recording.save", m.rec.save, dict(path=str(m.folder / "run")), dict(path="path")),
        Call("load", mx.load, dict(path=str(m.folder / "no")), dict(path="path")),
    ]  # fmt: skip


def _spikes(m: _Made) -> list[Call]:
    s, times = mx.spikes, [10.0, 20.0, 31.0, 45.0]
    trains = s.SpikeTrains.from_list([times, [5.0]])
    return [
        Call("detect", s.detect, dict(t=m.t, v=m.v, threshold=0.0, rearm=10.0),
             dict(t="array", v="array", threshold="finite", rearm="finite")),
        Call("shape", s.shape,
             dict(t=m.t, v=m.v, spike_time=float(m.rec.spike_times[0]), slope=10.0, rearm=10.0,
                  stop=None),
             dict(t="array", v="array", spike_time="finite", slope="positive", rearm="finite",
                  stop="finite?")),
        *(Call(f"spikes.{name}", getattr(s, name), dict(times=times), dict(times="array"))
          for name in ("rate", "cv", "cv2", "lv", "last_rate", "intervals",
                       "mean_instantaneous_rate")),
        Call("smoothed_rate", s.smoothed_rate, dict(times=times, at=[20.0], width=400.0),
             dict(times="array", at="array", width="positive")),
        Call("van_rossum_distance", s.van_rossum_distance, dict(trains=trains, tau=10.0),
             dict(trains="object", tau="positive")),
        Call("isi_distance", s.isi_distance,
             dict(trains=s.SpikeTrains.from_list([times, times])), dict(trains="object")),
        Call("common_drive", s.common_drive, dict(trains=trains, width=400.0),
             dict(trains="object", width="positive")),
        Call("coherence", s.coherence,
             dict(a=times, b=times, start=0.0, stop=100.0, segment=20.0),
             dict(a="array", b="array", start="finite", stop="finite", segment="finite")),
        Call("delta_f", s.delta_f,
             dict(control=times, test=times, width=400.0, lead=0.0, least_r2=0.5),
             dict(control="array", test="array", width="positive", lead="finite",
                  least_r2="finite")),
        Call("delta_f_pairs", s.delta_f_pairs,
             dict(trains=trains, width=400.0, lead=0.0, least_r2=0.5),
             dict(trains="object", width="positive", lead="finite", least_r2="finite")),
        Call("recruitment_thresholds", s.recruitment_thresholds,
             dict(times=times, t=[0.0, 100.0], signal=[0.0, 1.0]),
             dict(times="array", t="array", signal="array")),
        Call("bursts", s.bursts, dict(times=times), dict(times="trains")),
        Call("fires_on", s.fires_on, dict(times=times, at=20.0),
             dict(times="trains", at="finite")),
        Call("spikes.mean_rate", s.mean_rate, dict(times=times, until=100.0, discard=0.0),
             dict(times="trains", until="positive", discard="finite")),
        Call("doublets", s.doublets, dict(times=times, longest=10.0),
             dict(times="array", longest="positive")),
        Call("stretches", s.stretches, dict(times=times, pause=100.0),
             dict(times="array", pause="positive")),
        Call("latency", s.latency, dict(times=times, start=0.0),
             dict(times="array", start="finite")),
        Call("describe", s.describe, dict(times=times, discard=0.0, start=0.0),
             dict(times="array", discard="finite", start="finite")),
        Call("SpikeTrains", s.SpikeTrains, dict(times=[1.0, 2.0, 3.0], counts=[1, 2]),
             dict(times="array", counts="array", names="object?")),
        Call("SpikeTrains.from_list", lambda one: s.SpikeTrains.from_list([times, one]),
             dict(one=[5.0]), dict(one="array")),
        Call("SpikeTrains.from_ids", s.SpikeTrains.from_ids,
             dict(times=[1.0, 2.0], ids=[1, 2], order=None),
             dict(times="array", ids="object", order="object?")),
        Call("from_neo", s.from_neo, dict(trains=[], offset=0.0),
             dict(trains="object", offset="finite")),
        Call("to_neo", s.to_neo, dict(trains=trains, until=None),
             dict(trains="object", until="finite?")),
        Call("SpikeTrains.between", trains.between, dict(start=0.0, stop=20.0),
             dict(start="number", stop="number")),
        Call("SpikeTrains.after", trains.after, dict(t=10.0), dict(t="number")),
        Call("SpikeTrains[]", trains.__getitem__, dict(train=1), dict(train="lane")),
        *(Call(function.__name__, function,
               dict(path=m.csv, offset=0.0, sort=False, unit=None, layout=None, header=None,
                    decimal=".", rate=None, zeros=None, fastest=200.0),
               dict(path="path", offset="finite", sort="flag", unit="word?", layout="word?",
                    header="flag?", decimal="word", rate="positive?", zeros="word?",
                    fastest="positive"))
          for function in (s.read, s.read_csv)),
        *(Call(function.__name__, function,
               dict(path=m.csv, offset=0.0, sort=False, fastest=200.0),
               dict(path="path", offset="finite", sort="flag", fastest="positive"))
          for function in (s.read_nwb, s.read_openhdemg)),
        Call("read_mat", s.read_mat,
             dict(path=m.csv, rate=2048.0, offset=0.0, sort=False, fastest=200.0),
             dict(path="path", rate="positive?", offset="finite", sort="flag",
                  fastest="positive")),
        Call("write_nwb", s.write_nwb,
             dict(trains=trains, path=m.folder / "w.nwb", description="a"),
             dict(trains="object", path="path", description="text")),
        Call("write_csv", s.write_csv, dict(trains=trains, path=m.folder / "w.csv"),
             dict(trains="object", path="path")),
    ]  # fmt: skip


def _muscle(m: _Made) -> list[Call]:
    u, times = mx.muscle, [10.0, 60.0, 110.0]
    return [
        Call("contract", u.contract,
             dict(spikes=times, unit=m.unit, duration=300.0, every=1.0, discard=0.0,
                  fatigue=u.fatigue_by_size(0.5)),
             dict(spikes="array", unit="object", duration="size?", every="positive?",
                  discard="finite", fatigue="object?")),
        Call("contract by calcium", u.contract,
             dict(spikes=times, unit=u.calcium_hill_unit(), duration=300.0, every=1.0,
                  discard=0.0, length=-8.0),
             dict(spikes="array", duration="size?", every="positive?", discard="finite",
                  length="finite?")),
        Call("CalciumHillUnit.replaced", u.calcium_hill_unit().replaced,
             dict(changes={"k1": 2000.0}), dict(changes="mapping")),
        Call("CalciumHillUnit.warmed", u.calcium_hill_unit().warmed,
             dict(celsius=30.0, at=37.0), dict(celsius="finite", at="finite")),
        Call("CalciumHillUnit.with_greatest_force", u.calcium_hill_unit().with_greatest_force,
             dict(force=0.2), dict(force="finite")),
        Call("CalciumState.at_rest", u.CalciumState.at_rest,
             dict(units=[u.calcium_hill_unit()], length=-8.0, every=1.0, tolerance=1e-6),
             dict(length="finite?", every="positive", tolerance="positive")),
        Call("fatigue_by_size", u.fatigue_by_size,
             dict(size=[0.0, 1.0], greatest=0.02, ratio=100.0, recovery=400.0, slowing=0.4),
             dict(size="array", greatest="finite", ratio="positive", recovery="positive",
                  slowing="finite")),
        Call("Fatigue.after", u.fatigue_by_size(0.5).after,
             dict(fatigued=0.1, level=0.5, seconds=10.0),
             dict(fatigued="numbers", level="numbers", seconds="finite")),
        Call("TiredState.at_rest", u.TiredState.at_rest,
             dict(units=[m.unit], fatigue=u.fatigue_by_size(0.5), fatigued=0.1, every=1.0),
             dict(fatigue="object", fatigued="numbers", every="positive")),
        Call("analyse", u.analyse,
             dict(t=m.force.t, force=m.force.force, spikes=times, baseline=0.0, discard=0.0,
                  force_unit="N"),
             dict(t="array", force="array", spikes="array", baseline="finite",
                  discard="finite", force_unit="text")),
        Call("twitch_tetanus_ratio", u.twitch_tetanus_ratio, dict(unit=m.unit),
             dict(unit="object")),
        Call("twitch", u.twitch, dict(unit=m.unit), dict(unit="object")),
        Call("force_frequency", u.force_frequency, dict(unit=m.unit, rates=[5.0, 20.0]),
             dict(unit="object", rates="array")),
        Call("force_from_rate", u.force_from_rate, dict(rate=10.0, unit=m.unit),
             dict(rate="numbers", unit="object")),
        Call("force_from_rates", u.force_from_rates, dict(rates=20.0, pool=m.pool),
             dict(rates="numbers", pool="object")),
        Call("force_from_excitation", u.force_from_excitation,
             dict(excitation=20.0, pool=m.pool), dict(excitation="numbers", pool="object")),
        Call("excitation_to_rates", u.excitation_to_rates, dict(excitation=20.0, pool=m.pool),
             dict(excitation="numbers", pool="object")),
        Call("fuglevand_pool", u.fuglevand_pool,
             dict(n=5, recruitment_range=50.0, force_range=100.0, longest_contraction=90.0,
                  contraction_range=3.0, minimum_rate=8.0, first_peak_rate=35.0,
                  last_peak_rate=25.0, gain=1.0),
             dict(n="count", recruitment_range="positive", force_range="positive",
                  longest_contraction="positive", contraction_range="positive",
                  minimum_rate="positive", first_peak_rate="positive",
                  last_peak_rate="positive", gain="positive")),
        Call("MotorUnit", u.MotorUnit,
             dict(name="x", contraction_time=50.0, twitch_force=0.1, force_unit="N"),
             dict(name="text", contraction_time="positive", twitch_force="positive",
                  force_unit="text")),
        Call("MotorUnit.warmed", m.unit.warmed, dict(celsius=30.0, at=37.0),
             dict(celsius="finite", at="finite")),
    ]  # fmt: skip


def _pool(m: _Made) -> list[Call]:
    q = mx.motor_pool
    held = dict(start="finite", duration="positive")
    return [
        Call("cramping_pool", q.cramping_pool,
             dict(n=3, seed=0, subject=1, sodium=False),
             dict(n="count", seed="seed", subject="seed?", sodium="flag")),
        Call("muscle_pool", q.muscle_pool,
             dict(name="thenar", n=3, seed=0, subject=1, sodium=False),
             dict(name="word", n="count", seed="seed", subject="seed?", sodium="flag")),
        Call("Pool.replaced", m.muscle.replaced, dict(changes={"golgi.gain": 0.5}),
             dict(changes="mapping")),
        Call("Pool.scaled", m.muscle.scaled, dict(changes={"soma.NaP.g": 0.5}),
             dict(changes="mapping")),
        Call("Pool.chosen", m.muscle.chosen, dict(which=[1, 0]), dict(which="array")),
        Call("degenerated", q.degenerated,
             dict(pool=m.muscle, lost=0.5, order="largest", most=3.0, seed=0),
             dict(pool="object", lost="finite", order="word", most="positive", seed="seed")),
        Call("motor_pool.train", q.train, dict(rate=20.0, count=3, start=1.0),
             dict(rate="positive", count="count", start="finite")),
        Call("motor_pool.effort", q.effort, dict(g=0.1, start=1.0, duration=10.0),
             dict(g="finite") | held),
        Call("motor_pool.length", q.length, dict(at=0.5, start=1.0, duration=10.0, rise=2.0),
             dict(at="finite", rise="finite") | held),
        Call("motor_pool.inhibition", q.inhibition, dict(g=0.1, start=1.0, duration=10.0),
             dict(g="finite") | held),
        Call("motor_pool.pressure", q.pressure, dict(p=0.1, start=1.0, duration=10.0),
             dict(p="finite") | held),
        Call("motor_pool.heat", q.heat, dict(temperature=41.0, start=1.0, duration=10.0),
             dict(temperature="positive") | held),
        Call("motor_pool.tendon_shocks", q.tendon_shocks, dict(rate=5.0, count=2, start=1.0),
             dict(rate="positive", count="count", start="finite")),
        Call("motor_pool.contract", q.contract,
             dict(pool=m.muscle, protocol=m.shocked, duration=20.0, seed=0, window=10,
                  fatigue=q.pool_fatigue(m.muscle)),
             dict(pool="object", protocol="object?", seed="seed", window="count",
                  fatigue="object?")),
        Call("contract_several", q.contract_several,
             dict(pools={"a": m.muscle}, protocol=m.shocked, duration=20.0, seed=0, workers=1),
             dict(pools="mapping", protocol="object?", duration="positive", seed="seed",
                  fatigue="object?", workers="count", progress="progress?")),
        Call("cramp_threshold", q.cramp_threshold,
             dict(pool=m.muscle, block=False, lowest=20.0, step=2.0, highest=20.0,
                  longest=8000.0, seed=0, threads=1),
             dict(pool="object", block="flag", lowest="positive", step="positive",
                  highest="positive", initial="object?", seed="seed", threads="count?",
                  progress="progress?")),
        Call("day_several", partial(q.day_several, hours=0.1, per_hour=0.01),
             dict(pools={"a": m.muscle}, workers=1),
             dict(pools="mapping", folder="path?", workers="count", progress="progress?")),
        Call("cramp_after", q.cramp_after, dict(activity=m.activity, time=60.0),
             dict(activity="object", time="finite")),
        Call("fasciculations", q.fasciculations,
             dict(given=m.activity, start=100.0, stop=1000.0),
             dict(given="object", start="finite", stop="finite?")),
        Call("find_cramps", q.find_cramps, dict(given=m.activity), dict(given="object")),
        Call("expected_fasciculations", q.expected_fasciculations, dict(pool=m.muscle),
             dict(pool="object")),
        Call("motor_pool.day", q.day,
             dict(pool=m.muscle, hours=0.1, per_hour=0.01, lasts=900.0, effort=0.5, train=20.0,
                  longest=5000.0, seed=0),
             dict(pool="object", hours="positive", per_hour="positive", lasts="positive",
                  effort="finite", train="positive?", longest="positive", seed="seed")),
        Call("rested", q.rested,
             dict(pool=m.muscle, standing=m.activity.standing, pause=100.0),
             dict(pool="object", standing="object", pause="finite")),
        Call("sickened", q.sickened,
             dict(pool=m.muscle, condition=mx.conditions.als_early, strengths=[0.0, 0.5]),
             dict(pool="object", condition="function", strengths="array")),
        Call("at_month", partial(q.at_month, m.muscle, dies=np.array([3.0, 1.0])),
             dict(month=2.0, strength=0.5, sick_for=6.0, order="largest", most=3.0, seed=0),
             dict(month="finite", strength="finite", sick_for="positive", order="word",
                  most="positive", seed="seed")),
        Call("motor_pool.course", q.course,
             dict(pool=m.muscle, months=[2.0], strength=0.5, half_life=6.0, sick_for=6.0,
                  order="largest", most=3.0, kicks=5.0, effort=0.1, lasts=50.0, longest=2000.0,
                  seed=0, workers=1),
             dict(pool="object", months="array", strength="finite", half_life="positive",
                  sick_for="positive", order="word", most="positive", kicks="positive",
                  effort="finite", lasts="positive", longest="positive", seed="seed",
                  workers="count")),
        Call("recorded", q.recorded,
             dict(trains=m.activity.terminals, pool=m.muscle, duration=900.0),
             dict(trains="object", pool="object?", protocol="object?", duration="positive?")),
        Call("load_day", q.load_day, dict(path=str(m.day)), dict(path="path")),
        Call("pool_fatigue", q.pool_fatigue, dict(pool=m.muscle), dict(pool="object")),
        Call("tired", q.tired, dict(activity=m.activity), dict(activity="object")),
        Call("surface_emg", q.surface_emg,
             dict(activity=m.activity, rate=1.0, depth=(5.0, 15.0), half_length=40.0,
                  electrodes=20.0, apart=20.0, seed=0),
             dict(activity="object", rate="positive", half_length="positive",
                  electrodes="finite", apart="positive", seed="seed")),
        Call("torque_match", q.torque_match,
             dict(activity=m.activity, t=m.activity.t, torque=m.activity.t, unit="N m",
                  longest_delay=20.0),
             dict(activity="object", t="array", torque="array", unit="text",
                  longest_delay="finite")),
    ]  # fmt: skip


def _measures(m: _Made) -> list[Call]:
    q = mx.measures
    return [
        Call("measures.contraction", q.contraction, dict(level=0.1), dict(level="finite")),
        Call("measures.voltage", q.voltage, dict(every=0.1), dict(every="positive")),
        Call("measures.rheobase", q.rheobase,
             dict(highest=None, duration=100.0, settle=10.0, precision=0.1),
             dict(highest="positive?", duration="positive", settle="finite",
                  precision="positive")),
        Call("measures.refractory", q.refractory,
             dict(amplitude=None, multiple=2.0, width=1.0, longest=50.0, settle=10.0,
                  watch=10.0, highest=None, precision=0.1),
             dict(amplitude="positive?", multiple="positive", width="positive",
                  longest="positive", settle="finite", watch="finite", highest="positive?",
                  precision="positive")),
        Call("measures.clamp_currents", q.clamp_currents,
             dict(levels=[-40.0, 0.0], holding=-80.0, settle=5.0, duration=5.0, every=0.1),
             dict(levels="array", holding="finite", settle="positive", duration="positive",
                  every="positive")),
        Call("measures.clamp_family", q.clamp_family,
             dict(cell=m.cell, levels=[-20.0], holding=-80.0, start=1.0, duration=2.0,
                  test=None, test_duration=1.0, channel=None, compartment=None, every=0.5),
             dict(cell="object", levels="array", holding="finite", start="positive",
                  duration="positive", test="finite?", test_duration="positive",
                  channel="word?", compartment="word?", every="positive")),
        Call("measures.activation", q.activation, dict(family=m.family),
             dict(family="object")),
        Call("measures.fi_curve", q.fi_curve,
             dict(cell=m.cell, currents=[1.0, 10.0], duration=20.0, discard=5.0, settle=5.0,
                  compartment=None, threads=1),
             dict(cell="object", currents="array", duration="positive", discard="finite",
                  settle="finite", compartment="word?", threads="count?")),
        Call("measures.bifurcation", q.bifurcation,
             dict(cell=m.cell, values=[0.0, 5.0], over="current", current=0.0,
                  compartment=None, duration=10.0, every=0.5),
             dict(cell="object", values="array", over="word", current="finite",
                  compartment="word?", duration="positive", every="positive")),
        Call("measures.fi_slope", q.fi_slope,
             dict(currents=[1.0, 2.0], duration=100.0, discard=10.0, settle=10.0),
             dict(duration="positive", discard="finite", settle="finite")),
        Call("measures.passive", q.passive, dict(deflection=2.0, duration=50.0, settle=10.0),
             dict(deflection="positive", duration="positive", settle="positive")),
        Call("measures.ahp", q.ahp, dict(width=1.0, multiple=2.0, settle=10.0, watch=50.0),
             dict(width="positive", multiple="positive", settle="positive",
                  watch="positive")),
        Call("measures.ramp", q.ramp,
             dict(peak=None, duration=100.0, settle=10.0, watch=10.0),
             dict(peak="positive?", duration="positive?", settle="finite", watch="finite")),
        Call("measures.inactivation", q.inactivation, dict(family=m.tested),
             dict(family="object")),
        Call("measures.phase_of", q.phase_of, dict(run=m.rec), dict(run="object")),
        Call("measures.strength_duration", q.strength_duration,
             dict(durations=[1.0, 5.0], weiss=None, highest=None, settle=10.0, watch=10.0,
                  precision=0.1),
             dict(durations="array", weiss="positive?", highest="positive?", settle="finite",
                  watch="positive", precision="positive")),
        Call("measures.bistability", q.bistability,
             dict(amplitude=None, duration=50.0, watch=10.0),
             dict(amplitude="positive?", duration="positive", watch="positive")),
        Call("measures.streaming", q.streaming,
             dict(name="a", start=print, update=print, finish=print, unit="Hz", long_name="A",
                  every=1.0, force=False),
             dict(name="word", start="function", update="function", finish="function",
                  unit="text", long_name="text", every="positive?", force="flag")),
        Call("measures.self_sustained", q.self_sustained,
             dict(amplitude=None, duration=50.0, holding=0.0, settle=10.0, watch=10.0),
             dict(amplitude="positive?", duration="positive", holding="finite",
                  settle="finite", watch="positive")),
        Call("measures.basin", q.basin,
             dict(holding=[0.0, 1.0], duration=50.0, settle=10.0, wait=10.0, watch=10.0,
                  highest=None, lowest=None, precision=0.1),
             dict(holding="array", duration="positive", settle="finite", wait="positive",
                  watch="positive", highest="positive?", lowest="finite?",
                  precision="positive")),
        Call("measures.release", q.release,
             dict(durations=[10.0, 20.0], E=-75.0, amplitude=None, kick=10.0, wait=10.0,
                  watch=10.0, highest=None, precision=0.1),
             dict(durations="array", E="finite", amplitude="positive?", kick="positive",
                  wait="positive", watch="positive", highest="positive?",
                  precision="positive")),
        Call("measures.escape_times", q.escape_times,
             dict(cell=m.cell, to="firing", sd=None, tau=5.0, repeats=2, watch=10.0,
                  amplitude=None, duration=10.0, pause=10.0, lasting=10.0, seed=0, threads=1),
             dict(cell="object", to="word", sd="positive?", tau="positive", repeats="count",
                  watch="positive", amplitude="positive?", duration="positive",
                  pause="positive", lasting="positive", seed="seed", threads="count?")),
        Call("measures.escape", q.escape,
             dict(sd=None, tau=5.0, repeats=2, watch=10.0, amplitude=None, duration=10.0,
                  pause=10.0, lasting=10.0, seed=0),
             dict(sd="positive?", tau="positive", repeats="count", watch="positive",
                  amplitude="positive?", duration="positive", pause="positive",
                  lasting="positive", seed="seed")),
        Call("measures.fasciculations", q.fasciculations, dict(pause=100.0, most=4),
             dict(pause="positive", most="count")),
        Call("measures.per_point", q.per_point,
             dict(name="own", function=lambda point: 1.0, unit="Hz", force=False),
             dict(name="text", function="function", unit="text", force="flag")),
        Call("measures.find", q.find, dict(measure="rate"), dict(measure="word")),
    ]  # fmt: skip


def _sweeps(m: _Made) -> list[Call]:
    w = mx.sweeps
    drive = partial(mx.stimuli.step, unit="uA/cm2", amplitude=10.0)
    ranges = {"Na.g": mx.between(100.0, 120.0), "Kdr.g": mx.between(30.0, 40.0)}
    told = dict(cell=m.cell, axes={"Na.g": [110.0, 120.0]}, stimulus=m.drive, duration=10.0)

    def by(key: str) -> Callable[..., Any]:
        return lambda values: mx.sweep(
            m.cell, {key: values}, m.drive, duration=2.0, measures=("count",), threads=1
        )

    draws = [
        Call(f"sweeps.{name}", getattr(w, name), dict(ranges=ranges, points=4, seed=0),
             dict(ranges="mapping", points="count", seed="seed?"))
        for name in ("random", "latin_hypercube", "sobol", "saltelli")
    ]  # fmt: skip
    return [
        *draws,
        Call("between", mx.between, dict(lo=1.0, hi=2.0, log=False, factor=False),
             dict(lo="finite", hi="finite", log="flag", factor="flag")),
        Call("grid", lambda values: w.grid({"Na.g": values}), dict(values=[1.0, 2.0]),
             dict(values="array")),
        Call("zipped", lambda values: w.zipped({"Na.g": values}), dict(values=[1.0, 2.0]),
             dict(values="array")),
        Call("zipped of", w.zipped, dict(axes={"Na.g": [1.0]}), dict(axes="no_mapping")),
        Call("verify", w.verify, dict(path=str(m.folder / "none")), dict(path="path")),
        Call("grid of", w.grid, dict(axes={"Na.g": [1.0]}), dict(axes="no_mapping")),
        Call("table", w.table, dict(source=str(m.csv), decimal="."),
             dict(source="path", decimal="word")),
        Call("sweep", mx.sweep, told | dict(discard=0.0, measures=("rate",), tolerance=1e-6),
             dict(cell="object", axes="mapping", stimulus="object?", duration="size",
                  discard="finite", measures="object", tolerance="positive?")),
        Call("sweep too", mx.sweep,
             told | dict(unit=None, conditions=None, threads=1, chunk=1, seed=0),
             dict(unit="object?", conditions="mapping?", threads="count?", chunk="count?",
                  seed="seed?", executor="word?", progress="progress?", workers="count?")),
        Call("sweep stored", mx.sweep, told | dict(store=str(m.folder / "s.zarr")),
             dict(store="path?")),
        Call("sweep by Na.g", by("Na.g"), dict(values=[110.0, 120.0]), dict(values="array")),
        Call("sweep by temperature", by("temperature"), dict(values=[6.3, 10.0]),
             dict(values="array")),
        Call("sweep by a stimulus",
             lambda values: mx.sweep(m.cell, {"stimulus.duration [s]": values}, drive,
                                     duration=5.0, measures=("count",)),
             dict(values=[0.001, 0.002]), dict(values="array")),
        Call("front", w.front,
             dict(cell=m.cell, axes={"Na.g": [110.0, 120.0], "Kdr.g": [30.0, 36.0]},
                  stimulus=m.drive, duration=10.0, coarse=1),
             dict(cell="object", axes="mapping", duration="size", coarse="count", of="word")),
        Call("sensitivity", w.sensitivity,
             dict(ds=m.saltelli, variable="rate", confidence=0.9, resamples=10, seed=0),
             dict(ds="object", variable="word", confidence="positive", resamples="count",
                  seed="seed?")),
        Call("labelled", w.labelled, dict(ds=m.ds), dict(ds="object")),
        Call("open_store", w.open_store, dict(path=str(m.folder / "none")), dict(path="path")),
        Call("summary", w.summary, dict(path=str(m.folder / "none")),
             dict(path="path")),
    ]  # fmt: skip


def _fitting(m: _Made) -> list[Call]:
    f = mx.fitting
    steady = f.steady_current([-80.0, -70.0], [0.0, 1.0], noise=1.0)
    return [
        Call("fitting.rates", f.rates,
             dict(currents=[1.0, 2.0], values=[1.0, 2.0], noise=1.0, duration=100.0,
                  discard=10.0, settle=10.0),
             dict(currents="array", values="array", noise="positive", duration="positive",
                  discard="finite", settle="finite")),
        Call("fitting.spike_times", f.spike_times,
             dict(values=[1.0, 2.0], stimulus=None, noise=1.0, duration=10.0),
             dict(values="array", stimulus="object?", noise="positive", duration="positive")),
        Call("fitting.steady_current", f.steady_current,
             dict(voltages=[-80.0, -70.0], values=[0.0, 1.0], noise=1.0),
             dict(voltages="array", values="array", noise="positive")),
        Call("fitting.measured", f.measured,
             dict(measure="rate", value=1.0, noise=1.0, output=None, stimulus=None,
                  duration=10.0, discard=0.0),
             dict(measure="word", value="finite", noise="positive", output="word?",
                  stimulus="object?", duration="positive", discard="finite")),
        Call("fit", mx.fit,
             dict(cell=m.cell, ranges={"Na.g": mx.between(100.0, 130.0)}, targets=steady,
                  candidates=5, generations=1, threads=1, tolerance=1e-6, seed=0),
             dict(cell="object", ranges="mapping", targets="object", candidates="count?",
                  generations="count", threads="count?", tolerance="positive?", seed="seed?",
                  progress="progress?")),
    ]  # fmt: skip


def _plots(m: _Made) -> list[Call]:
    p = mx.plots
    curve = mx.equations.iv_curve(m.cell, np.linspace(-80.0, 0.0, 9))
    gates = mx.equations.gate_curves(m.cell, [-70.0, 0.0])
    ff = mx.muscle.force_frequency(m.unit, [5.0, 20.0])
    ax = dict(ax="object?")
    return [
        Call("plots.recording", p.recording, dict(rec=m.rec, variables=None),
             ax | dict(rec="object", variables="word?")),
        Call("plots.raster", p.raster, dict(spike_trains=m.batch.spike_times, duration=50.0),
             ax | dict(spike_trains="trains", duration="positive?", color="word")),
        Call("plots.force", p.force, dict(force=m.force), ax | dict(force="object")),
        Call("plots.overview", p.overview, dict(rec=m.rec, force=m.force),
             dict(rec="object", force="object?", figure="object?")),
        Call("plots.iv_curve", p.iv_curve, dict(curve=curve), ax | dict(curve="object")),
        Call("plots.gate_curves", p.gate_curves, dict(v=[-70.0, 0.0], curves=gates),
             ax | dict(v="array", curves="mapping", over="word")),
        Call("plots.torque", p.torque,
             dict(found=mx.motor_pool.torque_match(m.activity, m.activity.t, m.activity.t,
                                                   longest_delay=20.0)),
             ax | dict(found="object", emg="object?")),
        Call("explore", mx.explore, dict(cell=m.cell, save=str(m.folder / "page.html")),
             dict(cell="object", save="path?", workers="count", progress="progress?")),
        Call("plots.clamp_family", p.clamp_family, dict(family=m.family),
             ax | dict(family="object")),
        Call("plots.bifurcation", p.bifurcation,
             dict(picture=mx.measures.bifurcation(m.cell, [0.0, 5.0], duration=10.0)),
             ax | dict(picture="object")),
        Call("plots.boltzmann", p.boltzmann,
             dict(fits={"a": mx.measures.activation(m.family)}), ax | dict(fits="mapping")),
        Call("plots.escape_times", p.escape_times,
             dict(found=mx.measures.EscapeTimes(np.array([3.0, np.inf]), 10.0, "firing")),
             ax | dict(found="object")),
        Call("plots.fi_curve", p.fi_curve,
             dict(currents=[1, 2, 3], rates=[0, 5, 10], unit="nA"),
             ax | dict(currents="array", rates="array", unit="text")),
        Call("plots.force_frequency", p.force_frequency, dict(curve=ff),
             ax | dict(curve="object", color="word")),
        Call("plots.contraction", p.contraction, dict(cases={"a": (m.rec, m.force)}),
             dict(cases="mapping", figure="object?")),
        Call("plots.pool", p.pool, dict(cases={"a": (m.activity, None)}),
             dict(cases="mapping")),
        Call("plots.course", p.course, dict(found=m.one_course, title="a"),
             dict(found="object", figure="object?", title="text")),
        Call("plots.day", p.day, dict(days={"a": m.one_day}), dict(days="mapping")),
        Call("plots.phase_map", p.phase_map, dict(ds=m.ds),
             ax | dict(ds="object", x="word?", y="word?", variable="word", hatching="flag",
                       factor="flag")),
        Call("plots.measure_map", p.measure_map, dict(ds=m.ds, variable="rate"),
             ax | dict(ds="object", variable="word", x="word?", y="word?", front="word?",
                       hatching="flag", factor="flag", cmap="word?", vmin="finite?",
                       vmax="finite?")),
        Call("plots.slices", p.slices, dict(ds=m.ds, variable="rate", along="Na.g", at=2),
             ax | dict(ds="object", variable="word", along="word", at="count", factor="flag")),
        Call("plots.marginals", p.marginals, dict(ds=m.ds, variable="rate"),
             dict(ds="object", variable="word", axes="object?", factor="flag")),
        Call("plots.strength_duration", p.strength_duration, dict(ds=m.thresholds),
             ax | dict(ds="object", factor="flag")),
        Call("plots.style", lambda **given: p.style(**given).__enter__(),
             dict(font_size=10.0), dict(font_size="size?")),
        Call("plots.check_name", p.check_name, dict(path="a.png"), dict(path="path")),
        Call("plots.new_figure", p.new_figure, dict(width=4.0, height=3.0),
             dict(width="size", height="size")),
        Call("plots.save", p.save, dict(figure=p.new_figure(1.0, 1.0),
                                        path=str(m.folder / "f.png"), dpi=50.0),
             dict(figure="object", path="path", dpi="size")),
        Call("plots.sensitivity", p.sensitivity, dict(indices=None), dict(indices="object")),
        Call("plots.trains_compared", p.trains_compared,
             dict(sets={"a": m.batch.spike_times, "b": m.batch.spike_times}),
             dict(sets="mapping", duration="positive?")),
        Call("plots.front", p.front, dict(ds=None), dict(ds="object")),
        Call("plots.work_precision", p.work_precision, dict(frontier=m.frontier),
             ax | dict(frontier="object")),
    ]  # fmt: skip


def _bench(m: _Made) -> list[Call]:
    b = mx.bench
    both = dict(a=m.frontier, b=m.frontier)
    return [
        Call("bench.benchmark_parameters", b.benchmark_parameters, dict(count=2),
             dict(count="count")),
        Call("bench.benchmark_work", b.benchmark_work, dict(sets=2, duration=20.0),
             dict(sets="count", duration="positive")),
        Call("bench.cell_work", b.cell_work,
             dict(cell=m.cell, sets=2, duration=20.0, stimulus=m.drive, parameters=None),
             dict(cell="object", sets="count", duration="positive", stimulus="object?",
                  parameters="mapping?")),
        Call("bench.work_precision", b.work_precision,
             dict(work=m.work, methods=["rosenbrock"], peers=(), repeats=1, judged=1,
                  settings=1, budget=0.1, patience=1.0),
             dict(work="object", methods="object?", peers="object", repeats="count",
                  judged="count", settings="count?", budget="positive", patience="positive",
                  progress="progress?")),
        Call("bench.costs", b.costs, dict(**both, targets=(0.1,)),
             dict(a="object", b="object", targets="array")),
        Call("bench.differences", b.differences, both, dict(a="object", b="object")),
        Call("bench.load", b.load, dict(path=m.bench), dict(path="path")),
        Call("bench.save", b.save, dict(frontier=m.frontier, path=str(m.folder / "b.json")),
             dict(frontier="object", path="path")),
        Call("bench.system", b.system, dict(cell=m.cell, varying=["Na.g"]),
             dict(cell="object", varying="object")),
    ]  # fmt: skip


def _files(m: _Made) -> list[Call]:
    c = mx.config
    run, many = c.loads(_RUN), c.loads_sweep(_SWEEP)
    return [
        Call("config.loads", c.loads, dict(text=_RUN, path=None),
             dict(text="text", path="path?")),
        Call("config.loads_sweep", c.loads_sweep, dict(text=_SWEEP, path=None),
             dict(text="text", path="path?")),
        Call("config.load", c.load, dict(path=m.folder / "no.toml"), dict(path="path")),
        Call("config.load_sweep", c.load_sweep, dict(path=m.folder / "no.toml"),
             dict(path="path")),
        *(
            Call(f"config.{make.__name__}", make, dict(config=run), dict(config="object"))
            for make in (c.build_cell, c.build_stimulus, c.build_unit, c.dump)
        ),
        Call("config.build_plan", c.build_plan, dict(described=many), dict(described="object")),
        Call("config.find_drug", c.find_drug, dict(name="mexiletine"), dict(name="word")),
        Call("config.find_unit", c.find_unit, dict(name="slow"), dict(name="word")),
        Call("config.run", c.run, dict(config=run),
             dict(config="object", progress="progress?")),
    ]  # fmt: skip


_RUN = """
[cell]
name = "hodgkin_huxley_1952"
[[stimulus]]
shape = "step"
amplitude = 10.0
unit = "uA/cm2"
[run]
duration = 20.0
"""
_SWEEP = f"""{_RUN}
[axes]
"Na.g" = [110.0, 120.0]
[sweep]
measures = ["rate"]
"""
