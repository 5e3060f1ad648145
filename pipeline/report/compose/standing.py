"""What the front says where nothing calls: quiet months and sites, unclear comparisons."""

from collections.abc import Iterator

from pipeline.findings import Findings
from pipeline.report.compose import formats, sentences, wording
from pipeline.report.compose.alarms import raised
from pipeline.report.compose.clusters import to_review
from pipeline.report.compose.records import (
    Record,
    headline,
    records,
    rolling,
    with_baseline,
)
from pipeline.report.document import Note

FEW = 5
"""Evaluable patients below which a site is said to show hardly anything."""


def quiet(findings: Findings) -> Iterator[Note]:
    """The note that no month and no site calls, or that nothing can be seen; else none."""
    charts = records(findings.monitoring.charts)
    if not charts or raised(findings) or to_review(findings):
        return
    drawn = {_chart(row) for row in charts}
    seen = {
        _chart(row)
        for row in charts
        if row["status"] == "set"
        and row["state"] == "watched"
        and row["n"]
        and row["month"] >= findings.rolling_start
    }
    patients = {
        row["site_id"]: row["n"]
        for row in records(findings.monitoring.observed_expected, definition="case")
        if row["site_id"]
    }
    few = sum(n < FEW for n in patients.values())
    if not seen:
        yield Note(
            "info",
            "Change over time cannot be judged",
            "No chart has a mature month of this window with a patient: nothing can be "
            "said about months, for better or worse.",
        )
        return
    yield Note(
        "info",
        "No alarm where one could be seen",
        f"{formats.count(len(seen))} of {formats.plural(len(drawn), 'monthly chart')} "
        "have patients in this window; none is over its limit. Of "
        f"{formats.plural(len(patients), 'site')}, {formats.count(few)} "
        f"{'has' if few == 1 else 'have'} fewer than {FEW} evaluable patients and could "
        "hardly show anything; no cases of a site are closer together than chance "
        "brings them. Small numbers can hide a rise.",
    )


def _chart(row: Record) -> tuple[str, ...]:
    return row["population"], row["definition"], row["chart"], row["baseline_id"] or ""


def standing(findings: Findings, *, calls: bool) -> Iterator[Note]:
    """The note on what the comparisons with published rates found and cannot tell.

    ``calls`` says whether something else in the run calls for action or testing.
    """
    judged = with_baseline(rolling(findings, **headline()))
    unclear = ("inconclusive", "insufficient_data")
    number = sum(rate["verdict"] in unclear for rate in judged)
    told = _verdicts(judged)
    if not judged:
        told = "No rate could be set against a published one."
    elif number:
        told = (
            f"{formats.count(number)} of {formats.count(len(judged))} comparisons with "
            "published rates cannot tell."
        )
        nominal = sum("nominal_excess" in rate["flags"] for rate in judged)
        few = number - nominal
        if few:
            told += f" For {formats.count(few)}, too few patients were evaluable."
        if nominal:
            told += (
                f" {formats.count(nominal)} would be above if it stood alone, and is not "
                "after correction for looking at several at once: watch it."
            )
    told += _turning(judged, sentences.terms(findings))
    if not calls:
        title = "Nothing in this run calls for action by its rules"
        yield Note("info", title, told)
    elif number or not judged:
        yield Note("info", "What cannot be told", told)
    elif not any(rate["verdict"] == "above" for rate in judged):
        yield Note("info", "Failures against published rates", told)


def _verdicts(judged: list[Record]) -> str:
    counted = [
        f"{formats.count(number)} {word}"
        for code, word in wording.VERDICTS.items()
        if (number := sum(rate["verdict"] == code for rate in judged))
    ]
    return (
        f"Every one of {formats.count(len(judged))} comparisons of cases with published "
        f"rates could be made: {formats.enumeration(counted)}."
    )


def _turning(judged: list[Record], words: sentences.Terms) -> str:
    """The verdicts that a rule of counting decides, of those that were varied."""
    names = dict.fromkeys(
        sentences.population(rate)
        for rate in judged
        if sentences.changes_with_a_rule(rate, words)
    )
    if not names:
        return ""
    verb = "changes" if len(names) == 1 else "change"
    which = f"The verdict of {formats.enumeration(list(names))}"
    if len(names) > 1:
        which = f"Verdicts of {formats.enumeration(list(names))}"
    return f" {which} {verb} with a rule of counting, see section 6."
