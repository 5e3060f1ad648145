"""What the pandas peer does again and again: reading, as-of merges, runs of days."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.peers import rules

Reader = Callable[[str, list[str], list[str]], pd.DataFrame]
"""Gives the columns and the codes of an accepted table."""


def parquet_reader(folder: Path) -> Reader:
    """Reads the accepted tables of a folder with pyarrow."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    def as_numbers(values: pa.ChunkedArray) -> object:
        if pa.types.is_date(values.type):
            return pc.fill_null(values.cast(pa.int32()), rules.NEVER).to_numpy()
        if pa.types.is_decimal(values.type):
            return rounded(values.cast(pa.float64()).to_numpy(), values.type.scale)
        return values.to_pandas()

    def read(extract: str, columns: list[str], codes: list[str]) -> pd.DataFrame:
        table = pq.read_table(
            folder / f"accepted_{extract}.parquet",
            columns=["patient_id", *columns, *codes],
            read_dictionary=["patient_id", *codes],
        )
        return pd.DataFrame({n: as_numbers(table[n]) for n in table.column_names})

    return read


def rounded(doubles: np.ndarray, scale: int) -> np.ndarray:
    """The doubles nearest to the decimals of so many digits that were read."""
    return np.round(doubles * 10.0**scale) / 10.0**scale


def keyed(frame: pd.DataFrame, patients: pd.Index) -> pd.DataFrame:
    """The rows of known patients, with the integer key instead of the id."""
    key_of_code = patients.get_indexer(frame["patient_id"].cat.categories)
    frame["patient"] = key_of_code[frame["patient_id"].cat.codes]
    return frame[frame["patient"] >= 0].drop(columns="patient_id")


def nearest(rows, day, others, other_day, **how) -> pd.DataFrame:
    """For every row the nearest row of the same patient, by `merge_asof`; in row order."""
    left = pd.DataFrame({"patient": rows["patient"], "day": day})
    left["row"] = np.arange(len(left))
    right = others.assign(day=others[other_day])
    found = pd.merge_asof(
        left.sort_values("day"), right.sort_values("day"), on="day", by="patient", **how
    )
    return found.sort_values("row").set_index(rows.index)


def run_numbers(rows: pd.DataFrame, by: list[str], gap: int) -> pd.Series:
    """Numbers of unbroken runs of rows that are sorted by ``by`` and start."""
    covered_until = rows.groupby(by, sort=False, observed=True)["end"].cummax().shift()
    is_first = ~rows.duplicated(by) | (rows["start"] > covered_until + 1 + gap)
    return is_first.cumsum()
