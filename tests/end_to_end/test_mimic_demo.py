"""Real rows: the prescriptions of the MIMIC-IV demo, as PhysioNet publishes them.

The 37 acyclovir rows were judged by hand from the raw rows and criteria 2 to 5; what is
expected below is that reading, not a run's output. Nothing is known of the patients but
their prescriptions: no visit, so no syndrome and no outcome; no immune status; no weight;
no birth year, so they are taken for adults. Dates are shifted, to 2100 and later.

Dosing (criteria 2.5) where neither syndrome nor immune status is known: every minimum of
oral acyclovir counts (1,000 mg, 2,000 mg and, for zoster, 4,000 mg a day). 400 mg three
times a day reaches one of them: unknown. 400 mg twice a day reaches none: inadequate.
Intravenous doses in mg without a weight are unknown.
"""

import csv
import gzip
import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from pipeline import resources
from pipeline.review import explain
from tests.end_to_end.conftest import Published, publish, settings
from tests.end_to_end.deliveries import read_csv, write_csv

ROOT = resources.path("seeds").parent
DEMO = ROOT.parent / "shared/realdata/mimic_iv_demo_v2.2/prescriptions.csv.gz"
PROFILE = ROOT / "data_samples/profiles/mimic_iv_demo.toml"
AS_OF = date(2220, 1, 1)

N_ROWS = 18_087
N_ACYCLOVIR = 37
STOPS_BEFORE_IT_STARTS = "81083318"
"""Started 2112-12-08, stopped 2112-12-05. Row 12276893 stops an hour before it starts,
on the same day: as days it is one day, and accepted."""

PROPHYLAXIS = {
    # 2112-09-20 to 10-28, gaps of 2, 1 and 5 days: a run of 39 days, more than 28
    "10035631": ("49843323", "70900390", "78241710", "550253"),
}
"""The rows that are prophylaxis: the only run without a visit that is long enough. The
next longest are of 27 days (2115-11-12 to 12-08) and 25 (2148-08-15 to 09-08)."""

UNKNOWN, INADEQUATE = "unknown", "inadequate"
REPEATED, ONCE = True, False

COURSES = {
    # patient: start, end, days, dosing, is_repeated, the rows of it
    "10014078": (
        ("2166-08-22", "2166-08-25", 4, UNKNOWN, ONCE, ("63058829",)),  # iv, no weight
    ),
    "10014354": (
        ("2147-11-26", "2147-11-30", 5, UNKNOWN, ONCE, ("40686640",)),
        ("2148-05-11", "2148-05-20", 10, UNKNOWN, ONCE, ("59320688",)),
        # the third since 2147-11-26, less than 365 days ago
        ("2148-06-24", "2148-06-28", 5, UNKNOWN, REPEATED, ("68620747",)),
        ("2148-07-08", "2148-07-13", 6, UNKNOWN, REPEATED, ("69824669",)),
        ("2148-07-18", "2148-07-20", 3, UNKNOWN, REPEATED, ("11399600",)),
        # 08-16, then 08-18 and 08-22: gaps of 1 and 2 days join
        (
            *("2148-08-15", "2148-09-08", 25, UNKNOWN, REPEATED),
            ("93130144", "99748507", "98075385"),
        ),
        # twice a day: another dosing, so a course of its own; no adequate one absorbs it
        ("2148-08-18", "2148-08-18", 1, INADEQUATE, REPEATED, ("12276893",)),
        ("2149-09-18", "2149-09-18", 1, UNKNOWN, ONCE, ("22820989",)),
        ("2150-02-05", "2150-02-08", 4, UNKNOWN, ONCE, ("94101629",)),
        ("2150-04-10", "2150-04-15", 6, UNKNOWN, REPEATED, ("15197063",)),
        (
            *("2150-04-30", "2150-05-10", 11, UNKNOWN, REPEATED),
            ("99490117", "8889198", "99643087", "69978431"),
        ),
    ),
    "10019003": (
        # 5 days between them: one run, but two courses
        ("2153-04-03", "2153-04-07", 5, UNKNOWN, ONCE, ("71393999",)),
        ("2153-04-13", "2153-04-14", 2, UNKNOWN, ONCE, ("46548397",)),
        ("2155-07-17", "2155-07-18", 2, INADEQUATE, ONCE, ("50307448",)),
        # coded as herpes simplex in the demo; 400 mg twice a day all the same
        ("2155-10-17", "2155-11-03", 18, INADEQUATE, ONCE, ("39612024",)),
    ),
    "10035631": (
        ("2112-11-10", "2112-11-20", 11, UNKNOWN, ONCE, ("9040919",)),
        ("2112-12-05", "2112-12-27", 23, UNKNOWN, ONCE, ("51225091",)),
        ("2113-07-18", "2113-07-18", 1, UNKNOWN, REPEATED, ("5847994",)),
        ("2113-08-26", "2113-08-29", 4, UNKNOWN, REPEATED, ("85454060",)),
        ("2115-11-12", "2115-12-08", 27, UNKNOWN, ONCE, ("55069282", "84631886")),
        ("2116-02-13", "2116-02-15", 3, UNKNOWN, ONCE, ("73266389",)),
        # by mouth, then intravenous in mg without a weight: both unknown
        (
            *("2116-02-28", "2116-03-02", 4, UNKNOWN, REPEATED),
            ("46377817", "6006901", "84141755"),
        ),
        ("2116-03-05", "2116-03-09", 5, INADEQUATE, REPEATED, ("36150282",)),
    ),
}

