"""The person-level walk inside the engine: from accepted rows to classes, counts and lists.

Patients are walked first, in parts where they are many; then what was found is summed up.

Knows the order of the SQL models and what they are given; knows nothing of a delivery's
files, of estimates or of wording. No person-level row leaves the engine here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline import models, periods, seeds
from pipeline.contracts.sql_text import parquet
from pipeline.errors import InvariantBroken
from pipeline.parts import AllAtOnce

Progress = Callable[[str], None]

_UG_PER_MG = Decimal(1000)
_TWO_DECIMALS = Decimal("0.01")
_ALL_AT_ONCE = AllAtOnce()


def _silent(step: str) -> None:
    """No progress is shown."""


@dataclass(frozen=True)
class Window:
    """A span of course starts that is counted: ``rolling``, ``year`` or ``month``."""

    kind: str
    start: date
    end: date


def windows(
    as_of: date, *, months: int, period_start: date | None, months_shown: int
) -> list[Window]:
    """The windows of criteria 6: the rolling one, the last complete year, every month.

    ``period_start`` replaces the start of the rolling window; ``months_shown`` months
    are counted, the last one being that of ``as_of``.
    """
    rolling_start, rolling_end = periods.rolling_window(as_of, months)
    year_start, year_end = periods.last_complete_year(as_of)
    first_month, _ = periods.rolling_window(as_of.replace(day=1), months_shown - 1)
    return [
        Window("rolling", period_start or rolling_start, rolling_end),
        Window("year", year_start, year_end),
        *(
            Window("month", month, periods.last_day_of_month(month))
            for month in periods.months_between(first_month, as_of)
        ),
    ]


def sql_parameters(as_of: date, values: Mapping[str, Any]) -> dict[str, Any]:
    """Every value that the SQL models may name: the parameters, and what follows of them.

    ``resistant_ec50_umol_l`` is the cut-off in umol/L, rounded half up to two decimals
    (criteria 4); ``silent_sites_from`` the day before which a site is no longer expected;
    ``keys_before`` the keys that the patients of earlier parts have taken.
    """
    cut_off = (
        _UG_PER_MG * values["resistant_ec50_ug_ml"] / values["acyclovir_molar_mass"]
    )
    silent_from, _ = periods.rolling_window(as_of, values["silent_site_months"])
    return {
        **values,
        "as_of": as_of,
        "resistant_ec50_umol_l": cut_off.quantize(_TWO_DECIMALS, ROUND_HALF_UP),
        "silent_sites_from": silent_from,
        "keys_before": 0,
    }


def prepare(engine) -> None:
    """Make what no patient changes: the seeds, and what is asked of a whole delivery.

    The engine holds the accepted rows of all patients.
    """
    seeds.load(engine)
    for name in models.OF_THE_DELIVERY:
        make(engine, models.read(name), {})


def walk(
    engine,
    parameters: Mapping[str, Any],
    counted: Sequence[Window],
    *,
    parts=_ALL_AT_ONCE,
    only_for: str | None = None,
    progress: Progress = _silent,
) -> None:
    """Make every table of `models.OF_PATIENTS` from the accepted rows, then check.

    The engine was prepared. ``parts`` says whose rows are loaded when, and where what is
    kept of them goes. ``only_for`` names the one table that is wanted: then the walk ends
    with its chapter, and the accepted rows stay for a walk after it. Raises
    InvariantBroken (70) where a check of `sql/checks` returns a row.
    """
    load_windows(engine, counted)
    kept = {only_for} if only_for else models.kept_tables()
    last_reads = models.last_reads(models.OF_PATIENTS, models.ACCEPTED, kept)
    for keys_before in parts.each(engine):
        _make_chapters(
            engine,
            models.chapters(models.OF_PATIENTS, until=only_for),
            {**parameters, "keys_before": keys_before},
            {} if only_for else last_reads,
            progress,
        )
        parts.keep(engine, sorted(kept))


def sum_up(
    engine,
    parameters: Mapping[str, Any],
    counted: Sequence[Window],
    *,
    progress: Progress = _silent,
) -> None:
    """Make every table of `models.OF_ALL` from what `walk` kept, then check.

    The engine holds ``previous_list`` besides (`load_previous_list`). Raises
    InvariantBroken (70) where a check returns a row.
    """
    load_windows(engine, counted)
    last_reads = models.last_reads(
        models.OF_ALL, models.kept_tables(), models.READ_AFTERWARDS
    )
    chapters = models.chapters(models.OF_ALL)
    _make_chapters(engine, chapters, parameters, last_reads, progress)


_NO_PREVIOUS_LIST = (
    "select cast(null as varchar) as patient_id, cast(null as date) as start_date, "
    "cast(null as varchar) as dosing, cast(null as varchar) as classification, "
    "cast(null as boolean) as is_listed limit 0"
)
_PREVIOUS_LIST = (
    "select patient_id, start_date, dosing, before.classification, "
    "listed.patient_id is not null as is_listed "
    "from {courses} as before "
    "semi join open_cases using (patient_id, start_date, dosing) "
    "left join {listed} as listed using (patient_id, start_date, dosing)"
)


def load_previous_list(engine, previous: tuple[Path, Path] | None) -> None:
    """Make ``previous_list``: what the previous run said of the courses now on the list.

    ``previous`` is the listed.parquet and the courses.parquet of that run, None where
    there is none. Where there is one, the engine holds ``open_cases``.
    """
    select = _NO_PREVIOUS_LIST
    if previous is not None:
        listed, courses = map(parquet, previous)
        select = _PREVIOUS_LIST.format(listed=listed, courses=courses)
    engine.create("previous_list", select)


def make(engine, model: models.Model, parameters: Mapping[str, Any]) -> None:
    """Make the model's table (anew)."""
    engine.create(model.table, model.select, parameters)


def check(engine, chapter: str, parameters: Mapping[str, Any]) -> None:
    """Run the checks of a chapter; raise InvariantBroken (70) naming those that fail."""
    broken = [
        f"{model.what} This does not hold (check {model.table})."
        for model in models.read_checks(chapter)
        if engine.rows(model.select, parameters)
    ]
    if broken:
        raise InvariantBroken(*broken, "Nothing was published.")


def _make_chapters(
    engine,
    chapters: Sequence[tuple[str, Sequence[models.Model]]],
    parameters: Mapping[str, Any],
    last_reads: Mapping[str, str],
    progress: Progress,
) -> None:
    for chapter, found in chapters:
        progress(chapter)
        for model in found:
            make(engine, model, parameters)
            _drop_read(engine, last_reads, model.name)
        check(engine, chapter, parameters)
        for model in models.read_checks(chapter):
            _drop_read(engine, last_reads, model.name)


def _drop_read(engine, last_reads: Mapping[str, str], step: str) -> None:
    for table, last in last_reads.items():
        if last == step:
            engine.drop(table)


def load_windows(engine, counted: Sequence[Window]) -> None:
    """Make ``windows``, the spans of course starts that are counted."""
    frame = pd.DataFrame(
        [
            (key, window.kind, window.start, window.end)
            for key, window in enumerate(counted)
        ],
        columns=["window_key", "window_kind", "window_start", "window_end"],
    )
    engine.load("given_windows", frame)
    engine.create(
        "windows",
        "select cast(window_key as smallint) as window_key, window_kind, "
        "cast(window_start as date) as window_start, "
        "cast(window_end as date) as window_end from given_windows",
    )
