"""Monthly charts, trends and clusters at their edges (`statistics.md` sections c and d)."""

import math
import subprocess
import sys
from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from pipeline import resources
from pipeline.statistics import clusters, cusum, signals, trends
from pipeline.statistics.baselines import Baseline
from pipeline.statistics.cusum import Design

PARAMETERS = {
    "or_margin": Decimal("2"),
    "k_min_above": 2,
    "n_floor": 5,
    "chart_run_length_months": 120,
    "chart_run_length_per_chart": 12,
    "chart_history_months": 24,
    "month_jump_level": Decimal("0.005"),
    "prior_patients": 20,
    "trend_min_cases": 5,
    "slope_min_cases": 10,
    "cluster_days": 28,
    "cluster_patients": 2,
    "screen_q": Decimal("0.05"),
}
"""The defaults of `statistics.md` sections b to d."""

HIV = Baseline("hiv_band", "hiv", "band", 0.05, 0.07, "5-7%")
IMMUNE = Baseline(
    "immunocompetent_upper", "immunocompetent", "upper_bound", None, 0.005, ""
)
SHARE = Baseline("tk_deficient_share", "all", "share", 0.95, 0.95, "95%")


def _monthly(counts, population="hiv", definition="case", mature=None, start="2024-01"):
    """Months in a row: ``counts`` are pairs of k and n."""
    months = pd.date_range(start, periods=len(counts), freq="MS")
    mature = len(counts) if mature is None else mature
    return pd.DataFrame(
        {
            "population": population,
            "definition": definition,
            "month": months.date,
            "n": [n for _, n in counts],
            "k": [k for k, _ in counts],
            "is_mature": [place < mature for place in range(len(counts))],
        }
    )


def _charts(monthly, *baselines):
    found = signals.charts(monthly, baselines or (HIV,), PARAMETERS)
    assert found.columns.tolist() == list(signals.COLUMNS)
    return found


def _of(found, chart):
    return found[found["chart"] == chart].reset_index(drop=True)


def test_a_chart_against_a_baseline_watches_every_mature_month():
    found = _charts(_monthly([(1, 20)] * 6 + [(9, 20)], mature=6))
    watched = _of(found, "baseline")
    assert watched["state"].tolist() == ["watched"] * 6 + ["immature"]
    assert set(watched["p0"]) == {0.07}
    assert watched["cusum"].isna().tolist() == [False] * 6 + [True]
    assert not watched["is_alarm"].any()
    assert not watched["is_jump"].any()


def test_the_value_is_that_of_the_formula():
    """1 of 20 at 7%: ln(p1/p0) + 19 ln((1-p1)/(1-p0)) with p1 = .14/1.07."""
    p1 = 0.14 / 1.07
    found = _of(_charts(_monthly([(3, 20), (1, 20)])), "baseline")
    first = 3 * math.log(p1 / 0.07) + 17 * math.log((1 - p1) / 0.93)
    second = first + math.log(p1 / 0.07) + 19 * math.log((1 - p1) / 0.93)
    assert found["cusum"].tolist() == pytest.approx([first, max(0, second)])


def test_an_alarm_names_the_month_in_which_its_rise_began():
    counts = [(0, 20), (4, 20), (4, 20), (5, 20), (9, 20), (0, 20)]
    found = _of(_charts(_monthly(counts)), "baseline")
    alarms = found[found["is_alarm"]]
    assert alarms["month"].dt.month.tolist() == [4, 5]
    # the value of the first alarm is kept, and the next month starts at nothing
    assert alarms["excursion_start"].dt.month.tolist() == [2, 5]
    assert (alarms["cusum"] > alarms["limit"]).all()


def test_the_run_length_grows_with_the_charts():
    one = _charts(_monthly([(1, 20)] * 6))
    assert set(one["n_charts"]) == {1}
    assert set(one["run_length_target"]) == {120}
    many = [_monthly([(1, 20)] * 6, definition=f"d{place}") for place in range(11)]
    eleven = _charts(pd.concat(many))
    assert set(eleven["n_charts"]) == {11}
    assert set(eleven["run_length_target"]) == {132}
    assert (eleven["run_length"].dropna() >= 132).all()
    assert eleven["limit"].min() > one["limit"].max()


