"""The words that code columns hold, so that an engine may store each as a number.

Knows the seeds, the contracts' code lists and the SQL models' own words; knows no engine.
"""

import re
from collections.abc import Iterator
from itertools import chain

from pipeline import models, seeds
from pipeline.contracts.kinds import OPERATOR
from pipeline.contracts.schemas import DOSE_UNITS, RESULTS
from pipeline.extracts.dispositions import DISPOSITIONS

COLUMNS = frozenset(
    {
        "classification",
        "condition",
        "definition",
        "deciding_status",
        "disposition",
        "dose_unit",
        "dosing",
        "drug",
        "drug_class",
        "event",
        "failure_kind",
        "immune_status",
        "indication",
        "intent",
        "lesion_status",
        "outcome",
        "population",
        "reading",
        "reason",
        "result",
        "risk_group",
        "route",
        "rule",
        "strict_classification",
        "strict_outcome",
        "strict_reason",
        "syndrome",
        "test",
        "value_operator",
        "watch",
    }
)
"""The text columns of every table that hold code words and nothing else."""

_QUOTED = re.compile(r"'([a-z][a-z0-9_/]*)'")


def words() -> tuple[str, ...]:
    """Every code word once, in the order of code points, which is that of text in SQL."""
    found = chain(
        *(_coded_cells(seeds.read(name)) for name in seeds.NAMES),
        *(_QUOTED.findall(model.select) for model in models.read_everything()),
        (*DISPOSITIONS, *DOSE_UNITS, *RESULTS, *OPERATOR.split("|")),
    )
    return tuple(sorted(set(found)))


def _coded_cells(seed) -> Iterator[str]:
    for column in seed.columns:
        if column in COLUMNS:
            yield from seed[column]
