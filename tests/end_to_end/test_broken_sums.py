"""A row is lost, or there twice, between two steps: the run ends with 70, unpublished.

Nothing is lost (criteria 6): received rows are the sum of their dispositions, courses
built the absorbed ones and the classes, results attached or unattached. Each test breaks
one table on purpose, as a fault of ours would, in a delivery that is sound.
"""

from pathlib import Path

import pytest

from pipeline import cli
from pipeline.extracts import reception
from tests.end_to_end.conftest import spoil
from tests.end_to_end.deliveries import a_bit_of_everything
from tests.end_to_end.folders import content

LOSE = "delete from {table} where rowid = (select min(rowid) from {table})"
DOUBLE = "insert into {table} select * from {table} limit 1"

UNPUBLISHED = "Nothing was published."


@pytest.fixture(scope="module")
def delivery(tmp_path_factory) -> Path:
    """A sound delivery with a row of every extract."""
    folder = tmp_path_factory.mktemp("sound")
    return a_bit_of_everything().write(folder / "extracts")


def spoil_read(monkeypatch, extract: str, statement: str) -> None:
    """Let the engine run the statement when the extract's rows are decided, not kept."""
    sound = reception.decide

    def decide(engine, contract, *given):
        sound(engine, contract, *given)
        if contract.extract == extract:
            engine.execute(statement.format(table=f"read_{extract}"))

    monkeypatch.setattr(reception, "decide", decide)


def asked(delivery: Path, out: Path, as_of: str = "2026-06-30") -> list[str]:
    """The command line of a run."""
    unvaried = ("--set", "vary_up_to_prescriptions=0")
    where = ("--as-of", as_of, "--out", str(out))
    return ["run", str(delivery), *where, *unvaried]


def ends_with_70(delivery: Path, out: Path, capsys) -> str:
    """What the command says on stderr, having published nothing."""
    assert cli.run_command(asked(delivery, out)) == 70
    said = capsys.readouterr()
    assert said.out == ""
    assert not (out / "current").exists()
    assert [path.name for path in (out / "runs").iterdir()] == []
    return said.err


@pytest.mark.parametrize(
    ("extract", "statement"),
    [("prescriptions", LOSE), ("labs", DOUBLE)],
    ids=["prescriptions-lost", "labs-double"],
)
def test_a_row_that_was_not_read_once(
    extract, statement, delivery, tmp_path, monkeypatch, capsys
):
    spoil(monkeypatch, f"read_{extract}", statement)
    said = ends_with_70(delivery, tmp_path, capsys)
    assert f"{extract}.csv: " in said
    assert "rows were counted and" in said


@pytest.mark.parametrize(
    ("extract", "statement"),
    [("prescriptions", LOSE), ("clinical_events", DOUBLE)],
    ids=["prescriptions-lost", "clinical_events-double"],
)
def test_an_accepted_row_that_is_not_there_once(
    extract, statement, delivery, tmp_path, monkeypatch, capsys
):
    spoil_read(monkeypatch, extract, statement)
    said = ends_with_70(delivery, tmp_path, capsys)
    assert f"{extract}.csv: " in said
    assert "rows were received, but" in said


def test_an_accepted_row_that_was_set_aside_too(
    delivery, tmp_path, monkeypatch, capsys
):
    statement = "insert into {table} values (3, 2, 'duplicate', 0)"
    spoil(monkeypatch, "set_aside_labs", statement)
    said = ends_with_70(delivery, tmp_path, capsys)
    assert "labs.csv: " in said
    assert "rows were received, but" in said


@pytest.mark.parametrize(
    ("table", "statement", "check"),
    [
        ("prescriptions", LOSE, "accepted_rows_are_staged"),
        ("visits", LOSE, "accepted_rows_are_staged"),
        ("results", LOSE, "accepted_rows_are_staged"),
        ("systemic_prescriptions", LOSE, "every_systemic_prescription_has_an_intent"),
        ("built_courses", LOSE, "every_treatment_in_one_course"),
        ("built_courses", DOUBLE, "every_treatment_in_one_course"),
        ("kept_courses", LOSE, "courses_built_are_accounted_for"),
        ("courses", LOSE, "one_row_a_course"),
        ("specimens", LOSE, "results_are_accounted_for"),
    ],
    ids=lambda value: {LOSE: "lost", DOUBLE: "double"}.get(value, value),
)
def test_a_row_that_differs_between_two_models(
    table, statement, check, delivery, tmp_path, monkeypatch, capsys
):
    spoil(monkeypatch, table, statement)
    said = ends_with_70(delivery, tmp_path, capsys)
    assert f"(check {check})" in said
    assert UNPUBLISHED in said


def test_what_was_published_before_stays(delivery, tmp_path, monkeypatch, capsys):
    # the delivery itself is sound
    assert cli.run_command(asked(delivery, tmp_path, "2026-05-31")) == 0
    before, current = content(tmp_path / "runs"), (tmp_path / "current").readlink()
    spoil(monkeypatch, "courses", LOSE)
    assert cli.run_command(asked(delivery, tmp_path)) == 70
    assert content(tmp_path / "runs") == before
    assert (tmp_path / "current").readlink() == current