@pytest.mark.parametrize(("months", "status"), [(24, "history_too_short"), (25, "set")])
def test_the_own_history_is_the_first_24_mature_months(months, status):
    found = _of(
        _charts(_monthly([(1, 20)] * months + [(0, 0)] * 2, mature=months)), "history"
    )
    assert set(found["status"]) == {status}
    assert found["state"].tolist()[:24] == ["history"] * 24
    if status == "set":
        # 24 of 480, and 20 patients at the baseline's 7%
        assert set(found["p0"]) == {(24 + 1.4) / 500}
        assert found["cusum"].notna().tolist() == [False] * 24 + [True] + [False] * 2


def test_an_own_history_is_an_estimate_and_a_published_rate_is_not():
    """24 months of 20 and the prior's 20 patients: 500, of whom the share was learnt."""
    found = _charts(_monthly([(1, 20)] * 24 + [(4, 20)] * 2))
    p0 = (24 + 1.4) / 500
    history, published = _of(found, "history").iloc[-1], _of(found, "baseline").iloc[-1]
    known = cusum.limit_for(Design.of(p0, 2.0, [20]), 120)
    assert history["limit"] > known.value
    assert published["limit"] == cusum.limit_for(Design.of(0.07, 2.0, [20]), 120).value
    predicted = stats.betabinom.sf(3, 20, p0 * 500, (1 - p0) * 500)
    assert history["p_month"] == pytest.approx(predicted)
    assert history["p_month"] > stats.binom.sf(3, 20, p0)
    assert published["p_month"] == pytest.approx(stats.binom.sf(3, 20, 0.07))


def test_the_more_patients_a_share_was_learnt_from_the_lower_its_limit():
    limits = [
        cusum.limit_for(Design.of(0.06, 2.0, [20], learnt), 360).value
        for learnt in (25, 100, 500, 5_000, 500_000, math.inf)
    ]
    assert limits == sorted(limits, reverse=True)
    assert limits[0] > limits[2] > limits[-2] == limits[-1]


def test_a_population_without_a_baseline_is_watched_against_its_own_history():
    found = _charts(_monthly([(1, 20)] * 30, population="aids"))
    assert set(found["chart"]) == {"history"}
    assert set(found["p0"]) == {24.5 / 481}
    few = _charts(_monthly([(0, 0)] * 24 + [(1, 4)], population="aids"))
    assert set(few["status"]) == {"history_too_short"}


def test_a_share_that_is_not_judged_has_no_chart():
    found = _charts(_monthly([(1, 20)] * 3, population="all"), SHARE)
    assert set(found["chart"]) == {"history"}


def test_months_without_a_row_are_months_without_a_patient():
    monthly = pd.concat(
        [
            _monthly([(0, 3)] * 5, mature=4),
            _monthly([(1, 20)], population="aids", start="2024-02"),
        ]
    )
    found = _charts(monthly)
    other = found[found["population"] == "aids"]
    assert other["n"].tolist() == [0, 20, 0, 0, 0]
    assert other["state"].tolist() == ["history"] * 4 + ["immature"]


def test_nobody_at_all_is_a_status():
    found = _charts(_monthly([(0, 0)] * 30))
    assert set(found["status"]) == {"no_patients"}
    assert found["cusum"].isna().all()
    assert set(found["n_charts"]) == {0}
    none_mature = _charts(_monthly([(1, 9)] * 3, mature=0))
    assert set(none_mature["status"]) == {"no_patients"}
    assert set(none_mature["state"]) == {"immature"}


def test_no_month_gives_no_chart():
    assert _charts(_monthly([])).empty


def test_a_month_without_a_patient_changes_nothing():
    found = _of(_charts(_monthly([(3, 20), (0, 0), (0, 20)])), "baseline")
    values = found["cusum"].tolist()
    assert values[0] == values[1] > values[2]
    assert math.isnan(found["p_month"][1])


@pytest.mark.parametrize(("k", "is_jump"), [(4, False), (5, False), (6, True)])
def test_one_month_is_tested_exactly(k, is_jump):
    """Of 20 at 7%: P(X >= 5) = .0107, P(X >= 6) = .0020; the level is .005."""
    found = _of(_charts(_monthly([(k, 20)])), "baseline")
    assert found["p_month"][0] == pytest.approx(stats.binom.sf(k - 1, 20, 0.07))
    assert found["is_jump"].tolist() == [is_jump]


