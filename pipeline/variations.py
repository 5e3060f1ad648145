"""Parameters varied one at a time: the counts of the rolling window under each.

Before the walk itself, so that what it leaves in the engine is the run's own. Knows the
seed of variations and the order of the models; judges nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from pipeline import models, person_level, seeds
from pipeline.person_level import Window
from pipeline.statistics.variations import AS_GIVEN

COLUMNS = ("variation", "population", "n", "k")


@dataclass(frozen=True)
class _Variation:
    name: str
    parameter: str
    value: Any


def count(
    engine,
    parts,
    as_of: date,
    values: Mapping[str, Any],
    counted: Sequence[Window],
) -> pd.DataFrame:
    """Patients (n) and cases (k) by variation and population: `COLUMNS`.

    Definition case, HSV, headline rule, rolling window. The engine was prepared and
    ``parts`` load the accepted rows, as they can afterwards. A variation whose value is
    the run's own is left out: nothing would be varied.
    """
    person_level.load_windows(engine, counted)
    rows = [row for _ in parts.each(engine) for row in _counts(engine, as_of, values)]
    found = pd.DataFrame(rows, columns=list(COLUMNS))
    return found.groupby(["variation", "population"], sort=False, as_index=False).sum()


def _counts(
    engine, as_of: date, values: Mapping[str, Any]
) -> Iterator[tuple[str, str, int, int]]:
    """What is counted of the patients whose accepted rows the engine holds."""
    found = models.made_for(models.VARIED)
    for *names, n, k in _remade(engine, found, as_of, values):
        yield (*names, int(n), int(k))
    before: str | None = None
    for variation in _of_parameters(values):
        changed = {variation.parameter, before or variation.parameter}
        varied = {**values, variation.parameter: variation.value}
        affected = models.affected_by(changed, found)
        for name, population, n, k in _remade(engine, affected, as_of, varied):
            if name == AS_GIVEN:
                yield variation.name, population, int(n), int(k)
        before = variation.parameter


def _remade(
    engine, found: Sequence[models.Model], as_of: date, values: Mapping[str, Any]
) -> list[tuple[Any, ...]]:
    parameters = person_level.sql_parameters(as_of, values)
    for model in found:
        person_level.make(engine, model, parameters)
    return engine.rows(f"select {', '.join(COLUMNS)} from varied_counts")


def _of_parameters(values: Mapping[str, Any]) -> list[_Variation]:
    seed = seeds.read("variations")
    return [
        _Variation(row.variation, row.parameter, type(values[row.parameter])(row.value))
        for row in seed.itertuples(index=False)
        if row.parameter
        and type(values[row.parameter])(row.value) != values[row.parameter]
    ]
