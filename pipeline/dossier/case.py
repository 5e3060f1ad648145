"""A course with everything that its dossier rests on, cut out of one patient's walk."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from pipeline.dossier.words import is_absent

Rows = Sequence[Mapping[str, Any]]

_BY_COURSE = {
    "prescriptions": "course_prescriptions",
    "visits": "course_visits",
    "results": "course_results",
    "conditions": "course_conditions",
    "events": "course_events",
}


@dataclass(frozen=True)
class Case:
    """A course, what ends it, the inputs of its class, and the rows around it.

    ``course`` and ``kept`` are its rows of the tables of those names; ``facts`` the inputs
    of its class by rule; ``minima`` the minimum doses by prescription.
    """

    course: Mapping[str, Any]
    kept: Mapping[str, Any]
    facts: Mapping[str, Mapping[str, Any]]
    patient: Mapping[str, Any]
    flag_date: Any
    is_closed: bool | None
    therapy_days: int
    n_recent_courses: int
    minima: Mapping[int, Rows]
    prescriptions: Rows
    visits: Rows
    results: Rows
    conditions: Rows
    events: Rows
    labels: Sequence[str]

    def place(self, row: Mapping[str, Any]) -> str:
        """Where a row was delivered: ``[file, line n]``."""
        if is_absent(row["file_id"]):
            return "[no row]"
        return f"[{self.labels[int(row['file_id'])]}, line {int(row['line'])}]"

    def day(self, moment: Any) -> int:
        """The day of the course on which a date falls; its start is day 0."""
        return (pd.Timestamp(moment) - pd.Timestamp(self.course["start_date"])).days


def cases(
    found: Mapping[str, pd.DataFrame],
    start: date | None,
    manifest: Mapping[str, Any],
) -> list[Case]:
    """The patient's courses, or those that start on a day, in the order of their start.

    ``found`` is what `replay.walk_again` returned.
    """
    labels = [file["label"] for file in manifest["inputs"]]
    courses = found["courses"].to_dict("records")
    return [
        _case(course, found, labels)
        for course in courses
        if start is None or course["start_date"].date() == start
    ]


def _case(
    course: Mapping[str, Any],
    found: Mapping[str, pd.DataFrame],
    labels: Sequence[str],
) -> Case:
    key = course["course_key"]
    own = {name: _of(found[table], key) for name, table in _BY_COURSE.items()}
    numbers = {row["prescription_key"] for row in own["prescriptions"]}
    minima = found["dose_minima"].to_dict("records")
    flagged = _of(found["flag_days"], key)
    therapy = _of(found["therapy_days"], key)
    return Case(
        course=course,
        kept=_of(found["kept_courses"], key)[0],
        facts={row["rule"]: row for row in _of(found["class_facts"], key)},
        patient=found["patients"].to_dict("records")[0],
        flag_date=flagged[0]["flag_date"] if flagged else None,
        is_closed=bool(flagged[0]["is_closed"]) if flagged else None,
        therapy_days=int(therapy[0]["therapy_days"]) if therapy else 0,
        n_recent_courses=int(_of(found["recent_courses"], key)[0]["n_recent_courses"]),
        minima={
            number: [row for row in minima if row["prescription_key"] == number]
            for number in numbers
        },
        labels=labels,
        **own,
    )


def _of(frame: pd.DataFrame, key: int) -> list[dict[str, Any]]:
    return frame[frame["course_key"] == key].to_dict("records")
