"""Monthly charts of every population: is anything changing, and in which months.

Knows `statistics.md` sections c (family 3) and d, and which charts there are; knows
nothing of files, SQL or wording.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from pipeline.statistics import cusum
from pipeline.statistics.baselines import Baseline
from pipeline.statistics.learnt import UNKNOWN, Share

COLUMNS = (
    *("population", "definition", "chart", "baseline_id", "month", "n", "k"),
    *("state", "p0", "cusum", "limit", "is_alarm", "excursion_start"),
    *("p_month", "is_jump", "status", "run_length_target", "run_length", "n_charts"),
)
"""The columns of `charts`, in order."""

AGAINST_BASELINE, AGAINST_HISTORY = "baseline", "history"
"""What a chart is set against: charts A and B of section d."""

WATCHED, HISTORY, IMMATURE = "watched", "history", "immature"
"""What a month is to a chart; only a month watched has a value."""

SET, NO_PATIENTS, HISTORY_TOO_SHORT = "set", "no_patients", "history_too_short"
"""Whether a chart has a limit, and if not, why."""


@dataclass(frozen=True)
class _Rules:
    odds_ratio: float
    run_length: float
    run_length_per_chart: float
    history_months: int
    jump_level: float
    k_min: int
    n_floor: int
    prior_patients: float

    @classmethod
    def of(cls, parameters: Mapping[str, Any]) -> "_Rules":
        return cls(
            odds_ratio=float(parameters["or_margin"]),
            run_length=float(parameters["chart_run_length_months"]),
            run_length_per_chart=float(parameters["chart_run_length_per_chart"]),
            history_months=int(parameters["chart_history_months"]),
            jump_level=float(parameters["month_jump_level"]),
            k_min=int(parameters["k_min_above"]),
            n_floor=int(parameters["n_floor"]),
            prior_patients=float(parameters["prior_patients"]),
        )


@dataclass
class _Chart:
    key: tuple[str, str, str, str]
    months: pd.DataFrame
    status: str = SET
    p0: Share = UNKNOWN
    is_watched: Any = None


def charts(
    monthly: pd.DataFrame,
    baselines: Sequence[Baseline],
    parameters: Mapping[str, Any],
) -> pd.DataFrame:
    """Every chart with its months: one row a chart and calendar month, `COLUMNS`.

    ``monthly`` has population, definition, month (its first day), n, k and is_mature; a
    month without a row is one without a patient. Every population and definition has a
    chart against each of its baselines (p0 is U) and one against its own history, the
    first ``chart_history_months`` mature months. The limit is solved for a run length
    that grows with the number of charts set: at most one false alarm a year is expected
    over all of them. That the share of the own history is an estimate is counted, in the
    limit as in ``p_month``: a departure from section d, which takes it as known and so
    states fewer false alarms than there are (`docs/validation.md`). A chart that cannot
    be set keeps its rows and says why in ``status``.
    """
    rules = _Rules.of(parameters)
    drawn = [
        chart
        for (population, definition), months in _complete(monthly)
        for chart in _charts_of(population, definition, months, baselines, rules)
    ]
    n_charts = sum(chart.status == SET for chart in drawn)
    target = max(rules.run_length, rules.run_length_per_chart * n_charts)
    frames = [_rows(chart, target, n_charts, rules) for chart in drawn]
    if not frames:
        return pd.DataFrame(columns=list(COLUMNS))
    return pd.concat(frames, ignore_index=True)[list(COLUMNS)]


def calls_for_action(found: pd.DataFrame, since: date) -> list[str]:
    """A line for every month from ``since`` on that calls for action (section b 11).

    An alarm against the own history, under either definition; one against a baseline, or
    the exact test of a month, for ``confirmed``. A line names codes and a month, no count.
    """
    is_confirmed = found["definition"] == "confirmed"
    is_history = found["chart"] == AGAINST_HISTORY
    is_alarm = found["is_alarm"] & (is_confirmed | is_history)
    is_jump = found["is_jump"] & is_confirmed
    is_recent = pd.to_datetime(found["month"]) >= pd.Timestamp(since)
    lines = []
    for row in found[(is_alarm | is_jump) & is_recent].to_dict("records"):
        what = "CUSUM over its limit" if row["is_alarm"] else "one month above"
        lines.append(
            f"{row['population']}, {row['definition']}: {what}, against "
            f"{row['baseline_id'] or 'its own history'}, {row['month']:%Y-%m}"
        )
    return lines


def _complete(monthly: pd.DataFrame):
    if monthly.empty:
        return
    counted = monthly.assign(month=pd.to_datetime(monthly["month"]))
    span = pd.date_range(counted["month"].min(), counted["month"].max(), freq="MS")
    is_mature = counted["is_mature"].astype(bool)
    last_mature = counted[is_mature].groupby("definition")["month"].max()
    keys = ["population", "definition"]
    for (population, definition), rows in counted.groupby(keys, sort=False):
        counts = rows.set_index("month")[["n", "k"]].reindex(span, fill_value=0)
        months = counts.astype("int64").rename_axis("month").reset_index()
        last = last_mature.get(definition, pd.NaT)
        months["is_mature"] = months["month"] <= last  # false beside a missing date
        yield (population, definition), months


def _charts_of(population, definition, months, baselines, rules):
    judged = [
        each
        for each in baselines
        if each.population == population and each.kind != "share"
    ]
    is_mature = months["is_mature"].to_numpy()
    has_patients = bool(months.loc[is_mature, "n"].sum())
    for baseline in judged:
        key = (population, definition, AGAINST_BASELINE, baseline.id)
        status = SET if has_patients else NO_PATIENTS
        yield _Chart(key, months, status, Share(baseline.upper), is_mature)
    key = (population, definition, AGAINST_HISTORY, "")
    yield _against_history(_Chart(key, months, is_watched=is_mature), judged, rules)


def _against_history(chart: _Chart, judged, rules: _Rules) -> _Chart:
    months, is_mature = chart.months, chart.months["is_mature"].to_numpy()
    is_history = is_mature & (np.cumsum(is_mature) <= rules.history_months)
    n, k = (int(months.loc[is_history, name].sum()) for name in ("n", "k"))
    chart.is_watched = is_mature & ~is_history
    if not months.loc[is_mature, "n"].sum():
        chart.status = NO_PATIENTS
    elif not chart.is_watched.any() or (not judged and n < rules.n_floor):
        chart.status = HISTORY_TOO_SHORT
    elif judged:
        # the lowest of its published rates: the own history is not excused by the higher
        nominal = min(each.high for each in judged)
        prior = rules.prior_patients
        chart.p0 = Share((k + prior * nominal) / (n + prior), n + prior)
    else:
        chart.p0 = Share((k + 0.5) / (n + 1), n + 1)
    return chart


def _rows(chart: _Chart, target: float, n_charts: int, rules: _Rules) -> pd.DataFrame:
    rows = chart.months.assign(
        **dict(
            zip(
                ("population", "definition", "chart", "baseline_id"),
                chart.key,
                strict=True,
            )
        ),
        state=np.select(
            [chart.is_watched, chart.months["is_mature"]], [WATCHED, HISTORY], IMMATURE
        ),
        p0=chart.p0.value,
        status=chart.status,
        run_length_target=target,
        n_charts=n_charts,
    )
    for name in ("cusum", "limit", "p_month", "run_length"):
        rows[name] = np.nan
    rows["is_alarm"], rows["is_jump"] = False, False
    rows["excursion_start"] = pd.NaT
    if chart.status == SET:
        _add_values(rows, chart, target, rules)
    return rows


def _add_values(
    rows: pd.DataFrame, chart: _Chart, target: float, rules: _Rules
) -> None:
    is_mature = rows["is_mature"].to_numpy()
    sizes = rows.loc[is_mature, "n"].tolist()
    p0, odds_ratio = chart.p0, rules.odds_ratio
    design = cusum.Design.of(p0.value, odds_ratio, sizes, p0.patients)
    limit = cusum.limit_for(design, target)
    watched = chart.is_watched
    n, k = rows.loc[watched, "n"].to_numpy(), rows.loc[watched, "k"].to_numpy()
    steps = cusum.weights(k, n, p0.value, odds_ratio)
    values = np.array(cusum.values(steps, limit.value))
    rows["limit"], rows["run_length"] = limit.value, limit.run_length
    rows.loc[watched, "cusum"] = values
    rows.loc[watched, "is_alarm"] = values > limit.value
    p_month = np.where(n > 0, p0.at_least(k, n), np.nan)
    rows.loc[watched, "p_month"] = p_month
    rows.loc[watched, "is_jump"] = (p_month <= rules.jump_level) & (k >= rules.k_min)
    months = rows.loc[watched, "month"].to_numpy()
    rows.loc[watched, "excursion_start"] = _starts(months, values, limit.value)


def _starts(months: np.ndarray, values: np.ndarray, limit: float) -> np.ndarray:
    """The month in which the rise began that each value belongs to; NaT at 0."""
    before = np.concatenate([[0.0], values[:-1]])
    is_first = (values > 0) & ((before == 0) | (before > limit))
    first = np.maximum.accumulate(np.where(is_first, np.arange(len(values)), 0))
    return np.where(values > 0, months[first], np.datetime64("NaT"))
