"""Where the records of a CSV begin and end, checked before any engine reads one.

Works on whole blocks with numpy: only lines that look wrong are looked at one by one.
A record is one line, since no extract has free text; so a row is (file, line). Knows
nothing of the contract but the names that decide the delimiter.
"""

import gzip
import os
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from pipeline.errors import DataRefused
from pipeline.extracts.delivery import (
    Candidate,
    HashedFile,
    open_regular,
    refuse_other_format,
)
from pipeline.extracts.records import (
    DELIMITERS,
    BrokenRecord,
    irregular_lines,
    quoted,
    split_record,
)

BLOCK_BYTES = 1 << 22
_LONGEST_LINE = 1_000_000
_MOST_COLUMNS = 1_000
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Bounds:
    """How far a file may expand: in bytes, and as a ratio of what was delivered."""

    expanded_bytes: int
    ratio: int


@dataclass(frozen=True)
class Framed:
    """A CSV whose records are known; ``path`` may be read by an engine line by line.

    ``skip`` lines stand before the first record. ``lines`` holds the delivered line of
    each record where they cannot be counted from ``first_line``: where blank lines were
    left out.
    """

    path: Path
    delimiter: str
    header: tuple[str, ...]
    n_rows: int
    skip: int
    first_line: int
    lines: np.ndarray | None
    notes: tuple[str, ...]

    @property
    def all_lines(self) -> np.ndarray:
        """The delivered line of each record."""
        if self.lines is None:
            return np.arange(self.first_line, self.first_line + self.n_rows)
        return self.lines


class _NeedsCleaning(Exception):
    """The file is sound, but an engine cannot read it in place."""


def frame(
    file: Candidate,
    copy: Path,
    *,
    known: frozenset[str],
    compressed: bool,
    bounds: Bounds,
) -> tuple[Framed, HashedFile]:
    """The framing of one CSV, and the file that was read, with its hash.

    ``known`` are the header names that may be expected. Where the file cannot be read
    in place (compressed, blank lines, mixed line ends) a clean copy is written to
    ``copy``. Raises DataRefused, with the line, where the framing is in doubt.
    """
    if not compressed:
        try:
            return _frame_once(file, None, known=known, compressed=False, bounds=bounds)
        except _NeedsCleaning:
            pass
    return _frame_once(file, copy, known=known, compressed=compressed, bounds=bounds)


def _frame_once(
    file: Candidate,
    copy: Path | None,
    *,
    known: frozenset[str],
    compressed: bool,
    bounds: Bounds,
) -> tuple[Framed, HashedFile]:
    with open_regular(file) as opened:
        if opened.size > bounds.expanded_bytes:
            raise DataRefused(f"{file.label} is larger than max_expanded_bytes allows.")
        clean = _created(copy) if copy else None
        try:
            framing = _Framing(file, known, clean)
            read = opened.read
            if compressed:
                read = _expanded(opened, file.label, bounds)
            for block, is_last in _blocks(
                read, file.label, translate=clean is not None
            ):
                framing.take(block, is_last=is_last)
        finally:
            if clean:
                clean.close()
        opened.refuse_if_changed()
    return framing.framed(copy or file.path), opened


