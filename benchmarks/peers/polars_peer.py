"""The classification in polars on its streaming engine: lazy frames, as-of joins, windows.

    python -m benchmarks.peers.polars_peer ACCEPTED OUT.parquet

Starts from our reception's accepted rows. A frame that several later ones read is
collected once, by the streaming engine; all else stays a plan until then. Days are whole
numbers since 1970. This module comes to the courses, `polars_doses` says whether
a dose is enough, `polars_laboratory` and `polars_classes` come to the classes.
"""

import polars as pl
from polars import col

from benchmarks.peers import rules
from benchmarks.peers.polars_classes import classified
from benchmarks.peers.polars_doses import IMMUNE_FLAGS, patient_flags, with_dosing
from benchmarks.peers.polars_laboratory import add_laboratory
from benchmarks.peers.polars_steps import collected, nearest, with_runs

P = rules.parameters()
DRUGS = {row["drug"]: row["drug_class"] for row in rules.seed("drugs")}
SYSTEMIC = rules.where("routes", "is_systemic")
STATUS_RANKS = {
    row["lesion_status"]: int(row["status_rank"])
    for row in rules.seed("lesion_statuses")
}
DOSING_RANKS = {row["dosing"]: int(row["dosing_rank"]) for row in rules.seed("dosings")}


def scan(folder, extract: str, *columns: str) -> pl.LazyFrame:
    """An accepted table with its days and decimals as numbers."""
    frame = pl.scan_parquet(folder / f"accepted_{extract}.parquet")
    return frame.select("patient_id", *columns).with_columns(
        pl.selectors.date().cast(pl.Int32), pl.selectors.decimal().cast(pl.Float64)
    )


def prescriptions(folder) -> tuple[pl.LazyFrame, pl.LazyFrame, pl.LazyFrame]:
    """Systemic tk_dependent prescriptions, those of other active drugs, patients."""
    kind = col("drug").replace_strict(DRUGS, default=None, return_dtype=pl.String)
    is_systemic = col("route").is_in(SYSTEMIC)
    supplied = col("start_date") + col("days_supply") - 1
    rows = scan(
        *(folder, "prescriptions", "prescription_id", "drug", "route", "dose"),
        *("dose_unit", "doses_per_day", "start_date", "end_date", "days_supply"),
        *("intent", "indication", "adherence", "site_id"),
    ).with_columns(start=col("start_date"), end=pl.coalesce("end_date", supplied))
    rows = rows.drop("start_date", "end_date", "days_supply")
    ours = collected(rows.filter((kind == "tk_dependent") & is_systemic))
    patients = collected(ours.select("patient_id").unique().with_row_index("patient"))
    ours = ours.join(patients, on="patient_id").drop("patient_id")
    ours = ours.sort("patient", "start", "prescription_id").drop("prescription_id")
    is_other = (kind == "alternative") | ((kind == "other_active") & is_systemic)
    others = rows.filter(is_other).join(patients, on="patient_id")
    return (
        collected(ours.with_row_index("rx")),
        collected(others.select("patient", "start", "end")),
        patients,
    )


def treatments(ours: pl.LazyFrame, visits: pl.LazyFrame) -> pl.LazyFrame:
    """The prescriptions that treat: by their intent, or as the visits say (2.2)."""
    unstated = with_runs(
        ours.filter(col("intent").is_null()), ["patient"], P["prophylaxis_gap_days"]
    )
    runs = unstated.group_by("patient", "run").agg(col("start").min(), col("end").max())
    before = P["intent_visit_before_days"]
    lesions = visits.filter(col("rank") > STATUS_RANKS["healed"])
    runs = nearest(
        *(runs, col("start") - before, lesions, "date"),
        strategy="forward",
        tolerance=before + P["intent_visit_after_days"],
    )
    is_long = col("end") - col("start") + 1 >= P["prophylaxis_min_days"]
    prevent = unstated.join(
        runs.filter(is_long & col("found").is_null()), on="run", how="semi"
    )
    is_treatment = col("intent").is_null() | (col("intent") == "treatment")
    return ours.filter(is_treatment).join(prevent, on="rx", how="anti")


def with_syndromes(rows: pl.LazyFrame, visits: pl.LazyFrame) -> pl.LazyFrame:
    """The prescriptions with their syndrome: indicated, else named by visits (2.3)."""
    syndrome = col("syndrome")
    named = (
        visits.filter(syndrome.is_not_null())
        .group_by("patient", "date")
        .agg(low=syndrome.min(), high=syndrome.max())
        .with_columns(named=pl.when(col("low") == col("high")).then("low"))
    )
    before = P["syndrome_before_days"]
    rows = nearest(
        *(rows, col("start") - before, named, "date"),
        carried=["named"],
        strategy="forward",
        tolerance=before + P["syndrome_after_days"],
    )
    found = pl.coalesce("indication", "named", pl.lit("unknown"))
    return rows.with_columns(syndrome=found).drop("indication", "named", "found")


