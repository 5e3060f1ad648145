"""Needed numbers and detectable odds ratios at their edges, and their time."""

import time

import numpy as np
import pytest

from pipeline.statistics import power
from pipeline.statistics.proportions import at_least, shift_odds

RULE = (0.025, 2, 0.8)


def test_a_detectable_odds_ratio_has_the_power_asked_for():
    for n, upper in ((96, 0.07), (500, 0.0617), (3000, 0.005), (60, 0.3)):
        found = power.detectable_odds_ratio(n, upper, *RULE)
        truth = shift_odds(upper, found)
        assert power.power(n, upper, truth, 0.025, 2) == pytest.approx(0.8, rel=1e-9)


def test_a_doubling_is_detectable_from_the_needed_number_on():
    """The needed number and the detectable odds ratio are two views of one power."""
    needed = power.needed_for_above(0.07, shift_odds(0.07, 2), *RULE).always
    assert power.detectable_odds_ratio(needed, 0.07, *RULE) <= 2
    assert power.detectable_odds_ratio(needed - 1, 0.07, *RULE) > 2


def test_nothing_up_to_an_odds_ratio_of_100_is_detectable_in_a_handful():
    assert power.detectable_odds_ratio(0, 0.07, *RULE) is None
    assert power.detectable_odds_ratio(1, 0.07, *RULE) is None
    assert power.detectable_odds_ratio(5, 0.005, *RULE) is None


def test_a_critical_value_is_the_first_that_is_extreme_enough():
    n = np.arange(1, 400)
    for upper in (0.005, 0.0617, 0.3):
        found = power.critical_value(n, upper, 0.025, 2)
        assert (found >= 2).all()
        assert (at_least(found, n, upper) <= 0.025).all()
        before = at_least(found - 1, n, upper)
        assert ((before > 0.025) | (found == 2)).all()


def test_a_needed_number_beyond_the_search_is_none():
    found = power.needed_for_above(0.005, shift_odds(0.005, 1.01), *RULE)
    assert found == (None, None)


def test_the_needed_numbers_of_all_baselines_take_well_under_half_a_second():
    power.needed_for_above.cache_clear()
    began = time.process_time()  # others may be busy
    for upper in (0.005, 0.07, 0.12195121951219513, 0.0617283950617284, 0.3):
        power.needed_for_above(upper, shift_odds(upper, 2), *RULE)
    assert time.process_time() - began < 0.5
