"""The checks that the schemas are made of; knows no SQL and no extract.

Each is a pandera Check over a column of delivered text: blanks around it removed, an
empty cell null, codes already turned into the listed ones. ``name`` and ``statistics``
say all that the compiler needs; the function is what pandera itself runs.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from pipeline.contracts import kinds

if TYPE_CHECKING:
    import pandas as pd
    import pandera.pandas as pa


def _check(
    name: str, holds: Callable[[str], bool], statistics: Mapping[str, object]
) -> "pa.Check":
    import pandera.pandas as pa

    return pa.Check(
        lambda texts: texts.map(holds).astype(bool),
        name=name,
        statistics=dict(statistics),
    )


def well_formed_id() -> "pa.Check":
    """The check that an id has 1 to 64 characters and no control character."""
    return _check("malformed", kinds.is_id, {})


def a_date() -> "pa.Check":
    """The check that a text is a day of the calendar, with or without a time."""
    return _check("not_a_date", kinds.is_date, {})


def no_sentinel() -> "pa.Check":
    """The check that a date is none of those that stand for none being known."""
    return _check("sentinel_date", lambda text: not kinds.is_sentinel(text), {})


def a_datetime() -> "pa.Check":
    """The check that a text is a day of the calendar, with or without a time."""
    return _check("not_a_datetime", kinds.is_date, {})


def a_boolean() -> "pa.Check":
    """The check that a text is one of the words for true and false."""
    return _check("not_a_boolean", kinds.is_boolean, {})


def a_number(kind: str) -> "pa.Check":
    """The check that a text is a number: NaN, inf, 1_000 and 0x10 are not."""
    read = kinds.READERS[kind]
    return _check("not_a_number", lambda text: read(text) is not None, {})


def fits(kind: str, precision: int, scale: int) -> "pa.Check":
    """The check that a number fits its typed column once it is rounded."""
    return _number_check(
        "number_out_of_range",
        kind,
        lambda number: kinds.rounded(number, precision, scale) is not None,
        {},
    )


def whole() -> "pa.Check":
    """The check that a number has no fraction."""
    return _number_check("not_an_integer", "integer", kinds.is_whole, {})


def above(low: str, kind: str, precision: int, scale: int) -> "pa.Check":
    """The check that a rounded number is greater than ``low``."""
    bound = Decimal(low)
    return _rounded_check(
        "not_above", kind, precision, scale, lambda x: x > bound, {"low": low}
    )


def at_most(high: str, kind: str, precision: int, scale: int) -> "pa.Check":
    """The check that a rounded number is not greater than ``high``."""
    bound = Decimal(high)
    return _rounded_check(
        "over_limit", kind, precision, scale, lambda x: x <= bound, {"high": high}
    )


def between(low: str, high: str, kind: str, precision: int, scale: int) -> "pa.Check":
    """The check that a rounded number lies between the two, both included."""
    least, most = Decimal(low), Decimal(high)
    return _rounded_check(
        "out_of_range",
        kind,
        precision,
        scale,
        lambda x: least <= x <= most,
        {"low": low, "high": high},
    )


def _number_check(name, kind, holds, statistics) -> "pa.Check":
    read = kinds.READERS[kind]

    def holds_or_unreadable(text: str) -> bool:
        number = read(text)
        return number is None or holds(number)

    return _check(name, holds_or_unreadable, statistics)


def _rounded_check(name, kind, precision, scale, holds, statistics) -> "pa.Check":
    def holds_where_it_fits(number: Decimal) -> bool:
        if kind == "integer" and not kinds.is_whole(number):
            return True
        value = kinds.rounded(number, precision, scale)
        return value is None or holds(value)

    return _number_check(name, kind, holds_where_it_fits, statistics)


def listed(codes: Sequence[str]) -> "pa.Check":
    """The check that a code is one of those listed."""
    import pandera.pandas as pa

    return pa.Check.isin(list(codes), name="unlisted")


def not_before(column: str, other: str) -> "pa.Check":
    """The check that one date is not before another, where both can be read."""
    import pandera.pandas as pa

    def holds(frame: "pd.DataFrame") -> "pd.Series":
        readable = _readable_dates(frame, column) & _readable_dates(frame, other)
        days = (frame[column].str.slice(0, 10), frame[other].str.slice(0, 10))
        return ~readable | (days[0].fillna("") >= days[1].fillna(""))

    return pa.Check(
        holds,
        name=f"{column}:before_{other}",
        statistics={"rule": "not_before", "column": column, "other": other},
        ignore_na=False,
    )


def _readable_dates(frame: "pd.DataFrame", column: str) -> "pd.Series":
    present = frame[column].notna()
    return present & frame[column].fillna("").map(kinds.is_date).astype(bool)


def one_of(column: str, other: str) -> "pa.Check":
    """The check that at least one of two cells is not empty."""
    import pandera.pandas as pa

    return pa.Check(
        lambda frame: frame[column].notna() | frame[other].notna(),
        name=f"{column}_or_{other}:missing",
        statistics={"rule": "one_of", "column": column, "other": other},
        ignore_na=False,
    )


def unit_fits(
    column: str, other: str, units: Mapping[str, Sequence[str]]
) -> "pa.Check":
    """The check that a unit is one of those of its test; empty always fits."""
    import pandas as pd
    import pandera.pandas as pa

    def fits_row(test: object, unit: object) -> bool:
        known = isinstance(test, str) and isinstance(unit, str)
        listed_unit = any(unit in some for some in units.values()) if known else False
        return not listed_unit or test not in units or unit in units[test]

    def holds(frame: "pd.DataFrame") -> "pd.Series":
        pairs = zip(frame[other], frame[column], strict=True)
        fitting = [fits_row(test, unit) for test, unit in pairs]
        return frame[column].isna() | pd.Series(fitting, index=frame.index, dtype=bool)

    return pa.Check(
        holds,
        name=f"{column}:does_not_fit_{other}",
        statistics={
            "rule": "unit_fits",
            "column": column,
            "other": other,
            "units": {test: list(fitting) for test, fitting in units.items()},
        },
        ignore_na=False,
    )
