"""Runs on disk: the lock, the staging folder, publication and the history.

    <out>/current -> runs/<run>     replaced atomically, last
    <out>/runs/<run>/               a published run: its files and their manifest
    <out>/runs/history              names of runs, the one that became current last is last
    <out>/runs/.staging-<label>/    work in progress, swept at the next start
    <out>/lock

Knows nothing of what a run says. It decides by content: published is a folder that holds
the very files of its manifest, whatever error its publication ended with.
"""

import fcntl
import hashlib
import os
import re
import shutil
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Self

from filelock import FileLock, Timeout

from pipeline import durable
from pipeline import manifest as manifests
from pipeline.errors import InputMissing, InvariantBroken, LockHeld, ReadWriteFailed
from pipeline.manifest import Damaged, Published, verify

_RUN_NAME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})-[0-9a-f]{12}")
_HISTORY = "history"
_STAGING = ".staging-"
_SCRATCH = "scratch"
_OWNER_ONLY = 0o077


@dataclass(frozen=True)
class Entry:
    """A run of the history; ``state`` is ``current``, ``published`` or ``damaged``."""

    name: str
    as_of: date
    state: str
    manifest: Mapping[str, Any]
    """Empty where the run is damaged."""


def content_id(parts: Mapping[str, Any]) -> str:
    """The 64 hex digits that stand for everything that a run is made from."""
    return hashlib.sha256(manifests.canonical_json(parts)).hexdigest()


def run_name(as_of: date, identity: str) -> str:
    """The name of a run, from its as-of date and its content id."""
    return f"{as_of.isoformat()}-{identity[:12]}"


def is_run_name(name: str) -> bool:
    """Whether a folder of that name can be a published run."""
    return bool(_RUN_NAME.fullmatch(name))


def history(out: Path) -> list[Entry]:
    """Every run below ``out``, the one that became current last is last; each verified.

    Raises InputMissing where there is no such folder, NoPermission where it may not be
    read.
    """
    runs = out / "runs"
    durable.require_readable(runs, "The folder")
    if not runs.is_dir():
        raise InputMissing(
            f"There are no runs in {out}.",
            "Name the folder that was given as --out to acvwatch run.",
        )
    with _explained("reading the runs"):
        current = _target(out / "current")
        return [_entry(runs / name, current) for name in _in_order(runs)]


