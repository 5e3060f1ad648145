"""The output folder: one run at a time, whole or not at all, damage found."""

import errno
import os
import signal
import subprocess
import sys
import textwrap
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline import durable, manifest, store
from pipeline.errors import (
    CannotCreateOutput,
    InputMissing,
    InvariantBroken,
    LockHeld,
    ReadWriteFailed,
)

JUNE, JULY = date(2026, 6, 30), date(2026, 7, 31)


def publish(out: Path, as_of: date = JUNE, text: str = "seven of 96") -> str:
    """The name of a small run, published the way that the walk does it."""
    with store.Store(out) as held:
        before = held.previous(as_of)
        parts = {"text": text, "as_of": as_of, "previous": before and before.name}
        name = store.run_name(as_of, store.content_id(parts))
        if held.published(name):
            held.renew(name)
            return name
        with held.staging() as staging:
            (staging.scratch / "working.duckdb").write_text("thrown away")
            staging.write("restricted/report.html", f"<p>{text}".encode())
            with staging.file("restricted/tables/courses.parquet") as path:
                path.write_text(text)
            held.publish(
                staging, name, {"as_of": as_of, "previous_run": before is None}
            )
    return name


def tree(out: Path) -> dict[str, bytes]:
    """Every byte below the output folder but the lock's."""
    found = {"current": os.readlink(out / "current").encode()}
    for path in sorted(out.rglob("*")):
        if path.is_file() and not path.is_symlink() and path.name != "lock":
            found[path.relative_to(out).as_posix()] = path.read_bytes()
    return found


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "surveillance"


def test_a_run_is_published_with_its_manifest(out):
    name = publish(out)
    assert name.startswith("2026-06-30-")
    assert os.readlink(out / "current") == f"runs/{name}"
    found = manifest.verify(out / "current" / ".." / name)
    # sha256sum of "<p>seven of 96"
    assert found.manifest["outputs"]["restricted/report.html"] == {
        "bytes": 14,
        "sha256": "2611d3f361754310471db1433e6eaac985c82a77e6f4dd0b6e4ea388de49f24e",
    }
    assert found.manifest["as_of"] == "2026-06-30"
    assert list(found.manifest["outputs"]) == [
        "restricted/report.html",
        "restricted/tables/courses.parquet",
    ]


def test_nobody_else_may_read_it_whatever_the_umask(out):
    before = os.umask(0)
    try:
        name = publish(out)
        assert os.umask(0) == 0, "the umask is put back"
    finally:
        os.umask(before)
    restricted = out / "runs" / name / "restricted"
    assert restricted.stat().st_mode & 0o777 == 0o700
    for path in restricted.rglob("*"):
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600)


def test_the_same_run_again_changes_nothing(out):
    publish(out)
    before, changed = tree(out), (out / "runs").stat().st_mtime_ns
    publish(out)
    assert tree(out) == before
    stamps = {path.stat().st_mtime_ns for path in (out / "runs").iterdir()}
    assert max(stamps) <= changed


def test_two_stores_get_the_same_bytes(tmp_path):
    for folder in ("one", "other"):
        publish(tmp_path / folder)
        publish(tmp_path / folder, JULY)
    assert tree(tmp_path / "one") == tree(tmp_path / "other")


def test_content_is_identified_by_value_not_by_spelling():
    one = {"b": Decimal("0.80"), "a": JUNE, "c": {"y", "x"}}
    other = {"a": "2026-06-30", "c": ["x", "y"], "b": "0.8"}
    assert store.content_id(one) == store.content_id(other)
    assert store.content_id(one) != store.content_id({**one, "b": Decimal("0.81")})
    with pytest.raises(TypeError, match="no canonical form"):
        store.content_id({"path": Path("here")})
    with pytest.raises(ValueError, match="JSON compliant"):
        store.content_id({"rate": float("nan")})


def test_the_previous_run_is_the_last_one_published_for_the_latest_earlier_day(out):
    first, corrected = publish(out, JUNE, "six"), publish(out, JUNE, "seven")
    late = publish(out, date(2026, 5, 31), "a late one for May")
    with store.Store(out) as held:
        assert held.current() == late
        assert held.previous(JULY).name == corrected != first
        assert held.previous(JUNE).name == late
        assert held.previous(date(2026, 5, 31)) is None


def test_other_runs_of_the_day_and_later_ones_are_noted(out):
    first, july = publish(out, JUNE, "six"), publish(out, JULY)
    with store.Store(out) as held:
        held.note_others(JUNE, first)
        [later] = held.notes
        assert f"The run {july} of a later day" in later
    with store.Store(out) as held:
        held.note_others(JUNE, "2026-06-30-another one")
        same, _ = held.notes
        assert f"The run {first} of this same day" in same


def test_an_old_run_found_again_does_not_displace_a_later_one(out):
    june, july = publish(out, JUNE), publish(out, JULY)
    assert publish(out, JUNE) == june
    assert (out / "current").resolve().name == july


