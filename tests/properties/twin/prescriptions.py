"""Section 2, rules 1 to 5: what one prescription is; knows one patient's chart."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

from tests.properties.twin.people import Chart, Row, interval_of, is_reported, person_on
from tests.properties.twin.rules import SYSTEMIC, Rules

SYNDROMES = ("hsv", "zoster")


@dataclass(frozen=True)
class Prescription:
    """A prescription with what sections 1 and 2 say of it.

    Intent, syndrome and dosing are filled in for systemic tk_dependent ones alone.
    """

    row: Row
    drug_class: str | None
    start: date
    end: date
    intent: str | None
    syndrome: str = "unknown"
    daily_dose: Fraction | None = None
    dosing: str = "unknown"

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    @property
    def order(self) -> tuple[date, bytes]:
        return self.start, str(self.row["prescription_id"]).encode()

    @property
    def is_systemic(self) -> bool:
        return self.row["route"] in SYSTEMIC

    @property
    def is_tk_systemic(self) -> bool:
        return self.drug_class == "tk_dependent" and self.is_systemic

    @property
    def is_alternative(self) -> bool:
        """An alternative by any route, or another active drug given systemically."""
        return self.drug_class == "alternative" or (
            self.drug_class == "other_active" and self.is_systemic
        )


def read_prescriptions(chart: Chart, rules: Rules) -> list[Prescription]:
    """The patient's prescriptions, judged, by start and then prescription_id."""
    found = []
    for row in chart.prescriptions:
        start, end = interval_of(row)
        drug_class = rules.drug_class(row["drug"])
        found.append(Prescription(row, drug_class, start, end, row["intent"]))
    found.sort(key=lambda prescription: prescription.order)
    intents = _intents_of_runs(found, chart, rules)
    return [
        _judged(prescription, intents, chart, rules)
        if prescription.is_tk_systemic
        else prescription
        for prescription in found
    ]


def _judged(
    prescription: Prescription, intents: dict[object, str], chart: Chart, rules: Rules
) -> Prescription:
    row = prescription.row
    intent = prescription.intent or intents[row["prescription_id"]]
    syndrome = _syndrome(prescription, chart, rules)
    dose = _daily_dose(row, chart)
    known = replace(prescription, intent=intent, syndrome=syndrome, daily_dose=dose)
    return replace(known, dosing=_dosing(known, chart, rules))


def _intents_of_runs(
    prescriptions: list[Prescription], chart: Chart, rules: Rules
) -> dict[object, str]:
    # reading: runs are made of the prescriptions without intent alone; one with an
    # intent neither joins them nor parts them.
    runs: list[list[Prescription]] = []
    for prescription in prescriptions:
        if not prescription.is_tk_systemic or prescription.intent is not None:
            continue
        if runs:
            end = max(earlier.end for earlier in runs[-1])
            reach = end + timedelta(days=1) + rules.days("prophylaxis_gap_days")
            if prescription.start <= reach:
                runs[-1].append(prescription)
                continue
        runs.append([prescription])
    return {
        prescription.row["prescription_id"]: _intent_of(run, chart, rules)
        for run in runs
        for prescription in run
    }


def _intent_of(run: list[Prescription], chart: Chart, rules: Rules) -> str:
    start = run[0].start
    first = start - rules.days("intent_visit_before_days")
    last = start + rules.days("intent_visit_after_days")
    for visit in chart.visits:
        # reading: one unhealed lesion is enough; a healed one seen the same day, or a
        # syndrome that the visit names, changes nothing.
        unhealed = visit["lesion_status"] != "healed"
        if unhealed and first <= visit["visit_date"] <= last:
            return "treatment"
    span = (max(prescription.end for prescription in run) - start).days + 1
    if span >= rules.number("prophylaxis_min_days"):
        return "prophylaxis"
    return "treatment"


