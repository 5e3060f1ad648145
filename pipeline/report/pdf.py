"""A document as a tagged A4 PDF; knows nothing of data, wording or files.

Typst sets the page from data passed as JSON: no text is ever read as markup.
"""

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from itertools import groupby, takewhile

from pipeline import resources
from pipeline.errors import InvariantBroken
from pipeline.report import packing, palette, reading
from pipeline.report.columns import BREAK, MANY, breakable, printed_size, widths
from pipeline.report.document import (
    Block,
    Bullets,
    Cell,
    Column,
    Document,
    Figure,
    Note,
    NotEnoughData,
    Paragraph,
    Section,
    Table,
    Value,
)

STANDARDS = ("ua-1", "a-2a")
_PORTRAIT, _LANDSCAPE = 174.0, 261.0
_TALLEST = 205.0
"""A figure as high as that has its heading, what leads up to it and its caption above it
on one page."""
_POINTS = 72 / 25.4
_ABSENT = "\ufffd"
_SHORT_ROWS, _SHORT_LETTERS = 12, 1_800
_WORDS = re.compile(r"[^\s\u200b]+")
_SIZE = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')
_RANGE = re.compile(r"[^\s\u200b][–/-][^\s\u200b]")

_Data = dict[str, object]


@dataclass(frozen=True)
class Manuscript:
    """A document as typst takes it: its data as JSON, and the seconds of its clock."""

    data: str
    timestamp: int


def render(document: Document) -> bytes:
    """The PDF (PDF/UA-1 and PDF/A-2a); the same document gives the same bytes.

    Its clock is the document's as-of date, its typefaces the vendored ones. A letter that
    they do not hold is printed as U+FFFD. Raises InvariantBroken where the document is
    faulty (``reading.check``) or typst refuses it.
    """
    return printed(manuscript(document))


def manuscript(document: Document) -> Manuscript:
    """What is to be set; InvariantBroken where the document is faulty."""
    reading.check(document)
    data = json.dumps(_report(document), ensure_ascii=False)
    return Manuscript(data, _midnight(document.as_of))


def printed(given: Manuscript) -> bytes:
    """The PDF of a manuscript; other threads may run, for typst holds no lock of Python."""
    import typst

    fonts = typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(palette.font_folder())],
    )
    template = resources.path("reports", "templates", "report.typ")
    try:
        written = typst.compile(
            str(template),
            root=str(template.parent),
            font_paths=fonts,
            sys_inputs={"report": given.data},
            pdf_standards=list(STANDARDS),
            timestamp=given.timestamp,
        )
    except typst.TypstError:
        # Its own message may quote the data.
        raise InvariantBroken("Typst refused to set the report as a PDF.") from None
    return packing.packed(written)


def _midnight(as_of: str) -> int:
    day = date.fromisoformat(as_of)
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


@cache
def _letters() -> frozenset[int]:
    from matplotlib.ft2font import FT2Font

    maps = [FT2Font(str(font)).get_charmap() for font in palette.font_files()]
    return frozenset.intersection(*(frozenset(found) for found in maps))


@lru_cache(maxsize=1 << 16)
def _plain(text: str) -> str:
    # Typst refuses, rightly, to write an accessible PDF with a letter it cannot draw.
    known = _letters()
    return "".join(
        letter if ord(letter) in known or letter == "\n" else _ABSENT
        for letter in unicodedata.normalize("NFC", text)
    )


def _report(document: Document) -> _Data:
    day = date.fromisoformat(document.as_of)
    facts = {"As of": document.as_of, "Period": document.period, "Run": document.run}
    return {
        "title": _plain(document.title),
        "subtitle": _plain(document.subtitle),
        "as_of": document.as_of,
        "run": _plain(document.run),
        "footer": _plain(document.footer),
        "audience": reading.AUDIENCES[document.audience],
        "facts": [[name, _plain(fact)] for name, fact in facts.items()],
        "date": {"year": day.year, "month": day.month, "day": day.day},
        "family": palette.FAMILY,
        "colours": _colours(),
        "messages": [_note(message) for message in document.messages],
        "groups": _groups(document.sections),
    }


def _colours() -> Mapping[str, str]:
    named = {name: colour for colour, name in palette.NAMES.items()}
    return named | {name: pair[0] for name, pair in palette.TINTS.items()}


def _groups(sections: tuple[Section, ...]) -> list[_Data]:
    pairs = zip(reading.turned(sections), sections, strict=True)
    return [
        {"flipped": flipped, "sections": [_section(s, flipped) for _, s in run]}
        for flipped, run in groupby(pairs, key=lambda pair: pair[0])
    ]


def _section(section: Section, flipped: bool) -> _Data:
    line = (_LANDSCAPE if flipped else _PORTRAIT) * _POINTS
    return {
        "id": section.id,
        "title": _plain(section.title),
        "level": section.level,
        "lead": _lead(section.blocks),
        "blocks": [_block(block, line) for block in section.blocks],
    }


