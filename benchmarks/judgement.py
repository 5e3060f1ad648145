"""Whether the signals find what they should, on simulated networks whose truth is known.

    python -m benchmarks.judgement                        all three studies
    python -m benchmarks.judgement --studies coverage     one of them
    python -m benchmarks.judgement --seed 8               other networks

Prints Markdown tables, k of n with an exact interval, and then every bound with whether it
was reached. Ends with 1 where one was missed. `docs/validation.md` says what was measured.
"""

import argparse
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from benchmarks import clustering, coverage, detection
from benchmarks.detection import Change, Detection
from benchmarks.pools import classified
from pipeline import simulate

STUDIES = ("detection", "clusters", "coverage")
MONTHS = 66
"""As many as a run's charts look back on the last day of June."""

WATCHED_13 = detection.parameters_of_a_whole_report()["chart_history_months"] + 13
"""The 13th month that is watched: the first 24 are the own history."""

CHANGES = (
    Change(2, WATCHED_13),
    Change(3, WATCHED_13),
    Change(4, WATCHED_13),
    Change(2, WATCHED_13 - 12),
    Change(2, 13),
)
"""The last two: from the first month watched, and from month 13 of the data."""

HIV_PATIENTS = 280_000
SIZES = {20: 100, 40: 100, 60: 100, 120: 50}
"""Evaluable patients a month, and networks drawn: as many as there are patients for."""

JUDGED_SIZE = 60
PATIENTS = 1_000_000
CLUSTER_RUNS = 200
CLUSTER_MONTH = date(2026, 2, 1)
COVERAGE_RUNS = 500
EXTRA_CASES = (3, 4, 5, 6, clustering.CASES)

LEAST_SIGNALLED, LEAST_FOUND, LEAST_COVERED = 0.85, 0.90, 0.93
POISSON_LEVEL = 0.01


@dataclass(frozen=True)
class Bound:
    """What was to be reached, what was, and whether that is enough."""

    what: str
    reached: str
    is_met: bool


def detection_bounds(found: Sequence[Detection], size: int) -> Iterator[Bound]:
    """The bounds on networks of the size: the doubling signalled, false alarms."""
    for each in found:
        if each.size == size and each.change == CHANGES[0]:
            tally = each.signalled[detection.BY_MONTH]
            yield Bound(
                f"a doubling is signalled in at least {LEAST_SIGNALLED:.0%}, in a month "
                "that began within twelve of it",
                str(tally),
                tally.share >= LEAST_SIGNALLED,
            )
        if each.size == size:
            for chart, alarms in each.false_alarms.items():
                yield Bound(
                    f"false alarms, {_named(chart)}: not above the stated rate at "
                    f"{POISSON_LEVEL:.0%}",
                    str(alarms),
                    alarms.p > POISSON_LEVEL,
                )


def cluster_bounds(found: Sequence[clustering.Clustering]) -> Iterator[Bound]:
    """The bound on the extra cases of a cluster."""
    for each in found:
        if each.cases == clustering.CASES:
            yield Bound(
                f"{each.cases} extra cases are found in at least {LEAST_FOUND:.0%}",
                str(each.found),
                each.found.share >= LEAST_FOUND,
            )


def coverage_bounds(found: Sequence[coverage.Coverage]) -> Iterator[Bound]:
    """The bound on the intervals of every population and definition."""
    for each in found:
        yield Bound(
            f"{each.population}, {each.definition}: covered in at least "
            f"{LEAST_COVERED:.0%}",
            str(each.covered),
            each.covered.share >= LEAST_COVERED,
        )


def _detection(seed: int) -> list[Bound]:
    found = detection.study(HIV_PATIENTS, MONTHS, CHANGES, SIZES, seed)
    print("\n| evaluable a month | odds | from month | charts | signalled |")
    print("|---|---|---|---|---|")
    for each in sorted(found, key=lambda each: each.size):
        for chart, tally in each.signalled.items():
            change = f"x{each.change.odds:g} | {each.change.from_month}"
            print(f"| {each.evaluable:.1f} | {change} | {_named(chart)} | {tally} |")
    print("\n| evaluable a month | charts | false alarms |\n|---|---|---|")
    for each in sorted(found, key=lambda each: each.size):
        for chart, alarms in each.false_alarms.items():
            print(f"| {each.evaluable:.1f} | {_named(chart)} | {alarms} |")
        if each.against_known_share:
            known = each.against_known_share
            print(f"| {each.evaluable:.1f} | case against the known share | {known} |")
    return [*detection_bounds(found, JUDGED_SIZE)]


def _clusters(pool, seed: int) -> list[Bound]:
    found = clustering.study(pool, CLUSTER_RUNS, EXTRA_CASES, seed)
    print("\n| extra cases | judged to be cases | found | other sites to review |")
    print("|---|---|---|---|")
    for each in found:
        counted = f"{each.cases} | {each.flagged}"
        print(f"| {counted} | {each.found} | {each.elsewhere} |")
    return [*cluster_bounds(found)]


def _coverage(pool, seed: int) -> list[Bound]:
    found = coverage.study(pool, COVERAGE_RUNS, seed)
    print("\n| population | definition | expected | patients | covered |")
    print("|---|---|---|---|---|")
    for each in found:
        counted = f"{each.expected:.2%} | {each.evaluable:.0f}"
        print(f"| {each.population} | {each.definition} | {counted} | {each.covered} |")
    return [*coverage_bounds(found)]


def run(studies: Sequence[str], seed: int) -> int:
    """Print the studies and their bounds; the exit code, 1 where a bound was missed."""
    started, bounds = time.monotonic(), []
    if "detection" in studies:
        bounds += _detection(seed)
    if {"clusters", "coverage"} & set(studies):
        extra = clustering.CASES * CLUSTER_RUNS
        cluster = simulate.Cluster("s01", CLUSTER_MONTH, extra)
        scenario = simulate.Scenario(patients=PATIENTS, seed=seed, cluster=cluster)
        with classified(scenario) as pool:
            if "clusters" in studies:
                bounds += _clusters(pool, seed)
            if "coverage" in studies:
                bounds += _coverage(pool, seed)
    print()
    for bound in bounds:
        print(
            f"{'reached' if bound.is_met else 'MISSED'}: {bound.what}: {bound.reached}"
        )
    print(f"{time.monotonic() - started:.0f} s")
    return 0 if all(bound.is_met for bound in bounds) else 1


def _named(chart) -> str:
    return chart if isinstance(chart, str) else f"{chart[0]} against {chart[1]}"


def main() -> None:
    """Run what is asked for on the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.judgement",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--studies", nargs="+", choices=STUDIES, default=STUDIES)
    parser.add_argument("--seed", type=int, default=7, help="of the simulated networks")
    asked = parser.parse_args()
    raise SystemExit(run(asked.studies, asked.seed))


if __name__ == "__main__":
    main()
