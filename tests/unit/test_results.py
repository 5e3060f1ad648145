"""What a command answers: tables for people, JSON for programs."""

import json
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pandas as pd

from pipeline import results
from pipeline.errors import DataRefused
from pipeline.store import Entry

FLOW = pd.DataFrame(
    {
        "extract": ["prescriptions"] * 4,
        "file": ["a.csv", "a.csv", "b.csv", "b.csv"],
        "term": ["received", "accepted"] * 2,
        "n": [10, 9, 5, 5],
    }
)
RULES = pd.DataFrame({"extract": ["prescriptions"], "rule": ["end_date"], "n": [1]})


def reception(**changed):
    held = {
        "flow": FLOW,
        "quarantine_rules": RULES,
        "inputs": (),
        "absent": ("labs",),
        "notes": ("The column ward is not known.",),
        "refusals": (),
    }
    return SimpleNamespace(**held | changed)


LINES = pd.DataFrame(
    {
        "extract": ["prescriptions"],
        "file": ["a.csv"],
        "rule": ["end_date"],
        "n": [7],
        "first_lines": [[4, 9, 12]],
    }
)


def validation(files=(), first_lines=LINES, **changed):
    return SimpleNamespace(
        reception=reception(**changed), files=files, first_lines=first_lines
    )


FILE = SimpleNamespace(
    label="rx.csv",
    extract="prescriptions",
    n_rows=1200,
    columns=pd.DataFrame(
        [("drug", "code", "drug", "read"), ("patient_id", "id", "pid", "read"),
         ("intent", "code", "", "absent")],
        columns=["column", "kind", "delivered_as", "state"],
    ),
    unknown=("ward_phone",),
    codes=pd.DataFrame(
        [("drug", "aciclovir", "acyclovir", 900), ("drug", "aspirin", "", 280),
         ("drug", "jane doe", "", results.LEAST_SHOWN - 1)],
        columns=["column", "text", "code", "n"],
    ),
)  # fmt: skip


def test_a_validation_says_how_a_file_was_read():
    """A rare text that is not listed may be a misplaced value: it is never shown."""
    text = results.validation_as_text(validation((FILE,)))
    assert "rx.csv: prescriptions, 1,200 rows" in text
    assert "read: drug, patient_id from pid" in text
    assert "not there: intent" in text
    assert "ignored: ward_phone" in text
    assert "'aspirin' (280 rows)" in text
    assert "aciclovir" not in text
    assert "jane doe" not in text
    assert "jane doe" not in results.validation_as_json(validation((FILE,)))


def test_of_a_delivery_that_is_refused_no_text_that_is_not_listed_is_shown():
    """So much of it does not fit that a whole column may stand in another's place."""
    refused = validation((FILE,), refusals=(DataRefused("labs: too many."),))
    text = results.validation_as_text(refused)
    assert "aspirin" not in text + results.validation_as_json(refused)
    assert "not listed: not shown" in text


def test_a_reception_sums_an_extract_over_its_files():
    lines = results.validation_as_text(validation()).splitlines()
    assert lines[0].split() == ["extract", "received", "accepted"]
    assert lines[1].split() == ["prescriptions", "15", "14"]
    assert lines[4].split("  ") == [
        "prescriptions",
        "a.csv",
        "end_date",
        "7",
        "4, 9, 12",
    ]
    assert lines[-1] == "Absent: labs."
    whole = validation(first_lines=LINES.head(0), notes=(), absent=())
    assert len(results.validation_as_text(whole).splitlines()) == 2


def test_a_validation_as_json_keeps_the_files_apart():
    found = json.loads(results.validation_as_json(validation()))
    assert [row["n"] for row in found["flow"]] == [10, 9, 5, 5]
    assert found["absent"] == ["labs"]
    assert found["first_lines"][0]["first_lines"] == [4, 9, 12]


def test_a_validation_as_json_holds_the_refusal():
    refused = DataRefused("labs: 30 of 40 rows break a rule.")
    found = json.loads(results.validation_as_json(validation(refusals=(refused,))))
    assert found["refusals"] == ["labs: 30 of 40 rows break a rule."]


def test_the_history_names_what_is_above():
    verdicts = {"hiv_band": "above", "b": "consistent", "c": "consistent"}
    summary = {"cases": 12, "verdicts": verdicts | {"d": "insufficient_data"}}
    entries = [
        Entry("2026-05-31-aa", date(2026, 5, 31), "damaged", {}),
        Entry(
            "2026-06-30-bb",
            date(2026, 6, 30),
            "current",
            {"engine": "duckdb", "summary": summary},
        ),
    ]
    lines = results.history_as_text(entries).splitlines()
    assert lines[1].split() == ["2026-05-31-aa", "2026-05-31", *"---", "damaged"]
    assert "12     above: hiv_band; 2 consistent; 1 insufficient data" in lines[2]
    found = json.loads(results.history_as_json(entries))
    assert found[1]["verdicts"]["hiv_band"] == "above"
    assert found[0]["engine"] is None
    assert results.history_as_text([]) == "No run was published yet."


def result(**changed):
    rate = {
        "population": "hiv",
        "definition": "case",
        "rule": "headline",
        "unit": "patient",
        "syndrome": "hsv",
        "baseline_id": "hiv_band",
        "window_end": date(2026, 6, 30),
        "k": 7,
        "n": 96,
        "rate": 7 / 96,
        "cp_lo": 0.03,
        "cp_hi": 0.14,
        "verdict": "inconclusive",
        "flags": ["provisional"],
    }
    held = {
        "run_name": "r",
        "folder": None,
        "is_unchanged": False,
        "calls_for_action": (),
        "n_line_list": 1204,
        "notes": (),
        "rates": pd.DataFrame([rate | changed]),
    }
    return SimpleNamespace(**held)


def test_no_alarm_is_not_nothing_to_do():
    """Report 2: courses on the line list are to be acted on without any alarm."""
    text = results.run_as_text(result())
    assert text.splitlines()[-2:] == [
        "No signal by the rules for alarms (statistics b 11).",
        "Courses open on the line list: 1,204.",
    ]
    assert "Nothing calls for action" not in text


def test_without_followups_no_signal_is_no_news():
    text = results.run_as_text(result(flags=["no_followups", "provisional"]))
    assert "No rate could be judged: no follow-up is usable." in text
    assert "No signal" not in text


def test_json_holds_no_value_that_is_not_json():
    result = SimpleNamespace(
        run_name="r",
        folder=Path("runs/r"),
        is_unchanged=True,
        current="r",
        is_current_again=False,
        calls_for_action=(),
        n_line_list=0,
        notes=(),
        rates=pd.DataFrame(
            {
                "n": pd.array([1, None], dtype="Int64"),
                "rate": [float("nan"), 0.5],
                "day": pd.to_datetime(["2026-06-30", None]),
                "flags": [["a"], []],
            }
        ),
    )
    found = json.loads(results.run_as_json(result))["rates"]
    assert found[0] == {
        "n": 1,
        "rate": None,
        "day": "2026-06-30T00:00:00",
        "flags": ["a"],
    }
    assert found[1] == {"n": None, "rate": 0.5, "day": None, "flags": []}
