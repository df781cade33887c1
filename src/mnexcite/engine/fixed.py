"""Print the loop of fixed steps around what a scheme prints for one step of one vector.

The loop loads and stores lanes, finds spikes and failures and takes samples. Small cells run
several vectors in turn within a step, which hides the latency of each.
"""

from __future__ import annotations

from collections.abc import Callable

from mnexcite.engine import status
from mnexcite.engine.printer import Printer, print_crossing
from mnexcite.equations.layout import CUBIC, WIDTH
from mnexcite.equations.structure import Structure
from mnexcite.kernels.source import Entry

NON_FINITE, OUT_OF_RANGE, NEGATIVE = (
    status.BY_NAME[name].code
    for name in ("non_finite", "out_of_range", "negative_concentration")
)

ENTRY = Entry(
    "advance",
    "Advance all lanes by `steps` steps of dt from step number `first`.",
    {
        "y": ("f8[::1]", "states x lanes, in and out"),
        "centred": ("f8[::1]", "the same with all states at the last time"),
        "p": ("f8[::1]", "parameters x lanes"),
        "vtable": ("f8[::1]", "functions by voltage"),
        "vbase": ("i8[::1]", "where each lane's table begins"),
        "ctable": ("f8[::1]", "functions by concentration"),
        "cbase": ("i8[::1]", "where each lane's table begins"),
        "drive": ("f8[::1]", "steps x inputs x waves, means over each step"),
        "drive_of": ("i8[::1]", "each lane's wave"),
        "waves": ("i8", "how many there are"),
        "dt": ("f8", "the step"),
        "first": ("i8", "number of the first step"),
        "steps": ("i8", "how many to take"),
        "stride": ("i8", "a sample is every so many steps"),
        "recorded": ("i8[::1]", "states that are sampled"),
        "samples": ("f8[:,:,::1]", "samples x recorded states x lanes"),
        "times": ("f8[:,::1]", "spikes by lane"),
        "counts": ("i8[::1]", "how many each lane has"),
        "armed": ("i8[::1]", "whether a crossing will be a spike"),
        "status": ("i8[::1]", "of each lane, by number"),
        "ended": ("f8[::1]", "when a lane failed"),
        "threshold": ("f8", "of a spike"),
        "floors": ("f8[::1]", "of the pools"),
        "lanes": ("i8", "how many there are"),
    },
)


def vectors_of(structure: Structure) -> int:
    """Return how many vectors share a step: more for small cells, which have registers left."""
    gates = len(structure.every_gate)
    return 3 if gates <= 4 else 2 if gates <= 10 else 1


def lanes_of(structure: Structure) -> int:
    """Return the lanes that a kernel works on at a time."""
    return WIDTH * vectors_of(structure)


