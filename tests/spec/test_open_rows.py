"""Criteria 9: which cases stand on the line list, whatever course began since."""

from datetime import date

import pytest

from tests.spec.followed_stories import Stories, accessible
from tests.spec.vignettes.rows import (
    Given,
    condition,
    day,
    event,
    lab,
    resistant,
    rx,
    too_little,
    undosed,
    visit,
)

AS_OF: date = day(180)
"""2026-06-30; day 0 is in January."""

CLOSING = 90
"""Criteria 9: closed 90 days after the last unhealed visit."""

HIV = condition("hiv")
CONSULT = event("id_consult", 9)
story = Stories()


@pytest.fixture(scope="module")
def told():
    with story.walked(AS_OF) as found:
        yield found


def ago(days: int) -> int:
    """The day so many days before the as-of date."""
    return 180 - days


CONFIRMED = [HIV, rx(9, 10), visit(17, "progressing"), resistant(15)]
"""Began on 10 January, failed, and was proven resistant."""

WORSE_SINCE = [visit(number, "progressing") for number in (33, 60, 100, 140, ago(10))]
AGAIN = rx(23, 10)

ALONE = story(*CONFIRMED, *WORSE_SINCE)
AGAIN_IMPROVING = story(*CONFIRMED, AGAIN, visit(31, "improving"), *WORSE_SINCE)
AGAIN_UNSEEN = story(*CONFIRMED, AGAIN, *WORSE_SINCE[1:])
AGAIN_UNDOSED = story(*CONFIRMED, undosed(23, 10), *WORSE_SINCE)
AGAIN_IN_JUNE = story(*CONFIRMED, rx(160, 10), visit(168, "progressing"))


@pytest.mark.parametrize(
    ("number", "last"),
    [
        (ALONE, ago(10)),
        (AGAIN_IMPROVING, ago(10)),
        (AGAIN_UNSEEN, ago(10)),
        (AGAIN_UNDOSED, ago(10)),
        (AGAIN_IN_JUNE, 168),
    ],
    ids=["no later course", "improving", "unseen", "undosed", "long after"],
)
def test_proven_resistance_with_open_lesions_is_listed(told, number, last):
    """A later course closes nothing, and what was seen in it was seen of the lesion."""
    row = told.listed(number)[0]
    assert row["start_date"].date() == day(9)
    assert row["classification"] == "confirmed"
    assert row["last_status"] == "progressing"
    assert row["last_visit_date"].date() == day(last)


SUSPECTED = [HIV, rx(60, 10), visit(68, "unchanged"), CONSULT]
PROVEN_LATER = [rx(85, 10), visit(94, "unchanged"), resistant(94)]
HEALED_LATER = story(*SUSPECTED, *PROVEN_LATER, visit(160, "healed"))
HALF_HEALED = story(
    *SUSPECTED, *PROVEN_LATER, visit(160, "healed"), visit(160, "improving")
)
OTHER_HEALED = story(
    *SUSPECTED,
    rx(85, 10, indication="zoster"),
    visit(120, "unchanged", "hsv"),
    visit(160, "healed", "zoster"),
    visit(161, "unchanged", "hsv"),
)


def test_a_healed_visit_in_a_later_course_closes_the_earlier(told):
    assert told.listed(HEALED_LATER) == []
    assert len(told.listed(HALF_HEALED)) == 2  # every lesion of the day must be healed


def test_a_healed_visit_of_another_syndrome_closes_nothing(told):
    assert [row["start_date"].date() for row in told.listed(OTHER_HEALED)] == [day(60)]


HEALED_ON_THE_FLAG_DAY = story(
    HIV,
    rx(60, 10),
    visit(66, "healed"),
    resistant(66, resulted_date=day(100)),
    rx(80, 10),
    visit(100, "healed"),
)
HEALED_THE_DAY_AFTER = story(
    HIV,
    rx(60, 10),
    visit(66, "healed"),
    resistant(66, resulted_date=day(100)),
    rx(80, 10),
    visit(101, "healed"),
)


