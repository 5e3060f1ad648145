"""What a vignette is, and rows for it with the usual filled in; days count from DAY_0."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

DAY_0 = date(2026, 1, 1)


def day(number: int) -> date:
    """The date so many days after DAY_0."""
    return DAY_0 + timedelta(days=number)


#: Long after the usual stories: every course is mature and nothing is pending.
AS_OF = day(200)


class Given(NamedTuple):
    """One accepted row of an extract."""

    extract: str
    values: Mapping[str, object]


@dataclass(frozen=True)
class Vignette:
    """A patient's story and what the rule book says of it.

    ``expect`` holds, for each kept course in the order of ``courses.parquet``, the
    columns that matter; ``absorbed`` and ``unattached`` are counts.
    """

    id: str
    sentence: str
    given: list[Given]
    expect: list[dict]
    as_of: date = AS_OF
    parameters: Mapping[str, object] = field(default_factory=dict)
    absorbed: int = 0
    unattached: int = 0

    @property
    def delivery(self) -> dict[str, list[dict]]:
        """The rows by extract; a row without an id is named after its place."""
        delivery: dict[str, list[dict]] = {extract: [] for extract in ID_COLUMNS}
        for extract, values in self.given:
            row, key = dict(values), ID_COLUMNS[extract]
            if key is not None and row[key] is None:
                row[key] = f"{key[0]}{len(delivery[extract]) + 1}"
            delivery[extract].append(row)
        return delivery


ID_COLUMNS = {
    "prescriptions": "prescription_id",
    "followups": "followup_id",
    "immune_status": None,
    "labs": "lab_id",
    "clinical_events": "event_id",
    "patients": None,
}


def rx(start: int = 0, days: int = 10, **changes: object) -> Given:
    """Valacyclovir 1 g three times a day for HSV: adequate for whoever it may be."""
    usual = {
        "prescription_id": None,
        "patient_id": "1",
        "drug": "valacyclovir",
        "route": "oral",
        "dose": 1000,
        "dose_unit": "mg",
        "doses_per_day": 3,
        "start_date": day(start),
        "end_date": day(start + days - 1),
        "days_supply": None,
        "intent": "treatment",
        "indication": "hsv",
        "adherence": Decimal("0.95"),
        "site_id": "north",
    }
    return Given("prescriptions", _typed(usual, changes))


def iv(start: int = 0, days: int = 10, **changes: object) -> Given:
    """Intravenous acyclovir, 10 mg/kg three times a day, for HSV."""
    usual = {"drug": "acyclovir", "route": "iv", "dose": 10, "dose_unit": "mg/kg"}
    return rx(start, days, **{**usual, "adherence": None, **changes})


def too_little(start: int = 0, days: int = 10, **changes: object) -> Given:
    """Valacyclovir 100 mg three times a day: below every minimum without a clearance."""
    return rx(start, days, **{"dose": 100, **changes})


def undosed(start: int = 0, days: int = 10, **changes: object) -> Given:
    """Valacyclovir without a dose: its dosing is unknown."""
    return rx(start, days, **{"dose": None, **changes})


def foscarnet(start: int, days: int = 14, **changes: object) -> Given:
    """Intravenous foscarnet, an alternative."""
    usual = {"drug": "foscarnet", "route": "iv", "dose": 40, "dose_unit": "mg/kg"}
    return rx(start, days, **{**usual, "adherence": None, **changes})


def visit(when: int, status: str, syndrome: str | None = None) -> Given:
    """A lesion assessment."""
    values = {
        "followup_id": None,
        "patient_id": "1",
        "visit_date": day(when),
        "lesion_status": status,
        "severity": None,
        "syndrome": syndrome,
        "accessible": None,
        "site_id": "north",
    }
    return Given("followups", values)


def condition(name: str, since: int = -400, until: int | None = None) -> Given:
    """A condition and its period."""
    values = {
        "patient_id": "1",
        "condition": name,
        "from_date": day(since),
        "to_date": None if until is None else day(until),
    }
    return Given("immune_status", values)


def lab(test: str, collected: int, **changes: object) -> Given:
    """A result, reported two days after collection; resulted_date=None: not yet."""
    usual = {
        "lab_id": None,
        "patient_id": "1",
        "collected_date": day(collected),
        "resulted_date": day(collected + 2),
        "test": test,
        "result": None,
        "value": None,
        "value_operator": None,
        "unit": None,
    }
    return Given("labs", _typed(usual, changes))


def resistant(collected: int, **changes: object) -> Given:
    """An isolate that is stated to be resistant to acyclovir."""
    return lab("acyclovir_susceptibility", collected, result="resistant", **changes)


def susceptible(collected: int, **changes: object) -> Given:
    """An isolate that is stated to be susceptible to acyclovir."""
    return lab("acyclovir_susceptibility", collected, result="susceptible", **changes)


def event(name: str, when: int) -> Given:
    """A clinical event."""
    values = {
        "event_id": None,
        "patient_id": "1",
        "event_date": day(when),
        "event": name,
    }
    return Given("clinical_events", values)


def patient(birth_year: int | None = None, weight_kg: object = None) -> Given:
    """The patient's birth year and weight."""
    values = {"patient_id": "1", "birth_year": birth_year, "weight_kg": None}
    return Given("patients", _typed(values, {"weight_kg": weight_kg}))


DECIMALS = ("dose", "doses_per_day", "adherence", "value", "weight_kg")


def _typed(usual: Mapping[str, object], changes: Mapping[str, object]) -> dict:
    unknown = changes.keys() - usual.keys()
    if unknown:
        raise KeyError(f"a vignette sets columns that do not exist: {sorted(unknown)}")
    row = {**usual, **changes}
    for name in DECIMALS:
        if row.get(name) is not None:
            row[name] = Decimal(str(row[name]))
    return row
