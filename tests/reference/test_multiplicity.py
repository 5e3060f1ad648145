"""Holm's correction against R's p.adjust, statsmodels and the published counts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from pipeline.statistics.verdicts import holm
from tests.reference.outside_numbers import document, table

SETS = document("p_adjust.json")


@pytest.mark.parametrize("name", SETS)
def test_holm_is_that_of_r(name):
    """Ties, and comparisons that were not made, included."""
    found = holm(SETS[name]["p"])
    for ours, theirs in zip(found, SETS[name]["holm"], strict=True):
        if theirs is None:
            assert ours is None
        else:
            assert ours == pytest.approx(theirs, rel=0, abs=1e-12)


def test_holm_of_the_published_counts():
    rows = table("published_verdicts.csv")
    found = holm([float(row["p_excess"]) for row in rows])
    expected = [float(row["p_excess_holm_all"]) for row in rows]
    assert found == pytest.approx(expected, rel=1e-9)


@settings(max_examples=30)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_is_that_of_statsmodels(p_values):
    _, expected, _, _ = multipletests(p_values, method="holm")
    assert holm(p_values) == pytest.approx(list(expected), rel=1e-12, abs=1e-300)


def test_a_comparison_that_is_nan_was_not_made():
    assert holm([float("nan"), 0.01, None, 0.04]) == [None, 0.02, None, 0.04]
