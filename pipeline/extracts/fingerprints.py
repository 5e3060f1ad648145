"""A fingerprint of every accepted row, by which the next run knows what was corrected.

Only rows of patients who count in the windows are kept. Knows nothing of classes.
"""

from collections.abc import Iterable
from datetime import date

from pipeline.contracts.compiler import Contract
from pipeline.contracts.schemas import EXTRACTS
from pipeline.contracts.sql_text import identifier
from pipeline.extracts.dispositions import RECORDED_AT, accepted_name
from pipeline.extracts.sources import Engine

TABLE = "delivered_rows"
_LOW_BITS = (1 << 32) - 1


def keep_fingerprints(
    engine: Engine, contracts: Iterable[Contract], since: date
) -> None:
    """Make ``delivered_rows`` of those who have a prescription from a day on.

    One row an accepted row: extract (its place in `EXTRACTS`), patient_hash, row_hash (of
    its unique id, or of all of it where the extract has none) and content_hash (of all
    but ``recorded_at``). The hashes are the engine's own, 64 bits of the patient and 32 of
    a row among the patient's few: they can be compared with those of another run of the
    same version of it.
    """
    engine.create(
        "patients_since",
        "select distinct patient_id from accepted_prescriptions "
        "where start_date >= $since",
        {"since": since},
    )
    selects = [_select(contract) for contract in contracts]
    engine.create(TABLE, "\nunion all\n".join(selects), stored=True)
    engine.drop("patients_since")


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


def _select(contract: Contract) -> str:
    held = [name for name in contract.typed_columns if name != RECORDED_AT]
    # A code word may be stored as a number, which another version gives to another word.
    texts = [
        f"cast({identifier(name)} as varchar)"
        if contract.columns.get(name, {}).get("kind") in (None, "code")
        else identifier(name)
        for name in held
    ]
    content = _half(f"hash({', '.join(texts)})")
    row = content
    if contract.identifier:
        row = _half(f"hash({identifier(contract.identifier)})")
    return (
        f"select cast({EXTRACTS.index(contract.extract)} as tinyint) as extract, "
        f"hash(patient_id) as patient_hash, {row} as row_hash, "
        f"{content} as content_hash from {accepted_name(contract.extract)} "
        "semi join patients_since using (patient_id)"
    )


def _half(hashed: str) -> str:
    return f"cast({hashed} & {_LOW_BITS} as uinteger)"
