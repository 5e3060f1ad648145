"""The tables of a simulated network, made in an engine and written as extracts."""

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from pipeline import resources
from pipeline.errors import UsageError
from pipeline.simulate.draws import MACROS
from pipeline.simulate.scenario import Scenario
from pipeline.simulate.seed_tables import constants, tables

if TYPE_CHECKING:
    import pandas as pd

EXTRACTS = (
    "prescriptions",
    "followups",
    "immune_status",
    "labs",
    "clinical_events",
    "patients",
)
FORMATS = ("csv", "parquet")

_SCRATCH = ("people", "episodes", "planned", "courses", "items")
_STEPS = (*_SCRATCH, *EXTRACTS, "truth")
_ORDERS = {
    "prescriptions": "prescription_id",
    "followups": "followup_id",
    "immune_status": "patient_id, condition, from_date",
    "labs": "lab_id",
    "clinical_events": "event_id",
    "patients": "patient_id",
    "truth": "patient_id, start_date",
}


class Engine(Protocol):
    """What a simulation asks of the engine that it is given."""

    def execute(
        self, sql: str, parameters: Mapping[str, Any] | None = None
    ) -> None: ...

    def load(self, table: str, frame: "pd.DataFrame") -> None: ...

    def write_parquet(
        self, select: str, path: Path, parameters: Mapping[str, Any] | None = None
    ) -> None: ...

    def drop(self, table: str) -> None: ...


def scenario_for_prescriptions(prescriptions: int, **options: Any) -> Scenario:
    """The scenario with about so many prescriptions, and about as many visits.

    Holds to within 3% from 10,000 prescriptions on, at the default 36 months and mix.
    """
    ratio = constants()["prescriptions_per_patient"]
    return Scenario(patients=max(1, round(prescriptions / ratio)), **options)


def make(engine: Engine, scenario: Scenario) -> None:
    """Make the tables ``sim_<extract>`` of every extract, and ``sim_truth``.

    ``engine`` speaks DuckDB's dialect; nothing is read from or written to a file.
    """
    for macro in MACROS:
        engine.execute(macro)
    numbers = constants()
    for table, frame in tables(scenario, numbers["choice_slots"]).items():
        engine.load(table, frame)
    parameters = numbers | _parameters(scenario)
    for step in _STEPS:
        select = resources.path("sql", "simulation", f"sim_{step}.sql").read_text(
            "utf-8"
        )
        # a temporary table is not logged to disk, which would take as long as the rest
        engine.execute(
            f"create or replace temporary table sim_{step} as\n{select}", parameters
        )
    for step in _SCRATCH:
        engine.drop(f"sim_{step}")


def write(engine: Engine, folder: Path, file_format: str = "csv") -> None:
    """Write the made tables into the folder: one file an extract, and truth.parquet.

    Every file is in the order of its ids. The folder exists, and the engine may write
    to it.
    """
    if file_format not in FORMATS:
        raise UsageError(f"The format is {file_format}; csv or parquet is expected.")
    for extract in EXTRACTS:
        select = f"select * from sim_{extract} order by {_ORDERS[extract]}"
        path = folder / f"{extract}.{file_format}"
        if file_format == "parquet":
            engine.write_parquet(select, path)
        else:
            target = str(path).replace("'", "''")
            engine.execute(f"copy ({select}) to '{target}' (format csv, header)")
    truth = f"select * from sim_truth order by {_ORDERS['truth']}"
    engine.write_parquet(truth, folder / "truth.parquet")


def _parameters(scenario: Scenario) -> dict[str, Any]:
    cluster, change = scenario.cluster, scenario.change
    digest = hashlib.sha256(str(scenario.seed).encode()).digest()
    return {
        "seed": int.from_bytes(digest[:4], "big"),
        "patients": scenario.patients,
        "people": scenario.patients + (cluster.cases if cluster else 0),
        "sites": scenario.sites,
        "as_of": scenario.as_of,
        "data_start": scenario.data_start,
        "span_days": (scenario.as_of - scenario.data_start).days + 1,
        "underdosed": scenario.underdosed,
        "nonadherent": scenario.nonadherent,
        "other_diagnosis": scenario.other_diagnosis,
        "lost": scenario.lost,
        "tested": scenario.tested,
        "reporting_delay": scenario.reporting_delay,
        "cluster_site": cluster.site if cluster else "",
        "cluster_from": cluster.month if cluster else scenario.as_of,
        "change_from": change.month if change else scenario.as_of + timedelta(days=1),
    }
