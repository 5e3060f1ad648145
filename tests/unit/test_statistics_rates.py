"""The rates of `statistics.md` section j: columns, rows, judging, flags, and absences."""

import subprocess
import sys
from datetime import date

import pandas as pd
import pytest
from scipy import stats

from pipeline import resources, seeds
from pipeline.engines.duck import Duck
from pipeline.errors import InvariantBroken
from pipeline.statistics import rates
from pipeline.statistics.proportions import CourseTotals
from tests.reference.outside_numbers import PARAMETERS, table

AS_OF = date(2026, 6, 30)
BASELINES = rates.read_baselines(seeds.read("baselines"), PARAMETERS)

SECTION_J = (
    "population definition rule unit syndrome baseline_id window_start window_end "
    "kind baseline_low baseline_high margin as_of n k not_evaluable excluded immature rate "
    "cp_lo cp_hi upper95_one_sided jeffreys_lo jeffreys_hi p_excess p_excess_mid p_below "
    "p_excl p_holm family_size post_gt_U post_gt_M verdict flags n_min n80_all "
    "detectable_or80 n_tested tested_share n_short confirmed_outside deff n_eff verdict_best "
    "verdict_worst tipping_point "
)

ONE = {
    "population": "hiv",
    "definition": "case",
    "rule": "headline",
    "unit": "patient",
    "syndrome": "hsv",
    "window_start": date(2025, 1, 1),
    "window_end": date(2025, 12, 31),
    "is_provisional": False,
    "n": 226,
    "k": 12,
    "not_evaluable": 9,
    "excluded": 8,
    "immature": 7,
    "n_failures": 20,
    "n_tested": 16,
    "n_short": 6,
    "confirmed_outside": 5,
    "n_patients": 0,
    "sum_n2": 0,
    "sum_ny": 0,
    "sum_y2": 0,
}


def _counts(*changes):
    return pd.DataFrame([ONE | change for change in changes])


def _estimated(*changes):
    found = rates.estimate(_counts(*changes), BASELINES, PARAMETERS, AS_OF)
    return found.to_dict("records")


def test_the_columns_are_those_of_section_j():
    assert list(rates.COLUMNS) == SECTION_J.split()
    found = rates.estimate(_counts({}), BASELINES, PARAMETERS, AS_OF)
    assert found.columns.tolist() == SECTION_J.split()


def test_a_row_carries_its_counts_and_numbers():
    """Reyes 2003: 12 of 226, printed 5.3% (2.8-9.1), consistent with 5-7%."""
    [found] = _estimated({})
    printed = next(
        row
        for row in table("published_verdicts.csv")
        if row["row_id"] == "reyes_hivpos"
    )
    assert (found["baseline_id"], found["kind"]) == ("hiv_band", "band")
    assert (found["as_of"], found["window_end"]) == (AS_OF, date(2025, 12, 31))
    counted = ("not_evaluable", "excluded", "immature", "n_short", "confirmed_outside")
    assert [found[name] for name in counted] == [9, 8, 7, 6, 5]
    assert round(100 * found["rate"], 1) == 5.3
    assert round(100 * found["cp_lo"], 1) == 2.8
    assert round(100 * found["cp_hi"], 1) == 9.1
    for ours, theirs in (
        ("p_excess", "p_excess"),
        ("p_below", "p_below"),
        ("p_excl", "p_excl_margin"),
        ("post_gt_U", "post_gt_U_jeffreys"),
    ):
        assert found[ours] == pytest.approx(float(printed[theirs]), rel=1e-9)
    excess = stats.binom.sf(12, 226, 0.07) + stats.binom.pmf(12, 226, 0.07) / 2
    assert found["p_excess_mid"] == pytest.approx(excess, rel=1e-9)
    upper = stats.beta.ppf(0.95, 13, 214)
    assert found["upper95_one_sided"] == pytest.approx(upper, rel=1e-9)
    jeffreys = stats.beta.ppf([0.025, 0.975], 12.5, 214.5)
    assert [found["jeffreys_lo"], found["jeffreys_hi"]] == pytest.approx(jeffreys)
    assert (found["verdict"], found["family_size"]) == ("consistent", 1)
    assert (found["n_min"], found["n80_all"]) == (22, 204)
    assert found["detectable_or80"] < 2  # 226 are more than the 204 of section 0
    assert (found["tested_share"], found["n_tested"]) == (0.8, 16)
    assert found["flags"] == ["definition_mismatch"]


def test_a_population_with_two_baselines_has_two_rows():
    found = _estimated({"population": "immunocompromised"})
    assert [row["baseline_id"] for row in found] == [
        "immunocompromised_band",
        "immunocompromised_point",
    ]
    assert {row["family_size"] for row in found} == {2}


