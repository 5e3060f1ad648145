"""The HTML page: safe, whole by itself, every word of the document in it."""

import base64
import dataclasses
import hashlib
import re
from html.parser import HTMLParser

import pytest

from pipeline.errors import InvariantBroken
from pipeline.report import drawing, html, palette, reading
from pipeline.report.document import Column, Document, Figure, Row, Table, Value
from tests import report_samples

_LIMIT = 1_500_000
_ADDRESSES = {"src", "href", "xlink:href", "action", "srcset", "data", "poster"}


class _Page(HTMLParser):
    def __init__(self, text: str):
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self.cells: list[str] = []
        self._open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self._open.append(tag)
        if tag in ("td", "th"):
            self.cells.append("")

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data):
        inside = self._open[-1] if self._open else ""
        self.texts.setdefault(inside, []).append(data)
        if {"td", "th"} & set(self._open):
            self.cells[-1] += data


@pytest.fixture(scope="module")
def sample() -> Document:
    return report_samples.document()


@pytest.fixture(scope="module")
def text(sample) -> str:
    return html.render(sample)


@pytest.fixture(scope="module")
def page(text) -> _Page:
    return _Page(text)


def _tables(document: Document) -> list[Table]:
    blocks = [block for section in document.sections for block in section.blocks]
    own = [block for block in blocks if isinstance(block, Table)]
    return own + [block.table for block in blocks if isinstance(block, Figure)]


def _policy(page: _Page) -> dict[str, str]:
    content = next(
        attributes["content"]
        for tag, attributes in page.elements
        if tag == "meta" and "http-equiv" in attributes
    )
    return dict(part.strip().split(" ", 1) for part in content.split(";"))


