"""Each rule of a course with its inputs, what it gave, and its citation."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from pipeline.dossier import doses, rows
from pipeline.dossier.case import Case
from pipeline.dossier.words import day_of, is_absent, plain, text, yes

Values = Mapping[str, Any]

FLAGS = (
    "is_hiv",
    "is_aids",
    "is_hsct_allogeneic",
    "is_solid_organ_transplant",
    "is_immunocompromised",
    "is_immunocompetent",
    "is_prolonged",
    "is_repeated",
)
IMMUNE_TESTS = ("hiv_test", "cd4")


def result(case: Case, values: Values) -> list[str]:
    """What the course is taken for, before any of the reasons."""
    course = case.course
    named = f"{course['classification']} {text(course['reason'], '')}".strip()
    flagged = "no flag day"
    if not is_absent(case.flag_date):
        state = "closed" if case.is_closed else "open"
        flagged = f"flagged {day_of(case.flag_date)}, {state}"
    rate = "in the rate" if course["in_rate"] else "not in the rate"
    return [f"{named}; {rate}; {flagged}"]


def lines(case: Case, values: Values) -> list[str]:
    """A paragraph a rule, its rows indented beneath it."""
    told = (
        _course(case, values),
        _immune(case, values),
        _dosing(case, values),
        _adherence(case, values),
        _ends(case, values),
        _visits(case, values),
        _strict(case, values),
        _specimens(case, values),
        _other_diagnoses(case, values),
        _watch(case),
        _rate(case, values),
    )
    return [line for paragraph in told for line in paragraph]


def _rule(name: str, said: str, citation: str) -> str:
    return f"  {name:<19} {said}  [{citation}]"


def _row(case: Case, said: str, row: Mapping[str, Any]) -> str:
    return f"    - {said}  {case.place(row)}"


def _course(case: Case, values: Values) -> Iterator[str]:
    course = case.course
    yield _rule(
        "Course",
        f"{course['n_prescriptions']} prescription(s) of {course['drugs']}, "
        f"{course['length_days']} days, gaps of up to {values['course_gap_days']}; "
        f"site {text(course['site_id'])}, syndrome {course['syndrome']}",
        "criteria 2.6, 2.10",
    )


def _immune(case: Case, values: Values) -> Iterator[str]:
    course = case.course
    named = ", ".join(plain(flag.removeprefix("is_")) for flag in FLAGS if course[flag])
    yield _rule(
        "Who the patient is",
        f"{plain(course['risk_group'])}: {named or 'nothing known'}; "
        f"{case.therapy_days} days of therapy in the {values['history_days']} before "
        f"(prolonged from {values['prolonged_therapy_days']}), {case.n_recent_courses} course(s) "
        f"(repeated from {values['repeated_courses']})",
        "criteria 5",
    )
    for row in case.conditions:
        yield _row(case, rows.condition(row), row)
    for row in case.results:
        if row["test"] in IMMUNE_TESTS and row["day"] <= 0:
            yield _row(case, f"day {row['day']} {rows.result(row)}", row)
    if not case.conditions:
        taken = values["absent_immune_status"]
        yield f"    - no immune status row; absent is taken for {taken}"


def _dosing(case: Case, values: Values) -> Iterator[str]:
    yield _rule("Dosing", case.course["dosing"], "criteria 2.5, regimens")
    for row in case.prescriptions:
        if row["is_own"]:
            yield _row(case, doses.judged(case, row, values), row)
    if any(row["route"] == "iv" for row in case.prescriptions if row["is_own"]):
        weight = text(case.patient["weight_kg"], "not known")
        yield _row(case, f"weight {weight} kg", case.patient)


def _adherence(case: Case, values: Values) -> Iterator[str]:
    known = text(case.course["adherence"], "not known")
    poor = yes(case.facts["headline"]["is_poorly_adherent"])
    yield _rule(
        "Adherence",
        f"{known}; poor below {text(values['min_adherence'])}: {poor}",
        "criteria 2.9",
    )
    for row in case.prescriptions:
        if row["is_own"]:
            absent = (
                "taken as 1, given by staff" if row["route"] == "iv" else "not known"
            )
            days = row["last_day"] - row["day"] + 1
            said = f"{row['drug']}, {days} days: {text(row['adherence'], absent)}"
            yield _row(case, said, row)


def _ends(case: Case, values: Values) -> Iterator[str]:
    kept = case.kept
    last = case.facts["headline"]["last_usable_date"]
    ends = {
        "next course": kept["next_course_date"],
        "switch": kept["switch_date"],
        "death or transfer": kept["departure_date"],
    }
    named = [
        f"{name} {day_of(end)}" for name, end in ends.items() if not is_absent(end)
    ]
    yield _rule(
        "Follow-up",
        f"a visit can be usable until day {case.day(last)} ({day_of(last)}): day "
        f"{values['followup_days']}, {values['after_course_days']} days after the end, "
        f"and {'; '.join(named) or 'no next course, switch, death or transfer'}",
        "criteria 2.11, 3",
    )


def _visits(case: Case, values: Values) -> Iterator[str]:
    course = case.course
    decided = "no deciding visit"
    if not is_absent(course["deciding_day"]):
        decided = (
            f"day {text(course['deciding_day'])}, {course['deciding_status']}: "
            f"{course['outcome']}"
        )
    yield _rule(
        "Deciding visit",
        f"{decided}; window day {values['window_from']} to {values['window_to']}",
        "criteria 3",
    )
    for row in case.visits:
        yield _row(case, f"day {row['day']} {rows.visit(row)}", row)
    if not case.visits:
        yield "    - no visit"


def _strict(case: Case, values: Values) -> Iterator[str]:
    course = case.course
    yield _rule(
        "Strict rule",
        f"window from day {values['strict_window_from']}: "
        f"{course['strict_classification']} {text(course['strict_reason'], '')}".strip()
        + f", deciding day {text(course['strict_deciding_day'])}",
        "criteria 3",
    )


def _specimens(case: Case, values: Values) -> Iterator[str]:
    facts = case.facts["headline"]
    yield _rule(
        "Laboratory",
        f"resistant: {yes(facts['has_resistant'])}; susceptible: "
        f"{yes(facts['has_susceptible'])}, from day {values['refute_from_day']} on: "
        f"{yes(facts['has_refuting'])}; conflicting: {yes(case.course['conflicting_labs'])}",
        "criteria 4, specimens",
    )
    own = [row for row in case.results if row["is_resistance_test"]]
    for row in own:
        yield _row(case, f"day {row['day']} {rows.result(row)}", row)
    if not own:
        yield "    - no specimen was tested for resistance"


def _other_diagnoses(case: Case, values: Values) -> Iterator[str]:
    found = yes(case.facts["headline"]["has_alternative_diagnosis"])
    yield _rule(
        "Other diagnoses",
        f"{found}; looked for from {values['mimic_before_days']} days before the start "
        f"to {values['mimic_after_days']} days after the deciding visit of a failure",
        "criteria 4, alternative diagnosis",
    )
    for row in case.events:
        if row["is_alternative_diagnosis"]:
            yield _row(case, f"day {row['day']} {rows.event(row)}", row)
    for row in case.results:
        if row["test"] in ("vzv_pcr", "hsv_pcr", "hsv_culture"):
            yield _row(case, f"day {row['day']} {rows.result(row)}", row)


def _watch(case: Case) -> Iterator[str]:
    yield _rule("Watch", plain(case.course["watch"]), "criteria 4, watch")


def _rate(case: Case, values: Values) -> Iterator[str]:
    course = case.course
    yield _rule(
        "In the rate",
        f"{yes(course['in_rate'])}; rows 2 to 5 of criteria 4: "
        f"{plain(case.facts['headline']['set_aside_reason'])}; mature: {yes(course['is_mature'])} "
        f"(from {_days_on(case, values['maturity_days'])}); for the laboratory: "
        f"{yes(course['is_lab_mature'])} "
        f"(from {_days_on(case, values['lab_maturity_days'])})",
        "criteria 4, 6",
    )


def _days_on(case: Case, days: Any) -> str:
    return day_of(case.course["start_date"] + pd.Timedelta(days=int(days)))
