"""Sites at their edges (`statistics.md` sections c, e and h)."""

import math
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from pipeline.statistics import dispersion, sites, standardised
from pipeline.statistics.baselines import Baseline
from pipeline.statistics.standardised import Group
from tests.reference.outside_numbers import DEFAULTS, document
from tests.reference.outside_numbers import PARAMETERS as VERDICT_PARAMETERS

PARAMETERS = VERDICT_PARAMETERS | {
    "screen_q": Decimal("0.05"),
    "funnel_alert": Decimal("0.025"),
    "funnel_alarm": Decimal("0.001"),
    "dispersion_level": Decimal("0.05"),
    "min_sites_shrunken": 5,
    "prior_patients": 20,
}

HIV = Baseline("hiv_band", "hiv", "band", 0.05, 0.07, "5-7%")
HSCT = Baseline(
    "hsct_allogeneic_upper", "hsct_allogeneic", "upper_bound", None, 0.30, "30%"
)
IMMUNE = Baseline(
    "immunocompetent_upper", "immunocompetent", "upper_bound", None, 0.005, ""
)
BAND = Baseline("immunocompromised_band", "immunocompromised", "band", 0.05, 0.07, "")
AIDS = Baseline("aids_prolonged_point", "aids_prolonged", "point", 0.1, 0.1, "", True)
ALL = (IMMUNE, BAND, HIV, AIDS, HSCT)


def _counts(pairs, population="hiv", definition="case"):
    return pd.DataFrame(
        {
            "site_id": [f"s{place}" for place in range(len(pairs))],
            "population": population,
            "definition": definition,
            "n": [n for _, n in pairs],
            "k": [k for k, _ in pairs],
        }
    )


def _funnel(counts, *baselines):
    found = sites.funnel(counts, baselines or (HIV,), PARAMETERS)
    assert found.columns.tolist() == list(sites.FUNNEL_COLUMNS)
    return found


def _against(found, target):
    return found[found["target"] == target].reset_index(drop=True)


@pytest.mark.parametrize(
    ("k", "mark"),
    [(12, ""), (13, "alert_high"), (16, "alert_high"), (17, "alarm_high")],
)
def test_a_site_is_marked_by_its_exact_tail(k, mark):
    """Of 100 at 7%: P(X >= 12) = .047, 13: .022, 16: .0016, 17: .0006."""
    [found] = _against(_funnel(_counts([(k, 100)])), "baseline").to_dict("records")
    tail = stats.binom.sf(k - 1, 100, 0.07)
    assert found["p_high"] == pytest.approx(tail, abs=1e-12)
    assert found["mark"] == mark


def test_low_sites_are_marked_too():
    """.93^100 = .0007, .93^51 = .0247, .93^50 = .0266; the levels are .001 and .025."""
    found = _against(_funnel(_counts([(0, 100), (0, 51), (0, 50)])), "baseline")
    assert found["mark"].tolist() == ["alarm_low", "alert_low", ""]


def test_one_case_is_never_marked_high():
    counts = _counts([(1, 1)], "immunocompetent")
    [one] = _against(_funnel(counts, IMMUNE), "baseline").to_dict("records")
    assert (one["p_high"], one["mark"]) == (pytest.approx(0.005), "")


def test_there_are_two_plots_and_their_targets():
    found = _funnel(_counts([(3, 50), (1, 150)]))
    assert set(_against(found, "baseline")["theta"]) == {0.07}
    assert set(_against(found, "network")["theta"]) == {4 / 200}
    assert _against(found, "network")["p_excess"].isna().all()
    alone = _funnel(_counts([(3, 50)], population="aids"))
    assert set(alone["target"]) == {"network"}


def test_limits_are_drawn_between_0_and_1_and_in_order():
    found = _funnel(_counts([(0, 1), (2, 30), (40, 900)]))
    names = ["lo_alarm", "lo_alert", "hi_alert", "hi_alarm"]
    drawn = found[names].to_numpy()
    assert ((drawn >= 0) & (drawn <= 1)).all()
    assert (np.diff(drawn, axis=1) >= 0).all()


def test_a_site_without_a_patient_and_a_network_without_a_case():
    found = _funnel(_counts([(0, 0), (0, 40)]))
    empty = found[found["site_id"] == "s0"]
    for name in ("rate", "p_high", "hi_alarm", "shrunken", "p_excess", "q_bh"):
        assert empty[name].isna().all(), name
    assert (empty["mark"] == "").all()
    network = _against(found, "network")
    assert network["p_high"].isna().all()  # nothing is expected of nobody's rate
    assert (network["mark"] == "").all()


