"""Parameters varied one at a time: does any verdict change?"""

import textwrap

from pipeline.findings import Findings
from pipeline.report import charts
from pipeline.report.charts import Dot, Panel
from pipeline.report.compose import cells, formats, sentences, wording
from pipeline.report.compose.records import Record, parameter, records
from pipeline.report.document import (
    Block,
    Cell,
    Figure,
    Note,
    NotEnoughData,
    Paragraph,
    Section,
    Table,
    Value,
)

_HEADING_LETTERS = 14


def varied_section(findings: Findings) -> Section:
    """The part of the sixth question that varies one parameter after the other."""
    return Section("q6-varied", wording.VARIED, _blocks(findings), level=2)


def _blocks(findings: Findings) -> tuple[Block, ...]:
    if findings.variations is None:
        return (_not_varied(findings),)
    rows = records(findings.variations)
    if not any(row["n"] for row in rows):
        return (
            NotEnoughData(
                "no patient of a population with a published rate can be evaluated, "
                "whichever parameter is varied"
            ),
        )
    words = sentences.terms(findings)
    return (Paragraph(_said(rows, words)), _figure(findings, rows, words))


def _said(rows: list[Record], words: sentences.Terms) -> str:
    others = len({row["variation"] for row in rows}) - 1
    changed = [row for row in rows if row["is_changed"]]
    tried = f"{formats.plural(others, 'way')} of counting otherwise, one at a time"
    if not changed:
        return f"{tried.capitalize()}: no verdict changes."
    said = []
    for row in changed:
        label = wording.POPULATIONS[row["population"]]
        said.append(f"{row['label'].lower()}: {label} {_changed(row, words)}")
    how_many = formats.plural(len(changed), "verdict changes", "verdicts change")
    return f"{tried.capitalize()}: {how_many} ({'; '.join(said)})."


def _changed(row: Record, words: sentences.Terms) -> str:
    """The verdict with the published rate it is set against: a population may have two."""
    published = words.published[row["baseline_id"]]
    return f"{wording.VERDICTS[row['verdict']]} (published {published})"


def _figure(findings: Findings, rows: list[Record], words: sentences.Terms) -> Figure:
    baselines = {row["baseline_id"]: row for row in records(findings.baselines)}
    by_baseline: dict[str, list[Record]] = {}
    for row in rows:
        by_baseline.setdefault(row["baseline_id"], []).append(row)
    shown = _one_a_population(by_baseline)
    labels = [row["label"] for row in next(iter(by_baseline.values()))]
    panels = [
        Panel(
            _heading(wording.POPULATIONS[found[0]["population"]]),
            words.published[name],
            _edge(baselines[name]["low"], 0.0),
            _edge(baselines[name]["high"], 0.0),
            tuple(_dot(row, by_baseline) for row in found),
        )
        for name, found in shown.items()
    ]
    return Figure(
        "q6-varied-figure",
        "The rate of cases as each rule is changed alone. See whether a mark leaves the "
        "broken line (the rate as this run is set) or turns into an open square (the "
        "verdict changes). Shaded: the published rate that stands above each panel; "
        "what is said to be about a rate is drawn as a line. Where a population is set "
        "against two, the other is not drawn: the table names the one whose verdict changes.",
        "A row a way of counting, a panel a population; the numbers are in the table "
        "beneath. " + _said(rows, words),
        charts.varied(labels, panels),
        _table(labels, shown, by_baseline, words),
    )


def _heading(population: str) -> str:
    whole = population.replace("Immuno", "Immuno- ")
    return "\n".join(textwrap.wrap(whole, _HEADING_LETTERS))


def _edge(text: str | float | None, otherwise: float) -> float:
    return float(text) if text not in (None, "") else otherwise


def _one_a_population(
    by_baseline: dict[str, list[Record]],
) -> dict[str, list[Record]]:
    """One panel a population: its first baseline; counts do not differ between them."""
    seen: dict[str, str] = {}
    for name, found in by_baseline.items():
        seen.setdefault(found[0]["population"], name)
    return {name: by_baseline[name] for name in seen.values()}


def _turned(row: Record, by_baseline: dict[str, list[Record]]) -> list[Record]:
    """Those of a row's population whose verdict changes, against any of its baselines."""
    return [
        other
        for found in by_baseline.values()
        for other in found
        if other["population"] == row["population"]
        and other["variation"] == row["variation"]
        and other["is_changed"]
    ]


def _dot(row: Record, by_baseline: dict[str, list[Record]]) -> Dot:
    if row["rate"] is None:
        return Dot(None)
    return Dot(row["rate"], row["cp_lo"], row["cp_hi"], bool(_turned(row, by_baseline)))


def _table(
    labels: list[str],
    shown: dict[str, list[Record]],
    by_baseline: dict[str, list[Record]],
    words: sentences.Terms,
) -> Table:
    rows: list[list[Cell]] = []
    for place, label in enumerate(labels):
        counted = [_cell(found[place], by_baseline, words) for found in shown.values()]
        rows.append([Value(label, label), *counted])
    populations = [found[0]["population"] for found in shown.values()]
    titles = [
        (
            wording.POPULATIONS[population],
            "text",
            f"published {_all_published(population, by_baseline, words)}",
        )
        for population in populations
    ]
    return Table(
        "q6-varied-table",
        "Cases / evaluable patients and the rate under each way of counting; a changed "
        "verdict is named, with the published rate it is set against.",
        cells.columns(("Counted", "text 2"), *titles),
        cells.rows(rows),
        "Nothing was varied.",
    )


def _all_published(
    population: str, by_baseline: dict[str, list[Record]], words: sentences.Terms
) -> str:
    return " and ".join(
        words.published[name]
        for name, found in by_baseline.items()
        if found[0]["population"] == population
    )


def _cell(
    row: Record, by_baseline: dict[str, list[Record]], words: sentences.Terms
) -> Cell:
    if row["rate"] is None:
        return NotEnoughData("no evaluable patient")
    text = f"{row['k']}/{row['n']}, {formats.percent(row['rate'])}"
    changed = [_changed(other, words) for other in _turned(row, by_baseline)]
    if not changed:
        return Value(text, row["rate"])
    return Value(f"{text}: now {', '.join(changed)}", row["rate"], "warn")


def _not_varied(findings: Findings) -> Note:
    """A choice of the run, not a want of data, and worded as one."""
    most = int(parameter(findings, "vary_up_to_prescriptions", 0))
    why = (
        "The rules were not varied in this run: it was not asked for (the setting "
        "vary_up_to_prescriptions is 0, as it is in the demo)."
    )
    if most:
        why = (
            "The rules were not varied in this run: each variation classifies the "
            f"delivery anew, which is done up to {formats.count(most)} prescriptions "
            "(the setting vary_up_to_prescriptions)."
        )
    return Note(
        "info",
        "Not counted in this run",
        f"{why} Whether a verdict rests on one of the rules was not looked at: set it "
        "to the number of prescriptions or more, and run again.",
    )
