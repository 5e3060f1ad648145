"""What a cell's text must look like to be a date, a number, an id; knows no SQL.

The patterns are read alike by ``re`` and by RE2: ASCII digits, no ``\\d``, no anchors.
The readers here are plain Python: the checks of the schemas, and so the reference
against which the compiled predicates are held.
"""

import re
from collections.abc import Callable
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

BLANKS = (
    " \t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u200b\u202f\u205f\u3000\ufeff"
)
ID_LENGTH = 64
CONTROL = "[\\x00-\\x1f\\x7f-\\x9f]"
NUMBER = r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?"
OPERATOR = "<=|>=|<|>|≤|≥"
CENSORED = rf"({OPERATOR})?[ \t]*{NUMBER}"
DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
TIME = "([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.,][0-9]{1,9})?)?"
OFFSET = "(Z|[+-][0-9]{2}(:?[0-9]{2})?)"
DATE_TIME = f"{DAY}[T ]{TIME}{OFFSET}?"
SENTINELS = ("0001-01-01", "1753-01-01", "1900-01-01", "1970-01-01")
"""Days that systems write where they know none: the first that each can hold."""

TRUE = ("true", "yes", "1", "t")
FALSE = ("false", "no", "0", "f")


def is_id(text: str) -> bool:
    """Whether the text is 1 to 64 characters without a control character."""
    return len(text) <= ID_LENGTH and not re.search(CONTROL, text)


def is_date(text: str) -> bool:
    """Whether the text is a day of the calendar, alone or with a time after it."""
    if len(text) != len("2026-05-31") and not re.fullmatch(DATE_TIME, text):
        return False
    return bool(re.fullmatch(DAY, text[:10])) and _exists(text[:10])


def is_sentinel(text: str) -> bool:
    """Whether the text is a date that stands for none being known."""
    return is_date(text) and text[:10] in SENTINELS


def _exists(day: str) -> bool:
    try:
        date.fromisoformat(day)
    except ValueError:
        return False
    return True


def is_boolean(text: str) -> bool:
    """Whether the text is one of the eight words for true and false, in any case."""
    return text.lower() in TRUE + FALSE


def read_number(text: str) -> Decimal | None:
    """The exact number that the text writes, None where it writes none."""
    return Decimal(text) if re.fullmatch(NUMBER, text) else None


def read_censored(text: str) -> Decimal | None:
    """The exact number after an operator, which may be absent; None where none."""
    if not re.fullmatch(CENSORED, text):
        return None
    return Decimal(re.sub(f"^({OPERATOR})?[ \t]*", "", text))


def rounded(number: Decimal, precision: int, scale: int) -> Decimal | None:
    """The number rounded half even to ``scale`` decimals, None where it does not fit.

    A typed column holds ``precision`` digits, ``scale`` of them decimals; whatever is
    asked of a number is asked of the rounded one, since that is what is computed with.
    """
    try:
        result = number.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_EVEN)
    except InvalidOperation:
        return None
    return result if abs(result) < Decimal(10) ** (precision - scale) else None


def is_whole(number: Decimal) -> bool:
    """Whether the number has no fraction, as 7, 7.0 and 70e-1 have none."""
    return number == number.to_integral_value()


READERS: dict[str, Callable[[str], Decimal | None]] = {
    "number": read_number,
    "integer": read_number,
    "censored": read_censored,
}
