"""Made-up deliveries near the rule book's edges, for Hypothesis and in bulk.

One generator serves both: it asks a *chooser* to pick from short lists, simplest first,
so that Hypothesis shrinks towards plain patients. Knows the extracts' columns and the
numbers at which the rules turn; nothing of courses, classes or SQL.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Protocol, TypeVar

from hypothesis import strategies as st

from tests.properties import edges
from tests.properties.tables import as_frames, load_accepted, write_csv

__all__ = [
    "AS_OF",
    "as_frames",
    "deliveries",
    "dense",
    "load_accepted",
    "together",
    "write_csv",
]

AS_OF = date(2026, 6, 30)
EXTRACTS = (
    "prescriptions",
    "followups",
    "immune_status",
    "labs",
    "clinical_events",
    "patients",
)
IDS = ("patient_id", "prescription_id", "followup_id", "lab_id", "event_id")

Item = TypeVar("Item")
Delivery = dict[str, list[dict]]


class Chooser(Protocol):
    """Picks one of several; earlier ones are the simpler."""

    def pick(self, options: Sequence[Item]) -> Item: ...


class Drawn:
    """Hypothesis picks."""

    def __init__(self, draw: st.DrawFn):
        self._draw = draw

    def pick(self, options: Sequence[Item]) -> Item:
        return self._draw(st.sampled_from(options))


class Rolled:
    """A seeded generator picks."""

    def __init__(self, seed: int):
        self._random = Random(seed)

    def pick(self, options: Sequence[Item]) -> Item:
        return options[int(self._random.random() * len(options))]


@st.composite
def deliveries(draw: st.DrawFn, n_patients: tuple[int, int] = (1, 4)) -> Delivery:
    """Accepted, typed rows of a few patients, none of them dated after AS_OF.

    The extracts' columns without ``recorded_at``; numbers are Decimals within the scales
    of the contract, empty cells None.
    """
    chooser = Drawn(draw)
    delivery: Delivery = {extract: [] for extract in EXTRACTS}
    for number in range(draw(st.integers(*n_patients))):
        sizes = {extract: range(most + 1) for extract, most in edges.FEW_ROWS.items()}
        counts = {extract: chooser.pick(sizes[extract]) for extract in sizes}
        PatientMaker(chooser, delivery, number).add_rows(counts)
    return delivery


def together(populations: Sequence[Delivery]) -> Delivery:
    """One delivery of up to ten, whose ids begin with the digit of their population.

    A digit, so that ids that look like numbers go on looking like them.
    """
    delivery: Delivery = {extract: [] for extract in EXTRACTS}
    for number, population in enumerate(populations):
        for extract, rows in population.items():
            delivery[extract] += [
                {
                    name: f"{number}{cell}" if name in IDS else cell
                    for name, cell in row.items()
                }
                for row in rows
            ]
    return delivery


def dense(seed: int, n_patients: int) -> Delivery:
    """The same flavour in bulk, the same rows for the same seed.

    A third of the patients is as small as Hypothesis's, the others have about 12
    prescriptions and 22 visits each: in a crowd most courses end early.
    """
    chooser = Rolled(seed)
    delivery: Delivery = {extract: [] for extract in EXTRACTS}
    for number in range(n_patients):
        table = chooser.pick([edges.FEW_ROWS, edges.MANY_ROWS, edges.MANY_ROWS])
        counts = {
            extract: chooser.pick(range(most + 1)) for extract, most in table.items()
        }
        PatientMaker(chooser, delivery, number).add_rows(counts)
    return delivery


class PatientMaker:
    """Adds one patient's rows to a delivery, each near the days of earlier ones."""

    def __init__(self, chooser: Chooser, delivery: Delivery, number: int):
        self._pick = chooser.pick
        self._delivery = delivery
        self._number = number
        self._patient_id = f"{self._pick(edges.ID_PREFIXES)}{number}"
        anchor = self._pick(edges.ANCHORS)
        #: Days of the story so far, to which the next date keeps a distance.
        self._days = [AS_OF - timedelta(days=anchor)]
        self._weight = self._pick(edges.WEIGHTS)

    def add_rows(self, counts: dict[str, int]) -> None:
        """Add so many rows of each extract."""
        self._add_patient()
        for name in ("immune_status", "prescriptions", "followups"):
            for _ in range(counts[name]):
                getattr(self, f"_add_{name}")()
        for _ in range(counts["labs"]):
            self._add_lab()
        for _ in range(counts["clinical_events"]):
            self._add_event()

    def _add_patient(self) -> None:
        birth_year = self._pick(edges.AGES)
        if birth_year is not None:
            birth_year = self._days[0].year - birth_year
        if self._pick((True, True, True, False)):
            row = {"birth_year": birth_year, "weight_kg": self._weight}
            self._append("patients", row)

    def _add_immune_status(self) -> None:
        start = self._near(edges.CONDITION_OFFSETS)
        lasting = self._pick(edges.CONDITION_DAYS)
        end = None if lasting is None else start + timedelta(days=lasting)
        row = {
            "condition": self._pick(edges.CONDITIONS),
            "from_date": start,
            "to_date": end,
        }
        self._append("immune_status", row, start)

    def _add_prescriptions(self) -> None:
        drug, route = self._pick(edges.DRUGS)
        start = self._near(edges.START_OFFSETS)
        days = self._pick(edges.LENGTHS)
        end = start + timedelta(days=days - 1)
        said = self._pick(("end", "supply", "both"))
        row = {
            "prescription_id": self._id("prescriptions"),
            "drug": drug,
            "route": route,
            **self._dose(drug, route),
            "start_date": start,
            "end_date": None if said == "supply" else end,
            "days_supply": None if said == "end" else days + (said == "both"),
            "intent": self._pick(edges.INTENTS),
            "indication": self._pick(edges.INDICATIONS),
            "adherence": self._pick(edges.ADHERENCES),
            "site_id": self._pick(edges.SITES),
        }
        if self._append("prescriptions", row, start):
            self._days += [start, end]

    def _dose(self, drug: str, route: str) -> dict[str, object]:
        if route in ("topical", "ophthalmic"):
            dose = self._pick(edges.STRENGTHS)
        elif route == "iv":
            dose = self._pick(edges.IV_DOSES)
            if self._pick((False, True)) and dose[1] == "mg/kg":
                # The same dose written in mg, exactly or a thousandth short of it.
                weight = self._weight or Decimal(70)
                short = self._pick((Decimal(0), Decimal("0.001")))
                dose = (dose[0] * weight - short, "mg", dose[2])
        else:
            dose = self._pick(edges.ORAL_DOSES.get(drug, edges.ANY_ORAL_DOSES))
        missing = self._pick(edges.MISSING)
        names = ("dose", "dose_unit", "doses_per_day")
        return {
            name: None if name == missing else value
            for name, value in zip(names, dose, strict=True)
        }

    def _add_followups(self) -> None:
        when = self._near(edges.VISIT_OFFSETS)
        row = {
            "followup_id": self._id("followups"),
            "visit_date": when,
            "lesion_status": self._pick(edges.STATUSES),
            "severity": self._pick((None, "severe")),
            "syndrome": self._pick(edges.VISIT_SYNDROMES),
            "accessible": self._pick((None, True, False)),
            "site_id": self._pick(edges.SITES),
        }
        self._append("followups", row, when)

    def _add_lab(self) -> None:
        collected = self._near(edges.LAB_OFFSETS)
        lag = self._pick(edges.LAB_LAGS)
        resulted = None if lag is None else collected + timedelta(days=lag)
        if self._pick(edges.RARELY):
            # Reported on the as-of date, or the day after it.
            resulted = AS_OF + timedelta(days=self._pick((0, 1)))
        test, result, value, operator, unit = self._pick(edges.RESULTS)
        row = {
            "lab_id": self._id("labs"),
            "collected_date": collected,
            "resulted_date": resulted,
            "test": test,
            "result": result,
            "value": value,
            "value_operator": operator,
            "unit": unit,
        }
        self._append("labs", row, collected)

    def _add_event(self) -> None:
        when = self._near(edges.LAB_OFFSETS)
        row = {
            "event_id": self._id("clinical_events"),
            "event_date": when,
            "event": self._pick(edges.EVENTS),
        }
        self._append("clinical_events", row, when)

    def _near(self, offsets: Sequence[int]) -> date:
        return self._pick(self._days) + timedelta(days=self._pick(offsets))

    def _id(self, extract: str) -> str:
        # The prefix decides ties by bytes; the patient and the count keep ids unique.
        count = len(self._delivery[extract])
        return f"{self._pick(edges.ID_PREFIXES)}{self._number}.{count}"

    def _append(self, extract: str, row: dict, when: date | None = None) -> bool:
        if when is not None and when > AS_OF:
            # It would be deferred, and deferred rows never reach the models.
            return False
        keys = list(row)
        place = 1 if keys[0].endswith("_id") else 0
        items = list(row.items())
        items.insert(place, ("patient_id", self._patient_id))
        self._delivery[extract].append(dict(items))
        return True