def test_healed_on_the_flag_day_closes_nothing_and_the_day_after_does(told):
    assert len(told.listed(HEALED_ON_THE_FLAG_DAY)) == 1
    assert told.due(HEALED_ON_THE_FLAG_DAY) >= {"needs_last_look"}
    assert told.listed(HEALED_THE_DAY_AFTER) == []


UNHEALED = {
    days: story(HIV, rx(9, 10), visit(17, "unchanged"), rx(70, 10),
                visit(ago(days), "unchanged"))
    for days in (89, 90, 91)
}  # fmt: skip


@pytest.mark.parametrize("days", [89, 90, 91])
def test_ninety_days_count_from_the_last_unhealed_visit_of_any_course(told, days):
    assert told.is_closed(UNHEALED[days]) == (days >= CLOSING)


NEW_EPISODE = {
    days: story(HIV, rx(0, 10), visit(8, "unchanged"), rx(60, 10),
                visit(8 + days, "unchanged"))
    for days in (89, 90, 91)
}  # fmt: skip
NOT_TREATED_ANEW = story(HIV, rx(0, 10), visit(8, "unchanged"), visit(110, "unchanged"))


@pytest.mark.parametrize("days", [89, 90, 91])
def test_a_later_episode_does_not_open_again_what_was_never_confirmed(told, days):
    """Ours: closed for good; what was confirmed is opened (`AGAIN_IN_JUNE`)."""
    assert told.is_closed(NEW_EPISODE[days]) == (days >= CLOSING)


def test_without_a_later_course_it_is_the_same_lesion(told):
    assert not told.is_closed(NOT_TREATED_ANEW)


LONG_AGO = [HIV, rx(0, 10)]
FAILED = visit(8, "progressing")
RESPONDED = visit(8, "improving")


def reported(days: int) -> Given:
    """A resistant isolate of the course that was reported so many days ago."""
    return resistant(8, resulted_date=day(ago(days)))


REPORTED_LATE = {
    (seen.values["lesion_status"], days): story(*LONG_AGO, seen, reported(days))
    for seen in (FAILED, RESPONDED)
    for days in (5, 89, 90, 91)
}
REPORTED_AND_HEALED = story(*LONG_AGO, FAILED, visit(30, "healed"), reported(5))
REPORTED_AND_LEFT = story(*LONG_AGO, FAILED, event("transfer_out", 30), reported(5))


@pytest.mark.parametrize("status", ["progressing", "improving"])
@pytest.mark.parametrize("days", [5, 89, 90, 91])
def test_a_resistant_report_opens_a_course_as_a_flag_day_does(told, status, days):
    """Beyond the letter (ours): the last unhealed visit was 172 days ago."""
    assert told.is_closed(REPORTED_LATE[status, days]) == (days >= CLOSING)


def test_what_healed_or_left_is_not_opened_by_a_report(told):
    assert told.is_closed(REPORTED_AND_HEALED)
    assert told.is_closed(REPORTED_AND_LEFT)


OPEN_SUSPECTED = [*SUSPECTED, event("id_consult", 69)]
PROVEN_SINCE = story(*OPEN_SUSPECTED, *PROVEN_LATER, visit(150, "progressing"))
PROVEN_THE_SAME_DAY = story(
    HIV,
    rx(60, 10, prescription_id="a"),
    too_little(60, 30, prescription_id="b"),
    visit(68, "unchanged"),
    resistant(110, resulted_date=day(120)),
    visit(150, "progressing"),
)
AWAITED_THEN_PROVEN = story(
    *OPEN_SUSPECTED,
    lab("acyclovir_susceptibility", 69, resulted_date=None),
    *PROVEN_LATER,
    visit(150, "progressing"),
)
WITHIN_REACH = story(*OPEN_SUSPECTED, *PROVEN_LATER, accessible(visit(150, "new")))
ON_PROPHYLAXIS = story(
    *OPEN_SUSPECTED, *PROVEN_LATER, visit(150, "new"), rx(140, 90, intent="prophylaxis")
)


