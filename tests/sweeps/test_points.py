from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mnexcite as mx
from mnexcite.cells import factors
from mnexcite.errors import InputError
from mnexcite.stimuli import Stimulus, pulse, step, train
from mnexcite.sweeps.designs import effects
from mnexcite.sweeps.designs.axes import between
from mnexcite.sweeps.designs.checks import check, sample
from mnexcite.sweeps.designs.design import grid, zipped
from mnexcite.sweeps.designs.draws import random
from mnexcite.sweeps.designs.points import inputs_of, point_cell
from mnexcite.sweeps.designs.units import in_own_units

PB = mx.cells.purvis_butera_2005()
MOLKOV = mx.cells.molkov_2025().replaced({"NaP.g": 0.05})  # the published cell has none
BOOTH = mx.cells.booth_rinzel_kiehn_1997()
DRIVES = {PB.name: pulse(1.0, unit="nA", start=2.0), MOLKOV.name: step(5.0, unit="uA/cm2")}
als_early, temperature, electrolytes = (
    mx.conditions.als_early,
    mx.conditions.temperature,
    mx.conditions.electrolytes,
)


def stiffer(strength):
    """Change a number by what another one is: no condition that only scales."""

    def change(cell):
        own = cell.parameters
        return cell.replaced({"leak.g": own["leak.g"].value + strength * own["NaP.g"].value})

    return mx.conditions.condition.Condition("stiffer", change, "none", "unverified")


MINE = mx.conditions.Condition(
    "mine",
    (mx.conditions.Scale("NaP.g", 2.0), mx.conditions.Replace("ions.K_o", 6.0)),
    "ours",
    "unverified",
)

# design, conditions, and each point's cell as a user would write it
CASES = {
    "values and factors": (
        grid({"NaP.g": factors(1, 2, 2), "ions.K_o": [4.0, 6.0]}),
        None,
        lambda cell, p: cell.scaled({"NaP.g": p[0]}).replaced({"ions.K_o": p[1]}),
    ),
    "a group and a tuple": (
        grid({"K.g": factors(0.5, 1, 2), ("NaP.g", "leak.g"): factors([1, 1.5])}),
        None,
        lambda cell, p: cell.scaled({"K.g": p[0], ("NaP.g", "leak.g"): p[1]}),
    ),
    "kinetics": (
        zipped({"Kdr.n.rate": [1.0, 1.3, 0.7], "Na.h.shift": [0.0, 2.0, -2.0]}),
        None,
        lambda cell, p: cell.replaced({"Kdr.n.rate": p[0], "Na.h.shift": p[1]}),
    ),
    "temperature": (
        grid({"temperature": [30.0, 37.0], "ions.E_K": [-80.0, -85.0]}),
        None,
        lambda cell, p: cell.replaced({"ions.E_K": p[1]}).under(temperature(p[0])),
    ),
    "a disease": (
        grid({"conditions.als_early": [0.0, 0.5, 1.0], "NaP.g": factors([1, 3])}),
        None,
        lambda cell, p: cell.scaled({"NaP.g": p[1]}).under(als_early(p[0])),
    ),
    "a warm disease": (
        zipped(
            {
                "conditions.als_early": [0.0, 0.3, 0.3, 1.9],
                "Kdr.n.rate": factors([1.0, 1.1, 0.9, 0.9]),
                "temperature": [37.0, 33.3, 35.0, 38.1],
                "Kdr.E": [-81.0, -85.0, -75.0, -81.0],
            }
        ),
        None,
        lambda cell, p: (
            cell.scaled({"Kdr.n.rate": p[1]})
            .replaced({"Kdr.E": p[3]})
            .under(als_early(p[0]), temperature(p[2]))
        ),
    ),
    "one's own condition": (
        grid(
            {"conditions.stiffer": [0.0, 0.1], "NaP.g": factors([1, 2]), "temperature": [36.0]}
        ),
        {"stiffer": stiffer},
        lambda cell, p: cell.scaled({"NaP.g": p[1]}).under(stiffer(p[0]), temperature(p[2])),
    ),
    "numbers of a condition, and its strength": (
        grid(
            {
                "conditions.mine.NaP.g": [1.0, 3.0],
                "NaP.g": factors([1, 2]),
                "conditions.mine.ions.K_o": [4.0, 5.5],
                "conditions.mine": [0.5, 1.0],
            }
        ),
        {"mine": MINE},
        lambda cell, p: cell.scaled({"NaP.g": p[1]}).under(
            MINE.with_number("NaP.g", p[0]).with_number("ions.K_o", p[2]).at(p[3])
        ),
    ),
    "another Q10": (
        grid({"temperature": [33.0, 37.0]}),
        {"temperature": partial(temperature, q10=2.2)},
        lambda cell, p: cell.under(temperature(p[0], q10=2.2)),
    ),
}


