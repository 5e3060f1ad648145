"""Parquet: types are used as they are, and what loses something refuses the file.

Source: extracts.md; ids of bad_inputs.csv. Files are written with DuckDB, which the
reader does not share a line with, or made by hand.
"""

from datetime import date
from decimal import Decimal

import duckdb
import pytest

from pipeline.errors import DataRefused
from tests.spec.extracts.receiving import as_csv, table

BASE = {
    "lab_id": "'L1'",
    "patient_id": "'P1'",
    "collected_date": "date '2026-01-12'",
    "resulted_date": "date '2026-01-20'",
    "test": "'cd4'",
    "result": "null::varchar",
    "value": "180.5::double",
    "unit": "null::varchar",
}


def write(delivery, name: str, *rows: str, options: str = "") -> bytes:
    """Write the rows of a select as Parquet; its bytes."""
    path = delivery.folder / name
    with duckdb.connect() as connection:
        select = " union all ".join(rows)
        connection.execute(f"copy ({select}) to '{path}' (format parquet{options})")
    return path.read_bytes()


def lab(**changes: str) -> str:
    """A select of one laboratory row, with some expressions changed."""
    columns = {**BASE, **changes}
    return "select " + ", ".join(f"{sql} as {name}" for name, sql in columns.items())


def refused(delivery, *words: str) -> None:
    sentence = delivery.refused(DataRefused)
    assert len(sentence.splitlines()) == 1
    for word in words:
        assert word in sentence


def test_typed_columns_are_read_and_lines_count_rows_from_one(delivery):
    write(delivery, "labs.parquet", lab(), lab(lab_id="'L2'", value="null::double"))
    with delivery.received() as received:
        assert received.accepted("labs", "lab_id, line, collected_date, value") == [
            ("L1", 1, date(2026, 1, 12), Decimal("180.5")),
            ("L2", 2, date(2026, 1, 12), None),
        ]


def test_the_same_rows_as_csv_and_as_parquet_are_the_same(delivery, tmp_path):
    """Text in Parquet is read as text of a CSV is."""
    changes = [{}, {"lab_id": "L2", "value": "<5", "test": " CD4 "}, {"lab_id": "L3"}]
    changes += [{"lab_id": "L4", "collected_date": "2026-1-2"}, {"lab_id": ""}]
    delivery.write("labs.csv", as_csv(table("labs", *changes)))
    with delivery.received() as received:
        from_csv = received.broken("labs")
        rows_of_csv = received.accepted("labs", "* exclude (line, file_id)")
    source = delivery.folder / "labs.csv"
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (from read_csv('{source}', all_varchar = true)) "
            f"to '{delivery.folder}/labs.parquet' (format parquet)"
        )
    delivery.remove("labs.csv")
    with delivery.received() as received:
        assert received.broken("labs") == from_csv
        assert received.accepted("labs", "* exclude (line, file_id)") == rows_of_csv


@pytest.mark.parametrize("number", ["'nan'", "'inf'", "'-inf'"])
def test_nan_and_infinity_break_the_rule(delivery, number):
    write(delivery, "labs.parquet", lab(value=f"{number}::double"))
    with delivery.received() as received:
        assert received.broken("labs") == ["value:not_a_number"]


@pytest.mark.parametrize(
    ("sql", "read"),
    [
        ("180::integer", "180"),
        ("180::utinyint", "180"),
        ("180.123456789::decimal(18, 9)", "180.123457"),
        ("180.1234565::decimal(18, 7)", "180.123456"),
        ("0.1::float", "0.1"),
        ("0.1::double", "0.1"),
        ("'<0.1'", "0.1"),
    ],
)
def test_numbers_of_every_type_are_read(delivery, sql, read):
    """Rounded half even to six decimals; a float is what it prints as."""
    write(delivery, "labs.parquet", lab(value=sql))
    with delivery.received() as received:
        assert received.accepted("labs", "value") == [(Decimal(read),)]


def test_a_number_that_does_not_fit_breaks_the_rule(delivery):
    rows = [lab(value="1e12::double"), lab(lab_id="'L2'", value="1e300::double")]
    write(delivery, "labs.parquet", *rows)
    with delivery.received() as received:
        assert received.broken("labs") == ["value:number_out_of_range"] * 2


