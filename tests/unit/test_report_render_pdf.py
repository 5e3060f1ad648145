"""The PDF: accessible, archivable, every row in it, nothing cut off."""

import collections
import dataclasses
import io
import shutil
import subprocess

import pikepdf
import pytest

from pipeline.errors import InvariantBroken
from pipeline.report import columns, pdf
from pipeline.report.document import (
    Column,
    Document,
    Figure,
    Paragraph,
    Row,
    Section,
    Table,
    Value,
)
from tests import report_samples

needs_pdftotext = pytest.mark.skipif(
    shutil.which("pdftotext") is None, reason="pdftotext (poppler) is not installed"
)


@pytest.fixture(scope="module")
def sample() -> Document:
    return report_samples.document(60)


@pytest.fixture(scope="module")
def written(sample) -> bytes:
    return pdf.render(sample)


@pytest.fixture(scope="module")
def tags(written) -> list[tuple[str, pikepdf.Dictionary]]:
    with pikepdf.open(io.BytesIO(written)) as opened:
        yield list(_walk(opened.Root.StructTreeRoot.K))


def _walk(node):
    if isinstance(node, pikepdf.Array):
        for child in node:
            yield from _walk(child)
    elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
        yield str(node.S), node
        if "/K" in node:
            yield from _walk(node.K)


def _with_table(document: Document, table: Table) -> Document:
    section = Section("only", "Only", (table,))
    return dataclasses.replace(document, sections=(section,))


def _words(written: bytes, *options: str) -> str:
    done = subprocess.run(
        ["pdftotext", *options, "-", "-"],
        input=written,
        capture_output=True,
        check=True,
    )
    return done.stdout.decode("utf-8")


@pytest.mark.parametrize("profile", ["ua1", "2a"])
@pytest.mark.parametrize("n_rows", [0, 60, 300])
def test_it_is_pdf_ua_1_and_pdf_a_2a_at_once(profile, n_rows, tmp_path):
    page = pytest.importorskip("page", reason="page-validation is not installed")
    path = tmp_path / "report.pdf"
    path.write_bytes(pdf.render(report_samples.document(n_rows)))
    found = page.validate_pdf(str(path), profile=profile)
    assert [(failure.rule_id, failure.message) for failure in found.failures] == []
    assert found.is_compliant


def test_every_table_has_a_head_of_th_cells(sample, tags):
    blocks = [block for section in sample.sections for block in section.blocks]
    tables = [block for block in blocks if isinstance(block, Table)]
    tables += [block.table for block in blocks if isinstance(block, Figure)]
    counts = collections.Counter(tag for tag, _ in tags)
    assert counts["/Table"] == counts["/THead"] == len(tables)
    assert counts["/TH"] == sum(len(table.columns) for table in tables)
    cells = sum(len(row.cells) for table in tables for row in table.rows)
    empty = sum(not table.rows for table in tables)
    assert counts["/TD"] == cells + empty


def test_every_figure_carries_its_alt_text(sample, tags):
    blocks = [block for section in sample.sections for block in section.blocks]
    alts = [block.alt for block in blocks if isinstance(block, Figure)]
    found = [
        str(node.get("/Alt"))
        for tag, node in tags
        if tag == "/Figure" and "/Alt" in node
    ]
    assert found == alts


def test_it_has_a_title_a_language_and_an_outline_of_its_sections(sample, written):
    with pikepdf.open(io.BytesIO(written)) as opened:
        assert str(opened.Root.Lang) == "en-GB"
        assert opened.Root.ViewerPreferences.DisplayDocTitle
        assert str(opened.docinfo["/Title"]) == sample.title
        with opened.open_outline() as outline:
            top = [entry.title for entry in outline.root]
            parts = [part.title for entry in outline.root for part in entry.children]
    for section in sample.sections:
        titles = top if section.level == 1 else parts
        assert any(title.endswith(section.title) for title in titles)


def test_the_clock_is_the_document_s_as_of_date(written):
    with pikepdf.open(io.BytesIO(written)) as opened:
        assert str(opened.docinfo["/CreationDate"]).startswith("D:20260630000000")


def test_the_same_document_gives_the_same_bytes(written):
    assert pdf.render(report_samples.document(60)) == written


def test_a_wide_list_is_printed_on_turned_pages(written):
    with pikepdf.open(io.BytesIO(written)) as opened:
        boxes = [[float(edge) for edge in page.mediabox] for page in opened.pages]
    turned = [width > height for _, _, width, height in boxes]
    assert turned[0] is False
    assert turned[-1] is False
    assert sum(turned) >= 3


def test_a_table_without_a_head_is_refused(sample):
    table = Table("bare", "Bare", (), (Row(()),), "Nothing.")
    with pytest.raises(InvariantBroken, match="no head over every column"):
        pdf.render(_with_table(sample, table))


def test_what_typst_refuses_is_told_without_the_data(sample, monkeypatch):
    monkeypatch.setattr(pdf, "_plain", lambda text: text)
    table = Table("t", "T", (Column("A"),), (Row((Value("P-1 🦠"),)),), "Nothing.")
    with pytest.raises(InvariantBroken) as refused:
        pdf.render(_with_table(sample, table))
    assert "P-1" not in str(refused.value)


@needs_pdftotext
def test_words_are_printed_as_they_stand(written):
    text = _words(written)
    for word in ("&<script>alert(1)</script>", "{{7*7}}", "=1+1", "@SUM(A1)", "≤ 30%"):
        assert word in text
    assert "not enough data: 2" in text
    assert "withheld (<11)" in text
    assert "No chart has alarmed." in text
    assert "emoji \ufffd and \ufffd\ufffd" in text


