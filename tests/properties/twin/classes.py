"""Section 4, the class, the reason, the rate and the watch list of one kept course."""

from dataclasses import dataclass
from fractions import Fraction

from tests.properties.twin.courses import Aftermath, Course
from tests.properties.twin.outcomes import (
    SPREADING,
    Decision,
    decide,
    last_possible_day,
    relapses,
    usable_days,
)
from tests.properties.twin.people import Chart, Row, is_reported
from tests.properties.twin.rules import Rules

OTHER_DIAGNOSES = (
    "drug_reaction",
    "bacterial_superinfection",
    "fungal_superinfection",
    "other_etiology",
)


@dataclass(frozen=True)
class Case:
    """All that the classification of one course looks at."""

    course: Course
    chart: Chart
    aftermath: Aftermath
    worst: dict
    adherence: Fraction | None
    is_concurrent: bool
    #: The course's own reported results with what each says in it.
    readings: list[tuple[Row, str]]

    @property
    def is_resistant(self) -> bool:
        return any(reading == "resistant" for _, reading in self.readings)

    @property
    def is_susceptible(self) -> bool:
        return any(reading == "susceptible" for _, reading in self.readings)


@dataclass(frozen=True)
class Verdict:
    """A decision with the class, reason and rate that follow from it."""

    decision: Decision
    classification: str
    reason: str | None
    in_rate: bool


def judge(case: Case, window: str, rules: Rules) -> Verdict:
    """The verdict; ``window`` names the parameter the window begins with."""
    usable = usable_days(case.course, case.aftermath, case.worst, rules)
    first, last = rules.number(window), rules.number("window_to")
    decision = decide(usable, int(first), int(last))
    ruled_out = _rows_2_to_5(case, rules)
    if case.is_resistant:
        return Verdict(decision, "confirmed", "laboratory", in_rate=ruled_out is None)
    found, reason = ruled_out or _rows_6_to_15(case, decision, rules)
    in_rate = found in ("suspected", "refuted", "responded")
    return Verdict(decision, found, reason, in_rate)


def watch_kind(case: Case, verdict: Verdict, rules: Rules) -> str | None:
    """The first kind of watch that applies to the headline verdict, or None."""
    usable = usable_days(case.course, case.aftermath, case.worst, rules)
    spreading = bool(usable) and usable[-1].status in SPREADING
    first, last = rules.number("watch_from_day"), rules.number("watch_to_day")
    waiting = verdict.classification == "pending" or verdict.reason == "no_followup"
    if waiting and spreading and first <= usable[-1].day <= last:
        return "progressing_early"
    if verdict.reason == "switched_early" and spreading:
        return "switched_while_progressing"
    if verdict.classification == "responded" and relapses(
        case.course, verdict.decision, case.aftermath, case.worst, rules
    ):
        return "relapse_on_therapy"
    return None


def _rows_2_to_5(case: Case, rules: Rules) -> tuple[str, str] | None:
    if case.course.dosing == "inadequate":
        return "excluded", "inadequate_dosing"
    if case.adherence is not None and case.adherence < rules.number("min_adherence"):
        return "excluded", "poor_adherence"
    if case.course.dosing == "unknown":
        return "not_evaluable", "dosing_unknown"
    if case.is_concurrent:
        return "not_evaluable", "concurrent_alternative"
    return None


def _rows_6_to_15(
    case: Case, decision: Decision, rules: Rules
) -> tuple[str, str | None]:
    if decision.outcome == "responded":
        return "responded", None
    if decision.outcome == "failed":
        return _class_of_failure(case, decision, rules)
    early = case.course.start + rules.days("switched_early_days")
    switch, leaving = case.aftermath.switch, case.aftermath.leaving
    if switch is not None and switch <= early:
        return "not_evaluable", "switched_early"
    if leaving is not None and leaving <= early:
        return "not_evaluable", "died_or_left"
    if rules.as_of < last_possible_day(case.course, case.aftermath, rules):
        return "pending", None
    return "not_evaluable", "no_followup"


def _class_of_failure(
    case: Case, decision: Decision, rules: Rules
) -> tuple[str, str | None]:
    course = case.course
    if decision.when > course.end + rules.days("off_therapy_days"):
        return "not_evaluable", "after_therapy"
    if course.length_days < rules.number("min_therapy_days"):
        return "not_evaluable", "therapy_too_short"
    for lab, reading in case.readings:
        day = course.day(lab["collected_date"])
        if reading == "susceptible" and day >= rules.number("refute_from_day"):
            return "refuted", "susceptible_isolate"
    if _has_other_diagnosis(case, decision, rules):
        return "refuted", "alternative_diagnosis"
    return "suspected", decision.kind


def _has_other_diagnosis(case: Case, decision: Decision, rules: Rules) -> bool:
    first = case.course.start - rules.days("mimic_before_days")
    last = decision.when + rules.days("mimic_after_days")
    for event in case.chart.events:
        if event["event"] in OTHER_DIAGNOSES and first <= event["event_date"] <= last:
            return True
    if case.course.syndrome != "hsv":
        return False
    # reading: the patient's results of the window, to whichever course they belong.
    positive = {
        lab["test"]
        for lab in case.chart.labs
        if lab["result"] == "positive"
        and first <= lab["collected_date"] <= last
        and is_reported(lab, rules)
    }
    return "vzv_pcr" in positive and not positive & {"hsv_pcr", "hsv_culture"}
