"""An invented hospital network whose truth is known; knows nothing of contracts.

Everything is drawn from a seed by integer arithmetic of our own, so the same scenario
gives the same rows whatever the thread count or the engine's version.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Protocol

import pandas as pd

from pipeline import resources
from pipeline.errors import UsageError

EXTRACTS = (
    "prescriptions",
    "followups",
    "immune_status",
    "labs",
    "clinical_events",
    "patients",
)
FORMATS = ("csv", "parquet")
MAX_PATIENTS = 100_000_000
"""More would share the draws of their courses: the word that is mixed has 32 bits."""

_SEEDED = ("healing", "visits", "tests", "values", "events", "companions")
_STEPS = ("people", "episodes", "planned", "courses", *EXTRACTS, "truth")
_SCRATCH = ("people", "episodes", "planned", "courses")
_ORDERS = {
    "prescriptions": "prescription_id",
    "followups": "followup_id",
    "immune_status": "patient_id, condition, from_date",
    "labs": "lab_id",
    "clinical_events": "event_id",
    "patients": "patient_id",
    "truth": "patient_id, start_date",
}

# Draws: multiplicative mixing of 32-bit words in 64-bit integers, which cannot overflow.
# DuckDB's own hash() may change between versions, random() between thread counts. A row's
# entropy is mixed well once, so a draw from it can be short, which planning is glad of.
_MACROS = (
    """create or replace macro mixed(word, shift, factor) as
    (xor(word, word >> shift) * factor) & 4294967295::ubigint""",
    """create or replace macro entropy(seed, number) as
    mixed(
        mixed(
            mixed(
                xor(
                    (number::ubigint & 4294967295::ubigint)
                    * 2127912213::ubigint & 4294967295::ubigint,
                    seed::ubigint
                ),
                16::ubigint, 2146121005::ubigint
            ),
            15::ubigint, 2221713035::ubigint
        ),
        16::ubigint, 668265263::ubigint
    )""",
    """create or replace macro part(entropy, number) as
    mixed(
        mixed(
            (entropy + number::ubigint * 2654435769::ubigint) & 4294967295::ubigint,
            16::ubigint, 2146121005::ubigint
        ),
        15::ubigint, 2221713035::ubigint
    )""",
    # the purpose's digest is a constant by the time that rows are read
    """create or replace macro uniform(entropy, purpose) as
    (
        (
            (
                (
                    entropy * cast(
                        md5_number_upper(purpose) % 2147483648::uhugeint * 2 + 1
                        as ubigint
                    ) >> 13::ubigint
                ) & 4294967295::ubigint
            ) * 2246822519::ubigint
            + cast(md5_number_lower(purpose) % 4294967296::uhugeint as ubigint)
        ) >> 15::ubigint & 4294967295::ubigint
    ) / 4294967296::double""",
    """create or replace macro whole(entropy, purpose, lowest, highest) as
    cast(
        lowest + floor(uniform(entropy, purpose) * (highest - lowest + 1))
        as integer
    )""",
    """create or replace macro slot_of(entropy, purpose, slots) as
    cast(floor(uniform(entropy, purpose) * slots) as integer)""",
    # the square of a draw has a mean of a third: most rows come soon, few come late
    """create or replace macro lag_days(entropy, purpose, mean_days) as
    cast(
        floor(
            uniform(entropy, purpose) * uniform(entropy, purpose)
            * 3 * mean_days
        ) as integer
    )""",
    """create or replace macro written(number, places) as
    case places
        when 0 then cast(cast(round(number, 0) as integer) as varchar)
        when 1 then cast(cast(round(number, 1) as decimal(9, 1)) as varchar)
        else cast(cast(round(number, 2) as decimal(9, 2)) as varchar)
    end""",
)


class Engine(Protocol):
    """What a simulation asks of the engine that it is given."""

    def execute(self, sql: str, parameters: Mapping[str, Any] | None = None) -> None: ...

    def load(self, table: str, frame: pd.DataFrame) -> None: ...

    def write_parquet(
        self, select: str, path: Path, parameters: Mapping[str, Any] | None = None
    ) -> None: ...

    def drop(self, table: str) -> None: ...


@dataclass(frozen=True)
class Cluster:
    """Extra resistant cases at one site, begun within 28 days of the month's first."""

    site: str
    month: date
    cases: int

    def __post_init__(self) -> None:
        if self.cases < 1:
            raise UsageError(f"A cluster has {self.cases} cases; it needs 1 or more.")


@dataclass(frozen=True)
class Change:
    """From a month on, the odds of resistance in a population are multiplied."""

    month: date
    odds: float
    population: str

    def __post_init__(self) -> None:
        if self.odds <= 0:
            raise UsageError(
                f"A change multiplies the odds by {self.odds}; above 0 is expected."
            )


