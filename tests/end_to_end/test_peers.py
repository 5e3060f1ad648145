"""The benchmark's peers: other tools, the same rules, the same courses row for row."""

import subprocess
import sys
from datetime import date

import duckdb
import pandas as pd
import pytest

from benchmarks import accepted
from benchmarks.checksum import of_courses
from benchmarks.peers import pandas_peer, rules
from benchmarks.peers.pandas_steps import rounded
from pipeline.tables import COURSE_COLUMNS

AS_OF = date(2026, 6, 30)
AS_WRITTEN = {
    "adherence": "round(adherence, 9) as adherence",
    "start_date": "cast(start_date as date) as start_date",
    "end_date": "cast(end_date as date) as end_date",
    "deciding_date": "cast(deciding_date as date) as deciding_date",
}


@pytest.fixture(scope="module")
def rows(root, tmp_path_factory):
    """The accepted rows of the committed network."""
    folder = tmp_path_factory.mktemp("peers") / "accepted"
    accepted.write(root / "data_samples" / "network", AS_OF, folder)
    return folder


@pytest.fixture(scope="module")
def ours(root, rows):
    """The courses that our SQL makes of those rows."""
    return run_peer(root, "duckdb", rows, rows.with_name("ours.parquet"))


def run_peer(root, peer, rows, out):
    """The file that a peer writes, run as the program that it is."""
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


def duckdb_reader(folder):
    """Reads what `parquet_reader` does, without a library for it."""

    def read(extract, columns, codes):
        names = ", ".join(["patient_id", *columns, *codes])
        path = str(folder / f"accepted_{extract}.parquet")
        with duckdb.connect() as connection:
            found = connection.sql(
                f"select {names} from read_parquet($path)", params={"path": path}
            )
            kinds = dict(zip(found.columns, found.types, strict=True))
            frame = found.df()
        for name, kind in kinds.items():
            if kind.id == "date":
                days = (frame[name] - pd.Timestamp(0)).dt.days
                frame[name] = days.fillna(rules.NEVER).astype("int64")
            elif kind.id == "decimal":
                scale = dict(kind.children)["scale"]
                frame[name] = rounded(frame[name].astype(float), scale)
            elif name in ("patient_id", *codes):
                frame[name] = frame[name].astype("category")
        return frame

    return read


def differing(ours, theirs):
    """Courses that one of the files does not have, or has otherwise."""
    cells = ", ".join(AS_WRITTEN.get(name, name) for name in COURSE_COLUMNS)
    sides = [f"select {cells} from read_parquet('{path}')" for path in (ours, theirs)]
    with duckdb.connect() as connection:
        return [
            row
            for one, other in (sides, sides[::-1])
            for row in connection.execute(f"{one} except all {other}").fetchall()
        ]


def test_pandas_comes_to_the_same_courses(rows, ours, tmp_path):
    theirs = tmp_path / "pandas.parquet"
    found = pandas_peer.courses(duckdb_reader(rows), rules.day_number(AS_OF))
    with duckdb.connect() as connection:
        connection.register("found", found)
        connection.execute(f"copy found to '{theirs}' (format parquet)")
    assert differing(ours, theirs) == []
    assert of_courses(theirs) == of_courses(ours)


def test_polars_comes_to_the_same_courses(root, rows, ours, tmp_path):
    pytest.importorskip("polars", reason="polars is of the group benchmarks")
    theirs = run_peer(root, "polars", rows, tmp_path / "polars.parquet")
    assert differing(ours, theirs) == []
    assert of_courses(theirs) == of_courses(ours)


def test_the_checksum_knows_a_changed_cell_and_not_the_order(ours, tmp_path):
    right = of_courses(ours)
    changes = {
        "shuffled": "select * from read_parquet($path) order by hash(patient_id)",
        "halved": "select * from read_parquet($path) limit 2000",
        "changed": "select * replace (not in_rate as in_rate) from read_parquet($path)",
    }
    with duckdb.connect() as connection:
        for name, select in changes.items():
            written = tmp_path / f"{name}.parquet"
            connection.execute(
                f"copy ({select}) to '{written}' (format parquet)", {"path": str(ours)}
            )
    assert of_courses(tmp_path / "shuffled.parquet") == right
    assert of_courses(tmp_path / "halved.parquet") != right
    assert of_courses(tmp_path / "changed.parquet") != right
