"""What every peer is told: its two paths, the day, the seeds and the parameters.

Plain Python, so that a peer's time is that of its own library. The rules themselves are
written anew in every peer: that they agree is what the checksum says.
"""

import argparse
import csv
import importlib.util
import shutil
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
EPOCH = date(1970, 1, 1)
NEVER = 3_000_000
"""A day after every date, for what has no end."""

AMOUNT_ROUNDING = 1e-9
"""Amounts are compared as doubles: two that differ by less are the same amount."""

ADHERENCE_UNIT = 10**12
"""Adherence has 12 decimals: as whole units of the last one its sums are exact."""

_NEEDED = {
    "pandas": ("pyarrow",),
    "polars": ("polars",),
    "spark": ("pyspark", "pipeline.engines.spark"),
}
_CUT_OFF_DECIMALS = Decimal("0.01")


def missing(peer: str) -> str | None:
    """Why a peer cannot be run from here; None where it can."""
    for module in _NEEDED.get(peer, ()):
        if importlib.util.find_spec(module) is None:
            return f"there is no {module}"
    if peer == "spark" and shutil.which("java") is None:
        return "there is no Java"
    return None


def seed(name: str) -> list[dict[str, str]]:
    """The rows of a seed as text."""
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def where(name: str, column: str, key: str | None = None) -> list[str]:
    """The codes of a seed whose column is true; the code is its first column."""
    rows = seed(name)
    return [row[key or next(iter(row))] for row in rows if row[column] == "true"]


def parameters() -> dict[str, float | int | str]:
    """Every parameter's default; ``resistant_ec50_umol_l`` follows of two of them."""
    kinds = {"integer": int, "decimal": float}
    rows = seed("parameters")
    found = {row["name"]: kinds.get(row["type"], str)(row["default"]) for row in rows}
    texts = {row["name"]: row["default"] for row in rows}
    per_litre = Decimal(1000) * Decimal(texts["resistant_ec50_ug_ml"])
    cut_off = per_litre / Decimal(texts["acyclovir_molar_mass"])
    found["resistant_ec50_umol_l"] = float(
        cut_off.quantize(_CUT_OFF_DECIMALS, ROUND_HALF_UP)
    )
    return found


def regimens() -> dict[tuple[str, str, str, str], list[tuple[float, float, bool]]]:
    """Bands by drug, route, syndrome and immune status: lower clearance, minimum, per kg.

    In rising order; the bands of a regimen touch, and the last has no upper limit.
    """
    bands: dict[tuple[str, str, str, str], list[tuple[float, float, bool]]] = {}
    for row in seed("regimens"):
        stated = row["immune_status"]
        both = ["immunocompetent", "immunocompromised"]
        for status in both if stated == "any" else [stated]:
            key = (row["drug"], row["route"], row["syndrome"], status)
            low = float(row["crcl_from"] or 0)
            band = (low, float(row["min_daily_dose"]), row["unit"] == "mg/kg")
            bands.setdefault(key, []).append(band)
    return {key: sorted(found) for key, found in bands.items()}


def asked(what: str) -> argparse.Namespace:
    """The command line of a peer: ``accepted``, ``out``, ``as_of``."""
    parser = argparse.ArgumentParser(description=what)
    parser.add_argument("accepted", type=Path, help="folder of the accepted_* files")
    parser.add_argument("out", type=Path, help="the courses, as Parquet")
    parser.add_argument("--as-of", type=date.fromisoformat, default=date(2026, 6, 30))
    return parser.parse_args()


def day_number(day: date) -> int:
    """Days since 1970-01-01, as Parquet counts them."""
    return (day - EPOCH).days
