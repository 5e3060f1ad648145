"""Deliveries with next to nothing in them still end with a complete report.

Not enough data is said, with its reason: never a blank, an error or a missing section
(report).
"""

from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pikepdf
import pytest

from pipeline.errors import DataRefused, InputMissing
from tests.end_to_end.conftest import Published, publish, settings, walk
from tests.end_to_end.deliveries import Delivery, a_bit_of_everything, add_treated

NO_COURSE = "No course can be evaluated"
NO_MONTH = "no month holds an evaluable patient"

SAID_INSTEAD = {
    NO_MONTH: {"q3-monthly-numbers", "q3-confirmed"},
    "no chart can be set": {
        *("q3-alarms", "q3-alarm-courses", "q3-cusum-numbers", "q3-trends"),
    },
    "no funnel plot": {"q4-funnel-numbers"},
    "sites cannot be looked at": {"q4-funnel-numbers", "q4-outside", "q4-by-site"},
    "whichever parameter is varied": {"q6-varied-figure-numbers"},
    "cases close together cannot be": {"q4-cluster-list", "q4-cluster-courses"},
}
"""The tables in whose place the report may give a reason, which begins a sentence there."""


def sections_of_pdf(run: Published) -> list[str]:
    """The headings of the PDF's outline, in their order."""
    with pikepdf.open(run.folder / "restricted/report.pdf") as document:
        return _titles(document.open_outline().root)


def _titles(items) -> list[str]:
    return [title for item in items for title in (item.title, *_titles(item.children))]


def is_complete(run: Published, whole: Published) -> bool:
    """Whether both reports have the sections and tables of a whole network's."""
    page, expected = run.page(), whole.page()
    assert page.headings == expected.headings
    absent = expected.tables.keys() - page.tables.keys()
    assert page.tables.keys() <= expected.tables.keys()
    said = [
        tables for reason, tables in SAID_INSTEAD.items() if reason[1:] in page.text
    ]
    assert absent == set().union(*said)
    blank = [name for name, table in page.tables.items() if not table.rows]
    assert blank == []
    assert sections_of_pdf(run) == sections_of_pdf(whole)
    files = {path.name for path in run.folder.rglob("*") if path.is_file()}
    assert {"report.html", "report.pdf", "line_list.csv", "rates.parquet"} <= files
    return True


def headline(run: Published) -> pd.DataFrame:
    """The headline rates that are set against a published one, rolling window."""
    rates = run.table("rates")
    return rates[
        (rates["definition"] == "case")
        & (rates["rule"] == "headline")
        & (rates["unit"] == "patient")
        & (rates["syndrome"] == "hsv")
        & (rates["baseline_id"] != "")
        & (rates["window_start"] == pd.Timestamp("2025-07-01"))
    ]


@pytest.fixture(scope="module")
def alone(tmp_path_factory) -> Published:
    """The run of prescriptions alone, which the configuration allows."""
    folder = tmp_path_factory.mktemp("alone")
    extracts = a_bit_of_everything().write(folder / "extracts", ["prescriptions"])
    given = settings(varied=True, allow_missing="followups")
    return publish(extracts, folder / "out", settings=given)


def test_prescriptions_alone_are_refused_by_default(tmp_path):
    extracts = a_bit_of_everything().write(tmp_path / "extracts", ["prescriptions"])
    with pytest.raises(InputMissing) as refused:
        walk(extracts, tmp_path / "out")
    assert refused.value.exit_code == 66
    assert "followups" in str(refused.value)
    assert not (tmp_path / "out" / "current").exists()


def test_prescriptions_alone_give_a_complete_report(alone, network_run):
    assert is_complete(alone, network_run)
    page = alone.page()
    assert NO_COURSE in page.text
    assert "Not received: follow-ups" in page.text


def test_prescriptions_alone_let_no_course_be_evaluated(alone):
    """Amber, basil and cedar have a course each, dill prophylaxis; nobody was seen."""
    courses = alone.table("courses")
    assert list(courses["patient_id"]) == ["amber", "basil", "cedar"]
    assert courses["outcome"].isna().all()
    assert set(courses["classification"]) == {"not_evaluable"}
    assert set(courses["reason"]) == {"no_followup"}
    assert not courses["in_rate"].any()
    rates = headline(alone)
    assert len(rates) == 6
    assert (rates["n"] == 0).all()
    assert set(rates["verdict"]) == {"insufficient_data"}
    assert {row[6] for row in alone.page().tables["q1-headline"].rows} == {
        "not enough data"
    }


