"""A prescription's daily dose against the minima that it was held to."""

from collections.abc import Mapping
from typing import Any

from pipeline.dossier.case import Case
from pipeline.dossier.words import is_absent, text

Row = Mapping[str, Any]


def judged(case: Case, row: Row, values: Mapping[str, Any]) -> str:
    """The daily dose, the clearance it was judged with, each minimum, and the verdict."""
    clearance = text(row["creatinine_clearance"], "none known")
    held = case.minima[row["prescription_key"]]
    parts = [
        f"{row['drug']} {row['route']}, day {row['day']} to {row['last_day']}: "
        f"{daily(row)}",
        f"creatinine clearance {clearance}",
        *dict.fromkeys(_minimum(minimum, values) for minimum in held),
    ]
    if held and held[0]["is_child_on_oral"]:
        parts.append(
            f"under {values['adult_age_years']} years, where the minima are adults'"
        )
    return "; ".join(parts) + f": {row['dosing']}"


def daily(row: Row) -> str:
    """The dose of a day, per kg where it is given so; what is missing where unknown."""
    if lacking := missing(row):
        return f"daily dose not known ({', '.join(lacking)} not given or not fitting)"
    if row["route"] == "oral":
        return f"{text(row['daily_amount'])} mg a day"
    per_kg = float(row["daily_amount"]) / float(row["per_weight_kg"])
    return f"{text(per_kg)} mg/kg a day"


def missing(row: Row) -> list[str]:
    """The parts without which a daily dose is not known."""
    parts = {
        "dose": row["dose"],
        "unit": row["dose_unit"],
        "frequency": row["doses_per_day"],
    }
    lacking = [name for name, value in parts.items() if is_absent(value)]
    if not lacking and is_absent(row["daily_amount"]):
        return ["unit"]
    if not lacking and is_absent(row["per_weight_kg"]):
        return ["weight"]
    return lacking


def _minimum(row: Row, values: Mapping[str, Any]) -> str:
    of = f"{row['possible_syndrome']}, {row['possible_immune_status']}"
    if is_absent(row["min_daily_dose"]):
        return f"no minimum is listed for {of}"
    unit = "mg/kg" if row["is_per_kg"] else "mg"
    tolerance = f", reached at {text(values['dose_tolerance'])} of it"
    reached = (
        "" if is_absent(row["is_reached"]) or row["is_reached"] else " not reached"
    )
    return (
        f"minimum {text(row['min_daily_dose'])} {unit}{reached} ({of}, clearance "
        f"{_band(row)}{tolerance if row['is_per_kg'] else ''})"
    )


def _band(row: Row) -> str:
    low = text(row["crcl_from"])
    if is_absent(row["crcl_below"]):
        return f"{low} or more"
    return f"{low} to below {text(row['crcl_below'])}"
