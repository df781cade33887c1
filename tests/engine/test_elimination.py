"""The printed solution of a linear system is that of NumPy, whatever its zeros."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from mnexcite.engine.elimination import Elimination
from mnexcite.engine.printer import Source


def printed(n, places, order):
    """Return the printed function: entries by place and right-hand sides -> unknowns."""
    out = Source()
    with out.block("def solve(m, b):"):
        matrix = {place: f"m[{place[0]}, {place[1]}]" for place in places}
        system = Elimination(out, matrix, order, "0")
        for case in range(2):  # factored once, solved for any right-hand side
            out.add(*(f"r{i}_0 = b[{case}, {i}]" for i in range(n)))
            rows = {i: f"r{i}_0" for i in range(n)}
            system.eliminate(rows)
            system.substitute(rows, {i: f"x{case}_{i}_0" for i in range(n)})
        names = ", ".join(f"x{case}_{i}_0" for case in range(2) for i in range(n))
        out.add(f"return [{names}]")
    names = {}
    exec(out.text(), names)
    return names["solve"], out.text()


@settings(deadline=None, max_examples=100)
@given(data=st.data(), n=st.integers(1, 7))
def test_any_sparse_system(data, n):
    off = [(i, j) for i in range(n) for j in range(n) if i != j]
    kept = data.draw(st.sets(st.sampled_from(off))) if off else set()
    places = [*((i, i) for i in range(n)), *sorted(kept)]
    order = data.draw(st.permutations(range(n)))
    seed = data.draw(st.integers(0, 2**31))
    rng = np.random.default_rng(seed)
    m = np.zeros((n, n))
    for place in places:
        m[place] = rng.normal()
    # what holds 1 / (h gamma) outweighs the rest of its row
    m[np.diag_indices(n)] = rng.choice([-1, 1], n) * (np.abs(m).sum(axis=1) + 1.0)
    b = rng.normal(size=(2, n))
    solve, _ = printed(n, places, order)
    wanted = np.linalg.solve(m, b.T).T.ravel()
    np.testing.assert_allclose(solve(m, b), wanted, rtol=1e-11, atol=1e-12)


def test_zeros_cost_nothing():
    """An arrow eliminated from its tip stays an arrow; from its shaft it fills up."""
    n = 5
    arrow = [*((i, i) for i in range(n)), *((0, i) for i in range(1, n))]
    arrow += [(i, 0) for i in range(1, n)]
    _, tip_last = printed(n, arrow, [1, 2, 3, 4, 0])
    _, tip_first = printed(n, arrow, [0, 1, 2, 3, 4])
    assert len(tip_last.splitlines()) < len(tip_first.splitlines())
    assert "share_1_2" not in tip_last and "entry_1_2" not in tip_last
