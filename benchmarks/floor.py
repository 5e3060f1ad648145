"""The floor: the needed columns of prescriptions and visits read, one hash aggregate.

    python -m benchmarks.floor DELIVERY FORMAT

What no program that reads them can undercut by much. It checks, joins and sorts nothing.
"""

import sys
from pathlib import Path

import duckdb

from pipeline.contracts.sql_text import literal

PRESCRIPTIONS = (
    *("prescription_id", "drug", "route", "dose", "dose_unit", "doses_per_day"),
    *("start_date", "end_date", "days_supply", "intent", "indication", "adherence"),
    "site_id",
)
FOLLOWUPS = ("followup_id", "visit_date", "lesion_status", "syndrome")
_READERS = {
    "parquet": "read_parquet({})",
    "csv": "read_csv({}, header = true, all_varchar = true)",
}


def main() -> None:
    """Scan and aggregate; the result stays in memory, which ends with the process."""
    folder, file_format = Path(sys.argv[1]), sys.argv[2]
    sides = []
    for extract, columns in (
        ("prescriptions", PRESCRIPTIONS),
        ("followups", FOLLOWUPS),
    ):
        path = literal(str(folder / f"{extract}.{file_format}"))
        relation = _READERS[file_format].format(path)
        sides.append(f"select patient_id, {', '.join(columns)} from {relation}")
    counts = ", ".join(f"count({name})" for name in (*PRESCRIPTIONS, *FOLLOWUPS))
    with duckdb.connect() as connection:
        connection.execute(
            f"create table floor as select patient_id, {_named(counts)} from "
            f"({' union all by name '.join(sides)}) group by patient_id"
        )


def _named(counts: str) -> str:
    return ", ".join(
        f"{count} as n_{place}" for place, count in enumerate(counts.split(", "))
    )


if __name__ == "__main__":
    main()
