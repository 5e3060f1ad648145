"""The files of one extract scanned into the engine: typed rows, each with its line.

Asks that every row the readers of the files counted is there, in its place.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from pipeline.contracts.compiler import Contract
from pipeline.errors import DataRefused, InvariantBroken, ReadWriteFailed
from pipeline.extracts.dispositions import read_name
from pipeline.extracts.intake import ReadFile
from pipeline.extracts.sources import Engine, refuse_if_damaged


def scan(
    engine: Engine,
    contract: Contract,
    files: Sequence[ReadFile],
    codes: Mapping[str, Mapping[str, str]],
    units: Mapping[str, str],
) -> str:
    """Make ``read_<extract>`` of the files, all at once: that runs in parallel.

    Returns the SQL of a row's line among the ``scanned`` rows. Raises DataRefused where
    a file is damaged, InvariantBroken where a row was lost.
    """
    table = read_name(contract.extract)
    scans = [
        contract.scan(
            file.source.relation,
            file.source.delivered,
            codes,
            file_id=file.file_id,
            line=file.source.line,
            units=units,
        )
        for file in files
    ]
    try:
        engine.create(table, "\nunion all\n".join(scans))
    except (InvariantBroken, ReadWriteFailed):
        for file in files:
            refuse_if_damaged(engine, file.label, file.source)
        raise
    _refuse_if_out_of_place(engine, table, files)
    return _line(engine, table, files)


def _refuse_if_out_of_place(
    engine: Engine, table: str, files: Sequence[ReadFile]
) -> None:
    """Raise where a file's rows do not stand one behind the other, after those before.

    The engine keeps the order in which rows are read, so a place tells a record. That
    no row is missing or between is asked here, against the reader's own count.
    """
    ranges = {
        file_id: (first, last, n)
        for file_id, first, last, n in engine.rows(
            "select file_id, min(rowid), max(rowid), count(*) "
            f"from {table} group by file_id"
        )
    }
    place = 0
    for file in files:
        n_rows = file.source.n_rows
        expected = (place, place + n_rows - 1, n_rows)
        found = ranges.get(file.file_id, expected if n_rows == 0 else (0, 0, 0))
        if found != expected:
            if file.source.framed is None:
                raise DataRefused(f"{file.label}: its footer and its pages disagree.")
            raise InvariantBroken(
                f"{file.label}: {n_rows:,} rows were counted and {found[2]:,} were read."
            )
        place += n_rows


def _line(engine: Engine, table: str, files: Sequence[ReadFile]) -> str:
    """The SQL of a row's line: as read, or counted from its place where none is read."""
    if any(
        file.source.framed and file.source.framed.lines is not None for file in files
    ):
        _take_lines(engine, table, files)
        return "scanned.line"
    cases = []
    place = 0
    for file in files:
        if framed := file.source.framed:
            line = f"scanned.rowid + {framed.first_line - place}"
            cases.append(f"when {file.file_id} then {line}")
        place += file.source.n_rows
    if not cases:
        return "scanned.line"
    return f"case scanned.file_id {' '.join(cases)} else scanned.line end"


def _take_lines(engine: Engine, table: str, files: Sequence[ReadFile]) -> None:
    """Write the line of every row into the table, where blank lines were left out.

    A copy, since an update of a column can take DuckDB 2.0.0 ten times as long.
    """
    lines = [
        np.arange(file.source.n_rows) + 1 if framed is None else framed.all_lines
        for file in files
        for framed in [file.source.framed]
    ]
    engine.load("delivered_lines", pd.DataFrame({"delivered": np.concatenate(lines)}))
    engine.create(
        table,
        "select * exclude (delivered) replace (delivered as line) "
        f"from {table} positional join delivered_lines",
    )
    engine.drop("delivered_lines")
