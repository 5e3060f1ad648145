"""Is anything changing? Monthly counts, then what judges them, then the last run."""

from datetime import date

from pipeline.findings import Findings
from pipeline.report import charts
from pipeline.report.charts import Month, Strip
from pipeline.report.compose import cells, formats, sentences, wording
from pipeline.report.compose.alarms import alarms_section
from pipeline.report.compose.records import (
    Record,
    headline,
    records,
    rolling,
    with_baseline,
)
from pipeline.report.compose.since import since_section
from pipeline.report.document import (
    Block,
    Cell,
    Figure,
    NotEnoughData,
    Paragraph,
    Section,
    Table,
    Value,
)

SHOWN_MONTHS = 18
"""More months than this would crowd a page's width; the table holds them all."""
EMPTY = "No month holds an evaluable patient."


def change_sections(findings: Findings) -> tuple[Section, ...]:
    """The section of the third question."""
    cases = records(findings.monthly, definition="case")
    if not any(row["n"] for row in cases):
        blocks: tuple[Block, ...] = (
            NotEnoughData(
                "no month holds an evaluable patient, so nothing can be said about "
                "change"
            ),
        )
    else:
        blocks = (Paragraph(_reading()), _figure(findings, cases))
        blocks += (_confirmed_table(findings),)
    return (
        Section("q3", wording.QUESTIONS["q3"], blocks),
        alarms_section(findings),
        since_section(findings),
    )


def _reading() -> str:
    return (
        "Monthly numbers are low, so rates jump from month to month by chance alone: "
        "one case more or fewer can move a month across the published rate. The figure "
        "shows the months; it does not judge them. Months that are not yet mature will "
        "still change, and are hollow."
    )


def _figure(findings: Findings, cases: list[Record]) -> Figure:
    shown = _populations(findings, cases)
    months = _months(cases)[-SHOWN_MONTHS:]
    strips = [
        _strip(findings, population, cases, months, is_first=place == 0)
        for place, population in enumerate(shown)
    ]
    return Figure(
        "q3-monthly",
        "Cases among evaluable patients by month of treatment start. Filled: mature; "
        "hollow, right of the broken line: not yet mature. The counts stand beneath "
        "each month. See how few patients a month holds before reading a jump.",
        _alt(strips),
        charts.monthly(strips),
        _table("q3-months", "The numbers of the figure, every month.", cases, shown),
    )


def _populations(findings: Findings, cases: list[Record]) -> list[str]:
    judged = {
        rate["population"] for rate in with_baseline(rolling(findings, **headline()))
    }
    seen = {row["population"] for row in cases if row["n"]}
    wanted = [*judged, "all"]
    return [
        name for name in wording.POPULATIONS if name in wanted and name in seen
    ] or [name for name in wording.POPULATIONS if name in seen]


def _strip(
    findings: Findings,
    population: str,
    cases: list[Record],
    months: list[date],
    is_first: bool,
) -> Strip:
    found = {row["month"]: row for row in cases if row["population"] == population}
    immature = {row["month"] for row in cases if not row["is_mature"]}
    filled = tuple(
        Month(
            month,
            found[month]["n"] if month in found else 0,
            found[month]["k"] if month in found else 0,
            month not in immature,
        )
        for month in months
    )
    notes = ["hollow: not yet mature"] if is_first and immature & set(months) else []
    title = wording.POPULATIONS[population]
    key = headline() | {"population": population}
    judged = with_baseline(rolling(findings, **key))
    if not judged:
        return Strip(title, filled, "; ".join(notes))
    rate, published = judged[0], sentences.terms(findings).published
    notes.append(f"band: published {published[rate['baseline_id']]}")
    low = 0 if rate["kind"] == "upper_bound" else rate["baseline_low"]
    return Strip(title, filled, "; ".join(notes), low, rate["baseline_high"])


def _alt(strips: list[Strip]) -> str:
    said = []
    for strip in strips:
        mature = [month for month in strip.months if month.is_mature]
        cases = sum(month.k for month in mature)
        patients = sum(month.n for month in mature)
        highest = max(month.n for month in strip.months)
        said.append(
            f"{strip.title} {formats.count(cases)} of {formats.count(patients)} over "
            f"{formats.plural(len(mature), 'mature month')}, at most "
            f"{formats.count(highest)} evaluable in one month"
        )
    return f"Monthly case rates by population. {'; '.join(said)}."


def _confirmed_table(findings: Findings) -> Table:
    confirmed = records(findings.monthly, definition="confirmed")
    seen = {row["population"] for row in confirmed if row["n"]}
    shown = [name for name in wording.POPULATIONS if name in seen]
    caption = "Confirmed cases among evaluable patients, by month of treatment start."
    return _table("q3-confirmed", caption, confirmed, shown)


def _table(
    table_id: str, caption: str, rows: list[Record], populations: list[str]
) -> Table:
    found = {(row["population"], row["month"]): row for row in rows}
    mature = {row["month"]: row["is_mature"] for row in rows}
    titled = [("Month", "text"), ("State", "label")]
    titled += [(wording.POPULATIONS[name], "integer", "k/n") for name in populations]
    return Table(
        table_id,
        caption,
        cells.columns(*titled),
        cells.rows(
            (
                cells.words(f"{month:%Y-%m}"),
                _state(mature.get(month)),
                *(_counts(found.get((name, month))) for name in populations),
            )
            for month in (_months(rows) if populations else ())
        ),
        EMPTY,
        note="Each cell: cases of evaluable patients.",
    )


def _state(is_mature: bool | None) -> Cell:
    if is_mature is None:
        return Value("nobody evaluable", emphasis="muted")
    return Value("mature" if is_mature else "not yet mature")


def _counts(row: Record | None) -> Cell:
    if row is None or not row["n"]:
        return Value("0/0", -1.0, "muted")
    text = f"{formats.count(row['k'])}/{formats.count(row['n'])}"
    return Value(text, row["k"] / row["n"])


def _months(rows: list[Record]) -> list[date]:
    seen = sorted({row["month"] for row in rows})
    if not seen:
        return []
    first, last = seen[0], seen[-1]
    number = (last.year - first.year) * 12 + last.month - first.month + 1
    counted = [first.year * 12 + first.month - 1 + i for i in range(number)]
    return [date(month // 12, month % 12 + 1, 1) for month in counted]
