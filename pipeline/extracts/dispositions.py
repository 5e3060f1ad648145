"""What becomes of each row of an extract, as SQL over its scanned rows.

Decided in this order: out of scope, quarantined, deferred, duplicate, superseded,
accepted. Rows that share a unique id and differ are told apart by recorded_at alone.
Knows nothing of files.
"""

from datetime import date

from pipeline.contracts.compiler import Contract
from pipeline.contracts.sql_text import identifier
from pipeline.extracts.sources import Engine

RECORDED_AT = "recorded_at"
"""The column that tells versions of a row apart; that a file lacks it is not noted."""

DISPOSITIONS = (
    "accepted",
    "out_of_scope",
    "deferred",
    "duplicate",
    "superseded",
    "quarantined",
)


def accepted_name(extract: str) -> str:
    """The relation of an extract's rows; only the accepted are left in it at the end."""
    return f"accepted_{extract}"


def scanned_name(extract: str) -> str:
    """The relation with the disposition of every row of an extract."""
    return f"scanned_{extract}"


def _resolved_name(contract: Contract) -> str:
    return f"resolved_{contract.extract}"


def decide(engine: Engine, contract: Contract, as_of: date) -> None:
    """Make ``scanned_<extract>`` of the rows in ``accepted_<extract>``.

    ``scanned_<extract>`` has file_id, line, disposition and broken, a row for each row.
    """
    parameters = {"as_of": as_of, "conflict": contract.conflict_bit}
    resolve = _shared_ids if contract.identifier else _copies
    engine.create(_resolved_name(contract), resolve(engine, contract), parameters)
    engine.create(
        scanned_name(contract.extract),
        f"select scanned.file_id, scanned.line, {decided(contract)} as disposition, "
        f"coalesce(resolved.broken, scanned.broken) as broken from {joined(contract)}",
        parameters,
    )


def leave_empty(engine: Engine, contract: Contract) -> None:
    """Make ``scanned_<extract>`` of an extract that was not delivered."""
    engine.create(
        scanned_name(contract.extract),
        "select cast(null as integer) as file_id, cast(null as bigint) as line, "
        "cast(null as varchar) as disposition, cast(null as bigint) as broken "
        "where false",
    )


def joined(contract: Contract) -> str:
    """The scanned rows beside what was resolved about those that share an id."""
    return (
        f"{accepted_name(contract.extract)} as scanned left join {_resolved_name(contract)} "
        "as resolved on scanned.file_id = resolved.file_id "
        "and scanned.line = resolved.line"
    )


def decided(contract: Contract) -> str:
    """The disposition of a row of ``joined``; takes the parameter ``as_of``."""
    return f"coalesce(resolved.disposition, {_alone(contract, 'scanned.')})"


def keep_accepted(engine: Engine, contract: Contract, as_of: date) -> None:
    """Leave only the accepted rows, and only the contract's columns of them."""
    table = accepted_name(contract.extract)
    resolved = _resolved_name(contract)
    engine.execute(
        f"delete from {table} using {resolved} as resolved "
        f"where {table}.file_id = resolved.file_id and {table}.line = resolved.line "
        "and resolved.disposition <> 'accepted'"
    )
    engine.execute(
        f"delete from {table} where {_alone(contract, '')} <> 'accepted'",
        {"as_of": as_of},
    )
    for column in ("out_of_scope", "noted", "broken"):
        engine.execute(f"alter table {table} drop column {column}")
    engine.drop(resolved)


def _alone(contract: Contract, prefix: str) -> str:
    return (
        f"case when {prefix}out_of_scope then 'out_of_scope' "
        f"when {prefix}broken <> 0 then 'quarantined' "
        f"when {_is_deferred(contract, prefix)} then 'deferred' else 'accepted' end"
    )


def _is_deferred(contract: Contract, prefix: str) -> str:
    if contract.deferred_by is None:
        return "false"
    return f"coalesce({prefix}{identifier(contract.deferred_by)} > $as_of, false)"


def _content(contract: Contract) -> str:
    """One text that two rows share where all they hold is the same.

    Each value stands behind its length, so that no two contents can be confused.
    """
    parts = ["cast(broken as varchar)"]
    for name in contract.typed_columns:
        text = f"cast({identifier(name)} as varchar)"
        parts.append(f"coalesce(cast(length({text}) as varchar) || ':' || {text}, '-')")
    return " || '|' || ".join(parts)


def _shared_ids(engine: Engine, contract: Contract) -> str:
    table, key = accepted_name(contract.extract), identifier(contract.identifier or "")
    eligible = f"not out_of_scope and {_has_readable_id(contract)}"
    # Eight bytes a row group faster than the ids; ids that only share a hash are told
    # apart below.
    engine.create(
        "shared_hashes",
        f"select hash({key}) as id_hash from {table} where {eligible} "
        "group by id_hash having count(*) > 1",
    )
    return f"""
        with shared as (
            select
                file_id, line, {key} as id, recorded_at, broken,
                {_is_deferred(contract, "")} as is_deferred,
                {_content(contract)} as content
            from {table}
            where {eligible} and hash({key}) in (select id_hash from shared_hashes)
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
                    partition by id, content order by file_id, line
                ) as copy_number
            from told_apart
        )
        select
            file_id, line,
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


def _copies(engine: Engine, contract: Contract) -> str:
    table = accepted_name(contract.extract)
    columns = ", ".join(identifier(name) for name in contract.typed_columns)
    eligible = f"not out_of_scope and broken = 0 and not {_is_deferred(contract, '')}"
    engine.create(
        "shared_hashes",
        f"select hash({columns}) as row_hash from {table} where not out_of_scope "
        "and broken = 0 group by row_hash having count(*) > 1",
    )
    return f"""
        with copies as (
            select
                file_id, line, broken,
                row_number() over (
                    partition by {columns} order by file_id, line
                ) as copy_number
            from {table}
            where {eligible} and hash({columns}) in (
                select row_hash from shared_hashes
            )
        )
        select file_id, line, 'duplicate' as disposition, broken
        from copies
        where copy_number > 1
    """
