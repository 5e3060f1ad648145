"""Cells and columns of a report's tables, made from numbers and days."""

from collections.abc import Iterable
from datetime import date

from pipeline.report.compose import formats
from pipeline.report.document import Cell, Column, NotEnoughData, Row, Value

NOTHING_RECORDED = Value("not recorded", "", "muted")


def words(text: str | None, emphasis: str = "") -> Cell:
    """A text, sorted by itself; says that nothing is recorded where there is none."""
    return Value(text, text, emphasis) if text else NOTHING_RECORDED


def whole(number: float | None, reason: str = "not counted") -> Cell:
    """A count, or why there is none."""
    if number is None:
        return NotEnoughData(reason)
    return Value(formats.count(number), float(number))


def decimal(number: float | None, reason: str) -> Cell:
    """A number with one decimal, so that a column is aligned, or why there is none."""
    if number is None:
        return NotEnoughData(reason)
    return Value(f"{number:,.1f}", float(number))


def share(number: float | None, reason: str) -> Cell:
    """A proportion in per cent without the sign (it stands in the head)."""
    if number is None:
        return NotEnoughData(reason)
    return Value(formats.bare_percent(number), float(number))


def part(number: float, whole_number: float, reason: str) -> Cell:
    """One count as a share of another in per cent, or why there is none."""
    return share(number / whole_number if whole_number else None, reason)


def probability(number: float | None, reason: str) -> Cell:
    """A p-value or a probability, or why there is none."""
    if number is None:
        return NotEnoughData(reason)
    return Value(formats.probability(number), float(number))


def limits(low: float | None, high: float | None, reason: str) -> Cell:
    """An interval in per cent, sorted by its lower limit."""
    if low is None or high is None:
        return NotEnoughData(reason)
    return Value(formats.interval(low, high), float(low))


def day(value: date | None) -> Cell:
    """A day, or that it is not recorded."""
    if value is None:
        return NOTHING_RECORDED
    return Value(formats.iso(value), formats.iso(value))


def columns(*titled: tuple[str, str] | tuple[str, str, str]) -> tuple[Column, ...]:
    """Columns from (title, kind) or (title, kind, unit); text shares what is left over.

    A kind such as ``text 4`` asks for four times the share of a plain ``text``.
    """
    made = []
    for title, kind, *unit in titled:
        name, _, share = kind.partition(" ")
        width = float(share or (name == "text"))
        made.append(Column(title, name, *unit, width=width))
    return tuple(made)


def rows(cells: Iterable[Iterable[Cell]]) -> tuple[Row, ...]:
    """Rows from cells."""
    return tuple(Row(tuple(row)) for row in cells)
