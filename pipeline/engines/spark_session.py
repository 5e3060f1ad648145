"""A session of Apache Spark: whether it can be had, and how it is started.

Knows addresses, Java and settings; knows no table.
"""

import re
import shutil
import signal
import socket
import threading
import warnings
from collections.abc import Mapping
from os import cpu_count, environ
from pathlib import Path
from subprocess import DEVNULL

from pipeline.errors import EngineUnavailable

with warnings.catch_warnings():
    warnings.simplefilter("ignore", FutureWarning)  # it has tried no pandas 3 yet
    import grpc
    from pyspark import SparkConf, SparkContext
    from pyspark.java_gateway import launch_gateway
    from pyspark.logger import PySparkLogger
    from pyspark.sql import SparkSession
    from pyspark.sql.connect.client import DefaultChannelBuilder

_CONNECT_MODE = "SPARK_CONNECT_MODE_ENABLED"

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


def require(master: str | None, remote: str | None) -> None:
    """Raise EngineUnavailable soon where there is no Java, or no Spark at the address."""
    if not remote:
        _require_java()
    if not (_serves(remote) if remote else _listens(master or "")):
        raise EngineUnavailable(
            f"Spark does not answer at {remote or master}.",
            "Start it, or name another --spark-master or --spark-remote.",
        )


def start(
    folder: Path,
    *,
    master: str | None,
    remote: str | None,
    memory_limit: str | None,
    threads: int | None,
    debug: bool,
) -> SparkSession:
    """A session in which SQL means what it means on DuckDB.

    What this machine spills and names goes below ``folder``. Raises what PySpark raises.
    """
    for logger in _LOGGERS:
        PySparkLogger.getLogger(logger).disabled = True
    if remote:
        session = SparkSession.builder.remote(remote).getOrCreate()
    else:
        # A session by Connect before this one leaves it, and PySpark would refuse.
        environ.pop(_CONNECT_MODE, None)
        session = _launch(_settings(folder, master, memory_limit, threads), debug)
    for name, value in _MEANINGS.items():
        session.conf.set(name, value)
    return session


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


def _launch(settings: Mapping[str, str], debug: bool) -> SparkSession:
    conf = SparkConf(loadDefaults=False).setAll(list(settings.items()))
    silence = {} if debug else {"stdout": DEVNULL, "stderr": DEVNULL}
    # One Java machine a process. What it would log quotes values, and is not our log.
    gateway = SparkContext._gateway or launch_gateway(conf, silence)
    before = signal.getsignal(signal.SIGINT)
    context = SparkContext(conf=conf, gateway=gateway)
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, before)  # it would answer, and not the command
    return SparkSession(context)


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
