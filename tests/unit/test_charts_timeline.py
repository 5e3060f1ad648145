"""A course's picture: whole, within its frame, its labels apart, whatever happened when."""

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.report import palette
from pipeline.report.charts import Bar, Lane, Line, Moment, timeline
from pipeline.report.charts.timeline import WIDTH

SVG = "{http://www.w3.org/2000/svg}"
WINDOW, FIRST = (7, 10), -7
LETTER = 5.0
"""Narrower than any label is set, so that labels that meet are found."""

days = st.integers(-400, 900)
labels = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=30
)
lanes = st.lists(
    st.builds(
        Lane,
        st.text("abc <&\"'", min_size=1, max_size=12),
        st.lists(
            st.tuples(days, st.integers(0, 90)).map(lambda b: Bar(b[0], sum(b))),
            max_size=4,
        ).map(tuple),
        st.lists(
            st.builds(
                Moment,
                days,
                labels,
                st.sampled_from(["triangle", "wedge", "diamond", "disc", "ring"]),
                st.sampled_from([palette.ABOVE, palette.ACCENT]),
                st.booleans(),
            ),
            max_size=8,
        ).map(tuple),
    ),
    max_size=5,
)
lines = st.lists(st.builds(Line, st.integers(0, 900), labels), max_size=2)


def shown(svg: str) -> list[tuple[float, float, ElementTree.Element]]:
    """What is used, with its place and the element that it shows."""
    root = ElementTree.fromstring(svg)
    named = {element.get("id"): element for element in root.iter(f"{SVG}g")}
    return [
        (float(use.get("x", 0)), float(use.get("y", 0)), named[use.get("href")[1:]])
        for use in root.iter(f"{SVG}use")
    ]


def texts(svg: str) -> list[str]:
    return [
        "".join(e.itertext()) for _, _, g in shown(svg) for e in g.iter(f"{SVG}text")
    ]


@given(lanes, lines)
def test_any_course_gives_a_whole_picture_within_its_frame(drawn, marked):
    svg = timeline(drawn, WINDOW, FIRST, marked)
    assert svg == timeline(drawn, WINDOW, FIRST, marked)
    _, _, width, height = map(float, ElementTree.fromstring(svg).get("viewBox").split())
    assert width == WIDTH
    for x, y, _ in shown(svg):
        assert 0 <= x <= width
        assert 0 <= y <= height
    for bar in ElementTree.fromstring(svg).iter(f"{SVG}rect"):
        start, span = float(bar.get("x")), float(bar.get("width"))
        assert span > 0
        assert 0 <= start <= start + span <= width
    expected = [lane.label for lane in drawn]
    expected += [dot.label for lane in drawn for dot in lane.dots]
    said = texts(svg)
    for label in expected:
        assert label in said


@given(st.lists(st.integers(-7, 28), min_size=2, max_size=9))
def test_labels_of_a_lane_never_cover_one_another(when):
    dots = tuple(Moment(day, f"new lesions {n}") for n, day in enumerate(when))
    svg = timeline((Lane("Visits", dots=dots),), WINDOW, FIRST, ())
    spans = []
    for x, y, group in shown(svg):
        for text in group.iter(f"{SVG}text"):
            if "lesions" in (text.text or ""):
                width, place = LETTER * len(text.text), x + float(text.get("x"))
                is_turned = text.get("text-anchor") == "end"
                left = place - width if is_turned else place
                spans.append((y, left, left + width))
    assert len(spans) == len(dots)
    for n, (y, left, right) in enumerate(spans):
        for other_y, other_left, other_right in spans[n + 1 :]:
            assert y != other_y or right <= other_left or other_right <= left


@pytest.mark.parametrize(
    "drawn",
    [
        (),
        (Lane("Visits"),),
        (Lane("acyclovir", bars=(Bar(0, 0),)), Lane("Visits")),
        (Lane("Visits", dots=(Moment(0, "a"), Moment(0, "a"))),),
    ],
    ids=["nothing", "no_visit", "one_day", "the_same_twice"],
)
def test_little_is_drawn_as_little(drawn):
    svg = timeline(drawn, WINDOW, FIRST, ())
    assert "shaded: 7–10" in texts(svg)
    assert texts(svg).count("a") == sum(len(lane.dots) for lane in drawn)


def test_a_bar_of_one_day_is_as_wide_as_a_day():
    svg = timeline((Lane("acyclovir", bars=(Bar(0, 0), Bar(0, 9))),), WINDOW, FIRST, ())
    one, ten = (float(w) for w in re.findall(r'<rect [^>]*width="(\d+)"', svg))
    assert ten == pytest.approx(10 * one, abs=10)


def test_a_window_is_shaded_from_the_morning_of_its_first_day_to_the_night_of_its_last():
    svg = timeline((Lane("x", bars=(Bar(*WINDOW),)),), WINDOW, FIRST, ())
    start, end = re.search(rf'fill="{palette.BAND}" d="M(\d+) \d+H(\d+)V', svg).groups()
    x, width = re.search(r'<rect x="(\d+)" y="\d+" width="(\d+)"', svg).groups()
    assert (int(start), int(end) - int(start)) == (int(x), int(width))


def test_pictures_over_the_same_days_share_their_axis():
    def ground(last: int) -> str:
        svg = timeline((Lane("x", dots=(Moment(last, "y"),)),), WINDOW, FIRST, ())
        return svg.split("<defs>")[1].split("</g>")[0]

    assert ground(15) == ground(20)
    assert ground(20) != ground(50)


def test_every_mark_has_words_beside_it():
    dots = (Moment(3, "new lesions", "wedge", palette.ABOVE), Moment(8, "unchanged"))
    svg = timeline((Lane("Visits", dots=dots),), WINDOW, FIRST, (Line(8, "flagged"),))
    marks = [g for _, _, g in shown(svg) if g.find(f"{SVG}path[@fill]") is not None]
    assert len(marks) == 3  # the ground, and two marks
    assert all(g.find(f"{SVG}text") is not None for g in marks)
