"""A proportion's intervals, exact tails and posterior, and what clustering does to it.

Knows nothing of baselines, files or SQL. Numbers or arrays go in; a number or an array
comes out. Only `scipy.special` is used: `scipy.stats` takes a second to import.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

Values = Any
"""A number, or an array of numbers that broadcasts with the others."""

CONFIDENCE = 0.95
"""Of every interval shown (`statistics.md` section a)."""

_HALVINGS = 70
"""Bisections of [0, 1] that leave nothing between two neighbouring doubles."""


def shift_odds(share: Values, ratio: float) -> Values:
    """The share whose odds are ``ratio`` times those of ``share``."""
    return ratio * share / (1 - share + ratio * share)


def at_least(k: Values, n: Values, share: Values) -> Values:
    """P(X >= k) for X ~ Binomial(n, share); 1 where k is 0.

    Real-valued k and n are taken by the same Beta distribution (section a, courses).
    """
    k, n = _floats(k, n)
    tail = special.betainc(np.maximum(k, 0), np.maximum(n - k + 1, 0), share)
    return np.where(k <= 0, 1.0, np.where(k > n, 0.0, tail))[()]


def at_most(k: Values, n: Values, share: Values) -> Values:
    """P(X <= k) for X ~ Binomial(n, share); 1 where k is n; real values as above."""
    k, n = _floats(k, n)
    tail = special.betaincc(np.maximum(k + 1, 0), np.maximum(n - k, 0), share)
    return np.where(k >= n, 1.0, np.where(k < 0, 0.0, tail))[()]


def at_least_mid(k: Values, n: Values, share: Values) -> Values:
    """P(X > k) + P(X = k) / 2, the mid-P of an excess; whole k only."""
    return (at_least(k, n, share) + at_least(np.add(k, 1), n, share)) / 2


def at_most_mid(k: Values, n: Values, share: Values) -> Values:
    """P(X < k) + P(X = k) / 2, the mid-P of a shortfall; whole k only."""
    return (at_most(k, n, share) + at_most(np.subtract(k, 1), n, share)) / 2


def two_sided(p_low: Values, p_high: Values) -> Values:
    """Twice the smaller tail, at most 1: the central test, dual to Clopper-Pearson."""
    return np.minimum(1.0, 2 * np.minimum(p_low, p_high))


def clopper_pearson(
    k: Values, n: Values, confidence: float = CONFIDENCE
) -> tuple[Values, Values]:
    """The exact interval, lower and upper limit; NaN where n is 0.

    Clopper and Pearson 1934: 0 is the lower limit of k = 0, 1 the upper one of k = n.
    """
    k, n = _floats(k, n)
    tail = (1 - confidence) / 2
    lower = special.betaincinv(k, n - k + 1, tail)
    upper = special.betainccinv(k + 1, n - k, tail)
    return (
        _where_counted(n, np.where(k <= 0, 0.0, lower)),
        _where_counted(n, np.where(k >= n, 1.0, upper)),
    )


def upper_one_sided(k: Values, n: Values, confidence: float = CONFIDENCE) -> Values:
    """The exact one-sided upper limit (1 - 0.05^(1/n) where k is 0); NaN where n is 0."""
    k, n = _floats(k, n)
    upper = special.betainccinv(k + 1, n - k, 1 - confidence)
    return _where_counted(n, np.where(k >= n, 1.0, upper))


def jeffreys(
    k: Values, n: Values, confidence: float = CONFIDENCE
) -> tuple[Values, Values]:
    """The equal-tailed interval of Beta(k + 1/2, n - k + 1/2); NaN where n is 0.

    Lower limit 0 where k is 0, upper limit 1 where k is n (Brown, Cai, DasGupta 2001).
    """
    k, n = _floats(k, n)
    tail = (1 - confidence) / 2
    lower = special.betaincinv(k + 0.5, n - k + 0.5, tail)
    upper = special.betainccinv(k + 0.5, n - k + 0.5, tail)
    return (
        _where_counted(n, np.where(k <= 0, 0.0, lower)),
        _where_counted(n, np.where(k >= n, 1.0, upper)),
    )


def wilson(
    k: Values, n: Values, confidence: float = CONFIDENCE
) -> tuple[Values, Values]:
    """The score interval (Wilson 1927), for chart whiskers alone; NaN where n is 0."""
    k, n = _floats(k, n)
    z = special.ndtri((1 + confidence) / 2)
    safe = np.where(n > 0, n, 1.0)
    share = k / safe
    centre = share + z**2 / (2 * safe)
    half = z * np.sqrt(share * (1 - share) / safe + z**2 / (4 * safe**2))
    scale = 1 + z**2 / safe
    # rounding must not leave 0 or 1 beside an exact 0 of n or n of n
    lower = np.where(k <= 0, 0.0, (centre - half) / scale)
    upper = np.where(k >= n, 1.0, (centre + half) / scale)
    return _where_counted(n, lower), _where_counted(n, upper)


def mid_p(
    k: Values, n: Values, confidence: float = CONFIDENCE
) -> tuple[Values, Values]:
    """The interval with half the point mass in each tail; whole k; NaN where n is 0."""
    k, n = _floats(k, n)
    tail = (1 - confidence) / 2
    lower = _root(lambda share: at_least_mid(k, n, share) < tail, np.shape(k + n))
    upper = _root(lambda share: at_most_mid(k, n, share) > tail, np.shape(k + n))
    return (
        _where_counted(n, np.where(k <= 0, 0.0, lower)),
        _where_counted(n, np.where(k >= n, 1.0, upper)),
    )


def posterior_above(
    share: Values, k: Values, n: Values, prior: tuple[float, float] = (0.5, 0.5)
) -> Values:
    """P(rate > share) after k of n with a Beta prior, Jeffreys' by default."""
    k, n = _floats(k, n)
    return special.betaincc(k + prior[0], n - k + prior[1], share)


