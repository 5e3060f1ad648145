"""The classification in pandas 3: merges, as-of merges and grouped windows, no loop over rows.

    python -m benchmarks.peers.pandas_peer ACCEPTED OUT.parquet

Starts from our reception's accepted rows. Days are whole numbers since 1970, patients
integers, codes categories, as one writes it who minds memory. Sections are those of the
criteria; this module comes to the courses, `pandas_classes` to their classes.
"""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.peers import rules
from benchmarks.peers.pandas_classes import add_laboratory, classified

P = rules.parameters()
BANDS = rules.regimens()
DRUGS = {row["drug"]: row["drug_class"] for row in rules.seed("drugs")}
SYSTEMIC = rules.where("routes", "is_systemic")
STATUS_RANKS = {
    row["lesion_status"]: int(row["status_rank"])
    for row in rules.seed("lesion_statuses")
}
DOSING_RANKS = {row["dosing"]: int(row["dosing_rank"]) for row in rules.seed("dosings")}
IMMUNE_FLAGS = (
    "is_hiv",
    "is_aids",
    "is_hsct_allogeneic",
    "is_solid_organ_transplant",
    "is_immunocompromised",
    "is_none_documented",
)


def read(folder, extract: str, columns: list[str], codes: list[str]) -> pd.DataFrame:
    """The columns of an accepted table; codes and patients as categories."""
    table = pq.read_table(
        folder / f"accepted_{extract}.parquet",
        columns=["patient_id", *columns, *codes],
        read_dictionary=["patient_id", *codes],
    )
    frame = pd.DataFrame()
    for name in table.column_names:
        values = table[name]
        if pa.types.is_date(values.type):
            values = values.cast(pa.int32())
            frame[name] = pc.fill_null(values, rules.NEVER).to_numpy().astype("int64")
        elif pa.types.is_decimal(values.type):
            unit = 10.0**values.type.scale  # the nearest double of what is written
            doubles = values.cast(pa.float64()).to_numpy()
            frame[name] = np.round(doubles * unit) / unit
        else:
            frame[name] = values.to_pandas()
    return frame


def keyed(frame: pd.DataFrame, patients: pd.Index) -> pd.DataFrame:
    """The rows of known patients, with the integer key instead of the id."""
    key_of_code = patients.get_indexer(frame["patient_id"].cat.categories)
    frame["patient"] = key_of_code[frame["patient_id"].cat.codes]
    return frame[frame["patient"] >= 0].drop(columns="patient_id")


def nearest(rows, day, others, other_day, **how) -> pd.DataFrame:
    """For every row the nearest row of the same patient, by `merge_asof`; in row order."""
    left = pd.DataFrame({"patient": rows["patient"], "day": day})
    left["row"] = np.arange(len(left))
    right = others.assign(day=others[other_day])
    found = pd.merge_asof(
        left.sort_values("day"), right.sort_values("day"), on="day", by="patient", **how
    )
    return found.sort_values("row").set_index(rows.index)


def run_numbers(rows: pd.DataFrame, by: list[str], gap: int) -> pd.Series:
    """Numbers of unbroken runs of rows that are sorted by ``by`` and start."""
    covered_until = rows.groupby(by, sort=False, observed=True)["end"].cummax().shift()
    is_first = ~rows.duplicated(by) | (rows["start"] > covered_until + 1 + gap)
    return is_first.cumsum()


def prescriptions(folder) -> tuple[pd.DataFrame, pd.DataFrame, pd.Index]:
    """Systemic tk_dependent prescriptions, those of other active drugs, patients."""
    codes = ["drug", "route", "dose_unit", "intent", "indication", "site_id"]
    amounts = ["dose", "doses_per_day", "days_supply", "adherence"]
    dates = ["prescription_id", "start_date", "end_date"]
    rows = read(folder, "prescriptions", dates + amounts, codes)
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


def read_others(folder, patients: pd.Index) -> tuple[pd.DataFrame, ...]:
    """Visits, immune periods, laboratory results, events and people."""
    visits = keyed(
        read(folder, "followups", ["visit_date"], ["lesion_status", "syndrome"]),
        patients,
    ).rename(columns={"visit_date": "date"})
    visits["rank"] = visits.pop("lesion_status").map(STATUS_RANKS).astype("int8")
    immune = read(folder, "immune_status", ["from_date", "to_date"], ["condition"])
    meanings = pd.DataFrame(rules.seed("conditions")).set_index("condition") == "true"
    immune = keyed(immune, patients).merge(
        meanings[[*IMMUNE_FLAGS, "never_ends"]], left_on="condition", right_index=True
    )
    immune["to_date"] = immune["to_date"].mask(immune.pop("never_ends"), rules.NEVER)
    labs = keyed(
        read(
            *(folder, "labs", ["collected_date", "resulted_date", "value"]),
            ["test", "result", "value_operator", "unit"],
        ),
        patients,
    )
    events = keyed(read(folder, "clinical_events", ["event_date"], ["event"]), patients)
    people = keyed(read(folder, "patients", ["birth_year", "weight_kg"], []), patients)
    return visits, immune.drop(columns="condition"), labs, events, people


def main() -> None:
    """Classify, write, end."""
    given = rules.asked(__doc__.splitlines()[0])
    as_of = rules.day_number(given.as_of)
    ours, others, patients = prescriptions(given.accepted)
    visits, immune, labs, events, people = read_others(given.accepted, patients)
    labs = labs[labs["resulted_date"] <= as_of]
    rows = treatments(ours, visits)
    rows["syndrome"] = syndromes(rows, visits)
    flags = patient_flags(rows, ours, immune, labs)
    del ours, immune
    rows = rows.merge(flags, on=["patient", "start"])
    clearances = labs[(labs["test"] == "creatinine_clearance") & labs["value"].notna()]
    clearances = clearances.groupby(["patient", "collected_date"], as_index=False)[
        "value"
    ].min()
    rows["clearance"] = nearest(
        *(rows, rows["start"], clearances, "collected_date"),
        tolerance=P["renal_lookback_days"],
    )["value"]
    rows["dosing"] = dosing(rows, people)
    kept = built_courses(rows)
    del rows
    kept = add_laboratory(kept, labs)
    courses = classified(kept, others, visits, labs, events, flags, as_of)
    courses.insert(0, "patient_id", patients.take(courses.pop("patient")))
    courses.to_parquet(given.out, index=False)


if __name__ == "__main__":
    main()
