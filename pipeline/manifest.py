"""What a run's folder must hold, to the byte; knows nothing of locks or publication.

`manifest.json` names every output with its size and SHA-256, and carries a seal: the
SHA-256 of itself without the seal. So one flipped bit anywhere is found.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipeline import durable
from pipeline.errors import ReadWriteFailed

NAME = "manifest.json"
_SEAL = "seal"


class Damaged(ReadWriteFailed):
    """A published run is not what its manifest says."""


@dataclass(frozen=True)
class Published:
    """A run on disk that is what its manifest says."""

    name: str
    folder: Path
    manifest: Mapping[str, Any]


def canonical_json(value: Any) -> bytes:
    """The value as JSON text, the same for equal values.

    Keys are sorted, decimals lose trailing zeros, dates are ISO 8601, sets are sorted.
    Raises TypeError or ValueError for what has no such form, such as a path or NaN.
    """
    text = json.dumps(
        value,
        sort_keys=True,
        ensure_ascii=False,
        allow_nan=False,
        indent=1,
        default=_plain,
    )
    return text.encode() + b"\n"


def write(folder: Path, name: str, content: Mapping[str, Any]) -> None:
    """Write the manifest of all that the folder holds; the last file of a run."""
    outputs = {path: _describe(folder / path) for path in files(folder)}
    whole = {**content, "run": name, "outputs": outputs}
    durable.write(folder / NAME, canonical_json({**whole, _SEAL: _seal(whole)}))


def read(folder: Path) -> Mapping[str, Any]:
    """The manifest of the run in the folder, its outputs not looked at.

    Raises Damaged where it is missing, altered, or that of another run.
    """
    try:
        data = (folder / NAME).read_bytes()
        found = json.loads(data)
    except FileNotFoundError:
        raise _damaged(folder, f"it has no {NAME}") from None
    except ValueError:
        raise _damaged(folder, f"{NAME} cannot be read") from None
    content = dict(found) if isinstance(found, dict) else {}
    seal = content.pop(_SEAL, None)
    if seal != _seal(content) or canonical_json(found) != data:
        raise _damaged(folder, f"{NAME} was altered")
    if content["run"] != folder.name:
        raise _damaged(folder, f"{NAME} is that of another run")
    return content


def verify(folder: Path) -> Published:
    """The run in the folder, after every byte was held against its manifest.

    Raises Damaged, which names the file.
    """
    content = read(folder)
    outputs = content["outputs"]
    found = set(files(folder)) - {NAME}
    for path in sorted(found | outputs.keys()):
        if path not in outputs:
            raise _damaged(folder, f"it holds {path}, which {NAME} does not list")
        if path not in found:
            raise _damaged(folder, f"{path} is missing")
        if outputs[path] != _describe(folder / path):
            raise _damaged(folder, f"{path} is not the file that was published")
    return Published(folder.name, folder, content)


def files(folder: Path) -> list[str]:
    """The paths of all complete files below the folder, relative to it, sorted."""
    found = []
    for parent, _, names in os.walk(folder):
        inside = Path(parent).relative_to(folder)
        found += [(inside / name).as_posix() for name in names if _is_complete(name)]
    return sorted(found)


def _is_complete(name: str) -> bool:
    return not name.startswith(durable.PARTIAL)


def _describe(path: Path) -> dict[str, Any]:
    if path.is_symlink():
        return {}  # a run holds what it names, no way out of its folder
    return {"bytes": path.stat().st_size, "sha256": durable.sha256(path)}


def _seal(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical_json(content)).hexdigest()


def _damaged(folder: Path, what: str) -> Damaged:
    return Damaged(
        f"The published run {folder.name} is damaged: {what}.",
        f"Run acvwatch run again with --as-of {folder.name[:10]} to build it again, "
        "or move its folder away.",
    )


def _plain(value: Any) -> Any:
    match value:
        case Decimal() if value.is_finite():
            return format(value.normalize(), "f")
        case date():
            return value.isoformat()
        case frozenset() | set():
            return sorted(value)
        case Mapping():
            return dict(value)
    raise TypeError(f"{type(value).__name__} has no canonical form")
