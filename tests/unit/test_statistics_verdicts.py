"""The ladder's rungs at their edges, baselines as the seed gives them, families."""

from dataclasses import replace

import pytest

from pipeline import seeds
from pipeline.errors import ConfigurationError
from pipeline.statistics import families, rates, verdicts
from pipeline.statistics.families import Comparison
from tests.reference.outside_numbers import BASELINES, DEFAULTS, PARAMETERS, table

IMMUNOCOMPETENT = BASELINES["immunocompetent_lt0.5"]
HIV = BASELINES["hiv_ic_5_7"]
HSCT = BASELINES["allo_bmt_upto30"]
SEED = seeds.read("baselines")


def _flags(*names):
    return frozenset(names)


def test_the_floor_comes_before_everything():
    """4 of 4 and 5 of 5: the floor is 5 evaluable patients."""
    assert verdicts.verdict(4, 4, HIV, DEFAULTS) == "insufficient_data"
    assert verdicts.verdict(5, 5, HIV, DEFAULTS) == "above"


def test_above_needs_two_cases():
    """1 of 5: P = 0.0247 against 0.5%, yet one case is never a signal."""
    assert verdicts.tails(1, 5, IMMUNOCOMPETENT, DEFAULTS).excess < 0.025
    assert verdicts.verdict(1, 5, IMMUNOCOMPETENT, DEFAULTS) == "insufficient_data"
    one = replace(DEFAULTS, k_min_above=1)
    assert verdicts.verdict(1, 5, IMMUNOCOMPETENT, one) == "above"


def test_the_least_n_is_the_edge_of_insufficient_data():
    """n_min is 22 for 5-7% (`statistics.md` section 0)."""
    assert verdicts.verdict(0, 21, HIV, DEFAULTS) == "insufficient_data"
    assert verdicts.verdict(0, 22, HIV, DEFAULTS) == "consistent"


def test_a_corrected_probability_decides_the_first_rung_alone():
    """26 of 56 against 30%: above, and inconclusive where that rung does not hold."""
    assert verdicts.verdict(26, 56, HSCT, DEFAULTS) == "above"
    assert verdicts.verdict(26, 56, HSCT, DEFAULTS, p_above=0.0417) == "inconclusive"
    assert verdicts.verdict(26, 56, HSCT, DEFAULTS, p_above=0.025) == "above"


@pytest.mark.parametrize("power_of_ten", range(2, 9))
def test_the_least_n_is_the_first_that_excludes(power_of_ten):
    margin = 3 / 10**power_of_ten
    n = verdicts.least_n(margin, 0.05)
    assert (1 - margin) ** n <= 0.05 < (1 - margin) ** (n - 1)


def test_the_least_n_is_not_rounded_up_by_rounding():
    """A margin of 0.3 leaves 0.49 of two patients: n_min is 2, not 3."""
    assert verdicts.least_n(0.3, 0.49) == 2
    assert verdicts.least_n(0.3, 0.4899) == 3


@pytest.mark.parametrize(
    ("baseline_id", "lower", "upper", "margin"),
    [
        ("immunocompetent_upper", 0.005, 0.005, 0.00995),
        ("immunocompromised_band", 0.05, 0.07, 0.13084),
        ("hiv_band", 0.05, 0.07, 0.13084),
        ("aids_prolonged_point", 0.08163, 0.12195, 0.18182),
        ("immunocompromised_point", 0.04040, 0.06173, 0.09524),
        ("hsct_allogeneic_upper", 0.30, 0.30, 0.46154),
    ],
)
def test_the_seed_gives_the_bounds_of_section_0(baseline_id, lower, upper, margin):
    found = {each.id: each for each in rates.read_baselines(SEED, PARAMETERS)}
    baseline = found[baseline_id]
    assert round(baseline.lower, 5) == lower
    assert round(baseline.upper, 5) == upper
    assert round(baseline.margin(2), 5) == margin


def test_the_seed_has_the_seven_rows_of_the_criteria():
    assert SEED["baseline_id"].tolist() == [
        "immunocompetent_upper",
        "immunocompromised_band",
        "hiv_band",
        "aids_prolonged_point",
        "immunocompromised_point",
        "hsct_allogeneic_upper",
        "tk_deficient_share",
    ]
    assert set(SEED["source"]) == {
        "Signs of Valacyclovir Resistance",
        "IVIG is NOT First-Line Therapy for HSV Infection",
    }
    assert set(SEED["source"]) <= set(seeds.read("sources")["source"])
    assert set(SEED["population"]) <= set(seeds.read("populations")["population"])