def test_extracts_without_a_row_are_refused_by_default(tmp_path):
    extracts = Delivery().write(tmp_path / "extracts", ["prescriptions", "followups"])
    with pytest.raises(DataRefused, match="not zero events"):
        walk(extracts, tmp_path / "out")


def test_extracts_without_a_row_give_a_complete_report(tmp_path, network_run):
    run = publish(
        Delivery().write(tmp_path / "extracts"),
        tmp_path / "out",
        settings=settings(varied=True, allow_empty="true"),
    )
    assert is_complete(run, network_run)
    assert run.table("courses").empty
    assert set(headline(run)["verdict"]) == {"insufficient_data"}
    flow = run.table("flow")
    assert (flow["n"] == 0).all()
    assert len(flow) > 0
    # an extract without a usable row tells as little as one that did not come
    assert NO_COURSE in run.page().text


def test_three_patients_at_one_site_without_optional_extracts(tmp_path, network_run):
    """Nobody's immune status is known: two are in no population but all (criteria 5).

    2 g of valacyclovir a day is adequate for either status; 2 of 3 failed.
    """
    delivery = Delivery()
    start = date(2026, 3, 2)
    add_treated(delivery, "one", start, "unchanged", 8)
    add_treated(delivery, "two", start, "progressing", 8)
    add_treated(delivery, "three", start, "healed", 8)
    extracts = delivery.write(tmp_path / "extracts", ["prescriptions", "followups"])
    run = publish(extracts, tmp_path / "out", settings=settings(varied=True))
    assert is_complete(run, network_run)
    assert set(run.table("courses")["risk_group"]) == {"unknown"}
    rates = run.table("rates")
    everybody = rates[
        (rates["population"] == "all")
        & (rates["definition"] == "case")
        & (rates["rule"] == "headline")
        & (rates["syndrome"] == "hsv")
        & (rates["window_start"] == pd.Timestamp("2025-07-01"))
    ]
    assert set(everybody["unit"]) == {"course", "patient", "patient_first"}
    assert (everybody["k"] == 2).all()
    assert (everybody["n"] == 3).all()
    assert (headline(run)["n"] == 0).all()
    # 2 of 3: Clopper-Pearson 9.4 to 99.2 (R, binom.test)
    assert "2 of 3 evaluable patients, 66.7%, 95% CI 9.4–99.2" in run.page().text


def test_a_population_of_one_patient(tmp_path, network_run):
    """Courses of one patient have no interval (statistics a): that is said, not a fault."""
    extracts = a_bit_of_everything().write(tmp_path / "in")
    run = publish(extracts, tmp_path / "out", settings=settings(varied=True))
    assert is_complete(run, network_run)
    units = {row[0]: row for row in run.page().tables["q1-units"].rows}
    # amber alone has HIV, and failed: 1 of 1, Clopper-Pearson 2.5 to 100
    assert units["HIV"][1] == "1/1: 100.0% (2.5–100.0)"
    assert units["HIV"][2] == units["HIV"][1]
    assert "no interval" in units["HIV"][3]


def test_a_network_without_a_case(tmp_path, network_run):
    """40 immunocompetent patients, all healed: no list has a row, and it is said so.

    0 of 40 has a 95% interval up to 1 - 0.025^(1/40) = 8.8%.
    """
    delivery = Delivery()
    for number in range(40):
        patient, start = f"p{number}", date(2026, 1, 5) + timedelta(2 * number)
        add_treated(delivery, patient, start, "healed", 8)
        delivery.condition(patient, "none_documented", date(2020, 1, 1))
    extracts = delivery.write(tmp_path / "in")
    run = publish(extracts, tmp_path / "out", settings=settings(varied=True))
    assert is_complete(run, network_run)
    page = run.page()
    lists = {name: table for name, table in page.tables.items() if name[:3] == "q2-"}
    assert len(lists) == 5
    for name, table in lists.items():
        assert list(table.records()) == [], name
        assert len(table.rows) == 1, name  # the sentence that says so
    assert "0 of 40 evaluable patients, 0.0%, 95% CI 0.0–8.8" in page.text
    assert Path(run.folder / "restricted/line_list.csv").read_text().count("\n") == 1
    assert run.result.calls_for_action == ()
