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

from pipeline import lists, models, seeds
from pipeline.findings import Comparison, Findings
from pipeline.monitoring import monitored
from pipeline.person_level import Window
from pipeline.statistics import ascertainment, rates
from pipeline.statistics.variations import judge as judge_variations

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
    baselines = rates.read_baselines(seeds.read("baselines"), parameters)
    is_judged = _has_followups(reception.flow)
    found = estimates(engine, as_of, parameters, (rolling, year))
    if not is_judged:  # only confirmed courses count
        found = rates.without_verdicts(found, "no_followups")
    monthly = engine.frame(
        "select * from monthly_counts order by population, definition, month"
    )
    monitoring = monitored(
        engine,
        monthly,
        rolling,
        baselines,
        parameters,
        is_judged=is_judged,
        is_under_tested=_is_under_tested(found, rolling),
    )
    return Findings(
        as_of=as_of,
        rolling_start=rolling.start,
        rolling_end=rolling.end,
        year_start=year.start,
        year_end=year.end,
        history_from=_history_from(engine, parameters["history_days"]),
        rates=found,
        monthly=monthly,
        monitoring=monitoring,
        posteriors=ascertainment.posteriors(found, baselines, parameters),
        calls_for_action=(
            *rates.calls_for_action(found),
            *monitoring.calls_for_action,
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
        **lists.of_patients(engine, about["previous_run"]),
        **lists.of_indicators(engine),
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
    spans = pd.DataFrame(
        [(window.kind, window.start, window.end) for window in shown],
        columns=["window_kind", "window_start", "window_end"],
    )
    keys = pd.DataFrame(
        product(
            seeds.read("populations")["population"],
            ("case", "confirmed"),
            ("headline", "strict"),
            ("patient", "patient_first", "course"),
            ("hsv", "zoster"),
            spans["window_kind"],
        ),
        columns=_KEY,
    )
    baselines = rates.read_baselines(seeds.read("baselines"), parameters)
    given = baselines, parameters, as_of
    counted = _complete(keys, engine.frame("select * from rate_counts"), spans)
    found = rates.estimate(counted, *given)
    counts = engine.frame("select * from ppv_counts").drop(columns="definition")
    is_same = [name for name in _KEY if name in counts]
    adjusted = _complete(keys[is_same].drop_duplicates(), counts, spans)
    adjusted = adjusted.drop_duplicates([*is_same[:2], "window_start", "window_end"])
    return pd.concat(
        [found, ascertainment.ppv_adjusted(adjusted, *given)], ignore_index=True
    )


def _complete(
    keys: pd.DataFrame, counts: pd.DataFrame, spans: pd.DataFrame
) -> pd.DataFrame:
    named = [*keys.columns]
    complete = keys.merge(counts, on=named, how="left").merge(spans, on="window_kind")
    numbers = [name for name in complete if name not in {*named, *spans.columns}]
    complete[numbers] = complete[numbers].fillna(0).astype("int64")
    complete["is_provisional"] = complete["window_kind"] == "rolling"
    return complete


def _variations(
    varied: pd.DataFrame | None, parameters: Mapping[str, Any]
) -> pd.DataFrame | None:
    if varied is None:
        return None
    baselines = rates.read_baselines(seeds.read("baselines"), parameters)
    judged = judge_variations(varied, baselines, parameters)
    labels = seeds.read("variations").set_index("variation")["label"]
    return judged.assign(label=judged["variation"].map(labels))


def _is_under_tested(found: pd.DataFrame, rolling: Window) -> bool:
    floor = found[
        (found["population"] == "all")
        & (found["definition"] == "confirmed")
        & (found["rule"] == "headline")
        & (found["unit"] == "patient")
        & (found["syndrome"] == "hsv")
        & (found["window_end"] == rolling.end)
    ]
    return any("under_tested" in flags for flags in floor["flags"])


def _has_followups(flow: pd.DataFrame) -> bool:
    seen = flow[(flow["extract"] == "followups") & (flow["term"] == "accepted")]
    return bool(seen["n"].sum())


def _window(counted: Sequence[Window], kind: str) -> Window:
    return next(window for window in counted if window.kind == kind)


def _history_from(engine, history_days: int) -> date | None:
    [(first,)] = engine.rows("select min(first_start_date) from delivery_counts")
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


_NOTED = (
    "n_courses",
    "n_patients",
    "n_without_birth_year",
    "n_unknown_syndrome",
    "n_unknown_immune_status",
    "n_cases_unknown_adherence",
    "n_line_list_closed",
    "n_explained_closed",
    "n_watch_closed",
)
"""The columns of ``course_notes``, a row a part."""


def _counts(engine, reception) -> dict[str, int]:
    sums = ", ".join(f"sum({name})" for name in _NOTED)
    [noted] = engine.rows(f"select {sums} from course_notes")
    counts = {
        "n_breakthrough_closed": """
            select (select count(*) from breakthroughs)
            - (select count(*) from breakthrough_list)""",
        "n_unlinked_followups": """
            select sum(n_unlinked_followups) from delivery_counts""",
        "n_within_other_guidance": """
            select count(*) from explained_failures where is_within_other_guidance""",
        "n_deaths": "select sum(n_deaths) from delivery_counts",
        "n_genotyped": "select n_genotyped from genotyped_courses",
        "n_ul23_mutation": "select n_ul23_mutation from genotyped_courses",
    }
    found = {name: engine.rows(sql)[0][0] for name, sql in counts.items()}
    found |= dict(zip(_NOTED, noted, strict=True))
    found["n_quarantined_resistant"] = reception.n_quarantined_resistant
    return {name: int(n) for name, n in found.items()}


def _model_headers() -> pd.DataFrame:
    return pd.DataFrame(
        [
            (model.name, model.what, model.grain, model.units, model.source)
            for model in models.read_all()
        ],
        columns=["model", "what", "grain", "units", "source"],
    )
