"""A program run in a process of its own: wall, CPU, and the peak of its memory.

The process that measures stays small: what it holds when it starts a child would count
as the child's.
"""

import ctypes
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_KIB_A_MIB = 1024
_PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True)
class Measured:
    """What a program took; ``peak_mib`` is of its largest process."""

    wall: float
    cpu: float
    peak_mib: float
    stdout: str
    stderr: str


class ProgramFailed(Exception):
    """A measured program ended with an error."""


def measure(program: Sequence[str]) -> Measured:
    """Run ``python -m`` program until all its processes ended.

    Raises ProgramFailed with the end of its log where it failed.
    """
    _adopt_orphans()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as log:
        started = time.perf_counter()
        child = subprocess.Popen(
            [sys.executable, "-m", *program],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=log,
            cwd=ROOT,
            start_new_session=True,
        )
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        usages = [usage, *_of_others(child.pid)]
        texts = [_text(out), _text(log)]
    if child.returncode:
        said = "\n".join(texts[1].splitlines()[-8:])
        raise ProgramFailed(f"{program[0]} ended with {child.returncode}: {said}")
    return Measured(
        wall,
        sum(each.ru_utime + each.ru_stime for each in usages),
        max(each.ru_maxrss for each in usages) / _KIB_A_MIB,
        *texts,
    )


def _adopt_orphans() -> None:
    """Have a child's own children waited for here: Spark's Java outlives its parent."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _of_others(group: int) -> list:
    usages = []
    while True:
        try:
            usages.append(os.wait4(-group, 0)[2])
        except ChildProcessError:
            return usages


def _text(file) -> str:
    file.seek(0)
    return file.read().decode("utf-8", "replace")
