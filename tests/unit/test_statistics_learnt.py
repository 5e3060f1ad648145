"""A share that was learnt: its posterior's quadrature and its predictive tail."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from pipeline.statistics.learnt import NODES, Share


@given(st.floats(0.0005, 0.9), st.floats(2.0, 1e6))
def test_the_points_have_the_moments_of_the_posterior(value, patients):
    """Of Beta(a, b) the j-th is the product of (a + i) / (a + b + i) for i below j; a
    quadrature of so many points has the first twice as many of them."""
    points, likely = Share(value, patients).points()
    for moment in range(2 * NODES):
        wanted = math.prod(
            (value * patients + i) / (patients + i) for i in range(moment)
        )
        assert likely @ points**moment == pytest.approx(wanted, rel=1e-8)


def test_a_known_share_is_one_point():
    points, likely = Share(0.07).points()
    assert (points.tolist(), likely.tolist()) == ([0.07], [1.0])


@pytest.mark.parametrize("patients", [6, 500, 20_000])
@pytest.mark.parametrize("value", [0.0017, 0.06, 0.3])
@pytest.mark.parametrize("n", [1, 20, 700])
def test_the_tail_of_a_learnt_share_is_the_beta_binomial_one(value, patients, n):
    k = np.unique([0, 1, 2, math.ceil(n * value), math.ceil(2 * n * value), n])
    k = k[k <= n]
    a, b = value * patients, (1 - value) * patients
    wanted = [stats.betabinom.pmf(np.arange(at, n + 1), n, a, b).sum() for at in k]
    found = Share(value, patients).at_least(k, np.full(len(k), n))
    assert found == pytest.approx(wanted, rel=1e-8, abs=1e-300)


def test_the_tail_of_a_known_share_is_the_binomial_one():
    k, n = np.array([0, 5, 6]), np.array([0, 20, 20])
    wanted = [1.0, *stats.binom.sf([4, 5], 20, 0.07)]
    assert Share(0.07).at_least(k, n) == pytest.approx(wanted)


def test_of_many_patients_a_learnt_share_is_as_if_known():
    k, n = np.array([0, 1_500, 1_560, 0]), np.array([80_000, 80_000, 80_000, 0])
    learnt, known = Share(0.0186, 1e9), Share(0.0186)
    assert learnt.at_least(k, n) == pytest.approx(known.at_least(k, n), rel=1e-3)
