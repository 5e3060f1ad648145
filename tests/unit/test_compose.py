"""A document is complete whatever was found, and says what it cannot say."""

from dataclasses import replace
from functools import cache

import pytest

from pipeline.errors import UsageError
from pipeline.report import reading
from pipeline.report.compose import compose, wording
from pipeline.report.document import (
    Bullets,
    Document,
    Figure,
    Note,
    NotEnoughData,
    Paragraph,
    Section,
    Table,
    Value,
)
from pipeline.statistics.rates import calls_for_action
from tests import findings_samples
from tests.findings_samples import SAMPLES

QUESTIONS = ["q1", "q2", "q3", "q6", "q7"]


@cache
def composed(name: str) -> Document:
    return compose(SAMPLES[name]())


@pytest.fixture(params=sorted(SAMPLES))
def name(request):
    return request.param


def sections_of(document: Document, question: str) -> list[Section]:
    return [s for s in document.sections if s.id.split("-")[0] == question]


def tables_of(document: Document) -> dict[str, Table]:
    blocks = [block for section in document.sections for block in section.blocks]
    tables = [block.table if isinstance(block, Figure) else block for block in blocks]
    return {table.id: table for table in tables if isinstance(table, Table)}


def said(document: Document) -> str:
    """Every sentence outside tables, messages first."""
    parts = [f"{note.title} {note.text}" for note in document.messages]
    for section in document.sections:
        for block in section.blocks:
            if isinstance(block, Paragraph | Note):
                parts.append(block.text)
            elif isinstance(block, Bullets):
                parts += block.items
            elif isinstance(block, NotEnoughData):
                parts.append(block.reason)
            elif isinstance(block, Figure):
                parts += [block.caption, block.alt]
    return "\n".join(parts)


def test_the_sections_stand_in_the_order_of_the_questions(name):
    document = composed(name)
    assert [s.id for s in document.sections if s.level == 1] == QUESTIONS
    assert [s.title for s in document.sections if s.level == 1] == [
        "Is resistance above what is published?",
        "Who needs something done now?",
        "Is anything changing?",
        "Can these numbers be trusted?",
        "Methods",
    ]


def test_a_renderer_can_rely_on_every_document(name):
    reading.check(composed(name))


def test_no_section_cell_or_table_is_blank(name):
    document = composed(name)
    for section in document.sections:
        assert section.blocks, section.id
    for table in tables_of(document).values():
        assert table.empty.strip() and table.caption.strip()
        for row in table.rows:
            for cell in row.cells:
                assert reading.words(cell).strip(), table.id
    assert document.messages
    assert len(document.messages) <= 3


def test_a_document_is_the_same_every_time(name):
    assert composed(name) == compose(SAMPLES[name]())


def test_no_null_reaches_a_reader(name):
    document = composed(name)
    text = said(document)
    for table in tables_of(document).values():
        text += "\n".join(reading.words(c) for row in table.rows for c in row.cells)
    for leftover in ("nan", "NaT", "<NA>", "None", "{", "}"):
        assert leftover not in text.split()
        assert f" {leftover} " not in text


def test_three_patients_are_not_enough_data_and_said_to_be():
    document = composed("three_patients")
    text = said(document)
    assert "0 of 0 evaluable patients, no rate and no interval" in text
    assert "not enough data" in text
    rows = tables_of(document)["q1-headline"].rows
    hiv = next(r for r in rows if r.cells[0].text == "HIV")
    assert hiv.cells[4] == NotEnoughData("no evaluable patient")
    assert hiv.cells[6].text == "not enough data"


def test_without_followups_no_course_can_be_evaluated_and_the_report_says_so():
    document = composed("no_followups")
    assert "no course can be evaluated" in said(document)
    assert any(note.title == "Not received: follow-ups" for note in document.messages)
    first = sections_of(document, "q1")[0].blocks[0]
    assert (first.kind, first.title) == ("act", "No course can be evaluated")
    change = sections_of(document, "q3")[0]
    assert isinstance(change.blocks[0], NotEnoughData)


def test_each_absent_extract_says_what_cannot_be_assessed():
    document = composed("no_optional_extracts")
    trust = sections_of(document, "q6")[0].blocks[0]
    for extract in ("immune_status", "labs", "clinical_events", "patients"):
        assert wording.WITHOUT_EXTRACT[extract] in trust.text


def test_no_cases_empty_every_list_with_a_sentence():
    tables = tables_of(composed("no_cases"))
    for table in (
        "q2-line-list",
        "q2-watch-list",
        "q2-explained-failures",
        "q2-breakthrough-list",
        "q2-unattached-list",
        "q1-silent",
        "q6-quarantine",
    ):
        assert not tables[table].rows
        assert tables[table].empty.endswith(".")


