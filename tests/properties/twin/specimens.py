"""Section 4, specimens: whose a result is and what it says; knows results, no classes."""

from fractions import Fraction
from math import floor

from tests.properties.twin.courses import Course
from tests.properties.twin.people import Row
from tests.properties.twin.rules import Rules

GENOTYPES = ("genotype_ul23", "genotype_ul30")
TIES = ("adequate", "unknown", "inadequate")


def course_of(lab: Row, kept: list[Course], rules: Rules) -> Course | None:
    """The one kept course that the result belongs to, whatever syndrome and test."""
    before = rules.days("specimen_before_days")
    after = rules.days("specimen_after_days")
    candidates = [
        course
        for course in kept
        if course.start - before <= lab["collected_date"] <= course.end + after
    ]
    if not candidates:
        return None
    latest = max(course.start for course in candidates)
    tied = [course for course in candidates if course.start == latest]
    return min(tied, key=lambda course: TIES.index(course.dosing))


def reading_of(lab: Row, syndrome: str, rules: Rules) -> str | None:
    """``resistant``, ``susceptible`` or None, in a course of that syndrome."""
    if lab["test"] in GENOTYPES:
        mutated = lab["result"] == "resistance_mutation"
        # Genotypes are of HSV genes: in a zoster course they say nothing.
        return "resistant" if mutated and syndrome != "zoster" else None
    if lab["test"] != "acyclovir_susceptibility":
        return None
    if lab["result"] is not None:
        # reading: any stated result silences the value, `indeterminate` included.
        stated = lab["result"] in ("resistant", "susceptible")
        return lab["result"] if stated else None
    if lab["value"] is None or syndrome == "zoster":
        return None
    return _against_cut_off(lab, _cut_off(lab["unit"], rules))


def _cut_off(unit: str | None, rules: Rules) -> Fraction:
    in_ug_ml = rules.number("resistant_ec50_ug_ml")
    if unit == "ug/ml":
        return in_ug_ml
    in_umol_l = 1000 * in_ug_ml / rules.number("acyclovir_molar_mass")
    return Fraction(floor(in_umol_l * 100 + Fraction(1, 2)), 100)


def _against_cut_off(lab: Row, cut_off: Fraction) -> str | None:
    value, operator = Fraction(lab["value"]), lab["value_operator"]
    if operator is None:
        return "resistant" if value >= cut_off else "susceptible"
    if operator in (">", ">="):
        return "resistant" if value >= cut_off else None
    if operator == "<":
        return "susceptible" if value <= cut_off else None
    return "susceptible" if value < cut_off else None
