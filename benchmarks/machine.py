"""The machine and the checkout that a session measured; no name or path of either."""

import importlib.metadata
import importlib.util
import os
import platform
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_LIBRARIES = ("duckdb", "pandas", "polars", "pyarrow", "pyspark")
_GIB = 1024**3


def session_name() -> str:
    """The second at which a session begins, in UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def description() -> dict[str, Any]:
    """Processor, cores, memory, system, versions, and the commit that was measured."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(memory / _GIB, 1),
        "system": f"{platform.system()} {_kernel()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": {
            name: importlib.metadata.version(name)
            for name in _LIBRARIES
            if importlib.util.find_spec(name)
        },
        "commit": _commit(),
    }


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.is_file():
        found = re.search(r"^model name\s*:\s*(.+)$", information.read_text(), re.M)
        if found:
            return found[1]
    return platform.processor() or platform.machine()


def _kernel() -> str:
    return ".".join(platform.release().split(".")[:2])  # the rest names one build


def _commit() -> str:
    def git(*arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
        )
        return done.stdout.strip()

    changed = git("status", "--porcelain", "--untracked-files=no", "--", "../pipeline")
    changed += git("status", "--porcelain", "--untracked-files=no", "--", "../sql")
    return git("rev-parse", "--short", "HEAD") + (" with changes" if changed else "")
