"""The rows that every peer starts from: our reception's accepted rows, as Parquet.

One file an extract, typed as the contract says, written once a network. Reading, checking
and refusing a delivery is then in nobody's time: what is compared is the classification.
"""

import tempfile
from datetime import date
from pathlib import Path

from benchmarks.defaults import defaults
from pipeline import seeds
from pipeline.engines.duck import Duck
from pipeline.extracts.reception import receive
from pipeline.models import ACCEPTED


def write(delivery: Path, as_of: date, folder: Path) -> None:
    """Write ``<table>.parquet`` of each accepted table of the delivery into the folder.

    A folder that holds all of them is left as it is.
    """
    if all((folder / f"{table}.parquet").is_file() for table in ACCEPTED):
        return
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as scratch,
        _duck(Path(scratch), delivery, folder) as duck,
    ):
        receive(
            duck,
            delivery.resolve(),
            as_of=as_of,
            parameters=defaults(),
            synonyms=seeds.read("synonyms"),
            drugs=seeds.read("drugs"),
            profile=None,
            scratch=Path(scratch),
        )
        for table in ACCEPTED:
            duck.write_parquet(
                f"select * from {table} order by file_id, line",
                folder.resolve() / f"{table}.parquet",
            )


def _duck(scratch: Path, *folders: Path) -> Duck:
    return Duck(
        scratch / "work.duckdb",
        folders=[folder.resolve() for folder in (scratch, *folders)],
    )
