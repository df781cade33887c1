"""Sweeps described in TOML mean the same as the calls, and every mistake has its line."""

import numpy as np
import pytest

from mnexcite import config, stimuli
from mnexcite.cells import hodgkin_huxley_1952
from mnexcite.config import build_plan, load_sweep, loads_sweep
from mnexcite.errors import InputError, StorageError
from mnexcite.sweeps.designs.coordinates import coordinates
from mnexcite.sweeps.designs.points import inputs_of
from mnexcite.sweeps.plan import identity

CELL = '[cell]\nname = "hodgkin_huxley_1952"\n'
STEP = '[[stimulus]]\nshape = "step"\namplitude = 10\nunit = "uA/cm2"\n'
NOISE = (
    '[[stimulus]]\nshape = "ornstein_uhlenbeck"\nsd = 2\ntau = 5\nduration = 50\n'
    'unit = "uA/cm2"\n'
)
RUN = "[run]\nduration = 50\n"
AXIS = '[axes]\n"Na.g" = [100, 120]\n'


def plan_of(axes, sweep="", *, stimulus=STEP, more="", run=RUN):
    return build_plan(
        loads_sweep(f"{CELL}{stimulus}{more}{run}[axes]\n{axes}\n[sweep]\n{sweep}\n")
    )


def values(axes, sweep=""):
    return [axis.values.tolist() for axis in plan_of(axes, sweep).design.axes]


def test_forms_of_an_axis():
    assert values("Na.g = [100, 120.5]") == [[100.0, 120.5]]
    assert values('"Na.g" = {from = 60, to = 120, n = 3}') == [[60.0, 90.0, 120.0]]
    assert values('"Na.g" = {from = 120, to = 60, n = 3}') == [[120.0, 90.0, 60.0]]
    logarithmic = values('"Na.g" = {from = 30, to = 120, n = 3, log = true}')
    np.testing.assert_allclose(logarithmic, [[30.0, 60.0, 120.0]], rtol=1e-15)
    (axis,) = plan_of('"Na.g + K.g:factor" = [0.5, 1]').design.axes
    assert (axis.name, axis.is_factor) == ("Na.g+K.g", True)
    (axis,) = plan_of('"Na.g [mS/cm2]" = [100]').design.axes
    assert (axis.unit, axis.is_factor) == ("mS/cm2", False)
    assert plan_of("[axes.Na]\ng = {from = 60, to = 120, n = 3}").design.names == ("Na.g",)
    mixed = plan_of('"conditions.als_early" = [0, 1]\ntemperature = [6.3, 10]\nNa.g = [120]')
    assert mixed.design.names == ("conditions.als_early", "temperature", "Na.g")


@pytest.mark.parametrize("design", ["random", "latin_hypercube", "sobol", "saltelli"])
def test_designs_that_draw_equal_the_function_of_their_name(design):
    from mnexcite import sweeps

    axes = '"Na.g" = {from = 60, to = 120}\n"K.g:factor" = {from = 0.5, to = 1, log = true}'
    drawn = plan_of(axes, f'design = "{design}"\npoints = 8\nseed = 5').design
    made = getattr(sweeps, design)(
        {
            "Na.g": sweeps.between(60, 120),
            "K.g": sweeps.between(0.5, 1.0, log=True, factor=True),
        },
        8,
        seed=5,
    )
    assert drawn.kind == design
    for one, two in zip(drawn.axes, made.axes, strict=True):
        assert one.is_factor == two.is_factor
        np.testing.assert_array_equal(one.values, two.values)


def test_zipped_goes_along_all_axes_at_once():
    design = plan_of('Na.g = [100, 120]\n"K.g:factor" = [1, 0.5]', 'design = "zipped"').design
    assert (design.kind, design.shape) == ("zipped", (2,))


