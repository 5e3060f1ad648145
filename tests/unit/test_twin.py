"""What must hold of the twin on any delivery, and of the made-up deliveries."""

import csv
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.engines.duck import Duck
from tests.properties.populations import (
    AS_OF,
    as_frames,
    deliveries,
    dense,
    load_accepted,
    write_csv,
)
from tests.properties.tables import COLUMNS
from tests.properties.twin import Outcome, Seeds, classify, read_parameters

ROOT = Path(__file__).resolve().parents[2]
SEEDS = Seeds.read(ROOT / "seeds" / "regimens.csv")
PARAMETERS = read_parameters(ROOT / "seeds" / "parameters.csv")

#: The columns of courses.parquet as outputs.md lists them.
COURSE_COLUMNS = [
    "patient_id",
    "start_date",
    "end_date",
    "length_days",
    "drugs",
    "dosing",
    "adherence",
    "syndrome",
    "site_id",
    "outcome",
    "deciding_day",
    "deciding_date",
    "deciding_status",
    "failure_kind",
    "classification",
    "reason",
    "strict_classification",
    "strict_reason",
    "strict_outcome",
    "strict_deciding_day",
    "in_rate",
    "strict_in_rate",
    "is_mature",
    "is_lab_mature",
    "watch",
    "conflicting_labs",
    "is_hiv",
    "is_aids",
    "is_hsct_allogeneic",
    "is_solid_organ_transplant",
    "is_immunocompromised",
    "is_immunocompetent",
    "is_prolonged",
    "is_repeated",
    "risk_group",
    "n_prescriptions",
]

#: The fifteen rows of the table of classes, by class and reason.
CLASSES = {
    ("confirmed", "laboratory"),
    ("excluded", "inadequate_dosing"),
    ("excluded", "poor_adherence"),
    ("not_evaluable", "dosing_unknown"),
    ("not_evaluable", "concurrent_alternative"),
    ("responded", None),
    ("not_evaluable", "after_therapy"),
    ("not_evaluable", "therapy_too_short"),
    ("refuted", "susceptible_isolate"),
    ("refuted", "alternative_diagnosis"),
    ("suspected", "persistent"),
    ("suspected", "progressive"),
    ("not_evaluable", "switched_early"),
    ("not_evaluable", "died_or_left"),
    ("pending", None),
    ("not_evaluable", "no_followup"),
}

on_deliveries = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def _classified(delivery: dict) -> Outcome:
    return classify(delivery, AS_OF, PARAMETERS, SEEDS)


@pytest.fixture(scope="module")
def crowd() -> dict:
    return dense(seed=1, n_patients=1500)


@pytest.fixture(scope="module")
def crowd_outcome(crowd) -> Outcome:
    return _classified(crowd)


def test_courses_have_the_columns_of_the_parquet_file(crowd_outcome):
    """The names and their order are those of outputs.md."""
    for course in crowd_outcome.courses:
        assert list(course) == COURSE_COLUMNS


def test_courses_are_in_the_order_of_the_parquet_file(crowd_outcome):
    """By the bytes of patient_id, then start, then dosing; no two are alike."""
    keys = [
        (course["patient_id"].encode(), course["start_date"], course["dosing"])
        for course in crowd_outcome.courses
    ]
    assert keys == sorted(set(keys))


def test_a_crowd_meets_every_row_of_the_rule_book(crowd_outcome):
    """The made-up crowd is no test of a rule that it never meets."""
    courses = crowd_outcome.courses
    assert {(c["classification"], c["reason"]) for c in courses} == CLASSES
    # A course shorter than 7 days ends by day 5, and day 10 is more than 4 days later.
    assert {(c["strict_classification"], c["strict_reason"]) for c in courses} == (
        CLASSES - {("not_evaluable", "therapy_too_short")}
    )
    assert {c["watch"] for c in courses} == {
        None,
        "progressing_early",
        "switched_while_progressing",
        "relapse_on_therapy",
    }
    assert {c["risk_group"] for c in courses} == {
        "hsct_allogeneic",
        "aids_prolonged",
        "hiv",
        "solid_organ_transplant",
        "other_immunocompromised",
        "immunocompetent",
        "unknown",
    }
    assert {c["syndrome"] for c in courses} == {"hsv", "zoster", "unknown"}
    for flag in COURSE_COLUMNS:
        if flag.startswith("is_") or flag in ("conflicting_labs", "strict_in_rate"):
            assert {c[flag] for c in courses} == {True, False}, flag
    assert any(c["adherence"] == Decimal("0.8") for c in courses)
    assert crowd_outcome.n_absorbed and crowd_outcome.unattached


def test_a_strict_day_lies_in_or_after_its_window_or_responds(crowd_outcome):
    """Under the strict rule nothing fails before day 10, and nothing before day 7."""
    for course in crowd_outcome.courses:
        if course["outcome"] == "failed":
            assert course["deciding_day"] >= 7
        if course["strict_outcome"] == "failed":
            assert course["strict_deciding_day"] >= 10


