"""From kept courses to their classes in polars (criteria 2.11, 2.12, 3, 4 and 5).

Knows nothing of files; what a column holds is as in `polars_peer`.
"""

import polars as pl
from polars import col

from benchmarks.peers import rules
from benchmarks.peers.polars_laboratory import with_first_days
from benchmarks.peers.polars_steps import collected, nearest

P = rules.parameters()
CLASS_OF = {row["reason"]: row["classification"] for row in rules.seed("reasons")}
STATUSES = pl.DataFrame(
    [
        {
            "rank": int(row["status_rank"]),
            "deciding_status": row["lesion_status"],
            "failure_kind": row["failure_kind"] or None,
            "is_responding": row["is_responding"] == "true",
        }
        for row in rules.seed("lesion_statuses")
    ],
    schema_overrides={"rank": pl.Int8},
)
NEW = STATUSES.row(by_predicate=col("deciding_status") == "new", named=True)["rank"]
PROGRESSIVE = STATUSES.filter(failure_kind="progressive")["rank"].to_list()
RISK_GROUPS = {
    "hsct_allogeneic": col("is_hsct_allogeneic"),
    "aids_prolonged": col("is_aids") & col("is_prolonged"),
    "hiv": col("is_hiv"),
    "solid_organ_transplant": col("is_solid_organ_transplant"),
    "other_immunocompromised": col("is_immunocompromised"),
    "immunocompetent": col("is_immunocompetent"),
}


def classified(kept, others, visits, labs, events, flags, as_of) -> pl.LazyFrame:
    """The published columns of the kept courses, the patient still as an integer."""
    kept = collected(with_first_days(_with_ends(kept, others, events), labs, events))
    days = collected(_visit_days(kept, visits))
    usable = days.filter("is_usable")
    headline = _classes(kept, _outcomes(usable, P["window_from"]), as_of)
    strict = _classes(kept, _outcomes(usable, P["strict_window_from"]), as_of)
    names = ("classification", "reason", "outcome", "deciding_day", "in_rate")
    strict = strict.select("course", col(*names).name.prefix("strict_"))
    courses = _with_watch(collected(headline), days)
    courses = courses.join(strict, on="course")
    courses = courses.join(flags, on=["patient", "start"]).join(
        _repeated(kept), on="course"
    )
    return courses.select(
        "patient",
        *("length_days", "drugs", "dosing", "syndrome", "site_id", "outcome"),
        *("deciding_day", "deciding_status", "failure_kind", "classification"),
        *("reason", "in_rate", "watch", "n_prescriptions", "is_hiv", "is_aids"),
        *("is_hsct_allogeneic", "is_solid_organ_transplant", "is_immunocompromised"),
        *("is_immunocompetent", "is_prolonged", "is_repeated"),
        *(f"strict_{name}" for name in names),
        start_date=pl.from_epoch("start", time_unit="d"),
        end_date=pl.from_epoch("end", time_unit="d"),
        deciding_date=pl.from_epoch(col("start") + col("deciding_day"), time_unit="d"),
        adherence=pl.when(col("known_days") > 0).then(
            col("adherent") / col("known_days") / rules.ADHERENCE_UNIT
        ),
        is_mature=col("start") + P["maturity_days"] <= as_of,
        is_lab_mature=col("start") + P["lab_maturity_days"] <= as_of,
        conflicting_labs=col("has_resistant") & col("has_susceptible"),
        risk_group=_first_of(RISK_GROUPS, "unknown"),
    )


def _first_of(cases: dict[str, pl.Expr], otherwise: str | None) -> pl.Expr:
    words = [pl.when(case).then(pl.lit(word)) for word, case in cases.items()]
    return pl.coalesce(*words, pl.lit(otherwise))


def _with_ends(kept, others, events) -> pl.LazyFrame:
    starts = kept.select("patient", "start").unique()
    starts = starts.sort("patient", "start").with_columns(
        next_course=col("start").shift(-1).over("patient")
    )
    kept = kept.join(starts, on=["patient", "start"])
    start = col("start")
    kept = nearest(
        *(kept, start, others, "start"),
        found="switch",
        strategy="forward",
        allow_exact_matches=False,
    )
    leaving = events.filter(col("event").is_in(rules.where("events", "ends_followup")))
    kept = nearest(
        *(kept, start, leaving, "event_date"), found="departure", strategy="forward"
    )
    until = others.sort("patient", "start").with_columns(
        until=col("end").cum_max().over("patient")
    )
    kept = nearest(kept, start, until, "start", carried=["until"])
    return kept.with_columns(
        is_concurrent=(col("until") >= start).fill_null(False),
        followup_ends=pl.min_horizontal("next_course", "switch", "departure"),
    ).drop("until", "found")


def _visit_days(kept, visits) -> pl.LazyFrame:
    """Days of visits that belong to a course, each with its worst status (3).

    A visit belongs to the latest start before it: the next course ends the follow-up.
    """
    starts = kept.select("patient", "start").unique()
    found = nearest(
        visits, col("date"), starts, "start", found="start", allow_exact_matches=False
    )
    courses = kept.select(
        *("course", "patient", "start", "end", "followup_ends"),
        course_syndrome="syndrome",
    )
    found = found.join(courses, on=["patient", "start"])
    date, end = col("date"), col("end")
    last_usable = pl.min_horizontal(
        col("start") + P["followup_days"], end + P["after_course_days"]
    )
    agrees = (
        col("syndrome").is_null()
        | (col("course_syndrome") == "unknown")
        | (col("syndrome") == col("course_syndrome"))
    )
    ends = col("followup_ends")
    belongs = (date <= pl.max_horizontal(end, last_usable)) & agrees
    found = found.filter(belongs & (ends.is_null() | (date <= ends)))
    is_recurrence = (date > end) & (col("rank") == NEW)
    return (
        found.group_by("course", "date", "start", "end")
        .agg(col("rank").max())
        .with_columns(
            day=date - col("start"),
            is_under_therapy=date <= end,
            is_usable=(date <= last_usable) & ~is_recurrence,
        )
        .drop("start", "end")
    )


