"""The classification in pandas 3: merges, as-of merges and grouped windows, no loop over rows.

    python -m benchmarks.peers.pandas_peer ACCEPTED OUT.parquet

Starts from our reception's accepted rows. Days are whole numbers since 1970, patients
integers, codes categories, as one writes it who minds memory. Sections are those of the
criteria; this module comes to the courses, `pandas_doses` says whether a dose is enough,
`pandas_laboratory` and `pandas_classes` come to the classes.
"""

import numpy as np
import pandas as pd

from benchmarks.peers import rules
from benchmarks.peers.pandas_classes import classified
from benchmarks.peers.pandas_doses import IMMUNE_FLAGS, dosing, patient_flags
from benchmarks.peers.pandas_laboratory import add_laboratory
from benchmarks.peers.pandas_steps import (
    Reader,
    keyed,
    nearest,
    parquet_reader,
    run_numbers,
)

P = rules.parameters()
DRUGS = {row["drug"]: row["drug_class"] for row in rules.seed("drugs")}
SYSTEMIC = rules.where("routes", "is_systemic")
STATUS_RANKS = {
    row["lesion_status"]: int(row["status_rank"])
    for row in rules.seed("lesion_statuses")
}
DOSING_RANKS = {row["dosing"]: int(row["dosing_rank"]) for row in rules.seed("dosings")}


def prescriptions(read: Reader) -> tuple[pd.DataFrame, pd.DataFrame, pd.Index]:
    """Systemic tk_dependent prescriptions, those of other active drugs, patients."""
    codes = ["drug", "route", "dose_unit", "intent", "indication", "site_id"]
    amounts = ["dose", "doses_per_day", "days_supply", "adherence"]
    dates = ["prescription_id", "start_date", "end_date"]
    rows = read("prescriptions", dates + amounts, codes)
    rows = rows.rename(columns={"start_date": "start", "end_date": "end"})
    supplied = rows["start"] + rows["days_supply"] - 1
    rows["end"] = rows["end"].where(rows["end"] < rules.NEVER, supplied).astype("int64")
    kind = rows["drug"].map(DRUGS).astype(object)
    is_systemic = rows["route"].isin(SYSTEMIC)
    ours = rows[(kind == "tk_dependent") & is_systemic].copy()
    ids = ours["patient_id"].cat.remove_unused_categories()
    patients = pd.Index(ids.cat.categories)
    is_other = (kind == "alternative") | ((kind == "other_active") & is_systemic)
    others = rows.loc[is_other, ["patient_id", "start", "end"]].copy()
    ours = keyed(ours, patients)
    # The id decides between prescriptions that start on one day; only those are sorted.
    ties = ours.loc[ours.duplicated(["patient", "start"], keep=False)]
    ranks = pd.Series(np.arange(len(ties)), ties["prescription_id"].sort_values().index)
    ours["order"] = ranks.reindex(ours.index, fill_value=0)
    ours = ours.drop(columns="prescription_id")
    sorted_rows = ours.sort_values(["patient", "start", "order"], ignore_index=True)
    return sorted_rows, keyed(others, patients), patients


def treatments(ours: pd.DataFrame, visits: pd.DataFrame) -> pd.DataFrame:
    """The prescriptions that treat: by their intent, or as the visits say (2.2)."""
    unstated = ours.loc[ours["intent"].isna(), ["patient", "start", "end"]].copy()
    unstated["run"] = run_numbers(unstated, ["patient"], P["prophylaxis_gap_days"])
    runs = unstated.groupby("run").agg(
        patient=("patient", "first"), start=("start", "min"), end=("end", "max")
    )
    before = P["intent_visit_before_days"]
    lesions = visits.loc[visits["rank"] > STATUS_RANKS["healed"], ["patient", "date"]]
    lesion = nearest(
        *(runs, runs["start"] - before, lesions, "date"),
        direction="forward",
        tolerance=before + P["intent_visit_after_days"],
    )["date"]
    is_long = runs["end"] - runs["start"] + 1 >= P["prophylaxis_min_days"]
    prevents = (is_long & lesion.isna()).reindex(unstated["run"]).to_numpy()
    is_treatment = ours["intent"] == "treatment"
    is_treatment.loc[unstated.index] = ~prevents
    return ours[is_treatment].reset_index(drop=True)


def syndromes(rows: pd.DataFrame, visits: pd.DataFrame) -> pd.Series:
    """The syndrome of each prescription: indicated, else named by visits (2.3)."""
    named = visits.loc[visits["syndrome"].notna(), ["patient", "date", "syndrome"]]
    named = named.drop_duplicates().astype({"syndrome": object})
    both = named.duplicated(["patient", "date"], keep=False)
    named.loc[both, "syndrome"] = "unknown"
    before = P["syndrome_before_days"]
    asked = rows[rows["indication"].isna()]
    found = nearest(
        *(asked, asked["start"] - before, named.drop_duplicates(), "date"),
        direction="forward",
        tolerance=before + P["syndrome_after_days"],
    )["syndrome"]
    return rows["indication"].astype(object).fillna(found).fillna("unknown")