def states(out: Path) -> list[tuple[str, str]]:
    return [(entry.name, entry.state) for entry in store.history(out)]


def test_a_run_asked_for_again_after_a_mistaken_one_is_current_again(out):
    """Nobody should be left with a mistaken run as the current one."""
    right, mistaken = publish(out, JUNE, "six"), publish(out, JUNE, "sixty")
    assert states(out) == [(right, "published"), (mistaken, "current")]
    before = tree(out)
    assert publish(out, JUNE, "six") == right
    assert states(out) == [(mistaken, "published"), (right, "current")]
    after = tree(out)
    moved = {"current", "runs/history"}
    assert {path for path in after if after[path] != before[path]} == moved
    with store.Store(out) as held:
        assert held.previous(JULY).name == right, "the next run is compared with it"
        assert not held.renew(right), "nothing is put anew"
        assert held.renew(mistaken)
        assert held.current() == mistaken


def test_a_damaged_run_that_is_mended_is_current_again(out):
    right, mistaken = publish(out, JUNE, "six"), publish(out, JUNE, "sixty")
    (out / "runs" / right / "restricted" / "report.html").write_text("<p>seven")
    assert publish(out, JUNE, "six") == right
    assert states(out) == [(mistaken, "published"), (right, "current")]


def test_a_later_day_is_had_back_from_a_late_run_of_an_earlier_one(out):
    """What the note on a late run says: run that day again to have it back."""
    may = publish(out, date(2026, 5, 31))
    july, late = publish(out, JULY), publish(out, date(2026, 4, 30), "late")
    assert os.readlink(out / "current") == f"runs/{late}"
    assert publish(out, JULY) == july
    assert states(out) == [(may, "published"), (late, "published"), (july, "current")]
    publish(out, date(2026, 4, 30), "late")
    assert states(out)[-1] == (july, "current"), "a later day was published after it"


def test_a_stop_between_history_and_link_is_completed(out, monkeypatch):
    right = publish(out, JUNE, "six")
    publish(out, JUNE, "sixty")
    with monkeypatch.context() as patched:

        def refuse(*_):
            raise OSError(errno.EIO, "Input/output error")

        patched.setattr(os, "symlink", refuse)
        with pytest.raises(ReadWriteFailed):
            publish(out, JUNE, "six")
    publish(out, JUNE, "six")
    assert states(out)[-1] == (right, "current")


def test_a_publication_that_missed_its_last_step_is_completed(out):
    june, july = publish(out, JUNE), publish(out, JULY)
    (out / "current").unlink()
    (out / "current").symlink_to(f"runs/{june}")
    assert publish(out, JULY) == july
    assert (out / "current").resolve().name == july


def test_every_flipped_byte_is_found(out):
    name = publish(out)
    files = [p for p in (out / "runs" / name).rglob("*") if p.is_file()]
    assert len(files) == 3
    for path in files:
        whole = path.read_bytes()
        for place in range(len(whole)):
            path.write_bytes(
                whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]
            )
            with pytest.raises(manifest.Damaged) as refusal:
                manifest.verify(out / "runs" / name)
            assert path.name in str(refusal.value)
            assert refusal.value.exit_code == 74
        path.write_bytes(whole)
    manifest.verify(out / "runs" / name)


@pytest.mark.parametrize("damage", ["altered", "missing", "stray", "no manifest"])
def test_a_damaged_run_is_built_again(out, damage):
    name = publish(out)
    before, folder = tree(out), out / "runs" / name
    report = folder / "restricted" / "report.html"
    match damage:
        case "altered":
            report.write_text("<p>eight of 96")
        case "missing":
            report.unlink()
        case "stray":
            (folder / "restricted" / "line_list.csv").write_text("p1")
        case "no manifest":
            (folder / "manifest.json").unlink()
    assert [entry.state for entry in store.history(out)] == ["damaged"]
    with store.Store(out) as held:
        assert held.published(name) is None
        assert f"The published run {name} is damaged" in held.notes[0]
    publish(out)
    assert tree(out) == before


def test_a_damaged_previous_run_is_never_compared_with(out):
    name = publish(out)
    (out / "runs" / name / "restricted" / "report.html").write_text("<p>eight of 96")
    with store.Store(out) as held, pytest.raises(ReadWriteFailed) as refusal:
        held.previous(JULY)
    assert "report.html is not the file that was published" in str(refusal.value)
    assert "--as-of 2026-06-30" in str(refusal.value)


def test_a_history_that_lost_a_name_is_not_guessed_from(out):
    first = publish(out, JUNE, "six")
    publish(out, JUNE, "seven")
    listed = (out / "runs" / "history").read_text()
    (out / "runs" / "history").write_text(listed.replace(first, first[:-1] + "x"))
    with store.Store(out) as held, pytest.raises(ReadWriteFailed, match=first):
        held.previous(JULY)


