"""The compiled predicates against pandera itself; what a schema says of each column."""

import subprocess
import sys
from datetime import date

import duckdb
import pandas as pd
import pandera.pandas as pa
import pytest

from pipeline.contracts import kinds, rules
from pipeline.contracts.compiler import compile_contract, listed_codes
from pipeline.contracts.reading import Delivered
from pipeline.contracts.schemas import EXTRACTS, schemas
from pipeline.contracts.sql_text import identifier, literal
from pipeline.errors import ConfigurationError
from pipeline.extracts.codes import contracts_and_codes
from pipeline.extracts.profiles import Profile
from tests.spec.extracts.receiving import ROWS

SCHEMAS = schemas(2026, ("acyclovir", "valacyclovir"))

NUMBERS = [
    "400",
    "0",
    "-1",
    "+400",
    "007",
    ".5",
    "5.",
    ".",
    "",
    " 400 ",
    "\u00a0400",
    "4e2",
    "4E+2",
    "1e-3",
    "5e-7",
    "1.5e-6",
    "NaN",
    "nan",
    "inf",
    "-Infinity",
    "1_000",
    "1,000",
    "0,4",
    "0x10",
    "４００",
    "٤٠٠",
    "400\n",
    "400 mg",
    "1-2",
    "--1",
    "1.2.3",
    "e5",
    "0.0000004",
    "0.0000005",
    "0.0000015",
    "0.3",
    "0.29995",
    "0.29994",
    "1.0000000000004",
    "1.0000000000006",
    "24",
    "24.0000004",
    "24.000001",
    "99.999999",
    "99.9999995",
    "100",
    "999999999",
    "999999999.9999995",
    "1000000000",
    "999999999999",
    "1000000000000",
    "1e30",
    "1e400",
    "7.0",
    "7.5",
    "70e-1",
    "730",
    "731",
    "730.4",
    "1899",
    "1900",
    "2026",
    "2027",
    "400",
    "400.00004",
    "400.0001",
    "undetectable",
    "'; drop table x; --",
]
CENSORED = ["<5", "<=5", ">100", ">=0.5", "≥50", "≤ 2", "< 0.1", "<", "<<5", "=5", "~5"]
DATES = [
    "2024-02-29",
    "2023-02-29",
    "2024-02-30",
    "2024-13-01",
    "2024-00-10",
    "24-01-01",
    "2024-2-3",
    "20240203",
    "2024-W05",
    "2024-W05-1",
    "2024-123",
    "03/02/2024",
    "2024/02/03",
    "45292",
    "3 mars 2024",
    "２０２４-02-03",
    "2024-02-03\n",
    " 2024-02-03 ",
    "2024-02-03T10:00",
    "2024-02-03T10:00:00",
    "2024-02-03 23:59:59.123456",
    "2024-02-03T10:00:00Z",
    "2024-02-03T23:30:00-05:00",
    "2024-02-03T10:00:00+0530",
    "2024-02-03T24:00:00",
    "2024-02-03T10:61",
    "2024-02-03 10",
    "2024-02-30T10:00",
    "2024-02-03T",
    "2024-02-03X10:00",
    "2567-02-03",
    "0001-01-01",
    "1753-01-01",
    "1900-01-01",
    " 1970-01-01 ",
    "1970-01-01T00:00",
    "1970-01-01T",
    "1970-01-02",
    "0000-01-01",
    "10000-01-01",
    "-2024-01-01",
    "infinity",
    "epoch",
    "today",
    "",
]
BOOLEANS = [
    "true",
    "FALSE",
    "Yes",
    "no",
    "1",
    "0",
    "t",
    "F",
    "y",
    "2",
    "",
    " true ",
    "tru",
]
IDS = [
    "P1",
    "007",
    " P1 ",
    "9.43477E+09",
    "x" * 64,
    "x" * 65,
    "é" * 64,
    "é" * 65,
    "a\tb",
    "a\nb",
    "a\x7fb",
    "a\u0085b",
    "\x1b[31m",
    "",
    "   ",
    "\u00a0",
    "А123",
    "😀",
    "=1+1",
    "../../etc/cron.d/x",
]
CODES = [
    "oral",
    "ORAL",
    " oral ",
    "\u00a0iv\u200b",
    "unlisted",
    "",
    "oral\n",
    "ｏｒａｌ",
]
CELLS = {
    "id": IDS,
    "code": CODES,
    "date": DATES,
    "datetime": DATES,
    "number": NUMBERS,
    "integer": NUMBERS,
    "censored": NUMBERS + CENSORED,
    "boolean": BOOLEANS,
}


