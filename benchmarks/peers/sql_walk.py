"""Our own SQL from the accepted rows to the courses, on an engine that is given.

The models of `pipeline.models` in reading order up to ``courses``; a table goes as soon
as none of them reads it any more, as in a run. Counts, lists and checks are left out.
"""

import re
from datetime import date
from pathlib import Path

from benchmarks.accepted import sql_parameters
from pipeline import models, seeds
from pipeline.contracts.sql_text import literal
from pipeline.tables import courses

LAST = "classification/courses"


def walk(engine, accepted: Path, as_of: date, out: Path) -> None:
    """Write the courses of the accepted rows to a Parquet file."""
    seeds.load(engine)
    for table in models.ACCEPTED:
        path = literal(str(accepted.resolve() / f"{table}.parquet"))
        engine.create(table, f"select * from read_parquet({path})")
    read = models.READING_ORDER[: models.READING_ORDER.index(LAST) + 1]
    steps = [models.read(name) for name in read]
    last_reads = _last_reads(steps)
    parameters = sql_parameters(as_of)
    for step in steps:
        stored = step.table in models.STORED
        engine.create(step.table, step.select, parameters, stored=stored)
        for table, last in last_reads.items():
            if last == step.name:
                engine.drop(table)
    engine.write_parquet(courses(), out.resolve())


def _last_reads(steps: list[models.Model]) -> dict[str, str]:
    made = {*models.ACCEPTED, *(step.table for step in steps)}
    found: dict[str, str] = {}
    for step in steps:
        words = set(re.findall(r"\w+", step.select))
        found |= dict.fromkeys(words & made, step.name)
    found.pop("courses", None)
    return found
