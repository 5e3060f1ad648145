"""Names, texts and paths written for SQL; opens nothing."""

import re
from pathlib import Path

_GLOB = re.compile(r"[\[?*]")


def literal(text: str) -> str:
    """The text as an SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """The name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def as_named(path: Path) -> str:
    """The path as ``read_csv`` and ``read_parquet`` have to be given it.

    They take ``[``, ``?`` and ``*`` for a pattern: without this a file would be read for
    another. What is written, by ``copy``, is no pattern. A path with a backslash cannot
    be said to them.
    """
    return _GLOB.sub(r"[\g<0>]", str(path))


def parquet(path: Path, below: str = "") -> str:
    """A Parquet file as a relation, or those that the pattern finds below a folder.

    It has the columns of the files alone: a folder called ``a=b`` would add one.
    """
    return f"read_parquet({literal(as_named(path) + below)}, hive_partitioning = false)"
