"""Folders compared byte by byte."""

from pathlib import Path


def content(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, by its path within it."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
