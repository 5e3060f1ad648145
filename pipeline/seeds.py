"""The shipped seeds: code lists, regimens, baselines and parameters, each with a source."""

import pandas as pd

from pipeline import resources

NAMES = (
    "baselines",
    "classes",
    "conditions",
    "dose_units",
    "dosings",
    "drugs",
    "events",
    "lesion_statuses",
    "parameters",
    "populations",
    "reasons",
    "regimens",
    "risk_groups",
    "routes",
    "sources",
    "synonyms",
    "tests",
)


def read(name: str) -> pd.DataFrame:
    """The seed as text columns; an empty cell is an empty text."""
    return pd.read_csv(
        resources.path("seeds", f"{name}.csv"), dtype=str, keep_default_na=False
    )


def load(engine) -> None:
    """Make a table ``seed_<name>`` of text columns in the engine for every seed."""
    for name in NAMES:
        engine.load(f"seed_{name}", read(name))