def _lead(blocks: tuple[Block, ...]) -> int:
    """How many paragraphs lead up to a figure: they and the heading stay with it."""
    said = list(takewhile(lambda block: isinstance(block, Paragraph), blocks))
    following = blocks[len(said) : len(said) + 1]
    return len(said) if any(isinstance(each, Figure) for each in following) else 0


def _block(block: Block, line: float) -> _Data:
    kind = type(block).__name__
    match block:
        case Bullets():
            items = [_plain(item) for item in block.items]
            return {"kind": kind, "numbered": block.numbered, "items": items}
        case Note():
            return _note(block)
        case NotEnoughData():
            return _said(
                "Not enough data",
                reading.whole_sentence(block.reason),
                "soft",
                "not_enough",
            )
        case Table():
            return {"kind": kind} | _table(block, line, 8.5)
        case Figure():
            numbers = _table(block.table, line, 7.5)
            return {
                "kind": kind,
                "caption": _headline(block.caption),
                "alt": _plain(block.alt),
                "svg": _plain(block.svg),
                "width": min(_PORTRAIT, _TALLEST / _slope(block.svg)) * _POINTS / line,
                "table": numbers,
            }
        case _:
            return {"kind": kind, "text": _plain(block.text)}


def _slope(svg: str) -> float:
    """The height of a figure as a multiple of its width."""
    size = _SIZE.search(svg)
    return float(size[2]) / float(size[1]) if size else 1.0


def _headline(caption: str) -> list[str]:
    return [_plain(part) for part in reading.headline(caption)]


def _note(note: Note) -> _Data:
    return _said(note.title, note.text, note.kind, reading.NOTES[note.kind])


def _said(title: str, text: str, ground: str, verdict: str) -> _Data:
    return {
        "kind": "Note",
        "title": _plain(title),
        "text": _plain(text),
        "ground": ground,
        "shape": palette.SHAPES[verdict],
        "colour": palette.NAMES[palette.COLOURS[verdict]],
    }


def _table(table: Table, line: float, size: float) -> _Data:
    size = printed_size(table, size)
    inset = 3.0 if len(table.columns) > MANY else 4.5
    measured = widths(table, line / size, 2 * inset / size)
    rows = table.rows[: table.printed_rows]
    notes = [reading.rest(table), table.note]
    return {
        "caption": _headline(table.caption),
        "size": size * measured.scale,
        "inset": inset * measured.scale,
        "shares": measured.shares,
        "right": [column.kind in reading.RIGHT for column in table.columns],
        "heads": [
            _head(column, room)
            for column, room in zip(table.columns, measured.rooms, strict=True)
        ],
        "rows": [
            {
                "emphasis": row.emphasis,
                "cells": [
                    _cell(cell, column, room)
                    for cell, column, room in zip(
                        row.cells, table.columns, measured.rooms, strict=True
                    )
                ],
            }
            for row in rows
        ],
        "empty": _plain(table.empty),
        "notes": [_plain(note) for note in notes if note],
        "whole": _fits_half_a_page(table),
    }


def _head(column: Column, room: float) -> _Data:
    title, unit = (
        _plain(breakable(text, room)) for text in (column.title, column.unit)
    )
    return {
        "title": title,
        "unit": unit,
        "ranged": _may_part(f"{title} {unit}"),
        "broken": BREAK in title + unit,
    }


def _fits_half_a_page(table: Table) -> bool:
    letters = sum(len(reading.words(c)) for row in table.rows for c in row.cells)
    return len(table.rows) <= _SHORT_ROWS and letters <= _SHORT_LETTERS


def _cell(cell: Cell, column: Column, room: float) -> _Data | str:
    """The text alone where it is set as all the other text is."""
    text, stress = reading.words(cell), reading.emphasis(cell)
    shape, colour = "", palette.EMPHASIS[stress]
    if column.kind == "label":
        shape, marked = reading.mark(text, stress)
        colour = marked or colour
    printed = _plain(breakable(text, room))
    link = cell.link if isinstance(cell, Value) else ""
    ranged = _may_part(printed)
    is_broken = BREAK in printed
    if not (shape or stress or link or ranged or is_broken or colour != palette.INK):
        return printed
    return {
        "text": printed,
        "shape": shape,
        "colour": palette.NAMES[colour],
        "bold": bool(shape) or stress in ("act", "warn", "good"),
        "link": link,
        "ranged": ranged,
        "broken": is_broken,
    }


@lru_cache(maxsize=1 << 16)
def _may_part(text: str) -> bool:
    """Whether a line might end within a range or a fraction: a column holds any word."""
    return len(_WORDS.findall(text)) > 1 and bool(_RANGE.search(text))
