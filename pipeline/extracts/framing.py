"""Where the records of a CSV begin and end, checked before any engine reads one.

Works on whole blocks with numpy: only lines that look wrong are looked at one by one.
A record is one line, since no extract has free text; so a row is (file, line).
"""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from gzip import BadGzipFile, GzipFile
from pathlib import Path
from typing import BinaryIO

import numpy as np

from pipeline.errors import DataRefused
from pipeline.extracts.delivery import HashedFile, refuse_other_format
from pipeline.extracts.records import (
    DELIMITERS,
    BrokenRecord,
    irregular_lines,
    quoted,
    split_record,
)

_BLOCK = 1 << 22
_LONGEST_LINE = 1_000_000
_MOST_COLUMNS = 1_000
_BOM = b"\xef\xbb\xbf"
_CTRL_Z = b"\x1a"


@dataclass(frozen=True)
class Bounds:
    """How far a compressed file may expand, in bytes and as a ratio."""

    max_expanded_bytes: int
    max_expansion_ratio: int


@dataclass(frozen=True)
class Framed:
    """A CSV whose records are known: ``path`` is what an engine may read line by line.

    ``lines`` holds the delivered line of each record where they cannot be counted from
    ``first_line``, because blank lines were left out.
    """

    path: Path
    delimiter: str
    header: tuple[str, ...]
    n_rows: int
    skip: int
    new_line: str
    first_line: int
    lines: np.ndarray | None
    notes: tuple[str, ...]


class _NeedsCleaning(Exception):
    """The file can be read, but not in place."""


def frame(
    file: HashedFile, again: "BinaryIO | None", label: str, path: Path, copy: Path,
    *, known: frozenset[str], compressed: bool, bounds: Bounds,
) -> Framed:
    """placeholder"""
    raise NotImplementedError
