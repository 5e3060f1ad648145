"""Whether a share rises or falls over months: a test, and the slope of a logistic curve.

Knows `statistics.md` section d; knows nothing of populations, files or SQL. The curve is
fitted here: statsmodels takes seconds to import.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

COLUMNS = (
    *("population", "definition", "n_months", "n", "k", "chi2", "p"),
    *("slope_a_month", "slope_se", "slope_p", "status"),
)
"""The columns of `trends`, in order."""

TESTED, TOO_FEW_CASES = "tested", "too_few_cases"

_MOST_ITERATIONS = 50
_CLOSE_ENOUGH = 1e-12


@dataclass(frozen=True)
class Trend:
    """Cochran and Armitage's test; ``p`` is two-sided. NaN where it cannot be made."""

    chi2: float
    p: float


@dataclass(frozen=True)
class Slope:
    """The change of the log odds a step, its standard error and Wald's two-sided p."""

    slope: float
    standard_error: float
    p: float


def trend(k: Sequence[int], n: Sequence[int], scores: Sequence[float]) -> Trend:
    """The test of a trend of k of n over the scores, without a continuity correction.

    NaN where every patient is a case, none is, or all have one score.
    """
    k, n, scores = (np.asarray(each, dtype=float) for each in (k, n, scores))
    share = k.sum() / n.sum() if n.sum() else np.nan
    centred = scores - np.average(scores, weights=n) if n.sum() else scores
    spread = share * (1 - share) * (n * centred**2).sum()
    if not spread > 0:
        return Trend(math.nan, math.nan)
    chi2 = float((k * centred).sum() ** 2 / spread)
    return Trend(chi2, float(special.gammaincc(0.5, chi2 / 2)))


def slope(k: Sequence[int], n: Sequence[int], scores: Sequence[float]) -> Slope:
    """The slope of the logistic curve through k of n over the scores, by Newton's method.

    NaN where the likelihood has no maximum, as where every case is at one end.
    """
    k, n, scores = (np.asarray(each, dtype=float) for each in (k, n, scores))
    nothing = Slope(math.nan, math.nan, math.nan)
    if not 0 < k.sum() < n.sum() or len(np.unique(scores[n > 0])) < 2:
        return nothing
    model = np.stack([np.ones(len(scores)), scores - np.average(scores, weights=n)], 1)
    found = np.array([special.logit(k.sum() / n.sum()), 0.0])
    for _ in range(_MOST_ITERATIONS):
        share = special.expit(model @ found)
        information = model.T @ (model * (n * share * (1 - share))[:, None])
        if not np.linalg.cond(information) < 1 / _CLOSE_ENOUGH:
            return nothing
        change = np.linalg.solve(information, model.T @ (k - n * share))
        found = found + change
        if np.abs(change).max() < _CLOSE_ENOUGH * (1 + np.abs(found).max()):
            error = math.sqrt(np.linalg.inv(information)[1, 1])
            p = float(special.erfc(abs(found[1] / error) / math.sqrt(2)))
            return Slope(float(found[1]), error, p)
    return nothing


def trends(monthly: pd.DataFrame, parameters: Mapping[str, Any]) -> pd.DataFrame:
    """The trend over the mature months: one row a population and definition, `COLUMNS`.

    ``monthly`` is as `signals.charts` takes it; a score is a month's number. ``status`` is
    ``too_few_cases`` below ``trend_min_cases``, where no trend may be printed; a slope is
    given only from ``slope_min_cases`` on.
    """
    rows = []
    groups = monthly.groupby(["population", "definition"], sort=False)
    for (population, definition), months in groups:
        mature = months[months["is_mature"].astype(bool)]
        key = {"population": population, "definition": definition}
        rows.append(key | _trend_of(mature, parameters))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _trend_of(months: pd.DataFrame, parameters: Mapping[str, Any]) -> dict[str, Any]:
    days = pd.to_datetime(months["month"])
    scores = (days.dt.year * 12 + days.dt.month).to_numpy(dtype=float)
    k, n = months["k"].to_numpy(), months["n"].to_numpy()
    cases = int(k.sum())
    found, fitted = Trend(math.nan, math.nan), Slope(math.nan, math.nan, math.nan)
    if cases >= parameters["trend_min_cases"]:
        found = trend(k, n, scores)
    if cases >= parameters["slope_min_cases"]:
        fitted = slope(k, n, scores)
    return {
        "n_months": len(months),
        "n": int(n.sum()),
        "k": cases,
        "chi2": found.chi2,
        "p": found.p,
        "slope_a_month": fitted.slope,
        "slope_se": fitted.standard_error,
        "slope_p": fitted.p,
        "status": TOO_FEW_CASES if cases < parameters["trend_min_cases"] else TESTED,
    }
