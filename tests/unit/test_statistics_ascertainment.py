"""The adjusted rate, best and worst case, and rates side by side, at their edges."""

import math
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from pipeline.errors import InvariantBroken
from pipeline.statistics import ascertainment, bounds, families, ppv, rates
from pipeline.statistics.baselines import Baseline
from pipeline.statistics.families import Comparison
from pipeline.statistics.ppv import Adjusted
from tests.reference.outside_numbers import DEFAULTS
from tests.reference.outside_numbers import PARAMETERS as VERDICT_PARAMETERS

PARAMETERS = VERDICT_PARAMETERS | {"prior_patients": 20, "ppv_min_tested": 5}
HIV = Baseline("hiv_band", "hiv", "band", 0.05, 0.07, "5-7%")
HSCT = Baseline("hsct_upper", "hsct_allogeneic", "upper_bound", None, 0.30, "30%")
AS_OF = date(2026, 6, 30)
MIN_TESTED = 5


def _word(k, n, x, m, baseline=HIV, p_above=None):
    return ppv.verdict(Adjusted(k, n, x, m), baseline, DEFAULTS, MIN_TESTED, p_above)


def test_the_words_of_the_ladder():
    assert _word(60, 200, 40, 45) == "above"
    assert _word(20, 3000, 5, 10) == "below"
    assert _word(25, 300, 8, 12) == "consistent"
    assert _word(12, 100, 6, 8) == "inconclusive"


@pytest.mark.parametrize(
    ("m", "is_judged"), [(0, False), (4, False), (5, True), (6, True)]
)
def test_it_is_judged_from_five_tested_on(m, is_judged):
    assert (_word(60, 200, m, m) != "insufficient_data") is is_judged


@pytest.mark.parametrize(("n", "is_judged"), [(4, False), (5, True), (6, True)])
def test_it_is_judged_from_the_floor_on(n, is_judged):
    found = ppv.verdict(Adjusted(n, n, n, n), HIV, DEFAULTS, 1)
    assert (found != "insufficient_data") is is_judged


def test_it_is_never_above_from_one_resistant_result():
    """However small the probability that stands for P(q <= U)."""
    assert _word(900, 1000, 1, 5, p_above=0.0) != "above"
    assert _word(900, 1000, 2, 5, p_above=0.0) == "above"


def test_the_words_are_those_of_the_distribution():
    for k, n, x, m in [(12, 100, 6, 8), (25, 300, 8, 12), (9, 60, 7, 9)]:
        of = Adjusted(k, n, x, m)
        under = of.below([0.07, 0.05, 0.14 / 1.07])
        expected = (
            "above"
            if under[0] <= 0.025
            else "below"
            if 1 - under[1] <= 0.025
            else "consistent"
            if 1 - under[2] <= 0.05
            else "inconclusive"
        )
        assert _word(k, n, x, m) == expected


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    st.integers(1, 60).flatmap(lambda m: st.tuples(st.integers(0, m), st.just(m))),
    st.floats(0.001, 0.99),
)
def test_the_distribution_rises_and_lies_under_both_of_its_parts(failures, tested, at):
    of = Adjusted(*failures, *tested)
    found = of.below([0, at / 2, at, 1])
    assert found[0] == 0
    assert found[3] == 1
    assert found[1] <= found[2] + 1e-9
    k, n = failures
    # q is at most the failure rate
    assert found[2] >= stats.beta.cdf(at, k + 0.5, n - k + 0.5) - 1e-9
    low, middle, high = of.quantiles([0.025, 0.5, 0.975])
    assert low <= middle <= high
    assert of.below([low, high]) == pytest.approx([0.025, 0.975], abs=1e-5)


def test_without_a_test_nothing_is_estimated():
    of = Adjusted(5, 100, 0, 0)
    assert math.isnan(of.mean)
    assert np.isnan(of.quantiles([0.5])).all()


def _counts(*rows):
    common = {
        "population": "hiv",
        "rule": "headline",
        "window_start": date(2025, 7, 1),
        "window_end": AS_OF,
        "is_provisional": False,
        "n": 200,
        "n_suspected": 4,
        "n_confirmed": 12,
        "n_refuted": 4,
        "not_evaluable": 3,
        "excluded": 2,
        "immature": 1,
        "n_short": 0,
        "confirmed_outside": 0,
    }
    return pd.DataFrame([common | row for row in rows], columns=list(common))


