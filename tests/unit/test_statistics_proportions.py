"""Proportions at their edges: nobody, no case, cases alone, one patient."""

import math

import numpy as np
import pytest

from pipeline.statistics import proportions
from pipeline.statistics.proportions import CourseTotals, korn_graubard

METHODS = (
    proportions.clopper_pearson,
    proportions.mid_p,
    proportions.jeffreys,
    proportions.wilson,
)


@pytest.mark.parametrize("method", METHODS)
def test_nobody_has_no_interval(method):
    low, high = method(0, 0)
    assert math.isnan(low)
    assert math.isnan(high)
    assert math.isnan(proportions.upper_one_sided(0, 0))


@pytest.mark.parametrize("method", METHODS)
def test_no_case_starts_at_0_and_cases_alone_end_at_1(method):
    assert method(0, 20)[0] == 0
    assert method(20, 20)[1] == 1
    assert 0 < method(0, 20)[1] < 1
    assert 0 < method(20, 20)[0] < 1


@pytest.mark.parametrize("method", METHODS)
def test_an_array_gives_what_its_numbers_give(method):
    k, n = np.array([0, 0, 3, 9]), np.array([0, 4, 40, 9])
    low, high = method(k, n)
    for place in range(4):
        alone = method(int(k[place]), int(n[place]))
        np.testing.assert_array_equal((low[place], high[place]), alone)


def test_the_rule_of_three_bounds_no_case():
    """1 - 0.05^(1/n) where no case was seen (`statistics.md` section a)."""
    for n in (1, 5, 60, 300):
        assert proportions.upper_one_sided(0, n) == pytest.approx(1 - 0.05 ** (1 / n))
    assert proportions.upper_one_sided(7, 7) == 1


def test_no_case_is_never_an_excess_and_all_cases_never_a_shortfall():
    assert proportions.at_least(0, 50, 0.07) == 1
    assert proportions.at_most(50, 50, 0.07) == 1
    assert proportions.at_least(51, 50, 0.07) == 0
    assert proportions.at_most(-1, 50, 0.07) == 0


def test_odds_are_shifted_not_rates():
    assert proportions.shift_odds(0.5, 2) == pytest.approx(2 / 3)
    assert proportions.shift_odds(0.3, 2) == pytest.approx(6 / 13)
    assert proportions.shift_odds(0.1, 1) == pytest.approx(0.1)


def test_totals_leave_out_patients_without_a_course():
    found = CourseTotals.of([2, 0, 3], [1, 0, 3])
    assert found == CourseTotals(
        k=4, n=5, n_patients=2, sum_n2=13, sum_ny=11, sum_y2=10
    )


def test_one_patient_gives_no_interval_of_courses():
    found = korn_graubard(CourseTotals.of([6], [2]))
    assert all(math.isnan(value) for value in vars(found).values())


def test_no_course_gives_no_interval():
    assert math.isnan(korn_graubard(CourseTotals(0, 0, 0, 0, 0, 0)).lo)


def test_cases_alone_count_the_patients():
    """Where k is n, n* is the number of patients, as without a case (section a)."""
    found = korn_graubard(CourseTotals.of([2, 3, 1], [2, 3, 1]))
    assert (found.x, found.n_star, found.hi) == (3, 3, 1)
    assert found.lo == pytest.approx(0.025 ** (1 / 3))


def test_courses_that_do_not_scatter_count_each():
    """One case in two courses of every patient: V is 0 and n* cannot exceed n."""
    found = korn_graubard(CourseTotals.of([2] * 10, [1] * 10))
    limits = proportions.clopper_pearson(10, 20)
    assert found.n_star == 20
    assert found.deff == 0
    assert math.isnan(found.n_eff)
    assert (found.lo, found.hi) == pytest.approx(limits)


def test_patients_with_one_course_each_are_nearly_independent():
    """V is p(1-p)/(m-1) then, so the design effect is m/(m-1)."""
    found = korn_graubard(CourseTotals.of([1] * 40, [1] * 4 + [0] * 36))
    assert found.deff == pytest.approx(40 / 39)
    assert found.n_eff == pytest.approx(39)
    assert found.n_star == pytest.approx(39)
