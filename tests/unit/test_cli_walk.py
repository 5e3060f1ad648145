"""The command line over a whole walk: published, recognised, stopped, found damaged."""

import contextlib
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline import cli, run, store
from pipeline.store import Store
from pipeline.terminal import Log

UNVARIED = ["--set", "vary_up_to_prescriptions=0"]
AS_OF = ["--as-of", "2026-06-30", *UNVARIED]


@pytest.fixture(scope="module")
def delivery(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("delivery")
    options = ["--patients", "300", "--seed", "3", "--sites", "9"]
    assert cli.run_command(["simulate", str(folder), *options]) == 0
    (folder / "truth.parquet").unlink()
    return folder


@pytest.fixture(scope="module")
def published(delivery, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("published") / "surveillance"
    assert cli.run_command(["run", str(delivery), *AS_OF, "--out", str(out)]) == 0
    return out


@pytest.fixture
def out(published, tmp_path) -> Path:
    """A copy of the published run that a test may spoil."""
    return shutil.copytree(published, tmp_path / "surveillance", symlinks=True)


def digests(out: Path) -> dict[str, str]:
    """The SHA-256 of every file of the runs."""
    return {
        path.relative_to(out).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted((out / "runs").rglob("*"))
        if path.is_file()
    }


def test_the_team_gets_both_reports_and_nobody_else(published):
    run = (published / "current").resolve()
    assert run.name.startswith("2026-06-30-")
    files = {path.name for path in (run / "restricted").iterdir()}
    assert {"report.html", "report.pdf", "line_list.csv", "tables"} <= files
    for path in [run, *run.rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0, path.name


def test_the_same_run_again_is_recognised(published, delivery, capsys):
    before = digests(published)
    command = ["run", str(delivery), *AS_OF, "--out", str(published)]
    assert cli.run_command(command) == 0
    assert capsys.readouterr().out.startswith("Unchanged: ")
    assert digests(published) == before


def test_a_changed_parameter_is_another_run(out, delivery, capsys):
    command = ["run", str(delivery), *AS_OF, "--out", str(out), "--dry-run"]
    assert cli.run_command([*command, "--set", "min_adherence=0.9"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("Dry run of 2026-06-30-")
    assert (out / "current").resolve().name not in told
    assert len(store.history(out)) == 1, "a dry run publishes nothing"


def test_a_mistaken_run_is_displaced_by_asking_for_the_right_one(out, delivery, capsys):
    right = (out / "current").resolve().name
    command = ["run", str(delivery), *AS_OF, "--out", str(out)]
    assert cli.run_command([*command, "--set", "min_adherence=0.9"]) == 0
    mistaken = (out / "current").resolve().name
    assert mistaken != right
    capsys.readouterr()
    assert cli.run_command(command) == 0
    assert capsys.readouterr().out.startswith("Unchanged, and current again: ")
    assert (out / "current").resolve().name == right
    later = ["run", str(delivery), "--as-of", "2026-07-31", *UNVARIED]
    assert cli.run_command([*later, "--out", str(out)]) == 0
    current = (out / "current").resolve().name
    capsys.readouterr()
    assert cli.run_command([*command, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["is_unchanged"], told["is_current_again"]) == (True, False)
    assert (told["run"], told["current"]) == (right, current)
    assert cli.run_command(command) == 0
    assert (
        f"\nCurrent stays {current}: a run of a later day was"
        in capsys.readouterr().out
    )


def test_a_stored_run_is_rendered_to_the_same_bytes(out, capsys):
    before = digests(out)
    assert cli.run_command(["report", str(out / "current")]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2
    assert digests(out) == before


def test_one_flipped_bit_is_found_by_every_reader(out, capsys):
    report = out / "current" / "restricted" / "report.html"
    whole = report.read_bytes()
    report.write_bytes(bytes([whole[0] ^ 1]) + whole[1:])
    for command in (
        ["report", str(out / "current")],
        ["explain", str(out / "current"), "--patient", "P1"],
    ):
        assert cli.run_command(command) == 74
        assert "report.html is not the file that was pub" in capsys.readouterr().err
    assert cli.run_command(["runs", "--out", str(out)]) == 0
    assert capsys.readouterr().out.splitlines()[1].endswith("damaged")


def test_a_damaged_run_is_mended_to_the_same_bytes(out, delivery, capsys):
    before = digests(out)
    (out / "current" / "restricted" / "report.pdf").write_bytes(b"%PDF")
    assert cli.run_command(["run", str(delivery), *AS_OF, "--out", str(out)]) == 0
    assert "report.pdf is not the file that was published" in capsys.readouterr().err
    assert digests(out) == before


def test_a_course_is_explained_and_an_unknown_patient_is_not_repeated(
    published, capsys
):
    lines = (published / "current/restricted/line_list.csv").read_text().splitlines()
    place = lines[0].split(",").index("patient_id")
    patient = lines[1].split(",")[place]
    assert (
        cli.run_command(["explain", f"{published}/current", "--patient", patient]) == 0
    )
    assert f"Course of patient {patient}" in capsys.readouterr().out
    unknown = ["explain", f"{published}/current", "--patient", "canary-17"]
    assert cli.run_command(unknown) == 64
    assert "canary-17" not in capsys.readouterr().err


def test_a_delivery_that_is_not_there_is_missing(tmp_path, capsys):
    command = ["run", str(tmp_path / "nowhere"), *AS_OF, "--out", str(tmp_path / "out")]
    assert cli.run_command(command) == 66
    assert "There is no folder" in capsys.readouterr().err


def test_a_delivery_is_validated_without_a_trace(
    delivery, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    assert cli.run_command(["validate", str(delivery), *AS_OF]) == 0
    said = capsys.readouterr().out
    assert "\nextract " in said
    assert "  read: prescription_id, " in said
    assert not list(tmp_path.iterdir())


@pytest.fixture
def spoilt(delivery, tmp_path) -> Path:
    """The delivery with line 3 and every line from 11 on of a statuses' column unreadable."""
    folder = shutil.copytree(delivery, tmp_path / "spoilt")
    path = folder / "followups.csv"
    head, *lines = path.read_text("utf-8").splitlines()
    place = head.split(",").index("visit_date")
    for number, line in enumerate(lines, start=2):
        if number == 3 or number > 10:
            cells = line.split(",")
            cells[place] = "CANARY-DAY"
            lines[number - 2] = ",".join(cells)
    path.write_text("\n".join([head, *lines, ""]), "utf-8")
    return folder


@pytest.mark.parametrize("as_json", [[], ["--json"]])
def test_a_delivery_that_a_run_refuses_is_told_of_all_the_same(spoilt, capsys, as_json):
    """`outputs.md`: what would be accepted, set aside, quarantined, and why."""
    assert cli.run_command(["validate", str(spoilt), *AS_OF, *as_json]) == 65
    said = capsys.readouterr()
    assert "max_quarantined_share" in said.err
    assert "CANARY" not in said.out + said.err
    if as_json:
        found = json.loads(said.out)
        [broken] = [
            r for r in found["first_lines"] if r["rule"] == "visit_date:not_a_date"
        ]
        assert broken["first_lines"] == [3, 11, 12, 13, 14]
        assert "max_quarantined_share" in found["refusals"][0]
        return
    flow = [line.split() for line in said.out.splitlines()]
    heads = next(line for line in flow if line[:1] == ["extract"])
    [followups] = [line for line in flow if line[:1] == ["followups"]][:1]
    counted = dict(zip(heads[1:], map(int, followups[1:]), strict=True))
    assert counted["quarantined"] > counted["accepted"] > 0
    assert "3, 11, 12, 13, 14" in said.out


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("step", ["courses", "publish"])
def test_a_stop_at_a_step_publishes_nothing(
    out, delivery, monkeypatch, capsys, number, step
):
    before = digests(out)

    def stopping(log, name):
        if name == step:
            signal.raise_signal(number)

    monkeypatch.setattr(Log, "step", stopping)
    later = ["--as-of", "2026-07-31", *UNVARIED]
    command = ["run", str(delivery), *later, "--out", str(out)]
    assert cli.run_command(command) == 128 + number
    assert digests(out) == before
    assert not list((out / "runs").glob(".*"))
    assert number.name in capsys.readouterr().err


@pytest.mark.parametrize(
    ("room", "name"),
    [(run, "check_sums"), (Store, "note_others")],
    ids=["at a step", "right before it is published"],
)
def test_a_stop_that_a_library_swallows_publishes_nothing(
    out, delivery, monkeypatch, capsys, room, name
):
    """Outputs: 143, nothing published; whoever caught what the signal raised."""
    before, sound = digests(out), getattr(room, name)

    def swallowing(*given):
        with contextlib.suppress(BaseException):
            signal.raise_signal(signal.SIGTERM)
        return sound(*given)

    monkeypatch.setattr(room, name, swallowing)
    later = ["--as-of", "2026-07-31", *UNVARIED]
    assert cli.run_command(["run", str(delivery), *later, "--out", str(out)]) == 143
    assert digests(out) == before
    assert "Stopped by SIGTERM; nothing was published." in capsys.readouterr().err


def test_a_stop_while_the_run_gets_its_place_comes_too_late(
    out, delivery, monkeypatch, capsys
):
    sound = os.rename

    def stopping(*given):
        signal.raise_signal(signal.SIGTERM)
        sound(*given)

    monkeypatch.setattr(os, "rename", stopping)
    later = ["--as-of", "2026-07-31", *UNVARIED]
    assert cli.run_command(["run", str(delivery), *later, "--out", str(out)]) == 0
    assert capsys.readouterr().out.startswith("Published: ")
    assert [entry.state for entry in store.history(out)] == ["published", "current"]


@pytest.mark.long
@pytest.mark.parametrize(
    "surroundings",
    [
        {"PYTHONHASHSEED": "1", "TZ": "Pacific/Kiritimati", "ACVWATCH_THREADS": "1"},
        {"PYTHONHASHSEED": "2", "LC_ALL": "C", "ACVWATCH_MEMORY_LIMIT": "1GB"},
        {"PYTHONHASHSEED": "3", "LANG": "tr_TR.UTF-8", "PYTHONUTF8": "0"},
    ],
    ids=["one thread", "C locale", "Turkish"],
)
def test_the_surroundings_change_no_byte(published, delivery, tmp_path, surroundings):
    """P4: whatever the thread count, hash seed, time zone and locale."""
    done = subprocess.run(
        [
            *(sys.executable, "-c", "from pipeline.cli import main; main()", "run"),
            *(str(delivery), *AS_OF, "--out", str(tmp_path / "surveillance")),
        ],
        env={"PATH": os.environ["PATH"], **surroundings},
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert done.returncode == 0, done.stderr
    assert digests(tmp_path / "surveillance") == digests(published)