def _adjusted(*rows, baselines=(HIV, HSCT)):
    found = ascertainment.ppv_adjusted(_counts(*rows), baselines, PARAMETERS, AS_OF)
    assert found.columns.tolist() == list(rates.COLUMNS)
    return found.to_dict("records")


def test_a_row_of_the_adjusted_rate():
    [found] = _adjusted({})
    of = Adjusted(20, 200, 12, 16)
    assert (found["definition"], found["unit"]) == ("ppv_adjusted", "patient")
    assert (found["k"], found["n"], found["n_tested"]) == (20, 200, 16)
    assert found["rate"] == of.mean
    assert (found["cp_lo"], found["cp_hi"]) == ppv.interval(of)
    assert found["tested_share"] == 0.8
    assert found["flags"] == []
    assert found["p_excess"] == found["p_holm"] == of.below(0.07)
    assert (found["family_size"], found["baseline_id"]) == (1, "hiv_band")
    assert pd.isna(found["verdict_best"])


@pytest.mark.parametrize(
    ("n_suspected", "is_flagged"), [(3, False), (4, False), (5, True)]
)
def test_failures_that_were_not_tested_are_flagged(n_suspected, is_flagged):
    """16 of 20 tested is a share of exactly 0.8."""
    [found] = _adjusted({"n_suspected": n_suspected})
    assert ("tested_not_random" in found["flags"]) is is_flagged


@pytest.mark.parametrize(
    ("n_suspected", "n_confirmed", "n_refuted"),
    [(0, 60, 40), (40, 60, 0), (30, 40, 30)],
)
def test_it_lies_between_the_floor_and_the_ceiling(n_suspected, n_confirmed, n_refuted):
    """All tested: the confirmed rate; none refuted: the case rate; but for the priors."""
    [found] = _adjusted(
        {
            "n": 2000,
            "n_suspected": n_suspected,
            "n_confirmed": n_confirmed,
            "n_refuted": n_refuted,
        }
    )
    floor, ceiling = n_confirmed / 2000, (n_confirmed + n_suspected) / 2000
    assert floor - 0.0005 <= found["rate"] <= ceiling + 0.0005


def test_nobody_and_nothing_tested_are_statuses():
    empty = {"n": 0, "n_suspected": 0, "n_confirmed": 0, "n_refuted": 0}
    untested = {"n_confirmed": 0, "n_refuted": 0}
    for found in _adjusted(empty) + _adjusted(untested):
        assert found["verdict"] == "insufficient_data"
        for name in ("rate", "cp_lo", "p_excess", "p_holm", "post_gt_U"):
            assert pd.isna(found[name]), name
    [found] = _adjusted({"population": "aids"})
    assert pd.isna(found["verdict"])
    assert found["baseline_id"] == ""
    assert found["rate"] > 0
    assert ascertainment.ppv_adjusted(_counts(), [HIV], PARAMETERS, AS_OF).empty


def test_a_family_is_corrected_and_the_strict_rule_is_not():
    """14 failures of 100, 13 of 14 tested resistant: P(q <= 7%) is .021 by draws."""
    draw = np.random.default_rng(3)
    q = draw.beta(14.5, 86.5, 400_000) * draw.beta(13.5, 1.5, 400_000)
    assert (q <= 0.07).mean() == pytest.approx(0.021, abs=0.002)
    many = {"n": 100, "n_suspected": 0, "n_confirmed": 13, "n_refuted": 1}
    hsct = {"population": "hsct_allogeneic"}
    one, other, strict = _adjusted(many, hsct, many | {"rule": "strict"})
    assert (one["family_size"], other["family_size"]) == (2, 2)
    assert one["p_holm"] == pytest.approx(2 * one["p_excess"])
    assert (one["verdict"], one["flags"]) == ("inconclusive", ["nominal_excess"])
    assert pd.isna(strict["family_size"])
    assert pd.isna(strict["p_holm"])
    assert (strict["verdict"], strict["flags"]) == ("above", [])
    few_tested = {"population": "hsct_allogeneic", "n_confirmed": 4, "n_refuted": 0}
    alone, _ = _adjusted(many, few_tested)
    assert (alone["family_size"], alone["verdict"]) == (1, "above")


def test_more_failures_than_patients_are_refused():
    with pytest.raises(InvariantBroken):
        _adjusted({"n": 19})


