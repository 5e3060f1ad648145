"""The door in: a folder is received, and typed, counted rows stand in the engine.

Past here people exist only inside the engine; what comes back are counts.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pandas as pd

from pipeline.contracts.compiler import Contract
from pipeline.errors import DataRefused
from pipeline.extracts import accounts
from pipeline.extracts.accounts import FileRows, Limits, SiteOverShare
from pipeline.extracts.codes import contracts_and_codes, units_meant
from pipeline.extracts.delivery import files_left_over, refuse_if_replaced
from pipeline.extracts.dispositions import (
    RECORDED_AT,
    accepted_name,
    decide,
    keep_accepted,
    read_name,
    set_aside_name,
)
from pipeline.extracts.headers import shown
from pipeline.extracts.intake import (
    ReadFile,
    absent_extracts,
    check_files,
    demands,
    raise_together,
)
from pipeline.extracts.profiles import Profile
from pipeline.extracts.scanning import scan
from pipeline.extracts.sources import Engine

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
    for this room: they say how a row is found again. ``accepted`` is the file that each
    table of accepted rows is in. ``refusals`` say of which extracts too much is quarantined.
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
    accepted: Mapping[str, Path]
    refusals: tuple[DataRefused, ...] = ()


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

    Leaves ``accepted_<extract>`` (file_id, line and the contract's columns, typed; in a
    file in ``scratch``) and ``set_aside_<extract>`` (file_id, line, disposition, broken
    of the other rows) in the engine, which must be allowed to read ``folder`` and
    ``scratch``. ``synonyms`` has field, synonym, code; ``drugs`` has drug. Raises
    DataRefused with a sentence for every fault of the delivery, InputMissing,
    NoPermission, ReadWriteFailed, or InvariantBroken where a row was lost.
    """
    reception = look_over(
        engine,
        folder,
        as_of=as_of,
        parameters=parameters,
        synonyms=synonyms,
        drugs=drugs,
        profile=profile,
        scratch=scratch,
    )
    raise_together(reception.refusals)
    return reception


def look_over(
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
    """As `receive`, but too large a share in quarantine is told in ``refusals``."""
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
    limits = Limits(
        max_share=Decimal(str(parameters["max_quarantined_share"])),
        min_rows=int(str(parameters["min_quarantined_rows"])),
    )
    accepted = {name: scratch / f"{accepted_name(name)}.parquet" for name in contracts}
    # One extract after the other: memory is that of the largest.
    decided = [
        _decided(
            engine,
            contract,
            [file for file in files if file.extract == name],
            codes[name],
            units_meant(codes[name], profile.of(name)),
            as_of,
            limits,
            accepted[name],
        )
        for name, contract in contracts.items()
    ]
    for file in files:
        refuse_if_replaced(file.path, file.label, file.state)
    delivered = [contracts[name] for name in dict.fromkeys(f.extract for f in files)]
    rules = accounts.quarantine_rules(engine, delivered)
    sites = tuple(site for each in decided for site in each.sites)
    reception = Reception(
        inputs=tuple(_input(file) for file in files),
        flow=accounts.flow(engine, delivered, _file_rows(files)),
        completeness=accounts.completeness(engine, delivered, accepted),
        quarantine_rules=rules,
        notes=(
            *_left_over(folder, profile),
            *_delivery_notes(files),
            *(note for each in decided for note in each.times),
            *map(_site_note, sites),
        ),
        absent=absent_extracts(files),
        n_quarantined_resistant=sum(each.n_resistant for each in decided),
        sites_over_share=sites,
        files=tuple(files),
        contracts=tuple(delivered),
        accepted={accepted_name(name): path for name, path in accepted.items()},
    )
    check_sums(engine, reception)
    refusals = tuple(accounts.refusals(reception.flow, rules, limits))
    return replace(reception, refusals=refusals)


@dataclass(frozen=True)
class _Decided:
    """What was seen of an extract's rows while all of them stood in the engine."""

    times: tuple[str, ...] = ()
    sites: tuple[SiteOverShare, ...] = ()
    n_resistant: int = 0


def _decided(
    engine: Engine,
    contract: Contract,
    files: Sequence[ReadFile],
    codes: Mapping[str, Mapping[str, str]],
    units: Mapping[str, str],
    as_of: date,
    limits: Limits,
    path: Path,
) -> _Decided:
    """Read the files of an extract, decide each row, keep the accepted at the path."""
    if not files:
        table = accepted_name(contract.extract)
        engine.create_in_file(table, contract.empty(), path)
        return _Decided()
    line = scan(engine, contract, files, codes, units)
    decide(engine, contract, as_of, line)
    found = _Decided(
        tuple(_time_notes(engine, contract, files)),
        accounts.sites_over_share(engine, contract, as_of, limits),
        accounts.quarantined_resistant(engine, contract, as_of),
    )
    keep_accepted(engine, contract, as_of, line, path)
    return found


def check_sums(engine: Engine, reception: Reception) -> None:
    """Raise InvariantBroken where a received row has no disposition, or two.

    Counted from the engine again; the received rows are the file readers' own counts.
    """
    accounts.refuse_broken_sums(
        engine, reception.contracts, _file_rows(reception.files)
    )


def first_lines(engine: Engine, reception: Reception) -> pd.DataFrame:
    """Where each rule is broken: extract, file, rule, n and the first lines, as a list."""
    return accounts.first_lines(
        engine, reception.contracts, _file_rows(reception.files)
    )


def forget_set_aside(engine: Engine, reception: Reception) -> None:
    """Drop what is known of the rows that were not accepted, once it is written."""
    for contract in reception.contracts:
        engine.drop(set_aside_name(contract.extract))


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
        if source.column_map.identifying:
            named = ", ".join(
                shown(source.columns[place][0], place)
                for place in source.column_map.identifying
            )
            yield (
                f"{file.label}: direct identifiers, by their names, that are copied "
                f"nowhere and should not be delivered: {named}."
            )
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
        f"select file_id, {counts} from {read_name(contract.extract)} "
        "where not out_of_scope group by file_id order by file_id"
    )
    for file_id, *dropped in found:
        for column, n in zip(contract.dates, dropped, strict=True):
            if n:
                yield f"{labels[file_id]}: the time after {n:,} of {column} was dropped."
