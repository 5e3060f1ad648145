"""How a delivered cell becomes a typed value, as SQL; opens nothing, runs nothing.

Text is read by strict patterns alone: what does not match is unreadable and never
coerced. Columns that a Parquet file already types are used as they are where that loses
nothing. Numbers with more decimals than the typed column holds are rounded half even.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pipeline.contracts import kinds
from pipeline.contracts.sql_text import identifier, literal

# Wide enough for every typed number of the contract before it is rounded.
EXACT = "decimal(38, 20)"
WHOLE_NUMBERS = frozenset(
    sign + size
    for sign in ("", "U")
    for size in ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
)
INSTANTS = frozenset({"TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"})
ZONED = "TIMESTAMP WITH TIME ZONE"
TEXTS = frozenset({"VARCHAR", "UUID"})


@dataclass(frozen=True)
class Delivered:
    """A contract column as it arrives: an expression over the source and its type."""

    expression: str = "cast(null as varchar)"
    type: str = "VARCHAR"


@dataclass(frozen=True)
class Reading:
    """The SQL that reads one column: each layer may use the names of those before.

    ``cell`` is what was delivered; ``quick`` its value where nothing about it needs a
    closer look, null where something might; ``text`` what is left of it without blanks.
    """

    cell: str
    text: str
    quick: str | None = None
    readable: str = "true"
    exact: str | None = None
    value: str = "null"
    noted: str = "false"
    extra: Mapping[str, str] = field(default_factory=dict)


def sql_type(metadata: Mapping[str, Any]) -> str:
    """The SQL type of a column's values, from its kind and its digits."""
    kind = metadata["kind"]
    if kind in ("number", "censored"):
        return f"decimal({metadata['precision']}, {metadata['scale']})"
    types = {"date": "date", "datetime": "timestamp", "boolean": "boolean"}
    return types.get(kind, "integer" if kind == "integer" else "varchar")


def base_type(type_name: str) -> str:
    """The type without its precision or its members: DECIMAL of DECIMAL(9,2)."""
    if type_name.endswith("]"):
        return "LIST"
    return type_name.partition("(")[0]


def accepts(kind: str, type_name: str) -> bool:
    """Whether a delivered column of this type can be read as the kind, losing nothing.

    An id must be text, since an integer has lost its leading zeros; a moment with a
    time zone is no date, since its day depends on the reader's zone.
    """
    base = base_type(type_name)
    if base in TEXTS or base == "ENUM":
        return True
    numbers = WHOLE_NUMBERS | {"DOUBLE", "FLOAT", "DECIMAL"}
    accepted = {
        "date": INSTANTS | {"DATE"},
        "datetime": INSTANTS | {"DATE", ZONED},
        "number": numbers,
        "integer": numbers,
        "censored": numbers,
        "boolean": WHOLE_NUMBERS | {"BOOLEAN"},
    }
    return base in accepted.get(kind, frozenset())


def cell_name(column: str) -> str:
    """The name, quoted, of a column as delivered in the layers of a scan."""
    return identifier(f"{column}__cell")


def text_name(column: str) -> str:
    """The name, quoted, of a delivered cell without blanks, null where it is empty."""
    return identifier(f"{column}__text")


def readable_name(column: str) -> str:
    """The name, quoted, of the flag that a delivered cell can be read."""
    return identifier(f"{column}__readable")


def quick_name(column: str) -> str:
    """The name, quoted, of a value that was read at once; null where that is in doubt."""
    return identifier(f"{column}__quick")


def exact_name(column: str) -> str:
    """The name, quoted, of a delivered number before it is rounded."""
    return identifier(f"{column}__exact")


def trimmed(expression: str) -> str:
    """The text without the blanks around it, null where nothing is left."""
    # Trimming seventeen kinds of blanks is slow, and needed for next to no cell.
    may_have_blanks = (
        f"{expression} < '!' or strlen({expression}) <> length({expression}) "
        f"or suffix({expression}, ' ') or suffix({expression}, '\t')"
    )
    slow = f"nullif(trim({expression}, {literal(kinds.BLANKS)}), '')"
    return f"case when {may_have_blanks} then {slow} else {expression} end"


def read_column(
    column: str,
    metadata: Mapping[str, Any],
    delivered: Delivered,
    codes: Mapping[str, str],
) -> Reading:
    """The layers that read one column of the contract from how it is delivered."""
    kind = metadata["kind"]
    base = base_type(delivered.type)
    cell = delivered.expression
    is_text = base in TEXTS or base in ("ENUM", "FLOAT")
    is_text = is_text or (kind == "boolean" and base in WHOLE_NUMBERS)
    if is_text and base != "VARCHAR":
        cell = f"cast({cell} as varchar)"
    if kind == "id":
        return _id(column, cell)
    if kind == "code":
        return _code(column, cell, codes)
    if kind in ("number", "integer", "censored"):
        as_read = "VARCHAR" if is_text else delivered.type
        return _number(column, metadata, cell, as_read)
    if kind == "date":
        return _date(column, cell, base, is_text)
    if kind == "datetime":
        return _datetime(column, cell, base, is_text)
    return _boolean(column, cell, is_text)


