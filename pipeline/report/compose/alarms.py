"""Monthly charts: which are over their limit, the courses behind it, the trend."""

import math

from pipeline.findings import Findings
from pipeline.report.compose import cells, formats, people, sentences, usable, wording
from pipeline.report.compose.cumulative import cusum_figure
from pipeline.report.compose.records import Record, parameter, records
from pipeline.report.document import (
    Block,
    Cell,
    NotEnoughData,
    Paragraph,
    Row,
    Section,
    Table,
    Value,
)

TITLE = "Is a change more than chance?"
STEEPEST = 1.0
"""Standard error a month beyond which a slope says nothing."""

_COURSE = ["start_date", "patient_id", "drugs"]


def alarms_section(findings: Findings) -> Section:
    """The part of the third question that judges the months."""
    return Section("q3-signals", TITLE, _blocks(findings), level=2)


def calls(row: Record) -> bool:
    """Whether a month over a limit calls for action (`statistics.md` b 11)."""
    is_confirmed = row["definition"] == "confirmed"
    is_alarm = row["is_alarm"] and (is_confirmed or row["chart"] == "history")
    return bool(is_alarm or (row["is_jump"] and is_confirmed))


def raised(findings: Findings) -> list[Record]:
    """The months of the charts that are over a limit, the latest first."""
    found = [
        row
        for row in records(findings.monitoring.charts)
        if row["is_alarm"] or row["is_jump"]
    ]
    return sorted(found, key=lambda row: row["month"], reverse=True)


def against(row: Record, words: sentences.Terms) -> str:
    """What a chart is set against: the own history or a published rate."""
    if row["chart"] == "history":
        return "its own history"
    return f"published {words.published[row['baseline_id']]}"


def what(row: Record) -> str:
    """Which of the two tests is over its limit."""
    return "sum over its limit" if row["is_alarm"] else "one month alone"


def is_new(row: Record, findings: Findings) -> bool:
    """Whether the month was not over the limit of its chart in the previous run."""
    return is_told_new(findings) and (*_chart(row), row["month"]) not in (
        findings.comparison.alarms
    )


def is_told_new(findings: Findings) -> bool:
    """Whether there is a previous run that can tell which months are new."""
    return findings.comparison.status == "compared"


def _blocks(findings: Findings) -> tuple[Block, ...]:
    why = usable.why_nothing_is_judged(findings)
    charts = records(findings.monitoring.charts)
    if why or not any(row["status"] == "set" for row in charts):
        why = why or "no month that is mature holds an evaluable patient"
        return (NotEnoughData(f"no chart can be set: {why}"),)
    return (
        Paragraph(_how(findings, charts)),
        _alarm_table(findings),
        _courses(findings),
        *cusum_figure(findings),
        Paragraph(wording.OTHER_CHARTS),
        _trends(findings),
    )


def _how(findings: Findings, charts: list[Record]) -> str:
    is_set = [row for row in charts if row["status"] == "set"]
    n_charts, target = is_set[0]["n_charts"], is_set[0]["run_length_target"]
    level = parameter(findings, "month_jump_level", 0.005)
    margin = sentences.excess(sentences.terms(findings))
    return (
        "A chart adds up over the months what speaks for "
        f"{margin} against what speaks for the expected rate, and is over its limit "
        "where that becomes too much for chance. "
        f"{formats.plural(n_charts, 'chart')} {'is' if n_charts == 1 else 'are'} set. "
        "Each limit is solved so that of one chart a false alarm is expected in at least "
        f"{formats.decimal(target)} months: about "
        f"{12 * n_charts / target:.1f} false alarms a year over all charts. Beside it "
        f"an exact test looks at each month alone (level {level:g}, at least "
        f"{formats.plural(parameter(findings, 'k_min_above', 2), 'case')}). That the "
        "rate of the own history is an estimate is counted in both. Counted "
        "are patients once a month of treatment start, mature months only."
    )


def _chart(row: Record) -> tuple[str, str, str, str]:
    return row["population"], row["definition"], row["chart"], row["baseline_id"]


def _numbers(findings: Findings) -> dict[tuple[str, str, str, str], int]:
    """The charts that are over a limit, numbered in the order in which they are shown."""
    charts = dict.fromkeys(_chart(row) for row in raised(findings))
    return {chart: number for number, chart in enumerate(charts, start=1)}


def _alarm_table(findings: Findings) -> Table:
    words, numbers = sentences.terms(findings), _numbers(findings)
    charts = {}
    for row in records(findings.monitoring.charts):
        charts.setdefault(_chart(row), []).append(row)
    titled = (
        ("Chart", "text"),
        ("Month", "text"),
        ("Population", "text"),
        ("Definition", "text"),
        ("Against", "text"),
        ("What", "text"),
        ("From", "text"),
        ("Cases since", "text", "cases/evaluable"),
        ("p of the month", "number"),
        ("Calls for action", "label"),
    )
    if is_told_new(findings):
        titled = (*titled, ("In the previous run", "label"))
    return Table(
        "q3-alarms",
        "Every month over a limit, the latest first, with the counts since the rise "
        "began.",
        cells.columns(*titled),
        cells.rows(
            [
                cells.words(str(numbers[_chart(row)])),
                *_alarm_row(row, charts[_chart(row)], words),
                *_newness(row, findings),
            ]
            for row in raised(findings)
        ),
        "No sum is over its limit and no month stands out alone.",
        note="Clinical failures above a published rate of resistance call for testing "
        "and not for action, so a chart of cases against a published rate does not "
        "either. All patients, and the immunocompromised, are several groups: their "
        "charts also rise where more patients belong to a group with more resistance. "
        "Look at the charts of the groups.",
    )


