"""What every test may rely on: the repository's root, and a clean environment."""

import gc
import os
from pathlib import Path

import hypothesis
import pytest

from pipeline.contracts.library import import_pandera

import_pandera()  # as a run does: see there

hypothesis.settings.register_profile("suite", deadline=None)
hypothesis.settings.load_profile("suite")  # how long an example took is the machine's

ROOT = Path(__file__).resolve().parent.parent


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