def _in_doubt(column: str) -> str:
    """Whether a cell is filled and could not be read at once."""
    return f"{quick_name(column)} is null and {cell_name(column)} is not null"


def _without_blanks(column: str) -> str:
    """The text of a cell; one that was read at once has no blanks."""
    cell = cell_name(column)
    return f"case when {_in_doubt(column)} then {trimmed(cell)} else {cell} end"


def _id(column: str, cell: str) -> Reading:
    name = cell_name(column)
    # What a URL holds as it is has no control character, and is one byte a character:
    # asking that takes a third of the time of a regular expression.
    is_plain = f"url_encode({name}) = {name}"
    is_short = f"strlen({name}) between 1 and {kinds.ID_LENGTH}"
    begins_plain = f"{name} >= '!' and {name} < '\u0080'"
    is_blank = f"trim({name}, {literal(kinds.BLANKS)}) = ''"
    return Reading(
        cell=cell,
        quick=f"case when {is_plain} and {is_short} then {name} end",
        text=(
            f"case when {_in_doubt(column)} and not ({begins_plain}) "
            f"then case when not {is_blank} then {name} end else {name} end"
        ),
        value=text_name(column),
    )


def _code(column: str, cell: str, codes: Mapping[str, str]) -> Reading:
    emptied = sorted(literal(key) for key, code in codes.items() if not code)
    kept = {key: literal(code) for key, code in codes.items() if key and code}
    folded = f"lower({trimmed(cell_name(column))})"
    if emptied:
        folded = f"case when {folded} not in ({', '.join(emptied)}) then {folded} end"
    return _worded(column, cell, folded, kept)


def _worded(column: str, cell: str, folded: str, words: Mapping[str, str]) -> Reading:
    """The reading of a cell that has to hold one of some words, each with its value."""
    if not words:
        return Reading(cell=cell, text=folded, value="cast(null as varchar)")
    pairs = (f"{literal(word)}: {words[word]}" for word in sorted(words))
    listed = f"map {{{', '.join(pairs)}}}"
    name, text, quick = cell_name(column), text_name(column), quick_name(column)
    looked_up = f"map_extract_value({listed}, {text})"
    return Reading(
        cell=cell,
        quick=f"map_extract_value({listed}, {name})",
        text=f"case when {_in_doubt(column)} then {folded} else {name} end",
        value=f"case when {quick} is null then {looked_up} else {quick} end",
    )


def _number(
    column: str, metadata: Mapping[str, Any], cell: str, type_name: str
) -> Reading:
    name, quick = text_name(column), quick_name(column)
    precision, scale = metadata["precision"], metadata["scale"]
    is_text = type_name == "VARCHAR"
    number, readable = name, f"{name} is not null"
    extra: dict[str, str] = {}
    if is_text:
        pattern = kinds.NUMBER
        if metadata["kind"] == "censored":
            pattern = kinds.CENSORED
            start = literal(f"^({kinds.OPERATOR})?[ \t]*")
            number = f"regexp_replace({name}, {start}, '')"
        matches = f"regexp_full_match({name}, {literal(pattern)})"
        readable = f"case when {quick} is not null then true else {matches} end"
    elif type_name == "DOUBLE":
        readable = f"isfinite({name})"
    if metadata["kind"] == "censored":
        operator = _operator(column) if is_text else "cast(null as varchar)"
        extra = {f"{column}_operator": operator}
    is_slow = f"{quick} is null and {readable_name(column)}"
    fitted = fitting(exact_name(column), precision, scale)
    value = f"case when {exact_name(column)} is null then {quick} else {fitted} end"
    if metadata["kind"] == "integer":
        value = (
            f"case when {exact_name(column)} is null then cast({quick} as integer) "
            f"when {whole(column)} then cast({fitted} as integer) end"
        )
    return Reading(
        cell=cell,
        quick=_quick(cell_name(column), type_name, precision, scale),
        text=_without_blanks(column) if is_text else cell_name(column),
        readable=readable,
        exact=f"case when {is_slow} then try_cast({number} as {EXACT}) end",
        value=value,
        extra=extra,
    )


def _quick(cell: str, type_name: str, precision: int, scale: int) -> str:
    """The number where its typed column holds it as it is, null where that is in doubt.

    Rounding half even takes a wider number, and is needed for next to no cell.
    """
    typed = f"decimal({precision}, {scale})"
    cast = f"try_cast({cell} as {typed})"
    if type_name == "VARCHAR":
        fraction = f"(\\.[0-9]{{1,{scale}}})?" if scale else ""
        plain = literal(f"[0-9]{{1,{precision - scale}}}{fraction}")
        return f"case when regexp_full_match({cell}, {plain}) then {cast} end"
    if type_name in WHOLE_NUMBERS or 0 <= _decimals(type_name) <= scale:
        return cast
    if type_name == "DOUBLE":
        return f"case when cast({cast} as double) = {cell} then {cast} end"
    return f"cast(null as {typed})"


