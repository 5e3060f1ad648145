"""The nouns of a report, all frozen; knows nothing of wording, formats or files.

A document is the one value that HTML and PDF are rendered from. Text is plain text:
a renderer escapes it, nobody splices markup.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Value:
    """A cell: the text a reader sees, and what a column is sorted by.

    ``emphasis`` is one of ``""``, ``"act"``, ``"warn"``, ``"good"``, ``"muted"``; it never
    says more than the text does. ``link`` is the id of a section, or ``""``.
    """

    text: str
    sort: float | str | None = None
    emphasis: str = ""
    link: str = ""


@dataclass(frozen=True)
class NotEnoughData:
    """A cell or block that says in words why there is no number."""

    reason: str


@dataclass(frozen=True)
class Suppressed:
    """A cell withheld by disclosure control; ``code`` is what is printed for it."""

    code: str = "<11"


Cell = Value | NotEnoughData | Suppressed


@dataclass(frozen=True)
class Column:
    """A table's column. ``kind``: text, integer, number, percent, date or label.

    ``unit`` stands in the head; numbers are aligned right; ``width`` is a relative share
    of the page width in print, 0 for as narrow as its content.
    """

    title: str
    kind: str = "text"
    unit: str = ""
    width: float = 0


@dataclass(frozen=True)
class Detail:
    """A small picture that belongs to a row, and its alt text; HTML folds it below the row."""

    title: str
    alt: str
    svg: str


@dataclass(frozen=True)
class Row:
    """A table's row; its first cell is the row's head. ``group`` is what a list filters by.

    Print has no room for its ``detail``, which says nothing that the cells do not.
    """

    cells: tuple[Cell, ...]
    group: str = ""
    emphasis: str = ""
    detail: Detail | None = None


@dataclass(frozen=True)
class Table:
    """A table. ``interactive``: HTML sorts, filters and exports it.

    ``printed_rows`` caps the rows in print (None: all); the renderer says where the rest
    is, ``file`` being the run's file that holds every row, if one does. ``n_unlisted`` are
    the rows that only that file holds. ``empty`` is the sentence that stands in place of no
    rows. ``landscape``: print it on a turned page.
    """

    id: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    empty: str
    interactive: bool = False
    group_title: str = ""
    printed_rows: int | None = None
    landscape: bool = False
    note: str = ""
    file: str = ""
    n_unlisted: int = 0


@dataclass(frozen=True)
class Figure:
    """A figure: an SVG, what to see in it, its alt text, and its numbers in a table."""

    id: str
    caption: str
    alt: str
    svg: str
    table: Table


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of plain text."""

    text: str


@dataclass(frozen=True)
class Bullets:
    """A list of sentences; ``numbered`` where their order matters."""

    items: tuple[str, ...]
    numbered: bool = False


@dataclass(frozen=True)
class Note:
    """A box that stands out. ``kind``: act, warn or info."""

    kind: str
    title: str
    text: str


Block = Paragraph | Bullets | Note | NotEnoughData | Table | Figure


@dataclass(frozen=True)
class Section:
    """A section (``level`` 1) or a part of one (``level`` 2)."""

    id: str
    title: str
    blocks: tuple[Block, ...]
    level: int = 1


@dataclass(frozen=True)
class Document:
    """A whole report for one audience (``team`` or ``shareable``)."""

    title: str
    subtitle: str
    period: str
    as_of: str
    run: str
    audience: str
    messages: tuple[Note, ...]
    sections: tuple[Section, ...]
    footer: str
    metadata: Mapping[str, str] = field(default_factory=dict)
