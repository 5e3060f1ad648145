"""The binomial CUSUM of monthly counts: its weights, its run length and its limit.

Knows `statistics.md` section d; knows nothing of populations, frames, files or SQL. Only
`scipy.special` and `scipy.linalg` are used: the rest of scipy is slow to import.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import special
from scipy.linalg import solve_toeplitz

from pipeline.statistics.learnt import Share
from pipeline.statistics.proportions import shift_odds

STATES = 2000
"""g of section d: the states of the Markov chain are multiples of limit / g."""

LIMIT_STEP = 0.01
"""A limit is a whole multiple of it, as it is printed."""

MOST_VARIATION = 0.5
"""Coefficient of variation of the monthly n from which n is not taken as constant."""

_COARSE_STATES = 500
_NEGLIGIBLE = 1e-15


@dataclass(frozen=True)
class Design:
    """What a chart is set for: the share in control, the odds ratio, and the months' n.

    ``sizes`` are the patients of a month and ``weights`` how often each occurs. ``learnt``
    is from how many patients p0 was learnt: infinitely many where it is known.
    """

    p0: float
    odds_ratio: float
    sizes: tuple[int, ...]
    weights: tuple[float, ...]
    learnt: float = math.inf

    @classmethod
    def of(
        cls,
        p0: float,
        odds_ratio: float,
        n: Sequence[int],
        learnt: float = math.inf,
    ) -> "Design":
        """The design for months of these n: their mean, or all of them where they vary.

        With a coefficient of variation over `MOST_VARIATION` the n of a month is drawn
        anew from those seen, so that the run length holds for months as they come.
        """
        n = np.asarray(n)
        mean = n.mean()
        is_varied = len(n) > 1 and n.std(ddof=1) > MOST_VARIATION * mean
        if not is_varied:
            return cls(p0, odds_ratio, (round(float(mean)),), (1.0,), learnt)
        sizes, times = np.unique(n, return_counts=True)
        weights = tuple((times / len(n)).tolist())
        return cls(p0, odds_ratio, tuple(sizes.tolist()), weights, learnt)


def weights(k, n, p0: float, odds_ratio: float):
    """The log-likelihood ratio of each month's k of n: W of section d; 0 where n is 0."""
    p1 = shift_odds(p0, odds_ratio)
    k, n = np.asarray(k, dtype=float), np.asarray(n, dtype=float)
    return (k * math.log(p1 / p0) + (n - k) * math.log((1 - p1) / (1 - p0)))[()]


def values(steps: Sequence[float], limit: float) -> list[float]:
    """The CUSUM after each month: S = max(0, S + W), back at 0 after a value over limit.

    The value of the month that alarms is kept (S > limit, strictly).
    """
    found, last = [], 0.0
    for step in steps:
        last = max(0.0, (0.0 if last > limit else last) + float(step))
        found.append(last)
    return found


def run_length(design: Design, limit: float, states: int = STATES) -> float:
    """Months to a false alarm: 1 / the rate that is to be expected, from S = 0.

    Where p0 is known that is the mean number of months to the first alarm (section d).
    Where it was learnt the rate is the mean over its posterior, the weights keeping p0:
    ours, for section d takes such a p0 as known and then has more alarms than it states.
    Infinite where no alarm is ever expected.
    """
    expected = sum(rate * weight for rate, weight in _rates(design, limit, states))
    return 1 / expected if expected > 0 else math.inf


def _rates(design: Design, limit: float, states: int) -> Iterator[tuple[float, float]]:
    """The rate of alarms under every share that may be true, the highest first, and the
    share's weight."""
    steps, chances, likely = _steps(design)
    moves = np.rint(steps * (states / limit))
    moves = np.clip(moves, -states - 1, states + 1).astype(int) + states + 1
    for chance, weight in zip(chances[::-1], likely[::-1].tolist(), strict=True):
        yield _rate(np.bincount(moves, chance, 2 * states + 3), states), weight


def _rate(mass: np.ndarray, states: int) -> float:
    """Alarms a month: 1 / the mean time to the first (Brook and Evans 1972).

    On the states j * limit / g, S rounded to the nearest one. The chain moves by the same
    steps from every state but for the floor at 0, so its matrix is a Toeplitz matrix and
    one column.
    """
    up, down = mass[states + 1 : -1], mass[states + 1 : 0 : -1]
    to_floor = np.cumsum(mass)[states::-1]
    start = np.zeros(states + 1)
    start[0] = 1
    # the months spent in each state before the first return to the floor, or the alarm
    visits = solve_toeplitz((start - up, start - down), start)
    leaving = 1 - visits @ to_floor
    return float(leaving / visits.sum()) if leaving > _NEGLIGIBLE else 0.0


@dataclass(frozen=True)
class Limit:
    """A limit and the run length in control that it has, in months."""

    value: float
    run_length: float


@lru_cache(maxsize=1024)
def limit_for(design: Design, months: float) -> Limit:
    """The least limit, in steps of `LIMIT_STEP`, whose run length is at least ``months``.

    Never under the weight of one case alone: an alarm takes two. Run lengths of this
    CUSUM are at least e^limit while p0 holds (Lorden 1971), so that of a known p0 is
    found below ln(months); that of a learnt one may lie above.
    """
    least = math.ceil(math.log(design.odds_ratio) / LIMIT_STEP)
    low, high = least - 1, max(least, math.ceil(math.log(months) / LIMIT_STEP))
    while not _is_long(design, high, months):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        if _is_long(design, middle, months):
            high = middle
        else:
            low = middle
    # The finer chain may find the coarser one's limit a little short. Of a learnt share
    # so much is not known that the finer one would say nothing more.
    states = STATES if math.isinf(design.learnt) else _COARSE_STATES
    while (found := run_length(design, high * LIMIT_STEP, states)) < months:
        high += 1
    return Limit(round(high * LIMIT_STEP, 2), found)


def _is_long(design: Design, limit: int, months: float) -> bool:
    """Whether the run length is as long; told from as few shares as tell it.

    Alarms are the rarer the lower the share, so that the shares still to come have at
    most the rate of the last one.
    """
    most, expected, left = 1 / months, 0.0, 1.0
    for rate, weight in _rates(design, limit * LIMIT_STEP, _COARSE_STATES):
        expected, left = expected + rate * weight, left - weight
        if expected > most:
            return False
        if expected + rate * left <= most:
            return True
    return True


@lru_cache(maxsize=4)
def _steps(design: Design) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Every W; its chances, a row for every share that may be true; and those' weights."""
    shares, likely = Share(design.p0, design.learnt).points()
    sizes, often = np.array(design.sizes), np.array(design.weights)
    n = np.repeat(sizes, sizes + 1)
    k = np.concatenate([np.arange(size + 1) for size in sizes])
    log_choose = (
        special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1)
    )
    is_drawn = np.repeat(often, sizes + 1)
    chances = [
        np.exp(log_choose + special.xlogy(k, share) + special.xlog1py(n - k, -share))
        * is_drawn
        for share in shares
    ]
    return weights(k, n, design.p0, design.odds_ratio), np.array(chances), likely
