"""A standalone cluster and a Spark Connect server, both on loopback, started and stopped.

The workers are processes of their own: what they see of a run is its shared folder.
"""

import json
import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.spark.agreement import SAMPLE, assert_same_run, published

pytestmark = [pytest.mark.spark, pytest.mark.long]

WORKERS = 2
PATIENCE = 60
"""Seconds that a server may take to start."""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@contextmanager
def spark_process(folder: Path, main_class: str, *arguments: str) -> Iterator[None]:
    """One Java process of Spark, bound to loopback; it is ended at the end."""
    import pyspark

    home = Path(pyspark.__file__).parent
    folder.mkdir()
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [str(home / "bin" / "spark-class"), main_class, *arguments],
            env=os.environ | {"SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1"},
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=folder,
        )
        try:
            yield
        finally:
            process.terminate()
            process.wait(PATIENCE)


def wait_until(holds: Callable[[], bool]) -> None:
    for _ in range(10 * PATIENCE):
        try:
            if holds():
                return
        except OSError:
            pass  # it does not listen yet
        time.sleep(0.1)
    raise TimeoutError("Spark's server did not start.")


@pytest.fixture
def master(tmp_path) -> Iterator[str]:
    """The URL of a master with two workers of one core each."""
    port, page = free_port(), free_port()
    url = f"spark://127.0.0.1:{port}"
    place = ("--host", "127.0.0.1")

    def are_alive() -> bool:
        with urllib.request.urlopen(f"http://127.0.0.1:{page}/json/") as answer:
            return json.load(answer)["aliveworkers"] == WORKERS

    deploy = "org.apache.spark.deploy"
    ports = ("--port", str(port), "--webui-port", str(page))
    size = ("--cores", "1", "--memory", "1g", "--webui-port", "0")
    with spark_process(tmp_path / "master", f"{deploy}.master.Master", *place, *ports):
        workers = [
            spark_process(
                tmp_path / f"worker_{number}",
                f"{deploy}.worker.Worker",
                *(*place, *size, "--work-dir", str(tmp_path / f"work_{number}"), url),
            )
            for number in range(WORKERS)
        ]
        with workers[0], workers[1]:
            wait_until(are_alive)
            yield url


@pytest.fixture
def remote(tmp_path) -> Iterator[str]:
    """The address of a Spark Connect server."""
    port = free_port()
    settings = {
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": str(port),
        "spark.ui.enabled": "false",
    }
    given = [word for pair in settings.items() for word in ("--conf", "=".join(pair))]

    def listens() -> bool:
        socket.create_connection(("127.0.0.1", port)).close()
        return True

    server = "org.apache.spark.sql.connect.service.SparkConnectServer"
    with spark_process(
        tmp_path / "connect",
        "org.apache.spark.deploy.SparkSubmit",
        *("--class", server, "--master", "local[2]", *given, "spark-internal"),
    ):
        wait_until(listens)
        yield f"sc://127.0.0.1:{port}"


@pytest.fixture
def shared(tmp_path) -> Path:
    """A folder that the workers see; a run leaves nothing in it."""
    folder = tmp_path / "shared"
    folder.mkdir()
    return folder


def test_a_standalone_cluster_gives_the_same_run(master, shared, tmp_path, monkeypatch):
    monkeypatch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
    duck = published(SAMPLE, tmp_path / "duck", "duckdb")
    place = {"spark_master": master, "spark_folder": shared}
    spark = published(SAMPLE, tmp_path / "spark", "spark", **place)
    assert_same_run(duck, spark)
    assert not list(shared.iterdir())
    executors = list(tmp_path.glob("work_*/app-*/*"))
    assert len({path.parents[1] for path in executors}) == WORKERS, "both worked"


def test_spark_connect_gives_the_same_run(remote, shared, tmp_path):
    duck = published(SAMPLE, tmp_path / "duck", "duckdb")
    place = {"spark_remote": remote, "spark_folder": shared}
    spark = published(SAMPLE, tmp_path / "spark", "spark", **place)
    assert_same_run(duck, spark)
    assert not list(shared.iterdir())
