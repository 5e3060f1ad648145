"""Deliveries written for a test: rows by extract, as CSV files that a run reads."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

AS_OF = date(2026, 6, 30)
"""The as-of date of these tests: the rolling window begins on 1 July 2025."""

COLUMNS: Mapping[str, Sequence[str]] = {
    "prescriptions": (
        *("prescription_id", "patient_id", "drug", "route", "dose", "dose_unit"),
        *("doses_per_day", "start_date", "end_date", "intent", "indication"),
        *("adherence", "site_id"),
    ),
    "followups": (
        *("followup_id", "patient_id", "visit_date", "lesion_status", "syndrome"),
        *("accessible", "site_id"),
    ),
    "immune_status": ("patient_id", "condition", "from_date"),
    "labs": (
        *("lab_id", "patient_id", "collected_date", "resulted_date", "test"),
        *("result", "value"),
    ),
    "clinical_events": ("event_id", "patient_id", "event_date", "event"),
    "patients": ("patient_id", "birth_year", "weight_kg"),
}
"""The columns of each extract that these deliveries hold (extracts)."""


@dataclass
class Delivery:
    """Rows by extract, filled by the methods, each of which adds a row."""

    rows: dict[str, list[dict[str, Any]]] = field(
        default_factory=lambda: {extract: [] for extract in COLUMNS}
    )

    def prescription(self, patient: str, start: date, days: int, **given: Any) -> None:
        """A prescription of 1 g of valacyclovir twice a day, unless given otherwise.

        That is an adequate dose of herpes simplex whoever has it (regimens).
        """
        row = {
            "prescription_id": self._next("prescriptions", "rx"),
            "patient_id": patient,
            "drug": "valacyclovir",
            "route": "oral",
            "dose": 1000,
            "dose_unit": "mg",
            "doses_per_day": 2,
            "start_date": start,
            "end_date": start + timedelta(days - 1),
            "intent": "treatment",
            "indication": "hsv",
            "adherence": 1,
            "site_id": "north",
        }
        self.rows["prescriptions"].append(row | given)

    def visit(self, patient: str, day: date, status: str, **given: Any) -> None:
        """A lesion assessment."""
        row = {
            "followup_id": self._next("followups", "v"),
            "patient_id": patient,
            "visit_date": day,
            "lesion_status": status,
            "site_id": "north",
        }
        self.rows["followups"].append(row | given)

    def condition(self, patient: str, condition: str, since: date) -> None:
        """An immune status from a day on."""
        self.rows["immune_status"].append(
            {"patient_id": patient, "condition": condition, "from_date": since}
        )

    def result(
        self, patient: str, collected: date, resulted: date, test: str, result: str
    ) -> None:
        """A laboratory result in words."""
        self.rows["labs"].append(
            {
                "lab_id": self._next("labs", "lab"),
                "patient_id": patient,
                "collected_date": collected,
                "resulted_date": resulted,
                "test": test,
                "result": result,
            }
        )

    def event(self, patient: str, day: date, event: str) -> None:
        """A clinical event."""
        self.rows["clinical_events"].append(
            {
                "event_id": self._next("clinical_events", "e"),
                "patient_id": patient,
                "event_date": day,
                "event": event,
            }
        )

    def person(self, patient: str, birth_year: int, weight_kg: float) -> None:
        """A patient's birth year and weight."""
        self.rows["patients"].append(
            {"patient_id": patient, "birth_year": birth_year, "weight_kg": weight_kg}
        )

    def write(self, folder: Path, extracts: Iterable[str] = COLUMNS) -> Path:
        """The folder, made anew with a CSV file for each of the extracts."""
        folder.mkdir()
        for extract in extracts:
            write_csv(folder / f"{extract}.csv", COLUMNS[extract], self.rows[extract])
        return folder

    def _next(self, extract: str, prefix: str) -> str:
        return f"{prefix}{len(self.rows[extract]) + 1}"


def write_csv(
    path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]
) -> None:
    """Write rows under a header; a column that a row lacks is empty."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)


def read_csv(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file, cells as text."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def add_treated(
    delivery: Delivery, patient: str, start: date, status: str, day: int
) -> None:
    """A patient of known immune status, treated for ten days and seen on a day."""
    delivery.prescription(patient, start, 10)
    delivery.visit(patient, start + timedelta(day), status, syndrome="hsv")


def a_bit_of_everything() -> Delivery:
    """Four patients with a row of every extract, every class that a list needs.

    amber: suspected; basil: confirmed by a resistant result; cedar: responded; dill:
    under prophylaxis, with a resistant result that belongs to no course.
    """
    delivery = Delivery()
    start = date(2026, 5, 4)
    add_treated(delivery, "amber", start, "unchanged", 8)
    add_treated(delivery, "basil", start, "progressing", 9)
    add_treated(delivery, "cedar", start, "healed", 8)
    delivery.condition("amber", "hiv", date(2020, 1, 1))
    delivery.condition("basil", "hsct_allogeneic", date(2025, 11, 1))
    delivery.condition("cedar", "none_documented", date(2020, 1, 1))
    delivery.prescription("dill", start, 40, dose=500, intent="prophylaxis")
    for patient in ("basil", "dill"):
        collected = start + timedelta(9)
        delivery.result(
            patient,
            collected,
            collected + timedelta(14),
            "acyclovir_susceptibility",
            "resistant",
        )
    delivery.event("amber", start + timedelta(9), "id_consult")
    delivery.event("cedar", start + timedelta(9), "immune_review")
    for patient in ("amber", "basil", "cedar", "dill"):
        delivery.person(patient, 1970, 70)
    return delivery