# a second cell, of another unit and membrane, where conditions and kinetics meet it
@pytest.mark.parametrize(
    ("case", "cell"),
    [
        *((case, PB) for case in CASES),
        *((case, MOLKOV) for case in ("values and factors", "a warm disease", "another Q10")),
    ],
    ids=lambda given: given if isinstance(given, str) else given.name,
)
def test_a_point_is_its_cell_to_the_bit(case, cell):
    design, conditions, explicit = CASES[case]
    drive = DRIVES[cell.name]
    check(cell, design, conditions, drive)
    points = np.arange(design.size)
    inputs = inputs_of(cell, design, points, conditions, drive)
    assert inputs.lanes == design.size and inputs.stimuli is drive
    batch = mx.simulate(cell, drive, duration=12.0, parameters=inputs.parameters)
    given = design.at(points)
    for lane in points:
        own = explicit(cell, [given[name][lane] for name in design.names])
        alone = mx.simulate(own, drive, duration=12.0)
        assert batch[lane].spike_times.tolist() == alone.spike_times.tolist()
        assert np.array_equal(
            batch[lane].final_state.values.ravel(), alone.final_state.values.ravel()
        )
        found = point_cell(cell, design, lane, conditions)
        assert {p: n.value for p, n in found.parameters.items()} == {
            p: n.value for p, n in own.parameters.items()
        }


STRENGTHS = st.floats(0, 2)
CELSIUS = st.floats(25, 42)


@settings(max_examples=10, deadline=None)
@given(
    st.lists(
        st.tuples(STRENGTHS, CELSIUS, st.floats(0, 2), st.floats(-99, -60)),
        min_size=1,
        max_size=4,
    ),
    st.sampled_from(["purvis_butera_2005", "molkov_2025", "booth_rinzel_kiehn_1997"]),
    st.booleans(),
)
def test_the_short_way_has_the_bits_of_a_cell_per_point(rows, name, warm_first):
    cell = getattr(mx.cells, name)()
    strengths, celsius, factor, reversal = np.array(rows).T
    names = [path for path in cell.parameters if path.endswith(("Kdr.g", "Kdr.n.rate"))]
    columns = {names[0]: factor * 1.3, "ions.E_K": reversal, names[1]: factor + 0.1}
    under = [
        (lambda row: als_early(row[0]), strengths[:, None]),
        (lambda row: temperature(row[0]), celsius[:, None]),
    ][:: -1 if warm_first else 1]
    short = effects.numbers_under(cell, columns, under)
    whole = effects.changed_numbers(cell, columns, under)
    own = {path: number.value for path, number in cell.parameters.items()}
    for path in {**short, **whole}:
        for values in (short, whole):
            values.setdefault(path, np.full(len(strengths), own[path]))
        assert short[path].tobytes() == whole[path].tobytes() or np.array_equal(
            short[path], whole[path]
        )


@settings(max_examples=10, deadline=None)
@given(st.lists(st.integers(0, 23), min_size=1, max_size=6), st.booleans())
def test_some_points_are_those_of_all(points, own):
    design = grid(
        {
            "NaP.g": factors(1, 4, 3),
            "conditions.als_early": [0.0, 1.0],
            "temperature": [30.0, 37.0],
            "stimulus.amplitude": [0.0, 1.5],
        }
    )
    conditions = {"als_early": lambda s: als_early(s)} if own else None
    stimulus = partial(step, unit="nA")
    every = inputs_of(PB, design, np.arange(24), conditions, stimulus)
    some = inputs_of(PB, design, np.array(points), conditions, stimulus)
    for path, values in some.parameters.items():
        assert values.tolist() == every.parameters[path][points].tolist()
    assert some.stimuli == [every.stimuli[point] for point in points]


