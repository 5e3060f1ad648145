"""One course, rule by rule: its inputs, what each rule gives, its rows, the citation.

Knows the frames of one patient's walk; knows nothing of how they were made.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.dossier import classes, clearing, rows, rules
from pipeline.dossier.case import Case, cases
from pipeline.dossier.words import day_of

__all__ = ["Case", "cases", "describe"]

ADVISORY = (
    "This advises a surveillance team. It is not a diagnosis and not a treatment order."
)


def describe(found: Sequence[Case], manifest: Mapping[str, Any]) -> str:
    """The dossiers as text, one after the other; a row is cited by file and line."""
    return "\n\n".join("\n".join(_lines(case, manifest)) for case in found) + "\n"


def _lines(case: Case, manifest: Mapping[str, Any]) -> list[str]:
    course, values = case.course, manifest["configuration"]
    return [
        f"Course of patient {course['patient_id']}, {day_of(course['start_date'])} to "
        f"{day_of(course['end_date'])}, as of {manifest['as_of']}",
        "",
        *rules.result(case, values),
        "",
        "Timeline (day, date, what, file and line)",
        *rows.timeline(case),
        "",
        "Rules: what went in, what came out, where it is written",
        *rules.lines(case, values),
        "",
        "Class: the first row that applies (criteria 4)",
        *classes.lines(case, values),
        "",
        *clearing.lines(case, values),
        "",
        ADVISORY,
    ]
