"""How a document is read on any medium: the words of a cell, the mark of a label, faults.

Knows the nouns; knows nothing of HTML, PDF or files.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date

from pipeline.errors import InvariantBroken
from pipeline.report import palette
from pipeline.report.document import (
    Block,
    Cell,
    Document,
    Figure,
    Note,
    NotEnoughData,
    Section,
    Suppressed,
    Table,
    Value,
)

KINDS = ("text", "integer", "number", "percent", "date", "label")
RIGHT = ("integer", "number", "percent")
NOTES = {"act": "above", "warn": "inconclusive", "info": "consistent"}
"""The verdict whose shape and colour a note of each kind borrows."""

AUDIENCES = {
    "team": "Restricted: for the infection control team",
    "shareable": "Shareable: small numbers are withheld",
}

_RANGE = re.compile(r"((?<!\S)(?=\S{3,16}(?!\S))[^\s–/-]+[–/-]\S+)")
_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_VERDICTS = {
    "above": "above",
    "below": "below",
    "consistent": "consistent",
    "inconclusive": "inconclusive",
    "not enough": "not_enough",
    "insufficient": "not_enough",
    "cannot": "not_enough",
}
_EMPHASIS_SHAPES = {
    "act": "triangle",
    "warn": "diamond",
    "good": "disc",
    "muted": "ring",
}


def words(cell: Cell) -> str:
    """The words a reader sees for a cell; never empty for an absent number.

    >>> words(NotEnoughData("2 evaluable, 5 needed"))
    'not enough data: 2 evaluable, 5 needed'
    >>> words(Suppressed("<11"))
    'withheld (<11)'
    """
    if isinstance(cell, NotEnoughData):
        return f"not enough data: {cell.reason}" if cell.reason else "not enough data"
    if isinstance(cell, Suppressed):
        wordy = any(letter.isalpha() for letter in cell.code)
        return cell.code if wordy else f"withheld ({cell.code})"
    return cell.text


def emphasis(cell: Cell) -> str:
    """The emphasis of a cell: act, warn, good, muted or nothing."""
    return cell.emphasis if isinstance(cell, Value) else "muted"


def mark(text: str, stress: str) -> tuple[str, str]:
    """The shape and the colour of a label: by its first words, else by its emphasis.

    An emphasis keeps its own colour, so that ``above`` may be a warning. Both are empty
    where neither says anything.
    """
    lowered = text.lower()
    verdict = next((v for w, v in _VERDICTS.items() if lowered.startswith(w)), "")
    shape = palette.SHAPES[verdict] if verdict else _EMPHASIS_SHAPES.get(stress, "")
    if stress or not verdict:
        return shape, palette.EMPHASIS[stress] if shape else ""
    return shape, palette.COLOURS[verdict]


def whole_sentence(reason: str) -> str:
    """A reason, which is a phrase in a cell, as a sentence of its own."""
    return f"{reason[:1].upper()}{reason[1:].removesuffix('.')}."


def headline(caption: str) -> tuple[str, str]:
    """The first sentence of a caption, which is set in bold, and the rest of it.

    >>> headline("Rates by site. See who lies outside.")
    ('Rates by site.', 'See who lies outside.')
    """
    first, stop, others = caption.partition(". ")
    return (first + stop.strip(), others)


def together(text: str) -> list[tuple[str, bool]]:
    """The text in pieces, each with whether a line may not break it: 3.0–14.4, 7/96.

    >>> together("7/96: 7.3% (3.0–14.4)")
    [('7/96:', True), (' 7.3% ', False), ('(3.0–14.4)', True)]
    """
    pieces = enumerate(_RANGE.split(text))
    return [(piece, place % 2 == 1) for place, piece in pieces if piece]


def blocks(section: Section, kind: type[Block]) -> Iterator[Block]:
    """The blocks of one kind in a section, in reading order."""
    return (block for block in section.blocks if isinstance(block, kind))


def turned(sections: Sequence[Section]) -> list[bool]:
    """Which sections stand on a turned page: a landscape table is in them, or follows.

    A section of text alone goes with the part that follows it.
    """
    found = [any(t.landscape for t in blocks(s, Table)) for s in sections]
    for place in range(len(sections) - 2, -1, -1):
        following = sections[place + 1]
        if following.level == 2 and found[place + 1] and _is_text(sections[place]):
            found[place] = True
    return found


def _is_text(section: Section) -> bool:
    return not any(isinstance(block, Table | Figure) for block in section.blocks)


def rest(table: Table) -> str:
    """The sentence that says where the rows beyond ``printed_rows`` are, or nothing."""
    cap, listed = table.printed_rows, len(table.rows)
    if cap is None or listed <= cap:
        return unlisted(table)
    total = listed + table.n_unlisted
    if table.n_unlisted:
        return (
            f"{cap} of {total:,} rows are printed, the first {listed:,} are in the HTML "
            f"report, all are in {table.file}."
        )
    where = "the HTML report" + (f" and in {table.file}" if table.file else "")
    return f"{cap} of {total} rows are printed; all {total} are in {where}."


def unlisted(table: Table) -> str:
    """The sentence that says where the rows are that the report does not hold, or nothing."""
    if not table.n_unlisted:
        return ""
    listed = len(table.rows)
    total = listed + table.n_unlisted
    return (
        f"The first {listed:,} of {total:,} rows stand here; all are in {table.file}."
    )


def check(document: Document) -> None:
    """Nothing, where a renderer can rely on the document.

    Raises InvariantBroken with every fault: ids that are not unique, links to nowhere, rows
    that do not fit their columns, a table without a head, a figure without alt text, an
    unknown kind or emphasis.
    """
    faults = [*_faults_of_ids(document), *_faults_of_notes(document)]
    targets = {section.id for section in document.sections}
    for section in document.sections:
        for table in blocks(section, Table):
            faults += _faults_of_table(table, targets)
        for figure in blocks(section, Figure):
            faults += _faults_of_table(figure.table, targets)
            if not figure.alt.strip() or not figure.caption.strip():
                faults.append(f"figure {figure.id} has no caption or no alt text")
    if faults:
        raise InvariantBroken(*(f"The report cannot be drawn: {f}." for f in faults))


def _faults_of_ids(document: Document) -> Iterator[str]:
    seen = set()
    for section in document.sections:
        named = [b for b in section.blocks if isinstance(b, Table | Figure)]
        for noun in (section, *named):
            if not _ID.fullmatch(noun.id) or noun.id in seen:
                yield f"the id {noun.id!r} is used twice or is not a plain name"
            seen.add(noun.id)
        if section.level not in (1, 2) or not section.title:
            yield f"section {section.id} has no title or a level that is neither 1 nor 2"
    if document.sections and document.sections[0].level != 1:
        yield "the first section is not of level 1"
    try:
        date.fromisoformat(document.as_of)
    except ValueError:
        yield "as_of is not a date such as 2026-06-30"
    if document.audience not in AUDIENCES:
        yield f"the audience is {document.audience!r}, neither team nor shareable"


def _faults_of_notes(document: Document) -> Iterator[str]:
    notes = [*document.messages]
    for section in document.sections:
        notes += blocks(section, Note)
    for note in notes:
        if note.kind not in NOTES:
            yield f"a note is of the unknown kind {note.kind!r}"


def _faults_of_table(table: Table, targets: set[str]) -> Iterator[str]:
    if not table.columns or not all(column.title.strip() for column in table.columns):
        yield f"table {table.id} has no head over every column"
    if not table.caption.strip() or not table.empty.strip():
        yield f"table {table.id} has no caption or no sentence for when it is empty"
    for column in table.columns:
        if column.kind not in KINDS:
            yield f"table {table.id} has a column of the unknown kind {column.kind!r}"
    for number, row in enumerate(table.rows, start=1):
        if len(row.cells) != len(table.columns):
            yield f"row {number} of table {table.id} does not fit its columns"
        if row.emphasis not in palette.EMPHASIS:
            yield f"row {number} of table {table.id} has an unknown emphasis"
        if row.detail and not (row.detail.title.strip() and row.detail.alt.strip()):
            yield f"row {number} of table {table.id} has a picture without alt text"
        for cell in row.cells:
            if emphasis(cell) not in palette.EMPHASIS:
                yield f"row {number} of table {table.id} has an unknown emphasis"
            if isinstance(cell, Value) and cell.link and cell.link not in targets:
                yield f"row {number} of table {table.id} links to no section"
