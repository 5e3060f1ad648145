"""Foscarnet: its dose, how long it is given, and what follows where it fails."""

from tests.spec.conformance.stories import (
    CANNOT_JUDGE,
    MET,
    MISSED,
    NOT_ASKED,
    OPEN,
    OTHER_GUIDANCE,
    Story,
    cidofovir,
    clearance,
)
from tests.spec.vignettes.rows import condition, day, foscarnet, patient, rx, visit

FOSCARNET_DOSE = [
    *[
        Story(
            f"{dose} mg/kg, {times} times a day.",
            [foscarnet(0, dose=dose, doses_per_day=times)],
            state,
        )
        for dose, times, state in [
            *[("35.99", 3, MISSED), (36, 3, MET), (40, 3, MET)],
            *[(44, 3, MET), ("44.01", 3, MISSED)],
            *[("53.99", 2, MISSED), (54, 2, MET), (60, 2, MET)],
            *[(66, 2, MET), ("66.01", 2, MISSED)],
            *[("35.99", 2, MISSED), (36, 2, OTHER_GUIDANCE), (44, 2, OTHER_GUIDANCE)],
            *[("44.01", 2, MISSED), ("80.99", 2, MISSED), (81, 2, OTHER_GUIDANCE)],
            *[(99, 2, OTHER_GUIDANCE), ("99.01", 2, MISSED)],
            *[(60, 3, MISSED), (40, 1, MISSED), (40, "2.5", MISSED)],
        ]
    ],
    *[
        Story(
            f"20 mg/kg three times a day; clearance {value} mL/min on day {when}.",
            [foscarnet(0, dose=20), clearance(value, when)],
            state,
            {"detail": detail},
        )
        for value, when, state, detail in [
            ("99.9", 0, OTHER_GUIDANCE, "reduced_for_kidneys"),
            (100, 0, MISSED, None),
            (60, -29, OTHER_GUIDANCE, "reduced_for_kidneys"),
            (60, -30, OTHER_GUIDANCE, "reduced_for_kidneys"),
            (60, -31, MISSED, None),
            (60, 1, MISSED, None),
        ]
    ],
    *[
        Story(
            f"{dose} mg/kg four times a day with a clearance of 60: lower or not.",
            [foscarnet(0, dose=dose, doses_per_day=4), clearance(60, -1)],
            state,
        )
        for dose, state in [("26.9", OTHER_GUIDANCE), (27, MISSED), ("27.1", MISSED)]
    ],
    Story(
        "40 mg/kg three times a day is met whatever the clearance.",
        [foscarnet(0), clearance(60, -1)],
        MET,
    ),
    *[
        Story(
            f"{dose} {unit} three times a day at 70 kg.",
            [foscarnet(0, dose=dose, dose_unit=unit), patient(weight_kg=70)],
            state,
        )
        for dose, unit, state in [
            (2800, "mg", MET),
            ("2.8", "g", MET),
            (2519, "mg", MISSED),
            (2520, "mg", MET),
        ]
    ],
    Story(
        "2,800 mg, and nobody wrote the weight down.",
        [foscarnet(0, dose=2800, dose_unit="mg")],
        CANNOT_JUDGE,
        {"detail": "without_weight"},
    ),
    *[
        Story(
            f"The {what} is missing.",
            [foscarnet(0, **{what: None})],
            CANNOT_JUDGE,
            {"detail": "without_dose"},
        )
        for what in ("dose", "dose_unit", "doses_per_day")
    ],
    Story("No foscarnet was given.", [rx(0, 10)], NOT_ASKED),
]

FOSCARNET_DURATION = [
    *[
        Story(
            f"Given for {days} days, lesions not healed.",
            [foscarnet(0, days)],
            state,
            {"detail": detail},
        )
        for days, state, detail in [
            (9, MISSED, None),
            (10, MET, None),
            (11, MET, None),
            (13, MET, None),
            (14, MET, "two_weeks_or_longer"),
        ]
    ],
    *[
        Story(
            f"Given on days 0 to 4, {status} on day {when}.",
            [foscarnet(0, 5), visit(when, status)],
            state,
            {"detail": detail},
        )
        for when, status, state, detail in [
            (3, "healed", MET, "healed_earlier"),
            (4, "healed", MET, "healed_earlier"),
            (5, "healed", MISSED, None),
            (4, "improving", MISSED, None),
        ]
    ],
    Story(
        "Healed at one place and new at another on one day is not healed.",
        [foscarnet(0, 5), visit(4, "healed"), visit(4, "new")],
        MISSED,
    ),
    *[
        Story(
            f"Days 0 to 8, and it is day {today}.",
            [foscarnet(0, 9)],
            state,
            as_of=day(today),
        )
        for today, state in [(7, NOT_ASKED), (8, MISSED), (9, MISSED)]
    ],
    *[
        Story(
            f"Five days, then five more from day {again}.",
            [foscarnet(0, 5), foscarnet(again, 5)],
            state,
        )
        for again, state in [
            (4, MISSED),
            (5, MET),
            (7, MET),
            (8, (MISSED, MISSED)),
        ]
    ],
    Story(
        "As prophylaxis it is no treatment.",
        [foscarnet(0, 5, intent="prophylaxis")],
        NOT_ASKED,
    ),
]

FAILING = [condition("hiv"), foscarnet(0, 20)]

CIDOFOVIR_AFTER_FOSCARNET = [
    *[
        Story(
            f"Foscarnet from day 0; lesions {status} on day {when}.",
            [*FAILING, visit(when, status)],
            state,
        )
        for when, status, state in [
            (9, "unchanged", NOT_ASKED),
            (10, "unchanged", MISSED),
            (11, "new", MISSED),
            (12, "progressing", MISSED),
            (12, "improving", NOT_ASKED),
            (12, "healed", NOT_ASKED),
        ]
    ],
    *[
        Story(
            f"Unchanged on day 10; cidofovir from day {when}.",
            [*FAILING, visit(10, "unchanged"), cidofovir(when)],
            state,
            {"due_date": day(24), "detail": detail},
        )
        for when, state, detail in [
            (9, MISSED, None),
            (10, MET, None),
            (23, MET, None),
            (24, MET, None),
            (25, MISSED, "done_late"),
        ]
    ],
    *[
        Story(
            f"Unchanged on day 10, no cidofovir, and it is day {today}.",
            [*FAILING, visit(10, "unchanged")],
            state,
            as_of=day(today),
        )
        for today, state in [(23, OPEN), (24, MISSED), (25, MISSED)]
    ],
    Story(
        "The first visit from day 10 on decides; a relapse later is another matter.",
        [*FAILING, visit(11, "improving"), visit(15, "new")],
        NOT_ASKED,
    ),
    *[
        Story(
            f"Stopped on day 11; unchanged on day {when}.",
            [foscarnet(0, 12), visit(when, "unchanged")],
            state,
        )
        for when, state in [(17, MISSED), (18, MISSED), (19, NOT_ASKED)]
    ],
    Story("Nobody looked.", FAILING, NOT_ASKED),
]

CHAPTERS = {
    "foscarnet_dose": FOSCARNET_DOSE,
    "foscarnet_duration": FOSCARNET_DURATION,
    "cidofovir_after_foscarnet": CIDOFOVIR_AFTER_FOSCARNET,
}
