"""Which files of a folder are which extract, and how one is opened without harm.

Knows names, links and first bytes; nothing of columns or rows.
"""

import errno
import os
import re
import stat
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from hashlib import sha256
from io import RawIOBase
from pathlib import Path

from pipeline.contracts.schemas import EXTRACTS
from pipeline.errors import (
    AcvwatchError,
    DataRefused,
    InputMissing,
    NoPermission,
    ReadWriteFailed,
)

_LEFTOVERS = "_temporary"
_PLAIN = re.compile(r"[a-z][a-z0-9_.-]{0,63}")
_SIGNATURES = (
    (b"\x1f\x8b", "gzip"),
    (b"PAR1", "parquet"),
)
_REFUSED_SIGNATURES = (
    # Of a file as it was delivered these two are read: here it is inside gzip.
    (b"PAR1", "is Parquet inside gzip: deliver the Parquet file itself"),
    (b"\x1f\x8b", "is gzip inside gzip: compress it once"),
    (b"PARE", "is encrypted Parquet: deliver it unencrypted"),
    (b"PK\x03\x04", "is an Excel workbook or another zip file: save it as CSV"),
    (b"\xd0\xcf\x11\xe0", "is an old Excel or Word file: save it as CSV"),
    (b"%PDF", "is a PDF: deliver the table as CSV"),
    (b"\xff\xfe\x00\x00", "is UTF-32: save it as UTF-8"),
    (b"\x00\x00\xfe\xff", "is UTF-32: save it as UTF-8"),
    (b"\xff\xfe", "is UTF-16: save it as UTF-8"),
    (b"\xfe\xff", "is UTF-16: save it as UTF-8"),
    (b"\x28\xb5\x2f\xfd", "is compressed with zstd: use gzip"),
    (b"BZh", "is compressed with bzip2: use gzip"),
    (b"\xfd7zXZ", "is compressed with xz: use gzip"),
)
_REFUSED_STARTS = (
    (b"<", "is HTML or XML, perhaps an error page: deliver the table itself as CSV"),
    (b"{", "is JSON: deliver it as CSV or Parquet"),
    (b"[", "is JSON: deliver it as CSV or Parquet"),
)


@dataclass(frozen=True)
class Candidate:
    """A file that claims to be (a part of) an extract; ``label`` names it in messages."""

    extract: str
    label: str
    path: Path


class HashedFile(RawIOBase):
    """An open regular file that hashes what is read and tells whether it changed."""

    def __init__(self, descriptor: int, label: str):
        self._file = os.fdopen(descriptor, "rb", buffering=0)
        self._digest = sha256()
        self._label = label
        self._before = os.fstat(descriptor)

    @property
    def size(self) -> int:
        """The size in bytes when the file was opened."""
        return self._before.st_size

    @property
    def sha256(self) -> str:
        """The SHA-256, in hex, of what has been read."""
        return self._digest.hexdigest()

    @property
    def state(self) -> tuple[int, int, int, int]:
        """What must stay the same while the file is in use."""
        return _state(self._before)

    def readable(self) -> bool:
        """Whether it can be read: always."""
        return True

    def readinto(self, buffer) -> int:
        """The number of bytes read into the buffer; they are hashed on the way."""
        count = self._file.readinto(buffer) or 0
        self._digest.update(memoryview(buffer)[:count])
        return count

    def refuse_if_changed(self) -> None:
        """Raise DataRefused where the file is not the one that was opened."""
        if _state(os.fstat(self._file.fileno())) != self.state:
            raise DataRefused(_changed(self._label))

    def close(self) -> None:
        """Close the file."""
        if not self.closed:
            self._file.close()
        super().close()


def _state(status: os.stat_result) -> tuple[int, int, int, int]:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _changed(label: str) -> str:
    return f"{label} changed while it was read: deliver it again, then start the run."


def refuse_if_replaced(path: Path, label: str, state: tuple[int, ...]) -> None:
    """Raise DataRefused where the path no longer leads to the file that was read."""
    try:
        now = os.stat(path)
    except OSError:
        raise DataRefused(_changed(label)) from None
    if _state(now) != state:
        raise DataRefused(_changed(label))


def find_files(
    folder: Path, files: Mapping[str, Sequence[str]] | None = None
) -> tuple[tuple[Candidate, ...], tuple[AcvwatchError, ...]]:
    """The files of each extract, sorted by extract and label, and the faults met.

    ``files`` (of a profile) gives the names of an extract's files, with ``*`` and
    ``?``, none where it is not delivered; the files of an extract that is not in it are
    found by their names, as the contract says. Raises InputMissing where the folder is
    not there, NoPermission where it cannot be listed.
    """
    try:
        root = folder.resolve(strict=True)
        entries = sorted(os.listdir(root), key=os.fsencode)
    except PermissionError:
        raise NoPermission(f"The folder {folder} may not be read.") from None
    except OSError:
        raise InputMissing(
            f"There is no folder {folder} to read extracts from."
        ) from None
    found: list[Candidate] = []
    faults: list[AcvwatchError] = []
    for name in entries:
        try:
            found += _candidates(root, name, files or {})
        except AcvwatchError as fault:
            faults.append(fault)
    faults += [fault for fault in _ambiguous_names(found) if fault]
    order = {extract: place for place, extract in enumerate(EXTRACTS)}
    found.sort(key=lambda file: (order[file.extract], file.label))
    return tuple(found), tuple(faults)


