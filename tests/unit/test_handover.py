"""Where Spark cannot be had, the sentence says so; where it is not asked for, it is left."""

import sys
from pathlib import Path

import pytest

from pipeline import cli, handover, seeds
from pipeline.errors import CannotCreateOutput, ConfigurationError
from pipeline.settings import Settings, resolve


def settings(**changes: object) -> Settings:
    overrides = {name: str(value) for name, value in changes.items()}
    return resolve(
        seeds.read("parameters"), file=None, environment={}, overrides=overrides
    )


def test_spark_that_is_not_installed_is_69(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "pipeline.engines.spark", None)
    (tmp_path / "in").mkdir()
    arguments = ["run", str(tmp_path / "in"), "--as-of", "2026-06-30"]
    out = ["--out", str(tmp_path / "out")]
    assert cli.run_command([*arguments, *out, "--engine", "spark"]) == 69
    assert "pip install 'acvwatch[spark]'" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_the_shared_folder_is_the_owners_alone_and_goes(tmp_path):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with handover.shared_folder(settings(), scratch) as folder:
        assert folder == scratch
    with handover.shared_folder(settings(spark_folder=tmp_path), scratch) as folder:
        assert folder.parent == tmp_path
        assert folder.stat().st_mode & 0o077 == 0
        (folder / "rows").write_text("")
    assert not folder.exists()


def test_what_a_killed_run_left_is_cleared_away(tmp_path):
    given = settings(spark_folder=tmp_path)
    with handover.shared_folder(given, tmp_path / "scratch") as folder:
        pass
    folder.mkdir()
    (folder / "left").write_text("")
    with handover.shared_folder(given, tmp_path / "scratch") as again:
        assert again == folder
        assert not list(again.iterdir())


def test_a_shared_folder_that_cannot_be_made_is_73(tmp_path):
    given = settings(spark_folder=tmp_path / "absent")
    with (
        pytest.raises(CannotCreateOutput, match="spark_folder"),
        handover.shared_folder(given, tmp_path),
    ):
        pass


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"spark_master": "nonsense"}, "an address such as spark://host:7077"),
        ({"spark_remote": "spark://a:1"}, "an address such as sc://host:15002"),
        (
            {"spark_master": "local[2]", "spark_remote": "sc://a"},
            "spark_master and spark_remote are both set",
        ),
    ],
)
def test_an_address_that_is_none_is_refused(changes, sentence):
    with pytest.raises(ConfigurationError, match=sentence):
        settings(**changes)


def test_the_keys_of_spark_are_read():
    found = settings(spark_master="local[2]", spark_folder="shared")
    assert found.spark_master == "local[2]"
    assert found.spark_remote is None
    assert found.spark_folder == Path("shared")