@pytest.mark.parametrize("change", [{"population": "aids"}, {"syndrome": "zoster"}])
def test_without_a_baseline_a_rate_is_estimated_and_not_compared(change):
    [found] = _estimated(change)
    assert found["baseline_id"] == ""
    assert (found["kind"], found["verdict"]) == (None, None)
    assert round(100 * found["cp_hi"], 1) == 9.1
    for name in ("margin", "p_excess", "p_holm", "post_gt_U", "n_min", "family_size"):
        assert pd.isna(found[name]), name
    assert found["flags"] == []


def test_the_share_of_kinase_mutations_is_set_against_no_rate():
    [found] = _estimated({"population": "all"})
    assert found["baseline_id"] == ""


def test_nobody_is_a_status_and_not_an_error():
    [found] = _estimated({"n": 0, "k": 0, "n_failures": 0, "n_tested": 0})
    assert found["verdict"] == "insufficient_data"
    assert found["tested_share"] == 1
    for name in ("rate", "cp_lo", "cp_hi", "upper95_one_sided", "jeffreys_hi"):
        assert pd.isna(found[name]), name
    for name in ("p_excess", "p_below", "p_excl", "p_holm", "post_gt_M"):
        assert pd.isna(found[name]), name
    assert pd.isna(found["detectable_or80"])
    assert found["n_min"] == 22
    # nine are not evaluable: had all of them been resistant, 9 of 9 is above
    assert (found["verdict_best"], found["verdict_worst"]) == (
        "insufficient_data",
        "above",
    )
    flags = ["definition_mismatch", "not_evaluable_sensitive", "unreliable"]
    assert found["flags"] == flags


def test_a_family_is_a_definition_and_a_window():
    """Two windows and two definitions are four families of one, not one of four."""
    other = {"window_start": date(2025, 7, 1), "window_end": AS_OF}
    confirmed = {"definition": "confirmed"}
    found = _estimated({}, other, confirmed, other | confirmed)
    assert [row["family_size"] for row in found] == [1, 1, 1, 1]
    hsct = {"population": "hsct_allogeneic", "n": 56, "k": 26, "n_failures": 26}
    found = _estimated({}, hsct, other | hsct)
    assert [row["family_size"] for row in found] == [2, 2, 1]
    corrected = [row["p_holm"] for row in found[1:]]
    p_excess = 0.00695589515588  # the oracle's frobert_hsct_0711
    assert corrected == pytest.approx([2 * p_excess, p_excess], rel=1e-9)


def test_windows_that_begin_together_are_two_families():
    found = _estimated({}, {"window_end": AS_OF})
    assert [row["family_size"] for row in found] == [1, 1]


def test_the_strict_rule_is_in_no_family():
    found = _estimated({}, {"rule": "strict"}, {"population": "aids_prolonged"})
    assert [row["family_size"] for row in found][::2] == [2, 2]


def test_windows_that_coincide_are_one_row():
    """As of 31 December the rolling window is the last complete calendar year."""
    rolling = {"is_provisional": True, "window_kind": "rolling"}
    [found] = _estimated(rolling, {"window_kind": "year"})
    assert found["family_size"] == 1
    assert found["flags"] == ["definition_mismatch", "provisional"]


def test_a_full_family_is_six_and_corrects_above():
    """26/56 against 30%: P = .006956, six times that is over .025."""
    populations = ("immunocompetent", "immunocompromised", "hiv", "aids_prolonged")
    hsct = {"population": "hsct_allogeneic", "n": 56, "k": 26, "n_failures": 26}
    found = _estimated(*({"population": each} for each in populations), hsct)
    last = found[-1]
    assert len(found) == last["family_size"] == 6
    # 12/226 is an excess over 0.5%, the one comparison with a smaller P
    assert last["p_holm"] == pytest.approx(5 * 0.00695589515588, rel=1e-9)
    assert last["verdict"] == "inconclusive"
    assert "nominal_excess" in last["flags"]


def test_the_strict_rule_is_not_corrected():
    hsct = {"population": "hsct_allogeneic", "n": 56, "k": 26, "n_failures": 26}
    strict = [{"rule": "strict"}, hsct | {"rule": "strict"}]
    found = _estimated(*strict)
    assert [row["verdict"] for row in found] == ["consistent", "above"]
    assert all(pd.isna(row["p_holm"]) for row in found)
    assert all(pd.isna(row["family_size"]) for row in found)


