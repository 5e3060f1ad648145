"""What becomes of each row of an extract, as SQL over its scanned rows.

Decided in this order: out of scope, quarantined, deferred, duplicate, superseded,
accepted. Rows that share a unique id and differ are told apart by recorded_at alone.
Knows nothing of files.
"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from pipeline.contracts.compiler import Contract
from pipeline.contracts.sql_text import identifier
from pipeline.extracts.sources import Engine

RECORDED_AT = "recorded_at"
"""The column that tells versions of a row apart; that a file lacks it is not noted."""

_Parameters = Mapping[str, object]

DISPOSITIONS = (
    "accepted",
    "out_of_scope",
    "deferred",
    "duplicate",
    "superseded",
    "quarantined",
)


def read_name(extract: str) -> str:
    """The table of an extract's rows as they were scanned, until they are decided."""
    return f"read_{extract}"


def accepted_name(extract: str) -> str:
    """The relation of an extract's accepted rows."""
    return f"accepted_{extract}"


def set_aside_name(extract: str) -> str:
    """The table of an extract's other rows: their disposition, and what they broke."""
    return f"set_aside_{extract}"


def _resolved_name(contract: Contract) -> str:
    return f"resolved_{contract.extract}"


def decide(engine: Engine, contract: Contract, as_of: date, line: str) -> None:
    """Make ``set_aside_<extract>`` of the rows in ``read_<extract>``.

    It has file_id, line, disposition and broken of every row that is not accepted.
    ``line`` is the SQL of a ``scanned`` row's line.
    """
    parameters = {"as_of": as_of, "conflict": contract.conflict_bit}
    resolve = _shared_ids if contract.identifier else _copies
    resolved = resolve(engine, contract, parameters)
    engine.create(_resolved_name(contract), resolved, parameters)
    engine.drop("shared_hashes")
    engine.create(
        set_aside_name(contract.extract),
        f"select scanned.file_id, {line} as line, {decided(contract)} as disposition, "
        f"coalesce(resolved.broken, scanned.broken) as broken from {joined(contract)} "
        f"where {decided(contract)} <> 'accepted'",
        parameters,
    )


def _scanned(contract: Contract) -> str:
    return f"{read_name(contract.extract)} as scanned"


def joined(contract: Contract) -> str:
    """The scanned rows beside what was resolved about those that share an id."""
    return (
        f"{_scanned(contract)} left join {_resolved_name(contract)} as resolved "
        "on scanned.rowid = resolved.place"
    )


def decided(contract: Contract) -> str:
    """The disposition of a row of ``joined``; takes the parameter ``as_of``."""
    return f"coalesce(resolved.disposition, {_alone(contract)})"


def keep_accepted(
    engine: Engine, contract: Contract, as_of: date, line: str, path: Path
) -> None:
    """Make ``accepted_<extract>`` in a file; ``read_<extract>`` goes.

    The accepted rows stand in the order in which they were read, each with its file_id,
    its ``line`` and the contract's columns.
    """
    resolved = _resolved_name(contract)
    # What a join leaves has no order, a table without some of its rows keeps its own.
    engine.execute(
        f"delete from {read_name(contract.extract)} where rowid in "
        f"(select place from {resolved} where disposition <> 'accepted')"
    )
    columns = ", ".join(map(identifier, contract.typed_columns))
    engine.create_in_file(
        accepted_name(contract.extract),
        f"select file_id, {line} as line, {columns} from {_scanned(contract)} "
        f"where {_alone(contract)} = 'accepted'",
        path,
        {"as_of": as_of},
    )
    engine.drop(read_name(contract.extract))
    engine.drop(resolved)


def _alone(contract: Contract) -> str:
    return (
        "case when scanned.out_of_scope then 'out_of_scope' "
        "when scanned.broken <> 0 then 'quarantined' "
        f"when {_is_deferred(contract)} then 'deferred' else 'accepted' end"
    )


