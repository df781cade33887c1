"""Coefficients of the adaptive methods satisfy the conditions of their order.

Conditions: Hairer, Nørsett and Wanner, Solving Ordinary Differential Equations I, table 2.2;
for Rosenbrock methods Hairer and Wanner, volume II, section IV.7, equations (7.15) and (7.25).
"""

import numpy as np
import pytest

from mnexcite.engine import dormand_prince, rosenbrock

TABLEAUX = {"rosenbrock": rosenbrock.TABLEAU, "kaps_rentrop": rosenbrock.KAPS_RENTROP}
# coefficients are given to 16 digits, and some conditions sum products of 10
ROUNDING = 1e-13


def square(triangle, stages):
    """Return a lower triangle of coefficients as a matrix."""
    matrix = np.zeros((stages, stages))
    for stage, row in enumerate(triangle):
        matrix[stage, : len(row)] = row
    return matrix


def explicit_conditions(A, b, order):
    """Return how far each condition of an explicit method is from being met."""
    c = A.sum(axis=1)
    Ac, Ac2 = A @ c, A @ c**2
    AAc = A @ Ac
    by_order = {
        1: [(np.ones_like(c), 1)],
        2: [(c, 2)],
        3: [(c**2, 3), (Ac, 6)],
        4: [(c**3, 4), (c * Ac, 8), (Ac2, 12), (AAc, 24)],
        5: [
            (c**4, 5),
            (c**2 * Ac, 10),
            (Ac * Ac, 20),
            (c * Ac2, 15),
            (c * AAc, 30),
            (A @ c**3, 20),
            (A @ (c * Ac), 40),
            (A @ Ac2, 60),
            (A @ AAc, 120),
        ],
    }
    return [b @ term - 1.0 / n for k in range(1, order + 1) for term, n in by_order[k]]


def test_dormand_prince_has_order_5_and_within_it_order_4():
    tableau = dormand_prince.TABLEAU
    A = square(tableau.values, 7)
    b, error = np.array(tableau.solution), np.array(tableau.error)
    np.testing.assert_allclose(A.sum(axis=1), tableau.times, rtol=0, atol=1e-15)
    np.testing.assert_allclose(explicit_conditions(A, b, 5), 0.0, atol=ROUNDING)
    within = b - error
    np.testing.assert_allclose(explicit_conditions(A, within, 4), 0.0, atol=ROUNDING)
    assert np.abs(explicit_conditions(A, within, 5)[8:]).max() > 1e-4  # and no order 5
    # the last stage is where the next step begins
    np.testing.assert_array_equal(A[6], b)


@pytest.fixture(scope="module", params=TABLEAUX.values(), ids=TABLEAUX)
def tableau(request):
    return request.param


def transformed(tableau):
    """Return alpha, Gamma and the weights of both solutions of a Rosenbrock method."""
    values = square(tableau.values, 4)
    values[3] = values[2]  # the fourth stage shares the third one's evaluation
    Gamma = np.linalg.inv(np.eye(4) / tableau.gamma - square(tableau.rest, 4))
    b = np.array(tableau.solution) @ Gamma
    within = (np.array(tableau.solution) - np.array(tableau.error)) @ Gamma
    return values @ Gamma, Gamma, b, within


def rosenbrock_conditions(alpha, Gamma, b, order):
    a, B = alpha.sum(axis=1), alpha + Gamma
    beta = B.sum(axis=1)
    by_order = {
        1: [(np.ones(4), 1)],
        2: [(beta, 2)],
        3: [(a**2, 3), (B @ beta, 6)],
        4: [(a**3, 4), (a * (alpha @ beta), 8), (B @ a**2, 12), (B @ B @ beta, 24)],
    }
    return [b @ term - 1.0 / n for k in range(1, order + 1) for term, n in by_order[k]]