def test_table_lies_beside_the_file(tmp_path):
    (tmp_path / "points.csv").write_text("Na.g,K.g:factor,stimulus.amplitude\n120,1,5\n9,2,7\n")
    path = tmp_path / "map.toml"
    stimulus = STEP.replace("amplitude = 10\n", "")
    path.write_text(f'{CELL}{stimulus}[sweep]\ndesign = "table"\ntable = "points.csv"\n')
    design = build_plan(load_sweep(path)).design
    assert design.names == ("Na.g", "K.g", "stimulus.amplitude")
    assert [axis.values.tolist() for axis in design.axes] == [[120, 9], [1, 2], [5, 7]]
    (tmp_path / "points.csv").unlink()
    with pytest.raises(StorageError, match=r"points\.csv"):
        build_plan(load_sweep(path))


def test_everything_reaches_the_plan():
    text = f"""{CELL}
    scaled = {{"Na.g" = 0.9}}
    {STEP}
    [run]
    duration = 80
    discard = 10
    method = "staggered"
    dt = 0.01
    initial = {{v = -60}}
    [muscle]
    unit = "fast"
    [axes]
    "K.g" = [36]
    [sweep]
    measures = ["rate", {{name = "rheobase", duration = 60}}]
    seed = 4
    """
    plan = build_plan(loads_sweep(text))
    assert plan.cell == hodgkin_huxley_1952().scaled({"Na.g": 0.9})
    np.testing.assert_array_equal(
        plan.stimulus.at([0.0, 5.0]), stimuli.step(10, unit="uA/cm2").at([0.0, 5.0])
    )
    assert (plan.duration, plan.discard) == (80.0, 10.0)
    assert (plan.numerics.dt, plan.numerics.seed) == (0.01, 4)
    assert (identity(plan)["run"]["method"], plan.unit.name, plan.numerics.initial) == (
        "staggered",
        "fast unit",
        {"v": -60.0},
    )
    assert {"rate", "rheobase"} <= {output.name for output in plan.outputs}


def test_options_of_a_measure_decide_the_result():
    def of(duration):
        found = plan_of(
            "Na.g = [120]", f'measures = [{{name = "rheobase", duration = {duration}}}]'
        )
        return identity(found)["measures"]

    assert of(60) == of(60.0) != of(70)


def test_an_axis_of_the_stimulus_gives_what_the_section_leaves_out_or_replaces_it():
    left_out = STEP.replace("amplitude = 10\n", "")
    for stimulus in (STEP, left_out):
        plan = plan_of('"stimulus.amplitude" = [1, 2]', stimulus=stimulus)
        assert plan.stimulus(amplitude=2.0).at([1.0]).tolist() == [2.0]
        found = coordinates(plan.cell, plan.design, None, plan.stimulus)
        assert found["stimulus.amplitude"][2]["units"] == "uA/cm2"
    with pytest.raises(InputError, match=r"amplitude is missing; .* here or as an axis"):
        plan_of("Na.g = [120]", stimulus=left_out)


def test_an_axis_acts_on_the_stimulus_that_leaves_its_argument_out():
    left_out = STEP.replace("amplitude = 10\n", "")
    pulse = '[[stimulus]]\nshape = "pulse"\namplitude = 3\nunit = "uA/cm2"\nstart = 20\n'
    plan = plan_of('"stimulus.amplitude" = [1, 2]', stimulus=left_out, more=pulse)
    assert plan.stimulus(amplitude=2.0).at([1.0, 20.0]).tolist() == [2.0, 5.0]
    found = coordinates(plan.cell, plan.design, None, plan.stimulus)
    assert found["stimulus.amplitude"][2]["units"] == "uA/cm2"
    with pytest.raises(InputError, match=r"could mean \[\[stimulus\]\] 1 and"):
        plan_of('"stimulus.amplitude" = [1, 2]', more=pulse)


def test_noise_of_a_point_follows_from_the_seed_of_the_sweep():
    plan = plan_of("Na.g = [120, 121]", stimulus=NOISE, more=NOISE)
    t = np.arange(0.0, 50.0, 0.5)
    made = inputs_of(plan.cell, plan.design, np.arange(2), None, plan.stimulus, 3)
    one, other = made.stimuli
    assert not np.array_equal(one.at(t), other.at(t))
    alone = stimuli.ornstein_uhlenbeck(2.0, tau=5.0, duration=50.0, unit="uA/cm2")
    assert not np.allclose(one.at(t), 2.0 * alone.seeded(3, 0).at(t))
    np.testing.assert_array_equal(one.at(t), (alone + alone).seeded(3, 0).at(t))


