"""No patient's value in a message, a log or a manifest, however a command ends (P7).

Canaries stand where patients' data stand: an id, a drug code, a dose, a status, a result.
They may be in the team's tables and in quarantine, and nowhere that is not restricted.
"""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from pipeline import cli, gather
from tests.end_to_end.conftest import spoil
from tests.end_to_end.deliveries import (
    COLUMNS,
    Delivery,
    a_bit_of_everything,
    add_treated,
)

PATIENT = "CANARY-ÄÖ-1234"
MARKS = ("CANARY", "canary", "ÄÖ", "Ä\\xd6", "\\u00c4", "\\xc4", "1234", "77.125")
"""What of a canary would be seen, in any spelling that a log may give it."""

START = date(2026, 5, 4)


def delivery() -> Delivery:
    """A sound delivery, with a canary's failed course, test and event in it."""
    found = a_bit_of_everything()
    add_treated(found, PATIENT, START, "unchanged", 8)
    found.condition(PATIENT, "hiv", START)
    found.result(PATIENT, START, START, "hsv_pcr", "positive")
    found.event(PATIENT, START, "id_consult")
    found.person(PATIENT, 1969, 77.125)
    return found


def add_unreadable_rows(found: Delivery, times: int = 1) -> None:
    """Rows with canaries that no contract takes: quarantined, or out of scope."""
    for number in range(times):
        day = START + timedelta(number)
        found.prescription(PATIENT, day, 10, dose="CANARYDOSE-77.125")
        found.prescription(PATIENT, day, 10, drug="rxnorm:CANARYDRUG")
        found.prescription(PATIENT, day, 10, start_date="CANARYDAY")
        found.visit(PATIENT, day, "CANARYSTATUS")
        found.result(PATIENT, day, day, "hsv_pcr", "CANARYRESULT")
        found.event(PATIENT, day, "CANARYEVENT")


class Said:
    """A command of the program, and that it said no canary."""

    def __init__(self, capfd) -> None:
        self._capfd = capfd

    def __call__(self, *arguments: object) -> tuple[int, str]:
        """The exit code and all that was said, after both were looked through."""
        code = cli.run_command([str(argument) for argument in arguments])
        said = self._capfd.readouterr()
        everything = said.out + said.err
        assert everything.strip()
        found = [mark for mark in MARKS if mark in _without_times(everything)]
        assert found == [], everything
        return code, everything


def _without_times(text: str) -> str:
    """The text without the clock of the log, whose digits are nobody's."""
    words = text.replace('"at": "', " ").split()
    return " ".join(word for word in words if not word.startswith("20"))


@pytest.fixture
def said(capfd) -> Said:
    """Commands whose output is looked through for canaries."""
    return Said(capfd)


def asked(extracts: Path, out: Path, *further: str) -> list[object]:
    """The command line of a run."""
    unvaried = ("--set", "vary_up_to_prescriptions=0")
    where = ("--as-of", "2026-06-30", "--out", out)
    return ["run", extracts, *where, *unvaried, *further]


def test_a_run_with_quarantined_rows(said, tmp_path):
    found = delivery()
    add_unreadable_rows(found)
    extracts = found.write(tmp_path / "extracts")
    assert said("validate", extracts, "--as-of", "2026-06-30", "--json")[0] == 0
    as_json = ("--json", "--log-format", "json")
    assert said(*asked(extracts, tmp_path / "out", *as_json))[0] == 0
    folder = (tmp_path / "out" / "current").resolve()
    manifest = (folder / "manifest.json").read_text("utf-8")
    assert "CANARY" not in manifest
    assert PATIENT not in manifest
    # the team must find them: as delivered, in the restricted folder alone
    kept = (folder / "restricted/quarantine/prescriptions.csv").read_text("utf-8")
    assert "CANARYDOSE-77.125" in kept
    assert "CANARYDAY" in kept
    assert PATIENT in (folder / "restricted/line_list.csv").read_text("utf-8")
    outside = [path for path in folder.iterdir() if path.name != "restricted"]
    assert [path.name for path in outside] == ["manifest.json"]


def test_a_delivery_too_much_of_which_is_quarantined(said, tmp_path):
    found = delivery()
    add_unreadable_rows(found, times=25)
    extracts = found.write(tmp_path / "extracts")
    code, text = said(*asked(extracts, tmp_path / "out"))
    assert code == 65
    assert "max_quarantined_share" in text
    code, text = said("validate", extracts, "--as-of", "2026-06-30")
    assert code == 65
    assert "max_quarantined_share" in text
    assert "first lines" in text


