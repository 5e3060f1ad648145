"""Criteria 8: every indicator, met, missed, open and not asked, one story at a time.

Stories of one as-of date are one delivery: a number stands before every patient's id.
A bystander has a laboratory result and an event, so that both extracts hold a row,
except where a story says that one of them did not come.
"""

from collections import defaultdict
from decimal import Decimal

import pytest

from pipeline import seeds
from tests.classification import Workbench
from tests.spec.conformance import CHAPTERS, STORIES, Story
from tests.spec.test_vignettes_in_sql import _prefixed as prefixed
from tests.spec.test_vignettes_in_sql import plain
from tests.spec.vignettes.rows import Vignette, event, lab

ROWS = """
select * from indicators
order by patient_key, start_date, prescription_key
"""
BYSTANDER = [lab("vzv_pcr", -900), event("other_etiology", -900)]
NAMED = [f"{name}: {story.sentence}" for name, story in STORIES]


@pytest.fixture(scope="module")
def workbench():
    with Workbench() as workbench:
        yield workbench


@pytest.fixture(scope="module")
def told(workbench) -> dict[tuple[int, str], list[dict]]:
    """The rows of each story by its number and indicator."""
    return {
        key: rows
        for group in groups()
        for key, rows in tell(workbench, group, {}).items()
    }


def groups() -> list[list[int]]:
    """The numbers of the stories that are one delivery, the largest first."""
    together = defaultdict(list)
    for number, (_, story) in enumerate(STORIES):
        together[story.as_of, story.without].append(number)
    return sorted(together.values(), key=len, reverse=True)


def tell(workbench: Workbench, group: list[int], moved: dict) -> dict:
    """The rows of a group's stories by number and indicator."""
    first = STORIES[group[0]][1]
    stories = [(f"{number:04}:", STORIES[number][1]) for number in group]
    delivery = _delivered(stories, first.without)
    workbench.classify(delivery, first.as_of, moved, until="conformance/indicators")
    rows = defaultdict(list)
    for row in workbench.engine.frame(ROWS).to_dict("records"):
        number, _, _ = row["patient_id"].partition(":")
        if number.isdigit():
            rows[int(number), row["indicator"]].append(row)
    return rows


def _delivered(group: list[tuple[str, Story]], without: str) -> dict[str, list[dict]]:
    delivery = defaultdict(list)
    for prefix, story in [*group, ("none:", Story("", BYSTANDER, None))]:
        for extract, rows in Vignette("", "", story.given, []).delivery.items():
            if extract != without:
                delivery[extract] += [prefixed(row, prefix) for row in rows]
    return delivery


def differences(number: int, rows: dict) -> list[str]:
    """What the rows say otherwise than the story of that number."""
    name, story = STORIES[number]
    mine = rows.get((number, name), [])
    states = [row["state"] for row in mine]
    if states != story.states:
        return [f"{states}, expected {story.states}"]
    return [
        f"{column} is {plain(row[column])}, expected {value}"
        for row in mine
        for column, value in story.says.items()
        if plain(row[column]) != value
    ]


@pytest.mark.parametrize("number", range(len(STORIES)), ids=NAMED)
def test_the_indicator_reads_the_rule_book(number, told):
    assert not differences(number, told), STORIES[number][1].sentence


def test_every_indicator_has_its_chapter():
    assert set(CHAPTERS) == set(seeds.read("indicators")["indicator"])


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_tells_of_those_who_are_not_asked(name):
    assert any(story.state is None for story in CHAPTERS[name])


#: The parameters of criteria 8, with an edge's step.
STEPS = {
    "specimen_due_days": 1,
    "switch_window_days": 1,
    "stop_due_days": 1,
    "id_consult_due_days": 1,
    "alternative_due_days": 1,
    "foscarnet_renal_below": 1,
    "foscarnet_renal_days": 1,
    "foscarnet_min_days": 1,
    "foscarnet_long_days": 1,
    "foscarnet_failed_from_day": 1,
    "cidofovir_due_days": 1,
    "hiv_test_before_days": 1,
    "hiv_test_due_days": 1,
    "immune_review_due_days": 1,
    "severe_visit_days": 1,
    "iv_due_days": 1,
    "ivig_lesion_days": 1,
    "igg_below": 1,
    "igg_lookback_days": 1,
    "ivig_before_days": 1,
    "high_dose_iv_mg_per_kg": 1,
    "high_dose_iv_days": 1,
    "transplant_from_days": 1,
    "prophylaxis_days": 1,
    "pregnancy_days": 1,
    "foscarnet_tolerance": Decimal("0.001"),
    "prophylaxis_min_share": Decimal("0.01"),
}


@pytest.mark.long
@pytest.mark.parametrize("direction", [-1, 1])
@pytest.mark.parametrize("name", STEPS)
def test_stories_lie_on_both_sides_of_each_edge(name, direction, workbench):
    """A parameter one step off makes some story come out otherwise."""
    default = workbench.parameters[name]
    moved = {name: default + direction * STEPS[name]}
    assert any(
        differences(number, rows)
        for group in groups()
        for rows in [tell(workbench, group, moved)]
        for number in group
    )
