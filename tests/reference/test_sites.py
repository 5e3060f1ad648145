"""Funnels, shrinkage, observed against expected and the screen against R."""

import numpy as np
import pytest
from scipy import optimize, special, stats
from statsmodels.stats.multitest import multipletests

from pipeline.statistics import dispersion, sites, standardised, verdicts
from pipeline.statistics.baselines import Baseline
from pipeline.statistics.proportions import at_least, at_most, posterior_above
from pipeline.statistics.standardised import Group
from tests.reference.outside_numbers import document, table

SITES = document("sites_funnel_eb.json")
STRATA = document("sir_stratified.json")


@pytest.mark.parametrize(
    "row", table("funnel_limits.csv"), ids=lambda r: f"{r['theta0']}-{r['n']}"
)
def test_the_limits_of_a_funnel(row):
    names = ("interp_lo998", "interp_lo95", "interp_hi95", "interp_hi998")
    levels = (0.001, 0.025, 0.975, 0.999)
    found = sites.limits(int(row["n"]), float(row["theta0"]), levels)
    assert found == pytest.approx([float(row[name]) for name in names], rel=0, abs=1e-9)


@pytest.mark.parametrize("name", SITES)
@pytest.mark.parametrize("target", ["fixed", "pooled"])
def test_the_tails_of_the_sites(name, target):
    given, expected = SITES[name], SITES[name]["funnel"][target]
    theta = expected["theta0"]
    if target == "pooled":
        assert theta == pytest.approx(sum(given["k"]) / sum(given["n"]), abs=1e-12)
    close = {"rel": 0, "abs": 1e-9}
    k, n = given["k"], given["n"]
    assert at_least(k, n, theta) == pytest.approx(expected["p_ge"], **close)
    assert at_most(k, n, theta) == pytest.approx(expected["p_le"], **close)
    for place, (cases, patients) in enumerate(zip(k, n, strict=True)):
        chance = dispersion.probabilities(patients, theta)
        found = (chance[cases:].sum(), chance[: cases + 1].sum())
        wanted = (expected["p_ge"][place], expected["p_le"][place])
        assert found == pytest.approx(wanted, **close)


@pytest.mark.parametrize("name", SITES)
def test_the_beta_binomial_of_the_sites(name):
    """Both of the oracle's networks vary no more than chance; rho there ends at 1e-7."""
    given, expected = SITES[name], SITES[name]["betabinomial_mle"]
    found = dispersion.fit(given["k"], given["n"], least_rho=1e-7)
    assert found.mu == pytest.approx(expected["mu"], rel=1e-4)
    assert found.rho == pytest.approx(expected["rho"], abs=1e-4)
    assert found.log_likelihood == pytest.approx(expected["loglik"], abs=1e-4)
    binomial = expected["loglik_binomial"]
    assert found.log_likelihood_binomial == pytest.approx(binomial, abs=1e-9)
    assert found.p == pytest.approx(expected["lrt_p_boundary"], abs=1e-4)
    assert found.is_at_bound is expected["rho_at_boundary"]


@pytest.mark.parametrize("name", SITES)
def test_a_shrunken_rate(name):
    given, expected = SITES[name], SITES[name]["eb"]
    prior = tuple(SITES[name]["betabinomial_mle"][each] for each in ("a", "b"))
    found = dispersion.shrunken(given["k"], given["n"], prior, 0.95)
    for values, column in zip(found, ("post_mean", "q025", "q975"), strict=True):
        assert values == pytest.approx(expected[column], rel=1e-4)
    theta = SITES[name]["funnel"]["fixed"]["theta0"]
    over = posterior_above(theta, np.array(given["k"]), np.array(given["n"]), prior)
    assert over == pytest.approx(expected["p_gt_theta0"], rel=1e-4)


def _varied(seed, mu, rho, n_sites):
    draw = np.random.default_rng(seed)
    n = draw.integers(20, 200, n_sites)
    shares = draw.beta(*dispersion.beta_parameters(mu, rho), n_sites)
    return draw.binomial(n, shares), n


