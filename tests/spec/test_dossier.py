"""Outputs, explain: one course with its inputs, rows, citations, and what would clear it."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise

import pandas as pd
import pytest

from pipeline import dossier, models, person_level, replay, seeds
from pipeline.dossier import Case
from pipeline.dossier.classes import CLASS_ROWS
from pipeline.dossier.clearing import lines as clearing
from tests.classification import Workbench
from tests.properties.tables import load_accepted
from tests.spec.test_vignettes_in_sql import _prefixed as prefixed
from tests.spec.vignettes.rows import (
    AS_OF,
    Given,
    Vignette,
    condition,
    day,
    event,
    foscarnet,
    iv,
    lab,
    patient,
    resistant,
    rx,
    susceptible,
    too_little,
    undosed,
    visit,
)

FAILED = [rx(), visit(8, "unchanged")]


@pytest.fixture(scope="module")
def workbench():
    with Workbench() as workbench:
        yield workbench


Stories = Sequence[Sequence[Given]]


def manifest(workbench: Workbench, as_of: date, n_files: int = 1) -> dict:
    labels = [{"label": "rows.csv"}] * n_files
    values = workbench.parameters
    return {"as_of": as_of.isoformat(), "configuration": values, "inputs": labels}


def delivered(stories: Stories) -> dict[str, list[dict]]:
    """The stories as one delivery: each of a patient of its own, and a file of its own."""
    delivery = defaultdict(list)
    for number, given in enumerate(stories):
        for extract, rows in Vignette("v", "", list(given), []).delivery.items():
            delivery[extract] += [
                prefixed(row, f"{number:04}:") | {"file_id": number, "line": line}
                for line, row in enumerate(rows, start=1)
            ]
    return delivery


def cases(
    workbench: Workbench, stories: Stories, as_of: date = AS_OF
) -> list[list[Case]]:
    """The courses of each story, cut out of one walk of them all."""
    load_accepted(workbench.engine, delivered(stories))
    parameters = person_level.sql_parameters(as_of, workbench.parameters)
    walked = replay.walk(workbench.engine, parameters)
    run = manifest(workbench, as_of, len(stories))

    def of(number: int, table: str) -> pd.DataFrame:
        rows = walked[table]
        return rows[rows["patient_id"].str.startswith(f"{number:04}:")]

    return [
        dossier.cases(
            walked | {table: of(number, table) for table in ("courses", "patients")},
            None,
            run,
        )
        for number in range(len(stories))
    ]


def explain(
    workbench: Workbench, stories: Stories, as_of: date = AS_OF
) -> list[list[str]]:
    """The dossiers of the courses of each story."""
    run = manifest(workbench, as_of)
    return [
        [dossier.describe([case], run) for case in found]
        for found in cases(workbench, stories, as_of)
    ]


TOLD = {
    "the daily dose against the minimum of its renal band": (
        [*FAILED, condition("hiv"), lab("creatinine_clearance", -3, value=20)],
        "valacyclovir oral, day 0 to 9: 3,000 mg a day; creatinine clearance 20; "
        "minimum 1,000 mg (hsv, immunocompromised, clearance 10 to below 30): adequate",
    ),
    "a minimum that is not reached": (
        [too_little(), visit(8, "unchanged"), condition("hiv")],
        "300 mg a day; creatinine clearance none known; minimum 2,000 mg not reached "
        "(hsv, immunocompromised, clearance 30 or more): inadequate",
    ),
    "a dose in mg over the weight": (
        [iv(dose=700, dose_unit="mg"), patient(weight_kg=70), visit(8, "new")],
        "30 mg/kg a day",
    ),
    "the weight and its row": (
        [iv(dose=700, dose_unit="mg"), patient(weight_kg=70)],
        "weight 70 kg  [rows.csv, line 1]",
    ),
    "a weight that is not known": (
        [iv(dose=700, dose_unit="mg")],
        "daily dose not known (weight not given or not fitting)",
    ),
    "what of a dose is missing": (
        [undosed()],
        "daily dose not known (dose not given or not fitting)",
    ),
    "that a child's oral dose cannot be judged": (
        [rx(), patient(birth_year=2015)],
        "under 18 years, where the minima are adults': unknown",
    ),
    "immune status and since when": (
        [*FAILED, condition("hiv", -400)],
        "HIV infection, from 2024-11-27: holds on day 0  [rows.csv, line 1]",
    ),
    "immune status that has ended": (
        [*FAILED, condition("immunosuppressive_medication", -400, -1)],
        "to 2025-12-31: does not hold on day 0",
    ),
    "a CD4 count before the start": (
        [*FAILED, condition("hiv"), lab("cd4", -900, value=150)],
        "day -900 CD4 count: 150 cells/ul",
    ),
    "adherence of each prescription": (
        [rx(0, 5, adherence=None), rx(5, 5)],
        "valacyclovir, 5 days: not known",
    ),
    "that staff gave it": ([iv()], "acyclovir, 10 days: taken as 1, given by staff"),
    "what ended follow-up": (
        [rx(), foscarnet(5), visit(8, "healed")],
        "a visit can be usable until day 5 (2026-01-06)",
    ),
    "a visit after follow-up ended": (
        [rx(), foscarnet(5), visit(8, "healed")],
        "day 8 visit: healed: after follow-up ended, not used",
    ),
    "the visit that decides": (
        [rx(0, 12), visit(8, "unchanged"), visit(10, "new")],
        "day 10 visit: new: usable; decides  ",
    ),
    "a visit that decides under one rule alone": (
        [rx(), visit(8, "unchanged"), visit(11, "new")],
        "day 8 visit: unchanged: usable; decides under the headline rule",
    ),
    "a visit of another syndrome": (
        [rx(), visit(8, "new", "zoster")],
        "visit: new, zoster: another syndrome, not used",
    ),
    "a recurrence": (
        [rx(0, 7), visit(9, "new")],
        "day 9 visit: new: a recurrence after the end, not used",
    ),
    "a visit before day 1": ([rx(), visit(0, "new")], "before day 1, not used"),
    "a visit that came too late": (
        [rx(0, 30), visit(22, "new")],
        "too late after the ",
    ),
    "how a specimen reads": (
        [*FAILED, lab("acyclovir_susceptibility", 9, value=30, unit="ug/ml")],
        "acyclovir susceptibility: 30 ug/ml; reads resistant",
    ),
    "a specimen that was not reported": (
        [*FAILED, lab("acyclovir_susceptibility", 9, resulted_date=None)],
        "day 9 acyclovir susceptibility: taken, not yet reported",
    ),
    "another diagnosis": (
        [*FAILED, event("drug_reaction", 9)],
        "day 9 drug reaction: another diagnosis in the window  [rows.csv, line 1]",
    ),
    "a death": ([rx(), event("death", 4)], "death: ends follow-up"),
    "maturity dates": (FAILED, "mature: yes (from 2026-02-05)"),
    "laboratory maturity dates": (FAILED, "for the laboratory: yes (from 2026-03-17)"),
    "what keeps a confirmed course out of the rate": (
        [too_little(), visit(8, "new"), resistant(9)],
        "no; rows 2 to 5 of criteria 4: inadequate dosing",
    ),
    "the class row that applies": (
        FAILED,
        "11  applies    suspected persistent: failed: lesions persist",
    ),
    "the inputs of a class row": (
        FAILED,
        "failed, decided after therapy (decided on day 8, at the latest day 13)",
    ),
    "what a pending course waits for": (
        [rx(150)],
        "a visit from day 7 to day 16 (2026-06-16 at the latest)",
    ),
}
"""A story, and what its dossier must say."""


PENDING = "what a pending course waits for"


@pytest.fixture(scope="module")
def told(workbench) -> dict[str, list[str]]:
    """The dossiers of each story of `TOLD`."""
    told = {}
    for names, as_of in ((TOLD.keys() - {PENDING}, AS_OF), ({PENDING}, day(155))):
        names = sorted(names)
        found = explain(workbench, [TOLD[name][0] for name in names], as_of)
        told |= dict(zip(names, found, strict=True))
    return told


@pytest.mark.parametrize("what", TOLD)
def test_a_dossier_tells_cites_and_gives_no_order(what, told):
    """Each story's first course tells what its name says; every line has its source."""
    _, words = TOLD[what]
    assert words in told[what][0]
    for said in told[what]:
        rules = said.split("\nRules: ")[1].split("\n\n")[0].splitlines()[1:]
        for line in rules:
            if line.startswith("    - no "):
                continue
            ending = r"\[(rows\.csv, line \d+|no row)\]$"
            if not line.startswith("    - "):
                ending = r"\[criteria \d[^\]]*\]$"
            assert re.search(ending, line), line
        assert "It is not a diagnosis and not a treatment order." in said
        evidence = said.split("What evidence")[1].split("This advises")[0]
        assert not re.search(
            r"\b(give|stop|switch to|start|treat|prescribe)\b", evidence
        )


