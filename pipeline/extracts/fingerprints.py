"""A fingerprint of every accepted row, by which the next run knows what was corrected.

Only rows of patients who count in the windows are kept. Knows nothing of classes.
"""

from collections.abc import Iterable
from datetime import date

from pipeline.contracts.compiler import Contract
from pipeline.contracts.sql_text import identifier, literal
from pipeline.extracts.dispositions import RECORDED_AT, accepted_name, content
from pipeline.extracts.sources import Engine

TABLE = "delivered_rows"


def keep_fingerprints(
    engine: Engine, contracts: Iterable[Contract], since: date
) -> None:
    """Make ``delivered_rows`` of those who have a prescription from a day on.

    One row an accepted row: patient_id, extract, row_hash (of its unique id, or of all
    of it where the extract has none), content_hash (of all but ``recorded_at``). The
    hashes are 64 bits of MD5, the same on every machine and in every version.
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
    everything = f"md5_number_lower({content(held)})"
    row = everything
    if contract.identifier:
        row = f"md5_number_lower(cast({identifier(contract.identifier)} as varchar))"
    return (
        f"select patient_id, {literal(contract.extract)} as extract, "
        f"{row} as row_hash, {everything} as content_hash "
        f"from {accepted_name(contract.extract)} "
        "semi join patients_since using (patient_id)"
    )
