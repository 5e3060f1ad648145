"""What is said of k cases of n against a published rate, and on which numbers it rests.

Knows the levels and the ladder of `statistics.md` section b, and the corrections of
section c; knows nothing of populations, frames, files or SQL.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from pipeline.statistics.baselines import Baseline
from pipeline.statistics.proportions import at_least, at_most

ABOVE = "above"
INCONCLUSIVE = "inconclusive"
CONSISTENT = "consistent"
BELOW = "below"
INSUFFICIENT_DATA = "insufficient_data"

_ROUNDING = 1e-12
"""A number of patients that is whole but for rounding is not rounded up."""


@dataclass(frozen=True)
class Thresholds:
    """The parameters that decide a verdict, as numbers (`seeds/parameters.csv`)."""

    or_margin: float
    a_above: float
    a_below: float
    a_excl: float
    k_min_above: int
    n_floor: int
    min_tested_share: Fraction
    power_target: float

    @classmethod
    def of(cls, parameters: Mapping[str, Any]) -> "Thresholds":
        """The thresholds of a run; its other parameters are left alone."""
        return cls(
            or_margin=float(parameters["or_margin"]),
            a_above=float(parameters["a_above"]),
            a_below=float(parameters["a_below"]),
            a_excl=float(parameters["a_excl"]),
            k_min_above=int(parameters["k_min_above"]),
            n_floor=int(parameters["n_floor"]),
            # exact: a share of 4 in 5 is not below 0.8
            min_tested_share=Fraction(str(parameters["min_tested_share"])),
            power_target=float(parameters["power_target"]),
        )


@dataclass(frozen=True)
class Tails:
    """The exact one-sided probabilities of section b 2."""

    excess: float
    """P(X >= k | n, U)"""
    below: float
    """P(X <= k | n, L)"""
    excluded: float
    """P(X <= k | n, M)"""


def tails(k: float, n: float, baseline: Baseline, thresholds: Thresholds) -> Tails:
    """The tails of k of n; real-valued k and n, as courses have them, are taken too."""
    return Tails(
        float(at_least(k, n, baseline.upper)),
        float(at_most(k, n, baseline.lower)),
        float(at_most(k, n, baseline.margin(thresholds.or_margin))),
    )


def least_n(margin: float, a_excl: float) -> int:
    """The fewest patients of whom 0 cases exclude the margin (n_min, section b 3)."""
    return math.ceil(math.log(a_excl) / math.log1p(-margin) - _ROUNDING)


def verdict(
    k: float,
    n: float,
    baseline: Baseline,
    thresholds: Thresholds,
    p_above: float | None = None,
) -> str:
    """The word for k of n: the first rung of section b 4 that holds.

    ``p_above`` stands in for P(X >= k | n, U) on the rung `above` alone, for a
    probability that is corrected for several comparisons.
    """
    if n < thresholds.n_floor:
        return INSUFFICIENT_DATA
    found = tails(k, n, baseline, thresholds)
    decisive = found.excess if p_above is None else p_above
    if decisive <= thresholds.a_above and k >= thresholds.k_min_above:
        return ABOVE
    if n < least_n(baseline.margin(thresholds.or_margin), thresholds.a_excl):
        return INSUFFICIENT_DATA
    if found.below <= thresholds.a_below:
        return BELOW
    if found.excluded <= thresholds.a_excl:
        return CONSISTENT
    return INCONCLUSIVE


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Each probability after Holm's step-down correction (Holm 1979), in place.

    A comparison that is None or NaN was not made: it stays None and does not count.
    """
    made = sorted(
        (p, place)
        for place, p in enumerate(p_values)
        if p is not None and not math.isnan(p)
    )
    adjusted: list[float | None] = [None] * len(p_values)
    largest = 0.0
    for rank, (p, place) in enumerate(made):
        largest = max(largest, min(1.0, (len(made) - rank) * p))
        adjusted[place] = largest
    return adjusted


def benjamini_hochberg(p_values: Sequence[float | None]) -> list[float | None]:
    """Each probability's false discovery rate (Benjamini and Hochberg 1995), in place.

    A comparison that is None or NaN was not made: it stays None and does not count.
    """
    made = sorted(
        (p, place)
        for place, p in enumerate(p_values)
        if p is not None and not math.isnan(p)
    )
    adjusted: list[float | None] = [None] * len(p_values)
    smallest = 1.0
    for rank in range(len(made), 0, -1):
        p, place = made[rank - 1]
        smallest = min(smallest, len(made) / rank * p)
        adjusted[place] = smallest
    return adjusted
