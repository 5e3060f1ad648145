"""Two readings of the rule book, course for course and column for column.

The naive twin is plain Python and was written without a look at the SQL.
"""

from fractions import Fraction
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline import seeds as shipped
from tests.classification import Workbench
from tests.properties.populations import AS_OF, deliveries, dense, together
from tests.properties.twin import Seeds, classify, read_parameters

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
ADHERENCE_TOLERANCE = 1e-12

POPULATIONS, AT_ONCE = 200, 4
"""How many populations Hypothesis makes up, and how many are walked as one delivery."""

CROWD = 5_000
"""Patients of the dense population that the issue asks for."""


@pytest.fixture(scope="module")
def workbench():
    with Workbench() as workbench:
        yield workbench


@pytest.fixture(scope="module")
def parameters():
    return read_parameters(SEEDS / "parameters.csv")


@pytest.fixture(scope="module")
def regimens():
    return Seeds.read(SEEDS / "regimens.csv")


def plain(value: object) -> object:
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        return None
    return value.date() if isinstance(value, pd.Timestamp) else value


def differences(expected: list[dict], found: list[dict]) -> list[str]:
    """What the two say differently, at most ten sentences."""
    if len(expected) != len(found):
        return [f"the twin has {len(expected)} courses, the SQL {len(found)}"]
    sentences = []
    for twin, sql in zip(expected, found, strict=True):
        for column, value in twin.items():
            other = plain(sql[column])
            if isinstance(value, Fraction):
                same = other is not None and (
                    abs(other - float(value)) <= ADHERENCE_TOLERANCE
                )
            else:
                same = other == value
            if not same:
                sentences.append(
                    f"{twin['patient_id']} {twin['start_date']} {twin['dosing']} "
                    f"{column}: twin {value}, SQL {other}"
                )
    return sentences[:10]


def agree(delivery, workbench, parameters, regimens):
    outcome = classify(delivery, AS_OF, parameters, regimens)
    courses = workbench.classify(delivery, AS_OF)
    assert not differences(outcome.courses, courses.to_dict("records"))
    [(n_absorbed,)] = workbench.engine.rows(
        "select count(*) from built_courses where is_absorbed"
    )
    assert n_absorbed == outcome.n_absorbed
    return outcome


def prescriptions_agree(outcome, workbench):
    rows = workbench.engine.rows(
        "select accepted_prescriptions.prescription_id, treatment_prescriptions.dosing, "
        "treatment_prescriptions.syndrome from treatment_prescriptions "
        "inner join prescriptions using (prescription_key) "
        "inner join accepted_prescriptions using (file_id, line)"
    )
    found = {row[0]: row[1:] for row in rows}
    expected = {
        prescription_id: (said["dosing"], said["syndrome"])
        for prescription_id, said in outcome.prescriptions.items()
        if said["intent"] == "treatment"
    }
    assert found == expected


def specimens_agree(outcome, workbench):
    rows = workbench.engine.rows(
        "select specimens.lab_id, kept_courses.start_date, kept_courses.dosing, "
        "specimens.reading from specimens left join kept_courses using (course_key)"
    )
    resistance_tests = set(
        shipped.read("tests").query("is_resistance_test == 'true'")["test"]
    )
    assert {row[0] for row in rows} <= outcome.specimens.keys()
    assert resistance_tests
    for lab_id, start_date, dosing, reading in rows:
        said = outcome.specimens[lab_id]
        assert (said["start_date"], said["dosing"]) == (start_date, dosing), lab_id
        assert said["reading"] == reading, lab_id


different = st.lists(deliveries(), min_size=AT_ONCE, max_size=AT_ONCE, unique_by=repr)


@settings(
    max_examples=POPULATIONS // AT_ONCE,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(populations=different)
def test_both_readings_agree_on_made_up_patients(
    populations, workbench, parameters, regimens
):
    """200 populations of one to four patients whose dates lie at the rules' edges."""
    agree(together(populations), workbench, parameters, regimens)


@pytest.mark.parametrize("seed", [1, 2])
def test_both_readings_agree_on_a_crowd(seed, workbench, parameters, regimens):
    """5,000 dense patients: ties, overlaps, both ends of every threshold, gaps."""
    outcome = agree(dense(seed, CROWD), workbench, parameters, regimens)
    prescriptions_agree(outcome, workbench)
    specimens_agree(outcome, workbench)