def test_every_class_has_words_on_what_would_change_it(workbench):
    """Each row of criteria 4 ends in a dossier with at least one piece of evidence."""
    stories = [
        [*FAILED, resistant(9)],
        [too_little(), visit(8, "new")],
        [rx(adherence=0.5), visit(8, "new")],
        [undosed(), visit(8, "new")],
        [rx(), foscarnet(0), visit(8, "new")],
        [rx(), visit(8, "healed")],
        [rx(0, 7), visit(12, "unchanged")],
        [rx(0, 6), visit(8, "unchanged")],
        [*FAILED, susceptible(9)],
        [*FAILED, event("drug_reaction", 9)],
        FAILED,
        [rx(), visit(8, "new")],
        [rx(), foscarnet(3)],
        [rx(), event("death", 3)],
        [rx(195)],
        [rx()],
    ]
    found = explain(workbench, stories)
    for row, [said] in zip(CLASS_ROWS, found, strict=True):
        name = f"{row.classification} {row.reason}".strip()
        assert f"{row.number:>2}  applies    {name}: " in said
        assert len(said.split("What evidence")[1].split("\n\n")[0].splitlines()) > 1


def test_the_rows_stand_in_the_order_in_which_the_sql_asks():
    """The order of classes.sql is that of the dossier, read from its case expressions."""
    select = models.read("classification/classes").select
    first = select[: select.index("classified as (")]
    set_aside = re.findall(r"then '([a-z_]+)'$", first, re.M)
    in_classified = re.findall(
        r"then (?:'([a-z_]+)'|(set_aside_reason|null|failure_kind))$|else '(no_followup)'",
        select[select.index("classified as (") : select.index("named as (")],
        re.M,
    )
    asked = []
    for quoted, special, last in in_classified:
        asked += (
            set_aside if special == "set_aside_reason" else [quoted or special or last]
        )
    kinds = {"failure_kind": ["persistent", "progressive"], "null": [""]}
    expected = [reason for word in asked for reason in kinds.get(word, [word])]
    assert [row.reason for row in CLASS_ROWS] == expected


