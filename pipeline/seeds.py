"""The shipped seeds: code lists, regimens, baselines and parameters, each with a source.

Knows where a seed lies and checks it against its contract; knows no rule that uses it.
"""

import csv
import io
from collections.abc import Iterator

import pandas as pd

from pipeline import resources
from pipeline.contracts.seeds import SEEDS, SeedContract
from pipeline.errors import ConfigurationError

NAMES = tuple(SEEDS)

_MOST_FAULTS = 20
_Line = tuple[int, list[str]]


def read(name: str) -> pd.DataFrame:
    """The seed as text columns; an empty cell is an empty text.

    Raises ConfigurationError, with a sentence for each fault (20 at most) that names
    the file, the line and the column, where the seed does not keep its contract.
    """
    contract = SEEDS[name]
    lines = _lines(name)
    faults = [
        *_faulty_cells(lines, contract),
        *_repeated_keys(lines, contract),
        *_unlisted_cells(lines, contract),
    ]
    if faults:
        said = [f"{_file(name)}, line {line}: {fault}" for line, fault in faults]
        raise ConfigurationError(*said[:_MOST_FAULTS])
    rows = [cells for _, cells in lines]
    return pd.DataFrame(rows, columns=list(contract.columns), dtype="str")


def load(engine) -> None:
    """Make a table ``seed_<name>`` of text columns in the engine for every seed.

    Raises ConfigurationError where one of them does not keep its contract.
    """
    for name in NAMES:
        engine.load(f"seed_{name}", read(name))


def _file(name: str) -> str:
    return f"seeds/{name}.csv"


def _text(name: str) -> str:
    try:
        data = resources.path("seeds", f"{name}.csv").read_bytes()
    except OSError:
        raise ConfigurationError(
            f"{_file(name)} is not there or cannot be read: install acvwatch again."
        ) from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigurationError(
            f"{_file(name)}, line {line}: it is not UTF-8."
        ) from None


def _lines(name: str) -> list[_Line]:
    expected = list(SEEDS[name].columns)
    reader = csv.reader(io.StringIO(_text(name), newline=""), strict=True)
    lines: list[_Line] = []
    try:
        header = next(reader, [])
        if header != expected:
            raise ConfigurationError(_wrong_header(name, header, expected))
        for cells in reader:
            if cells and len(cells) != len(expected):
                raise ConfigurationError(
                    f"{_file(name)}, line {reader.line_num}: it has {len(cells)} cells "
                    f"where the header has {len(expected)}."
                )
            if cells:
                lines.append((reader.line_num, cells))
    except csv.Error as error:
        raise ConfigurationError(
            f"{_file(name)}, line {reader.line_num}: it is not CSV ({error})."
        ) from None
    if not lines:
        raise ConfigurationError(f"{_file(name)}, line 2: it has no row.")
    return lines


def _wrong_header(name: str, header: list[str], expected: list[str]) -> str:
    missing = [column for column in expected if column not in header]
    unknown = [repr(column) for column in header if column not in expected]
    reasons = []
    if missing:
        reasons.append(f"{', '.join(missing)} missing")
    if unknown:
        reasons.append(f"{', '.join(unknown)} unknown")
    what = "; ".join(reasons) or "in another order or repeated"
    return (
        f"{_file(name)}, line 1: the columns have to be {', '.join(expected)}, with "
        f"commas between them ({what})."
    )


def _faulty_cells(
    lines: list[_Line], contract: SeedContract
) -> Iterator[tuple[int, str]]:
    places = [
        (contract.columns.index(column), column, rule)
        for column, rule in contract.rules.items()
        if column not in contract.refers
    ]
    for line, cells in lines:
        for place, column, rule in places:
            if not rule.allows(cells[place]):
                yield (
                    line,
                    f"{column} is {cells[place]!r}; it has to be {rule.expectation}.",
                )


def _repeated_keys(
    lines: list[_Line], contract: SeedContract
) -> Iterator[tuple[int, str]]:
    first: dict[tuple[str, ...], int] = {}
    names = " and ".join(contract.columns[: contract.n_key])
    for line, cells in lines:
        key = tuple(cells[: contract.n_key])
        if key in first:
            again = ", ".join(map(repr, key))
            yield line, f"{names} {again} is in line {first[key]} already."
        first.setdefault(key, line)


def _unlisted_cells(
    lines: list[_Line], contract: SeedContract
) -> Iterator[tuple[int, str]]:
    for column, (other, listed_as) in contract.refers.items():
        place = contract.columns.index(column)
        listing = SEEDS[other].columns.index(listed_as)
        listed = {cells[listing] for _, cells in _lines(other)}
        for line, cells in lines:
            if cells[place] not in listed:
                yield (
                    line,
                    f"{column} is {cells[place]!r}, which {_file(other)} does not list.",
                )
