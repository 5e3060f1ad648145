"""What passes between the embedded engine and another one: Parquet that both see.

The door in and everything written are the embedded engine's, whichever engine walks.
Knows which tables pass; knows no rule, and no row leaves an engine but as Parquet.
"""

import hashlib
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline import models, seeds
from pipeline.contracts.sql_text import identifier
from pipeline.engines import machine
from pipeline.engines.duck import Duck
from pipeline.errors import CannotCreateOutput, EngineUnavailable
from pipeline.settings import Settings


def require(engine: str, settings: Settings) -> None:
    """Raise EngineUnavailable at once where the engine of that name cannot be used."""
    if engine != Duck.name:
        _, require_spark = _spark()
        require_spark(settings.spark_master, settings.spark_remote)


@contextmanager
def shared_folder(settings: Settings, scratch: Path) -> Iterator[Path]:
    """The folder for what passes, gone at the end; below ``spark_folder`` where given.

    Its name is that of this host and run folder, so that what a killed run left there is
    cleared away by the next one.
    """
    if settings.spark_folder is None:
        yield scratch
        return
    label = f"{socket.gethostname()}:{scratch.resolve()}"
    name = f".acvwatch-{hashlib.sha256(label.encode()).hexdigest()[:12]}"
    folder = settings.spark_folder.resolve() / name
    shutil.rmtree(folder, ignore_errors=True)
    try:
        folder.mkdir(mode=0o700)
    except OSError as error:
        raise CannotCreateOutput(
            f"spark_folder is {settings.spark_folder}, in which no folder can be made "
            f"({error.strerror or type(error).__name__}).",
            "Name a folder that this machine and every worker of Spark see.",
        ) from None
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def walking(
    engine: str, duck: Duck, shared: Path, settings: Settings, *, debug: bool
) -> Iterator[object]:
    """The engine that walks; what is read afterwards stands in ``duck`` at the end."""
    if engine == Duck.name:
        with duck.in_any_order():
            yield duck
        return
    folder = shared.resolve() / "tables"
    folder.mkdir()
    _hand_over(duck, folder)
    engine_of_spark, _ = _spark()
    with engine_of_spark(
        folder,
        master=settings.spark_master,
        remote=settings.spark_remote,
        memory_limit=settings.memory_limit or machine.memory_limit(),
        threads=settings.threads,
        debug=debug,
    ) as spark:
        for table in models.ACCEPTED:
            spark.read(table, folder / table)
        yield spark
    _take_back(duck, folder)


def _hand_over(duck: Duck, folder: Path) -> None:
    for table in models.ACCEPTED:
        (folder / table).mkdir()
        path = folder / table / "handed_over.parquet"
        duck.write_parquet(f"select * from {identifier(table)}", path)
        duck.drop(table)


def _take_back(duck: Duck, folder: Path) -> None:
    seeds.load(duck)
    further = {models.UNREDEFINED} & {path.name for path in folder.iterdir()}
    for table in sorted(models.kept_tables() | further):
        duck.read(table, folder / table)


def _spark() -> tuple[type, Callable[..., None]]:
    """The engine, and what requires it; imported where asked for, since it takes long."""
    try:
        from pipeline.engines.spark import Spark
        from pipeline.engines.spark_session import require as require_spark
    except ImportError:
        raise EngineUnavailable(
            "PySpark, or what it needs, is not installed here.",
            "Install it: pip install 'acvwatch[spark]'.",
        ) from None
    return Spark, require_spark