@pytest.mark.parametrize("conditions", [None, {"temperature": partial(temperature)}])
def test_a_reversal_that_is_set_stays_set(conditions):
    # also at its own value, from which cell.replaced would let it follow the warmed ion
    design = zipped({"Kdr.E": [-80.0, -80.1], "temperature": [30.0, 30.0]})
    made = inputs_of(PB, design, np.arange(2), conditions)
    assert made.parameters["Kdr.E"].tolist() == [-80.0, -80.1]
    assert made.parameters["ions.E_K"] == pytest.approx(-80.0 * 303.15 / 310.15, rel=1e-15)


def test_a_path_of_several_compartments_is_in_all_of_them():
    made = inputs_of(BOOTH, grid({"C": [0.9, 1.1]}), np.array([1]))
    assert made.parameters == {"soma.C": [1.1], "dendrite.C": [1.1]}


def test_stimuli_are_made_once_for_each_combination():
    calls = []

    def drive(amplitude, *, count):
        calls.append((amplitude, count))
        return train(amplitude, unit="nA", rate=50.0, count=count)

    design = grid(
        {
            "NaP.g": np.linspace(0.05, 0.1, 50),
            "stimulus.count": [1, 2],
            "stimulus.amplitude": [0.5],
        }
    )
    made = inputs_of(PB, design, np.arange(100), stimulus=drive)
    assert sorted(calls) == [(0.5, 1), (0.5, 2)]
    assert len(made.stimuli) == 100 and len({id(stimulus) for stimulus in made.stimuli}) == 2
    assert made.stimuli[3] == train(0.5, unit="nA", rate=50.0, count=2)


@pytest.mark.parametrize(
    "design",
    [grid({"conditions.als_early": [0.0]}), grid({"conditions.own": [0.0, 0.0][:1]})],
)
def test_points_that_change_nothing_are_still_lanes(design):
    made = inputs_of(PB, design, np.zeros(3, int), {"own": als_early})
    assert mx.simulate(PB, duration=1.0, parameters=made.parameters).final_state.lanes == 3


def test_a_sweep_of_the_stimulus_alone_runs():
    design = grid({"stimulus.amplitude": [0.0, 3.0]})
    made = inputs_of(PB, design, np.arange(2), stimulus=partial(pulse, unit="nA"))
    assert made.parameters == {}
    batch = mx.simulate(PB, made.stimuli, duration=20.0)
    assert [train.size for train in batch.spike_times] == [0, 1]


@given(st.lists(st.integers(1, 90), min_size=1, max_size=3))
def test_a_sample_has_every_axis_from_end_to_end(shape):
    design = grid({f"x{k}": np.arange(float(n)) for k, n in enumerate(shape)})
    points = sample(design)
    assert points.size <= 128
    for axis, values in zip(design.axes, design.at(points).values(), strict=True):
        assert {values.min(), values.max()} == {axis.values[0], axis.values[-1]}
        assert axis.values.size > 64 or set(values) == set(axis.values)


def structural(strength):
    return lambda cell: cell.with_channel(mx.Channel("extra", g=1e-3 * strength, E=-70.0))


def redrawn(strength):
    from dataclasses import replace

    return lambda cell: replace(cell, spike_threshold=-strength)


def one(key, values, **others):
    return grid({key: values, **others})