@on_deliveries
@given(deliveries())
def test_every_treatment_prescription_is_in_one_course(delivery):
    """Courses built are absorbed or kept, and lose no prescription."""
    outcome = _classified(delivery)
    treating = Counter(row["intent"] for row in outcome.prescriptions.values())
    kept = sum(course["n_prescriptions"] for course in outcome.courses)
    absorbed = sum(course["n_prescriptions"] for course in outcome.absorbed)
    assert kept + absorbed == treating["treatment"]
    for course in outcome.courses:
        assert (course["classification"], course["reason"]) in CLASSES


@on_deliveries
@given(deliveries(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(delivery, random):
    """Ties are decided by the rule book, never by the order of delivery."""
    shuffled = {name: random.sample(rows, len(rows)) for name, rows in delivery.items()}
    before, after = _classified(delivery), _classified(shuffled)
    assert after.courses == before.courses
    assert after.specimens == before.specimens
    assert after.unattached == before.unattached


@on_deliveries
@given(deliveries(n_patients=(2, 3)))
def test_patients_do_not_touch_one_another(delivery):
    """A patient alone has the courses that the same patient has in company."""
    together = _classified(delivery)
    patients = {row["patient_id"] for rows in delivery.values() for row in rows}
    alone = []
    for patient_id in sorted(patients, key=str.encode):
        own = {
            name: [row for row in rows if row["patient_id"] == patient_id]
            for name, rows in delivery.items()
        }
        alone += _classified(own).courses
    assert alone == together.courses


def test_parameters_may_be_text():
    """Numbers as the seed writes them and as typed values mean the same."""
    with (ROOT / "seeds" / "parameters.csv").open(encoding="utf-8") as file:
        text = {row["name"]: row["default"] for row in csv.DictReader(file)}
    few = dense(seed=2, n_patients=50)
    written = classify(few, AS_OF, text, SEEDS)
    assert written.courses == _classified(few).courses


def test_a_crowd_keeps_the_contract(crowd):
    """Unique ids, periods in order, nothing deferred, numbers within their scales."""
    firsts = ("start_date", "visit_date", "from_date", "collected_date", "event_date")
    lasts = ("end_date", "to_date", "resulted_date")
    for extract, columns in COLUMNS.items():
        rows = crowd[extract]
        assert rows
        key = next(iter(columns))
        if extract != "immune_status":
            assert len({row[key] for row in rows}) == len(rows)
        for row in rows:
            assert set(row) == set(columns)
            starts = [row[name] for name in firsts if name in row]
            ends = [row[name] for name in lasts if row.get(name) is not None]
            assert all(start <= AS_OF for start in starts)
            assert all(end >= start for start in starts for end in ends)
            for name, kind in columns.items():
                if kind.startswith("decimal") and row[name] is not None:
                    scale = int(kind.rpartition(",")[2].strip(" )"))
                    assert row[name] >= 0
                    assert row[name] == row[name].quantize(Decimal(1).scaleb(-scale))
    for row in crowd["prescriptions"]:
        assert row["end_date"] is not None or row["days_supply"] is not None
        assert row["dose"] is None or row["dose"] > 0


def test_a_seed_makes_one_crowd():
    """The same seed gives the same rows, another seed gives others."""
    assert dense(3, 20) == dense(3, 20)
    assert dense(3, 20) != dense(4, 20)


def test_frames_hold_the_rows_with_their_place():
    """file_id is 0, line the row's number, and cells are Python's own."""
    crowd = dense(5, 30)
    frames = as_frames(crowd)
    assert list(frames) == list(COLUMNS)
    for extract, frame in frames.items():
        assert list(frame.columns) == ["file_id", "line", *COLUMNS[extract]]
        assert list(frame["line"]) == list(range(1, len(crowd[extract]) + 1))
        rows = frame.drop(columns=["file_id", "line"]).to_dict("records")
        assert rows == crowd[extract]


@pytest.mark.parametrize("n_patients", [0, 40])
def test_accepted_tables_are_typed_and_complete(tmp_path, n_patients):
    """Every table is there with the contract's types, empty ones too, exactly."""
    crowd = dense(6, n_patients)
    with Duck(tmp_path / "scratch.duckdb", folders=[tmp_path]) as engine:
        load_accepted(engine, crowd)
        for extract, columns in COLUMNS.items():
            found = engine.columns(f"accepted_{extract}")
            wanted = {"file_id": "integer", "line": "bigint", **columns}
            assert {name: kind.lower() for name, kind in found.items()} == {
                name: kind.replace(" ", "") for name, kind in wanted.items()
            }
            rows = engine.rows(f"select * from accepted_{extract} order by line")
            assert [list(row[2:]) for row in rows] == [
                [row[name] for name in columns] for row in crowd[extract]
            ]


def test_csv_files_hold_the_rows(tmp_path):
    """Six files; a censored value has its operator before it, empty cells are empty."""
    crowd = dense(8, 60)
    write_csv(crowd, tmp_path / "delivery")
    for extract in COLUMNS:
        path = tmp_path / "delivery" / f"{extract}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            written = list(csv.DictReader(file))
        assert len(written) == len(crowd[extract])
        for cells, row in zip(written, crowd[extract], strict=True):
            for name, cell in cells.items():
                assert cell == _as_cell(row, name)


def _as_cell(row: dict, name: str) -> str:
    value = row[name]
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    return (row["value_operator"] or "") + str(value) if name == "value" else str(value)
