"""The line list: suspected and confirmed courses that are not closed."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from pipeline.findings import Findings
from pipeline.report.compose import (
    cells,
    formats,
    guidance,
    people,
    timelines,
    wording,
)
from pipeline.report.compose.records import Record, parameter
from pipeline.report.document import Block, Paragraph, Row, Table, Value


def line_list(findings: Findings) -> tuple[Block, ...]:
    """How many courses are open, and the line list of criteria 9, as it is ordered."""
    closed = findings.counts.get("n_line_list_closed", 0)
    rows = people.listed(findings, findings.line_list)
    drawn = timelines.pictures(findings)
    text = (
        f"{formats.plural(len(findings.line_list), 'course')} suspected or confirmed and "
        f"not closed; {formats.count(closed)} closed (healed, left, or without an open lesion for "
        "long). A suspected case is not yet resistance: the next step is to test. The class "
        "is acyclovir, valacyclovir, famciclovir and penciclovir. "
        f"The steps are those of “{wording.SIGNS}”, “{wording.RASH}” and "
        f"“{wording.IVIG}”. {wording.ADVISORY}"
    )
    labels = guidance.labels(findings)
    table = Table(
        "q2-line-list",
        "Line list: suspected and confirmed courses that are not closed, most urgent "
        "first. Confirmed; then suspected with lesions that progressed or are new, then "
        "unchanged ones; within each the risk group and the oldest flag.",
        people.columns(
            ("Patient", "text", 1),
            ("Site", "text", 0.8),
            ("Class", "label", 0.5),
            ("Next step", "text", 3),
            ("Risk group", "text", 1.2),
            ("Flagged", "date", 0.5),
            ("Days open", "integer", 0),
            ("Seen", "text", 1.4),
            ("Start", "date", 0.5),
            ("Drugs", "text", 1.2),
            ("Not ruled out", "text", 1.5),
            ("Then", "text", 3.4),
            ("Missed, or open", "text", 2.6),
            ("Remarks", "text", 2),
        ),
        tuple(
            replace(
                _line(row, findings.previous_run is not None, labels),
                detail=drawn.get(place),
            )
            for place, row in enumerate(rows, start=1)
        ),
        "No suspected or confirmed course is open. Courses that could not be evaluated "
        "are not on this list.",
        interactive=True,
        group_title="Class",
        printed_rows=int(parameter(findings, "pdf_line_list_rows", 500)),
        landscape=True,
        file="line_list.csv",
        n_unlisted=people.n_unlisted(findings, findings.line_list),
    )
    return Paragraph(text), table


def _line(row: Record, has_previous: bool, labels: Mapping[str, str]) -> Row:
    is_confirmed = row["classification"] == "confirmed"
    name = wording.CLASSES[row["classification"]]
    steps = [wording.STEPS.get(step, step) for step in row["further_steps"] or ()]
    doubts = [wording.NOT_RULED_OUT.get(d, d) for d in row["not_ruled_out"] or ()]
    found = (
        *people.who(row),
        Value(name, name, "act" if is_confirmed else "warn"),
        cells.words(wording.STEPS.get(row["next_step"], row["next_step"])),
        people.risk_group(row),
        cells.day(row["flag_date"]),
        cells.whole(row["days_open"], "not known"),
        cells.words(_seen(row)),
        cells.day(row["start_date"]),
        cells.words(people.drugs(row["drugs"])),
        cells.words("; ".join(doubts) or "nothing open"),
        cells.words(". ".join(steps) or "nothing further"),
        cells.words(_asked(row, labels) or "nothing"),
        cells.words("; ".join(_remarks(row, has_previous)) or "none"),
    )
    return Row(found, group=name, emphasis="act" if is_confirmed else "")


def _asked(row: Record, labels: Mapping[str, str]) -> str:
    parts = []
    for state in ("missed", "open"):
        named = [labels[name] for name in row.get(f"{state}_indicators") or ()]
        if named:
            parts.append(f"{formats.sentence(state)}: {', '.join(named)}")
    return ". ".join(parts)


def _seen(row: Record) -> str:
    seen = "no deciding visit"
    if row["deciding_status"]:
        status = wording.STATUSES.get(row["deciding_status"], row["deciding_status"])
        seen = f"{status}, day {formats.count(row['deciding_day'])}"
    last, day = row.get("last_status"), row.get("last_visit_date")
    if not (last and day):
        return seen
    return f"{seen}; now: {wording.STATUSES.get(last, last)} ({formats.iso(day)})"


def _remarks(row: Record, has_previous: bool) -> list[str]:
    remarks = [*_proven(row)]
    if (
        not remarks
        and row["is_immunocompetent"]
        and row["classification"] == "suspected"
    ):
        remarks.append(wording.IMMUNOCOMPETENT_WARNING.rstrip("."))
    if has_previous and row.get("is_newly_confirmed"):
        remarks.append("newly confirmed since the last run")
    if has_previous and row["is_new"]:
        remarks.append("new since the last run")
    if row["is_repeated"]:
        remarks.append("repeated courses")
    if row["is_shedding"]:
        remarks.append("still shedding under therapy")
    if row.get("has_conflicting_labs"):
        remarks.append("conflicting laboratory results")
    if not row["in_rate"]:
        reason = row.get("set_aside_reason")
        why = f": {wording.REASONS.get(reason, reason)}" if reason else ""
        remarks.append(f"not in the rate{why}")
    if row["syndrome"] != "hsv":
        remarks.append(
            "zoster" if row["syndrome"] == "zoster" else "syndrome not known"
        )
    return remarks


def _proven(row: Record) -> Iterator[str]:
    """What was proven of the patient beside this course."""
    since = row.get("later_confirmed_date")
    if since:
        yield f"resistance confirmed since, in the course of {formats.iso(since)}"
    if row.get("has_prior_confirmed"):
        yield "resistance confirmed in an earlier course"
