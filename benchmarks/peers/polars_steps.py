"""The three steps that the polars peer takes again and again."""

import polars as pl
from polars import col


def collected(frame: pl.LazyFrame) -> pl.LazyFrame:
    """The frame computed now by the streaming engine, for those that read it later."""
    return frame.collect(engine="streaming").lazy()


def nearest(
    rows: pl.LazyFrame,
    day: pl.Expr,
    others: pl.LazyFrame,
    other_day: str,
    *,
    carried: list[str] | None = None,
    found: str = "found",
    **how,
) -> pl.LazyFrame:
    """The rows with ``found``, the nearest day of the same patient's others, if any."""
    right = others.select("patient", *(carried or []), col(other_day).alias(found))
    joined = rows.with_columns(day.alias("at")).sort("at")
    joined = joined.join_asof(
        right.with_columns(at=col(found)).sort("at"),
        on="at",
        by="patient",
        check_sortedness=False,
        **how,
    )
    return joined.drop("at")


def with_runs(rows: pl.LazyFrame, by: list[str], gap: int) -> pl.LazyFrame:
    """The rows sorted, with ``run``, the number of their unbroken run within ``by``."""
    covered_until = col("end").cum_max().shift().over(by)
    is_first = covered_until.is_null() | (col("start") > covered_until + 1 + gap)
    return rows.sort(*by, "rx").with_columns(run=is_first.cum_sum())
