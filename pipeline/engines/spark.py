"""Apache Spark as the engine: the same SQL files, translated by sqlglot.

The only sqlglot import. Every table is written as Parquet into a folder that
both this process and every worker see, so that nothing is computed twice, memory stays
bounded and the embedded engine can read on. No frame of people reaches this process.
"""

import shutil
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlglot
from sqlglot import exp

from pipeline.engines.spark_session import start
from pipeline.errors import EngineUnavailable, InvariantBroken, ReadWriteFailed

if TYPE_CHECKING:
    import pandas as pd

with warnings.catch_warnings():
    warnings.simplefilter("ignore", FutureWarning)  # it has tried no pandas 3 yet
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

_FAULTS_OF_OURS = (
    "AnalysisException",
    "ParseException",
    "ArithmeticException",
    "DateTimeException",
    "NumberFormatException",
)
_NOT_SEEN = ("PATH_NOT_FOUND", "FAILED_READ_FILE", "UNABLE_TO_INFER_SCHEMA")


def translate(select: str, parameters: Mapping[str, Any] | None = None) -> str:
    """The select in Spark's dialect, its ``$parameters`` as literals of their types."""
    given = parameters or {}

    def bind(node: exp.Expression) -> exp.Expression:
        if not isinstance(node, exp.Placeholder):
            return node
        if node.name not in given:
            raise InvariantBroken(f"The SQL asks for ${node.name}, which is not set.")
        return _literal(given[node.name])

    tree = sqlglot.parse_one(select, read="duckdb").transform(bind)
    return tree.sql("spark", unsupported_level=sqlglot.ErrorLevel.RAISE)


class Spark:
    """A Spark session whose tables lie as Parquet in a folder that all its workers see.

    ``master`` is a master URL (this machine's cores where it is not given), ``remote``
    the ``sc://`` address of a Spark Connect server. A failure is raised as one of ours
    with the kind of error alone, since Spark's messages quote values.
    """

    name = "spark"

    def __init__(
        self,
        folder: Path,
        *,
        master: str | None = None,
        remote: str | None = None,
        memory_limit: str | None = None,
        threads: int | None = None,
        debug: bool = False,
    ):
        self._debug = debug
        self._folder = folder
        with self._scrubbed():
            self._session = start(
                folder,
                master=master,
                remote=remote,
                memory_limit=memory_limit,
                threads=threads,
                debug=debug,
            )

    def __enter__(self) -> "Spark":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the session; its tables stay in their folder."""
        with self._scrubbed():
            self._session.stop()

    def create(
        self,
        table: str,
        select: str,
        parameters: Mapping[str, Any] | None = None,
    ) -> None:
        """Make the table (anew) from a select."""
        path = self._folder / table
        with self._scrubbed():
            frame = self._session.sql(translate(select, parameters))
            frame.write.mode("overwrite").parquet(path.as_uri())
        self.read(table, path)

    def read(self, table: str, path: Path) -> None:
        """Make the table of a Parquet file, or of a folder of them."""
        with self._scrubbed():
            found = self._session.read.parquet(path.as_uri())
            found.createOrReplaceTempView(table)

    def load(self, table: str, frame: "pd.DataFrame") -> None:
        """Make the table from a pandas frame of few rows, such as a seed."""
        rows = [
            exp.Tuple(expressions=[_literal(cell) for cell in row])
            for row in frame.astype(object).itertuples(index=False)
        ]
        values = exp.Values(expressions=rows).sql("spark")
        columns = ", ".join(exp.to_identifier(name).sql("spark") for name in frame)
        with self._scrubbed():
            found = self._session.sql(f"select * from {values} as given({columns})")
            found.createOrReplaceTempView(table)

    def rows(
        self, sql: str, parameters: Mapping[str, Any] | None = None
    ) -> list[tuple[Any, ...]]:
        """The rows of a select as tuples of Python values; for counts only."""
        with self._scrubbed():
            found = self._session.sql(translate(sql, parameters)).collect()
            return [tuple(row) for row in found]

    def columns(self, table: str) -> dict[str, str]:
        """The table's column names with their SQL types, in order."""
        with self._scrubbed():
            return dict(self._session.table(table).dtypes)

    def has(self, table: str) -> bool:
        """Whether there is such a table."""
        with self._scrubbed():
            return self._session.catalog.tableExists(table)

    def drop(self, table: str) -> None:
        """Drop the table, which no later step reads, and its files."""
        with self._scrubbed():
            self._session.catalog.dropTempView(table)
        shutil.rmtree(self._folder / table, ignore_errors=True)

    @contextmanager
    def _scrubbed(self) -> Iterator[None]:
        try:
            yield
        except (PySparkException, Py4JError, ConnectionError) as error:
            raise _said(error) from (error if self._debug else None)


def _said(error: Exception) -> Exception:
    kind = type(error).__name__
    condition = error.getCondition() if isinstance(error, PySparkException) else None
    if (condition or "").startswith(_NOT_SEEN):
        return ReadWriteFailed(
            "Spark does not see the folder in which its tables lie.",
            "Name one with --spark-folder that this machine and every worker see.",
        )
    if kind in _FAULTS_OF_OURS:
        return InvariantBroken(
            f"Spark refused a statement of ours ({kind}).",
            "This is a fault of the program: run again with --debug to see where.",
        )
    return EngineUnavailable(
        f"Spark did not start, or was lost on the way ({condition or kind}).",
        "Its own log says why; run again, with --debug to see where.",
    )


def _literal(value: Any) -> exp.Expression:
    if isinstance(value, Decimal):
        return exp.Literal.number(format(value, "f"))
    return exp.convert(value)
