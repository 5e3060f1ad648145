"""Topical alternatives: as strong, as often and as long as they are described."""

from tests.spec.conformance.stories import (
    CANNOT_JUDGE,
    MET,
    MISSED,
    NOT_ASKED,
    Story,
    cidofovir,
    imiquimod,
    trifluridine,
)
from tests.spec.vignettes.rows import day, foscarnet, visit

TOPICAL_REGIMEN = [
    *[
        Story(f"Cidofovir {strength}% once a day, 5 days.", [given], state)
        for strength, state in [
            *[("0.99", MISSED), (1, MET), (2, MET)],
            *[(3, MET), ("3.01", MISSED)],
        ]
        for given in [cidofovir(0, 5, dose=strength)]
    ],
    *[
        Story(f"Cidofovir 1% once a day, {days} days.", [cidofovir(0, days)], state)
        for days, state in [(4, MISSED), (5, MET), (6, MISSED)]
    ],
    Story("Cidofovir twice a day.", [cidofovir(0, 5, doses_per_day=2)], MISSED),
    *[
        Story(
            f"Trifluridine {times} times a day, 21 days.",
            [trifluridine(0, 21, doses_per_day=times)],
            state,
        )
        for times, state in [(2, MISSED), (3, MET), (4, MET), (5, MISSED)]
    ],
    *[
        Story(f"Trifluridine for {days} days.", [trifluridine(0, days)], state)
        for days, state in [(20, MISSED), (21, MET), (60, MET)]
    ],
    Story(
        "Trifluridine as eye drops on the skin is the same drug.",
        [trifluridine(0, 21, route="ophthalmic")],
        MET,
    ),
    *[
        Story(f"Imiquimod for {days} days.", [imiquimod(0, days)], state)
        for days, state in [(20, MISSED), (21, MET), (22, MET)]
    ],
    *[
        Story(
            f"Trifluridine on days 0 to 9, {status} on day {when}.",
            [trifluridine(0, 10), visit(when, status)],
            state,
            {"detail": detail},
        )
        for when, status, state, detail in [
            (9, "healed", MET, "healed_earlier"),
            (10, "healed", MISSED, None),
            (9, "improving", MISSED, None),
        ]
    ],
    Story(
        "Two weeks, then one more without a day between.",
        [trifluridine(0, 14), trifluridine(14, 7)],
        MET,
    ),
    Story(
        "Nobody wrote down how often, and the days fit.",
        [trifluridine(0, 21, doses_per_day=None)],
        CANNOT_JUDGE,
        {"detail": "without_dose"},
    ),
    Story(
        "Nobody wrote down how often, and it was too short anyhow.",
        [trifluridine(0, 20, doses_per_day=None)],
        MISSED,
    ),
    Story(
        "Cidofovir of unknown strength.",
        [cidofovir(0, 5, dose=None)],
        CANNOT_JUDGE,
    ),
    *[
        Story(
            f"Planned for days 0 to 9, and it is day {today}.",
            [trifluridine(0, 10)],
            state,
            as_of=day(today),
        )
        for today, state in [(8, NOT_ASKED), (9, MISSED), (10, MISSED)]
    ],
    Story(
        "Intravenous cidofovir is no topical.", [cidofovir(0, route="iv")], NOT_ASKED
    ),
    Story("Nor is foscarnet.", [foscarnet(0)], NOT_ASKED),
]

CHAPTERS = {"topical_regimen": TOPICAL_REGIMEN}
