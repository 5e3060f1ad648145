"""Rows of findings as plain records: nulls are None, days are dates; no wording."""

import weakref
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

import pandas as pd

from pipeline.findings import Findings
from pipeline.report.compose import wording

Record = Mapping[str, Any]


_READ: dict[int, tuple[weakref.ref[pd.DataFrame], list[Record]]] = {}


def records(frame: pd.DataFrame, **equal: Any) -> list[Record]:
    """The frame's rows, in its order, whose columns equal what is given.

    A frame is read once, and its records are kept as long as it lives: many sections ask
    for the same one. They are not to be changed.
    """
    rows = _rows(frame)
    return [
        row for row in rows if all(row[key] == value for key, value in equal.items())
    ]


def _rows(frame: pd.DataFrame) -> list[Record]:
    place = id(frame)
    known = _READ.get(place)
    if known and known[0]() is frame:
        return known[1]
    rows = [
        {key: plain(value) for key, value in row.items()}
        for row in frame.to_dict("records")
    ]
    _READ[place] = (weakref.ref(frame, lambda _: _READ.pop(place, None)), rows)
    return rows


def plain(value: Any) -> Any:
    """A value without pandas: None for null, a date for a timestamp, lists as such."""
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
