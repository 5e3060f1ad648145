"""Code words stored as numbers behave as the text that they are."""

import pandas as pd
import pytest

from pipeline import code_words, models, seeds
from pipeline.contracts.compiler import listed_codes
from pipeline.contracts.schemas import schemas
from pipeline.engines.duck import Duck
from pipeline.errors import InvariantBroken

WORDS = ("", "acyclovir", "famciclovir", "valacyclovir")


@pytest.fixture
def engine(tmp_path):
    with Duck(tmp_path / "work.duckdb", folders=[tmp_path]) as engine:
        engine.store_as_numbers({"drug"}, WORDS)
        yield engine


def test_every_code_that_a_contract_lists_is_a_word():
    drugs = tuple(seeds.read("drugs")["drug"])
    listed = {
        code
        for schema in schemas(2026, drugs).values()
        for column in schema.columns
        if column in code_words.COLUMNS
        for code in listed_codes(schema, column)
    }
    assert {"treatment", "cd4", "resistant", "%"} <= listed
    assert listed <= set(code_words.words())


def test_every_code_column_is_a_column_of_some_model():
    text = " ".join(model.select for model in models.read_everything())
    for column in code_words.COLUMNS - {"disposition"}:
        assert column in text


def test_the_words_are_in_the_order_of_their_text():
    words = code_words.words()
    assert list(words) == sorted(set(words))


def test_words_take_a_number_and_compare_sort_and_come_back_as_text(engine):
    engine.create(
        "given",
        "select * from (values ('valacyclovir', 'x'), ('acyclovir', 'y'), (null, 'z')) "
        "as rows (drug, site_id)",
    )
    types = engine.columns("given")
    assert types["drug"].startswith("ENUM") and types["site_id"] == "VARCHAR"
    assert engine.rows(
        "select drug, drug > 'b' from given where drug is not null order by drug"
    ) == [("acyclovir", False), ("valacyclovir", True)]
    assert engine.rows("select min(drug), max(drug) from given") == [
        ("acyclovir", "valacyclovir")
    ]
    frame = engine.frame("select drug, site_id from given order by site_id")
    assert frame["drug"].dtype == frame["site_id"].dtype
    assert list(frame["drug"].fillna("none")) == ["valacyclovir", "acyclovir", "none"]


def test_a_published_file_holds_the_text(engine, tmp_path):
    engine.load("given", pd.DataFrame({"drug": ["acyclovir", "famciclovir"]}))
    path = tmp_path / "given.parquet"
    engine.write_parquet("select drug from given order by drug", path)
    parameters = {"path": str(path)}
    schema = engine.rows(
        "select converted_type from parquet_schema($path) where name = 'drug'",
        parameters,
    )
    assert schema == [("UTF8",)]
    assert engine.rows("select drug from read_parquet($path)", parameters) == [
        ("acyclovir",),
        ("famciclovir",),
    ]


def test_a_table_in_a_file_holds_the_text_and_is_read_as_numbers(engine, tmp_path):
    engine.load("given", pd.DataFrame({"drug": ["famciclovir", None, "acyclovir"]}))
    path = tmp_path / "kept.parquet"
    engine.create_in_file("kept", "select drug from given", path)
    assert engine.columns("kept")["drug"].startswith("ENUM")
    expected = [("famciclovir",), (None,), ("acyclovir",)]
    assert engine.rows("select drug from kept") == expected
    found = engine.rows(
        "describe select * from read_parquet($path)", {"path": str(path)}
    )
    assert [row[:2] for row in found] == [("drug", "VARCHAR")]
    engine.drop("kept")
    assert path.is_file()
    with pytest.raises(InvariantBroken):
        engine.rows("select drug from kept")


def test_an_unlisted_word_is_refused_and_not_named(engine):
    with pytest.raises(InvariantBroken) as refused:
        engine.create("given", "select 'Zovirax of patient 7' as drug")
    assert "Zovirax" not in str(refused.value)
