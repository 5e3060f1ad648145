"""What the twin is told besides rows: as-of date, parameters, regimens, drug classes.

Knows the layout of ``seeds/parameters.csv`` and ``seeds/regimens.csv``, and no rows.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from pathlib import Path

#: Section 1 of the rule book, written down from it rather than read from a seed.
DRUG_CLASSES: Mapping[str, str] = {
    "acyclovir": "tk_dependent",
    "valacyclovir": "tk_dependent",
    "famciclovir": "tk_dependent",
    "penciclovir": "tk_dependent",
    "foscarnet": "alternative",
    "cidofovir": "alternative",
    "trifluridine": "alternative",
    "imiquimod": "alternative",
    "ganciclovir": "other_active",
    "valganciclovir": "other_active",
    "brincidofovir": "other_active",
    "pritelivir": "other_active",
    "amenamevir": "other_active",
    "ivig": "immunoglobulin",
}
SYSTEMIC = ("oral", "iv")


@dataclass(frozen=True)
class Seeds:
    """The regimens as rows of ``regimens.csv``, and each drug's class."""

    regimens: tuple[Mapping[str, object], ...]
    drug_classes: Mapping[str, str]

    @classmethod
    def of(cls, regimens: Iterable[Mapping[str, object]]) -> "Seeds":
        """The regimens' rows, as text or as numbers, with section 1's classes."""
        return cls(tuple(_with_numbers(row) for row in regimens), DRUG_CLASSES)

    @classmethod
    def read(cls, regimens_csv: Path) -> "Seeds":
        """The seeds of a regimens file."""
        with regimens_csv.open(encoding="utf-8", newline="") as file:
            return cls.of(csv.DictReader(file))


def _with_numbers(row: Mapping[str, object]) -> Mapping[str, object]:
    numbers = ("crcl_from", "crcl_below", "min_daily_dose")
    return {**row, **{name: _number_or_none(row[name]) for name in numbers}}


def _number_or_none(value: object) -> Fraction | None:
    return None if value in (None, "") else Fraction(str(value))


def read_parameters(parameters_csv: Path) -> dict[str, object]:
    """The defaults of a parameters file by name; numbers are exact fractions."""
    with parameters_csv.open(encoding="utf-8", newline="") as file:
        return {
            row["name"]: _number_or_none(row["default"])
            if row["type"] in ("integer", "decimal")
            else row["default"]
            for row in csv.DictReader(file)
        }


@dataclass(frozen=True)
class Rules:
    """One run's as-of date, parameters and seeds."""

    as_of: date
    parameters: Mapping[str, object]
    seeds: Seeds

    def number(self, name: str) -> Fraction:
        """The parameter as an exact number, however it was written."""
        if name not in self._numbers:
            self._numbers[name] = Fraction(str(self.parameters[name]))
        return self._numbers[name]

    @cached_property
    def _numbers(self) -> dict[str, Fraction]:
        return {}

    def days(self, name: str) -> timedelta:
        """The parameter as so many days."""
        return timedelta(days=int(self.number(name)))

    def drug_class(self, drug: str) -> str | None:
        """The drug's class, None where the drug is out of scope."""
        return self.seeds.drug_classes.get(drug)