def _syndrome(prescription: Prescription, chart: Chart, rules: Rules) -> str:
    if prescription.row["indication"] is not None:
        return prescription.row["indication"]
    first = prescription.start - rules.days("syndrome_before_days")
    last = prescription.start + rules.days("syndrome_after_days")
    naming = [
        visit
        for visit in chart.visits
        if visit["syndrome"] is not None and first <= visit["visit_date"] <= last
    ]
    if not naming:
        return "unknown"
    earliest = min(visit["visit_date"] for visit in naming)
    named = {v["syndrome"] for v in naming if v["visit_date"] == earliest}
    return named.pop() if len(named) == 1 else "unknown"


def _daily_dose(row: Row, chart: Chart) -> Fraction | None:
    if None in (row["dose"], row["doses_per_day"], row["dose_unit"]):
        return None
    amount = Fraction(row["dose"]) * Fraction(row["doses_per_day"])
    unit = row["dose_unit"]
    if unit == "g":
        amount, unit = amount * 1000, "mg"
    if row["route"] == "oral":
        return amount if unit == "mg" else None
    if unit == "mg/kg":
        return amount
    if unit == "mg" and chart.weight_kg is not None:
        return amount / chart.weight_kg
    return None


def _dosing(prescription: Prescription, chart: Chart, rules: Rules) -> str:
    # reading: what makes dosing unknown goes before the comparison, so a child's oral
    # dose and a combination without a regimen are unknown however small the dose.
    if _is_oral_in_a_child(prescription, chart, rules):
        return "unknown"
    if prescription.daily_dose is None:
        return "unknown"
    clearance = _clearance(prescription, chart, rules)
    reached = []
    for syndrome in _possible_syndromes(prescription):
        for status in _possible_statuses(prescription, chart, rules):
            minimum = _minimum(prescription.row, syndrome, status, clearance, rules)
            if minimum is None:
                return "unknown"
            reached.append(prescription.daily_dose >= minimum)
    if all(reached):
        return "adequate"
    return "unknown" if any(reached) else "inadequate"


def _is_oral_in_a_child(prescription: Prescription, chart: Chart, rules: Rules) -> bool:
    if prescription.row["route"] != "oral" or chart.birth_year is None:
        return False
    age = prescription.start.year - chart.birth_year
    return age < rules.number("adult_age_years")


def _possible_syndromes(prescription: Prescription) -> tuple[str, ...]:
    known = prescription.syndrome in SYNDROMES
    return (prescription.syndrome,) if known else SYNDROMES


def _possible_statuses(
    prescription: Prescription, chart: Chart, rules: Rules
) -> tuple[str, ...]:
    person = person_on(chart, prescription.start, rules)
    if person.is_immunocompromised:
        return ("immunocompromised",)
    if person.is_immunocompetent:
        return ("immunocompetent",)
    return ("immunocompetent", "immunocompromised")


def _clearance(
    prescription: Prescription, chart: Chart, rules: Rules
) -> Fraction | None:
    first = prescription.start - rules.days("renal_lookback_days")
    found = [
        lab
        for lab in chart.labs
        if lab["test"] == "creatinine_clearance"
        and lab["value"] is not None
        and first <= lab["collected_date"] <= prescription.start
        and is_reported(lab, rules)
    ]
    if not found:
        return None
    latest = max(lab["collected_date"] for lab in found)
    # A censored clearance counts as its number.
    return min(
        Fraction(lab["value"]) for lab in found if lab["collected_date"] == latest
    )


def _minimum(
    row: Row, syndrome: str, status: str, clearance: Fraction | None, rules: Rules
) -> Fraction | None:
    for regimen in rules.seeds.regimens:
        if (
            regimen["drug"] == row["drug"]
            and regimen["route"] == row["route"]
            and regimen["syndrome"] == syndrome
            and regimen["immune_status"] in ("any", status)
            and _is_in_band(clearance, regimen)
        ):
            minimum = regimen["min_daily_dose"]
            if regimen["unit"] == "mg/kg":
                return minimum * rules.number("dose_tolerance")
            return minimum
    return None


def _is_in_band(clearance: Fraction | None, regimen: Row) -> bool:
    lowest, limit = regimen["crcl_from"], regimen["crcl_below"]
    if clearance is None:
        return limit is None
    above = lowest is None or clearance >= lowest
    return above and (limit is None or clearance < limit)
