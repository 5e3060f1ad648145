"""What the tests of Apache Spark share: whether it can run here, and how it is started."""

import os
import shutil
from importlib.util import find_spec

import pytest


def missing() -> str | None:
    """What is missing for Spark, as a sentence; None where nothing is."""
    if find_spec("pyspark") is None:
        return "PySpark is not installed: uv run --group spark"
    home = os.environ.get("JAVA_HOME")
    if not shutil.which("java", path=f"{home}/bin" if home else None):
        return "Java is not here"
    return None


def pytest_collection_modifyitems(items):
    reason = missing()
    for item in items:
        if reason and item.get_closest_marker("spark"):
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session", autouse=True)
def _java_starts_fast():
    """Small data: Java is not to spend its time on compiling well."""
    before = os.environ.get("JDK_JAVA_OPTIONS")
    os.environ["JDK_JAVA_OPTIONS"] = "-XX:TieredStopAtLevel=1"
    yield
    if before is None:
        del os.environ["JDK_JAVA_OPTIONS"]
    else:
        os.environ["JDK_JAVA_OPTIONS"] = before
