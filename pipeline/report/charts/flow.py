"""A flow diagram in the manner of STROBE: boxes that follow, with what leaves aside."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from pipeline.report import palette

WIDTH, BOX, ASIDE, ASIDE_LEFT = 640, 300, 270, 366
HEIGHT, LINE, GAP, MARGIN = 46, 17, 26, 4


@dataclass(frozen=True)
class Step:
    """A box: what it holds, how many; ``aside`` is what stands beside the way on."""

    label: str
    amount: str
    aside: tuple[tuple[str, str], ...] = ()
    aside_title: str = ""


def flow(steps: Sequence[Step]) -> str:
    """The steps from top to bottom, each with what leaves before the next one."""
    parts: list[str] = []
    top = MARGIN
    for place, step in enumerate(steps):
        is_last = place == len(steps) - 1
        parts += _box(step, top)
        reach = _aside_height(step) + 16 if step.aside else GAP
        end = top + HEIGHT + (0 if is_last and not step.aside else reach)
        if step.aside:
            parts += _aside(step, top + HEIGHT + 8, is_last)
        if not is_last:
            parts += _arrow(top + HEIGHT, end)
        top = end
    height = top + MARGIN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        f'viewBox="0 0 {WIDTH} {height}" font-family="{palette.FAMILY}">'
        + "".join(parts)
        + "</svg>"
    )


def _box(step: Step, top: int) -> list[str]:
    shape = f'x="2" y="{top}" width="{BOX}" height="{HEIGHT}" rx="3"'
    return [
        f'<rect {shape} fill="{palette.PAPER}" stroke="{palette.LINE}"/>',
        _text(14, top + 19, step.label),
        _text(14, top + 36, step.amount, bold=True),
    ]


def _aside(step: Step, top: int, is_last: bool) -> list[str]:
    height = _aside_height(step)
    middle = top + height // 2
    start = (
        f"M {BOX // 2} {top - 8} V {middle}" if is_last else f"M {BOX // 2} {middle}"
    )
    shape = f'x="{ASIDE_LEFT}" y="{top}" width="{ASIDE}" height="{height}" rx="3"'
    parts = [
        f'<path d="{start} H {ASIDE_LEFT}" stroke="{palette.LINE}" fill="none"/>',
        f'<rect {shape} fill="{palette.SOFT}" stroke="{palette.LINE}"/>',
    ]
    lines = [(step.aside_title, "")] if step.aside_title else []
    for place, (label, amount) in enumerate([*lines, *step.aside]):
        line = top + 17 + LINE * place
        parts.append(_text(ASIDE_LEFT + 10, line, label, bold=not amount))
        if amount:
            parts.append(_text(ASIDE_LEFT + ASIDE - 10, line, amount, anchor="end"))
    return parts


def _aside_height(step: Step) -> int:
    return LINE * (len(step.aside) + bool(step.aside_title)) + 10


def _arrow(start: int, end: int) -> list[str]:
    x = BOX // 2
    head = f"M {x - 4} {end - 7} L {x} {end} L {x + 4} {end - 7} z"
    return [
        f'<path d="M {x} {start} V {end - 5}" stroke="{palette.LINE}" fill="none"/>',
        f'<path d="{head}" fill="{palette.LINE}"/>',
    ]


def _text(x: int, y: int, words: str, bold: bool = False, anchor: str = "start") -> str:
    weight = ' font-weight="700"' if bold else ""
    side = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return (
        f'<text x="{x}" y="{y}" font-size="12" fill="{palette.INK}"{weight}{side}>'
        f"{escape(words)}</text>"
    )
