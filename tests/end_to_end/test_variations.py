"""Parameters varied one at a time (report, question 6)."""

import pandas as pd
import pytest

from pipeline import seeds
from tests.end_to_end.conftest import Published, publish, settings, walk
from tests.end_to_end.deliveries import a_bit_of_everything

SEED = seeds.read("variations").set_index("variation")
EVERY_TIME = ("window_from_10", "gap_7", "other_guidance")
"""One that changes classes alone, one that changes courses, one that changes doses."""

OF_PARAMETERS = [
    pytest.param(name, marks=() if name in EVERY_TIME else pytest.mark.long)
    for name in SEED.index
    if SEED.loc[name, "parameter"]
]


def counted(rates: pd.DataFrame) -> dict[str, tuple[int, int, str]]:
    """N, k and the verdict of a run's own rates, by baseline."""
    found = rates[
        (rates["definition"] == "case")
        & (rates["rule"] == "headline")
        & (rates["unit"] == "patient")
        & (rates["syndrome"] == "hsv")
        & (rates["window_end"] == rates["as_of"])
        & (rates["baseline_id"] != "")
    ]
    return {row.baseline_id: (row.n, row.k, row.verdict) for row in found.itertuples()}


def varied(run: Published, variation: str) -> dict[str, tuple[int, int, str]]:
    """N, k and the verdict that the run's table of variations states, by baseline."""
    rows = run.table("variations")
    rows = rows[rows["variation"] == variation]
    return {row.baseline_id: (row.n, row.k, row.verdict) for row in rows.itertuples()}


def test_what_varies_nothing_is_the_run_itself(network_run):
    assert varied(network_run, "as_given") == counted(network_run.table("rates"))


@pytest.mark.parametrize("variation", OF_PARAMETERS)
def test_a_variation_counts_as_a_run_that_is_set_so(
    variation, network, network_run, tmp_path
):
    name, value = SEED.loc[variation, ["parameter", "value"]]
    changed = settings(**{name: value})
    found = walk(network, tmp_path, settings=changed, dry_run=True)
    assert varied(network_run, variation) == counted(found.rates)


def test_every_way_of_counting_is_in_the_table(network_run):
    rows = network_run.table("variations")
    assert set(rows["variation"]) == set(SEED.index)
    given = rows[rows["variation"] == "as_given"].set_index("baseline_id")
    for row in rows.itertuples():
        assert row.is_changed == (row.verdict != given.loc[row.baseline_id, "verdict"])


def test_left_out_and_counted_in_move_the_counts_the_right_way(network_run):
    def sums(variation: str) -> pd.Series:
        rows = network_run.table("variations")
        return rows[rows["variation"] == variation][["n", "k"]].sum()

    given = sums("as_given")
    assert sums("short_responses_out")["n"] < given["n"]
    assert sums("short_responses_out")["k"] == given["k"]
    watched = sums("watched_failed") - given
    assert 0 <= watched["n"] <= watched["k"]
    assert sums("outside_counted")["k"] >= given["k"]


def test_a_delivery_above_the_limit_says_that_nothing_was_varied(tmp_path):
    extracts = a_bit_of_everything().write(tmp_path / "extracts")
    changed = settings(varied=True, vary_up_to_prescriptions=3)
    run = publish(extracts, tmp_path / "out", settings=changed)
    assert run.table("variations").empty
    assert "vary_up_to_prescriptions" in run.page().text
