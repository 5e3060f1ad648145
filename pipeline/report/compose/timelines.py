"""The picture of a line-list row: therapy, visits, specimens and events by day."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from pipeline.findings import Findings
from pipeline.report import charts, palette
from pipeline.report.charts import Bar, Lane, Line, Moment
from pipeline.report.compose import formats, people, wording
from pipeline.report.compose.records import Record, parameter, records
from pipeline.report.document import Detail

_STATUSES: Final = {
    "progressing": ("triangle", palette.ABOVE),
    "new": ("wedge", palette.ABOVE),
    "unchanged": ("diamond", palette.INCONCLUSIVE),
    "improving": ("disc", palette.ACCENT),
    "healed": ("ring", palette.ACCENT),
}
_READINGS: Final = {
    "resistant": ("triangle", palette.ABOVE),
    "susceptible": ("disc", palette.ACCENT),
    "positive": ("diamond", palette.INCONCLUSIVE),
}
_UNREAD: Final = ("ring", palette.MUTED)
_LANES: Final = {"visit": "Visits", "specimen": "Laboratory", "event": "Events"}
_KEY: Final = "Filled bar: treatment. Outlined bar: prophylaxis."
_SHORTEST, _FAR, _ASIDE = 21, 1.5, 7
"""The as-of day is drawn in its place up to so many times the other days, else aside."""


def pictures(findings: Findings) -> Mapping[int, Detail]:
    """A picture for each row of the line list in the report, by its place from 1."""
    rows = people.listed(findings, findings.line_list)
    shown = findings.timelines[findings.timelines["place"] <= len(rows)]
    marks: dict[int, list[Record]] = {}
    for mark in records(shown):
        marks.setdefault(mark["place"], []).append(mark)
    return {
        place: _picture(rows[place - 1], found, findings)
        for place, found in marks.items()
    }


def _picture(row: Record, marks: Sequence[Record], findings: Findings) -> Detail:
    window = tuple(
        int(parameter(findings, name, default))
        for name, default in (("window_from", 7), ("window_to", 10))
    )
    before = int(parameter(findings, "specimen_before_days", 7))
    lanes = (*_therapy(marks), *_happened(marks))
    lines = _lines(row, marks, findings.as_of)
    return Detail(
        f"Timeline of {row['patient_id']}",
        _alt(row, marks, findings.as_of),
        charts.timeline(
            lanes,
            (window[0], window[1]),
            -before,
            lines,
            _KEY if any(bar.is_hollow for lane in lanes for bar in lane.bars) else "",
        ),
    )


def _therapy(marks: Iterable[Record]) -> list[Lane]:
    bars: dict[str, list[Bar]] = {}
    for mark in marks:
        if mark["lane"] == "therapy":
            bars.setdefault(mark["label"], []).append(_bar(mark))
    return [Lane(drug, bars=tuple(found)) for drug, found in bars.items()]


def _bar(mark: Record) -> Bar:
    colour = palette.BELOW if mark["state"] == "other" else palette.ACCENT
    return Bar(mark["day_from"], mark["day_to"], colour, mark["state"] == "prophylaxis")


def _happened(marks: Iterable[Record]) -> list[Lane]:
    dots: dict[str, list[Moment]] = {lane: [] for lane in _LANES}
    for mark in marks:
        if mark["lane"] in dots:
            dots[mark["lane"]].append(_dot(mark))
    lanes = []
    for lane, title in _LANES.items():
        if dots[lane] or lane == "visit":
            lanes.append(Lane(title, dots=tuple(dots[lane])))
    return lanes


def _dot(mark: Record) -> Moment:
    shape, colour = _UNREAD
    if mark["lane"] == "visit":
        shape, colour = _STATUSES[mark["label"]]
    elif mark["lane"] == "specimen":
        shape, colour = _READINGS.get(mark["state"], _UNREAD)
    elif mark["state"]:
        shape, colour = "wedge", palette.BELOW
    is_bold = mark["state"] == "decides"
    return Moment(mark["day_from"], said(mark), shape, colour, is_bold)


def said(mark: Record) -> str:
    """What a mark says, without its day."""
    label, state = mark["label"], mark["state"]
    if mark["lane"] == "visit":
        seen = wording.STATUSES.get(label, label)
        return f"{seen} (decides)" if state else seen
    if mark["lane"] == "specimen":
        test = wording.SHORT_TESTS.get(label, label.replace("_", " "))
        return f"{test} {(state or 'no reading').replace('_', ' ')}"
    if mark["lane"] == "event":
        return label.replace("_", " ")
    kind = " (prophylaxis)" if state == "prophylaxis" else ""
    return f"{label}{kind}"


def _lines(row: Record, marks: Sequence[Record], as_of: date) -> tuple[Line, ...]:
    days = [_SHORTEST, *(mark["day_from"] for mark in marks)]
    lines = []
    if row["flag_date"]:
        days.append((row["flag_date"] - row["start_date"]).days)
        lines.append(Line(days[-1], "flagged"))
    now = (as_of - row["start_date"]).days
    if now <= _FAR * max(days):
        return (*lines, Line(now, "as of"))
    return (*lines, Line(max(days) + _ASIDE, f"as of day {now} →"))


def _alt(row: Record, marks: Sequence[Record], as_of: date) -> str:
    parts = [f"Day 0 is {formats.iso(row['start_date'])}, as of {formats.iso(as_of)}"]
    for lane, title in (("therapy", "Therapy"), *_LANES.items()):
        told = [_on_days(mark) for mark in marks if mark["lane"] == lane]
        if told:
            parts.append(f"{title}, by day: {', '.join(told)}")
    return f"{'. '.join(parts)}."


def _on_days(mark: Record) -> str:
    days = str(mark["day_from"])
    if mark["lane"] == "therapy":
        days += f" to {mark['day_to']}"
    return f"{days} {said(mark)}"
