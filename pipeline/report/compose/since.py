"""What changed since the previous run: every difference split by why, and whom it names."""

from collections.abc import Iterable, Mapping

from pipeline.findings import Comparison, Findings
from pipeline.report.compose import cells, formats, people, wording
from pipeline.report.compose.records import (
    Record,
    headline,
    one_a_population,
    records,
    rolling,
)
from pipeline.report.document import (
    Block,
    Bullets,
    Cell,
    Note,
    NotEnoughData,
    Paragraph,
    Row,
    Section,
    Table,
    Value,
)

CHANGES = {
    "new": "New",
    "matured": "Matured",
    "left_window": "Left the window",
    "corrected": "Corrected",
    "retracted": "Retracted",
    "redefined": "Redefined",
}
"""The kinds of change in the order of their columns."""

_MEANINGS = (
    "New: courses that began since, or rows that came late.",
    "Matured: known before, and old enough to count only now.",
    "Left the window: the course began before the present window of months.",
    "Corrected: a delivered row of the patient is not as it was.",
    "Retracted: a row of the patient that was delivered before is gone.",
    "Redefined: parameters, code lists or the program changed, the patient's rows did not.",
)
_COURSES = {
    "newly_confirmed": "Newly confirmed",
    "newly_flagged": "Newly flagged",
    "newly_cleared": "No longer flagged",
}
_NO_EARLIER = {
    "first": "the output folder holds no run of an earlier day to compare with; another "
    "run as of the same day is never compared",
    "incomparable": "the previous run was written by an earlier version, which kept "
    "nothing to compare with",
}


def since_section(findings: Findings) -> Section:
    """The part of the third question that sets this run beside the previous one."""
    title = "Since the previous run"
    found = findings.comparison
    if found.status != "compared":
        reason = NotEnoughData(_NO_EARLIER[found.status])
        return Section("q3-since", title, (reason,), level=2)
    blocks: tuple[Block, ...] = (
        *_older_delivery(findings),
        Paragraph(_said(findings)),
        *_rules(found),
        _split(findings, "case"),
        _split(findings, "confirmed"),
        Bullets(_MEANINGS),
        _courses(findings),
    )
    return Section("q3-since", title, blocks, level=2)


def _older_delivery(findings: Findings) -> tuple[Block, ...]:
    older = findings.comparison.older_extracts
    if not older:
        return ()
    parts = [
        f"{extract} ends on {formats.iso(now)}, in the previous run on "
        f"{formats.iso(before)}"
        for extract, before, now in older
    ]
    text = (
        f"{formats.enumeration(parts)}. It may be an old delivery: check which it is."
    )
    return (Note("warn", "This delivery ends earlier than the one before", text),)


def _said(findings: Findings) -> str:
    found = findings.comparison
    n, k = _now(findings, "case")["all"]
    changes = _of(found, "case", "all")
    change_n, change_k = _total(changes)
    before_n, before_k = formats.count(n - change_n), formats.count(k - change_k)
    text = (
        f"Compared with the run {found.previous}, the last one published for the "
        "latest day before this one; other runs as of this day are never compared. Since "
        f"then, evaluable patients went from {before_n} to {formats.count(n)} and cases "
        f"from {before_k} to {formats.count(k)} (all patients, rolling window)."
    )
    parts = [
        f"{CHANGES[name].lower()} {_signed(dk)}"
        for name in CHANGES
        for dn, dk in (changes.get(name, (0, 0)),)
        if dk
    ]
    if parts:
        text += f" Of the change in cases: {formats.enumeration(parts)}."
    elif change_n:
        text += " The number of cases is the same, and nothing moved it."
    return text


