"""Dates and windows: month ends, leap days, and a date that is mistyped."""

from datetime import date

import pytest

from pipeline import periods
from pipeline.errors import UsageError


@pytest.mark.parametrize(
    ("as_of", "months", "start"),
    [
        ("2026-06-30", 12, "2025-07-01"),
        ("2026-01-01", 12, "2025-01-02"),
        ("2026-12-31", 12, "2026-01-01"),
        ("2026-02-28", 12, "2025-03-01"),
        ("2025-02-28", 12, "2024-02-29"),
        ("2024-02-29", 12, "2023-03-01"),
        ("2026-03-31", 1, "2026-03-01"),
        ("2026-05-31", 3, "2026-03-01"),
        ("2024-03-30", 1, "2024-03-01"),
        ("2026-06-30", 60, "2021-07-01"),
    ],
)
def test_the_rolling_window_ends_on_the_as_of_date(as_of, months, start):
    """Criteria 6: [A - 12 months + 1 day, A], clamped to the end of a short month."""
    end = date.fromisoformat(as_of)
    assert periods.rolling_window(end, months) == (date.fromisoformat(start), end)


@pytest.mark.parametrize(
    ("as_of", "year"),
    [
        ("2026-06-30", 2025),
        ("2026-12-30", 2025),
        ("2026-12-31", 2026),
        ("2027-01-01", 2026),
    ],
)
def test_a_year_is_complete_at_the_end_of_its_last_day(as_of, year):
    found = periods.last_complete_year(date.fromisoformat(as_of))
    assert found == (date(year, 1, 1), date(year, 12, 31))


def test_months_between_are_the_first_days_of_all_that_are_touched():
    found = periods.months_between(date(2025, 11, 30), date(2026, 2, 1))
    assert [day.isoformat() for day in found] == [
        "2025-11-01",
        "2025-12-01",
        "2026-01-01",
        "2026-02-01",
    ]
    assert periods.months_between(date(2026, 2, 1), date(2026, 1, 31)) == []


def test_the_last_day_of_a_month():
    assert periods.last_day_of_month(date(2024, 2, 3)) == date(2024, 2, 29)
    assert periods.last_day_of_month(date(2026, 12, 31)) == date(2026, 12, 31)


TODAY = date(2026, 6, 30)


def test_an_as_of_date_up_to_a_day_ahead_is_taken():
    assert periods.parse_as_of("today", TODAY, False) == TODAY
    assert periods.parse_as_of("2020-02-29", TODAY, False) == date(2020, 2, 29)
    assert periods.parse_as_of("2026-07-01", TODAY, False) == date(2026, 7, 1)
    assert periods.parse_as_of("2062-06-30", TODAY, True) == date(2062, 6, 30)


@pytest.mark.parametrize(
    "text",
    [
        "2026-07-02",
        "2026-02-30",
        "30.06.2026",
        "2026-6-30",
        "20260630",
        "",
        "Today",
        "2026-06-30T00:00",
        " 2026-06-30",
        "2026-W27-2",
        "٢٠٢٦-٠٦-٣٠",
    ],
)
def test_another_as_of_date_is_refused_in_whole_sentences(text):
    with pytest.raises(UsageError) as refusal:
        periods.parse_as_of(text, TODAY, False)
    assert refusal.value.exit_code == 64
    assert str(refusal.value).startswith("--as-of is ")
    assert all(sentence.endswith(".") for sentence in refusal.value.sentences)


@pytest.mark.parametrize(
    ("as_of", "months", "wanted"),
    [
        (date(2026, 6, 30), 60, 66),  # July 2021 is the 60th: from January 2021
        (date(2026, 12, 31), 60, 60),  # January 2022 is the 60th month itself
        (date(2026, 1, 1), 12, 13),  # February 2025 is the 12th: from January 2025
        (date(2026, 12, 1), 12, 12),  # January 2026 is the 12th itself
    ],
)
def test_the_charts_begin_in_a_january(as_of, months, wanted):
    """The history of a chart is frozen for a calendar year (statistics d)."""
    assert periods.months_since_january(as_of, months) == wanted
