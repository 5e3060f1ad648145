"""Observed against expected over risk groups: the ratio, its limits and exact tails.

Knows `statistics.md` section h; knows nothing of frames, files or SQL.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from pipeline.statistics import verdicts
from pipeline.statistics.baselines import Baseline
from pipeline.statistics.dispersion import probabilities
from pipeline.statistics.proportions import CONFIDENCE, shift_odds
from pipeline.statistics.verdicts import Thresholds

_NEGLIGIBLE = 1e-40
"""What is less likely changes none of the tails."""


@dataclass(frozen=True)
class Group:
    """k cases of the n patients of a risk group, and the rate published for it.

    Groups that are added up share no patient.
    """

    k: int
    n: int
    baseline: Baseline


@dataclass(frozen=True)
class Ratio:
    """Observed over expected. ``expected`` takes the upper edge of each band and ``low``
    its lower one; the ratio and its limits are against ``expected``; NaN where that is 0.

    ``p_high`` is P(O' >= O) at the upper edges, ``p_low`` P(O' <= O) at the lower ones,
    ``p_excluded`` P(O' <= O) with the odds multiplied, ``p_none`` P(O' = 0) likewise.
    """

    observed: int
    n: int
    expected: float
    expected_low: float
    ratio: float
    lo: float
    hi: float
    ratio_low: float
    p_high: float
    p_low: float
    p_excluded: float
    p_none: float


def exact_limits(observed, expected, confidence: float = CONFIDENCE):
    """The exact Poisson limits of O/E; the lower one is 0 where nothing was observed."""
    observed = np.asarray(observed, dtype=float)
    tail = (1 - confidence) / 2
    lower = special.gammaincinv(observed, tail)
    upper = special.gammainccinv(observed + 1, tail)
    return (
        (np.where(observed > 0, lower, 0.0) / expected)[()],
        (upper / expected)[()],
    )


def tails(
    observed: int, sizes: Sequence[int], shares: Sequence[float]
) -> tuple[float, float]:
    """P(O' >= O) and P(O' <= O) for the sum of binomials (Poisson-binomial)."""
    together: dict[float, int] = {}
    for n, share in zip(sizes, shares, strict=True):
        together[share] = together.get(share, 0) + n  # of one share: one binomial
    total, first = np.ones(1), 0
    for share, n in together.items():
        chance, begin = _trimmed(probabilities(n, share))
        total, first = np.convolve(total, chance), first + begin
    reached = np.arange(first, first + len(total))
    at_least = float(total[reached >= observed].sum())
    at_most = float(total[reached <= observed].sum())
    return min(1.0, at_least) if observed > 0 else 1.0, min(1.0, at_most)


def compare(groups: Sequence[Group], or_margin: float) -> Ratio:
    """The groups' cases against those expected of them."""
    observed, n = sum(each.k for each in groups), sum(each.n for each in groups)
    sizes = [each.n for each in groups]
    high = [each.baseline.high for each in groups]
    low = [
        each.baseline.high if each.baseline.low is None else each.baseline.low
        for each in groups
    ]
    margin = [shift_odds(share, or_margin) for share in high]
    expected, expected_low = float(np.dot(sizes, high)), float(np.dot(sizes, low))
    limits, ratio, ratio_low = (math.nan, math.nan), math.nan, math.nan
    if n:
        limits = exact_limits(observed, expected)
        ratio, ratio_low = observed / expected, observed / expected_low
    return Ratio(
        *(observed, n, expected, expected_low, ratio),
        *(float(limit) for limit in limits),
        ratio_low,
        tails(observed, sizes, high)[0],
        tails(observed, sizes, low)[1],
        tails(observed, sizes, margin)[1],
        float(np.exp(np.dot(sizes, np.log1p(-np.array(margin))))) if n else 1.0,
    )


def verdict(found: Ratio, thresholds: Thresholds) -> str:
    """The word for a ratio, on the same ladder as a rate's (section h)."""
    if found.n < thresholds.n_floor:
        return verdicts.INSUFFICIENT_DATA
    if found.p_high <= thresholds.a_above and found.observed >= thresholds.k_min_above:
        return verdicts.ABOVE
    if found.p_none > thresholds.a_excl:
        return verdicts.INSUFFICIENT_DATA
    if found.p_low <= thresholds.a_below:
        return verdicts.BELOW
    if found.p_excluded <= thresholds.a_excl:
        return verdicts.CONSISTENT
    return verdicts.INCONCLUSIVE


def _trimmed(chance: np.ndarray) -> tuple[np.ndarray, int]:
    kept = np.flatnonzero(chance > _NEGLIGIBLE)
    return chance[kept[0] : kept[-1] + 1], int(kept[0])
