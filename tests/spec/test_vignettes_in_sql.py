"""The SQL models, held against the rule book one vignette at a time.

Vignettes that share their as-of date and parameters run as one delivery: the vignette's
number stands before every id, which keeps the order of the ids within a vignette.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest

from pipeline import models
from tests.classification import Workbench
from tests.spec.test_vignettes import STEPS
from tests.spec.vignettes import VIGNETTES, Vignette

IDS = ("patient_id", "prescription_id", "followup_id", "lab_id", "event_id")
ABSORBED = """
select patients.patient_id from built_courses
inner join patients on built_courses.patient_key = patients.patient_key
where built_courses.is_absorbed
"""


@pytest.fixture(scope="module")
def workbench():
    with Workbench() as workbench:
        yield workbench


@pytest.fixture(scope="module")
def told(workbench: Workbench) -> dict[str, dict[str, list]]:
    return tell(workbench, VIGNETTES, {})


def tell(
    workbench: Workbench, vignettes: list[Vignette], moved: Mapping[str, Any]
) -> dict[str, dict[str, list]]:
    """What the SQL says of each vignette: courses, absorbed, unattached."""
    together = defaultdict(list)
    for vignette in vignettes:
        parameters = {**moved, **vignette.parameters}
        key = (vignette.as_of, tuple(sorted(parameters.items())))
        together[key].append(vignette)
    said = {}
    for (as_of, parameters), group in together.items():
        numbered = {f"{number:04}:": each.id for number, each in enumerate(group)}
        said |= _said(workbench, group, numbered, as_of, dict(parameters))
    return said


def _said(workbench, group, numbered, as_of, parameters) -> dict[str, dict[str, list]]:
    delivery = defaultdict(list)
    for prefix, vignette in zip(numbered, group, strict=True):
        for extract, rows in vignette.delivery.items():
            delivery[extract] += [_prefixed(row, prefix) for row in rows]
    courses = workbench.classify(delivery, as_of, parameters)
    said = {id: defaultdict(list) for id in numbered.values()}
    for course in courses.to_dict("records"):
        said[numbered[course["patient_id"][:5]]]["courses"].append(course)
    for (patient_id,) in workbench.engine.rows(ABSORBED):
        said[numbered[patient_id[:5]]]["absorbed"].append(patient_id)
    for row in workbench.engine.rows(models.read("lists/unattached_results").select):
        said[numbered[row[0][:5]]]["unattached"].append(row)
    return said


def _prefixed(row: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    return {
        name: f"{prefix}{value}" if name in IDS and value is not None else value
        for name, value in row.items()
    }


def plain(value: object) -> object:
    """The value as a vignette writes it: dates as dates, nothing as None."""
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        return None
    return value.date() if isinstance(value, pd.Timestamp) else value


def same(name: str, found: object, expected: object) -> bool:
    if name == "patient_id":
        return found[5:] == expected
    if isinstance(expected, Fraction):
        return found is not None and found == pytest.approx(float(expected), abs=1e-12)
    return found == expected and isinstance(found, date) == isinstance(expected, date)


def differences(vignette: Vignette, said: Mapping[str, list]) -> list[str]:
    found = []
    if len(said["courses"]) != len(vignette.expect):
        found.append(f"{len(said['courses'])} courses")
    for course, expected in zip(said["courses"], vignette.expect, strict=False):
        for name, value in expected.items():
            if not same(name, plain(course[name]), value):
                found.append(f"{name} is {plain(course[name])}, expected {value}")
    for what in ("absorbed", "unattached"):
        if len(said[what]) != getattr(vignette, what):
            found.append(f"{len(said[what])} {what}")
    return found


@pytest.mark.parametrize("vignette", VIGNETTES, ids=lambda vignette: vignette.id)
def test_the_sql_reads_the_rule_book(vignette: Vignette, told):
    """Each vignette's courses, in order, have the columns that the rule book says."""
    assert not differences(vignette, told[vignette.id]), vignette.sentence


@pytest.mark.long
@pytest.mark.parametrize("direction", [-1, 1])
@pytest.mark.parametrize("name", STEPS)
def test_vignettes_notice_each_edge_in_the_sql(name, direction, workbench):
    """A parameter one step off makes some vignette of the SQL come out otherwise."""
    default = workbench.parameters[name]
    step = STEPS[name]
    step = (
        step
        if isinstance(step, int)
        else type(default)(step.numerator) / (step.denominator)
    )
    asked = [vignette for vignette in VIGNETTES if name not in vignette.parameters]
    said = tell(workbench, asked, {name: default + direction * step})
    assert any(differences(vignette, said[vignette.id]) for vignette in asked)
