"""A run after a run: which courses are newly confirmed, in the file, the list and page 1."""

from datetime import date, timedelta

import pytest

from tests.end_to_end.conftest import Published, publish
from tests.end_to_end.deliveries import Delivery, add_treated, read_csv

MAY, JUNE = date(2026, 5, 31), date(2026, 6, 30)
BEGAN, BEGAN_LATER = date(2026, 5, 4), date(2026, 6, 8)


def delivery() -> Delivery:
    """Who failed, and when the laboratory reported resistance.

    ash failed in May, proven in June; birch improved in May, proven in June; cedar failed
    and was proven in May; elm failed and was proven in June; fir failed in May, untested.
    """
    found = Delivery()
    for patient, start, status, reported in (
        ("ash", BEGAN, "unchanged", date(2026, 6, 10)),
        ("birch", BEGAN, "improving", date(2026, 6, 10)),
        ("cedar", BEGAN, "unchanged", date(2026, 5, 25)),
        ("elm", BEGAN_LATER, "unchanged", date(2026, 6, 25)),
        ("fir", BEGAN, "unchanged", None),
    ):
        found.condition(patient, "hiv", date(2020, 1, 1))
        add_treated(found, patient, start, status, 8)
        if reported:
            collected = start + timedelta(8)
            test = "acyclovir_susceptibility"
            found.result(patient, collected, reported, test, "resistant")
    return found


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> tuple[Published, Published]:
    """The run as of the end of May, and that of June into the same folder."""
    folder = tmp_path_factory.mktemp("confirmed")
    extracts = delivery().write(folder / "extracts")
    may = publish(extracts, folder / "out", as_of=MAY)
    return may, publish(extracts, folder / "out", as_of=JUNE)


def marks(run: Published) -> dict[str, tuple[str, str]]:
    """Whether a row of the file is new, and newly confirmed, by patient."""
    rows = read_csv(run.folder / "restricted/line_list.csv")
    return {
        row["patient_id"]: (row["is_new"], row["is_newly_confirmed"]) for row in rows
    }


def test_the_first_run_marks_nothing(runs):
    may, _ = runs
    assert marks(may) == dict.fromkeys(("ash", "cedar", "fir"), ("", ""))
    assert "newly confirmed" not in may.page().text
    for row in may.page().tables["q2-line-list"].records():
        assert "newly" not in row["Remarks"]


def test_newly_confirmed_is_what_the_previous_run_took_for_something_else(runs):
    """Elm was not there in May: it is new, and so is birch, which was not on the list."""
    _, june = runs
    assert marks(june) == {
        "ash": ("False", "True"),
        "birch": ("True", "True"),
        "cedar": ("False", "False"),
        "elm": ("True", "False"),
        "fir": ("False", "False"),
    }


def test_the_row_and_page_1_say_it(runs):
    _, june = runs
    page = june.page()
    remarks = {
        row["Patient"]: row["Remarks"] for row in page.tables["q2-line-list"].records()
    }
    assert {
        who for who, said in remarks.items() if "newly confirmed since" in said
    } == {*("ash", "birch")}
    assert {who for who, said in remarks.items() if "new since the last" in said} == {
        *("birch", "elm")
    }
    assert "2 newly confirmed and 1 new on the list since the last run" in page.text


def test_the_list_and_the_changes_agree(runs):
    """Section 3.2 calls newly confirmed what was not confirmed, known before or not."""
    _, june = runs
    changed = june.table("changed_courses")
    newly = set(changed[changed["change"] == "newly_confirmed"]["patient_id"])
    assert newly == {"ash", "birch", "elm"}
