"""How wide the columns of a printed table are, from the words in them.

Knows tables and letters; knows nothing of typst. Typst would set a word that is wider than
its column over the next one, so that no column may be narrower than its longest word.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from pipeline.report import reading
from pipeline.report.document import Column, Row, Table, Value

LONGEST = 16
"""Letters in a row that a line never breaks; a number or a date has fewer."""

WHOLE = 24
"""Letters of the longest word for which a column is made wide enough if there is room."""

ONE_LINE = 26
"""Letters up to which a number, a date or a label stands on one line."""

MANY = 8
"""Columns beyond which a table is set smaller."""

_ROUNDING = 1e-6
BREAK = "\u200b"
"""Where a word may be broken: a zero-width space."""
_LONG = re.compile(rf"\S{{{LONGEST + 1},}}")
_SEAMS = re.compile(r"(?<=[-_/.:,;+@])(?=\w)")
_ADVANCES = {
    0.33: " .,:;'|!()[]fijlt·",
    0.44: '-r/\\"{}I*',
    0.57: "acegksvxyzJL?",
    0.72: "ABCDEFGHKNOPQRSTUVXYZ&#",
    0.95: "mwMW@%—…",
}


class _Advance(dict[str, float]):
    def __missing__(self, letter: str) -> float:
        return 0.61


_ADVANCE = _Advance(
    (letter, em) for em, letters in _ADVANCES.items() for letter in letters
)
"""Em of a letter in bold IBM Plex Sans, rounded up; any other letter has 0.61."""
_MARK = 1.3
_MOST = 60.0
_MOST_REASON = 12.0
_HALVINGS = 20


@dataclass(frozen=True)
class Widths:
    """Shares of the line's width (sum at most 1) and the factor that shrinks the text.

    ``rooms`` is what each column has for its text, in em.
    """

    shares: tuple[float, ...]
    scale: float
    rooms: tuple[float, ...]


def breakable(text: str, room: float) -> str:
    """The text with a zero-width space wherever a word wider than ``room`` em may break.

    Words of up to ``LONGEST`` letters, so every number and date, stay as they are.
    """
    if not _LONG.search(text):
        return text
    return _LONG.sub(
        lambda found: (
            found[0] if _advance(found[0]) <= room + _ROUNDING else _with_breaks(found)
        ),
        text,
    )


def printed_size(table: Table, largest: float) -> float:
    """Points of a table's type in print, before it shrinks to fit."""
    is_wide = table.landscape or len(table.columns) > MANY
    return min(largest, 7.5) if is_wide else largest


def widths(table: Table, available: float, inset: float) -> Widths:
    """The widths for a table in a line of ``available`` em, ``inset`` em a cell.

    Every column gets the width of its longest word. Beyond that the longest texts of all
    columns turn into about as many lines, which keeps rows low. What is left is shared by
    the columns with a ``width``, and without any the table stays narrower than the line.
    Where the longest words do not fit they may break, and where pieces of ``LONGEST``
    letters do not fit either, the text shrinks.
    """
    places = range(len(table.columns))
    for longest in (WHOLE, LONGEST):
        floors = [_longest_word(table, place, longest) + inset for place in places]
        if sum(floors) < available:
            break
    marks = [_mark(column) for column in table.columns]
    wants = [max(f, _longest_text(table, p) + inset) for p, f in enumerate(floors)]
    floor = sum(floors)
    if floor >= available:
        return Widths(
            tuple(f / floor for f in floors),
            available / floor,
            tuple(f - inset - m for f, m in zip(floors, marks, strict=True)),
        )
    weights = [column.width for column in table.columns]
    given = _turned(floors, wants, available)
    wide = available if any(weights) else min(available, 1.25 * sum(given))
    weights = weights if any(weights) else given
    spare = max(0.0, wide - sum(given))
    full = [g + spare * w / sum(weights) for g, w in zip(given, weights, strict=True)]
    return Widths(
        tuple(width / available for width in full),
        1.0,
        tuple(width - inset - m for width, m in zip(full, marks, strict=True)),
    )


def _mark(column: Column) -> float:
    return _MARK if column.kind == "label" else 0.0


def _turned(floors: list[float], wants: list[float], available: float) -> list[float]:
    """Each text over as many lines, as few as fit; no column narrower than its floor."""
    fewest, most = (
        1.0,
        max(want / floor for floor, want in zip(floors, wants, strict=True)),
    )
    if sum(wants) <= available:
        return wants
    for _ in range(_HALVINGS):
        lines = (fewest + most) / 2
        wide = sum(max(f, n / lines) for f, n in zip(floors, wants, strict=True))
        fewest, most = (lines, most) if wide > available else (fewest, lines)
    return [max(f, n / most) for f, n in zip(floors, wants, strict=True)]


def _with_breaks(found: re.Match[str]) -> str:
    return BREAK.join(_pieces(found[0]))


def _pieces(word: str) -> list[str]:
    seams = _SEAMS.split(word)
    return [p[i : i + LONGEST] for p in seams for i in range(0, len(p), LONGEST)]


@lru_cache(maxsize=1 << 16)
def _advance(text: str) -> float:
    return sum(map(_ADVANCE.__getitem__, text))


def _printed(table: Table) -> tuple[Row, ...]:
    return table.rows[: table.printed_rows]


def _longest_word(table: Table, place: int, longest: int) -> float:
    # A number, a date or a label stands on one line; words and reasons may turn.
    column = table.columns[place]
    turning = [column.title, column.unit]
    whole = []
    for cell in (row.cells[place] for row in _printed(table)):
        text = reading.words(cell)
        stays = isinstance(cell, Value) and column.kind != "text"
        stays = stays and len(text) <= ONE_LINE
        (whole if stays else turning).append(text)
    words = max(_widest_word(text, longest) for text in turning)
    return max([words, *map(_advance, whole)]) + _mark(column)


@lru_cache(maxsize=1 << 16)
def _widest_word(text: str, longest: int) -> float:
    pieces = (
        piece
        for word in text.split()
        for piece in ([word] if len(word) <= longest else _pieces(word))
    )
    return max(map(_advance, pieces), default=0.0)


def _longest_text(table: Table, place: int) -> float:
    column = table.columns[place]
    wants = [_advance(column.title)]
    for cell in (row.cells[place] for row in _printed(table)):
        most = _MOST if isinstance(cell, Value) else _MOST_REASON
        wants.append(min(most, _advance(reading.words(cell))))
    return max(wants) + _mark(column)
