"""Print the loop of adaptive steps around what a scheme prints for one step of one vector.

Every lane has its own time and step. A vector holds a few lanes; when one reaches the end or
fails, the next lane of the queue takes its place. One vector runs at a time: two in turn were
no cheaper per lane, and the last lanes, or one alone, then paid for both.

A step ends on every edge of the drive, but not at the end of the run: there the lane keeps
the start of its last step, which a continued run takes again. So an end changes no bit.
Spikes and samples within a step come from the cubic through its ends, whose slopes are known
once the next step has begun; until then what is to be done stands in `pending`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from mnexcite.engine import status
from mnexcite.engine.cubic import hermite, print_crossing, print_summit
from mnexcite.engine.printer import Printer
from mnexcite.engine.tableau import Tableau
from mnexcite.kernels.source import Entry, Source

NON_FINITE, OUT_OF_RANGE, STEP_LIMIT, NEGATIVE = (
    status.CODES[name]
    for name in ("non_finite", "out_of_range", "step_limit", "negative_concentration")
)

SHORTEST_STEP = 1e-13  # ms; the cell is too stiff, or something is not a number
SAFETY, SHRINK, GROW = 0.9, 0.2, 4.0
#: From so far below the threshold a peak within a step is looked at closely [mV].
NEAR = 2.0

#: What a lane's step goes by: times, and how many steps it took.
CLOCK = ("time", "step", "edge", "start", "due", "taken")
#: Of the lane in each place: its number, its tables, where it stands in drive and samples.
_PLACES = ("lane_of", "vrow", "crow", "piece", "sample")
#: What enters within a piece: its value at the start and its slope.
DRIVE = {"level": "levels", "climb": "climbs"}
#: What `_cubic` prints.
_CUBIC = ("low_end", "high_end", "climb_on", "climb_off")


class Scheme(Protocol):
    """Print one step of one vector; a module such as `rosenbrock`."""

    TABLEAU: Tableau

    def begin(self, p: Printer) -> None:
        """Print the `slopes_` of all states at its start, and the `longest_` to follow."""
        ...

    def step(self, p: Printer) -> None:
        """Print the `new_` states and their `error_` at its end."""
        ...


class Loop:
    """Print the loop.

    All numbers of the lanes stand in a tile of `size`, a vector for each; `place` says where
    each of them begins.
    """

    def __init__(
        self,
        printer: Printer,
        scheme: Scheme,
        trail: bool = False,
    ) -> None:
        self.trail = trail
        self.printer, self.scheme, self.out = printer, scheme, printer.out
        self.count, self.inputs = len(printer.states), printer.structure.inputs
        self.parameters = len(printer.layout.parameters)
        self.width = width = printer.width
        # what a step reads, one vector each; the states come first
        self.read = [f"{name}_@" for name in CLOCK]
        self.read += [printer.input(part, *which) for part in DRIVE for which in self.inputs]
        self.read += printer.parameters
        sizes = {"states": self.count} | dict.fromkeys(self.read, 1)
        # the last step: states and slopes at its ends, its time, length and plan
        sizes |= {"old": self.count, "old_slopes": self.count, "slopes": self.count}
        sizes |= {"old_time": 1, "old_length": 1, "old_step": 1}
        sizes |= {"stages": scheme.TABLEAU.stages * self.count}
        starts = itertools.accumulate(sizes.values(), initial=0)
        self.place = dict(zip(sizes, (width * start for start in starts), strict=False))
        self.size = width * sum(sizes.values())

    # states, as packs --------------------------------------------------------------
    def _load(self) -> None:
        """Print how states and what a step reads come from the tile."""
        self.out.add(
            f"states_@ = load_all(tile, 0, {self.count})",
            f"{', '.join(self.read)}, = "
            f"load_all(tile, {self.place['time_@']}, {len(self.read)})",
        )

    def _present(self) -> None:
        """Print the present states' names and what enters at their time."""
        self.printer.unpack("states_@")
        self.printer.drive_at("time_@")

    def _begin_step(self) -> None:
        self.out.add("begin_@ = slopes_@")

    def _size(self) -> None:
        """Print the size of a step's error."""
        self.out.add("size = square_sum(error_@, weights)")

    def _take(self) -> None:
        """Print how new states, where the step is good enough, take the old ones' place."""
        self.out.add(
            "new_@ = choose_all(size, 1.0, new_@, states_@)",
            "store_all(tile, 0, new_@)",
        )
        self.printer.unpack("new_@")

    def _ends(self) -> tuple[str, str, str]:
        """Return the first voltage at the ends of a step, and its slope at the start."""
        return "states_@[0]", self.printer.states[0], "begin_@[0]"

    def _strayed(self) -> None:
        self.out.add(f"strayed_@ = {' | '.join(self.printer.out_of_range())}")

    def _keep(self) -> None:
        """Print how states and slopes at the start of the step are kept."""
        for name, pack in (("old", "states_@"), ("old_slopes", "begin_@")):
            self.out.add(f"store_all(tile, {self.place[name]}, {pack})")

    def _keep_slopes(self) -> None:
        """Print how the slopes at the end of the step are kept."""
        place = self.place["slopes"]
        self.out.add(f"store_all(tile, {place}, slopes_@)")

    # the loop ----------------------------------------------------------------------
    def print(self, title: str, entry: Entry) -> None:
        """Print a kernel with this entry."""
        out = self.out
        self.printer.preamble(title)
        out.lines += entry.head()
        out.depth = 1
        out.add(
            "lanes = taken.size",
            *(f"{name} = np.zeros({self.width}, np.int64)" for name in _PLACES),
            f"waiting, found, live, vacant = 0, 0, 0, {2**self.width - 1}",
            # masks of lanes
            "arm, old_arm, pending, spiked, peaked, hit, strayed = 0, 0, 0, 0, 0, 0, 0",
            "failed, wild = 0, 0",
        )
        full = f"budget <= 0 or found + {self.width} > spike_times.size"
        if self.trail:
            out.add("told = 0")
            full += f" or (told + 2) * {1 + self.count} > trail.size"
        with out.block("while True:"):
            with out.block("if vacant != 0:"):
                self._enter()
            with out.block("if live == 0:"):
                out.add("break")
            with self.printer.each():
                self._start()
            with out.block("if pending != 0:"):
                self._pending()
            with out.block(f"if {full}:"):
                out.add("break")
            out.add("budget -= 1")
            self._step()
        self._leave()
        if self.trail:
            out.add("trail[0] = float(told)")
        out.add("return found")
        if self.printer.loops:
            self.printer.loops.finish()

    def _of(self, name: str, k: str = "0") -> str:
        """Return the number that a lane has in the tile; the k-th of several."""
        later = "" if k == "0" else f" + {k} * {self.width}"
        return f"tile[{self.place[name]}{later} + i]"

    def _each_lane(self, mask: str) -> AbstractContextManager[None]:
        """Print what is added inside for the lanes of a mask."""
        return _lanes_of(self.out, mask, self.width)

    # a lane comes and goes ------------------------------------------------------------
    def _enter(self) -> None:
        """Print how vacant places take lanes from the queue."""
        out = self.out
        out.add("# lanes of the queue take vacant places")
        with self._each_lane("vacant"):
            with out.block("if waiting == queue.size:"):
                out.add(f"{self._of('edge_@')} = np.inf", "continue")
            out.add(
                "lane = queue[waiting]",
                "waiting += 1",
                "lane_of[i] = lane",
                "live |= 1 << i",
                "arm = (arm & ~(1 << i)) | (int(clock[2 * lanes + lane]) << i)",
            )
            with out.block(f"for k in range({self.count}):"):
                out.add(f"{self._of('states', 'k')} = y[k * lanes + lane]")
            with out.block(f"for k in range({self.parameters}):"):
                out.add(f"{self._of(self.printer.parameters[0], 'k')} = p[k * lanes + lane]")
            out.add(
                "t = clock[lane]",
                f"{self._of('time_@')} = t",
                f"{self._of('step_@')} = clock[lanes + lane]",
                f"{self._of('taken_@')} = taken[lane]",
                "vrow[i], crow[i] = vbase[lane], cbase[lane]",
                "d = drive_of[lane]",
                "piece[i] = pieces[d]",
            )
            with out.block("while piece[i] + 1 < pieces[d + 1] and starts[piece[i] + 1] <= t:"):
                out.add("piece[i] += 1")
            self._take_piece()
            out.add("sample[i] = 0", "first = t if t > begin else begin")
            with out.block("while sample[i] < times.size and times[sample[i]] <= first:"):
                out.add("sample[i] += 1")
            self._set_due()
        out.add("vacant = 0")

    def _take_piece(self) -> None:
        out = self.out
        out.add(
            f"{self._of('start_@')} = starts[piece[i]]",
            f"{self._of('edge_@')} = starts[piece[i] + 1] "
            "if piece[i] + 1 < pieces[drive_of[lane] + 1] else np.inf",
        )
        for part, array in DRIVE.items():
            place = self._of(self.printer.input(part, *self.inputs[0]), "k")
            with out.block(f"for k in range({len(self.inputs)}):"):
                out.add(f"{place} = {array}[piece[i] * {len(self.inputs)} + k]")

    def _set_due(self) -> None:
        self.out.add(
            f"{self._of('due_@')} = times[sample[i]] if sample[i] < times.size else end"
        )

    def _leave(self) -> None:
        """Print how lanes that are not done are put back."""
        out = self.out
        out.add("# lanes that are not done are put back")
        with self._each_lane("live"):
            out.add("lane = lane_of[i]")
            with out.block(f"for k in range({self.count}):"):
                out.add(f"y[k * lanes + lane] = {self._of('states', 'k')}")
            out.add(
                f"clock[lane] = {self._of('time_@')}",
                f"clock[lanes + lane] = {self._of('step_@')}",
                f"taken[lane] = {self._of('taken_@')}",
                "armed[lane] = (arm >> i) & 1",
                "clock[2 * lanes + lane] = float(armed[lane])",
            )

    # a step -------------------------------------------------------------------------
    def _start(self) -> None:
        out, place = self.out, self.place
        out.add(f"stages_@ = {place['stages']}")
        self._load()
        out.add("vrow_@, crow_@ = row_starts(vrow, 0), row_starts(crow, 0)")
        self._present()
        self.scheme.begin(self.printer)

    def _step(self) -> None:
        out, place, printer = self.out, self.place, self.printer
        with printer.each():
            self._begin_step()
            out.add(
                "room_@ = edge_@ - time_@",
                "h_@ = least(step_@, room_@)",
            )
        self.scheme.step(printer)
        before, v, slope = self._ends()
        with printer.each():
            out.add("# whether the step is good enough, and how long the next one is")
            self._size()
            out.add(
                f"change = {SAFETY} * inverse_eighth_root(size)",
                f"grown = h_@ * clamp(change, {SHRINK}, {GROW})",
                # a step that was cut at an edge does not shorten the next one
                "after = choose(step_@, h_@, grown, choose(grown, step_@, step_@, grown))",
                "after = least(after, longest_@)",
                "next_step = choose(size, 1.0, after, grown)",
                "ahead = choose(room_@, step_@, edge_@, time_@ + h_@)",
                "next_time = choose(size, 1.0, ahead, time_@)",
                f"store(tile, {place['time_@']}, next_time)",
                f"store(tile, {place['step_@']}, next_step)",
                f"store(tile, {place['taken_@']}, taken_@ + 1.0)",
            )
            self._take()
            out.add(
                "# what the step leads to, a bit for each lane",
                "accepted_@ = at_most(size, 1.0)",
                f"crossed_@ = crossed({before}, {v}, threshold)",
                # a peak within the step, by the parabola from its start to its end
                f"climb = h_@ * {slope}",
                f"bend = climb - ({v} - {before})",
                f"summit = {before} + 0.25 * climb * climb / bend",
                f"peaked_@ = at_least(summit, threshold - {NEAR}) & below({v}, threshold)",
                "peaked_@ = peaked_@ & at_least(climb, 0.0) & below(climb, bend + bend)",
                f"low_@ = below({v}, threshold - 10.0)",
                "hit_@ = at_most(room_@, step_@)",
                f"stuck_@ = below(next_step, {SHORTEST_STEP})",
                "wild_@ = outside(size, -1.0, 1e300)",
                "due_reached_@ = at_least(next_time, due_@)",
            )
            self._strayed()
        out.add(
            "accepted = accepted_0 & live",
            "old_arm = arm",
            "spiked = crossed_0 & arm & accepted",
            "peaked = peaked_0 & arm & accepted",
            "arm = (arm & ~spiked) | (low_0 & accepted)",
            "hit = hit_0 & accepted",
            "strayed = strayed_0 & accepted",
            "failed = strayed | (stuck_0 & live)",
            "wild = wild_0",
            "pending = spiked | peaked | failed",
            "pending = pending | (due_reached_0 & accepted)",
            # with nothing to look at within the step, the next piece begins at once
            "passed = hit & ~pending",
            "hit = hit & pending",
        )
        with out.block("if passed != 0:"), self._each_lane("passed"):
            out.add("lane = lane_of[i]", "piece[i] += 1")
            self._take_piece()
        with out.block("if pending != 0:"), printer.each():
            self._keep()
            for name, x in (("time", "time_@"), ("length", "h_@"), ("step", "step_@")):
                out.add(f"store(tile, {place[f'old_{name}']}, {x})")
        if self.trail:
            self._tell()

    def _tell(self) -> None:
        """Print how an accepted step of the only lane is told."""
        out, places = self.out, [self.place["time_@"], *range(self.count)]
        with out.block("if accepted != 0:"):
            out.add("told += 1", f"row = told * {1 + self.count}")
            out.add(*(f"trail[row + {k}] = tile[{at}]" for k, at in enumerate(places)))

    # what a step leads to ---------------------------------------------------------------
    def _pending(self) -> None:
        out, place = self.out, self.place
        with self.printer.each():
            self._keep_slopes()
        out.add(
            "# spikes, samples and ends within the last step, lane by lane", "again = False"
        )
        with self._each_lane("pending"):
            out.add(
                f"lane, h, t = lane_of[i], {self._of('old_length')}, {self._of('time_@')}",
            )
            out.add("fired = np.inf")
            self._detect()
            with out.block("while sample[i] < times.size and times[sample[i]] <= t:"):
                out.add(f"place = (times[sample[i]] - {self._of('old_time')}) / h")
                with out.block("for j in range(recorded.size):"):
                    out.add("k = recorded[j]")
                    self._cubic("k")
                    out.add(f"samples[sample[i], j, lane] = {hermite(*_CUBIC)}")
                out.add("sample[i] += 1")
            self._set_due()
            # what leaves the tables behind the end is the next run's
            with out.block("if (failed >> i) & 1 and (t <= end or (strayed >> i) & 1 == 0):"):
                self._fail()
            with out.block("elif t >= end:"):
                self._finish()
            with out.block("elif (hit >> i) & 1:"):
                out.add("piece[i] += 1", "again = True")
                self._take_piece()
        out.add("pending = 0")
        with out.block("if again or vacant != 0:"):
            out.add("continue")
        with self.printer.each():
            out.add(f"due_@ = load(tile, {place['due_@']})")

    def _detect(self) -> None:
        """Print how a lane's spike is found, also one whose peak lies within the step."""
        out = self.out
        with out.block("if ((spiked | peaked) >> i) & 1:"):
            self._cubic("0")
            out.add("summit_at = 1.0")
            with out.block("if (peaked >> i) & 1:"):
                print_summit(out, *_CUBIC)
                out.add("summit_at, high_end = place, v")
            with out.block("if high_end >= threshold:"):
                out.add("high_end = " + self._of("states"))
                print_crossing(out, *_CUBIC, until="summit_at")
                out.add(f"fired = {self._of('old_time')} + place * h")
                with out.block("if (peaked >> i) & 1 and high_end >= threshold - 10.0:"):
                    out.add("arm &= ~(1 << i)")
                with out.block("if begin <= fired < end:"):
                    out.add(
                        "spike_lanes[found], spike_times[found] = lane, fired",
                        "found += 1",
                    )

    def _fail(self) -> None:
        out, state = self.out, self._of("states", "k")
        with out.block(f"for k in range({self.count}):"):
            out.add(f"y[k * lanes + lane] = {state}", f"values[k * lanes + lane] = {state}")
        first = len(self.printer.structure.compartments)
        out.add("code = " + str(OUT_OF_RANGE))
        with out.block("for k in range(floors.size):"):
            with out.block(f"if {self._of('states', f'(k + {first})')} < floors[k]:"):
                out.add(f"code = {NEGATIVE}")
        out.add(
            "status[lane] = code if (strayed >> i) & 1 else "
            f"{NON_FINITE} if (wild >> i) & 1 else {STEP_LIMIT}",
            "ended[lane], clock[lane] = t, t",
            f"clock[lanes + lane] = {self._of('step_@')}",
            "clock[2 * lanes + lane] = float((arm >> i) & 1)",
        )
        self._vacate()

    def _finish(self) -> None:
        out = self.out
        out.add(f"place = (end - {self._of('old_time')}) / h")
        with out.block(f"for k in range({self.count}):"):
            self._cubic("k")
            out.add(
                f"values[k * lanes + lane] = {hermite(*_CUBIC)}",
                f"y[k * lanes + lane] = {self._of('old', 'k')}",
            )
        out.add(
            f"clock[lane], clock[lanes + lane] = {self._of('old_time')}, "
            f"{self._of('old_step')}",
            # the step is taken again, but another run may start from the values
            "clock[2 * lanes + lane] = float((old_arm >> i) & 1)",
            "ready = ((old_arm >> i) & 1 == 1 and fired >= end) or "
            "values[lane] < threshold - 10.0",
            "arm = (arm & ~(1 << i)) | (int(ready) << i)",
        )
        # who has yet to fire stands below the threshold, whatever was rounded
        with out.block("if ready and values[lane] >= threshold:"):
            out.add("values[lane] = threshold - 1e-9")
        self._vacate()

    def _vacate(self) -> None:
        self.out.add(
            "armed[lane] = (arm >> i) & 1",
            f"taken[lane] = {self._of('taken_@')}",
            "done[lane] = 1",
            "live &= ~(1 << i)",
            "vacant |= 1 << i",
        )

    def _cubic(self, k: str) -> None:
        """Print a lane's cubic of state `k`: its ends, and its slopes there per step.

        A state that follows another at once has slopes that are rounded noise times its
        rate: they count only as far as the state moves.
        """
        out = self.out
        out.add(
            f"low_end, high_end = {self._of('old', k)}, {self._of('states', k)}",
            f"bound = 3.0 * abs(high_end - low_end) + swing[{k}]",
        )
        for slope, name in (("climb_on", "old_slopes"), ("climb_off", "slopes")):
            out.add(
                f"{slope} = h * {self._of(name, k)}",
                f"{slope} = bound if {slope} > bound else {slope}",
                f"{slope} = -bound if {slope} < -bound else {slope}",
            )


@contextmanager
def _lanes_of(out: Source, mask: str, lanes: int) -> Iterator[None]:
    with out.block(f"for i in range({lanes}):"):
        with out.block(f"if ({mask} >> i) & 1 == 0:"):
            out.add("continue")
        yield
