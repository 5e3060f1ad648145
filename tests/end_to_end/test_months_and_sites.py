"""Charts, sites and the adjusted rate are those that the published courses give.

Counted anew from courses.parquet with pandas, a patient at a time, and set beside the
published tables of the simulated network.
"""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy.stats import betabinom, binom

from pipeline import resources
from pipeline.statistics import clusters, rates, signals
from tests.end_to_end.conftest import Published

RANKS = ["confirmed", "suspected", "refuted", "responded"]
DOSINGS = ["adequate", "unknown", "inadequate"]
FIRST, LAST = date(2025, 7, 1), date(2026, 6, 30)
FLAGS = {
    "all": None,
    "hiv": "is_hiv",
    "immunocompetent": "is_immunocompetent",
    "immunocompromised": "is_immunocompromised",
}
EXPECTED_OF = {
    "hsct_allogeneic": 0.3,
    "aids_prolonged": 0.1,
    "hiv": 0.07,
    "solid_organ_transplant": 0.07,
    "other_immunocompromised": 0.07,
    "immunocompetent": 0.005,
}
"""Nominal rates, `criteria.md` section 7, of the risk groups of `statistics.md` h."""


@pytest.fixture(scope="module")
def courses(network_run) -> pd.DataFrame:
    return network_run.table("courses")


def standing(courses: pd.DataFrame, definition: str, population: str) -> pd.DataFrame:
    """The course that stands for each evaluable patient of the window (criteria 6)."""
    is_mature = courses["is_mature" if definition == "case" else "is_lab_mature"]
    start = pd.to_datetime(courses["start_date"]).dt.date
    chosen = courses[
        is_mature
        & courses["in_rate"]
        & (courses["syndrome"] != "zoster")
        & (start >= FIRST)
        & (start <= LAST)
    ]
    if FLAGS[population]:
        chosen = chosen[chosen[FLAGS[population]]]
    ranked = chosen.assign(
        rank=chosen["classification"].map(RANKS.index),
        dose=chosen["dosing"].map(DOSINGS.index),
    ).sort_values(["patient_id", "rank", "start_date", "dose"])
    first = ranked.drop_duplicates("patient_id")
    cases = ["confirmed"] if definition == "confirmed" else RANKS[:2]
    return first.assign(is_case=first["classification"].isin(cases))


@pytest.mark.parametrize("definition", ["case", "confirmed"])
@pytest.mark.parametrize("population", FLAGS)
def test_each_site_has_the_patients_whose_course_it_saw(
    population, definition, courses, network_run
):
    sites = network_run.table("sites")
    found = sites[
        (sites["measure"] == "funnel")
        & (sites["population"] == population)
        & (sites["definition"] == definition)
        & (sites["target"] == "network")
    ].set_index("site_id")
    plain = standing(courses, definition, population).groupby("site_id")["is_case"]
    assert found["n"].to_dict() == plain.size().to_dict()
    assert found["k"].to_dict() == plain.sum().to_dict()
    assert len(found) > 1


def test_a_site_is_marked_by_its_exact_tail(network_run):
    sites = network_run.table("sites")
    found = sites[(sites["measure"] == "funnel") & sites["theta"].between(1e-9, 0.999)]
    is_plain = ~found["is_overdispersed"].astype(bool)
    plain = found[is_plain]
    tail = binom.sf(plain["k"].astype(int) - 1, plain["n"], plain["theta"])
    assert np.allclose(plain["p_high"], tail, atol=1e-12)
    wide = found[~is_plain]
    a = wide["theta"] * (1 - wide["rho"]) / wide["rho"]
    b = (1 - wide["theta"]) * (1 - wide["rho"]) / wide["rho"]
    tail = betabinom.sf(wide["k"].astype(int) - 1, wide["n"], a, b)
    assert np.allclose(wide["p_high"], tail, atol=1e-8)


@pytest.mark.parametrize("definition", ["case", "confirmed"])
def test_what_is_expected_is_that_of_the_risk_groups(definition, courses, network_run):
    sites = network_run.table("sites")
    found = sites[
        (sites["measure"] == "observed_expected") & (sites["definition"] == definition)
    ].set_index("site_id")
    counted = standing(courses, definition, "all")
    counted = counted.assign(expected=counted["risk_group"].map(EXPECTED_OF))
    known = counted[counted["expected"].notna()]
    assert found.at["", "expected"] == pytest.approx(known["expected"].sum())
    assert found.at["", "observed"] == known["is_case"].sum()
    assert found.at["", "n_without"] == len(counted) - len(known)
    by_site = known.groupby("site_id")
    assert found["expected"].drop("").to_dict() == pytest.approx(
        by_site["expected"].sum().to_dict()
    )
    assert found["observed"].drop("").to_dict() == by_site["is_case"].sum().to_dict()


