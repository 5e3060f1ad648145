"""A simulated network on disk, and the run of one: what `simulate` and `demo` do."""

import tempfile
from dataclasses import replace
from pathlib import Path

from pipeline import durable, run, simulate
from pipeline.engines import machine
from pipeline.engines.duck import Duck
from pipeline.errors import CannotCreateOutput
from pipeline.extracts.delivery import extract_named, printable
from pipeline.requests import Request, Result
from pipeline.settings import Settings

EXTRACTS = "demo_extracts"
TRUTH = "truth.parquet"
"""The file by which a folder is known as one that a simulation wrote."""

ALIKE = (
    "All simulated patients with AIDS are on prolonged therapy, so that the rows of AIDS "
    "and of AIDS with prolonged therapy are alike."
)
"""What reads like an error in the report of a demo and is none."""

VARIED_UP_TO = "vary_up_to_prescriptions"

_WRITTEN = frozenset(
    f"{extract}.{ending}"
    for extract in simulate.EXTRACTS
    for ending in simulate.FORMATS
)


def simulate_network(
    folder: Path, scenario: simulate.Scenario, file_format: str
) -> None:
    """Write the extracts of a simulated network, and its truth, into the folder.

    An earlier simulation there, in either format, is replaced. Raises
    CannotCreateOutput where the folder holds an extract that no simulation wrote.
    """
    try:
        durable.make_folder(folder)
        folder = folder.resolve()
        _refuse_other_extracts(folder)
        with (
            tempfile.TemporaryDirectory() as scratch,
            tempfile.TemporaryDirectory(prefix=durable.PARTIAL, dir=folder) as made,
        ):
            database = Path(scratch) / "work.duckdb"
            limit = machine.memory_limit()
            with Duck(database, folders=[Path(made)], memory_limit=limit) as engine:
                simulate.make(engine, scenario)
                simulate.write(engine, Path(made), file_format)
            _replace(folder, Path(made))
    except OSError as error:
        raise durable.as_error(error, "writing the simulated extracts") from None


def _refuse_other_extracts(folder: Path) -> None:
    is_ours = (folder / TRUTH).is_file()
    others = [
        printable(path.name)
        for path in sorted(folder.iterdir())
        if extract_named(path.name)
        and not (is_ours and path.name in _WRITTEN and path.is_file())
    ]
    if others:
        more = f" and {len(others) - 1} more" if len(others) > 1 else ""
        raise CannotCreateOutput(
            f"The folder {folder} holds {others[0]}{more}, which no "
            "simulation is known to have written.",
            "Nothing was written: give an empty or a new folder.",
        )


def _replace(folder: Path, made: Path) -> None:
    # In this order the folder is known as a simulation's wherever this is stopped.
    truth, *extracts = sorted(made.iterdir(), key=lambda path: path.name != TRUTH)
    for name in _WRITTEN:
        (folder / name).unlink(missing_ok=True)
    for path in (truth, *extracts):
        path.replace(folder / path.name)


def demo(
    out: Path,
    settings: Settings,
    *,
    progress: run.Progress,
    commit: run.Commit = run.nothing,
) -> tuple[Result, Path]:
    """The run of the default network, and the folder that its extracts lie in.

    Parameters are varied only where the settings ask for it: nobody who looks at a first
    report should wait for ten more classifications.
    """
    run.import_ahead()
    scenario = simulate.Scenario()
    folder = out / EXTRACTS
    progress("simulate")
    simulate_network(folder, scenario, "parquet")
    request = Request(folder, scenario.as_of, out, _without_variations(settings))
    return run.run(request, progress=progress, commit=commit), folder


def _without_variations(settings: Settings) -> Settings:
    if VARIED_UP_TO in settings.changed:
        return settings
    return replace(
        settings,
        values={**settings.values, VARIED_UP_TO: 0},
        changed=settings.changed | {VARIED_UP_TO},
    )
