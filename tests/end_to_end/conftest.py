"""Runs that the tests of this folder share: what is published once is read by many."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from pipeline import demonstration, resources, run, seeds, simulate
from pipeline.engines.duck import Duck
from pipeline.settings import Settings, resolve
from tests.end_to_end.deliveries import AS_OF, read_csv, write_csv
from tests.end_to_end.pages import Page, read_page

UNVARIED = {"vary_up_to_prescriptions": 0}
"""Of a delivery of any size, nothing is varied."""


@dataclass(frozen=True)
class Published:
    """A published run: where its delivery lies, and its folder."""

    extracts: Path
    out: Path
    folder: Path
    result: run.Result

    def table(self, name: str) -> pd.DataFrame:
        """A table of the run, in the order that it was written in."""
        path = self.folder / f"restricted/tables/{name}.parquet"
        with duckdb.connect() as connection:
            return connection.read_parquet(str(path)).df()

    def manifest(self) -> dict[str, Any]:
        """What the run's manifest says."""
        return json.loads((self.folder / "manifest.json").read_text("utf-8"))

    def page(self) -> Page:
        """The report as a reader finds it."""
        return read_page(self.folder / "restricted/report.html")


def settings(*, varied: bool = False, **changes: Any) -> Settings:
    """The configuration of the seeds with these keys changed, as a file would say.

    Parameters are varied one at a time where a test asks for it: such a run classifies
    its courses once more for every row of the seed of variations.
    """
    asked = changes if varied else UNVARIED | changes
    overrides = {name: str(value) for name, value in asked.items()}
    return resolve(
        seeds.read("parameters"), file=None, environment={}, overrides=overrides
    )


def walk(extracts: Path, out: Path, **asked: Any) -> run.Result:
    """The result of a run; what is not asked for is as `settings` leaves it."""
    given = {"as_of": AS_OF, "settings": settings()} | asked
    request = run.Request(extracts=extracts, out=out, **given)
    return run.run(request, progress=lambda step: None)


def publish(extracts: Path, out: Path, **asked: Any) -> Published:
    """A run and where it was published."""
    result = walk(extracts, out, **asked)
    assert result.folder is not None
    return Published(extracts, out, result.folder, result)


def spoil(monkeypatch, table: str, statement: str) -> None:
    """Let the engine run the statement whenever it has made the table."""
    sound = Duck.create

    def create(engine, name, *given, **further):
        sound(engine, name, *given, **further)
        if name == table:
            engine.execute(statement.format(table=table))

    monkeypatch.setattr(Duck, "create", create)


@pytest.fixture(scope="session")
def network(tmp_path_factory) -> Path:
    """The CSV delivery of a simulated network with every disposition and every list.

    600 patients at 5 sites; half of the compromised carry resistant virus, so that the
    lists are long. A few rows are added that are not accepted, or belong to no course.
    """
    folder = tmp_path_factory.mktemp("network") / "extracts"
    compromised = [row for row in _simulated_populations() if row != "immunocompetent"]
    scenario = simulate.Scenario(
        patients=600,
        sites=5,
        as_of=AS_OF,
        lost=0.2,
        resistance=dict.fromkeys(compromised, 0.5),
    )
    demonstration.simulate_network(folder, scenario, "csv")
    (folder / "truth.parquet").unlink()
    _add_what_is_not_accepted(folder)
    return folder


def _simulated_populations() -> list[str]:
    path = resources.path("seeds", "simulation_populations.csv")
    return [row["population"] for row in read_csv(path)]


def _add_what_is_not_accepted(folder: Path) -> None:
    visits = read_csv(folder / "followups.csv")
    visits += visits[:2]
    visits += [
        visits[2] | {"followup_id": "quarantined", "lesion_status": "unlisted"},
        visits[3] | {"followup_id": "deferred", "visit_date": "2026-08-01"},
    ]
    write_csv(folder / "followups.csv", list(visits[0]), visits)
    results = read_csv(folder / "labs.csv")
    results += [
        results[0] | {"lab_id": "out_of_scope", "test": "potassium"},
        dict.fromkeys(results[0], "")
        | {
            "lab_id": "unattached",
            "patient_id": "nobody-treated",
            "collected_date": "2026-05-01",
            "resulted_date": "2026-05-15",
            "test": "acyclovir_susceptibility",
            "result": "resistant",
        },
    ]
    write_csv(folder / "labs.csv", list(results[0]), results)


@pytest.fixture(scope="session")
def network_run(network, tmp_path_factory) -> Published:
    """The published run of the simulated network."""
    out = tmp_path_factory.mktemp("network_run")
    return publish(network, out, settings=settings(varied=True))
