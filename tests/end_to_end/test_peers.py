"""The benchmark's peers: other tools, the same rules, the same courses row for row."""

import importlib.util
import subprocess
import sys
from datetime import date

import duckdb
import pytest

from benchmarks import accepted
from benchmarks.checksum import of_courses
from pipeline.tables import COURSE_COLUMNS

AS_OF = date(2026, 6, 30)
NEEDS = {"pandas": ("pyarrow",), "polars": ("polars",)}


def courses_of(root, peer, rows, out):
    """The courses that a peer writes, run as the program that it is."""
    program = f"benchmarks.peers.{peer}_peer"
    command = [
        sys.executable,
        "-m",
        program,
        str(rows),
        str(out),
        "--as-of",
        str(AS_OF),
    ]
    subprocess.run(command, check=True, cwd=root)
    return out


@pytest.fixture(scope="module")
def sample(root, tmp_path_factory):
    """The accepted rows of the committed network, and our SQL's courses of them."""
    folder = tmp_path_factory.mktemp("peers")
    rows = folder / "accepted"
    accepted.write(root / "data_samples" / "network", AS_OF, rows)
    return rows, courses_of(root, "duckdb", rows, folder / "duckdb.parquet")


@pytest.mark.parametrize("peer", NEEDS)
def test_a_peer_comes_to_the_same_courses(root, sample, tmp_path, peer):
    for module in NEEDS[peer]:
        if importlib.util.find_spec(module) is None:
            pytest.skip(
                f"{module} is in the group benchmarks: uv run --group benchmarks"
            )
    rows, ours = sample
    theirs = courses_of(root, peer, rows, tmp_path / "courses.parquet")
    assert differing(ours, theirs) == []
    assert of_courses(theirs) == of_courses(ours)


def differing(ours, theirs) -> list[tuple]:
    """Courses that one of the files does not have, or has otherwise."""
    cells = ", ".join(
        {
            "adherence": "round(adherence, 9) as adherence",
            "start_date": "cast(start_date as date) as start_date",
            "end_date": "cast(end_date as date) as end_date",
            "deciding_date": "cast(deciding_date as date) as deciding_date",
        }.get(name, name)
        for name in COURSE_COLUMNS
    )
    sides = [f"select {cells} from read_parquet('{path}')" for path in (ours, theirs)]
    with duckdb.connect() as connection:
        return [
            row
            for one, other in (sides, sides[::-1])
            for row in connection.execute(f"{one} except all {other}").fetchall()
        ]


def test_the_checksum_knows_a_changed_cell_and_not_the_order(sample, tmp_path):
    _, ours = sample
    right = of_courses(ours)
    with duckdb.connect() as connection:
        for name, select in {
            "shuffled": "select * from read_parquet($path) order by hash(patient_id)",
            "halved": "select * from read_parquet($path) limit 2000",
            "changed": "select * replace (not in_rate as in_rate) "
            "from read_parquet($path)",
        }.items():
            written = tmp_path / f"{name}.parquet"
            connection.execute(
                f"copy ({select}) to '{written}' (format parquet)", {"path": str(ours)}
            )
    assert of_courses(tmp_path / "shuffled.parquet") == right
    assert of_courses(tmp_path / "halved.parquet") != right
    assert of_courses(tmp_path / "changed.parquet") != right
