"""What happened to the rows, counted again from what was written; decides nothing.

Every number is a query over ``accepted_<extract>`` and ``set_aside_<extract>``; only the
rows received come from the reader of the file, so that a lost row shows.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import pandas as pd

from pipeline.contracts.compiler import Contract
from pipeline.contracts.sql_text import as_named, literal
from pipeline.errors import DataRefused, InvariantBroken
from pipeline.extracts.dispositions import (
    DISPOSITIONS,
    accepted_name,
    decided,
    joined,
    set_aside_name,
)
from pipeline.extracts.sources import Engine

_NOT_JUDGED = ("out_of_scope", "duplicate", "superseded")
_RULES_SHOWN = 3
_LINES_SHOWN = 5


@dataclass(frozen=True)
class Limits:
    """How much of an extract may be quarantined before the run stops."""

    max_share: Decimal
    min_rows: int

    def exceeded_by(self, n_quarantined: int, n_judged: int) -> bool:
        """Whether so many of the judged rows are too many."""
        over = Decimal(n_quarantined) > self.max_share * n_judged
        return over and n_quarantined >= self.min_rows

    def leave_nothing(self, n_quarantined: int, n_judged: int) -> bool:
        """Whether all that is judged is quarantined, however little, and too much."""
        return 0 < n_quarantined == n_judged and self.max_share < 1


@dataclass(frozen=True)
class SiteOverShare:
    """A site too much of whose rows of an extract is quarantined."""

    extract: str
    site_id: str
    n_quarantined: int
    n_judged: int


@dataclass(frozen=True)
class FileRows:
    """A file and the rows that its reader counted."""

    file_id: int
    extract: str
    label: str
    n_rows: int


def flow(
    engine: Engine, contracts: Sequence[Contract], files: Sequence[FileRows]
) -> pd.DataFrame:
    """Rows by extract, file and term: received, then each disposition.

    Columns extract, file, term, n; a row for each file and term, zeros included.
    """
    counted: dict[tuple[int, str], int] = {}
    for contract in contracts:
        for file_id, disposition, n in engine.rows(
            "select file_id, 'accepted', count(*) "
            f"from {accepted_name(contract.extract)} group by file_id "
            "union all select file_id, disposition, count(*) "
            f"from {set_aside_name(contract.extract)} group by file_id, disposition"
        ):
            counted[file_id, disposition] = n
    rows = []
    for file in files:
        rows.append((file.extract, file.label, "received", file.n_rows))
        for term in DISPOSITIONS:
            n = counted.get((file.file_id, term), 0)
            rows.append((file.extract, file.label, term, n))
    return pd.DataFrame(rows, columns=["extract", "file", "term", "n"])


def refuse_broken_sums(
    engine: Engine, contracts: Sequence[Contract], files: Sequence[FileRows]
) -> None:
    """Raise InvariantBroken where a file's rows are not the sum of its dispositions."""
    table = flow(engine, contracts, files)
    for file in files:
        mine = table[(table["file"] == file.label) & (table["extract"] == file.extract)]
        terms = dict(zip(mine["term"], mine["n"], strict=True))
        received = terms.pop("received")
        if received != sum(terms.values()):
            raise InvariantBroken(
                f"{file.label}: {received:,} rows were received, but "
                f"{sum(terms.values()):,} have a disposition."
            )


def completeness(
    engine: Engine, contracts: Sequence[Contract], accepted: Mapping[str, Path]
) -> pd.DataFrame:
    """How many accepted rows fill each column: extract, field, n_accepted, n_present.

    ``accepted`` is the Parquet file of each extract's accepted rows, whose footer counts
    its rows and the empty cells of every column.
    """
    rows = []
    for contract in contracts:
        at = literal(as_named(accepted[contract.extract]))
        [(total,)] = engine.rows(f"select num_rows from parquet_file_metadata({at})")
        empty = dict(
            engine.rows(
                "select path_in_schema, cast(sum(stats_null_count) as bigint) "
                f"from parquet_metadata({at}) group by path_in_schema"
            )
        )
        rows += [
            (contract.extract, name, total, total - empty.get(name, 0))
            for name in contract.columns
        ]
    names = ["extract", "field", "n_accepted", "n_present"]
    return pd.DataFrame(rows, columns=names)


def quarantine_rules(engine: Engine, contracts: Sequence[Contract]) -> pd.DataFrame:
    """Quarantined rows by rule broken: extract, rule, n; rules that none broke apart."""
    rows = []
    for contract in contracts:
        counts = ", ".join(
            f"count(*) filter (where broken & {1 << bit} <> 0)"
            for bit in range(len(contract.rule_names))
        )
        [found] = engine.rows(
            f"select {counts} from {set_aside_name(contract.extract)} "
            "where disposition = 'quarantined'"
        )
        rows += [
            (contract.extract, rule, n)
            for rule, n in zip(contract.rule_names, found, strict=True)
            if n
        ]
    return pd.DataFrame(rows, columns=["extract", "rule", "n"])


