"""Rates side by side: definitions, windows, rules, units, and what a verdict rests on."""

from collections.abc import Mapping, Sequence

from pipeline.findings import Findings
from pipeline.report.compose import cells, formats, sentences, window, wording
from pipeline.report.compose.records import (
    Record,
    by_baseline,
    calendar_year,
    headline,
    one_a_population,
    rolling,
    with_baseline,
)
from pipeline.report.compose.sentences import Terms
from pipeline.report.document import Block, Cell, NotEnoughData, Table, Value

NOT_COUNTED = NotEnoughData("not counted in this run")
NOBODY = "no evaluable patient"
Side = tuple[str, Sequence[Record]]


def comparison_blocks(findings: Findings, words: Terms) -> tuple[Block, ...]:
    """The tables that set one rate beside another, each with its caption."""
    year = f"{formats.iso(findings.year_start)} to {formats.iso(findings.year_end)}"
    named = window.name(findings)
    return (
        _definitions(findings, words),
        judged_table(
            "q1-windows",
            f"The {named} beside the last complete calendar year: cases.",
            (
                (f"{named.capitalize()}, provisional", rolling(findings, **headline())),
                (f"Year, {year}", calendar_year(findings, **headline())),
            ),
            words,
        ),
        _rules(findings, words),
        _units(findings),
        _zoster(findings),
    )


def verdict_cell(rate: Record) -> Cell:
    """The verdict as a label, its emphasis from the word alone."""
    if not rate["verdict"]:
        return Value("not judged", "", "muted")
    emphasis = wording.EMPHASIS[rate["verdict"]]
    if rate["verdict"] == "above" and rate["definition"] != "case":
        emphasis = "act"
    return Value(sentences.verdict(rate), sentences.verdict(rate), emphasis)


def published_cell(rate: Record, words: Terms) -> Cell:
    """The published rate as its source prints it, or that there is none."""
    if not rate["baseline_id"]:
        return Value("none", "", "muted")
    return cells.words(words.published[rate["baseline_id"]])


def judged_table(
    table_id: str,
    caption: str,
    sides: Sequence[Side],
    words: Terms,
    tested: Mapping[tuple[str, str], Cell] | None = None,
    note: str = "",
) -> Table:
    """Populations with a published rate, and each side's rate and verdict.

    ``tested`` adds a last column with the share of failures that were tested.
    """
    titled = [("Population", "text"), ("Published", "text")]
    for title, _ in sides:
        titled += [(title, "text"), ("Verdict", "label")]
    titled += [("Failures tested", "text")] if tested is not None else []
    keyed = [by_baseline(with_baseline(rates)) for _, rates in sides]
    rows = []
    for key, first in keyed[0].items():
        row = [cells.words(sentences.population(first)), published_cell(first, words)]
        for side in keyed:
            row += _side(side.get(key))
        row += [tested.get(key, NOT_COUNTED)] if tested is not None else []
        rows.append(row)
    empty = "No population was set against a published rate."
    columns = cells.columns(*titled)
    return Table(table_id, caption, columns, cells.rows(rows), empty, note=note)


def _side(rate: Record | None) -> list[Cell]:
    if rate is None:
        return [NOT_COUNTED, Value("not judged", "", "muted")]
    return [Value(sentences.short(rate), rate["rate"] or 0.0), verdict_cell(rate)]


def _definitions(findings: Findings, words: Terms) -> Table:
    found = {
        definition: rolling(findings, **headline(definition=definition))
        for definition in wording.DEFINITIONS
    }
    sides = [(wording.DEFINITIONS[name], rates) for name, rates in found.items()]
    floor = by_baseline(found["confirmed"])
    tested = {key: _tested(rate) for key, rate in floor.items()}
    return judged_table(
        "q1-ceiling-floor",
        "The ceiling, the floor and the rate between them: suspected and confirmed "
        "cases, those in question times the share of the settled that is resistant, and "
        "confirmed cases alone.",
        sides,
        words,
        tested,
        "Cases of n: rate in per cent with its 95% interval. Adjusted and confirmed "
        "count laboratory-mature courses only, so their n is smaller. An untested "
        "failure is not a susceptible one: the floor is as good as the share tested, "
        "and the adjusted rate takes tested failures to be like the others. It is the "
        f"mean of a posterior and no share of n. {sentences.what_is_counted(findings)}",
    )


