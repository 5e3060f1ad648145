"""What `acvwatch doctor` finds, and the exit code of what is wrong (outputs)."""

import json
import os
import shutil
from importlib import metadata
from pathlib import Path

import pytest

from pipeline import cli, doctor, resources
from pipeline.report import palette
from pipeline.store import Store

CHECKS = ["versions", "fonts", "configuration", "write access", "lock", "disk"]


@pytest.fixture(autouse=True)
def alone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith("ACVWATCH_"):
            monkeypatch.delenv(name)


def examined(capsys, *options: str) -> tuple[int, dict[str, dict]]:
    """The exit code, and each check as JSON has it."""
    code = cli.run_command(["doctor", "--json", *options])
    found = json.loads(capsys.readouterr().out)
    assert [check["check"] for check in found] == CHECKS
    return code, {check["check"]: check for check in found}


def wrong(found: dict[str, dict]) -> dict[str, int]:
    return {
        name: row["exit_code"] for name, row in found.items() if not row["is_sound"]
    }


def test_all_is_well_and_nothing_is_left_behind(capsys, tmp_path):
    code, found = examined(capsys, "--out", "made/surveillance")
    assert (code, wrong(found)) == (0, {})
    assert "duckdb " in found["versions"]["found"]
    assert not list(tmp_path.iterdir())


def test_a_table_for_people(capsys):
    assert cli.run_command(["doctor", "--set", "window_from=6"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["check", "state", "found"]
    assert [line.split("  ")[0] for line in lines[1:]] == CHECKS
    assert "configuration  ok     changed: window_from=6" in lines
    assert cli.run_command(["doctor", "--set", "window_from=99"]) == 78
    assert "\nconfiguration (exit code 78): window_from " in capsys.readouterr().out


def test_a_folder_in_use_is_left_as_it_is(capsys, tmp_path):
    with Store(Path("surveillance")):
        pass
    before = sorted(tmp_path.rglob("*"))
    code, found = examined(capsys)
    assert (code, wrong(found)) == (0, {})
    assert sorted(tmp_path.rglob("*")) == before


def test_a_run_that_holds_the_lock(capsys):
    with Store(Path("surveillance")):
        code, found = examined(capsys)
    assert (code, wrong(found)) == (75, {"lock": 75})
    assert f"process {os.getpid()}" in found["lock"]["found"]


def test_a_disk_that_is_full(capsys, monkeypatch):
    few = shutil._ntuple_diskusage(10**12, 10**12, doctor.LEAST_FREE_BYTES - 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: few)
    code, found = examined(capsys)
    assert (code, wrong(found)) == (74, {"disk": 74})


def test_a_file_in_the_place_of_the_folder(capsys):
    Path("surveillance").write_text("")
    code, found = examined(capsys)
    assert (code, wrong(found)) == (73, {"write access": 73, "lock": 73})


def test_a_folder_in_the_place_of_current(capsys):
    Path("surveillance/current").mkdir(parents=True)
    code, found = examined(capsys)
    assert (code, wrong(found)) == (73, {"write access": 73})
    assert "Move it away." in found["write access"]["sentences"]


def test_a_folder_that_may_not_be_written(capsys, monkeypatch):
    Path("surveillance").mkdir()

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "mkdir", refuse)
    code, found = examined(capsys)
    assert (code, wrong(found)) == (77, {"write access": 77})


def test_a_library_that_is_missing_or_too_old(capsys, monkeypatch):
    sound = metadata.version

    def version(name):
        if name == "duckdb":
            raise metadata.PackageNotFoundError(name)
        return "1.0" if name == "scipy" else sound(name)

    monkeypatch.setattr(metadata, "version", version)
    code, found = examined(capsys)
    assert (code, wrong(found)) == (69, {"versions": 69})
    assert found["versions"]["found"] == "duckdb is not installed."
    monkeypatch.setattr(
        metadata, "version", lambda name: "1.9" if name == "duckdb" else sound(name)
    )
    _, found = examined(capsys)
    assert found["versions"]["found"] == "duckdb is 1.9; it must be 2.0 or later."


@pytest.mark.parametrize("damage", ["gone", "no font", "no page font"])
def test_fonts_that_cannot_be_read(capsys, monkeypatch, tmp_path, damage):
    fonts = tmp_path / "fonts"
    shutil.copytree(resources.path("reports", "fonts"), fonts)
    match damage:
        case "gone":
            (fonts / "IBMPlexSans-Bold.ttf").unlink()
        case "no font":
            (fonts / "IBMPlexSans-Bold.ttf").write_bytes(b"<html>")
        case "no page font":
            (fonts / "IBMPlexSans-Bold-Pi.woff2").write_bytes(b"<html>")
    monkeypatch.setattr(palette, "font_folder", lambda: fonts)
    code, found = examined(capsys)
    assert (code, wrong(found)) == (70, {"fonts": 70})


def test_of_several_faults_the_first_has_the_code(capsys):
    with Store(Path("surveillance")):
        code, found = examined(capsys, "--set", "windw_from=7")
    assert (code, wrong(found)) == (78, {"configuration": 78, "lock": 75})
