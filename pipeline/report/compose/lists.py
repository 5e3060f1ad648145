"""Who needs something done now? The team's lists, most urgent first."""

from collections.abc import Iterable

from pipeline.findings import Findings
from pipeline.report.compose import cells, formats, wording
from pipeline.report.compose.records import Record, parameter, records
from pipeline.report.document import (
    Block,
    Cell,
    Column,
    Paragraph,
    Row,
    Section,
    Table,
    Value,
)


def lists_sections(findings: Findings) -> tuple[Section, ...]:
    """The sections of the second question: one a list."""
    return (
        Section("q2", wording.QUESTIONS["q2"], _line_list(findings)),
        Section("q2-watch", "Watch list", _watch_list(findings), level=2),
        Section("q2-explained", "Explained failures", _explained(findings), level=2),
        Section(
            "q2-breakthrough",
            "Breakthrough under prophylaxis",
            _breakthrough(findings),
            level=2,
        ),
        Section(
            "q2-unattached",
            "Resistant results without a course",
            (_unattached(findings),),
            level=2,
        ),
    )


def _line_list(findings: Findings) -> tuple[Block, ...]:
    closed = findings.counts.get("n_line_list_closed", 0)
    rows = records(findings.line_list)
    text = (
        f"{formats.plural(len(rows), 'course')} suspected or confirmed and not closed; "
        f"{formats.count(closed)} closed (healed, left, or without an open lesion for "
        "long). A suspected case is not yet resistance: the next step is to test. "
        f"The steps are those of “{wording.SIGNS}”, “{wording.RASH}” and "
        f"“{wording.IVIG}”. {wording.ADVISORY}"
    )
    table = Table(
        "q2-line-list",
        "Line list: suspected and confirmed courses that are not closed, most urgent "
        "first.",
        _columns(
            ("Patient", "text", 1),
            ("Site", "text", 0.8),
            ("Class", "label", 1.3),
            ("Start", "date", 1),
            ("Drugs", "text", 1.2),
            ("Flagged", "date", 1),
            ("Seen", "text", 1.2),
            ("Risk group", "text", 1.2),
            ("Next step", "text", 2),
            ("Then", "text", 2.2),
            ("Not ruled out", "text", 1.5),
            ("Days open", "integer", 0),
            ("Remarks", "text", 2),
        ),
        tuple(_line(row, findings.previous_run is not None) for row in rows),
        "No suspected or confirmed course is open. Courses that could not be evaluated "
        "are not on this list.",
        interactive=True,
        group_title="Class",
        printed_rows=int(parameter(findings, "pdf_line_list_rows", 500)),
        landscape=True,
        file="line_list.csv",
    )
    return Paragraph(text), table


def _line(row: Record, has_previous: bool) -> Row:
    is_confirmed = row["classification"] == "confirmed"
    name = wording.CLASSES[row["classification"]]
    reason = wording.REASONS.get(row["reason"], row["reason"])
    drugs = _joined(row["drugs"])
    steps = [wording.STEPS.get(step, step) for step in row["further_steps"] or ()]
    doubts = [wording.NOT_RULED_OUT.get(d, d) for d in row["not_ruled_out"] or ()]
    found = (
        *_who(row),
        Value(f"{name}: {reason}", name, "act" if is_confirmed else "warn"),
        cells.day(row["start_date"]),
        cells.words(drugs),
        cells.day(row["flag_date"]),
        cells.words(_seen(row)),
        _risk_group(row),
        cells.words(wording.STEPS.get(row["next_step"], row["next_step"])),
        cells.words(". ".join(steps) or "nothing further"),
        cells.words("; ".join(doubts) or "nothing open"),
        cells.whole(row["days_open"], "not known"),
        cells.words("; ".join(_remarks(row, has_previous)) or "none"),
    )
    return Row(found, group=name, emphasis="act" if is_confirmed else "")


def _seen(row: Record) -> str:
    if not row["deciding_status"]:
        return "no deciding visit"
    status = wording.STATUSES.get(row["deciding_status"], row["deciding_status"])
    return f"{status}, day {formats.count(row['deciding_day'])}"


def _remarks(row: Record, has_previous: bool) -> list[str]:
    remarks = []
    if row["is_immunocompetent"] and row["classification"] == "suspected":
        remarks.append(wording.IMMUNOCOMPETENT_WARNING.rstrip("."))
    if has_previous and row["is_new"]:
        remarks.append("new since the last run")
    if row["is_repeated"]:
        remarks.append("repeated courses")
    if row["is_shedding"]:
        remarks.append("still shedding under therapy")
    if not row["in_rate"]:
        remarks.append("not in the rate")
    if row["syndrome"] != "hsv":
        remarks.append(
            "zoster" if row["syndrome"] == "zoster" else "syndrome not known"
        )
    return remarks


def _watch_list(findings: Findings) -> tuple[Block, ...]:
    titled = (
        ("Patient", "text", 1),
        ("Site", "text", 1),
        ("Start", "date", 0),
        ("Drugs", "text", 1.2),
        ("Why watched", "text", 1.6),
        ("Last visit", "date", 0),
        ("Then seen", "text", 1),
        ("Risk group", "text", 1.3),
        ("What to do", "text", 2),
    )
    closed = findings.counts.get("n_watch_closed", 0)
    table = Table(
        "q2-watch-list",
        "Watch list: courses that count in no rate as a failure and may become one.",
        _columns(*titled),
        tuple(
            Row(
                (
                    *_who(row),
                    cells.day(row["start_date"]),
                    cells.words(_joined(row["drugs"])),
                    cells.words(wording.WATCH.get(row["watch"], row["watch"])),
                    cells.day(row["last_visit_date"]),
                    _status(row["last_status"]),
                    _risk_group(row),
                    cells.words(wording.WATCH_ACTIONS.get(row["watch"], "See again.")),
                ),
                group=wording.WATCH.get(row["watch"], row["watch"]),
            )
            for row in records(findings.watch_list)
        ),
        "No course is to be watched: none seen progressing early, switched while "
        "progressing, or relapsing on therapy. The list is as complete as the visits.",
        interactive=True,
        group_title="Why watched",
    )
    return _how_many(len(findings.watch_list), "course", closed), table


