"""What a profile makes of a delivery, for ``acvwatch validate``; decides no row.

Shows headers, codes and counts: no id, date or number of a patient.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from pipeline.contracts.compiler import Contract
from pipeline.contracts.reading import trimmed
from pipeline.extracts.codes import CodeMaps, contracts_and_codes
from pipeline.extracts.intake import ReadFile, check_files, demands
from pipeline.extracts.profiles import ExtractProfile, Profile
from pipeline.extracts.sources import Engine

_MOST_TEXTS = 50


@dataclass(frozen=True)
class FileDescription:
    """One file as the contract and a profile read it.

    ``columns`` has column, kind, delivered_as and state (``read``, ``constant`` or
    ``absent``); ``codes`` has column, text, code (empty where it is not listed) and n,
    the most frequent texts of each code column first.
    """

    label: str
    extract: str
    n_rows: int
    columns: pd.DataFrame
    unknown: tuple[str, ...]
    codes: pd.DataFrame


def describe(
    engine: Engine,
    folder: Path,
    *,
    as_of: date,
    parameters: Mapping[str, object],
    synonyms: pd.DataFrame,
    drugs: pd.DataFrame,
    profile: Profile | None,
    scratch: Path,
) -> tuple[FileDescription, ...]:
    """A description of every file of a delivery; arguments and errors as of receive."""
    profile, scratch = profile or Profile(), scratch.resolve()
    contracts, codes = contracts_and_codes(as_of, drugs, synonyms, profile)
    files = check_files(
        engine,
        folder,
        contracts=contracts,
        profile=profile,
        asked=demands(parameters),
        scratch=scratch,
    )
    return tuple(
        FileDescription(
            label=file.label,
            extract=file.extract,
            n_rows=file.source.n_rows,
            columns=_columns(file, contracts[file.extract], profile.of(file.extract)),
            unknown=file.source.column_map.unknown,
            codes=_codes(engine, file, codes[file.extract]),
        )
        for file in files
    )


def _columns(
    file: ReadFile, contract: Contract, profile: ExtractProfile
) -> pd.DataFrame:
    places = file.source.column_map.places
    rows = []
    for column, about in contract.columns.items():
        names = [file.source.columns[place][0] for place in places.get(column, ())]
        delivered_as, state = profile.separator.join(names), "read"
        if column in profile.constants:
            delivered_as, state = profile.constants[column], "constant"
        elif not names:
            state = "absent"
        rows.append((column, about["kind"], delivered_as, state))
    return pd.DataFrame(rows, columns=["column", "kind", "delivered_as", "state"])


def _codes(engine: Engine, file: ReadFile, codes: CodeMaps) -> pd.DataFrame:
    rows = []
    for column, meanings in codes.items():
        delivered = file.source.delivered.get(column)
        if delivered is None:
            continue
        text = f"lower({trimmed(f'cast({delivered.expression} as varchar)')})"
        found = engine.rows(
            f"select {text} as cell, count(*) as n from {file.source.relation} "
            f"group by cell order by n desc, cell limit {_MOST_TEXTS}"
        )
        rows += [
            (column, cell or "", meanings.get(cell or "", ""), n) for cell, n in found
        ]
    return pd.DataFrame(rows, columns=["column", "text", "code", "n"])