@pytest.mark.parametrize(("k", "is_jump"), [(1, False), (2, True)])
def test_one_case_is_never_a_jump_nor_an_alarm(k, is_jump):
    """1 of 1 at 0.5% has P = .005, and 2 of 2 has .000025."""
    found = _of(
        _charts(_monthly([(k, k)], population="immunocompetent"), IMMUNE), "baseline"
    )
    assert found["is_jump"].tolist() == [is_jump]
    assert k > 1 or not found["is_alarm"].any()


@pytest.mark.parametrize("n", [1, 2, 5, 100, 3000])
@pytest.mark.parametrize("p0", [0.001, 0.07, 0.4])
def test_one_case_alone_is_below_every_limit(n, p0):
    limit = cusum.limit_for(Design.of(p0, 2.0, [n]), 120)
    assert cusum.weights(1, n, p0, 2.0) < limit.value


def test_all_of_all_is_an_alarm_and_none_of_many_is_none():
    all_of_all = _of(_charts(_monthly([(20, 20)] * 3)), "baseline")
    assert all_of_all["is_alarm"].all()
    none = _of(_charts(_monthly([(0, 20)] * 3)), "baseline")
    assert none["cusum"].tolist() == [0, 0, 0]
    assert none["excursion_start"].isna().all()


def test_what_calls_for_action():
    """Section b 11: on ``case`` a chart against a baseline does not."""
    jump = [(0, 20)] * 2 + [(15, 20)]
    both = pd.concat([_monthly(jump), _monthly(jump, definition="confirmed")])
    found = _charts(both)
    assert signals.calls_for_action(found, date(2024, 1, 1)) == [
        "hiv, confirmed: CUSUM over its limit, against hiv_band, 2024-03"
    ]
    assert signals.calls_for_action(found, date(2024, 4, 1)) == []
    history = _charts(_monthly([(1, 20)] * 24 + [(15, 20)]))
    assert signals.calls_for_action(history, date(2026, 1, 1)) == [
        "hiv, case: CUSUM over its limit, against its own history, 2026-01"
    ]


def test_a_jump_that_is_no_alarm_calls_by_itself():
    """6 of 300 at 0.5%: P = .0044 for the month, and a CUSUM of 2.65 under its limit."""
    monthly = _monthly(
        [(0, 300)] * 20 + [(6, 300)],
        population="immunocompetent",
        definition="confirmed",
    )
    found = _charts(monthly, IMMUNE)
    last = found[found["chart"] == "baseline"].iloc[-1]
    assert (bool(last["is_jump"]), bool(last["is_alarm"])) == (True, False)
    assert signals.calls_for_action(found, date(2025, 1, 1)) == [
        "immunocompetent, confirmed: one month above, against immunocompetent_upper, "
        "2025-09"
    ]


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.integers(0, 40).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
        min_size=1,
        max_size=40,
    )
)
def test_values_are_never_negative_and_alarms_lie_over_the_limit(counts):
    found = _charts(_monthly(counts))
    watched = found[found["cusum"].notna()]
    assert (watched["cusum"] >= 0).all()
    assert (watched["is_alarm"] == (watched["cusum"] > watched["limit"])).all()
    assert (watched["run_length"] >= watched["run_length_target"]).all()
    assert (watched["excursion_start"].notna() == (watched["cusum"] > 0)).all()


@settings(max_examples=30, deadline=None)
@given(
    st.floats(0.002, 0.4),
    st.integers(1, 150),
    st.floats(1.0, 4.0),
    st.floats(1.02, 1.5),
)
def test_a_higher_limit_is_a_longer_run(p0, n, limit, factor):
    design = Design.of(p0, 2.0, [n])
    lower = cusum.run_length(design, limit)
    higher = cusum.run_length(design, limit * factor)
    # states are rounded, so equal limits' neighbours may differ by a little
    assert higher >= lower * 0.97
    assert lower >= math.exp(limit) * 0.97


