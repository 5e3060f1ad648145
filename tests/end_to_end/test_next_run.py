"""A run after a run: what is new, what is unchanged, what was damaged in between."""

import os
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from tests.end_to_end.conftest import Published, publish, walk
from tests.end_to_end.deliveries import Delivery, add_treated, read_csv
from tests.end_to_end.folders import content

OAK = ("oak", "2025-10-01")
MAY, JUNE = date(2026, 5, 31), date(2026, 6, 30)


def delivery() -> Delivery:
    """Failures known in May, seen in June, closed in between, and open again.

    ash failed in May, birch in June; fir failed in May and healed in June (closed); elm
    failed in May and, in another course, in June. oak failed in October, was not seen
    for 90 days, so was closed in May, and came back with the lesion in June (criteria 9).
    """
    found = Delivery()
    for patient in ("ash", "birch", "elm", "fir", "oak"):
        found.condition(patient, "hiv", date(2020, 1, 1))
    may, june = date(2026, 5, 4), date(2026, 6, 8)
    add_treated(found, "ash", may, "unchanged", 8)
    add_treated(found, "fir", may, "unchanged", 8)
    found.visit("fir", june, "healed")
    add_treated(found, "elm", may, "progressing", 8)
    add_treated(found, "elm", june, "progressing", 8)
    add_treated(found, "birch", june, "unchanged", 8)
    add_treated(found, "oak", date(2025, 10, 1), "unchanged", 8)
    found.visit("oak", date(2026, 6, 20), "unchanged")
    return found


@pytest.fixture(scope="module")
def extracts(tmp_path_factory) -> Path:
    """The delivery that both runs read."""
    return delivery().write(tmp_path_factory.mktemp("both") / "extracts")


@pytest.fixture(scope="module")
def may(extracts, tmp_path_factory) -> Published:
    """The run as of the end of May: the first."""
    return publish(extracts, tmp_path_factory.mktemp("both_out"), as_of=MAY)


@pytest.fixture(scope="module")
def june(extracts, may) -> Published:
    """The run as of the end of June, into the same folder."""
    return publish(extracts, may.out, as_of=JUNE)


def listed(run: Published) -> dict[tuple[str, str], str]:
    """Whether each row of the line list is new, by patient and start."""
    rows = read_csv(run.folder / "restricted/line_list.csv")
    return {(row["patient_id"], row["start_date"]): row["is_new"] for row in rows}


def rows_of(rates: pd.DataFrame) -> list[tuple[str, ...]]:
    """The rates as text, in any order: keys, counts, interval and verdict."""
    columns = [
        *("population", "definition", "rule", "unit", "syndrome", "baseline_id"),
        *("n", "k", "rate", "cp_lo", "cp_hi", "verdict", "flags"),
    ]
    found = rates[columns].assign(window=rates["window_start"].astype(str).str[:10])
    return sorted(map(tuple, found.astype(str).to_numpy().tolist()))


def test_without_a_previous_run_nothing_is_called_new(may):
    assert listed(may) == {
        ("ash", "2026-05-04"): "",
        ("elm", "2026-05-04"): "",
        ("fir", "2026-05-04"): "",
    }
    assert may.manifest()["previous"] is None
    remarks = [row["Remarks"] for row in may.page().tables["q2-line-list"].records()]
    assert not any("new since" in remark for remark in remarks)


def test_only_what_the_previous_run_did_not_list_is_new(may, june):
    assert june.manifest()["previous"] == may.folder.name
    found = listed(june)
    assert found.pop(OAK) in ("True", "False")
    assert found == {
        ("ash", "2026-05-04"): "False",
        ("elm", "2026-05-04"): "False",
        ("elm", "2026-06-08"): "True",
        ("birch", "2026-06-08"): "True",
    }
    shown = {
        (row["Patient"], row["Start"]): "new since the last run" in row["Remarks"]
        for row in june.page().tables["q2-line-list"].records()
    }
    assert shown == {key: new == "True" for key, new in listed(june).items()}


def test_a_case_that_was_closed_and_is_open_again_is_new(may, june):
    assert OAK not in listed(may)
    assert listed(june)[OAK] == "True"


def test_the_later_run_is_the_current_one(may, june):
    assert june.out == may.out
    assert (june.out / "current").resolve() == june.folder.resolve()
    assert may.folder.is_dir()


def test_the_same_run_again_is_unchanged_to_the_byte(extracts, june):
    before = content(june.out)
    written = {path: path.stat().st_mtime_ns for path in june.folder.rglob("*")}
    again = walk(extracts, june.out, as_of=JUNE)
    assert again.is_unchanged
    assert again.run_name == june.result.run_name
    assert again.n_line_list == june.result.n_line_list == 5
    assert again.calls_for_action == june.result.calls_for_action
    assert content(june.out) == before
    assert {path: path.stat().st_mtime_ns for path in june.folder.rglob("*")} == written
    assert rows_of(again.rates) == rows_of(june.result.rates)


def test_an_earlier_run_again_does_not_displace_the_later_one(extracts, may, june):
    again = walk(extracts, may.out, as_of=MAY)
    assert again.is_unchanged
    assert again.run_name == may.result.run_name
    assert (may.out / "current").resolve() == june.folder.resolve()


def test_a_damaged_file_is_noticed_and_built_again(extracts, june):
    path = "restricted/tables/courses.parquet"
    sound = content(june.folder)
    data = bytearray(sound[path])
    data[len(data) // 2] ^= 1  # one flipped bit
    (june.folder / path).write_bytes(data)
    again = walk(extracts, june.out, as_of=JUNE)
    assert not again.is_unchanged
    assert again.folder == june.folder
    assert any("damaged" in note and path in note for note in again.notes)
    assert content(june.folder) == sound
    assert (june.out / "current").resolve() == june.folder.resolve()
    assert os.stat(june.folder / path).st_mode & 0o077 == 0


def test_another_delivery_of_the_same_day_is_another_run(tmp_path, june):
    """One visit more, of the next week: another name, and the older run stays."""
    changed = delivery()
    changed.visit("birch", date(2026, 6, 8) + timedelta(15), "healed")
    extracts = changed.write(tmp_path / "extracts")
    before = content(june.folder)
    run = publish(extracts, june.out, as_of=JUNE)
    assert run.folder.name != june.folder.name
    assert content(june.folder) == before
    assert ("birch", "2026-06-08") not in listed(run)  # healed: closed (criteria 9)
