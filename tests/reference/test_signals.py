"""The CUSUM, its run length and the trend against R, surveillance and simulation."""

import math

import numpy as np
import pytest

from pipeline.statistics import cusum, trends
from pipeline.statistics.cusum import Design
from tests.reference.outside_numbers import document

EXPECTED = document("cusum.json")
SERIES = document("series.json")
DELIVERED = [each for each in EXPECTED["series"] if each["series"] in SERIES]
ODDS_RATIO = 2


@pytest.mark.parametrize("chart", DELIVERED, ids=lambda c: f"{c['series']}-{c['h']}")
def test_a_chart_is_that_of_surveillance(chart):
    """`big_site` has values in the oracle, but its counts were not delivered with it."""
    series = SERIES[chart["series"]]
    steps = cusum.weights(series["y"], series["n"], chart["p0"], ODDS_RATIO)
    found = cusum.values(steps, chart["h"])
    assert found == pytest.approx(chart["value"], rel=0, abs=1e-9)
    assert [int(value > chart["h"]) for value in found] == chart["alarm"]


def test_the_oracle_charts_have_alarms_and_none():
    assert len(DELIVERED) == 6
    assert {0, 1} == {alarm for chart in DELIVERED for alarm in chart["alarm"]}


def _constant(p0, n, odds_ratio=ODDS_RATIO):
    return Design(p0, odds_ratio, (n,), (1.0,))


@pytest.mark.parametrize(
    "expected", EXPECTED["run_length"], ids=lambda e: f"{e['p0']}-{e['n']}"
)
def test_a_run_length_is_that_of_the_oracle(expected):
    found = cusum.run_length(_constant(expected["p0"], expected["n"]), expected["h"])
    assert found == pytest.approx(expected["arl0_markov_g150"], rel=0.03)
    assert found == pytest.approx(expected["arl0_sim"], rel=0.03)


@pytest.mark.parametrize(
    ("p0", "n", "h", "months", "digits"),
    [
        (0.06, 20, 3, 154.8, 1),
        (0.06, 20, 4, 407, None),
        (0.005, 60, 2.5, 176.4, 1),
        (0.25, 5, 2.5, 93.8, 1),
        (0.3, 8, 3, 136.9, 1),
    ],
)
def test_the_printed_run_lengths(p0, n, h, months, digits):
    """`statistics.md` section d, as printed there; 407.8 is printed 407."""
    found = cusum.run_length(_constant(p0, n), h)
    assert (math.floor(found) if digits is None else round(found, digits)) == months


def test_with_varied_months_the_run_length_is_that_of_a_simulation():
    """`statistics.md` section d: 20,000 runs with n drawn from those seen."""
    n, p0, limit = [0, 1, 3, 9, 2, 0, 4, 1, 30, 5], 0.06, 2.0
    design = Design.of(p0, ODDS_RATIO, n)
    assert len(design.sizes) > 1
    draw = np.random.default_rng(20260630)
    lengths = _simulated(draw, np.array(n), p0, limit, runs=20_000)
    error = lengths.std() / math.sqrt(len(lengths))
    assert cusum.run_length(design, limit) == pytest.approx(
        lengths.mean(), abs=4 * error
    )


def test_of_a_learnt_share_the_run_length_is_that_of_a_simulation():
    """Alarms in 4,000 charts whose true share is drawn from the posterior of p0."""
    p0, patients, n, limit = 0.06, 300, 20, 3.0
    months, charts = 1_000, 4_000
    draw = np.random.default_rng(20260630)
    share = draw.beta(p0 * patients, (1 - p0) * patients, charts)
    value, alarms = np.zeros(charts), np.zeros(charts)
    for _ in range(months):
        step = cusum.weights(draw.binomial(n, share), n, p0, ODDS_RATIO)
        value = np.maximum(0, np.where(value > limit, 0, value) + step)
        alarms += value > limit
    error = alarms.std() / math.sqrt(charts) / months
    found = cusum.run_length(Design(p0, ODDS_RATIO, (n,), (1.0,), patients), limit)
    assert 1 / found == pytest.approx(alarms.mean() / months, abs=4 * error)
    # as if known it would be stated far too long
    assert cusum.run_length(_constant(p0, n), limit) > 1.5 * found


def _simulated(draw, n, p0, limit, runs):
    value, lengths, month = np.zeros(runs), [], 0
    while len(value):
        month += 1
        sizes = draw.choice(n, len(value))
        cases = draw.binomial(sizes, p0)
        value = np.maximum(0, value + cusum.weights(cases, sizes, p0, ODDS_RATIO))
        lengths += [month] * int((value > limit).sum())
        value = value[value <= limit]
    return np.array(lengths)


@pytest.mark.parametrize("p0", [0.005, 0.0617, 0.07, 0.3])
@pytest.mark.parametrize("n", [1, 5, 20, 60, 400])
def test_a_limit_has_the_run_length_asked_for(p0, n):
    design = _constant(p0, n)
    found = cusum.limit_for(design, 144)
    assert found.run_length == cusum.run_length(design, found.value) >= 144
    assert found.value >= math.log(ODDS_RATIO)
    shorter = round(found.value - 3 * cusum.LIMIT_STEP, 2)
    if shorter > math.log(ODDS_RATIO):
        assert cusum.run_length(design, shorter) < 144


def test_the_trend_and_the_slope_are_those_of_r():
    expected = document("trend_test.json")["a"]
    series = (expected["x"], expected["n"], expected["score"])
    found = trends.trend(*series)
    assert found.chi2 == pytest.approx(expected["chisq"], rel=0, abs=1e-9)
    assert found.p == pytest.approx(expected["p_two"], rel=0, abs=1e-9)
    fitted = trends.slope(*series)
    numbers = (fitted.slope, fitted.standard_error, fitted.p)
    names = ("logit_slope", "logit_se", "logit_p")
    # R's glm stops at a relative change of the deviance of 1e-8
    assert numbers == pytest.approx([expected[name] for name in names], rel=1e-5)