def _created(copy: Path) -> BinaryIO:
    return os.fdopen(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def _expanded(opened: HashedFile, label: str, bounds: Bounds) -> Callable[[int], bytes]:
    source = gzip.GzipFile(fileobj=opened, mode="rb")
    most = min(bounds.expanded_bytes, bounds.ratio * max(opened.size, 1))
    total = 0

    def read(count: int) -> bytes:
        nonlocal total
        try:
            block = source.read(count)
        except EOFError:
            sentence = f"{label} is a truncated gzip file: ask for a complete transfer."
            raise DataRefused(sentence) from None
        except (gzip.BadGzipFile, zlib.error):
            sentence = (
                f"{label} is a damaged gzip file (a wrong checksum or length, or "
                "something after its end): ask for it again."
            )
            raise DataRefused(sentence) from None
        total += len(block)
        if total > most:
            raise DataRefused(
                f"{label} expands beyond max_expanded_bytes or max_expansion_ratio."
            )
        return block

    return read


def _blocks(
    read: Callable[[int], bytes], label: str, *, translate: bool
) -> Iterator[tuple[bytes, bool]]:
    """Blocks of whole lines; the last may lack its newline, and may be empty."""
    rest = b""
    while chunk := read(BLOCK_BYTES):
        chunk = rest + chunk
        if translate and b"\r" in chunk:
            held = b"\r" if chunk.endswith(b"\r") else b""
            chunk = chunk.removesuffix(b"\r").replace(b"\r\n", b"\n")
            chunk = chunk.replace(b"\r", b"\n") + held
        end = chunk.rfind(b"\n") + 1
        rest = chunk[end:]
        if len(rest) > _LONGEST_LINE and b"\r" in rest and not translate:
            raise _NeedsCleaning
        if len(rest) > _LONGEST_LINE or _has_long_line(chunk, end):
            raise DataRefused(
                f"{label} has a line of more than {_LONGEST_LINE:,} bytes."
            )
        if end:
            yield chunk[:end], False
    if translate and rest.endswith(b"\r"):
        rest = rest[:-1] + b"\n"
    yield rest, True


def _has_long_line(chunk: bytes, end: int) -> bool:
    place = 0
    while place < end:
        found = chunk.rfind(b"\n", place, place + _LONGEST_LINE + 1)
        if found < 0:
            return True
        place = found + 1
    return False


def _unquoted(text: str) -> str:
    bare = text.strip()
    is_quoted = len(bare) > 1 and bare[0] == bare[-1] == '"'
    return bare[1:-1] if is_quoted else bare


class _Framing:
    """What is known of a CSV so far, block by block."""

    def __init__(self, file: Candidate, known: frozenset[str], clean: BinaryIO | None):
        self._label = file.label
        self._known = known
        self._clean = clean
        self._header: list[str] = []
        self._header_line = b""
        self._delimiter = ""
        self._told_delimiter = ""
        self._is_first = True
        self._has_crlf: bool | None = None
        self._ends_open = False
        self._lines = 0
        self._lines_to_header = 0
        self._rows = 0
        self._blank: list[int] = []
        self._plain_quotes = 0
        self._repeated_headers = 0
        self._ends_empty = False
        self._notes: list[str] = []

    def take(self, block: bytes, *, is_last: bool) -> None:
        """Check one block of lines."""
        if self._is_first:
            refuse_other_format(block[:4096], self._label)
        self._refuse_bytes(block)
        self._check_line_ends(block)
        if is_last and block.endswith(b"\x1a"):
            self._clean_or_restart("a control-Z at the end was removed")
            block = block[:-1]
        if self._is_first:
            self._is_first = False
            if block.startswith(_BOM):
                self._notes.append("a byte order mark was removed")
                block = block.removeprefix(_BOM)
        if not self._header:
            block = self._take_header(block)
        if block:
            self._take_rows(block, is_last=is_last)

    def framed(self, path: Path) -> Framed:
        """The framing, after the last block."""
        if not self._header:
            raise DataRefused(f"{self._label} is empty: not even a header is in it.")
        in_place = self._clean is None
        return Framed(
            path=path,
            delimiter=self._delimiter,
            header=tuple(self._header),
            n_rows=self._rows,
            skip=self._lines_to_header if in_place else 0,
            first_line=self._lines_to_header + 1,
            lines=self._delivered_lines(),
            notes=tuple(f"{self._label}: {note}." for note in self._all_notes()),
        )

    def _all_notes(self) -> list[str]:
        notes = list(self._notes)
        if self._blank:
            notes.append(f"{len(self._blank):,} blank lines were left out")
        if self._plain_quotes:
            notes.append(f"{self._plain_quotes:,} lines have a quote inside a field")
        if self._repeated_headers:
            notes.append(
                f"{self._repeated_headers:,} lines repeat the header and count as rows"
            )
        if self._ends_open:
            notes.append("its last line has no line end; was the transfer complete?")
        return notes

    def _delivered_lines(self) -> np.ndarray | None:
        after_header = [line for line in self._blank if line > self._lines_to_header]
        if not after_header:
            return None
        lines = np.arange(self._lines_to_header + 1, self._lines + 1)
        return np.delete(lines, np.array(after_header) - self._lines_to_header - 1)

    def _refuse_bytes(self, block: bytes) -> None:
        if b"\0" in block:
            line = self._lines + 1 + block.count(b"\n", 0, block.index(b"\0"))
            raise DataRefused(f"{self._label} holds a NUL byte in line {line:,}.")
        if block.isascii():
            return
        try:
            block.decode("utf-8")
        except UnicodeDecodeError as error:
            line = self._lines + 1 + block.count(b"\n", 0, error.start)
            raise DataRefused(
                f"{self._label} is not UTF-8 in line {line:,}: save it as UTF-8."
            ) from None

    def _check_line_ends(self, block: bytes) -> None:
        if self._clean is not None:
            return
        pairs = block.count(b"\r\n")
        if block.count(b"\r") != pairs or (pairs and pairs != block.count(b"\n")):
            raise _NeedsCleaning
        if block.endswith(b"\n"):
            has_crlf = pairs > 0
            if self._has_crlf not in (None, has_crlf):
                raise _NeedsCleaning
            self._has_crlf = has_crlf

    def _clean_or_restart(self, note: str) -> None:
        if self._clean is None:
            raise _NeedsCleaning
        self._notes.append(note)

    def _take_header(self, block: bytes) -> bytes:
        while block and not self._header:
            line, _, block = block.partition(b"\n")
            self._lines += 1
            text = line.removesuffix(b"\r")
            if not text.strip():
                self._blank.append(self._lines)
                continue
            told = _unquoted(text.decode())
            if told.lower().startswith("sep=") and not self._told_delimiter:
                self._told_delimiter = told[4:5] or "\t"
                self._notes.append("a first line that names the delimiter was left out")
                continue
            self._read_header(text)
        self._lines_to_header = self._lines
        return block

    def _read_header(self, line: bytes) -> None:
        self._header_line = line
        candidates = [self._told_delimiter] if self._told_delimiter else DELIMITERS
        splits = []
        fault = BrokenRecord("it holds no column")
        for delimiter in candidates:
            try:
                fields, _ = split_record(line.decode(), delimiter)
            except BrokenRecord as broken:
                fault = broken
                continue
            names = [name.strip() for name in fields]
            recognised = sum(name in self._known for name in names)
            splits.append((recognised, len(names), delimiter, names))
        if not splits:
            raise DataRefused(f"{self._label}: in its header, {fault}.") from None
        _, width, self._delimiter, self._header = max(
            splits, key=lambda split: split[:2]
        )
        if width > _MOST_COLUMNS:
            raise DataRefused(f"{self._label} has more than {_MOST_COLUMNS:,} columns.")
        self._ends_empty = width > 1 and not self._header[-1]

    def _take_rows(self, block: bytes, *, is_last: bool) -> None:
        if not block.endswith(b"\n"):
            self._ends_open = True
            block += b"\n"
        n_lines = block.count(b"\n")
        self._count_repeated_headers(block)
        irregular = irregular_lines(block, self._delimiter, len(self._header))
        if irregular.size:
            kept = self._examine(block, irregular, is_last=is_last)
        else:
            kept, self._rows = block, self._rows + n_lines
        if self._ends_empty:
            self._refuse_full_last_column(kept)
        self._lines += n_lines
        if self._clean is not None:
            self._clean.write(kept)

    def _count_repeated_headers(self, block: bytes) -> None:
        header = self._header_line
        self._repeated_headers += block.count(b"\n" + header + b"\n")
        self._repeated_headers += block.count(b"\n" + header + b"\r\n")
        self._repeated_headers += block.startswith((header + b"\n", header + b"\r\n"))

    def _refuse_full_last_column(self, block: bytes) -> None:
        mark = self._delimiter.encode()
        empty = block.count(mark + b"\n") + block.count(mark + b"\r\n")
        if empty != block.count(b"\n"):
            raise DataRefused(f"{self._label} has a column without a name.")

    def _examine(self, block: bytes, irregular: np.ndarray, *, is_last: bool) -> bytes:
        lines = block.split(b"\n")[:-1]
        dropped = 0
        for place in irregular.tolist():
            cut_off = self._ends_open and is_last and place == len(lines) - 1
            number = self._lines + place + 1
            line = lines[place].removesuffix(b"\r")
            if not line.strip():
                self._blank.append(number)
                lines[place] = None
                dropped += 1
                continue
            lines[place] = self._repaired(line, number, cut_off=cut_off)
        if self._clean is None and (dropped or self._plain_quotes):
            raise _NeedsCleaning
        self._rows += len(lines) - dropped
        return b"".join(line + b"\n" for line in lines if line is not None)

    def _repaired(self, line: bytes, number: int, *, cut_off: bool) -> bytes:
        where = f"{self._label}, line {number:,}"
        try:
            fields, has_plain_quote = split_record(line.decode(), self._delimiter)
        except BrokenRecord as fault:
            raise DataRefused(
                f"{where}: {fault}, so nothing after it can be trusted; correct the file."
            ) from None
        if len(fields) != len(self._header):
            counted = f"{len(fields)} fields where the header has {len(self._header)}"
            if cut_off:
                raise DataRefused(
                    f"{where}: the file ends in the middle of a record ({counted}): "
                    "ask for a complete transfer."
                )
            raise DataRefused(f"{where}: {counted}; correct the file.")
        if not has_plain_quote:
            return line
        self._plain_quotes += 1
        return quoted(fields, self._delimiter).encode()
