"""Monthly rates, one strip a population, with the counts beneath every month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter

from pipeline.report import palette
from pipeline.report.charts import canvas

MONTHS = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)
PITCH, PLOT, LEFT, TOP, BOTTOM = 1.24, 0.56, 0.62, 0.28, 0.78
"""Inches: from strip to strip, a strip's plot, the margins."""


@dataclass(frozen=True)
class Month:
    """A calendar month: k cases of n evaluable."""

    first_day: date
    n: int
    k: int
    is_mature: bool


@dataclass(frozen=True)
class Strip:
    """A population's months, over its published rate where it has one."""

    title: str
    months: tuple[Month, ...]
    note: str = ""
    low: float | None = None
    high: float = 0


def monthly(strips: Sequence[Strip]) -> str:
    """Each strip's monthly rates; months not yet mature are hollow, past a broken line.

    No line joins the months: they are few cases each, and a line would claim a trend.
    """
    with canvas.style("monthly"):
        height = TOP + PITCH * (len(strips) - 1) + PLOT + BOTTOM
        figure = Figure(figsize=(canvas.WIDTH_INCHES, height))
        for place, strip in enumerate(strips):
            bottom = height - TOP - PITCH * place - PLOT
            axes = figure.add_axes(_box(bottom, height))
            _draw_rates(axes, strip)
            _write_heading(axes, strip)
            _write_counts(axes, strip)
            _mark_immature(axes, strip)
        _write_months(axes, strips[-1])
        return canvas.svg(figure)


def _box(bottom: float, height: float) -> tuple[float, float, float, float]:
    width = canvas.WIDTH_INCHES
    return (LEFT / width, bottom / height, (width - LEFT - 0.08) / width, PLOT / height)


def _draw_rates(axes: Axes, strip: Strip) -> None:
    shown = [(x, month) for x, month in enumerate(strip.months) if month.n]
    top = 1.14 * max([0.02, strip.high, *(month.k / month.n for _, month in shown)])
    if strip.low is not None:
        axes.axhspan(strip.low, strip.high, color=palette.BAND, lw=0, zorder=0)
    for x, month in shown:
        face = palette.ACCENT if month.is_mature else palette.PAPER
        look = {"mfc": face, "color": palette.ACCENT, "mew": 1.2, "clip_on": False}
        axes.plot(x, month.k / month.n, marker="o", ms=5, zorder=4, **look)
    axes.set_xlim(-0.5, len(strip.months) - 0.5)
    axes.set_ylim(0, top)
    axes.set_xticks([])
    highest = max(
        step for step in (0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1.0) if step <= top
    )
    axes.yaxis.set_major_locator(FixedLocator([0, highest]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda rate, _: f"{100 * rate:g}%"))
    axes.tick_params(axis="y", labelsize=canvas.SMALL, length=2)


def _write_heading(axes: Axes, strip: Strip) -> None:
    look = {"fontsize": canvas.HEADING, "fontweight": "bold"}
    axes.set_title(strip.title, loc="left", pad=4, **look)
    look = {"fontsize": canvas.SMALL, "color": palette.MUTED}
    axes.set_title(strip.note, loc="right", pad=4, **look)


def _write_counts(axes: Axes, strip: Strip) -> None:
    for text, depth in (("cases", -5), ("of", -14)):
        _write_beneath(axes, text, -0.9, depth, ha="right")
    for x, month in enumerate(strip.months):
        weight = "bold" if month.k else "normal"
        _write_beneath(axes, f"{month.k:,}", x, -5, fontweight=weight)
        _write_beneath(axes, f"{month.n:,}", x, -14)


def _mark_immature(axes: Axes, strip: Strip) -> None:
    hollow = [x for x, month in enumerate(strip.months) if not month.is_mature]
    if hollow:
        edge = hollow[0] - 0.5
        axes.axvline(edge, color=palette.LINE, lw=0.8, ls=(0, (3, 2)), zorder=1)


def _write_months(axes: Axes, strip: Strip) -> None:
    for x, month in enumerate(strip.months):
        name = MONTHS[month.first_day.month - 1]
        _write_beneath(axes, name, x, -27, color=palette.MUTED)
        if x == 0 or month.first_day.month == 1:
            year = str(month.first_day.year)
            _write_beneath(axes, year, x, -37, color=palette.MUTED)


def _write_beneath(
    axes: Axes,
    text: str,
    x: float,
    depth: float,
    ha: str = "center",
    color: str = palette.INK,
    fontweight: str = "normal",
) -> None:
    axes.annotate(
        text,
        (x, 0),
        xycoords=("data", "axes fraction"),
        xytext=(0, depth),
        textcoords="offset points",
        ha=ha,
        va="top",
        fontsize=7,
        color=color,
        fontweight=fontweight,
        annotation_clip=False,
    )
