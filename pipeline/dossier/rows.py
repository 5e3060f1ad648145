"""The delivered rows of a course in words, in the order of their days."""

from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.dossier.case import Case
from pipeline.dossier.words import day_of, is_absent, plain, text

Row = Mapping[str, Any]

STANDINGS = {
    "before_day_one": "before day 1, not used",
    "other_syndrome": "another syndrome, not used",
    "after_followup": "after follow-up ended, not used",
    "usable": "usable",
    "late": "too late after the start, not used",
    "after_course": "too late after the end, not used",
    "recurrence": "a recurrence after the end, not used",
}


def timeline(case: Case) -> list[str]:
    """Every row, a line each, with the day of the course and where it was delivered."""
    told = sorted(_told(case), key=lambda entry: entry[0])
    return [
        f"  day {day:>4}  {day_of(row_date)}  {what}  {case.place(row)}"
        for day, row_date, what, row in told
    ]


def _told(case: Case) -> Iterator[tuple[int, Any, str, Row]]:
    for row in case.conditions:
        yield row["day"], row["from_date"], condition(row), row
    for row in case.prescriptions:
        yield row["day"], row["start_date"], prescription(row), row
    for row in case.visits:
        yield row["day"], row["visit_date"], visit(row), row
    for row in case.results:
        yield row["day"], row["collected_date"], result(row), row
    for row in case.events:
        yield row["day"], row["event_date"], event(row), row


def prescription(row: Row) -> str:
    """What was prescribed, and until when."""
    dose = "dose not given"
    if not is_absent(row["dose"]):
        often = text(row["doses_per_day"], "unknown times")
        dose = (
            f"{text(row['dose'])} {text(row['dose_unit'], 'unit not given')} x {often}"
        )
    kind = "" if row["is_own"] else f" ({plain(row['drug_class'])})"
    return (
        f"{row['drug']}{kind} {row['route']} {dose} a day, until day {row['last_day']}"
    )


def visit(row: Row) -> str:
    """What was seen, whether it could speak for the course, and whether it decided."""
    said = f"visit: {row['lesion_status']}"
    if not is_absent(row["syndrome"]):
        said += f", {row['syndrome']}"
    said += f": {STANDINGS[row['standing']]}"
    if (
        not is_absent(row["worst_of_day"])
        and row["worst_of_day"] != row["lesion_status"]
    ):
        said += f", {row['worst_of_day']} is the worst of the day"
    deciding = {
        (True, True): "; decides",
        (True, False): "; decides under the headline rule",
        (False, True): "; decides under the strict rule",
    }
    if row["standing"] != "usable":
        return said
    return said + deciding.get((row["is_deciding"], row["is_strict_deciding"]), "")


def result(row: Row) -> str:
    """What was tested and found, how a specimen reads, and whose it is."""
    said = f"{row['label']}: {_found(row)}"
    if not row["is_resistance_test"] or not row["is_reported"]:
        return said
    if not row["is_own_specimen"]:
        return f"{said}; belongs to no course or to another"
    return f"{said}; reads {text(row['reading'], 'neither resistant nor susceptible')}"


def _found(row: Row) -> str:
    if not row["is_reported"]:
        return "taken, not yet reported"
    value = "" if is_absent(row["value"]) else text(row["value"])
    parts = (
        plain(row["result"]) if not is_absent(row["result"]) else "",
        f"{text(row['value_operator'], '')}{value}",
        text(row["unit"], "") if value else "",
    )
    return " ".join(part for part in parts if part) or "no result given"


def event(row: Row) -> str:
    """What happened, and what it means for the course."""
    if row["explains_failure"]:
        return f"{row['label']}: another diagnosis in the window"
    if row["ends_followup"] and row["day"] >= 0:
        return f"{row['label']}: ends follow-up"
    return str(row["label"])


def condition(row: Row) -> str:
    """What is recorded of the immune status, from when to when, and whether it holds."""
    until = "" if is_absent(row["to_date"]) else f" to {day_of(row['to_date'])}"
    holds = "holds on day 0" if row["holds_at_start"] else "does not hold on day 0"
    return f"{row['label']}, from {day_of(row['from_date'])}{until}: {holds}"
