"""A file's header held against the contract and the profile; reads no row.

The names of a header are shown only where they are written like a column's, the others
by their place: a cell of a header may be a patient's, as in a file without one.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from pipeline.contracts.compiler import Contract
from pipeline.errors import DataRefused
from pipeline.extracts.identifiers import is_identifying
from pipeline.extracts.profiles import ExtractProfile

_PLAIN = re.compile(r"(?!.*[0-9]{3})[a-z][a-z0-9_]{0,39}")
"""How a column's name is written: in lower case, without a blank or a long number."""


@dataclass(frozen=True)
class ColumnMap:
    """Where each contract column is in a file: its places in the header, from 0.

    Several places are joined to one id. ``unknown`` columns are not read; they are named
    as `shown` names them. The places of those that hold direct identifiers are
    ``identifying``: not even a quarantined row shows them.
    """

    places: Mapping[str, tuple[int, ...]]
    absent: tuple[str, ...]
    unknown: tuple[str, ...]
    identifying: tuple[int, ...] = ()


def expected_names(contract: Contract, profile: ExtractProfile) -> frozenset[str]:
    """The header names that a file of the extract may be expected to have."""
    mapped = {name for names in profile.columns.values() for name in names}
    return frozenset(contract.columns) | mapped


def shown(name: str, place: int) -> str:
    """The name of a column that is not read, or its place from 1: ``column 7``."""
    return name if _PLAIN.fullmatch(name) else f"column {place + 1}"


def map_columns(
    label: str,
    header: Sequence[str],
    contract: Contract,
    profile: ExtractProfile,
    *,
    ignore_case: bool = False,
) -> ColumnMap:
    """The places of the contract's columns in a header.

    Raises DataRefused, naming every fault of the header in one sentence.
    """
    names = list(header)
    if len(names) > 1 and not names[-1]:
        names.pop()
    places, absent, missing = _places(names, contract, profile)
    used = {place for found in places.values() for place in found}
    unread = [place for place in range(len(names)) if place not in used]
    unknown = tuple(shown(names[place], place) for place in unread)
    if not used:
        raise DataRefused(
            f"{label}: none of its {len(names):,} columns is one of the contract of "
            f"{contract.extract}; is the header line missing?"
        )
    faults = _name_faults(names, ignore_case=ignore_case)
    faults += [_missing(name, unknown) for name in missing]
    faults += _miswritten([names[place] for place in unread], [*absent, *missing])
    for column, other in contract.one_of:
        given = places.keys() | profile.constants.keys()
        if not {column, other} & given:
            faults.append(f"the columns {column} and {other} are both missing")
    if faults:
        raise DataRefused(f"{label}: {'; '.join(faults)}.")
    identifying = tuple(place for place in unread if is_identifying(names[place]))
    return ColumnMap(places, tuple(absent), unknown, identifying)


def _places(
    names: Sequence[str], contract: Contract, profile: ExtractProfile
) -> tuple[dict[str, tuple[int, ...]], list[str], list[str]]:
    at = {name: place for place, name in enumerate(names)}
    places: dict[str, tuple[int, ...]] = {}
    absent: list[str] = []
    missing: list[str] = []
    for column in contract.columns:
        if column in profile.constants:
            continue
        wanted = profile.columns.get(column, (column,))
        if all(name in at for name in wanted):
            places[column] = tuple(at[name] for name in wanted)
        elif column in profile.columns:
            missing += [name for name in wanted if name not in at]
        elif column in contract.required:
            missing.append(column)
        else:
            absent.append(column)
    return places, absent, missing


def _name_faults(names: Sequence[str], *, ignore_case: bool) -> list[str]:
    faults = []
    if not all(names):
        faults.append("a column has no name")
    keys = [name.casefold() if ignore_case else name for name in names]
    for key, count in Counter(keys).items():
        if count > 1 and key:
            first = keys.index(key)
            called = repr(key) if _PLAIN.fullmatch(key) else f"like {shown(key, first)}"
            faults.append(f"{count} columns are called {called}")
    return faults


def _missing(name: str, unknown: Sequence[str]) -> str:
    close = get_close_matches(name, unknown, n=1)
    hint = f" (is it {close[0]!r}?)" if close else ""
    return f"the column {name} is missing{hint}"


def _miswritten(unknown: Sequence[str], wanted: Sequence[str]) -> list[str]:
    by_letters = {_letters(name): name for name in wanted}
    return [
        f"the column {name!r} has to be written {by_letters[_letters(name)]!r}, or "
        "mapped in a profile"
        for name in unknown
        if _letters(name) in by_letters
    ]


def _letters(name: str) -> str:
    return re.sub(r"[\W_]", "", name).casefold()
