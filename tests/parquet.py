"""Parquet files read by tests, without a library of their own for it."""

from pathlib import Path

import duckdb
import pandas as pd


def read_parquet(path: Path) -> pd.DataFrame:
    """The rows of a Parquet file in their order."""
    with duckdb.connect() as connection:
        return connection.read_parquet(str(path)).df()
