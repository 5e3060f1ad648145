"""The six extracts as pandera schemas: the one statement of the contract.

A column is ``required`` where a file must have it and not ``nullable`` where a row must
fill it. Metadata says what pandera has no word for: the kind of text, the digits of a
typed number, the field of ``seeds/synonyms.csv``, and whether an unlisted code is out
of scope. A schema's metadata names the unique id and the date that can defer a row.
"""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from pipeline.contracts import rules
from pipeline.contracts.library import import_pandera

if TYPE_CHECKING:
    import pandera.pandas as pa

EXTRACTS = (
    "prescriptions",
    "followups",
    "immune_status",
    "labs",
    "clinical_events",
    "patients",
)
REQUIRED = ("prescriptions", "followups")
NEVER_MISSING = ("prescriptions",)

CONDITIONS = (
    "none_documented",
    "hiv",
    "aids",
    "hsct_allogeneic",
    "hsct_autologous",
    "solid_organ_transplant",
    "haematological_malignancy",
    "immunosuppressive_medication",
    "primary_immunodeficiency",
    "hypogammaglobulinaemia",
    "other_immunocompromise",
)
EVENTS = (
    "id_consult",
    "immune_review",
    "drug_reaction",
    "bacterial_superinfection",
    "fungal_superinfection",
    "other_etiology",
    "weight_loss",
    "lymphadenopathy",
    "pregnancy_start",
    "pregnancy_end",
    "death",
    "transfer_out",
)
DOSE_UNITS = ("mg", "g", "mg/kg", "%")
RESULTS = (
    "positive",
    "negative",
    "resistant",
    "susceptible",
    "indeterminate",
    "resistance_mutation",
    "no_resistance_mutation",
)
# The first unit of a test is the one that an empty cell means.
UNITS = {
    "hsv_culture": (),
    "acyclovir_susceptibility": ("umol/l", "ug/ml"),
    "foscarnet_susceptibility": ("umol/l", "ug/ml"),
    "genotype_ul23": (),
    "genotype_ul30": (),
    "hsv_pcr": (),
    "vzv_pcr": (),
    "hiv_test": (),
    "cd4": ("cells/ul",),
    "igg": ("mg/dl", "g/l"),
    "creatinine_clearance": ("ml/min",),
}
ALL_UNITS = tuple(dict.fromkeys(unit for units in UNITS.values() for unit in units))


@cache
def schemas(
    last_birth_year: int, drugs: tuple[str, ...]
) -> dict[str, "pa.DataFrameSchema"]:
    """The six schemas by extract, for births up to a year and the drugs in scope."""
    import_pandera()
    return {
        "prescriptions": _prescriptions(drugs),
        "followups": _followups(),
        "immune_status": _immune_status(),
        "labs": _labs(),
        "clinical_events": _clinical_events(),
        "patients": _patients(last_birth_year),
    }


def _schema(extract, columns, *, checks=(), identifier, deferred_by, **more):
    import pandera.pandas as pa

    return pa.DataFrameSchema(
        {**columns, "recorded_at": _column("datetime", [rules.a_datetime()])},
        checks=list(checks),
        name=extract,
        metadata={"identifier": identifier, "deferred_by": deferred_by, **more},
    )


def _column(kind: str, checks, *, filled: bool = False, **metadata) -> "pa.Column":
    import pandera.pandas as pa

    return pa.Column(
        str,
        list(checks),
        required=filled,
        nullable=not filled,
        metadata={"kind": kind, **metadata},
    )


def _id(*, filled: bool = True) -> "pa.Column":
    return _column("id", [rules.well_formed_id()], filled=filled)


def _code(
    field: str, codes: Sequence[str], *, filled: bool = False, scope: bool = False
) -> "pa.Column":
    unlisted = "out_of_scope" if scope else "broken"
    checks = [rules.listed(codes)]
    return _column("code", checks, filled=filled, field=field, unlisted=unlisted)


def _date(*, filled: bool = False) -> "pa.Column":
    checks = [rules.a_date(), rules.no_sentinel()]
    return _column("date", checks, filled=filled)


