"""The engine itself: what is bound is bound by type, and no value escapes in a message."""

import signal
from datetime import date
from decimal import Decimal

import pandas as pd
import pytest

from pipeline.errors import InvariantBroken, ReadWriteFailed

pytestmark = pytest.mark.spark


@pytest.fixture
def spark(tmp_path):
    from pipeline.engines.spark import Spark

    with Spark(tmp_path, threads=1) as spark:
        yield spark


def test_a_parameter_keeps_its_type_and_its_value(spark):
    given = {
        "text": 'it\'s \\ a "text"; -- $x\n',
        "day": date(2026, 2, 28),
        "share": Decimal("0.80"),
        "large": Decimal("1E+2"),
        "number": -3,
        "flag": True,
    }
    columns = ", ".join(f"${name} as {name}" for name in given)
    [row] = spark.rows(f"select {columns}, $day + ($number + 4) as next_day", given)
    assert row == (*given.values(), date(2026, 3, 1))
    [(total,)] = spark.rows("select $share + $share as total", given)
    assert total == Decimal("1.60")


def test_stop_signals_stay_the_command_s(tmp_path):
    """PySpark would answer SIGINT itself, and the command could not end with 130."""
    from pipeline.engines.spark import Spark

    before = signal.getsignal(signal.SIGINT)
    with Spark(tmp_path, threads=1):
        assert signal.getsignal(signal.SIGINT) is before


def test_a_parameter_that_is_not_set_is_a_fault_of_ours(spark):
    with pytest.raises(InvariantBroken, match=r"asks for \$absent"):
        spark.rows("select $absent as x", {})


def test_a_table_is_made_read_and_dropped(spark, tmp_path):
    frame = pd.DataFrame({"name": ["a'b", "\\"], "number": [1, 2]})
    spark.load("given", frame)
    spark.create("made", "select name, number + $more as n from given", {"more": 1})
    assert spark.rows("select * from made order by n") == [("a'b", 2), ("\\", 3)]
    assert spark.columns("made") == {"name": "string", "n": "int"}
    assert spark.has("made")
    assert list((tmp_path / "made").glob("*.parquet"))
    spark.drop("made")
    assert not spark.has("made")
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize(
    "select",
    [
        "select cast(name as integer) as x from given",
        "select name + $day as x from given",
        "select nonesuch from given where name = 'p-001'",
    ],
)
def test_a_message_holds_no_value(spark, capfd, select):
    spark.load("given", pd.DataFrame({"name": ["p-001"]}))
    with pytest.raises(InvariantBroken) as raised:
        spark.create("made", select, {"day": date(2026, 1, 1)})
    assert "p-001" not in str(raised.value)
    assert raised.value.__cause__ is None
    assert capfd.readouterr() == ("", "")


def test_a_folder_that_spark_does_not_see_is_told(spark, tmp_path):
    with pytest.raises(ReadWriteFailed, match="--spark-folder"):
        spark.read("absent", tmp_path / "absent")


def test_an_overflow_is_an_error_as_on_duckdb(spark):
    with pytest.raises(InvariantBroken):
        spark.rows("select cast(1000 as tinyint) as x")


def test_a_session_by_connect_before_is_no_hindrance(tmp_path, monkeypatch):
    """What it leaves in the environment would let PySpark refuse a session of its own."""
    from pipeline.engines.spark import Spark

    monkeypatch.setenv("SPARK_CONNECT_MODE_ENABLED", "1")
    with Spark(tmp_path, threads=1) as spark:
        assert spark.rows("select 1 as x") == [(1,)]
