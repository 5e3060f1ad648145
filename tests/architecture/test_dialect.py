"""Every SQL model means the same on DuckDB and on Spark: an allow-list, and its reasons.

The table is that of the style guide. sqlglot translates much of what it forbids without
a warning, so nothing is allowed that is not listed here.
"""

from collections.abc import Iterator
from datetime import date

import pytest
import sqlglot
from sqlglot import exp

from pipeline import models, person_level
from pipeline.engines.duck import Duck
from tests.classification import default_parameters
from tests.properties.populations import AS_OF, dense, load_accepted

ALLOWED = {
    # the select and its parts
    *(exp.Select, exp.From, exp.Where, exp.Group, exp.Having, exp.Order, exp.Ordered),
    *(exp.With, exp.CTE, exp.Subquery, exp.Union, exp.Join, exp.Qualify, exp.Distinct),
    *(exp.Table, exp.TableAlias, exp.Column, exp.Alias, exp.Identifier, exp.Star),
    *(exp.Window, exp.WindowSpec, exp.Filter),
    # values
    *(exp.Literal, exp.Boolean, exp.Null, exp.Placeholder, exp.Var, exp.Interval),
    *(exp.Cast, exp.TryCast, exp.DataType, exp.DataTypeParam),
    # operators
    *(exp.And, exp.Or, exp.Not, exp.Paren, exp.Neg, exp.Add, exp.Sub, exp.Mul, exp.Div),
    *(exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Is, exp.In, exp.Between),
    *(exp.NullSafeEQ, exp.NullSafeNEQ, exp.Case, exp.If, exp.RegexpLike),
    # functions
    *(exp.Coalesce, exp.Nullif, exp.Greatest, exp.Least, exp.Floor, exp.Ln),
    *(exp.Concat, exp.ConcatWs, exp.GroupConcat, exp.DateDiff, exp.Extract),
    *(exp.TimestampTrunc, exp.DateTrunc, exp.Count, exp.Sum, exp.Min, exp.Max),
    *(exp.LogicalAnd, exp.LogicalOr, exp.RowNumber, exp.Rank, exp.Lag, exp.Lead),
}
TYPES = {
    *("BOOLEAN", "TINYINT", "SMALLINT", "INT", "BIGINT", "DOUBLE", "DECIMAL", "DATE"),
    "TEXT",
}
WHOLE = {"TINYINT", "SMALLINT", "INT", "BIGINT"}
PARTS_OF_A_DATE = {"YEAR", "QUARTER", "MONTH", "DAY"}
RANKING = exp.RowNumber | exp.Rank | exp.Lead | exp.Lag
ENDINGS_OF_A_DATE = ("_date", "_start", "_end", "_until", "_from")


def everything() -> list[models.Model]:
    """Every model, those of a dossier, and every check."""
    checks = [
        check
        for chapter, _ in models.chapters(models.READING_ORDER)
        for check in models.read_checks(chapter)
    ]
    return [*models.read_all(), *map(models.read, models.DOSSIER), *checks]


def faults(select: str) -> list[str]:
    """What of a select does not mean the same on both engines."""
    tree = sqlglot.parse_one(select, read="duckdb")
    return [fault for node in tree.walk() for fault in faults_of(node)]


def faults_of(node: exp.Expression) -> Iterator[str]:
    if type(node) not in ALLOWED:
        yield f"{type(node).__name__} is not in the dialect"
    rule = RULES.get(type(node))
    if rule and (fault := rule(node)):
        yield fault


def of_cast(node: exp.Cast) -> str | None:
    name = node.to.this.value
    if name not in TYPES:
        return f"a cast to {name}"
    if name in WHOLE and is_fraction(node.this):
        return "a fraction cast to a whole number rounds here and truncates there"
    return None


def is_fraction(node: exp.Expression) -> bool:
    """Whether an expression can have a fraction, as far as its words tell."""
    if isinstance(node, exp.Floor | exp.DateDiff | exp.Count):
        return False
    if isinstance(node, exp.Div):
        return True
    if isinstance(node, exp.Literal) and not node.is_string:
        return "." in node.this
    if isinstance(node, exp.Cast):
        return node.to.this.value in ("DOUBLE", "DECIMAL")
    return any(is_fraction(child) for child in node.iter_expressions())


def of_div(node: exp.Div) -> str | None:
    sides = [side.unnest() for side in (node.left, node.right)]
    if not isinstance(sides[1], exp.Nullif):
        return "a division by zero is null here and an error there"
    casts = [inner for side in sides for inner in side.find_all(exp.Cast)]
    if not any(cast.to.this.value == "DOUBLE" for cast in casts):
        return "a division of which no side is cast to double"
    return None


def of_interval(node: exp.Interval) -> str | None:
    cast = node.find_ancestor(exp.Cast)
    if cast and cast.to.this.value == "DATE" and cast.this is node.parent:
        return None
    return "a day and an interval are a timestamp here and a day there"


def of_sub(node: exp.Sub) -> str | None:
    sides = (node.left, node.right)
    if all(
        isinstance(side, exp.Column) and side.name.endswith(ENDINGS_OF_A_DATE)
        for side in sides
    ):
        return "a difference of days is a number here and an interval there"
    return None


def of_window(node: exp.Window) -> str | None:
    is_cumulative = node.args.get("order") and not isinstance(node.this, RANKING)
    if is_cumulative and not node.args.get("spec"):
        return "a window without its frame"
    return None


def of_select(node: exp.Select) -> str | None:
    where = node.args.get("where")
    aliases = {
        column.alias
        for column in node.selects
        if isinstance(column, exp.Alias) and column.this.name != column.alias
    }
    used = {
        column.name
        for column in (where.find_all(exp.Column) if where else ())
        if not column.table and column.parent_select is node
    }
    if aliases & used:
        return f"the alias {min(aliases & used)} in where"
    return None