@pytest.mark.parametrize(
    ("seed", "mu", "rho", "n_sites"),
    [(1, 0.1, 0.1, 12), (2, 0.3, 0.02, 40), (3, 0.05, 0.3, 8), (4, 0.5, 0.6, 15)],
)
def test_sites_that_vary_are_fitted_as_scipy_fits_them(seed, mu, rho, n_sites):
    """`statistics.md`, library map: betabinom.logpmf and minimize, to 1e-4."""
    k, n = _varied(seed, mu, rho, n_sites)

    def cost(place):
        share, correlation = special.expit(place)
        prior = dispersion.beta_parameters(share, correlation)
        return -stats.betabinom.logpmf(k, n, *prior).sum()

    best = min(
        (
            optimize.minimize(
                cost,
                [special.logit(k.sum() / n.sum()), start],
                method="Nelder-Mead",
                options={"xatol": 1e-9, "fatol": 1e-12, "maxiter": 4000},
            )
            for start in (-6, -3, -1)
        ),
        key=lambda found: found.fun,
    )
    found = dispersion.fit(k, n)
    expected = special.expit(best.x)
    assert (found.mu, found.rho) == pytest.approx(tuple(expected), rel=1e-4)
    assert found.log_likelihood == pytest.approx(-best.fun, abs=1e-8)
    assert not found.is_at_bound
    assert found.p < 0.05


@pytest.mark.parametrize("rho", [0.001, 0.05, 0.5])
def test_the_beta_binomial_probabilities_are_those_of_scipy(rho):
    prior = dispersion.beta_parameters(0.07, rho)
    expected = stats.betabinom.pmf(np.arange(81), 80, *prior)
    found = dispersion.probabilities(80, 0.07, rho)
    assert found == pytest.approx(expected, rel=1e-9)
    assert found.sum() == pytest.approx(1)


@pytest.mark.parametrize(
    "row", table("poisson_sir.csv"), ids=lambda r: f"{r['O']}-{r['E']}-{r['conf']}"
)
def test_the_limits_of_observed_over_expected(row):
    observed, expected = int(row["O"]), float(row["E"])
    found = standardised.exact_limits(observed, expected, float(row["conf"]))
    wanted = (float(row["exact_lo"]), float(row["exact_hi"]))
    assert found == pytest.approx(wanted, rel=0, abs=1e-8)
    assert observed / expected == pytest.approx(float(row["sir"]), abs=1e-8)


@pytest.mark.parametrize("name", STRATA)
def test_the_tails_of_several_risk_groups(name):
    given = STRATA[name]
    groups = [
        Group(k, n, Baseline("", "", "upper_bound", None, share, ""))
        for k, n, share in zip(given["k"], given["n"], given["base"], strict=True)
    ]
    found = standardised.compare(groups, 2.0)
    numbers = (found.observed, found.expected, found.ratio, found.lo, found.hi)
    wanted = [given[each] for each in ("O", "E", "sir")] + given["poisson_exact_ci"]
    assert numbers == pytest.approx(wanted, rel=0, abs=1e-8)
    tails = (found.p_high, found.p_low)
    wanted = (given["p_greater_poisbinom"], given["p_less_poisbinom"])
    assert tails == pytest.approx(wanted, rel=0, abs=1e-8)


def test_the_tails_are_those_of_scipy():
    sizes, shares = [210, 35, 12, 4], [0.005, 0.06, 0.1, 0.3]
    each = np.repeat(shares, sizes)
    for observed in (0, 1, 4, 9, 30):
        found = standardised.tails(observed, sizes, shares)
        law = stats.poisson_binom(each)
        wanted = (law.sf(observed - 1), law.cdf(observed))
        assert found == pytest.approx(wanted, rel=0, abs=1e-12)


@pytest.mark.parametrize("name", document("p_adjust.json"))
def test_the_screen_is_that_of_r(name):
    """Benjamini and Hochberg; ties, and comparisons that were not made, included."""
    given = document("p_adjust.json")[name]
    found = verdicts.benjamini_hochberg(given["p"])
    for ours, theirs in zip(found, given["BH"], strict=True):
        assert (ours is None) is (theirs is None)
        assert ours is None or ours == pytest.approx(theirs, rel=0, abs=1e-12)


def test_the_screen_is_that_of_statsmodels():
    p = np.random.default_rng(5).uniform(size=60) ** 3
    _, expected, _, _ = multipletests(p, method="fdr_bh")
    assert verdicts.benjamini_hochberg(list(p)) == pytest.approx(list(expected))
