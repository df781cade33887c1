"""The sweep command, killed at random moments or out of room, loses no bit: in short form.

`python benchmarks/survival.py` does the same hundreds of times.
"""

import random
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
KILLS, BLOCKS = 3, 18
MAP = """
[cell]
name = "hodgkin_huxley_1952"
[[stimulus]]
shape = "step"
amplitude = 10.0
unit = "uA/cm2"
[run]
duration = 200.0
[axes]
"Na.g:factor" = {from = 0.7, to = 1.4, n = 18}
"K.g:factor" = [0.8, 0.9, 1.0]
[sweep]
store = "map.zarr"
figure = ""
measures = ["rate", "cv", "phase", "force"]
chunk = 3
"""


@pytest.fixture(scope="module")
def runs(forked):
    """Return how runs start: they import nothing, so that kills are spent on the store."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(BENCHMARKS)
        import interrupted_runs

        patch.setattr(interrupted_runs, "COMMAND", [*forked, *interrupted_runs.COMMAND[1:]])
        yield interrupted_runs


@pytest.fixture(scope="module")
def calm(runs, tmp_path_factory):
    """Return an undisturbed run."""
    folder = runs.prepare(tmp_path_factory.mktemp("calm") / "run", MAP)
    run = runs.attempt(folder)
    assert run.code == 0, run.stderr
    return runs.Calm(folder, run.seconds, 0.0, run.code)


def test_kills_while_it_starts_lose_no_bit(runs, calm, tmp_path):
    """When the store is being made beside its place, and as soon as it is there."""
    folder = runs.prepare(tmp_path / "killed", MAP)
    started = lambda elapsed: len(list(folder.iterdir())) > 1  # noqa: E731
    assert runs.attempt(folder, stop=started).killed
    runs.attempt(folder, stop=lambda elapsed: (folder / runs.STORE).exists())
    assert runs.attempt(folder).code == calm.code
    assert runs.compare(calm, folder) == []


def test_kills_at_random_moments_lose_no_bit(runs, calm, tmp_path):
    chance = random.Random(1952)
    folder, counts = runs.prepare(tmp_path / "killed", MAP), runs.Counts()
    tries = between = 0
    # where a busy machine looks too late, the run has ended, and another one is started
    while tries < KILLS or between < 2:
        tries += 1
        assert tries < 20 * KILLS
        before = runs.markers(folder)
        # three more blocks on average, then at any moment of the next ones
        enough, wait = len(before) + chance.randint(0, 4), chance.uniform(0.0, 0.05)
        run = runs.attempt(folder, stop=after(runs, folder, enough, wait))
        after_it = runs.markers(folder)
        counts.see_rewritten(before, after_it)
        between += run.killed and len(before) < len(after_it) < BLOCKS
        if not run.killed:
            counts.see_code(run, calm.code)
            counts.differences += runs.compare(calm, folder)
            runs.prepare(folder, MAP)
    before = runs.markers(folder)
    counts.see_code(runs.attempt(folder), calm.code)
    counts.see_rewritten(before, runs.markers(folder))
    assert counts.blocks_rewritten == 0
    assert counts.differences + runs.compare(calm, folder) == []


def after(runs, folder, enough, wait):
    """Return the question whether so many blocks are done, and so much time has passed."""
    seen = []

    def ask(elapsed):
        if not seen and (folder / runs.STORE).exists() and len(runs.markers(folder)) >= enough:
            seen.append(elapsed)
        return bool(seen) and elapsed >= seen[0] + wait

    return ask


def test_no_room_for_a_value_loses_no_bit(runs, calm, tmp_path):
    from full_disks import size_limit

    counts = runs.Counts()
    said = size_limit(tmp_path / "limited", MAP, calm, counts)
    assert "the same command resumes" in said
    assert counts.differences == []
    assert counts.blocks_rewritten == 0
