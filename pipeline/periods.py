"""Dates and the periods that a run counts in; knows nothing of files, the clock or SQL."""

import calendar
import re
from datetime import date, timedelta

from pipeline.errors import UsageError

_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ONE_DAY = timedelta(days=1)

EARLIEST, LATEST = date(1900, 1, 1), date(2999, 12, 31)
"""Between them lies every day that a command can be given: windows reach beyond it."""


def parse_date(text: str, option: str) -> date:
    """The date written as ``2026-06-30``, as the named option gives it.

    Raises UsageError for any other way of writing a date, since none is guessed, and for
    a day before `EARLIEST` or after `LATEST`.
    """
    if _ISO_DATE.fullmatch(text):
        try:
            return _within(date.fromisoformat(text), option)
        except ValueError:
            pass  # a day that the calendar does not have, such as 2026-02-30
    raise UsageError(
        f"{option} is {text!r}, which is not a date of the calendar.",
        "Write it as year, month and day, such as 2026-06-30.",
    )


def _within(day: date, option: str) -> date:
    if EARLIEST <= day <= LATEST:
        return day
    raise UsageError(
        f"{option} is {day.isoformat()}, which is not a day from {EARLIEST.isoformat()} "
        f"to {LATEST.isoformat()}.",
        "Correct the year.",
    )


def parse_as_of(text: str, today: date, allow_future: bool) -> date:
    """The as-of date: an ISO date, or ``today`` for the host's day.

    A day ahead is allowed, since the host may stand in another time zone than the
    wards. Raises UsageError for a later date unless ``allow_future`` is set: one mistyped
    year would close every course.
    """
    if text == "today":
        return today
    as_of = parse_date(text, "--as-of")
    if as_of > today + _ONE_DAY and not allow_future:
        raise UsageError(
            f"--as-of is {as_of.isoformat()}, which is more than a day ahead of this "
            f"host's date, {today.isoformat()}.",
            "Correct the date, or add --allow-future if it is meant.",
        )
    return as_of


def rolling_window(as_of: date, months: int) -> tuple[date, date]:
    """The first and last day of the window of so many months that ends on ``as_of``.

    The first day is the day after the same day so many months before; where that month
    is shorter, after its last day (criteria 6).
    """
    return _months_before(as_of, months) + _ONE_DAY, as_of


def months_since_january(as_of: date, months: int) -> int:
    """How many months there are from the January of the year ``months`` months back.

    What is learned from the first of them stays as it is until the year is over.
    """
    first = as_of.year * 12 + as_of.month - months
    january = first // 12 * 12
    return as_of.year * 12 + as_of.month - january


def last_complete_year(as_of: date) -> tuple[date, date]:
    """The first and last day of the last calendar year that is over at the end of
    ``as_of``."""
    is_last_day = (as_of.month, as_of.day) == (12, 31)
    year = as_of.year if is_last_day else as_of.year - 1
    return date(year, 1, 1), date(year, 12, 31)


def months_between(start: date, end: date) -> list[date]:
    """The first day of every calendar month from that of ``start`` to that of ``end``."""
    first, last = _month_number(start), _month_number(end)
    return [_first_day(number) for number in range(first, last + 1)]


def last_day_of_month(day: date) -> date:
    """The last day of the calendar month that holds the day."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def _months_before(day: date, months: int) -> date:
    month = _first_day(_month_number(day) - months)
    return month.replace(day=min(day.day, last_day_of_month(month).day))


def _month_number(day: date) -> int:
    return day.year * 12 + day.month - 1


def _first_day(month_number: int) -> date:
    return date(month_number // 12, month_number % 12 + 1, 1)