@dataclass(frozen=True)
class Scenario:
    """What the network is like; populations default to `simulation_populations.csv`.

    Courses begin in all ``history_months + months`` months that end on ``as_of``; the
    history lets prolonged therapy and repeated courses be seen. Shares are from 0 to 1.
    """

    patients: int = 20_000
    seed: int = 7
    as_of: date = date(2026, 6, 30)
    months: int = 24
    history_months: int = 12
    sites: int = 40
    resistance: Mapping[str, float] = field(default_factory=dict)
    """True resistant share of a population's patients, where it is not the seed's."""
    mix: Mapping[str, float] = field(default_factory=dict)
    """Weight of a population in the network, where it is not the seed's."""
    underdosed: float = 0.06
    nonadherent: float = 0.06
    other_diagnosis: float = 0.02
    lost: float = 0.12
    tested: float = 0.6
    """Share of observed failures whose virus is tested."""
    reporting_delay: float = 3.0
    """Mean days from a visit or an event to its record."""
    cluster: Cluster | None = None
    change: Change | None = None

    def __post_init__(self) -> None:
        _refuse_unless(1 <= self.patients <= MAX_PATIENTS, "patients", self.patients)
        _refuse_unless(0 <= self.seed < 2**63, "seed", self.seed)
        _refuse_unless(1 <= self.sites <= 99, "sites", self.sites)
        _refuse_unless(self.months >= 1, "months", self.months)
        _refuse_unless(self.history_months >= 0, "history_months", self.history_months)
        _refuse_unless(
            24 <= self.months + self.history_months <= 120,
            "months + history_months",
            self.months + self.history_months,
        )
        _refuse_unless(
            0 <= self.reporting_delay <= 60, "reporting_delay", self.reporting_delay
        )
        for name in ("underdosed", "nonadherent", "other_diagnosis", "lost", "tested"):
            _refuse_unless(0 <= getattr(self, name) <= 1, name, getattr(self, name))

    @property
    def data_start(self) -> date:
        """The first day of the data."""
        months = self.as_of.year * 12 + self.as_of.month - 1
        months -= self.months + self.history_months - 1
        return date(months // 12, months % 12 + 1, 1)


def scenario_for_prescriptions(prescriptions: int, **options: Any) -> Scenario:
    """The scenario with about so many prescriptions, and about as many visits.

    Holds to within 3% from 10,000 prescriptions on, at the default 36 months and mix.
    """
    ratio = _constants()["prescriptions_per_patient"]
    return Scenario(patients=max(1, round(prescriptions / ratio)), **options)


def make(engine: Engine, scenario: Scenario) -> None:
    """Make the tables ``sim_<extract>`` of every extract, and ``sim_truth``.

    ``engine`` speaks DuckDB's dialect; nothing is read from or written to a file.
    """
    for macro in _MACROS:
        engine.execute(macro)
    constants = _constants()
    for table, frame in _seed_tables(scenario, constants["choice_slots"]).items():
        engine.load(table, frame)
    parameters = constants | _parameters(scenario)
    for step in _STEPS:
        select = resources.path("sql", "simulation", f"sim_{step}.sql").read_text("utf-8")
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


def _refuse_unless(holds: bool, name: str, value: object) -> None:
    if not holds:
        raise UsageError(f"The scenario's {name} is {value}, which is out of range.")


def _seed(name: str) -> pd.DataFrame:
    path = resources.path("seeds", f"simulation_{name}.csv")
    table = pd.read_csv(path, encoding="utf-8")
    # a date takes an INTEGER of days, not a BIGINT
    return table.astype(
        {column: "int32" for column in table.select_dtypes("int64").columns}
    )


def _constants() -> dict[str, Any]:
    table = _seed("parameters")
    return {
        name: int(value) if value == int(value) else float(value)
        for name, value in zip(table["name"], table["value"], strict=True)
    }


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


def _seed_tables(scenario: Scenario, slots: int) -> dict[str, pd.DataFrame]:
    populations = _populations(scenario)
    network = pd.DataFrame(
        {
            "choice": "population",
            "subject": "network",
            "value": populations["population"],
            "share": populations["share"],
        }
    )
    choices = pd.concat([_seed("choices"), network], ignore_index=True)
    regimens = _seed("regimens")
    regimens["regimen_number"] = pd.Series(range(len(regimens)), dtype="int32")
    of_regimen = ["use", "syndrome", "immune_status", "renal_band"]
    return {f"sim_{name}": _seed(name) for name in _SEEDED} | {
        "sim_populations": populations,
        "sim_choices": _slotted(choices, ["choice", "subject"], slots),
        "sim_regimens": regimens,
        "sim_regimen_slots": _slotted(regimens, of_regimen, slots),
        "sim_values": _slotted(_seed("values"), ["value_set"], slots),
    }


def _populations(scenario: Scenario) -> pd.DataFrame:
    table = _seed("populations").set_index("population")
    change = scenario.change
    named = {*scenario.resistance, *scenario.mix, *({change.population} if change else ())}
    for unknown in sorted(named - set(table.index)):
        raise UsageError(
            f"The scenario names the population {unknown}; known are "
            f"{', '.join(table.index)}."
        )
    for name, share in scenario.resistance.items():
        _refuse_unless(0 <= share <= 1, f"resistance of {name}", share)
        table.loc[name, "resistant_share"] = share
    for name, weight in scenario.mix.items():
        _refuse_unless(weight >= 0, f"weight of {name}", weight)
        table.loc[name, "share"] = weight
    table["changed_share"] = table["resistant_share"]
    if change:
        odds = change.odds
        before = table.loc[change.population, "resistant_share"]
        table.loc[change.population, "changed_share"] = (
            odds * before / (1 - before + odds * before)
        )
    return table.reset_index()


def _slotted(table: pd.DataFrame, group: list[str], slots: int) -> pd.DataFrame:
    """The table with each row once a slot of its group, in proportion to its share.

    A draw then finds its row by equality, which is a hash join.
    """
    shares = table.groupby(group, sort=False)["share"]
    upto = (shares.cumsum() / shares.transform("sum") * slots).round().astype("int32")
    table["upto"] = upto
    counts = upto - table.groupby(group, sort=False)["upto"].shift(1).fillna(0)
    slotted = table.drop(columns="upto").loc[table.index.repeat(counts.astype("int32"))]
    slotted["slot"] = slotted.groupby(group, sort=False).cumcount().astype("int32")
    return slotted.reset_index(drop=True)
