import tomllib

from hypothesis import given, settings
from hypothesis import strategies as st

from mnexcite.channels.mapping import FrozenMapping
from mnexcite.config import (
    CellConfig,
    ConditionsConfig,
    Config,
    MuscleConfig,
    OutputConfig,
    RunConfig,
    StimulusConfig,
    dump,
    loads,
)

# whatever TOML can hold: any text, any number but NaN
NUMBERS = st.floats(allow_nan=False)
TEXTS = st.text(st.characters(exclude_categories=("Cs",)))
PARTS = st.text(st.characters(exclude_characters=".", exclude_categories=("Cs",)), min_size=1)


def tables(keys, values=NUMBERS):
    return st.dictionaries(keys, values, max_size=3).map(FrozenMapping)


def paths():
    return st.lists(PARTS, min_size=1, max_size=3).map(".".join)


def stimuli():
    step = st.fixed_dictionaries(
        {"amplitude": NUMBERS, "unit": TEXTS}, optional={"start": NUMBERS, "compartment": TEXTS}
    )
    train = st.fixed_dictionaries(
        {"amplitude": NUMBERS, "unit": TEXTS, "rate": NUMBERS},
        optional={"count": st.integers(-(2**63), 2**63 - 1)},
    )
    sampled = st.fixed_dictionaries(
        {"unit": TEXTS, "values": st.lists(NUMBERS, max_size=4).map(tuple)},
        optional={"file": TEXTS, "times": st.lists(NUMBERS, max_size=4).map(tuple)},
    )
    shapes = {"step": step, "train": train, "sampled": sampled}
    return st.one_of(
        *(
            arguments.map(
                lambda given, shape=shape: StimulusConfig(shape, FrozenMapping(given))
            )
            for shape, arguments in shapes.items()
        )
    )


def configs():
    maybe = st.none() | NUMBERS
    return st.builds(
        Config,
        cell=st.builds(CellConfig, TEXTS, tables(paths()), tables(paths())),
        conditions=st.builds(
            ConditionsConfig,
            tables(st.just("als_early")),
            tables(st.sampled_from(["K_o", "Na_o"])),
            tables(st.sampled_from(["mexiletine", "riluzole"])),
            maybe,
        ),
        stimulus=st.lists(stimuli(), max_size=3).map(tuple),
        run=st.builds(
            RunConfig,
            NUMBERS,
            NUMBERS,
            st.none() | st.lists(TEXTS, max_size=3).map(tuple),
            maybe,
            TEXTS,
            maybe,
            maybe,
            maybe,
            TEXTS | tables(paths()),
            st.none() | st.integers(-(2**63), 2**63 - 1),
        ),
        muscle=st.none() | st.builds(MuscleConfig, TEXTS, NUMBERS),
        output=st.builds(OutputConfig, st.none() | TEXTS, TEXTS),
    )


@settings(max_examples=20)
@given(configs())
def test_what_is_written_reads_back_the_same(config):
    text = dump(config)
    tomllib.loads(text)
    assert loads(text) == config


def test_written_file_holds_only_what_is_set():
    text = dump(Config())
    assert "muscle" not in text
    assert "stimulus" not in text
    assert tomllib.loads(text)["run"] == {"duration": 1000.0, "discard": 0.0}
