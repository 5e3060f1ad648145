"""The adjusted rate and the bounds of the not evaluable against R."""

import numpy as np
import pytest
from scipy import integrate, stats

from pipeline.statistics import bounds, ppv
from pipeline.statistics.ppv import Adjusted
from tests.reference.outside_numbers import table


def _adjusted(row):
    names = ("k_suspected", "n", "x_confirmed", "m_tested")
    return Adjusted(*(int(row[name]) for name in names))


@pytest.mark.parametrize("row", table("ppv_product.csv"), ids=lambda r: r["n"])
def test_the_adjusted_rate(row):
    of = _adjusted(row)
    found = [of.mean, *of.quantiles([0.025, 0.5, 0.975])]
    wanted = [float(row[name]) for name in ("post_mean", "q025", "q50", "q975")]
    assert found == pytest.approx(wanted, rel=0, abs=1e-7)
    assert list(ppv.interval(of)) == pytest.approx(wanted[1::2], rel=0, abs=1e-7)


@pytest.mark.parametrize(
    "numbers",
    [(12, 200, 6, 8), (0, 300, 0, 0), (4, 4, 4, 4), (40, 5000, 1, 30), (9, 60, 0, 7)],
)
def test_the_distribution_of_the_adjusted_rate_is_the_integral(numbers):
    """`statistics.md` section g, the integral as it is written there, by quad."""
    k, n, x, m = numbers
    failures = stats.beta(k + 0.5, n - k + 0.5)
    resistant = stats.beta(x + 0.5, m - x + 0.5)
    for share in (0.0005, 0.01, 0.05, 0.3):
        start = failures.cdf(share)
        rest, _ = integrate.quad(
            lambda u, share=share: resistant.cdf(min(1, share / failures.ppf(u))),
            start,
            1,
            epsabs=1e-11,
            limit=300,
        )
        found = Adjusted(*numbers).below(share)
        assert found == pytest.approx(start + rest, rel=0, abs=1e-7)


def test_the_distribution_is_that_of_draws():
    draw = np.random.default_rng(11)
    q = draw.beta(12.5, 188.5, 400_000) * draw.beta(6.5, 2.5, 400_000)
    for share in (0.02, 0.05, 0.07):
        found = float(Adjusted(12, 200, 6, 8).below(share)[0])
        assert found == pytest.approx((q <= share).mean(), abs=0.004)


@pytest.mark.parametrize("row", table("missing_bounds.csv"), ids=lambda r: r["k"])
def test_the_bounds_of_the_not_evaluable(row):
    counts = [int(row[name]) for name in ("k", "n_evaluable", "not_evaluable")]
    close = {"rel": 0, "abs": 1e-8}
    ends = [float(row[name]) for name in ("best", "worst")]
    assert bounds.rates(*counts) == pytest.approx(ends, **close)
    limits = [float(row[name]) for name in ("union_cp_lo", "union_cp_hi")]
    assert bounds.interval(*counts) == pytest.approx(limits, **close)
