"""What the window of the rates is called: it rolls, unless a first day was given."""

from pipeline import periods
from pipeline.findings import Findings
from pipeline.report.compose import formats
from pipeline.report.compose.records import parameter


def is_rolling(findings: Findings) -> bool:
    """Whether the window is the one that moves with the as-of date (criteria 6)."""
    months = int(parameter(findings, "window_months", 12))
    return findings.rolling_start == periods.rolling_window(findings.as_of, months)[0]


def name(findings: Findings) -> str:
    """The window in a sentence: ``rolling window``, or its days where it was given."""
    return "rolling window" if is_rolling(findings) else f"window {days(findings)}"


def days(findings: Findings) -> str:
    """Its days: ``from 2026-01-01 to 2026-06-30``."""
    start, end = formats.iso(findings.rolling_start), formats.iso(findings.rolling_end)
    return f"from {start} to {end}"
