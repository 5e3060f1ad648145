"""Sites beside one another: funnels, shrunken rates and the ratio to what is expected.

Knows `statistics.md` sections c (family 2), e and h; knows nothing of files, SQL or
wording. No site is ranked, and no site is called ``above``: a screen says ``review``.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from pipeline.statistics import dispersion, proportions, standardised, verdicts
from pipeline.statistics.baselines import Baseline
from pipeline.statistics.dispersion import Dispersion
from pipeline.statistics.proportions import CONFIDENCE
from pipeline.statistics.standardised import Group
from pipeline.statistics.verdicts import Thresholds

FUNNEL_COLUMNS = (
    *("population", "definition", "target", "baseline_id", "site_id", "n", "k"),
    *("rate", "theta", "lo_alarm", "lo_alert", "hi_alert", "hi_alarm"),
    *("p_high", "p_low", "mark", "n_sites", "p_dispersion", "rho", "is_overdispersed"),
    *("shrunken", "shrunken_lo", "shrunken_hi", "post_gt_theta", "shrunken_by"),
    *("p_excess", "q_bh", "finding"),
)
"""The columns of `funnel`, in order."""

RATIO_COLUMNS = (
    *("definition", "site_id", "n", "n_without", "observed", "expected_low"),
    *("expected", "sir", "sir_lo", "sir_hi", "sir_low_edge", "p_high", "p_low"),
    *("p_excl", "q_bh", "finding", "verdict"),
)
"""The columns of `observed_expected`, in order."""

NETWORK = ""
"""The site of the row that adds up all sites."""

AGAINST_BASELINE, AGAINST_NETWORK = "baseline", "network"
REVIEW = "review"

GROUP_BASELINES = {
    "hsct_allogeneic": "hsct_allogeneic_upper",
    "aids_prolonged": "aids_prolonged_point",
    "hiv": "hiv_band",
    "solid_organ_transplant": "immunocompromised_band",
    "other_immunocompromised": "immunocompromised_band",
    "immunocompetent": "immunocompetent_upper",
}
"""The published rate that is expected of each risk group; of `unknown` there is none."""


def limits(n: int, theta: float, levels: Sequence[float], rho: float = 0.0):
    """The funnel's limits at n for these lower tails, interpolated between counts.

    Spiegelhalter 2005: with r the quantile of the tail, (r - (F(r) - tail) / f(r)) / n.
    They are drawing aids and may lie below 0 or above 1: a site is marked by its tail.
    """
    return _interpolated(dispersion.probabilities(n, theta, rho), levels)


def _interpolated(chance: np.ndarray, levels: Sequence[float]) -> np.ndarray:
    below = np.cumsum(chance)
    n = len(chance) - 1
    r = np.minimum(np.searchsorted(below, levels), n)
    return (r - (below[r] - np.asarray(levels)) / chance[r]) / n


def funnel(
    counts: pd.DataFrame,
    baselines: Sequence[Baseline],
    parameters: Mapping[str, Any],
) -> pd.DataFrame:
    """Every site in every funnel: `FUNNEL_COLUMNS`, one row a site and funnel.

    ``counts`` has one row a site_id, population and definition with n and k. A population
    has a funnel against each of its baselines (theta is U) and one against the pooled rate
    of its sites. ``mark`` is alarm_high, alert_high, alert_low, alarm_low or empty, by the
    exact tail, a high one from ``k_min_above`` cases on; where the sites vary more than
    chance the tails and limits are those of the beta-binomial. The shrunken rate is the
    sites' own (``sites``), the pooled one where no variation is detectable
    (``no_variation``), or leans on the published one where sites are few (``published``).
    ``q_bh`` corrects the binomial ``p_excess`` over all sites and baselines of a
    definition that have ``n_floor`` patients.
    """
    keys = ["population", "definition"]
    parts = []
    for key, rows in counts.groupby(keys, sort=False):
        n, k = (rows[name].to_numpy(dtype="int64") for name in ("n", "k"))
        same = dict(zip(keys, key, strict=True)) | {"site_id": rows["site_id"]}
        spread = dispersion.fit(k, n)
        for baseline in (*_baselines_of(key[0], baselines), None):
            part = same | _funnel(n, k, baseline, spread, parameters)
            parts.append(pd.DataFrame(part))
    if not parts:
        return pd.DataFrame(columns=list(FUNNEL_COLUMNS))
    found = pd.concat(parts, ignore_index=True)
    _screen(found, "p_excess", "k", parameters)
    return found[list(FUNNEL_COLUMNS)]


def observed_expected(
    counts: pd.DataFrame,
    baselines: Sequence[Baseline],
    parameters: Mapping[str, Any],
    group_baselines: Mapping[str, str] = GROUP_BASELINES,
) -> pd.DataFrame:
    """Observed against expected: one row a definition and site, `RATIO_COLUMNS`.

    ``counts`` has one row a site_id, risk_group and definition with n and k; risk groups
    share no patient. A group without a published rate is in ``n_without`` alone. The row
    of the network (``site_id`` empty) comes first and alone has a verdict; the others have
    a finding, ``review`` or nothing, by the screen over all sites of ``n_floor`` patients.
    """
    by_id = {each.id: each for each in baselines}
    known = {group: by_id[name] for group, name in group_baselines.items()}
    thresholds = Thresholds.of(parameters)
    rows = []
    for definition, of_definition in counts.groupby("definition", sort=False):
        key = {"definition": definition, "site_id": NETWORK}
        groups = of_definition[["site_id", "risk_group", "k", "n"]].to_dict("records")
        by_site: dict[str, list[dict[str, Any]]] = {}
        for group in groups:
            if isinstance(group["site_id"], str):
                by_site.setdefault(group["site_id"], []).append(group)
        rows.append(key | _ratio(groups, known, thresholds))
        for site, of_site in by_site.items():
            found = _ratio(of_site, known, thresholds)
            rows.append(key | found | {"site_id": site, "verdict": None})
    found = pd.DataFrame(rows, columns=list(RATIO_COLUMNS))
    _screen(found, "p_high", "observed", parameters, found["site_id"] != NETWORK)
    return found


def _baselines_of(population: str, baselines: Sequence[Baseline]) -> list[Baseline]:
    return [
        each
        for each in baselines
        if each.population == population and each.kind != "share"
    ]


def _funnel(
    n: np.ndarray,
    k: np.ndarray,
    baseline: Baseline | None,
    spread: Dispersion,
    parameters: Mapping[str, Any],
) -> dict[str, Any]:
    pooled = k.sum() / n.sum() if n.sum() else math.nan
    theta = baseline.upper if baseline else pooled
    is_wide = bool(spread.p < float(parameters["dispersion_level"]))
    excess = proportions.at_least(k, n, theta) if baseline else np.nan
    return {
        "n": n,
        "k": k,
        "target": AGAINST_BASELINE if baseline else AGAINST_NETWORK,
        "baseline_id": baseline.id if baseline else "",
        "rate": np.where(n > 0, k / np.maximum(n, 1), np.nan),
        "theta": theta,
        "n_sites": int((n > 0).sum()),
        "p_dispersion": spread.p,
        "rho": spread.rho,
        "is_overdispersed": is_wide,
        "p_excess": np.where(n > 0, excess, np.nan),
        **_limits(n, k, theta, spread.rho if is_wide else 0.0, parameters),
        **_shrunken(n, k, theta, baseline, spread, parameters),
    }


def _limits(
    n: np.ndarray,
    k: np.ndarray,
    theta: float,
    rho: float,
    parameters: Mapping[str, Any],
) -> dict[str, np.ndarray]:
    alert, alarm = (float(parameters[f"funnel_{each}"]) for each in ("alert", "alarm"))
    levels = (alarm, alert, 1 - alert, 1 - alarm)
    drawn, tails = np.full((len(n), 4), np.nan), np.full((len(n), 2), np.nan)
    if 0 < theta < 1:
        for place in np.flatnonzero(n > 0):
            chance = dispersion.probabilities(int(n[place]), theta, rho)
            drawn[place] = _interpolated(chance, levels)
            tails[place] = chance[k[place] :].sum(), chance[: k[place] + 1].sum()
    names = ("lo_alarm", "lo_alert", "hi_alert", "hi_alarm")
    high, low = np.minimum(tails, 1).T
    is_high = k >= int(parameters["k_min_above"])
    marks = {
        "alarm_high": is_high & (high <= alarm),
        "alert_high": is_high & (high <= alert),
        "alarm_low": low <= alarm,
        "alert_low": low <= alert,
    }
    return {
        **dict(zip(names, np.clip(drawn, 0, 1).T, strict=True)),
        "p_high": high,
        "p_low": low,
        "mark": np.select(list(marks.values()), list(marks), ""),
    }


def _shrunken(
    n: np.ndarray,
    k: np.ndarray,
    theta: float,
    baseline: Baseline | None,
    spread: Dispersion,
    parameters: Mapping[str, Any],
) -> dict[str, np.ndarray]:
    # a spread as wide as can be is no estimate: a few sites of a few patients give it
    is_fitted = spread.rho < 0.99 * dispersion.LARGEST_RHO
    enough = (n > 0).sum() >= int(parameters["min_sites_shrunken"])
    if enough and is_fitted and spread.is_at_bound:
        # all sites are one: what is uncertain is the pooled rate, not the site's
        k, n_all, by = (
            np.full(len(k), k.sum()),
            np.full(len(n), n.sum()),
            "no_variation",
        )
        low, high = proportions.clopper_pearson(k, n_all)
        mean, over = k / n_all, proportions.posterior_above(theta, k, n_all)
    else:
        prior, by = (math.nan, math.nan), ""
        if enough and is_fitted:
            prior, by = spread.prior, "sites"
        elif baseline:
            weight = float(parameters["prior_patients"])
            prior = weight * baseline.high, weight * (1 - baseline.high)
            by = "published"
        mean, low, high = dispersion.shrunken(k, n, prior, CONFIDENCE)
        over = proportions.posterior_above(theta, k, n, prior)
    values = {
        "shrunken": mean,
        "shrunken_lo": low,
        "shrunken_hi": high,
        "post_gt_theta": over,
    }
    found = {name: np.where(n > 0, each, np.nan) for name, each in values.items()}
    return found | {"shrunken_by": np.where(n > 0, by, "")}


def _ratio(
    rows: Sequence[Mapping[str, Any]],
    known: Mapping[str, Baseline],
    thresholds: Thresholds,
) -> dict[str, Any]:
    groups = [
        Group(int(row["k"]), int(row["n"]), known[row["risk_group"]])
        for row in rows
        if row["risk_group"] in known
    ]
    found = standardised.compare(groups, thresholds.or_margin)
    is_counted = found.n > 0
    return {
        "n": found.n,
        "n_without": sum(int(row["n"]) for row in rows) - found.n,
        "observed": found.observed,
        "expected_low": found.expected_low,
        "expected": found.expected,
        "sir": found.ratio,
        "sir_lo": found.lo,
        "sir_hi": found.hi,
        "sir_low_edge": found.ratio_low,
        "p_high": found.p_high if is_counted else math.nan,
        "p_low": found.p_low if is_counted else math.nan,
        "p_excl": found.p_excluded if is_counted else math.nan,
        "verdict": standardised.verdict(found, thresholds),
    }


def _screen(rows, p_name: str, k_name: str, parameters, is_site=True) -> None:
    """Benjamini and Hochberg over the cells of a definition that have enough patients."""
    is_made = (rows["n"] >= int(parameters["n_floor"])) & rows[p_name].notna() & is_site
    rows["q_bh"] = np.nan
    for _, family in rows[is_made].groupby("definition", sort=False):
        corrected = verdicts.benjamini_hochberg(family[p_name].tolist())
        rows.loc[family.index, "q_bh"] = corrected
    is_found = rows["q_bh"] <= float(parameters["screen_q"])
    is_found &= rows[k_name] >= int(parameters["k_min_above"])
    rows["finding"] = np.where(is_found, REVIEW, "")