def test_what_was_proven_since_needs_no_culture_and_awaits_nothing(told):
    """The resistance of the later course is that of the patient's virus."""
    suspected, confirmed = told.listed(PROVEN_SINCE)
    assert suspected["classification"] == "suspected"
    assert suspected["later_confirmed_date"].date() == day(85)
    assert confirmed["later_confirmed_date"] is None
    assert told.due(PROVEN_SINCE) == {"needs_foscarnet", "stays_off_class"}
    assert told.due(AWAITED_THEN_PROVEN) == {"needs_foscarnet", "stays_off_class"}


def test_its_further_steps_are_those_of_proven_resistance(told):
    assert told.due(WITHIN_REACH) == {"needs_trifluridine", "stays_off_class"}
    assert told.due(ON_PROPHYLAXIS) == {"needs_foscarnet", "needs_stop"}


def test_another_course_of_the_same_day_proves_it_too(told):
    rows = {row["dosing"]: row for row in told.listed(PROVEN_THE_SAME_DAY)}
    assert rows["inadequate"]["classification"] == "confirmed"
    assert rows["adequate"]["classification"] == "suspected"
    assert rows["adequate"]["later_confirmed_date"].date() == day(60)


ZOSTER_PROVEN = story(
    HIV,
    rx(60, 10),
    visit(68, "unchanged", "hsv"),
    visit(150, "unchanged", "hsv"),
    rx(100, 10, indication="zoster"),
    visit(108, "unchanged", "zoster"),
    resistant(108),
)


def test_resistant_zoster_proves_nothing_of_herpes_simplex(told):
    """Both can be resistant in the laboratory (criteria 4), but they are two viruses."""
    row = told.listed(ZOSTER_PROVEN)[0]
    assert row["classification"] == "suspected"
    assert row["later_confirmed_date"] is None
    assert "needs_culture" in told.due(ZOSTER_PROVEN)


COMPETENT = condition("none_documented")
PROVEN_BEFORE = [COMPETENT, rx(0, 10), visit(8, "progressing"), resistant(8)]
FAILED_AGAIN = [rx(100, 10), visit(108, "progressing"), rx(175, 20)]
COMPETENT_AGAIN = story(*PROVEN_BEFORE, visit(30, "healed"), *FAILED_AGAIN)
COMPETENT_SINCE = story(
    COMPETENT, rx(60, 10), visit(68, "unchanged"), *PROVEN_LATER, visit(150, "new")
)


def test_proven_resistance_outweighs_a_competent_immune_system(told):
    """Failure in the immunocompetent is rarely resistance; here it was proven."""
    [row] = told.listed(COMPETENT_AGAIN)
    assert row["has_prior_confirmed"]
    steps = {"needs_culture", "needs_id_consult", "needs_stop", "may_need_foscarnet"}
    assert told.due(COMPETENT_AGAIN, place=1) == steps
    assert "needs_foscarnet" in told.due(COMPETENT_SINCE)


OUTSIDE = {
    "inadequate_dosing": story(HIV, too_little(100), FAILED, resistant(108)),
    "poor_adherence": story(HIV, rx(100, 10, adherence=0.5), resistant(108)),
    "dosing_unknown": story(HIV, undosed(100), resistant(108)),
    None: story(HIV, rx(100, 10), resistant(108)),
}


@pytest.mark.parametrize("reason", OUTSIDE)
def test_a_row_outside_the_rate_says_why(told, reason):
    """Criteria 4: a confirmed course is in the rate where rows 2 to 5 would not apply."""
    [row] = told.listed(OUTSIDE[reason])
    assert row["set_aside_reason"] == reason
    assert row["in_rate"] == (reason is None)
    assert row["is_dosing_unknown"] == (reason == "dosing_unknown")


def test_a_confirmed_open_lesion_that_is_not_listed_ends_the_run(told):
    """The check counts visits by itself, whatever closed the row."""
    check = "followed/every_confirmed_open_lesion_is_listed"
    assert told.broken(check) == []
    told.engine.execute(
        "delete from open_cases where course_key in (select course_key from courses "
        f"where patient_id like '{AGAIN_IN_JUNE:04}:%')"
    )
    assert len(told.broken(check)) == 1
