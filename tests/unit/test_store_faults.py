"""P2, P3: whatever fails, at whichever file operation, `current` is whole or absent."""

import contextlib
import errno
import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from pipeline import manifest
from pipeline.errors import AcvwatchError
from tests.unit.test_store import JULY, JUNE, publish, tree

OPERATIONS = (
    *("chmod", "fsync", "mkdir", "open", "replace", "rename", "rmdir", "symlink"),
    *("unlink", "write"),
)


class Faults:
    """Makes the k-th file operation fail, before it happens or just after."""

    def __init__(self, monkeypatch, k: int, is_done: bool, number: int):
        self.calls, self.k, self.is_done, self.number = 0, k, is_done, number
        for name in OPERATIONS:
            monkeypatch.setattr(os, name, self._counted(getattr(os, name)))

    @property
    def has_struck(self) -> bool:
        return self.calls >= self.k

    def _counted(self, operation):
        def counted(*arguments, **options):
            self.calls += 1
            if self.calls == self.k and self.is_done:
                operation(*arguments, **options)
            if self.calls == self.k:
                raise OSError(self.number, os.strerror(self.number))
            return operation(*arguments, **options)

        return counted


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO], ids=["full", "error"])
@pytest.mark.parametrize("is_done", [False, True], ids=["before", "after"])
def test_a_fault_at_every_operation(tmp_path, monkeypatch, number, is_done):
    publish(tmp_path / "undisturbed", JUNE)
    publish(tmp_path / "undisturbed", JULY)
    expected = tree(tmp_path / "undisturbed")
    k, has_struck = 0, True
    while has_struck:
        k += 1
        out = tmp_path / str(k)
        june = publish(out, JUNE)
        with monkeypatch.context() as patched:
            faults = Faults(patched, k, is_done, number)
            try:
                july = publish(out, JULY)
            except AcvwatchError as error:
                july = None
                assert error.exit_code in (73, 74), error
            has_struck = faults.has_struck
        current = manifest.verify((out / "current").resolve())
        assert current.name in (june, july) or july is None
        publish(out, JULY)
        assert tree(out) == expected, f"after a fault at operation {k}"
    assert k > 30


@pytest.mark.parametrize("is_done", [False, True], ids=["before", "after"])
def test_a_fault_while_a_damaged_run_is_mended(tmp_path, monkeypatch, is_done):
    publish(tmp_path / "undisturbed", JUNE)
    expected = tree(tmp_path / "undisturbed")
    k, has_struck = 0, True
    while has_struck:
        k += 1
        out = tmp_path / str(k)
        june = publish(out, JUNE)
        (out / "current" / "restricted" / "report.html").write_text("<p>eight of 96")
        with monkeypatch.context() as patched:
            faults = Faults(patched, k, is_done, errno.EIO)
            with contextlib.suppress(AcvwatchError):
                publish(out, JUNE)
            has_struck = faults.has_struck
        assert (out / "current").resolve() == (out / "runs" / june).resolve()
        publish(out, JUNE)
        assert tree(out) == expected, f"after a fault at operation {k}"
    assert k > 30


def test_a_write_that_takes_only_a_part_is_continued(tmp_path, monkeypatch):
    publish(tmp_path / "undisturbed")
    real = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: real(fd, bytes(data)[:3]))
    publish(tmp_path / "slow")
    assert tree(tmp_path / "slow") == tree(tmp_path / "undisturbed")


def test_a_kill_at_every_operation(tmp_path):
    """A child of its own is killed at each operation: no handler of ours runs."""
    program = textwrap.dedent(
        """
        import json, os, signal, sys
        from pathlib import Path
        from pipeline import manifest
        from tests.unit.test_store import JULY, JUNE, publish, tree
        from tests.unit.test_store_faults import OPERATIONS

        def killed_at(k, out):
            calls = 0
            def counted(operation):
                def call(*arguments, **options):
                    nonlocal calls
                    calls += 1
                    if calls == k:
                        os.kill(os.getpid(), signal.SIGKILL)
                    return operation(*arguments, **options)
                return call
            for name in OPERATIONS:
                setattr(os, name, counted(getattr(os, name)))
            publish(out, JULY)
            os._exit(0)

        base, outcomes, k = Path(sys.argv[1]), [], 0
        while not outcomes or outcomes[-1]["was_killed"]:
            k += 1
            out = base / str(k)
            publish(out, JUNE)
            child = os.fork()
            if child == 0:
                killed_at(k, out)
            _, status = os.waitpid(child, 0)
            current = manifest.verify((out / "current").resolve()).name
            publish(out, JULY)
            outcomes.append({
                "was_killed": os.WIFSIGNALED(status),
                "current": current,
                "tree": sorted((p, d.hex()) for p, d in tree(out).items()),
            })
        print(json.dumps(outcomes))
        """
    )
    publish(tmp_path / "undisturbed", JUNE)
    publish(tmp_path / "undisturbed", JULY)
    expected = sorted([p, d.hex()] for p, d in tree(tmp_path / "undisturbed").items())
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        capture_output=True,
        check=True,
        cwd=root,
    )
    outcomes = json.loads(done.stdout)
    assert len(outcomes) > 30
    assert not outcomes[-1]["was_killed"]
    for k, outcome in enumerate(outcomes, 1):
        assert outcome["tree"] == expected, f"after a kill at operation {k}"
