"""One rate under many ways of counting: a row a way, a panel a population."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter

from pipeline.report import palette
from pipeline.report.charts import canvas

LEFT, RIGHT, TOP, BOTTOM, ROW, GAP = 2.3, 0.15, 0.7, 0.34, 0.2, 0.12
"""Inches: margins, a row's height, from panel to panel."""


@dataclass(frozen=True)
class Dot:
    """A rate with its interval, none without a patient; ``is_changed`` is ringed."""

    rate: float | None
    low: float = 0
    high: float = 0
    is_changed: bool = False


@dataclass(frozen=True)
class Panel:
    """A population's rates, one a row, over its published rate: ``under`` names it."""

    title: str
    under: str
    low: float
    high: float
    dots: tuple[Dot, ...]


def varied(rows: Sequence[str], panels: Sequence[Panel]) -> str:
    """The panels side by side; the first row is what all others are set against.

    A changed verdict is a square with a ring, so that shape says it as colour does.
    """
    with canvas.style("varied"):
        height = TOP + ROW * len(rows) + BOTTOM
        figure = Figure(figsize=(canvas.WIDTH_INCHES, height))
        room = canvas.WIDTH_INCHES - LEFT - RIGHT - GAP * (len(panels) - 1)
        width = room / len(panels)
        for place, panel in enumerate(panels):
            left = LEFT + place * (width + GAP)
            axes = figure.add_axes(
                (
                    left / canvas.WIDTH_INCHES,
                    BOTTOM / height,
                    width / canvas.WIDTH_INCHES,
                    ROW * len(rows) / height,
                )
            )
            _draw(axes, panel)
            if place == 0:
                _name_rows(axes, rows)
        return canvas.svg(figure)


def _draw(axes: Axes, panel: Panel) -> None:
    axes.axvspan(panel.low, panel.high, color=palette.BAND, lw=0, zorder=0)
    for edge in {panel.low, panel.high} - {0}:
        axes.axvline(edge, color=palette.BAND, lw=1.4, zorder=0)
    given = panel.dots[0]
    if given.rate is not None:
        axes.axvline(given.rate, color=palette.LINE, lw=0.8, ls=(0, (3, 2)), zorder=1)
    for height, dot in enumerate(panel.dots):
        if dot.rate is None:
            continue
        colour = palette.INCONCLUSIVE if dot.is_changed else palette.ACCENT
        axes.plot([dot.low, dot.high], [height] * 2, color=colour, lw=1, zorder=2)
        axes.plot(
            dot.rate,
            height,
            marker="s" if dot.is_changed else "o",
            ms=5.5 if dot.is_changed else 4,
            mfc=palette.PAPER if dot.is_changed else colour,
            mec=colour,
            mew=1.4,
            clip_on=False,
            zorder=3,
        )
    top = min(1.0, 1.06 * max([panel.high, 0.01, *(dot.high for dot in panel.dots)]))
    axes.set_xlim(0, top)
    axes.set_ylim(len(panel.dots) - 0.5, -0.5)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    ticks = [step for step in (0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 1.0) if step <= top]
    axes.xaxis.set_major_locator(FixedLocator([ticks[-1] if ticks else top]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda rate, _: f"{100 * rate:g}%"))
    axes.tick_params(axis="x", labelsize=7, length=2)
    axes.set_title(panel.title, fontsize=7, fontweight="bold", pad=13)
    axes.annotate(
        panel.under,
        (0.5, 1),
        xycoords="axes fraction",
        xytext=(0, 4),
        textcoords="offset points",
        ha="center",
        fontsize=6.6,
        color=palette.MUTED,
    )


def _name_rows(axes: Axes, rows: Sequence[str]) -> None:
    for height, name in enumerate(rows):
        axes.annotate(
            name,
            (0, height),
            xycoords=("axes fraction", "data"),
            xytext=(-6, 0),
            textcoords="offset points",
            ha="right",
            va="center",
            fontsize=6.6,
            fontweight="bold" if height == 0 else "normal",
        )