def test_samples_of_a_file_are_read_once_for_all_points(tmp_path):
    (tmp_path / "current.csv").write_text("1\n2\n")
    path = tmp_path / "map.toml"
    path.write_text(
        f'{CELL}[[stimulus]]\nshape = "sampled"\nfile = "current.csv"\nevery = 1\n'
        f'unit = "uA/cm2"\n[axes]\n"stimulus.start" = [0, 5]\n'
    )
    plan = build_plan(load_sweep(path))
    assert plan.stimulus(start=5.0).at([0.0, 5.0, 6.5]).tolist() == [0.0, 1.0, 2.0]


def test_two_files_of_one_sweep_have_one_identity():
    one = plan_of('"Na.g:factor" = [0.5, 1]', "chunk = 3", run=f"{RUN}threads = 1\n")
    two = plan_of('"Na.g:factor" = {from = 0.5, to = 1, n = 2}', 'store = "x"\nfigure = ""')
    assert identity(one) == identity(two)
    assert identity(one) != identity(plan_of('"Na.g:factor" = [0.6, 1]'))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "[axes] there is no axis; write one"),
        ("[run]\n", "for one run, write: mnexcite simulate"),
        ("axes = 3\n", "axes is 3; allowed: a section [axes]"),
        (f"{AXIS}[swep]\n", "unknown section 'swep'; did you mean 'sweep'?"),
        (f"{AXIS}[sweep]\npoint = 3", "[sweep] unknown key 'point'; did you mean 'points'?"),
        (f"{AXIS}[output]\nfolder = 'x'", "[output] this is for one run"),
        (f"{AXIS}[run]\nevery = 1", "[run] every is given, but a sweep keeps measures only"),
        (f"{AXIS}[muscle]\nevery = 2", "[muscle] every is given"),
        (f"{AXIS}[run]\nduration = -1", "duration is -1.0 ms; allowed: a finite time"),
        ('[sweep]\ntable = "x.csv"', 'write design = "table"'),
        ('[sweep]\ndesign = "table"', "[sweep] a table is a CSV file"),
        (f'{AXIS}[sweep]\ndesign = "table"\ntable = "x.csv"', "without [axes]"),
        (f'{AXIS}[sweep]\ndesign = "sobl"', "did you mean 'sobol'?"),
        (f"{AXIS}[sweep]\npoints = 4", "points is given, but design 'grid' draws none"),
        (f"{AXIS}[sweep]\nchunk = 0", "[sweep] chunk is 0"),
        (f"{AXIS}[sweep]\nmeasures = ['rat']", "did you mean 'rate'?"),
        (f"{AXIS}[sweep]\nmeasures = 'rate'", "measures is 'rate'; allowed: a list of names"),
        (f"{AXIS}[sweep]\nmeasures = ['rate', 'rate']", "two measures give 'rate'"),
        (f"{AXIS}[sweep]\nmeasures = [{{n = 1}}]", "write its name"),
        (f"{AXIS}[sweep]\nmeasures = [{{name = 'rat'}}]", "did you mean 'rate'?"),
        (
            f"{AXIS}[sweep]\nmeasures = [{{name = 'rheobase', duratio = 1}}]",
            "measure 'rheobase' has no 'duratio'; did you mean 'duration'?",
        ),
        ("[conditions]\nals_early = 1\n[axes]\nconditions.als_early = [1]", "keep one of them"),
    ],
)
def test_a_mistake_is_one_line_with_its_section(text, said, tmp_path):
    path = tmp_path / "map.toml"
    path.write_text(f"{'' if text.startswith('axes') else CELL}{text}")
    with pytest.raises(InputError) as caught:
        build_plan(load_sweep(path))
    assert str(caught.value).startswith(f"{path}: ")
    assert said in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("axis", "said"),
    [
        ('"Naa.g" = [1]', "did you mean 'Na.g'"),
        ('"conditions.als_erly" = [1]', "did you mean 'als_early'"),
        ('"stimulus.amplitud" = [1]', "did you mean 'amplitude'?"),
        ('"stimulus.unit" = [1]', "a step has no 'unit'"),
        ("Na.g = 3", "Na.g is 3; allowed: a list of numbers, or {from = 1, to = 4, n = 40}"),
        ("Na.g = []", "Na.g is []"),
        ('Na.g = ["1"]', "Na.g is ['1']"),
        ("Na.g = [true]", "Na.g is [True]"),
        ("Na.g = [nan]", "Na.g is [nan]"),
        ("Na.g = [-1]", "g is -1.0"),
        ("Na.g = {values = [1]}", 'write: "Na.g" = [1, 2]'),
        ("Na.g = {factors = [1]}", 'write: "Na.g:factor" = [1, 2]'),
        ("Na.g = {from = 1, to = 2}", "n is missing"),
        ("Na.g = {from = 1, n = 2}", "to is missing"),
        ("Na.g = {from = 1, to = 2, n = 0}", "n is 0; allowed: 1 to 10000000"),
        ("Na.g = {from = 1, to = 2, n = 1000000000000}", "n is 1000000000000"),
        ("Na.g = {from = 1, to = '2', n = 2}", "to is '2'; allowed: a number"),
        ("Na.g = {from = 0, to = 2, n = 2, log = true}", "log needs from and to above 0"),
        ("Na.g = {from = 1, to = 2, n = 2, log = 1}", "log is 1; allowed: true or false"),
        ("Na.g = {from = 1, to = 2, N = 2}", "unknown 'N'; did you mean 'n'?"),
        ('Na.g = [1]\n"Na.g:factor" = [1]', "given twice"),
        ('Na.g = [1]\n"Na.g+K.g" = [1]', "both set Na.g"),
        ("temperature = [6]\n'temperature:factor' = [1]", "no value of its own"),
    ],
)
def test_a_mistake_in_an_axis_is_of_its_section(axis, said, tmp_path):
    path = tmp_path / "map.toml"
    path.write_text(f"{CELL}{STEP}[axes]\n{axis}\n")
    with pytest.raises(InputError) as caught:
        build_plan(load_sweep(path))
    assert str(caught.value).startswith(f"{path}: [axes] ")
    assert said in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("axes", "sweep", "said"),
    [
        ("Na.g = [1, 2]", "points = 4", "Na.g' is a list; allowed here: {from = 1, to = 4}"),
        ("Na.g = {from = 1, to = 2, n = 4}", "points = 4", "has n; remove it"),
        ("Na.g = {from = 2, to = 1}", "points = 4", "goes from 2 to 1"),
        ("Na.g = {from = 1, to = 2}", "", "points is missing"),
        ("Na.g = {from = 1, to = 2}", "points = 0", "points is 0"),
        ("Na.g = {from = 1, to = 2}", "points = 5", "a power of 2"),
        ("Na.g = {from = 1, to = 2}", "points = 4\nseed = -1", "seed is -1"),
    ],
)
def test_a_mistake_in_a_design_that_draws(axes, sweep, said):
    with pytest.raises(InputError, match=said):
        plan_of(axes, f'design = "sobol"\n{sweep}')


def test_a_sweep_is_no_run_and_says_where_to_go(tmp_path):
    path = tmp_path / "map.toml"
    path.write_text(AXIS)
    with pytest.raises(InputError, match=r"a sweep; write: mnexcite sweep .*map\.toml"):
        config.load(path)


def test_too_many_points_are_refused_before_any_array_is_made():
    huge = "{from = 1, to = 2, n = 100000}"
    with pytest.raises(InputError, match=r"1e\+10 points; allowed: 1e\+09"):
        plan_of(f"Na.g = {huge}\nK.g = {huge}")
