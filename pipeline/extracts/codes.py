"""Which listed code each text means: the contract's, the seeds', the profile's."""

from collections.abc import Mapping
from datetime import date
from difflib import get_close_matches
from typing import TYPE_CHECKING

import pandas as pd

from pipeline.contracts import kinds
from pipeline.contracts.compiler import Contract, compile_contract, listed_codes
from pipeline.contracts.schemas import UNITS, schemas
from pipeline.errors import ConfigurationError
from pipeline.extracts.profiles import ExtractProfile, Profile

if TYPE_CHECKING:
    import pandera.pandas as pa


CodeMaps = dict[str, dict[str, str]]


def contracts_and_codes(
    as_of: date, drugs: pd.DataFrame, synonyms: pd.DataFrame, profile: Profile
) -> tuple[dict[str, Contract], dict[str, CodeMaps]]:
    """The six contracts, and for each of them the listed code of every known text.

    ConfigurationError where a synonym leads to no listed code, or a profile gives what
    no row of an extract may hold.
    """
    stated = schemas(as_of.year, tuple(drugs["drug"]))
    contracts = {name: compile_contract(schema) for name, schema in stated.items()}
    codes = {
        name: code_maps(schema, synonyms, profile.of(name))
        for name, schema in stated.items()
    }
    for name, schema in stated.items():
        _refuse_misfits(schema, codes[name], profile.of(name))
        units_meant(codes[name], profile.of(name))
    return contracts, codes


def code_maps(
    schema: "pa.DataFrameSchema", synonyms: pd.DataFrame, profile: ExtractProfile
) -> CodeMaps:
    """For each code column, the listed code of every text that means one, lower case.

    A profile's map stands before the seeds'. A text that it maps to nothing is read as
    an empty cell. ConfigurationError where a synonym or a map leads to no listed code.
    """
    maps: CodeMaps = {}
    for name, column in schema.columns.items():
        if column.metadata["kind"] != "code":
            continue
        codes = listed_codes(schema, name)
        known = {code: code for code in codes}
        known |= _synonyms(synonyms, column.metadata["field"], codes)
        for text, meant in profile.values.get(name, {}).items():
            where = f"The profile's extracts.{schema.name}.values.{name}"
            known[text] = _meaning(meant, known, where)
        maps[name] = known
    return maps


def units_meant(codes: CodeMaps, profile: ExtractProfile) -> dict[str, str]:
    """By test, the listed unit that an empty one means where a profile says so.

    ConfigurationError where that is no unit of the test.
    """
    meant = {}
    for test, text in profile.units.items():
        unit = codes["unit"].get(_folded(text), "")
        if unit not in UNITS[test]:
            raise ConfigurationError(
                f"The profile's extracts.labs.units.{test} means {text}, which is no "
                f"unit of it: {' or '.join(UNITS[test])} is."
            )
        meant[test] = unit
    return meant


def _refuse_misfits(
    schema: "pa.DataFrameSchema", codes: CodeMaps, profile: ExtractProfile
) -> None:
    """Raise where a constant, or what a value is mapped to, breaks a rule in every row."""
    where = f"The profile's extracts.{schema.name}"
    for column, text in profile.constants.items():
        at = f"{where}.constants.{column}"
        if not _folded(text) and not schema.columns[column].nullable:
            raise ConfigurationError(f"{at} is empty, but every row has to have it.")
        if column in codes:
            _meaning(text, codes[column], at)
        else:
            _refuse_misfit(schema.columns[column], text, at)
    for column in sorted(profile.values.keys() - codes.keys()):
        for text in profile.values[column].values():
            at = f"{where}.values.{column}"
            _refuse_misfit(schema.columns[column], text, at)


def _refuse_misfit(column: "pa.Column", text: str, where: str) -> None:
    cell = text.strip(kinds.BLANKS)
    for check in column.checks:
        if cell and not check(pd.Series([cell])).check_passed:
            raise ConfigurationError(
                f"{where} means {text}, which breaks the rule {check.name}."
            )


def _synonyms(
    synonyms: pd.DataFrame, field: str, codes: tuple[str, ...]
) -> dict[str, str]:
    rows = synonyms[synonyms["field"] == field]
    meanings: dict[str, str] = {}
    for synonym, code in zip(rows["synonym"], rows["code"], strict=True):
        if code not in codes:
            raise ConfigurationError(
                f"seeds/synonyms.csv: the {field} synonym {synonym} means {code}, "
                "which is not listed."
            )
        meanings[_folded(synonym)] = code
    return meanings


def _meaning(meant: str, known: Mapping[str, str], where: str) -> str:
    code = _folded(meant)
    if not code or code in known:
        return known[code] if code else ""
    close = get_close_matches(code, known, n=1)
    hint = f" Did you mean {close[0]}?" if close else ""
    raise ConfigurationError(f"{where} means {meant}, which is not listed.{hint}")


def _folded(text: str) -> str:
    return text.strip(kinds.BLANKS).lower()