def test_the_history_names_every_run_and_its_state(out):
    june, july = publish(out, JUNE), publish(out, JULY)
    (out / "runs" / june / "manifest.json").write_text("{}")
    assert [(entry.name, entry.state) for entry in store.history(out)] == [
        (june, "damaged"),
        (july, "current"),
    ]
    with pytest.raises(InputMissing):
        store.history(out / "elsewhere")


def test_an_output_stays_inside_its_folder(out):
    with store.Store(out) as held, held.staging() as staging:
        for path in ("../report.html", "/tmp/report.html", "", "a/../../b"):
            with pytest.raises(InvariantBroken):
                staging.write(path, b"")
        with pytest.raises(InvariantBroken):
            held.publish(staging, "../elsewhere", {})


def test_stale_work_is_swept_at_the_start(out):
    name = publish(out)
    stale = out / "runs" / ".staging-work" / "restricted"
    stale.mkdir(parents=True)
    (out / "runs" / name / "restricted" / ".partial-report.html").write_text("<p>sev")
    with store.Store(out):
        assert not stale.exists()
    assert manifest.verify(out / "runs" / name).name == name
    assert not list(out.rglob(".partial-*"))


def test_a_failed_run_leaves_nothing(out):
    name = publish(out)
    before = tree(out)
    with (
        pytest.raises(ZeroDivisionError),
        store.Store(out) as held,
        held.staging() as staging,
    ):
        staging.write("restricted/report.html", b"<p>")
        _ = 1 / 0
    assert tree(out) == before
    assert sorted(p.name for p in (out / "runs").iterdir()) == sorted([name, "history"])


def test_a_folder_in_the_place_of_current_is_named_until_it_is_moved_away(out):
    """73, the output cannot be created; the run itself is in its place already."""
    publish(out, JUNE)
    (out / "current").unlink()
    (out / "current" / "notes").mkdir(parents=True)
    for _ in range(2):
        with pytest.raises(CannotCreateOutput) as refusal:
            publish(out, JULY)
        told = str(refusal.value)
        assert f"is published in {out / 'runs'}, but {out / 'current'} could" in told
        assert "It is a folder and not a link" in told
        assert "move it away, and run again." in told
    assert [state for _, state in states(out)] == ["published", "published"]
    assert not list(out.glob(".*"))
    (out / "current").rename(out / "moved_away")
    july = publish(out, JULY)
    assert os.readlink(out / "current") == f"runs/{july}"


def test_an_output_folder_that_is_a_file_cannot_be_created(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotCreateOutput, match="File exists"):
        store.Store(tmp_path / "file").__enter__()


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.EACCES, 77),
        (errno.EPERM, 77),
        (errno.EROFS, 73),
        (errno.ENOTDIR, 73),
        (errno.ENOSPC, 74),
        (errno.EDQUOT, 74),
        (errno.EIO, 74),
    ],
)
def test_what_the_system_refuses_has_an_exit_code(number, code):
    refused = OSError(number, os.strerror(number), "/somewhere/report.html")
    error = durable.as_error(refused, "publishing the run")
    assert error.exit_code == code
    assert "refused publishing the run (report.html): " in str(error)


def test_a_second_run_is_told_who_holds_the_lock(out):
    program = textwrap.dedent(
        """
        import sys
        from pathlib import Path
        from pipeline.errors import LockHeld
        from pipeline.store import Store
        try:
            with Store(Path(sys.argv[1])):
                pass
        except LockHeld as error:
            print(error)
            sys.exit(error.exit_code)
        """
    )
    command = [sys.executable, "-c", program, str(out)]
    with store.Store(out):
        second = subprocess.run(command, capture_output=True, text=True, check=False)
        assert second.returncode == LockHeld.exit_code == 75
        assert f"process {os.getpid()}, since 20" in second.stdout
        assert "Traceback" not in second.stderr
        (out / "lock").write_bytes(b"")
        unsigned = subprocess.run(command, capture_output=True, text=True, check=False)
        told = f"Another run holds the lock of {out}: it has only just begun.\n"
        assert unsigned.stdout.startswith(told)
    third = subprocess.run(command, capture_output=True, text=True, check=False)
    assert third.returncode == 0


def test_a_stop_signal_in_the_last_steps_comes_too_late(out, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    real = os.rename
    monkeypatch.setattr(
        os, "rename", lambda *a: (signal.raise_signal(signal.SIGTERM), real(*a))
    )
    try:
        name = publish(out)
        assert signal.getsignal(signal.SIGTERM) is stop
    finally:
        signal.signal(signal.SIGTERM, before)
    assert (out / "current").resolve().name == name


def test_the_last_moment_is_before_anything_has_its_place(out):
    class Stopped(BaseException):
        pass

    def stop():
        raise Stopped

    publish(out)
    before = tree(out)
    with store.Store(out, commit=stop) as held, held.staging() as staging:
        staging.write("restricted/report.html", b"<p>")
        with pytest.raises(Stopped):
            held.publish(staging, store.run_name(JULY, "0" * 64), {})
    assert tree(out) == before
