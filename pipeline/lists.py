"""The lists of criteria 9 and the indicators of criteria 8, as frames.

Knows their tables in the engine; knows nothing of wording. Rows of people leave here.
"""

from collections.abc import Mapping

import pandas as pd

from pipeline import seeds

NOT_RULED_OUT = {
    "is_dosing_unknown": "dosing_unknown",
    "is_adherence_unknown": "adherence_unknown",
    "is_immune_status_unknown": "immune_status_unknown",
    "is_hsv_unproven": "hsv_not_laboratory_proven",
    "has_two_negative_tests": "two_negative_hsv_tests",
}
"""What the line list's columns leave open (criteria 9)."""

STAY_OFF = "keep_off_the_class"
"""What holds of every confirmed course beside its next step."""

STEPS = {
    "needs_culture": "culture_and_susceptibility",
    "needs_id_consult": "id_consult",
    "needs_stop": "stop_and_do_not_switch_within_class",
    "needs_trifluridine": "trifluridine_if_accessible",
    "needs_foscarnet": "foscarnet",
    "needs_cidofovir": "cidofovir",
    "awaits_result": "await_result",
    "may_need_foscarnet": "foscarnet_if_confirmed",
    "needs_review": "review_therapy",
    "needs_last_look": "last_look",
    "stays_off_class": STAY_OFF,
}
"""The next steps in the order in which they are due (criteria 9)."""

FOLLOW_UP = "follow_up_until_healed"
"""The next step where all others are done: a drug of another class is being given."""


def of_patients(engine, previous_run: str | None) -> dict[str, pd.DataFrame]:
    """The five lists of criteria 9 by their names in `Findings`, and their timelines.

    Nothing is new or newly confirmed on the line list where there is no ``previous_run``.
    """
    return {
        "line_list": _line_list(engine, previous_run),
        "timelines": engine.frame(
            "select * from timelines "
            "order by place, lane, day_from, day_to, label, state"
        ),
        "watch_list": _listed(engine, "watch_list"),
        "explained_failures": _listed(engine, "explained_failures"),
        "breakthrough": _listed(engine, "breakthrough_list"),
        "unattached": _listed(engine, "unattached_results"),
    }


def of_indicators(engine) -> dict[str, pd.DataFrame]:
    """The counts of the indicators, their details and what was missed, likewise."""
    return {
        "indicators": _indicators(engine),
        "indicator_details": engine.frame(
            "select * from indicator_details order by indicator, state, detail"
        ),
        "missed": _missed(engine),
    }


def _listed(engine, table: str) -> pd.DataFrame:
    frame = engine.frame(f"select * from {table} order by place")
    return frame.drop(columns="place")


def _indicators(engine) -> pd.DataFrame:
    counts = engine.frame("select * from indicator_counts").drop(columns="place")
    return seeds.read("indicators").merge(counts, on="indicator", validate="1:1")


def _missed(engine) -> pd.DataFrame:
    rows = _listed(engine, "missed_indicators")
    subject = ["patient_id", "start_date", "course_key", "prescription_key"]
    numbers = rows.groupby(subject, sort=False, dropna=False).ngroup()
    named: list[list[str]] = [[] for _ in range(numbers.nunique())]
    for number, indicator in zip(numbers, rows["indicator"], strict=True):
        named[number].append(indicator)
    one = rows.drop_duplicates(subject).assign(missed_indicators=named)
    unshown = ["course_key", "prescription_key", "indicator", "due_date", "detail"]
    return one.drop(columns=unshown).reset_index(drop=True)


def _of_courses(engine, state: str) -> dict[int, list[str]]:
    """The indicators in a state, in their order, by course on the line list."""
    found: dict[int, list[str]] = {}
    for course_key, indicator in engine.rows(
        """select indicators.course_key, indicators.indicator from indicators
        inner join line_list on indicators.course_key = line_list.course_key
        inner join seed_indicators
        on indicators.indicator = seed_indicators.indicator
        where indicators.state = $state
        order by indicators.course_key, cast(seed_indicators.place as integer)""",
        {"state": state},
    ):
        found.setdefault(course_key, []).append(indicator)
    return found


def _line_list(engine, previous_run: str | None) -> pd.DataFrame:
    rows = _listed(engine, "line_list")
    for state in ("missed", "open"):
        named = _of_courses(engine, state)
        rows[f"{state}_indicators"] = [named.get(key, []) for key in rows["course_key"]]
    rows["not_ruled_out"] = _codes(rows, NOT_RULED_OUT)
    steps = _codes(rows, STEPS)
    steps = [due if set(due) - {STAY_OFF} else [FOLLOW_UP, *due] for due in steps]
    rows["next_step"] = [due[0] for due in steps]
    rows["further_steps"] = [due[1:] for due in steps]
    if previous_run is None:
        rows[["is_new", "is_newly_confirmed"]] = None
    return rows.drop(columns=["course_key", *NOT_RULED_OUT, *STEPS])


def _codes(rows: pd.DataFrame, words: Mapping[str, str]) -> list[list[str]]:
    flags = rows[list(words)].fillna(False).to_numpy(dtype=bool)
    names = list(words.values())
    return [
        [name for name, is_set in zip(names, row, strict=True) if is_set]
        for row in flags
    ]
