"""The same rows, value for value, on DuckDB and on Spark."""

from datetime import date

import pytest

from pipeline import demonstration, handover, models, person_level, seeds, simulate
from pipeline.engines.duck import Duck
from pipeline.settings import resolve
from tests.classification import default_parameters
from tests.properties.populations import AS_OF, dense, load_accepted
from tests.spark.agreement import SAMPLE, assert_same_run, published

pytestmark = pytest.mark.spark

POPULATIONS = 20
PATIENTS = 150
"""Of each population: a third of them small, the others dense."""


def test_the_sample_gives_the_same_run(tmp_path):
    duck = published(SAMPLE, tmp_path / "duck", "duckdb")
    spark = published(SAMPLE, tmp_path / "spark", "spark", threads=2)
    assert_same_run(duck, spark)


@pytest.mark.long
def test_former_and_varied_parameters_give_the_same_run(tmp_path):
    """Every walk before the run's own is made on Spark too, and its counts come back."""
    runs = []
    for engine in ("duckdb", "spark"):
        out = tmp_path / engine
        published(SAMPLE, out, engine, date(2026, 5, 31))
        given = {"min_adherence": 0.9, "vary_up_to_prescriptions": 100_000}
        runs.append(published(SAMPLE, out, engine, **given))
    assert_same_run(*runs)


@pytest.mark.long
def test_a_million_prescriptions_give_the_same_run(tmp_path):
    scenario = simulate.scenario_for_prescriptions(1_000_000)
    demonstration.simulate_network(tmp_path / "network", scenario, "parquet")
    duck = published(tmp_path / "network", tmp_path / "duck", "duckdb")
    spark = published(tmp_path / "network", tmp_path / "spark", "spark")
    assert_same_run(duck, spark)


def populations() -> dict[str, list[dict]]:
    """The rows of all populations, whose patients and rows keep apart by their ids."""
    gathered: dict[str, list[dict]] = {}
    for seed in range(POPULATIONS):
        for extract, rows in dense(seed, PATIENTS).items():
            gathered.setdefault(extract, []).extend(
                {
                    name: f"{value}-{seed}" if name in IDS and value else value
                    for name, value in row.items()
                }
                for row in rows
            )
    return gathered


IDS = {"patient_id", "prescription_id", "followup_id", "lab_id", "event_id"}


def test_random_populations_give_the_same_tables(tmp_path, monkeypatch):
    """Every table of the walk, not only what is published."""
    # none is dropped on the way
    monkeypatch.setattr(models, "last_reads", lambda *_: {})
    walked = [models.read(name) for name in models.OF_PATIENTS]
    delivery = populations()
    parameters = person_level.sql_parameters(AS_OF, default_parameters())
    counted = person_level.windows(AS_OF, months=12, period_start=None, months_shown=24)
    settings = resolve(
        seeds.read("parameters"), file=None, environment={}, overrides={"threads": "2"}
    )
    for engine in ("duckdb", "spark"):
        with Duck(tmp_path / f"{engine}.duckdb", folders=[tmp_path]) as duck:
            load_accepted(duck, delivery)
            with handover.walking(
                engine, duck, tmp_path, settings, debug=True
            ) as walker:
                person_level.prepare(walker)
                person_level.walk(walker, parameters, counted)
            if engine == "spark":
                assert duck.has("courses") is False, "only a view of Spark's files"
                break
            for model in walked:
                path = tmp_path / f"{model.table}.parquet"
                duck.write_parquet(f"select * from {model.table}", path)
    with Duck(tmp_path / "both.duckdb", folders=[tmp_path]) as duck:
        differing = [
            model.table for model in walked if differences(duck, tmp_path, model.table)
        ]
        [(n_courses,)] = duck.rows(
            f"select count(*) from read_parquet('{tmp_path}/courses.parquet')"
        )
    assert differing == []
    assert n_courses > POPULATIONS * PATIENTS


def differences(duck: Duck, folder, table: str) -> list[tuple]:
    """Rows that one engine has and the other has not, as often."""
    mine = f"select * from read_parquet('{folder}/{table}.parquet')"
    other = f"select * from read_parquet('{folder}/tables/{table}/*.parquet')"
    names = [
        [column[0] for column in duck.rows(f"describe {side}")]
        for side in (mine, other)
    ]
    assert names[0] == names[1], table
    return duck.rows(
        f"(({mine}) except all ({other})) union all (({other}) except all ({mine}))"
    )
