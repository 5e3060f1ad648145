"""Two runs of one delivery, held against each other file by file."""

import json
from datetime import date
from pathlib import Path

import duckdb

from pipeline import run, seeds
from pipeline.settings import resolve

AS_OF = date(2026, 6, 30)
SAMPLE = Path(__file__).resolve().parents[2] / "data_samples" / "network"


def published(
    extracts: Path, out: Path, engine: str, as_of: date = AS_OF, **changes: object
) -> Path:
    """The folder of a run by the engine, with these keys of the configuration.

    Parameters are varied only where asked for: each variation is a walk of its own.
    """
    changes = {"vary_up_to_prescriptions": 0} | changes
    settings = resolve(
        seeds.read("parameters"),
        file=None,
        environment={},
        overrides={name: str(value) for name, value in changes.items()},
    )
    request = run.Request(
        extracts=extracts, as_of=as_of, out=out, settings=settings, engine=engine
    )
    folder = run.run(request, progress=lambda step: None).folder
    assert folder is not None
    return folder


def assert_same_run(duck: Path, spark: Path) -> None:
    """Every table has the same rows in the same order, value for value; so has the report.

    Only the name of the engine differs, where the report and the manifest give it.
    """
    assert duck.name == spark.name
    for suffix, differ in {".csv": differing_bytes, ".parquet": differing_rows}.items():
        paths = [path.relative_to(duck) for path in sorted(duck.rglob(f"*{suffix}"))]
        assert paths
        assert [path for path in paths if differ(duck / path, spark / path)] == []
    said = [
        (folder / "restricted/document.json").read_text("utf-8")
        for folder in (duck, spark)
    ]
    assert said[0] != said[1]
    assert said[0].replace("duckdb", "spark") == said[1].replace("duckdb", "spark")
    manifests = [
        json.loads((folder / "manifest.json").read_text("utf-8"))
        for folder in (duck, spark)
    ]
    differing = {key for key in manifests[0] if manifests[0][key] != manifests[1][key]}
    assert differing == {"engine", "outputs", "seal"}
    assert [manifest["engine"] for manifest in manifests] == ["duckdb", "spark"]


def differing_bytes(one: Path, other: Path) -> bool:
    """Whether two files are not the same."""
    return one.read_bytes() != other.read_bytes()


def differing_rows(one: Path, other: Path) -> list[tuple]:
    """What differs of two Parquet files: a column's type, or a place's row."""
    numbered = "select * from read_parquet('{}', file_row_number = true)"
    sides = [numbered.format(path) for path in (one, other)]
    with duckdb.connect() as connection:
        types = [connection.sql(f"describe {side}").fetchall() for side in sides]
        if types[0] != types[1]:
            return types
        return connection.sql(
            f"(({sides[0]}) except ({sides[1]})) union all "
            f"(({sides[1]}) except ({sides[0]})) limit 1"
        ).fetchall()