def test_the_line_list_prints_as_many_rows_as_the_parameter_says():
    findings = findings_samples.full()
    parameters = findings.parameters.copy()
    parameters.loc[parameters["name"] == "pdf_line_list_rows", "value"] = "40"
    changed = replace(
        findings, parameters=parameters, line_list=findings_samples.line_list(60)
    )
    table = tables_of(compose(changed))["q2-line-list"]
    assert table.printed_rows == 40
    assert len(table.rows) == 60
    assert table.interactive and table.landscape


def test_an_immunocompetent_suspected_case_carries_the_warning():
    table = tables_of(composed("full"))["q2-line-list"]
    head = [column.title for column in table.columns]
    groups, remarks = head.index("Risk group"), head.index("Remarks")
    warned = {
        row.cells[groups].text
        for row in table.rows
        if "rarely resistance" in row.cells[remarks].text
    }
    assert warned == {"Immunocompetent"}


def test_a_value_that_reads_resistant_is_said_to():
    findings = findings_samples.full()
    changed = replace(findings, unattached=findings.unattached.assign(result=None))
    [row] = tables_of(compose(changed))["q2-unattached-list"].rows
    assert row.cells[2].text == "resistant by its value"


def test_new_rows_are_marked_only_where_a_run_came_before():
    findings = findings_samples.full()
    remarks = [
        reading.words(row.cells[-1])
        for previous in (findings.previous_run, None)
        for row in tables_of(compose(replace(findings, previous_run=previous)))[
            "q2-line-list"
        ].rows
    ]
    assert ["new since" in text for text in remarks] == [True, False] * 2 + [False] * 4


def test_a_changed_parameter_is_marked_and_used_in_the_rules():
    tables = tables_of(composed("full"))
    by_name = {r.cells[0].text: r for r in tables["q7-parameter-values"].rows}
    assert [c.text for c in by_name["min_adherence"].cells[1:3]] == ["0.85", "0.8"]
    assert by_name["min_adherence"].cells[5] == Value("changed", 1.0, "warn")
    assert by_name["window_from"].cells[5].text == "no"
    rules = {row.cells[0].text: row.cells[1].text for row in tables["q7-rules"].rows}
    assert "below 0.85" in rules["Excluded"]


def test_calls_for_action_come_first_and_are_those_of_the_statistics(name):
    notes = composed(name).messages
    titles = [note.title for note in notes]
    called = "Confirmed resistance above the published rate"
    assert (called in titles) == bool(calls_for_action(SAMPLES[name]().rates))
    if called in titles:
        assert titles[0] == called
        assert notes[0].kind == "act"


def test_failures_above_call_for_testing_and_are_no_alarm():
    notes = composed("full").messages
    note = next(n for n in notes if n.title.startswith("Clinical failures above"))
    assert note.kind == "warn"
    assert "clinical failures above the published resistance rate" in note.text
    assert "tested" in note.text
    assert "alarm" not in note.text.lower()


def test_failures_in_the_immunocompetent_never_reach_the_front():
    few = findings_samples.NETWORK | {"immunocompetent": (812, 30, 0)}
    few |= {"immunocompromised": (233, 10, 0)}
    document = compose(findings_samples.findings(few))
    assert not any("above" in note.title.lower() for note in document.messages)
    sentence = next(
        item
        for item in sections_of(document, "q1")[0].blocks[1].items
        if item.startswith("Immunocompetent")
    )
    assert ": above, clinical failures" in sentence
    assert "rarely resistance" in sentence


def test_quarantined_resistant_results_are_on_the_front():
    notes = composed("full").messages
    assert any(note.title == "1 resistant result in quarantine" for note in notes)


def test_the_documents_are_cited_by_title():
    text = said(composed("full"))
    for title in (
        "Signs of Valacyclovir Resistance",
        "Management of Rash Spreading Despite Valacyclovir Treatment",
        "IVIG is NOT First-Line Therapy for HSV Infection",
    ):
        assert title in text


def test_the_report_says_that_it_advises():
    document = composed("full")
    assert "not a diagnosis and not a treatment order" in document.footer


def test_only_the_teams_report_can_be_written():
    with pytest.raises(UsageError, match="small numbers are not yet withheld"):
        compose(findings_samples.full(), "shareable")


def test_every_figure_has_alt_text_with_numbers_and_its_table(name):
    for section in composed(name).sections:
        for block in section.blocks:
            if isinstance(block, Figure):
                assert any(letter.isdigit() for letter in block.alt)
                assert block.table.rows
                assert block.svg.lstrip().startswith(("<svg", "<?xml"))
                assert "  " not in block.caption
