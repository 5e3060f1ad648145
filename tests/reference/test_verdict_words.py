"""The verdict's word and its numbers against R 4.2.2, and for published counts."""

import pytest

from pipeline.statistics import proportions, verdicts
from tests.reference.outside_numbers import BASELINES, DEFAULTS, document, table

ROWS = table("verdicts.csv")
PUBLISHED = table("published_verdicts.csv")
PARAMETERS = document("verdict_parameters.json")


def _of(row):
    return int(row["k"]), int(row["n"]), BASELINES[row["baseline"]]


@pytest.mark.parametrize("name", BASELINES)
def test_every_word_of_the_oracle(name):
    rows = [row for row in ROWS if row["baseline"] == name]
    assert len(rows) >= 88
    for row in rows:
        assert verdicts.verdict(*_of(row), DEFAULTS) == row["verdict"], row


@pytest.mark.parametrize("name", BASELINES)
def test_every_probability_of_the_oracle(name):
    for row in (row for row in ROWS if row["baseline"] == name):
        k, n, baseline = _of(row)
        margin = baseline.margin(DEFAULTS.or_margin)
        found = verdicts.tails(k, n, baseline, DEFAULTS)
        numbers = {
            "p_excess": found.excess,
            "p_below": found.below,
            "p_excl_margin": found.excluded,
            "cp_lo": proportions.clopper_pearson(k, n)[0],
            "cp_hi": proportions.clopper_pearson(k, n)[1],
            "cp_upper95_1s": proportions.upper_one_sided(k, n),
            "post_gt_U": proportions.posterior_above(baseline.upper, k, n),
            "post_gt_M": proportions.posterior_above(margin, k, n),
        }
        expected = {column: float(row[column]) for column in numbers}
        assert numbers == pytest.approx(expected, rel=0, abs=1e-9), row


@pytest.mark.parametrize("name", BASELINES)
def test_the_bounds_of_a_baseline(name):
    baseline, expected = BASELINES[name], PARAMETERS["baselines"][name]
    margin = baseline.margin(DEFAULTS.or_margin)
    assert baseline.lower == pytest.approx(expected["L"], rel=0, abs=1e-12)
    assert baseline.upper == pytest.approx(expected["U"], rel=0, abs=1e-12)
    assert margin == pytest.approx(expected["M"], rel=0, abs=1e-12)
    assert verdicts.least_n(margin, DEFAULTS.a_excl) == expected["n_min"]


def test_the_oracle_was_made_with_our_defaults():
    for name, value in PARAMETERS["rule_parameters"].items():
        assert getattr(DEFAULTS, name) == value


@pytest.mark.parametrize("row", PUBLISHED, ids=lambda row: row["row_id"])
def test_a_published_count_gets_its_word(row):
    k, n, baseline = _of(row)
    found = verdicts.tails(k, n, baseline, DEFAULTS)
    posterior = proportions.posterior_above(baseline.upper, k, n)
    assert verdicts.verdict(k, n, baseline, DEFAULTS) == row["verdict"]
    assert found.excess == pytest.approx(float(row["p_excess"]), rel=1e-9, abs=1e-12)
    assert found.below == pytest.approx(float(row["p_below"]), rel=1e-9)
    assert found.excluded == pytest.approx(float(row["p_excl_margin"]), rel=1e-9)
    assert posterior == pytest.approx(float(row["post_gt_U_jeffreys"]), rel=1e-9)


@pytest.mark.parametrize(
    ("name", "k", "n", "word"),
    [
        ("immunocompetent_lt0.5", 0, 299, "insufficient_data"),
        ("immunocompetent_lt0.5", 0, 300, "consistent"),
        ("immunocompetent_lt0.5", 2, 5, "above"),
        ("immunocompetent_lt0.5", 1, 5, "insufficient_data"),
        ("immunocompetent_lt0.5", 4, 4, "insufficient_data"),
        ("immunocompetent_lt0.5", 3, 1644, "consistent"),
        ("immunocompetent_lt0.5", 1, 368, "inconclusive"),
        ("immunocompetent_lt0.5", 0, 59, "insufficient_data"),
        ("hiv_ic_5_7", 12, 226, "consistent"),
        ("overall_approx5", 9, 128, "inconclusive"),
        ("overall_approx5", 28, 178, "above"),
        ("allo_bmt_upto30", 26, 56, "above"),
        ("allo_bmt_upto30", 4, 28, "consistent"),
        ("allo_bmt_upto30", 1, 52, "below"),
    ],
)
def test_the_worked_examples_of_the_specification(name, k, n, word):
    """`statistics.md` sections 0 and b, in their own numbers."""
    assert verdicts.verdict(k, n, BASELINES[name], DEFAULTS) == word
