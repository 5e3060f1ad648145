"""What holds of every verdict (`statistics.md` section b 10), with the oracle and without."""

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from pipeline.statistics import families, proportions, rates, verdicts
from pipeline.statistics.baselines import Baseline
from pipeline.statistics.families import Comparison
from tests.reference.outside_numbers import BASELINES, DEFAULTS, PARAMETERS, table

ORDER = ("below", "consistent", "inconclusive", "above")
ROUNDING = 1e-9

shares = st.floats(0.001, 0.6)
bounds = st.tuples(shares, shares).map(sorted)
odds_ratios = st.floats(1.0, 2.5)
drawn = st.one_of(
    st.builds(
        lambda high: Baseline("any", "any", "upper_bound", None, high, ""), shares
    ),
    st.builds(lambda two: Baseline("any", "any", "band", *two, ""), bounds),
    st.builds(
        lambda share, tolerance: Baseline(
            "any", "any", "point", share, share, "", True, tolerance
        ),
        shares,
        odds_ratios,
    ),
)
baselines = st.one_of(st.sampled_from(list(BASELINES.values())), drawn)
counts = st.integers(0, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
comparisons = st.builds(
    lambda count, baseline, is_under_tested: Comparison(
        *count, baseline, is_under_tested
    ),
    counts,
    baselines,
    st.booleans(),
)
FAMILIES = st.lists(comparisons, min_size=1, max_size=6)
ORACLE = [
    (int(row["k"]), int(row["n"]), BASELINES[row["baseline"]])
    for row in table("verdicts.csv")
]


def _least(baseline):
    return verdicts.least_n(baseline.margin(DEFAULTS.or_margin), DEFAULTS.a_excl)


def _holds(k, n, baseline):
    word = verdicts.verdict(k, n, baseline, DEFAULTS)
    found = verdicts.tails(k, n, baseline, DEFAULTS)
    if n < max(_least(baseline), DEFAULTS.n_floor):
        assert word in ("insufficient_data", "above")
    else:
        assert word in ORDER
    if word == "consistent":
        margin = baseline.margin(DEFAULTS.or_margin)
        assert proportions.upper_one_sided(k, n) <= margin + ROUNDING
    if word == "above":
        assert k >= DEFAULTS.k_min_above
        assert n >= DEFAULTS.n_floor
    if n and abs(found.excess - DEFAULTS.a_above) > ROUNDING:
        lower, _ = proportions.clopper_pearson(k, n)
        assert (found.excess <= DEFAULTS.a_above) == (lower >= baseline.upper)


@pytest.mark.parametrize("name", BASELINES)
def test_the_invariants_hold_on_the_oracle(name):
    for k, n, baseline in ORACLE:
        if baseline.id == name:
            _holds(k, n, baseline)


@given(counts, baselines)
def test_the_invariants_hold(count, baseline):
    _holds(*count, baseline)


@given(st.integers(5, 60), baselines)
def test_a_word_never_moves_down_as_cases_are_added(n, baseline):
    words = [verdicts.verdict(k, n, baseline, DEFAULTS) for k in range(n + 1)]
    ranks = [ORDER.index(word) for word in words if word in ORDER]
    assert ranks == sorted(ranks)
    if n < _least(baseline):
        above = [word == "above" for word in words]
        assert above == sorted(above)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_is_never_below_benjamini_hochberg_nor_that_below_the_raw(p_values):
    _, discovery, _, _ = multipletests(p_values, method="fdr_bh")
    for raw, shared, ours in zip(
        p_values, discovery, verdicts.holm(p_values), strict=True
    ):
        assert ours >= shared - ROUNDING
        assert shared >= raw - ROUNDING
        assert 0 <= ours <= 1


@given(FAMILIES)
def test_a_correction_only_takes_above_away(family):
    judged = families.judge_family(family, DEFAULTS)
    for comparison, each in zip(family, judged, strict=True):
        alone = families.judge_alone(comparison, DEFAULTS)
        if each.verdict != alone.verdict:
            assert alone.verdict == "above"
            assert "nominal_excess" in each.flags
        else:
            assert "nominal_excess" not in each.flags
        if each.verdict == "above":
            assert each.p_holm <= DEFAULTS.a_above
        assert (each.p_holm is None) == (comparison.n == 0)


@given(FAMILIES)
def test_an_under_tested_floor_is_never_consistent_or_below(family):
    short = [replace(comparison, is_under_tested=True) for comparison in family]
    for each in families.judge_family(short, DEFAULTS):
        assert each.verdict in ("above", "inconclusive", "insufficient_data")


@given(FAMILIES, baselines)
def test_an_empty_population_changes_nobody_elses_word(family, baseline):
    nobody = Comparison(0, 0, baseline)
    with_nobody = families.judge_family([*family, nobody], DEFAULTS)
    assert with_nobody[:-1] == families.judge_family(family, DEFAULTS)
    assert with_nobody[-1].verdict == "insufficient_data"


@given(FAMILIES, st.randoms(use_true_random=False))
def test_the_order_of_a_family_changes_nothing(family, random):
    order = list(range(len(family)))
    random.shuffle(order)
    judged = families.judge_family(family, DEFAULTS)
    shuffled = families.judge_family([family[place] for place in order], DEFAULTS)
    for place, each in zip(order, shuffled, strict=True):
        assert each == judged[place]


@st.composite
def _counted(draw):
    courses = draw(st.lists(st.integers(0, 4), max_size=12))
    cases = [draw(st.integers(0, n)) for n in courses]
    totals = proportions.CourseTotals.of(courses, cases)
    n_failures = draw(st.integers(totals.k, totals.n))
    return {
        "unit": draw(st.sampled_from(["patient", "course"])),
        "n_failures": n_failures,
        "n_tested": draw(st.integers(0, n_failures)),
        **vars(totals),
    }


@given(
    st.dictionaries(
        st.tuples(
            st.sampled_from(["any", "other"]),
            st.sampled_from(["case", "confirmed"]),
            st.sampled_from(["headline", "strict"]),
            st.sampled_from(["hsv", "zoster"]),
        ),
        _counted(),
        min_size=1,
        max_size=6,
    ),
    st.lists(drawn, max_size=3, unique_by=lambda each: (each.kind, each.high)),
)
def test_every_count_gets_its_rows_and_no_number_out_of_range(counted, published):
    assume(len({each.kind for each in published}) == len(published))
    named = [replace(each, id=each.kind) for each in published]
    names = ("population", "definition", "rule", "syndrome")
    beside = ("not_evaluable", "excluded", "immature", "n_short", "confirmed_outside")
    frame = pd.DataFrame(
        [
            dict(zip(names, key, strict=True))
            | dict.fromkeys(beside, 0)
            | {"window_start": date(2025, 1, 1), "window_end": date(2025, 12, 31)}
            | {"is_provisional": False}
            | numbers
            for key, numbers in counted.items()
        ]
    )
    found = rates.estimate(frame, named, PARAMETERS, date(2026, 6, 30))
    expected = sum(
        max(1, len(named)) if (population, syndrome) == ("any", "hsv") else 1
        for population, _, _, syndrome in counted
    )
    assert len(found) == expected
    for name in ("rate", "cp_lo", "cp_hi", "p_excess", "p_below", "p_excl", "p_holm"):
        assert found[name].dropna().between(0, 1).all(), name
    known = found.dropna(subset="cp_lo")
    assert (known["cp_lo"] <= known["rate"] + ROUNDING).all()
    assert (known["rate"] <= known["cp_hi"] + ROUNDING).all()
    is_judged = (found["unit"] == "patient") & (found["baseline_id"] != "")
    assert found["verdict"].notna().tolist() == is_judged.tolist()
