"""What evidence would change a course's class: each row of criteria 4 that could yet apply.

It says what a corrected or later row would change, never what to give a patient.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pandas as pd

from pipeline.dossier import doses
from pipeline.dossier.case import Case
from pipeline.dossier.words import day_of, is_absent, text

Values = Mapping[str, Any]


def lines(case: Case, values: Values) -> list[str]:
    """A heading and a sentence for each piece of evidence, with the class it would give."""
    classification = case.course["classification"]
    reason = text(case.course["reason"], "")
    tell = _BY_REASON.get(reason) or _BY_CLASS[classification]
    return [
        _HEADINGS.get(classification, "What evidence would make it evaluable"),
        *(f"  - {said}" for said in tell(case, values)),
    ]


_HEADINGS = {
    "suspected": "What evidence would clear it, or confirm it",
    "confirmed": "What evidence would clear it",
    "refuted": "What evidence would change it",
    "responded": "What evidence would change it",
    "pending": "What evidence would decide it",
}


def _suspected(case: Case, values: Values) -> Iterator[str]:
    yield _susceptible(case, values)
    yield from _other_diagnosis(case, values)
    yield from _resolution(case, values)
    yield (
        "a corrected dose, unit, frequency, weight or creatinine clearance by which a "
        "daily dose is below its minimum: excluded, inadequate dosing (row 2)"
    )
    known = text(case.course["adherence"], "not known yet")
    yield (
        f"adherence below {text(values['min_adherence'])} (now {known}): excluded, poor "
        "adherence (row 3)"
    )
    yield (
        "a record of another antiviral that covers the first day: not evaluable, "
        "concurrent alternative (row 5)"
    )
    yield (
        f"a corrected end of therapy: fewer than {values['min_therapy_days']} days, or "
        f"an end more than {values['off_therapy_days']} days before the deciding visit: "
        "not evaluable (rows 7 and 8)"
    )
    yield _resistant(case, values)


def _confirmed(case: Case, values: Values) -> Iterator[str]:
    resistant = [
        row
        for row in case.results
        if row["is_own_specimen"] and row["reading"] == "resistant"
    ]
    yield (
        "nothing goes before row 1 but corrected reports of all its resistant results "
        f"({len(resistant)}):"
    )
    for row in resistant:
        collected = day_of(row["collected_date"])
        yield f"  {row['label']} of {collected}  {case.place(row)}"
    yield (
        "a susceptible result beside them clears nothing: it is shown as conflicting"
    )


def _refuted(case: Case, values: Values) -> Iterator[str]:
    yield "nothing is left to clear"
    yield _resistant(case, values)


def _responded(case: Case, values: Values) -> Iterator[str]:
    yield "nothing is left to clear"
    yield (
        f"another visit from day {values['window_from']} to {values['window_to']}, later "
        "than the one that decided, without improvement: the outcome would be failed "
        "(criteria 3)"
    )
    yield _resistant(case, values)


def _undecided(case: Case, values: Values) -> Iterator[str]:
    last = case.facts["headline"]["last_usable_date"]
    yield (
        f"a visit from day {values['window_from']} to day {case.day(last)} "
        f"({day_of(last)} at the latest): it would decide (criteria 3)"
    )
    yield (
        "an earlier visit, from day 1 on, with lesions improving or healed: responded "
        "(row 6)"
    )
    yield _resistant(case, values)


def _underdosed(case: Case, values: Values) -> Iterator[str]:
    for row in case.prescriptions:
        if row["is_own"] and row["dosing"] == "inadequate":
            yield (
                f"a corrected record, if it is wrong, of {row['drug']} of day "
                f"{row['day']} ({doses.daily(row)}), of the creatinine clearance or of "
                f"the immune status: its minimum decides (row 2)  {case.place(row)}"
            )
    yield _resistant(case, values)


def _undosed(case: Case, values: Values) -> Iterator[str]:
    for row in case.prescriptions:
        if row["is_own"] and row["dosing"] == "unknown":
            lacking = ", ".join(doses.missing(row)) or "syndrome, immune status or age"
            yield (
                f"what is not known of {row['drug']} of day {row['day']}: {lacking} "
                f"(row 4)  {case.place(row)}"
            )
    yield _resistant(case, values)


def _poor_adherence(case: Case, values: Values) -> Iterator[str]:
    yield (
        f"a corrected record that shows adherence of {text(values['min_adherence'])} or "
        f"more (now {text(case.course['adherence'])}): row 3 would not apply"
    )
    yield _resistant(case, values)


def _concurrent(case: Case, values: Values) -> Iterator[str]:
    for row in case.prescriptions:
        if not row["is_own"] and row["day"] <= 0:
            yield (
                f"a corrected record of {row['drug']} by which it does not cover the "
                f"first day: row 5 would not apply  {case.place(row)}"
            )
    yield _resistant(case, values)


def _after_or_short(case: Case, values: Values) -> Iterator[str]:
    yield (
        "a corrected end of therapy, or a prescription that is not delivered yet, by "
        f"which therapy ran {values['min_therapy_days']} days or longer and to within "
        f"{values['off_therapy_days']} days of the deciding visit: rows 7 and 8 would "
        "not apply"
    )
    yield from _resolution(case, values)
    yield _resistant(case, values)


def _left_early(case: Case, values: Values) -> Iterator[str]:
    last = case.facts["headline"]["last_usable_date"]
    yield (
        f"a visit up to day {case.day(last)} ({day_of(last)}) that is not delivered yet: "
        "it could decide (criteria 3)"
    )
    yield _resistant(case, values)


def _susceptible(case: Case, values: Values) -> str:
    first = _on(case, values["refute_from_day"])
    return (
        f"a susceptible isolate collected from day {values['refute_from_day']} ({first}) "
        f"to {_last_specimen(case, values)}: refuted, susceptible isolate (row 9)"
    )


def _resistant(case: Case, values: Values) -> str:
    return (
        f"a resistant result of a specimen collected from "
        f"{_on(case, -int(values['specimen_before_days']))} to "
        f"{_last_specimen(case, values)} would confirm it (row 1)"
    )


def _other_diagnosis(case: Case, values: Values) -> Iterator[str]:
    first = _on(case, -int(values["mimic_before_days"]))
    last = _on(case, int(case.course["deciding_day"]) + int(values["mimic_after_days"]))
    yield (
        "a drug reaction, bacterial or fungal superinfection or another cause recorded "
        f"from {first} to {last}: refuted, alternative diagnosis (row 10)"
    )
    if case.course["syndrome"] == "hsv":
        yield (
            f"a positive VZV PCR collected from {first} to {last}, with no positive HSV "
            "PCR or culture in that time: refuted, alternative diagnosis (row 10)"
        )


def _resolution(case: Case, values: Values) -> Iterator[str]:
    decided = int(case.course["deciding_day"])
    low, high = int(values["window_from"]), int(values["window_to"])
    if low <= decided <= high:
        low = decided + 1
    elif decided > high:
        high = decided - 1
    high = min(high, case.day(case.facts["headline"]["last_usable_date"]))
    if low <= high:
        yield (
            f"a visit from day {low} ({_on(case, low)}) to day {high} ({_on(case, high)})"
            " that is not delivered yet and shows lesions improving or healed: "
            "responded (row 6)"
        )
    yield (
        f"a corrected status of the deciding visit of day {decided}: improving or healed "
        "is responded (row 6)"
    )


def _last_specimen(case: Case, values: Values) -> str:
    span = int(values["specimen_after_days"])
    last = case.course["end_date"] + pd.Timedelta(days=span)
    following = case.kept["next_course_date"]
    if is_absent(following):
        return day_of(last)
    # What is collected from so many days before the next course on belongs to that one.
    before = int(values["specimen_before_days"])
    return day_of(min(last, following - pd.Timedelta(days=before + 1)))


def _on(case: Case, day: Any) -> str:
    return day_of(case.course["start_date"] + pd.Timedelta(days=int(day)))


Tell = Callable[[Case, Values], Iterator[str]]
_BY_CLASS: Mapping[str, Tell] = {
    "suspected": _suspected,
    "confirmed": _confirmed,
    "refuted": _refuted,
    "responded": _responded,
    "pending": _undecided,
}
_BY_REASON: Mapping[str, Tell] = {
    "inadequate_dosing": _underdosed,
    "poor_adherence": _poor_adherence,
    "dosing_unknown": _undosed,
    "concurrent_alternative": _concurrent,
    "after_therapy": _after_or_short,
    "therapy_too_short": _after_or_short,
    "switched_early": _left_early,
    "died_or_left": _left_early,
    "no_followup": _undecided,
}