FAILURES = [
    (PB, one("NaQ.g", [1]), None, None, "no number 'NaQ.g' in cell purvis_.* did you mean"),
    (PB, one(("NaP.g", "Kdr.h"), [1]), None, None, "no number 'Kdr.h'"),
    (PB, one("area", [1e-5]), None, None, "axis 'area': one area converts"),
    (PB, one("soma.temperature", [1]), None, None, "write it 'temperature', on its own"),
    (PB, grid({"K.g": factors([1]), "A.g": [1.0]}), None, None, "'K.g' and 'A.g' both set A.g"),
    (PB, grid({"NaP.g": [1], "soma.NaP.g": [2]}), None, None, "both set NaP.g"),
    (PB, one("K.g", [1.0]), None, None, "K.g means several numbers that differ"),
    (
        PB,
        one("NaP.m.shift", factors([1, 2])),
        None,
        None,
        "of NaP.m.shift is 0, which no factor",
    ),
    (PB, one("NaP.g [mS/cm2]", [1]), None, None, "in 'mS/cm2'; allowed: uS"),
    (PB, one("temperature [K]", [300]), None, None, "in 'K'; allowed: degC"),
    (PB, one("C", [0.04, -1.0]), None, None, "C is -1.0; allowed: above 0"),
    (PB, one("NaP.m.slope", [-1.0, 0.0, 1.0]), None, None, "slope is 0"),
    (PB, one("ions.K_o", factors([1, -1])), None, None, "ions.K_o"),
    (
        PB,
        one("temperature", [37.0, 70.0]),
        None,
        None,
        "temperature is 70.0 degC; allowed: 0 to 50",
    ),
    (
        PB,
        one("conditions.als_earl", [1.0]),
        None,
        None,
        "no condition 'als_earl'; did you mean",
    ),
    (PB, one("conditions.als_early", [1.0, 3.0]), None, None, "strength is 3.0; allowed"),
    (
        PB,
        one("C", [1.0]),
        {"own": stiffer},
        None,
        "conditions names 'own', which no axis sweeps",
    ),
    (PB, one("conditions.own", [1.0]), {"own": 3}, None, r"conditions\['own'\] is 3; allowed"),
    (
        PB,
        one("conditions.own", [1.0]),
        {"own": lambda s: s},
        None,
        "condition 1.0 gives no cell",
    ),
    (PB, one("conditions.own", [1.0]), {"own": structural}, None, "changes more of cell"),
    (PB, one("conditions.own", [1.0]), {"own": redrawn}, None, "changes more of cell"),
    (
        PB,
        grid({"temperature": [30.0, 31.0], "conditions.temperature": [32.0]}),
        None,
        None,
        "two axes set the condition 'temperature'",
    ),
    (
        PB,
        grid({"temperature": [30.0, 31.0], "conditions.warm": [32.0]}),
        {"warm": temperature},
        None,
        "'temperature' and 'conditions.warm' both set",
    ),
    (
        PB,
        grid({"conditions.K": [4.0, 5.0], "ions.K_o": [3.0, 6.0]}),
        {"K": electrolytes},
        None,
        "'ions.K_o' and 'conditions.K' both set ions.K_o",
    ),
    (PB, one("stimulus.amplitude", [1.0]), None, None, "needs a function .* stimulus is None"),
    (PB, one("stimulus.amplitude", [1.0]), None, Stimulus(), "stimulus is Stimulus"),
    (PB, one("stimulus.amplitude", [1.0]), None, [Stimulus()], "stimulus is list"),
    (PB, one("C", [1.0]), None, [Stimulus()], "stimulus is list, and no axis sweeps it"),
    (PB, one("C", [1.0]), None, step, "add an axis 'stimulus.<argument>', or call it"),
    (
        PB,
        one("stimulus.amplitud", [1.0]),
        None,
        partial(step, unit="nA"),
        "no argument 'amplitud'; did you mean 'amplitude'",
    ),
    (PB, one("stimulus.amplitude", [1.0]), None, step, "needs 'unit', which no axis gives"),
    (
        PB,
        grid({"stimulus.amplitude": [1.0], "stimulus.duration": [-2.5, 1.0]}),
        None,
        partial(step, unit="nA"),
        r"stimulus\(amplitude=1, duration=-2.5\): step: duration",
    ),
    (PB, one("stimulus.x", [1.0]), None, lambda x: x, r"stimulus\(x=1\) is int; allowed"),
]


@pytest.mark.parametrize(("cell", "design", "conditions", "stimulus", "message"), FAILURES)
def test_what_cannot_be_swept_is_refused(cell, design, conditions, stimulus, message):
    with pytest.raises(InputError, match=message) as caught:
        check(cell, in_own_units(cell, design, stimulus), conditions, stimulus)
    assert "\n" not in str(caught.value)


def test_a_disease_needs_what_it_changes():
    bare = mx.Cell("bare", mx.Compartment("soma", 1.0, mx.Channel("leak", g=0.1, E=-65.0)))
    with pytest.raises(InputError, match="als_early changes nothing"):
        check(bare, grid({"conditions.als_early": [1.0]}))


def test_a_large_random_sweep_is_checked_quickly_and_a_chunk_is_light():
    ranges = {"NaP.g": between(1, 4, factor=True), "K.g": between(0.5, 1, factor=True)}
    design = random(ranges, 100_000)
    check(PB, design)
    made = inputs_of(PB, design, np.arange(99_000, 100_000))
    assert sorted(made.parameters) == ["A.g", "Kdr.g", "NaP.g"]
    assert made.parameters["Kdr.g"].tolist() == (1.3 * design.axes[1].values[-1000:]).tolist()
