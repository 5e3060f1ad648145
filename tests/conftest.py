"""What every test may rely on: the repository's root, and a clean environment."""

import gc
import os
from pathlib import Path

import hypothesis
import pytest

from pipeline.contracts.library import import_pandera

import_pandera()  # as a run does: see there

# how long an example took is the machine's
hypothesis.settings.register_profile(
    "suite",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("suite")

ROOT = Path(__file__).resolve().parent.parent


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """No worker where some of the tests are asked for: they run in this process.

    So there is one Spark, one browser, and no worker to wait for where a test is tried.
    Of the whole suite, a worker takes a file after the other (pyproject.toml).
    """
    selected = any(
        str(argument).startswith(("-m", "-k"))
        for argument in config.invocation_params.args
    )
    is_whole = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    return None if is_whole and not selected else 0


def pytest_collection_finish():
    """Spare the garbage collector what was collected: it lives until the end."""
    gc.freeze()


def pytest_sessionfinish():
    """Let it be freed as usual."""
    gc.unfreeze()


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder that holds pyproject.toml."""
    return ROOT


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch):
    for name in list(os.environ):
        if name.startswith("ACVWATCH_"):
            monkeypatch.delenv(name)
