"""The words of a report for every code of the rule book; knows nothing of numbers."""

from typing import Final

SIGNS: Final = "Signs of Valacyclovir Resistance"
RASH: Final = "Management of Rash Spreading Despite Valacyclovir Treatment"
IVIG: Final = "IVIG is NOT First-Line Therapy for HSV Infection"

TITLE: Final = "Herpes that does not respond to acyclovir"
SUBTITLE: Final = "Population surveillance of treatment failure and resistance"
ADVISORY: Final = (
    "This report advises a surveillance team. It is not a diagnosis and not a "
    "treatment order."
)

QUESTIONS: Final = {
    "q1": "Is resistance above what is published?",
    "q2": "Who needs something done now?",
    "q3": "Is anything changing?",
    "q4": "Where?",
    "q5": "Was it managed as the guidance says?",
    "q6": "Can these numbers be trusted?",
    "q7": "Methods",
}

POPULATIONS: Final = {
    "immunocompetent": "Immunocompetent",
    "immunocompromised": "Immunocompromised",
    "hiv": "HIV",
    "aids": "AIDS",
    "aids_prolonged": "AIDS, prolonged therapy",
    "hsct_allogeneic": "Allogeneic stem cell transplant",
    "solid_organ_transplant": "Solid organ transplant",
    "prolonged_therapy": "Prolonged therapy",
    "all": "All patients",
}
LIES_INSIDE: Final = {
    "immunocompetent": ("all",),
    "immunocompromised": ("all",),
    "hiv": ("immunocompromised", "all"),
    "aids": ("hiv", "immunocompromised", "all"),
    "aids_prolonged": ("aids", "hiv", "immunocompromised", "prolonged_therapy", "all"),
    "hsct_allogeneic": ("immunocompromised", "all"),
    "solid_organ_transplant": ("immunocompromised", "all"),
    "prolonged_therapy": ("all",),
}
"""The populations that hold all patients of another, by their flags (criteria 5)."""
RISK_GROUPS: Final = {
    "hsct_allogeneic": "Allogeneic stem cell transplant",
    "aids_prolonged": "AIDS, prolonged therapy",
    "hiv": "HIV",
    "solid_organ_transplant": "Solid organ transplant",
    "other_immunocompromised": "Other immunocompromised",
    "immunocompetent": "Immunocompetent",
    "unknown": "Immune status unknown",
}
SYNDROMES: Final = {
    "hsv": "Herpes simplex",
    "zoster": "Zoster",
    "unknown": "Not known, counted as herpes simplex",
}

VERDICTS: Final = {
    "above": "above",
    "consistent": "consistent",
    "inconclusive": "inconclusive",
    "insufficient_data": "not enough data",
    "below": "below",
}
EMPHASIS: Final = {
    "above": "warn",
    "consistent": "good",
    "inconclusive": "",
    "insufficient_data": "muted",
    "below": "good",
}
BASELINE_KINDS: Final = {
    "upper_bound": "upper bound",
    "band": "band",
    "point": "point",
    "share": "share, not judged",
}
DEFINITIONS: Final = {
    "case": "Case (ceiling)",
    "ppv_adjusted": "PPV-adjusted (between)",
    "confirmed": "Confirmed (floor)",
}
SHORT_DEFINITIONS: Final = {
    "case": "cases",
    "ppv_adjusted": "adjusted",
    "confirmed": "confirmed",
}
UNITS: Final = {
    "patient": "Patients",
    "patient_first": "Patients, first course only",
    "course": "Courses",
}
CHART_STATUSES: Final = {
    "set": "set",
    "no_patients": "no evaluable patient in a mature month",
    "history_too_short": "its history is too short",
}
OTHER_CHARTS: Final = (
    "EARS, XmR charts and Farrington's method are not used: at rates this low they raise "
    "false alarms too often for what they find (statistics d)."
)
VARIED: Final = "If the rules were otherwise"
"""The title of the part that varies the rules one at a time."""
CHANGES_WITH_A_RULE: Final = (
    f"changes with a rule of counting, see section 6, “{VARIED}”"
)
RULES: Final = {"headline": "Headline rule", "strict": "Strict rule"}

FLAGS: Final = {
    "definition_mismatch": "clinical failures are set against a laboratory rate",
    "under_tested": "too few failures were tested for a floor to reassure",
    "tested_not_random": "tested failures may not be like untested ones",
    "excess_below_margin": "above, but the excess is smaller than the margin",
    "nominal_excess": "above only before correction for several comparisons",
    "fragile": "one case more or fewer would change the verdict",
    "unit_sensitive": "counting courses, or first courses only, would change the verdict",
    "not_evaluable_sensitive": "patients not evaluable could change the verdict",
    "provisional": "the window is provisional",
    "unreliable": "too few patients or too wide an interval for a stable rate",
    "no_followups": "without a usable follow-up nothing is judged",
}

