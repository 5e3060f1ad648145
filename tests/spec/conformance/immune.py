"""Why therapy fails: HIV, and immune status."""

from tests.spec.conformance.stories import (
    CANNOT_JUDGE,
    CONFIRMED_AND_IMPROVED,
    MET,
    MISSED,
    NOT_ASKED,
    OPEN,
    RESPONDED,
    SPREAD,
    SUSPECTED,
    UNDER_DOSED,
    Story,
    pending,
)
from tests.spec.vignettes.rows import (
    condition,
    day,
    event,
    lab,
    resistant,
    rx,
    susceptible,
    visit,
)

TRANSPLANTED = [condition("solid_organ_transplant"), rx(0, 10), SPREAD]
NOTHING_KNOWN = [rx(0, 10), SPREAD]

HIV_TEST_OFFERED = [
    *[
        Story(
            f"Flagged on day 8; tested for HIV on day {when}.",
            [*TRANSPLANTED, lab("hiv_test", when, result="negative")],
            state,
            {"due_date": day(38), "detail": detail},
        )
        for when, state, detail in [
            (-366, MISSED, None),
            (-365, MET, None),
            (-364, MET, None),
            (37, MET, None),
            (38, MET, None),
            (39, MISSED, "done_late"),
        ]
    ],
    *[
        Story(
            f"Not tested, and it is day {today}.", TRANSPLANTED, state, as_of=day(today)
        )
        for today, state in [(37, OPEN), (38, MISSED), (39, MISSED)]
    ],
    Story(
        "Collected and not yet reported is offered.",
        [*TRANSPLANTED, pending("hiv_test", 20)],
        MET,
    ),
    Story(
        "Found positive after the start: the test was what was asked for.",
        [*TRANSPLANTED, lab("hiv_test", 20, result="positive")],
        MET,
    ),
    Story(
        "Found positive before the start: HIV is known.",
        [*TRANSPLANTED, lab("hiv_test", -20, result="positive")],
        NOT_ASKED,
    ),
    Story("HIV is known.", SUSPECTED, NOT_ASKED),
    Story(
        "Refuted by a susceptible isolate: it failed all the same.",
        [*TRANSPLANTED, susceptible(8)],
        MISSED,
    ),
    Story("Confirmed, with a failure.", [*TRANSPLANTED, resistant(8)], MISSED),
    Story(
        "Confirmed without a failure.",
        [*TRANSPLANTED[:2], visit(8, "improving"), resistant(9)],
        NOT_ASKED,
    ),
    Story("Under-dosed: no flag day.", UNDER_DOSED[1:], NOT_ASKED),
    Story("Lesions responded.", RESPONDED[1:], NOT_ASKED),
    Story(
        "No laboratory extract came.",
        TRANSPLANTED,
        CANNOT_JUDGE,
        {"detail": "without_extract"},
        without="labs",
    ),
]

IMMUNE_STATUS_REVIEWED = [
    *[
        Story(
            f"Immune status unknown; reviewed on day {when}.",
            [*NOTHING_KNOWN, event("immune_review", when)],
            state,
            {"due_date": day(38), "detail": detail},
        )
        for when, state, detail in [
            (-1, MISSED, None),
            (0, MET, None),
            (37, MET, None),
            (38, MET, None),
            (39, MISSED, "done_late"),
        ]
    ],
    *[
        Story(
            f"Not reviewed, and it is day {today}.",
            NOTHING_KNOWN,
            state,
            as_of=day(today),
        )
        for today, state in [(37, OPEN), (38, MISSED), (39, MISSED)]
    ],
    Story("Immune deficiency is known.", SUSPECTED, MET, as_of=day(8)),
    Story(
        "It is known that there is none.",
        [condition("none_documented"), *NOTHING_KNOWN],
        MET,
    ),
    *[
        Story(
            f"Not reviewed, though {' and '.join(signs)} was seen on day {when}.",
            [*NOTHING_KNOWN, *(event(sign, when) for sign in signs)],
            MISSED,
            {"detail": detail},
        )
        for signs, when, detail in [
            (["weight_loss"], 38, "weight_loss"),
            (["weight_loss"], 39, None),
            (["lymphadenopathy"], 5, "lymphadenopathy"),
            (["weight_loss", "lymphadenopathy"], 5, "weight_loss_and_lymphadenopathy"),
        ]
    ],
    Story("Confirmed without a failure.", CONFIRMED_AND_IMPROVED, NOT_ASKED),
    Story("Lesions responded.", RESPONDED, NOT_ASKED),
    Story(
        "No clinical events came.",
        NOTHING_KNOWN,
        CANNOT_JUDGE,
        {"detail": "without_extract"},
        without="clinical_events",
    ),
]

CHAPTERS = {
    "hiv_test_offered": HIV_TEST_OFFERED,
    "immune_status_reviewed": IMMUNE_STATUS_REVIEWED,
}
