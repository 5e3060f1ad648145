"""DuckDB as the engine: runs SQL files with named parameters; the only duckdb import."""

import re
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from pipeline.contracts.sql_text import as_named, parquet
from pipeline.errors import InvariantBroken, ReadWriteFailed

_PARAMETER = re.compile(r"\$([a-z_][a-z0-9_]*)")
_CODE_WORD = "code_word"
_ORDER = "preserve_insertion_order"
# As small as by default, in two thirds of the time: ids are not tried as a dictionary.
_PARQUET = (
    "format parquet, compression zstd, compression_level 1, dictionary_size_limit 5000"
)
_PASSING = "format parquet, compression lz4"
_IN_ITS_ORDER = ", preserve_order true"
_WORD = re.compile(r"\w+")
_NOT_SQL = re.compile(r"--[^\n]*|'(?:[^']|'')*'")


def literal(text: str) -> str:
    """The text as an SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """The name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


class Duck:
    """One locked-down DuckDB database in a scratch file.

    It reads and writes only below ``folders``, loads no extension and opens no address.
    Threads may share it: what one asks is answered before the next one's turn. A failure
    is raised as one of ours with the engine's kind of error alone, since its messages
    quote values.
    """

    name = "duckdb"

    def __init__(
        self,
        database: Path,
        *,
        folders: Sequence[Path],
        memory_limit: str | None = None,
        threads: int | None = None,
        debug: bool = False,
    ):
        self._debug = debug
        self._coded: frozenset[str] = frozenset()
        self._in_files: set[str] = set()
        self._turn = threading.RLock()
        self._connection = duckdb.connect(str(database))
        scratch = Path(f"{database}.spill")
        # Asked of a path as it is given to a reader, then of the file that it leads to.
        said = {
            way(folder): None
            for folder in [*folders, scratch]
            for way in (str, as_named)
        }
        allowed = ", ".join(literal(f"{folder}/") for folder in said)
        settings = [
            f"set allowed_directories = [{allowed}]",
            f"set temp_directory = {literal(str(scratch))}",
            "set python_enable_replacements = false",
            "set autoinstall_known_extensions = false",
            "set autoload_known_extensions = false",
            f"set {_ORDER} = true",
            "set enable_progress_bar = false",
        ]
        if memory_limit:
            settings.append(f"set memory_limit = {literal(memory_limit)}")
        if threads:
            settings.append(f"set threads = {int(threads)}")
        settings += [
            "set enable_external_access = false",
            f"set allowed_configs = [{literal(_ORDER)}]",
            "set lock_configuration = true",
        ]
        for statement in settings:
            self._connection.execute(statement)

    def __enter__(self) -> "Duck":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def in_any_order(self) -> Iterator[None]:
        """Within, a table made of no ordered select holds its rows in any order.

        That takes a tenth less time; what is written to a file stays in the order of its
        table.
        """
        self.execute(f"set {_ORDER} = false")
        try:
            yield
        finally:
            self.execute(f"set {_ORDER} = true")

    def close(self) -> None:
        """Close the database; its scratch file may then be removed."""
        self._connection.close()

    def execute(self, sql: str, parameters: Mapping[str, Any] | None = None) -> None:
        """Run one statement; parameters that it does not name are left out."""
        self._run(sql, parameters)

    def create(
        self,
        table: str,
        select: str,
        parameters: Mapping[str, Any] | None = None,
    ) -> None:
        """Make the table (anew) from a select; it stays in memory while there is room."""
        if table in self._in_files:
            self.drop(table)
        self._run(
            f"create or replace temporary table {identifier(table)} as\n"
            f"{self._with_code_words(select, parameters)}",
            parameters,
        )

    def rows(
        self, sql: str, parameters: Mapping[str, Any] | None = None
    ) -> list[tuple[Any, ...]]:
        """The rows of a select as tuples of Python values."""
        with self._turn:
            return self._run(sql, parameters).fetchall()

    def frame(
        self, sql: str, parameters: Mapping[str, Any] | None = None
    ) -> pd.DataFrame:
        """The rows of a select as a pandas frame; for counts and lists only."""
        with self._turn:
            found = self._run(sql, parameters).df()
        coded = found.select_dtypes("category").columns
        return found.astype({name: found[name].cat.categories.dtype for name in coded})

    def load(self, table: str, frame: pd.DataFrame) -> None:
        """Make the table from a pandas frame, such as a seed."""
        with self._scrubbed():
            self._connection.register("incoming_frame", frame)
            self._connection.execute(
                f"create or replace temporary table {identifier(table)} as "
                + self._with_code_words("select * from incoming_frame", None)
            )
            self._connection.unregister("incoming_frame")

    def write_parquet(
        self,
        select: str,
        path: Path,
        parameters: Mapping[str, Any] | None = None,
        *,
        passing: bool = False,
        by: str | None = None,
    ) -> None:
        """Write the rows of an ordered select to a Parquet file, code words as text.

        One that is only ``passing``, to be read again and removed, is packed fast rather
        than small. With ``by``, to a folder of the path instead: ``<by>=<value>`` below
        it holds the rows of that value of the column, in no order.
        """
        options = _PASSING if passing else _PARQUET
        options += f", partition_by ({identifier(by)}), append" if by else _IN_ITS_ORDER
        self._run(
            f"copy (\n{select}\n) to {literal(str(path))} ({options})",
            parameters,
        )

    def create_in_file(
        self,
        table: str,
        select: str,
        path: Path,
        parameters: Mapping[str, Any] | None = None,
    ) -> None:
        """Make the table from an ordered select: in a Parquet file, not in memory."""
        self.write_parquet(select, path, parameters)
        self.read(table, path)

    def read(self, table: str, path: Path) -> None:
        """Make the table of a Parquet file, or of a folder of them in their order.

        They stay where they are, and are read wherever the table is.
        """
        files = parquet(path, "/*.parquet" if path.is_dir() else "")
        select = f"select * from {files}"
        self.drop(table)
        self._run(
            f"create or replace temporary view {identifier(table)} as\n"
            f"{self._with_code_words(select, None)}",
            None,
        )
        self._in_files.add(table)

    def columns(self, table: str) -> dict[str, str]:
        """The table's column names with their SQL types, in order."""
        return {row[0]: row[1] for row in self.rows(f"describe {identifier(table)}")}

    def has(self, table: str) -> bool:
        """Whether there is such a table."""
        found = self.rows(
            "select 1 from duckdb_tables() where table_name = $table", {"table": table}
        )
        return bool(found)

    def drop(self, table: str) -> None:
        """Drop the table, which no later step reads; the file that it is in stays."""
        kind = "view" if table in self._in_files else "table"
        self._run(f"drop {kind} if exists {identifier(table)}", None)
        self._in_files.discard(table)

    def store_as_numbers(self, columns: Collection[str], words: Sequence[str]) -> None:
        """Store the text columns of these names as the place of each word in ``words``.

        They compare, sort and come back as the text they are: a word takes a byte
        where text takes sixteen. A word that is not listed is refused.
        """
        listed = ", ".join(map(literal, words))
        self._run(f"create temporary type {_CODE_WORD} as enum ({listed})", None)
        self._coded = frozenset(columns)

    def _with_code_words(self, select: str, parameters) -> str:
        if not self._coded or not self._reads_words(select):
            return select
        described = self.rows(f"describe\n{select}", parameters)
        columns = [
            f"cast({identifier(name)} as {_CODE_WORD}) as {identifier(name)}"
            for name, type_name, *_ in described
            if name in self._coded and type_name == "VARCHAR"
        ]
        if not columns:
            return select
        return f"select * replace ({', '.join(columns)}) from (\n{select}\n)"

    def _reads_words(self, select: str) -> bool:
        """Whether it may make such a column of text: it names one, or reads a file."""
        named = self._coded.intersection(_WORD.findall(select))
        return bool(named) or "read_parquet" in select or "incoming_frame" in select

    def _run(self, sql: str, parameters: Mapping[str, Any] | None):
        named = set(_PARAMETER.findall(_NOT_SQL.sub("", sql)))
        given = parameters or {}
        missing = sorted(named - given.keys())
        if missing:
            raise InvariantBroken(f"The SQL asks for ${missing[0]}, which is not set.")
        with self._scrubbed():
            if named:
                return self._connection.execute(sql, {key: given[key] for key in named})
            return self._connection.execute(sql)

    @contextmanager
    def _scrubbed(self) -> Iterator[None]:
        try:
            with self._turn:
                yield
        except duckdb.OutOfMemoryException as error:
            raise ReadWriteFailed(
                "The memory limit or the space for temporary files was not enough.",
                "Raise memory_limit, or free disk space where the output lies.",
            ) from self._cause(error)
        except duckdb.IOException as error:
            raise ReadWriteFailed(
                "The engine could not read or write a file.",
                "Check that the disk has space and that the files are readable.",
            ) from self._cause(error)
        except duckdb.Error as error:
            raise InvariantBroken(
                f"The engine refused a statement of ours ({type(error).__name__}).",
                "This is a fault of the program: run again with --debug to see where.",
            ) from self._cause(error)

    def _cause(self, error: Exception) -> Exception | None:
        return error if self._debug else None
