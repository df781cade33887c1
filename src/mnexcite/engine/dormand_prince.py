"""The explicit Runge-Kutta pair of order 5(4) of Dormand and Prince.

Coefficients: Dormand and Prince 1980, J Comput Appl Math 6:19-26, table 2.
"""

from __future__ import annotations

from mnexcite.engine.growth import print_slopes
from mnexcite.engine.printer import Printer
from mnexcite.engine.tableau import Tableau

TABLEAU = Tableau(
    times=(0.0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1.0, 1.0),
    values=(
        (),
        (1 / 5,),
        (3 / 40, 9 / 40),
        (44 / 45, -56 / 15, 32 / 9),
        (19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729),
        (9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656),
        (35 / 384, 0.0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84),
    ),
    solution=(35 / 384, 0.0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84, 0.0),
    error=(71 / 57600, 0.0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40),
)


def begin(p: Printer) -> None:
    """Print the `slopes_` of all states at the start, and `longest_`."""
    print_slopes(p, TABLEAU.reach_entry)


def step(p: Printer) -> None:
    """Print the `new_` states and their `error_` after `begin`, for each vector."""
    with p.out.block(f"for stage in range({TABLEAU.stages}):"):
        p.out.add(f"row = stage * {TABLEAU.width}")
        with p.each():
            with p.out.block("if stage > 0:"):
                TABLEAU.print_stage(p)
            # k = h f: what a pack of zeros gains by h times what stands there
            at = f"stages_@ + stage * {TABLEAU.pitch(p)}"
            if p.loops:
                value = f"fma({p.loops.read('slopes', 'k')}, h_@, 0.0)"
                with p.loops.each_state():
                    p.out.add(f"store(tile, {at} + k, {value})")
            else:
                p.out.add(
                    f"at = {at}",
                    "store_all(tile, at, slopes_@)",
                    f"store_all(tile, at, add_all({p.zeros()}, h_@, tile, at))",
                )
    TABLEAU.print_ends(p)