def _number(
    kind: str, precision: int, scale: int, *, above=None, at_most=None, between=None
) -> "pa.Column":
    checks = [rules.a_number(kind)]
    if kind == "integer":
        checks.append(rules.whole())
    checks.append(rules.fits(kind, precision, scale))
    if above is not None:
        checks.append(rules.above(above, kind, precision, scale))
    if at_most is not None:
        checks.append(rules.at_most(at_most, kind, precision, scale))
    if between is not None:
        checks.append(rules.between(*between, kind, precision, scale))
    return _column(kind, checks, precision=precision, scale=scale)


def _prescriptions(drugs: tuple[str, ...]) -> "pa.DataFrameSchema":
    return _schema(
        "prescriptions",
        {
            "prescription_id": _id(),
            "patient_id": _id(),
            "drug": _code("drug", drugs, filled=True, scope=True),
            "route": _code(
                "route", ["oral", "iv", "topical", "ophthalmic"], filled=True
            ),
            "dose": _number("number", 15, 6, above="0"),
            "dose_unit": _code("dose_unit", DOSE_UNITS),
            "doses_per_day": _number("number", 8, 6, above="0", at_most="24"),
            "start_date": _date(filled=True),
            "end_date": _date(),
            "days_supply": _number("integer", 9, 0, between=("1", "730")),
            "intent": _code("intent", ["treatment", "prophylaxis"]),
            "indication": _code("indication", ["hsv", "zoster"]),
            "adherence": _number("number", 14, 12, between=("0", "1")),
            "site_id": _id(filled=False),
        },
        checks=[
            rules.not_before("end_date", "start_date"),
            rules.one_of("end_date", "days_supply"),
        ],
        identifier="prescription_id",
        deferred_by="start_date",
    )


def _followups() -> "pa.DataFrameSchema":
    statuses = ["new", "progressing", "unchanged", "improving", "healed"]
    return _schema(
        "followups",
        {
            "followup_id": _id(),
            "patient_id": _id(),
            "visit_date": _date(filled=True),
            "lesion_status": _code("lesion_status", statuses, filled=True),
            "severity": _code("severity", ["mild", "moderate", "severe"]),
            "syndrome": _code("indication", ["hsv", "zoster"]),
            "accessible": _column("boolean", [rules.a_boolean()]),
            "site_id": _id(filled=False),
        },
        identifier="followup_id",
        deferred_by="visit_date",
    )


def _immune_status() -> "pa.DataFrameSchema":
    return _schema(
        "immune_status",
        {
            "patient_id": _id(),
            "condition": _code("condition", CONDITIONS, filled=True, scope=True),
            "from_date": _date(filled=True),
            "to_date": _date(),
        },
        checks=[rules.not_before("to_date", "from_date")],
        identifier=None,
        deferred_by="from_date",
    )


def _labs() -> "pa.DataFrameSchema":
    return _schema(
        "labs",
        {
            "lab_id": _id(),
            "patient_id": _id(),
            "collected_date": _date(filled=True),
            "resulted_date": _date(),
            "test": _code("test", tuple(UNITS), filled=True, scope=True),
            "result": _code("result", RESULTS),
            "value": _number("censored", 18, 6),
            "unit": _code("unit", ALL_UNITS),
        },
        checks=[
            rules.not_before("resulted_date", "collected_date"),
            rules.unit_fits("unit", "test", UNITS),
        ],
        identifier="lab_id",
        deferred_by="collected_date",
        default_units={test: units[0] for test, units in UNITS.items() if units},
        conversions=[{"unit": "g/l", "factor": 100, "becomes": "mg/dl"}],
    )


def _clinical_events() -> "pa.DataFrameSchema":
    return _schema(
        "clinical_events",
        {
            "event_id": _id(),
            "patient_id": _id(),
            "event_date": _date(filled=True),
            "event": _code("event", EVENTS, filled=True, scope=True),
        },
        identifier="event_id",
        deferred_by="event_date",
    )


def _patients(last_birth_year: int) -> "pa.DataFrameSchema":
    return _schema(
        "patients",
        {
            "patient_id": _id(),
            "birth_year": _number(
                "integer", 9, 0, between=("1900", str(last_birth_year))
            ),
            "weight_kg": _number("number", 9, 4, between=("0.3", "400")),
        },
        identifier="patient_id",
        deferred_by=None,
    )
