"""Our SQL on DuckDB: the same work, from the same rows, that the peers are timed at.

python -m benchmarks.peers.duckdb_peer ACCEPTED OUT.parquet
"""

import tempfile
from pathlib import Path

from benchmarks.peers.rules import asked
from benchmarks.peers.sql_walk import walk
from pipeline.engines.duck import Duck


def main() -> None:
    """Classify, write, end."""
    given = asked(__doc__.splitlines()[0])
    folders = [given.accepted.resolve(), given.out.resolve().parent]
    with (
        tempfile.TemporaryDirectory(dir=given.out.parent) as scratch,
        Duck(
            Path(scratch).resolve() / "work.duckdb",
            folders=folders,
            memory_limit=given.memory_limit,
        ) as duck,
    ):
        walk(duck, given.accepted, given.as_of, given.out)


if __name__ == "__main__":
    main()
