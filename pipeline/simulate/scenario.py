"""What a simulated network is like; knows nothing of SQL or of files."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from pipeline.errors import UsageError

MAX_PATIENTS = 100_000_000
"""More would share the draws of their courses: the word that is mixed has 32 bits."""


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
        refuse_unless(1 <= self.patients <= MAX_PATIENTS, "patients", self.patients)
        refuse_unless(0 <= self.seed < 2**63, "seed", self.seed)
        refuse_unless(1 <= self.sites <= 99, "sites", self.sites)
        refuse_unless(self.months >= 1, "months", self.months)
        refuse_unless(self.history_months >= 0, "history_months", self.history_months)
        refuse_unless(
            24 <= self.months + self.history_months <= 120,
            "months + history_months",
            self.months + self.history_months,
        )
        refuse_unless(
            0 <= self.reporting_delay <= 60, "reporting_delay", self.reporting_delay
        )
        for name in ("underdosed", "nonadherent", "other_diagnosis", "lost", "tested"):
            refuse_unless(0 <= getattr(self, name) <= 1, name, getattr(self, name))
        for name in ("cluster", "change"):
            event = getattr(self, name)
            if event:
                is_within = self.data_start <= event.month <= self.as_of
                refuse_unless(is_within, f"month of the {name}", event.month)

    @property
    def data_start(self) -> date:
        """The first day of the data."""
        months = self.as_of.year * 12 + self.as_of.month - 1
        months -= self.months + self.history_months - 1
        return date(months // 12, months % 12 + 1, 1)


def refuse_unless(holds: bool, name: str, value: object) -> None:
    """Raise UsageError where a value of the scenario is out of range."""
    if not holds:
        raise UsageError(f"The scenario's {name} is {value}, which is out of range.")