def test_varied_months_are_told_from_steady_ones():
    assert len(Design.of(0.07, 2.0, [20, 22, 18]).sizes) == 1
    assert Design.of(0.07, 2.0, [20, 22, 18]).sizes == (20,)
    assert Design.of(0.07, 2.0, [0, 0, 9]).sizes == (0, 9)


@pytest.mark.parametrize(
    ("cases", "status", "has_slope"),
    [
        (4, "too_few_cases", False),
        (5, "tested", False),
        (9, "tested", False),
        (10, "tested", True),
    ],
)
def test_a_trend_is_given_only_where_it_may_be(cases, status, has_slope):
    counts = [(cases // 3, 50), (cases // 3, 50), (cases - 2 * (cases // 3), 50)]
    [found] = trends.trends(_monthly(counts), PARAMETERS).to_dict("records")
    assert (found["k"], found["status"]) == (cases, status)
    assert math.isnan(found["p"]) is (status == "too_few_cases")
    assert math.isnan(found["slope_p"]) is not has_slope


def test_a_trend_counts_mature_months_alone():
    monthly = _monthly([(3, 20), (4, 20), (20, 20)], mature=2)
    [found] = trends.trends(monthly, PARAMETERS).to_dict("records")
    assert (found["n_months"], found["k"]) == (2, 7)


@pytest.mark.parametrize("counts", [[(6, 6), (5, 5)], [(9, 50)], [(0, 0)]])
def test_a_trend_that_cannot_be_told_is_nothing(counts):
    k, n = [k for k, _ in counts], [n for _, n in counts]
    scores = list(range(len(counts)))
    assert math.isnan(trends.trend(k, n, scores).p)
    assert math.isnan(trends.slope(k, n, scores).p)


def test_a_slope_without_a_maximum_is_nothing():
    assert math.isnan(trends.slope([0, 0, 12], [12, 12, 12], [1, 2, 3]).slope)


def _cases(*rows):
    return pd.DataFrame(
        [
            (site, patient, date(2026, 1, 1) + pd.Timedelta(days=day))
            for site, patient, day in rows
        ],
        columns=["site_id", "patient_id", "flag_date"],
    )


def _expected(**sites):
    return pd.DataFrame(
        [(site, cases, 365) for site, cases in sites.items()],
        columns=["site_id", "expected_cases", "n_days"],
    )


def _clusters(cases, **sites):
    found = clusters.clusters(cases, _expected(**sites), PARAMETERS)
    assert found.columns.tolist() == list(clusters.COLUMNS)
    return found


@pytest.mark.parametrize(("days", "n"), [(27, 1), (28, 1), (29, 0)])
def test_two_patients_within_28_days_are_a_cluster(days, n):
    found = _clusters(_cases(("a", "1", 0), ("a", "2", days)), a=0.5)
    assert len(found) == n


def test_one_patient_twice_or_two_sites_are_none():
    cases = _cases(("a", "1", 0), ("a", "1", 5), ("b", "2", 0), ("c", "3", 1))
    assert _clusters(cases, a=1, b=1, c=1).empty


def test_the_patient_in_between_does_not_make_two_others_close():
    """One patient's flags at 0 and 20 and another's at 40: days 20 and 40 are close."""
    cases = _cases(("a", "1", 0), ("a", "1", 20), ("a", "2", 40))
    [found] = _clusters(cases, a=1).to_dict("records")
    assert (found["n_patients"], found["n_cases"], found["most_within"]) == (2, 3, 2)


def test_a_long_cluster_is_one_and_counts_the_most_within_28_days():
    cases = _cases(*(("a", str(place), 20 * place) for place in range(5)))
    [found] = _clusters(cases, a=1).to_dict("records")
    assert (found["n_patients"], found["most_within"]) == (5, 2)
    assert (found["last_date"] - found["first_date"]).days == 80


def test_the_probability_of_a_cluster():
    """Half a case a year: .5 times the chance of another in the 29 days of the window."""
    [found] = _clusters(_cases(("a", "1", 0), ("a", "2", 28)), a=0.5).to_dict("records")
    assert found["p"] == pytest.approx(0.5 * -math.expm1(-0.5 * 29 / 365))
    assert found["finding"] == "review"
    assert clusters.calls_for_action(pd.DataFrame([found])) == [
        "a: cases close together, 2026-01-01 to 2026-01-29"
    ]


def test_the_probability_is_a_bound_of_the_simulated_one():
    """10,000 years of a site with two cases a year, three of them within 28 days."""
    draw = np.random.default_rng(7)
    hits = 0
    for _ in range(10_000):
        days = np.sort(draw.integers(0, 365, draw.poisson(2.0)))
        hits += bool(len(days) >= 3 and (days[2:] - days[:-2] <= 28).any())
    cases = _cases(("a", "1", 0), ("a", "2", 9), ("a", "3", 28))
    [found] = _clusters(cases, a=2.0).to_dict("records")
    assert hits / 10_000 <= found["p"] <= 2 * hits / 10_000


def test_sites_without_a_cluster_count_in_the_correction():
    cases = _cases(("a", "1", 0), ("a", "2", 3))
    alone = _clusters(cases, a=1).iloc[0]
    among = _clusters(cases, a=1, b=1, c=0, d=3).iloc[0]
    assert alone["q_bh"] == alone["p"]
    assert among["q_bh"] == pytest.approx(4 * among["p"])
    assert (alone["finding"], among["finding"]) == ("", "")


def test_a_site_of_which_nothing_is_expected_known_is_to_be_reviewed():
    [found] = _clusters(_cases(("a", "1", 0), ("a", "2", 3)), b=1).to_dict("records")
    assert math.isnan(found["p"])
    assert found["finding"] == "review"


def test_no_case_is_no_cluster():
    assert _clusters(_cases(), a=1).empty
    assert clusters.members(_cases(), PARAMETERS).empty


def test_the_members_of_a_cluster_are_named():
    cases = _cases(
        ("b", "3", 0), ("b", "4", 9), ("a", "1", 0), ("a", "2", 2), ("a", "5", 90)
    )
    found = clusters.members(cases.assign(course_id=range(5)), PARAMETERS)
    assert found["patient_id"].tolist() == ["1", "2", "3", "4"]
    assert found["cluster"].tolist() == [1, 1, 2, 2]
    assert found["course_id"].tolist() == [2, 3, 0, 1]


def test_importing_the_signals_is_quick():
    """`scipy.stats`, `scipy.optimize` and statsmodels are slow to import."""
    said = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from pipeline.statistics import ascertainment, clusters, "
            "signals, sites, trends; print([name for name in ('scipy.stats', "
            "'scipy.optimize', 'statsmodels') if name in sys.modules])",
        ],
        capture_output=True,
        text=True,
        check=True,
        cwd=resources.path("seeds").parent,
    )
    assert said.stdout.strip() == "[]"


