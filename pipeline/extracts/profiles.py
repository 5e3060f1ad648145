"""A site's profile: how its headers, codes and formats become the contract's.

Reads TOML and writes SQL expressions for single cells; never sees a row. Every key is
checked: one that is not known is an error that names the nearest known one.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.contracts import kinds
from pipeline.contracts.compiler import Contract, compile_contract
from pipeline.contracts.reading import trimmed
from pipeline.contracts.schemas import schemas
from pipeline.contracts.sql_text import literal
from pipeline.errors import ConfigurationError

_SHARED = ("separator", "date_format", "decimal_mark")
_TOP = ("name", *_SHARED, "extracts")
_EXTRACT = (
    "files",
    *_SHARED,
    "columns",
    "constants",
    "prefixes",
    "values",
    "date_formats",
    "units",
)
_SINGULAR = {
    "columns": "a column",
    "prefixes": "a prefix",
    "date_formats": "a date format",
    "values": "a value map",
}
_TOKENS = {"Y": "[0-9]{4}", **dict.fromkeys("mdHMS", "[0-9]{2}")}
# No cell of a contract reads so: a cell that a profile cannot read stays unreadable.
_UNREADABLE = "'?'"


@dataclass(frozen=True)
class ExtractProfile:
    """How one extract of a site is read; empty means: as the contract says.

    ``files`` is None where their names decide, and empty where it is not delivered.
    """

    files: tuple[str, ...] | None = None
    separator: str = "-"
    date_format: str = ""
    decimal_mark: str = "."
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    prefixes: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    date_formats: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)

    def format_of(self, column: str) -> str:
        """The date format of a column, empty for ISO 8601."""
        return self.date_formats.get(column, self.date_format)


@dataclass(frozen=True)
class Profile:
    """A site's profile by extract."""

    name: str = ""
    extracts: Mapping[str, ExtractProfile] = field(default_factory=dict)

    def of(self, extract: str) -> ExtractProfile:
        """The profile of one extract, the contract's own where none is given."""
        return self.extracts.get(extract, ExtractProfile())

    @property
    def files(self) -> Mapping[str, tuple[str, ...]]:
        """The files of each extract that the profile names, none or more."""
        return {
            name: one.files
            for name, one in self.extracts.items()
            if one.files is not None
        }


