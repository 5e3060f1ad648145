"""Section 5 of the rule book: who a patient is on a day; knows one patient's rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from tests.properties.twin.rules import SYSTEMIC, Rules

Row = Mapping[str, object]

NEVER_END = ("hiv", "aids")


@dataclass
class Chart:
    """Everything that was delivered about one patient."""

    patient_id: str
    prescriptions: list[Row] = field(default_factory=list)
    visits: list[Row] = field(default_factory=list)
    conditions: list[Row] = field(default_factory=list)
    labs: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)
    birth_year: int | None = None
    weight_kg: Fraction | None = None


@dataclass(frozen=True)
class Person:
    """The flags of a patient on a day that do not depend on courses."""

    is_hiv: bool
    is_aids: bool
    is_hsct_allogeneic: bool
    is_solid_organ_transplant: bool
    is_immunocompromised: bool
    is_immunocompetent: bool


def person_on(chart: Chart, day: date, rules: Rules) -> Person:
    """Who the patient is on the day, by what is known at the as-of date."""
    conditions = _conditions_on(chart, day)
    labs = [
        lab
        for lab in chart.labs
        if lab["collected_date"] <= day and is_reported(lab, rules)
    ]
    tested_positive = any(
        lab["test"] == "hiv_test" and lab["result"] == "positive" for lab in labs
    )
    is_hiv = "hiv" in conditions or "aids" in conditions or tested_positive
    limit = rules.number("aids_cd4_below")
    few_cells = any(lab["test"] == "cd4" and _is_below(lab, limit) for lab in labs)
    # "hiv" and "aids" are conditions too, so a condition other than none_documented,
    # or a positive test, is all that "any of the above, or any other" can mean.
    is_immunocompromised = is_hiv or bool(conditions - {"none_documented"})
    is_immunocompetent = not is_immunocompromised and (
        "none_documented" in conditions
        or rules.parameters["absent_immune_status"] == "immunocompetent"
    )
    return Person(
        is_hiv=is_hiv,
        is_aids="aids" in conditions or (is_hiv and few_cells),
        is_hsct_allogeneic="hsct_allogeneic" in conditions,
        is_solid_organ_transplant="solid_organ_transplant" in conditions,
        is_immunocompromised=is_immunocompromised,
        is_immunocompetent=is_immunocompetent,
    )


def is_reported(lab: Row, rules: Rules) -> bool:
    """Whether the result was reported by the as-of date; an empty date is not."""
    return lab["resulted_date"] is not None and lab["resulted_date"] <= rules.as_of


def is_prolonged(chart: Chart, day: date, rules: Rules) -> bool:
    """Whether systemic tk_dependent drugs covered enough days of the history."""
    first = day - rules.days("history_days")
    covered = set()
    for row in chart.prescriptions:
        if row["route"] not in SYSTEMIC:
            continue
        if rules.drug_class(row["drug"]) != "tk_dependent":
            continue
        start, end = interval_of(row)
        # The last day of the history is the day before, so `day` is left out.
        covered.update(range(max(start, first).toordinal(), end.toordinal() + 1))
    days = [ordinal for ordinal in covered if ordinal < day.toordinal()]
    return len(days) >= rules.number("prolonged_therapy_days")


def interval_of(prescription: Row) -> tuple[date, date]:
    """First and last day; a given end goes before days_supply (section 2.1)."""
    start, end = prescription["start_date"], prescription["end_date"]
    if end is None:
        end = date.fromordinal(start.toordinal() + int(prescription["days_supply"]) - 1)
    return start, end


def risk_group(person: Person, prolonged: bool) -> str:
    """The first group of section 5 that applies."""
    if person.is_hsct_allogeneic:
        return "hsct_allogeneic"
    if person.is_aids and prolonged:
        return "aids_prolonged"
    if person.is_hiv:
        return "hiv"
    if person.is_solid_organ_transplant:
        return "solid_organ_transplant"
    if person.is_immunocompromised:
        return "other_immunocompromised"
    return "immunocompetent" if person.is_immunocompetent else "unknown"


def _conditions_on(chart: Chart, day: date) -> set[str]:
    found = set()
    for row in chart.conditions:
        if row["from_date"] > day:
            continue
        still = row["to_date"] is None or row["to_date"] >= day
        if still or row["condition"] in NEVER_END:
            found.add(row["condition"])
    return found


def _is_below(lab: Row, limit: Fraction) -> bool:
    # reading: a CD4 count with `>` or `>=` is never below the limit, whatever its
    # number; one without a value says nothing, whatever its result.
    value, operator = lab["value"], lab["value_operator"]
    if value is None or operator in (">", ">="):
        return False
    if operator == "<":
        return value <= limit
    return value < limit