def test_a_row_names_the_class_that_the_seed_gives_its_reason():
    """Each reason's class is the seed's; responded and pending have no reason."""
    classes = seeds.read("reasons").set_index("reason")["classification"]
    for row in CLASS_ROWS:
        if row.reason:
            assert row.classification == classes[row.reason]


def test_numbers_rise_as_in_the_rule_book():
    """1 to 15 without a gap; row 11 has two kinds."""
    numbers = [row.number for row in CLASS_ROWS]
    assert all(later - earlier in (0, 1) for earlier, later in pairwise(numbers))
    assert (numbers[0], numbers[-1], numbers.count(11)) == (1, 15, 2)


SPANS = {
    "a susceptible isolate collected from day": ("susceptible_isolate", susceptible),
    "a drug reaction, bacterial": (
        "alternative_diagnosis",
        lambda when: event("fungal_superinfection", when),
    ),
    "a positive VZV PCR": (
        "alternative_diagnosis",
        lambda when: lab("vzv_pcr", when, result="positive"),
    ),
    "that is not delivered yet and shows": (
        None,
        lambda when: visit(when, "improving"),
    ),
    "a resistant result of a specimen": ("laboratory", resistant),
}
"""A sentence of what would clear a suspected course, its reason, and such a row."""

STORIES = {
    "decided_in_the_window": FAILED,
    "decided_after_it": [rx(0, 14), visit(14, "unchanged")],
    "with_a_next_course": [*FAILED, rx(30, adherence=0.5), visit(38, "healed")],
}


