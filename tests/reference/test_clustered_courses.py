"""Korn and Graubard's interval of clustered courses against R's survey package."""

from collections import Counter

import pytest
from scipy import stats

from pipeline.statistics import proportions
from pipeline.statistics.proportions import CourseTotals, korn_graubard
from tests.reference.outside_numbers import document, table

EXPECTED = document("clustered_results.json")


def _totals(name):
    rows = [row for row in table("clustered_episodes.csv") if row["set"] == name]
    courses = Counter(row["patient"] for row in rows)
    cases = Counter(row["patient"] for row in rows if row["resistant"] == "1")
    return CourseTotals.of(list(courses.values()), [cases[each] for each in courses])


@pytest.mark.parametrize("name", EXPECTED)
def test_the_counts_are_those_of_the_oracle(name):
    totals, expected = _totals(name), EXPECTED[name]
    assert totals.n == expected["n_episodes"]
    assert totals.k == expected["k_episodes"]
    assert totals.n_patients == expected["n_patients"]


def test_the_interval_of_courses_with_cases():
    found, expected = korn_graubard(_totals("hiv")), EXPECTED["hiv"]
    numbers = (found.deff, found.n_eff, found.n_star)
    names = ("deff", "n_eff", "n_adj_truncated")
    assert numbers == pytest.approx([expected[each] for each in names], rel=1e-12)
    limits = (found.lo, found.hi)
    assert limits == pytest.approx(expected["kg_truncated"], rel=0, abs=1e-9)
    assert limits == pytest.approx(expected["survey_beta_ci"], rel=0, abs=1e-9)


def test_without_a_case_the_patients_are_the_effective_number():
    found, expected = korn_graubard(_totals("zero")), EXPECTED["zero"]
    assert found.n_eff == found.n_star == expected["n_adj_truncated"] == 40
    limits = (found.lo, found.hi)
    assert limits == pytest.approx(expected["kg_truncated"], rel=0, abs=1e-9)


@pytest.mark.parametrize("name", EXPECTED)
def test_the_naive_interval_and_that_of_patients(name):
    """The exact interval of courses taken as independent, and of patients once."""
    expected = EXPECTED[name]
    naive = proportions.clopper_pearson(expected["k_episodes"], expected["n_episodes"])
    assert naive == pytest.approx(expected["naive_cp"], rel=0, abs=1e-9)
    for unit in ("patient_any", "patient_first"):
        found = proportions.clopper_pearson(expected[unit]["k"], expected[unit]["n"])
        assert found == pytest.approx(expected[unit]["cp"], rel=0, abs=1e-9)


def test_tails_of_the_effective_number_are_those_of_the_beta_distribution():
    """`statistics.md` section a: the verdict's tails on the course unit."""
    found = korn_graubard(_totals("hiv"))
    x, n_star = found.x, found.n_star
    assert proportions.at_least(x, n_star, 0.07) == pytest.approx(
        stats.beta.cdf(0.07, x, n_star - x + 1), rel=1e-12
    )
    assert proportions.at_most(x, n_star, 0.05) == pytest.approx(
        stats.beta.sf(0.05, x + 1, n_star - x), rel=1e-12
    )
