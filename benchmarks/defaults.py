"""The parameters of a run in which nothing is set."""

from datetime import date
from typing import Any

from pipeline import person_level, seeds, settings


def defaults() -> dict[str, Any]:
    """Every parameter of a run with its default."""
    found = settings.resolve(
        seeds.read("parameters"), file=None, environment={}, overrides={}
    )
    return dict(found.values)


def sql_parameters(as_of: date) -> dict[str, Any]:
    """What the SQL models are given in a run with the defaults."""
    return person_level.sql_parameters(as_of, defaults())
