"""What the months and the sites show: monthly charts, trends, clusters, funnels, ratios.

Knows the names of the engine's tables and which estimates are made of each; knows nothing
of wording or files. Rows of people are the courses behind an alarm or a cluster alone.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from pipeline.findings import Monitoring
from pipeline.person_level import Window
from pipeline.statistics import clusters, signals, sites, trends, verdicts
from pipeline.statistics.baselines import Baseline

_OF_COURSES = """
        courses.course_key,
        courses.patient_id,
        courses.site_id,
        courses.start_date,
        courses.drugs,
        courses.classification,
        courses.risk_group,
        followed_courses.flag_date
    from population_cases
    inner join courses on population_cases.course_key = courses.course_key
    inner join followed_courses
        on population_cases.course_key = followed_courses.course_key
"""
_FLAGGED = f"""
    select {_OF_COURSES}
    where population = 'all' and flag_date between $first and $last
    order by courses.course_key
"""
_BEHIND = f"""
    select alarm_spans.*, {_OF_COURSES}
    inner join alarm_spans
        on
            population_cases.population = alarm_spans.population
            and courses.start_date between alarm_spans.first and alarm_spans.last
    where
        case
            when alarm_spans.definition = 'confirmed'
                then population_cases.is_lab_mature_confirmed
            else population_cases.is_mature
        end
    order by alarm_spans.place, courses.course_key
"""
_CHART = ("population", "definition", "chart", "baseline_id")
_SHOWN = ["patient_id", "site_id", "start_date", "drugs", "classification"]
_SHOWN += ["risk_group", "flag_date"]


def monitored(
    engine,
    monthly: pd.DataFrame,
    rolling: Window,
    baselines: Sequence[Baseline],
    parameters: Mapping[str, Any],
    *,
    is_judged: bool,
    is_under_tested: bool,
) -> Monitoring:
    """The frames of `findings.Monitoring`, with what of them calls for action.

    ``is_under_tested``: too few failures of all patients were tested for the confirmed
    cases to reassure. ``monthly`` is the table ``monthly_counts``; where nothing can be
    judged (no follow-up is usable, so that only confirmed courses count) every frame is
    empty. Courses are gathered behind the alarms of the rolling window; those behind an
    earlier one are in courses.parquet.
    """
    counts = engine.frame(
        # the order in which sums are made is in their last digit
        "select * from site_counts order by site_id, population, definition, risk_group"
    )
    counts = counts if is_judged else counts[:0]
    monthly = monthly if is_judged else monthly[:0]
    charts = _steady(signals.charts(monthly, baselines, parameters))
    cases = engine.frame(_FLAGGED, {"first": rolling.start, "last": rolling.end})
    cases = cases if is_judged else cases[:0]
    found = _clusters(cases, counts, rolling, parameters)
    return Monitoring(
        charts=charts,
        trends=_steady(trends.trends(monthly, parameters)),
        alarm_courses=_behind(engine, _recent_alarms(charts, rolling.start)),
        **found,
        funnel=_steady(sites.funnel(_by_site(counts), baselines, parameters)),
        observed_expected=_steady(
            _capped(
                sites.observed_expected(
                    _of_all(counts).sort_values(
                        ["definition", "site_id", "risk_group"]
                    ),
                    baselines,
                    parameters,
                ),
                is_under_tested,
            )
        ),
        n_without_site=_without_site(counts),
        calls_for_action=(
            *signals.calls_for_action(charts, rolling.start),
            *clusters.calls_for_action(found["clusters"]),
        ),
    )


def _capped(found: pd.DataFrame, is_under_tested: bool) -> pd.DataFrame:
    """An untested failure is not a susceptible one: such a floor cannot reassure."""
    is_floor = found["definition"] == "confirmed"
    reassures = found["verdict"].isin([verdicts.CONSISTENT, verdicts.BELOW])
    word = found["verdict"].mask(
        is_floor & reassures & is_under_tested, verdicts.INCONCLUSIVE
    )
    return found.assign(verdict=word)


def _steady(found: pd.DataFrame) -> pd.DataFrame:
    """The frame with ten significant digits: linear algebra gives the last ones as the
    memory happens to lie, and the same run must give the same bytes."""
    numbers = found.select_dtypes("float").columns
    rounded = {name: found[name].map(lambda x: float(f"{x:.10g}")) for name in numbers}
    return found.assign(**rounded)


def _by_site(counts: pd.DataFrame) -> pd.DataFrame:
    keys = ["population", "definition", "site_id"]
    return counts.groupby(keys, as_index=False)[["n", "k"]].sum()


def _of_all(counts: pd.DataFrame) -> pd.DataFrame:
    """Everybody once: only there do risk groups share no patient."""
    return counts[counts["population"] == "all"]


def _without_site(counts: pd.DataFrame) -> int:
    of_all = _of_all(counts)
    is_counted = (of_all["definition"] == "case") & of_all["site_id"].isna()
    return int(of_all.loc[is_counted, "n"].sum())


def _recent_alarms(charts: pd.DataFrame, since: date) -> pd.DataFrame:
    is_recent = pd.to_datetime(charts["month"]) >= pd.Timestamp(since)
    is_raised = charts["is_alarm"].astype(bool) | charts["is_jump"].astype(bool)
    return charts[is_raised & is_recent]


def _behind(engine, alarms: pd.DataFrame) -> pd.DataFrame:
    """The cases behind the alarms, once a course, population, definition and chart."""
    spans = alarms[list(_CHART)].assign(
        place=range(len(alarms)),
        first=alarms["excursion_start"].where(
            alarms["is_alarm"].astype(bool), alarms["month"]
        ),
        last=alarms["month"] + pd.offsets.MonthEnd(0),
    )
    columns = [*_CHART, *_SHOWN]
    if spans.empty:
        return pd.DataFrame(columns=columns)
    engine.load("alarm_spans", spans.astype({"first": spans["last"].dtype}))
    found = engine.frame(_BEHIND)
    found = found.drop_duplicates([*_CHART, "course_key"])
    return found[columns].reset_index(drop=True)


def _clusters(
    cases: pd.DataFrame,
    counts: pd.DataFrame,
    rolling: Window,
    parameters: Mapping[str, Any],
) -> dict[str, Any]:
    sited = cases[cases["site_id"].notna()]
    n_days = (rolling.end - rolling.start).days + 1
    # the evaluable are those who began early enough to be mature
    counted = max(1, n_days - int(parameters["maturity_days"]))
    of_all = _of_all(counts)
    of_cases = of_all[of_all["definition"] == "case"]
    expected = clusters.at_network_rate(of_cases, n_days / counted)
    found = _steady(
        clusters.clusters(sited, expected.assign(n_days=n_days), parameters)
    )
    to_review = found.loc[found["finding"] == clusters.REVIEW, "cluster"]
    members = clusters.members(sited, parameters)
    members = members[members["cluster"].isin(to_review)]
    return {
        "clusters": found,
        "cluster_courses": members[["cluster", *_SHOWN]].reset_index(drop=True),
        "n_cases_without_site": len(cases) - len(sited),
    }
