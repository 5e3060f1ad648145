"""The SQL models run on rows given by a test, without a delivery around them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

import pandas as pd

from pipeline import models, person_level, seeds
from pipeline.engines.duck import Duck

COLUMNS = {
    "prescriptions": {
        "prescription_id": "varchar",
        "patient_id": "varchar",
        "drug": "varchar",
        "route": "varchar",
        "dose": "decimal(15, 6)",
        "dose_unit": "varchar",
        "doses_per_day": "decimal(8, 6)",
        "start_date": "date",
        "end_date": "date",
        "days_supply": "integer",
        "intent": "varchar",
        "indication": "varchar",
        "adherence": "decimal(14, 12)",
        "site_id": "varchar",
    },
    "followups": {
        "followup_id": "varchar",
        "patient_id": "varchar",
        "visit_date": "date",
        "lesion_status": "varchar",
        "severity": "varchar",
        "syndrome": "varchar",
        "accessible": "boolean",
        "site_id": "varchar",
    },
    "immune_status": {
        "patient_id": "varchar",
        "condition": "varchar",
        "from_date": "date",
        "to_date": "date",
    },
    "labs": {
        "lab_id": "varchar",
        "patient_id": "varchar",
        "collected_date": "date",
        "resulted_date": "date",
        "test": "varchar",
        "result": "varchar",
        "value": "decimal(18, 6)",
        "value_operator": "varchar",
        "unit": "varchar",
    },
    "clinical_events": {
        "event_id": "varchar",
        "patient_id": "varchar",
        "event_date": "date",
        "event": "varchar",
    },
    "patients": {
        "patient_id": "varchar",
        "birth_year": "integer",
        "weight_kg": "decimal(9, 4)",
    },
}
"""The accepted relations that reading a delivery leaves in the engine."""

_TYPES = {"integer": int, "decimal": Decimal}


def default_parameters() -> dict[str, Any]:
    """Every parameter with its default, typed."""
    return {
        row.name: _TYPES.get(row.type, str)(row.default)
        for row in seeds.read("parameters").itertuples(index=False)
    }


@dataclass
class Workbench:
    """An engine with the seeds loaded once, for many small deliveries."""

    folder: TemporaryDirectory = field(default_factory=TemporaryDirectory)

    def __enter__(self) -> Self:
        path = Path(self.folder.name)
        self.engine = Duck(path / "work.duckdb", folders=[path], threads=2, debug=True)
        seeds.load(self.engine)
        return self

    def __exit__(self, *_: object) -> None:
        self.engine.close()
        self.folder.cleanup()

    def classify(
        self,
        delivery: Mapping[str, list[dict[str, Any]]],
        as_of: date,
        parameters: Mapping[str, Any] | None = None,
        until: str = "classification/courses",
    ) -> pd.DataFrame:
        """The rows of ``courses`` after every model up to the named one was made."""
        values = default_parameters() | dict(parameters or {})
        sql_parameters = person_level.sql_parameters(as_of, values)
        for extract, columns in COLUMNS.items():
            self._load(extract, columns, delivery.get(extract, []))
        last = models.READING_ORDER.index(until)
        for name in models.READING_ORDER[: last + 1]:
            model = models.read(name)
            self.engine.create(model.table, model.select, sql_parameters)
        return self.engine.frame(
            "select * from courses order by patient_id, start_date, dosing"
        )

    def _load(
        self, extract: str, columns: Mapping[str, str], rows: list[dict[str, Any]]
    ) -> None:
        texts = pd.DataFrame(
            [
                [None if row.get(name) is None else str(row[name]) for name in columns]
                for row in rows
            ],
            columns=list(columns),
            dtype=object,
        )
        self.engine.load("given_rows", texts.astype("string"))
        typed = ", ".join(
            f"cast({name} as {kind}) as {name}" for name, kind in columns.items()
        )
        self.engine.create(
            f"accepted_{extract}",
            f"select 0 as file_id, row_number() over () as line, {typed} from given_rows",
        )
