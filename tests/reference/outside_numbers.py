"""Reads the copies in `tests/reference/oracle`, and names the baselines that they judge."""

import csv
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipeline.statistics.baselines import Baseline
from pipeline.statistics.verdicts import Thresholds

ORACLE = Path(__file__).parent / "oracle"

PARAMETERS = {
    "or_margin": Decimal("2"),
    "a_above": Decimal("0.025"),
    "a_below": Decimal("0.025"),
    "a_excl": Decimal("0.05"),
    "k_min_above": 2,
    "n_floor": 5,
    "point_tolerance": Decimal("1.25"),
    "min_tested_share": Decimal("0.8"),
    "power_target": Decimal("0.8"),
}
"""The defaults of `statistics.md` sections b and of its head."""

DEFAULTS = Thresholds.of(PARAMETERS)


def table(name: str) -> list[dict[str, str]]:
    """The rows of a CSV file of the oracle, cells as text."""
    with (ORACLE / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def document(name: str) -> Any:
    """The content of a JSON file of the oracle."""
    return json.loads((ORACLE / name).read_text(encoding="utf-8"))


def _baseline(name: str, printed: dict[str, Any]) -> Baseline:
    return Baseline(
        id=name,
        population=name,
        kind=printed["kind"],
        low=printed["lo"],
        high=printed["hi"],
        printed=name,
        tolerance=float(printed["tol"]),
    )


BASELINES = {
    name: _baseline(name, printed)
    for name, printed in document("verdict_parameters.json")["baselines"].items()
}
"""The oracle's baselines under its own names."""
