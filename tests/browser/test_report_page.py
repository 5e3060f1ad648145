"""The HTML report in a browser: accessible, silent on the network, its lists at work."""

import csv
import io
import os
import shutil
import subprocess
from collections import Counter

import pytest

from pipeline.report import html
from tests import report_samples

api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
axe = pytest.importorskip(
    "axe_playwright_python.sync_playwright", reason="axe-playwright is not installed"
)
_NAMES = ("chromium", "chromium-browser", "google-chrome")
_CHROMIUM = os.environ.get("CHROMIUM") or next(
    filter(None, map(shutil.which, _NAMES)), ""
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not _CHROMIUM, reason="no chromium on the path or in CHROMIUM"),
]
needs_pdftotext = pytest.mark.skipif(
    shutil.which("pdftotext") is None, reason="pdftotext is not installed"
)
_OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_WIDTHS = {"light": 1280, "dark": 1280, "narrow": 390}


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> str:
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(html.render(report_samples.document()), encoding="utf-8")
    return path.as_uri()


@pytest.fixture(scope="module")
def browser():
    with api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=_CHROMIUM, args=_OPTIONS)
        yield opened
        opened.close()


@pytest.fixture
def page(browser, address):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(address)
    yield page
    context.close()


@pytest.mark.parametrize("look", list(_WIDTHS))
def test_axe_finds_nothing_and_nothing_is_asked_of_a_network(browser, address, look):
    context = browser.new_context(
        color_scheme="dark" if look == "dark" else "light",
        viewport={"width": _WIDTHS[look], "height": 900},
    )
    page = context.new_page()
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(address)
    page.evaluate(
        "document.querySelectorAll('details').forEach(d => { d.open = true })"
    )
    found = axe.Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert said == []
    context.close()


