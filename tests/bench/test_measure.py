"""How contestants are run and judged, with contestants whose results are known."""

import functools
from dataclasses import dataclass, field

import numpy as np
import pytest
from bench_works import SPIKES, sets

from mnexcite.bench import measure
from mnexcite.bench.expressions import Untraceable
from mnexcite.bench.measure import work_precision
from mnexcite.bench.peers import Answer, Setting
from mnexcite.bench.reference import reference
from mnexcite.errors import InputError, Interrupted

WORK = sets(400, 512, 1023, duration=20.0)
TRUE = [np.array(SPIKES[k])[np.array(SPIKES[k]) < 20.0] for k in (400, 512, 1023)]


@dataclass
class Known:
    """A peer whose spikes are off by its dt; its n-th run takes `seconds[n]`."""

    name: str = "known"
    seconds: tuple[float, ...] = (9.0, 0.3, 0.2, 0.1)
    log: list[str] = field(default_factory=list)
    reason: str | None = None
    fails: BaseException | None = None
    dts: tuple[float, ...] = (0.1, 0.01)
    alone: bool = False
    wrong: bool = False

    def missing(self):
        return self.reason

    def settings(self):
        return tuple(Setting(f"dt {dt:g}", dt, "dt") for dt in self.dts)

    def prepare(self, work, setting):
        times = iter(self.seconds)

        def run():
            if self.fails is not None:
                raise self.fails
            self.log.append(f"{self.name} {setting.label}")
            trains = [train + setting.value for train in TRUE]
            if self.wrong:
                trains[1] = trains[1][:0]
            assert self.alone or work.sets == 3
            kept = trains[: work.sets]
            return Answer(tuple(kept), next(times), steps=1000 * work.sets)

        return run


@functools.cache
def truth(most):
    return reference(WORK, most)


@pytest.fixture(autouse=True)
def judged_once(monkeypatch):
    """Solve the work once for all that is judged by its solution."""

    def found(work, most, progress):
        assert work is WORK
        progress(1.0)
        return truth(most)

    monkeypatch.setattr(measure, "reference", found)


def measured(*peers, **options):
    return work_precision(WORK, [], peers, **{"repeats": 3, "budget": 60.0, **options})


def test_error_and_cost_are_what_they_are_by_construction():
    coarse, fine = measured(Known()).points
    # TRUE has five digits
    assert coarse.error == pytest.approx(0.1, abs=1e-5)
    assert fine.error == pytest.approx(0.01, abs=1e-5)
    # the median of the warm runs, over three sets
    assert coarse.warm == 0.2
    assert coarse.cost == pytest.approx(1e3 * 0.2 / 3)
    assert coarse.per_step == pytest.approx(1e9 * 0.2 / 3000)
    assert (coarse.spikes, coarse.sets, coarse.repeats, coarse.wrong) == (4, 3, 3, 0)
    assert coarse.skipped is None


def test_contestants_take_turns():
    log = []
    measured(Known("a", log=log, dts=(0.1,)), Known("b", log=log, dts=(0.1,)), repeats=2)
    assert log == ["a dt 0.1", "b dt 0.1"] * 3


def test_a_misfire_leaves_no_error():
    point = measured(Known(wrong=True, dts=(0.1,))).points[0]
    assert (point.error, point.wrong) == (None, 1)
    assert point.median_error == pytest.approx(0.1, abs=1e-5)


def test_slow_settings_are_repeated_less():
    point = measured(Known(dts=(0.1,)), budget=18.0).points[0]
    assert point.repeats == 2


def test_finer_settings_of_a_slow_one_are_left_out():
    slow, quick = Known("slow"), Known("quick", seconds=(1.0, 1.0, 1.0, 1.0))
    first, second, *others = measured(slow, quick, patience=5.0).points
    assert first.error is not None and second.skipped == "dt 0.1 took more than 5 s"
    assert [point.skipped for point in others] == [None, None]


def test_one_that_runs_sets_alone_runs_the_judged_ones_only():
    point = measured(Known(alone=True, dts=(0.1,)), judged=2).points[0]
    assert point.sets == 2


@pytest.mark.parametrize(
    ("fails", "said"),
    [
        (Untraceable("gate p: has a loop"), "gate p: has a loop"),
        (InputError("dt is too long"), "dt is too long"),
        (RuntimeError("no\nluck"), "failed: RuntimeError: no luck"),
    ],
)
def test_one_that_fails_is_skipped_with_the_reason_and_the_others_go_on(fails, said):
    found = measured(Known("a", fails=fails), Known("b"))
    assert [point.skipped for point in found.of("a")] == [said, said]
    assert [point.repeats for point in found.of("b")] == [3, 3]
    assert found.cost_at("a", 1.0) is None


def test_one_that_is_not_installed_is_named_once():
    found = measured(Known("a", reason="not installed"), Known("b"))
    assert [point.skipped for point in found.of("a")] == ["not installed"]


def test_few_settings_are_the_ends_and_what_is_between():
    dts = (0.5, 0.4, 0.3, 0.2, 0.1)
    found = measured(Known(dts=dts), settings=3)
    assert [point.value for point in found.points] == [0.5, 0.3, 0.1]


def test_ctrl_c_keeps_what_was_measured():
    with pytest.raises(Interrupted) as stopped:
        measured(Known("a", dts=(0.1,)), Known("b", fails=KeyboardInterrupt()))
    kept = stopped.value.partial
    assert kept.of("a")[0].error == pytest.approx(0.1, abs=1e-5)
    assert {point.skipped for point in kept.of("b")} == {"not reached"}


def test_methods_of_the_package_are_contestants_with_their_known_order():
    found = work_precision(WORK, ["staggered"], repeats=1, settings=3)
    coarse, fine = found.points[1], found.points[2]
    # order 2: eight times finer is 64 times better, but for terms of higher order
    assert coarse.error / fine.error == pytest.approx(64.0, rel=0.1)
    assert fine.value == coarse.value / 8
    assert (fine.group, fine.steps) == ("method", 3 * 12_800)
    assert found.baseline == "staggered"


def test_a_step_that_a_method_refuses_is_skipped():
    found = work_precision(WORK, ["runge_kutta_4"], repeats=1, settings=2)
    assert "beyond which gate Na.m" in found.points[0].skipped
    assert found.points[1].skipped is None


def test_progress_ends_at_one():
    shares = []
    measured(Known(), repeats=2, progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"methods": ["stagered"]}, "did you mean 'staggered'"),
        ({"repeats": 0}, "repeats is 0"),
        ({"judged": 0}, "judged is 0"),
        ({"methods": []}, "neither methods nor peers"),
    ],
)
def test_bad_input_is_refused_in_one_line(options, said):
    with pytest.raises(InputError, match=said) as refused:
        work_precision(WORK, **{"methods": None, **options})
    assert "\n" not in str(refused.value)
