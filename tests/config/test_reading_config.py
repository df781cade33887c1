import pytest

from mnexcite.config import load, loads
from mnexcite.errors import InputError, StorageError

FULL = """
[cell]
name = "molkov_2025"
scaled = {"K.g" = 0.5}
[cell.replaced]
NaP.g = 1
"Kv1.h.tau_scale" = 80.0

[conditions]
als_early = 1.0
electrolytes = {K_o = 5.0, Na_o = 140}
drugs = {mexiletine = 5}
temperature = 36

[[stimulus]]
shape = "step"
amplitude = 5
unit = "uA/cm2"

[[stimulus]]
shape = "train"
amplitude = 1.0
unit = "uA/cm2"
rate = 10.0
count = 3

[run]
duration = 4000
record = ["v", "Ca"]
initial = {v = -70}
threads = 2

[muscle]
unit = "thenar"

[output]
folder = "results"
figure = "run.svg"
"""


def test_every_section_is_read():
    config = loads(FULL)
    assert config.cell.name == "molkov_2025"
    assert dict(config.cell.scaled) == {"K.g": 0.5}
    assert dict(config.cell.replaced) == {"NaP.g": 1.0, "Kv1.h.tau_scale": 80.0}
    assert dict(config.conditions.presets) == {"als_early": 1.0}
    assert dict(config.conditions.electrolytes) == {"K_o": 5.0, "Na_o": 140.0}
    assert dict(config.conditions.drugs) == {"mexiletine": 5.0}
    assert config.conditions.temperature == 36.0
    assert [s.shape for s in config.stimulus] == ["step", "train"]
    assert dict(config.stimulus[1].arguments) == {
        "amplitude": 1.0,
        "unit": "uA/cm2",
        "rate": 10.0,
        "count": 3,
    }
    assert config.run.duration == 4000.0
    assert config.run.record == ("v", "Ca")
    assert config.run.initial == {"v": -70.0}
    assert (config.run.threads, config.run.method, config.run.discard) == (2, None, 0.0)
    assert config.muscle is not None
    assert (config.muscle.unit, config.muscle.every) == ("thenar", 1.0)
    assert (config.output.folder, config.output.figure) == ("results", "run.svg")


def test_nothing_is_needed():
    config = loads("")
    assert config.cell.name == "purvis_butera_2005"
    assert config.muscle is None
    assert config.stimulus == ()
    assert loads("[muscle]").muscle is not None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        # typos
        ("[cel]", "unknown section 'cel'; did you mean 'cell'?"),
        ("[cell]\nnam = 'x'", "[cell] unknown key 'nam'; did you mean 'name'?"),
        ("[run]\nduratoin = 1", "[run] unknown key 'duratoin'; did you mean 'duration'?"),
        ("[conditions]\nals_earl = 1", "unknown key 'als_earl'; did you mean 'als_early'"),
        ("conditions.drugs = {mexiletin = 5}", "[conditions.drugs] unknown key 'mexiletin'"),
        ("conditions.electrolytes = {Ko = 5}", "[conditions.electrolytes] unknown key 'Ko'"),
        (
            "[conditions]\npresets = {}",
            "[conditions] unknown key 'presets'; allowed: als_early",
        ),
        ("[muscle]\nunits = 'slow'", "[muscle] unknown key 'units'; did you mean 'unit'?"),
        ("[output]\nfig = 'a.png'", "[output] unknown key 'fig'"),
        (
            "[[stimulus]]\nshape = 'stepp'",
            "[stimulus 1] unknown shape 'stepp'; did you mean 'step'?",
        ),
        (
            "[[stimulus]]\nshape = 'step'\namplitude = 1\nunit = 'nA'\n"
            "[[stimulus]]\nshape = 'step'\namplitud = 1",
            "[stimulus 2] unknown key 'amplitud'; did you mean 'amplitude'?",
        ),
        # missing
        ("[[stimulus]]\namplitude = 1.0", "[stimulus 1] shape is missing; allowed: step"),
        (
            "[[stimulus]]\nshape = 'ramp'\nfirst = 0\nunit = 'nA'\nduration = 1",
            "[stimulus 1] last is missing; a ramp needs it",
        ),
        # wrong types
        ("[cell]\nname = 3", "[cell] name is 3; allowed: text"),
        ("cell = 'x'", "cell is 'x'; allowed: a section [cell]"),
        ("[cell.scaled]\nNaP = '2'", "[cell] scaled is {'NaP': '2'}; allowed: numbers by name"),
        ("[run]\nduration = '1 s'", "[run] duration is '1 s'; allowed: a number"),
        ("[run]\nduration = true", "[run] duration is True; allowed: a number"),
        ("[run]\nduration = nan", "[run] duration is nan; allowed: a number"),
        ("[run]\nthreads = 1.5", "[run] threads is 1.5; allowed: a whole number"),
        ("[run]\ntolerance = '1e-6'", "[run] tolerance is '1e-6'; allowed: a number"),
        ("[run]\nspike_eror = 0.1", "unknown key 'spike_eror'; did you mean 'spike_error'?"),
        ("[run]\nrecord = 'v'", "[run] record is 'v'; allowed: a list of texts"),
        ("[run]\nrecord = [1]", "[run] record is [1]; allowed: a list of texts"),
        ("[run]\ninitial = 1", "[run] initial is 1; allowed: text, or numbers by name"),
        ("[conditions]\nals_early = 'x'", "[conditions] als_early is 'x'; allowed: a number"),
        ("[stimulus]\nshape = 'step'", "write [[stimulus]]"),
        (
            "[[stimulus]]\nshape = 'sampled'\nvalues = 1.0\nunit = 'nA'",
            "[stimulus 1] values is 1.0; allowed: a list of numbers",
        ),
    ],
)
def test_mistake_is_one_line_with_file_section_and_remedy(text, said, tmp_path):
    path = tmp_path / "run.toml"
    path.write_text(text)
    with pytest.raises(InputError) as refused:
        load(path)
    message = str(refused.value)
    assert message.startswith(f"{path}: ")
    assert said in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("text", "line"), [("[run\n", 1), ("[run]\nduration = \n", 2), ("a = 1\na = 2", 2)]
)
def test_malformed_toml_names_the_line(text, line, tmp_path):
    path = tmp_path / "run.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=f"line {line}") as refused:
        load(path)
    assert "\n" not in str(refused.value)


def test_missing_or_binary_file(tmp_path):
    with pytest.raises(StorageError, match=r"cannot read .*nowhere\.toml"):
        load(tmp_path / "nowhere.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="is not UTF-8 text"):
        load(tmp_path / "binary.toml")
