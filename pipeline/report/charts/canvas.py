"""The page that a figure is drawn on: fonts, sizes, colours and stable bytes."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Final

import matplotlib
from matplotlib import font_manager
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from pipeline.report import palette

WIDTH_INCHES: Final = 6.9
"""The width of a portrait page between its margins."""
SMALL, NORMAL, HEADING = 7.5, 8.5, 9.0


@contextmanager
def style(name: str) -> Iterator[None]:
    """The settings under which the figure of that name is drawn; restored after it."""
    _register_fonts()
    with matplotlib.rc_context(
        {
            "svg.fonttype": "none",
            "svg.hashsalt": name,
            "font.family": palette.FAMILY,
            "font.size": NORMAL,
            "text.color": palette.INK,
            "axes.edgecolor": palette.LINE,
            "axes.linewidth": 0.7,
            "axes.labelcolor": palette.INK,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "xtick.color": palette.LINE,
            "ytick.color": palette.LINE,
            "xtick.labelcolor": palette.INK,
            "ytick.labelcolor": palette.INK,
            "figure.facecolor": "none",
            "axes.facecolor": "none",
            "savefig.facecolor": "none",
        }
    ):
        yield


def svg(figure: Figure) -> str:
    """The figure as SVG text, without a date or a program's name."""
    page = io.StringIO()
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    FigureCanvasSVG(figure).print_svg(page, metadata=nothing)
    return page.getvalue()


@cache
def _register_fonts() -> None:
    for file in palette.font_files():
        font_manager.fontManager.addfont(file)