def as_read(kind: str, cell: str) -> str | None:
    """The text that a check is asked about: trimmed, null where nothing is left."""
    trimmed = cell.strip(kinds.BLANKS)
    if kind == "id":
        return cell if trimmed else None
    return (trimmed.lower() if kind == "code" else trimmed) or None


def by_pandera(schema: pa.DataFrameSchema, frame: pd.DataFrame) -> set[tuple[int, str]]:
    """The (row, rule) pairs that pandera finds; codes out of scope are no rule."""
    try:
        schema.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as errors:
        cases = errors.failure_cases
    else:
        return set()
    found = set()
    for case in cases.itertuples():
        number = None if pd.isna(case.check_number) else int(case.check_number)
        if case.schema_context == "DataFrameSchema":
            rule = schema.checks[number].name
        elif number is None:
            assert case.check == "not_nullable"
            rule = f"{case.column}:missing"
        else:
            rule = f"{case.column}:{schema.columns[case.column].checks[number].name}"
        found.add((int(case.index), rule))
    return found


def by_scan(schema: pa.DataFrameSchema, cells: pd.DataFrame) -> set[tuple[int, str]]:
    """The (row, rule) pairs of the compiled scan over the same cells as delivered."""
    contract = compile_contract(schema)
    codes = {
        name: {code: code for code in listed_codes(schema, name)}
        for name in contract.columns
    }
    with duckdb.connect() as connection:
        connection.register("cells", cells.reset_index())
        select = contract.scan(
            "cells",
            {name: Delivered(identifier(name)) for name in contract.columns},
            codes,
            file_id=0,
            line="index",
        )
        masks = connection.execute(
            f"select line, broken, out_of_scope from ({select})"
        ).fetchall()
    return {
        (line, name)
        for line, mask, out_of_scope in masks
        for bit, name in enumerate(contract.rule_names)
        if mask >> bit & 1 and not out_of_scope
    }


def cells_of(schema: pa.DataFrameSchema) -> pd.DataFrame:
    """The accepted row with, in each column in turn, every cell worth asking about."""
    base = dict.fromkeys(schema.columns, "") | dict(ROWS[schema.name])
    rows = [base]
    for name, column in schema.columns.items():
        rows += [{**base, name: cell} for cell in CELLS[column.metadata["kind"]]]
    return pd.DataFrame(rows, dtype=str)


@pytest.mark.parametrize("extract", EXTRACTS)
def test_the_compiled_scan_finds_what_pandera_finds(extract):
    """Nulls, NaN, full-width digits, a trailing newline, every edge of every rule."""
    schema = SCHEMAS[extract]
    cells = cells_of(schema)
    frame = pd.DataFrame(
        {
            name: cells[name].map(
                lambda cell, kind=column.metadata["kind"]: as_read(kind, cell)
            )
            for name, column in schema.columns.items()
        },
        dtype="str",
    )
    scoped = [
        name
        for name, column in schema.columns.items()
        if column.metadata.get("unlisted") == "out_of_scope"
    ]
    outside = pd.Series(False, index=frame.index)
    for name in scoped:
        listed = listed_codes(schema, name)
        outside |= frame[name].notna() & ~frame[name].isin(listed)
    expected = {
        (row, rule) for row, rule in by_pandera(schema, frame) if not outside[row]
    }
    assert by_scan(schema, cells) == expected
    assert len({rule for _, rule in expected}) >= len(schema.columns)


PAIRS = [
    ("", ""),
    ("2026-01-05", "2026-01-04"),
    ("2026-01-05", "2026-01-05"),
    ("2026-01-05", ""),
    ("", "2026-01-05"),
    ("2026-01-05T10:00", "2026-01-05T09:00"),
    ("2026-01-05", "2026-02-30"),
    ("nonsense", "2025-01-01"),
]


@pytest.mark.parametrize(
    ("extract", "first", "second"),
    [
        ("prescriptions", "start_date", "end_date"),
        ("immune_status", "from_date", "to_date"),
        ("labs", "collected_date", "resulted_date"),
    ],
)
def test_a_second_date_is_compared_where_both_can_be_read(extract, first, second):
    schema = SCHEMAS[extract]
    base = dict.fromkeys(schema.columns, "") | dict(ROWS[extract])
    cells = pd.DataFrame([{**base, first: a, second: b} for a, b in PAIRS], dtype=str)
    frame = cells.map(lambda cell: cell or None).astype("str")
    found = by_scan(schema, cells)
    assert found == by_pandera(schema, frame)
    rule = f"{second}:before_{first}"
    assert {row for row, name in found if name == rule} == {1}


