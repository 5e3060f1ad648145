"""The door in: a folder is received, and typed, counted rows stand in the engine.

Past here people exist only inside the engine; what comes back are counts.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.contracts.compiler import Contract
from pipeline.errors import DataRefused, InvariantBroken, ReadWriteFailed
from pipeline.extracts import accounts
from pipeline.extracts.accounts import FileRows, Limits, SiteOverShare
from pipeline.extracts.codes import contracts_and_codes
from pipeline.extracts.delivery import files_left_over, refuse_if_replaced
from pipeline.extracts.dispositions import (
    RECORDED_AT,
    accepted_name,
    decide,
    keep_accepted,
    leave_empty,
    scanned_name,
)
from pipeline.extracts.intake import (
    ReadFile,
    absent_extracts,
    check_files,
    demands,
    raise_together,
)
from pipeline.extracts.profiles import Profile
from pipeline.extracts.sources import Engine, refuse_if_damaged

_NAMES_SHOWN = 10


@dataclass(frozen=True)
class InputFile:
    """A delivered file as the manifest names it."""

    label: str
    extract: str
    bytes: int
    sha256: str
    rows: int


@dataclass(frozen=True)
class Reception:
    """What was received, as counts; the rows themselves stand in the engine.

    ``flow`` has extract, file, term, n; ``completeness`` extract, field, n_accepted,
    n_present; ``quarantine_rules`` extract, rule, n. ``files`` and ``contracts`` are
    for this room: they say how a row is found again.
    """

    inputs: tuple[InputFile, ...]
    flow: pd.DataFrame
    completeness: pd.DataFrame
    quarantine_rules: pd.DataFrame
    notes: tuple[str, ...]
    absent: tuple[str, ...]
    n_quarantined_resistant: int
    sites_over_share: tuple[SiteOverShare, ...]
    files: tuple[ReadFile, ...]
    contracts: tuple[Contract, ...]


def receive(
    engine: Engine,
    folder: Path,
    *,
    as_of: date,
    parameters: Mapping[str, object],
    synonyms: pd.DataFrame,
    drugs: pd.DataFrame,
    profile: Profile | None,
    scratch: Path,
) -> Reception:
    """The delivery in a folder, checked, typed and counted.

    Leaves ``accepted_<extract>`` (file_id, line and the contract's columns, typed) and
    ``scanned_<extract>`` (file_id, line, disposition, broken) in the engine, which must
    be allowed to read ``folder`` and ``scratch``. ``synonyms`` has field, synonym, code;
    ``drugs`` has drug. Raises DataRefused with a sentence for every fault of the
    delivery, InputMissing, NoPermission, ReadWriteFailed, or InvariantBroken where a
    row was lost.
    """
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
    notes = [*_left_over(folder, profile), *_delivery_notes(files)]
    for contract in contracts.values():
        mine = [file for file in files if file.extract == contract.extract]
        units = profile.of(contract.extract).units
        _scan(engine, contract, mine, codes[contract.extract], units)
        notes += _time_notes(engine, contract, mine)
    for file in files:
        refuse_if_replaced(file.path, file.label, file.state)
    limits = Limits(
        max_share=Decimal(str(parameters["max_quarantined_share"])),
        min_rows=int(str(parameters["min_quarantined_rows"])),
    )
    return _counted(engine, contracts, files, as_of, limits, notes)


def _scan(
    engine: Engine,
    contract: Contract,
    files: Sequence[ReadFile],
    codes: Mapping[str, Mapping[str, str]],
    units: Mapping[str, str],
) -> None:
    """Make ``accepted_<extract>`` of the files, all at once: that runs in parallel."""
    table = accepted_name(contract.extract)
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
    has_csv = any(file.source.framed for file in files)
    read = f"read_{contract.extract}" if has_csv else table
    empty = contract.empty(marked=bool(files))
    try:
        engine.create(read, "\nunion all\n".join(scans) or empty)
    except (InvariantBroken, ReadWriteFailed):
        for file in files:
            refuse_if_damaged(engine, file.label, file.source)
        raise
    first_places = _first_places(engine, read, files)
    if has_csv:
        engine.create(table, _numbered(engine, read, files, first_places))
        engine.drop(read)


def _first_places(
    engine: Engine, table: str, files: Sequence[ReadFile]
) -> dict[int, int]:
    """The place of each file's first row; its others follow without a gap.

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
    places: dict[int, int] = {}
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
        places[file.file_id] = place
        place += n_rows
    return places


def _numbered(
    engine: Engine, read: str, files: Sequence[ReadFile], places: Mapping[int, int]
) -> str:
    """A select of the rows read, each with the line at which it was delivered.

    A copy, since an update of a column can take DuckDB 2.0.0 ten times as long.
    """
    cases = []
    moved = [np.empty((0, 2), np.int64)]
    for file in files:
        framed, place = file.source.framed, places[file.file_id]
        if framed is None:
            continue
        line = f"read_rows.rowid + {framed.first_line - place}"
        if framed.lines is not None:
            moved.append(
                np.column_stack([np.arange(framed.n_rows) + place, framed.lines])
            )
            line = "delivered.line"
        cases.append(f"when {file.file_id} then {line}")
    lines = pd.DataFrame(np.concatenate(moved), columns=["place", "line"])
    engine.load("delivered_lines", lines)
    return (
        f"select read_rows.* replace (case read_rows.file_id {' '.join(cases)} "
        f"else read_rows.line end as line) from {read} as read_rows "
        "left join delivered_lines as delivered on read_rows.rowid = delivered.place"
    )


def _counted(
    engine: Engine,
    contracts: Mapping[str, Contract],
    files: Sequence[ReadFile],
    as_of: date,
    limits: Limits,
    notes: list[str],
) -> Reception:
    delivered = [contracts[name] for name in dict.fromkeys(f.extract for f in files)]
    sites: list[SiteOverShare] = []
    n_resistant = 0
    for contract in contracts.values():
        if contract not in delivered:
            leave_empty(engine, contract)
            continue
        decide(engine, contract, as_of)
        sites += accounts.sites_over_share(engine, contract, as_of, limits)
        if contract.extract == "labs":
            n_resistant = accounts.quarantined_resistant(engine, contract, as_of)
        keep_accepted(engine, contract, as_of)
    notes += [_site_note(site) for site in sites]
    rules = accounts.quarantine_rules(engine, delivered)
    reception = Reception(
        inputs=tuple(_input(file) for file in files),
        flow=accounts.flow(engine, delivered, _file_rows(files)),
        completeness=accounts.completeness(engine, delivered),
        quarantine_rules=rules,
        notes=tuple(notes),
        absent=absent_extracts(files),
        n_quarantined_resistant=n_resistant,
        sites_over_share=tuple(sites),
        files=tuple(files),
        contracts=tuple(delivered),
    )
    check_sums(engine, reception)
    raise_together(list(accounts.refusals(reception.flow, rules, limits)))
    return reception


def check_sums(engine: Engine, reception: Reception) -> None:
    """Raise InvariantBroken where a received row has no disposition, or two.

    Counted from the engine again; the received rows are the file readers' own counts.
    """
    accounts.refuse_broken_sums(
        engine, reception.contracts, _file_rows(reception.files)
    )


def forget_scanned(engine: Engine, reception: Reception) -> None:
    """Drop what is known of every row's disposition, once all of it is written."""
    for contract in reception.contracts:
        engine.drop(scanned_name(contract.extract))


def _file_rows(files: Sequence[ReadFile]) -> list[FileRows]:
    return [
        FileRows(file.file_id, file.extract, file.label, file.source.n_rows)
        for file in files
    ]


def _input(file: ReadFile) -> InputFile:
    return InputFile(
        label=file.label,
        extract=file.extract,
        bytes=file.n_bytes,
        sha256=file.sha256,
        rows=file.source.n_rows,
    )


def _site_note(site: SiteOverShare) -> str:
    return (
        f"{site.extract}: at the site {site.site_id}, {site.n_quarantined:,} of "
        f"{site.n_judged:,} rows are quarantined."
    )


def _left_over(folder: Path, profile: Profile) -> Iterator[str]:
    names, unshown = files_left_over(folder, profile.files)
    if names or unshown:
        shown = names[:_NAMES_SHOWN]
        further = len(names) - len(shown) + unshown
        more = (
            [f"{further:,} {'more' if shown else 'not named here'}"] if further else []
        )
        told = " and ".join([*([", ".join(shown)] if shown else []), *more])
        yield f"Files in the folder that belong to no extract: {told}."


def _delivery_notes(files: Sequence[ReadFile]) -> Iterator[str]:
    same_bytes: dict[tuple[str, str], list[str]] = defaultdict(list)
    for file in files:
        source = file.source
        if source.framed:
            yield from source.framed.notes
        if source.column_map.unknown:
            names = ", ".join(source.column_map.unknown)
            yield f"{file.label}: columns that were not read: {names}."
        absent = [name for name in source.column_map.absent if name != RECORDED_AT]
        if absent:
            yield f"{file.label}: columns that are not there: {', '.join(absent)}."
        same_bytes[file.extract, file.sha256].append(file.label)
    for labels in same_bytes.values():
        if len(labels) > 1:
            yield f"{' and '.join(labels)} hold the same bytes: rows count once."


def _time_notes(
    engine: Engine, contract: Contract, files: Sequence[ReadFile]
) -> Iterator[str]:
    labels = {file.file_id: file.label for file in files}
    if not labels or not contract.dates:
        return
    counts = ", ".join(
        f"count(*) filter (where noted & {1 << bit} <> 0)"
        for bit in range(len(contract.dates))
    )
    found = engine.rows(
        f"select file_id, {counts} from {accepted_name(contract.extract)} "
        "where not out_of_scope group by file_id order by file_id"
    )
    for file_id, *dropped in found:
        for column, n in zip(contract.dates, dropped, strict=True):
            if n:
                yield f"{labels[file_id]}: the time after {n:,} of {column} was dropped."
