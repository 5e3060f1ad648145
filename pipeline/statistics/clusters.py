"""Cases close together at one site, and how often chance alone would bring them.

Knows `statistics.md` section d (clusters); rows of people come in, and only counts, days
and sites go out of `clusters`. Knows nothing of files, SQL or wording.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from pipeline.statistics import verdicts

COLUMNS = (
    *("site_id", "cluster", "first_date", "last_date", "n_patients", "n_cases"),
    *("most_within", "expected_cases", "p", "q_bh", "finding"),
)
"""The columns of `clusters`, in order."""

REVIEW = "review"
"""What a screen says; never `above`."""


def members(cases: pd.DataFrame, parameters: Mapping[str, Any]) -> pd.DataFrame:
    """The cases that are in a cluster, with its number in ``cluster``.

    ``cases`` has one row a case with site_id, patient_id and flag_date; other columns are
    kept. A cluster is a run of a site's flag days of which each follows the one before by
    at most ``cluster_days``, and in which at least ``cluster_patients`` different patients
    lie within so many days. Ordered by site, day and patient; numbered in that order.
    """
    rows = cases.assign(flag_date=pd.to_datetime(cases["flag_date"]))
    rows = rows.sort_values(["site_id", "flag_date", "patient_id"], ignore_index=True)
    gap = rows.groupby("site_id")["flag_date"].diff().dt.days
    run = (~(gap <= int(parameters["cluster_days"]))).cumsum()
    rows["most_within"] = _patients_from(rows, int(parameters["cluster_days"]))
    rows["most_within"] = rows["most_within"].groupby(run).transform("max")
    kept = rows["most_within"] >= int(parameters["cluster_patients"])
    rows = rows[kept].reset_index(drop=True)
    rows["cluster"] = pd.factorize(run[kept])[0] + 1
    return rows


def clusters(
    cases: pd.DataFrame, expected: pd.DataFrame, parameters: Mapping[str, Any]
) -> pd.DataFrame:
    """Every cluster with its probability: one row a cluster, `COLUMNS`; no person.

    ``expected`` has one row a site that was watched: site_id, expected_cases over the
    period and n_days, its length. ``most_within`` is the largest number of patients within
    ``cluster_days``; ``p`` is at least the probability of so many within so many days
    somewhere in the period, if the site's cases come at its expected rate (the expected
    number of cases that so many follow, a bound from above). ``q_bh`` corrects for all
    sites watched, those without a cluster too. ``finding`` is ``review`` up to
    ``screen_q``, and where nothing is known to be expected: that does not reassure.
    """
    found = members(cases, parameters).groupby("cluster", as_index=False)
    rows = found.agg(
        site_id=("site_id", "first"),
        first_date=("flag_date", "min"),
        last_date=("flag_date", "max"),
        n_patients=("patient_id", "nunique"),
        n_cases=("patient_id", "size"),
        most_within=("most_within", "first"),
    ).merge(expected, on="site_id", how="left")
    days = int(parameters["cluster_days"]) + 1
    in_window = rows["expected_cases"] * days / rows["n_days"]
    further = special.gammainc(rows["most_within"] - 1.0, in_window.astype(float))
    rows["p"] = np.minimum(1.0, rows["expected_cases"].astype(float) * further)
    quiet = int((~expected["site_id"].isin(rows["site_id"])).sum())
    corrected = verdicts.benjamini_hochberg([*rows["p"], *[1.0] * quiet])
    rows["q_bh"] = pd.Series(corrected[: len(rows)], dtype=float)
    is_review = ~(rows["q_bh"] > float(parameters["screen_q"]))
    rows["finding"] = np.where(is_review, REVIEW, "")
    return rows[list(COLUMNS)]


def at_network_rate(counts: pd.DataFrame, times: float = 1.0) -> pd.DataFrame:
    """The cases that each site would have at its network's rates: site_id, expected_cases.

    ``counts`` has site_id, risk_group, n and k of one definition; the rate of a risk group
    is (k + 0.5) / (n + 1) over all sites. ``times`` is how many times longer the period is
    than the one counted. A published rate of resistance would not do: most cases are
    clinical failures.
    """
    groups = counts.groupby("risk_group")[["n", "k"]].sum()
    rate = (groups["k"] + 0.5) / (groups["n"] + 1)
    of_group = counts["risk_group"].map(rate).astype(float)
    expected = counts["n"] * of_group * times
    rows = counts[["site_id"]].assign(expected_cases=expected)
    return rows.groupby("site_id", as_index=False)["expected_cases"].sum()


def calls_for_action(found: pd.DataFrame) -> list[str]:
    """A line for every cluster to review: its site and days, no count."""
    return [
        f"{row['site_id']}: cases close together, {row['first_date']:%Y-%m-%d} to "
        f"{row['last_date']:%Y-%m-%d}"
        for row in found[found["finding"] == REVIEW].to_dict("records")
    ]


def _patients_from(rows: pd.DataFrame, days: int) -> np.ndarray:
    """How many patients of the site have a case on a row's day or so many days after.

    A case counts for the days before it from which it is the patient's first: so the
    counts are a running sum over days, and no pair of cases is looked at.
    """
    if rows.empty:
        return np.zeros(0, dtype="int64")
    site = pd.factorize(rows["site_id"])[0].astype("int64")
    day = rows["flag_date"].to_numpy().astype("datetime64[D]").astype("int64")
    # a site's days lie so far from the next one's that none reaches into it
    span = int(day.max() - day.min()) + days + 1
    place = site * span + day - day.min() + days
    before = pd.Series(place).groupby([site, rows["patient_id"].to_numpy()]).shift()
    earliest = np.maximum(before.fillna(-1).to_numpy(dtype="int64") + 1, place - days)
    counts = np.zeros(int(place.max()) + 2, dtype="int64")
    np.add.at(counts, earliest, 1)
    np.add.at(counts, place + 1, -1)
    return np.cumsum(counts)[place]
