"""Counts turned into the `rates` of `statistics.md` section j, and what they call for.

Knows which rates are judged, which of them together, and the flags; knows nothing of
files, SQL or wording.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from pipeline.errors import InvariantBroken
from pipeline.statistics import bounds, estimates, families, verdicts
from pipeline.statistics.baselines import Baseline, read_baselines
from pipeline.statistics.bounds import Bounds
from pipeline.statistics.families import Comparison, Judgement
from pipeline.statistics.verdicts import Thresholds

__all__ = [
    "COLUMNS",
    "calls_for_action",
    "estimate",
    "read_baselines",
]

KEY = (
    *("population", "definition", "rule", "unit", "syndrome", "baseline_id"),
    *("window_start", "window_end"),
)
COLUMNS = (
    *KEY,
    *("kind", "baseline_low", "baseline_high", "margin", "as_of"),
    *("n", "k", "not_evaluable", "excluded", "immature"),
    *("rate", "cp_lo", "cp_hi", "upper95_one_sided", "jeffreys_lo", "jeffreys_hi"),
    *("p_excess", "p_excess_mid", "p_below", "p_excl", "p_holm", "family_size"),
    *("post_gt_U", "post_gt_M", "verdict", "flags"),
    *("n_min", "n80_all", "detectable_or80"),
    *("n_tested", "tested_share", "n_short", "confirmed_outside", "deff", "n_eff"),
    *("verdict_best", "verdict_worst", "tipping_point"),
)
"""The columns of `rates`, in order."""

_COUNTED = (
    *("n", "k", "not_evaluable", "excluded", "immature", "n_failures", "n_tested"),
    *("n_short", "confirmed_outside", "n_patients", "sum_n2", "sum_ny", "sum_y2"),
)
_WHOLE = ("family_size", "n_min", "n80_all", "tipping_point")
_ENDS = {
    "verdict_best": "best",
    "verdict_worst": "worst",
    "tipping_point": "tipping_point",
}
_SENSITIVITIES = {"unit_sensitive", "not_evaluable_sensitive"}
_FAMILY = ["definition", "window_start", "window_end"]

RELIABLE_N = 30
NARROW, WIDE, RELATIVELY_WIDE = 0.05, 0.30, 1.30
"""Widths of the NCHS standard for proportions (Parker 2017), as section a gives them."""


def estimate(
    counts: pd.DataFrame,
    baselines: Sequence[Baseline],
    parameters: Mapping[str, Any],
    as_of: date,
) -> pd.DataFrame:
    """Every rate with its intervals, tests and verdict: one row a key, `COLUMNS`.

    ``counts`` has one row a population, definition, rule, unit, syndrome and window,
    whose order is kept (the same counts twice, as where two windows coincide, are taken
    once); a population with two baselines has two rows. Zoster and
    populations without a baseline are estimated, not compared. A verdict is taken for
    unit patient and syndrome hsv alone; the strict rule's is not corrected.
    Courses are compared on their effective number (section a); Jeffreys' interval, the
    mid-P and the posterior are not defined for them and stay null.
    Raises InvariantBroken where a count cannot be, or two of one key differ.
    """
    thresholds = Thresholds.of(parameters)
    rows = estimates.compare(_checked(counts), baselines, thresholds)
    _add_judgements(rows, thresholds)
    rows["as_of"] = as_of
    return _shaped(rows)


def without_verdicts(rates: pd.DataFrame, flag: str) -> pd.DataFrame:
    """The same rates, none of them judged: every verdict is `insufficient_data`.

    ``flag`` says why and joins the others of each judged row.
    """
    is_judged = rates["verdict"].notna()
    flags = [
        sorted({*row, flag} - _SENSITIVITIES) if judged else row
        for row, judged in zip(rates["flags"], is_judged, strict=True)
    ]
    verdict = rates["verdict"].where(~is_judged, verdicts.INSUFFICIENT_DATA)
    ends = {name: rates[name].where(~is_judged) for name in _ENDS}
    return rates.assign(verdict=verdict, flags=flags, **ends)


def calls_for_action(rates: pd.DataFrame) -> list[str]:
    """A line for every rate that calls for action (section b 11), in their order.

    `above` under the headline rule, for ``confirmed`` and ``ppv_adjusted``; on ``case``
    alone it calls for testing and is not among them. A line names codes and days, and no
    count: ``hiv, confirmed: above hiv_band, 2025-01-01 to 2025-12-31``.
    """
    is_call = (
        rates["definition"].isin(["confirmed", "ppv_adjusted"])
        & (rates["rule"] == "headline")
        & (rates["verdict"] == verdicts.ABOVE)
    )
    return [
        f"{row['population']}, {row['definition']}: above {row['baseline_id']}, "
        f"{row['window_start']:%Y-%m-%d} to {row['window_end']:%Y-%m-%d}"
        for row in rates[is_call].to_dict("records")
    ]


def _checked(counts: pd.DataFrame) -> pd.DataFrame:
    for part, whole in (("k", "n"), ("n_tested", "n_failures")):
        if not counts[part].between(0, counts[whole]).all():
            raise InvariantBroken(f"A count {part} is not between 0 and its {whole}.")
    key = [name for name in KEY if name != "baseline_id"]
    # as of 31 December the rolling window is the calendar year: one row, provisional
    is_provisional = counts.groupby(key)["is_provisional"].transform("any")
    once = counts.assign(is_provisional=is_provisional)
    once = once.drop_duplicates([*key, *_COUNTED])
    if once.duplicated(key).any():
        raise InvariantBroken("Two counts of one population and window differ.")
    return once


def _add_judgements(rows: pd.DataFrame, thresholds: Thresholds) -> None:
    judged: dict[int, Judgement] = {}
    ends: dict[int, Bounds] = {}
    is_judged = (
        (rows["unit"] == "patient")
        & (rows["syndrome"] == "hsv")
        & (rows["baseline_id"] != "")
    )
    is_headline = rows["rule"] == "headline"
    for _, family in rows[is_judged & is_headline].groupby(_FAMILY, sort=False):
        compared, unknown = _comparisons(family), family["not_evaluable"].tolist()
        found = families.judge_family(compared, thresholds)
        judged |= dict(zip(family.index, found, strict=True))
        words = [each.verdict for each in found]
        reached = bounds.in_family(compared, unknown, words, thresholds)
        ends |= dict(zip(family.index, reached, strict=True))
    alone = rows[is_judged & ~is_headline]
    for place, comparison in zip(alone.index, _comparisons(alone), strict=True):
        judged[place] = families.judge_alone(comparison, thresholds)
        unknown, word = int(rows.at[place, "not_evaluable"]), judged[place].verdict
        ends[place] = bounds.alone(comparison, unknown, word, thresholds)
    for name in ("p_holm", "family_size", "verdict"):
        values = [getattr(judged.get(place), name, None) for place in rows.index]
        rows[name] = pd.Series(values, dtype=object)
    for name, part in _ENDS.items():
        values = [getattr(ends.get(place), part, None) for place in rows.index]
        rows[name] = pd.Series(values, dtype=object)
    differing = _differing_units(rows, judged, thresholds)
    rows["flags"] = pd.Series(
        [
            sorted(
                _flags(row)
                | getattr(judged.get(place), "flags", frozenset())
                | ({"unit_sensitive"} if place in differing else set())
                | _sensitive(ends.get(place), row["verdict"])
            )
            for place, row in enumerate(rows.to_dict("records"))
        ],
        dtype=object,
    )


def _sensitive(ends: Bounds | None, word: str | None) -> set[str]:
    return {"not_evaluable_sensitive"} if ends and ends.is_sensitive(word) else set()


def _differing_units(
    rows: pd.DataFrame, judged: Mapping[int, Judgement], thresholds: Thresholds
) -> set[int]:
    """Where another unit has another word, both without correction (section a)."""
    key = [name for name in KEY if name != "unit"]
    others = rows[(rows["unit"] != "patient") & (rows["size"] > 0)]
    words: dict[tuple, set[str]] = {}
    for row in others[others["baseline_id"] != ""].to_dict("records"):
        comparison = Comparison(
            row["x"], row["size"], row["baseline"], bool(row["is_under_tested"])
        )
        word = families.word_alone(comparison, thresholds)
        words.setdefault(tuple(row[name] for name in key), set()).add(word)
    found = rows.loc[list(judged)]
    return {
        place
        for place, comparison, same in zip(
            found.index,
            _comparisons(found),
            found[key].itertuples(index=False, name=None),
            strict=True,
        )
        if words.get(same, set()) - {families.word_alone(comparison, thresholds)}
    }


def _comparisons(rows: pd.DataFrame) -> list[Comparison]:
    return [
        Comparison(int(k), int(n), baseline, bool(is_under_tested))
        for k, n, baseline, is_under_tested in rows[
            ["k", "n", "baseline", "is_under_tested"]
        ].itertuples(index=False)
    ]


def _flags(row: Mapping[str, Any]) -> set[str]:
    raised = {
        "provisional": row["is_provisional"],
        "definition_mismatch": row["definition"] == "case" and row["baseline_id"] != "",
        "under_tested": row["is_under_tested"],
        "unreliable": _is_unreliable(row),
    }
    return {name for name, is_raised in raised.items() if is_raised}


def _is_unreliable(row: Mapping[str, Any]) -> bool:
    if not row["size"] >= RELIABLE_N:  # also where there is no effective number
        return True
    width = row["cp_hi"] - row["cp_lo"]
    if width > WIDE:
        return True
    return width > NARROW and width > RELATIVELY_WIDE * row["rate"]


def _shaped(rows: pd.DataFrame) -> pd.DataFrame:
    for name in _WHOLE:
        rows[name] = pd.array(list(rows[name]), dtype="Int64")
    for name in ("p_holm", "detectable_or80"):
        rows[name] = rows[name].astype(float)
    for name in ("verdict_best", "verdict_worst"):
        rows[name] = rows[name].astype("str").where(rows[name].notna())
    return rows[list(COLUMNS)]
