"""From kept courses to their classes in pandas 3 (criteria 2.11, 2.12, 3, 4 and 5).

Knows nothing of files; what a column holds is as in `pandas_peer`.
"""

import numpy as np
import pandas as pd

from benchmarks.peers import rules
from benchmarks.peers.pandas_laboratory import first_from, has_alternative

P = rules.parameters()
CLASS_OF = {row["reason"]: row["classification"] for row in rules.seed("reasons")}
STATUSES = {
    int(row["status_rank"]): row["lesion_status"]
    for row in rules.seed("lesion_statuses")
}
KINDS = {
    int(row["status_rank"]): row["failure_kind"] or None
    for row in rules.seed("lesion_statuses")
}
RESPONDING = [
    int(row["status_rank"])
    for row in rules.seed("lesion_statuses")
    if row["is_responding"] == "true"
]
PROGRESSIVE = [rank for rank, kind in KINDS.items() if kind == "progressive"]
NEW = next(rank for rank, status in STATUSES.items() if status == "new")
RISK_GROUPS = (
    "hsct_allogeneic",
    "aids_prolonged",
    "hiv",
    "solid_organ_transplant",
    "other_immunocompromised",
    "immunocompetent",
)


def classified(kept, others, visits, labs, events, flags, as_of) -> pd.DataFrame:
    """The published columns of the kept courses, the patient still as an integer."""
    kept = _with_ends(kept, others, events)
    days = _visit_days(kept, visits)
    known = {}
    for rule, window_from in (
        ("headline", P["window_from"]),
        ("strict", P["strict_window_from"]),
    ):
        found = _outcomes(kept, days[days["is_usable"]], window_from)
        found["alternative"] = has_alternative(kept, found, labs, events)
        known[rule] = _classes(kept, found, as_of)
    headline, strict = known["headline"], known["strict"]
    kept["watch"] = _watch(kept, headline, days)
    deciding = kept["start"] + headline["deciding_day"]
    kept["deciding_date"] = pd.to_datetime(deciding, unit="D")
    for name in ("outcome", "deciding_day", "deciding_status", "failure_kind"):
        kept[name] = headline[name]
    for name in ("classification", "reason", "in_rate"):
        kept[name] = headline[name]
    for name in ("classification", "reason", "outcome", "deciding_day", "in_rate"):
        kept[f"strict_{name}"] = strict[name]
    kept["adherence"] = kept["adherent"] / kept["known_days"] / rules.ADHERENCE_UNIT
    kept["is_mature"] = kept["start"] + P["maturity_days"] <= as_of
    kept["is_lab_mature"] = kept["start"] + P["lab_maturity_days"] <= as_of
    kept["conflicting_labs"] = kept["has_resistant"] & kept["has_susceptible"]
    kept["is_repeated"] = _is_repeated(kept)
    kept = kept.merge(flags, on=["patient", "start"])
    kept["risk_group"] = _risk_group(kept)
    for name in ("start", "end"):
        kept[f"{name}_date"] = pd.to_datetime(kept.pop(name), unit="D")
    unpublished = ["adherent", "known_days", "dosing_rank", "next_course", "switch"]
    unpublished += ["departure", "is_concurrent", "followup_ends"]
    unpublished += ["has_resistant", "has_susceptible", "has_refuting"]
    return kept.drop(columns=unpublished)


def _with_ends(kept, others, events) -> pd.DataFrame:
    starts = kept[["patient", "start"]].drop_duplicates()
    following = starts.groupby("patient")["start"].shift(-1)
    starts["next_course"] = following.fillna(rules.NEVER).astype("int64")
    index = kept.index
    kept = kept.merge(starts, on=["patient", "start"], how="left").set_index(index)
    kept["switch"] = first_from(kept, kept["start"], others, "start", after=True)
    leaving = events[events["event"].isin(rules.where("events", "ends_followup"))]
    kept["departure"] = first_from(kept, kept["start"], leaving, "event_date")
    kept["is_concurrent"] = _is_covered(kept, others)
    ends = kept[["next_course", "switch", "departure"]]
    kept["followup_ends"] = ends.min(axis=1)
    return kept


