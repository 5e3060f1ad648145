"""How many patients a question needs, and what so many can answer (section b 9).

Knows the exact one-sided tests; knows nothing of baselines, files or SQL.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy import special

from pipeline.statistics.proportions import at_least, at_most

MOST_PATIENTS = 2**17
"""Beyond so many a needed number is not looked for."""

_FIRST_LOOK = 512
_LARGEST_ODDS_RATIO = 100


class Needed(NamedTuple):
    """Numbers of patients; None where the search ended before (`MOST_PATIENTS`)."""

    first: int | None
    """The smallest n with the power asked for."""
    always: int | None
    """The smallest n from which the power stays: the curve is saw-toothed."""


def critical_value(n, upper: float, level: float, k_min: int):
    """The fewest cases, at least ``k_min``, with P(X >= c | n, upper) <= level.

    Larger than n where no count of n is extreme enough. Arrays of n give arrays.
    """
    n = np.asarray(n)
    spread = np.sqrt(n * upper * (1 - upper))
    guess = np.floor(n * upper - special.ndtri(level) * spread).astype(int)
    c = np.maximum(guess, k_min)
    while (is_low := at_least(c, n, upper) > level).any():
        c = c + is_low
    while (is_high := (c > k_min) & (at_least(c - 1, n, upper) <= level)).any():
        c = c - is_high
    return c[()]


def power(n, upper: float, truth: float, level: float, k_min: int):
    """P(at least the critical value of n | truth): the power of `above` unadjusted."""
    return at_least(critical_value(n, upper, level, k_min), n, truth)


@lru_cache(maxsize=256)
def needed_for_above(
    upper: float, truth: float, level: float, k_min: int, target: float
) -> Needed:
    """The patients needed to find a true rate above the baseline with that power."""
    return _needed(lambda n: power(n, upper, truth, level, k_min), target)


def most_excluding(n, margin: float, level: float):
    """The most cases with P(X <= k | n, margin) <= level; -1 where not even 0 will do."""
    n = np.asarray(n)
    spread = np.sqrt(n * margin * (1 - margin))
    guess = np.ceil(n * margin + special.ndtri(level) * spread).astype(int)
    k = np.maximum(guess, -1)
    while (is_high := at_most(k, n, margin) > level).any():
        k = k - is_high
    while (is_low := at_most(k + 1, n, margin) <= level).any():
        k = k + is_low
    return k[()]


@lru_cache(maxsize=256)
def needed_to_exclude(
    margin: float, truth: float, level: float, target: float
) -> Needed:
    """The patients needed to exclude the margin with that power if ``truth`` holds."""
    return _needed(
        lambda n: at_most(most_excluding(n, margin, level), n, truth), target
    )


@lru_cache(maxsize=4096)
def detectable_odds_ratio(
    n: int, upper: float, level: float, k_min: int, target: float
) -> float | None:
    """The smallest odds ratio over ``upper`` that n patients detect with that power.

    None where no odds ratio up to 100 is found. P(X >= c | p) grows in p, so the p of
    the target is a Beta quantile and no search is needed.
    """
    if n < 1:
        return None
    c = int(critical_value(n, upper, level, k_min))
    if c > n:
        return None
    truth = float(special.betaincinv(c, n - c + 1, target))
    ratio = truth / (1 - truth) * (1 - upper) / upper
    return ratio if ratio <= _LARGEST_ODDS_RATIO else None


def _needed(power_at: Callable[[np.ndarray], np.ndarray], target: float) -> Needed:
    most = _FIRST_LOOK
    while most <= MOST_PATIENTS:
        enough = power_at(np.arange(1, most + 1)) >= target
        # the teeth shrink as n grows: a whole second half above the target is the end
        if enough[most // 2 :].all():
            lacking = np.flatnonzero(~enough)
            always = int(lacking[-1]) + 2 if len(lacking) else 1
            return Needed(int(np.argmax(enough)) + 1, always)
        most *= 2
    return Needed(None, None)
