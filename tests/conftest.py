"""What every test may rely on: the repository's root, and a clean environment."""

import os
from pathlib import Path

import pytest

from pipeline.contracts.library import import_pandera

import_pandera()  # as a run does: see there

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder that holds pyproject.toml."""
    return ROOT


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch):
    for name in list(os.environ):
        if name.startswith("ACVWATCH_"):
            monkeypatch.delenv(name)
