"""The naive twin, held against the rule book one vignette at a time."""

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
