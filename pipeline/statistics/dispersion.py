"""Whether sites vary more than chance, by how much, and what that makes of their rates.

Knows the beta-binomial of `statistics.md` section e; knows nothing of frames, files or
SQL. Fitted here with `scipy.special` alone: `scipy.optimize` is slow to import.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

LEAST_RHO, LARGEST_RHO = 1e-6, 0.95
"""Between them rho is looked for; at the first of them no variation was found."""

_GRID = 17
_HALVINGS = 40
_MOST_STEPS = 60
_CLOSE_ENOUGH = 1e-10


@dataclass(frozen=True)
class Dispersion:
    """A beta-binomial fitted to sites; NaN where their counts do not allow one.

    ``p`` tests rho = 0: half the upper tail of chi-squared with one degree of freedom.
    ``is_at_bound``: no variation between the sites was detectable.
    """

    mu: float
    rho: float
    log_likelihood: float
    log_likelihood_binomial: float
    p: float
    is_at_bound: bool

    @property
    def prior(self) -> tuple[float, float]:
        """The two parameters of the Beta distribution of the sites' rates."""
        return beta_parameters(self.mu, self.rho)


NOTHING = Dispersion(math.nan, math.nan, math.nan, math.nan, math.nan, False)


def beta_parameters(mu: float, rho: float) -> tuple[float, float]:
    """The parameters of the Beta distribution of this mean and intra-class correlation."""
    scale = (1 - rho) / rho
    return mu * scale, (1 - mu) * scale


def probabilities(n: int, share: float, rho: float = 0.0) -> np.ndarray:
    """P(X = 0), ..., P(X = n): binomial where rho is 0, else beta-binomial."""
    k = np.arange(n + 1)
    logs = _log_choose(n, k)
    if rho > 0:
        a, b = beta_parameters(share, rho)
        logs = logs + special.betaln(k + a, n - k + b) - special.betaln(a, b)
    else:
        logs = logs + special.xlogy(k, share) + special.xlog1py(n - k, -share)
    return np.exp(logs)


def fit(k: Sequence[int], n: Sequence[int], least_rho: float = LEAST_RHO) -> Dispersion:
    """The beta-binomial of largest likelihood for k of n at each site.

    `NOTHING` with fewer than two sites that have patients, or without a case, or with
    cases alone.
    """
    k, n = np.asarray(k, dtype=float), np.asarray(n, dtype=float)
    k, n = k[n > 0], n[n > 0]
    if len(n) < 2 or not 0 < k.sum() < n.sum():
        return NOTHING
    choices = float(_log_choose(n, k).sum())
    pooled = k.sum() / n.sum()
    binomial = choices + float(
        special.xlogy(k, pooled).sum() + special.xlog1py(n - k, -pooled).sum()
    )
    grid = special.expit(
        np.linspace(special.logit(least_rho), special.logit(LARGEST_RHO), _GRID)
    )
    means = _means(k, n, grid)
    at_grid = _log_likelihood(k, n, *beta_parameters(means, grid))
    best = int(np.argmax(at_grid))
    a, b = beta_parameters(means[best], grid[best])
    if 0 < best < _GRID - 1:
        a, b = _climb(k, n, a, b)
    found = choices + float(_log_likelihood(k, n, np.array([a]), np.array([b]))[0])
    ratio = max(0.0, 2 * (found - binomial))
    p = float(special.gammaincc(0.5, ratio / 2)) / 2
    rho = float(1 / (a + b + 1))
    return Dispersion(float(a / (a + b)), rho, found, binomial, p, best == 0)


def shrunken(k, n, prior: tuple[float, float], confidence: float):
    """The mean and the interval of Beta(k + a, n - k + b), each an array."""
    a, b = np.asarray(k) + prior[0], np.asarray(n) - np.asarray(k) + prior[1]
    tail = (1 - confidence) / 2
    return a / (a + b), special.betaincinv(a, b, tail), special.betainccinv(a, b, tail)


def _log_choose(n, k):
    return -special.betaln(n - k + 1, k + 1) - np.log(np.add(n, 1.0))


def _log_likelihood(k, n, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    a, b = a[:, None], b[:, None]
    return (special.betaln(k + a, n - k + b) - special.betaln(a, b)).sum(axis=1)


def _means(k: np.ndarray, n: np.ndarray, rho: np.ndarray) -> np.ndarray:
    """The mean of largest likelihood for each rho: the likelihood is concave in it."""
    low, high = np.full(len(rho), 1e-12), np.full(len(rho), 1 - 1e-12)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        a, b = (each[:, None] for each in beta_parameters(middle, rho))
        slope = special.digamma(k + a) - special.digamma(a)
        slope = slope - special.digamma(n - k + b) + special.digamma(b)
        rises = slope.sum(axis=1) > 0
        low, high = np.where(rises, middle, low), np.where(rises, high, middle)
    return (low + high) / 2


def _climb(k: np.ndarray, n: np.ndarray, a: float, b: float) -> tuple[float, float]:
    """Newton's method in ln a and ln b, with shorter steps where one would descend."""
    place = np.log([a, b])
    height = _height(k, n, place)
    for _ in range(_MOST_STEPS):
        slope, curve = _derivatives(k, n, *np.exp(place))
        values, axes = np.linalg.eigh(curve)
        # a step uphill along every axis, also where the likelihood is not concave
        step = axes @ ((axes.T @ slope) / np.maximum(np.abs(values), _CLOSE_ENOUGH))
        length = min(1.0, 2.0 / max(np.abs(step).max(), _CLOSE_ENOUGH))
        while (reached := _height(k, n, place + length * step)) < height:
            length /= 2
            if length < _CLOSE_ENOUGH:
                return tuple(np.exp(place))
        place, height = place + length * step, reached
        if np.abs(length * step).max() < _CLOSE_ENOUGH:
            break
    return tuple(np.exp(place))


def _height(k, n, place: np.ndarray) -> float:
    a, b = np.exp(place)
    return float(_log_likelihood(k, n, np.array([a]), np.array([b]))[0])


def _derivatives(k, n, a: float, b: float) -> tuple[np.ndarray, np.ndarray]:
    first, second = special.digamma, lambda x: special.polygamma(1, x)
    total = (first(a + b) - first(n + a + b)).sum()
    slope = np.array(
        [
            a * ((first(k + a) - first(a)).sum() + total),
            b * ((first(n - k + b) - first(b)).sum() + total),
        ]
    )
    shared = (second(a + b) - second(n + a + b)).sum()
    curve = np.array(
        [
            [a * a * ((second(k + a) - second(a)).sum() + shared), a * b * shared],
            [a * b * shared, b * b * ((second(n - k + b) - second(b)).sum() + shared)],
        ]
    )
    return slope, curve + np.diag(slope)