def test_rosenbrock_has_order_4_and_within_it_order_3(tableau):
    alpha, Gamma, b, within = transformed(tableau)
    np.testing.assert_allclose(np.diag(Gamma), tableau.gamma, rtol=1e-14)
    np.testing.assert_allclose(rosenbrock_conditions(alpha, Gamma, b, 4), 0.0, atol=ROUNDING)
    np.testing.assert_allclose(
        rosenbrock_conditions(alpha, Gamma, within, 3), 0.0, atol=ROUNDING
    )
    assert np.abs(rosenbrock_conditions(alpha, Gamma, within, 4)[4:]).max() > 1e-3


def test_rosenbrock_s_times_are_those_of_its_stages(tableau):
    """So that a drive which changes with time is met with the same order."""
    alpha, Gamma, _, _ = transformed(tableau)
    np.testing.assert_allclose(alpha.sum(axis=1), tableau.times, rtol=0, atol=ROUNDING)
    np.testing.assert_allclose(Gamma.sum(axis=1), tableau.drift, rtol=0, atol=ROUNDING)


def stability(tableau):
    """Return R(z), what a step makes of y' = z y."""
    alpha, Gamma, b, _ = transformed(tableau)
    B, ones = alpha + Gamma, np.ones(4)
    return lambda z: 1.0 + z * (b @ np.linalg.solve(np.eye(4) - z * B, ones))


def test_rosenbrock_is_l_stable():
    """|R| stays below 1 left of the imaginary axis and vanishes at infinity."""
    R = stability(rosenbrock.TABLEAU)
    # its only pole is at 1 / gamma, on the right: what holds on the axis holds left of it
    assert max(abs(R(1j * y)) for y in np.logspace(-3, 5, 400)) <= 1.0 + 1e-12
    # gamma is the root of a polynomial, rounded to five digits
    assert abs(R(-1e8)) < 2e-5
    # exp(z) up to the fifth power
    assert R(-0.01) == pytest.approx(np.exp(-0.01), abs=1e-11)


def test_kaps_rentrop_is_stable_for_all_that_decays_without_swinging():
    """As published: A(89.3 deg)-stable, and |R| = 0.454 at infinity."""
    R = stability(rosenbrock.KAPS_RENTROP)
    ray = np.exp(1j * np.deg2rad(180.0 - 89.3))
    assert max(abs(R(ray * y)) for y in np.logspace(-3, 5, 400)) <= 1.0 + 1e-12
    assert abs(R(-1e9)) == pytest.approx(0.454, abs=1e-3)
    assert R(-0.01) == pytest.approx(np.exp(-0.01), abs=1e-11)


ALL = {**TABLEAUX, "dormand_prince": dormand_prince.TABLEAU}


@pytest.mark.parametrize("name", TABLEAUX)
@pytest.mark.parametrize("z", [-3.0, 0.4j, 0.14 + 2.6j, 1.2 + 0.5j])
def test_what_a_step_makes_of_a_mode__is_the_stability_function(name, z):
    tableau = TABLEAUX[name]
    found = tableau.growth(np.array(z, dtype=complex))
    assert complex(found) == pytest.approx(complex(stability(tableau)(z)), rel=1e-12)


@pytest.mark.parametrize("tableau", ALL.values(), ids=ALL)
def test_within_its_reach_a_step_renders_all_that_grows(tableau):
    """Also what turns without growing: it is damped by a thousandth per radian at most."""
    rng = np.random.default_rng(2)
    z = tableau.reach * np.sqrt(rng.random(500)) * np.exp(0.5j * np.pi * rng.random(500))
    exponent = np.log(tableau.growth(z))
    assert np.abs(exponent / z - 1.0).max() < 1.05e-3
    assert tableau.reach > 0.3
    # beyond it none does: the reach is no smaller than it has to be
    edge = (tableau.reach + 0.02) * np.exp(1j * np.linspace(0.0, 0.5 * np.pi, 200))
    assert np.abs(np.log(tableau.growth(edge)) / edge - 1.0).max() > 1e-3
