"""Two runs of one delivery, held against each other file by file."""

import json
from datetime import date
from pathlib import Path

from pipeline import run, seeds
from pipeline.settings import resolve

AS_OF = date(2026, 6, 30)
SAMPLE = Path(__file__).resolve().parents[2] / "data_samples" / "network"


def published(extracts: Path, out: Path, engine: str, **changes: object) -> Path:
    """The folder of a run by the engine, with these keys of the configuration."""
    settings = resolve(
        seeds.read("parameters"),
        file=None,
        environment={},
        overrides={name: str(value) for name, value in changes.items()},
    )
    request = run.Request(
        extracts=extracts, as_of=AS_OF, out=out, settings=settings, engine=engine
    )
    folder = run.run(request, progress=lambda step: None).folder
    assert folder is not None
    return folder


def assert_same_run(duck: Path, spark: Path) -> None:
    """Every table and list is the same to the byte, and so is all that the report says.

    Only the name of the engine differs, where the report and the manifest give it.
    """
    assert duck.name == spark.name
    files = [
        path.relative_to(duck)
        for path in sorted(duck.rglob("*"))
        if path.suffix in (".parquet", ".csv")
    ]
    assert len(files) > 6
    for path in files:
        assert (duck / path).read_bytes() == (spark / path).read_bytes(), path
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
