"""Numbers and days as a reader sees them; knows nothing of findings or documents."""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

MISSING_DAY = "not known"


def bare_percent(share: float) -> str:
    """A proportion in per cent without the sign: one decimal, two below 1%.

    A half is rounded up. 0 is ``0.0``; what is more than 0 but rounds to 0 is ``<0.01``.
    """
    exact = 100 * Decimal(repr(float(share)))
    fine = exact.quantize(Decimal("0.01"), ROUND_HALF_UP)
    if exact > 0 and not fine:
        return "<0.01"
    if 0 < fine < 1:
        return str(fine)
    return str(exact.quantize(Decimal("0.1"), ROUND_HALF_UP))


def percent(share: float) -> str:
    """A proportion such as ``7.3%`` or ``0.27%``."""
    return f"{bare_percent(share)}%"


def interval(low: float, high: float) -> str:
    """An interval in per cent such as ``3.0–14.4``."""
    return f"{bare_percent(low)}–{bare_percent(high)}"


def count(number: float) -> str:
    """A count with commas: ``2,483``."""
    return f"{int(number):,}"


def decimal(number: float) -> str:
    """A number with one decimal, none where it is whole: ``2.5``, ``14``."""
    return f"{number:,.0f}" if float(number).is_integer() else f"{number:,.1f}"


def probability(number: float) -> str:
    """A p-value or probability: three decimals, ``<0.001`` below that."""
    return "<0.001" if number < 0.001 else f"{number:.3f}"


def iso(day: date | datetime | None) -> str:
    """A day as ``2026-06-30``; ``not known`` for none."""
    return MISSING_DAY if day is None else f"{day:%Y-%m-%d}"


def plural(number: float, one: str, many: str = "") -> str:
    """A count with its noun: ``1 patient``, ``2 patients``."""
    return f"{count(number)} {one if number == 1 else many or one + 's'}"


def enumeration(parts: list[str] | tuple[str, ...]) -> str:
    """Parts as a phrase: ``one``, ``one and two``, ``one, two and three``."""
    head, tail = list(parts[:-1]), list(parts[-1:])
    return " and ".join([", ".join(head), *tail]) if head else "".join(tail)


def sentence(text: str) -> str:
    """A phrase as the beginning of a sentence."""
    return text[:1].upper() + text[1:]
