"""Another drug: confirmed before it is begun, begun where resistance is confirmed."""

from tests.spec.conformance.stories import (
    CANNOT_JUDGE,
    CONFIRMED,
    HIV,
    INFORMATION,
    MET,
    MISSED,
    NOT_ASKED,
    OPEN,
    RESPONDED,
    SUSPECTED,
    Story,
    accessible,
    pending,
    trifluridine,
)
from tests.spec.vignettes.rows import day, foscarnet, lab, rx

EARLY = [HIV, rx(0, 10), lab("genotype_ul23", 3, result="resistance_mutation")]
"""Reported resistant on day 5, which is the flag day: no visit decides."""

CULTURE_BEFORE_SWITCH = [
    *[
        Story(
            f"Foscarnet on day 12; an isolate was collected on day {when}.",
            [*SUSPECTED, foscarnet(12), pending("acyclovir_susceptibility", when)],
            state,
        )
        for when, state in [
            *[(-1, MISSED), (0, MET), (1, MET)],
            *[(11, MET), (12, MET), (13, MISSED)],
        ]
    ],
    *[
        Story(
            f"A {test} before the switch.",
            [*SUSPECTED, pending(test, 9), foscarnet(12)],
            state,
        )
        for test, state in [
            ("hsv_culture", MET),
            ("genotype_ul30", MET),
            ("hsv_pcr", MISSED),
        ]
    ],
    *[
        Story(
            f"Flagged on day 8, foscarnet on day {when}, nothing collected.",
            [*SUSPECTED, foscarnet(when)],
            state,
        )
        for when, state in [(8, MISSED), (37, MISSED), (38, MISSED), (39, NOT_ASKED)]
    ],
    *[
        Story(
            f"Resistant on day 5, foscarnet on day {when}.",
            [*EARLY, foscarnet(when)],
            state,
        )
        for when, state in [(4, NOT_ASKED), (5, MET), (6, MET)]
    ],
    Story("A topical alternative is one too.", [*SUSPECTED, trifluridine(12)], MISSED),
    Story(
        "The first alternative after the flag is asked about, not a later one.",
        [
            *SUSPECTED,
            trifluridine(10),
            pending("acyclovir_susceptibility", 11),
            foscarnet(12),
        ],
        MISSED,
    ),
    Story("No alternative was begun.", SUSPECTED, NOT_ASKED),
    Story("No case.", [*RESPONDED, foscarnet(12)], NOT_ASKED),
    Story(
        "No laboratory extract came.",
        [*SUSPECTED, foscarnet(12)],
        CANNOT_JUDGE,
        {"detail": "without_extract"},
        without="labs",
    ),
]

ALTERNATIVE_THERAPY_STARTED = [
    *[
        Story(
            f"Flagged on day 8 and confirmed; foscarnet from day {when}.",
            [*CONFIRMED, foscarnet(when)],
            state,
            {"due_date": day(22), "detail": detail},
        )
        for when, state, detail in [
            (-1, MISSED, None),
            (0, MET, None),
            (21, MET, None),
            (22, MET, None),
            (23, MISSED, "done_late"),
        ]
    ],
    *[
        Story(
            f"Nothing else was begun, and it is day {today}.",
            CONFIRMED,
            state,
            as_of=day(today),
        )
        for today, state in [(21, OPEN), (22, MISSED), (23, MISSED)]
    ],
    Story("A topical alternative counts.", [*CONFIRMED, trifluridine(12)], MET),
    Story(
        "Ganciclovir is active, and is not what the documents name.",
        [*CONFIRMED, foscarnet(12, drug="ganciclovir")],
        MISSED,
    ),
    Story("Suspected alone: not asked for.", SUSPECTED, NOT_ASKED),
]

SEEN = [HIV, rx(0, 10), accessible(8, "progressing")]

TOPICAL_FIRST_IF_ACCESSIBLE = [
    Story(
        "Trifluridine, then foscarnet: shown, not judged.",
        [*SEEN, trifluridine(10), foscarnet(31)],
        INFORMATION,
        {"detail": "topical_first"},
    ),
    Story(
        "Foscarnet at once.",
        [*SEEN, foscarnet(10), trifluridine(11)],
        INFORMATION,
        {"detail": "systemic_first"},
    ),
    Story(
        "Both on one day: a topical drug is among the first.",
        [*SEEN, foscarnet(10), trifluridine(10)],
        INFORMATION,
        {"detail": "topical_first"},
    ),
    Story("No alternative was begun.", SEEN, NOT_ASKED),
    Story("No lesion is known to be in reach.", [*SUSPECTED, foscarnet(10)], NOT_ASKED),
    *[
        Story(
            f"In reach on day {when}; the alternative began on day 12.",
            [*SUSPECTED, accessible(when, "progressing"), trifluridine(12)],
            state,
        )
        for when, state in [
            (-1, NOT_ASKED),
            (0, INFORMATION),
            (12, INFORMATION),
            (13, NOT_ASKED),
        ]
    ],
    Story("No case.", [*RESPONDED, accessible(5, "new"), foscarnet(9)], NOT_ASKED),
]

CHAPTERS = {
    "culture_before_switch": CULTURE_BEFORE_SWITCH,
    "alternative_therapy_started": ALTERNATIVE_THERAPY_STARTED,
    "topical_first_if_accessible": TOPICAL_FIRST_IF_ACCESSIBLE,
}