@pytest.mark.parametrize(
    ("n_tested", "word", "is_flagged"),
    [(15, "inconclusive", True), (16, "consistent", False), (17, "consistent", False)],
)
def test_the_floor_reassures_from_the_tested_share_on(n_tested, word, is_flagged):
    """20 failures: 16 of them are exactly 0.8."""
    [found] = _estimated({"definition": "confirmed", "n_tested": n_tested})
    assert found["verdict"] == word
    assert ("under_tested" in found["flags"]) is is_flagged
    [case] = _estimated({"n_tested": n_tested})
    assert (case["verdict"], case["flags"]) == ("consistent", ["definition_mismatch"])


def test_without_a_failure_the_floor_is_tested():
    changed = {"k": 0, "n_failures": 0, "n_tested": 0, "definition": "confirmed"}
    [found] = _estimated(changed)
    assert found["tested_share"] == 1
    # 0 of 226 at 5%: P = .95^226 < .025
    assert found["verdict"] == "below"


def test_the_rolling_window_is_provisional():
    [found] = _estimated({"is_provisional": True})
    assert found["flags"] == ["definition_mismatch", "provisional"]


@pytest.mark.parametrize(
    ("k", "n", "is_unreliable"),
    [
        (0, 29, True),  # fewer than 30
        (10, 30, True),  # width .356
        (0, 60, True),  # width .060, no rate to be relative to
        (0, 73, False),  # width .0493
        (4, 40, True),  # width .209, 2.1 times the rate
        (20, 60, False),  # width .248, 0.7 times the rate
    ],
)
def test_unreliable_is_the_standard_of_the_nchs(k, n, is_unreliable):
    [found] = _estimated({"k": k, "n": n})
    assert ("unreliable" in found["flags"]) is is_unreliable


def _clustered(courses, cases):
    return {"unit": "course", **vars(CourseTotals.of(courses, cases))}


def test_courses_have_the_interval_of_their_effective_number():
    """The oracle's clustered courses: 14 of 131 in 60 patients, deff 1.613."""
    rows = [row for row in table("clustered_episodes.csv") if row["set"] == "hiv"]
    courses, cases = {}, {}
    for row in rows:
        patient, case = row["patient"], int(row["resistant"])
        courses[patient] = courses.get(patient, 0) + 1
        cases[patient] = cases.get(patient, 0) + case
    [found] = _estimated(_clustered(list(courses.values()), list(cases.values())))
    assert (found["k"], found["n"]) == (14, 131)
    limits = (found["cp_lo"], found["cp_hi"])
    assert limits == pytest.approx((0.0486711095222229, 0.196421913097851), abs=1e-9)
    assert found["deff"] == pytest.approx(1.61302965805489)
    assert found["n_eff"] == pytest.approx(81.2136338261565)
    n_star = 79.3882769278796
    x = n_star * 14 / 131
    tail = stats.beta.cdf(0.07, x, n_star - x + 1)
    assert found["p_excess"] == pytest.approx(tail, rel=1e-9)
    for name in ("jeffreys_lo", "post_gt_U", "p_excess_mid", "p_holm", "family_size"):
        assert pd.isna(found[name]), name
    assert found["verdict"] is None


def test_courses_of_one_patient_have_no_interval():
    [found] = _estimated(_clustered([6], [2]))
    assert found["rate"] == pytest.approx(1 / 3)
    for name in ("cp_lo", "cp_hi", "p_excess", "deff", "n_eff", "detectable_or80"):
        assert pd.isna(found[name]), name
    assert "unreliable" in found["flags"]


def test_the_not_evaluable_are_counted_at_both_ends():
    """12 of 226 and 9 not evaluable: 12 and 21 of 235 both exclude a doubling."""
    assert stats.binom.cdf(21, 235, 0.14 / 1.07) <= 0.05
    assert stats.binom.sf(20, 235, 0.07) > 0.025
    [found] = _estimated({})
    assert (found["verdict_best"], found["verdict_worst"]) == ("consistent",) * 2
    assert pd.isna(found["tipping_point"])
    assert "not_evaluable_sensitive" not in found["flags"]


@pytest.mark.parametrize(
    ("not_evaluable", "worst", "tipping"),
    [(10, "consistent", None), (60, "above", 16)],
)
def test_the_tipping_point_is_the_first_that_changes_the_word(
    not_evaluable, worst, tipping
):
    [found] = _estimated({"not_evaluable": not_evaluable})
    n, margin = 226 + not_evaluable, 0.14 / 1.07
    first = next(
        (
            j
            for j in range(not_evaluable + 1)
            if stats.binom.cdf(12 + j, n, margin) > 0.05
            or stats.binom.sf(11 + j, n, 0.07) <= 0.025
            or stats.binom.cdf(12 + j, n, 0.05) <= 0.025
        ),
        None,
    )
    assert first == tipping
    assert (found["verdict"], found["verdict_worst"]) == ("consistent", worst)
    assert (None if pd.isna(found["tipping_point"]) else found["tipping_point"]) == (
        tipping
    )
    is_flagged = "not_evaluable_sensitive" in found["flags"]
    assert is_flagged is (tipping is not None)