def _explained(findings: Findings) -> tuple[Block, ...]:
    closed = findings.counts.get("n_explained_closed", 0)
    between = findings.counts.get("n_within_other_guidance", 0)
    text = (
        "Lesions did not respond, and something other than resistance may be why. "
        f"{formats.plural(len(findings.explained_failures), 'failure')} open, "
        f"{formats.count(closed)} closed; {formats.count(between)} below the document's "
        "dose but within other guidance."
    )
    titled = (
        ("Patient", "text", 1),
        ("Site", "text", 1),
        ("Start", "date", 0),
        ("Drugs", "text", 1.2),
        ("Decided", "date", 0),
        ("Seen", "text", 1),
        ("Explained by", "text", 1.8),
        ("Risk group", "text", 1.3),
        ("What to put right", "text", 2.4),
    )
    table = Table(
        "q2-explained-failures",
        "Explained failures: failed, but excluded, refuted or not evaluable.",
        _columns(*titled),
        tuple(_explained_row(row) for row in records(findings.explained_failures)),
        "No failure has been explained by dose, adherence, another diagnosis or a "
        "susceptible isolate.",
        interactive=True,
        group_title="Class",
        landscape=True,
    )
    return Paragraph(text), table


def _explained_row(row: Record) -> Row:
    name = wording.CLASSES[row["classification"]]
    reason = wording.REASONS.get(row["reason"], row["reason"])
    if row["is_within_other_guidance"]:
        reason += " (below the document's dose, within other guidance)"
    return Row(
        (
            *_who(row),
            cells.day(row["start_date"]),
            cells.words(_joined(row["drugs"])),
            cells.day(row["deciding_date"]),
            _status(row["deciding_status"]),
            cells.words(f"{name}: {reason}"),
            _risk_group(row),
            cells.words(wording.REMEDIES.get(row["reason"], "Look again.")),
        ),
        group=name,
    )


def _breakthrough(findings: Findings) -> tuple[Block, ...]:
    titled = (
        ("Patient", "text", 1),
        ("Site", "text", 1),
        ("Drug", "text", 1.2),
        ("From", "date", 0),
        ("To", "date", 0),
        ("First visit", "date", 0),
        ("Last visit", "date", 0),
        ("Visits", "integer", 0),
        ("Risk group", "text", 1.4),
    )
    closed = findings.counts.get("n_breakthrough_closed", 0)
    table = Table(
        "q2-breakthrough-list",
        "Breakthrough: lesions that were open twice within one prophylaxis, without a "
        "course of treatment. Judge dose and adherence; take a specimen.",
        _columns(*titled),
        tuple(
            Row(
                (
                    *_who(row),
                    cells.words(row["drug"]),
                    cells.day(row["prescription_start"]),
                    cells.day(row["prescription_end"]),
                    cells.day(row["first_visit_date"]),
                    cells.day(row["last_visit_date"]),
                    cells.whole(row["n_visits"]),
                    _risk_group(row),
                )
            )
            for row in records(findings.breakthrough)
        ),
        "No breakthrough was seen in the visits received.",
        interactive=True,
    )
    return _how_many(len(findings.breakthrough), "prescription", closed), table


def _unattached(findings: Findings) -> Table:
    titled = (
        ("Patient", "text", 1),
        ("Test", "text", 1.4),
        ("Result", "text", 1.4),
        ("Collected", "date", 0),
        ("Reported", "date", 0),
    )
    return Table(
        "q2-unattached-list",
        "Resistant results that belong to no course: find the treatment, or the "
        "patient who is treated elsewhere.",
        _columns(*titled),
        tuple(
            Row(
                (
                    cells.words(row["patient_id"]),
                    cells.words(wording.TESTS.get(row["test"], row["test"])),
                    cells.words(wording.RESULTS.get(row["result"], row["result"])),
                    cells.day(row["collected_date"]),
                    cells.day(row["resulted_date"]),
                )
            )
            for row in records(findings.unattached)
        ),
        "Every resistant result received belongs to a course, or none was received.",
        interactive=True,
    )


def _how_many(open_rows: int, noun: str, closed: int) -> Paragraph:
    return Paragraph(
        f"{formats.plural(open_rows, noun)} open, {formats.count(closed)} closed."
    )


def _who(row: Record) -> tuple[Cell, Cell]:
    return cells.words(row["patient_id"]), cells.words(row["site_id"])


def _joined(drugs: str | Iterable[str] | None) -> str:
    return drugs if isinstance(drugs, str) else ", ".join(drugs or ())


def _status(code: str | None) -> Cell:
    return cells.words(wording.STATUSES.get(code, code))


def _risk_group(row: Record) -> Cell:
    return cells.words(wording.RISK_GROUPS.get(row["risk_group"], row["risk_group"]))


def _columns(*titled: tuple[str, str, float]) -> tuple[Column, ...]:
    return tuple(Column(title, kind, width=width) for title, kind, width in titled)
