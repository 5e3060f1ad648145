"""One patient's walk again, from the accepted rows that a stored run keeps.

Knows the models and a run's tables; knows nothing of how a course is put into words.
The rules are those of `sql/`: nothing is worked out here.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline import about, models, person_level, seeds, tables
from pipeline.contracts.sql_text import parquet
from pipeline.errors import InvariantBroken

FLAG_DAYS = "followed/followed_courses"

INSIDE = {
    "class_facts": ("classification/classes", "reasoned"),
    "dose_inputs": ("courses/treatment_prescriptions", "described"),
    "dose_minima": ("courses/treatment_prescriptions", "compared"),
}
"""The steps inside a model that hold a rule's inputs: name, model, step."""

_READ = {
    "courses": "select * from courses order by course_key",
    "kept_courses": "select * from kept_courses order by course_key",
    "flag_days": "select * from followed_courses order by course_key",
    "patients": """
        select patients.*, accepted_patients.file_id, accepted_patients.line
        from patients
        left join accepted_patients
            on patients.patient_id = accepted_patients.patient_id
        order by patients.patient_id""",
    "class_facts": "select * from class_facts order by course_key, rule",
    "dose_minima": """
        select distinct dose_minima.*, dose_inputs.is_child_on_oral
        from dose_minima
        inner join dose_inputs
            on dose_minima.prescription_key = dose_inputs.prescription_key
        order by all""",
    "therapy_days": """
        select kept_courses.course_key, recent_therapy.therapy_days
        from kept_courses
        inner join recent_therapy
            on kept_courses.start_date = recent_therapy.index_date
        order by course_key""",
    "recent_courses": "select * from repeated_therapy order by course_key",
    "course_prescriptions": """
        select * from course_prescriptions
        order by course_key, start_date, prescription_key""",
    "course_visits": "select * from course_visits order by visit_date, file_id, line",
    "course_results": """
        select * from course_results order by collected_date, file_id, line""",
    "course_conditions": """
        select * from course_conditions order by from_date, file_id, line""",
    "course_events": "select * from course_events order by event_date, file_id, line",
}


def walk_again(
    engine, folder: Path, manifest: Mapping[str, Any], patient_id: str
) -> dict[str, pd.DataFrame]:
    """What the models make of one patient's rows, by name; no row for one unknown.

    Raises InvariantBroken where the courses are not those that the run published: then
    another version made it, by other rules.
    """
    parameters = person_level.sql_parameters(
        date.fromisoformat(manifest["as_of"]), typed(manifest["configuration"])
    )
    published = _published(engine, folder, patient_id)
    for table, path in tables.ACCEPTED.items():
        _load(engine, table, folder / path, manifest, patient_id)
    found = walk(engine, parameters)
    made = found["courses"][list(tables.COURSE_COLUMNS)]
    if not _same(made, published):
        raise _made_otherwise(manifest)
    return found


def walk(engine, parameters: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    """What the models make of the accepted rows that the engine holds, by name.

    ``parameters`` are those of the SQL models (`person_level.sql_parameters`).
    """
    seeds.load(engine)
    for model in _models():
        person_level.make(engine, model, parameters)
    for table, (name, step) in INSIDE.items():
        engine.create(table, models.inside(name, step), parameters)
    return {name: engine.frame(select, parameters) for name, select in _READ.items()}


def typed(configuration: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a manifest's configuration, decimals as such."""
    kinds = seeds.read("parameters").set_index("name")["type"]
    return {
        name: Decimal(str(value)) if kinds.get(name) == "decimal" else value
        for name, value in configuration.items()
    }


def _models() -> list[models.Model]:
    walked = [
        model
        for _, found in models.chapters(models.OF_PATIENTS, until="courses")
        for model in found
    ]
    names = {model.name for model in walked}
    further = [each for each in models.made_for(FLAG_DAYS) if each.name not in names]
    return [*walked, *further, *map(models.read, models.DOSSIER)]


def _load(
    engine, table: str, path: Path, manifest: Mapping[str, Any], patient_id: str
) -> None:
    if not path.is_file():
        raise _made_otherwise(manifest)
    engine.create(
        table,
        f"select * from {parquet(path)} "
        "where patient_id = $patient_id order by file_id, line",
        {"patient_id": patient_id},
    )


def _published(engine, folder: Path, patient_id: str) -> pd.DataFrame:
    source = parquet(folder / tables.COURSES)
    return engine.frame(
        f"select * from {source} where patient_id = $patient_id "
        "order by start_date, dosing",
        {"patient_id": patient_id},
    )


def _same(made: pd.DataFrame, published: pd.DataFrame) -> bool:
    if list(made) != list(published) or len(made) != len(published):
        return False
    key = ["start_date", "dosing"]
    one, other = (
        frame.sort_values(key, ignore_index=True) for frame in (made, published)
    )
    return bool(((one == other) | (one.isna() & other.isna())).all(axis=None))


def _made_otherwise(manifest: Mapping[str, Any]) -> InvariantBroken:
    made_by = manifest["versions"][about.DISTRIBUTION]
    return InvariantBroken(
        "The courses of this run are not what this version makes of its rows.",
        f"Version {made_by} made it, by other rules; explain it with that one.",
    )
