"""What is asked as soon as resistance is suspected: test, stop, do not switch, ask."""

from tests.spec.conformance.stories import (
    CANNOT_JUDGE,
    CONFIRMED,
    CONFIRMED_AND_IMPROVED,
    HIV,
    IMMUNOCOMPETENT,
    INFORMATION,
    MET,
    MISSED,
    NOT_ASKED,
    OPEN,
    REFUTED,
    RESPONDED,
    SPREAD,
    SUSPECTED,
    UNDER_DOSED,
    Story,
    pending,
)
from tests.spec.vignettes.rows import day, event, resistant, rx, visit

NOBODY_ELSE = [
    Story("Lesions responded: nothing is asked.", RESPONDED, NOT_ASKED),
    Story("Under-dosed: no case, nothing is asked.", UNDER_DOSED, NOT_ASKED),
    Story("Refuted by a susceptible isolate: no case.", REFUTED, NOT_ASKED),
]
DUE_15 = {"due_date": day(15)}

CULTURE_AND_SUSCEPTIBILITY = [
    *[
        Story(
            f"Flagged on day 8; an isolate was taken for susceptibility on day {when}.",
            [*SUSPECTED, pending("acyclovir_susceptibility", when)],
            state,
            {"due_date": day(15), "detail": detail},
        )
        for when, state, detail in [
            (-1, MISSED, None),
            (0, MET, None),
            (14, MET, None),
            (15, MET, None),
            (16, MISSED, "done_late"),
        ]
    ],
    *[
        Story(
            f"Nothing was collected, and it is day {today}.",
            SUSPECTED,
            state,
            DUE_15,
            as_of=day(today),
        )
        for today, state in [(14, OPEN), (15, MISSED), (16, MISSED)]
    ],
    *[
        Story(f"A {test} counts as well.", [*SUSPECTED, pending(test, 9)], MET)
        for test in ("genotype_ul23", "genotype_ul30")
    ],
    *[
        Story(
            f"A culture alone on day {when}, seen on day {today}: half done in time.",
            [*SUSPECTED, pending("hsv_culture", when)],
            state,
            {"detail": detail},
            as_of=day(today),
        )
        for when, today, state, detail in [
            (9, 14, OPEN, "culture_alone"),
            (9, 15, MISSED, "culture_alone"),
            (15, 16, MISSED, "culture_alone"),
            (16, 16, MISSED, None),
        ]
    ],
    Story(
        "A culture on day 9 with susceptibility on day 12 is wholly done.",
        [
            *SUSPECTED,
            pending("hsv_culture", 9),
            pending("acyclovir_susceptibility", 12),
        ],
        MET,
        {"detail": None},
    ),
    Story(
        "A PCR shows herpes, not its resistance.",
        [*SUSPECTED, pending("hsv_pcr", 9)],
        MISSED,
    ),
    Story("The isolate that confirmed it is the one asked for.", CONFIRMED, MET),
    Story(
        "Flagged by the laboratory alone, on day 11.",
        CONFIRMED_AND_IMPROVED,
        MET,
        {"due_date": day(18)},
    ),
    Story(
        "Also in the immunocompetent: testing is what tells.",
        IMMUNOCOMPETENT,
        MISSED,
    ),
    Story(
        "The patient was transferred on day 15, before anything was collected.",
        [*SUSPECTED, event("transfer_out", 15)],
        MISSED,
        {"detail": "died_or_left"},
    ),
    Story(
        "The patient was transferred on day 16, when it was overdue.",
        [*SUSPECTED, event("transfer_out", 16)],
        MISSED,
        {"detail": None},
    ),
    Story(
        "No laboratory extract came: nobody can say that nothing was collected.",
        SUSPECTED,
        CANNOT_JUDGE,
        {"detail": "without_extract"},
        without="labs",
    ),
    *NOBODY_ELSE,
]