def kernel_source(
    structure: Structure,
    title: str,
    step: Callable[[Printer], None],
    *,
    coefficients: int = CUBIC,
    staggered: bool = False,
    hermite: bool = False,
    width: int = WIDTH,
) -> str:
    """Return the kernel's source, on vectors of `width` lanes.

    `step` prints how one vector's states go from step to step, with `old` its voltage
    before. Functions have `coefficients` in a row of a table. With `staggered` gates stand
    half a step ahead, and samples take the mean of before and after. With `hermite` the step
    leaves dt v' at its ends in `slope0` and `slope1`, and spike times come from the cubic
    through them instead of a straight line.
    """
    printer = Printer(structure, vectors_of(structure), coefficients, width)
    out, s, vectors = printer.out, structure, printer.vectors
    names = printer.states
    gates = names[s.first_gate :] if staggered else []
    printer.preamble(title)
    out.lines += ENTRY.head()
    out.depth = 1
    out.add(f"ends, now = np.zeros({4 * width}), np.zeros({width})")
    out.add(f"held = np.zeros({len(names) * width})")
    out.add("rearm = threshold - 10.0")
    with out.block(f"for left in range(0, lanes, {width * vectors}):"):
        with printer.each():
            out.add(f"at_@ = left + {width} * @")
            for index, name in enumerate(names):
                out.add(f"{name} = load(y, {index} * lanes + at_@)")
            for row, name in enumerate(printer.parameters):
                out.add(f"{name} = load(p, {row} * lanes + at_@)")
            for target, array in (("vrow", "vbase"), ("crow", "cbase"), ("wave", "drive_of")):
                out.add(f"{target}_@ = row_starts({array}, at_@)")
            bits = " | ".join(f"(armed[at_@ + {i}] << {i})" for i in range(width))
            out.add(f"arm_@ = {bits}")
            out.add(*(f"before_{name} = {name}" for name in gates))
        # steps until the next sample, counted down: a division would cost more than a gate
        out.add("until = stride - first % stride if recorded.size > 0 else steps + 1")
        out.add("sample = 0")
        with out.block("for n in range(steps):"):
            out.add("until -= 1")
            if gates:
                out.add("keep = until == 0 or n == steps - 1")
            with printer.each():
                for place, which in enumerate(s.inputs):
                    at = f"(n * {len(s.inputs)} + {place}) * waves"
                    out.add(
                        f"{printer.entering(*which)} = fill(drive[{at}]) if waves == 1 "
                        f"else gather(drive, {at}, wave_@)"
                    )
                out.add(f"old_@ = {printer.voltage(0)}")
                if gates:
                    with out.block("if keep:"):
                        out.add(*(f"before_{name} = {name}" for name in gates))
                step(printer)
                v = printer.voltage(0)
                failed = " | ".join(printer.out_of_range())
                out.add(
                    f"spiked_@ = crossed(old_@, {v}, threshold) & arm_@",
                    f"arm_@ = (arm_@ & ~spiked_@) | below({v}, rearm)",
                    f"failed_@ = {failed}",
                )
            events = " | ".join(f"spiked_{g} | failed_{g}" for g in range(vectors))
            out.add("# spikes and failures, lane by lane")
            with out.block(f"if ({events}) != 0:"), printer.each():
                _print_events(printer, hermite)
            with out.block("if until == 0:"):
                with printer.each():
                    _print_centred(printer, names, gates)
                    with out.block("for j in range(recorded.size):"):
                        with out.block(f"for i in range({width}):"):
                            out.add(
                                "samples[sample, j, at_@ + i] = "
                                f"held[recorded[j] * {width} + i]"
                            )
                out.add("until = stride", "sample += 1")
        with printer.each():
            for index, name in enumerate(names):
                out.add(f"store(y, {index} * lanes + at_@, {name})")
            _print_centred(printer, names, gates)
            with out.block(f"for k in range({len(names)}):"):
                with out.block(f"for i in range({width}):"):
                    out.add(f"centred[k * lanes + at_@ + i] = held[k * {width} + i]")
            with out.block(f"for i in range({width}):"):
                out.add("armed[at_@ + i] = (arm_@ >> i) & 1")
    return out.text()


def _print_centred(printer: Printer, names: list[str], gates: list[str]) -> None:
    """Print all states at the time of the voltages into `held`."""
    for index, name in enumerate(names):
        value = f"0.5 * (before_{name} + {name})" if name in gates else name
        printer.out.add(f"store(held, {index * printer.width}, {value})")


def _print_events(printer: Printer, hermite: bool) -> None:
    """Print what a spike or a failure in a vector leads to, lane by lane."""
    out, v, width = printer.out, printer.voltage(0), printer.width
    with out.block("if (spiked_@ | failed_@) != 0:"):
        out.add("store(ends, 0, old_@)", f"store(ends, {width}, {v})")
        if hermite:
            out.add(
                f"store(ends, {2 * width}, slope0_@)", f"store(ends, {3 * width}, slope1_@)"
            )
        with out.block(f"for i in range({width}):"):
            out.add("lane = at_@ + i")
            with out.block("if (spiked_@ >> i) & 1 and status[lane] == 0:"):
                out.add(
                    f"old, new = ends[i], ends[{width} + i]",
                    "place = (threshold - old) / (new - old)",
                )
                if hermite:
                    start, end = (f"ends[{j * width} + i]" for j in (2, 3))
                    print_crossing(out, "old", "new", start, end)
                out.add(
                    "times[lane, counts[lane]] = (first + n + place) * dt",
                    "counts[lane] += 1",
                )
            with out.block("if (failed_@ >> i) & 1 and status[lane] == 0:"):
                finite = []
                for k in range(len(printer.structure.compartments)):
                    out.add(f"store(now, 0, {printer.voltage(k)})")
                    out.add(f"finite_{k} = math.isfinite(now[i])")
                    finite.append(f"finite_{k}")
                out.add(f"code = {OUT_OF_RANGE}")
                for index, (k, pool) in enumerate(printer.structure.pools):
                    out.add(f"store(now, 0, {printer.pool(k, pool)})")
                    out.add(f"code = {NEGATIVE} if now[i] < floors[{index}] else code")
                out.add(
                    f"status[lane] = code if {' and '.join(finite)} else {NON_FINITE}",
                    "ended[lane] = (first + n + 1) * dt",
                )