def _outcomes(usable, window_from: int) -> pl.LazyFrame:
    """The deciding visit of each course and what it decides, for one rule (3)."""
    day, to = col("day"), P["window_to"]
    chosen = usable.group_by("course").agg(
        inside=day.filter(day.is_between(window_from, to)).max(),
        later=day.filter(day > to).min(),
        earlier=day.filter(day < window_from).max(),
    )
    chosen = chosen.with_columns(deciding_day=pl.coalesce("inside", "later", "earlier"))
    found = chosen.join(
        usable.select("course", "rank", deciding_day="day"),
        on=["course", "deciding_day"],
    ).join(STATUSES.lazy(), on="rank")
    in_time = col("inside").is_not_null() | col("later").is_not_null()
    outcome = pl.when("is_responding").then(pl.lit("responded"))
    return found.filter(in_time | col("is_responding")).select(
        *("course", "deciding_day", "deciding_status", "failure_kind"),
        outcome=outcome.otherwise(pl.lit("failed")),
    )


def _classes(kept, outcomes, as_of) -> pl.LazyFrame:
    """The first row of the table of section 4 that applies, for one rule."""
    least = round(P["min_adherence"] * rules.ADHERENCE_UNIT)
    set_aside = _first_of(
        {
            "inadequate_dosing": col("dosing") == "inadequate",
            "poor_adherence": col("adherent") < least * col("known_days"),
            "dosing_unknown": col("dosing") == "unknown",
            "concurrent_alternative": col("is_concurrent"),
        },
        None,
    )
    start, end, outcome = col("start"), col("end"), col("outcome")
    is_failed = outcome == "failed"
    decided = start + col("deciding_day")
    early = start + P["switched_early_days"]
    explained_by = decided + P["mimic_after_days"]
    is_other_virus = (col("first_vzv") <= explained_by) & ~(
        col("first_hsv") <= explained_by
    ).fill_null(False)
    is_other_virus &= col("syndrome") == "hsv"
    is_explained = (col("first_event") <= explained_by).fill_null(False)
    last_usable = pl.min_horizontal(
        start + P["followup_days"], end + P["after_course_days"], "followup_ends"
    )
    reason = (
        pl.when("has_resistant")
        .then(pl.lit("laboratory"))
        .when(col("set_aside").is_not_null())
        .then("set_aside")
        .when(outcome == "responded")
        .then(None)
        .when(is_failed & (decided > end + P["off_therapy_days"]))
        .then(pl.lit("after_therapy"))
        .when(is_failed & (col("length_days") < P["min_therapy_days"]))
        .then(pl.lit("therapy_too_short"))
        .when(is_failed & col("has_refuting"))
        .then(pl.lit("susceptible_isolate"))
        .when(is_failed & (is_explained | is_other_virus))
        .then(pl.lit("alternative_diagnosis"))
        .when(is_failed)
        .then("failure_kind")
        .when(col("switch") <= early)
        .then(pl.lit("switched_early"))
        .when(col("departure") <= early)
        .then(pl.lit("died_or_left"))
        .when(as_of < last_usable)
        .then(None)
        .otherwise(pl.lit("no_followup"))
    )
    without = pl.when(outcome.is_not_null()).then(pl.lit("responded"))
    named = pl.coalesce(
        col("reason").replace_strict(CLASS_OF, default=None, return_dtype=pl.String),
        without.otherwise(pl.lit("pending")),
    )
    found = kept.join(outcomes, on="course", how="left").with_columns(
        set_aside=set_aside
    )
    found = found.with_columns(reason=reason).with_columns(classification=named)
    in_rate = col("classification").is_in(["suspected", "refuted", "responded"])
    is_counted = (col("classification") == "confirmed") & col("set_aside").is_null()
    return found.with_columns(in_rate=in_rate | is_counted)


def _with_watch(headline, days) -> pl.LazyFrame:
    """The courses with what needs a second look, for those in no rate (4: watch)."""
    last = (
        days.filter("is_usable")
        .group_by("course")
        .agg(last_day=col("day").max(), last_rank=col("rank").get(col("day").arg_max()))
    )
    progressing = days.filter(col("is_under_therapy") & col("rank").is_in(PROGRESSIVE))
    latest = progressing.group_by("course").agg(progressed_on=col("day").max())
    courses = headline.join(last, on="course", how="left")
    courses = courses.join(latest, on="course", how="left")
    progresses = col("last_rank").is_in(PROGRESSIVE)
    is_open = (col("classification") == "pending") | (
        col("reason") == "no_followup"
    ).fill_null(False)
    is_early = col("last_day").is_between(P["watch_from_day"], P["watch_to_day"])
    return courses.with_columns(
        watch=_first_of(
            {
                "progressing_early": is_open & progresses & is_early,
                "switched_while_progressing": (col("reason") == "switched_early")
                & progresses,
                "relapse_on_therapy": (col("classification") == "responded")
                & (col("progressed_on") > col("deciding_day")),
            },
            None,
        )
    )


def _repeated(kept) -> pl.LazyFrame:
    starts = kept.select("course", "patient", "start")
    pairs = starts.join(kept.select("patient", before="start"), on="patient")
    ago = col("start") - col("before")
    counted = pairs.filter(ago.is_between(0, P["history_days"])).group_by("course")
    return counted.agg(is_repeated=pl.len() >= P["repeated_courses"])
