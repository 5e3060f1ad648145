"""Section 3 of the rule book: usable days, deciding visit, outcome."""

from dataclasses import dataclass
from datetime import date, timedelta

from tests.properties.twin.courses import Aftermath, Course
from tests.properties.twin.people import Chart
from tests.properties.twin.rules import Rules

WORST_FIRST = ("progressing", "new", "unchanged", "improving", "healed")
SPREADING = ("progressing", "new")
HEALING = ("improving", "healed")


@dataclass(frozen=True)
class Decision:
    """The deciding visit and what it says; all None without one."""

    day: int | None = None
    when: date | None = None
    status: str | None = None

    @property
    def outcome(self) -> str | None:
        if self.status is None:
            return None
        return "responded" if self.status in HEALING else "failed"

    @property
    def kind(self) -> str | None:
        if self.outcome != "failed":
            return None
        return "persistent" if self.status == "unchanged" else "progressive"


def worst_by_day(course: Course, chart: Chart) -> dict[date, str]:
    """Each day's worst status, visits of another known syndrome left out."""
    seen: dict[date, list[str]] = {}
    for visit in chart.visits:
        # reading: a course of unknown syndrome uses every visit, a visit that names no
        # syndrome is used by every course.
        names_another = (
            course.syndrome != "unknown"
            and visit["syndrome"] is not None
            and visit["syndrome"] != course.syndrome
        )
        if not names_another:
            seen.setdefault(visit["visit_date"], []).append(visit["lesion_status"])
    return {
        when: min(statuses, key=WORST_FIRST.index) for when, statuses in seen.items()
    }


def last_possible_day(course: Course, aftermath: Aftermath, rules: Rules) -> date:
    """The last day that could be usable, seen or not (section 4, row 14)."""
    return min(
        course.start + rules.days("followup_days"),
        course.end + rules.days("after_course_days"),
        *aftermath.days,
    )


def usable_days(
    course: Course, aftermath: Aftermath, worst: dict[date, str], rules: Rules
) -> list[Decision]:
    """The usable days in order, each as the decision that it would be."""
    last = min(last_possible_day(course, aftermath, rules), rules.as_of)
    usable = []
    for when, status in sorted(worst.items()):
        # reading: after the end a day is a recurrence by its worst status, so a day
        # with both `new` and `progressing` is progressing and stays usable.
        is_recurrence = when > course.end and status == "new"
        if course.start + timedelta(days=1) <= when <= last and not is_recurrence:
            usable.append(Decision(course.day(when), when, status))
    return usable


def decide(usable: list[Decision], window_from: int, window_to: int) -> Decision:
    """The deciding visit among the usable days, or the empty decision."""
    within = [seen for seen in usable if window_from <= seen.day <= window_to]
    if within:
        return within[-1]
    after = [seen for seen in usable if seen.day > window_to]
    if after:
        return after[0]
    before = [seen for seen in usable if seen.day < window_from]
    if before and before[-1].outcome == "responded":
        return before[-1]
    return Decision()


def relapses(
    course: Course,
    decision: Decision,
    aftermath: Aftermath,
    worst: dict[date, str],
    rules: Rules,
) -> bool:
    """Whether lesions spread again under therapy after the deciding day."""
    # The followup_days do not bound it: "no 21-day limit".
    last = min(course.end, rules.as_of, *aftermath.days)
    return any(
        decision.when < when <= last and status in SPREADING
        for when, status in worst.items()
    )
