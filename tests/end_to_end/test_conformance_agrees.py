"""The indicators of the report are those of indicators.parquet, one row a subject."""

from datetime import date

import pandas as pd
import pytest

from pipeline import seeds
from tests.end_to_end.deliveries import read_csv
from tests.end_to_end.pages import Page

ROLLING = date(2025, 7, 1)
LABELS = dict(seeds.read("indicators")[["label", "indicator"]].to_numpy().tolist())
COUNTED = {"Met": "met", "Missed": "missed", "Open": "open"}


@pytest.fixture(scope="module")
def page(network_run) -> Page:
    return network_run.page()


@pytest.fixture(scope="module")
def indicators(network_run) -> pd.DataFrame:
    return network_run.table("indicators")


def test_the_counts_are_those_of_the_rows(page, indicators):
    recent = indicators[indicators["start_date"].dt.date >= ROLLING]
    rows = list(page.tables["q5-indicators"].records())
    assert [LABELS[row["Indicator"]] for row in rows] == list(LABELS.values())
    for row in rows:
        mine = recent[recent["indicator"] == LABELS[row["Indicator"]]]
        assert int(row["Denominator"].replace(",", "")) == len(mine)
        for head, state in COUNTED.items():
            counted = (mine["state"] == state).sum()
            assert int(row[head].replace(",", "")) == counted, row


def test_the_missed_are_listed_by_subject(page, indicators):
    recent = indicators[indicators["start_date"].dt.date >= ROLLING]
    missed = recent[recent["state"] == "missed"]
    by_name = {name: label for label, name in LABELS.items()}
    known = {
        (row.patient_id, f"{row.start_date:%Y-%m-%d}", by_name[row.indicator])
        for row in missed.itertuples()
    }
    rows = list(page.tables["q5-missed-list"].records())
    shown = [
        (row["Patient"], row["Start"], name)
        for row in rows
        for name in row["Missed"].split("; ")
    ]
    assert len(rows) > 20 and set(shown) <= known
    if len(rows) < 300:
        assert len(shown) == len(missed)


def test_the_line_list_says_what_is_missed_and_open(network_run, indicators):
    known = indicators.set_index(["patient_id", "start_date", "dosing"]).sort_index()
    lines = read_csv(network_run.folder / "restricted/line_list.csv")
    said = 0
    for line in lines:
        key = line["patient_id"], pd.Timestamp(line["start_date"]), line["dosing"]
        mine = known.loc[[key]]
        for state in ("missed", "open"):
            expected = mine.loc[mine["state"] == state, "indicator"].tolist()
            assert line[f"{state}_indicators"].split() == expected
            said += len(expected)
    assert said


def test_every_case_is_asked_about(indicators, network_run):
    courses = network_run.table("courses")
    cases = courses[courses["classification"].isin(["suspected", "confirmed"])]
    for name in ("culture_and_susceptibility", "id_consult"):
        assert (indicators["indicator"] == name).sum() == len(cases)
