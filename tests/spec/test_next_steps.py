"""Criteria 9: what is still to do about a case, and when a case is closed."""

from datetime import date

import pytest

from tests.spec.followed_stories import Stories, accessible, cidofovir, trifluridine
from tests.spec.vignettes.rows import (
    Given,
    condition,
    day,
    event,
    foscarnet,
    lab,
    resistant,
    rx,
    susceptible,
    visit,
)

AS_OF: date = day(40)
story = Stories()

HIV = condition("hiv")
FAILED = [HIV, rx(0, 10), visit(8, "progressing")]
CONSULT = event("id_consult", 9)
RESISTANT = resistant(9)


@pytest.fixture(scope="module")
def told():
    with story.walked(AS_OF) as found:
        yield found


SUSPECTED = story(*FAILED)


def test_a_suspected_case_is_tested_and_seen_by_a_specialist_first(told):
    """Foscarnet is named only for the case that resistance is confirmed."""
    steps = {"needs_culture", "needs_id_consult", "may_need_foscarnet"}
    assert told.due(SUSPECTED) == steps


PENDING = story(
    *FAILED, CONSULT, lab("acyclovir_susceptibility", 9, resulted_date=None)
)


def test_a_specimen_under_way_is_awaited(told):
    assert told.due(PENDING) == {"awaits_result", "may_need_foscarnet"}


@pytest.mark.parametrize(
    "useless",
    [
        story(
            *FAILED, CONSULT, lab("acyclovir_susceptibility", 9, result="indeterminate")
        ),
        story(*FAILED, CONSULT, susceptible(4)),
    ],
    ids=["indeterminate", "susceptible before day 5"],
)
def test_a_result_that_says_nothing_is_no_culture(told, useless):
    assert "needs_culture" in told.due(useless)


PROVEN = [*FAILED, CONSULT, RESISTANT]
CONFIRMED = story(*PROVEN)
UNDER_PROPHYLAXIS = story(*PROVEN, rx(12, 60, intent="prophylaxis"))


def test_a_confirmed_case_needs_no_culture_and_stays_off_the_class(told):
    assert told.due(CONFIRMED) == {"needs_foscarnet", "stays_off_class"}


def test_a_confirmed_case_still_on_prophylaxis_of_the_class_must_stop(told):
    assert "needs_stop" in told.due(UNDER_PROPHYLAXIS)


WITHIN_REACH = [HIV, rx(0, 10), accessible(visit(8, "progressing")), CONSULT, RESISTANT]
ACCESSIBLE = story(*WITHIN_REACH)
TOPICAL = story(*WITHIN_REACH, trifluridine(11))
TOPICAL_TOO_SHORT = story(*WITHIN_REACH, trifluridine(11), visit(17, "progressing"))
TOPICAL_FAILED = story(*WITHIN_REACH, trifluridine(11), visit(18, "progressing"))
CIDOFOVIR_FAILED = story(*PROVEN, cidofovir(12), visit(30, "progressing"))


def test_an_accessible_lesion_gets_trifluridine_first(told):
    assert told.due(ACCESSIBLE) == {"needs_trifluridine", "stays_off_class"}


def test_a_topical_begun_is_given_time_before_foscarnet(told):
    """Foscarnet follows where topical therapy fails, not where it began."""
    assert told.due(TOPICAL) == {"stays_off_class"}
    assert told.due(TOPICAL_TOO_SHORT) == {"stays_off_class"}
    assert told.due(TOPICAL_FAILED) == {"needs_foscarnet", "stays_off_class"}


def test_topical_cidofovir_that_failed_leaves_foscarnet(told):
    assert told.due(CIDOFOVIR_FAILED) == {"needs_foscarnet", "stays_off_class"}


FOSCARNET_BEFORE = story(*PROVEN, foscarnet(-2, 30))
FOSCARNET_RESISTANT = story(
    *PROVEN, lab("foscarnet_susceptibility", 12, result="resistant")
)
NINE_DAYS = story(*PROVEN, foscarnet(12, 20), visit(21, "unchanged"))
TEN_DAYS = story(*PROVEN, foscarnet(12, 20), visit(22, "unchanged"))
MENDED = story(
    *PROVEN, foscarnet(12, 20), visit(22, "unchanged"), visit(28, "improving")
)
BROKEN_OFF = story(*PROVEN, foscarnet(12, 3), visit(30, "progressing"))