@pytest.mark.parametrize("extract", ["labs"])
def test_a_unit_fits_its_test(extract):
    schema = SCHEMAS[extract]
    base = dict.fromkeys(schema.columns, "") | dict(ROWS[extract])
    pairs = [
        (test, unit)
        for test in [*listed_codes(schema, "test"), "unlisted", ""]
        for unit in [*listed_codes(schema, "unit"), "copies/ml", ""]
    ]
    cells = pd.DataFrame([{**base, "test": t, "unit": u} for t, u in pairs], dtype=str)
    frame = cells.map(lambda cell: cell or None).astype("str")
    in_scope = {row for row, (test, _) in enumerate(pairs) if test != "unlisted"}
    expected = {pair for pair in by_pandera(schema, frame) if pair[0] in in_scope}
    assert by_scan(schema, cells) == expected
    fitting = {
        pairs[row]
        for row in in_scope
        if not any(row == broken and "unit:" in rule for broken, rule in expected)
    }
    assert {("igg", "g/l"), ("igg", "mg/dl"), ("cd4", "cells/ul")} <= fitting
    assert ("cd4", "g/l") not in fitting
    assert ("hsv_culture", "mg/dl") not in fitting


def typed(extract: str, column: str, cells: list[str]):
    """What each cell of a column is read as."""
    schema = SCHEMAS[extract]
    base = dict.fromkeys(schema.columns, "") | dict(ROWS[extract])
    frame = pd.DataFrame([{**base, column: cell} for cell in cells], dtype=str)
    contract = compile_contract(schema)
    codes = {
        name: {code: code for code in listed_codes(schema, name)}
        for name in contract.columns
    }
    with duckdb.connect() as connection:
        connection.register("cells", frame.reset_index())
        select = contract.scan(
            "cells",
            {name: Delivered(identifier(name)) for name in contract.columns},
            codes,
            file_id=0,
            line="index",
        )
        found = connection.execute(
            f"select cast({identifier(column)} as varchar) from ({select}) order by line"
        ).fetchall()
    return [value for (value,) in found]


@pytest.mark.parametrize(
    ("cell", "read"),
    [
        ("400", "400.000000"),
        ("0.0000005", "0.000000"),
        ("0.0000015", "0.000002"),
        ("0.0000025", "0.000002"),
        ("0.00000251", "0.000003"),
        ("5e-7", "0.000000"),
        ("15e-7", "0.000002"),
        ("1e3", "1000.000000"),
    ],
)
def test_more_decimals_than_the_column_holds_are_rounded_half_even(cell, read):
    assert typed("prescriptions", "dose", [cell]) == [read]


@pytest.mark.parametrize(
    ("cell", "read"),
    [
        ("2024-02-03 10:00:00", "2024-02-03 10:00:00"),
        ("2024-02-03T10:00", "2024-02-03 10:00:00"),
        ("2024-02-03", "2024-02-03 00:00:00"),
        ("2024-02-03T00:30:00+01:00", "2024-02-02 23:30:00"),
        ("2024-02-03T10:00:00-0530", "2024-02-03 15:30:00"),
        ("2024-02-03T10:00:00.5Z", "2024-02-03 10:00:00.5"),
        ("2024-02-03T10:00:00,25", "2024-02-03 10:00:00.25"),
        ("2024-02-03T10:00:00", "2024-02-03 10:00:00"),
        (" 2024-02-03 10:00:00\t", "2024-02-03 10:00:00"),
        ("2024-02-03 24:00:00", None),
        ("2024-02-03 10:00:60", None),
        ("2024-02-03X10:00:00", None),
        ("2024/02/03 10:00:00", None),
        ("10000-02-03 10:00:0", None),
    ],
)
def test_a_moment_is_read_as_utc_where_it_names_a_zone(cell, read):
    assert typed("labs", "recorded_at", [cell]) == [read]


def test_a_check_that_cannot_be_compiled_is_refused():
    """A rule that is silently not asked is worse than no rule."""
    column = pa.Column(str, pa.Check.str_length(1, 3), metadata={"kind": "id"})
    schema = pa.DataFrameSchema(
        {"patient_id": column},
        name="patients",
        metadata={"identifier": None, "deferred_by": None},
    )
    with pytest.raises(ConfigurationError, match="cannot be compiled"):
        compile_contract(schema)
    schema = pa.DataFrameSchema(
        {"patient_id": pa.Column(str, rules.well_formed_id(), metadata={"kind": "id"})},
        checks=[pa.Check(lambda frame: frame["patient_id"] != "", name="mine")],
        name="patients",
        metadata={"identifier": None, "deferred_by": None},
    )
    with pytest.raises(ConfigurationError, match="mine"):
        compile_contract(schema)