def of_join(node: exp.Join) -> str | None:
    words = {node.method, node.side, node.kind} - {""}
    return f"a join that is {words}" if words - ALLOWED_JOINS else None


ALLOWED_JOINS = {"INNER", "LEFT", "CROSS", "SEMI", "ANTI"}
RULES = {
    exp.Cast: of_cast,
    exp.TryCast: of_cast,
    exp.Div: of_div,
    exp.Interval: of_interval,
    exp.Sub: of_sub,
    exp.Window: of_window,
    exp.Select: of_select,
    exp.Join: of_join,
    exp.Star: lambda node: (
        "a star that leaves out" if any(node.args.values()) else None
    ),
    exp.Union: lambda node: "a union by name" if node.args.get("by_name") else None,
    exp.Distinct: lambda node: "distinct on" if node.args.get("on") else None,
    exp.DateDiff: lambda node: (
        None if node.text("unit").upper() == "DAY" else "a difference not in days"
    ),
    exp.Extract: lambda node: (
        None if node.name.upper() in PARTS_OF_A_DATE else f"extract({node.name})"
    ),
}


@pytest.mark.parametrize("model", everything(), ids=lambda model: model.name)
def test_a_model_is_in_the_dialect_of_both_engines(model):
    assert not faults(model.select)
    translated = sqlglot.transpile(
        model.select,
        read="duckdb",
        write="spark",
        unsupported_level=sqlglot.ErrorLevel.RAISE,
    )
    assert len(translated) == 1
    sqlglot.parse_one(translated[0], read="spark")


@pytest.mark.parametrize(
    "select",
    [
        "select log(x) from t",
        "select start_date + interval 30 day as x from t",
        "select end_date - start_date as x from t",
        "select date_diff('month', start_date, end_date) as x from t",
        "select date_add(start_date, interval 1 day) as x from t",
        "select extract(dow from start_date) as x from t",
        "select cast(a / nullif(cast(b as double), 0) as integer) as x from t",
        "select cast(2.5 as integer) as x from t",
        "select cast(cast(a as double) as integer) as x from t",
        "select cast(a as hugeint) as x from t",
        "select cast(a as timestamp) as x from t",
        "select a / b as x from t",
        "select 1.0 / nullif(b, 0) as x from t",
        "select a // b as x from t",
        "select * exclude (a) from t",
        "select * replace (b as a) from t",
        "select columns('a.*') from t",
        "select t.* from t asof join s on t.a = s.a and t.d >= s.d",
        "select t.* from t positional join s",
        "select t.* from t natural join s",
        "select t.* from t full join s on t.a = s.a",
        "pivot t on a using sum(b)",
        "select a from t union by name select b from s",
        "select a from generate_series(1, 3) as s (a)",
        "select unnest(a) as x from t",
        "select a[1:2] as x from t",
        "select list(a) as x from t",
        "select distinct on (a) b from t",
        "select a + 1 as b from t where b > 1",
        "select sum(a) over (partition by b order by c) as x from t",
        "select median(a) as x from t",
        "select round(a, 1) as x from t",
        "select strftime(a, '%Y') as x from t",
        "select to_days(a) as x from t",
        "select a from t limit 1",
        "select a from t using sample 10",
    ],
)
def test_what_the_table_forbids_is_refused(select):
    assert faults(select)


@pytest.mark.parametrize(
    "select",
    [
        "select ln(x) as y from t",
        "select cast(start_date + interval 30 day as date) as x from t",
        "select start_date + $days as x from t",
        "select date_diff('day', start_date, end_date) as x from t",
        "select extract(quarter from start_date) as x from t",
        "select cast(floor(a / nullif(cast(b as double), 0)) as integer) as x from t",
        "select cast(sum(a) as bigint) as x from t group by all",
        "select a from t qualify row_number() over (partition by b order by c) = 1",
        "select count(*) filter (where a) as x from t",
        "select date_trunc('month', start_date) as x from t",
        "select regexp_matches(a, 'b') as x, try_cast(a as integer) as y from t",
        "select a from t semi join s on t.a = s.a",
        "select a is distinct from b as x from t",
        "select lag(a) over (partition by b order by c) as x from t",
        "select max(a) over (order by b rows between 1 preceding and current row) as x "
        "from t",
    ],
)
def test_what_the_table_calls_safe_is_allowed(select):
    assert not faults(select)


class Watched(Duck):
    """A DuckDB that remembers the types of every table it made."""

    def create(self, table, *given, **further):
        super().create(table, *given, **further)
        self.types = getattr(self, "types", {}) | {table: self.columns(table)}


def test_every_column_has_a_type_that_both_engines_have(tmp_path):
    """The sum of integers is HUGEINT here, which Spark has not and pandas reads as float."""
    parameters = person_level.sql_parameters(AS_OF, default_parameters())
    counted = person_level.windows(
        AS_OF, months=12, period_start=date(2025, 1, 1), months_shown=2
    )
    with Watched(tmp_path / "work.duckdb", folders=[tmp_path]) as engine:
        load_accepted(engine, dense(1, 40))
        person_level.prepare(engine)
        person_level.walk(engine, parameters, counted)
        person_level.load_previous_list(engine, None)
        person_level.sum_up(engine, parameters, counted)
    made = {model.table for model in models.read_all()}
    assert made <= engine.types.keys()
    names = {"INTEGER": "INT", "VARCHAR": "TEXT"}
    for table in made:
        for column, kind in engine.types[table].items():
            kind = kind.split("(")[0]
            assert names.get(kind, kind) in TYPES, f"{table}.{column} is {kind}"
