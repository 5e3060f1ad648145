"""A delivery in parts: ranges of patients that are walked one after the other.

No rule of the walk looks at two patients, so memory can be that of a part, not of the
delivery. Knows how rows are divided and put together again; knows no rule. No row leaves
the engine but as Parquet in the folder of the run's own work.
"""

import shutil
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from pipeline import models
from pipeline.contracts.sql_text import as_named, identifier, literal
from pipeline.engines.duck import Duck
from pipeline.errors import InvariantBroken

ROWS = 1_000_000
"""Rows of a part in the delivery's largest extract, about.

The walk of a million prescriptions with as many visits takes some 0.7 GiB; larger parts
take more memory and no less time for each row.
"""

_AT_ONCE = 3 * ROWS // 2
_NO_ROWS = "no_rows.parquet"


class AllAtOnce:
    """The one part of a delivery that is walked at once: what is made stays where it is."""

    def each(self, engine) -> Iterator[int]:
        """Load the accepted rows of every part; yields how many keys were given before."""
        yield 0

    def keep(self, engine, tables: Collection[str]) -> None:
        """Set aside what was made of a part."""


class Divided:
    """A large delivery, divided by patients: `parts` of them, in the order of their ids.

    The accepted rows leave the engine for ``folder``, and so does what is kept of each
    part: a folder of Parquet a table, which the engine then reads as one.
    """

    def __init__(self, engine: Duck, folder: Path, parts: int):
        self._folder = folder / "parts"
        self._kept = folder / "tables"
        self._parts = parts
        self._divide(engine)

    def each(self, engine: Duck) -> Iterator[int]:
        """Load the accepted rows of every part; yields how many keys were given before.

        No part has more patients, prescriptions or courses than accepted rows. In the
        end what was kept of all parts stands in the engine.
        """
        shutil.rmtree(self._kept, ignore_errors=True)
        self._kept.mkdir()
        before = 0
        for part in range(1, self._parts + 1):
            self._part = part
            for table in models.ACCEPTED:
                engine.create(table, self._rows_of(table, [part]))
            rows = before
            for table in models.ACCEPTED:
                rows += _count(engine, identifier(table))
            yield before
            before = rows
        for folder in sorted(self._kept.iterdir()):
            engine.read(folder.name, folder)

    def keep(self, engine: Duck, tables: Collection[str]) -> None:
        """Set aside what was made of a part."""
        for table in tables:
            folder = self._kept / table
            folder.mkdir(parents=True, exist_ok=True)
            engine.write_parquet(
                f"select * from {identifier(table)}",
                folder / f"{self._part:05}.parquet",
                passing=True,
            )
            engine.drop(table)

    def _divide(self, engine: Duck) -> None:
        model = models.read(models.PARTS)
        engine.create(model.table, model.select, {"n_parts": self._parts})
        for table in models.ACCEPTED:
            (self._folder / table).mkdir(parents=True)
            engine.write_parquet(
                f"select * from {table} limit 0", self._folder / table / _NO_ROWS
            )
            engine.write_parquet(
                f"select rows.*, {model.table}.part from {table} as rows "
                f"inner join {model.table} "
                f"on rows.patient_id = {model.table}.patient_id",
                self._folder / table,
                passing=True,
                by="part",
            )
            divided = self._rows_of(table, range(1, self._parts + 1))
            if _count(engine, table) != _count(engine, f"({divided})"):
                raise InvariantBroken(
                    f"Of {table} other rows were divided than were accepted.",
                    "Nothing was published.",
                )
            engine.drop(table)
        engine.drop(model.table)

    def _rows_of(self, table: str, parts: Iterable[int]) -> str:
        of_parts = (self._folder / table / f"part={part}" for part in parts)
        files = [as_named(self._folder / table / _NO_ROWS)]
        files += [f"{as_named(part)}/*.parquet" for part in of_parts if part.is_dir()]
        named = ", ".join(map(literal, files))
        return f"select * from read_parquet([{named}], hive_partitioning = false)"


def parts_of(engine, folder: Path) -> AllAtOnce | Divided:
    """The parts in which an engine walks the accepted rows that it holds.

    Another engine than the embedded one divides the rows itself.
    """
    if engine.name != Duck.name:
        return AllAtOnce()
    largest = max(_count(engine, table) for table in models.ACCEPTED)
    if largest <= _AT_ONCE:
        return AllAtOnce()
    return Divided(engine, folder, round(largest / ROWS))


def _count(engine: Duck, relation: str) -> int:
    [(n,)] = engine.rows(f"select count(*) from {relation}")
    return n
