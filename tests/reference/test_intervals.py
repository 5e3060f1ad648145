"""Intervals and exact tests against R 4.2.2, statsmodels and printed intervals."""

import warnings

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from pipeline.statistics import proportions
from tests.reference.outside_numbers import table

CLOSE = {"rel": 0, "abs": 1e-9}


def _columns(name, *wanted):
    rows = table(name)
    return [np.array([float(row[column]) for row in rows]) for column in wanted]


@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.998])
@pytest.mark.parametrize(
    ("method", "prefix"),
    [
        (proportions.clopper_pearson, "cp"),
        (proportions.mid_p, "midp"),
        (proportions.jeffreys, "jeffreys_bcd"),
        (proportions.wilson, "wilson"),
    ],
)
def test_an_interval_is_that_of_r(method, prefix, confidence):
    k, n, level, low, high = _columns(
        "binom_intervals.csv", "k", "n", "conf", f"{prefix}_lo", f"{prefix}_hi"
    )
    rows = level == confidence
    found = method(k[rows], n[rows], confidence)
    assert rows.sum() >= 20
    assert found[0] == pytest.approx(low[rows], **CLOSE)
    assert found[1] == pytest.approx(high[rows], **CLOSE)


def test_the_one_sided_upper_limit_is_that_of_r():
    k, n, level, upper = _columns(
        "binom_intervals.csv", "k", "n", "conf", "cp_upper_1s"
    )
    for confidence in (0.9, 0.95, 0.998):
        rows = level == confidence
        found = proportions.upper_one_sided(k[rows], n[rows], confidence)
        assert found == pytest.approx(upper[rows], **CLOSE)


@pytest.mark.parametrize(
    ("column", "tail"),
    [
        ("p_greater", proportions.at_least),
        ("p_less", proportions.at_most),
        ("midp_greater", proportions.at_least_mid),
        ("midp_less", proportions.at_most_mid),
    ],
)
def test_an_exact_tail_is_that_of_r(column, tail):
    k, n, share, expected = _columns("binom_tests.csv", "k", "n", "p0", column)
    assert tail(k, n, share) == pytest.approx(expected, **CLOSE)


def test_the_two_sided_test_is_the_central_one():
    names = ("k", "n", "p0", "p_two_central", "midp_two_central")
    k, n, share, central, mid = _columns("binom_tests.csv", *names)
    exact = proportions.two_sided(
        proportions.at_least(k, n, share), proportions.at_most(k, n, share)
    )
    halved = proportions.two_sided(
        proportions.at_least_mid(k, n, share), proportions.at_most_mid(k, n, share)
    )
    assert exact == pytest.approx(central, **CLOSE)
    assert halved == pytest.approx(mid, **CLOSE)


@pytest.mark.parametrize(
    ("column", "prior"),
    [("post_gt_jeffreys", (0.5, 0.5)), ("post_gt_uniform", (1.0, 1.0))],
)
def test_a_posterior_is_that_of_r(column, prior):
    k, n, share, expected = _columns("binom_tests.csv", "k", "n", "p0", column)
    found = proportions.posterior_above(share, k, n, prior)
    assert found == pytest.approx(expected, **CLOSE)


@pytest.mark.parametrize(
    ("k", "n", "low", "high", "digits"),
    [
        (1, 368, 0.007, 1.5, (3, 1)),
        (12, 226, 2.8, 9.1, (1, 1)),
        (3, 1644, 0.04, 0.5, (2, 1)),
        # the paper cuts 3.265 to 3.26: three digits of it are compared
        (9, 128, 3.3, 12.93, (1, 2)),
    ],
)
def test_printed_intervals_are_reproduced(k, n, low, high, digits):
    """Stranska 2005 (1/368, 9/128) and Reyes 2003 (12/226, 3/1644), in per cent."""
    found = proportions.clopper_pearson(k, n)
    printed = [round(100 * limit, n) for limit, n in zip(found, digits, strict=True)]
    assert printed == [low, high]


@pytest.mark.parametrize(
    ("method", "name"),
    [(proportions.clopper_pearson, "beta"), (proportions.wilson, "wilson")],
)
def test_an_interval_is_that_of_statsmodels(method, name):
    n = np.array([1, 2, 7, 30, 96, 300, 5000])
    for k in (n * 0, n // 7, n // 2, n):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # theirs, at 0 of n and n of n
            expected = proportion_confint(k, n, alpha=0.05, method=name)
        assert np.allclose(method(k, n), expected, rtol=0, atol=1e-12)


def test_a_tail_of_whole_counts_is_that_of_the_binomial():
    n = np.arange(1, 60)
    for k in (0, 1, 3, 20):
        below = np.minimum(k, n)
        for share in (0.005, 0.06, 0.3):
            least = proportions.at_least(below, n, share)
            most = proportions.at_most(below, n, share)
            assert np.allclose(least, stats.binom.sf(below - 1, n, share), atol=1e-13)
            assert np.allclose(most, stats.binom.cdf(below, n, share), atol=1e-13)