@needs_pdftotext
def test_every_page_but_the_first_has_a_head_and_each_its_number(sample, written):
    pages = _words(written, "-layout").split("\f")[:-1]
    assert all(f"{n} of {len(pages)}" in page for n, page in enumerate(pages, 1))
    assert all("does not diagnose" in " ".join(page.split()) for page in pages)
    for page in pages[1:]:
        assert page.lstrip().startswith(sample.title)
        assert "As of 2026-06-30" in page


@needs_pdftotext
def test_a_capped_list_says_where_the_rest_is():
    text = " ".join(_words(pdf.render(report_samples.document(60, 25))).split())
    assert "P-26024" in text
    assert "P-26025" not in text
    sentence = (
        "25 of 60 rows are printed; all 60 are in the HTML report and in line_list.csv."
    )
    assert sentence in text


@needs_pdftotext
def test_no_word_is_cut_off_or_set_over_another(written):
    boxes = _words(written, "-bbox").splitlines()
    size, seen, words = (0.0, 0.0), 0, []
    for line in boxes:
        parts = dict(p.split("=", 1) for p in line.replace('"', "").split() if "=" in p)
        if "<page" in line:
            size = float(parts["width"]), float(parts["height"].rstrip(">"))
            words = []
        elif "<word" in line:
            left, right = float(parts["xMin"]), float(parts["xMax"])
            top, bottom = float(parts["yMin"]), float(parts["yMax"].split(">")[0])
            assert 0 <= left < right <= size[0]
            assert 0 <= top < bottom <= size[1]
            for x0, y0, x1, y1 in words:
                across = min(right, x1) - max(left, x0)
                down = min(bottom, y1) - max(top, y0)
                assert across <= 0.5 or down <= 0.35 * (bottom - top)
            words.append((left, top, right, bottom))
            seen += 1
    assert seen > 1_000


@needs_pdftotext
@pytest.mark.parametrize("height", [900, 2_000])
def test_a_heading_stays_with_the_tall_figure_that_it_leads_up_to(sample, height):
    numbers = Table("n", "Numbers", (Column("A"),), (Row((Value("1"),)),), "None.")
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 {height}">'
        f'<rect width="640" height="{height}" fill="#16222c"/></svg>'
    )
    figure = Figure("tall", "Tall caption.", "A tall figure.", svg, numbers)
    before = tuple(Paragraph(f"Filling {number}.") for number in range(12))
    sections = (
        Section("before", "Before", before),
        Section("after", "Tall heading", (Paragraph("Leading up."), figure)),
    )
    document = dataclasses.replace(sample, sections=sections)
    pages = _words(pdf.render(document)).split("\f")
    [found] = [page for page in pages[1:] if "Tall heading" in page]
    assert "Leading up." in found
    assert "Tall caption." in found
    assert "Filling" not in found


def _one_column_each(*columns_: Column, words: tuple[str, ...]) -> Table:
    row = Row(tuple(Value(word) for word in words))
    return Table("t", "T", columns_, (row,), "Nothing.")


def test_columns_fill_the_line_only_where_one_asks_for_width():
    narrow = _one_column_each(Column("A"), Column("B", "integer"), words=("a", "1"))
    assert sum(columns.widths(narrow, 60, 1).shares) < 0.5
    wide = _one_column_each(Column("A", width=1), Column("B"), words=("a", "b"))
    assert sum(columns.widths(wide, 60, 1).shares) == pytest.approx(1)


def test_text_shrinks_rather_than_running_over():
    heads = [Column("Susceptibility", "number") for _ in range(20)]
    table = _one_column_each(*heads, words=("1234567890",) * 20)
    found = columns.widths(table, 90, 1)
    assert found.scale < 1
    assert sum(found.shares) == pytest.approx(1)


def test_only_words_too_long_for_a_column_are_given_breaks():
    short = "12.4 (33.0–60.3) 2026-06-30"
    assert columns.breakable(short, room=0.1) == short
    assert columns.breakable("Immunocompromised", room=12) == "Immunocompromised"
    long = columns.breakable("a" * 40, room=12)
    assert long.replace("\u200b", "") == "a" * 40
    assert max(map(len, long.split("\u200b"))) == columns.LONGEST


def test_a_column_is_as_wide_as_its_longest_word_where_there_is_room():
    table = _one_column_each(
        *(Column("A", width=1) for _ in range(4)),
        words=("Immunocompromised", "b " * 40, "c " * 40, "d " * 40),
    )
    found = columns.widths(table, 60, 1)
    text = table.rows[0].cells[0].text
    assert columns.breakable(text, found.rooms[0]) == text
    narrow = columns.widths(table, 17, 1)
    assert columns.BREAK in columns.breakable(text, narrow.rooms[0])


def test_a_broken_word_is_found_by_who_searches_the_text(sample):
    """A break that leaves a letter behind would hide the word from a search."""
    word = "Krankenhausinfektionsüberwachung"
    table = _one_column_each(
        *(Column(f"Head {number}", width=1) for number in range(9)),
        words=(word, *("much to say " * 20 for _ in range(8))),
    )
    document = dataclasses.replace(
        sample, sections=(Section("only", "Only", (table,)),)
    )
    said = _words(pdf.render(document))
    assert columns.BREAK not in said
    assert word in "".join(said.split())


@pytest.mark.parametrize("run", ["a", "b", "c", "d", "e", "f", "g", "h"])
def test_no_stream_ends_in_a_carriage_return(run):
    document = dataclasses.replace(report_samples.document(40), run=run)
    assert b"\r\nendstream" not in pdf.render(document)
