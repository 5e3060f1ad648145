"""Quarantined rows as they were delivered, with file, line and every rule.

Source: extracts.md, "Rows that do not fit"; reliability.md (cells, modes).
"""

import csv
import json
import stat

import duckdb
import pandas as pd
import pytest

from pipeline.extracts.profiles import make_profile
from pipeline.extracts.quarantine import write_quarantine
from tests.spec.extracts.receiving import as_csv, table


def written(delivery, tmp_path, **parameters):
    """The rows of each quarantine file."""
    folder = tmp_path / "quarantine"
    folder.mkdir(exist_ok=True)
    with delivery.received(**parameters) as received:
        paths = write_quarantine(received.engine, received.reception, folder)
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in paths)
    found = {}
    for path in paths:
        with path.open(newline="", encoding="utf-8") as file:
            found[path.name] = list(csv.DictReader(file))
    return found


def test_a_row_is_written_as_delivered_with_what_it_broke(delivery, tmp_path):
    rows = [
        {},
        {"prescription_id": "RX2", "dose": "1-2", "route": "", "site_id": "a,b"},
    ]
    text = as_csv(table("prescriptions", *rows))
    delivery.write("prescriptions.csv", text)
    assert written(delivery, tmp_path) == {
        "prescriptions.csv": [
            {
                "file": "prescriptions.csv",
                "line": "3",
                "rules": "route:missing;dose:not_a_number",
                "values": "route=; dose=1-2",
                "delivered": text.splitlines()[2],
            }
        ]
    }


IDENTIFYING = [
    "patient_name",
    "Patient Name",
    "SURNAME",
    "phone",
    "Home-Address",
    "e_mail",
    "NHS number",
    "pt_ssn",
    "MRN",
]


@pytest.mark.parametrize("header", IDENTIFYING)
@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_direct_identifier_is_copied_nowhere(delivery, tmp_path, header, form):
    """BI068, BI067: extracts.md ignores an unknown column and names it; no more."""
    secret = 'CANARY, "the person"'
    rows = [{"lab_id": "L1", header: secret}, {"lab_id": "L2", "value": "x"}]
    rows[1] |= {header: secret, "unit": "a|b"}
    made = table("labs", *rows)
    if form == "csv":
        delivery.write("labs.csv", as_csv(made, delimiter=";"))
    else:
        with duckdb.connect() as connection:
            connection.register("made", pd.DataFrame(made))
            connection.execute(
                f"copy (from made) to '{delivery.folder}/labs.parquet' (format parquet)"
            )
    [[row]] = written(delivery, tmp_path).values()
    assert "CANARY" not in "".join(row.values())
    shown = [cell for name, cell in made[1].items() if name != header]
    if form == "csv":
        [cells] = csv.reader([row["delivered"]], delimiter=";")
        assert cells == [*shown[:-1], *shown[-1:], "(withheld)"]
    else:
        assert json.loads(row["delivered"])[header] == "(withheld)"
        assert [*json.loads(row["delivered"]).values()][:-1] == shown
    with delivery.received() as received:
        assert received.has_note(f"labs.{form}", "should not be delivered")
        for table_name in ("accepted_labs", "set_aside_labs"):
            [(n,)] = received.engine.rows(
                f"select count(*) from {table_name} as kept "
                "where contains(cast(kept as varchar), 'CANARY')"
            )
            assert n == 0


def test_a_record_number_that_is_the_patients_reference_is_read(delivery, tmp_path):
    made = as_csv(table("labs", {}, {"lab_id": "L2", "value": "x"}))
    delivery.write("labs.csv", made.replace("patient_id", "MRN"))
    columns = {"columns": {"patient_id": "MRN"}}
    profile = make_profile({"extracts": {"labs": columns}})
    [[row]] = written(delivery, tmp_path, profile=profile).values()
    assert row["delivered"] == made.splitlines()[2]
    with delivery.received(profile=profile) as received:
        assert received.accepted("labs", "patient_id") == [("P1",)]
        assert not received.has_note("should not be delivered")


@pytest.mark.parametrize("header", ["drug_name", "ward", "site_name", "order_no"])
def test_another_column_that_is_not_read_stays_in_the_row(delivery, tmp_path, header):
    made = as_csv(table("labs", {"value": "x", header: "a note"}))
    delivery.write("labs.csv", made)
    [[row]] = written(delivery, tmp_path).values()
    assert row["delivered"] == made.splitlines()[1]


def test_no_quarantined_row_means_no_file(delivery, tmp_path):
    assert written(delivery, tmp_path) == {}


def test_rows_stand_by_file_and_line_whatever_was_left_out_before_them(
    delivery, tmp_path
):
    bad = as_csv(table("labs", {"lab_id": "1", "value": "x"}, {"lab_id": "2"}))
    header, first, second = bad.splitlines()
    second = second.replace("hsv_culture", "")
    delivery.write("labs_b.csv", "\n".join([header, "", first, "", "", second]) + "\n")
    delivery.write(
        "labs_a.csv", "\r".join([header, first.replace("1,", "3,", 1)]) + "\r"
    )
    [rows] = written(delivery, tmp_path).values()
    assert [(row["file"], row["line"], row["rules"]) for row in rows] == [
        ("labs_a.csv", "2", "value:not_a_number"),
        ("labs_b.csv", "3", "value:not_a_number"),
        ("labs_b.csv", "6", "test:missing"),
    ]
    assert rows[2]["delivered"] == second


def test_a_cell_that_a_spreadsheet_would_compute_is_defused(delivery, tmp_path):
    rows = [{"patient_id": f"{start}cmd|' /C calc'!A0"} for start in "=+-@"]
    for number, row in enumerate(rows):
        row |= {"lab_id": f"={number}", "value": "x"}
    delivery.write("labs.csv", as_csv(table("labs", *rows)))
    [found] = written(delivery, tmp_path).values()
    assert [row["delivered"][:3] for row in found] == ["'=0", "'=1", "'=2", "'=3"]


def test_a_conflict_names_the_id(delivery, tmp_path):
    delivery.write("labs.csv", as_csv(table("labs", {}, {"result": "negative"})))
    [rows] = written(delivery, tmp_path).values()
    assert {(row["rules"], row["values"]) for row in rows} == {
        ("conflicting_id", "lab_id=L1")
    }


def test_a_row_of_parquet_is_shown_as_json(delivery, tmp_path):
    with duckdb.connect() as connection:
        connection.execute(
            f"""copy (
                select 'L' || i as lab_id, 'P1' as patient_id,
                    date '2026-01-12' as collected_date, 'cd4' as test,
                    case i when 1 then 'nan'::double else 5 end as value, 'x' as more
                from range(3) as t(i)
            ) to '{delivery.folder}/labs.parquet' (format parquet)"""
        )
    [[row]] = written(delivery, tmp_path).values()
    assert (row["line"], row["rules"], row["values"]) == (
        "2",
        "value:not_a_number",
        "value=nan",
    )
    assert json.loads(row["delivered"]) == {
        "lab_id": "L1",
        "patient_id": "P1",
        "collected_date": "2026-01-12",
        "test": "cd4",
        "value": "nan",
        "more": "x",
    }
