"""Apache Spark as the engine: the same SQL files, translated by sqlglot.

The only pyspark and sqlglot import. Every table is written as Parquet into a folder that
both this process and every worker see, so that nothing is computed twice, memory stays
bounded and the embedded engine can read on. No frame of people reaches this process.
"""

import re
import shutil
import socket
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from os import cpu_count, environ
from pathlib import Path
from subprocess import DEVNULL
from typing import TYPE_CHECKING, Any

import sqlglot
from sqlglot import exp

from pipeline.errors import EngineUnavailable, InvariantBroken, ReadWriteFailed

if TYPE_CHECKING:
    import pandas as pd

with warnings.catch_warnings():
    warnings.simplefilter("ignore", FutureWarning)  # it has tried no pandas 3 yet
    import grpc
    from py4j.protocol import Py4JError
    from pyspark import SparkConf, SparkContext
    from pyspark.errors import PySparkException
    from pyspark.java_gateway import launch_gateway
    from pyspark.logger import PySparkLogger
    from pyspark.sql import SparkSession
    from pyspark.sql.connect.client import DefaultChannelBuilder

_MEANINGS = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",
}
"""What makes an overflow an error, and a day the same day everywhere."""

_ADDRESS = re.compile(r"(\[[^\]]+\]|[^/,:;\[\]]+)(?::([0-9]+))?(?=[/,;]|$)")
_SIZE = re.compile(r"([0-9.]+) ?([KMGT])(i?)B")
_HTTPS_PORT = 443
_SECONDS = 5
"""How long Spark may take to answer the first knock."""

_LOGGERS = (
    "DataFrameQueryContextLogger",
    "SQLQueryContextLogger",
    "pyspark.sql.connect.logging",
)
"""What would print an error's message, which quotes values, beside raising it."""

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


def require(master: str | None, remote: str | None) -> None:
    """Raise EngineUnavailable soon where there is no Java, or no Spark at the address."""
    if not remote:
        _require_java()
    if not (_serves(remote) if remote else _listens(master or "")):
        raise EngineUnavailable(
            f"Spark does not answer at {remote or master}.",
            "Start it, or name another --spark-master or --spark-remote.",
        )


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
        for logger in _LOGGERS:
            PySparkLogger.getLogger(logger).disabled = True
        with self._scrubbed():
            if remote:
                self._session = SparkSession.builder.remote(remote).getOrCreate()
            else:
                settings = _settings(folder, master, memory_limit, threads)
                self._session = _start(settings, debug)
            for name, value in _MEANINGS.items():
                self._session.conf.set(name, value)

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
        *,
        stored: bool = True,
    ) -> None:
        """Make the table (anew) from a select; every table is ``stored`` here."""
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


def _settings(
    folder: Path, master: str | None, memory_limit: str | None, threads: int | None
) -> dict[str, str]:
    """What a session is started with; a cluster's own settings decide the rest."""
    master = master or f"local[{threads or '*'}]"
    settings = {
        "spark.app.name": "acvwatch",
        "spark.master": master,
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.warehouse.dir": (folder / "warehouse").as_uri(),
    }
    if master.startswith("local"):
        settings |= {
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.local.dir": str(folder / "spill"),
            "spark.sql.shuffle.partitions": str(2 * (threads or cpu_count() or 1)),
        }
        if memory_limit:
            settings["spark.driver.memory"] = _java_size(memory_limit)
    return settings


def _start(settings: Mapping[str, str], debug: bool) -> SparkSession:
    conf = SparkConf(loadDefaults=False).setAll(list(settings.items()))
    silence = {} if debug else {"stdout": DEVNULL, "stderr": DEVNULL}
    # One Java machine a process. What it would log quotes values, and is not our log.
    gateway = SparkContext._gateway or launch_gateway(conf, silence)
    return SparkSession(SparkContext(conf=conf, gateway=gateway))


def _java_size(memory_limit: str) -> str:
    number, prefix, binary = _SIZE.fullmatch(memory_limit).groups()
    unit = (1024 if binary else 1000) ** ("KMGT".index(prefix) + 1)
    return f"{int(float(number) * unit) // 1024**2}m"


def _require_java() -> None:
    home = environ.get("JAVA_HOME")
    if not shutil.which("java", path=f"{home}/bin" if home else None):
        raise EngineUnavailable(
            "Spark needs Java, which is not here.",
            "Install Java 17 or later, or set JAVA_HOME.",
        )


def _listens(master: str) -> bool:
    """Whether any of the master's addresses, if it has one, takes a connection."""
    addresses = _ADDRESS.findall(master.removeprefix("k8s://").partition("://")[2])
    for host, port in addresses:
        try:
            address = (host.strip("[]"), int(port or _HTTPS_PORT))
            socket.create_connection(address, _SECONDS).close()
        except OSError:
            continue
        return True
    return not addresses


def _serves(remote: str) -> bool:
    """Whether a Spark Connect server, not merely somebody, answers at the address."""
    try:
        with DefaultChannelBuilder(remote).toChannel() as channel:
            grpc.channel_ready_future(channel).result(timeout=_SECONDS)
    except grpc.FutureTimeoutError:
        return False
    return True
