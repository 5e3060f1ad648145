"""A sheet that lines, marks and words are drawn on, and panels that place numbers on it.

For figures of many small panels: they are written as they stand, in a fraction of the time
that a plotting library takes. Sizes are units of which the page's width has 640.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import pairwise
from typing import Final

from pipeline.report import palette

WIDTH: Final = 640
SMALL, NORMAL, HEADING = 9.5, 10.5, 12

Point = tuple[float, float]

_SHAPES: Final = {
    "up": ((0, -5), (4.6, 3.2), (-4.6, 3.2)),
    "down": ((0, 5), (4.6, -3.2), (-4.6, -3.2)),
    "diamond": ((0, -4.4), (4.4, 0), (0, 4.4), (-4.4, 0)),
}


@dataclass
class Sheet:
    """What was drawn so far, in its order."""

    parts: list[str] = field(default_factory=list)

    def box(self, corner: Point, size: Point, fill: str) -> None:
        """A filled rectangle from its upper left corner."""
        (x, y), (width, height) = corner, size
        place = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
        self.parts.append(f'<rect {place} fill="{fill}"/>')

    def line(
        self, points: Sequence[Point], colour: str, width: float = 1, dash: str = ""
    ) -> None:
        """A line through the points; nothing where there are fewer than two."""
        if len(points) > 1:
            path = " ".join(f"{x:.1f} {y:.1f}" for x, y in points)
            dashes = f' stroke-dasharray="{dash}"' if dash else ""
            self.parts.append(
                f'<path d="M {path}" fill="none" stroke="{colour}" '
                f'stroke-width="{width:g}"{dashes}/>'
            )

    def mark(self, at: Point, colour: str, shape: str = "disc", face: str = "") -> None:
        """A mark; hollow where ``face`` is the paper's colour."""
        x, y = at
        paint = f'fill="{face or colour}" stroke="{colour}"'
        if shape == "disc":
            place = f'cx="{x:.1f}" cy="{y:.1f}" r="3"'
            self.parts.append(f"<circle {place} {paint}/>")
            return
        corners = (f"{x + dx:.1f} {y + dy:.1f}" for dx, dy in _SHAPES[shape])
        self.parts.append(f'<path d="M {" L ".join(corners)} z" {paint}/>')

    def write(
        self,
        at: Point,
        words: str,
        *,
        size: float = NORMAL,
        colour: str = palette.INK,
        bold: bool = False,
        anchor: str = "start",
    ) -> None:
        """Words whose baseline is at the point; ``anchor`` start, middle or end."""
        x, y = at
        weight = ' font-weight="700"' if bold else ""
        side = "" if anchor == "start" else f' text-anchor="{anchor}"'
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" fill="{colour}"'
            f"{weight}{side}>{escape(words)}</text>"
        )

    def svg(self, height: float) -> str:
        """The sheet as SVG text."""
        size = f'width="{WIDTH}" height="{height:g}" viewBox="0 0 {WIDTH} {height:g}"'
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} '
            f'font-family="{palette.FAMILY}">{"".join(self.parts)}</svg>'
        )


@dataclass(frozen=True)
class Panel:
    """A plot's place on the sheet, with the numbers at its edges; ``y`` grows upwards."""

    left: float
    top: float
    width: float
    height: float
    x_range: Point
    y_range: Point

    def at(self, x: float, y: float) -> Point:
        """The point of the sheet for two numbers; what lies outside is on the edge."""
        return (
            self.left + self.width * _share(x, self.x_range),
            self.top + self.height * (1 - _share(y, self.y_range)),
        )

    @property
    def right(self) -> float:
        """The place of the right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """The place of the lower edge."""
        return self.top + self.height


def apart(places: Sequence[float], least: float) -> list[float]:
    """The places moved down until each is ``least`` below the one above it."""
    order = sorted(range(len(places)), key=lambda i: places[i])
    moved = list(places)
    for above, below in pairwise(order):
        moved[below] = max(moved[below], moved[above] + least)
    return moved


def _share(value: float, ends: Point) -> float:
    low, high = ends
    return min(1.0, max(0.0, (value - low) / (high - low)))
