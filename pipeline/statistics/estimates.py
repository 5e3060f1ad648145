"""Counts set against baselines, with intervals, tests and needed numbers; no verdict yet.

Knows `statistics.md` sections a, b 2, b 6 and b 9, and which counts are set against which
baseline; knows nothing of files, SQL or wording.
"""

import math
from collections.abc import Callable, Sequence
from fractions import Fraction

import numpy as np
import pandas as pd

from pipeline.statistics import power, proportions, verdicts
from pipeline.statistics.baselines import Baseline
from pipeline.statistics.proportions import CourseTotals
from pipeline.statistics.verdicts import Thresholds

_REAL_VALUED = ("p_excess", "p_below", "p_excl")
"""The tests that real-valued counts have, those of courses."""


def compare(
    counts: pd.DataFrame, baselines: Sequence[Baseline], thresholds: Thresholds
) -> pd.DataFrame:
    """The counts, once a baseline of their population, with every number but a verdict.

    Keeps the counts' columns and order. Adds ``baseline`` (a Baseline or None) and
    ``is_under_tested`` for the judging, ``x`` and ``size`` (k and n, or what stands for
    them where courses are clustered), and the columns of section j.
    """
    rows = _compared(counts, baselines)
    _add_sizes(rows)
    _add_intervals(rows)
    _add_tests(rows, thresholds)
    _add_needed(rows, thresholds)
    _add_testing(rows, thresholds)
    return rows


def _compared(counts: pd.DataFrame, baselines: Sequence[Baseline]) -> pd.DataFrame:
    judged = [each for each in baselines if each.kind != "share"]
    pairs = [
        (position, baseline)
        for position, (population, syndrome) in enumerate(
            zip(counts["population"], counts["syndrome"], strict=True)
        )
        for baseline in _of(population, syndrome, judged)
    ]
    rows = counts.iloc[[position for position, _ in pairs]].reset_index(drop=True)
    rows["baseline"] = pd.Series([each for _, each in pairs], dtype=object)
    rows["baseline_id"] = [each.id if each else "" for _, each in pairs]
    return rows


def _of(
    population: str, syndrome: str, baselines: Sequence[Baseline]
) -> Sequence[Baseline | None]:
    if syndrome != "hsv":
        return [None]
    return [each for each in baselines if each.population == population] or [None]


def _add_sizes(rows: pd.DataFrame) -> None:
    rows["x"], rows["size"] = rows["k"].astype(float), rows["n"].astype(float)
    rows["deff"], rows["n_eff"] = np.nan, np.nan
    for place in rows.index[rows["unit"] == "course"]:
        names = CourseTotals.__dataclass_fields__
        totals = CourseTotals(*(int(rows.at[place, name]) for name in names))
        found = proportions.korn_graubard(totals)
        values = (found.x, found.n_star, found.deff, found.n_eff)
        for name, value in zip(("x", "size", "deff", "n_eff"), values, strict=True):
            rows.at[place, name] = value


def _add_intervals(rows: pd.DataFrame) -> None:
    x, size = rows["x"].to_numpy(), rows["size"].to_numpy()
    is_course = (rows["unit"] == "course").to_numpy()
    n = rows["n"].to_numpy(dtype=float)
    rows["rate"] = rows["k"].to_numpy() / np.where(n > 0, n, np.nan)
    rows["cp_lo"], rows["cp_hi"] = proportions.clopper_pearson(x, size)
    rows["upper95_one_sided"] = proportions.upper_one_sided(x, size)
    for name, limit in zip(
        ("jeffreys_lo", "jeffreys_hi"), proportions.jeffreys(x, size), strict=True
    ):
        rows[name] = np.where(is_course, np.nan, limit)


def _add_tests(rows: pd.DataFrame, thresholds: Thresholds) -> None:
    rows["kind"] = pd.Series(
        [each.kind if each else None for each in rows["baseline"]], dtype=object
    )
    rows["baseline_low"] = _bounds(rows, lambda each: each.lower)
    rows["baseline_high"] = _bounds(rows, lambda each: each.upper)
    rows["margin"] = _bounds(rows, lambda each: each.margin(thresholds.or_margin))
    lower, upper, margin, x, size = (
        rows[name].to_numpy()
        for name in ("baseline_low", "baseline_high", "margin", "x", "size")
    )
    found = {
        "p_excess": proportions.at_least(x, size, upper),
        "p_excess_mid": proportions.at_least_mid(x, size, upper),
        "p_below": proportions.at_most(x, size, lower),
        "p_excl": proportions.at_most(x, size, margin),
        "post_gt_U": proportions.posterior_above(upper, x, size),
        "post_gt_M": proportions.posterior_above(margin, x, size),
    }
    is_defined = (size > 0) & ~np.isnan(upper)
    is_whole = (rows["unit"] != "course").to_numpy()
    for name, values in found.items():
        is_kept = is_defined if name in _REAL_VALUED else is_defined & is_whole
        rows[name] = np.where(is_kept, values, np.nan)


def _bounds(rows: pd.DataFrame, of: Callable[[Baseline], float]) -> list[float]:
    return [of(each) if each else math.nan for each in rows["baseline"]]


def _add_needed(rows: pd.DataFrame, thresholds: Thresholds) -> None:
    found = [
        _needed(baseline, size, thresholds)
        for baseline, size in zip(rows["baseline"], rows["size"], strict=True)
    ]
    for place, name in enumerate(("n_min", "n80_all", "detectable_or80")):
        rows[name] = pd.Series([each[place] for each in found], dtype=object)


def _needed(
    baseline: Baseline | None, size: float, thresholds: Thresholds
) -> tuple[int | None, int | None, float | None]:
    if baseline is None:
        return None, None, None
    upper, margin = baseline.upper, baseline.margin(thresholds.or_margin)
    level = (thresholds.a_above, thresholds.k_min_above, thresholds.power_target)
    truth = proportions.shift_odds(upper, thresholds.or_margin)
    detectable = None
    if size >= thresholds.n_floor:  # below it, `above` is never said
        detectable = power.detectable_odds_ratio(math.floor(size), upper, *level)
    return (
        verdicts.least_n(margin, thresholds.a_excl),
        power.needed_for_above(upper, truth, *level).always,
        detectable,
    )


def _add_testing(rows: pd.DataFrame, thresholds: Thresholds) -> None:
    shares = [
        Fraction(int(tested), int(failures)) if failures else Fraction(1)
        for tested, failures in zip(rows["n_tested"], rows["n_failures"], strict=True)
    ]
    rows["tested_share"] = [float(share) for share in shares]
    least = thresholds.min_tested_share
    is_short = np.array([share < least for share in shares], dtype=bool)
    rows["is_under_tested"] = is_short & (rows["definition"] == "confirmed").to_numpy()