def test_an_id_that_is_an_integer_refuses_the_file(delivery):
    """BI196: its leading zeros are lost."""
    write(delivery, "labs.parquet", lab(patient_id="7::bigint"))
    refused(delivery, "patient_id is BIGINT", "leading zeros")


@pytest.mark.parametrize("column", ["patient_id", "test"])
def test_bytes_are_no_text(delivery, column):
    """Nothing says in which encoding they are; leading zeros they have."""
    write(delivery, "labs.parquet", lab(**{column: "'\\x41'::blob"}))
    refused(delivery, f"{column} is BLOB", "bytes, not text: write it as text")
    assert "zeros" not in delivery.refused(DataRefused)


@pytest.mark.parametrize("column", ["file_row_number", "FILE_ROW_NUMBER"])
def test_a_column_called_like_the_engines_own_is_named(delivery, column):
    """The file is sound: it is not to be asked for again as if it were damaged."""
    write(delivery, "labs.parquet", lab(**{column: "7"}))
    refused(delivery, "file_row_number", "rename the column")
    assert "damaged" not in delivery.refused(DataRefused)


def test_a_column_of_another_type_that_holds_nothing_is_absent(delivery):
    """Writers give a column without a value any type."""
    write(delivery, "labs.parquet", lab(unit="null::integer", result="null::double"))
    with delivery.received() as received:
        assert received.decided("labs") == ["accepted"]


def test_a_nested_column_refuses_the_file_where_the_contract_asks_for_it(delivery):
    """BI197."""
    write(delivery, "labs.parquet", lab(result="['positive', 'negative']"))
    refused(delivery, "result is LIST")
    write(delivery, "labs.parquet", lab(result="{'value': 'positive'}"))
    refused(delivery, "result is STRUCT")


def test_a_nested_column_that_is_unknown_is_ignored(delivery):
    extra = lab() + ", {'a': 1, 'b': [1, 2]} as history, [{'c': 1}] as list_of"
    write(delivery, "labs.parquet", extra)
    with delivery.received() as received:
        assert received.decided("labs") == ["accepted"]
        assert received.has_note("labs.parquet", "not read: history, list_of.")


def test_an_enum_is_read_as_text(delivery):
    """BI198."""
    write(delivery, "labs.parquet", lab(test="'igg'::enum('igg', 'cd4')"))
    with delivery.received() as received:
        assert received.accepted("labs", "test, unit") == [("igg", "mg/dl")]


@pytest.mark.parametrize("unit", ["timestamp", "timestamp_s", "timestamp_ns"])
def test_a_timestamp_is_a_date_with_a_note_where_it_has_a_time(delivery, unit):
    """BI200."""
    when = f"'2026-01-12 23:59:00'::{unit}"
    midnight = f"'2026-01-20 00:00:00'::{unit}"
    rows = lab(collected_date=when, resulted_date=midnight)
    write(delivery, "labs.parquet", rows)
    with delivery.received() as received:
        assert received.accepted("labs", "collected_date, resulted_date") == [
            (date(2026, 1, 12), date(2026, 1, 20))
        ]
        assert received.has_note("labs.parquet", "collected_date")
        assert not received.has_note("labs.parquet", "resulted_date was dropped")


def test_a_moment_with_a_zone_is_no_date(delivery):
    """Its day would depend on the time zone of the machine that reads it."""
    write(
        delivery,
        "labs.parquet",
        lab(collected_date="'2026-01-12 00:00:00+00'::timestamptz"),
    )
    refused(delivery, "collected_date", "TIME ZONE", "without a time zone")


def test_a_moment_with_a_zone_says_when_a_row_was_recorded(delivery):
    when = ", '2026-01-12 01:30:00+02'::timestamptz as recorded_at"
    write(delivery, "labs.parquet", lab() + when)
    with delivery.received() as received:
        found = received.accepted("labs", "cast(recorded_at as varchar)")
        assert found == [("2026-01-11 23:30:00",)]


@pytest.mark.parametrize("day", ["'infinity'", "'12026-01-01'", "'0044-01-01 (BC)'"])
def test_a_typed_date_outside_the_calendar_is_no_date(delivery, day):
    write(delivery, "labs.parquet", lab(collected_date=f"{day}::date"))
    with delivery.received() as received:
        assert received.broken("labs") == ["collected_date:not_a_date"]


