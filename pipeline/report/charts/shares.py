"""Shares with their intervals on one scale from nothing to all, one row each."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter

from pipeline.report import palette
from pipeline.report.charts import canvas

TICKS = (0, 0.25, 0.5, 0.75, 1)
LEFT, RIGHT, BOTTOM, TOP, PITCH = 1.95, 2.15, 0.46, 0.06, 0.235
"""Inches: the margins, and from row to row."""


@dataclass(frozen=True)
class Share:
    """A share with its interval; none where nothing could be counted.

    ``is_few`` is drawn as a hollow square: too few to read the share as stable.
    """

    title: str
    label: str
    share: float | None = None
    low: float = 0
    high: float = 0
    is_few: bool = False


def shares(rows: Sequence[Share], axis_label: str) -> str:
    """Each row's share and interval, with its counts written beside it."""
    with canvas.style("shares"):
        height = PITCH * len(rows) + BOTTOM + TOP
        figure = Figure(figsize=(canvas.WIDTH_INCHES, height))
        axes = figure.add_axes(_box(height))
        for position, row in enumerate(rows):
            _draw(axes, row, position)
            _name(axes, row, position)
        _draw_scale(axes)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_xlabel(axis_label, fontsize=canvas.SMALL)
        return canvas.svg(figure)


def _draw(axes: Axes, row: Share, position: float) -> None:
    if row.share is None:
        return
    look = {"color": palette.ACCENT, "zorder": 3, "clip_on": False}
    axes.plot([row.low, row.high], [position] * 2, lw=1.5, **look)
    axes.plot(
        row.share,
        position,
        marker="s" if row.is_few else "o",
        ms=5.5 if row.is_few else 6,
        mfc=palette.PAPER if row.is_few else palette.ACCENT,
        mew=1.3,
        **look,
    )


def _name(axes: Axes, row: Share, position: float) -> None:
    look = {"xycoords": ("axes fraction", "data"), "va": "center"}
    axes.annotate(row.title, (-0.04, position), ha="right", fontsize=7.5, **look)
    colour = palette.MUTED if row.share is None else palette.INK
    axes.annotate(row.label, (1.05, position), fontsize=7, color=colour, **look)


def _draw_scale(axes: Axes) -> None:
    axes.set_xlim(0, 1)
    axes.xaxis.set_major_locator(FixedLocator(TICKS))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:g}%"))
    axes.tick_params(axis="x", labelsize=canvas.SMALL)
    axes.grid(axis="x", color=palette.GRID, lw=0.6)
    axes.set_axisbelow(True)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)


def _box(height: float) -> tuple[float, float, float, float]:
    width = canvas.WIDTH_INCHES
    inner = (width - LEFT - RIGHT) / width, (height - BOTTOM - TOP) / height
    return (LEFT / width, BOTTOM / height, *inner)
