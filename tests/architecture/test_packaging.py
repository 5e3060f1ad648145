"""The wheel holds what a run needs, and the pins are the same in both places."""

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LOCK = (ROOT / "requirements.lock").read_text("utf-8")
SHIPPED = ("sql", "seeds", "reports")


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory) -> Path:
    """The wheel of this checkout, unpacked far from it; built without a network."""
    builder = pytest.importorskip("hatchling.builders.wheel")
    folder = tmp_path_factory.mktemp("wheel")
    checkout = folder / "checkout"
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("pipeline", *SHIPPED):
        shutil.copytree(ROOT / name, checkout / name, ignore=ignored)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, checkout / name)
    (wheel,) = builder.WheelBuilder(str(checkout)).build(
        directory=str(folder), versions=["standard"]
    )
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    shutil.rmtree(checkout)
    return folder / "site"


@pytest.mark.parametrize("name", SHIPPED)
def test_the_wheel_holds_every_file(unpacked, name):
    def files(folder: Path) -> set[str]:
        return {
            path.relative_to(folder).as_posix()
            for path in folder.rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }

    assert files(ROOT / name)
    assert files(unpacked / "pipeline" / "_data" / name) == files(ROOT / name)


def test_the_wheel_holds_nothing_else_at_the_top(unpacked):
    top = {path.name for path in unpacked.iterdir()}
    version = PROJECT["project"]["version"]
    assert top == {"pipeline", f"acvwatch-{version}.dist-info"}
    entry = unpacked / f"acvwatch-{version}.dist-info" / "entry_points.txt"
    assert "acvwatch = pipeline.cli:main" in entry.read_text()


def test_resources_are_found_from_the_wheel(unpacked):
    program = (
        "from pipeline import models, resources, seeds\n"
        "print(resources.path('reports'))\n"
        "print(len(models.read_all()), len(seeds.read('parameters')))"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=unpacked.parent,
        env={"PYTHONPATH": str(unpacked), "PATH": ""},
    )
    found, counts = done.stdout.splitlines()
    assert Path(found) == unpacked / "pipeline" / "_data" / "reports"
    assert all(int(count) > 30 for count in counts.split())


def test_the_lock_and_the_constraints_agree():
    """The pins of pyproject.toml are for uv, the lock for others; .ci/lock writes both."""
    pins = re.findall(r"^([a-z0-9][^\\\n]*?)(?: \\)?$", LOCK, re.MULTILINE)
    assert pins == PROJECT["tool"]["uv"]["constraint-dependencies"]
    assert all("==" in pin for pin in pins)


def test_every_pin_has_its_hashes_and_no_address():
    for block in re.split(r"\n(?=[a-z0-9])", LOCK):
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", block), block[:60]
    assert "://" not in LOCK
    assert not re.search(r"^\s*(#|-i|--index|--find-links)", LOCK, re.MULTILINE)


def test_every_dependency_is_pinned():
    groups = PROJECT["dependency-groups"]
    asked = [
        *PROJECT["project"]["dependencies"],
        *(name for group in ("dev", "browser", "spark") for name in groups[group]),
    ]
    pinned = set(re.findall(r"^([a-z0-9.-]+)==", LOCK, re.MULTILINE))
    names = {re.match(r"[A-Za-z0-9-]+", name).group().lower() for name in asked}
    assert names <= pinned


def test_the_extra_of_spark_is_what_its_tests_run_with():
    extra = PROJECT["project"]["optional-dependencies"]["spark"]
    assert extra == PROJECT["dependency-groups"]["spark"]


def test_the_default_group_runs_the_tests():
    """`pip install uv && uv run pytest` works in a fresh clone."""
    assert PROJECT["tool"]["uv"]["default-groups"] == ["dev"]
    dev = {
        re.match(r"[a-z-]+", name).group()
        for name in PROJECT["dependency-groups"]["dev"]
    }
    assert {"pytest", "pytest-xdist"} <= dev
    assert PROJECT["tool"]["pytest"]["ini_options"]["filterwarnings"] == ["error"]
