"""A profile's value map over a column that a Parquet file types, as SQL; opens nothing."""

import re
from collections.abc import Mapping
from decimal import Decimal

from pipeline.contracts.kinds import is_whole, read_number
from pipeline.contracts.reading import (
    INSTANTS,
    WHOLE_NUMBERS,
    ZONED,
    Delivered,
    base_type,
)
from pipeline.contracts.sql_text import literal
from pipeline.errors import ConfigurationError

_MOST_DIGITS = 40


def with_values(one: Delivered, column: str, values: Mapping[str, str]) -> Delivered:
    """The column with each value that the map lists exchanged for what it maps it to.

    A value is listed by its text; a number also by another text of the same number, a
    time at midnight also by its day. Where all that is listed means nothing the column
    keeps its type, else it becomes text. ConfigurationError where its values have no
    text that is the same on every machine.
    """
    if not values:
        return one
    if base_type(one.type) == ZONED:
        raise ConfigurationError(
            f"The profile's values.{column} cannot be applied to a {ZONED}: "
            "write it as text, or take them out."
        )
    cases = [
        f"when {_is_written(one, text)} then {literal(to) if to else 'null'}"
        for text, to in sorted(values.items())
    ]
    if any(values.values()):
        return Delivered(f"case {' '.join(cases)} else {_text(one)} end")
    return Delivered(f"case {' '.join(cases)} else {one.expression} end", one.type)


def _is_written(one: Delivered, text: str) -> str:
    texts = {text}
    number = read_number(text)
    if number is not None and abs(number.adjusted()) < _MOST_DIGITS:
        base = base_type(one.type)
        if base in ("DOUBLE", "FLOAT"):
            same = f"{one.expression} = cast({literal(text)} as {base})"
            return f"({same} or {_lower(one)} = {literal(text)})"
        if base in WHOLE_NUMBERS and is_whole(number):
            texts.add(str(int(number)))
        if base == "DECIMAL":
            texts.update(_with_decimals(number, one.type))
    listed = ", ".join(map(literal, sorted(texts)))
    return f"{_lower(one)} in ({listed})"


def _with_decimals(number: Decimal, type_name: str) -> list[str]:
    """The number with the decimals of a DECIMAL type, if it has no more."""
    scale = int(re.findall("[0-9]+", type_name)[-1])
    written = f"{number:.{scale}f}"
    return [written] if Decimal(written) == number else []


def _lower(one: Delivered) -> str:
    return f"lower({_text(one)})"


def _text(one: Delivered) -> str:
    """What is typed as the text that a CSV would hold: a day where no time is in it."""
    text = f"cast({one.expression} as varchar)"
    if base_type(one.type) not in INSTANTS:
        return text
    day = f"try_cast({one.expression} as date)"
    is_day = f"{one.expression} = cast({day} as timestamp)"
    return f"case when {is_day} then cast({day} as varchar) else {text} end"
