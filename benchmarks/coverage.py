"""How often the intervals of a run hold the share of a network 200 times as large."""

from dataclasses import dataclass

import numpy as np

from benchmarks.pools import Pool
from benchmarks.tallies import Tally
from pipeline import seeds
from pipeline.statistics.proportions import clopper_pearson

TIMES = 200
"""How many times larger the network is from which the expected share is taken."""


@dataclass(frozen=True)
class Coverage:
    """How many of the runs' intervals hold the expected share; runs without a patient
    have no interval and are left out."""

    population: str
    definition: str
    expected: float
    evaluable: float
    """Patients of the year in a run, on average."""
    covered: Tally


def study(pool: Pool, runs: int, seed: int) -> list[Coverage]:
    """The coverage in the last complete year, a row a population and definition.

    A run is a network of 1/200 of the pool's patients, drawn without replacement; runs
    share patients with one another.
    """
    populations = seeds.read("populations")["population"].tolist()
    picks = pool.picks("year", populations)
    picks = picks[picks["patient"] <= pool.scenario.patients]
    groups = [*picks.groupby(["population", "definition"])]
    random = np.random.default_rng(seed)
    counts = np.zeros((len(groups), runs, 2), dtype="int64")
    for run in range(runs):
        is_drawn = np.zeros(pool.scenario.patients, dtype=bool)
        size = pool.scenario.patients // TIMES
        is_drawn[random.choice(pool.scenario.patients, size, replace=False)] = True
        for place, (_, rows) in enumerate(groups):
            is_mine = is_drawn[rows["patient"].to_numpy() - 1]
            is_case = rows["is_numerator"].to_numpy()[is_mine]
            counts[place, run] = is_mine.sum(), is_case.sum()
    return [
        _covered(*key, float(rows["is_numerator"].mean()), *counts[place].T)
        for place, (key, rows) in enumerate(groups)
    ]


def _covered(population, definition, expected: float, n, k) -> Coverage:
    low, high = clopper_pearson(k[n > 0], n[n > 0])
    is_covered = (low <= expected) & (expected <= high)
    tally = Tally(int(is_covered.sum()), len(is_covered))
    return Coverage(population, definition, expected, float(n.mean()), tally)