def _is_deferred(contract: Contract) -> str:
    if contract.deferred_by is None:
        return "false"
    return f"coalesce(scanned.{identifier(contract.deferred_by)} > $as_of, false)"


def _content(contract: Contract) -> str:
    """One text that two rows share where all they hold is the same.

    Each value stands behind its length, so that no two contents can be confused.
    """
    parts = ["cast(broken as varchar)"]
    for name in contract.typed_columns:
        text = f"cast({identifier(name)} as varchar)"
        parts.append(f"coalesce(cast(length({text}) as varchar) || ':' || {text}, '-')")
    return " || '|' || ".join(parts)


def _shares_hash(
    engine: Engine,
    contract: Contract,
    columns: str,
    eligible: str,
    parameters: _Parameters,
) -> str:
    """Whether a row's columns hash as those of another eligible row, as SQL.

    Hashes that are sorted stand beside their like: that takes half the time and a third
    of the memory of counting each. Rows that share no more than a hash are told apart
    by whoever asks.
    """
    row_hash = f"hash({columns})"
    engine.create(
        "shared_hashes",
        f"""
        with hashes as (
            select {row_hash} as row_hash from {_scanned(contract)} where {eligible}
        ),
        sorted as (
            select row_hash, lag(row_hash) over (order by row_hash) as before from hashes
        )
        select row_hash from sorted where row_hash = before
        """,
        parameters,
    )
    return f"{row_hash} in (select row_hash from shared_hashes)"


def _shared_ids(engine: Engine, contract: Contract, parameters: _Parameters) -> str:
    key = identifier(contract.identifier or "")
    eligible = f"not out_of_scope and {_has_readable_id(contract)}"
    shares_hash = _shares_hash(engine, contract, key, eligible, parameters)
    return f"""
        with shared as (
            select
                rowid as place, {key} as id, recorded_at, broken,
                {_is_deferred(contract)} as is_deferred,
                {_content(contract)} as content
            from {_scanned(contract)}
            where {eligible} and {shares_hash}
        ),
        dated as (
            select
                *,
                count(*) over (partition by id) as n_rows,
                min(content) over (partition by id)
                    <> max(content) over (partition by id) as differs,
                count(recorded_at) over (partition by id)
                    = count(*) over (partition by id) as all_dated,
                max(recorded_at) over (partition by id) as latest
            from shared
        ),
        told_apart as (
            select
                *,
                min(case when recorded_at = latest then content end)
                    over (partition by id)
                <> max(case when recorded_at = latest then content end)
                    over (partition by id) as is_tie
            from dated
            where n_rows > 1
        ),
        judged as (
            select
                *,
                differs and (not all_dated or is_tie) as is_conflict,
                row_number() over (
                    partition by id, content order by place
                ) as copy_number
            from told_apart
        )
        select
            place,
            case
                when is_conflict or broken <> 0 then 'quarantined'
                when is_deferred then 'deferred'
                when differs and recorded_at < latest then 'superseded'
                when copy_number > 1 then 'duplicate'
                else 'accepted'
            end as disposition,
            case when is_conflict then broken | $conflict else broken end as broken
        from judged
    """


def _has_readable_id(contract: Contract) -> str:
    bits = sum(
        1 << bit
        for bit, rule in enumerate(contract.rules)
        if rule.columns == (contract.identifier,)
    )
    return f"(broken & {bits}) = 0"


def _copies(engine: Engine, contract: Contract, parameters: _Parameters) -> str:
    columns = ", ".join(identifier(name) for name in contract.typed_columns)
    eligible = f"not out_of_scope and broken = 0 and not {_is_deferred(contract)}"
    shares_hash = _shares_hash(engine, contract, columns, eligible, parameters)
    return f"""
        with copies as (
            select
                rowid as place, broken,
                row_number() over (
                    partition by {columns} order by rowid
                ) as copy_number
            from {_scanned(contract)}
            where {eligible} and {shares_hash}
        )
        select place, 'duplicate' as disposition, broken
        from copies
        where copy_number > 1
    """
