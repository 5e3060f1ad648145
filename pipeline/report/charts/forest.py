"""Observed rates with their intervals over the published ones."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from pipeline.report import palette
from pipeline.report.charts import canvas

TICKS = (0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1)
LEFT, RIGHT, BOTTOM, TOP = 1.8, 2.3, 0.5, 0.08
MARK_PITCH, BAND_HEIGHT = 0.28, 0.86
MARKERS = {"disc": "o", "diamond": "D", "square": "s"}
"""Shapes of marks; a square is hollow."""


@dataclass(frozen=True)
class Mark:
    """An observed rate; no rate where nobody could be evaluated."""

    label: str
    rate: float | None = None
    low: float = 0
    high: float = 0
    shape: str = "disc"
    is_above: bool = False


@dataclass(frozen=True)
class ForestRow:
    """A population's marks over a published rate from ``low`` to ``high``."""

    title: str
    under: str
    low: float
    high: float
    marks: tuple[Mark, ...]


def forest(rows: Sequence[ForestRow], axis_label: str) -> str:
    """The observed rates of each row over its published band, on a square-root scale.

    Rates below 1% need room beside rates of 30%; every grid line carries its number,
    so that the scale is read and not guessed.
    """
    with canvas.style("forest"):
        pitch = 0.3 + 0.26 * max(len(row.marks) for row in rows)
        figure = Figure(figsize=(canvas.WIDTH_INCHES, pitch * len(rows) + BOTTOM + TOP))
        axes = figure.add_axes(_box(figure))
        for position, row in enumerate(rows):
            _draw_band(axes, row, position)
            _name_row(axes, row, position)
            for place, mark in enumerate(row.marks):
                offset = (place - (len(row.marks) - 1) / 2) * MARK_PITCH
                _draw_mark(axes, mark, position + offset)
        _draw_scale(axes, _limit(rows))
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_xlabel(axis_label, fontsize=canvas.SMALL)
        return canvas.svg(figure)


def _draw_band(axes: Axes, row: ForestRow, position: float) -> None:
    bottom, top = position - BAND_HEIGHT / 2, position + BAND_HEIGHT / 2
    width = row.high - row.low
    band = Rectangle((row.low, bottom), width, BAND_HEIGHT, fc=palette.BAND, lw=0)
    axes.add_patch(band).set_zorder(1)
    for edge in sorted({row.low, row.high} - {0}):
        axes.plot([edge] * 2, [bottom, top], color=palette.LINE, lw=0.9, zorder=2)


def _draw_mark(axes: Axes, mark: Mark, height: float) -> None:
    colour = palette.ABOVE if mark.is_above else palette.INK
    if mark.rate is not None:
        axes.plot([mark.low, mark.high], [height] * 2, color=colour, lw=1.5, zorder=3)
        axes.plot(
            mark.rate,
            height,
            color=colour,
            marker=MARKERS[mark.shape],
            ms=5.5 if mark.shape == "square" else 6,
            mfc=palette.PAPER if mark.shape == "square" else colour,
            mec=colour,
            mew=1.3,
            clip_on=False,
            zorder=4,
        )
    axes.annotate(
        mark.label,
        (1.04, height),
        xycoords=("axes fraction", "data"),
        va="center",
        fontsize=7,
        color=colour,
        fontweight="bold" if mark.is_above else "normal",
    )


def _name_row(axes: Axes, row: ForestRow, position: float) -> None:
    place = {"xycoords": ("axes fraction", "data"), "ha": "right"}
    axes.annotate(row.title, (-0.04, position - 0.03), va="bottom", **place)
    small = {"fontsize": canvas.SMALL, "color": palette.MUTED}
    axes.annotate(row.under, (-0.04, position + 0.03), va="top", **small, **place)


def _draw_scale(axes: Axes, top: float) -> None:
    axes.set_xscale(
        "function", functions=(lambda rate: abs(rate) ** 0.5, lambda root: root**2)
    )
    axes.set_xlim(0, top)
    axes.xaxis.set_major_locator(FixedLocator([t for t in TICKS if t <= top]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda rate, _: f"{100 * rate:g}%"))
    axes.tick_params(axis="x", labelsize=canvas.SMALL)
    axes.grid(axis="x", color=palette.GRID, lw=0.6)
    axes.set_axisbelow(True)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)


def _limit(rows: Sequence[ForestRow]) -> float:
    marks = [mark for row in rows for mark in row.marks if mark.rate is not None]
    ends = [row.high for row in rows] + [mark.high for mark in marks]
    return min(1.0, max([*ends, 0.3]) * 1.04)


def _box(figure: Figure) -> tuple[float, float, float, float]:
    width, height = figure.get_size_inches()
    inner = (width - LEFT - RIGHT) / width, (height - BOTTOM - TOP) / height
    return (LEFT / width, BOTTOM / height, *inner)
