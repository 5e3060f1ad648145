"""Criteria 9: what is still to do about a case, and when a case is closed."""

from datetime import date

import pytest

from tests.classification import Workbench
from tests.spec.vignettes.rows import (
    Given,
    Vignette,
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
STEPS = (
    "needs_culture",
    "needs_id_consult",
    "needs_stop",
    "needs_trifluridine",
    "needs_foscarnet",
    "needs_cidofovir",
    "awaits_result",
    "may_need_foscarnet",
    "needs_review",
    "needs_last_look",
    "stays_off_class",
)

HIV = condition("hiv")
FAILED = [HIV, rx(0, 10), visit(8, "progressing")]
CONSULT = event("id_consult", 9)
RESISTANT = resistant(9)


def accessible(given: Given) -> Given:
    return Given(given.extract, {**given.values, "accessible": True})


def trifluridine(start: int, days: int = 21) -> Given:
    return foscarnet(
        start, days, drug="trifluridine", route="topical", dose=1, dose_unit="%"
    )


def cidofovir(start: int, days: int = 5, route: str = "topical") -> Given:
    return foscarnet(start, days, drug="cidofovir", route=route, dose=1, dose_unit="%")


@pytest.fixture(scope="module")
def workbench():
    with Workbench() as workbench:
        yield workbench


def classified(workbench: Workbench, given: list[Given]) -> None:
    vignette = Vignette("case", "", given, [])
    workbench.classify(vignette.delivery, AS_OF, until="followed/next_steps")


def due(workbench: Workbench, *given: Given) -> set[str]:
    """The steps that are due for the one case of the story."""
    classified(workbench, [*given])
    [row] = workbench.engine.frame("select * from next_steps").to_dict("records")
    return {step for step in STEPS if row[step]}


def is_closed(workbench: Workbench, *given: Given) -> bool:
    classified(workbench, [*given])
    [(closed,)] = workbench.engine.rows(
        "select is_closed from followed_courses order by course_key limit 1"
    )
    return closed


def test_a_suspected_case_is_tested_and_seen_by_a_specialist_first(workbench):
    """Foscarnet is named only for the case that resistance is confirmed."""
    steps = {"needs_culture", "needs_id_consult", "may_need_foscarnet"}
    assert due(workbench, *FAILED) == steps


def test_a_specimen_under_way_is_awaited(workbench):
    pending = lab("acyclovir_susceptibility", 9, resulted_date=None)
    steps = {"awaits_result", "may_need_foscarnet"}
    assert due(workbench, *FAILED, CONSULT, pending) == steps


@pytest.mark.parametrize(
    "useless",
    [
        lab("acyclovir_susceptibility", 9, result="indeterminate"),
        susceptible(4),
    ],
    ids=["indeterminate", "susceptible before day 5"],
)
def test_a_result_that_says_nothing_is_no_culture(workbench, useless):
    assert "needs_culture" in due(workbench, *FAILED, CONSULT, useless)


def test_a_confirmed_case_needs_no_culture_and_stays_off_the_class(workbench):
    assert due(workbench, *FAILED, CONSULT, RESISTANT) == {
        "needs_foscarnet",
        "stays_off_class",
    }


def test_a_confirmed_case_still_on_prophylaxis_of_the_class_must_stop(workbench):
    prophylaxis = rx(12, 60, intent="prophylaxis")
    steps = due(workbench, *FAILED, CONSULT, RESISTANT, prophylaxis)
    assert "needs_stop" in steps


def test_an_accessible_lesion_gets_trifluridine_first(workbench):
    story = [HIV, rx(0, 10), accessible(visit(8, "progressing")), CONSULT, RESISTANT]
    assert due(workbench, *story) == {"needs_trifluridine", "stays_off_class"}


def test_a_topical_begun_is_given_time_before_foscarnet(workbench):
    """Foscarnet follows where topical therapy fails, not where it began."""
    story = [HIV, rx(0, 10), accessible(visit(8, "progressing")), CONSULT, RESISTANT]
    begun = [*story, trifluridine(11)]
    assert due(workbench, *begun) == {"stays_off_class"}
    assert due(workbench, *begun, visit(17, "progressing")) == {"stays_off_class"}
    failed = due(workbench, *begun, visit(18, "progressing"))
    assert failed == {"needs_foscarnet", "stays_off_class"}


def test_topical_cidofovir_that_failed_leaves_foscarnet(workbench):
    story = [*FAILED, CONSULT, RESISTANT, cidofovir(12), visit(30, "progressing")]
    assert due(workbench, *story) == {"needs_foscarnet", "stays_off_class"}


def test_foscarnet_begun_before_the_course_counts(workbench):
    """A drug that was there at the start makes the course not evaluable by its outcome,
    yet a resistant isolate confirms it."""
    story = [*FAILED, CONSULT, RESISTANT, foscarnet(-2, 30)]
    assert "needs_foscarnet" not in due(workbench, *story)


def test_a_foscarnet_resistant_isolate_leaves_cidofovir(workbench):
    isolate = lab("foscarnet_susceptibility", 12, result="resistant")
    steps = due(workbench, *FAILED, CONSULT, RESISTANT, isolate)
    assert steps == {"needs_cidofovir", "stays_off_class"}


def test_foscarnet_fails_only_after_ten_days_of_it(workbench):
    story = [*FAILED, CONSULT, RESISTANT, foscarnet(12, 20)]
    assert due(workbench, *story, visit(21, "unchanged")) == {"stays_off_class"}
    failed = due(workbench, *story, visit(22, "unchanged"))
    assert failed == {"needs_cidofovir", "stays_off_class"}
    mended = due(workbench, *story, visit(22, "unchanged"), visit(28, "improving"))
    assert mended == {"stays_off_class"}


def test_foscarnet_broken_off_is_reviewed_and_not_called_failed(workbench):
    story = [*FAILED, CONSULT, RESISTANT, foscarnet(12, 3), visit(30, "progressing")]
    assert due(workbench, *story) == {"needs_review", "stays_off_class"}


def test_healed_lesions_get_no_drug(workbench):
    story = [HIV, rx(0, 10), visit(8, "healed"), CONSULT, RESISTANT]
    assert due(workbench, *story) == {"needs_last_look", "stays_off_class"}


def test_healed_before_the_flag_day_is_not_followed_up_until_healed(workbench):
    """Only a healed visit after the flag day closes a course: one more look does."""
    story = [HIV, rx(0, 10), visit(8, "healed"), CONSULT, RESISTANT]
    assert not is_closed(workbench, *story)
    assert is_closed(workbench, *story, visit(30, "healed"))
    again = due(workbench, *story, visit(30, "new"))
    assert again == {"needs_foscarnet", "stays_off_class"}


def test_in_the_immunocompetent_a_failure_is_tested_and_nothing_more(workbench):
    story = [condition("none_documented"), rx(0, 10), visit(8, "progressing")]
    assert due(workbench, *story) == {"needs_culture", "needs_id_consult"}


def test_a_case_is_open_until_it_heals(workbench):
    assert not is_closed(workbench, *FAILED)
    assert not is_closed(workbench, *FAILED, visit(12, "improving"))
    assert is_closed(workbench, *FAILED, visit(12, "healed"))


def test_a_case_closes_with_death_or_transfer(workbench):
    assert is_closed(workbench, *FAILED, event("transfer_out", 20))


@pytest.mark.parametrize(("started", "closed"), [(-57, False), (-58, True)])
def test_a_case_closes_ninety_days_after_the_last_open_lesion(
    workbench, started, closed
):
    """The deciding day is day 8; 40 + 57 - 8 is 89, one day more is 90."""
    story = [HIV, rx(started, 10), visit(started + 8, "progressing")]
    assert is_closed(workbench, *story) is closed


def test_a_closed_case_is_not_opened_by_a_later_episode(workbench):
    story = [condition("hiv"), rx(-200, 10), visit(-192, "progressing")]
    later = [rx(20, 10), visit(28, "progressing")]
    assert is_closed(workbench, *story, *later)
    unhealed_before_it = visit(18, "progressing")
    assert is_closed(workbench, *story, unhealed_before_it, *later)