def test_an_exact_point_has_no_tolerance():
    exact = SEED.assign(is_approximate="false")
    found = rates.read_baselines(exact, PARAMETERS)
    point = next(each for each in found if each.kind == "point")
    assert point.lower == point.upper == pytest.approx(0.10)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"kind": "guess"}, "the kind is 'guess'"),
        ({"high": "30"}, "high is '30'"),
        ({"high": ""}, "high is ''"),
        ({"kind": "band", "low": "0.4"}, "low is 0.4 and high is 0.30"),
        ({"kind": "point", "low": "0.2"}, "low is 0.2 and high is 0.30"),
    ],
)
def test_a_baseline_that_cannot_be_is_refused(changed, said):
    row = SEED[SEED["baseline_id"] == "hsct_allogeneic_upper"].assign(**changed)
    with pytest.raises(ConfigurationError, match="hsct_allogeneic_upper") as refused:
        rates.read_baselines(row, PARAMETERS)
    assert said in str(refused.value)


def _published(*row_ids):
    rows = {row["row_id"]: row for row in table("published_verdicts.csv")}
    return [
        Comparison(int(row["k"]), int(row["n"]), BASELINES[row["baseline"]])
        for row in (rows[each] for each in row_ids)
    ]


def test_a_family_corrects_above():
    """26/56 against 30% (P = .006956) is not above as one of six; 28/178 still is."""
    six = _published(
        "frobert_hsct_0711",
        "frobert_is_0711",
        "reyes_hivpos",
        "christophers_aids",
        "reyes_hivneg",
        "englund_is",
    )
    hsct, overall, *others = families.judge_family(six, DEFAULTS)
    assert hsct.verdict == "inconclusive"
    assert "nominal_excess" in hsct.flags
    assert hsct.p_holm == pytest.approx(5 * 0.00695589515588, rel=1e-9)
    assert overall.verdict == "above"
    assert "nominal_excess" not in overall.flags
    assert overall.p_holm == pytest.approx(6 * 5.1655740856e-06, rel=1e-9)
    assert {each.p_holm for each in others} == {1.0}
    assert {each.family_size for each in (hsct, overall, *others)} == {6}


def test_a_comparison_without_a_patient_is_left_out_of_its_family():
    nobody = Comparison(0, 0, IMMUNOCOMPETENT)
    hsct, empty = families.judge_family(
        [*_published("frobert_hsct_0711"), nobody], DEFAULTS
    )
    assert (hsct.verdict, hsct.family_size) == ("above", 1)
    assert hsct.p_holm == pytest.approx(0.00695589515588, rel=1e-9)
    assert empty.verdict == "insufficient_data"
    assert (empty.p_holm, empty.family_size) == (None, None)


def test_one_case_raises_no_nominal_excess():
    """1 of 5 would not be above without the correction either: k_min_above is 2."""
    one = Comparison(1, 5, IMMUNOCOMPETENT)
    [first, _] = families.judge_family([one, Comparison(0, 40, HIV)], DEFAULTS)
    assert first.p_holm > 0.025
    assert "nominal_excess" not in first.flags


def test_a_word_that_one_case_changes_is_fragile():
    """0/368 is consistent, 1/368 inconclusive: (1 - M)^368 = .025 <= .05."""
    [stranska] = _published("stranska_ic")
    assert families.judge_alone(stranska, DEFAULTS).flags == _flags("fragile")
    [reyes] = _published("reyes_hivpos")
    assert families.judge_alone(reyes, DEFAULTS).flags == _flags()


@pytest.mark.parametrize(("size", "is_fragile"), [(4, True), (6, False)])
def test_a_neighbour_is_corrected_as_its_family_is(size, is_fragile):
    """9/56 against 7% has P = .0152, 10/56 P = .0051.

    Alone 9 are above; in a family of four only 10 are; in one of six neither.
    """
    nine = Comparison(9, 56, HIV)
    assert families.judge_alone(nine, DEFAULTS).verdict == "above"
    family = [nine, *[Comparison(2, 40, HIV)] * (size - 1)]
    [first, *_] = families.judge_family(family, DEFAULTS)
    assert first.verdict == "inconclusive"
    assert "nominal_excess" in first.flags
    assert ("fragile" in first.flags) is is_fragile


def test_an_excess_below_the_margin_is_flagged():
    """250/3000 (8.3%) is above 7% and below the margin 13.1%, both for certain."""
    [large] = families.judge_family([Comparison(250, 3000, HIV)], DEFAULTS)
    assert large.verdict == "above"
    assert large.flags == _flags("excess_below_margin")


@pytest.mark.parametrize(
    ("row_id", "word", "capped"),
    [
        ("reyes_hivpos", "consistent", "inconclusive"),
        ("wade_first", "below", "inconclusive"),
        ("frobert_is_0711", "above", "above"),
        ("stranska_ic", "inconclusive", "inconclusive"),
        ("englund_ic", "insufficient_data", "insufficient_data"),
    ],
)
def test_an_under_tested_floor_cannot_reassure(row_id, word, capped):
    [comparison] = _published(row_id)
    assert families.judge_alone(comparison, DEFAULTS).verdict == word
    short = replace(comparison, is_under_tested=True)
    assert families.judge_alone(short, DEFAULTS).verdict == capped
    [judged] = families.judge_family([short], DEFAULTS)
    assert judged.verdict == capped
