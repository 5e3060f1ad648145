"""Section 2, rules 6 to 12: courses and what comes after them; knows one patient."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

from tests.properties.twin.people import Chart
from tests.properties.twin.prescriptions import Prescription
from tests.properties.twin.rules import Rules

LEAVING = ("death", "transfer_out")


@dataclass(eq=False)
class Course:
    """Treatment prescriptions of one dosing value that follow one another."""

    patient_id: str
    dosing: str
    prescriptions: list[Prescription] = field(default_factory=list)

    @property
    def start(self) -> date:
        return self.prescriptions[0].start

    @property
    def end(self) -> date:
        return max(prescription.end for prescription in self.prescriptions)

    @property
    def length_days(self) -> int:
        return (self.end - self.start).days + 1

    @property
    def syndrome(self) -> str:
        return self.prescriptions[0].syndrome

    @property
    def site_id(self) -> str | None:
        return self.prescriptions[0].row["site_id"]

    def day(self, when: date) -> int:
        """Elapsed days since the start, which is day 0."""
        return (when - self.start).days


@dataclass(frozen=True)
class Aftermath:
    """What ends a course's story: each the first of its kind, or None."""

    next_course: date | None
    switch: date | None
    leaving: date | None

    @property
    def days(self) -> list[date]:
        return [
            day
            for day in (self.next_course, self.switch, self.leaving)
            if day is not None
        ]


def build_courses(prescriptions: list[Prescription], rules: Rules) -> list[Course]:
    """The patient's courses, the absorbed ones among them; the input is in order."""
    built: list[Course] = []
    for dosing in ("adequate", "inadequate", "unknown"):
        course = None
        for prescription in prescriptions:
            treats = prescription.is_tk_systemic and prescription.intent == "treatment"
            if not treats or prescription.dosing != dosing:
                continue
            gap = timedelta(days=1) + rules.days("course_gap_days")
            if course is None or prescription.start > course.end + gap:
                course = Course(str(prescription.row["patient_id"]), dosing)
                built.append(course)
            course.prescriptions.append(prescription)
    return built


def is_absorbed(course: Course, built: list[Course], rules: Rules) -> bool:
    """Whether one adequate course overlaps enough of this one's span (rule 7)."""
    if course.dosing == "adequate":
        return False
    needed = rules.number("absorbing_overlap_share") * course.length_days
    for other in built:
        if other.dosing == "adequate":
            shared = min(course.end, other.end) - max(course.start, other.start)
            # Courses apart share no days, and a negative number of them is none.
            if max(shared.days + 1, 0) >= needed:
                return True
    return False


def adherence_of(course: Course) -> Fraction | None:
    """The share of doses taken, weighted by days; None where none is known."""
    # reading: days are each prescription's own, so a day of two counts for both.
    taken, days = Fraction(0), 0
    for prescription in course.prescriptions:
        share = prescription.row["adherence"]
        if share is None and prescription.row["route"] == "iv":
            share = 1
        if share is not None:
            taken += Fraction(share) * prescription.days
            days += prescription.days
    return taken / days if days else None


def aftermath_of(
    course: Course, kept: list[Course], prescriptions: list[Prescription], chart: Chart
) -> Aftermath:
    """The next course, the switch, and the death or transfer (rule 11, section 3)."""
    later = [other.start for other in kept if other.start > course.start]
    switches = [
        prescription.start
        for prescription in prescriptions
        if prescription.is_alternative and prescription.start > course.start
    ]
    leavings = [
        event["event_date"]
        for event in chart.events
        if event["event"] in LEAVING and event["event_date"] >= course.start
    ]
    return Aftermath(
        min(later, default=None),
        min(switches, default=None),
        min(leavings, default=None),
    )


def is_concurrent(course: Course, prescriptions: list[Prescription]) -> bool:
    """Whether another kind of drug covers the first day (rule 12)."""
    return any(
        prescription.is_alternative
        and prescription.start <= course.start <= prescription.end
        for prescription in prescriptions
    )