CLASSES: Final = {
    "confirmed": "Confirmed",
    "suspected": "Suspected",
    "refuted": "Refuted",
    "responded": "Responded",
    "excluded": "Excluded",
    "not_evaluable": "Not evaluable",
    "pending": "Pending",
}
REASONS: Final = {
    "laboratory": "resistant in the laboratory",
    "inadequate_dosing": "dose below the minimum",
    "poor_adherence": "poor adherence",
    "dosing_unknown": "dose not known",
    "concurrent_alternative": "another active drug at the start",
    "after_therapy": "failure seen only after therapy had ended",
    "therapy_too_short": "therapy too short to have failed",
    "susceptible_isolate": "isolate susceptible under therapy",
    "alternative_diagnosis": "another diagnosis explains the lesions",
    "persistent": "lesions unchanged",
    "progressive": "lesions progressed or spread",
    "switched_early": "switched to another drug by day 10",
    "died_or_left": "died or left by day 10",
    "no_followup": "no visit that decides",
}
CLASS_REASONS: Final = {
    "confirmed": ("laboratory",),
    "suspected": ("persistent", "progressive"),
    "refuted": ("susceptible_isolate", "alternative_diagnosis"),
    "responded": (),
    "excluded": ("inadequate_dosing", "poor_adherence"),
    "not_evaluable": (
        "dosing_unknown",
        "concurrent_alternative",
        "after_therapy",
        "therapy_too_short",
        "switched_early",
        "died_or_left",
        "no_followup",
    ),
    "pending": (),
}
"""The reasons of each class, in the order of criteria, section 4."""
REMEDIES: Final = {
    "inadequate_dosing": "Give the full dose for syndrome, immune status and renal "
    "function, then look again.",
    "poor_adherence": "Find out why doses are missed, then judge a course that was "
    "taken.",
    "dosing_unknown": "Record dose, unit, frequency and, where it counts, weight.",
    "concurrent_alternative": "Another active drug was given from the start: judge by "
    "culture and susceptibility.",
    "after_therapy": "Therapy was over when it was judged: see now and swab if a lesion "
    "is still open; see the next course on {window}, while it runs.",
    "therapy_too_short": "Therapy was too short to judge, and is over: see now; if a "
    "lesion is still open, treat for at least {min_days} days and swab.",
    "susceptible_isolate": "The isolate is susceptible: look for dose, absorption or "
    "another cause.",
    "alternative_diagnosis": "Treat the other diagnosis; test again if herpes "
    "persists.",
    "switched_early": "Take a specimen before switching.",
    "died_or_left": "Ask the receiving team for the outcome where there is one.",
    "no_followup": "See the patient on {window}.",
}
"""What to put right, by reason, while therapy runs; `advice` fills in the numbers."""
REMEDIES_OVER: Final = {
    "inadequate_dosing": "Therapy is over: see now; if a lesion is still open, swab it "
    "and give the full dose for syndrome, immune status and renal function.",
    "poor_adherence": "Therapy is over: see now and find out why doses were missed; if a "
    "lesion is still open, swab it and judge a course that is taken.",
    "concurrent_alternative": "Another active drug was given from the start, and therapy "
    "is over: see now; culture and susceptibility if a lesion is still open.",
}
"""What to put right once the course has ended, where it is not the same."""
WATCH: Final = {
    "progressing_early": "Progressing before day 7",
    "switched_while_progressing": "Switched while lesions progressed",
    "relapse_on_therapy": "Relapse while still on therapy",
}
WATCH_ACTIONS: Final = {
    "progressing_early": "See again on {window}: {when}; swab an open lesion.",
    "switched_while_progressing": "Ask for a specimen from before the switch.",
    "relapse_on_therapy": "Take a specimen for culture and susceptibility, while therapy "
    "runs.",
}
"""What to do, by why a course is watched; `advice` fills in the days."""
WATCH_ACTIONS_LATE: Final = {
    "progressing_early": "{window} is past: see now; swab if a lesion is still open.",
    "relapse_on_therapy": "Therapy is over: see now; culture and susceptibility if a "
    "lesion is still open.",
}
"""What to do once the outcome window, or therapy, is past, where it is not the same."""
STEPS: Final = {
    "culture_and_susceptibility": "Culture and susceptibility testing",
    "id_consult": "Infectious-disease consult",
    "stop_and_do_not_switch_within_class": "Stop; do not switch within the class",
    "trifluridine_if_accessible": "Topical trifluridine if the lesion is accessible",
    "foscarnet": "Foscarnet (cidofovir gel where it is not at once available)",
    "cidofovir": "Cidofovir: foscarnet failed or is resistant",
    "follow_up_until_healed": "Another drug was started: follow up until healed",
    "last_look": "Healed before the flag day: one more visit, to close the row",
    "await_result": "Await the laboratory result",
    "foscarnet_if_confirmed": "Foscarnet if resistance is confirmed",
    "review_therapy": "Review with infectious diseases",
    "keep_off_the_class": "Keep off the class",
}
NOT_RULED_OUT: Final = {
    "dosing_unknown": "dose not known",
    "adherence_unknown": "adherence not known",
    "immune_status_unknown": "immune status not known",
    "hsv_not_laboratory_proven": "HSV not proven in the laboratory",
    "two_negative_hsv_tests": "two negative HSV tests",
}
STATUSES: Final = {
    "progressing": "progressing",
    "new": "new lesions",
    "unchanged": "unchanged",
    "improving": "improving",
    "healed": "healed",
}
TURNAROUND: Final = {
    "flag_to_specimen": "From flag to specimen",
    "specimen_to_result": "From specimen to result",
    "flag_to_alternative": "From flag to alternative therapy",
}
EXTRACTS: Final = {
    "prescriptions": "Prescriptions",
    "followups": "Follow-ups",
    "immune_status": "Immune status",
    "labs": "Laboratory results",
    "clinical_events": "Clinical events",
    "patients": "Patients",
}
DISPOSITIONS: Final = {
    "received": "Received",
    "accepted": "Accepted",
    "out_of_scope": "Out of scope",
    "deferred": "Dated after the as-of date",
    "duplicate": "Duplicate",
    "superseded": "Superseded",
    "quarantined": "Quarantined",
}
FATES: Final = {
    "accepted": "accepted",
    "out_of_scope": "out of scope",
    "deferred": "dated after the as-of date",
    "duplicate": "duplicate",
    "superseded": "superseded",
    "quarantined": "quarantined",
}
PATIENT_TERMS: Final = {
    "patients": "Patients",
    "evaluable": "Evaluable",
    "cases": "Cases",
    "excluded": "Excluded",
    "not_evaluable": "Not evaluable",
    "immature": "Immature only",
    "confirmed_outside": "Confirmed outside the rate",
}
NO_FOLLOWUP_TITLE: Final = "No course can be evaluated: no usable follow-up"
NO_COURSE_TITLE: Final = "No course could be built: no usable treatment"
NO_COURSE: Final = (
    "There is no rate and no course on any list, and that says nothing about resistance: "
    "look at how the prescriptions were read, with acvwatch validate."
)
WITHOUT_EXTRACT: Final = {
    "prescriptions": "no course can be built, so there is no rate and no list",
    "followups": "no course can be evaluated: there is no outcome, no suspected case, "
    "no watch list and no breakthrough; only laboratory confirmation is left",
    "immune_status": "immune status is known only from laboratory results, so most "
    "populations are empty or too small, and dosing can be judged only where every "
    "immune status asks for the same dose",
    "labs": "nothing can be confirmed or refuted in the laboratory, renal function is "
    "not known, and the confirmed rate says nothing",
    "clinical_events": "other diagnoses, consults, deaths and transfers are not seen, "
    "so some failures may have another cause",
    "patients": "age and weight are not known: children are taken for adults, and "
    "intravenous doses in mg cannot be judged",
}
IMMUNOCOMPETENT_WARNING: Final = (
    "Failure in the immunocompetent is rarely resistance: look for another cause first."
)
THREE_CASES: Final = (
    f"Context: three cases ever reported in immunocompetent hosts (“{SIGNS}”)."
)
TESTS: Final = {
    "hsv_culture": "HSV culture",
    "acyclovir_susceptibility": "Acyclovir susceptibility",
    "foscarnet_susceptibility": "Foscarnet susceptibility",
    "genotype_ul23": "UL23 genotype (thymidine kinase)",
    "genotype_ul30": "UL30 genotype (DNA polymerase)",
}
SHORT_TESTS: Final = {
    "hsv_culture": "culture",
    "acyclovir_susceptibility": "acyclovir",
    "foscarnet_susceptibility": "foscarnet",
    "genotype_ul23": "UL23",
    "genotype_ul30": "UL30",
    "hsv_pcr": "HSV PCR",
    "vzv_pcr": "VZV PCR",
}
RESULTS: Final = {
    "resistant": "resistant",
    "susceptible": "susceptible",
    "resistance_mutation": "resistance mutation",
}
LOOSE_ENDS: Final = {
    "n_unlinked_followups": "Follow-ups of patients without a prescription: {}.",
    "n_without_birth_year": "Patients without a birth year, taken for adults: {}.",
    "n_unknown_immune_status": "Courses whose patient's immune status is not known: {}.",
    "n_cases_unknown_adherence": "Suspected courses with adherence not known: {}.",
    "n_within_other_guidance": "Failures below the document's dose but within other "
    "guidance: {}.",
}
LOOSE_ENDS_REST_ON: Final = {
    "n_unlinked_followups": "followups",
    "n_without_birth_year": "patients",
    "n_cases_unknown_adherence": "followups",
    "n_within_other_guidance": "followups",
}
"""The extract without which such a number is not 0 but not known."""
