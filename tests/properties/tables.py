"""A delivery as frames, as the engine's accepted tables, and as the extracts' CSV files.

Knows the contracts' columns and types; nothing of how a delivery was made.
"""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

Delivery = Mapping[str, list[dict]]

#: Columns of each extract with the types of its ``accepted_`` table.
COLUMNS: Mapping[str, Mapping[str, str]] = {
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
PLACE = {"file_id": "integer", "line": "bigint"}


def as_frames(delivery: Delivery) -> dict[str, pd.DataFrame]:
    """A frame an extract: file_id 0, line the row's number, and the contract's columns.

    A row that names its own place keeps it. The cells are Python's (date, Decimal, int,
    bool, str, None) in columns of objects.
    """
    frames = {}
    for extract, columns in COLUMNS.items():
        rows = [
            {
                "file_id": row.get("file_id", 0),
                "line": row.get("line", line),
                **{name: row[name] for name in columns},
            }
            for line, row in enumerate(delivery.get(extract, []), start=1)
        ]
        frames[extract] = pd.DataFrame(rows, columns=[*PLACE, *columns], dtype=object)
    return frames


def load_accepted(engine: Any, delivery: Delivery) -> None:
    """Leave ``accepted_<extract>`` tables in the engine, typed as the contract says."""
    for extract, frame in as_frames(delivery).items():
        types = {**PLACE, **COLUMNS[extract]}
        # Text has one type whatever the rows hold: nothing is left to be inferred.
        text = frame.map(lambda cell: None if cell is None else str(cell))
        engine.load("written_as_text", text.astype("string"))
        casts = ",\n".join(
            f"    cast({name} as {kind}) as {name}" for name, kind in types.items()
        )
        engine.create(f"accepted_{extract}", f"select\n{casts}\nfrom written_as_text")
        engine.drop("written_as_text")


def write_csv(delivery: Delivery, folder: Path) -> None:
    """Write the six extracts as CSV files; a value carries its operator before it."""
    folder.mkdir(parents=True, exist_ok=True)
    for extract, columns in COLUMNS.items():
        header = [name for name in columns if name != "value_operator"]
        with (folder / f"{extract}.csv").open(
            "w", encoding="utf-8", newline=""
        ) as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(header)
            for row in delivery.get(extract, []):
                writer.writerow(_cell(row, name) for name in header)


def _cell(row: Mapping[str, object], name: str) -> str:
    value = row[name]
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if name == "value":
        return f"{row['value_operator'] or ''}{value}"
    return str(value)
