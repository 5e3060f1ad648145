"""Was it managed as the guidance says? What was asked, done, missed and is still open."""

from pipeline.findings import Findings
from pipeline.report import charts
from pipeline.report.charts import Share
from pipeline.report.compose import (
    cells,
    formats,
    guidance,
    usable,
    window,
    wording,
)
from pipeline.report.compose.missed import missed_table
from pipeline.report.compose.records import Record, records
from pipeline.report.document import (
    Block,
    Cell,
    Figure,
    Note,
    NotEnoughData,
    Paragraph,
    Section,
    Table,
    Value,
)
from pipeline.statistics import proportions

FEW = 10
"""Below this many decided a share is drawn hollow: one more or fewer moves it far."""


def conformance_sections(findings: Findings) -> tuple[Section, ...]:
    """The sections of the fifth question: the counts, what was missed, what is asked."""
    return (
        Section("q5", wording.QUESTIONS["q5"], _counted(findings)),
        Section("q5-missed", "What was missed", (missed_table(findings),), level=2),
        Section("q5-asked", "What is asked, and of whom", (_asked(findings),), level=2),
    )


def _counted(findings: Findings) -> tuple[Block, ...]:
    why = usable.why_nothing_is_judged(findings)
    said = f"nothing can be said about the management of failures: {why}"
    return (
        *((NotEnoughData(said),) if why else ()),
        Paragraph(_reading(findings)),
        *_without(findings),
        _figure(findings),
        _table(findings),
    )


def _reading(findings: Findings) -> str:
    return (
        f"Courses, prescriptions and transplants that began in the {window.name(findings)}. "
        "Each indicator has its own denominator; it is the sum of met, missed, still "
        "open and the further states. What is due after the as-of date is open and "
        "counts for neither side of a share: shares are of what was met or missed. An "
        "indicator is missed where "
        "nothing was recorded by its due date: what was done and not recorded looks the "
        "same. Deadlines are ours, what is asked is the documents'."
    )


def _without(findings: Findings) -> tuple[Note, ...]:
    resting = {row["rests_on"] for row in records(findings.indicators)} - {""}
    absent = [
        name
        for name in wording.EXTRACTS
        if name in resting and not usable.is_usable(findings, name)
    ]
    return tuple(
        Note(
            "warn",
            f"{wording.EXTRACTS[name]}: what rests on them cannot be judged",
            f"{formats.sentence(usable.missing(findings, name))}. "
            f"{formats.enumeration(_resting_on(findings, name))} cannot be judged: "
            "nothing is called missed for want of an extract.",
        )
        for name in absent
    )


def _resting_on(findings: Findings, extract: str) -> list[str]:
    return [row["label"] for row in records(findings.indicators, rests_on=extract)]


def _figure(findings: Findings) -> Figure:
    rows = [row for row in records(findings.indicators) if not _is_shown_only(row)]
    return Figure(
        "q5-shares",
        "What the documents ask for: share met of what was met or missed, with its 95% "
        "interval. Filled: ten or more decided; hollow square: fewer. See which "
        "indicators lie far from all, and how many decide that.",
        _alt(rows),
        charts.shares([_mark(row) for row in rows], "Met, of what was met or missed"),
        Table(
            "q5-shares-numbers",
            "The numbers of the figure.",
            cells.columns(
                ("Indicator", "text"),
                ("Met", "integer"),
                ("Met or missed", "integer"),
                ("Share met", "percent", "%"),
                ("95% interval", "text", "%"),
            ),
            cells.rows(
                (
                    cells.words(row["label"]),
                    cells.whole(row["n_met"]),
                    cells.whole(_decided(row)),
                    *_share(row),
                )
                for row in rows
            ),
            "No indicator.",
        ),
    )


def _mark(row: Record) -> Share:
    n = _decided(row)
    if not n:
        return Share(row["label"], _nothing_decided(row))
    low, high = map(float, proportions.clopper_pearson(row["n_met"], n))
    share = row["n_met"] / n
    label = f"{formats.count(row['n_met'])}/{formats.count(n)}: "
    label += f"{formats.percent(share)} ({formats.interval(low, high)})"
    if row["n_open"]:
        label += f", {formats.count(row['n_open'])} open"
    return Share(row["label"], label, share, low, high, n < FEW)