def test_the_adjusted_rates_stand_beside_the_others():
    """The columns, and what calls for action, are those of every rate."""
    found = ascertainment.ppv_adjusted(
        _counts({"n_confirmed": 60, "n_refuted": 0}), [HIV], PARAMETERS, AS_OF
    )
    assert rates.calls_for_action(found) == [
        "hiv, ppv_adjusted: above hiv_band, 2025-07-01 to 2026-06-30"
    ]


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 120).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    st.integers(0, 60),
    st.sampled_from([HIV, HSCT]),
)
def test_the_tipping_point_is_that_of_trying_every_one(counts, unknown, baseline):
    comparison = Comparison(*counts, baseline)
    word = families.word_alone(comparison, DEFAULTS)
    found = bounds.alone(comparison, unknown, word, DEFAULTS)
    k, n = counts
    words = [
        families.word_alone(Comparison(k + j, n + unknown, baseline), DEFAULTS)
        for j in range(unknown + 1)
    ]
    assert (found.best, found.worst) == (words[0], words[-1])
    changed = [j for j, each in enumerate(words) if each != word]
    assert found.tipping_point == (changed[0] if changed else None)
    assert found.is_sensitive(word) is bool(changed)


def test_without_anyone_unknown_nothing_tips():
    found = bounds.alone(Comparison(12, 226, HIV), 0, "consistent", DEFAULTS)
    assert found == bounds.Bounds("consistent", "consistent", None)


def test_the_family_keeps_its_correction_at_the_ends():
    """26/56 against 30% is above alone and at two, and no longer among six."""
    family = [Comparison(26, 56, HSCT), *[Comparison(12, 226, HIV)] * 5]
    words = [each.verdict for each in families.judge_family(family, DEFAULTS)]
    found = bounds.in_family(family, [0] * 6, words, DEFAULTS)
    assert [each.best for each in found] == words
    assert words[0] == "inconclusive"


def _rates(*changes):
    common = dict.fromkeys(rates.COLUMNS) | {
        "population": "hiv",
        "definition": "case",
        "rule": "headline",
        "unit": "patient",
        "syndrome": "hsv",
        "baseline_id": "hiv_band",
        "window_start": date(2025, 7, 1),
        "window_end": AS_OF,
        "n": 226,
        "k": 12,
        "rate": 12 / 226,
        "verdict": "consistent",
    }
    return pd.DataFrame([common | change for change in changes])


def test_the_strict_rule_stands_beside_the_headline():
    found = ascertainment.strict_against_headline(
        _rates(
            {},
            {"rule": "strict", "n": 220, "k": 18, "verdict": "inconclusive"},
            {"unit": "course", "n": 300},
            {"syndrome": "zoster"},
        )
    )
    assert found.columns.tolist() == list(ascertainment.PAIR_COLUMNS)
    [row] = found.to_dict("records")
    assert (row["n_headline"], row["n_strict"]) == (226, 220)
    assert row["is_different"]
    same = _rates({}, {"rule": "strict"})
    assert not ascertainment.strict_against_headline(same)["is_different"].any()


def test_adherence_known_and_unknown():
    split = pd.DataFrame(
        [("hiv", True, 100, 5), ("hiv", False, 40, 6), ("aids", True, 9, 0)],
        columns=["population", "adherence_known", "n", "k"],
    )
    found = ascertainment.by_adherence(split)
    assert found.columns.tolist() == list(ascertainment.ADHERENCE_COLUMNS)
    numbers = found[["population", "adherence", "n", "k"]].to_records(index=False)
    assert [tuple(row) for row in numbers] == [
        ("hiv", "known", 100, 5),
        ("hiv", "unknown", 40, 6),
        ("hiv", "all", 140, 11),
        ("aids", "known", 9, 0),
        ("aids", "unknown", 0, 0),
        ("aids", "all", 9, 0),
    ]
    assert found["cp_hi"][0] == pytest.approx(stats.beta.ppf(0.975, 6, 95))
    assert math.isnan(found["rate"][4])
    assert ascertainment.by_adherence(split.iloc[:0]).empty


def test_the_posterior_under_the_published_prior():
    found = ascertainment.posteriors(
        _rates({}, {"n": 0, "k": 0}, {"baseline_id": ""}, {"unit": "course"}),
        [HIV],
        PARAMETERS,
    )
    # 20 patients at 7%: Beta(12 + 1.4, 214 + 18.6)
    expected = stats.beta.sf(0.07, 13.4, 232.6)
    assert found["post_gt_U_published"].tolist()[0] == pytest.approx(expected)
    expected = stats.beta.sf(0.14 / 1.07, 13.4, 232.6)
    assert found["post_gt_M_published"].tolist()[0] == pytest.approx(expected)
    assert len(found) == 2
    assert math.isnan(found["post_gt_U_published"][1])