def _alarm_row(row: Record, months: list[Record], words: sentences.Terms) -> list[Cell]:
    first = (row["excursion_start"] if row["is_alarm"] else None) or row["month"]
    rise = [each for each in months if first <= each["month"] <= row["month"]]
    k, n = (sum(each[name] for each in rise) for name in ("k", "n"))
    return [
        cells.words(f"{row['month']:%Y-%m}"),
        cells.words(wording.POPULATIONS[row["population"]]),
        cells.words(wording.SHORT_DEFINITIONS[row["definition"]]),
        cells.words(against(row, words)),
        cells.words(what(row)),
        cells.words(f"{first:%Y-%m}"),
        Value(f"{formats.count(k)}/{formats.count(n)}", float(k)),
        cells.probability(row["p_month"], "no patient"),
        Value("yes", 1.0, "act") if calls(row) else Value("no", 0.0, "muted"),
    ]


def _newness(row: Record, findings: Findings) -> list[Cell]:
    if not is_told_new(findings):
        return []
    if is_new(row, findings):
        return [Value("no: new", 1.0, "warn")]
    return [Value("yes", 0.0, "muted")]


def _courses(findings: Findings) -> Table:
    found = findings.monitoring.alarm_courses
    courses = shown = found
    if len(found):
        courses = found.drop_duplicates(_COURSE).sort_values(
            _COURSE, ascending=[False, True, True]
        )
        most = people.listed_rows(findings)
        shown = found.merge(courses[_COURSE].head(most), on=_COURSE)
    numbers = _numbers(findings)
    behind: dict[tuple, list[int]] = {}
    first: dict[tuple, Record] = {}
    for row in records(shown):
        key = tuple(row[name] for name in _COURSE)
        behind.setdefault(key, []).append(numbers[_chart(row)])
        first.setdefault(key, row)
    titled = (
        ("Patient", "text", 1),
        ("Site", "text", 1),
        ("Start", "date", 0),
        ("Drugs", "text", 1.2),
        ("Class", "label", 0),
        ("Flagged", "date", 0),
        ("Risk group", "text", 1.3),
        ("Behind chart", "text", 0),
    )
    return Table(
        "q3-alarm-courses",
        "The courses behind the alarms of the window: cases that began between the "
        "start of the rise and the month over the limit, chart by chart as numbered "
        "above.",
        people.columns(*titled),
        tuple(
            Row(
                (*_course(row), cells.words(", ".join(map(str, charts)))),
                group=row["site_id"] or "",
            )
            for charts, _, row in sorted(
                (sorted(behind[key]), _newest_first(key), row)
                for key, row in first.items()
            )
        ),
        "No month of the window is over a limit, so no course stands behind one.",
        interactive=True,
        printed_rows=people.printed_rows(findings),
        group_title="Site",
        file="tables/courses.parquet",
        n_unlisted=people.n_unlisted(findings, courses),
        note="The courses behind an older alarm stand in courses.parquet.",
    )


def _newest_first(course: tuple) -> tuple:
    start, patient_id, drugs = course
    return -start.toordinal(), patient_id, drugs


def _course(row: Record) -> tuple[Cell, ...]:
    return (
        *people.who(row),
        cells.day(row["start_date"]),
        cells.words(people.drugs(row["drugs"])),
        cells.words(wording.CLASSES[row["classification"]]),
        cells.day(row["flag_date"]),
        people.risk_group(row),
    )


def _trends(findings: Findings) -> Table:
    titled = (
        ("Population", "text"),
        ("Definition", "text"),
        ("Mature months", "integer"),
        ("Cases of evaluable", "text"),
        ("p of a trend", "number"),
        ("Odds ratio a year", "text", "95% CI"),
    )
    order = list(wording.POPULATIONS)
    found = [row for row in records(findings.monitoring.trends) if row["n"]]
    return Table(
        "q3-trends",
        "Is there a trend over all mature months? Cochran and Armitage's test, "
        "two-sided.",
        cells.columns(*titled),
        cells.rows(
            _trend_row(findings, row)
            for row in sorted(found, key=lambda row: order.index(row["population"]))
        ),
        "No mature month holds an evaluable patient.",
        note="A trend is shown and not judged: many are tested here. Early months may "
        "be low where a delivery begins.",
    )


def _trend_row(findings: Findings, row: Record) -> list[Cell]:
    least = formats.count(parameter(findings, "trend_min_cases", 5))
    least_slope = formats.count(parameter(findings, "slope_min_cases", 10))
    slope: Cell = NotEnoughData(f"fewer than {least_slope} cases")
    if row["k"] >= parameter(findings, "slope_min_cases", 10):
        slope = NotEnoughData("cases are too unevenly spread for a slope")
    if row["slope_se"] is not None and row["slope_se"] < STEEPEST:
        year = 12 * row["slope_a_month"], 12 * 1.959963984540054 * row["slope_se"]
        low, middle, high = (math.exp(year[0] + sign * year[1]) for sign in (-1, 0, 1))
        slope = Value(f"{middle:.2f} ({low:.2f}–{high:.2f})", middle)
    p = NotEnoughData(f"fewer than {least} cases")
    if row["status"] == "tested":
        p = cells.probability(row["p"], "all or none are cases")
    return [
        cells.words(wording.POPULATIONS[row["population"]]),
        cells.words(wording.SHORT_DEFINITIONS[row["definition"]]),
        cells.whole(row["n_months"]),
        Value(f"{formats.count(row['k'])}/{formats.count(row['n'])}", float(row["k"])),
        p,
        slope,
    ]