def _digest(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def test_markup_in_a_value_stays_text(text, page):
    assert "&amp;&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert text.count("<script>") == 1
    assert not [a for _, a in page.elements if any(k.startswith("on") for k in a)]
    for hostile in report_samples.HOSTILE:
        assert hostile in page.cells


def test_a_template_expression_in_a_value_is_not_evaluated(page):
    assert "{{7*7}}" in page.cells
    assert "49" not in page.cells[: page.cells.index("{{7*7}}")]


def test_the_policy_admits_the_page_s_own_style_and_script_and_nothing_else(page):
    policy = _policy(page)
    assert policy["default-src"] == "'none'"
    assert policy["style-src"] == _digest("".join(page.texts["style"]))
    assert policy["script-src"] == _digest("".join(page.texts["script"]))
    assert "unsafe" not in " ".join(policy.values())


def test_no_style_attribute_is_left_that_the_policy_would_refuse(page):
    assert not [tag for tag, attributes in page.elements if "style" in attributes]


def test_nothing_refers_outside_the_page(page):
    style = "".join(page.texts["style"])
    addresses = re.findall(r"url\(([^)]{0,12})", style)
    addresses += re.findall(r"@import[^;]*", style)
    for _, attributes in page.elements:
        addresses += [attributes[k] for k in _ADDRESSES & attributes.keys()]
    assert addresses
    assert [a for a in addresses if not a.startswith(("#", "data:font"))] == []


def test_every_reference_within_the_page_has_its_target_and_every_id_is_its_own(page):
    ids = [a["id"] for _, a in page.elements if "id" in a]
    assert len(ids) == len(set(ids))
    targets = [a["href"][1:] for _, a in page.elements if a.get("href", "")[:1] == "#"]
    labels = [
        a["aria-labelledby"].split() for _, a in page.elements if "aria-labelledby" in a
    ]
    assert set(targets) | {name for label in labels for name in label} <= set(ids)


def test_every_cell_of_every_table_is_on_the_page(sample, page):
    words = [
        reading.words(cell)
        for table in _tables(sample)
        for row in table.rows
        for cell in row.cells
    ]
    for word in set(words):
        assert page.cells.count(word) >= words.count(word)


def test_absent_numbers_are_words(page):
    assert "not enough data: 2 evaluable, 5 needed" in page.cells
    assert "withheld (<11)" in page.cells
    assert "not evaluable" in page.cells
    assert "No chart has alarmed." in page.cells


def test_heads_have_a_scope_and_every_table_a_caption(sample, page):
    heads = [a for tag, a in page.elements if tag == "th"]
    assert {a["scope"] for a in heads} == {"col", "row"}
    tags = [tag for tag, _ in page.elements]
    assert tags.count("caption") == tags.count("table") == len(_tables(sample))


def test_a_figure_has_alt_text_and_follows_the_theme(sample, text):
    assert "alert(1)" not in text[text.index('<figure id="flow">') :].split("</svg>")[0]
    figure = next(b for b in sample.sections[0].blocks if isinstance(b, Figure))
    assert f">{figure.alt}</desc>" in text
    drawn = text[text.index('<figure id="forest">') :].split("</figure>")[0]
    assert not re.findall(r"#[0-9a-fA-F]{6}\b", drawn)
    assert "fill:var(--band)" in text


def test_the_same_document_gives_the_same_page(text):
    assert html.render(report_samples.document()) == text


def test_a_row_s_picture_has_alt_text_and_shares_its_parts(sample, text, page):
    rows = next(t for t in _tables(sample) if t.id == "line_list").rows
    labels = [
        a.get("aria-label") for tag, a in page.elements if tag == "svg" and "role" in a
    ]
    assert {row.detail.alt for row in rows} <= set(labels)
    ids = [a["id"] for _, a in page.elements if re.fullmatch(r"u\d+", a.get("id", ""))]
    used = [a.get("href", "")[1:] for tag, a in page.elements if tag == "use"]
    assert 0 < len(ids) < len(rows)
    assert set(ids) <= set(used)
    drawn = text.split('<tr class="detail">', 1)[1].split("</tr>")[0]
    assert not re.findall(r"#[0-9a-fA-F]{6}\b", drawn)


@pytest.mark.parametrize("changes", [{"alt": " "}, {"title": ""}])
def test_a_picture_without_words_is_refused(sample, changes):
    first = report_samples.line_list(1)
    detail = dataclasses.replace(first.rows[0].detail, **changes)
    rows = (dataclasses.replace(first.rows[0], detail=detail),)
    section = dataclasses.replace(
        sample.sections[0], blocks=(dataclasses.replace(first, id="x", rows=rows),)
    )
    broken = dataclasses.replace(sample, sections=(section,))
    with pytest.raises(InvariantBroken, match="picture without alt text"):
        html.render(broken)


def test_a_network_of_forty_sites_and_three_hundred_rows_stays_small(text):
    assert len(text.encode("utf-8")) < _LIMIT


def test_a_figure_that_is_not_xml_is_refused():
    with pytest.raises(InvariantBroken, match="flow"):
        drawing.inline("<svg><g></svg>", "flow", "a", "b", {})


def test_a_figure_loses_handlers_scripts_and_outward_references():
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" onload="x()"><style>*{}</style>'
        '<a href="https://example.org"><text style="fill: #16222c; behavior: url(x)">a  b'
        '</text></a><rect id="r" fill="#FFF" style="fill:expression({})"/></svg>'
    )
    styles: dict[str, str] = {}
    drawn = drawing.inline(svg, "f", "title", "alt", styles)
    assert "onload" not in drawn
    assert "example.org" not in drawn
    assert "<style" not in drawn
    assert 'id="f-r"' in drawn
    assert ">a  b<" in drawn
    assert next(iter(styles)).startswith("fill:var(--ink)")
    assert "fill:var(--paper)" in styles
    assert "{" not in "".join(styles)


def test_a_row_s_picture_is_as_safe_as_any_other_figure():
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" onload="x()"><defs><g id="u0">'
        "<script>x()</script><text>a  b</text></g></defs>"
        '<use href="#u0" x="1"/><rect x="1" onclick="x()" fill="#16222c"/></svg>'
    )
    styles: dict[str, str] = {}
    shared = drawing.Shared(styles)
    drawn = drawing.inline_small(svg, 'P-1 & "co"', shared)
    assert shared.defined == {"<g><text>a  b</text></g>": "u0"}
    assert "onload" not in drawn
    assert "onclick" not in drawn
    assert 'aria-label="P-1 &amp; &quot;co&quot;"' in drawn
    assert '<use x="1" href="#u0"/>' in drawn
    assert styles == {"fill:var(--ink)": "s0"}


