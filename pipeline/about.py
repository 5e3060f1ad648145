"""What this program is: its version, the digest of its rules, and its libraries' versions.

Knows nothing of a run. All of it goes into a run's content id, since it decides the bytes.
"""

import hashlib
from importlib import metadata
from pathlib import Path

import pandas as pd

from pipeline import resources
from pipeline.settings import Settings

DISTRIBUTION = "acvwatch"
LIBRARIES = ("duckdb", "jinja2", "matplotlib", "numpy", "pandas", "scipy", "typst")
"""The libraries whose version can change a number or a byte of a report."""

_PACKAGE = Path(__file__).resolve().parent


def version() -> str:
    """The version of the installed distribution."""
    return metadata.version(DISTRIBUTION)


def versions() -> dict[str, str]:
    """The version of acvwatch and of every library that can change a result."""
    return {
        DISTRIBUTION: version(),
        **{name: metadata.version(name) for name in LIBRARIES},
    }


def rules_digest() -> str:
    """The SHA-256 of the program's rules: its SQL, templates, seeds and Python files.

    Two versions that differ in one of them never take each other's runs for their own.
    """
    total = hashlib.sha256()
    roots = {
        "sql": (resources.path("sql"), "*.sql"),
        "seeds": (resources.path("seeds"), "*.csv"),
        "reports": (resources.path("reports"), "*"),
        "pipeline": (_PACKAGE, "*.py"),
    }
    for label, (root, pattern) in sorted(roots.items()):
        for path in sorted(root.rglob(pattern)):
            if path.is_file():
                total.update(f"{label}/{path.relative_to(root)}\0".encode())
                total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def parameter_table(shipped: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """The parameters seed with the run's value as text, and whether it was changed."""
    return shipped.assign(
        value=[as_text(settings[name]) for name in shipped["name"]],
        is_changed=shipped["name"].isin(settings.changed),
    )


def as_text(value: object) -> str:
    """The value of a parameter as a file or the command line has it."""
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(value) if isinstance(value, tuple) else str(value)