@pytest.mark.parametrize("width", [320, 390, 768, 1280, 1920])
def test_the_page_itself_never_scrolls_sideways(browser, address, width):
    context = browser.new_context(viewport={"width": width, "height": 844})
    page = context.new_page()
    page.goto(address)
    page.evaluate(
        "document.querySelectorAll('details').forEach(d => { d.open = true })"
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


def _column(page, place: int) -> list[str]:
    cells = f"#line_list tbody tr:not([hidden], .detail) > :nth-child({place})"
    return page.eval_on_selector_all(cells, "all => all.map(c => c.textContent.trim())")


def test_a_head_sorts_its_column_up_and_down_by_keyboard(page):
    head = page.locator("#line_list thead th", has_text="Open")
    head.get_by_role("button").focus()
    page.keyboard.press("Enter")
    days = [int(day) for day in _column(page, 9)]
    assert days == sorted(days)
    assert head.get_attribute("aria-sort") == "ascending"
    page.keyboard.press("Enter")
    days = [int(day) for day in _column(page, 9)]
    assert days == sorted(days, reverse=True)
    assert head.get_attribute("aria-sort") == "descending"


def test_a_picture_stays_below_its_row_and_goes_with_it(page):
    head = page.locator("#line_list thead th", has_text="Open")
    head.get_by_role("button").click()
    pairs = page.eval_on_selector_all(
        "#line_list tr.detail",
        "all => all.map(d => [d.previousElementSibling.cells[0].textContent.trim(),"
        " d.querySelector('summary').textContent])",
    )
    assert len(pairs) == 300
    assert {f"Timeline of {patient}" == title for patient, title in pairs} == {True}
    page.get_by_label("Search these rows").fill("P-26007")
    assert page.locator("#line_list tr.detail:not([hidden])").count() == 1


@pytest.mark.parametrize("look", ["light", "dark", "print"])
def test_what_a_picture_draws_is_seen_in_the_colours_of_the_page(
    browser, address, look
):
    scheme = "dark" if look == "dark" else "light"
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    page.goto(address)
    if look == "print":
        page.emulate_media(media="print")
        assert not page.locator(".detail").first.is_visible()
        context.close()
        return
    page.locator(".detail summary").first.click()
    mark = page.locator(".detail svg use").nth(1)
    assert mark.bounding_box()["width"] > 0
    inks = page.evaluate(
        "[document.querySelector('.detail svg'), document.body].map("
        "e => getComputedStyle(e)).map(s => s.fill).concat("
        "getComputedStyle(document.body).color)"
    )
    assert inks[0] == inks[2]
    context.close()


def test_search_and_group_narrow_the_list_and_say_how_far(page):
    page.get_by_label("Search these rows").fill("H13 Susceptibility")
    rows = page.locator(
        "#line_list tbody tr:not([hidden], .detail)"
    ).all_text_contents()
    assert rows
    assert all("H13" in row and "susceptibility" in row for row in rows)
    page.get_by_label("Search these rows").fill("")
    page.get_by_label("Risk group").select_option("HIV infection")
    assert set(_column(page, 6)) == {"HIV infection"}
    assert page.get_by_role("status").text_content() == "75 of 300 rows shown"


def test_the_saved_list_holds_the_shown_rows_and_no_formula(page):
    page.get_by_label("Risk group").select_option("Immunocompetent")
    with page.expect_download() as saving:
        page.get_by_role("button", name="Save the shown rows").click()
    assert saving.value.suggested_filename == "line_list.csv"
    with open(saving.value.path(), encoding="utf-8-sig", newline="") as file:
        head, *rows = csv.reader(io.StringIO(file.read()))
    assert head[8] == "Open (days)"
    assert len(rows) == 75
    assert "'=1+1" in [row[1] for row in rows]
    risky = [
        cell for row in rows for cell in row if cell[:1] in ("=", "+", "-", "@", "\t")
    ]
    assert risky == []


def test_without_javascript_everything_can_be_read(browser, address):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    assert page.locator("#line_list tbody tr:not(.detail)").count() == 300
    assert page.locator("button:visible").count() == 0
    assert page.locator("input:visible").count() == 0
    page.locator("summary").first.click()
    assert page.locator("#forest-numbers").is_visible()
    picture = page.locator(".detail svg").first
    assert not picture.is_visible()
    page.locator(".detail summary").first.click()
    assert picture.is_visible()
    context.close()


@pytest.fixture(scope="module")
def printed(browser, address) -> bytes:
    """The page as the browser prints it on A4, its lists sortable as on the screen."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(address)
    yield page.pdf(prefer_css_page_size=True)
    context.close()


def _text(printed: bytes, *options: str) -> str:
    command = ["pdftotext", *options, "-", "-"]
    done = subprocess.run(command, input=printed, capture_output=True, check=True)
    return done.stdout.decode("utf-8")


def _cells(page, table: str) -> list[str]:
    found = page.locator(f"{table} tbody tr:not(.detail) > *").all_text_contents()
    return ["".join(text.split()) for text in found]


@needs_pdftotext
def test_every_cell_of_every_table_is_on_the_paper(page, printed):
    """A table wider than the paper would lose its last columns: what to do, and remarks."""
    told = "".join(_text(printed, "-raw").split())
    for table in page.locator("table").all():
        name = table.get_attribute("id")
        counted = Counter(_cells(page, f"#{name}"))
        assert counted
        for text, n in counted.items():
            if text.isascii():
                assert told.count(text) >= n, f"{name}: {text}"


@needs_pdftotext
def test_no_word_on_the_paper_lies_beyond_its_edge(printed):
    size = 0.0, 0.0
    seen = set()
    for line in _text(printed, "-bbox").splitlines():
        parts = dict(p.split("=", 1) for p in line.replace('"', "").split() if "=" in p)
        if "<page" in line:
            size = float(parts["width"]), float(parts["height"].rstrip(">"))
            seen.add(size[0] > size[1])
        elif "<word" in line:
            assert float(parts["xMin"]) >= 0
            assert float(parts["xMax"]) <= size[0], line
            assert float(parts["yMax"].split(">")[0]) <= size[1], line
    assert seen == {False, True}, (
        "a wide list stands on a turned page, the rest does not"
    )


@needs_pdftotext
def test_the_head_of_a_printed_list_stands_on_each_of_its_pages(page, printed):
    """A button is not printed again where a head is, so that print has none."""
    head = page.locator("#line_list thead th").last.get_attribute("data-head")
    pages = _text(printed).split("\f")
    listed = [told for told in pages if "P-260" in told]
    assert len(listed) > 2
    assert all(head in " ".join(told.split()) for told in listed)


def test_the_first_stop_of_the_keyboard_leads_past_the_contents(page):
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the report"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "report"
