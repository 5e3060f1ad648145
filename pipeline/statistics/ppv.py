"""A rate of failures times the share of them that is resistance, where some were tested.

Knows the product posterior of `statistics.md` section g and the ladder of its head; knows
nothing of frames, files or SQL. Written with `scipy.special` alone.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import special

from pipeline.statistics import verdicts
from pipeline.statistics.baselines import Baseline
from pipeline.statistics.proportions import CONFIDENCE
from pipeline.statistics.verdicts import Thresholds

_NODES, _WEIGHTS = special.roots_legendre(256)
_NEGLIGIBLE = 1e-16
_HALVINGS = 24
_POWER = 4
"""Quantiles are looked for on the fourth root of q: without a case they lie close to 0."""


@dataclass(frozen=True)
class Adjusted:
    """k failures of n, and x resistant of the m of them that were tested.

    q is the product of a rate of failures and a share of resistance, each with Jeffreys'
    prior and independent of the other: it takes tested failures to be like untested ones.
    """

    k: int
    n: int
    x: int
    m: int

    @property
    def mean(self) -> float:
        """The mean of q; NaN where nothing was tested or nobody counted."""
        if not (self.n and self.m):
            return math.nan
        return (self.k + 0.5) / (self.n + 1) * (self.x + 0.5) / (self.m + 1)

    def below(self, share):
        """P(q <= share); an array of shares gives an array."""
        share = np.atleast_1d(np.asarray(share, dtype=float))
        inside = np.clip(share, np.finfo(float).tiny, 1 - 1e-16)
        found = np.clip(self._below(inside), 0, 1)
        return np.where(share <= 0, 0.0, np.where(share >= 1, 1.0, found))

    def quantiles(self, tails) -> np.ndarray:
        """The shares under which q lies with these probabilities; NaN as the mean."""
        tails = np.asarray(tails, dtype=float)
        if not (self.n and self.m):
            return np.full(len(tails), np.nan)
        return np.array(_quantiles(self, tuple(tails.tolist())))

    def _below(self, share: np.ndarray) -> np.ndarray:
        a, b = self.k + 0.5, self.n - self.k + 0.5
        start = special.logit(share)
        least = special.logit(special.betaincinv(a, b, _NEGLIGIBLE))
        most = -special.logit(special.betaincinv(b, a, _NEGLIGIBLE))
        # over the failure rate p from share to 1, in v with logit p = start + v^2: the
        # integrand has half-integer powers at p = share, which v takes away
        first = np.sqrt(np.maximum(least - start, 0))[:, None]
        last = np.sqrt(np.maximum(most - start, 0))[:, None]
        half = np.maximum(last - first, 0) / 2
        v = first + half * (_NODES + 1)
        place = start[:, None] + v**2
        density = np.exp(
            a * special.log_expit(place)
            + b * special.log_expit(-place)
            - special.betaln(a, b)
        )
        needed = np.minimum(share[:, None] / special.expit(place), 1.0)
        met = special.betainc(self.x + 0.5, self.m - self.x + 0.5, needed)
        rest = (half * _WEIGHTS * density * met * 2 * v).sum(axis=1)
        return special.betainc(a, b, share) + rest


@lru_cache(maxsize=1024)
def _quantiles(of: Adjusted, tails: tuple[float, ...]) -> tuple[float, ...]:
    wanted = np.array(tails)
    low, high = np.zeros(len(wanted)), np.ones(len(wanted))
    below_low, below_high = np.zeros(len(wanted)), np.ones(len(wanted))
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        found = of.below(middle**_POWER)
        is_low = found < wanted
        low, high = np.where(is_low, middle, low), np.where(is_low, high, middle)
        below_low = np.where(is_low, found, below_low)
        below_high = np.where(is_low, below_high, found)
    # the curve is a straight line over so short a piece
    rise = np.maximum(below_high - below_low, np.finfo(float).tiny)
    root = low + (high - low) * (wanted - below_low) / rise
    return tuple((root**_POWER).tolist())


def interval(of: Adjusted, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """The equal-tailed interval of q; NaN where nothing was tested."""
    tail = (1 - confidence) / 2
    low, high = of.quantiles([tail, 1 - tail])
    return float(low), float(high)


def verdict(
    of: Adjusted,
    baseline: Baseline,
    thresholds: Thresholds,
    min_tested: int,
    p_above: float | None = None,
) -> str:
    """The word for q against a baseline: the ladder at the head of `statistics.md`.

    ``p_above`` stands in for P(q <= U) on the rung `above`, where it was corrected.
    `above` takes ``k_min_above`` resistant results: it is never said from one.
    """
    if of.n < thresholds.n_floor or of.m < min_tested:
        return verdicts.INSUFFICIENT_DATA
    margin = baseline.margin(thresholds.or_margin)
    under = of.below([baseline.upper, baseline.lower, margin])
    decisive = under[0] if p_above is None else p_above
    if decisive <= thresholds.a_above and of.x >= thresholds.k_min_above:
        return verdicts.ABOVE
    if 1 - under[1] <= thresholds.a_below:
        return verdicts.BELOW
    if 1 - under[2] <= thresholds.a_excl:
        return verdicts.CONSISTENT
    return verdicts.INCONCLUSIVE
