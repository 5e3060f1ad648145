"""The figure of the cumulative sums, with its words and its numbers."""

from datetime import date

from pipeline.findings import Findings
from pipeline.report import charts
from pipeline.report.charts import CusumPanel, CusumRow, Track
from pipeline.report.compose import cells, formats, sentences, wording
from pipeline.report.compose.records import Record, parameter, records
from pipeline.report.document import Block, Cell, Figure, NotEnoughData, Table, Value

HEADS = ("Against its own history", "Against the published rate")
COMPARISONS = ("history", "baseline")
TRACKS = {"case": "cases", "confirmed": "confirmed"}
LONGEST = 100_000
"""Months beyond which a run length is not told."""

Charts = dict[tuple[str, str, str, str], list[Record]]


def cusum_figure(findings: Findings) -> tuple[Block, ...]:
    """The figure, a row for every population with a published rate, and for all."""
    found = _charts(findings)
    shown = _populations(found)
    if not shown:
        return ()
    months = _months(found)
    rows = [
        CusumRow(
            wording.POPULATIONS[population],
            tuple(_panel(found, population, chart, months) for chart in COMPARISONS),
        )
        for population in shown
    ]
    history = formats.count(parameter(findings, "chart_history_months", 24))
    return (
        Figure(
            "q3-cusum",
            "Cumulative sums by month of treatment start, in multiples of their limit "
            "(broken red line). Solid: cases; dashed: confirmed. See whether a line "
            "climbs: that is a run of more cases than expected. Over the limit it is an "
            "alarm, a triangle with its month. Left, the first "
            f"{history} mature months are the history (shaded). Months that are not "
            "mature have no value.",
            _alt(rows),
            charts.cusum(rows, HEADS, months),
            _table(findings, found),
        ),
    )


def _charts(findings: Findings) -> Charts:
    found: Charts = {}
    for row in records(findings.monitoring.charts):
        key = row["population"], row["definition"], row["chart"], row["baseline_id"]
        found.setdefault(key, []).append(row)
    order = list(wording.POPULATIONS)
    return dict(sorted(found.items(), key=lambda item: order.index(item[0][0])))


def _populations(found: Charts) -> list[str]:
    is_set = {key[0] for key, rows in found.items() if rows[0]["status"] == "set"}
    compared = {key[0] for key in found if key[2] == "baseline"}
    wanted = [name for name in wording.POPULATIONS if name in {*compared, "all"}]
    return [name for name in wanted if name in is_set]


def _months(found: Charts) -> list[date]:
    return [row["month"] for row in next(iter(found.values()))]


def _panel(
    found: Charts, population: str, chart: str, months: list[date]
) -> CusumPanel:
    # of two published rates the first; the table has both
    mine: dict[str, list[Record]] = {}
    for key, rows in found.items():
        if (key[0], key[2]) == (population, chart):
            mine.setdefault(key[1], rows)
    if not mine:
        return CusumPanel((), "no published rate to set it against")
    is_set = {name: rows for name, rows in mine.items() if rows[0]["status"] == "set"}
    if not is_set:
        first = next(iter(mine.values()))
        return CusumPanel((), wording.CHART_STATUSES[first[0]["status"]])
    tracks = [_track(TRACKS[name], is_set[name]) for name in TRACKS if name in is_set]
    states = [row["state"] for row in next(iter(is_set.values()))]
    n_history = states.index("watched") if chart == "history" else 0
    return CusumPanel(tuple(tracks), n_history=n_history)


def _track(label: str, rows: list[Record]) -> Track:
    values = tuple(
        None if row["cusum"] is None else row["cusum"] / row["limit"] for row in rows
    )
    alarms = frozenset(place for place, row in enumerate(rows) if row["is_alarm"])
    if alarms:
        last = rows[max(alarms)]["month"]
        number = f"{len(alarms)}, last" if len(alarms) > 1 else "alarm"
        label = f"{label}: {number} {last:%Y-%m}"
    return Track(label, values, alarms)


def _alt(rows: list[CusumRow]) -> str:
    said = []
    for row in rows:
        for head, panel in zip(HEADS, row.panels, strict=True):
            highest = [
                f"{track.label} at most {max(values):.2f}"
                for track in panel.tracks
                if (values := [v for v in track.values if v is not None])
            ]
            told = ", ".join(highest) or panel.reason
            said.append(f"{row.title}, {head.lower()}: {told}")
    return (
        "Cumulative sums by population in multiples of their limit, 1 being the limit. "
        f"{'; '.join(said)}."
    )


def _table(findings: Findings, found: Charts) -> Table:
    words = sentences.terms(findings)
    titled = (
        ("Population", "text"),
        ("Definition", "text"),
        ("Against", "text"),
        ("Expected", "percent", "%"),
        ("Months watched", "integer"),
        ("Sum now", "number"),
        ("Highest", "number"),
        ("Limit", "number"),
        ("Run length", "integer", "months"),
        ("State", "label"),
    )
    return Table(
        "q3-charts",
        "Every chart: its expected rate, its sum and limit, and the months in which one "
        "false alarm is expected.",
        cells.columns(*titled),
        cells.rows(_chart_row(key, rows, words) for key, rows in found.items()),
        "No chart can be set.",
        note="The sums of every month stand in signals.parquet.",
    )


def _chart_row(key: tuple, rows: list[Record], words: sentences.Terms) -> list[Cell]:
    population, definition, chart, baseline_id = key
    compared = "its own history"
    if chart == "baseline":
        compared = f"published {words.published[baseline_id]}"
    named = [
        cells.words(wording.POPULATIONS[population]),
        cells.words(wording.SHORT_DEFINITIONS[definition]),
        cells.words(compared),
    ]
    first = rows[0]
    if first["status"] != "set":
        reason = NotEnoughData(wording.CHART_STATUSES[first["status"]])
        return [*named, *[reason] * 6, Value("not set", emphasis="muted")]
    sums = [row["cusum"] for row in rows if row["cusum"] is not None]
    alarms = [row["month"] for row in rows if row["is_alarm"]]
    state: Cell = Value("no alarm", 0.0)
    if alarms:
        state = Value(f"alarm {max(alarms):%Y-%m}", float(len(alarms)), "warn")
    return [
        *named,
        cells.share(first["p0"], "not set"),
        cells.whole(len(sums)),
        _sum(sums[-1]),
        _sum(max(sums)),
        _sum(first["limit"]),
        _run_length(first["run_length"]),
        state,
    ]


def _run_length(months: float) -> Cell:
    if months > LONGEST:  # where even a month of cases alone hardly reaches the limit
        return Value(f"over {formats.count(LONGEST)}", float(LONGEST))
    return cells.whole(round(months))


def _sum(value: float) -> Cell:
    return Value(f"{value:.2f}", float(value))
