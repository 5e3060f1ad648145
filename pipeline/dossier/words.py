"""How a dossier writes a day, a number and what is absent; knows no course."""

from typing import Any

import pandas as pd


def is_absent(value: Any) -> bool:
    """Whether a cell of a frame holds nothing."""
    return value is None or bool(pd.isna(value))


def text(value: Any, none: str = "none") -> str:
    """A value as text; ``none`` where it is absent.

    >>> text(2000.0), text(None), text(0.8)
    ('2,000', 'none', '0.8')
    """
    if is_absent(value):
        return none
    if isinstance(value, bool | str):
        return str(value)
    return f"{round(float(value), 4):,g}" if float(value) < 1e6 else f"{value:,}"


def day_of(value: Any) -> str:
    """A date as 2026-06-30; ``none`` where it is absent."""
    return "none" if is_absent(value) else pd.Timestamp(value).date().isoformat()


def yes(value: Any) -> str:
    """Yes or no; what is not known is no."""
    return "yes" if not is_absent(value) and value else "no"


def plain(code: Any) -> str:
    """A code in words: its underscores are spaces."""
    return text(code).replace("_", " ")