def _is_covered(kept, others) -> pd.Series:
    """Whether another drug's interval covers the start: the furthest end so far does."""
    others = others.sort_values(["start"])
    others["until"] = others.groupby("patient")["end"].cummax()
    left = kept[["patient", "start"]].reset_index().sort_values("start")
    found = pd.merge_asof(left, others, on="start", by="patient").set_index("course")
    return (found["until"] >= found["start"]).reindex(kept.index)


def _visit_days(kept, visits) -> pd.DataFrame:
    """Days of visits that belong to a course, each with its worst status (3).

    A visit belongs to the latest start before it: the next course ends the follow-up.
    """
    starts = kept[["patient", "start"]].drop_duplicates().sort_values("start")
    found = pd.merge_asof(
        visits.sort_values("date"),
        starts.assign(date=starts["start"]),
        on="date",
        by="patient",
        allow_exact_matches=False,
    ).dropna(subset="start")
    needed = ["patient", "start", "end", "followup_ends", "syndrome"]
    courses = kept[needed].rename(columns={"syndrome": "course_syndrome"}).reset_index()
    found = found.astype({"start": "int64"}).merge(courses, on=["patient", "start"])
    start, end = found["start"], found["end"]
    last_usable = np.minimum(start + P["followup_days"], end + P["after_course_days"])
    agrees = found["syndrome"].isna() | (found["course_syndrome"] == "unknown")
    agrees |= found["syndrome"].astype(object) == found["course_syndrome"]
    belongs = agrees & (found["date"] <= np.maximum(end, last_usable))
    found = found[belongs & (found["date"] <= found["followup_ends"])]
    days = found.groupby(["course", "date"], as_index=False)["rank"].max()
    of_course = kept[["start", "end"]].loc[days["course"]].set_index(days.index)
    days["day"] = days["date"] - of_course["start"]
    days["is_under_therapy"] = days["date"] <= of_course["end"]
    days["is_usable"] = (
        (days["day"] <= P["followup_days"])
        & (days["date"] <= of_course["end"] + P["after_course_days"])
        & ~(~days["is_under_therapy"] & (days["rank"] == NEW))
    )
    return days


def _outcomes(kept, usable, window_from) -> pd.DataFrame:
    """The deciding visit of each course and what it decides, for one rule (3)."""
    day, to = usable["day"], P["window_to"]
    found = pd.DataFrame(index=kept.index)
    inside = usable[(day >= window_from) & (day <= to)].groupby("course")["day"].max()
    later = usable[day > to].groupby("course")["day"].min()
    earlier = usable[day < window_from].groupby("course")["day"].max()
    in_time = inside.reindex(kept.index).fillna(later)
    found["deciding_day"] = in_time.fillna(earlier)
    ranks = usable.set_index(["course", "day"])["rank"]
    known = found["deciding_day"].dropna().astype("int64")
    at = pd.MultiIndex.from_arrays([known.index, known], names=["course", "day"])
    found["rank"] = pd.Series(ranks.reindex(at).to_numpy(), known.index)
    is_responding = found["rank"].isin(RESPONDING)
    decides = in_time.notna() | is_responding
    found = found.where(decides)
    found["outcome"] = np.where(is_responding, "responded", "failed")
    found["outcome"] = found["outcome"].where(found["rank"].notna(), None)
    found["deciding_status"] = found["rank"].map(STATUSES)
    found["failure_kind"] = found["rank"].map(KINDS)
    return found


