"""A simulated network on disk, and the run of one: what `simulate` and `demo` do."""

import tempfile
from pathlib import Path

from pipeline import durable, run, simulate
from pipeline.engines.duck import Duck
from pipeline.requests import Request, Result
from pipeline.settings import Settings

EXTRACTS = "demo_extracts"


def simulate_network(
    folder: Path, scenario: simulate.Scenario, file_format: str
) -> None:
    """Write the extracts of a simulated network, and its truth, into the folder."""
    try:
        durable.make_folder(folder)
    except OSError as error:
        raise durable.as_error(error, "making the folder") from None
    with tempfile.TemporaryDirectory() as scratch:
        database = Path(scratch) / "work.duckdb"
        with Duck(database, folders=[folder.resolve()]) as engine:
            simulate.make(engine, scenario)
            simulate.write(engine, folder.resolve(), file_format)


def demo(
    out: Path, settings: Settings, *, progress: run.Progress
) -> tuple[Result, Path]:
    """The run of the default network, and the folder that its extracts lie in."""
    scenario = simulate.Scenario()
    folder = out / EXTRACTS
    progress("simulate")
    simulate_network(folder, scenario, "parquet")
    request = Request(folder, scenario.as_of, out, settings)
    return run.run(request, progress=progress), folder
