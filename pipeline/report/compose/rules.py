"""The rules of the rule book in words, with their citation; knows no numbers.

``{name}`` stands for the value that a parameter had in the run.
"""

from dataclasses import dataclass
from typing import Final

DOCUMENTS, OURS = "documents'", "ours"


@dataclass(frozen=True)
class Rule:
    """A rule: what it is about, what it says, whose it is, and where it stands.

    SIGNS, RASH and IVIG are the tags of the three documents.
    """

    topic: str
    text: str
    origin: str
    source: str


RULES: Final = (
    Rule(
        "Drugs",
        "Acyclovir, valacyclovir, famciclovir and penciclovir are one class: all need "
        "the viral thymidine kinase, and a switch within the class starts no new "
        "course.",
        DOCUMENTS,
        "criteria 1; SIGNS; IVIG",
    ),
    Rule(
        "Course",
        "Systemic treatment prescriptions of one patient and one dosing value join "
        "across gaps of up to {course_gap_days} days. Prophylaxis starts no course.",
        OURS,
        "criteria 2",
    ),
    Rule(
        "Dosing",
        "A course is adequate where its daily dose reaches the minimum for drug, route, "
        "syndrome, immune status and renal function.",
        DOCUMENTS,
        "criteria 2.5; SIGNS; IVIG",
    ),
    Rule(
        "Outcome",
        "The deciding visit is the last from day {window_from} to day {window_to}, else "
        "the first after it, else an earlier one if lesions improved. Improving or "
        "healed is a response; unchanged, progressing or new lesions are a failure.",
        DOCUMENTS,
        "criteria 3; SIGNS; RASH; IVIG",
    ),
    Rule(
        "Strict rule",
        "The same with the window from day {strict_window_from} on: the documents give "
        "a window, so every rate is computed at both of its ends.",
        DOCUMENTS,
        "criteria 3; SIGNS",
    ),
    Rule(
        "Confirmed",
        "A resistant susceptibility result, or a resistance mutation in UL23 or UL30, "
        "that belongs to the course. An EC50 counts as resistant from "
        "{resistant_ec50_ug_ml} ug/mL on where the laboratory gives no word.",
        OURS,
        "criteria 4 row 1",
    ),
    Rule(
        "Excluded",
        "Dose below the minimum, or adherence below {min_adherence}: both can look like "
        "resistance, so they are ruled out before anything is suspected.",
        DOCUMENTS,
        "criteria 4 rows 2 and 3; SIGNS; IVIG",
    ),
    Rule(
        "Not evaluable",
        "Dose not known, another active drug at the start, failure decided more than "
        "{off_therapy_days} days after therapy, therapy shorter than "
        "{min_therapy_days} days, an early switch, death or transfer, or no visit that "
        "decides.",
        OURS,
        "criteria 4 rows 4 to 15",
    ),
    Rule(
        "Refuted",
        "A failure with a susceptible isolate from day {refute_from_day} on, or with "
        "another diagnosis that explains the lesions.",
        DOCUMENTS,
        "criteria 4 rows 9 and 10; RASH; IVIG",
    ),
    Rule(
        "Suspected",
        "A failure that nothing above explains.",
        DOCUMENTS,
        "criteria 4 row 11; SIGNS; RASH; IVIG",
    ),
    Rule(
        "Populations",
        "A course carries what was known of the patient on its first day; populations "
        "overlap, as the published ones do. Unknown immune status is never taken for "
        "immunocompetent unless configured.",
        OURS,
        "criteria 5",
    ),
    Rule(
        "Counting",
        "One row a patient, population and window, of mature courses only: "
        "{maturity_days} days after the start for cases, {lab_maturity_days} for "
        "confirmed. Numerator and denominator are chosen by start date, never by "
        "whether the outcome is known.",
        OURS,
        "criteria 6",
    ),
    Rule(
        "Interval",
        "Clopper-Pearson, 95%; for courses of one patient Korn-Graubard.",
        OURS,
        "statistics a",
    ),
    Rule(
        "Verdict",
        "Exact one-sided tests against the published rate. Above needs at least "
        "{k_min_above} cases and Holm's correction; consistent needs that an odds ratio "
        "of {or_margin} is excluded; below {n_floor} evaluable patients nothing is "
        "judged.",
        OURS,
        "statistics b and c",
    ),
    Rule(
        "Confirmed as a floor",
        "While fewer than {min_tested_share} of failures were tested, the confirmed "
        "rate is never called consistent or below.",
        OURS,
        "statistics, top",
    ),
    Rule(
        "Adjusted rate",
        "Patients suspected, confirmed or refuted by a susceptible isolate, of the "
        "evaluable, times the confirmed of those confirmed or refuted; Jeffreys' priors. "
        "The text counts suspected and confirmed alone in the first factor; then a "
        "refuted patient lowers both factors, and the rate can fall below its floor. "
        "Fewer than {ppv_min_tested} settled are not judged.",
        OURS,
        "statistics, top and g",
    ),
    Rule(
        "Next steps",
        "Culture and susceptibility first; then an infectious-disease consult, "
        "stopping the failing drug, topical trifluridine or foscarnet, and cidofovir "
        "where foscarnet fails.",
        DOCUMENTS,
        "criteria 9; SIGNS; RASH; IVIG",
    ),
)
