"""The oracle's clustered episodes through the whole pipeline: patients, first courses, courses."""

from datetime import date, timedelta

import pytest

from tests.end_to_end.conftest import publish
from tests.end_to_end.deliveries import Delivery
from tests.reference.outside_numbers import document, table

EXPECTED = document("clustered_results.json")
UNITS = {"patient": "patient_any", "patient_first": "patient_first"}
FIRST_START = date(2025, 7, 5)
APART = 45
"""Days between the starts of a patient's courses: more than join (criteria 2.6)."""


def clustered(name: str) -> Delivery:
    """Patients with HIV; each episode is a course, and a resistant one fails on day 10."""
    delivery = Delivery()
    for row in table("clustered_episodes.csv"):
        if row["set"] != name:
            continue
        patient, episode = row["patient"], int(row["episode"])
        if episode == 1:
            delivery.condition(patient, "hiv", date(2020, 1, 1))
        start = FIRST_START + timedelta(APART * (episode - 1))
        delivery.prescription(patient, start, 10)
        if row["resistant"] == "1":
            delivery.visit(patient, start + timedelta(10), "unchanged")
        else:
            delivery.visit(patient, start + timedelta(8), "healed")
    return delivery


@pytest.fixture(scope="module", params=EXPECTED)
def found(request, tmp_path_factory):
    """The ceiling of a set by unit, beside what the oracle computed of it."""
    folder = tmp_path_factory.mktemp(request.param)
    extracts = clustered(request.param).write(folder / "extracts")
    rates = publish(extracts, folder / "out").table("rates")
    asked = {"population": "hiv", "definition": "case", "rule": "headline"}
    asked |= {"syndrome": "hsv", "baseline_id": "hiv_band"}
    for column, value in asked.items():
        rates = rates[rates[column] == value]
    rolling = rates[rates["window_end"] == rates["window_end"].max()]
    return rolling.set_index("unit"), EXPECTED[request.param]


@pytest.mark.parametrize("unit", UNITS)
def test_patients_are_counted_by_any_case_and_by_their_first_course(found, unit):
    rate, expected = found[0].loc[unit], found[1][UNITS[unit]]
    assert (rate["k"], rate["n"]) == (expected["k"], expected["n"])
    assert [rate["cp_lo"], rate["cp_hi"]] == pytest.approx(expected["cp"], abs=1e-9)


def test_courses_are_counted_with_their_clusters(found):
    rate, expected = found[0].loc["course"], found[1]
    assert (rate["k"], rate["n"]) == (expected["k_episodes"], expected["n_episodes"])
    limits = [rate["cp_lo"], rate["cp_hi"]]
    assert limits == pytest.approx(expected["kg_truncated"], abs=1e-9)


def test_a_first_course_in_no_rate_is_passed_over(tmp_path):
    """Evaluable is what counts: the first course has no visit, the second one fails."""
    delivery = Delivery()
    for start in (FIRST_START, FIRST_START + timedelta(APART)):
        delivery.prescription("p", start, 10)
    delivery.condition("p", "hiv", date(2020, 1, 1))
    delivery.visit("p", FIRST_START + timedelta(APART + 10), "unchanged")
    extracts = delivery.write(tmp_path / "extracts")
    rates = publish(extracts, tmp_path / "out").table("rates")
    first = rates[
        (rates["unit"] == "patient_first")
        & (rates["population"] == "all")
        & (rates["definition"] == "case")
        & (rates["window_end"] == rates["window_end"].max())
        & (rates["syndrome"] == "hsv")
    ]
    assert set(first["rule"]) == {"headline", "strict"}
    assert first[["k", "n"]].to_numpy().tolist() == [[1, 1], [1, 1]]
