"""Published rates: what each one is, and the bounds that it is judged by.

Knows `statistics.md` section b 1 and the seed's columns; knows nothing of files or SQL.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from pipeline.errors import ConfigurationError
from pipeline.statistics.proportions import shift_odds

KINDS = ("upper_bound", "band", "point", "share")
"""How a source gives a rate; a share is shown with its interval and never judged."""


@dataclass(frozen=True)
class Baseline:
    """A published rate: ``low`` and ``high`` are shares, and equal for a point.

    ``low`` is None for an upper bound. ``tolerance`` is the odds ratio around a point
    that its source prints as approximate, and 1 for every other baseline.
    """

    id: str
    population: str
    kind: str
    low: float | None
    high: float
    printed: str
    is_approximate: bool = False
    tolerance: float = 1.0

    @property
    def lower(self) -> float:
        """L: below it lies what is demonstrably under the published rate."""
        if self.kind == "upper_bound" or self.low is None:
            return self.high
        if self.kind == "point":
            return shift_odds(self.low, 1 / self.tolerance)
        return self.low

    @property
    def upper(self) -> float:
        """U: above it lies an excess."""
        if self.kind == "point":
            return shift_odds(self.high, self.tolerance)
        return self.high

    def margin(self, or_margin: float) -> float:
        """M: the nominal upper value with its odds multiplied, the excess to exclude."""
        return shift_odds(self.high, or_margin)


def read_baselines(
    seed: pd.DataFrame, parameters: Mapping[str, Any]
) -> tuple[Baseline, ...]:
    """The baselines of the seed, in its order; ``seed`` holds its cells as text.

    Raises ConfigurationError where a kind or a value cannot be what it has to be.
    """
    return tuple(
        _baseline(row, float(parameters["point_tolerance"]))
        for row in seed.to_dict("records")
    )


def _baseline(row: Mapping[str, Any], point_tolerance: float) -> Baseline:
    where = f"seeds/baselines.csv, {row['baseline_id']}"
    kind, is_approximate = row["kind"], str(row["is_approximate"]).lower() == "true"
    if kind not in KINDS:
        raise ConfigurationError(
            f"{where}: the kind is {kind!r}; it must be one of {', '.join(KINDS)}."
        )
    high = _proportion(row["high"], "high", where)
    low = None
    if kind != "upper_bound":
        low = _proportion(row["low"], "low", where)
        if low > high or (kind == "point" and low != high):
            raise ConfigurationError(
                f"{where}: low is {row['low']} and high is {row['high']}; low must not "
                "be larger, and both are the same for a point."
            )
    is_point = kind == "point" and is_approximate
    return Baseline(
        id=row["baseline_id"],
        population=row["population"],
        kind=kind,
        low=low,
        high=high,
        printed=row["printed"],
        is_approximate=is_approximate,
        tolerance=point_tolerance if is_point else 1.0,
    )


def _proportion(text: Any, column: str, where: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if 0 < value < 1:
        return value
    raise ConfigurationError(
        f"{where}: {column} is {text!r}; it must be a number between 0 and 1."
    )