def first_lines(
    engine: Engine, contracts: Sequence[Contract], files: Sequence[FileRows]
) -> pd.DataFrame:
    """Where each rule is broken: extract, file, rule, n and the first lines, as a list."""
    rows = []
    for contract in contracts:
        asked = ", ".join(
            f"count(*) filter (where broken & {1 << bit} <> 0), "
            f"min(line, {_LINES_SHOWN}) filter (where broken & {1 << bit} <> 0)"
            for bit in range(len(contract.rule_names))
        )
        found = {
            file_id: list(zip(counts[::2], counts[1::2], strict=True))
            for file_id, *counts in engine.rows(
                f"select file_id, {asked} from {set_aside_name(contract.extract)} "
                "where disposition = 'quarantined' group by file_id"
            )
        }
        rows += [
            (contract.extract, file.label, rule, n, lines)
            for file in files
            if file.extract == contract.extract
            for rule, (n, lines) in zip(
                contract.rule_names, found.get(file.file_id, ()), strict=False
            )
            if n
        ]
    return pd.DataFrame(rows, columns=["extract", "file", "rule", "n", "first_lines"])


def quarantined_resistant(engine: Engine, contract: Contract, as_of: date) -> int:
    """How many quarantined rows read resistant, or a resistance mutation.

    None of an extract that holds no results.
    """
    if "result" not in contract.columns:
        return 0
    [(n,)] = engine.rows(
        f"select count(*) from {joined(contract)} "
        f"where {decided(contract)} = 'quarantined' "
        "and scanned.result in ('resistant', 'resistance_mutation')",
        {"as_of": as_of},
    )
    return n


def sites_over_share(
    engine: Engine, contract: Contract, as_of: date, limits: Limits
) -> tuple[SiteOverShare, ...]:
    """The sites of an extract too much of whose rows is quarantined, by site."""
    if "site_id" not in contract.columns:
        return ()
    listed = ", ".join(f"'{term}'" for term in _NOT_JUDGED)
    found = engine.rows(
        f"""
        with judged as (
            select scanned.site_id, {decided(contract)} as disposition
            from {joined(contract)}
            where scanned.site_id is not null
        )
        select
            site_id,
            count(*) filter (where disposition = 'quarantined') as n_quarantined,
            count(*) filter (where disposition not in ({listed})) as n_judged
        from judged
        group by site_id
        having n_quarantined >= $min_rows
        order by site_id
        """,
        {"as_of": as_of, "min_rows": limits.min_rows},
    )
    return tuple(
        SiteOverShare(contract.extract, site, n_quarantined, n_judged)
        for site, n_quarantined, n_judged in found
        if limits.exceeded_by(n_quarantined, n_judged)
    )


def refusals(
    table: pd.DataFrame, rules: pd.DataFrame, limits: Limits
) -> Iterator[DataRefused]:
    """A refusal for each extract too much of which is quarantined, or all of it.

    ``table`` is the flow and ``rules`` the quarantined rows by rule.
    """
    totals = table.groupby(["extract", "term"], sort=False)["n"].sum()
    for extract in table["extract"].unique():
        n_quarantined = int(totals[extract, "quarantined"])
        n_judged = int(totals[extract, "received"])
        n_judged -= sum(int(totals[extract, term]) for term in _NOT_JUDGED)
        if limits.exceeded_by(n_quarantined, n_judged):
            yield DataRefused(
                f"{extract}: {n_quarantined:,} of {n_judged:,} rows break a rule, which "
                f"is more than max_quarantined_share ({limits.max_share}) allows; most "
                f"often {_most_frequent(rules, extract)}."
            )
        elif limits.leave_nothing(n_quarantined, n_judged):
            one = "the one row in scope breaks"
            told = f"all {n_judged:,} rows in scope break" if n_judged > 1 else one
            yield DataRefused(
                f"{extract}: {told} a rule, so none is left; most often "
                f"{_most_frequent(rules, extract)}: correct it, or set "
                "max_quarantined_share to 1."
            )


def _most_frequent(rules: pd.DataFrame, extract: str) -> str:
    mine = rules[rules["extract"] == extract]
    mine = mine.sort_values(["n", "rule"], ascending=[False, True]).head(_RULES_SHOWN)
    pairs = zip(mine["rule"], mine["n"], strict=True)
    return ", ".join(f"{rule} ({n:,})" for rule, n in pairs)