INTRAVENOUS = {"63058829", "6006901", "84141755"}
"""Given by staff: adherence counts as 1 where none is known (criteria 2.9)."""


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> Published:
    """The published run of the demo's prescriptions, which is all that is delivered."""
    if not DEMO.is_file():
        pytest.skip(
            "the MIMIC-IV demo (shared/realdata/mimic_iv_demo_v2.2) is not beside this "
            "checkout; its licence keeps it out of the repository"
        )
    folder = tmp_path_factory.mktemp("mimic")
    extracts = folder / "extracts"
    extracts.mkdir()
    (extracts / DEMO.name).write_bytes(DEMO.read_bytes())
    return publish(
        extracts,
        folder / "out",
        as_of=AS_OF,
        settings=settings(allow_missing="followups"),
        profile=PROFILE,
    )


def test_the_reading_by_hand_holds_every_acyclovir_row(demo):
    with gzip.open(DEMO, "rt", encoding="utf-8", newline="") as file:
        raw = [
            (row["subject_id"], row["pharmacy_id"])
            for row in csv.DictReader(file)
            if "cyclovir" in row["drug"].lower()
        ]
    assert len(raw) == N_ACYCLOVIR
    read = [("10035631", STOPS_BEFORE_IT_STARTS)]
    read += [(one, row) for one, rows in PROPHYLAXIS.items() for row in rows]
    read += [
        (patient, row)
        for patient, courses in COURSES.items()
        for course in courses
        for row in course[-1]
    ]
    assert sorted(read) == sorted(raw)


def test_every_row_has_its_disposition(demo):
    flow = demo.table("flow")
    terms = flow[flow["extract"] == "prescriptions"].set_index("term")["n"].to_dict()
    assert terms == {
        "received": N_ROWS,
        "accepted": N_ACYCLOVIR - 1,
        "out_of_scope": N_ROWS - N_ACYCLOVIR,
        "quarantined": 1,
        "deferred": 0,
        "duplicate": 0,
        "superseded": 0,
    }


def test_the_row_that_stops_before_it_starts_is_quarantined(demo):
    [row] = read_csv(demo.folder / "restricted/quarantine/prescriptions.csv")
    assert STOPS_BEFORE_IT_STARTS in row["delivered"]
    assert row["rules"].startswith("end_date")
    assert "2112-12-08" in row["values"]
    assert "2112-12-05" in row["values"]


def test_every_course_is_the_one_read_by_hand(demo):
    found = [
        (
            row["patient_id"],
            f"{row['start_date']:%Y-%m-%d}",
            f"{row['end_date']:%Y-%m-%d}",
            row["length_days"],
            row["dosing"],
            row["is_repeated"],
            row["n_prescriptions"],
        )
        for row in demo.table("courses").to_dict("records")
    ]
    assert found == [
        (patient, *course[:-1], len(course[-1]))
        for patient, courses in COURSES.items()
        for course in courses
    ]


def test_every_course_rests_on_the_rows_read_by_hand(demo):
    """What `acvwatch explain` cites of each course: its prescriptions, by file and line."""
    row_at = _pharmacy_ids_by_line()
    for patient, courses in COURSES.items():
        _, *dossiers = explain(demo.folder, patient, None).split("Course of patient ")
        assert len(dossiers) == len(courses)
        for dossier, (start, end, *_, rows) in zip(dossiers, courses, strict=True):
            assert dossier.startswith(f"{patient}, {start} to {end},")
            cited = re.findall(r"\[prescriptions\.csv\.gz, line (\d+)\]", dossier)
            assert {row_at[int(line)] for line in cited} == set(rows), (patient, start)