def _classes(kept, found, as_of) -> pd.DataFrame:
    """The first row of the table of section 4 that applies, for one rule."""
    poor = kept["adherent"] < _exact(P["min_adherence"]) * kept["known_days"]
    set_aside = pd.Series(
        np.select(
            [
                kept["dosing"] == "inadequate",
                poor,
                kept["dosing"] == "unknown",
                kept["is_concurrent"],
            ],
            [
                "inadequate_dosing",
                "poor_adherence",
                "dosing_unknown",
                "concurrent_alternative",
            ],
            "",
        ),
        kept.index,
    )
    is_failed = found["outcome"] == "failed"
    start, end = kept["start"], kept["end"]
    decided = start + found["deciding_day"]
    early = start + P["switched_early_days"]
    last_usable = np.minimum(start + P["followup_days"], end + P["after_course_days"])
    last_usable = np.minimum(last_usable, kept["followup_ends"])
    rows = [
        (kept["has_resistant"], "laboratory"),
        (set_aside != "", set_aside),
        (found["outcome"] == "responded", ""),
        (is_failed & (decided > end + P["off_therapy_days"]), "after_therapy"),
        (
            is_failed & (kept["length_days"] < P["min_therapy_days"]),
            "therapy_too_short",
        ),
        (is_failed & kept["has_refuting"], "susceptible_isolate"),
        (is_failed & found["alternative"], "alternative_diagnosis"),
        (is_failed, found["failure_kind"].astype(object).fillna("")),
        (kept["switch"] <= early, "switched_early"),
        (kept["departure"] <= early, "died_or_left"),
        (as_of < last_usable, ""),
    ]
    cases, words = zip(*rows, strict=True)
    reason = pd.Series(np.select(cases, words, "no_followup"), kept.index, dtype=object)
    without = np.where(found["outcome"].notna(), "responded", "pending")
    classes = reason.map(CLASS_OF).fillna(pd.Series(without, kept.index))
    in_rate = classes.isin(["suspected", "refuted", "responded"])
    in_rate |= (classes == "confirmed") & (set_aside == "")
    return found.assign(
        reason=reason.where(reason != "", None), classification=classes, in_rate=in_rate
    )


def _exact(share: float) -> int:
    return round(share * rules.ADHERENCE_UNIT)


def _watch(kept, headline, days) -> pd.Series:
    """What needs a second look, for courses in no rate (4: watch)."""
    last = days[days["is_usable"]].groupby("course")["day"].idxmax()
    last = days.loc[last].set_index("course").reindex(kept.index)
    progresses = last["rank"].isin(PROGRESSIVE)
    responded = headline.loc[headline["classification"] == "responded", "deciding_day"]
    later = days[days["is_under_therapy"] & days["rank"].isin(PROGRESSIVE)]
    is_later = later["day"] > later["course"].map(responded)
    is_open = headline["classification"] == "pending"
    is_open |= headline["reason"] == "no_followup"
    is_early = last["day"].between(P["watch_from_day"], P["watch_to_day"])
    found = np.select(
        [
            is_open & progresses & is_early,
            (headline["reason"] == "switched_early") & progresses,
            kept.index.isin(later.loc[is_later, "course"]),
        ],
        ["progressing_early", "switched_while_progressing", "relapse_on_therapy"],
        "",
    )
    found = pd.Series(found, kept.index, dtype=object)
    return found.where(found != "", None)


def _is_repeated(kept) -> pd.Series:
    starts = kept[["patient", "start"]].reset_index()
    pairs = starts.merge(starts[["patient", "start"]], on="patient")
    ago = pairs["start_x"] - pairs["start_y"]
    counts = pairs[ago.between(0, P["history_days"])].groupby("course").size()
    return counts.reindex(kept.index) >= P["repeated_courses"]


def _risk_group(kept) -> np.ndarray:
    cases = [
        kept["is_hsct_allogeneic"],
        kept["is_aids"] & kept["is_prolonged"],
        kept["is_hiv"],
        kept["is_solid_organ_transplant"],
        kept["is_immunocompromised"],
        kept["is_immunocompetent"],
    ]
    return np.select(cases, RISK_GROUPS, "unknown")
