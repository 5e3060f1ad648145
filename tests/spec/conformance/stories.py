"""What a case note is, and the rows that most of them begin with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from tests.spec.vignettes.rows import (
    AS_OF,
    Given,
    condition,
    foscarnet,
    lab,
    rx,
    too_little,
    visit,
)

MET, MISSED, OPEN = "met", "missed", "open"
INFORMATION, OTHER_GUIDANCE = "information", "other_guidance"
CANNOT_JUDGE = "cannot_judge"
NOT_ASKED = None


@dataclass(frozen=True)
class Story:
    """A patient's notes, and the state of the indicator for each thing it is asked of.

    ``says`` holds further columns of the one row; ``without`` names an extract of which
    nothing at all was delivered.
    """

    sentence: str
    given: list[Given]
    state: str | tuple[str, ...] | None
    says: Mapping[str, object] = field(default_factory=dict)
    as_of: date = AS_OF
    without: str = ""

    @property
    def states(self) -> list[str]:
        """The states expected, in the order of their starts."""
        if self.state is NOT_ASKED:
            return []
        return [self.state] if isinstance(self.state, str) else list(self.state)


def changed(given: Given, **changes: object) -> Given:
    """The same row with other cells."""
    return Given(given.extract, {**given.values, **changes})


def accessible(when: int, status: str) -> Given:
    """A visit at which a topical could reach the lesion."""
    return changed(visit(when, status), accessible=True)


def severe(when: int, **changes: object) -> Given:
    """A visit of severe disease."""
    return changed(visit(when, "unchanged"), severity="severe", **changes)


def pending(test: str, collected: int) -> Given:
    """A specimen that is collected and not yet reported."""
    return lab(test, collected, resulted_date=None)


def clearance(value: object, collected: int) -> Given:
    """A creatinine clearance in mL/min."""
    return lab("creatinine_clearance", collected, value=value)


def trifluridine(start: int, days: int = 21, **changes: object) -> Given:
    """Topical trifluridine three times a day."""
    usual = {"drug": "trifluridine", "route": "topical", "dose": 1, "dose_unit": "%"}
    return foscarnet(start, days, **{**usual, **changes})


def cidofovir(start: int, days: int = 5, **changes: object) -> Given:
    """Cidofovir gel 1% once a day."""
    usual = {"drug": "cidofovir", "doses_per_day": 1}
    return trifluridine(start, days, **{**usual, **changes})


def imiquimod(start: int, days: int, **changes: object) -> Given:
    """Imiquimod, of which nothing but its days is recorded."""
    usual = {"drug": "imiquimod", "dose": None, "dose_unit": None}
    return trifluridine(start, days, **{**usual, "doses_per_day": None, **changes})


def ivig(start: int, days: int = 1) -> Given:
    """Intravenous immunoglobulin."""
    return foscarnet(start, days, drug="ivig", dose=None, dose_unit=None)


HIV = condition("hiv")
SPREAD = visit(8, "progressing")

#: Adequate valacyclovir on days 0 to 9, spread on day 8: the flag day is day 8.
SUSPECTED = [HIV, rx(0, 10), SPREAD]

#: The same with a resistant isolate of day 8, reported on day 10.
CONFIRMED = [*SUSPECTED, lab("acyclovir_susceptibility", 8, result="resistant")]

#: Improved, yet a resistant isolate was reported on day 11, which is the flag day.
CONFIRMED_AND_IMPROVED = [
    *(HIV, rx(0, 10), visit(8, "improving")),
    lab("acyclovir_susceptibility", 9, result="resistant"),
]

#: The same failure in a patient without an immune deficiency.
IMMUNOCOMPETENT = [condition("none_documented"), rx(0, 10), SPREAD]

RESPONDED = [HIV, rx(0, 10), visit(8, "healed")]
UNDER_DOSED = [HIV, too_little(0, 10), SPREAD]

#: Failed, and the isolate of day 8 is susceptible.
REFUTED = [*SUSPECTED, lab("acyclovir_susceptibility", 8, result="susceptible")]
