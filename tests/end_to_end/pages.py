"""What a reader finds on a report's page: its text and the cells of its tables."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

_HIDDEN = ("svg", "style", "script", "title")


@dataclass
class Table:
    """A table as it is shown: its heads, and a list of cell texts a row."""

    heads: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)

    def records(self) -> Iterator[dict[str, str]]:
        """Each row by its heads; the one cell that says that there is no row is none."""
        for row in self.rows:
            if len(row) == len(self.heads):
                yield dict(zip(self.heads, row, strict=True))


@dataclass
class Page:
    """The tables by their ids, the headings by theirs, and all text outside tables."""

    tables: dict[str, Table] = field(default_factory=dict)
    headings: dict[str, str] = field(default_factory=dict)
    text: str = ""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page()
        self._table: Table | None = None
        self._cell: list[str] | None = None
        self._heading: str | None = None
        self._is_head = False
        self._hidden = 0

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag in _HIDDEN:
            self._hidden += 1
        elif tag == "table":
            self._table = self.page.tables[given["id"]] = Table()
        elif tag == "tr" and self._table is not None:
            self._is_head = False
            self._table.rows.append([])
        elif tag in ("th", "td"):
            self._is_head = given.get("scope") == "col"
            self._cell = []
        elif tag in ("h2", "h3", "h4"):
            self._heading = given.get("id")
        elif tag in ("p", "li", "dt", "dd", "br"):
            self.page.text += "\n"

    def handle_endtag(self, tag):
        if tag in _HIDDEN:
            self._hidden -= 1
        elif tag in ("th", "td") and self._table is not None:
            text = " ".join("".join(self._cell or ()).split())
            (self._table.heads if self._is_head else self._table.rows[-1]).append(text)
            self._cell = None
        elif tag == "tr" and self._table is not None and not self._table.rows[-1]:
            self._table.rows.pop()
        elif tag == "table":
            self._table = None
        elif tag in ("h2", "h3", "h4"):
            self._heading = None

    def handle_data(self, data):
        if self._hidden:
            return
        if self._cell is not None:
            self._cell.append(data)
        elif self._table is None:
            self.page.text += data
            if self._heading:
                found = self.page.headings.get(self._heading, "") + data
                self.page.headings[self._heading] = found


def read_page(path: Path) -> Page:
    """The page of a report in HTML."""
    reader = _Reader()
    reader.feed(path.read_text("utf-8"))
    reader.close()
    return reader.page
