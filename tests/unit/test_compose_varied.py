"""Rules varied one at a time: what a changed verdict says, and where it is cautioned."""

from dataclasses import replace

import pandas as pd

from pipeline.report import reading
from pipeline.report.compose import compose, records
from pipeline.report.document import Bullets, Document, Note
from tests.findings_samples import SAMPLES
from tests.unit.test_compose import composed, said, tables_of

_VARIED = ("population", "baseline_id", "n", "k", "rate", "cp_lo", "cp_hi", "verdict")
_POINT = "immunocompromised", "immunocompromised_point"
_CAUTION = "changes with a rule of counting"


def _with_variations(*changed: tuple[str, str]) -> Document:
    """The full sample with two ways of counting; some give other verdicts, as named."""
    made = SAMPLES["full"]()
    rates = records.with_baseline(records.rolling(made, **records.headline()))
    rows = [
        {name: rate[name] for name in _VARIED}
        | {"variation": variation, "label": label}
        | {
            "is_changed": is_varied
            and (rate["population"], rate["baseline_id"]) in changed
        }
        for variation, label, is_varied in (
            ("as_given", "As this run is set", False),
            ("gap_7", "A course continues across 7 days", True),
        )
        for rate in rates
    ]
    return compose(replace(made, variations=pd.DataFrame(rows)))


def test_a_verdict_that_a_varied_rule_changes_is_cautioned_where_it_is_given():
    document = _with_variations(_POINT)
    [answer] = [b for b in document.sections[0].blocks if isinstance(b, Bullets)]
    [cautioned] = [line for line in answer.items if _CAUTION in line]
    assert "published about 5%" in cautioned
    cautions = [
        reading.words(row.cells[1])
        for row in tables_of(document)["q1-counts"].rows
        if _CAUTION in reading.words(row.cells[-1])
    ]
    assert cautions == ["about 5%"]
    assert _CAUTION not in said(_with_variations())
    assert _CAUTION not in said(composed("full"))


def test_a_changed_verdict_names_the_published_rate_it_is_set_against():
    """A population may be set against two: the word alone would not say which."""
    document = _with_variations(_POINT)
    [section] = [s for s in document.sections if s.id == "q6-varied"]
    sentence, figure = section.blocks
    verdict = "(published about 5%)"
    assert verdict in sentence.text
    assert verdict in figure.alt
    [cell] = [
        reading.words(cell)
        for row in figure.table.rows
        for cell in row.cells
        if "now " in reading.words(cell)
    ]
    assert cell.endswith(verdict)
    units = {column.title: column.unit for column in figure.table.columns}
    assert units["Immunocompromised"] == "published 5–7% and about 5%"
    assert "5–7%" in figure.svg


def test_rules_that_were_not_varied_are_a_choice_and_no_want_of_data():
    [section] = [s for s in composed("full").sections if s.id == "q6-varied"]
    [note] = section.blocks
    assert isinstance(note, Note)
    assert "vary_up_to_prescriptions" in note.text
