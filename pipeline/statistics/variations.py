"""Verdicts under variations of the parameters: does any word change?

Counts in, one judged row a variation and baseline out. Knows nothing of how they were
counted.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from pipeline.statistics import families, proportions
from pipeline.statistics.baselines import Baseline
from pipeline.statistics.families import Comparison
from pipeline.statistics.verdicts import Thresholds

AS_GIVEN = "as_given"
"""The variation that varies nothing."""

COLUMNS = (
    "variation",
    "population",
    "baseline_id",
    "n",
    "k",
    "rate",
    "cp_lo",
    "cp_hi",
    "verdict",
    "is_changed",
)


def judge(
    counts: pd.DataFrame,
    baselines: Sequence[Baseline],
    parameters: Mapping[str, Any],
) -> pd.DataFrame:
    """The verdicts of each variation, its baselines one family under Holm's correction.

    ``counts`` holds variation, population, n, k; a population that a variation does not
    name has no patient under it. ``is_changed`` sets every word against that of
    `AS_GIVEN`. One row a variation and baseline, `COLUMNS`; rate and
    interval (Clopper-Pearson) are null without a patient.
    """
    thresholds = Thresholds.of(parameters)
    judged = [each for each in baselines if each.kind != "share"]
    found = {
        (row.variation, row.population): (int(row.n), int(row.k))
        for row in counts.itertuples(index=False)
    }
    rows, words = [], {}
    for variation in dict.fromkeys([AS_GIVEN, *counts["variation"]]):
        sizes = [found.get((variation, each.population), (0, 0)) for each in judged]
        family = [
            Comparison(k, n, baseline)
            for (n, k), baseline in zip(sizes, judged, strict=True)
        ]
        judgements = families.judge_family(family, thresholds)
        for each, judgement in zip(family, judgements, strict=True):
            words.setdefault(each.baseline.id, judgement.verdict)
            rate = low = high = None
            if each.n:
                rate = each.k / each.n
                low, high = proportions.clopper_pearson(int(each.k), int(each.n))
            rows.append(
                (
                    *(variation, each.baseline.population, each.baseline.id),
                    *(int(each.n), int(each.k), rate, low, high, judgement.verdict),
                    judgement.verdict != words[each.baseline.id],
                )
            )
    return pd.DataFrame(rows, columns=list(COLUMNS))
