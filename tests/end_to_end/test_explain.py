"""What `acvwatch explain` tells of a published run, held against delivery and tables."""

import re
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from pipeline import models, person_level, replay, tables
from pipeline.engines.duck import Duck
from pipeline.errors import InvariantBroken
from pipeline.report import stored
from pipeline.report.document import Table
from pipeline.review import explain

CITED = re.compile(r"\[(\w+\.csv), line (\d+)\]")


@pytest.fixture(scope="module")
def told(network_run) -> dict[str, str]:
    """A dossier of a course of each class and reason, the first that has it."""
    courses = network_run.table("courses").fillna({"reason": ""})
    firsts = courses.drop_duplicates(["classification", "reason"])
    return {
        f"{row.classification} {row.reason}".strip(): explain(
            network_run.folder, row.patient_id, row.start_date.date()
        )
        for row in firsts.itertuples()
    }


def test_every_class_and_reason_is_told_as_it_was_published(told):
    assert len(told) > 8
    for name, said in told.items():
        assert re.search(rf"^\s+\d+  applies    {name}: ", said, re.M), name


def test_every_cited_row_is_a_row_of_that_patient_in_the_delivery(told, network_run):
    files = {
        path.name: path.read_text("utf-8").splitlines()
        for path in network_run.extracts.glob("*.csv")
    }
    n_cited = 0
    for said in told.values():
        patient = re.match(r"Course of patient (\S+),", said).group(1)
        for file, line in CITED.findall(said):
            assert patient in files[file][int(line) - 1].split(",")
            n_cited += 1
    assert n_cited > 50


def test_the_kept_rows_walked_again_give_the_published_courses(network_run, tmp_path):
    manifest = network_run.manifest()
    values = replay.typed(manifest["configuration"])
    as_of = date.fromisoformat(manifest["as_of"])
    folders = [tmp_path, network_run.folder]
    with Duck(tmp_path / "work.duckdb", folders=folders) as engine:
        for table, path in tables.ACCEPTED.items():
            source = network_run.folder / path
            engine.create(table, f"select * from read_parquet('{source}')")
        found = replay.walk(engine, person_level.sql_parameters(as_of, values))
    again = found["courses"][list(tables.COURSE_COLUMNS)]
    pd.testing.assert_frame_equal(
        again, network_run.table("courses"), check_exact=True, check_dtype=False
    )


@pytest.mark.parametrize(
    "changes",
    [{"min_adherence": "1"}, {"window_to": 21, "window_from": 14}],
    ids=["adherence", "window"],
)
def test_other_rules_than_the_run_s_are_noticed(changes, network_run, tmp_path):
    manifest = network_run.manifest()
    manifest["configuration"] |= changes
    courses = network_run.table("courses")
    failed = courses[courses["classification"] == "suspected"]
    patients = failed["patient_id"].unique()[:3]
    assert any(_is_refused(network_run.folder, manifest, p, tmp_path) for p in patients)


def _is_refused(folder: Path, manifest: dict, patient: str, scratch: Path) -> bool:
    database = scratch / f"{patient}.duckdb"
    with Duck(database, folders=[scratch, folder]) as engine:
        try:
            replay.walk_again(engine, folder, manifest, patient)
        except InvariantBroken as error:
            assert patient not in str(error)
            assert "by other rules" in str(error)
            return True
    return False


def test_every_row_of_the_line_list_has_its_own_picture(network_run):
    document = stored.from_json(
        (network_run.folder / "restricted/document.json").read_bytes()
    )
    rows = next(
        block.rows
        for section in document.sections
        for block in section.blocks
        if isinstance(block, Table) and block.id == "q2-line-list"
    )
    listed = pd.read_csv(network_run.folder / "restricted/line_list.csv", dtype=str)
    assert len(rows) == len(listed) > 1
    for row, course in zip(rows, listed.to_dict("records"), strict=True):
        assert row.detail.title == f"Timeline of {course['patient_id']}"
        assert row.detail.alt.startswith(f"Day 0 is {course['start_date']}, as of ")
        if isinstance(course["deciding_day"], str):
            day = int(float(course["deciding_day"]))
            assert re.search(rf"\b{day} [a-z ]+ \(decides\)", row.detail.alt)
        for drug in course["drugs"].split(", "):
            assert drug in row.detail.alt


def test_a_step_that_a_model_does_not_have_is_refused():
    with pytest.raises(ValueError, match="has no step nothing"):
        models.inside("classification/classes", "nothing")
