"""Can these numbers be trusted? From rows received to patients in a rate."""

from pipeline.findings import Findings
from pipeline.report.compose import cells, formats, usable, window, wording
from pipeline.report.compose.flow import flow_figure
from pipeline.report.compose.records import Record, records
from pipeline.report.compose.robustness import robustness_blocks
from pipeline.report.compose.sensitivity import sensitivity_blocks
from pipeline.report.compose.varied import varied_section
from pipeline.report.document import (
    Block,
    Bullets,
    Note,
    Paragraph,
    Section,
    Table,
    Value,
)


def trust_sections(findings: Findings) -> tuple[Section, ...]:
    """The sections of the sixth question: absences first, then the flow, then bounds."""
    absent = _absent(findings)
    notes = (Bullets(tuple(findings.notes)),) if findings.notes else ()
    return (
        Section(
            "q6",
            wording.QUESTIONS["q6"],
            (*absent, flow_figure(findings), *notes),
        ),
        Section(
            "q6-rows",
            "Rows received and what they hold",
            (_extract_flow(findings), _quarantine(findings), _completeness(findings)),
            level=2,
        ),
        Section("q6-classes", "Why courses count or not", _classes(findings), level=2),
        Section(
            "q6-if", "What the rate could be", sensitivity_blocks(findings), level=2
        ),
        Section(
            "q6-rests",
            "What the verdicts rest on",
            robustness_blocks(findings),
            level=2,
        ),
        varied_section(findings),
    )


def _absent(findings: Findings) -> tuple[Block, ...]:
    absent = usable.unusable(findings)
    if not absent:
        return (Paragraph("All six extracts were received and hold usable rows."),)
    said = [
        f"{wording.EXTRACTS[name]} ({usable.fate(findings, name)}): "
        f"{wording.WITHOUT_EXTRACT[name]}."
        for name in absent
    ]
    is_blocking = {"followups", "prescriptions"} & {*absent}
    kind = "act" if is_blocking else "warn"
    title = "Extracts without a usable row, and what cannot be assessed without them"
    return (Note(kind, title, " ".join(said)),)


def _extract_flow(findings: Findings) -> Table:
    counted = {
        (r["extract"], r["term"]): r["n"] for r in records(findings.extract_flow)
    }
    terms = wording.DISPOSITIONS
    rows = [
        [
            Value(name, name),
            *(cells.whole(counted.get((extract, term), 0)) for term in terms),
        ]
        for extract, name in wording.EXTRACTS.items()
        if (extract, "received") in counted
    ]
    titled = [("Extract", "text"), *((title, "integer") for title in terms.values())]
    return Table(
        "q6-extracts",
        "Rows by extract. Received is the sum of all other columns.",
        cells.columns(*titled),
        cells.rows(rows),
        "No row was received.",
    )


def _quarantine(findings: Findings) -> Table:
    return Table(
        "q6-quarantine",
        "Rules that quarantined rows broke. One row may break several.",
        cells.columns(("Extract", "text"), ("Rule", "text"), ("Rows", "integer")),
        cells.rows(
            (
                cells.words(wording.EXTRACTS.get(row["extract"], row["extract"])),
                cells.words(row["rule"]),
                cells.whole(row["n"]),
            )
            for row in records(findings.quarantine_rules)
        ),
        "No row was quarantined.",
    )


def _completeness(findings: Findings) -> Table:
    titled = (
        ("Extract", "text"),
        ("Field", "text"),
        ("Accepted", "integer", "rows"),
        ("With a value", "integer", "rows"),
        ("Complete", "percent", "%"),
    )
    return Table(
        "q6-completeness",
        "Completeness of accepted rows by extract and field.",
        cells.columns(*titled),
        cells.rows(
            (
                cells.words(wording.EXTRACTS.get(row["extract"], row["extract"])),
                cells.words(row["field"]),
                cells.whole(row["n_accepted"]),
                cells.whole(row["n_present"]),
                cells.part(row["n_present"], row["n_accepted"], "no row accepted"),
            )
            for row in records(findings.completeness)
        ),
        "No row was accepted, so completeness cannot be given.",
    )


def _classes(findings: Findings) -> tuple[Block, ...]:
    loose = tuple(_loose_end(findings, name) for name in wording.LOOSE_ENDS)
    ends = Bullets((*loose, _laboratory(findings)))
    return (Paragraph(_cases(findings)), _reasons(findings), ends)


def _loose_end(findings: Findings, name: str) -> str:
    sentence = wording.LOOSE_ENDS[name]
    extract = wording.LOOSE_ENDS_REST_ON.get(name)
    if extract and not usable.is_usable(findings, extract):
        return sentence.format(f"not known, {usable.missing(findings, extract)}")
    return sentence.format(formats.count(findings.counts.get(name, 0)))


def _cases(findings: Findings) -> str:
    if not usable.is_usable(findings, "followups"):
        return (
            "Suspected against confirmed: no course can be suspected, "
            f"{usable.missing(findings, 'followups')}."
        )
    counted = {"confirmed": 0, "suspected": 0}
    for row in records(findings.reasons):
        if row["classification"] in counted:
            counted[row["classification"]] += row["n_headline"]
    return (
        f"Suspected against confirmed, mature courses of the {window.name(findings)}: "
        f"{formats.count(counted['suspected'])} suspected, "
        f"{formats.count(counted['confirmed'])} confirmed. They are courses, zoster and "
        "those outside the rate among them, so they are more than the cases of the rates."
    )


def _laboratory(findings: Findings) -> str:
    if not usable.is_usable(findings, "labs"):
        missing = usable.missing(findings, "labs")
        return f"Results of the resistance tests: not known, {missing}."
    counted = {row["term"]: row["n"] for row in records(findings.laboratory_flow)}
    return (
        f"{formats.count(counted.get('reported', 0))} results of the resistance tests "
        f"reported: {formats.count(counted.get('attached', 0))} belong to a course, "
        f"{formats.count(counted.get('unattached', 0))} to none."
    )


def _reasons(findings: Findings) -> Table:
    rows = records(findings.reasons)
    total = sum(row["n_headline"] for row in rows)
    strict = sum(row["n_strict"] for row in rows)
    titled = (
        ("Class", "text"),
        ("Reason", "text"),
        ("Headline", "integer", "courses"),
        ("Headline share", "percent", "%"),
        ("Strict", "integer", "courses"),
        ("Strict share", "percent", "%"),
    )
    return Table(
        "q6-reasons",
        f"Mature courses of the {window.name(findings)} by class and reason: headline "
        "rule against strict rule.",
        cells.columns(*titled),
        cells.rows(
            (
                cells.words(wording.CLASSES[row["classification"]]),
                cells.words(
                    wording.REASONS.get(row["reason"], row["reason"]) or "no reason"
                ),
                cells.whole(row["n_headline"]),
                cells.part(row["n_headline"], total, "no course"),
                cells.whole(row["n_strict"]),
                cells.part(row["n_strict"], strict, "no course"),
            )
            for row in sorted(rows, key=_class_order)
        ),
        "The window holds no mature course.",
        note="The rates under both rules stand side by side in the first question.",
    )


def _class_order(row: Record) -> tuple[int, int]:
    reasons = wording.CLASS_REASONS[row["classification"]]
    place = reasons.index(row["reason"]) if row["reason"] in reasons else len(reasons)
    return list(wording.CLASSES).index(row["classification"]), place
