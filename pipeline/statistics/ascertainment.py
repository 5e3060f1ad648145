"""What rests on how failures were found: the adjusted rate, and rates side by side.

Knows `statistics.md` sections b 6 and g and the head's three definitions; knows nothing of
files, SQL or wording. Best and worst case and the flags are in `rates.estimate`.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from pipeline.errors import InvariantBroken
from pipeline.statistics import ppv, proportions, rates, verdicts
from pipeline.statistics.baselines import Baseline
from pipeline.statistics.ppv import Adjusted
from pipeline.statistics.verdicts import Thresholds

ADJUSTED = "ppv_adjusted"

PAIR_COLUMNS = (
    *("population", "definition", "baseline_id", "window_start", "window_end"),
    *("n_headline", "k_headline", "rate_headline", "verdict_headline"),
    *("n_strict", "k_strict", "rate_strict", "verdict_strict", "is_different"),
)
"""The columns of `strict_against_headline`, in order."""

ADHERENCE_COLUMNS = ("population", "adherence", "n", "k", "rate", "cp_lo", "cp_hi")
"""The columns of `by_adherence`, in order."""


def ppv_adjusted(
    counts: pd.DataFrame,
    baselines: Sequence[Baseline],
    parameters: Mapping[str, Any],
    as_of: date,
) -> pd.DataFrame:
    """The rates of definition ``ppv_adjusted``: one row a key, the columns of `rates`.

    ``counts`` has the laboratory-mature patients, one row a population, rule and window
    (unit patient, syndrome hsv): population, rule, window_start, window_end,
    is_provisional, n, n_suspected, n_confirmed, n_refuted (by a susceptible isolate; a
    failure that another diagnosis explains is none), not_evaluable, excluded, immature,
    n_short and confirmed_outside.

    k is the failures that could be resistance, n_suspected + n_confirmed + n_refuted; the
    rate is the mean of q and its interval that of q. So with all of them tested q is the
    confirmed rate, and with none refuted the case rate. ``p_excess`` is P(q <= U),
    ``p_below`` P(q >= L), ``p_excl`` P(q > M). Holm's correction is that of one window's
    headline rows. Without a tested failure nothing is estimated. Raises InvariantBroken
    where the failures are more than n.
    """
    thresholds = Thresholds.of(parameters)
    judged = [each for each in baselines if each.kind != "share"]
    rows = [
        _row(row, baseline, thresholds, as_of)
        for row in counts.to_dict("records")
        for baseline in [b for b in judged if b.population == row["population"]]
        or [None]
    ]
    _judge(rows, thresholds, int(parameters["ppv_min_tested"]))
    found = pd.DataFrame(rows, columns=list(rates.COLUMNS))
    for name in ("family_size", "n_min", "n80_all", "tipping_point"):
        found[name] = pd.array(list(found[name]), dtype="Int64")
    for name in ("deff", "n_eff", "p_holm", "detectable_or80"):
        found[name] = found[name].astype(float)
    for name in ("verdict_best", "verdict_worst"):
        found[name] = pd.Series([None] * len(found), dtype="str")
    return found


def strict_against_headline(found: pd.DataFrame) -> pd.DataFrame:
    """The judged rates under both rules side by side: one row a key, `PAIR_COLUMNS`.

    ``found`` is what `rates.estimate` returned. The strict rule's word is not corrected.
    """
    key = ["population", "definition", "baseline_id", "window_start", "window_end"]
    shown = found[(found["unit"] == "patient") & (found["syndrome"] == "hsv")]
    shown = shown[[*key, "rule", "n", "k", "rate", "verdict"]]
    sides = [
        shown[shown["rule"] == rule].drop(columns="rule")
        for rule in ("headline", "strict")
    ]
    pairs = sides[0].merge(sides[1], on=key, suffixes=("_headline", "_strict"))
    first, second = pairs["verdict_headline"], pairs["verdict_strict"]
    pairs["is_different"] = (first != second) & first.notna() & second.notna()
    return pairs[list(PAIR_COLUMNS)]


def by_adherence(split: pd.DataFrame) -> pd.DataFrame:
    """The case rate of patients with adherence known, unknown and of both together.

    ``split`` has population, adherence_known, n and k. One row a population and
    ``adherence`` (known, unknown, all), `ADHERENCE_COLUMNS`; a side without a patient has
    a row of zeros and no rate.
    """
    rows = []
    for population, counted in split.groupby("population", sort=False):
        is_known = counted["adherence_known"].astype(bool)
        for name, part in (
            ("known", counted[is_known]),
            ("unknown", counted[~is_known]),
            ("all", counted),
        ):
            rows.append((population, name, int(part["n"].sum()), int(part["k"].sum())))
    found = pd.DataFrame(rows, columns=list(ADHERENCE_COLUMNS[:4]))
    n, k = found["n"].to_numpy(dtype=float), found["k"].to_numpy(dtype=float)
    found["rate"] = k / np.where(n > 0, n, np.nan)
    found["cp_lo"], found["cp_hi"] = proportions.clopper_pearson(k, n)
    return found


def posteriors(
    found: pd.DataFrame,
    baselines: Sequence[Baseline],
    parameters: Mapping[str, Any],
) -> pd.DataFrame:
    """The compared patient rates with a posterior under two priors (section b 6).

    ``found`` is what `rates.estimate` returned. Keeps its key, n and k, post_gt_U and
    post_gt_M (Jeffreys' prior), and adds ``post_gt_U_published`` and
    ``post_gt_M_published``, whose prior weighs ``prior_patients`` patients at the nominal
    baseline. For display: a posterior never decides.
    """
    by_id = {each.id: each for each in baselines}
    is_shown = (found["unit"] == "patient") & found["baseline_id"].isin(list(by_id))
    is_shown &= found["definition"] != ADJUSTED
    names = [*rates.KEY, "n", "k", "post_gt_U", "post_gt_M"]
    rows = found.loc[is_shown, names].reset_index(drop=True)
    weight = float(parameters["prior_patients"])
    margin = float(parameters["or_margin"])
    for name, bound in (
        ("post_gt_U_published", lambda each: each.upper),
        ("post_gt_M_published", lambda each: each.margin(margin)),
    ):
        rows[name] = [
            _posterior(int(k), int(n), by_id[baseline_id], bound, weight)
            for k, n, baseline_id in zip(
                rows["k"], rows["n"], rows["baseline_id"], strict=True
            )
        ]
    rows[["post_gt_U_published", "post_gt_M_published"]] = rows[
        ["post_gt_U_published", "post_gt_M_published"]
    ].astype(float)
    return rows


def _posterior(k: int, n: int, baseline: Baseline, bound, weight: float) -> float:
    if not n:
        return float("nan")
    prior = (weight * baseline.high, weight * (1 - baseline.high))
    return float(proportions.posterior_above(bound(baseline), k, n, prior))


def _row(
    row: Mapping[str, Any],
    baseline: Baseline | None,
    thresholds: Thresholds,
    as_of: date,
) -> dict[str, Any]:
    tested = int(row["n_confirmed"] + row["n_refuted"])
    failures = int(row["n_suspected"]) + tested
    of = Adjusted(failures, int(row["n"]), int(row["n_confirmed"]), tested)
    if not 0 <= failures <= of.n:
        raise InvariantBroken(
            "More failures than patients: an adjusted rate cannot be."
        )
    low, high = ppv.interval(of)
    share = Fraction(tested, failures) if failures else Fraction(1)
    flags = {"provisional"} if row["is_provisional"] else set()
    if share < thresholds.min_tested_share:
        flags.add("tested_not_random")
    kept = ("population", "rule", "window_start", "window_end", "not_evaluable")
    kept += ("excluded", "immature", "n_short", "confirmed_outside")
    found = dict.fromkeys(rates.COLUMNS) | {name: row[name] for name in kept}
    found |= {"definition": ADJUSTED, "unit": "patient", "syndrome": "hsv"}
    found |= {"as_of": as_of, "n": of.n, "k": of.k, "n_tested": tested}
    found |= {"rate": of.mean, "cp_lo": low, "cp_hi": high, "flags": flags}
    found |= {"tested_share": float(share), "baseline_id": "", "of": of}
    if baseline:
        found |= _compared(of, baseline, thresholds)
    return found


def _compared(
    of: Adjusted, baseline: Baseline, thresholds: Thresholds
) -> dict[str, Any]:
    margin = baseline.margin(thresholds.or_margin)
    found = {
        "baseline": baseline,
        "baseline_id": baseline.id,
        "kind": baseline.kind,
        "baseline_low": baseline.lower,
        "baseline_high": baseline.upper,
        "margin": margin,
        "n_min": verdicts.least_n(margin, thresholds.a_excl),
    }
    if of.n and of.m:
        under = of.below([baseline.upper, baseline.lower, margin])
        found["p_excess"], found["p_below"] = float(under[0]), float(1 - under[1])
        found["p_excl"] = found["post_gt_M"] = float(1 - under[2])
        found["post_gt_U"] = float(1 - under[0])
    return found


def _judge(rows: list[dict[str, Any]], thresholds: Thresholds, min_tested: int) -> None:
    families: dict[tuple, list[dict[str, Any]]] = {}
    compared = [row for row in rows if "baseline" in row]
    for place, row in enumerate(compared):
        is_headline = row["rule"] == "headline"
        window = (row["window_start"], row["window_end"])
        families.setdefault(window if is_headline else (place,), []).append(row)
    for family in families.values():
        made = [
            row["p_excess"] if row["of"].m >= min_tested else None for row in family
        ]
        corrected = verdicts.holm(made)
        is_corrected = family[0]["rule"] == "headline"
        for row, p_holm in zip(family, corrected, strict=True):
            settled = (row["of"], row["baseline"], thresholds, min_tested)
            unadjusted = ppv.verdict(*settled)
            p_above = p_holm if is_corrected else None
            row["verdict"] = ppv.verdict(*settled, p_above)
            if p_above is not None:
                row["p_holm"] = p_above
                row["family_size"] = sum(p is not None for p in made)
            if unadjusted == verdicts.ABOVE != row["verdict"]:
                row["flags"].add("nominal_excess")
    for row in rows:
        row["flags"] = sorted(row["flags"])
