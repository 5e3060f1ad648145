"""What the laboratory and other events say of courses, in polars (4).

Knows nothing of files; what a column holds is as in `polars_peer`.
"""

import polars as pl
from polars import col

from benchmarks.peers import rules
from benchmarks.peers.polars_steps import collected, nearest

P = rules.parameters()

DEFAULT_UNITS = {row["test"]: row["default_unit"] for row in rules.seed("tests")}


def with_first_days(kept, labs, events) -> pl.LazyFrame:
    """The first day from the start of the window on of what may explain a failure (4)."""
    explaining = rules.where("events", "is_alternative_diagnosis")
    positive = labs.filter(col("result") == "positive")
    for found, others, day in (
        ("first_event", events.filter(col("event").is_in(explaining)), "event_date"),
        ("first_vzv", positive.filter(col("test") == "vzv_pcr"), "collected_date"),
        (
            "first_hsv",
            positive.filter(col("test").is_in(["hsv_pcr", "hsv_culture"])),
            "collected_date",
        ),
    ):
        low = col("start") - P["mimic_before_days"]
        kept = nearest(kept, low, others, day, found=found, strategy="forward")
    return kept


def add_laboratory(kept: pl.LazyFrame, labs: pl.LazyFrame) -> pl.LazyFrame:
    """The courses with what the specimens that belong to them show (4: specimens)."""
    tests = rules.where("tests", "is_resistance_test")
    asked = collected(labs.filter(col("test").is_in(tests)).with_row_index("lab"))
    spans = kept.select("course", "patient", "start", "end", "dosing_rank", "syndrome")
    collected_on = col("collected_date")
    pairs = (
        asked.join(spans, on="patient")
        .filter(collected_on >= col("start") - P["specimen_before_days"])
        .filter(collected_on <= col("end") + P["specimen_after_days"])
        .sort("lab", "start", "dosing_rank", descending=[False, True, False])
        .unique("lab", keep="first", maintain_order=True)
    )
    reading = col("reading")
    is_late = collected_on - col("start") >= P["refute_from_day"]
    shown = (
        pairs.with_columns(reading=_reading())
        .group_by("course")
        .agg(
            has_resistant=(reading == "resistant").any(),
            has_susceptible=(reading == "susceptible").any(),
            has_refuting=((reading == "susceptible") & is_late).any(),
        )
    )
    return kept.join(shown, on="course", how="left").with_columns(
        col("has_resistant", "has_susceptible", "has_refuting").fill_null(False)
    )


def _reading() -> pl.Expr:
    result, operator, value = col("result"), col("value_operator"), col("value")
    unit = col("unit").fill_null(
        col("test").replace_strict(DEFAULT_UNITS, return_dtype=pl.String)
    )
    cut_offs = {
        "ug/ml": P["resistant_ec50_ug_ml"],
        "umol/l": P["resistant_ec50_umol_l"],
    }
    cut_off = unit.replace_strict(cut_offs, default=None, return_dtype=pl.Float64)
    is_zoster = col("syndrome") == "zoster"
    is_read = result.is_null() & ~is_zoster
    above = (operator.is_null() | operator.is_in([">", ">="])) & (value >= cut_off)
    below = (operator.is_null() | (operator == "<=")) & (value < cut_off)
    below |= (operator == "<") & (value <= cut_off)
    is_genotype = col("test").is_in(rules.where("tests", "is_genotype"))
    shows = col("test").is_in(rules.where("tests", "can_show_acyclovir_resistance"))
    mutated = is_genotype & (result == "resistance_mutation") & ~is_zoster
    return (
        pl.when(~shows)
        .then(None)
        .when(mutated)
        .then(pl.lit("resistant"))
        .when(is_genotype)
        .then(None)
        .when(result.is_in(["resistant", "susceptible"]))
        .then(result)
        .when(is_read & above)
        .then(pl.lit("resistant"))
        .when(is_read & below)
        .then(pl.lit("susceptible"))
    )
