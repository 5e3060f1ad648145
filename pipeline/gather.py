"""Findings gathered from the engine's tables: counts, estimates and lists leave it here.

Knows the names of the tables; knows nothing of wording or files. Only the five lists of
criteria 9 hold rows of people.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from pipeline import models, seeds
from pipeline.findings import Comparison, Findings
from pipeline.person_level import Window
from pipeline.statistics import rates
from pipeline.statistics.variations import judge as judge_variations

NOT_RULED_OUT = {
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
    "stays_off_class": STAY_OFF,
}
"""The next steps in the order in which they are due (criteria 9)."""

FOLLOW_UP = "follow_up_until_healed"
"""The next step where all others are done."""


_KEY = ["population", "definition", "rule", "unit", "syndrome", "window_kind"]


def gather(
    engine,
    reception,
    *,
    as_of: date,
    parameters: Mapping[str, Any],
    counted: Sequence[Window],
    comparison: Comparison,
    varied: pd.DataFrame | None,
    about: Mapping[str, Any],
) -> Findings:
    """Everything that a report says, from the tables that `person_level.classify` made.

    ``reception`` is what `extracts.receive` returned, ``comparison`` what
    `changes.compare` did, ``varied`` what `variations.count` did, if it was asked;
    ``about`` holds run, version, engine, last_dates, previous_run, versions and
    parameter_table.
    """
    rolling, year = (_window(counted, kind) for kind in ("rolling", "year"))
    return Findings(
        as_of=as_of,
        rolling_start=rolling.start,
        rolling_end=rolling.end,
        year_start=year.start,
        year_end=year.end,
        history_from=_history_from(engine, parameters["history_days"]),
        rates=_judged(
            estimates(engine, as_of, parameters, (rolling, year)), reception.flow
        ),
        monthly=engine.frame(
            "select * from monthly_counts order by population, definition, month"
        ),
        adherence_split=engine.frame(
            "select * from adherence_split order by population, adherence_known"
        ),
        extract_flow=_extract_flow(reception.flow),
        course_flow=engine.frame("select * from course_flow order by term"),
        patient_flow=_long(engine.frame("select * from patient_flow")),
        laboratory_flow=engine.frame("select * from laboratory_flow order by term"),
        reasons=engine.frame("select * from reasons order by classification, reason"),
        completeness=reception.completeness,
        quarantine_rules=reception.quarantine_rules,
        turnaround=_turnaround(engine),
        silent_sites=engine.frame("select * from silent_sites order by site_id"),
        line_list=_line_list(engine, about["previous_run"]),
        timelines=engine.frame(
            "select * from timelines "
            "order by place, lane, day_from, day_to, label, state"
        ),
        watch_list=_listed(engine, "watch_list"),
        explained_failures=_listed(engine, "explained_failures"),
        breakthrough=_listed(engine, "breakthrough_list"),
        unattached=_listed(engine, "unattached_results"),
        counts=_counts(engine, reception),
        parameters=about["parameter_table"],
        baselines=seeds.read("baselines"),
        sources=seeds.read("sources"),
        models=_model_headers(),
        inputs=pd.DataFrame(
            [
                (file.label, file.extract, file.bytes, file.sha256, file.rows)
                for file in reception.inputs
            ],
            columns=["label", "extract", "bytes", "sha256", "rows"],
        ),
        absent_extracts=tuple(reception.absent),
        notes=tuple(reception.notes),
        comparison=comparison,
        variations=_variations(varied, parameters),
        last_dates=about["last_dates"],
        run=about["run"],
        version=about["version"],
        engine=about["engine"],
        previous_run=about["previous_run"],
        versions=about["versions"],
    )


def estimates(
    engine, as_of: date, parameters: Mapping[str, Any], shown: Sequence[Window]
) -> pd.DataFrame:
    """The rates of `statistics.md` section j, with a row of zeros for every empty key."""
    counts = engine.frame("select * from rate_counts")
    spans = pd.DataFrame(
        [(window.kind, window.start, window.end) for window in shown],
        columns=["window_kind", "window_start", "window_end"],
    )
    keys = pd.DataFrame(
        product(
            seeds.read("populations")["population"],
            ("case", "confirmed"),
            ("headline", "strict"),
            ("patient", "course"),
            ("hsv", "zoster"),
            spans["window_kind"],
        ),
        columns=_KEY,
    )
    complete = keys.merge(counts, on=_KEY, how="left").merge(spans, on="window_kind")
    numbers = [name for name in complete if name not in {*_KEY, *spans.columns}]
    complete[numbers] = complete[numbers].fillna(0).astype("int64")
    complete["is_provisional"] = complete["window_kind"] == "rolling"
    return rates.estimate(
        complete,
        rates.read_baselines(seeds.read("baselines"), parameters),
        parameters,
        as_of,
    )


def _variations(
    varied: pd.DataFrame | None, parameters: Mapping[str, Any]
) -> pd.DataFrame | None:
    if varied is None:
        return None
    baselines = rates.read_baselines(seeds.read("baselines"), parameters)
    judged = judge_variations(varied, baselines, parameters)
    labels = seeds.read("variations").set_index("variation")["label"]
    return judged.assign(label=judged["variation"].map(labels))


def _judged(found: pd.DataFrame, flow: pd.DataFrame) -> pd.DataFrame:
    """Without an accepted follow-up only confirmed courses count: nothing is judged."""
    seen = flow[(flow["extract"] == "followups") & (flow["term"] == "accepted")]
    return found if seen["n"].sum() else rates.without_verdicts(found, "no_followups")


def _window(counted: Sequence[Window], kind: str) -> Window:
    return next(window for window in counted if window.kind == kind)


def _history_from(engine, history_days: int) -> date | None:
    [(first,)] = engine.rows("select min(start_date) from prescriptions")
    return None if first is None else first + timedelta(days=history_days)


def _extract_flow(flow: pd.DataFrame) -> pd.DataFrame:
    return flow.groupby(["extract", "term"], sort=False, as_index=False)["n"].sum()


def _long(patient_flow: pd.DataFrame) -> pd.DataFrame:
    return patient_flow.melt(id_vars="syndrome", var_name="term", value_name="n")


def _turnaround(engine) -> pd.DataFrame:
    histogram = engine.frame(
        "select step, days, count(*) as n from turnaround "
        "group by step, days order by step, days"
    )
    rows = []
    for step in ("flag_to_specimen", "specimen_to_result", "flag_to_alternative"):
        taken = histogram[histogram["step"] == step]
        known = taken.dropna(subset="days")
        days = np.repeat(known["days"].to_numpy(), known["n"].to_numpy())
        median, ninth = (
            (float(np.median(days)), float(np.quantile(days, 0.9)))
            if len(days)
            else (None, None)
        )
        without = int(taken["n"].sum()) - len(days)
        rows.append((step, len(days), median, ninth, without))
    return pd.DataFrame(
        rows, columns=["step", "n", "median_days", "p90_days", "n_without"]
    )


def _listed(engine, table: str) -> pd.DataFrame:
    frame = engine.frame(f"select * from {table} order by place")
    return frame.drop(columns="place")


def _line_list(engine, previous_run: str | None) -> pd.DataFrame:
    rows = _listed(engine, "line_list")
    rows["not_ruled_out"] = _codes(rows, NOT_RULED_OUT)
    steps = _codes(rows, STEPS)
    steps = [due if set(due) - {STAY_OFF} else [FOLLOW_UP, *due] for due in steps]
    rows["next_step"] = [due[0] for due in steps]
    rows["further_steps"] = [due[1:] for due in steps]
    if previous_run is None:
        rows["is_new"] = None
    return rows.drop(columns=[*NOT_RULED_OUT, *STEPS])


def _codes(rows: pd.DataFrame, words: Mapping[str, str]) -> list[list[str]]:
    flags = rows[list(words)].fillna(False).to_numpy(dtype=bool)
    names = list(words.values())
    return [
        [name for name, is_set in zip(names, row, strict=True) if is_set]
        for row in flags
    ]


def _counts(engine, reception) -> dict[str, int]:
    counts = {
        "n_line_list_closed": """
            select count(*) from courses inner join followed_courses
            on courses.course_key = followed_courses.course_key
            where courses.classification in ('suspected', 'confirmed') and is_closed""",
        "n_explained_closed": """
            select count(*) from courses inner join followed_courses
            on courses.course_key = followed_courses.course_key
            where courses.outcome = 'failed' and is_closed and courses.classification
            in ('excluded', 'refuted', 'not_evaluable')""",
        "n_watch_closed": """
            select count(*) from courses inner join followed_courses
            on courses.course_key = followed_courses.course_key
            where courses.watch is not null and is_closed""",
        "n_breakthrough_closed": """
            select (select count(*) from breakthroughs)
            - (select count(*) from breakthrough_list)""",
        "n_unlinked_followups": """
            select count(*) from visits where patient_key not in
            (select patient_key from prescriptions)""",
        "n_without_birth_year": """
            select count(distinct courses.patient_key) from courses inner join patients
            on courses.patient_key = patients.patient_key where birth_year is null""",
        "n_within_other_guidance": """
            select count(*) from explained_failures where is_within_other_guidance""",
        "n_deaths": "select count(*) from events where event = 'death'",
        "n_courses": "select count(*) from courses",
        "n_patients": "select count(distinct patient_key) from courses",
        "n_unknown_syndrome": "select count(*) from courses where syndrome = 'unknown'",
        "n_cases_unknown_adherence": """
            select count(*) from courses
            where classification = 'suspected' and adherence is null""",
        "n_genotyped": "select n_genotyped from genotyped_courses",
        "n_ul23_mutation": "select n_ul23_mutation from genotyped_courses",
        "n_unknown_immune_status": """
            select count(*) from courses where risk_group = 'unknown'""",
    }
    found = {name: int(engine.rows(sql)[0][0]) for name, sql in counts.items()}
    return found | {"n_quarantined_resistant": int(reception.n_quarantined_resistant)}


def _model_headers() -> pd.DataFrame:
    return pd.DataFrame(
        [
            (model.name, model.what, model.grain, model.units, model.source)
            for model in models.read_all()
        ],
        columns=["model", "what", "grain", "units", "source"],
    )