def _pharmacy_ids_by_line() -> dict[int, str]:
    with gzip.open(DEMO, "rt", encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        return {line: row["pharmacy_id"] for line, row in enumerate(rows, start=2)}


def test_nothing_is_known_of_outcome_syndrome_or_immune_status(demo):
    courses = demo.table("courses")
    assert set(courses["drugs"]) == {"acyclovir"}
    assert set(courses["syndrome"]) == {"unknown"}
    assert set(courses["risk_group"]) == {"unknown"}
    empty = ("outcome", "strict_outcome", "deciding_day", "failure_kind", "watch")
    for column in (*empty, "site_id"):
        assert courses[column].isna().all(), column
    flags = [name for name in courses if name.startswith("is_")]
    for flag in set(flags) - {"is_mature", "is_lab_mature", "is_repeated"}:
        assert not courses[flag].any(), flag
    assert courses["is_mature"].all()
    assert not courses["in_rate"].any()


def test_adherence_is_known_of_what_staff_gave_alone(demo):
    expected = [
        1.0 if INTRAVENOUS & set(course[-1]) else None
        for courses in COURSES.values()
        for course in courses
    ]
    found = demo.table("courses")["adherence"]
    assert [None if value != value else float(value) for value in found] == expected


def test_every_class_follows_from_the_dosing(demo):
    """Rows 2 and 4 of criteria 4 come before any that asks for follow-up."""
    courses = demo.table("courses")
    found = Counter(zip(courses["classification"], courses["reason"], strict=True))
    assert found == {
        ("not_evaluable", "dosing_unknown"): 20,
        ("excluded", "inadequate_dosing"): 4,
    }
    assert (courses["strict_classification"] == courses["classification"]).all()
    flow = demo.table("flow")
    built = flow[flow["table"] == "courses"].set_index("term")["n"]
    assert (built["built"], built["absorbed"]) == (24, 0)


def test_the_report_is_there_and_suspects_nobody(demo):
    page = demo.page()
    assert "No course can be evaluated" in page.text
    assert demo.result.n_line_list == 0
    assert demo.result.calls_for_action == ()
    rates = demo.table("rates")
    assert (rates[["k", "n"]] == 0).all(axis=None)
    assert (demo.folder / "restricted/report.pdf").read_bytes()[:5] == b"%PDF-"
    shown = {
        row["Step"]: row["Number"] for row in page.tables["q6-flow-numbers"].records()
    }
    assert shown["Received, all extracts"] == "18,087 rows"
    assert shown["Accepted"] == "36 rows"
    assert shown["Courses kept, whole delivery"] == "24 courses"


INVENTED = [
    # drug as it might be spelt there, route, dose, unit, a day, what becomes of it
    ("Acyclovir", "PO", "400", "mg", "5", "course"),
    ("ACYCLOVIR", "PO/NG", "400", "mg", "5", "course"),
    ("ValACYclovir", "PO", "1000", "mg", "3", "course"),
    ("Famciclovir", "PO", "500", "mg", "3", "course"),
    ("Acyclovir Sodium", "IV", "500", "mg", "3", "course"),
    ("Acyclovir", "TP", "5", "%", "5", "accepted"),
    ("Acyclovir", "BOTH EYES", "3", "%", "5", "accepted"),
    ("ValGANciclovir", "PO", "900", "mg", "2", "accepted"),
    ("Ganciclovir", "IV", "350", "mg", "2", "accepted"),
    ("Acyclovir", "SC", "400", "mg", "3", "quarantined"),
    ("Acyclovir", "PO", "200-400", "mg", "3", "quarantined"),
    ("Oseltamivir", "PO", "75", "mg", "2", "out_of_scope"),
    ("Influenza Virus Vaccine", "IM", "0.5", "mL", "", "out_of_scope"),
]
"""Rows in the demo's columns, invented: what the demo itself does not hold."""


def test_neither_topical_forms_nor_other_antivirals_are_taken_for_acyclovir(tmp_path):
    columns = (
        *("subject_id", "hadm_id", "pharmacy_id", "starttime", "stoptime", "drug"),
        *("dose_val_rx", "dose_unit_rx", "doses_per_24_hrs", "route"),
    )
    rows = [
        {
            "subject_id": f"1000{number:04}",
            "pharmacy_id": f"5{number}",
            "starttime": "2150-03-01 08:00:00",
            "stoptime": "2150-03-10 20:00:00",
            "drug": drug,
            "dose_val_rx": dose,
            "dose_unit_rx": unit,
            "doses_per_24_hrs": a_day,
            "route": route,
        }
        for number, (drug, route, dose, unit, a_day, _) in enumerate(INVENTED)
    ]
    (tmp_path / "in").mkdir()
    plain = tmp_path / "rows.csv"
    write_csv(plain, columns, rows)
    (tmp_path / "in" / "prescriptions.csv.gz").write_bytes(
        gzip.compress(Path(plain).read_bytes())
    )
    run = publish(
        tmp_path / "in",
        tmp_path / "out",
        as_of=AS_OF,
        settings=settings(allow_missing="followups"),
        profile=PROFILE,
    )
    fates = Counter(row[-1] for row in INVENTED)
    terms = run.table("flow").set_index(["table", "term"])["n"]
    assert terms["rows", "accepted"] == fates["course"] + fates["accepted"]
    assert terms["rows", "out_of_scope"] == fates["out_of_scope"]
    assert terms["rows", "quarantined"] == fates["quarantined"]
    courses = dict(run.table("courses")[["patient_id", "drugs"]].to_numpy().tolist())
    assert courses == {
        "10000000": "acyclovir",
        "10000001": "acyclovir",
        "10000002": "valacyclovir",
        "10000003": "famciclovir",
        "10000004": "acyclovir",
    }
