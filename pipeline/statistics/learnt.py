"""A share that is known, or that was learnt from patients and may as well be another.

Knows the posterior of a chart's own history (`statistics.md` section d); knows nothing of
charts, frames, files or SQL. `scipy.stats` is slow to import and not used.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import special
from scipy.linalg import eigh_tridiagonal

from pipeline.statistics import proportions

NODES = 7
"""Points of the quadrature over the posterior: exact for polynomials up to degree 13."""

_TAIL = 60
"""Standard deviations above the mean, and cases, that a predictive tail is summed over."""


@dataclass(frozen=True)
class Share:
    """A share, and from how many patients it was learnt, its prior's among them.

    Of ``patients`` whose share is ``value`` the posterior is Beta(value patients,
    (1 - value) patients), whose mean is ``value``. Infinitely many: it is known.
    """

    value: float
    patients: float = math.inf

    @property
    def is_known(self) -> bool:
        """Whether nothing about it is left to chance."""
        return math.isinf(self.patients)

    def points(self) -> tuple[np.ndarray, np.ndarray]:
        """Shares that may be the true one, and their weights, which add up to 1.

        Gauss's quadrature with the posterior as its weight (Golub and Welsch 1969).
        """
        if self.is_known:
            return np.array([self.value]), np.array([1.0])
        a, b = self.value * self.patients, (1 - self.value) * self.patients
        order = np.arange(1, NODES)
        wide = a + b + 2 * order - 2
        middle = np.concatenate([[0.0], (a - b) * (a + b - 2) / (wide * (wide + 2))])
        # of the first the general form is 0 / 0 where a + b is 2
        middle[0] = (a - b) / (a + b)
        # likewise the factors a + b + order - 2 and wide - 1 are one where order is 1
        both = np.where(order == 1, 1.0, (a + b + order - 2) / (wide - 1))
        beside = 4 * order * (order + a - 1) * (order + b - 1) * both
        beside = beside / (wide**2 * (wide + 1))
        found, vectors = eigh_tridiagonal(middle, np.sqrt(beside))
        return np.clip((1 + found) / 2, 0.0, 1.0), vectors[0] ** 2

    def at_least(self, k, n) -> np.ndarray:
        """P(k or more of n) for every month: binomial, or the posterior's predictive.

        The beta-binomial tail counts that the share may be another than ``value``.
        """
        k, n = np.asarray(k), np.asarray(n)
        if self.is_known:
            return np.asarray(proportions.at_least(k, n, self.value))
        return np.array([self._predicted(*each) for each in zip(k, n, strict=True)])

    def _predicted(self, k: int, n: int) -> float:
        if k <= 0:
            return 1.0
        mean = n * self.value
        spread = mean * (1 - self.value) * (self.patients + n) / (self.patients + 1)
        last = min(n, math.ceil(max(k, mean) + _TAIL * (1 + math.sqrt(spread))))
        cases = np.arange(k, last + 1)
        a, b = self.value * self.patients, (1 - self.value) * self.patients
        logs = special.betaln(cases + a, n - cases + b) - special.betaln(a, b)
        logs = logs - special.betaln(n - cases + 1, cases + 1) - math.log(n + 1)
        return min(1.0, float(np.exp(logs).sum()))


UNKNOWN = Share(math.nan)
"""That of a chart which cannot be set."""
