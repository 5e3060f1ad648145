"""The page of a large network stays small: report.md, "Under 1.5 MB for a network of 40
sites and 300 line-list rows"."""

import pytest

from pipeline import demonstration, simulate
from tests.end_to_end.conftest import publish
from tests.end_to_end.deliveries import AS_OF, read_csv

LIMIT = 1_500_000
ROWS = 300


@pytest.mark.long
def test_the_page_of_forty_sites_and_three_hundred_rows_is_small(tmp_path):
    """The demo's network with as many patients as it takes for the line list."""
    scenario = simulate.Scenario(patients=90_000, sites=40, as_of=AS_OF)
    demonstration.simulate_network(tmp_path / "network", scenario, "parquet")
    run = publish(tmp_path / "network", tmp_path / "out")
    lines = read_csv(run.folder / "restricted/line_list.csv")
    assert len(lines) >= ROWS
    assert run.table("sites")["site_id"].nunique() >= 40
    page = run.folder / "restricted/report.html"
    assert page.stat().st_size < LIMIT