def _without_header(text: str) -> str:
    return text.partition("\n")[2]


def _without_patient_column(text: str) -> str:
    return text.replace("patient_id", PATIENT, 1)


def _two_columns_of_a_name(text: str) -> str:
    head, _, rest = text.partition("\n")
    return f"{head},patient_id\n" + rest.replace("\n", f",{PATIENT}\n")


def _with_a_wide_row(text: str) -> str:
    return text + f"rx99,{PATIENT},{PATIENT},oral,CANARYDOSE,mg" + ",x" * 20 + "\n"


def _with_an_open_quote(text: str) -> str:
    return text + f'rx99,"{PATIENT},valacyclovir,oral\nrx100,{PATIENT},x\n'


def _with_a_nul(text: str) -> str:
    return text + f"rx99,{PATIENT}\0,valacyclovir\n"


def _as_html(_: str) -> str:
    return f"<html><body>{PATIENT}</body></html>\n"


@pytest.mark.parametrize(
    "damage",
    [
        _without_header,
        _without_patient_column,
        _two_columns_of_a_name,
        _with_a_wide_row,
        _with_an_open_quote,
        _with_a_nul,
        _as_html,
    ],
)
def test_a_file_that_is_refused(damage: Callable[[str], str], said, tmp_path):
    found = delivery()
    # first, so that without a header they would be taken for one
    found.rows["prescriptions"].reverse()
    extracts = found.write(tmp_path / "extracts")
    path = extracts / "prescriptions.csv"
    path.write_text(damage(path.read_text("utf-8")), "utf-8")
    code, text = said("validate", extracts, "--as-of", "2026-06-30")
    assert code == 65
    assert "prescriptions.csv" in text


def test_a_file_that_is_not_utf_8(said, tmp_path):
    extracts = delivery().write(tmp_path / "extracts")
    path = extracts / "followups.csv"
    path.write_bytes(path.read_text("utf-8").encode("latin-1"))
    code, _ = said("validate", extracts, "--as-of", "2026-06-30")
    assert code == 65


def test_ids_that_conflict(said, tmp_path):
    found = delivery()
    row = found.rows["prescriptions"][-1]
    found.rows["prescriptions"].append(row | {"dose": "77.125"})
    extracts = found.write(tmp_path / "extracts")
    code, text = said("validate", extracts, "--as-of", "2026-06-30")
    assert code == 0
    assert "conflicting_id" in text


def test_a_sum_that_does_not_hold(said, tmp_path, monkeypatch):
    extracts = delivery().write(tmp_path / "extracts")
    spoil(monkeypatch, "courses", "delete from {table} where patient_id like 'CANARY%'")
    code, text = said(*asked(extracts, tmp_path / "out"))
    assert code == 70
    assert "Nothing was published" in text


def test_an_engine_that_quotes_a_value(said, tmp_path, monkeypatch):
    """DuckDB's own message would be: could not convert string 'CANARY-...' to INT32."""
    extracts = delivery().write(tmp_path / "extracts")
    spoil(monkeypatch, "courses", "select cast(patient_id as integer) from {table}")
    code, text = said(*asked(extracts, tmp_path / "out"))
    assert code == 70
    assert "ConversionException" in text


def test_a_fault_of_ours_that_quotes_a_value(said, tmp_path, monkeypatch):
    def broken(*_: object, **__: object) -> None:
        raise ValueError(f"no such patient: {PATIENT}")

    extracts = delivery().write(tmp_path / "extracts")
    monkeypatch.setattr(gather, "gather", broken)
    code, text = said(*asked(extracts, tmp_path / "out"))
    assert code == 70
    assert "ValueError" in text


def test_a_course_that_is_not_there(said, network_run):
    for further in ([], ["--start", "2026-05-04"]):
        code, text = said("explain", network_run.folder, "--patient", PATIENT, *further)
        assert code == 64
        assert "no such course" in text


def test_a_canary_is_where_it_belongs(tmp_path):
    """The canaries are rows of every extract; else the tests above would show nothing."""
    found = delivery()
    extracts = found.write(tmp_path / "extracts")
    for extract in COLUMNS:
        assert PATIENT in (extracts / f"{extract}.csv").read_text("utf-8"), extract