@pytest.mark.parametrize("population", FLAGS)
def test_the_adjusted_rate_is_made_of_the_tested_failures(
    population, courses, network_run
):
    """`statistics.md` g: the mean is the product of the two means."""
    published = network_run.table("rates")
    found = published[
        (published["definition"] == "ppv_adjusted")
        & (published["rule"] == "headline")
        & (published["population"] == population)
        & (published["window_start"] == pd.Timestamp(FIRST))
    ].iloc[0]
    counted = standing(courses, "confirmed", population)
    confirmed = int((counted["classification"] == "confirmed").sum())
    suspected = int((counted["classification"] == "suspected").sum())
    refuted = int((counted["reason"] == "susceptible_isolate").sum())
    failures, tested = confirmed + suspected + refuted, confirmed + refuted
    assert (found["n"], found["k"]) == (len(counted), failures)
    assert found["n_tested"] == tested
    if tested:
        share = (confirmed + 0.5) / (tested + 1)
        mean = (failures + 0.5) / (len(counted) + 1) * share
        assert found["rate"] == pytest.approx(mean)
        assert found["cp_lo"] < mean < found["cp_hi"]
    else:
        assert pd.isna(found["rate"])


def test_a_chart_holds_every_month_from_the_first_patient_on(courses, network_run):
    table = network_run.table("signals")
    found = table[
        (table["signal"] == "month")
        & (table["population"] == "all")
        & (table["definition"] == "case")
    ]
    months = pd.to_datetime(found["month"])
    wanted = pd.date_range("2023-07-01", months.max(), freq="MS")
    assert months.tolist() == wanted.tolist()
    # the first 24 mature months are the history (statistics d)
    assert (found["state"] == "history").sum() == 24
    assert found["state"].iloc[:24].eq("history").all()


def test_the_courses_behind_an_alarm_are_the_cases_of_its_months(network_run, courses):
    table = network_run.table("signals")
    is_month = table["signal"] == "month"
    raised = table[is_month & table["is_alarm"].fillna(False).astype(bool)]
    raised = raised[pd.to_datetime(raised["month"]) >= pd.Timestamp(FIRST)]
    assert len(raised), "half of the compromised carry resistant virus"
    shown = {
        (row["Patient"], row["Start"])
        for row in network_run.page().tables["q3-alarm-courses"].records()
    }
    start = pd.to_datetime(courses["start_date"])
    for row in raised[raised["population"] == "immunocompromised"].itertuples():
        is_case = courses["in_rate"] & (courses["classification"] == "confirmed")
        is_case &= courses["is_lab_mature"]
        if row.definition == "case":
            is_case = courses["in_rate"] & courses["is_mature"]
            is_case &= courses["classification"].isin(RANKS[:2])
        last = row.month + pd.offsets.MonthEnd(0)
        behind = courses[
            is_case
            & courses["is_immunocompromised"]
            & (courses["syndrome"] != "zoster")
            & start.between(row.excursion_start, last)
        ]
        wanted = set(
            zip(
                behind["patient_id"],
                pd.to_datetime(behind["start_date"]).dt.strftime("%Y-%m-%d"),
                strict=True,
            )
        )
        assert wanted
        assert wanted <= shown


def test_what_calls_for_action_is_joined_in_the_manifest(network_run: Published):
    """`statistics.md` b 11: rates, charts and clusters."""
    table = network_run.table("signals")
    months = table[table["signal"] == "month"].copy()
    months[["is_alarm", "is_jump"]] = months[["is_alarm", "is_jump"]].astype(bool)
    months["baseline_id"] = months["baseline_id"].fillna("")
    called = network_run.manifest()["summary"]["calls_for_action"]
    wanted = [
        *rates.calls_for_action(network_run.table("rates")),
        *signals.calls_for_action(months, FIRST),
        *clusters.calls_for_action(table[table["signal"] == "cluster"]),
    ]
    assert called == wanted
    assert any("CUSUM over its limit" in call for call in called)
    assert list(network_run.result.calls_for_action) == wanted


def test_the_risk_groups_of_the_test_are_those_of_the_seed():
    path = resources.path("seeds", "risk_groups.csv")
    seed = pd.read_csv(path)["risk_group"]
    assert set(seed) == {*EXPECTED_OF, "unknown"}
