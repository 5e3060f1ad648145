"""A pandera schema compiled to the predicates of one scan; runs no SQL.

The scan types every column and marks in a bitmask every rule that a row breaks. A check
that this module does not know is refused: a rule that is silently not asked is worse
than no rule.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.contracts import kinds
from pipeline.contracts.reading import (
    EXACT,
    Delivered,
    Reading,
    cell_name,
    exact_name,
    fitting,
    quick_name,
    read_column,
    readable_name,
    sql_type,
    text_name,
)
from pipeline.contracts.sql_text import identifier, literal
from pipeline.errors import ConfigurationError

if TYPE_CHECKING:
    import pandera.pandas as pa

CONFLICTING_ID = "conflicting_id"
MISSING = "missing"
_MOST_RULES = 62
_LEAVING_NULL = (
    "unlisted",
    "not_a_date",
    "not_a_datetime",
    "not_a_boolean",
    "not_a_number",
    "not_an_integer",
    "number_out_of_range",
)


@dataclass(frozen=True)
class Rule:
    """One rule of a contract: what a row breaks, and the columns that it looks at.

    ``leaves_null`` where a row breaks it by a cell without a value that can be read.
    """

    name: str
    columns: tuple[str, ...]
    broken: str
    leaves_null: bool = False


@dataclass(frozen=True)
class Contract:
    """A schema ready to be scanned: its columns, its rules in bit order, its keys."""

    extract: str
    columns: Mapping[str, Mapping[str, Any]]
    required: frozenset[str]
    one_of: tuple[tuple[str, str], ...]
    rules: tuple[Rule, ...]
    identifier: str | None
    deferred_by: str | None
    metadata: Mapping[str, Any]

    @property
    def rule_names(self) -> tuple[str, ...]:
        """The names of the rules by bit, the conflict of ids last."""
        return (*(rule.name for rule in self.rules), CONFLICTING_ID)

    @property
    def conflict_bit(self) -> int:
        """The bit of the rule that only the whole extract can tell."""
        return 1 << len(self.rules)

    @property
    def dates(self) -> tuple[str, ...]:
        """The date columns, in the order of the bits that note a dropped time."""
        return tuple(
            name for name, about in self.columns.items() if about["kind"] == "date"
        )

    @property
    def typed_columns(self) -> tuple[str, ...]:
        """The columns of an accepted row, without its file and line."""
        typed: list[str] = []
        for name, about in self.columns.items():
            if about["kind"] == "censored":
                typed.append(f"{name}_operator")
            typed.append(name)
        return tuple(typed)

    def empty(self) -> str:
        """A select of no row with the columns of an accepted one."""
        typed = {"file_id": "integer", "line": "bigint"}
        for name, about in self.columns.items():
            if about["kind"] == "censored":
                typed[f"{name}_operator"] = "varchar"
            typed[name] = sql_type(about)
        columns = ", ".join(
            f"cast(null as {type_name}) as {identifier(name)}"
            for name, type_name in typed.items()
        )
        return f"select {columns} where false"

    def scan(
        self,
        source: str,
        delivered: Mapping[str, Delivered],
        codes: Mapping[str, Mapping[str, str]],
        *,
        file_id: int,
        line: str,
        units: Mapping[str, str] | None = None,
    ) -> str:
        """The select that reads one file: a typed row and its broken rules for each.

        ``source`` is a relation, ``delivered`` what each contract column is in it,
        ``codes`` the listed code for each text that means one, ``units`` what an empty
        unit means by test. Columns: file_id, line, the typed columns, out_of_scope,
        noted (a bit for each date whose time was dropped), broken (a bit a rule).
        """
        readings = {
            name: read_column(
                name, about, delivered.get(name, Delivered()), codes.get(name, {})
            )
            for name, about in self.columns.items()
        }
        return _layers(self, source, readings, file_id, line, units or {})


def compile_contract(schema: "pa.DataFrameSchema") -> Contract:
    """The contract of a schema; ConfigurationError where a check cannot be compiled."""
    rules: list[Rule] = []
    for name, column in schema.columns.items():
        rules += _column_rules(name, column)
    one_of = []
    for check in schema.checks:
        rules.append(_row_rule(schema.name, check))
        if check.statistics["rule"] == "one_of":
            one_of.append((check.statistics["column"], check.statistics["other"]))
    if len(rules) > _MOST_RULES:
        raise ConfigurationError(f"The contract {schema.name} has too many rules.")
    metadata = schema.metadata or {}
    return Contract(
        extract=schema.name,
        columns={
            name: dict(column.metadata) for name, column in schema.columns.items()
        },
        required=frozenset(
            n for n, column in schema.columns.items() if column.required
        ),
        one_of=tuple(one_of),
        rules=tuple(rules),
        identifier=metadata["identifier"],
        deferred_by=metadata["deferred_by"],
        metadata=metadata,
    )


def listed_codes(schema: "pa.DataFrameSchema", column: str) -> tuple[str, ...]:
    """The codes that the schema lists for a column, none where it lists none."""
    for check in schema.columns[column].checks:
        if check.name == "unlisted":
            return tuple(check.statistics["allowed_values"])
    return ()


def _column_rules(name: str, column: "pa.Column") -> list[Rule]:
    rules = []
    if not column.nullable:
        is_missing = f"{text_name(name)} is null"
        rules.append(Rule(f"{name}:{MISSING}", (name,), is_missing, leaves_null=True))
    for check in column.checks:
        if check.name == "unlisted" and column.metadata["unlisted"] == "out_of_scope":
            continue
        broken = _broken_cell(name, column.metadata, check)
        leaves_null = check.name in _LEAVING_NULL
        rules.append(Rule(f"{name}:{check.name}", (name,), broken, leaves_null))
    return rules


def _broken_cell(name: str, metadata: Mapping[str, Any], check: "pa.Check") -> str:
    text, value = text_name(name), identifier(name)
    statistics = check.statistics or {}
    match check.name:
        case "unlisted" | "not_a_date" | "not_a_datetime" | "not_a_boolean":
            return f"{text} is not null and {value} is null"
        case "malformed":
            control = literal(kinds.CONTROL)
            long = f"length({text}) > {kinds.ID_LENGTH}"
            is_malformed = f"{long} or regexp_matches({text}, {control})"
            return f"{quick_name(name)} is null and ({is_malformed})"
        case "not_a_number":
            return f"{text} is not null and not {readable_name(name)}"
        case "not_an_integer":
            return f"{exact_name(name)} <> round_even({exact_name(name)}, 0)"
        case "number_out_of_range":
            if metadata["kind"] == "censored":
                return f"{readable_name(name)} and {value} is null"
            fitted = fitting(exact_name(name), metadata["precision"], metadata["scale"])
            is_slow = f"{quick_name(name)} is null and {readable_name(name)}"
            return f"case when {is_slow} then {fitted} is null end"
        case "sentinel_date":
            listed = ", ".join(f"date '{day}'" for day in kinds.SENTINELS)
            return f"{value} in ({listed})"
        case "not_above":
            return f"{value} <= {statistics['low']}"
        case "over_limit":
            return f"{value} > {statistics['high']}"
        case "out_of_range":
            return f"{value} not between {statistics['low']} and {statistics['high']}"
    raise ConfigurationError(
        f"The contract asks {check.name!s} of {name}, which cannot be compiled to SQL.",
        "Write the check with pipeline.contracts.rules, or teach the compiler.",
    )


def _row_rule(extract: str, check: "pa.Check") -> Rule:
    statistics = check.statistics or {}
    column, other = statistics.get("column", ""), statistics.get("other", "")
    match statistics.get("rule"):
        case "not_before":
            broken = f"{identifier(column)} < {identifier(other)}"
        case "one_of":
            broken = f"{text_name(column)} is null and {text_name(other)} is null"
        case "unit_fits":
            broken = _unit_does_not_fit(column, other, statistics["units"])
        case _:
            raise ConfigurationError(
                f"The contract {extract} has the check {check.name!s}, which cannot "
                "be compiled to SQL.",
                "Write the check with pipeline.contracts.rules, or teach the compiler.",
            )
    return Rule(check.name, (column, other), broken)


def _unit_does_not_fit(column: str, other: str, units: Mapping[str, list[str]]) -> str:
    test, unit = identifier(other), identifier(column)
    cases = []
    for code, fitting_units in units.items():
        listed = ", ".join(literal(text) for text in fitting_units)
        misfit = f"{unit} not in ({listed})" if fitting_units else f"{unit} is not null"
        cases.append(f"when {literal(code)} then {misfit}")
    return f"case {test} {' '.join(cases)} end"


def _layers(
    contract: Contract,
    source: str,
    readings: Mapping[str, Reading],
    file_id: int,
    line: str,
    units: Mapping[str, str],
) -> str:
    cells = [f"{line} as line"]
    quick, texts, readable, exact, typed = [], [], [], [], []
    for name, reading in readings.items():
        cells.append(f"{reading.cell} as {cell_name(name)}")
        if reading.quick:
            quick.append(f"{reading.quick} as {quick_name(name)}")
        texts.append(f"{reading.text} as {text_name(name)}")
        if reading.exact:
            readable.append(f"{reading.readable} as {readable_name(name)}")
            exact.append(f"{reading.exact} as {exact_name(name)}")
        typed += [
            f"{sql} as {identifier(extra)}" for extra, sql in reading.extra.items()
        ]
        typed.append(f"{reading.value} as {identifier(name)}")
    select = f"select {', '.join(cells)} from {source}"
    for layer in (quick, texts, readable, exact, typed):
        if layer:
            select = f"select *, {', '.join(layer)} from ({select})"
    select = _with_units(contract, select, units)
    columns = ", ".join(identifier(name) for name in contract.typed_columns)
    # In a layer of its own: what stands twice in one layer is worked out for every row.
    select = (
        f"select *, {_out_of_scope(contract)} as out_of_scope, "
        f"{_may_break(contract)} as may_break from ({select})"
    )
    return (
        f"select cast({file_id} as integer) as file_id, cast(line as bigint) as line, "
        f"{columns}, out_of_scope, {_noted(contract, readings)} as noted, "
        f"{_mask(contract)} as broken from ({select})"
    )


def _out_of_scope(contract: Contract) -> str:
    flags = [
        f"({text_name(name)} is not null and {identifier(name)} is null)"
        for name, about in contract.columns.items()
        if about.get("unlisted") == "out_of_scope"
    ]
    return " or ".join(flags) or "false"


def _may_break(contract: Contract) -> str:
    """Whether a row breaks any rule, asked by column: next to no row does."""
    asked = []
    for name in contract.columns:
        rules = [rule for rule in contract.rules if rule.columns == (name,)]
        if any(rule.leaves_null for rule in rules):
            is_unread = f"{identifier(name)} is null"
            if not any(rule.name == f"{name}:{MISSING}" for rule in rules):
                is_unread += f" and {text_name(name)} is not null"
            asked.append(f"({is_unread})")
    asked += [f"({rule.broken})" for rule in contract.rules if not rule.leaves_null]
    # In a case what comes later, and is slow, is asked of those alone that are left.
    return f"case when {' or '.join(asked)} then true else false end"


def _mask(contract: Contract) -> str:
    bits = " | ".join(
        f"(case when {rule.broken} then cast({1 << bit} as bigint) else 0 end)"
        for bit, rule in enumerate(contract.rules)
    )
    return f"case when may_break and not out_of_scope then {bits} else 0 end"


def _noted(contract: Contract, readings: Mapping[str, Reading]) -> str:
    bits = [
        f"case when {readings[name].noted} and {identifier(name)} is not null "
        f"then {1 << bit} else 0 end"
        for bit, name in enumerate(contract.dates)
    ]
    return f"cast({' + '.join(bits) or '0'} as integer)"


def _with_units(contract: Contract, select: str, units: Mapping[str, str]) -> str:
    defaults = dict(contract.metadata.get("default_units", {}))
    if not defaults:
        return select
    defaults |= units
    cases = " ".join(
        f"when {literal(test)} then {literal(unit)}" for test, unit in defaults.items()
    )
    given = (
        f"case when unit__text is null and value__text is not null "
        f"then case test {cases} end else unit end"
    )
    select = f"select * replace ({given} as unit) from ({select})"
    about = contract.columns["value"]
    for conversion in contract.metadata["conversions"]:
        unit, becomes = literal(conversion["unit"]), literal(conversion["becomes"])
        fits = f"test in ({_tests_with(contract, conversion)}) and unit = {unit}"
        # `try`: the product of a number of 18 digits does not fit the widest decimal.
        number = f"coalesce(value__exact, cast(value__quick as {EXACT}))"
        exact = f"try({number} * {conversion['factor']})"
        value = fitting(exact, about["precision"], about["scale"])
        select = (
            f"select * replace (case when {fits} then {value} else value end as value, "
            f"case when {fits} then {becomes} else unit end as unit) from ({select})"
        )
    return select


def _tests_with(contract: Contract, conversion: Mapping[str, Any]) -> str:
    """The tests, as SQL literals, whose own unit a conversion leads to."""
    return ", ".join(
        literal(test)
        for test, unit in contract.metadata["default_units"].items()
        if unit == conversion["becomes"]
    )
