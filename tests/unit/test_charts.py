"""Figures are the same bytes every time, hold their labels as text and load nothing."""

import re
from datetime import date
from xml.etree import ElementTree

import pytest

from pipeline.report import charts, palette
from pipeline.report.charts import (
    CusumPanel,
    CusumRow,
    ForestRow,
    Funnel,
    Limits,
    Mark,
    Month,
    Share,
    Site,
    Step,
    Strip,
    Track,
)
from pipeline.report.charts.sheet import apart

MARKS = (
    Mark("case 7/96: 7.3% (3.0–14.4)", 0.073, 0.03, 0.144),
    Mark("confirmed 0/88: 0.0% (0.0–4.1)", 0.0, 0.0, 0.041, shape="square"),
)
NOBODY = (Mark("case 0/0: no evaluable patient"),)
ROWS = (
    ForestRow("HIV", "published 5–7%", 0.05, 0.07, MARKS),
    ForestRow("Immunocompetent", "published below 0.5%", 0.0, 0.005, NOBODY),
)
MONTHS = (
    Month(date(2025, 12, 1), 12, 1, is_mature=True),
    Month(date(2026, 1, 1), 0, 0, is_mature=True),
    Month(date(2026, 2, 1), 1234, 2, is_mature=False),
)
STRIPS = (
    Strip("HIV", MONTHS, "band: published 5–7%", 0.05, 0.07),
    Strip("All patients", MONTHS),
)
STEPS = (
    Step("Received", "1,200 rows", (("Duplicate", "12"),), "Not used"),
    Step("Accepted <now>", "1,188 rows", (("Aside at the end", "3"),)),
)
SHARES = (
    Share("Infectious-disease consult", "12/30: 40.0% (22.7–59.4)", 0.4, 0.227, 0.594),
    Share("Foscarnet dose", "2/2: 100.0% (15.8–100.0)", 1.0, 0.158, 1.0, is_few=True),
    Share("IVIG indicated", "nothing to judge"),
)
CUSUM_MONTHS = tuple(date(2025 + i // 12, i % 12 + 1, 1) for i in range(5))
RISING = Track("cases: alarm 2025-04", (None, 0.0, 0.4, 1.2, None), frozenset({3}))
CUSUMS = (
    CusumRow(
        "HIV",
        (
            CusumPanel((RISING,), n_history=1),
            CusumPanel((), "no published rate to set it against"),
        ),
    ),
)
FUNNELS = (
    Funnel(
        "Against the network",
        "all its sites: 10.0%",
        0.1,
        (Site("quiet", 20, 0.05), Site("ward-3", 40, 0.35, "alarm_high")),
        (Limits(10, 0, 0, 0.35, 0.5), Limits(40, 0, 0.02, 0.2, 0.27)),
    ),
)
FIGURES = {
    "cusum": lambda: charts.cusum(CUSUMS, ("Own history", "Published"), CUSUM_MONTHS),
    "funnel": lambda: charts.funnel(FUNNELS, "Patients"),
    "forest": lambda: charts.forest(ROWS, "Rate in per cent"),
    "monthly": lambda: charts.monthly(STRIPS),
    "flow": lambda: charts.flow(STEPS),
    "shares": lambda: charts.shares(SHARES, "Met, of what was met or missed"),
}


@pytest.fixture(params=sorted(FIGURES))
def figure(request):
    return FIGURES[request.param]


def texts(svg: str) -> list[str]:
    root = ElementTree.fromstring(svg)
    return [
        "".join(e.itertext()) for e in root.iter("{http://www.w3.org/2000/svg}text")
    ]


def test_a_figure_has_the_same_bytes_every_time(figure):
    assert figure() == figure()


def test_a_figure_holds_text_and_nothing_that_loads(figure):
    svg = figure()
    assert texts(svg)
    links = re.findall(r'(?:href|src)="([^"#][^"]*)"', svg)
    assert links == []
    assert "<script" not in svg and "<dc:date" not in svg


def test_every_text_is_in_the_vendored_font(figure):
    svg = figure()
    assert palette.FAMILY in svg
    assert "DejaVu" not in svg


def test_no_text_has_two_spaces_in_a_row(figure):
    assert not any("  " in text for text in texts(figure()))


def test_every_colour_is_of_the_palette(figure):
    named = {v.lower() for v in vars(palette).values() if isinstance(v, str)}
    used = {colour.lower() for colour in re.findall(r"#[0-9a-fA-F]{6}\b", figure())}
    assert used <= named


def test_the_forest_labels_every_mark_and_population():
    found = texts(FIGURES["forest"]())
    for label in ("HIV", "published 5–7%", MARKS[0].label, NOBODY[0].label):
        assert label in found


def test_the_forest_draws_a_rate_of_zero_whole():
    # clip_on=False: a marker at 0 is not cut at the axis.
    svg = FIGURES["forest"]()
    markers = re.findall(r"<g[^>]*clip-path[^>]*>\s*<use", svg)
    assert markers == []


def test_an_excess_is_bold_and_says_so():
    above = Mark("case 20/96: 20.8% above", 0.208, 0.13, 0.30, is_above=True)
    row = ForestRow("HIV", "published 5–7%", 0.05, 0.07, (above,))
    svg = charts.forest((row,), "Rate")
    assert palette.ABOVE in svg
    assert re.search(r"<text[^>]*(bold|700)[^>]*>case 20/96: 20.8% above", svg)


def test_the_months_write_cases_and_patients_beneath_each_month():
    found = texts(FIGURES["monthly"]())
    assert "1,234" in found and found.count("0") == 4
    assert [t for t in found if t in ("Dec", "Jan", "Feb")] == ["Dec", "Jan", "Feb"]
    assert "2025" in found and "2026" in found


def test_a_month_without_patients_has_no_point():
    svg = charts.monthly((Strip("HIV", MONTHS[1:2]),))
    assert palette.ACCENT not in svg


def test_months_that_are_not_mature_are_hollow():
    mature = charts.monthly((Strip("HIV", MONTHS[:1]),))
    immature = charts.monthly((Strip("HIV", MONTHS[2:]),))
    assert f"fill: {palette.ACCENT}" in mature
    assert f"fill: {palette.ACCENT}" not in immature
    assert f"stroke: {palette.ACCENT}" in immature


def test_the_flow_escapes_its_words_and_shows_what_leaves():
    svg = FIGURES["flow"]()
    assert "Accepted &lt;now&gt;" in svg
    found = texts(svg)
    for word in ("Not used", "Duplicate", "12", "Aside at the end", "3"):
        assert word in found


def test_an_alarm_is_a_shape_and_a_word():
    """The month over the limit has a triangle, and the line's label names it."""
    svg = charts.cusum(CUSUMS, ("Own history", "Published"), CUSUM_MONTHS)
    assert svg.count(' z"') == 1
    assert "cases: alarm 2025-04" in texts(svg)
    calm = Track("cases", RISING.values)
    panels = (CusumPanel((calm,)), CUSUMS[0].panels[1])
    svg = charts.cusum((CusumRow("HIV", panels),), ("Own", "Published"), CUSUM_MONTHS)
    assert ' z"' not in svg


def test_a_chart_that_is_not_set_says_why():
    svg = charts.cusum(CUSUMS, ("Own history", "Published"), CUSUM_MONTHS)
    assert "no published rate to set it against" in texts(svg)


def test_only_sites_outside_are_named_in_a_funnel():
    named = texts(charts.funnel(FUNNELS, "Patients"))
    assert "ward-3" in named
    assert "quiet" not in named


def test_labels_are_moved_apart_and_keep_their_order():
    assert apart([10.0, 4.0, 5.0], 6) == [16.0, 4.0, 10.0]
