"""A document as one self-contained HTML page; knows nothing of data, wording or files.

Escaping happens here and nowhere else: Jinja2 escapes every value, and the only markup
that enters is the styles, the script and the figures of this package.
"""

from dataclasses import dataclass, field
from functools import cache
from types import SimpleNamespace as View

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from pipeline import resources
from pipeline.report import columns, drawing, page_style, palette, reading
from pipeline.report.document import (
    Block,
    Bullets,
    Cell,
    Document,
    Figure,
    Note,
    NotEnoughData,
    Row,
    Section,
    Table,
    Value,
)
from pipeline.report.paper import Paper

_BEYOND_THE_SCREEN = 4
"""Columns of a wide table that are named, for they may lie beyond the screen."""


@dataclass(frozen=True)
class _Once:
    """What the figures of a page have in common, which it holds once: by its content."""

    styles: dict[str, str]
    shared: drawing.Shared
    paper: Paper = field(default_factory=Paper)
    cells: dict[tuple, Markup] = field(default_factory=dict)


def render(document: Document) -> str:
    """The page as text; the same document gives the same text.

    It asks nothing of a network, its policy admits its own styles and script by hash, and
    it reads in full without the script. Raises InvariantBroken where the document is
    faulty (``reading.check``).
    """
    reading.check(document)
    styles: dict[str, str] = {}
    once = _Once(styles, drawing.Shared(styles))
    turned = reading.turned(document.sections)
    sections = [
        _section(section, once, is_turned=is_turned)
        for section, is_turned in zip(document.sections, turned, strict=True)
    ]
    drawn = "".join(f".{name}{{{rule}}}" for rule, name in styles.items())
    css = page_style.sheet() + drawn + once.paper.sheet()
    script = page_style.shipped("list.js")
    return _template("report.html.j2").render(
        document=document,
        audience=reading.AUDIENCES[document.audience],
        messages=[_block(note, once, is_turned=False) for note in document.messages],
        contents=_contents(document),
        sections=sections,
        shared=Markup(drawing.definitions(once.shared.defined)),
        css=Markup(css),
        script=Markup(script),
        policy=page_style.policy(css, script),
    )


@cache
def _template(name: str) -> Template:
    environment = Environment(
        autoescape=True,
        loader=FileSystemLoader(resources.path("reports", "templates")),
        lstrip_blocks=True,
        trim_blocks=True,
        undefined=StrictUndefined,
    )
    return environment.get_template(name)


def _contents(document: Document) -> list[View]:
    chapters: list[View] = []
    for section in document.sections:
        if section.level == 1:
            chapters.append(View(id=section.id, title=section.title, parts=[]))
        else:
            chapters[-1].parts.append(section)
    return chapters


def _section(section: Section, once: _Once, *, is_turned: bool) -> View:
    return View(
        id=section.id,
        title=section.title,
        level=section.level,
        css=f"level-{section.level}{' turned' if is_turned else ''}",
        blocks=[_block(block, once, is_turned=is_turned) for block in section.blocks],
    )


def _block(block: Block, once: _Once, *, is_turned: bool) -> View:
    kind = type(block).__name__
    match block:
        case Bullets():
            tag = "ol" if block.numbered else "ul"
            # `items` would hide the method of the same name from a template.
            return View(kind=kind, tag=tag, entries=block.items)
        case Note():
            verdict = reading.NOTES[block.kind]
            return View(
                kind=kind,
                css=block.kind,
                shape=palette.SHAPES[verdict],
                colour=palette.NAMES[palette.COLOURS[verdict]],
                title=block.title,
                text=block.text,
            )
        case NotEnoughData():
            return View(
                kind=kind,
                shape=palette.SHAPES["not_enough"],
                colour=palette.NAMES[palette.NOT_ENOUGH],
                title="Not enough data",
                text=reading.whole_sentence(block.reason),
            )
        case Table():
            table = _table(block, block.id, once, is_turned=is_turned)
            return View(kind=kind, table=table)
        case Figure():
            caption, alt = block.caption, block.alt
            svg = drawing.inline(block.svg, block.id, caption, alt, once.styles)
            name = f"{block.id}-numbers"
            table = _table(block.table, name, once, is_turned=is_turned)
            return View(
                kind=kind,
                id=block.id,
                caption=caption,
                headline=reading.headline(caption),
                svg=Markup(svg),
                table=table,
            )
        case _:
            return View(kind=kind, text=block.text)