def test_a_site_is_expected_to_have_its_networks_rates():
    """(k + 0.5) / (n + 1) of each risk group over all sites, by hand."""
    counts = pd.DataFrame(
        {
            "site_id": ["a", "a", "b", None],
            "risk_group": ["hiv", "unknown", "hiv", "hiv"],
            "n": [10, 4, 20, 9],
            "k": [1, 0, 2, 0],
        }
    )
    found = clusters.at_network_rate(counts, times=2.0).set_index("site_id")
    hiv, unknown = 3.5 / 40, 0.5 / 5
    wanted = {"a": 2 * (10 * hiv + 4 * unknown), "b": 2 * 20 * hiv}
    assert found["expected_cases"].to_dict() == pytest.approx(wanted)
    assert clusters.at_network_rate(counts[:0]).empty


@pytest.mark.parametrize("learnt", [40, 900, math.inf])
@pytest.mark.parametrize(("p0", "n"), [(0.005, 30), (0.06, 12), (0.06, 400)])
def test_a_limit_is_the_first_whose_run_length_is_long_enough(p0, n, learnt):
    """The search looks at few of the shares that may be true; all of them agree."""
    design, months = cusum.Design(p0, 2.0, (n,), (1.0,), learnt), 144.0
    found = cusum.limit_for(design, months)
    states = cusum.STATES if math.isinf(learnt) else 500
    assert cusum.run_length(design, found.value, states) >= months
    shorter = round(found.value - 0.1, 2)
    if shorter >= math.log(2.0):
        assert cusum.run_length(design, shorter, states) < months