def built_courses(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Courses of one patient and one dosing, absorbed ones left out (2.6 to 2.10)."""
    rows = with_runs(rows, ["patient", "dosing"], P["course_gap_days"])
    adherence = pl.when(col("adherence").is_null() & (col("route") == "iv"))
    adherence = adherence.then(1.0).otherwise("adherence")
    units = (adherence * rules.ADHERENCE_UNIT).round().cast(pl.Int64)
    days = col("end") - col("start") + 1
    courses = collected(
        rows.sort("patient", "dosing", "rx")
        .group_by("patient", "dosing", "run", maintain_order=True)
        .agg(
            col("start").first(),
            col("end").max(),
            col("syndrome").first(),
            col("site_id").first(),
            adherent=(units * days).sum(),
            known_days=days.filter(adherence.is_not_null()).sum(),
            n_prescriptions=pl.len(),
            drugs=col("drug").unique().sort().str.join(", "),
        )
        .rename({"run": "course"})
        .with_columns(
            length_days=col("end") - col("start") + 1,
            dosing_rank=col("dosing").replace_strict(DOSING_RANKS),
        )
    )
    is_adequate = col("dosing") == "adequate"
    spans = courses.select("course", "patient", "dosing", "start", "end", "length_days")
    pairs = spans.filter(~is_adequate).join(spans.filter(is_adequate), on="patient")
    first = pl.max_horizontal("start", "start_right")
    overlap = pl.min_horizontal("end", "end_right") - first + 1
    enough = overlap.clip(0) >= P["absorbing_overlap_share"] * col("length_days")
    return collected(courses.join(pairs.filter(enough), on="course", how="anti"))


def read_others(folder, patients: pl.LazyFrame) -> tuple[pl.LazyFrame, ...]:
    """Visits, immune periods, laboratory results, events and people."""

    def read(extract: str, *columns: str) -> pl.LazyFrame:
        return scan(folder, extract, *columns).join(patients, on="patient_id")

    visits = read("followups", "visit_date", "lesion_status", "syndrome").select(
        "patient",
        "syndrome",
        date=col("visit_date"),
        rank=col("lesion_status").replace_strict(STATUS_RANKS, return_dtype=pl.Int8),
    )
    meanings = pl.LazyFrame(rules.seed("conditions")).select(
        "condition", *(col(flag) == "true" for flag in (*IMMUNE_FLAGS, "never_ends"))
    )
    immune = read("immune_status", "condition", "from_date", "to_date")
    immune = immune.join(meanings, on="condition").with_columns(
        to_date=pl.when(~col("never_ends")).then("to_date")
    )
    labs = read(
        *("labs", "collected_date", "resulted_date", "test", "result"),
        *("value", "value_operator", "unit"),
    )
    events = read("clinical_events", "event_date", "event")
    people = read("patients", "birth_year", "weight_kg")
    return (
        collected(visits),
        immune.drop("patient_id", "condition", "never_ends"),
        labs.drop("patient_id"),
        collected(events.drop("patient_id")),
        people.drop("patient_id"),
    )


def main() -> None:
    """Classify, write, end."""
    given = rules.asked(__doc__.splitlines()[0])
    as_of = rules.day_number(given.as_of)
    ours, others, patients = prescriptions(given.accepted)
    visits, immune, labs, events, people = read_others(given.accepted, patients)
    labs = collected(labs.filter(col("resulted_date") <= as_of))
    rows = collected(with_syndromes(treatments(ours, visits), visits))
    flags = patient_flags(rows, ours, immune, labs)
    clearances = (
        labs.filter(
            (col("test") == "creatinine_clearance") & col("value").is_not_null()
        )
        .group_by("patient", "collected_date")
        .agg(clearance=col("value").min())
    )
    rows = nearest(
        *(rows, col("start"), clearances, "collected_date"),
        carried=["clearance"],
        tolerance=P["renal_lookback_days"],
    )
    rows = with_dosing(rows.join(flags, on=["patient", "start"]), people)
    kept = built_courses(rows)
    kept = collected(add_laboratory(kept, labs))
    courses = classified(kept, others, visits, labs, events, flags, as_of)
    courses.join(patients, on="patient").drop("patient").sink_parquet(given.out)


if __name__ == "__main__":
    main()
