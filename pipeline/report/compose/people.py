"""Cells that the lists of patients share: who, which drugs, which status."""

from collections.abc import Iterable

import pandas as pd

from pipeline.findings import Findings
from pipeline.report.compose import cells, wording
from pipeline.report.compose.records import Record, parameter, records
from pipeline.report.document import Cell, Column


def who(row: Record) -> tuple[Cell, Cell]:
    """The cells of the patient and the site."""
    return cells.words(row["patient_id"]), cells.words(row["site_id"])


def drugs(given: str | Iterable[str] | None) -> str:
    """The drugs of a course as one text."""
    return given if isinstance(given, str) else ", ".join(given or ())


def status(code: str | None) -> Cell:
    """A lesion status in words."""
    return cells.words(wording.STATUSES.get(code, code))


def risk_group(row: Record) -> Cell:
    """The risk group in words; a list may come without one."""
    code = row.get("risk_group")
    return cells.words(wording.RISK_GROUPS.get(code, code))


def columns(*titled: tuple[str, str, float]) -> tuple[Column, ...]:
    """Columns from (title, kind, share of the width in print)."""
    return tuple(Column(title, kind, width=width) for title, kind, width in titled)


def printed_rows(findings: Findings) -> int:
    """How many rows of a list beside the line list are printed."""
    return int(parameter(findings, "pdf_list_rows", 100))


def listed(findings: Findings, frame: pd.DataFrame) -> list[Record]:
    """The rows of a list that the report holds: the first ones."""
    return records(frame[: listed_rows(findings)])


def listed_rows(findings: Findings) -> int:
    """How many rows of a list the report holds; its file has all."""
    return int(parameter(findings, "html_list_rows", 1000))


def n_unlisted(findings: Findings, frame: pd.DataFrame) -> int:
    """How many rows of a list stand in its file alone."""
    return max(0, len(frame) - listed_rows(findings))
