"""Severe disease: intravenous acyclovir, and renal function under much of it."""

from tests.spec.conformance.stories import (
    CANNOT_JUDGE,
    HIV,
    MET,
    MISSED,
    NOT_ASKED,
    OPEN,
    Story,
    changed,
    clearance,
    pending,
    severe,
)
from tests.spec.vignettes.rows import day, iv, patient, rx, visit

ORAL = [HIV, rx(0, 10)]
SEVERE = [*ORAL, severe(0)]

IV_FOR_SEVERE = [
    *[
        Story(f"Oral treatment; severe on day {when}.", [*ORAL, severe(when)], state)
        for when, state in [
            *[(-4, NOT_ASKED), (-3, MISSED), (0, MISSED)],
            *[(3, MISSED), (4, NOT_ASKED)],
        ]
    ],
    *[
        Story(
            f"Severe on day 0; intravenous acyclovir from day {when}.",
            [*SEVERE, iv(when, 5)],
            state,
            {"due_date": day(3)},
        )
        for when, state in [(0, MET), (2, MET), (3, MET), (4, MISSED)]
    ],
    *[
        Story(
            f"Intravenous acyclovir had ended on day {days - 6}.",
            [*SEVERE, iv(-5, days, intent="prophylaxis")],
            state,
        )
        for days, state in [(5, MISSED), (6, MET), (7, MET)]
    ],
    *[
        Story(
            f"Severe on day 0, and it is day {today}.", SEVERE, state, as_of=day(today)
        )
        for today, state in [(2, OPEN), (3, MISSED), (4, MISSED)]
    ],
    Story(
        "Severe zoster is not this course of herpes simplex.",
        [*ORAL, severe(0, syndrome="zoster")],
        NOT_ASKED,
    ),
    Story(
        "Moderate is not severe.",
        [*ORAL, changed(visit(0, "unchanged"), severity="moderate")],
        NOT_ASKED,
    ),
    Story("Nobody wrote down how severe.", [*ORAL, visit(0, "unchanged")], NOT_ASKED),
]

RENAL_MONITORING = [
    *[
        Story(f"{dose} mg/kg three times a day for {days} days.", given, state)
        for dose, days, state in [
            *[("9.99", 5, NOT_ASKED), (10, 5, MISSED), ("10.01", 5, MISSED)],
            *[(10, 2, NOT_ASKED), (10, 3, MISSED), (10, 4, MISSED)],
        ]
        for given in [[HIV, iv(0, days, dose=dose)]]
    ],
    *[
        Story(
            f"On days 0 to 4; a creatinine clearance of day {when}.",
            [HIV, iv(0, 5), clearance(80, when)],
            state,
            {"due_date": day(4)},
        )
        for when, state in [(-1, MISSED), (0, MET), (4, MET), (5, MISSED)]
    ],
    Story(
        "Collected and not yet reported is looked at.",
        [HIV, iv(0, 5), pending("creatinine_clearance", 2)],
        MET,
    ),
    Story(
        "Tablets follow: the course ends with them, and so does the time to look.",
        [HIV, iv(0, 3), rx(3, 7), clearance(80, 9)],
        MET,
        {"due_date": day(9)},
    ),
    *[
        Story(
            f"On days 0 to 4, and it is day {today}.", [HIV, iv(0, 5)], state, as_of=now
        )
        for today, state in [(3, OPEN), (4, MISSED), (5, MISSED)]
        for now in [day(today)]
    ],
    *[
        Story(
            f"Two days, then one more from day {again}: days are counted once.",
            [HIV, iv(0, 2), iv(again, 1)],
            state,
        )
        for again, state in [(1, NOT_ASKED), (2, MISSED)]
    ],
    *[
        Story(
            f"{dose} mg three times a day at 70 kg.",
            [HIV, iv(0, 5, dose=dose, dose_unit="mg"), patient(weight_kg=70)],
            state,
        )
        for dose, state in [(699, NOT_ASKED), (700, MISSED)]
    ],
    Story("Tablets alone.", ORAL, NOT_ASKED),
    Story(
        "No laboratory extract came.",
        [HIV, iv(0, 5)],
        CANNOT_JUDGE,
        {"detail": "without_extract"},
        without="labs",
    ),
]

CHAPTERS = {"iv_for_severe": IV_FOR_SEVERE, "renal_monitoring": RENAL_MONITORING}