def _decimals(type_name: str) -> int:
    """The decimals of a DECIMAL type, -1 of any other."""
    found = re.fullmatch(r"DECIMAL\([0-9]+, ?([0-9]+)\)", type_name)
    return int(found.group(1)) if found else -1


def fitting(exact: str, precision: int, scale: int) -> str:
    """The exact number rounded half even, null where its typed column cannot hold it."""
    return f"try_cast(round_even({exact}, {scale}) as decimal({precision}, {scale}))"


def whole(column: str) -> str:
    """Whether a column's exact number has no fraction, null where there is none."""
    return f"{exact_name(column)} = round_even({exact_name(column)}, 0)"


def _operator(column: str) -> str:
    name = text_name(column)
    found = f"regexp_extract({name}, {literal(f'^({kinds.OPERATOR})')}, 1)"
    plain = f"replace(replace({found}, '≤', '<='), '≥', '>=')"
    has_one = f"{readable_name(column)} and {quick_name(column)} is null"
    return f"case when {has_one} then nullif({plain}, '') end"


def _day(name: str) -> str:
    cast = f"try_cast(left({name}, 10) as date)"
    return f"case when cast({cast} as varchar) = left({name}, 10) then {cast} end"


def _in_calendar(day: str) -> str:
    return f"case when {day} between '0001-01-01' and '9999-12-31' then {day} end"


def _date(column: str, cell: str, base: str, is_text: bool) -> Reading:
    name, text, quick = cell_name(column), text_name(column), quick_name(column)
    if not is_text:
        day = f"try_cast({text} as date)"
        noted = f"{text} <> cast({day} as timestamp)" if base in INSTANTS else "false"
        return Reading(cell=cell, text=name, value=_in_calendar(day), noted=noted)
    # Casting back shows whether the engine read it as written: it takes 2024-2-3 too.
    as_written = f"cast({quick} as varchar)"
    shaped = f"regexp_full_match({text}, {literal(kinds.DATE_TIME)})"
    is_day = f"length({text}) = 10 or {shaped}"
    return Reading(
        cell=cell,
        quick=f"case when length({name}) = 10 then try_cast({name} as date) end",
        text=(
            f"case when {as_written} is distinct from {name} "
            f"then {trimmed(name)} else {name} end"
        ),
        value=(
            f"case when {as_written} = {text} then {quick} "
            f"when {is_day} then {_day(text)} end"
        ),
        noted=f"length({text}) > 10",
    )


def _datetime(column: str, cell: str, base: str, is_text: bool) -> Reading:
    name, text = cell_name(column), text_name(column)
    if base == ZONED:
        moment = f"case when isfinite({text}) then make_timestamp(epoch_us({text})) end"
        return Reading(cell=cell, text=name, value=moment)
    if not is_text:
        moment = _in_calendar(f"try_cast({text} as timestamp)")
        return Reading(cell=cell, text=name, value=moment)
    as_written = f"cast({quick_name(column)} as varchar)"
    is_quick = f"{as_written} = replace({name}, 'T', ' ')"
    shaped = f"regexp_full_match({text}, {literal(kinds.DATE_TIME)})"
    clock = f"regexp_extract({text}, '^.{{10}}[T ]([0-9:.,]+)', 1)"
    local = f"try_cast({_day(text)} || ' ' || replace({clock}, ',', '.') as timestamp)"
    moment = f"{local} - to_minutes({_offset_minutes(text)})"
    return Reading(
        cell=cell,
        quick=f"case when length({name}) = 19 then try_cast({name} as timestamp) end",
        text=trimmed(name),
        value=(
            f"case when {is_quick} then {quick_name(column)} "
            f"when length({text}) = 10 then cast({_day(text)} as timestamp) "
            f"when {shaped} then {moment} end"
        ),
    )


def _offset_minutes(name: str) -> str:
    zone = "^.{10}.*([+-])([0-9]{2}):?([0-9]{2})?$"
    sign = f"case when regexp_extract({name}, '{zone}', 1) = '-' then -1 else 1 end"
    hours = f"coalesce(try_cast(regexp_extract({name}, '{zone}', 2) as bigint), 0)"
    minutes = f"coalesce(try_cast(regexp_extract({name}, '{zone}', 3) as bigint), 0)"
    return f"({sign}) * ({hours} * 60 + {minutes})"


def _boolean(column: str, cell: str, is_text: bool) -> Reading:
    name, text = cell_name(column), text_name(column)
    if not is_text:
        return Reading(cell=cell, text=name, value=text)
    words = dict.fromkeys(kinds.TRUE, "true") | dict.fromkeys(kinds.FALSE, "false")
    return _worded(column, cell, f"lower({trimmed(name)})", words)