@pytest.fixture(scope="module")
def suspected(workbench) -> dict[str, Case]:
    """The first course of each of `STORIES`."""
    found = cases(workbench, list(STORIES.values()))
    return {name: mine[0] for name, mine in zip(STORIES, found, strict=True)}


@pytest.mark.parametrize("sentence", SPANS)
def test_evidence_changes_the_class_as_said_and_only_within_its_days(
    sentence, suspected, workbench
):
    """A row on the first and on the last day named does what is said; a day off does not."""
    reason, row_on = SPANS[sentence]
    expected, told = {}, []
    for story, case in suspected.items():
        first, last = _days_named(sentence, case, workbench)
        for when, becomes in (
            (first - 1, "persistent"),
            (first, reason),
            (last, reason),
            (last + 1, "persistent"),
        ):
            if sentence.startswith("that is not") and when in VISITED[story]:
                continue  # a day's worst status counts: a second visit changes nothing
            expected[story, when] = becomes
            told.append([*STORIES[story], row_on(when)])
    found = _reasons(workbench, told)
    assert dict(zip(expected, found, strict=True)) == expected


VISITED = defaultdict(set, decided_in_the_window={8}, decided_after_it={14})
VISITED["with_a_next_course"] = {8}


def _days_named(sentence: str, case: Case, workbench: Workbench) -> Iterator[int]:
    [said] = [line for line in clearing(case, workbench.parameters) if sentence in line]
    return (
        (date.fromisoformat(found) - day(0)).days
        for found in re.findall(r"\d{4}-\d\d-\d\d", said)
    )


def _reasons(workbench: Workbench, stories: Stories) -> list[str | None]:
    """The reason of the first course of each story."""
    courses = workbench.classify(delivered(stories), AS_OF)
    firsts = courses.drop_duplicates("patient_id")
    assert list(firsts["patient_id"].str[:4].astype(int)) == list(range(len(stories)))
    return [None if pd.isna(reason) else reason for reason in firsts["reason"]]


def test_the_other_ways_out_of_suspicion_hold(workbench):
    """Dose, adherence, a concurrent drug and the length of therapy change it as said."""
    ways = {
        "inadequate_dosing": [too_little(), visit(8, "unchanged")],
        "poor_adherence": [rx(adherence=0.79), visit(8, "unchanged")],
        "concurrent_alternative": [*FAILED, foscarnet(-5, 6)],
        "therapy_too_short": [rx(0, 6), visit(8, "unchanged")],
        "after_therapy": [rx(0, 4), visit(8, "unchanged")],
    }
    assert _reasons(workbench, list(ways.values())) == list(ways)


def test_a_course_is_told_only_where_it_starts_on_the_day_asked_for(workbench):
    """With --start the other courses are left out."""
    two = [rx(), rx(60)]
    parameters = person_level.sql_parameters(AS_OF, workbench.parameters)
    load_accepted(workbench.engine, Vignette("v", "", two, []).delivery)
    found = replay.walk(workbench.engine, parameters)
    run = manifest(workbench, AS_OF)
    assert len(dossier.cases(found, None, run)) == 2
    [case] = dossier.cases(found, day(60), run)
    assert case.course["start_date"].date() == day(60)
    assert dossier.cases(found, day(60) + timedelta(days=1), run) == []
