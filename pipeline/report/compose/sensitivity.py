"""What the rates could be if what is not known were known."""

from pipeline.findings import Findings
from pipeline.report.compose import cells, comparisons, sentences, window, wording
from pipeline.report.compose.records import (
    Record,
    headline,
    records,
    rolling,
    with_baseline,
)
from pipeline.report.document import Block, Cell, NotEnoughData, Table, Value
from pipeline.statistics import ascertainment, bounds


def sensitivity_blocks(findings: Findings) -> tuple[Block, ...]:
    """What those not evaluable, and unknown adherence, could do to the rates."""
    judged = with_baseline(rolling(findings, **headline()))
    return (_bounds(judged, sentences.terms(findings)), _adherence(findings))


def _bounds(judged: list[Record], words: sentences.Terms) -> Table:
    is_judged = any(rate["verdict_worst"] for rate in judged)
    titled = [
        ("Population", "text"),
        ("Published", "text"),
        ("Evaluable", "integer", "patients"),
        ("Not evaluable", "integer", "patients"),
        ("If all responded", "percent", "%"),
        ("If all failed", "percent", "%"),
        ("95% CI over both", "percent", "%"),
    ]
    if is_judged:
        titled += [("Verdict if responded", "label"), ("Verdict if failed", "label")]
        titled += [("Failures to change it", "integer", "patients")]
    return Table(
        "q6-bounds",
        "What the rate of cases would be if all patients who could not be evaluated "
        "had responded, or all had failed.",
        cells.columns(*titled),
        cells.rows(_bounds_row(rate, words, is_judged) for rate in judged),
        "No population was set against a published rate.",
        note="The truth lies between the two. The interval reaches from the lower limit "
        "of the first to the upper one of the second. Excluded patients are not among "
        "them. Failures to change it: so many of those not evaluable, counted as "
        "failed, would give another verdict. 0: counting them all as responded gives "
        "another already, for they add to the patients and not to the cases.",
    )


def _bounds_row(rate: Record, words: sentences.Terms, is_judged: bool) -> list[Cell]:
    lost = rate["not_evaluable"] or 0
    total = rate["n"] + lost
    row = [
        cells.words(sentences.population(rate)),
        comparisons.published_cell(rate, words),
        cells.whole(rate["n"]),
        cells.whole(lost),
        cells.part(rate["k"], total, "no patient"),
        cells.part(rate["k"] + lost, total, "no patient"),
        _over_both(rate["k"], rate["n"], lost),
    ]
    if is_judged:
        row += [_verdict(rate["verdict_best"]), _verdict(rate["verdict_worst"])]
        row += [_tipping_point(rate["tipping_point"])]
    return row


def _over_both(k: int, n: int, lost: int) -> Cell:
    low, high = bounds.interval(k, n, lost) if n + lost else (None, None)
    return cells.limits(low, high, "no patient")


def _tipping_point(number: int | None) -> Cell:
    return Value("none would", -1.0, "muted") if number is None else cells.whole(number)


def _verdict(code: str | None) -> Cell:
    if not code:
        return Value("not judged", emphasis="muted")
    return Value(wording.VERDICTS[code], wording.VERDICTS[code], wording.EMPHASIS[code])


def _adherence(findings: Findings) -> Table:
    found = {
        (row["population"], row["adherence"]): row
        for row in records(ascertainment.by_adherence(findings.adherence_split))
    }
    populations = [name for name in wording.POPULATIONS if (name, "all") in found]
    titled = (
        ("Population", "text"),
        ("Adherence known", "text"),
        ("Adherence not known", "text"),
    )
    return Table(
        "q6-adherence",
        "Cases among evaluable patients whose adherence is known, and those whose is "
        f"not, with 95% intervals: {window.name(findings)}, headline rule.",
        cells.columns(*titled),
        cells.rows(
            (
                cells.words(wording.POPULATIONS[name]),
                _split(found[name, "known"]),
                _split(found[name, "unknown"]),
            )
            for name in populations
        ),
        "No patient was evaluable, so adherence makes no difference that could be seen.",
        note="Poor adherence can look like resistance; where it is not known, it was "
        "not ruled out.",
    )


def _split(row: Record) -> Cell:
    if not row["n"]:
        return NotEnoughData("no evaluable patient")
    return Value(sentences.short(row), row["rate"])
