"""Who the patient is on a day, and whether a dose is enough, in pandas 3 (5 and 2.5).

Knows nothing of files; what a column holds is as in `pandas_peer`.
"""

import numpy as np
import pandas as pd

from benchmarks.peers import rules
from benchmarks.peers.pandas_steps import run_numbers

P = rules.parameters()
BANDS = rules.regimens()

IMMUNE_FLAGS = (
    "is_hiv",
    "is_aids",
    "is_hsct_allogeneic",
    "is_solid_organ_transplant",
    "is_immunocompromised",
    "is_none_documented",
)


def patient_flags(rows, ours, immune, labs) -> pd.DataFrame:
    """Who the patient is on each day on which a course may start (5)."""
    days = rows[["patient", "start"]].drop_duplicates(ignore_index=True)
    covering = days.reset_index(names="day").merge(immune, on="patient")
    covering = covering[
        (covering["from_date"] <= covering["start"])
        & (covering["to_date"] >= covering["start"])
    ]
    flags = covering.groupby("day")[list(IMMUNE_FLAGS)].any()
    days = days.join(flags.reindex(days.index, fill_value=False))
    positive = labs[(labs["test"] == "hiv_test") & (labs["result"] == "positive")]
    operator, value = labs["value_operator"].astype(object), labs["value"]
    limit = P["aids_cd4_below"]
    is_low = (
        ((operator.isna() | (operator == "<=")) & (value < limit))
        | ((operator == "<") & (value <= limit))
    ) & (labs["test"] == "cd4")
    for name, found in (("positive", positive), ("low", labs[is_low])):
        first = found.groupby("patient")["collected_date"].min()
        days[name] = days["patient"].map(first) <= days["start"]
    days["is_hiv"] |= days["positive"]
    days["is_aids"] |= days["is_hiv"] & days["low"]
    days["is_immunocompromised"] |= days["is_hiv"]
    taken = days["is_none_documented"] | (
        P["absent_immune_status"] == "immunocompetent"
    )
    days["is_immunocompetent"] = ~days["is_immunocompromised"] & taken
    days["is_prolonged"] = _therapy_days(days, ours) >= P["prolonged_therapy_days"]
    return days.drop(columns=["positive", "low", "is_none_documented"])


def _therapy_days(days: pd.DataFrame, ours: pd.DataFrame) -> pd.Series:
    spans = ours[["patient", "start", "end"]].copy()
    spans["span"] = run_numbers(spans, ["patient"], 0)
    spans = spans.groupby("span").agg(
        patient=("patient", "first"),
        span_start=("start", "min"),
        span_end=("end", "max"),
    )
    both = (
        days[["patient", "start"]].reset_index(names="day").merge(spans, on="patient")
    )
    low = np.maximum(both["span_start"], both["start"] - P["history_days"])
    high = np.minimum(both["span_end"], both["start"] - 1)
    both["days"] = (high - low + 1).clip(lower=0)
    return both.groupby("day")["days"].sum().reindex(days.index, fill_value=0)


def dosing(rows: pd.DataFrame, people: pd.DataFrame) -> pd.Series:
    """Adequate, inadequate or unknown for each prescription (2.5)."""
    people = people.set_index("patient")
    units = pd.DataFrame(rules.seed("dose_units"))
    units["is_per_kg"] = units["is_per_kg"] == "true"
    units["factor"] = units["factor"].astype(float)
    given = rows[["route", "dose_unit"]].astype(object)
    unit = given.merge(units, how="left", on=["route", "dose_unit"]).set_index(
        rows.index
    )
    amount = rows["dose"] * rows["doses_per_day"] * unit["factor"]
    weight = rows["patient"].map(people["weight_kg"])
    weight = weight.mask((rows["route"] == "oral") | (unit["is_per_kg"] == True), 1.0)  # noqa: E712
    found = pd.Series("unknown", rows.index, dtype=object)
    for (drug, route), part in rows.groupby(["drug", "route"], observed=True):
        at = part.index
        found.loc[at] = _judged(part, drug, route, amount.loc[at], weight.loc[at])
    year = pd.to_datetime(rows["start"], unit="D").dt.year
    age = year - rows["patient"].map(people["birth_year"])
    is_child = (rows["route"] == "oral") & (age < P["adult_age_years"])
    return found.mask(is_child, "unknown")


def _judged(part, drug, route, amount, weight) -> np.ndarray:
    n_asked, n_reached, n_known = (np.zeros(len(part), int) for _ in range(3))
    is_unknown = ~(part["is_immunocompromised"] | part["is_immunocompetent"])
    for syndrome in ("hsv", "zoster"):
        for status in ("immunocompromised", "immunocompetent"):
            asked = part["syndrome"].isin([syndrome, "unknown"])
            asked &= is_unknown | part[f"is_{status}"]
            minimum = np.full(len(part), np.nan)
            if bands := BANDS.get((drug, route, syndrome, status)):
                lows, minima, per_kg = map(np.array, zip(*bands, strict=True))
                clearance = part["clearance"].fillna(np.inf)
                band = np.searchsorted(lows, clearance, side="right") - 1
                scale = np.where(per_kg, P["dose_tolerance"], 1.0)[band]
                minimum = minima[band] * np.where(per_kg[band], scale * weight, 1.0)
            known = asked & ~np.isnan(minimum) & amount.notna()
            n_asked += asked
            n_known += known
            n_reached += known & (amount >= minimum - rules.AMOUNT_ROUNDING)
    words = ["unknown", "adequate", "inadequate"]
    cases = [n_known < n_asked, n_reached == n_asked, n_reached == 0]
    return np.select(cases, words, "unknown")
