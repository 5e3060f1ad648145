"""Rows of findings as plain records: nulls are None, days are dates; no wording."""

import math
import weakref
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import pandas as pd

from pipeline.findings import Findings
from pipeline.report.compose import wording

Record = Mapping[str, Any]


@dataclass
class _Read:
    frame: weakref.ref[pd.DataFrame]
    rows: list[Record]
    found: dict[tuple, dict[tuple, list[Record]]] = field(default_factory=dict)
    """The rows by the values of some columns, for each choice of columns asked for."""


_READ: dict[int, _Read] = {}


def records(frame: pd.DataFrame, **equal: Any) -> list[Record]:
    """The frame's rows, in its order, whose columns equal what is given.

    A frame is read once, and its records are kept as long as it lives: many sections ask
    for the same one. They are not to be changed.
    """
    read = _read(frame)
    if not equal:
        return list(read.rows)
    names = tuple(equal)
    if names not in read.found:
        by_value: dict[tuple, list[Record]] = {}
        for row in read.rows:
            by_value.setdefault(tuple(row[name] for name in names), []).append(row)
        read.found[names] = by_value
    return list(read.found[names].get(tuple(equal.values()), ()))


def _read(frame: pd.DataFrame) -> _Read:
    place = id(frame)
    known = _READ.get(place)
    if known and known.frame() is frame:
        return known
    names = list(frame)
    columns = [_plain_column(frame[name]) for name in names]
    rows = [
        dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)
    ]
    read = _Read(weakref.ref(frame, lambda _: _READ.pop(place, None)), rows)
    _READ[place] = read
    return read


def _plain_column(column: pd.Series) -> list[Any]:
    kind = getattr(column.dtype, "kind", "O")
    if kind in "iub" and not column.hasnans:
        return column.tolist()
    if kind == "f":
        return [None if math.isnan(value) else value for value in column.tolist()]
    if kind == "M":
        return column.to_numpy(dtype="datetime64[D]").tolist()
    if isinstance(column.dtype, pd.StringDtype):
        return column.astype(object).where(column.notna(), None).tolist()
    return [plain(value) for value in column.tolist()]


def plain(value: Any) -> Any:
    """A value without pandas: None for null, a date for a timestamp, lists as such."""
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple):
        return list(value)
    if hasattr(value, "tolist"):
        value = value.tolist()
        if isinstance(value, list):
            return value
    if pd.isna(value):
        return None
    if isinstance(value, datetime):
        return value.date()
    return value


def rolling(findings: Findings, **key: str) -> list[Record]:
    """Rates of the rolling window, in the order of the populations."""
    return _rates(findings, findings.rolling_start, findings.rolling_end, key)


def calendar_year(findings: Findings, **key: str) -> list[Record]:
    """Rates of the last complete calendar year, in the order of the populations."""
    return _rates(findings, findings.year_start, findings.year_end, key)


def headline(**change: str) -> dict[str, str]:
    """The headline's key (`statistics.md` section j) with what is changed."""
    key = {"definition": "case", "rule": "headline", "unit": "patient"}
    return key | {"syndrome": "hsv"} | change


def with_baseline(rates: Iterable[Record]) -> list[Record]:
    """Those that are set against a published rate."""
    return [rate for rate in rates if rate["baseline_id"]]


def one_a_population(rates: Iterable[Record]) -> list[Record]:
    """The first row of each population: the counts of all its rows are the same."""
    found: dict[str, Record] = {}
    for rate in rates:
        found.setdefault(rate["population"], rate)
    return list(found.values())


def by_baseline(rates: Iterable[Record]) -> dict[tuple[str, str], Record]:
    """Rates by population and baseline id (empty where there is none)."""
    return {(rate["population"], rate["baseline_id"] or ""): rate for rate in rates}


def parameter(findings: Findings, name: str, default: float) -> float:
    """A parameter's value as a number; the default where the run does not state it."""
    found = records(findings.parameters, name=name)
    return float(found[0]["value"]) if found else default


def _rates(
    findings: Findings, start: date, end: date, key: Mapping[str, str]
) -> list[Record]:
    order = list(wording.POPULATIONS)
    found = [
        rate
        for rate in records(findings.rates, **key)
        if (rate["window_start"], rate["window_end"]) == (start, end)
        and rate["population"] in order
    ]
    return sorted(found, key=lambda rate: order.index(rate["population"]))
