"""Our own SQL from the accepted rows to the courses, on an engine that holds the rows.

The models of `pipeline.models` in reading order up to ``courses``; a table goes as soon
as none of them reads it any more, as in a run. Counts, lists and checks are left out.
"""

import re
from datetime import date

from benchmarks.defaults import sql_parameters
from pipeline import models, seeds

LAST = "classification/courses"


def walk(engine, as_of: date) -> None:
    """Make ``courses`` in an engine in which every accepted table stands."""
    seeds.load(engine)
    read = models.READING_ORDER[: models.READING_ORDER.index(LAST) + 1]
    steps = [models.read(name) for name in read]
    last_reads = _last_reads(steps)
    parameters = sql_parameters(as_of)
    for step in steps:
        engine.create(step.table, step.select, parameters)
        for table, last in last_reads.items():
            if last == step.name:
                engine.drop(table)


def _last_reads(steps: list[models.Model]) -> dict[str, str]:
    made = {*models.ACCEPTED, *(step.table for step in steps)}
    found: dict[str, str] = {}
    for step in steps:
        words = set(re.findall(r"\w+", step.select))
        found |= dict.fromkeys(words & made, step.name)
    found.pop("courses", None)
    return found
