"""Whether cases close together at one site are found, and how often others are.

A site is a set of whole patients drawn from a classified network: sites of a simulation
differ in size and in nothing else. Extra cases are the patients of a simulated cluster.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from benchmarks.defaults import defaults
from benchmarks.pools import Pool, drawn
from benchmarks.tallies import Tally
from pipeline import models, person_level
from pipeline.statistics import clusters

POPULATION = "all"
SITES = 40
EVALUABLE_A_YEAR = 30
CASES = 8
"""Extra cases at the site, begun within 28 days."""

_EVALUABLE = """
    select
        patients.patient_id,
        courses.site_id,
        courses.risk_group,
        patient_picks.is_numerator
    from patient_picks
    inner join courses on patient_picks.course_key = courses.course_key
    inner join patients on courses.patient_key = patients.patient_key
    where
        patient_picks.population = $population
        and patient_picks.definition = 'case'
        and patient_picks.is_in_rate
"""
_CASES = """
    select courses.patient_id, courses.site_id, followed_courses.flag_date
    from population_cases
    inner join courses on population_cases.course_key = courses.course_key
    inner join followed_courses
        on population_cases.course_key = followed_courses.course_key
    where
        population_cases.population = $population
        and followed_courses.flag_date between $first and $last
"""


@dataclass(frozen=True)
class Clustering:
    """What was found of so many extra cases, and what else the screen asked to review."""

    cases: int
    evaluable: float
    """Evaluable patients a year at a site, as counted, the extra cases apart."""
    flagged: Tally
    """Of the extra patients, those who were judged to be cases."""
    found: Tally
    elsewhere: Tally
    """Of the sites without extra cases in these networks, those with a review."""


@dataclass(frozen=True)
class Sited:
    """The patients of the rolling window who count, and the cases flagged in it."""

    evaluable: pd.DataFrame
    cases: pd.DataFrame
    window: person_level.Window

    @classmethod
    def of(cls, pool: Pool) -> "Sited":
        """The rows of the network as it was simulated, at its own sites."""
        engine = pool.engine
        followed = models.read("followed/followed_courses")
        person_level.make(engine, followed, pool.parameters)
        window = next(each for each in pool.counted if each.kind == "rolling")
        asked = {"population": POPULATION, "first": window.start, "last": window.end}
        return cls(engine.frame(_EVALUABLE, asked), engine.frame(_CASES, asked), window)

    def at(self, site_of: np.ndarray) -> "Sited":
        """The same with the sites given, by patient number; -1 leaves a patient out."""
        return Sited(
            _sited(self.evaluable, site_of), _sited(self.cases, site_of), self.window
        )

    def clusters(self) -> pd.DataFrame:
        """What `pipeline.monitoring` makes of such rows: a row a cluster."""
        values = defaults()
        n_days = (self.window.end - self.window.start).days + 1
        counted = max(1, n_days - int(values["maturity_days"]))
        counts = self.evaluable.groupby(
            ["site_id", "risk_group"], as_index=False, dropna=False
        )["is_numerator"].agg(n="size", k="sum")
        expected = clusters.at_network_rate(counts, n_days / counted)
        sited = self.cases[self.cases["site_id"].notna()]
        return clusters.clusters(sited, expected.assign(n_days=n_days), values)


def study(pool: Pool, runs: int, numbers: Sequence[int], seed: int) -> list[Clustering]:
    """What is found in each of ``runs`` networks, for each number of extra cases.

    The pool's cluster has `CASES` cases for every run; a smaller number takes the first
    of them. A network has `SITES` sites of `EVALUABLE_A_YEAR` patients a year.
    """
    patients = pool.scenario.patients
    year = pool.picks("year", [POPULATION])
    year = year[(year["definition"] == "case") & (year["patient"] <= patients)]
    size = round(EVALUABLE_A_YEAR * patients / len(year))
    place = drawn(patients, runs * SITES, size, seed)
    evaluable = float((place[year["patient"].to_numpy() - 1] >= 0).sum())
    whole = Sited.of(pool)
    return [
        _found(whole, place, runs, number, evaluable / (runs * SITES))
        for number in numbers
    ]


def _found(whole: Sited, place: np.ndarray, runs: int, number: int, evaluable: float):
    extra = np.full(runs * CASES, -1)
    flagged = found = elsewhere = 0
    for run in range(runs):
        # -1, in no network, lies below the first: -1 // SITES is -1
        site_of = np.where(place // SITES == run, place % SITES, -1)
        mine = extra.copy()
        mine[run * CASES : run * CASES + number] = 0  # the first site
        drawn_run = whole.at(np.concatenate([site_of, mine]))
        reviewed = drawn_run.clusters()
        reviewed = reviewed[reviewed["finding"] == clusters.REVIEW]
        patients = _numbers(drawn_run.cases)
        flagged += patients[patients > len(place)].nunique()
        found += _is_found(drawn_run, reviewed, len(place))
        elsewhere += reviewed.loc[reviewed["site_id"] != 0, "site_id"].nunique()
    return Clustering(
        number,
        evaluable,
        flagged=Tally(flagged, runs * number),
        found=Tally(found, runs),
        elsewhere=Tally(elsewhere, runs * (SITES - 1)),
    )


def _is_found(drawn_run: Sited, reviewed: pd.DataFrame, patients: int) -> bool:
    """Whether a cluster to review holds two or more of the extra cases."""
    members = clusters.members(drawn_run.cases, defaults())
    is_extra = _numbers(members) > patients
    held = members[is_extra & members["cluster"].isin(reviewed["cluster"])]
    return bool((held.groupby("cluster")["patient_id"].nunique() >= 2).any())


def _numbers(rows: pd.DataFrame) -> pd.Series:
    return rows["patient_id"].str.slice(1).astype("int64")


def _sited(rows: pd.DataFrame, site_of: np.ndarray) -> pd.DataFrame:
    site = site_of[_numbers(rows).to_numpy() - 1]
    return rows[site >= 0].assign(site_id=site[site >= 0])
