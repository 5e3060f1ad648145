"""What a missing Java and an unreachable Spark give: a sentence, and 69 soon."""

import os
import socket
import subprocess
import sys
import time

import pytest

from pipeline import cli
from tests.spark.agreement import SAMPLE

pytestmark = pytest.mark.spark

RUN = ["run", str(SAMPLE), "--as-of", "2026-06-30", "--engine", "spark"]
SOON = 30
"""Seconds: the import of PySpark and one knock."""


@pytest.fixture
def address():
    """An address of this machine at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    return f"127.0.0.1:{port}"


@pytest.mark.parametrize(
    ("option", "scheme"), [("--spark-master", "spark"), ("--spark-remote", "sc")]
)
def test_nobody_at_the_address(option, scheme, address, tmp_path, capsys):
    began = time.monotonic()
    url = f"{scheme}://{address}"
    assert cli.run_command([*RUN, "--out", str(tmp_path / "out"), option, url]) == 69
    assert time.monotonic() - began < SOON
    assert f"Spark does not answer at {url}." in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_somebody_else_at_the_address(tmp_path, capsys):
    """A listener that says nothing is no Spark Connect server."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"sc://127.0.0.1:{server.getsockname()[1]}"
        arguments = [*RUN, "--out", str(tmp_path / "out"), "--spark-remote", url]
        began = time.monotonic()
        assert cli.run_command(arguments) == 69
    assert time.monotonic() - began < SOON
    assert "does not answer" in capsys.readouterr().err


def test_no_java(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    assert cli.run_command([*RUN, "--out", str(tmp_path / "out")]) == 69
    assert "Spark needs Java, which is not here." in capsys.readouterr().err


def test_a_java_that_does_not_start(tmp_path):
    """In a process of its own, since a Java that runs is kept until its process ends."""
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.write_text("#!/bin/sh\nexit 1\n")
    java.chmod(0o755)
    done = subprocess.run(
        [sys.executable, "-m", "pipeline", *RUN, "--out", str(tmp_path / "out")],
        env=os.environ | {"JAVA_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        cwd=SAMPLE.parents[1],
    )
    assert done.returncode == 69
    assert "Spark did not start" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out" / "current").exists()
