"""The committed network: made again, it is the same, and its README says how."""

import re
import stat

import pandas as pd
import pytest

from pipeline import simulate
from pipeline.engines.duck import Duck
from pipeline.simulate import Scenario
from tests.parquet import read_parquet

LARGEST = 2_000_000
"""Bytes of all files of the sample."""


@pytest.fixture(scope="module")
def sample(root_folder):
    return root_folder / "data_samples" / "network"


@pytest.fixture(scope="module")
def root_folder(request):
    return request.config.rootpath


@pytest.fixture(scope="module")
def readme(sample):
    return (sample.parent / "README.md").read_text("utf-8")


@pytest.fixture(scope="module")
def made_again(tmp_path_factory, readme):
    """What the command in the README makes."""
    patients, seed = re.search(
        r"^acvwatch simulate data_samples/network --patients (\d+) --seed (\d+)$",
        readme,
        re.MULTILINE,
    ).groups()
    folder = tmp_path_factory.mktemp("sample").resolve()
    with Duck(folder / "work.duckdb", folders=[folder]) as engine:
        simulate.make(engine, Scenario(patients=int(patients), seed=int(seed)))
        simulate.write(engine, folder, "csv")
    return folder


@pytest.mark.parametrize("extract", simulate.EXTRACTS)
def test_an_extract_has_the_same_bytes_when_made_again(sample, made_again, extract):
    name = f"{extract}.csv"
    assert (sample / name).read_bytes() == (made_again / name).read_bytes()


def test_the_truth_has_the_same_rows_when_made_again(sample, made_again):
    pd.testing.assert_frame_equal(
        read_parquet(sample / "truth.parquet"),
        read_parquet(made_again / "truth.parquet"),
    )


def test_the_readme_says_that_the_people_are_invented_and_counts_their_rows(
    sample, readme
):
    assert "The people in `network/` are invented." in readme
    for extract in simulate.EXTRACTS:
        with (sample / f"{extract}.csv").open(encoding="utf-8") as lines:
            rows = sum(1 for _ in lines) - 1
        assert f"| `{extract}.csv` | {rows:,} |" in readme
    assert f"| `truth.parquet` | {len(read_parquet(sample / 'truth.parquet')):,} |" in (
        readme
    )


def test_the_sample_is_small(sample):
    files = [path.stat() for path in sample.iterdir()]
    assert all(stat.S_ISREG(file.st_mode) for file in files)
    assert sum(file.st_size for file in files) < LARGEST
