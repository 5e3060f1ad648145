"""A course as a small picture: bars and marks in lanes along its days.

Written as SVG text: a page holds hundreds, so each is small and drawn at once.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Final

from pipeline.report import palette

WIDTH: Final = 720
_LEFT, _RIGHT, _TOP, _FOOT = 92, 708, 20, 8
_ROW, _LETTER, _GAP = 17, 5.9, 6
"""The height of a row of labels, and the widths that a letter and a mark take."""
_MOST_TICKS = 14
_WEEK = 7
_SPANS: Final = (28, 42, 63, 91, 133, 182, 273, 364)
"""The last days that axes end on, so that pictures share an axis; then years."""
_DEEP: Final = 4000
"""As far down as any picture reaches: what is shared does not know how far."""
_SHAPES: Final = {
    "triangle": "m0-5 5 9h-10z",
    "wedge": "m0 5-5-9h10z",
    "diamond": "m0-6 6 6-6 6-6-6z",
    "disc": "m-4 0a4 4 0 1 0 8 0 4 4 0 1 0-8 0",
    "ring": "m-4 0a4 4 0 1 0 8 0 4 4 0 1 0-8 0m2 0a2 2 0 1 1 4 0 2 2 0 1 1-4 0",
}


@dataclass(frozen=True)
class Bar:
    """A span of days, both included; hollow where it is of another kind."""

    start: int
    end: int
    colour: str = palette.ACCENT
    is_hollow: bool = False


@dataclass(frozen=True)
class Moment:
    """What happened on a day: its words, shape (``""``: none) and colour; bold or not."""

    day: int
    label: str
    shape: str = "disc"
    colour: str = palette.MUTED
    is_bold: bool = False


@dataclass(frozen=True)
class Lane:
    """A named row of bars and dots."""

    label: str
    bars: tuple[Bar, ...] = ()
    dots: tuple[Moment, ...] = ()


@dataclass(frozen=True)
class Line:
    """A day that is marked across all lanes."""

    day: int
    label: str


@dataclass(frozen=True)
class _Axis:
    first: int
    last: int

    def x(self, day: float) -> int:
        held = min(max(day, self.first), self.last)
        share = (held - self.first) / (self.last - self.first)
        return round(_LEFT + share * (_RIGHT - _LEFT))


def timeline(
    lanes: Sequence[Lane],
    window: tuple[int, int],
    first: int,
    lines: Sequence[Line],
    key: str = "",
) -> str:
    """The lanes from top to bottom over the days from ``first`` to the last that counts.

    What lies outside is drawn at the edge; labels that would meet stand one below the
    other. ``window`` is a span of days that is shaded. What pictures have in common, such
    as an axis or a mark with its words, is defined apart: a page may hold it once.
    ``key`` says below the lanes what filled and hollow bars are.
    """
    axis = _Axis(first, _last(max(_days(lanes, window, lines, first))))
    page = _Page()
    ground = page.shown(_ground(axis, window))
    days = tuple(Moment(line.day, line.label, "") for line in lines)
    parts, foot = _lane(page, Lane("", dots=days), axis, _TOP) if days else ([], _TOP)
    for lane in lanes:
        drawn, foot = _lane(page, lane, axis, foot)
        parts += drawn
    low = foot
    if key:
        parts.append(page.shown(f'<text x="{_LEFT}">{escape(key)}</text>', 0, low + 13))
        low += _ROW
    return "".join(
        (
            '<svg xmlns="http://www.w3.org/2000/svg" '
            f'viewBox="0 0 {WIDTH} {low + _FOOT}" '
            f'style="font-size:11px;fill:{palette.INK}"><defs>',
            *page.definitions(),
            f"</defs>{ground}",
            *_lines(axis, lines, foot),
            *parts,
            "</svg>",
        )
    )


class _Page:
    """What a picture shows more than once, or shares with others, each defined once."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def shown(self, content: str, x: int = 0, y: int = 0) -> str:
        """The content, shown at a place by its name."""
        name = self._names.setdefault(content, f"u{len(self._names)}")
        across = f' x="{x}"' if x else ""
        down = f' y="{y}"' if y else ""
        return f'<use href="#{name}"{across}{down}/>'

    def definitions(self) -> Iterator[str]:
        """Each content as an element with its name."""
        for content, name in self._names.items():
            yield f'<g id="{name}">{content}</g>'


