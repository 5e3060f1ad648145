"""The front: the messages that matter most today, calls for action first."""

from collections.abc import Iterator

from pipeline.findings import Findings
from pipeline.report.compose import formats, sentences, usable, wording
from pipeline.report.compose.calling import signals_found
from pipeline.report.compose.records import (
    Record,
    calendar_year,
    headline,
    parameter,
    records,
    rolling,
    with_baseline,
)
from pipeline.report.compose.standing import quiet, standing
from pipeline.report.document import Note

MOST = 3
"""Besides those that are always there: what leaves nothing to evaluate, and resistant
results in quarantine."""


def messages(findings: Findings) -> tuple[Note, ...]:
    """The notes, most urgent first; one that says so where nothing calls."""
    blocking = usable.blocking_notes(findings)
    quarantined = tuple(_quarantined_resistant(findings))
    urgent = [*_confirmed_open(findings)]
    others = [*_absent(findings), *_suspected_open(findings)]
    if not blocking:
        urgent = [*_confirmed_above(findings), *urgent, *signals_found(findings)]
        above = [*_failures_above(findings), *_above_in_the_competent(findings)]
        others = [*above, *others]
        calls = bool(urgent or quarantined or others)
        others += [*standing(findings, calls=calls), *quiet(findings)]
    older = (*_older_delivery(findings), *_old_delivery(findings))
    kept = others[: max(MOST - len(urgent), 1)]
    return (*blocking, *older, *urgent, *quarantined, *kept)


def _older_delivery(findings: Findings) -> Iterator[Note]:
    older = findings.comparison.older_extracts
    if older:
        names = [wording.EXTRACTS[extract].lower() for extract, _, _ in older]
        yield Note(
            "act",
            "This delivery ends earlier than the one before",
            f"{formats.enumeration(names).capitalize()} end earlier than in the previous "
            "run. It may be an old delivery: courses that it does not hold are on no list "
            "and in no rate. Check which delivery it is before acting on this report.",
        )


def _old_delivery(findings: Findings) -> Iterator[Note]:
    least = int(parameter(findings, "silent_site_days", 35))
    ends = {
        name: findings.last_dates[name]
        for name in ("prescriptions", "followups")
        if name in findings.last_dates
        and (findings.as_of - findings.last_dates[name]).days >= least
    }
    if ends:
        names = [wording.EXTRACTS[name].lower() for name in ends]
        told = [
            f"{wording.EXTRACTS[name]} end on {formats.iso(last)}, "
            f"{formats.plural((findings.as_of - last).days, 'day')} before the as-of date."
            for name, last in ends.items()
        ]
        yield Note(
            "warn",
            f"{formats.sentence(formats.enumeration(names))} end long before the as-of date",
            f"{' '.join(told)} What happened since is in no rate and on no list, and a "
            "course may look closed that is not. Ask for the rest of the delivery.",
        )


def _confirmed_above(findings: Findings) -> Iterator[Note]:
    above = [said for name in ("confirmed", "ppv_adjusted")
             for said in _above(findings, name)]  # fmt: skip
    if above:
        yield Note(
            "act",
            "Confirmed resistance above the published rate",
            f"{' '.join(above)} Act on the confirmed cases, and look at how failures "
            "are tested and treated where they cluster.",
        )


def _failures_above(findings: Findings) -> Iterator[Note]:
    above = list(_above(findings, "case"))
    if above:
        yield Note(
            "warn",
            "Clinical failures above the published resistance rate",
            f"{' '.join(above)} Have the failures tested: culture with susceptibility "
            "tells which of them are resistance. A failure is not yet resistance.",
        )


def _above_in_the_competent(findings: Findings) -> Iterator[Note]:
    words = sentences.terms(findings)
    above = [
        sentences.compared(rate, words)
        for rate in with_baseline(rolling(findings, **headline()))
        if rate["verdict"] == "above" and not _signals(rate, "case")
    ]
    if above:
        yield Note(
            "info",
            "Failures in the immunocompetent above the published rate",
            f"{' '.join(above)} A failure in the immunocompetent is rarely resistance: "
            "look first for dose, adherence, another diagnosis and immune status not "
            "known, and have the failures tested. This calls for no action by its rules.",
        )