def test_all_cases_and_one_site():
    found = _funnel(_counts([(9, 9)]))
    assert _against(found, "baseline")["mark"].tolist() == ["alarm_high"]
    assert _against(found, "baseline")["shrunken_by"].tolist() == ["published"]
    assert _against(found, "network")["shrunken_by"].tolist() == [""]


def test_no_site_gives_no_funnel():
    assert _funnel(_counts([])).empty


VARIED = [(0, 60), (1, 80), (25, 70), (2, 90), (14, 40), (0, 100), (30, 75)]


def test_sites_that_vary_more_than_chance_have_a_wider_funnel():
    counts = _counts(VARIED)
    found = _against(_funnel(counts), "baseline")
    assert set(found["is_overdispersed"]) == {True}
    rho = found["rho"][0]
    a, b = dispersion.beta_parameters(0.07, rho)
    for row in found.to_dict("records"):
        tail = stats.betabinom.sf(row["k"] - 1, row["n"], a, b)
        assert row["p_high"] == pytest.approx(tail, abs=1e-9)
        binomial = stats.binom.sf(row["k"] - 1, row["n"], 0.07)
        assert row["p_excess"] == pytest.approx(binomial, abs=1e-12)
    assert (found["shrunken_by"] == "sites").all()
    rates, drawn = found["rate"].to_numpy(), found["shrunken"].to_numpy()
    mean = dispersion.fit(found["k"], found["n"]).mu
    assert (np.abs(drawn - mean) <= np.abs(rates - mean) + 1e-12).all()


def test_where_no_variation_is_detectable_every_site_has_the_pooled_rate():
    """The oracle's ten even sites: 30 of 500; the interval is the pooled one's."""
    given = document("sites_funnel_eb.json")["homog_10"]
    counts = _counts(list(zip(given["k"], given["n"], strict=True)))
    found = _against(_funnel(counts), "network")
    assert set(found["shrunken_by"]) == {"no_variation"}
    assert set(found["shrunken"]) == {30 / 500}
    low = stats.beta.ppf(0.025, 30, 471)
    assert found["shrunken_lo"].tolist() == pytest.approx([low] * 10)
    assert not found["is_overdispersed"].any()


@pytest.mark.parametrize(("n_sites", "by"), [(4, "published"), (5, "sites")])
def test_few_sites_lean_on_the_published_rate(n_sites, by):
    found = _against(_funnel(_counts(VARIED[:n_sites])), "baseline")
    assert set(found["shrunken_by"]) == {by}
    if by == "published":
        # 20 patients at 7%
        assert found["shrunken"][2] == pytest.approx((25 + 1.4) / 90)


def test_the_screen_says_review_and_leaves_small_sites_out():
    found = _against(_funnel(_counts([(20, 60), (1, 30), (2, 4), (2, 40)])), "baseline")
    assert found["finding"].tolist() == ["review", "", "", ""]
    assert found["q_bh"].isna().tolist() == [False, False, True, False]
    # three cells are compared: the smallest p is multiplied by three
    assert found["q_bh"][0] == pytest.approx(3 * found["p_excess"][0])
    assert "above" not in set(found["finding"])


@pytest.mark.parametrize(("n", "is_made"), [(4, False), (5, True), (6, True)])
def test_a_site_is_screened_from_the_floor_on(n, is_made):
    found = _against(_funnel(_counts([(3, n)])), "baseline")
    assert found["q_bh"].notna().tolist() == [is_made]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.integers(0, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
        min_size=1,
        max_size=12,
    )
)
def test_every_number_of_a_funnel_is_possible(pairs):
    found = _funnel(_counts(pairs))
    for name in ("p_high", "p_low", "shrunken", "post_gt_theta", "q_bh", "p_excess"):
        values = found[name].dropna()
        assert values.between(0, 1 + 1e-12).all(), name
    shown = found.dropna(subset="shrunken")
    assert (shown["shrunken_lo"] <= shown["shrunken"]).all()
    assert (shown["shrunken"] <= shown["shrunken_hi"]).all()
    assert found.loc[found["k"] < 2, "mark"].isin(["", "alert_low", "alarm_low"]).all()
    both = (found["p_high"] + found["p_low"]).dropna()
    assert (both >= 1 - 1e-9).all()


