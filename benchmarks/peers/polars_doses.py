"""Who the patient is on a day, and whether a dose is enough, in polars (5 and 2.5).

Knows nothing of files; what a column holds is as in `polars_peer`.
"""

import polars as pl
from polars import col

from benchmarks.peers import rules
from benchmarks.peers.polars_steps import collected, with_runs

P = rules.parameters()

IMMUNE_FLAGS = (
    "is_hiv",
    "is_aids",
    "is_hsct_allogeneic",
    "is_solid_organ_transplant",
    "is_immunocompromised",
    "is_none_documented",
)
COMBINATIONS = [
    (syndrome, status)
    for syndrome in ("hsv", "zoster")
    for status in ("immunocompromised", "immunocompetent")
]


def patient_flags(rows, ours, immune, labs) -> pl.LazyFrame:
    """Who the patient is on each day on which a course may start (5)."""
    days = collected(rows.select("patient", "start").unique())
    covers = (col("from_date") <= col("start")) & (
        col("to_date").is_null() | (col("to_date") >= col("start"))
    )
    conditions = (
        days.join(immune, on="patient")
        .filter(covers)
        .group_by("patient", "start")
        .agg(col(*IMMUNE_FLAGS).any())
    )
    operator, value = col("value_operator"), col("value")
    limit = P["aids_cd4_below"]
    is_low = (
        (operator.is_null() | (operator == "<=")) & (value < limit)
        | (operator == "<") & (value <= limit)
    ) & (col("test") == "cd4")
    is_positive = (col("test") == "hiv_test") & (col("result") == "positive")
    first = labs.group_by("patient").agg(
        positive=col("collected_date").filter(is_positive).min(),
        low=col("collected_date").filter(is_low).min(),
    )
    history = col("start") - P["history_days"]
    low, high = (
        pl.max_horizontal("from", history),
        pl.min_horizontal("to", col("start") - 1),
    )
    spans = with_runs(ours, ["patient"], 0).group_by("patient", "run")
    therapy = (
        days.join(
            spans.agg(col("start").min().alias("from"), col("end").max().alias("to")),
            on="patient",
        )
        .group_by("patient", "start")
        .agg(therapy_days=(high - low + 1).clip(0).sum())
    )
    known = (
        days.join(conditions, on=["patient", "start"], how="left")
        .join(first, on="patient", how="left")
        .join(therapy, on=["patient", "start"], how="left")
    )
    known = known.with_columns(
        col(*IMMUNE_FLAGS).fill_null(False),
        (col("positive") <= col("start")).fill_null(False).alias("positive"),
        (col("low") <= col("start")).fill_null(False).alias("low"),
    ).with_columns(is_hiv=col("is_hiv") | col("positive"))
    taken = pl.lit(P["absent_immune_status"] == "immunocompetent")
    known = known.with_columns(
        is_aids=col("is_aids") | (col("is_hiv") & col("low")),
        is_immunocompromised=col("is_immunocompromised") | col("is_hiv"),
        is_prolonged=col("therapy_days") >= P["prolonged_therapy_days"],
    ).with_columns(
        is_immunocompetent=~col("is_immunocompromised")
        & (col("is_none_documented") | taken)
    )
    return collected(
        known.drop("positive", "low", "therapy_days", "is_none_documented")
    )


def with_dosing(rows: pl.LazyFrame, people: pl.LazyFrame) -> pl.LazyFrame:
    """The prescriptions with their dosing: adequate, inadequate or unknown (2.5)."""
    units = pl.LazyFrame(rules.seed("dose_units")).with_columns(
        col("factor").cast(pl.Float64), is_per_kg=col("is_per_kg") == "true"
    )
    rows = rows.join(units, on=["route", "dose_unit"], how="left")
    rows = rows.join(people, on="patient", how="left")
    rows = rows.with_columns(
        amount=col("dose") * col("doses_per_day") * col("factor"),
        weight=pl.when((col("route") == "oral") | col("is_per_kg").fill_null(False))
        .then(1.0)
        .otherwise("weight_kg"),
        clearance=col("clearance").fill_null(float("inf")),
    )
    rows = rows.sort("clearance").join_asof(
        _bands().sort("clearance_from"),
        left_on="clearance",
        right_on="clearance_from",
        by=["drug", "route"],
        check_sortedness=False,
    )
    states = [_state(syndrome, status) for syndrome, status in COMBINATIONS]
    reached = [pl.when(asked).then(state) for asked, state in states]
    is_unknown = pl.any_horizontal(
        *(asked & state.is_null() for asked, state in states)
    )
    birthday = pl.from_epoch("start", time_unit="d").dt.year() - col("birth_year")
    is_child = (col("route") == "oral") & (birthday < P["adult_age_years"])
    dosing = (
        pl.when(is_unknown | is_child.fill_null(False))
        .then(pl.lit("unknown"))
        .when(pl.all_horizontal(*(each.fill_null(True) for each in reached)))
        .then(pl.lit("adequate"))
        .when(pl.any_horizontal(*(each.fill_null(False) for each in reached)))
        .then(pl.lit("unknown"))
        .otherwise(pl.lit("inadequate"))
    )
    return rows.with_columns(dosing=dosing)


def _state(syndrome: str, status: str) -> tuple[pl.Expr, pl.Expr]:
    """Whether a combination is asked of a prescription, and whether it is reached."""
    is_unknown = ~(col("is_immunocompromised") | col("is_immunocompetent"))
    asked = col("syndrome").is_in([syndrome, "unknown"])
    asked &= is_unknown | col(f"is_{status}")
    minimum = col(f"minimum_{syndrome}_{status}")
    per_kg = col(f"per_kg_{syndrome}_{status}")
    scaled = minimum * pl.when(per_kg).then(
        P["dose_tolerance"] * col("weight")
    ).otherwise(1)
    return asked, col("amount") >= scaled - rules.AMOUNT_ROUNDING


def _bands() -> pl.LazyFrame:
    """The minima of every drug and route by lower clearance, a column a combination."""
    bands = rules.regimens()
    found = []
    for drug, route in sorted({key[:2] for key in bands}):
        mine = {pair: bands.get((drug, route, *pair), []) for pair in COMBINATIONS}
        for low in sorted({band[0] for each in mine.values() for band in each}):
            row = {"drug": drug, "route": route, "clearance_from": low}
            for pair, each in mine.items():
                at = [band for band in each if band[0] <= low]
                name = "_".join(pair)
                row[f"minimum_{name}"] = at[-1][1] if at else None
                row[f"per_kg_{name}"] = at[-1][2] if at else None
            found.append(row)
    return pl.LazyFrame(found, infer_schema_length=None)