@pytest.mark.parametrize(
    "changed",
    [
        ("<defs>", "<defs><style>*{}</style>"),
        ("</svg>", "<script>x()</script></svg>"),
        ("</svg>", ""),
        ("</g>", ""),
    ],
)
def test_a_row_s_picture_that_is_drawn_otherwise_is_refused(changed):
    svg = '<svg a="b"><defs><g id="u0"><path/></g></defs><use href="#u0"/></svg>'
    with pytest.raises(InvariantBroken, match="of a row"):
        drawing.inline_small(svg.replace(*changed), "alt", drawing.Shared({}))


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [
        p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_keeps_the_contrast_of_wcag_on_every_ground(theme):
    dark = theme == "dark"
    texts = [*palette.EMPHASIS.values(), *palette.COLOURS.values(), palette.ACCENT]
    grounds = [palette.PAPER, palette.SOFT]
    if dark:
        texts = [palette.DARK[colour] for colour in texts]
        grounds = [palette.DARK[colour] for colour in grounds]
    grounds += [pair[dark] for pair in palette.TINTS.values()]
    for ground in grounds:
        for colour in texts:
            assert _contrast(colour, ground) >= 4.5


def _broken(document: Document, **changes: object) -> Document:
    first = document.sections[0]
    blocks = tuple(
        dataclasses.replace(b, **changes) if isinstance(b, Table) else b
        for b in first.blocks
    )
    sections = (dataclasses.replace(first, blocks=blocks), *document.sections[1:])
    return dataclasses.replace(document, sections=sections)


_ONE = (Column("Population"),)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"columns": (), "rows": ()}, "no head over every column"),
        ({"columns": (Column(" "),), "rows": ()}, "no head over every column"),
        ({"columns": _ONE}, "does not fit its columns"),
        ({"id": "where"}, "used twice"),
        ({"caption": ""}, "no caption"),
        ({"columns": (Column("A", "money"),), "rows": ()}, "unknown kind 'money'"),
        (
            {"columns": _ONE, "rows": (Row((Value("a", link="nowhere"),)),)},
            "links to no section",
        ),
        (
            {"columns": _ONE, "rows": (Row((Value("a", emphasis="loud"),)),)},
            "unknown emphasis",
        ),
    ],
)
def test_a_faulty_document_is_refused_with_its_fault(sample, changes, fault):
    with pytest.raises(InvariantBroken, match=fault):
        html.render(_broken(sample, **changes))


@pytest.mark.parametrize(
    ("text", "stress", "shape", "colour"),
    [
        ("above", "", "triangle", palette.ABOVE),
        ("Above what is published", "warn", "triangle", palette.INCONCLUSIVE),
        ("below", "", "wedge", palette.BELOW),
        ("consistent", "good", "disc", palette.CONSISTENT),
        ("inconclusive", "", "diamond", palette.INCONCLUSIVE),
        ("not enough data", "", "ring", palette.NOT_ENOUGH),
        ("Confirmed", "act", "triangle", palette.ABOVE),
        ("plain", "", "", ""),
    ],
)
def test_a_label_has_the_shape_of_its_word_and_the_colour_of_its_weight(
    text, stress, shape, colour
):
    assert reading.mark(text, stress) == (shape, colour)


def test_a_range_or_a_fraction_is_kept_on_one_line():
    assert reading.together("7/96: 7.3% (3.0–14.4)") == [
        ("7/96:", True),
        (" 7.3% ", False),
        ("(3.0–14.4)", True),
    ]
    long = "a-" * 20
    assert reading.together(f"plain {long}") == [(f"plain {long}", False)]


def test_the_first_sentence_of_a_caption_is_its_headline():
    assert reading.headline("One. Two. Three") == ("One.", "Two. Three")
    assert reading.headline("Only 1.5% of all.") == ("Only 1.5% of all.", "")


def test_a_cell_says_what_it_is_sorted_by_only_where_its_text_does_not(sample):
    """The script reads the text, which need not stand in the page twice."""
    columns = (
        Column("Day", "date"),
        Column("Rate", "percent"),
        Column("Open", "integer"),
    )
    cells = (
        Value("2026-06-30", "2026-06-30"),
        Value("7.3%", 0.0729),
        Value("1,234", 1234.0),
    )
    said = {
        is_list: html.render(
            dataclasses.replace(
                sample,
                sections=(
                    dataclasses.replace(
                        sample.sections[0],
                        blocks=(
                            Table(
                                "sorted",
                                "Sorted.",
                                columns,
                                (Row(cells),),
                                "None.",
                                interactive=is_list,
                            ),
                        ),
                    ),
                ),
            )
        )
        for is_list in (True, False)
    }
    assert re.findall(r'data-v="([^"]*)"', said[True]) == ["0.0729"]
    assert "data-v" not in re.sub(r"<script.*?</script>", "", said[False], flags=re.S)
