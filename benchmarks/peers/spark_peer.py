"""Our SQL on PySpark, local with two threads: what `--engine spark` does, of the same work.

    python -m benchmarks.peers.spark_peer ACCEPTED OUT.parquet

OUT becomes a folder, as Spark writes one. Where this checkout has no engine for Spark
(`pipeline.engines.spark`), or PySpark or Java is not there, it says so and ends.
"""

import shutil
import tempfile
from pathlib import Path

from benchmarks.peers.rules import asked, missing
from benchmarks.peers.sql_walk import walk
from pipeline.models import ACCEPTED
from pipeline.tables import courses

THREADS = 2


def main() -> None:
    """Classify, write, end."""
    given = asked(__doc__.splitlines()[0])
    if reason := missing("spark"):
        raise SystemExit(f"The Spark peer cannot be run: {reason}.")
    from pipeline.engines.spark import Spark

    out = given.out.resolve()
    with tempfile.TemporaryDirectory(dir=out.parent) as scratch:
        folder = Path(scratch).resolve()
        with Spark(folder, threads=THREADS, memory_limit="8GB") as spark:
            for table in ACCEPTED:
                spark.read(table, given.accepted.resolve() / f"{table}.parquet")
            walk(spark, given.as_of)
            spark.create("published", courses())
        shutil.rmtree(out, ignore_errors=True)
        (folder / "published").rename(out)


if __name__ == "__main__":
    main()
