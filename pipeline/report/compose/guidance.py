"""The words for what the documents ask for, and for what became of it; no numbers."""

from typing import Final

from pipeline.findings import Findings
from pipeline.report.compose.records import records

STATES: Final = {
    "met": "met",
    "missed": "missed",
    "open": "open",
    "information": "information",
    "other_guidance": "other guidance",
    "cannot_judge": "cannot be judged",
}
FURTHER_STATES: Final = {
    "n_information": "information",
    "n_other_guidance": "within other guidance",
    "n_cannot_judge": "cannot be judged",
}
DETAILS: Final = {
    "culture_alone": "half done (a culture alone)",
    "done_late": "done later",
    "died_or_left": "died or left before it was due",
    "without_extract": "the extract that shows it was not usable",
    "switched_within_class": "switched within the class",
    "went_on": "the drug went on",
    "topical_first": "a topical drug first",
    "systemic_first": "a systemic drug first",
    "without_dose": "dose or frequency missing",
    "without_weight": "weight missing",
    "reduced_for_kidneys": "reduced with a low creatinine clearance",
    "two_weeks_or_longer": "as long as the other document asks, or longer",
    "healed_earlier": "healed before that",
    "without_igg": "no IgG in time",
    "weight_loss": "with weight loss",
    "lymphadenopathy": "with lymphadenopathy",
    "weight_loss_and_lymphadenopathy": "with weight loss and lymphadenopathy",
    "dose_as_named": "at the dose named",
    "other_dose": "at another dose, or one not known",
    "nothing_given": "nothing given",
}


def detail(code: str) -> str:
    """What else was seen, in words; a drug with its route stands for itself."""
    return DETAILS.get(code, code.replace(" iv", " intravenous"))


def labels(findings: Findings) -> dict[str, str]:
    """The short name of each indicator, by its code."""
    return {row["indicator"]: row["label"] for row in records(findings.indicators)}
