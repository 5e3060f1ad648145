"""What the laboratory and other events say of courses, in pandas 3 (4).

Knows nothing of files; what a column holds is as in `pandas_peer`.
"""

import numpy as np
import pandas as pd

from benchmarks.peers import rules

P = rules.parameters()

DEFAULT_UNITS = {row["test"]: row["default_unit"] for row in rules.seed("tests")}


def first_from(courses, day, others, other_day, *, after=False) -> pd.Series:
    """The first day of the same patient's others on the given day or after it."""
    left = pd.DataFrame({"patient": courses["patient"], "day": day})
    left["row"] = np.arange(len(left))
    right = others[["patient", other_day]].rename(columns={other_day: "day"})
    found = pd.merge_asof(
        left.sort_values("day"),
        right.assign(found=right["day"]).sort_values("day"),
        on="day",
        by="patient",
        direction="forward",
        allow_exact_matches=not after,
    )
    found = found.sort_values("row")["found"].fillna(rules.NEVER).astype("int64")
    return pd.Series(found.to_numpy(), courses.index)


def has_alternative(kept, found, labs, events) -> pd.Series:
    """Whether another diagnosis explains a failure: an event, or VZV without HSV (4)."""
    failed = kept[found["outcome"] == "failed"]
    low = failed["start"] - P["mimic_before_days"]
    high = failed["start"] + found["deciding_day"].loc[failed.index]
    high += P["mimic_after_days"]
    others = events[
        events["event"].isin(rules.where("events", "is_alternative_diagnosis"))
    ]
    has_event = first_from(failed, low, others, "event_date") <= high
    positive = labs[labs["result"] == "positive"]

    def has_positive(tests: list[str]) -> pd.Series:
        these = positive[positive["test"].isin(tests)]
        return first_from(failed, low, these, "collected_date") <= high

    is_other_virus = (failed["syndrome"] == "hsv") & has_positive(["vzv_pcr"])
    is_other_virus &= ~has_positive(["hsv_pcr", "hsv_culture"])
    return (has_event | is_other_virus).reindex(kept.index, fill_value=False)


def add_laboratory(kept, labs) -> pd.DataFrame:
    """The courses with what the specimens that belong to them show (4: specimens)."""
    tests = rules.where("tests", "is_resistance_test")
    asked = labs[labs["test"].isin(tests)].reset_index(names="lab")
    spans = kept[["patient", "start", "end", "dosing_rank", "syndrome"]].reset_index()
    pairs = asked.merge(spans, on="patient")
    collected = pairs["collected_date"]
    pairs = pairs[
        (collected >= pairs["start"] - P["specimen_before_days"])
        & (collected <= pairs["end"] + P["specimen_after_days"])
    ]
    pairs = pairs.sort_values(["start", "dosing_rank"], ascending=[False, True])
    pairs = pairs.drop_duplicates("lab")
    reading = _readings(pairs)
    is_late = pairs["collected_date"] - pairs["start"] >= P["refute_from_day"]
    for name, shown in (
        ("has_resistant", reading == "resistant"),
        ("has_susceptible", reading == "susceptible"),
        ("has_refuting", (reading == "susceptible") & is_late),
    ):
        kept[name] = kept.index.isin(pairs.loc[shown, "course"])
    return kept


def _readings(specimens: pd.DataFrame) -> np.ndarray:
    test = specimens["test"].astype(object)
    result = specimens["result"].astype(object)
    operator = specimens["value_operator"].astype(object)
    value = specimens["value"]
    unit = specimens["unit"].astype(object).fillna(test.map(DEFAULT_UNITS))
    cut_off = unit.map(
        {"ug/ml": P["resistant_ec50_ug_ml"], "umol/l": P["resistant_ec50_umol_l"]}
    ).astype(float)
    is_zoster = specimens["syndrome"] == "zoster"
    is_read = result.isna() & value.notna() & cut_off.notna() & ~is_zoster
    above = (operator.isna() | operator.isin([">", ">="])) & (value >= cut_off)
    below = (operator.isna() | (operator == "<=")) & (value < cut_off)
    below |= (operator == "<") & (value <= cut_off)
    is_genotype = test.isin(rules.where("tests", "is_genotype"))
    shows = test.isin(rules.where("tests", "can_show_acyclovir_resistance"))
    mutated = is_genotype & (result == "resistance_mutation") & ~is_zoster
    cases = [~shows, mutated, is_genotype, result == "resistant"]
    words = ["", "resistant", "", "resistant"]
    cases += [result == "susceptible", is_read & above, is_read & below]
    words += ["susceptible", "resistant", "susceptible"]
    return np.select(cases, words, "")
