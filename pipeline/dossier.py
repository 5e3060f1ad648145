"""One course, rule by rule: its inputs, what each rule gives, its rows, the citation.

Knows a stored course and the rows it rests on; knows nothing of how they were made.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

COURSES = """
select file_row_number + 1 as course_number, *
from read_parquet($courses, file_row_number = true)
where patient_id = $patient_id and ($start is null or start_date = $start)
order by start_date, dosing
"""
EVIDENCE = """
select evidence.*
from read_parquet($evidence) as evidence
inner join read_parquet($courses, file_row_number = true) as courses
    on evidence.course_number = courses.file_row_number + 1
where
    courses.patient_id = $patient_id
    and ($start is null or courses.start_date = $start)
order by course_number, day, extract, file_id, line
"""

CLASS_ROWS = (
    (1, "confirmed", "laboratory", "a resistant result"),
    (2, "excluded", "inadequate_dosing", "dosing is inadequate"),
    (3, "excluded", "poor_adherence", "adherence is poor"),
    (4, "not_evaluable", "dosing_unknown", "dosing is unknown"),
    (5, "not_evaluable", "concurrent_alternative", "another antiviral at the start"),
    (6, "responded", "", "the lesions began to resolve"),
    (7, "not_evaluable", "after_therapy", "failed, decided after therapy"),
    (8, "not_evaluable", "therapy_too_short", "failed, therapy too short"),
    (9, "refuted", "susceptible_isolate", "failed, a susceptible isolate"),
    (10, "refuted", "alternative_diagnosis", "failed, another diagnosis"),
    (11, "suspected", "persistent", "failed: lesions persist"),
    (11, "suspected", "progressive", "failed: lesions progress"),
    (12, "not_evaluable", "switched_early", "no outcome, switched early"),
    (13, "not_evaluable", "died_or_left", "no outcome, died or left"),
    (14, "pending", "", "no outcome yet"),
    (15, "not_evaluable", "no_followup", "no outcome, no follow-up"),
)
"""The rows of criteria 4 in their order: number, class, reason, when."""

_FLAGS = (
    "is_hiv",
    "is_aids",
    "is_hsct_allogeneic",
    "is_solid_organ_transplant",
    "is_immunocompromised",
    "is_immunocompetent",
    "is_prolonged",
    "is_repeated",
)


def describe(
    courses: pd.DataFrame, evidence: pd.DataFrame, manifest: Mapping[str, Any]
) -> str:
    """The dossiers as text, one after the other.

    ``courses`` and ``evidence`` are rows of the run's tables of those names; the file of
    a row is named by the manifest's inputs.
    """
    labels = [file["label"] for file in manifest["inputs"]]
    parts = []
    for course in courses.to_dict("records"):
        rows = evidence[evidence["course_number"] == course["course_number"]]
        parts.append(
            "\n".join(_lines(course, rows.to_dict("records"), labels, manifest))
        )
    return "\n\n".join(parts) + "\n"


def _lines(
    course: Mapping[str, Any],
    evidence: Sequence[Mapping[str, Any]],
    labels: Sequence[str],
    manifest: Mapping[str, Any],
) -> list[str]:
    values = manifest["configuration"]
    day = _text(course["deciding_day"])
    return [
        f"Course of patient {course['patient_id']}, {_day(course['start_date'])} to "
        f"{_day(course['end_date'])}, as of {manifest['as_of']}",
        "",
        _rule(
            "Course",
            "criteria 2.6",
            f"{course['n_prescriptions']} prescription(s) of "
            f"{course['drugs']}, {course['length_days']} days",
        ),
        _rule(
            "Site, syndrome",
            "criteria 2.10",
            f"{_text(course['site_id'])}, {course['syndrome']}",
        ),
        _rule("Dosing", "criteria 2.5, regimens", course["dosing"]),
        _rule(
            "Adherence",
            "criteria 2.9",
            f"{_text(course['adherence'])} (poor below {values['min_adherence']})",
        ),
        _rule(
            "Deciding visit",
            "criteria 3",
            f"day {day}, {_text(course['deciding_status'])}"
            f", window day {values['window_from']} to {values['window_to']}"
            if day != "none"
            else "none",
        ),
        _rule("Outcome", "criteria 3", _text(course["outcome"])),
        *_class_lines(course),
        _rule(
            "Strict rule",
            "criteria 3",
            f"window from day "
            f"{values['strict_window_from']}: {course['strict_classification']}, "
            f"{_text(course['strict_reason'])}",
        ),
        _rule(
            "In the rate",
            "criteria 4",
            f"{_yes(course['in_rate'])}; mature: "
            f"{_yes(course['is_mature'])}; for the laboratory: "
            f"{_yes(course['is_lab_mature'])}",
        ),
        _rule(
            "Who the patient is",
            "criteria 5",
            ", ".join(
                [course["risk_group"], *(name for name in _FLAGS if course[name])]
            ),
        ),
        _rule("Watch", "criteria 4", _text(course["watch"])),
        "",
        "Rows that it rests on (day, what, file and line):",
        *(_evidence_line(row, labels) for row in evidence),
        "",
        "This advises a surveillance team. It is not a diagnosis and not a treatment "
        "order.",
    ]


def _class_lines(course: Mapping[str, Any]) -> list[str]:
    found = (course["classification"], _text(course["reason"], none=""))
    lines, is_reached = ["", "Class: the first row that applies (criteria 4)"], True
    for number, classification, reason, when in CLASS_ROWS:
        applies = found == (classification, reason)
        state = "applies" if applies else "no" if is_reached else "not asked"
        lines.append(f"  {number:>2}  {state:<10} {classification} {reason}: {when}")
        is_reached = is_reached and not applies
    return [*lines, ""]


def _evidence_line(row: Mapping[str, Any], labels: Sequence[str]) -> str:
    where = f"{labels[row['file_id']]}, line {row['line']}"
    return f"  day {row['day']:>4}  {row['what']}  [{where}]"


def _rule(name: str, citation: str, result: str) -> str:
    return f"{name:<20}{result}  [{citation}]"


def _text(value: Any, none: str = "none") -> str:
    if value is None or pd.isna(value):
        return none
    return f"{value:g}" if isinstance(value, float) else str(value)


def _day(value: Any) -> str:
    return pd.Timestamp(value).date().isoformat()


def _yes(value: Any) -> str:
    return "yes" if value else "no"
