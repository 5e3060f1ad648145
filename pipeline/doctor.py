"""Whether a run could be made here: what `acvwatch doctor` examines; it changes nothing.

Each check gives what was found, and the fault that a run would end with. Knows nothing of
a delivery.
"""

import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from pipeline import about, durable, store
from pipeline.errors import (
    AcvwatchError,
    CannotCreateOutput,
    EngineUnavailable,
    InvariantBroken,
    ReadWriteFailed,
)
from pipeline.report import palette
from pipeline.settings import Settings

LEAST_FREE_BYTES = 1 << 30
"""What must be free on the disk of the runs, and of what they spill; ours."""

_LEAST = re.compile(r"([\w-]+)(?:\[[^]]*\])?>=([0-9.]+)[^;]*")
_PAGE_FONT = b"wOF2"


@dataclass(frozen=True)
class Check:
    """What was examined and found; ``fault`` is what a run would end with, if anything."""

    name: str
    found: str
    fault: AcvwatchError | None = None


def examine(out: Path, settings: Callable[[], Settings]) -> tuple[Check, ...]:
    """Every check of this installation, the configuration and the output folder.

    ``settings`` reads the configuration, and may raise what is wrong with it.
    """
    return tuple(
        _checked(name, find)
        for name, find in (
            ("versions", _versions),
            ("fonts", _fonts),
            ("configuration", lambda: _configuration(settings())),
            ("write access", lambda: _write_access(out)),
            ("lock", lambda: _lock(out)),
            ("disk", lambda: _disk(out)),
        )
    )


def exit_code(checks: tuple[Check, ...]) -> int:
    """That of the first fault, or 0."""
    return next((check.fault.exit_code for check in checks if check.fault), 0)


def _checked(name: str, find: Callable[[], str]) -> Check:
    try:
        return Check(name, find())
    except AcvwatchError as fault:
        return Check(name, fault.sentences[0], fault)
    except OSError as error:
        fault = durable.as_error(error, f"the check of {name}")
        return Check(name, fault.sentences[0], fault)


def _versions() -> str:
    found = {"Python": ".".join(map(str, sys.version_info[:3]))}
    for name, least in _required():
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            raise EngineUnavailable(
                f"{name} is not installed.", "Install acvwatch again."
            ) from None
        if _numbers(found[name]) < _numbers(least):
            raise EngineUnavailable(
                f"{name} is {found[name]}; it must be {least} or later.",
                "Install acvwatch again.",
            )
    found |= about.versions()
    names = ("Python", about.DISTRIBUTION, *about.LIBRARIES)
    return ", ".join(f"{name} {found[name]}" for name in names)


def _required() -> Iterator[tuple[str, str]]:
    """Every library that a run needs, with the least version that will do."""
    for line in metadata.requires(about.DISTRIBUTION) or ():
        found = _LEAST.fullmatch(line.strip())
        if found:  # what an extra asks for has a marker
            yield found[1], found[2]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"[0-9]+", version)[:3])


def _fonts() -> str:
    from matplotlib.ft2font import FT2Font

    try:
        families = {FT2Font(str(path)).family_name for path in palette.font_files()}
        pages = sorted(palette.font_folder().glob("*.woff2"))
        is_whole = all(path.read_bytes().startswith(_PAGE_FONT) for path in pages)
    except (OSError, RuntimeError):
        families, pages, is_whole = set(), [], False
    if families != {palette.FAMILY} or not pages or not is_whole:
        raise InvariantBroken(
            f"The fonts of the reports ({palette.FAMILY}) cannot be read.",
            "Install acvwatch again.",
        )
    return f"{palette.FAMILY}, {len(palette.font_files())} for print, {len(pages)} for pages"


def _configuration(settings: Settings) -> str:
    changed = ", ".join(
        f"{name}={about.as_text(settings[name])}" for name in sorted(settings.changed)
    )
    return f"changed: {changed}" if changed else "the defaults"


def _write_access(out: Path) -> str:
    folder = _nearest(out)
    if not folder.is_dir():
        raise CannotCreateOutput(
            f"{folder} is not a folder.", "Name a folder as --out."
        )
    current = out / "current"
    if current.exists() and not current.is_symlink():
        raise CannotCreateOutput(
            f"{current} is not a link of acvwatch's, and no run can replace it.",
            "Move it away.",
        )
    for place in (folder, out / "runs"):
        if place.is_dir():
            _try_to_write(place)
    return f"{out} can be {'written' if folder == out else 'made'}"


def _try_to_write(place: Path) -> None:
    with tempfile.TemporaryDirectory(prefix=durable.PARTIAL, dir=place) as made:
        durable.write(Path(made) / "file", b"acvwatch")
        durable.link(Path(made) / "link", "file")


def _lock(out: Path) -> str:
    store.require_free(out)
    return "free"


def _disk(out: Path) -> str:
    free = shutil.disk_usage(_nearest(out)).free
    if free < LEAST_FREE_BYTES:
        raise ReadWriteFailed(
            f"{_size(free)} are free on the disk of {out}; "
            f"{_size(LEAST_FREE_BYTES)} are the least.",
            "Free space there, or name a folder on another disk as --out.",
        )
    return f"{_size(free)} free"


def _nearest(path: Path) -> Path:
    """The path, or the nearest of the folders above it that is there."""
    path = path.absolute()
    return next(each for each in (path, *path.parents) if each.exists())


def _size(n_bytes: int) -> str:
    return f"{n_bytes / (1 << 30):,.1f} GiB"