NO_CROSS_RESISTANT_SWITCH = [
    *[
        Story(
            f"Flagged on day 8; the next treatment with the class began on day {when}.",
            [*SUSPECTED, rx(when, 10, drug="famciclovir")],
            state,
            {"due_date": day(38)},
        )
        for when, state in [(8, MET), (9, MISSED), (38, MISSED), (39, MET)]
    ],
    *[
        Story(
            f"Nothing else of the class was begun, and it is day {today}.",
            SUSPECTED,
            state,
            as_of=day(today),
        )
        for today, state in [(37, OPEN), (38, MET), (39, MET)]
    ],
    Story(
        "A switch on day 12 is missed on that day: it cannot be undone.",
        [*SUSPECTED, rx(12, 10, drug="famciclovir")],
        MISSED,
        as_of=day(12),
    ),
    Story(
        "Prophylaxis with the class is no treatment.",
        [*SUSPECTED, rx(12, 90, intent="prophylaxis")],
        MET,
    ),
    *[
        Story(
            f"Healed on day 20; treated again from day {when}.",
            [*SUSPECTED, visit(20, "healed"), rx(when, 10)],
            state,
        )
        for when, state in [(20, MISSED), (21, MET)]
    ],
    Story(
        "Healed on day 20, and it is day 25: nothing more can be missed.",
        [*SUSPECTED, visit(20, "healed")],
        MET,
        as_of=day(25),
    ),
    Story(
        "Improving on day 20 is not healed.",
        [*SUSPECTED, visit(20, "improving"), rx(21, 10)],
        MISSED,
    ),
    Story(
        "In the immunocompetent a failure is rarely resistance: shown, not judged.",
        [*IMMUNOCOMPETENT, rx(12, 10)],
        INFORMATION,
        {"detail": "switched_within_class"},
    ),
    Story("Nor where none was switched.", IMMUNOCOMPETENT, INFORMATION),
    Story(
        "Confirmed, it is judged in the immunocompetent too.",
        [*IMMUNOCOMPETENT, resistant(8), rx(12, 10)],
        MISSED,
    ),
    *NOBODY_ELSE,
]

FAILING_DRUG_STOPPED = [
    *[
        Story(
            f"Flagged on day 8; the course ended on day {days - 1}.",
            [HIV, rx(0, days), SPREAD],
            state,
            {"due_date": day(11), "detail": detail},
        )
        for days, state, detail in [
            (11, MET, None),
            (12, MET, None),
            (13, MISSED, "done_late"),
        ]
    ],
    *[
        Story(
            f"It is planned until day 20, and it is day {today}: until the evening of "
            "day 11 it can be stopped in time.",
            [HIV, rx(0, 21), SPREAD],
            state,
            {"detail": None},
            as_of=day(today),
        )
        for today, state in [(10, OPEN), (11, MISSED), (12, MISSED)]
    ],
    Story(
        "A planned end in time counts as planned, two days before it.",
        [HIV, rx(0, 12), SPREAD],
        MET,
        as_of=day(9),
    ),
    Story(
        "In the immunocompetent it is shown, not judged.",
        [*IMMUNOCOMPETENT, rx(10, 10)],
        INFORMATION,
        {"detail": "went_on"},
    ),
    *NOBODY_ELSE,
]

ID_CONSULT = [
    *[
        Story(
            f"Flagged on day 8; seen by infectious diseases on day {when}.",
            [*SUSPECTED, event("id_consult", when)],
            state,
            {"due_date": day(15), "detail": detail},
        )
        for when, state, detail in [
            (-1, MISSED, None),
            (0, MET, None),
            (14, MET, None),
            (15, MET, None),
            (16, MISSED, "done_late"),
        ]
    ],
    *[
        Story(
            f"Not seen, and it is day {today}.",
            SUSPECTED,
            state,
            as_of=day(today),
        )
        for today, state in [(14, OPEN), (15, MISSED), (16, MISSED)]
    ],
    Story(
        "No clinical events came: nobody can say that nobody was asked.",
        SUSPECTED,
        CANNOT_JUDGE,
        {"detail": "without_extract"},
        without="clinical_events",
    ),
    *NOBODY_ELSE,
]

CHAPTERS = {
    "culture_and_susceptibility": CULTURE_AND_SUSCEPTIBILITY,
    "no_cross_resistant_switch": NO_CROSS_RESISTANT_SWITCH,
    "failing_drug_stopped": FAILING_DRUG_STOPPED,
    "id_consult": ID_CONSULT,
}