@dataclass(frozen=True)
class CourseTotals:
    """Courses and cases added up over patients, with what their scatter needs.

    For patient i with n_i courses and y_i cases among them: ``sum_n2`` adds n_i^2,
    ``sum_ny`` n_i y_i and ``sum_y2`` y_i^2, over the patients with a course.
    """

    k: int
    n: int
    n_patients: int
    sum_n2: int
    sum_ny: int
    sum_y2: int

    @classmethod
    def of(cls, courses: Sequence[int], cases: Sequence[int]) -> "CourseTotals":
        """The totals of patients with so many courses and cases each."""
        pairs = [(n, y) for n, y in zip(courses, cases, strict=True) if n]
        return cls(
            k=sum(y for _, y in pairs),
            n=sum(n for n, _ in pairs),
            n_patients=len(pairs),
            sum_n2=sum(n * n for n, _ in pairs),
            sum_ny=sum(n * y for n, y in pairs),
            sum_y2=sum(y * y for _, y in pairs),
        )


@dataclass(frozen=True)
class Clustered:
    """A rate of clustered courses; NaN where it cannot be told.

    ``n_eff`` is p(1-p)/V and ``n_star`` that number after the t correction, at most n:
    the n of every comparison. ``x`` is the matching number of cases, ``n_star`` times p.
    """

    x: float
    n_star: float
    n_eff: float
    deff: float
    lo: float
    hi: float


def korn_graubard(totals: CourseTotals, confidence: float = CONFIDENCE) -> Clustered:
    """The exact interval on the effective number of courses (Korn and Graubard 1998).

    With one patient there is no interval. Without a case, or with cases alone, the
    patients are the effective number. Where courses scatter not at all, V is 0, the
    effective number has no bound (``n_eff`` NaN) and ``n_star`` is n.
    """
    k, n, patients = totals.k, totals.n, totals.n_patients
    if patients < 2:
        return Clustered(*[np.nan] * 6)
    n_eff, n_star, deff = float(patients), float(patients), np.nan
    if 0 < k < n:
        variance = _variance(totals)
        deff = variance * n**3 / (k * (n - k))
        n_eff, n_star = np.nan, float(n)
        if variance > 0:
            n_eff = n / deff
            n_star = min(n_star, n_eff * _t_correction(n, patients, confidence))
    x = n_star if k == n else n_star * k / n
    lo, hi = clopper_pearson(x, n_star, confidence)
    return Clustered(x, n_star, n_eff, deff, float(lo), float(hi))


def _variance(totals: CourseTotals) -> float:
    k, n, m = totals.k, totals.n, totals.n_patients
    # sum (y_i - p n_i)^2 times n^2, in whole numbers: nothing is lost to cancellation
    scatter = n**2 * totals.sum_y2 - 2 * k * n * totals.sum_ny + k**2 * totals.sum_n2
    return m * scatter / ((m - 1) * n**4)


def _t_correction(n: int, patients: int, confidence: float) -> float:
    tail = (1 - confidence) / 2
    return (special.stdtrit(n - 1, tail) / special.stdtrit(patients - 1, tail)) ** 2


def _floats(k: Values, n: Values) -> tuple[np.ndarray, np.ndarray]:
    return np.asarray(k, dtype=float), np.asarray(n, dtype=float)


def _where_counted(n: np.ndarray, limit: np.ndarray) -> Values:
    return np.where(n > 0, limit, np.nan)[()]


def _root(is_below, shape: tuple[int, ...]) -> np.ndarray:
    lower, upper = np.zeros(shape), np.ones(shape)
    for _ in range(_HALVINGS):
        middle = (lower + upper) / 2
        below = is_below(middle)
        lower, upper = np.where(below, middle, lower), np.where(below, upper, middle)
    return (lower + upper) / 2
