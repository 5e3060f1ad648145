"""Runs on disk: the lock, the staging folder, the manifest, publication, the history.

    <out>/current -> runs/<run>     replaced atomically, last
    <out>/runs/<run>/               a published run, with its manifest
    <out>/runs/history              the runs' names in the order of publication
    <out>/runs/.staging-<hex>/      work in progress
    <out>/lock

Knows nothing of what a run holds. Decides by content: what counts as published is a run
folder whose files are those of its manifest.
"""

import errno
import hashlib
import json
import os
import re
import shutil
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

from filelock import FileLock, Timeout

from pipeline.errors import (
    AcvwatchError,
    CannotCreateOutput,
    LockHeld,
    NoPermission,
    ReadWriteFailed,
)

MANIFEST = "manifest.json"
STOPPING = (signal.SIGINT, signal.SIGTERM)
"""The signals that stop a run cleanly."""

_RUN_NAME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})-[0-9a-f]{12}")
_STAGING = ".staging-"
_PARTIAL = ".partial-"
_SCRATCH = "scratch"
_PRIVATE_UMASK = 0o077
_CANNOT_CREATE = {
    errno.EEXIST,
    errno.EISDIR,
    errno.ENAMETOOLONG,
    errno.ENOENT,
    errno.ENOTDIR,
    errno.EROFS,
}


def canonical_json(value: Any) -> bytes:
    """The value as JSON text that is the same for equal values.

    Keys are sorted, a decimal is written without trailing zeros, a date as ISO 8601.
    Raises TypeError or ValueError for what has no such form (a path, NaN).
    """
    text = json.dumps(
        value,
        sort_keys=True,
        ensure_ascii=False,
        allow_nan=False,
        indent=1,
        default=_as_json,
    )
    return text.encode() + b"\n"


def content_id(parts: Mapping[str, Any]) -> str:
    """The 64 hex digits that stand for all that a run is made from."""
    return hashlib.sha256(canonical_json(parts)).hexdigest()


def run_name(as_of: date, identity: str) -> str:
    """The name of a run's folder, from its as-of date and content id."""
    return f"{as_of.isoformat()}-{identity[:12]}"


def as_error(error: OSError, doing: str) -> AcvwatchError:
    """The fault of ours for what the system refused while ``doing`` something."""
    where = f" ({Path(os.fsdecode(error.filename)).name})" if error.filename else ""
    reason = error.strerror or type(error).__name__
    sentence = f"The system refused {doing}{where}: {reason}."
    if error.errno in (errno.EACCES, errno.EPERM):
        return NoPermission(sentence, "Check who owns the folder and its permissions.")
    if error.errno in _CANNOT_CREATE:
        return CannotCreateOutput(sentence, "Check the path that --out names.")
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return ReadWriteFailed(sentence, "Free space there; nothing was published.")
    return ReadWriteFailed(sentence, "Check the disk; nothing was published.")


@dataclass(frozen=True)
class Published:
    """A run on disk whose manifest was read and is whole."""

    name: str
    folder: Path
    manifest: Mapping[str, Any]

    @property
    def as_of(self) -> date:
        """The day up to which the run looks."""
        return _as_of(self.name)


@dataclass(frozen=True)
class Entry:
    """One line of the history; ``state`` is ``current``, ``published`` or ``damaged``."""

    name: str
    as_of: date
    state: str
    manifest: Mapping[str, Any]
    """Empty where the manifest is damaged."""