def _above(findings: Findings, definition: str) -> Iterator[str]:
    words = sentences.terms(findings)
    key = headline(definition=definition)
    windows = (
        ("", rolling(findings, **key)),
        (f"In {findings.year_start:%Y}: ", calendar_year(findings, **key)),
    )
    said: set[tuple[str, str]] = set()
    for opening, rates in windows:
        for rate in with_baseline(rates):
            pair = rate["population"], rate["baseline_id"]
            if _signals(rate, definition) and pair not in said:
                said.add(pair)
                yield opening + sentences.compared(rate, words)


def _signals(rate: Record, definition: str) -> bool:
    """`statistics.md` b 11: failures never signal in the immunocompetent."""
    is_silent = definition == "case" and rate["population"] == "immunocompetent"
    return rate["verdict"] == "above" and not is_silent


def _open_cases(findings: Findings) -> tuple[int, int]:
    classes = list(findings.line_list["classification"])
    return classes.count("confirmed"), classes.count("suspected")


def _confirmed_open(findings: Findings) -> Iterator[Note]:
    confirmed, suspected = _open_cases(findings)
    if confirmed:
        number = formats.plural(confirmed, "confirmed course")
        yield Note(
            "act",
            f"{number} to act on",
            f"{number} {'is' if confirmed == 1 else 'are'} open on the line list, "
            f"each with its next step{_since(findings)}; "
            f"{_to_be_tested(findings, suspected)}.",
        )


def _suspected_open(findings: Findings) -> Iterator[Note]:
    confirmed, suspected = _open_cases(findings)
    if suspected and not confirmed:
        number = formats.plural(suspected, "suspected course")
        yield Note(
            "info",
            f"{number} open",
            f"{number} {'is' if suspected == 1 else 'are'} open on the line list; none "
            f"is confirmed; {_to_be_tested(findings, suspected)}.",
        )


def _since(findings: Findings) -> str:
    """How many of the confirmed courses are confirmed, or listed, for the first time."""
    if findings.previous_run is None:
        return ""
    confirmed = records(findings.line_list, classification="confirmed")
    newly = sum(bool(row.get("is_newly_confirmed")) for row in confirmed)
    new = sum(bool(row["is_new"] and not row.get("is_newly_confirmed"))
              for row in confirmed)  # fmt: skip
    parts = [
        f"{formats.count(newly) if newly else 'none'} newly confirmed",
        *([f"{formats.count(new)} new on the list"] if new else []),
    ]
    return f", {formats.enumeration(parts)} since the last run"


def _to_be_tested(findings: Findings, suspected: int) -> str:
    if not suspected:
        return "no suspected course is open"
    asked = records(findings.line_list, classification="suspected")
    proven = sum(bool(row.get("later_confirmed_date")) for row in asked)
    tested = sum(row["next_step"] == "culture_and_susceptibility" for row in asked)
    awaiting = suspected - tested - proven
    parts = [
        *([f"{formats.count(tested)} to be tested by culture"] if tested else []),
        *([f"{formats.count(awaiting)} awaiting a result"] if awaiting else []),
        *([f"{formats.count(proven)} with resistance confirmed in a later course"]
          if proven else []),
    ]  # fmt: skip
    return f"of {formats.count(suspected)} suspected, {formats.enumeration(parts)}"


def _quarantined_resistant(findings: Findings) -> Iterator[Note]:
    number = findings.counts.get("n_quarantined_resistant", 0)
    if number:
        results = formats.plural(number, "resistant result")
        yield Note(
            "warn",
            f"{results} in quarantine",
            f"{results} {'stands' if number == 1 else 'stand'} in rows that break a rule "
            "of the extracts. They count in no rate and are on no list: have the rows "
            "corrected, and look at the results now.",
        )


def _absent(findings: Findings) -> Iterator[Note]:
    # follow-ups and prescriptions have notes of their own: without them nothing is left
    blocking = ("prescriptions", "followups")
    absent = [name for name in usable.unusable(findings) if name not in blocking]
    if absent:
        names = [wording.EXTRACTS[name].lower() for name in absent]
        is_received = any(usable.is_delivered(findings, name) for name in absent)
        effects = [
            f"Without {wording.EXTRACTS[name].lower()} "
            f"({usable.fate(findings, name)}): {wording.WITHOUT_EXTRACT[name]}."
            for name in absent
        ]
        title = "No usable row" if is_received else "Not received"
        yield Note("warn", f"{title}: {formats.enumeration(names)}", " ".join(effects))
