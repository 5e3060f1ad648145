"""Who needs something done now? The team's lists, most urgent first."""

from pipeline.findings import Findings
from pipeline.report.compose import advice, cells, formats, people, usable, wording
from pipeline.report.compose.line_list import line_list
from pipeline.report.compose.records import Record
from pipeline.report.document import Block, Paragraph, Row, Section, Table


def lists_sections(findings: Findings) -> tuple[Section, ...]:
    """The sections of the second question: one a list."""
    return (
        Section("q2", wording.QUESTIONS["q2"], line_list(findings)),
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
        people.columns(*titled),
        tuple(
            Row(
                (
                    *people.who(row),
                    cells.day(row["start_date"]),
                    cells.words(people.drugs(row["drugs"])),
                    cells.words(wording.WATCH.get(row["watch"], row["watch"])),
                    cells.day(row["last_visit_date"]),
                    people.status(row["last_status"]),
                    people.risk_group(row),
                    cells.words(advice.of_watched(row, findings)),
                ),
                group=wording.WATCH.get(row["watch"], row["watch"]),
            )
            for row in people.listed(findings, findings.watch_list)
        ),
        _without(findings, "followups")
        or "No course is to be watched: none seen progressing early, switched while "
        "progressing, or relapsing on therapy. The list is as complete as the visits.",
        interactive=True,
        file="tables/watch_list.parquet",
        n_unlisted=people.n_unlisted(findings, findings.watch_list),
        printed_rows=people.printed_rows(findings),
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
        people.columns(*titled),
        tuple(
            _explained_row(row, findings)
            for row in people.listed(findings, findings.explained_failures)
        ),
        _without(findings, "followups")
        or "No failure has been explained by dose, adherence, another diagnosis or a "
        "susceptible isolate.",
        interactive=True,
        file="tables/explained_failures.parquet",
        n_unlisted=people.n_unlisted(findings, findings.explained_failures),
        printed_rows=people.printed_rows(findings),
        group_title="Class",
    )
    return Paragraph(text), table


def _explained_row(row: Record, findings: Findings) -> Row:
    name = wording.CLASSES[row["classification"]]
    reason = wording.REASONS.get(row["reason"], row["reason"])
    if row["is_within_other_guidance"]:
        reason += " (below the document's dose, within other guidance)"
    return Row(
        (
            *people.who(row),
            cells.day(row["start_date"]),
            cells.words(people.drugs(row["drugs"])),
            cells.day(row["deciding_date"]),
            people.status(row["deciding_status"]),
            cells.words(f"{name}: {reason}"),
            people.risk_group(row),
            cells.words(advice.of_explained(row, findings)),
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
        people.columns(*titled),
        tuple(
            Row(
                (
                    *people.who(row),
                    cells.words(row["drug"]),
                    cells.day(row["prescription_start"]),
                    cells.day(row["prescription_end"]),
                    cells.day(row["first_visit_date"]),
                    cells.day(row["last_visit_date"]),
                    cells.whole(row["n_visits"]),
                    people.risk_group(row),
                )
            )
            for row in people.listed(findings, findings.breakthrough)
        ),
        _without(findings, "followups")
        or "No breakthrough was seen in the visits received.",
        interactive=True,
        file="tables/breakthrough_list.parquet",
        n_unlisted=people.n_unlisted(findings, findings.breakthrough),
        printed_rows=people.printed_rows(findings),
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
        people.columns(*titled),
        tuple(
            Row(
                (
                    cells.words(row["patient_id"]),
                    cells.words(wording.TESTS.get(row["test"], row["test"])),
                    cells.words(_result(row["result"])),
                    cells.day(row["collected_date"]),
                    cells.day(row["resulted_date"]),
                )
            )
            for row in people.listed(findings, findings.unattached)
        ),
        _without(findings, "labs")
        or "Every resistant result received belongs to a course, or none was received.",
        interactive=True,
        file="tables/unattached_results.parquet",
        n_unlisted=people.n_unlisted(findings, findings.unattached),
        printed_rows=people.printed_rows(findings),
    )


def _result(code: str | None) -> str:
    # a value at the cut-off or above reads resistant without a word of the laboratory
    return wording.RESULTS.get(code, code) if code else "resistant by its value"


def _without(findings: Findings, extract: str) -> str:
    if usable.is_usable(findings, extract):
        return ""
    return f"Nothing can be listed: {usable.missing(findings, extract)}."


def _how_many(open_rows: int, noun: str, closed: int) -> Paragraph:
    return Paragraph(
        f"{formats.plural(open_rows, noun)} open, {formats.count(closed)} closed."
    )
