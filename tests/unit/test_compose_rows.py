"""What a row of a list says of its course, as things stand on the as-of date."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from pipeline.report.compose import advice, compose
from pipeline.report.document import Table
from tests import findings_samples

FINDINGS = findings_samples.full()
START = date(2026, 6, 1)


def table(findings, name: str) -> Table:
    """A table of the report on the findings."""
    return next(
        block
        for section in compose(findings).sections
        for block in section.blocks
        if isinstance(block, Table) and block.id == name
    )


def remarks(**columns: list[object]) -> list[str]:
    """The remarks of the sample's line list, one confirmed and three suspected rows."""
    changed = replace(FINDINGS, line_list=FINDINGS.line_list.assign(**columns))
    return [row.cells[-1].text for row in table(changed, "q2-line-list").rows]


def on(day: int, advised, *, days: int = 10, **row: object) -> str:
    """The advice as of a day of a course of so many days; its start is day 0."""
    findings = replace(FINDINGS, as_of=START + timedelta(day))
    end = START + timedelta(days - 1)
    return advised({"start_date": START, "end_date": end, **row}, findings)


def watched(day: int, watch: str, **given: int) -> str:
    return on(day, advice.of_watched, watch=watch, **given)


def explained(day: int, reason: str, **given: int) -> str:
    return on(day, advice.of_explained, reason=reason, **given)


@pytest.mark.parametrize(
    ("day", "told"),
    [
        (5, "See again on day 7 to 10: 2026-06-08 to 2026-06-11"),
        (6, "See again on day 7 to 10: 2026-06-08 to 2026-06-11"),
        (7, "See again on day 7 to 10: by 2026-06-11"),
        (10, "See again on day 7 to 10: by 2026-06-11"),
        (11, "Day 7 to 10 is past: see now; swab if a lesion is still open"),
        (90, "Day 7 to 10 is past: see now; swab if a lesion is still open"),
    ],
)
def test_early_progression_is_seen_in_the_window_or_now(day, told):
    """Criteria 3: the window is days 7 to 10, and the start is day 0."""
    assert watched(day, "progressing_early").startswith(told)


@pytest.mark.parametrize(("day", "is_over"), [(9, False), (10, True)])
def test_a_relapse_is_swabbed_under_therapy_or_now(day, is_over):
    """A course of ten days ends on day 9."""
    told = watched(day, "relapse_on_therapy")
    assert told.startswith("Therapy is over: see now") == is_over
    assert ("while therapy runs" in told) != is_over
    assert "culture and susceptibility" in told


@pytest.mark.parametrize(
    "reason", ["inadequate_dosing", "poor_adherence", "concurrent_alternative"]
)
def test_what_is_put_right_depends_on_whether_therapy_still_runs(reason):
    running, over = explained(17, reason, days=18), explained(18, reason, days=18)
    assert "herapy is over" not in running
    assert "herapy is over: see now" in over
    assert "if a lesion is still open" in over


@pytest.mark.parametrize("reason", ["after_therapy", "therapy_too_short"])
def test_a_therapy_that_had_ended_is_not_to_be_seen_while_it_runs(reason):
    told = explained(30, reason)
    assert "see now" in told
    assert "if a lesion is still open" in told
    assert not told.startswith(("See the patient while", "Treat for"))


def test_the_window_is_that_of_the_parameters():
    parameters = FINDINGS.parameters.copy()
    parameters.loc[parameters["name"] == "window_to", "value"] = "14"
    findings = replace(FINDINGS, parameters=parameters, as_of=START + timedelta(14))
    row = {"start_date": START, "end_date": START, "watch": "progressing_early"}
    assert advice.of_watched(row, findings) == (
        "See again on day 7 to 14: by 2026-06-15; swab an open lesion."
    )


def test_the_lists_say_it_row_by_row():
    """The first watched course of the sample is on day 6, its window ahead."""
    for name, which in (
        ("q2-watch-list", "see again on day 7 to 10: 2026-07-01 to 2026-07-04"),
        ("q2-explained-failures", "therapy is over: see now"),
    ):
        assert which in table(FINDINGS, name).rows[0].cells[-1].text.lower()


def test_proven_resistance_is_said_first_and_not_contradicted():
    """The third row is of an immunocompetent patient, whose failure is rarely resistance."""
    assert remarks()[2].startswith("Failure in the immunocompetent is rarely")
    for column, value, told in (
        ("has_prior_confirmed", True, "resistance confirmed in an earlier course"),
        (
            "later_confirmed_date",
            date(2026, 6, 20),
            "resistance confirmed since, in the course of 2026-06-20",
        ),
    ):
        said = remarks(**{column: [None, None, value, None]})
        assert said[2].startswith(told)
        assert "rarely" not in said[2]
        assert not any("resistance confirmed" in text for text in (*said[:2], said[3]))


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("dosing_unknown", "not in the rate: dose not known"),
        ("inadequate_dosing", "not in the rate: dose below the minimum"),
        ("poor_adherence", "not in the rate: poor adherence"),
        ("concurrent_alternative", "not in the rate: another active drug at the start"),
    ],
)
def test_a_row_outside_the_rate_says_why(reason, told):
    said = remarks(set_aside_reason=[reason, None, None, None])
    assert told in said[0]
    assert not any("not in the rate" in text for text in said[1:])


def test_an_unknown_dose_was_not_ruled_out():
    listed = FINDINGS.line_list.assign(
        not_ruled_out=[["dosing_unknown"], [], ["adherence_unknown"], []]
    )
    found = table(replace(FINDINGS, line_list=listed), "q2-line-list")
    place = [column.title for column in found.columns].index("Not ruled out")
    assert [row.cells[place].text for row in found.rows] == [
        *("dose not known", "nothing open", "adherence not known", "nothing open")
    ]


def acted_on(**columns: list[object]) -> str:
    """The note of page 1 on the confirmed courses; a previous run is named."""
    changed = FINDINGS.line_list.assign(classification="confirmed", **columns)
    return note(replace(FINDINGS, line_list=changed))


def note(findings) -> str:
    """The note of page 1 on the confirmed courses."""
    [found] = [note for note in compose(findings).messages if "to act on" in note.title]
    return found.text


@pytest.mark.parametrize(
    ("newly", "new", "told"),
    [
        ([1, 1, 0, 0], [0, 1, 0, 0], "2 newly confirmed since the last run"),
        (
            [1, 0, 0, 0],
            [0, 1, 1, 0],
            "1 newly confirmed and 2 new on the list since the last run",
        ),
        ([0, 0, 0, 0], [0, 0, 0, 0], "none newly confirmed since the last run"),
    ],
)
def test_page_1_says_how_many_are_newly_confirmed(newly, new, told):
    flags = {"is_newly_confirmed": newly, "is_new": new}
    text = acted_on(**{name: [bool(flag) for flag in f] for name, f in flags.items()})
    assert told in text


def test_without_a_previous_run_nothing_is_newly_confirmed():
    first = replace(FINDINGS, previous_run=None)
    assert "newly" not in note(first)
    said = [row.cells[-1].text for row in table(first, "q2-line-list").rows]
    assert not any("newly" in text for text in said)


def test_page_1_asks_for_no_culture_of_what_was_proven_since():
    listed = FINDINGS.line_list.assign(
        next_step=["foscarnet", "foscarnet", *["culture_and_susceptibility"] * 2],
        later_confirmed_date=[None, date(2026, 6, 20), None, None],
    )
    assert (
        "of 3 suspected, 2 to be tested by culture and 1 with resistance confirmed in a "
        "later course" in note(replace(FINDINGS, line_list=listed))
    )