class Staging:
    """The folder in which a run is made, before anybody can see it."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.scratch = folder / _SCRATCH
        """For the working database and what it spills; never published."""

    @contextmanager
    def file(self, relative: str) -> Iterator[Path]:
        """A temporary path to write; what lies there at the end becomes ``relative``."""
        with _explained(f"writing {relative}"):
            target = self._inside(relative)
            durable.make_folder(target.parent)
            yield durable.partial(target)
            durable.settle(target)

    def write(self, relative: str, data: bytes) -> None:
        """Write one output of the run."""
        with _explained(f"writing {relative}"):
            target = self._inside(relative)
            durable.make_folder(target.parent)
            durable.write(target, data)

    def seal(self, name: str, manifest: Mapping[str, Any]) -> None:
        """Write the manifest; from here on this is a whole run, not yet in its place."""
        shutil.rmtree(self.scratch)
        for path in manifests.files(self.folder):
            durable.secure(self.folder / path)  # an engine may have written it
        manifests.write(self.folder, name, manifest)
        for parent, _, _ in os.walk(self.folder):
            durable.sync_folder(Path(parent))

    def _inside(self, relative: str) -> Path:
        path = Path(relative)
        if path.is_absolute() or not path.parts or ".." in path.parts:
            raise InvariantBroken("An output of the run has a path outside its folder.")
        return self.folder / path


class Store:
    """The output folder, held by this process alone while it is entered.

    Raises LockHeld where another run holds it. ``notes`` says what the log should tell
    of runs that were found damaged. ``commit`` is called before the last steps of a
    publication, which no signal stops any more; where it raises, nothing is published.
    """

    def __init__(self, out: Path, commit: Callable[[], None] = lambda: None):
        self.out = out
        self._commit = commit
        self.runs = out / "runs"
        self.notes: list[str] = []
        self._lock = FileLock(
            out / "lock",
            timeout=0,
            mode=0o600,
            fallback_to_soft=False,  # only the kernel frees a lock after kill -9
            on_acquired=_sign,
        )

    def __enter__(self) -> Self:
        with ExitStack() as undo, _explained("using the output folder"):
            undo.callback(os.umask, os.umask(_OWNER_ONLY))
            durable.make_folder(self.runs)
            try:
                self._lock.acquire()
            except Timeout:
                raise _held(self.out) from None
            undo.callback(self._lock.release)
            self._sweep()
            self._undo = undo.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._undo.close()

    def current(self) -> str | None:
        """The name of the run that ``current`` points to, if there is one."""
        return _target(self.out / "current")

    def published(self, name: str) -> Published | None:
        """The run of that name if it is published and whole, else nothing.

        A damaged one is not used: it is noted, and publishing the run again mends it.
        """
        folder = self.runs / name
        if not folder.is_dir():
            return None
        with _explained("reading a published run"):
            try:
                return verify(folder)
            except Damaged as damage:
                self.notes.append(f"{damage.sentences[0]} It is built again.")
                return None

    def renew(self, name: str) -> bool:
        """Put ``current`` on a run that was published before and is asked for again.

        It becomes current as if it were published now, and the history says so, unless a
        run of a later day was published after it. A publication that was stopped before
        its last step is completed. Says whether ``current`` was put anew.
        """
        with _explained("putting current on the run"), _no_stop():
            self._commit()
            return self._make_current(name)

    def previous(self, as_of: date) -> Published | None:
        """The run with the latest as-of date strictly before this one, if any.

        Of several it is the one published last. Raises Damaged where it is not whole: a
        comparison with another one would be silently wrong.
        """
        with _explained("reading the previous run"):
            earlier = [name for name in _in_order(self.runs) if _as_of(name) < as_of]
            if not earlier:
                return None
            latest = max(map(_as_of, earlier))
            candidates = [name for name in earlier if _as_of(name) == latest]
            unlisted = set(candidates) - set(_listed(self.runs))
            if len(candidates) > 1 and unlisted:
                raise ReadWriteFailed(
                    f"{self.runs / _HISTORY} does not list {min(unlisted)}, so it cannot "
                    "be told which run of that day was published last.",
                    "Add its name as a line of its own, in the order of publication.",
                )
            return verify(self.runs / candidates[-1])

    def note_others(self, as_of: date, name: str) -> None:
        """Note where another run of this day, or one of a later day, is published already.

        A report cannot say it: it would differ with what else lies in the folder.
        """
        with _explained("reading the history"):
            runs = [run for run in _in_order(self.runs) if run != name]
        same = [run for run in runs if _as_of(run) == as_of]
        later = [run for run in runs if _as_of(run) > as_of]
        if same:
            self.notes.append(
                f"The run {same[-1]} of this same day, from another delivery, "
                "configuration or program, is published already and stays in the history. "
                "The two are not compared: a run is compared with one of an earlier day."
            )
        if later:
            self.notes.append(
                f"The run {max(later)} of a later day is published already, and this "
                "older one becomes current: run that day again to have it back."
            )

    @contextmanager
    def staging(self, label: str = "work") -> Iterator[Staging]:
        """A fresh staging folder; it is gone at the end, published or not."""
        folder = self.runs / f"{_STAGING}{label}"
        try:
            with _explained("using the output folder"):
                durable.make_folder(folder / _SCRATCH)
            yield Staging(folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)  # else swept at the next start

    def publish(
        self, staging: Staging, name: str, manifest: Mapping[str, Any]
    ) -> Published:
        """The run, published: its folder in its place, then ``current`` on it.

        The manifest is completed by the run's name and its outputs. A stop signal that
        arrives in the last steps comes too late and is dropped.
        """
        if not is_run_name(name):
            raise InvariantBroken("The run's name is not a date and 12 hex digits.")
        with _explained("publishing the run"):
            staging.seal(name, manifest)
            with _no_stop():
                self._commit()
                self._remember(name)
                self._place(staging.folder, name)
                self._make_current(name)
            return Published(name, self.runs / name, manifests.read(self.runs / name))

    def _remember(self, name: str) -> None:
        # Before the folder is in its place: a name without a folder does no harm.
        known = _in_order(self.runs)
        if name not in known:
            self._write_history([*known, name])

    def _write_history(self, names: Sequence[str]) -> None:
        text = "".join(f"{line}\n" for line in names)
        durable.write(self.runs / _HISTORY, text.encode())

    def _place(self, staged: Path, name: str) -> None:
        target = self.runs / name
        if target.is_dir():
            _mend(staged, target)
        else:
            os.rename(staged, target)
        durable.sync_folder(self.runs)

    def _make_current(self, name: str) -> bool:
        """A run that is built or found again does not displace one of a later day.

        The history goes first: what is last in it and not current yet is completed.
        """
        known = _in_order(self.runs)
        after = known[known.index(name) + 1 :]
        if any(_as_of(run) > _as_of(name) for run in after):
            return False
        if after:
            self._write_history([*(run for run in known if run != name), name])
        if self.current() == name:
            return False
        self._link(name)
        return True

    def _link(self, name: str) -> None:
        link = self.out / "current"
        try:
            durable.link(link, f"runs/{name}")
        except OSError as error:
            fault = durable.as_error(error, f"replacing {link}")
            advice = fault.sentences[-1]
            if link.is_dir() and not link.is_symlink():
                advice = (
                    "It is a folder and not a link of acvwatch's: move it away, and"
                )
                advice += " run again."
            raise type(fault)(
                f"The run {name} is published in {self.runs}, but {link} could not be "
                f"replaced ({error.strerror or error.errno}) and does not point to it.",
                advice,
            ) from error

    def _sweep(self) -> None:
        for stale in self.runs.glob(f"{_STAGING}*"):
            shutil.rmtree(stale)
        for parent, _, names in os.walk(self.runs):
            for name in names:
                if name.startswith(durable.PARTIAL):
                    os.unlink(Path(parent, name))


def require_free(out: Path) -> None:
    """Raise LockHeld where a run holds the lock of the folder; changes nothing."""
    with _explained("reading the lock"):
        try:
            descriptor = os.open(out / "lock", os.O_RDONLY)
        except FileNotFoundError:
            return
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _held(out) from None
        finally:
            os.close(descriptor)


def _held(out: Path) -> LockHeld:
    lock = out / "lock"
    with _explained("reading the lock"):
        since = datetime.fromtimestamp(lock.stat().st_mtime, UTC)
        signed = lock.read_bytes().decode("ascii", "replace").strip()
    holder = f"process {signed}, since {since.isoformat(timespec='seconds')}"
    if not signed.isdigit():  # it is held a moment before it is signed
        holder = "it has only just begun"
    return LockHeld(
        f"Another run holds the lock of {out}: {holder}.",
        "Nothing was changed: try again when it has ended.",
    )


def _sign(descriptor: int) -> None:
    os.ftruncate(descriptor, 0)
    os.write(descriptor, str(os.getpid()).encode())


@contextmanager
def _explained(doing: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise durable.as_error(error, doing) from error


@contextmanager
def _no_stop() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, _ignore) for number in durable.STOPPING}
    try:
        yield
    finally:
        for number, action in before.items():
            signal.signal(number, signal.SIG_DFL if action is None else action)


def _ignore(*_: object) -> None:
    pass


def _mend(staged: Path, target: Path) -> None:
    """A damaged run gets its files anew, one by one, the manifest last.

    The folder keeps its place, so ``current`` never points to nothing; stopped half way
    it is still damaged, and the next run mends it.
    """
    outputs = [path for path in manifests.files(staged) if path != manifests.NAME]
    for stray in set(manifests.files(target)) - {*outputs, manifests.NAME}:
        os.unlink(target / stray)
    for path in [*outputs, manifests.NAME]:
        durable.make_folder((target / path).parent)
        os.replace(staged / path, target / path)
        durable.sync_folder((target / path).parent)


def _entry(folder: Path, current: str | None) -> Entry:
    state = "current" if folder.name == current else "published"
    try:
        manifest = verify(folder).manifest
    except Damaged:
        state, manifest = "damaged", {}
    return Entry(folder.name, _as_of(folder.name), state, manifest)


def _as_of(name: str) -> date:
    return date.fromisoformat(name[:10])


def _target(link: Path) -> str | None:
    return Path(os.readlink(link)).name if link.is_symlink() else None


def _listed(runs: Path) -> list[str]:
    lines = (runs / _HISTORY).read_bytes() if (runs / _HISTORY).is_file() else b""
    return lines.decode("ascii", "replace").splitlines()


def _in_order(runs: Path) -> list[str]:
    """Unlisted runs come first: the history was lost, or they were copied here."""
    found = {path.name for path in runs.iterdir() if is_run_name(path.name)}
    listed = [name for name in _listed(runs) if name in found]
    return [*sorted(found - set(listed)), *listed]
