"""Which extracts hold a usable row, and what became of the rows of those that do not.

Knows the frames of findings and their words; knows nothing of rates.
"""

from pipeline.findings import Findings
from pipeline.report.compose import formats, wording
from pipeline.report.compose.records import records
from pipeline.report.document import Note


def is_delivered(findings: Findings, extract: str) -> bool:
    """Whether any file of the extract was delivered, usable or not."""
    return extract not in findings.absent_extracts and bool(_terms(findings, extract))


def is_usable(findings: Findings, extract: str) -> bool:
    """Whether at least one row of the extract was accepted."""
    is_there = is_delivered(findings, extract)
    return is_there and _terms(findings, extract).get("accepted", 0) > 0


def unusable(findings: Findings) -> list[str]:
    """The extracts without an accepted row, delivered or not."""
    return [name for name in wording.EXTRACTS if not is_usable(findings, name)]


def fate(findings: Findings, extract: str) -> str:
    """What became of the rows: ``not received``, ``56 of 56 rows quarantined``."""
    if not is_delivered(findings, extract):
        return "not received"
    terms = _terms(findings, extract)
    received = terms.get("received", 0)
    if not received:
        return "received without a row"
    parts = [
        f"{formats.count(n)} of {formats.plural(received, 'row')} {word}"
        for term, word in wording.FATES.items()
        if (n := terms.get(term, 0))
    ]
    return formats.enumeration(parts)


def missing(findings: Findings, extract: str) -> str:
    """An extract and its fate as a phrase: ``follow-ups not received``."""
    state = fate(findings, extract)
    name = wording.EXTRACTS[extract].lower()
    is_short = state.startswith(("not", "received"))
    return f"{name} {state}" if is_short else f"{name} without a usable row ({state})"


def has_course(findings: Findings) -> bool:
    """Whether any course of treatment was built."""
    built = records(findings.course_flow, term="built")
    return sum(row["n"] for row in built) > 0


def why_nothing_is_judged(findings: Findings) -> str:
    """Why no rate at all can be judged; empty where rates can be."""
    if not is_usable(findings, "followups"):
        return f"no follow-up is usable: {missing(findings, 'followups')}"
    if not has_course(findings):
        return f"no course could be built: prescriptions, {_prescriptions(findings)}"
    return ""


def blocking_notes(findings: Findings) -> tuple[Note, ...]:
    """The notes on what leaves no course to evaluate: follow-ups, then prescriptions."""
    notes = []
    if not is_usable(findings, "followups"):
        state = f"Follow-ups: {fate(findings, 'followups')}"
        if not is_delivered(findings, "followups"):
            state = "Not received: follow-ups"
        effect = wording.WITHOUT_EXTRACT["followups"]
        text = f"{state}. Without them {effect}."
        notes.append(Note("act", wording.NO_FOLLOWUP_TITLE, text))
    if not has_course(findings):
        text = f"Prescriptions: {_prescriptions(findings)}. {wording.NO_COURSE}"
        notes.append(Note("act", wording.NO_COURSE_TITLE, text))
    return tuple(notes)


def _prescriptions(findings: Findings) -> str:
    state = fate(findings, "prescriptions")
    terms = _terms(findings, "prescriptions")
    if terms.get("out_of_scope", 0):
        state += " (drug names not recognised, or no drug that is watched)"
    if terms.get("accepted", 0):
        state += "; none accepted is a systemic treatment"
    return state


def _terms(findings: Findings, extract: str) -> dict[str, int]:
    rows = records(findings.extract_flow, extract=extract)
    return {row["term"]: row["n"] for row in rows}
