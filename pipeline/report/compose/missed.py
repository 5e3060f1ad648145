"""What was missed of what the documents ask for, a row a course or what else began."""

from pipeline.findings import Findings
from pipeline.report.compose import (
    cells,
    formats,
    guidance,
    people,
    usable,
    window,
    wording,
)
from pipeline.report.compose.records import Record, parameter, records
from pipeline.report.document import Row, Table


def missed_table(findings: Findings) -> Table:
    """The courses, prescriptions and transplants with what was missed of each."""
    titled = (
        ("Patient", "text", 1),
        ("Site", "text", 0.8),
        ("Start", "date", 0),
        ("Drugs", "text", 1.2),
        ("Class", "label", 0.8),
        ("Missed", "text", 4),
    )
    labels = guidance.labels(findings)
    most = int(parameter(findings, "missed_list_rows", 300))
    return Table(
        "q5-missed-list",
        "What was missed: one row a course, prescription, treatment or transplant that "
        f"began in the {window.name(findings)}; suspected and confirmed courses first, "
        "then the latest start.",
        people.columns(*titled),
        tuple(
            Row(
                (
                    *people.who(row),
                    cells.day(row["start_date"]),
                    cells.words(people.drugs(row["drugs"]) or "none: a transplant"),
                    cells.words(_class(row)),
                    cells.words(
                        "; ".join(labels[name] for name in row["missed_indicators"])
                    ),
                ),
                group=_class(row),
            )
            for row in records(findings.missed.head(most))
        ),
        _nothing_missed(findings),
        interactive=True,
        printed_rows=people.printed_rows(findings),
        group_title="Class",
        note=_rest(len(findings.missed), most),
    )


def _rest(n: int, most: int) -> str:
    file = "tables/indicators.parquet"
    if n <= most:
        return f"The due dates, and what was done late, are in {file}."
    return (
        f"{formats.count(most)} of {formats.count(n)} rows are listed; {file} has all of "
        "them, with the due dates and what was done late."
    )


def _class(row: Record) -> str:
    return wording.CLASSES.get(row["classification"], "no course")


def _nothing_missed(findings: Findings) -> str:
    why = usable.why_nothing_is_judged(findings)
    if why:
        return f"Nothing was missed that could be judged; {why}."
    return "Nothing that was due and could be judged was missed."