def _rules(found: Comparison) -> tuple[Block, ...]:
    redefined = found.redefinition
    lines = [
        f"The parameter {name} was {before} and is {now}."
        for name, before, now in redefined.parameters
    ]
    if redefined.is_other_program:
        lines.append(
            "Program, code lists or a library are of another version than in the "
            "previous run. The former rules cannot be applied to this delivery, so that "
            "what no row, no time and no window explains is counted as redefined."
        )
    elif redefined.parameters:
        lines.append(
            "This delivery was also counted with the former parameters: redefined is "
            "the difference between the two."
        )
    return (Bullets(tuple(lines)),) if lines else ()


def _split(findings: Findings, definition: str) -> Table:
    found = findings.comparison
    rows = []
    for population, (n, k) in _now(findings, definition).items():
        changes = _of(found, definition, population)
        change_n, change_k = _total(changes)
        counts: list[Cell] = [
            Value(f"{k - change_k}/{n - change_n}", float(k - change_k)),
            *(_pair(*changes.get(name, (0, 0))) for name in CHANGES),
            Value(f"{k}/{n}", float(k)),
        ]
        label = wording.POPULATIONS[population]
        rows.append(Row((Value(label, label), *counts)))
    what = "cases" if definition == "case" else "confirmed cases"
    return Table(
        f"q3-since-{definition}",
        f"Why {what} / evaluable patients differ from the previous run. Each row adds up: "
        "before, plus every change, is now.",
        cells.columns(
            ("Population", "label"),
            ("Before", "integer"),
            *((title, "integer") for title in CHANGES.values()),
            ("Now", "integer"),
        ),
        tuple(rows),
        "No population has a patient in either run.",
    )


def _courses(findings: Findings) -> Table:
    titled = (
        ("Patient", "text", 1),
        ("Site", "text", 1),
        ("Start", "date", 0),
        ("Change", "text", 1.2),
        ("Before", "text", 1.2),
        ("Now", "text", 1.8),
    )
    most = people.listed_rows(findings)
    rows = sorted(
        records(findings.comparison.courses),
        key=lambda row: list(_COURSES).index(row["change"]),
    )
    return Table(
        "q3-since-courses",
        "Courses that were flagged, confirmed or cleared since the previous run.",
        people.columns(*titled),
        tuple(_course(row) for row in rows[:most]),
        "No course was flagged, confirmed or cleared since the previous run.",
        interactive=True,
        file="tables/changed_courses.parquet",
        n_unlisted=max(0, len(rows) - most),
        printed_rows=people.printed_rows(findings),
        group_title="Change",
    )


def _course(row: Record) -> Row:
    change = _COURSES[row["change"]]
    now = "no such course in this delivery"
    if row["classification"]:
        now = wording.CLASSES[row["classification"]]
        if row["reason"]:
            now += f": {wording.REASONS.get(row['reason'], row['reason'])}"
    before = row["previous_classification"]
    was = wording.CLASSES[before] if before else "not flagged"
    return Row(
        (
            *people.who(row),
            cells.day(row["start_date"]),
            cells.words(change),
            cells.words(was),
            cells.words(now),
        ),
        group=change,
    )


def _now(findings: Findings, definition: str) -> Mapping[str, tuple[int, int]]:
    rates = rolling(findings, **headline(definition=definition))
    return {
        rate["population"]: (rate["n"], rate["k"]) for rate in one_a_population(rates)
    }


def _of(
    found: Comparison, definition: str, population: str
) -> dict[str, tuple[int, int]]:
    rows = records(found.split, definition=definition, population=population)
    return {row["change"]: (row["change_n"], row["change_k"]) for row in rows}


def _total(changes: Mapping[str, tuple[int, int]]) -> tuple[int, int]:
    pairs: Iterable[tuple[int, int]] = changes.values()
    n = k = 0
    for change_n, change_k in pairs:
        n, k = n + change_n, k + change_k
    return n, k


def _signed(number: int) -> str:
    return f"+{number}" if number > 0 else f"−{-number}" if number else "0"


def _pair(change_n: int, change_k: int) -> Cell:
    if not change_n and not change_k:
        return Value("–", 0.0, "muted")
    return Value(f"{_signed(change_k)}/{_signed(change_n)}", float(change_k))