def _tested(rate: Record) -> Cell:
    if rate["tested_share"] is None:
        return NotEnoughData("no failure to test")
    if not rate["n_tested"] and rate["tested_share"] == 1:
        return Value("no failure to test", 1.0)
    share = formats.percent(rate["tested_share"])
    failures = sentences.failures(rate)
    counts = "none"
    if failures:
        counts = f"{formats.count(rate['n_tested'])}/{formats.count(failures)}"
    return Value(f"{counts}: {share}", float(rate["tested_share"]))


def _rules(findings: Findings, words: Terms) -> Table:
    return judged_table(
        "q1-rules",
        f"The headline rule beside the strict rule: cases, {window.name(findings)}.",
        [
            (title, rolling(findings, **headline(rule=rule)))
            for rule, title in wording.RULES.items()
        ],
        words,
        note="The documents give a window, not a day. The headline rule decides from "
        "its first day on, the strict rule only on its last day or later.",
    )


def _units(findings: Findings) -> Table:
    sides = [
        (title, rolling(findings, **headline(unit=unit)))
        for unit, title in wording.UNITS.items()
    ]
    return _shown_table(
        "q1-units",
        f"Patients, their first courses, courses: cases, {window.name(findings)}, "
        "herpes simplex.",
        [side for side in sides if side[1]],
        "The verdict is on patients. The first course is the first evaluable one. "
        "Course intervals allow for several courses of one patient.",
    )


def _zoster(findings: Findings) -> Table:
    found = rolling(findings, **headline(syndrome="zoster"))
    return _shown_table(
        "q1-zoster",
        f"Zoster, apart: cases, {window.name(findings)}. No published rate is set "
        "against it.",
        [("Cases of evaluable patients", found)] if found else [],
        "Herpes simplex rates above include courses whose syndrome is not known.",
    )


def _shown_table(
    table_id: str, caption: str, sides: Sequence[Side], note: str
) -> Table:
    keyed = [
        {rate["population"]: rate for rate in one_a_population(rates)}
        for _, rates in sides
    ]
    rows = [
        [
            cells.words(sentences.population(first)),
            *(_shown(side.get(population)) for side in keyed),
        ]
        for population, first in (keyed[0].items() if keyed else ())
    ]
    titled = [("Population", "text"), *((title, "text") for title, _ in sides)]
    empty = "No such rate was counted in this run."
    columns = cells.columns(*titled)
    return Table(table_id, caption, columns, cells.rows(rows), empty, note=note)


def _shown(rate: Record | None) -> Cell:
    if rate is None:
        return NOT_COUNTED
    return Value(sentences.short(rate), rate["rate"] or 0.0)


def evidence_table(judged: Sequence[Record], words: Terms) -> Table:
    """The probabilities behind each verdict, raw and corrected."""
    names = ("p_excess", "p_holm", "p_below", "p_excl", "post_gt_U", "post_gt_M")
    titled = (
        ("Population", "text"),
        ("Published", "text"),
        ("p above", "number"),
        ("p above, Holm", "number"),
        ("p below", "number"),
        ("p excess", "number"),
        ("P(rate > published)", "number"),
        ("P(rate > excess)", "number"),
    )
    return Table(
        "q1-evidence",
        "What each verdict rests on: exact one-sided tests, and posterior "
        "probabilities that decide nothing.",
        cells.columns(*titled),
        cells.rows(
            (
                cells.words(sentences.population(rate)),
                published_cell(rate, words),
                *(cells.probability(rate[name], NOBODY) for name in names),
            )
            for rate in judged
        ),
        "No verdict was taken.",
        note=f"p excess: how likely so few cases would be if the truth were "
        f"{sentences.excess(words)} above the published rate. Prior of the posterior "
        "probabilities: Beta(0.5, 0.5).",
    )
