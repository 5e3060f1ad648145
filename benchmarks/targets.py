"""The targets of a whole run on two cores, and what the records say of each."""

from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.records import Case, Results

MILLION = 1_000_000
LARGE, LARGEST, SMALL = 10 * MILLION, 50 * MILLION, MILLION
TIMES_FLOOR = 10
PEAK_MIB = 2048
TIMES_LARGE = 6
LIMIT, OVER_LIMIT_MIB = "4GB", 0.6 * 1000**3 / 1024**2
LIMIT_MIB = 4 * 1000**3 / 1024**2
LOW_LIMIT = "2GB"
GROWTH = 1.15
TIMES_PARQUET = 2.5
RECEPTION_SHARE = 0.2
DEMO_SECONDS, HELP_SECONDS = 8, 0.3
PEERS = {"pandas": 4, "polars": 1.3, "spark": 8}


@dataclass(frozen=True)
class Target:
    """What is wanted, and what was found; ``is_met`` is None where it was not."""

    what: str
    wanted: str
    found: str = ""
    is_met: bool | None = None

    @property
    def verdict(self) -> str:
        """Reached, not reached, or nothing."""
        return {None: "", True: "reached", False: "not reached"}[self.is_met]


def reached(results: Results) -> Iterator[Target]:
    """Every target in the order of the specification."""
    large = Case("run", "run", LARGE)
    limited = Case("run", "run", LARGEST, limit=LIMIT)
    floor = Case("floor", "floor", LARGE)
    yield _most("10 million, times the floor", TIMES_FLOOR, results.ratio(large, floor))
    peak = results.median(large, "peak_mib")
    yield _most("10 million, peak memory", PEAK_MIB, peak, " MiB", 0)
    yield _most(
        f"50 million under {LIMIT}, times the 10 million run",
        TIMES_LARGE,
        results.ratio(limited, large),
    )
    peak = results.median(limited, "peak_mib")
    most = LIMIT_MIB + OVER_LIMIT_MIB
    yield _most(f"50 million under {LIMIT}, peak memory", most, peak, " MiB", 0)
    yield _finishes(results, Case("run", "run", LARGEST, limit=LOW_LIMIT))
    growth = results.ratio(results.freest(LARGEST), Case("run", "run", SMALL))
    most = LARGEST / SMALL * GROWTH
    yield _most("growth of wall from 1 to 50 million", most, growth)
    csv = Case("run", "run", LARGE, "csv")
    yield _most(
        "10 million, CSV over Parquet", TIMES_PARQUET, results.ratio(csv, large)
    )
    yield _reception(results, large)
    for name, what, most in (
        ("demo", "the demo, start to both reports", DEMO_SECONDS),
        ("help", "`--help`", HELP_SECONDS),
    ):
        wall = results.median(Case("start", name), "wall")
        yield _most(what, most, wall, " s", 2)
    yield from _peers(results)


def _most(
    what: str, most: float, found: float | None, unit: str = "", digits: int = 1
) -> Target:
    wanted = f"at most {most:,.{0 if most >= 100 else 1}f}{unit}"
    if found is None:
        return Target(what, wanted)
    return Target(what, wanted, f"{found:,.{digits}f}{unit}", found <= most)


def _finishes(results: Results, case: Case) -> Target:
    what = f"50 million finishes under {case.limit}"
    if str(case) in results.failed:
        return Target(what, "yes", "no", False)
    return Target(what, "yes", "yes", True) if results.of(case) else Target(what, "yes")


def _reception(results: Results, case: Case) -> Target:
    """The stage that holds the contracts: it reads, hashes and types as well."""
    stages = results.stages(case)
    share = stages["extracts"] / sum(stages.values()) if stages else None
    what = "10 million, share of the stage `extracts` (contracts, and all reading)"
    wanted = f"contracts alone at most {RECEPTION_SHARE:.0%}"
    if share is None:
        return Target(what, wanted)
    is_met = True if share <= RECEPTION_SHARE else None
    return Target(what, wanted, f"{share:.0%}", is_met)


def _peers(results: Results) -> Iterator[Target]:
    for name, least in PEERS.items():
        cases = [case for case in results.cases("peer") if case.name == name]
        largest = cases[-1] if cases else None
        ratio = None
        if largest:
            ratio = results.ratio(largest, Case("peer", "duckdb", largest.size))
        what = f"the same work, {name} over ours"
        wanted = f"at least {least} times"
        if ratio is None:
            yield Target(what, wanted)
        else:
            found = f"{ratio:.2f} times at {largest.size:,}"
            yield Target(what, wanted, found, ratio >= least)
