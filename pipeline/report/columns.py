"""How wide the columns of a printed table are, from the words in them.

Knows tables and letters; knows nothing of typst. Typst would set a word that is wider than
its column over the next one, so that no column may be narrower than its longest word.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.report import reading
from pipeline.report.document import Cell, Column, Table

LONGEST = 16
"""Letters in a row that a line may not break; beyond it a break is put in."""

_BREAK = "\u200b"
_LONG = re.compile(rf"\S{{{LONGEST + 1},}}")
_SEAMS = re.compile(r"(?<=[-_/.:,;+@])(?=\w)")
_NARROW = frozenset(" .,:;'|!()[]fijlt-/")
_WIDE = frozenset("mwMW@%—…")
_MOST = 30.0


@dataclass(frozen=True)
class Widths:
    """Shares of the table's width (sum 1) and the factor by which its text shrinks."""

    shares: tuple[float, ...]
    scale: float


def breakable(text: str) -> str:
    """The text with a zero-width space wherever a long word may be broken.

    Words of up to ``LONGEST`` letters, so every number and date, stay as they are.
    """
    return _LONG.sub(_with_breaks, text)


def widths(table: Table, available: float, inset: float) -> Widths:
    """The widths for a table in a line of ``available`` em, ``inset`` em a cell.

    Every column gets the width of its longest word. What is left goes to the columns with a
    ``width`` by their shares, else to those that want more by how much. Where even the
    longest words do not fit, the text shrinks.
    """
    columns = range(len(table.columns))
    floors = [_longest_word(table, i) + inset for i in columns]
    wants = [max(floors[i], min(_MOST, _longest_text(table, i) + inset)) for i in columns]
    floor = sum(floors)
    if floor >= available:
        return Widths(tuple(f / floor for f in floors), available / floor)
    weights = [column.width for column in table.columns]
    granted = floors
    if any(weights):
        granted = [f if w else n for f, n, w in zip(floors, wants, weights, strict=True)]
        granted = granted if sum(granted) <= available else floors
    else:
        weights = [want - least + 0.1 for want, least in zip(wants, floors, strict=True)]
    spare = available - sum(granted)
    full = [g + spare * w / sum(weights) for g, w in zip(granted, weights, strict=True)]
    return Widths(tuple(width / available for width in full), 1.0)


def _with_breaks(found: re.Match[str]) -> str:
    pieces = _SEAMS.split(found[0])
    cut = (p[i : i + LONGEST] for p in pieces for i in range(0, len(p), LONGEST))
    return _BREAK.join(cut)


def _advance(text: str) -> float:
    return sum(0.34 if c in _NARROW else 0.92 if c in _WIDE else 0.62 for c in text)


def _longest_word(table: Table, place: int) -> float:
    return max(_words_of(head) for head in _texts(table, place))


def _words_of(text: str) -> float:
    words = re.split(rf"[\s{_BREAK}]+", breakable(text))
    return max(_advance(word) for word in words)


def _longest_text(table: Table, place: int) -> float:
    return max(_advance(text) for text in _texts(table, place))


def _texts(table: Table, place: int) -> Sequence[str]:
    column = table.columns[place]
    head = [column.title, column.unit]
    return [*head, *(_shown(column, row.cells[place]) for row in table.rows)]


def _shown(column: Column, cell: Cell) -> str:
    # A label's mark takes the room of two letters before its first word.
    words = reading.words(cell)
    return f"MM{words}" if column.kind == "label" else words