def test_foscarnet_begun_before_the_course_counts(told):
    """A drug that was there at the start makes the course not evaluable by its outcome,
    yet a resistant isolate confirms it."""
    assert "needs_foscarnet" not in told.due(FOSCARNET_BEFORE)


def test_a_foscarnet_resistant_isolate_leaves_cidofovir(told):
    assert told.due(FOSCARNET_RESISTANT) == {"needs_cidofovir", "stays_off_class"}


def test_foscarnet_fails_only_after_ten_days_of_it(told):
    assert told.due(NINE_DAYS) == {"stays_off_class"}
    assert told.due(TEN_DAYS) == {"needs_cidofovir", "stays_off_class"}
    assert told.due(MENDED) == {"stays_off_class"}


def test_foscarnet_broken_off_is_reviewed_and_not_called_failed(told):
    assert told.due(BROKEN_OFF) == {"needs_review", "stays_off_class"}


HEALED = [HIV, rx(0, 10), visit(8, "healed"), CONSULT, RESISTANT]
HEALED_BY_THE_FLAG = story(*HEALED)
HEALED_AFTER_IT = story(*HEALED, visit(30, "healed"))
BACK_AFTER_IT = story(*HEALED, visit(30, "new"))


def test_healed_lesions_get_no_drug(told):
    assert told.due(HEALED_BY_THE_FLAG) == {"needs_last_look", "stays_off_class"}


def test_healed_before_the_flag_day_is_not_followed_up_until_healed(told):
    """Only a healed visit after the flag day closes a course: one more look does."""
    assert not told.is_closed(HEALED_BY_THE_FLAG)
    assert told.is_closed(HEALED_AFTER_IT)
    assert told.due(BACK_AFTER_IT) == {"needs_foscarnet", "stays_off_class"}


COMPETENT = story(condition("none_documented"), rx(0, 10), visit(8, "progressing"))


def test_in_the_immunocompetent_a_failure_is_tested_and_nothing_more(told):
    assert told.due(COMPETENT) == {"needs_culture", "needs_id_consult"}


IMPROVES = story(*FAILED, visit(12, "improving"))
HEALS = story(*FAILED, visit(12, "healed"))
LEFT = story(*FAILED, event("transfer_out", 20))


def test_a_case_is_open_until_it_heals(told):
    assert not told.is_closed(SUSPECTED)
    assert not told.is_closed(IMPROVES)
    assert told.is_closed(HEALS)


def test_a_case_closes_with_death_or_transfer(told):
    assert told.is_closed(LEFT)


def begun_and_failed(start: int) -> list[Given]:
    return [HIV, rx(start, 10), visit(start + 8, "progressing")]


@pytest.mark.parametrize(
    ("number", "closed"),
    [
        (story(*begun_and_failed(-57)), False),
        (story(*begun_and_failed(-58)), True),
    ],
    ids=["89 days", "90 days"],
)
def test_a_case_closes_ninety_days_after_the_last_open_lesion(told, number, closed):
    """The deciding day is day 8; 40 + 57 - 8 is 89, one day more is 90."""
    assert told.is_closed(number) == closed


LONG_AGO = begun_and_failed(-200)
LATER = [rx(20, 10), visit(28, "progressing")]
A_LATER_EPISODE = story(*LONG_AGO, *LATER)
UNHEALED_BEFORE_IT = story(*LONG_AGO, visit(18, "progressing"), *LATER)
HEALED_BEFORE_IT = story(*LONG_AGO, visit(-180, "healed"), *LATER)


def test_a_later_episode_does_not_open_a_case_that_was_never_confirmed(told):
    """Criteria 9: from 90 days after the last unhealed visit; then the patient was
    treated anew, and that course is judged by itself (ours)."""
    assert told.is_closed(A_LATER_EPISODE)
    assert told.is_closed(UNHEALED_BEFORE_IT)
    assert told.is_closed(HEALED_BEFORE_IT)
