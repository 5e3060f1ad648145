"""Our SQL on DuckDB: the same work from the same rows, against which peers are timed.

python -m benchmarks.peers.duckdb_peer ACCEPTED OUT.parquet
"""

import tempfile
from pathlib import Path

from benchmarks.peers.rules import asked
from benchmarks.peers.sql_walk import walk
from pipeline.engines.duck import Duck
from pipeline.models import ACCEPTED
from pipeline.tables import courses


def main() -> None:
    """Classify, write, end."""
    given = asked(__doc__.splitlines()[0])
    rows, out = given.accepted.resolve(), given.out.resolve()
    with (
        tempfile.TemporaryDirectory(dir=out.parent) as scratch,
        Duck(Path(scratch) / "work.duckdb", folders=[rows, out.parent]) as duck,
    ):
        for table in ACCEPTED:
            duck.read(table, rows / f"{table}.parquet")
        with duck.in_any_order():
            walk(duck, given.as_of)
        duck.write_parquet(courses(), out)


if __name__ == "__main__":
    main()
