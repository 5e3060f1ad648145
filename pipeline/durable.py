"""Files written so that a reader finds all of one or none; knows nothing of runs.

A file gets a temporary name, its full content, an fsync, and only then its own name.
Nobody but the owner may read what is written here.
"""

import contextlib
import errno
import hashlib
import os
import signal
import stat
from pathlib import Path

from pipeline.errors import (
    AcvwatchError,
    CannotCreateOutput,
    NoPermission,
    ReadWriteFailed,
)

PARTIAL = ".partial-"
"""What the name of a file begins with until it is complete."""

STOPPING = (signal.SIGINT, signal.SIGTERM)
"""The signals that stop a command cleanly, but not between the last steps."""

_CHUNK_BYTES = 1 << 20
_CANNOT_CREATE = {
    errno.EEXIST,
    errno.EISDIR,
    errno.ENAMETOOLONG,
    errno.ENOENT,
    errno.ENOTDIR,
    errno.EROFS,
}
_DISK_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def as_error(error: OSError, doing: str) -> AcvwatchError:
    """The fault of ours for what the system refused while ``doing`` something."""
    where = f" ({Path(os.fsdecode(error.filename)).name})" if error.filename else ""
    sentence = f"The system refused {doing}{where}: {error.strerror or error.errno}."
    if error.errno in (errno.EACCES, errno.EPERM):
        return NoPermission(sentence, "Check who owns the folder and its permissions.")
    if error.errno in _CANNOT_CREATE:
        return CannotCreateOutput(sentence, "Check that the path can be used.")
    if error.errno in _DISK_FULL:
        return ReadWriteFailed(sentence, "Free space on that disk and run again.")
    return ReadWriteFailed(sentence, "Check the disk and run again.")


def require_readable(path: Path, what: str) -> None:
    """Raise NoPermission where this user may not read the file or folder that is there.

    What is not there, or is something else, is for the one who reads it to tell.
    """
    try:
        is_folder = stat.S_ISDIR(os.stat(path).st_mode)
        needed = os.R_OK | os.X_OK if is_folder else os.R_OK
        is_readable = os.access(path, needed)
    except PermissionError:  # a folder on the way to it
        is_readable = False
    except OSError:
        return
    if not is_readable:
        raise NoPermission(
            f"{what} {path} may not be read by the user who runs this.",
            "Check who owns it, its permissions, and those of the folders above it.",
        )


def partial(path: Path) -> Path:
    """The temporary name, in the same folder, of a file that is being written."""
    return path.with_name(PARTIAL + path.name)


def make_folder(path: Path) -> None:
    """Make the folder, and those above it, for the owner alone."""
    if not path.is_dir():
        make_folder(path.parent)
        os.mkdir(path, 0o700)


def write(path: Path, data: bytes) -> None:
    """Write the file whole or not at all."""
    temporary = partial(path)
    descriptor = os.open(
        temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600
    )
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
    finally:
        os.close(descriptor)
    settle(path)


def settle(path: Path) -> None:
    """Give a complete file, written under its temporary name, its own."""
    temporary = partial(path)
    secure(temporary)
    os.replace(temporary, path)


def secure(path: Path) -> None:
    """Make the file's content survive a loss of power, and its owner's alone."""
    os.chmod(path, 0o600)
    _sync(path)


def link(path: Path, target: str) -> None:
    """Make ``path`` a symbolic link to the target, whatever link was there before."""
    temporary = partial(path)
    if os.path.lexists(temporary):
        os.unlink(temporary)
    os.symlink(target, temporary)
    try:
        os.replace(temporary, path)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Make the names in a folder survive a loss of power."""
    _sync(path)


def sha256(path: Path) -> str:
    """The SHA-256 of the file's bytes as 64 hex digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