def test_booleans_are_read_typed_and_as_whole_numbers(delivery):
    visit = (
        "select 'F{0}' as followup_id, 'P1' as patient_id, date '2026-01-12' as "
        "visit_date, 'improving' as lesion_status, {1} as accessible"
    )
    delivery.remove("followups.csv")
    rows = [visit.format(1, "true"), visit.format(2, "null"), visit.format(3, "false")]
    write(delivery, "followups_a.parquet", *rows)
    write(delivery, "followups_b.parquet", visit.format(4, "1"), visit.format(5, "2"))
    with delivery.received() as received:
        assert received.accepted("followups", "followup_id, accessible") == [
            ("F1", True),
            ("F2", None),
            ("F3", False),
            ("F4", True),
        ]
        assert received.broken("followups")[-1] == "accessible:not_a_boolean"


def test_two_columns_that_differ_by_case_are_refused(delivery):
    """BI202: an engine renames one of them."""
    content = write(delivery, "labs.parquet", lab() + ", 'x' as xnit")
    (delivery.folder / "labs.parquet").write_bytes(content.replace(b"xnit", b"Unit"))
    refused(delivery, "2 columns are called 'unit'")


def test_a_column_with_the_name_of_the_readers_row_number_is_read_past(delivery):
    write(delivery, "labs.parquet", lab() + ", 5 as file_row_number")
    refused(delivery, "labs.parquet")


def test_a_truncated_file_is_refused(delivery):
    """BI193."""
    content = write(delivery, "labs.parquet", lab())
    delivery.write("labs.parquet", content[:-20])
    refused(delivery, "truncated Parquet")


def test_a_damaged_footer_is_refused_without_the_engines_words(delivery):
    content = bytearray(write(delivery, "labs.parquet", lab()))
    content[-60:-8] = b"\xff" * 52
    delivery.write("labs.parquet", bytes(content))
    refused(delivery, "labs.parquet cannot be read as Parquet")


def test_damaged_pages_are_refused_without_a_value(delivery):
    """BI203: the engine's own message would quote a cell."""
    text = "'secret' || chr(7) || repeat('x', 200)"
    content = write(
        delivery, "labs.parquet", lab(patient_id=text), options=", compression snappy"
    )
    at = content.index(b"secret")
    delivery.write("labs.parquet", content[:at] + b"\xff\xfe" + content[at + 2 :])
    refused(delivery, "labs.parquet cannot be read as Parquet")


def test_encrypted_parquet_is_refused(delivery):
    """BI205: by its magic bytes, which are PARE."""
    content = write(delivery, "labs.parquet", lab())
    delivery.write("labs.parquet", b"PARE" + content[4:-4] + b"PARE")
    refused(delivery, "encrypted")


def test_missing_columns_are_named_as_of_a_csv(delivery):
    write(delivery, "labs.parquet", lab().replace("as collected_date", "as taken"))
    refused(delivery, "the column collected_date is missing")


def test_a_file_without_a_row_has_no_row(delivery):
    """BI204: an optional extract may be empty."""
    write(delivery, "labs.parquet", lab() + " where false")
    with delivery.received() as received:
        assert received.terms("labs") == {}


def test_parts_with_other_columns_are_read_each_by_its_own_names(delivery):
    """BI209: no union by name, no positions."""
    (delivery.folder / "labs").mkdir()
    write(delivery, "labs/part-0.parquet", lab())
    columns = ", ".join(reversed(BASE))
    write(
        delivery,
        "labs/part-1.parquet",
        f"select {columns}, 1 as more from ({lab(lab_id=chr(39) + 'L2' + chr(39))})",
    )
    with delivery.received() as received:
        assert received.accepted("labs", "lab_id, patient_id, line") == [
            ("L1", "P1", 1),
            ("L2", "P1", 1),
        ]


def test_a_footer_that_promises_too_much_is_refused(delivery):
    """BI206: the expanded size is in the footer."""
    write(delivery, "labs.parquet", f"select one.* from ({lab()}) one, range(100000)")
    sentence = delivery.refused(DataRefused, max_expanded_bytes=50_000)
    assert "labs.parquet expands beyond max_expanded_bytes" in sentence