def _nothing_decided(row: Record) -> str:
    if row["n_open"]:
        return f"nothing due yet, {formats.count(row['n_open'])} open"
    if row["n_denominator"]:
        return f"none of {formats.count(row['n_denominator'])} can be judged"
    return "nothing to judge"


def _alt(rows: list[Record]) -> str:
    said = [
        f"{row['label']} {formats.count(row['n_met'])} of {formats.count(n)}"
        for row in rows
        if (n := _decided(row))
    ]
    if not said:
        return f"Nothing of the {len(rows)} indicators judged is met or missed yet."
    return f"Share met of what was met or missed: {'; '.join(said)}."


def _table(findings: Findings) -> Table:
    return Table(
        "q5-indicators",
        "The twenty indicators. Denominator: met, missed, open and further states. "
        "Share: met, of what was met or missed.",
        cells.columns(
            ("Indicator", "text 1.5"),
            ("Denominator", "integer"),
            ("Met", "integer"),
            ("Missed", "integer"),
            ("Open", "integer"),
            ("Share met, 95% interval", "text 1.1", "%"),
            ("Further states, and what else was seen", "text 4"),
            ("Source", "text 1.1"),
        ),
        cells.rows(_line(findings, row) for row in records(findings.indicators)),
        "No indicator.",
        note=f"SIGNS: “{wording.SIGNS}”. RASH: “{wording.RASH}”. IVIG: “{wording.IVIG}”. "
        "Information: shown and not judged. Intervals: Clopper-Pearson.",
    )


def _line(findings: Findings, row: Record) -> tuple[Cell, ...]:
    return (
        cells.words(row["label"]),
        cells.whole(row["n_denominator"]),
        cells.whole(row["n_met"]),
        cells.whole(row["n_missed"]),
        cells.whole(row["n_open"]),
        _share_with_interval(row),
        cells.words(_further(findings, row) or "none"),
        cells.words(row["citation"]),
    )


def _share_with_interval(row: Record) -> Cell:
    if _is_shown_only(row):
        return Value("shown, not judged", -1.0, "muted")
    share, interval = _share(row)
    if isinstance(share, NotEnoughData):
        return share
    return Value(f"{share.text} ({interval.text})", share.sort)


def _share(row: Record) -> tuple[Cell, Cell]:
    n = _decided(row)
    if not n:
        reason = _nothing_decided(row)
        return NotEnoughData(reason), NotEnoughData(reason)
    low, high = map(float, proportions.clopper_pearson(row["n_met"], n))
    return cells.share(row["n_met"] / n, ""), cells.limits(low, high, "")


def _further(findings: Findings, row: Record) -> str:
    parts = [
        f"{name}: {formats.count(row[state])}"
        for state, name in guidance.FURTHER_STATES.items()
        if row[state]
    ]
    details = records(findings.indicator_details, indicator=row["indicator"])
    parts += [
        f"{guidance.STATES[seen['state']]}, {guidance.detail(seen['detail'])}: "
        f"{formats.count(seen['n'])}"
        for seen in details
    ]
    return "; ".join(parts)


def _asked(findings: Findings) -> Table:
    values = {row["name"]: row["value"] for row in records(findings.parameters)}
    return Table(
        "q5-definitions",
        "What the documents ask for, of whom it is counted, and when it is met.",
        cells.columns(
            ("Indicator", "text 1.2"),
            ("Asked for", "text 1.8"),
            ("Denominator", "text 2"),
            ("Met", "text 2.4"),
            ("Source", "text 0.9"),
        ),
        cells.rows(
            (
                cells.words(row["label"]),
                cells.words(row["asks"]),
                cells.words(row["denominator"].format_map(values)),
                cells.words(row["met_when"].format_map(values)),
                cells.words(row["citation"]),
            )
            for row in records(findings.indicators)
        ),
        "No indicator.",
    )


def _decided(row: Record) -> int:
    return row["n_met"] + row["n_missed"]


def _is_shown_only(row: Record) -> bool:
    return row["is_information"] == "true"
