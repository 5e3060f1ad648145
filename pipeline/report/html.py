"""A document as one self-contained HTML page; knows nothing of data, wording or files.

Escaping happens here and nowhere else: Jinja2 escapes every value, and the only markup
that enters is the styles, the script and the figures of this package.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import SimpleNamespace as View

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from pipeline import resources
from pipeline.report import drawing, palette, reading
from pipeline.report.document import (
    Block,
    Bullets,
    Cell,
    Column,
    Document,
    Figure,
    Note,
    NotEnoughData,
    Row,
    Section,
    Table,
    Value,
)

_RANGES = {
    "Latin1": "U+0-FF,U+131,U+152-153,U+2C6,U+2DA,U+2DC,U+2013-2014,U+2018-201A,"
    "U+201C-201E,U+2020-2022,U+2026,U+2030,U+2039-203A,U+2044,U+20AC,U+2122,U+2212,"
    "U+FB01-FB02",
    "Pi": "U+2000-200D,U+2015,U+202F,U+2032-2033,U+2070,U+2074-2079,U+2080-2089,"
    "U+2153-215E,U+2190-2199,U+2202,U+2206,U+2211,U+221A,U+221E,U+2248,U+2260,"
    "U+2264-2265,U+25CA,U+2713,U+FFFD",
}
_WEIGHTS = {"Regular": 400, "Bold": 700}


@dataclass(frozen=True)
class _Once:
    """What the figures of a page have in common, which it holds once: by its content."""

    styles: dict[str, str] = field(default_factory=dict)
    shared: dict[str, str] = field(default_factory=dict)


def render(document: Document) -> str:
    """The page as text; the same document gives the same text.

    It asks nothing of a network, its policy admits its own styles and script by hash, and
    it reads in full without the script. Raises InvariantBroken where the document is
    faulty (``reading.check``).
    """
    reading.check(document)
    once = _Once()
    sections = [_section(section, once) for section in document.sections]
    css = _css() + "".join(f".{name}{{{rule}}}" for rule, name in once.styles.items())
    script = _shipped("list.js")
    return _template().render(
        document=document,
        audience=reading.AUDIENCES[document.audience],
        messages=[_block(message, once) for message in document.messages],
        contents=_contents(document),
        sections=sections,
        shared=Markup(drawing.definitions(once.shared)),
        css=Markup(css),
        script=Markup(script),
        policy=_policy(css, script),
    )


def _shipped(name: str) -> str:
    return resources.path("reports", name).read_text(encoding="utf-8")


@cache
def _template() -> Template:
    environment = Environment(
        autoescape=True,
        loader=FileSystemLoader(resources.path("reports", "templates")),
        lstrip_blocks=True,
        trim_blocks=True,
        undefined=StrictUndefined,
    )
    return environment.get_template("report.html.j2")


@cache
def _css() -> str:
    return _faces() + _themes() + _shipped("style.css")


def _faces() -> str:
    faces = []
    for weight, number in _WEIGHTS.items():
        for part, characters in _RANGES.items():
            font = palette.font_folder() / f"IBMPlexSans-{weight}-{part}.woff2"
            data = base64.b64encode(font.read_bytes()).decode("ascii")
            faces.append(
                f'@font-face{{font-family:"{palette.FAMILY}";font-weight:{number};'
                f"src:url(data:font/woff2;base64,{data}) format('woff2');"
                f"unicode-range:{characters}}}\n"
            )
    return "".join(faces)


def _themes() -> str:
    names = palette.NAMES.items()
    light = {name: colour for colour, name in names}
    dark = {name: palette.DARK[colour] for colour, name in names}
    light |= {name: pair[0] for name, pair in palette.TINTS.items()}
    dark |= {name: pair[1] for name, pair in palette.TINTS.items()}
    return (
        f":root{{color-scheme:light dark;{_variables(light)}}}\n"
        "@media screen and (prefers-color-scheme:dark)"
        f"{{:root{{{_variables(dark)}}}}}\n"
    )


def _variables(colours: Mapping[str, str]) -> str:
    return ";".join(f"--{name}:{colour}" for name, colour in colours.items())


def _policy(css: str, script: str) -> str:
    return (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(css)}; "
        "font-src data:; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def _contents(document: Document) -> list[View]:
    chapters: list[View] = []
    for section in document.sections:
        if section.level == 1:
            chapters.append(View(id=section.id, title=section.title, parts=[]))
        else:
            chapters[-1].parts.append(section)
    return chapters


def _section(section: Section, once: _Once) -> View:
    return View(
        id=section.id,
        title=section.title,
        level=section.level,
        blocks=[_block(block, once) for block in section.blocks],
    )


def _block(block: Block, once: _Once) -> View:
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
            return View(kind=kind, table=_table(block, block.id, once))
        case Figure():
            caption, alt = block.caption, block.alt
            svg = drawing.inline(block.svg, block.id, caption, alt, once.styles)
            table = _table(block.table, f"{block.id}-numbers", once)
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


def _table(table: Table, name: str, once: _Once) -> View:
    groups = sorted({row.group for row in table.rows if row.group})
    heads = [_head(table, place) for place in range(len(table.columns))]
    return View(
        id=name,
        caption=table.caption,
        headline=reading.headline(table.caption),
        unlisted=reading.unlisted(table),
        note=table.note,
        empty=table.empty,
        interactive=table.interactive,
        group_title=table.group_title,
        groups=groups if len(groups) > 1 else [],
        heads=heads,
        rows=[_row(row, table, heads, once) for row in table.rows],
    )


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
    columns = table.columns
    cells = [_cell(c, column) for c, column in zip(row.cells, columns, strict=True)]
    if table.interactive:
        for view, cell, head in zip(cells, row.cells, heads, strict=True):
            view.sort = _sort(cell, numeric=head.numeric)
    cells[0].head = True
    css = f"r-{row.emphasis}" if row.emphasis else ""
    detail = row.detail and View(
        title=row.detail.title,
        svg=Markup(
            drawing.inline_small(
                row.detail.svg, row.detail.alt, once.styles, once.shared
            )
        ),
    )
    return View(css=css, group=row.group, cells=cells, detail=detail)


def _cell(cell: Cell, column: Column) -> View:
    text, stress = reading.words(cell), reading.emphasis(cell)
    css = ["num"] if column.kind in reading.RIGHT else []
    shape = colour = ""
    if not isinstance(cell, Value):
        css.append("reason")
    elif column.kind != "text":
        css.append("keep")
    if column.kind == "label":
        shape, hexadecimal = reading.mark(text, stress)
        colour = palette.NAMES.get(hexadecimal, "ink")
        css += ["label", f"v-{colour}"] if shape else []
    elif stress and isinstance(cell, Value):
        css.append(f"e-{stress}")
    link = cell.link if isinstance(cell, Value) else ""
    return View(
        head=False,
        css=" ".join(css),
        sort="",
        link=link,
        text=reading.together(text) if column.kind == "text" else [(text, False)],
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
