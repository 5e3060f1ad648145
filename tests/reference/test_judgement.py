"""The signals on small simulated networks: what `benchmarks.judgement` shows on large ones.

The bounds are those of the benchmark. So few networks cannot show a share of 85 or 90
percent: a test fails only where chance would leave so few in one of 1,000 attempts, and the
seeds are fixed. `docs/validation.md` has the numbers of the whole benchmark.
"""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from scipy import stats

from benchmarks import clustering, coverage, detection, judgement
from benchmarks.defaults import defaults
from benchmarks.pools import classified, drawn
from benchmarks.tallies import Alarms, Tally
from pipeline import monitoring, seeds, simulate
from pipeline.statistics.rates import read_baselines

LEVEL = 0.001
NETWORKS, SIZE = 10, 60
RUNS = 3


def may_be(tally: Tally, least: float) -> bool:
    """Whether a true share of ``least`` would leave so few, or fewer, now and then."""
    return stats.binom.cdf(tally.k, tally.n, least) > LEVEL


@pytest.fixture(scope="module")
def detected():
    """Unchanged, and with the odds doubled; 52 months are enough for both."""
    doubled = judgement.CHANGES[0]
    return detection.study(22_500, 52, [doubled], {SIZE: NETWORKS}, seed=7)


@pytest.fixture(scope="module")
def pool():
    extra = clustering.CASES * RUNS
    cluster = simulate.Cluster("s01", judgement.CLUSTER_MONTH, extra)
    with classified(simulate.Scenario(patients=12_000, cluster=cluster)) as made:
        yield made


def test_a_doubling_of_the_odds_is_signalled(detected):
    [tally] = [each.signalled["any"] for each in detected if each.change.odds == 2]
    assert tally.n == NETWORKS
    assert may_be(tally, judgement.LEAST_SIGNALLED)


def test_false_alarms_are_not_above_the_stated_rate(detected):
    [unchanged] = [each for each in detected if each.change.odds == 1]
    for alarms in unchanged.false_alarms.values():
        assert alarms.months > 0
        assert alarms.p > LEVEL


def test_the_networks_have_the_size_that_was_asked_for(detected):
    for each in detected:
        assert each.evaluable == pytest.approx(SIZE, rel=0.02)


def test_extra_cases_at_a_site_are_found(pool):
    [found] = clustering.study(pool, RUNS, [clustering.CASES], seed=7)
    assert found.evaluable == pytest.approx(clustering.EVALUABLE_A_YEAR, rel=0.05)
    assert may_be(found.found, judgement.LEAST_FOUND)
    assert found.flagged.n == RUNS * clustering.CASES
    assert found.flagged.k <= found.flagged.n


def test_clusters_are_those_of_a_run(pool):
    """The studies draw sites; of the network as it is they must say what a run says."""
    ours = clustering.Sited.of(pool)
    rolling = next(each for each in pool.counted if each.kind == "rolling")
    monthly = pool.engine.frame("select * from monthly_counts order by all")
    baselines = read_baselines(seeds.read("baselines"), defaults())
    found = monitoring.monitored(
        pool.engine,
        monthly,
        rolling,
        baselines,
        defaults(),
        is_judged=True,
        is_under_tested=True,
    )
    assert (found.clusters["finding"] == "review").any()
    assert_frame_equal(ours.clusters(), found.clusters)


def test_intervals_cover_the_share_of_the_larger_network(pool):
    found = coverage.study(pool, 100, seed=7)
    populations = set(seeds.read("populations")["population"])
    assert {(each.population, each.definition) for each in found} == {
        (population, definition)
        for population in populations
        for definition in ("case", "confirmed")
    }
    assert all(may_be(each.covered, judgement.LEAST_COVERED) for each in found)


def test_patients_rows_that_do_not_add_up_are_refused(pool):
    pool.engine.execute("update monthly_counts set k = k + 1 where population = 'hiv'")
    with pytest.raises(ValueError, match="add up"):
        pool.picks("month", ["hiv"])
    pool.engine.execute("update monthly_counts set k = k - 1 where population = 'hiv'")
    assert len(pool.picks("month", ["hiv"]))


def test_networks_share_no_patient():
    members = drawn(10, networks=3, size=3, seed=7)
    assert sorted(members.tolist()) == [-1, 0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert not np.array_equal(members, drawn(10, networks=3, size=3, seed=8))
    with pytest.raises(ValueError, match="cannot be drawn"):
        drawn(10, networks=3, size=4, seed=7)


def test_the_run_length_is_that_of_a_report_of_all_populations():
    """Nine populations have two definitions, six baselines too; 12 months a chart."""
    values = detection.parameters_of_a_whole_report()
    assert values["chart_run_length_months"] == 12 * 2 * (9 + 6)


@pytest.mark.parametrize(("found", "stated"), [(0, 3.0), (4, 3.5), (20, 10.0)])
def test_false_alarms_are_tested_by_poisson(found, stated):
    alarms = Alarms(found, stated, months=100)
    assert alarms.p == pytest.approx(stats.poisson.sf(found - 1, stated))


def test_a_missed_bound_is_said():
    none = Tally(0, 1)
    few = clustering.Clustering(clustering.CASES, 30.0, none, Tally(89, 100), none)
    enough = replace(few, found=Tally(90, 100))
    assert [each.is_met for each in judgement.cluster_bounds([few, enough])] == [0, 1]
    row = coverage.Coverage("hiv", "case", 0.06, 60.0, Tally(464, 500))
    rows = [row, replace(row, covered=Tally(465, 500))]
    assert [each.is_met for each in judgement.coverage_bounds(rows)] == [0, 1]


def test_an_alarm_counts_when_its_month_is_mature():
    """November's patients are judged in January, 35 days after its last day."""
    months = [date(2024, 10, 1), date(2024, 11, 1)]
    rows = pd.DataFrame(
        {
            "month": pd.to_datetime(months),
            "definition": "case",
            "chart": ["history", "baseline"],
            "is_alarm": True,
        }
    )
    first = pd.Timestamp(2024, 1, 1)
    known = detection.alarms_in_time(rows, first, is_known=True)
    assert known == {("case", "history")}
    begun = detection.alarms_in_time(rows, first, is_known=False)
    assert begun == {("case", "history"), ("case", "baseline")}
