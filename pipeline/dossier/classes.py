"""The rows of criteria 4 in their order, each with what it looked at."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from pipeline.dossier.case import Case
from pipeline.dossier.words import day_of, text, yes

Values = Mapping[str, Any]


class ClassRow(NamedTuple):
    """A row of criteria 4: its number, class, reason, when it applies, its inputs."""

    number: int
    classification: str
    reason: str
    when: str
    inputs: Callable[[Case, Values], str]


def _resistant(case: Case, _: Values) -> str:
    return f"resistant result: {yes(case.facts['headline']['has_resistant'])}"


def _dosing(case: Case, _: Values) -> str:
    return f"dosing: {case.course['dosing']}"


def _adherence(case: Case, values: Values) -> str:
    known = text(case.course["adherence"], "not known")
    return f"adherence: {known}, poor below {text(values['min_adherence'])}"


def _concurrent(case: Case, _: Values) -> str:
    return f"another antiviral on day 0: {yes(case.kept['is_concurrent'])}"


def _outcome(case: Case, _: Values) -> str:
    return f"outcome: {text(case.course['outcome'])}"


def _after_therapy(case: Case, values: Values) -> str:
    decided = text(case.course["deciding_day"])
    last = case.course["length_days"] - 1 + int(values["off_therapy_days"])
    return f"decided on day {decided}, at the latest day {last}"


def _length(case: Case, values: Values) -> str:
    days = case.course["length_days"]
    return f"{days} days of therapy, at least {values['min_therapy_days']}"


def _susceptible(case: Case, values: Values) -> str:
    found = yes(case.facts["headline"]["has_refuting"])
    return f"susceptible from day {values['refute_from_day']}: {found}"


def _other_diagnosis(case: Case, _: Values) -> str:
    found = yes(case.facts["headline"]["has_alternative_diagnosis"])
    return f"another diagnosis in the window: {found}"


def _kind(case: Case, _: Values) -> str:
    return (
        f"outcome: {text(case.course['outcome'])}, {text(case.course['failure_kind'])}"
    )


def _switch(case: Case, values: Values) -> str:
    switched = day_of(case.kept["switch_date"])
    return f"switch: {switched}, early up to day {values['switched_early_days']}"


def _departure(case: Case, values: Values) -> str:
    left = day_of(case.kept["departure_date"])
    return f"death or transfer: {left}, early up to day {values['switched_early_days']}"


def _last_usable(case: Case, _: Values) -> str:
    last = day_of(case.facts["headline"]["last_usable_date"])
    return f"last day that could be usable: {last}"


CLASS_ROWS = (
    ClassRow(1, "confirmed", "laboratory", "a resistant result", _resistant),
    ClassRow(2, "excluded", "inadequate_dosing", "dosing is inadequate", _dosing),
    ClassRow(3, "excluded", "poor_adherence", "adherence is poor", _adherence),
    ClassRow(4, "not_evaluable", "dosing_unknown", "dosing is unknown", _dosing),
    ClassRow(
        5,
        "not_evaluable",
        "concurrent_alternative",
        "another antiviral at the start",
        _concurrent,
    ),
    ClassRow(6, "responded", "", "the lesions began to resolve", _outcome),
    ClassRow(
        7,
        "not_evaluable",
        "after_therapy",
        "failed, decided after therapy",
        _after_therapy,
    ),
    ClassRow(
        8, "not_evaluable", "therapy_too_short", "failed, therapy too short", _length
    ),
    ClassRow(
        9,
        "refuted",
        "susceptible_isolate",
        "failed, a susceptible isolate",
        _susceptible,
    ),
    ClassRow(
        10,
        "refuted",
        "alternative_diagnosis",
        "failed, another diagnosis",
        _other_diagnosis,
    ),
    ClassRow(11, "suspected", "persistent", "failed: lesions persist", _kind),
    ClassRow(11, "suspected", "progressive", "failed: lesions progress", _kind),
    ClassRow(
        12, "not_evaluable", "switched_early", "no outcome, switched early", _switch
    ),
    ClassRow(
        13, "not_evaluable", "died_or_left", "no outcome, died or left", _departure
    ),
    ClassRow(14, "pending", "", "no outcome yet", _last_usable),
    ClassRow(15, "not_evaluable", "no_followup", "no outcome, no follow-up", _outcome),
)
"""The rows of criteria 4 in their order; `sql/classification/classes.sql` applies them."""


def lines(case: Case, values: Values) -> list[str]:
    """A line a row: whether it applies, and what it looked at; later rows are not asked."""
    course = case.course
    found = (course["classification"], text(course["reason"], none=""))
    told, is_reached = [], True
    for row in CLASS_ROWS:
        applies = found == (row.classification, row.reason)
        state = "applies" if applies else "no" if is_reached else "not asked"
        name = f"{row.classification} {row.reason}".strip()
        asked = f" ({row.inputs(case, values)})" if is_reached else ""
        told.append(f"  {row.number:>2}  {state:<10} {name}: {row.when}{asked}")
        is_reached = is_reached and not applies
    return told
