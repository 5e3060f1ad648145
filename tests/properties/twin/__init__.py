"""The rule book in the plainest Python: an independent second reading of it.

Written from the rule book alone, without the SQL in view; loops over one patient after
another, dates and fractions. Knows accepted, typed rows; nothing of files or engines.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from tests.properties.twin.classes import Case, Verdict, judge, watch_kind
from tests.properties.twin.courses import (
    Course,
    adherence_of,
    aftermath_of,
    build_courses,
    is_absorbed,
    is_concurrent,
)
from tests.properties.twin.outcomes import worst_by_day
from tests.properties.twin.people import (
    Chart,
    Row,
    is_prolonged,
    is_reported,
    person_on,
    risk_group,
)
from tests.properties.twin.prescriptions import read_prescriptions
from tests.properties.twin.rules import DRUG_CLASSES, Rules, Seeds, read_parameters
from tests.properties.twin.specimens import course_of, reading_of

__all__ = ["DRUG_CLASSES", "Outcome", "Seeds", "classify", "read_parameters"]

Delivery = Mapping[str, list[Row]]


@dataclass
class Outcome:
    """What became of a delivery.

    ``courses``: one dict a kept course, the columns of ``courses.parquet``, in its order.
    ``absorbed``: patient_id, start_date, end_date, dosing and n_prescriptions of the
    courses dropped.
    ``prescriptions``: intent, syndrome, daily_dose and dosing of each systemic
    tk_dependent prescription, by prescription_id. ``specimens``: each reported result
    by lab_id with the start_date and dosing of its course (None, None: of none) and
    what it says there. ``unattached``: lab_ids of resistant results without a course.
    """

    courses: list[dict] = field(default_factory=list)
    absorbed: list[dict] = field(default_factory=list)
    prescriptions: dict[str, dict] = field(default_factory=dict)
    specimens: dict[str, dict] = field(default_factory=dict)
    unattached: list[str] = field(default_factory=list)

    @property
    def n_absorbed(self) -> int:
        return len(self.absorbed)


def classify(
    delivery: Delivery, as_of: date, parameters: Mapping[str, object], seeds: Seeds
) -> Outcome:
    """Every course of the delivery with its outcome, class and flags.

    The rows are accepted, typed and none is dated after ``as_of``. The parameters are
    those of ``seeds/parameters.csv`` by name, as numbers or as text.
    """
    rules = Rules(as_of, parameters, seeds)
    outcome = Outcome()
    charts = _charts(delivery)
    for patient_id in sorted(charts, key=str.encode):
        _classify_patient(charts[patient_id], rules, outcome)
    outcome.unattached.sort(key=str.encode)
    return outcome


def _charts(delivery: Delivery) -> dict[str, Chart]:
    charts: dict[str, Chart] = {}

    def chart(row: Row) -> Chart:
        patient_id = row["patient_id"]
        return charts.setdefault(patient_id, Chart(patient_id))

    for row in delivery.get("prescriptions", []):
        chart(row).prescriptions.append(row)
    for row in delivery.get("followups", []):
        chart(row).visits.append(row)
    for row in delivery.get("immune_status", []):
        chart(row).conditions.append(row)
    for row in delivery.get("labs", []):
        chart(row).labs.append(row)
    for row in delivery.get("clinical_events", []):
        chart(row).events.append(row)
    for row in delivery.get("patients", []):
        chart(row).birth_year = row["birth_year"]
        weight = row["weight_kg"]
        chart(row).weight_kg = None if weight is None else Fraction(weight)
    return charts


def _classify_patient(chart: Chart, rules: Rules, outcome: Outcome) -> None:
    prescriptions = read_prescriptions(chart, rules)
    for prescription in prescriptions:
        if prescription.is_tk_systemic:
            key = prescription.row["prescription_id"]
            outcome.prescriptions[key] = {
                "intent": prescription.intent,
                "syndrome": prescription.syndrome,
                "daily_dose": prescription.daily_dose,
                "dosing": prescription.dosing,
            }
    built = build_courses(prescriptions, rules)
    built.sort(key=lambda course: (course.start, course.dosing))
    kept = []
    for course in built:
        if is_absorbed(course, built, rules):
            outcome.absorbed.append(_absorbed_row(course))
        else:
            kept.append(course)
    readings = _read_specimens(chart, kept, rules, outcome)
    for course in kept:
        case = Case(
            course=course,
            chart=chart,
            aftermath=aftermath_of(course, kept, prescriptions, chart),
            worst=worst_by_day(course, chart),
            adherence=adherence_of(course),
            is_concurrent=is_concurrent(course, prescriptions),
            readings=readings[id(course)],
        )
        outcome.courses.append(_course_row(case, kept, rules))


def _absorbed_row(course: Course) -> dict:
    return {
        "patient_id": course.patient_id,
        "start_date": course.start,
        "end_date": course.end,
        "dosing": course.dosing,
        "n_prescriptions": len(course.prescriptions),
    }


def _read_specimens(
    chart: Chart, kept: list[Course], rules: Rules, outcome: Outcome
) -> dict[int, list[tuple[Row, str]]]:
    readings: dict[int, list[tuple[Row, str]]] = {id(course): [] for course in kept}
    for lab in chart.labs:
        if not is_reported(lab, rules):
            continue
        course = course_of(lab, kept, rules)
        # reading: without a course there is no zoster course either, so a genotype and
        # the cut-off speak for an unattached result.
        syndrome = "unknown" if course is None else course.syndrome
        reading = reading_of(lab, syndrome, rules)
        outcome.specimens[lab["lab_id"]] = {
            "start_date": None if course is None else course.start,
            "dosing": None if course is None else course.dosing,
            "reading": reading,
        }
        if course is None and reading == "resistant":
            outcome.unattached.append(lab["lab_id"])
        elif course is not None and reading is not None:
            readings[id(course)].append((lab, reading))
    return readings


def _course_row(case: Case, kept: list[Course], rules: Rules) -> dict:
    course = case.course
    verdict = judge(case, "window_from", rules)
    strict = judge(case, "strict_window_from", rules)
    drugs = {prescription.row["drug"] for prescription in course.prescriptions}
    return {
        "patient_id": course.patient_id,
        "start_date": course.start,
        "end_date": course.end,
        "length_days": course.length_days,
        "drugs": ", ".join(sorted(drugs)),
        "dosing": course.dosing,
        "adherence": case.adherence,
        "syndrome": course.syndrome,
        "site_id": course.site_id,
        **_verdict_columns(verdict, strict),
        "is_mature": course.start + rules.days("maturity_days") <= rules.as_of,
        "is_lab_mature": course.start + rules.days("lab_maturity_days") <= rules.as_of,
        "watch": watch_kind(case, verdict, rules),
        # reading: a susceptible result of any day conflicts, not only one that refutes.
        "conflicting_labs": case.is_resistant and case.is_susceptible,
        **_flag_columns(case, kept, rules),
        "n_prescriptions": len(course.prescriptions),
    }


def _verdict_columns(verdict: Verdict, strict: Verdict) -> dict:
    return {
        "outcome": verdict.decision.outcome,
        "deciding_day": verdict.decision.day,
        "deciding_date": verdict.decision.when,
        "deciding_status": verdict.decision.status,
        "failure_kind": verdict.decision.kind,
        "classification": verdict.classification,
        "reason": verdict.reason,
        "strict_classification": strict.classification,
        "strict_reason": strict.reason,
        "strict_outcome": strict.decision.outcome,
        "strict_deciding_day": strict.decision.day,
        "in_rate": verdict.in_rate,
        "strict_in_rate": strict.in_rate,
    }


def _flag_columns(case: Case, kept: list[Course], rules: Rules) -> dict:
    start = case.course.start
    person = person_on(case.chart, start, rules)
    prolonged = is_prolonged(case.chart, start, rules)
    first = start - rules.days("history_days")
    recent = [course for course in kept if first <= course.start <= start]
    return {
        "is_hiv": person.is_hiv,
        "is_aids": person.is_aids,
        "is_hsct_allogeneic": person.is_hsct_allogeneic,
        "is_solid_organ_transplant": person.is_solid_organ_transplant,
        "is_immunocompromised": person.is_immunocompromised,
        "is_immunocompetent": person.is_immunocompetent,
        "is_prolonged": prolonged,
        "is_repeated": len(recent) >= rules.number("repeated_courses"),
        "risk_group": risk_group(person, prolonged),
    }
