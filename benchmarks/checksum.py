"""One number for a table of courses, the same whatever wrote the file and in what order.

Every row becomes one canonical text (dates as ISO days, truth as true or false, adherence
to nine decimals, what is missing as a sign of its own); the sum of the rows' hashes is the
checksum. Hashes of one DuckDB version compare with those of that version alone.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipeline.tables import COURSE_COLUMNS

_CANONICAL = {"adherence": "printf('%.9f', cast(adherence as double))"}
_DATES = ("start_date", "end_date", "deciding_date")
_INTEGERS = ("length_days", "deciding_day", "strict_deciding_day", "n_prescriptions")
_MISSING = "\\N"


@dataclass(frozen=True)
class Checksum:
    """Rows and the sum of their hashes."""

    n_rows: int
    total: int

    def __str__(self) -> str:
        return f"{self.n_rows:,} rows {self.total:x}"


def of_courses(path: Path) -> Checksum:
    """The checksum of a Parquet file, or a folder of them, as `pipeline.tables` has it."""
    cells = ", ".join(
        f"coalesce({_text(name)}, '{_MISSING}')" for name in COURSE_COLUMNS
    )
    with duckdb.connect() as connection:
        n_rows, total = connection.execute(
            f"select count(*), coalesce(sum(hash(concat_ws(chr(31), {cells}))), 0) "
            "from read_parquet($path)",
            {"path": str(path / "*.parquet" if path.is_dir() else path)},
        ).fetchone()
    return Checksum(int(n_rows), int(total))


def _text(name: str) -> str:
    if name in _DATES:
        return f"cast(cast({name} as date) as varchar)"
    if name in _INTEGERS:
        return f"cast(cast({name} as integer) as varchar)"
    return _CANONICAL.get(name, f"cast({name} as varchar)")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        print(of_courses(Path(name)))
