"""Funnel plots of sites, side by side: rates by size between their limits."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.report import palette
from pipeline.report.charts import sheet
from pipeline.report.charts.sheet import Panel, Sheet

LEFT, TOP, WIDTH, HEIGHT, APART, BOTTOM = 40, 46, 262, 210, 326, 44
_RATE_STEPS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5)
_SIZE_TICKS = (5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000)
_MOST_NAMED = 8


@dataclass(frozen=True)
class Site:
    """A site's rate at its number of patients; ``mark`` as in `sites.funnel`."""

    name: str
    n: int
    rate: float
    mark: str = ""


@dataclass(frozen=True)
class Limits:
    """The funnel's limits at n, outer and inner, lower and upper."""

    n: int
    lo_alarm: float
    lo_alert: float
    hi_alert: float
    hi_alarm: float


@dataclass(frozen=True)
class Funnel:
    """A funnel about ``theta``: its sites, and its limits by increasing n."""

    title: str
    centre: str
    theta: float
    sites: tuple[Site, ...]
    limits: tuple[Limits, ...]


def funnel(funnels: Sequence[Funnel], axis_label: str) -> str:
    """The funnels side by side on the same scales; only sites outside are named.

    Sizes stand on a square-root scale, so that small sites do not fall on one another.
    """
    drawn = Sheet()
    sites = [site for each in funnels for site in each.sites]
    largest = max(site.n for site in sites)
    top = _highest(funnels)
    for place, each in enumerate(funnels):
        left = LEFT + APART * place
        span = (0.0, (1.05 * largest) ** 0.5)
        plot = Panel(left, TOP, WIDTH, HEIGHT, span, (0, top))
        drawn.write((left, 14), each.title, size=sheet.HEADING, bold=True)
        drawn.write((left, 29), each.centre, size=sheet.SMALL, colour=palette.MUTED)
        _draw_scales(drawn, plot, top, largest)
        _draw_limits(drawn, plot, each, top)
        _draw_sites(drawn, plot, each.sites)
        at = (left + WIDTH / 2, TOP + HEIGHT + 34)
        drawn.write(at, axis_label, size=sheet.SMALL, anchor="middle")
    return drawn.svg(TOP + HEIGHT + BOTTOM)


def _highest(funnels: Sequence[Funnel]) -> float:
    rates = [site.rate for each in funnels for site in each.sites]
    middle = [each.limits[len(each.limits) // 2].hi_alarm for each in funnels]
    thetas = [1.5 * each.theta for each in funnels]
    return min(1.0, 1.12 * max([*rates, *middle, *thetas, 0.005]))


def _draw_scales(drawn: Sheet, plot: Panel, top: float, largest: int) -> None:
    step = next((s for s in _RATE_STEPS if top / s <= 6), 0.5)
    small = {"size": sheet.SMALL, "colour": palette.MUTED}
    for tick in range(int(top / step + 1e-9) + 1):
        height = plot.at(0, tick * step)[1]
        drawn.line([(plot.left, height), (plot.right, height)], palette.GRID, 0.8)
        words = f"{100 * tick * step:g}%"
        drawn.write((plot.left - 5, height + 3), words, anchor="end", **small)
    taken = -40.0
    for size in [size for size in _SIZE_TICKS if size <= 1.05 * largest]:
        x = plot.at(size**0.5, 0)[0]
        if x - taken >= 26:
            taken = x
            drawn.line([(x, plot.bottom), (x, plot.bottom + 4)], palette.LINE)
            at = (x, plot.bottom + 15)
            drawn.write(at, f"{size:,}", anchor="middle", **small)
    drawn.line([(plot.left, plot.bottom), (plot.right, plot.bottom)], palette.LINE)


def _draw_limits(drawn: Sheet, plot: Panel, each: Funnel, top: float) -> None:
    height = plot.at(0, each.theta)[1]
    drawn.line([(plot.left, height), (plot.right, height)], palette.LINE, 1.1)
    for name, dash in (("alert", "4 3"), ("alarm", "")):
        for side in ("lo", "hi"):
            curve = [(at.n, getattr(at, f"{side}_{name}")) for at in each.limits]
            shown = [plot.at(n**0.5, y) for n, y in curve if 0 < y <= top]
            drawn.line(shown, palette.LINE, 0.9, dash)


def _draw_sites(drawn: Sheet, plot: Panel, sites: Sequence[Site]) -> None:
    for site in sites:
        if not site.mark:
            at = plot.at(site.n**0.5, site.rate)
            drawn.mark(at, palette.ACCENT, face=palette.PAPER)
    named: list[sheet.Point] = []
    # alarms first, so that no alert takes the place of an alarm's name
    marked = [site for site in sites if site.mark]
    for site in sorted(marked, key=lambda site: "alarm" not in site.mark):
        is_high = site.mark.endswith("high")
        colour = palette.ABOVE if is_high else palette.BELOW
        face = "" if site.mark.startswith("alarm") else palette.PAPER
        x, y = plot.at(site.n**0.5, site.rate)
        drawn.mark((x, y), colour, "up" if is_high else "down", face)
        is_free = all(abs(x - a) > 46 or abs(y - b) > 11 for a, b in named)
        if is_free and len(named) < _MOST_NAMED:
            named.append((x, y))
            is_right = x > plot.right - 60
            at = (x - 7, y + 3.5) if is_right else (x + 7, y + 3.5)
            anchor = "end" if is_right else "start"
            drawn.write(at, site.name, size=sheet.SMALL, bold=True, anchor=anchor)
