"""Cumulative sums over months against their limits, a row a population."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from pipeline.report import palette
from pipeline.report.charts import sheet
from pipeline.report.charts.sheet import Panel, Sheet

TOP, PITCH, PLOT, BOTTOM = 22, 68, 42, 20
LEFT, WIDTH, APART = 34, 166, 320
LEAST_TOP, LARGEST_TOP = 1.25, 3.0
"""A panel's upper edge in multiples of the limit."""
_DASHES = ("", "4 2.5")


@dataclass(frozen=True)
class Track:
    """A chart's values in multiples of its limit, by month; None where it has none."""

    label: str
    values: tuple[float | None, ...]
    alarms: frozenset[int] = frozenset()


@dataclass(frozen=True)
class CusumPanel:
    """The tracks of one comparison, or why there is none."""

    tracks: tuple[Track, ...]
    reason: str = ""
    n_history: int = 0


@dataclass(frozen=True)
class CusumRow:
    """A population with a panel for each comparison, in the order of the heads."""

    title: str
    panels: tuple[CusumPanel, ...]


def cusum(
    rows: Sequence[CusumRow], heads: Sequence[str], months: Sequence[date]
) -> str:
    """Each row's panels, the limit at 1; alarms are triangles and named in the label."""
    drawn = Sheet()
    for place, head in enumerate(heads):
        drawn.write((LEFT + APART * place, 12), head, size=sheet.HEADING, bold=True)
    for place, row in enumerate(rows):
        top = TOP + PITCH * place + 24
        drawn.write((LEFT, top - 9), row.title, bold=True)
        for column, panel in enumerate(row.panels):
            left = LEFT + APART * column
            _draw(drawn, panel, left, top, months)
            if place == len(rows) - 1:
                _name_years(drawn, left, top + PLOT, months)
    return drawn.svg(TOP + PITCH * len(rows) + BOTTOM)


def _draw(
    drawn: Sheet, panel: CusumPanel, left: float, top: float, months: Sequence[date]
) -> None:
    values = [v for t in panel.tracks for v in t.values if v is not None]
    highest = min(LARGEST_TOP, max([LEAST_TOP, *(1.08 * v for v in values)]))
    plot = Panel(left, top, WIDTH, PLOT, _span(months), (0, highest))
    if panel.n_history:
        edge, _ = plot.at(panel.n_history - 0.5, 0)
        drawn.box((left, top), (edge - left, PLOT), palette.SOFT)
        drawn.write(
            (left + 4, top + PLOT - 6),
            "history",
            size=sheet.SMALL,
            colour=palette.MUTED,
        )
    for place, month in enumerate(months):
        if month.month == 1:
            ends = [plot.at(place - 0.5, 0), plot.at(place - 0.5, highest)]
            drawn.line(ends, palette.GRID)
    drawn.line([plot.at(-0.5, 0), plot.at(len(months) - 0.5, 0)], palette.LINE)
    if panel.reason:
        at = (left + 4, top + PLOT / 2 + 8)
        drawn.write(at, panel.reason, size=sheet.SMALL, colour=palette.MUTED)
        return
    _draw_limit(drawn, plot, months)
    for dash, track in zip(_DASHES, panel.tracks, strict=False):
        _draw_track(drawn, plot, track, dash)
    _name_tracks(drawn, plot, panel.tracks)


def _draw_limit(drawn: Sheet, plot: Panel, months: Sequence[date]) -> None:
    ends = [plot.at(-0.5, 1), plot.at(len(months) - 0.5, 1)]
    drawn.line(ends, palette.ABOVE, 0.9, "2 2")
    at = (plot.left - 4, ends[0][1] + 3)
    drawn.write(at, "limit", size=sheet.SMALL, colour=palette.MUTED, anchor="end")
    at = (plot.left - 4, plot.bottom + 3)
    drawn.write(at, "0", size=sheet.SMALL, colour=palette.MUTED, anchor="end")


def _draw_track(drawn: Sheet, plot: Panel, track: Track, dash: str) -> None:
    run: list[sheet.Point] = []
    for month, value in enumerate((*track.values, None)):
        if value is None:
            drawn.line(run, palette.ACCENT, 1.5, dash)
            run = []
        else:
            run.append(plot.at(month, value))
    for month in sorted(track.alarms):
        drawn.mark(plot.at(month, track.values[month] or 0), palette.ABOVE, "up")


def _name_tracks(drawn: Sheet, plot: Panel, tracks: Sequence[Track]) -> None:
    named = [track for track in tracks if any(v is not None for v in track.values)]
    ends = [plot.at(0, _last(track))[1] + 3 for track in named]
    lowest = plot.bottom + 3
    places = sheet.apart(ends, 11)
    if places:
        rise = max(0.0, max(places) - lowest)
        places = [place - rise for place in places]
    for track, place in zip(named, places, strict=True):
        colour = palette.ABOVE if track.alarms else palette.ACCENT
        at = (plot.right + 4, place)
        is_bold = bool(track.alarms)
        drawn.write(at, track.label, size=sheet.SMALL, colour=colour, bold=is_bold)


def _last(track: Track) -> float:
    return [value for value in track.values if value is not None][-1]


def _name_years(
    drawn: Sheet, left: float, bottom: float, months: Sequence[date]
) -> None:
    plot = Panel(left, bottom, WIDTH, 1, _span(months), (0, 1))
    shown = [i for i, month in enumerate(months) if i == 0 or month.month == 1]
    if len(shown) > 1 and shown[1] - shown[0] < len(months) / 8:
        shown = shown[1:]
    for place in shown:
        at = (plot.at(place - 0.5, 0)[0], bottom + 14)
        year = str(months[place].year)
        drawn.write(at, year, size=sheet.SMALL, colour=palette.MUTED)


def _span(months: Sequence[date]) -> tuple[float, float]:
    return -0.5, max(len(months) - 0.5, 0.5)