@pytest.mark.parametrize("pairs", [[(0, 30), (0, 40)], [(30, 30)], [(3, 9)], [(0, 0)]])
def test_counts_without_a_beta_binomial(pairs):
    found = dispersion.fit([k for k, _ in pairs], [n for _, n in pairs])
    assert math.isnan(found.rho)


def test_sites_of_all_or_none_reach_the_largest_rho():
    found = dispersion.fit([0, 40, 0, 40, 40], [40] * 5)
    assert found.rho == pytest.approx(dispersion.LARGEST_RHO)
    assert found.p < 1e-6


def _group_counts(*rows):
    return pd.DataFrame(
        [("case", *row) for row in rows],
        columns=["definition", "site_id", "risk_group", "n", "k"],
    )


def _expected(*rows):
    found = sites.observed_expected(_group_counts(*rows), ALL, PARAMETERS)
    assert found.columns.tolist() == list(sites.RATIO_COLUMNS)
    return found


def test_expected_cases_are_added_over_risk_groups_at_both_edges():
    found = _expected(
        ("a", "immunocompetent", 210, 1),
        ("a", "hiv", 35, 2),
        ("a", "unknown", 50, 7),
        ("b", "hsct_allogeneic", 4, 1),
    )
    network, a, b = found.to_dict("records")
    assert a["expected"] == pytest.approx(210 * 0.005 + 35 * 0.07)
    assert a["expected_low"] == pytest.approx(210 * 0.005 + 35 * 0.05)
    assert (a["n"], a["n_without"], a["observed"]) == (245, 50, 3)
    assert network["expected"] == pytest.approx(a["expected"] + b["expected"])
    assert a["sir"] == pytest.approx(3 / a["expected"])
    assert pd.isna(a["verdict"])
    assert pd.isna(b["verdict"])
    assert math.isnan(network["q_bh"])
    assert math.isnan(b["q_bh"])  # four patients


def test_a_site_of_unknown_groups_alone_is_a_status():
    network, site = _expected(("a", "unknown", 50, 7)).to_dict("records")
    assert network["verdict"] == "insufficient_data"
    for name in ("sir", "sir_lo", "p_high", "q_bh"):
        assert math.isnan(site[name]), name
    assert (site["n_without"], site["finding"]) == (50, "")


def test_a_site_over_what_is_expected_is_to_be_reviewed():
    found = _expected(("a", "hiv", 60, 20), ("b", "hiv", 60, 4), ("c", "hiv", 60, 0))
    assert found["finding"].tolist() == ["", "review", "", ""]
    assert found["verdict"][0] == "above"


def _compared(k, n, baseline):
    return standardised.compare([Group(k, n, baseline)], DEFAULTS.or_margin)


@pytest.mark.parametrize(
    ("k", "n", "word"),
    [
        (2, 4, "insufficient_data"),
        (5, 5, "above"),
        (1, 21, "insufficient_data"),
        (0, 22, "consistent"),
        (1, 22, "inconclusive"),
        (0, 72, "below"),
        (12, 226, "consistent"),
        (15, 128, "inconclusive"),
        (16, 128, "above"),
    ],
)
def test_the_word_for_a_ratio_of_one_group_is_that_of_its_rate(k, n, word):
    """n_min of 5-7% is 22 and 0 of 72 is below 5% (the oracle's n_min_below).

    Of 128 at 7%: P(X >= 15) = .035 and P(X >= 16) = .017.
    """
    assert standardised.verdict(_compared(k, n, HIV), DEFAULTS) == word


def test_one_case_is_never_above():
    found = standardised.verdict(_compared(1, 6, IMMUNE), DEFAULTS)
    assert found == "insufficient_data"


def test_many_patients_are_added_up_quickly_enough_and_rightly():
    groups = [Group(700, 10_000, HIV), Group(300, 60_000, IMMUNE)]
    found = standardised.compare(groups, 2.0)
    mean = 700 + 300
    assert found.expected == pytest.approx(mean)
    assert 0.48 < found.p_high < 0.53


@pytest.mark.parametrize("observed", [0, 1, 7, 20, 60])
def test_groups_of_one_published_rate_are_one_binomial(observed):
    """The sum of binomials of one share is binomial, in how many groups it comes."""
    sizes, share = [3, 150, 40, 7], 0.07
    high, low = standardised.tails(observed, sizes, [share] * len(sizes))
    of_all = stats.binom(sum(sizes), share)
    assert high == pytest.approx(of_all.sf(observed - 1), rel=1e-9)
    assert low == pytest.approx(of_all.cdf(observed), rel=1e-9)