def read_profile(path: Path) -> Profile:
    """The profile in a TOML file; ConfigurationError names what is wrong in it."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise ConfigurationError(f"The profile {path} cannot be read.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"The profile {path} is not TOML: {error}.") from None
    return make_profile(document)


def make_profile(document: Mapping[str, Any]) -> Profile:
    """The profile of a parsed TOML document; see read_profile."""
    contracts = _contracts()
    _refuse_unknown(document, _TOP, "the profile")
    shared = {key: document[key] for key in _SHARED if key in document}
    _forms(shared, "the profile")
    tables = _table(document, "extracts", "the profile")
    _refuse_unknown(tables, contracts, "extracts")
    extracts = {
        extract: _extract_profile(
            {**shared, **_table(tables, extract, "extracts")}, contracts[extract]
        )
        for extract in contracts
    }
    return Profile(_text(document, "name", "the profile", ""), extracts)


@cache
def _contracts() -> dict[str, Contract]:
    # Columns and their kinds depend neither on the year nor on the drugs in scope.
    stated = schemas(date.max.year, ())
    return {extract: compile_contract(schema) for extract, schema in stated.items()}


def _extract_profile(table: Mapping[str, Any], contract: Contract) -> ExtractProfile:
    where = f"extracts.{contract.extract}"
    _refuse_unknown(table, _EXTRACT, where)
    by_column = ("columns", "constants", "prefixes", "values", "date_formats")
    tables = {key: _table(table, key, where) for key in by_column}
    for key, given in tables.items():
        _refuse_unknown(given, contract.columns, f"{where}.{key}")
    columns = {
        column: _names(tables["columns"], column, f"{where}.columns")
        for column in tables["columns"]
    }
    _refuse_contradictions(contract, columns, tables, where)
    units = _texts(_table(table, "units", where), f"{where}.units")
    _refuse_unknown(units, contract.metadata.get("default_units", {}), f"{where}.units")
    return ExtractProfile(
        files=_files(table, where),
        **_forms(table, where),
        columns=columns,
        constants=_texts(tables["constants"], f"{where}.constants"),
        prefixes=_texts(tables["prefixes"], f"{where}.prefixes"),
        values={
            column: _folded(_table(tables["values"], column, f"{where}.values"), where)
            for column in tables["values"]
        },
        date_formats={
            column: _format(text, f"{where}.date_formats.{column}")
            for column, text in _texts(tables["date_formats"], where).items()
        },
        units={test: unit.lower() for test, unit in units.items()},
    )


def _forms(table: Mapping[str, Any], where: str) -> dict[str, str]:
    """How a site joins ids and writes dates and numbers, all of it checked."""
    mark = _text(table, "decimal_mark", where, ".")
    if mark not in (".", ","):
        raise ConfigurationError(f"{where}.decimal_mark has to be '.' or ','.")
    return {
        "separator": _text(table, "separator", where, "-"),
        "date_format": _format(_text(table, "date_format", where, ""), where),
        "decimal_mark": mark,
    }


def _refuse_contradictions(
    contract: Contract,
    columns: Mapping[str, tuple[str, ...]],
    tables: Mapping[str, Mapping[str, Any]],
    where: str,
) -> None:
    for key in ("columns", "prefixes", "date_formats", "values"):
        for column in sorted(tables[key].keys() & tables["constants"].keys()):
            raise ConfigurationError(
                f"{where} gives {column} both a constant and {_SINGULAR[key]}: keep one."
            )
    for column in (name for name, names in columns.items() if len(names) > 1):
        if contract.columns[column]["kind"] != "id":
            raise ConfigurationError(
                f"{where}.columns.{column} joins columns, which only an id may do."
            )
    for key, kind in (("prefixes", "id"), ("date_formats", "date")):
        for column in tables[key]:
            if contract.columns[column]["kind"] not in (kind, kind + "time"):
                raise ConfigurationError(
                    f"{where}.{key}.{column} is given, but {column} is no {kind}."
                )


def _refuse_unknown(given: Iterable[str], known: Iterable[str], where: str) -> None:
    names = list(known)
    for key in given:
        if key not in names:
            close = get_close_matches(key, names, n=1)
            hint = f" Did you mean {close[0]}?" if close else ""
            raise ConfigurationError(f"{where} has the unknown key {key}.{hint}")


def _table(table: Mapping[str, Any], key: str, where: str) -> Mapping[str, Any]:
    value = table.get(key, {})
    if not isinstance(value, dict):
        raise ConfigurationError(f"{where}.{key} has to be a table.")
    return value


def _text(table: Mapping[str, Any], key: str, where: str, default: str) -> str:
    value = table.get(key, default)
    if not isinstance(value, str):
        raise ConfigurationError(f"{where}.{key} has to be a text.")
    return value


def _texts(table: Mapping[str, Any], where: str) -> dict[str, str]:
    return {key: _text(table, key, where, "") for key in table}


def _folded(table: Mapping[str, Any], where: str) -> dict[str, str]:
    return {
        key.strip(kinds.BLANKS).lower(): text
        for key, text in _texts(table, f"{where}.values").items()
    }


def _files(table: Mapping[str, Any], where: str) -> tuple[str, ...] | None:
    if "files" not in table:
        return None
    return () if table["files"] == [] else _names(table, "files", where)


def _names(table: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    value = table[key]
    names = [value] if isinstance(value, str) else value
    if (
        not isinstance(names, list)
        or not names
        or not all(isinstance(name, str) and name for name in names)
    ):
        raise ConfigurationError(f"{where}.{key} has to be a text or a list of texts.")
    return tuple(names)


def _format(text: str, where: str) -> str:
    tokens = re.findall("%(.)", text)
    odd = [token for token in tokens if token not in _TOKENS]
    if odd or len(set(tokens)) != len(tokens) or (text and not {*"Ymd"} <= {*tokens}):
        raise ConfigurationError(
            f"{where}: the date format has to hold %Y, %m and %d once each, and may "
            "hold %H, %M and %S."
        )
    return text


def iso_date(expression: str, date_format: str) -> str:
    """The SQL text in ISO 8601 of a cell written in the format.

    A cell that is written otherwise becomes one that no date reads as: a profile
    declares one format, and a second is never guessed.
    """
    cell = trimmed(expression)
    places: dict[str, int] = {}
    pattern = ""
    for token, other in re.findall(r"%(.)|([^%])", date_format):
        if token:
            places[token] = len(places) + 1
            pattern += f"({_TOKENS[token]})"
        else:
            pattern += re.escape(other)
    written = f"\\{places['Y']}-\\{places['m']}-\\{places['d']}"
    if {*"HM"} <= places.keys():
        written += f"T\\{places['H']}:\\{places['M']}"
        written += f":\\{places['S']}" if "S" in places else ""
    matches = f"regexp_full_match({cell}, {literal(pattern)})"
    replaced = f"regexp_replace({cell}, {literal(pattern)}, {literal(written)})"
    return (
        f"case when {cell} is null then null when {matches} then {replaced} "
        f"else {_UNREADABLE} end"
    )


def decimal_point(expression: str) -> str:
    """The SQL text, with a point, of a number written with a decimal comma.

    A point in such a number would group digits: it makes the cell unreadable.
    """
    return (
        f"case when contains({expression}, '.') then {_UNREADABLE} "
        f"else replace({expression}, ',', '.') end"
    )


def exchanged(expression: str, values: Mapping[str, str]) -> str:
    """The SQL text of a cell after a value map, which ignores case and blanks."""
    cases = " ".join(
        f"when {literal(key)} then {literal(text)}"
        for key, text in sorted(values.items())
    )
    return f"case lower({trimmed(expression)}) {cases} else {expression} end"
