"""Monthly charts of every population: is anything changing, and in which months.

Knows `statistics.md` sections c (family 3) and d, and which charts there are; knows
nothing of files, SQL or wording.
"""

from collections.abc import Iterator, Mapping, Sequence
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


@dataclass(frozen=True)
class _Months:
    """Calendar months without a gap: the first day of each, and what it holds."""

    first_day: np.ndarray
    n: np.ndarray
    k: np.ndarray
    is_mature: np.ndarray

    @property
    def has_patients(self) -> bool:
        return bool(self.n[self.is_mature].sum())


@dataclass
class _Chart:
    key: tuple[str, str, str, str]
    months: _Months
    is_watched: np.ndarray
    status: str = SET
    p0: Share = UNKNOWN


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
    parts = [_columns(chart, target, n_charts, rules) for chart in drawn]
    if not parts:
        return pd.DataFrame(columns=list(COLUMNS))
    return pd.DataFrame(
        {name: np.concatenate([part[name] for part in parts]) for name in COLUMNS}
    )


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


def _complete(
    monthly: pd.DataFrame,
) -> Iterator[tuple[tuple[str, str], _Months]]:
    if monthly.empty:
        return
    counted = monthly.assign(month=pd.to_datetime(monthly["month"]))
    span = pd.date_range(counted["month"].min(), counted["month"].max(), freq="MS")
    place = span.get_indexer(counted["month"])
    is_mature = counted["is_mature"].to_numpy(dtype=bool)
    keys = ["population", "definition"]
    last_mature = counted[is_mature].groupby("definition")["month"].max()
    for (population, definition), rows in counted.groupby(
        keys, sort=False
    ).indices.items():
        counts = {}
        for name in ("n", "k"):
            counts[name] = np.zeros(len(span), dtype="int64")
            counts[name][place[rows]] = counted[name].to_numpy()[rows]
        last = last_mature.get(definition, pd.NaT)
        # false beside a missing date
        months = _Months(span.to_numpy(), **counts, is_mature=np.asarray(span <= last))
        yield (population, definition), months


def _charts_of(
    population: str,
    definition: str,
    months: _Months,
    baselines: Sequence[Baseline],
    rules: _Rules,
) -> Iterator[_Chart]:
    judged = [
        each
        for each in baselines
        if each.population == population and each.kind != "share"
    ]
    status = SET if months.has_patients else NO_PATIENTS
    for baseline in judged:
        key = (population, definition, AGAINST_BASELINE, baseline.id)
        yield _Chart(key, months, months.is_mature, status, Share(baseline.upper))
    key = (population, definition, AGAINST_HISTORY, "")
    yield _against_history(key, months, judged, rules)


def _against_history(
    key: tuple[str, str, str, str],
    months: _Months,
    judged: Sequence[Baseline],
    rules: _Rules,
) -> _Chart:
    is_mature = months.is_mature
    is_history = is_mature & (np.cumsum(is_mature) <= rules.history_months)
    n, k = (int(counted[is_history].sum()) for counted in (months.n, months.k))
    chart = _Chart(key, months, is_mature & ~is_history)
    if not months.has_patients:
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


def _columns(
    chart: _Chart, target: float, n_charts: int, rules: _Rules
) -> dict[str, np.ndarray]:
    months = chart.months
    names = ("population", "definition", "chart", "baseline_id")
    same = dict(zip(names, chart.key, strict=True)) | {
        "p0": chart.p0.value,
        **dict.fromkeys(("cusum", "limit", "p_month", "run_length"), np.nan),
        **dict.fromkeys(("is_alarm", "is_jump"), False),
        "excursion_start": np.datetime64("NaT", "ns"),
        "status": chart.status,
        "run_length_target": target,
        "n_charts": n_charts,
    }
    found = {
        "month": months.first_day,
        "n": months.n,
        "k": months.k,
        "state": np.select(
            [chart.is_watched, months.is_mature], [WATCHED, HISTORY], IMMATURE
        ).astype(object),
    }
    for name, value in same.items():
        kind = object if isinstance(value, str) else None
        found[name] = np.full(len(months.n), value, dtype=kind)
    if chart.status == SET:
        _add_values(found, chart, target, rules)
    return found


def _add_values(
    found: dict[str, np.ndarray], chart: _Chart, target: float, rules: _Rules
) -> None:
    months, watched = chart.months, chart.is_watched
    sizes = months.n[months.is_mature].tolist()
    p0, odds_ratio = chart.p0, rules.odds_ratio
    design = cusum.Design.of(p0.value, odds_ratio, sizes, p0.patients)
    limit = cusum.limit_for(design, target)
    n, k = months.n[watched], months.k[watched]
    steps = cusum.weights(k, n, p0.value, odds_ratio)
    values = np.array(cusum.values(steps, limit.value))
    found["limit"][:], found["run_length"][:] = limit.value, limit.run_length
    found["cusum"][watched] = values
    found["is_alarm"][watched] = values > limit.value
    p_month = np.where(n > 0, p0.at_least(k, n), np.nan)
    found["p_month"][watched] = p_month
    found["is_jump"][watched] = (p_month <= rules.jump_level) & (k >= rules.k_min)
    first_days = months.first_day[watched]
    found["excursion_start"][watched] = _starts(first_days, values, limit.value)


def _starts(months: np.ndarray, values: np.ndarray, limit: float) -> np.ndarray:
    """The month in which the rise began that each value belongs to; NaT at 0."""
    before = np.concatenate([[0.0], values[:-1]])
    is_first = (values > 0) & ((before == 0) | (before > limit))
    first = np.maximum.accumulate(np.where(is_first, np.arange(len(values)), 0))
    return np.where(values > 0, months[first], np.datetime64("NaT"))
