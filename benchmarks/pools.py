"""A large simulated network, received and classified once, from which patients are drawn.

What is kept of a patient is what the counts of a run are summed up from, so everything
between virus and flag is in it: visits that are lost, doses that are not recorded, tests
that are not made. Knows the engine's tables; knows nothing of charts or of intervals.
"""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.defaults import defaults, sql_parameters
from pipeline import (
    code_words,
    demonstration,
    models,
    periods,
    person_level,
    seeds,
    simulate,
)
from pipeline.engines.duck import Duck
from pipeline.extracts.reception import forget_set_aside, receive

DEFINITIONS = {"case": "is_mature", "confirmed": "is_lab_mature"}
"""The definitions of a rate, and which of a patient's courses each looks at."""

_MEMORY = "4GB"

_NUMBER = "cast(substr(patients.patient_id, 2) as integer)"
"""The simulator numbers its patients from 1: P0000001."""

_PICKED = f"""
    select
        {_NUMBER} as patient,
        seed_populations.population,
        '{{definition}}' as definition,
        picked.window_start,
        ranked_courses.is_{{definition}} as is_numerator
    from (
        select
            windows.window_start,
            course_populations.population_key,
            ranked_courses.patient_key,
            min(ranked_courses.pick_order) as pick_order
        from ranked_courses
        inner join windows
            on ranked_courses.start_date
            between windows.window_start and windows.window_end
        inner join course_populations
            on ranked_courses.course_key = course_populations.course_key
        where
            windows.window_kind = $kind
            and ranked_courses.rule = 'headline'
            and not ranked_courses.is_zoster
            and ranked_courses.{{mature}}
        group by all
    ) as picked
    inner join ranked_courses on picked.pick_order = ranked_courses.pick_order
    inner join patients on picked.patient_key = patients.patient_key
    inner join seed_populations
        on picked.population_key = cast(seed_populations.population_key as tinyint)
    where
        list_contains($populations, seed_populations.population)
        and ranked_courses.is_in_rate
"""

_PUBLISHED = {
    "month": """
        select population, definition, month as window_start, n, k
        from monthly_counts where list_contains($populations, population)""",
    "year": """
        select
            population, definition, cast($year_start as date) as window_start, n, k
        from rate_counts
        where
            unit = 'patient' and rule = 'headline' and syndrome = 'hsv'
            and window_kind = 'year' and list_contains($populations, population)""",
}
"""What a run counts from the same tables: the patients' rows must add up to it."""


@dataclass(frozen=True)
class Pool:
    """A classified network: its engine, and how many patients may be drawn from it."""

    engine: Duck
    scenario: simulate.Scenario
    counted: Sequence[person_level.Window]

    def picks(self, kind: str, populations: Sequence[str]) -> pd.DataFrame:
        """The evaluable patients of every window of the kind (``month`` or ``year``).

        One row a patient, population, definition and window: ``patient`` is the number
        that the simulator gave, ``is_numerator`` whether it is a case, or confirmed.
        Raises ValueError where the rows do not add up to the counts of a run.
        """
        asked = {"kind": kind, "populations": list(populations)}
        found = pd.concat(
            [
                self.engine.frame(_PICKED.format(definition=name, mature=mature), asked)
                for name, mature in DEFINITIONS.items()
            ],
            ignore_index=True,
        )
        year = next(each for each in self.counted if each.kind == "year")
        published = self.engine.frame(
            _PUBLISHED[kind], asked | {"year_start": year.start}
        )
        _refuse_other_sums(found, published)
        return found

    @property
    def parameters(self) -> dict[str, Any]:
        """What the SQL models were given."""
        return sql_parameters(self.scenario.as_of)


@contextmanager
def classified(scenario: simulate.Scenario) -> Iterator[Pool]:
    """The network of a scenario after the whole walk from its files to its counts.

    The files are written, received and classified as those of a delivery are.
    """
    parameters = defaults()
    counted = person_level.windows(
        scenario.as_of,
        months=parameters["window_months"],
        period_start=None,
        months_shown=periods.months_since_january(
            scenario.as_of, parameters["chart_months"]
        ),
    )
    with tempfile.TemporaryDirectory() as scratch:
        folder, delivery = Path(scratch), Path(scratch) / "extracts"
        demonstration.simulate_network(delivery, scenario, "parquet")
        with Duck(
            folder / "work.duckdb", folders=[folder], memory_limit=_MEMORY
        ) as engine:
            _classify(engine, delivery, scenario.as_of, counted)
            yield Pool(engine, scenario, counted)


def _classify(engine: Duck, delivery: Path, as_of: date, counted) -> None:
    engine.store_as_numbers(code_words.COLUMNS, code_words.words())
    reception = receive(
        engine,
        delivery,
        as_of=as_of,
        parameters=defaults(),
        synonyms=seeds.read("synonyms"),
        drugs=seeds.read("drugs"),
        profile=None,
        scratch=delivery.parent,
    )
    forget_set_aside(engine, reception)
    person_level.prepare(engine)
    given = sql_parameters(as_of)
    person_level.walk(engine, given, counted, only_for="month_counts")
    for name in ("totals/monthly_counts", "totals/rate_counts", "totals/site_counts"):
        person_level.make(engine, models.read(name), given)


def drawn(patients: int, networks: int, size: int, seed: int) -> np.ndarray:
    """The network of each patient number, -1 where it is in none.

    ``networks`` networks of ``size`` patients each, drawn without replacement, so that no
    two share a patient. Raises ValueError where there are not so many patients.
    """
    if networks * size > patients:
        raise ValueError(
            f"{networks} networks of {size} patients cannot be drawn from {patients}."
        )
    order = np.random.default_rng(seed).permutation(patients)[: networks * size]
    network_of = np.full(patients, -1)
    network_of[order] = np.arange(networks * size) // size
    return network_of


def _refuse_other_sums(found: pd.DataFrame, published: pd.DataFrame) -> None:
    key = ["population", "definition", "window_start"]
    sums = found.groupby(key)["is_numerator"].agg(n="size", k="sum").reset_index()
    both = []
    for counts in (sums, published[published["n"] > 0]):
        counts = counts.assign(window_start=pd.to_datetime(counts["window_start"]))
        both.append(counts.sort_values(key)[[*key, "n", "k"]].astype(str).to_numpy())
    if not np.array_equal(*both):
        raise ValueError("The patients' rows do not add up to the counts of a run.")