def test_units_whose_words_differ_are_flagged_on_the_patients_row():
    """12 of 226 patients are consistent; 40 of 260 of their courses are above."""
    courses = [2] * 34 + [1] * 192
    cases = [1] * 40 + [0] * 186
    patient, course = _estimated({}, _clustered(courses, cases))
    assert "unit_sensitive" in patient["flags"]
    assert "unit_sensitive" not in course["flags"]
    same, _ = _estimated({}, _clustered([1] * 226, [1] * 12 + [0] * 214))
    assert "unit_sensitive" not in same["flags"]
    other = {"rule": "strict"} | _clustered(courses, cases)
    unmatched, _ = _estimated({}, other)
    assert "unit_sensitive" not in unmatched["flags"]


def test_no_count_gives_no_rate():
    none = rates.estimate(_counts({}).iloc[:0], BASELINES, PARAMETERS, AS_OF)
    assert none.columns.tolist() == SECTION_J.split()
    assert none.empty


@pytest.mark.parametrize(
    "changes",
    [[{"k": 227}], [{"k": -1}], [{"n_tested": 21}], [{}, {"k": 11}]],
    ids=["more cases than patients", "negative", "more tested than failed", "two"],
)
def test_counts_that_cannot_be_are_refused(changes):
    with pytest.raises(InvariantBroken):
        _estimated(*changes)


def test_what_calls_for_action_is_confirmed_above():
    many = {"k": 40, "n_failures": 40, "n_tested": 40}
    confirmed = many | {"definition": "confirmed"}
    strict = confirmed | {"rule": "strict"}
    found = rates.estimate(
        _counts(many, confirmed, strict), BASELINES, PARAMETERS, AS_OF
    )
    assert found["verdict"].tolist() == ["above"] * 3
    assert rates.calls_for_action(found) == [
        "hiv, confirmed: above hiv_band, 2025-01-01 to 2025-12-31"
    ]
    assert rates.calls_for_action(found.iloc[:0]) == []


def test_nothing_calls_for_action_where_nothing_is_above():
    found = rates.estimate(
        _counts({"definition": "confirmed"}), BASELINES, PARAMETERS, AS_OF
    )
    assert rates.calls_for_action(found) == []


def test_the_columns_keep_their_types_in_the_engine(tmp_path):
    """Also where a column is empty throughout, as those for later are."""
    found = rates.estimate(_counts({}), BASELINES, PARAMETERS, AS_OF)
    with Duck(tmp_path / "scratch.duckdb", folders=[tmp_path]) as engine:
        engine.load("rates", found)
        types = engine.columns("rates")
        [row] = engine.rows("select p_holm, deff, tipping_point, flags from rates")
    assert types["tipping_point"] == types["family_size"] == "BIGINT"
    assert types["verdict_best"] == types["verdict"] == "VARCHAR"
    assert types["flags"] == "VARCHAR[]"
    assert types["window_start"] == types["as_of"] == "DATE"
    assert row[1:] == (None, None, ["definition_mismatch"])


def test_importing_the_rates_is_quick():
    """`scipy.stats` and statsmodels take seconds to import: neither is needed."""
    said = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from pipeline.statistics import rates; "
            "print('scipy.stats' in sys.modules, 'statsmodels' in sys.modules)",
        ],
        capture_output=True,
        text=True,
        check=True,
        cwd=resources.path("seeds").parent,
    )
    assert said.stdout.split() == ["False", "False"]


def test_without_follow_ups_nothing_is_judged():
    """Only confirmed courses can count then: 9 of 9 says nothing of a rate."""
    found = rates.without_verdicts(
        rates.estimate(
            _counts({"definition": "confirmed", "n": 9, "k": 9}),
            BASELINES,
            PARAMETERS,
            AS_OF,
        ),
        "no_followups",
    )
    judged = found[found["verdict"].notna()]
    assert set(judged["verdict"]) == {"insufficient_data"}
    assert all("no_followups" in flags for flags in judged["flags"])
    assert found["verdict_worst"].isna().all()
    assert found["tipping_point"].isna().all()
    assert rates.calls_for_action(found) == []