def _table(table: Table, name: str, once: _Once, *, is_turned: bool) -> View:
    groups = sorted({row.group for row in table.rows if row.group})
    heads = [_head(table, place) for place in range(len(table.columns))]
    css, measured = once.paper.set(table, is_turned=is_turned)
    return View(
        id=name,
        css=f"list {css}" if table.interactive else css,
        columns=measured,
        caption=table.caption,
        headline=reading.headline(table.caption),
        unlisted=reading.unlisted(table),
        last=_last_columns(table),
        note=table.note,
        empty=table.empty,
        interactive=table.interactive,
        group_title=table.group_title,
        groups=groups if len(groups) > 1 else [],
        heads=heads,
        rows=[_row(row, table, heads, once) for row in table.rows],
    )


def _last_columns(table: Table) -> str:
    """The columns that a screen has no room for, where a table needs a turned page."""
    if not (table.landscape and table.rows):
        return ""
    return "; ".join(column.title for column in table.columns[-_BEYOND_THE_SCREEN:])


def _head(table: Table, place: int) -> View:
    column = table.columns[place]
    cells = [row.cells[place] for row in table.rows]
    sorts = [c.sort for c in cells if isinstance(c, Value) and c.sort is not None]
    right = column.kind in reading.RIGHT
    numbers = bool(sorts) and not any(isinstance(sort, str) for sort in sorts)
    full = f"{column.title} ({column.unit})" if column.unit else column.title
    return View(
        title=column.title,
        unit=column.unit,
        full=full,
        css="num" if right else "",
        numeric=numbers or (right and not sorts),
    )


def _row(row: Row, table: Table, heads: list[View], once: _Once) -> View:
    sorts = [""] * len(heads)
    if table.interactive:
        sorts = [
            str(_sort(cell, numeric=head.numeric))
            for cell, head in zip(row.cells, heads, strict=True)
        ]
    places = zip(row.cells, table.columns, sorts, strict=True)
    detail = row.detail and View(
        title=row.detail.title,
        svg=Markup(drawing.inline_small(row.detail.svg, row.detail.alt, once.shared)),
    )
    return View(
        css=f"r-{row.emphasis}" if row.emphasis else "",
        group=row.group,
        cells=[
            _cell(cell, column.kind, sort, once, is_head=place == 0)
            for place, (cell, column, sort) in enumerate(places)
        ],
        detail=detail,
    )


def _cell(cell: Cell, kind: str, sort: str, once: _Once, *, is_head: bool) -> Markup:
    """A cell's markup: of the thousands on a page few differ, and each is made once."""
    key = cell, kind, sort, is_head
    if key not in once.cells:
        view = _cell_view(cell, kind, sort, is_head=is_head)
        once.cells[key] = _template("cell.html.j2").module.cell(view)
    return once.cells[key]


def _cell_view(cell: Cell, kind: str, sort: str, *, is_head: bool) -> View:
    text, stress = reading.words(cell), reading.emphasis(cell)
    css = ["num"] if kind in reading.RIGHT else []
    shape = colour = ""
    if not isinstance(cell, Value):
        css.append("reason")
    elif kind != "text" and len(text) <= columns.ONE_LINE:
        css.append("keep")
    if kind == "label":
        shape, hexadecimal = reading.mark(text, stress)
        colour = palette.NAMES.get(hexadecimal, "ink")
        css += ["label", f"v-{colour}"] if shape else []
    elif stress and isinstance(cell, Value):
        css.append(f"e-{stress}")
    return View(
        head=is_head,
        css=" ".join(css),
        sort=sort,
        link=cell.link if isinstance(cell, Value) else "",
        text=reading.together(text) if kind == "text" else [(text, False)],
        shape=shape,
        colour=colour,
    )


def _sort(cell: Cell, *, numeric: bool) -> str | float:
    """What a cell is sorted by, where the script would not read the same from its text."""
    if not isinstance(cell, Value) or cell.sort is None:
        return ""
    text = " ".join(reading.words(cell).split())
    if not numeric:
        return "" if str(cell.sort).lower() == text.lower() else cell.sort
    try:
        return "" if float(text.replace(",", "")) == cell.sort else cell.sort
    except ValueError:
        return cell.sort