def _days(lanes, window, lines, first: int) -> Iterator[int]:
    yield first + _WEEK
    yield window[1] + 1
    for lane in lanes:
        yield from (bar.start + 1 for bar in lane.bars)
        yield from (dot.day + 1 for dot in lane.dots)
    yield from (line.day for line in lines)


def _last(day: int) -> int:
    years = -(-day // _SPANS[-1]) * _SPANS[-1]
    return next((span for span in _SPANS if span >= day), years)


@lru_cache(maxsize=1024)
def _ground(axis: _Axis, window: tuple[int, int]) -> str:
    start, end = axis.x(window[0] - 0.5), axis.x(window[1] + 0.5)
    ticks = _ticks(axis)
    marks = "".join(f"M{axis.x(day)} {_TOP - 4}v-3" for day in ticks)
    texts = "".join(f'<tspan x="{axis.x(day)}">{day}</tspan>' for day in ticks)
    return (
        f'<path fill="{palette.BAND}" d="M{start} {_TOP - 4}H{end}V{_DEEP}H{start}z"/>'
        f'<path stroke="{palette.LINE}" fill="none" '
        f'd="M{_LEFT} {_TOP - 4}H{_RIGHT}{marks}"/>'
        f'<text y="{_TOP - 10}" text-anchor="middle">{texts}</text>'
        f'<text x="0" y="{_TOP - 10}">Day</text>'
        f'<text x="0" y="{_TOP + 14}">shaded: {window[0]}–{window[1]}</text>'
    )


def _ticks(axis: _Axis) -> list[int]:
    step = _WEEK
    while (axis.last - axis.first) / step > _MOST_TICKS:
        step *= 2
    return list(range(-(-axis.first // step) * step, axis.last + 1, step))


def _lines(axis: _Axis, lines: Sequence[Line], foot: int) -> Iterator[str]:
    if lines:
        drawn = "".join(f"M{axis.x(line.day)} {_TOP - 4}V{foot}" for line in lines)
        yield f'<path stroke="{palette.INK}" stroke-dasharray="3 2" d="{drawn}"/>'


def _lane(page: _Page, lane: Lane, axis: _Axis, top: int) -> tuple[list[str], int]:
    parts = []
    if lane.label:
        label = f"<text>{escape(lane.label)}</text>"
        parts.append(page.shown(label, 0, top + 15))
    parts += [_bar(bar, axis, top) for bar in lane.bars]
    ends: list[int] = []
    """Where the labels of each row of the lane end."""
    for dot in sorted(lane.dots, key=lambda dot: dot.day):
        x = axis.x(dot.day)
        width = len(dot.label) * _LETTER
        is_turned = x + _GAP + width > WIDTH - 4
        reach = round(width) + 2 * _GAP
        before, after = (reach, _GAP) if is_turned else (_GAP, reach)
        row = next((at for at, end in enumerate(ends) if end < x - before), len(ends))
        ends[row : row + 1] = [x + after]
        look = dot.label, dot.shape, dot.colour, dot.is_bold, is_turned
        parts.append(page.shown(_dot(*look), x, top + 11 + _ROW * row))
    return parts, top + _ROW * max(1, len(ends)) + 5


def _bar(bar: Bar, axis: _Axis, top: int) -> str:
    start, end = axis.x(bar.start - 0.5), axis.x(bar.end + 0.5)
    paint = f'fill="{bar.colour}"'
    if bar.is_hollow:
        paint = f'fill="none" stroke="{bar.colour}"'
    width = max(2, end - start)
    return f'<rect x="{start}" y="{top + 5}" width="{width}" height="11" {paint}/>'


@lru_cache(maxsize=1024)
def _dot(label: str, shape: str, colour: str, is_bold: bool, is_turned: bool) -> str:
    mark = ""
    if shape:
        mark = f'<path fill="{colour}" d="M0 0{_SHAPES[shape]}"/>'
    weight = ' font-weight="700"' if is_bold else ""
    place = f'x="-{_GAP + 2}" text-anchor="end"' if is_turned else f'x="{_GAP + 2}"'
    return f'{mark}<text {place} y="4"{weight}>{escape(label)}</text>'