def files_left_over(
    folder: Path, files: Mapping[str, Sequence[str]] | None = None
) -> tuple[list[str], int]:
    """What in the folder belongs to no extract: names, and how many are not shown.

    Hidden files apart. A name with a slip in it would otherwise be an extract that was
    not delivered; a name that is not written like an extract's may be a patient's.
    """
    names = [
        name
        for name in sorted(os.listdir(folder), key=os.fsencode)
        if not name.startswith(".") and _extract_of(name, files or {}) is None
    ]
    plain = [name for name in names if _PLAIN.fullmatch(name)]
    return plain, len(names) - len(plain)


def _candidates(
    root: Path, name: str, files: Mapping[str, Sequence[str]]
) -> list[Candidate]:
    extract = _extract_of(name, files)
    if extract is None:
        return []
    label = printable(name)
    path = _inside(root, root / name, label)
    if not path.is_dir():
        return [Candidate(extract, label, path)]
    if name != extract:
        raise DataRefused(f"{label} is a folder where a file was expected.")
    return _parts(root, path, extract, label)


def _extract_of(name: str, files: Mapping[str, Sequence[str]]) -> str | None:
    for extract, patterns in files.items():
        if any(fnmatchcase(name, pattern) for pattern in patterns):
            return extract
    extract = extract_named(name)
    if extract in files:
        return None
    if extract and not _is_named(name, extract):
        raise DataRefused(
            f"{printable(name)} is taken for {extract}, but names are written in "
            "lower case: rename it."
        )
    return extract


def extract_named(name: str) -> str | None:
    """The extract that a file's or folder's name claims, in whatever case."""
    for extract in EXTRACTS:
        if _is_named(name.lower(), extract):
            return extract
    return None


def _is_named(name: str, extract: str) -> bool:
    return name == extract or (name.startswith(extract) and name[len(extract)] in "_-.")


def _parts(root: Path, folder: Path, extract: str, label: str) -> list[Candidate]:
    try:
        names = sorted(os.listdir(folder), key=os.fsencode)
    except PermissionError:
        raise NoPermission(f"{label} may not be read.") from None
    if _LEFTOVERS in names:
        raise DataRefused(
            f"{label} holds {_LEFTOVERS}: the program that writes it has not finished."
        )
    parts = []
    for name in names:
        if name.startswith((".", "_")):
            continue
        part_label = f"{label}/{printable(name)}"
        path = _inside(root, folder / name, part_label)
        if path.is_dir():
            raise DataRefused(f"{part_label} is a folder where a file was expected.")
        parts.append(Candidate(extract, part_label, path))
    if not parts:
        raise DataRefused(f"{label} is a folder without a file.")
    return parts


def _inside(root: Path, path: Path, label: str) -> Path:
    try:
        real = path.resolve(strict=True)
    except (FileNotFoundError, RuntimeError):
        raise DataRefused(f"{label} is a link that leads nowhere.") from None
    except PermissionError:
        raise NoPermission(f"{label} may not be read.") from None
    except OSError:
        raise DataRefused(f"{label} is a link that leads nowhere.") from None
    if not real.is_relative_to(root):
        raise DataRefused(
            f"{label} is a link that leaves the folder: copy the file in."
        )
    return real


def _ambiguous_names(found: Sequence[Candidate]) -> Iterator[AcvwatchError]:
    alike: dict[str, list[str]] = defaultdict(list)
    for file in found:
        key = unicodedata.normalize("NFC", file.label).casefold()
        alike[key].append(file.label)
    for labels in alike.values():
        if len(labels) > 1:
            names = " and ".join(ascii(label) for label in sorted(labels))
            yield DataRefused(
                f"{names} differ only by case or Unicode form: keep one of them."
            )


def printable(name: str) -> str:
    """The file name with whatever is not printable written as an escape."""
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode()
        for letter in text
    )


@contextmanager
def open_regular(file: Candidate) -> Iterator[HashedFile]:
    """The file, opened without following a link and without waiting.

    Raises DataRefused for what is no regular file, NoPermission, InputMissing where it
    went away, ReadWriteFailed where the disk fails.
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with _said_plainly(file.label):
        # A device may act on being opened, so what it is is asked before.
        _refuse_special(os.lstat(file.path).st_mode, file.label)
        descriptor = os.open(file.path, flags)
        opened = HashedFile(descriptor, file.label)
        try:
            _refuse_special(os.fstat(descriptor).st_mode, file.label)
            yield opened
        finally:
            opened.close()


def _refuse_special(mode: int, label: str) -> None:
    if not stat.S_ISREG(mode):
        raise DataRefused(
            f"{label} is no regular file (a pipe, a device, a folder or a link)."
        )


@contextmanager
def _said_plainly(label: str) -> Iterator[None]:
    try:
        yield
    except PermissionError:
        raise NoPermission(f"{label} may not be read.") from None
    except FileNotFoundError:
        raise InputMissing(f"{label} went away while it was being read.") from None
    except OSError as error:
        kind = errno.errorcode.get(error.errno or 0, "an error")
        raise ReadWriteFailed(f"{label} could not be read ({kind}).") from None


def format_of(start: bytes, label: str) -> str:
    """``csv``, ``gzip`` or ``parquet``, from a file's first bytes, whatever its name.

    Raises DataRefused, naming what it is instead, for every other kind of file.
    """
    for signature, name in _SIGNATURES:
        if start.startswith(signature):
            return name
    refuse_other_format(start, label)
    return "csv"


def refuse_other_format(start: bytes, label: str) -> None:
    """Raise DataRefused where the first bytes are those of something else than CSV."""
    for signature, sentence in _REFUSED_SIGNATURES:
        if start.startswith(signature):
            raise DataRefused(f"{label} {sentence}.")
    bare = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    for signature, sentence in _REFUSED_STARTS:
        if bare.startswith(signature):
            raise DataRefused(f"{label} {sentence}.")
