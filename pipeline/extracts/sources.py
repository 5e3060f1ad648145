"""A checked file as a relation, and each contract column as an expression over it.

Writes the SQL of reading CSV and Parquet; runs it only to ask a Parquet file about
itself. ``engine`` is anything with the methods of ``pipeline.engines.duck.Duck``.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pandas as pd

from pipeline.contracts.compiler import Contract
from pipeline.contracts.reading import TEXTS, Delivered, accepts, base_type, trimmed
from pipeline.contracts.sql_text import as_named, identifier, literal
from pipeline.errors import DataRefused, InvariantBroken, ReadWriteFailed
from pipeline.extracts.delivery import Candidate, HashedFile, open_regular
from pipeline.extracts.framing import BLOCK_BYTES, Bounds, Framed
from pipeline.extracts.headers import ColumnMap, map_columns
from pipeline.extracts.profiles import (
    ExtractProfile,
    decimal_point,
    exchanged,
    iso_date,
)
from pipeline.extracts.typed_values import with_values

_ROW_NUMBER = "file_row_number"
_MAGIC = b"PAR1"


class Engine(Protocol):
    """What the extracts ask of an engine; ``pipeline.engines.duck.Duck`` is one."""

    def execute(self, sql: str, parameters: Mapping[str, object] | None = None): ...

    def create(
        self, table: str, select: str, parameters: Mapping[str, object] | None = None
    ): ...

    def create_in_file(
        self,
        table: str,
        select: str,
        path: Path,
        parameters: Mapping[str, object] | None = None,
    ): ...

    def rows(self, sql: str, parameters: Mapping[str, object] | None = None): ...

    def frame(
        self, sql: str, parameters: Mapping[str, object] | None = None
    ) -> pd.DataFrame: ...

    def load(self, table: str, frame: pd.DataFrame): ...

    def drop(self, table: str): ...


@dataclass(frozen=True)
class Source:
    """A file as an engine reads it: ``line`` is the delivered line of a row, or 0.

    ``columns`` are all the columns of the file as (name, expression) for showing rows
    as they were delivered.
    """

    relation: str
    line: str
    n_rows: int
    delivered: Mapping[str, Delivered]
    column_map: ColumnMap
    columns: tuple[tuple[str, str], ...]
    framed: Framed | None = None


def readable_path(path: Path, scratch: Path, file_id: int) -> Path:
    """A path to the file that can be written in SQL, whose texts are UTF-8.

    Where a pattern is in a path, the engine looks through whole folders, and stumbles
    over a backslash in any name there: the folders of a delivery are not looked through.
    """
    if _is_utf8(path) and "\\" not in str(path) and as_named(path) == str(path):
        return path
    link = scratch / f"file_{file_id}"
    link.unlink(missing_ok=True)
    link.symlink_to(path)
    return link


def _is_utf8(path: Path) -> bool:
    try:
        str(path).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def csv_source(
    label: str, framed: Framed, path: Path, contract: Contract, profile: ExtractProfile
) -> Source:
    """The source of a framed CSV, every cell of it text.

    Raises DataRefused where its header does not fit the contract.
    """
    column_map = map_columns(label, framed.header, contract, profile)
    names = [f"c{place}" for place in range(len(framed.header))]
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
    # Without new_line: given together with strict_mode, DuckDB 2.0.0 loses every row
    # of a file with Windows line ends.
    relation = (
        f"read_csv({literal(as_named(path))}, auto_detect = false, header = false, "
        f"skip = {framed.skip}, columns = {{{columns}}}, "
        f"delim = {literal(framed.delimiter)}, quote = '\"', escape = '\"', "
        "strict_mode = true, null_padding = false, "
        "hive_partitioning = false)"
    )
    delivered = _delivered(
        contract, column_map, profile, lambda place: Delivered(identifier(names[place]))
    )
    return Source(
        relation=relation,
        # Numbered once the rows are in the engine: only it keeps their order.
        line="0",
        n_rows=framed.n_rows,
        delivered=delivered,
        column_map=column_map,
        columns=tuple(
            (header, identifier(name))
            for header, name in zip(framed.header, names, strict=True)
        ),
        framed=framed,
    )


def read_parquet_bytes(file: Candidate, bounds: Bounds) -> HashedFile:
    """The file, read to its end for its hash; DataRefused where it is cut off."""
    end = b""
    with open_regular(file) as opened:
        if opened.size > bounds.expanded_bytes:
            raise DataRefused(f"{file.label} is larger than max_expanded_bytes allows.")
        while block := opened.read(BLOCK_BYTES):
            end = (end + block)[-len(_MAGIC) :]
        opened.refuse_if_changed()
    if end == b"PARE":
        raise DataRefused(f"{file.label} is encrypted Parquet: deliver it unencrypted.")
    if end != _MAGIC:
        raise DataRefused(
            f"{file.label} is a truncated Parquet file: ask for a complete transfer."
        )
    return opened


def parquet_source(
    engine: Engine,
    label: str,
    path: Path,
    contract: Contract,
    profile: ExtractProfile,
    bounds: Bounds,
) -> Source:
    """The source of a Parquet file, its columns with the types that it gives them.

    Raises DataRefused where the footer cannot be read, a contract column is nested or
    of a type that loses something, or a name occurs twice, whatever its case.
    """
    relation = (
        f"read_parquet({literal(as_named(path))}, file_row_number = true, "
        "hive_partitioning = false)"
    )
    try:
        names, n_rows = _footer(engine, label, path, bounds)
        if _ROW_NUMBER in map(str.casefold, names):
            raise DataRefused(
                f"{label}: the engine counts rows in a column {_ROW_NUMBER} of its own: "
                "rename the column of that name, or leave it out."
            )
        column_map = map_columns(label, names, contract, profile, ignore_case=True)
        described = engine.rows(f"describe select * from {relation}")
    except (InvariantBroken, ReadWriteFailed):
        raise DataRefused(_damaged(label)) from None
    types = {row[0]: str(row[1]) for row in described if row[0] != _ROW_NUMBER}

    def cell(place: int) -> Delivered:
        return Delivered(identifier(names[place]), types[names[place]])

    empty = _refuse_types(engine, label, relation, contract, column_map, cell)
    delivered = _delivered(contract, column_map, profile, cell)
    return Source(
        relation=relation,
        line=f"{_ROW_NUMBER} + 1",
        n_rows=n_rows,
        delivered={name: one for name, one in delivered.items() if name not in empty},
        column_map=column_map,
        columns=tuple((name, identifier(name)) for name in names),
    )


def _damaged(label: str) -> str:
    return f"{label} cannot be read as Parquet: it is damaged; ask for it again."


def refuse_if_damaged(engine: Engine, label: str, source: Source) -> None:
    """Raise DataRefused where a Parquet file's own pages cannot be read.

    To be asked after a scan failed: the engine does not say whose fault it was.
    """
    if source.framed is not None:
        return
    lengths = ", ".join(
        f"max(length(cast({expression} as varchar)))"
        for _, expression in source.columns
    )
    try:
        engine.rows(f"select {lengths} from {source.relation}")
    except (InvariantBroken, ReadWriteFailed):
        raise DataRefused(_damaged(label)) from None


def _footer(
    engine: Engine, label: str, path: Path, bounds: Bounds
) -> tuple[list[str], int]:
    at = literal(as_named(path))
    schema = engine.rows(f"select name, num_children from parquet_schema({at})")
    [(n_rows,)] = engine.rows(f"select num_rows from parquet_file_metadata({at})")
    [(expanded,)] = engine.rows(
        f"select coalesce(sum(total_uncompressed_size), 0) from parquet_metadata({at})"
    )
    if expanded > bounds.expanded_bytes or n_rows > bounds.expanded_bytes:
        raise DataRefused(f"{label} expands beyond max_expanded_bytes.")
    return _top_level([(str(name), children or 0) for name, children in schema]), n_rows


def _top_level(schema: list[tuple[str, int]]) -> list[str]:
    names: list[str] = []
    place = 1
    while place < len(schema):
        names.append(schema[place][0])
        place = _after(schema, place)
    return names


def _after(schema: list[tuple[str, int]], place: int) -> int:
    children = schema[place][1]
    place += 1
    for _ in range(int(children)):
        place = _after(schema, place)
    return place


def _refuse_types(
    engine: Engine,
    label: str,
    relation: str,
    contract: Contract,
    column_map: ColumnMap,
    cell: Callable[[int], Delivered],
) -> frozenset[str]:
    """The columns that hold nothing, whose type says nothing either."""
    empty, faults = set(), []
    for column, places in column_map.places.items():
        kind = contract.columns[column]["kind"]
        for one in map(cell, places):
            if accepts(kind, one.type):
                continue
            [(filled,)] = engine.rows(f"select count({one.expression}) from {relation}")
            if filled == 0:
                empty.add(column)
                continue
            faults.append(_misfit(column, kind, base_type(one.type)))
    if faults:
        raise DataRefused(f"{label}: {'; '.join(faults)}.")
    return frozenset(empty)


def _misfit(column: str, kind: str, sql_type: str) -> str:
    reasons = {
        "id": ", which loses leading zeros: write it as text",
        "date": ": write it as a date, or a timestamp without a time zone",
    }
    reason = reasons.get(kind, f", not a {kind}")
    if sql_type == "BLOB":
        reason = ", which is bytes, not text: write it as text"
    return f"the column {column} is {sql_type}{reason}"


def _delivered(
    contract: Contract,
    column_map: ColumnMap,
    profile: ExtractProfile,
    cell: Callable[[int], Delivered],
) -> dict[str, Delivered]:
    delivered = {
        column: Delivered(literal(text)) for column, text in profile.constants.items()
    }
    for column, places in column_map.places.items():
        about = contract.columns[column]
        one = _joined([cell(place) for place in places], profile.separator)
        delivered[column] = _in_contract_form(column, about["kind"], one, profile)
    return delivered


def _joined(parts: list[Delivered], separator: str) -> Delivered:
    if len(parts) == 1:
        return parts[0]
    texts = [f"coalesce(cast({part.expression} as varchar), '')" for part in parts]
    blank = " and ".join(f"{trimmed(text)} is null" for text in texts)
    joined = f" || {literal(separator)} || ".join(texts)
    return Delivered(f"case when not ({blank}) then {joined} end")


def _in_contract_form(
    column: str, kind: str, one: Delivered, profile: ExtractProfile
) -> Delivered:
    if kind == "code":
        return one
    one, values = _as_text(one), profile.values.get(column, {})
    if base_type(one.type) != "VARCHAR":
        return with_values(one, column, values)
    expression = one.expression
    if kind == "id" and values:
        expression = exchanged(expression, values)
    if column in profile.prefixes:
        prefix = literal(profile.prefixes[column])
        filled = f"{trimmed(expression)} is not null"
        expression = f"case when {filled} then {prefix} || {expression} end"
    if kind == "id":
        return Delivered(expression)
    if kind in ("number", "integer", "censored") and profile.decimal_mark == ",":
        expression = decimal_point(expression)
    if kind == "date" and profile.format_of(column):
        expression = iso_date(expression, profile.format_of(column))
    if values:
        expression = _exchanged_first(one.expression, expression, values)
    return Delivered(expression)


def _as_text(one: Delivered) -> Delivered:
    """A column of another type that holds text, as text."""
    if base_type(one.type) in (TEXTS | {"ENUM"}) - {"VARCHAR"}:
        return Delivered(f"cast({one.expression} as varchar)")
    return one


def _exchanged_first(delivered: str, formed: str, values: Mapping[str, str]) -> str:
    """A mapped text is written in the contract's own form: no format is applied."""
    listed = ", ".join(literal(key) for key in sorted(values))
    mapped = f"lower({trimmed(delivered)}) in ({listed})"
    return f"case when {mapped} then {exchanged(delivered, values)} else {formed} end"


def original_lines(framed: Framed, records: list[int]) -> dict[int, str]:
    """The text of some records, by their place from 0, as they stand in the file."""
    wanted = {record + framed.skip: record for record in records}
    found: dict[int, str] = {}
    with open(os.fspath(framed.path), "rb") as lines:
        for place, line in enumerate(lines):
            if place in wanted:
                text = line.rstrip(b"\r\n").decode("utf-8")
                found[wanted[place]] = text
                if len(found) == len(wanted):
                    break
    return found
