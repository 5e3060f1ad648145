"""The accepted rows of two runs side by side, by which one knows what was corrected.

Read from the Parquet that each run keeps, for the patients who are asked about alone.
Knows nothing of classes.
"""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from pipeline.contracts.compiler import Contract
from pipeline.contracts.schemas import EXTRACTS
from pipeline.contracts.sql_text import identifier, parquet
from pipeline.extracts.dispositions import RECORDED_AT, accepted_name
from pipeline.extracts.sources import Engine

DELIVERED, BEFORE = "delivered_rows", "previous_rows"
_PLACE = ("file_id", "line")


def load_both(
    engine: Engine, contracts: Iterable[Contract], now: Path, before: Path, asked: str
) -> None:
    """Make ``delivered_rows`` and ``previous_rows`` of the patients in the table ``asked``.

    ``now`` and ``before`` are folders with an ``accepted_<extract>.parquet`` for each
    extract. One row an accepted row: extract (its place in `EXTRACTS`), patient_id,
    row_hash (of its unique id, or of all of it where the extract has none) and
    content_hash (of all but its place and ``recorded_at``). An extract whose columns are
    not those of before counts as it is now in both: no row is taken for changed.
    """
    delivered, previous = [], []
    for contract in contracts:
        paths = [
            folder / f"{accepted_name(contract.extract)}.parquet"
            for folder in (now, before)
        ]
        columns = [_columns(engine, path) for path in paths]
        delivered.append(_select(contract, paths[0], columns[0], asked))
        same = columns[0] == columns[1]
        previous.append(_select(contract, paths[same], columns[0], asked))
    engine.create(DELIVERED, "\nunion all\n".join(delivered))
    engine.create(BEFORE, "\nunion all\n".join(previous))


def last_dates(engine: Engine, contracts: Iterable[Contract]) -> dict[str, date]:
    """The last day that an accepted row of each dated extract names."""
    found = {}
    for contract in contracts:
        if contract.deferred_by:
            column = identifier(contract.deferred_by)
            table = accepted_name(contract.extract)
            [(last,)] = engine.rows(f"select max({column}) from {table}")
            if last is not None:
                found[contract.extract] = last
    return found


def _columns(engine: Engine, path: Path) -> dict[str, str]:
    rows = engine.rows(f"describe select * from {parquet(path)}")
    return {name: kind for name, kind, *_ in rows}


def _select(contract: Contract, path: Path, columns: Iterable[str], asked: str) -> str:
    held = [name for name in columns if name not in (*_PLACE, RECORDED_AT)]
    content = f"hash({', '.join(map(identifier, held))})"
    row = content
    if contract.identifier:
        row = f"hash({identifier(contract.identifier)})"
    return (
        f"select cast({EXTRACTS.index(contract.extract)} as tinyint) as extract, "
        f"patient_id, {row} as row_hash, {content} as content_hash "
        f"from {parquet(path)} semi join {asked} using (patient_id)"
    )
