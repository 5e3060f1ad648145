"""Quarantined rows written as they were delivered, with every rule that they broke."""

import csv
import io
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from pipeline.contracts.compiler import Contract
from pipeline.errors import CannotCreateOutput
from pipeline.extracts.dispositions import set_aside_name
from pipeline.extracts.identifiers import WITHHELD
from pipeline.extracts.intake import ReadFile
from pipeline.extracts.reception import Reception
from pipeline.extracts.records import split_record
from pipeline.extracts.sources import Engine, original_lines

_HEADER = ("file", "line", "rules", "values", "delivered")
# A spreadsheet takes a cell that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t")


def write_quarantine(
    engine: Engine, reception: Reception, folder: Path
) -> tuple[Path, ...]:
    """The files written: ``<extract>.csv`` for each extract with a quarantined row.

    One row a quarantined row, by file and line, readable by its owner alone: file,
    line, rules (joined by ;), the values of the columns that they ask of, and the row
    as delivered, but for direct identifiers. A file of Parquet is shown as JSON.
    """
    written = []
    for contract in reception.contracts:
        files = [one for one in reception.files if one.extract == contract.extract]
        path = folder / f"{contract.extract}.csv"
        rows = _rows(engine, contract, files)
        first = next(rows, None)
        if first is None:
            continue
        with _created(path) as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(_HEADER)
            writer.writerow(first)
            writer.writerows(rows)
        written.append(path)
    return tuple(written)


def _created(path: Path) -> io.TextIOWrapper:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags, 0o600)
    except OSError:
        raise CannotCreateOutput(f"{path} cannot be written.") from None
    os.fchmod(descriptor, 0o600)
    return os.fdopen(descriptor, "w", encoding="utf-8", newline="")


def _rows(
    engine: Engine, contract: Contract, files: Sequence[ReadFile]
) -> Iterator[list[str]]:
    for file in files:
        broken = engine.rows(
            f"select line, broken from {set_aside_name(contract.extract)} "
            "where file_id = $file_id and disposition = 'quarantined' order by line",
            {"file_id": file.file_id},
        )
        if not broken:
            continue
        delivered = _delivered(engine, file, [line for line, _ in broken])
        for line, bits in broken:
            rules = _broken_rules(contract, bits)
            names, cells, text = delivered[line]
            values = _values(contract, rules, file, names, cells)
            row = [file.label, str(line), ";".join(rules), values, text]
            yield [_defused(cell) for cell in row]


def _broken_rules(contract: Contract, bits: int) -> list[str]:
    return [rule for bit, rule in enumerate(contract.rule_names) if bits >> bit & 1]


def _defused(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _values(
    contract: Contract,
    rules: Sequence[str],
    file: ReadFile,
    names: Sequence[str],
    cells: Sequence[str],
) -> str:
    asked: dict[str, None] = {}
    for rule in contract.rules:
        if rule.name in rules:
            asked |= dict.fromkeys(rule.columns)
    if contract.identifier and contract.rule_names[-1] in rules:
        asked[contract.identifier] = None
    places = file.source.column_map.places
    return "; ".join(
        f"{names[place]}={cells[place]}"
        for column in asked
        for place in places.get(column, ())
    )


def _delivered(
    engine: Engine, file: ReadFile, lines: list[int]
) -> dict[int, tuple[Sequence[str], Sequence[str], str]]:
    names = [name for name, _ in file.source.columns]
    identifying = file.source.column_map.identifying
    framed = file.source.framed
    if framed is not None:
        record_of = {
            line: _record_at(framed.lines, framed.first_line, line) for line in lines
        }
        texts = original_lines(framed, list(record_of.values()))
        found = {}
        for line, record in record_of.items():
            cells, _ = split_record(texts[record], framed.delimiter)
            text = texts[record]
            if identifying:
                cells = _withheld(cells, identifying)
                text = _record(cells, framed.delimiter)
            found[line] = (names, cells, text)
        return found
    shown = {}
    for line, *cells in _parquet_rows(engine, file, lines):
        cells = _withheld(cells, identifying)
        row = dict(zip(names, cells, strict=True))
        texts = ["" if cell is None else cell for cell in cells]
        shown[line] = (names, texts, json.dumps(row, ensure_ascii=False))
    return shown


def _withheld(cells: list[str], places: Sequence[int]) -> list[str]:
    return [WITHHELD if place in places else cell for place, cell in enumerate(cells)]


def _record(cells: Sequence[str], delimiter: str) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="").writerow(cells)
    return text.getvalue()


def _record_at(lines, first_line: int, line: int) -> int:
    return line - first_line if lines is None else int(lines.searchsorted(line))


def _parquet_rows(engine: Engine, file: ReadFile, lines: list[int]) -> list[tuple]:
    identifying = file.source.column_map.identifying
    columns = ", ".join(
        "null" if place in identifying else f"cast({expression} as varchar)"
        for place, (_, expression) in enumerate(file.source.columns)
    )
    set_aside = set_aside_name(file.extract)
    return engine.rows(
        f"select {file.source.line} as line, {columns} from {file.source.relation} "
        f"where {file.source.line} in (select line from {set_aside} "
        "where file_id = $file_id and disposition = 'quarantined')",
        {"file_id": file.file_id},
    )
