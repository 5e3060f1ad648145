"""Real prescriptions through a profile, as they are published: MIMIC-IV demo 2.2.

The data are not ours to copy (ODbL), so they are read where they lie; what is expected
of each row is worked out here from the file with Python's own csv. The totals are those
of the note beside the data.
"""

import csv
import gzip
from collections import Counter
from datetime import date
from decimal import Decimal

import pandas as pd
import pytest

from pipeline import code_words
from pipeline.engines.duck import Duck
from pipeline.extracts.profiles import read_profile
from pipeline.extracts.reception import receive
from tests.spec.extracts.receiving import PARAMETERS, Received

AS_OF = date(2220, 1, 1)
ROUTES = {"PO": "oral", "PO/NG": "oral", "IV": "iv"}


@pytest.fixture(scope="module")
def folder(root):
    path = root.parent / "shared" / "realdata" / "mimic_iv_demo_v2.2"
    if not (path / "prescriptions.csv.gz").is_file():
        pytest.skip(
            "the MIMIC-IV demo is not beside this checkout (../shared/realdata)"
        )
    return path


@pytest.fixture(scope="module")
def raw(folder):
    """The published rows with their lines: csv reads no quoted line break in them."""
    with gzip.open(folder / "prescriptions.csv.gz", "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return dict(enumerate(rows, start=2))


@pytest.fixture(scope="module")
def received(folder, root, tmp_path_factory):
    def seed(name: str) -> pd.DataFrame:
        path = root / "seeds" / f"{name}.csv"
        return pd.read_csv(path, dtype=str, keep_default_na=False)

    scratch = tmp_path_factory.mktemp("scratch")
    with Duck(scratch / "work.db", folders=[folder, scratch], threads=2) as engine:
        engine.store_as_numbers(code_words.COLUMNS, code_words.words())
        reception = receive(
            engine,
            folder,
            as_of=AS_OF,
            parameters={**PARAMETERS, "allow_missing": ["followups"]},
            synonyms=seed("synonyms"),
            drugs=seed("drugs"),
            profile=read_profile(
                root / "data_samples" / "profiles" / "mimic_iv_demo.toml"
            ),
            scratch=scratch,
        )
        yield Received(engine, reception)


def test_only_the_file_that_the_profile_names_is_delivered(received):
    """The folder's patients.csv.gz has other columns, and is not ours."""
    [file] = received.reception.inputs
    assert (file.label, file.extract) == ("prescriptions.csv.gz", "prescriptions")
    assert received.reception.absent == (
        "followups",
        "immune_status",
        "labs",
        "clinical_events",
        "patients",
    )


def test_every_row_has_a_disposition(received, raw):
    """37 rows of acyclovir among 18,087; one of them ends before it starts."""
    assert len(raw) == 18_087
    assert received.terms("prescriptions") == {
        "received": 18_087,
        "out_of_scope": 18_050,
        "accepted": 36,
        "quarantined": 1,
    }
    rules = received.reception.quarantine_rules
    assert rules.values.tolist() == [["prescriptions", "end_date:before_start_date", 1]]


def test_what_is_out_of_scope_is_every_other_drug(received, raw):
    outside = {
        line
        for _, line, disposition, _ in received.rows("prescriptions")
        if disposition == "out_of_scope"
    }
    drugs = {
        row["drug"].strip().lower() for line, row in raw.items() if line in outside
    }
    inside = {row["drug"] for line, row in raw.items() if line not in outside}
    assert inside == {"Acyclovir"}
    assert "acyclovir" not in drugs


def test_the_id_made_of_two_columns_is_unique(raw):
    ids = Counter((row["pharmacy_id"], row["drug"]) for row in raw.values())
    assert max(ids.values()) == 1


def test_the_acyclovir_rows_one_by_one(received, raw):
    """Route, dose, unit, doses a day, first and last day, disposition of all 37."""
    found = {
        line: (disposition, rules)
        for _, line, disposition, rules in received.rows("prescriptions")
        if disposition != "out_of_scope"
    }
    columns = (
        "line, prescription_id, patient_id, drug, route, dose, dose_unit, "
        "doses_per_day, start_date, end_date"
    )
    accepted = {row[0]: row[1:] for row in received.accepted("prescriptions", columns)}
    mine = {line: row for line, row in raw.items() if row["drug"] == "Acyclovir"}
    assert len(mine) == 37
    for line, row in mine.items():
        start, stop = row["starttime"][:10], row["stoptime"][:10]
        if stop < start:
            assert row["pharmacy_id"] == "81083318"
            assert found[line] == ("quarantined", "end_date:before_start_date")
            assert line not in accepted
            continue
        assert found[line] == ("accepted", "")
        assert accepted[line] == (
            f"{row['pharmacy_id']}-Acyclovir",
            row["subject_id"],
            "acyclovir",
            ROUTES[row["route"]],
            Decimal(row["dose_val_rx"]),
            row["dose_unit_rx"],
            Decimal(row["doses_per_24_hrs"]),
            date.fromisoformat(start),
            date.fromisoformat(stop),
        )
    assert found.keys() == mine.keys()


def test_routes_and_doses_are_those_of_the_note(received):
    """34 oral prescriptions of 400 mg, 3 intravenous; the quarantined one is oral."""
    found = received.accepted("prescriptions", "route, dose, dose_unit")
    assert Counter(route for route, _, _ in found) == {"oral": 33, "iv": 3}
    assert {dose for route, dose, _ in found if route == "oral"} == {Decimal(400)}
    assert {unit for _, _, unit in found} == {"mg"}


def test_a_stop_earlier_on_the_day_of_the_start_is_one_day(received, raw):
    """2148-08-18, 14:00 to 13:00: of the two such rows the one that is kept."""
    [line] = [n for n, row in raw.items() if row["pharmacy_id"] == "12276893"]
    found = received.accepted("prescriptions", "line, start_date, end_date")
    days = {row[0]: row[1:] for row in found}
    assert days[line] == (date(2148, 8, 18), date(2148, 8, 18))


def test_dropped_times_and_unread_columns_are_noted(received):
    assert received.has_note("start_date", "37", "dropped")
    assert received.has_note("not read", "ndc")