def built_courses(rows: pd.DataFrame) -> pd.DataFrame:
    """Courses of one patient and one dosing, absorbed ones left out (2.6 to 2.10)."""
    rows = rows.sort_values(["patient", "dosing", "start", "order"], ignore_index=True)
    rows["course"] = run_numbers(rows, ["patient", "dosing"], P["course_gap_days"])
    rows["days"] = rows["end"] - rows["start"] + 1
    adherence = rows["adherence"].mask(
        rows["adherence"].isna() & (rows["route"] == "iv"), 1.0
    )
    rows["known_days"] = rows["days"].where(adherence.notna(), 0)
    units = (adherence.fillna(0) * rules.ADHERENCE_UNIT).round().astype("int64")
    rows["adherent"] = units * rows["days"]
    grouped = rows.groupby("course", sort=False)
    kept = rows.drop_duplicates("course").set_index("course")
    kept = kept[["patient", "dosing", "start", "syndrome", "site_id"]].join(
        grouped.agg(
            end=("end", "max"),
            known_days=("known_days", "sum"),
            adherent=("adherent", "sum"),
            n_prescriptions=("end", "size"),
        )
    )
    kept["drugs"] = _drugs(rows)
    kept["length_days"] = kept["end"] - kept["start"] + 1
    kept["dosing_rank"] = kept["dosing"].map(DOSING_RANKS).astype(int)
    return kept.drop(index=_absorbed(kept)).sort_values(["patient", "start"])


def _drugs(rows: pd.DataFrame) -> pd.Series:
    """The drugs of each course in one text: a bit a drug, a text a combination."""
    names = sorted(DRUGS)
    bits = {name: 1 << place for place, name in enumerate(names)}
    each = rows[["course", "drug"]].drop_duplicates()
    masks = each["drug"].astype(object).map(bits).groupby(each["course"]).sum()
    texts = {
        mask: ", ".join(name for name in names if bits[name] & mask)
        for mask in masks.unique()
    }
    return masks.map(texts)


def _absorbed(courses: pd.DataFrame) -> pd.Index:
    spans = courses[["patient", "start", "end", "length_days"]]
    is_adequate = courses["dosing"] == "adequate"
    pairs = spans[~is_adequate].reset_index().merge(spans[is_adequate], on="patient")
    low = np.maximum(pairs["start_x"], pairs["start_y"])
    high = np.minimum(pairs["end_x"], pairs["end_y"])
    overlap = (high - low + 1).clip(lower=0)
    is_absorbed = overlap >= P["absorbing_overlap_share"] * pairs["length_days_x"]
    return pd.Index(pairs.loc[is_absorbed, "course"].unique())


def read_others(read: Reader, patients: pd.Index) -> tuple[pd.DataFrame, ...]:
    """Visits, immune periods, laboratory results, events and people."""
    visits = keyed(
        read("followups", ["visit_date"], ["lesion_status", "syndrome"]),
        patients,
    ).rename(columns={"visit_date": "date"})
    visits["rank"] = visits.pop("lesion_status").map(STATUS_RANKS).astype("int8")
    immune = read("immune_status", ["from_date", "to_date"], ["condition"])
    meanings = pd.DataFrame(rules.seed("conditions")).set_index("condition") == "true"
    immune = keyed(immune, patients).merge(
        meanings[[*IMMUNE_FLAGS, "never_ends"]], left_on="condition", right_index=True
    )
    immune["to_date"] = immune["to_date"].mask(immune.pop("never_ends"), rules.NEVER)
    labs = keyed(
        read(
            *("labs", ["collected_date", "resulted_date", "value"]),
            ["test", "result", "value_operator", "unit"],
        ),
        patients,
    )
    events = keyed(read("clinical_events", ["event_date"], ["event"]), patients)
    people = keyed(read("patients", ["birth_year", "weight_kg"], []), patients)
    return visits, immune.drop(columns="condition"), labs, events, people


def courses(read: Reader, as_of: int) -> pd.DataFrame:
    """The published columns of every kept course, from the accepted rows."""
    ours, others, patients = prescriptions(read)
    visits, immune, labs, events, people = read_others(read, patients)
    labs = labs[labs["resulted_date"] <= as_of]
    rows = treatments(ours, visits)
    rows["syndrome"] = syndromes(rows, visits)
    flags = patient_flags(rows, ours, immune, labs)
    del ours, immune
    rows = rows.merge(flags, on=["patient", "start"])
    clearances = labs[(labs["test"] == "creatinine_clearance") & labs["value"].notna()]
    by_day = clearances.groupby(["patient", "collected_date"], as_index=False)
    rows["clearance"] = nearest(
        *(rows, rows["start"], by_day["value"].min(), "collected_date"),
        tolerance=P["renal_lookback_days"],
    )["value"]
    rows["dosing"] = dosing(rows, people)
    kept = add_laboratory(built_courses(rows), labs)
    del rows
    found = classified(kept, others, visits, labs, events, flags, as_of)
    found.insert(0, "patient_id", patients.take(found.pop("patient")))
    return found


def main() -> None:
    """Classify, write, end."""
    given = rules.asked(__doc__.splitlines()[0])
    found = courses(parquet_reader(given.accepted), rules.day_number(given.as_of))
    found.to_parquet(given.out, index=False)


if __name__ == "__main__":
    main()