def test_every_extract_may_carry_when_its_rows_were_recorded():
    for schema in SCHEMAS.values():
        assert not schema.columns["recorded_at"].required


def test_the_typed_columns_are_those_that_the_rules_read():
    """The types that the SQL of the courses counts on."""
    expected = {
        "dose": "DECIMAL(15,6)",
        "doses_per_day": "DECIMAL(8,6)",
        "days_supply": "INTEGER",
        "adherence": "DECIMAL(14,12)",
        "accessible": "BOOLEAN",
        "value": "DECIMAL(18,6)",
        "value_operator": "VARCHAR",
        "birth_year": "INTEGER",
        "weight_kg": "DECIMAL(9,4)",
        "start_date": "DATE",
        "recorded_at": "TIMESTAMP",
        "drug": "VARCHAR",
        "file_id": "INTEGER",
        "line": "BIGINT",
    }
    found = {}
    with duckdb.connect() as connection:
        for schema in SCHEMAS.values():
            contract = compile_contract(schema)
            select = contract.scan("(select 1)", {}, {}, file_id=0, line="1")
            described = connection.execute(f"describe {select}").fetchall()
            found |= {name: sql_type for name, sql_type, *_ in described}
    assert {name: found[name] for name in expected} == expected


def test_an_extract_that_is_absent_has_the_same_columns_and_types():
    with duckdb.connect() as connection:
        for schema in SCHEMAS.values():
            contract = compile_contract(schema)
            scan = contract.scan("(select 1)", {}, {}, file_id=0, line="1")
            unmarked = f"select * exclude (out_of_scope, noted, broken) from ({scan})"
            selects = (unmarked, contract.empty())
            one, two = (
                [row[:2] for row in connection.execute(f"describe {s}").fetchall()]
                for s in selects
            )
            assert one == two


def test_a_date_that_is_no_date_of_the_calendar_is_not_read():
    assert typed("prescriptions", "end_date", ["2024-02-30", "2024-02-29"]) == [
        None,
        "2024-02-29",
    ]
    assert date(2024, 2, 29).isoformat() == "2024-02-29"


def test_names_and_texts_are_quoted():
    assert literal("o'q") == "'o''q'"
    assert identifier('a"b') == '"a""b"'


@pytest.mark.parametrize(
    ("seed", "column", "extract"),
    [
        ("conditions", "condition", "immune_status"),
        ("events", "event", "clinical_events"),
        ("tests", "test", "labs"),
    ],
)
def test_the_seeds_list_the_codes_of_the_contract(root, seed, column, extract):
    """The seeds say what a code means; that it is one, the contract alone says."""
    rows = pd.read_csv(root / "seeds" / f"{seed}.csv", dtype=str, keep_default_na=False)
    assert set(rows[column]) == set(listed_codes(SCHEMAS[extract], column))
    if seed == "tests":
        units = SCHEMAS["labs"].metadata["default_units"]
        given = dict(zip(rows["test"], rows["default_unit"], strict=True))
        assert {test: unit for test, unit in given.items() if unit} == units


def test_every_synonym_of_the_seeds_means_a_listed_code(root):
    def seed(name: str) -> pd.DataFrame:
        path = root / "seeds" / f"{name}.csv"
        return pd.read_csv(path, dtype=str, keep_default_na=False)

    _, codes = contracts_and_codes(
        date(2026, 6, 30), seed("drugs"), seed("synonyms"), Profile()
    )
    assert codes["prescriptions"]["drug"]["rxnorm:73645"] == "valacyclovir"
    assert codes["followups"]["syndrome"]["shingles"] == "zoster"
    assert codes["labs"]["unit"]["µg/ml"] == "ug/ml"


def test_importing_the_contracts_does_not_load_pandera():
    """Its import costs more than a second, which --help must not wait for."""
    program = (
        "import sys, pipeline.contracts, pipeline.contracts.schemas, "
        "pipeline.contracts.compiler, pipeline.extracts.reception, "
        "pipeline.extracts.quarantine; sys.exit('pandera' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], check=False, timeout=60)
    assert done.returncode == 0
