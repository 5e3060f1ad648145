"""The naive twin, held against the rule book one vignette at a time."""

from fractions import Fraction
from pathlib import Path

import pytest

from tests.properties.twin import Seeds, classify, read_parameters
from tests.spec.vignettes import VIGNETTES, Vignette

SEEDS = Path(__file__).resolve().parents[2] / "seeds"


@pytest.fixture(scope="module")
def seeds() -> Seeds:
    return Seeds.read(SEEDS / "regimens.csv")


@pytest.fixture(scope="module")
def defaults() -> dict[str, object]:
    return read_parameters(SEEDS / "parameters.csv")


@pytest.mark.parametrize("vignette", VIGNETTES, ids=lambda vignette: vignette.id)
def test_the_twin_reads_the_rule_book(vignette: Vignette, seeds, defaults):
    """Each vignette's courses, in order, have the columns that the rule book says."""
    parameters = {**defaults, **vignette.parameters}
    outcome = classify(vignette.delivery, vignette.as_of, parameters, seeds)
    found = [
        {column: course[column] for column in expected}
        for course, expected in zip(outcome.courses, vignette.expect, strict=True)
    ]
    assert found == vignette.expect, vignette.sentence
    assert outcome.n_absorbed == vignette.absorbed, vignette.sentence
    assert len(outcome.unattached) == vignette.unattached, vignette.sentence


def test_vignettes_are_told_apart_by_id():
    """No vignette hides another of the same name."""
    ids = [vignette.id for vignette in VIGNETTES]
    assert len(ids) == len(set(ids))


DATED = {
    "prescriptions": ("start_date", "end_date"),
    "followups": ("visit_date", None),
    "immune_status": ("from_date", "to_date"),
    "labs": ("collected_date", "resulted_date"),
    "clinical_events": ("event_date", None),
}


@pytest.mark.parametrize("vignette", VIGNETTES, ids=lambda vignette: vignette.id)
def test_vignettes_keep_the_contract(vignette: Vignette):
    """No row is deferred, and no period ends before it begins."""
    for extract, (first, last) in DATED.items():
        for row in vignette.delivery[extract]:
            assert row[first] <= vignette.as_of
            if last is not None and row[last] is not None:
                assert row[last] >= row[first]


#: The parameters of sections 2 to 6 that this chapter's rules read, with an edge's step.
STEPS = {
    "prophylaxis_gap_days": 1,
    "prophylaxis_min_days": 1,
    "intent_visit_before_days": 1,
    "intent_visit_after_days": 1,
    "syndrome_before_days": 1,
    "syndrome_after_days": 1,
    "renal_lookback_days": 1,
    "dose_tolerance": Fraction(1, 10_000),
    "adult_age_years": 1,
    "course_gap_days": 1,
    "absorbing_overlap_share": Fraction(1, 18),
    "min_adherence": Fraction(1, 10**12),
    "window_from": 1,
    "strict_window_from": 1,
    "window_to": 1,
    "followup_days": 1,
    "after_course_days": 1,
    "off_therapy_days": 1,
    "min_therapy_days": 1,
    "specimen_before_days": 1,
    "specimen_after_days": 1,
    "resistant_ec50_ug_ml": Fraction(1, 100),
    "acyclovir_molar_mass": 1,
    "refute_from_day": 1,
    "mimic_before_days": 1,
    "mimic_after_days": 1,
    "switched_early_days": 1,
    "watch_from_day": 1,
    "watch_to_day": 1,
    "aids_cd4_below": 1,
    "prolonged_therapy_days": 1,
    "repeated_courses": 1,
    "history_days": 1,
    "maturity_days": 1,
    "lab_maturity_days": 1,
}


@pytest.mark.parametrize("direction", [-1, 1])
@pytest.mark.parametrize("name", STEPS)
def test_vignettes_lie_on_both_sides_of_each_edge(name, direction, seeds, defaults):
    """A parameter one step off makes some vignette of the twin come out otherwise."""
    moved = {**defaults, name: defaults[name] + direction * STEPS[name]}
    for vignette in VIGNETTES:
        if name in vignette.parameters:
            continue
        parameters = {**moved, **vignette.parameters}
        outcome = classify(vignette.delivery, vignette.as_of, parameters, seeds)
        if not _as_expected(outcome.courses, vignette.expect):
            return
    pytest.fail(f"no vignette notices {name} moved by {direction * STEPS[name]}")


def _as_expected(courses: list[dict], expect: list[dict]) -> bool:
    return len(courses) == len(expect) and all(
        course[column] == value
        for course, expected in zip(courses, expect, strict=True)
        for column, value in expected.items()
    )
