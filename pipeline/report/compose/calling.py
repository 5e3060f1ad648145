"""The front's note on the months and the clusters that call for action."""

from collections.abc import Iterator, Sequence

from pipeline.findings import Findings
from pipeline.report.compose import formats, sentences, wording
from pipeline.report.compose.alarms import (
    against,
    calls,
    is_new,
    is_told_new,
    raised,
    what,
)
from pipeline.report.compose.clusters import to_review
from pipeline.report.compose.records import Record
from pipeline.report.document import Note

MOST_SAID = 4
"""Alarms and clusters that the note names; the sections have all."""


def signals_found(findings: Findings) -> Iterator[Note]:
    """One note on the alarms, new ones first, and the clusters; none where there is none."""
    calling = [
        row
        for row in raised(findings)
        if calls(row) and row["month"] >= findings.rolling_start
    ]
    new = [row for row in calling if is_new(row, findings)]
    ordered = [*new, *(row for row in calling if row not in new)]
    close = to_review(findings)
    if not (calling or close):
        return
    words = sentences.terms(findings)
    told = [_alarm(row, words, is_marked=row in new) for row in ordered]
    told += [_cluster(row) for row in close]
    more = len(told) - MOST_SAID
    is_known = bool(calling) and is_told_new(findings) and not new
    yield Note(
        "act",
        f"{formats.enumeration(_found(calling, new, close))} to review",
        " ".join(
            [
                *told[:MOST_SAID],
                *([f"{formats.plural(more, 'other')} below."] if more > 0 else []),
                *_overlaps(calling),
                *(["No alarm is new since the previous run."] if is_known else []),
                "Look at the courses behind them: who treated, "
                "where, and whether a specimen was taken.",
            ]
        ),
    )


def _found(
    calling: Sequence[Record], new: Sequence[Record], close: Sequence[Record]
) -> list[str]:
    """A month may be over the limits of several charts: alarms and months differ."""
    found = []
    if calling:
        alarms = formats.plural(len(calling), "alarm")
        months = formats.plural(len({row["month"] for row in calling}), "month")
        found.append(f"{alarms}{f' ({len(new)} new)' if new else ''} in {months}")
    return [*found, *([formats.plural(len(close), "cluster")] if close else [])]


def _alarm(row: Record, words: sentences.Terms, *, is_marked: bool) -> str:
    counted = "confirmed cases" if row["definition"] == "confirmed" else "cases"
    return (
        f"{'New: ' if is_marked else ''}{wording.POPULATIONS[row['population']]}, "
        f"{counted}, {row['month']:%Y-%m}: {what(row)}, against {against(row, words)}."
    )


def _cluster(row: Record) -> str:
    return (
        f"Site {row['site_id']}: {formats.plural(row['n_patients'], 'patient')} flagged "
        f"from {formats.iso(row['first_date'])} to {formats.iso(row['last_date'])}."
    )


def _overlaps(calling: Sequence[Record]) -> Iterator[str]:
    """The groups among them that lie inside others: the same patients raise both."""
    alarmed = {row["population"] for row in calling}
    pairs = [
        (inner, outers)
        for inner in wording.POPULATIONS
        if inner in alarmed
        and (outers := [o for o in wording.LIES_INSIDE.get(inner, ()) if o in alarmed])
    ]
    said = [
        f"{wording.POPULATIONS[inner]} lies inside "
        f"{formats.enumeration([wording.POPULATIONS[outer] for outer in outers])}"
        for inner, outers in pairs
    ]
    if said:
        yield f"{'; '.join(said)}: the same patients may stand behind their alarms."
