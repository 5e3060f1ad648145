"""Prophylaxis after an allogeneic transplant, and treatment in pregnancy."""

from tests.spec.conformance.stories import (
    INFORMATION,
    MET,
    MISSED,
    NOT_ASKED,
    Story,
)
from tests.spec.vignettes.rows import condition, day, event, iv, rx


def transplanted(since: int):
    """An allogeneic stem cell transplant on that day."""
    return condition("hsct_allogeneic", since=since)


def prophylaxis(start: int, days: int, **changes: object):
    """Valacyclovir 500 mg twice a day, to prevent."""
    usual = {"dose": 500, "doses_per_day": 2, "intent": "prophylaxis"}
    return rx(start, days, **{**usual, **changes})


HSCT_PROPHYLAXIS = [
    *[
        Story(
            f"Transplanted {200 - since} days ago, nothing given.",
            [transplanted(since)],
            state,
        )
        for since, state in [(169, MISSED), (170, MISSED), (171, NOT_ASKED)]
    ],
    *[
        Story(
            f"100 days so far, {days} of them covered.",
            [transplanted(101), prophylaxis(101, days)],
            state,
        )
        for days, state in [(79, MISSED), (80, MET), (81, MET)]
    ],
    *[
        Story(
            f"A whole year, {days} days of it covered; what follows it is not asked.",
            [transplanted(-300), prophylaxis(-300, days), prophylaxis(65, 100)],
            state,
        )
        for days, state in [(291, MISSED), (292, MET)]
    ],
    Story(
        "The last 292 days of the year are covered, day 64 being its last.",
        [transplanted(-300), prophylaxis(-227, 292)],
        MET,
    ),
    Story(
        "Days planned after today do not count.",
        [transplanted(101), prophylaxis(150, 300)],
        MISSED,
    ),
    Story(
        "Days before the transplant do not count.",
        [transplanted(101), prophylaxis(51, 100)],
        MISSED,
    ),
    Story(
        "Two prescriptions over the same days cover them once.",
        [transplanted(101), prophylaxis(101, 50), prophylaxis(101, 50)],
        MISSED,
    ),
    Story(
        "Treatment covers as prophylaxis does.",
        [transplanted(101), rx(101, 90)],
        MET,
        {"detail": "other_dose"},
    ),
    *[
        Story(f"{drug} {dose} mg, {times} times a day.", given, MET, {"detail": detail})
        for drug, dose, times, detail in [
            ("valacyclovir", 500, 2, "dose_as_named"),
            ("acyclovir", 800, 2, "dose_as_named"),
            ("acyclovir", 400, 2, "other_dose"),
            ("valacyclovir", 500, 1, "other_dose"),
        ]
        for given in [
            [
                transplanted(101),
                prophylaxis(101, 90, drug=drug, dose=dose, doses_per_day=times),
            ]
        ]
    ],
    Story(
        "The patient died on day 130.",
        [transplanted(101), prophylaxis(101, 29), event("death", 130)],
        MISSED,
        {"detail": "died_or_left"},
    ),
    Story(
        "Nothing was given.",
        [transplanted(101)],
        MISSED,
        {"detail": "nothing_given"},
    ),
    Story(
        "An autologous transplant is not asked about.",
        [condition("hsct_autologous", since=101)],
        NOT_ASKED,
    ),
]

PREGNANCY_REVIEW = [
    *[
        Story(
            f"Pregnant from day -100 to day {end}; valacyclovir on days 0 to 9.",
            [event("pregnancy_start", -100), event("pregnancy_end", end), rx(0, 10)],
            state,
        )
        for end, state in [(-1, NOT_ASKED), (0, INFORMATION), (5, INFORMATION)]
    ],
    *[
        Story(
            f"Pregnant from day {start}.",
            [event("pregnancy_start", start), rx(0, 10)],
            state,
        )
        for start, state in [(9, INFORMATION), (10, NOT_ASKED)]
    ],
    *[
        Story(
            f"Pregnant from day {start}, and no end was recorded.",
            [event("pregnancy_start", start), rx(0, 10)],
            state,
        )
        for start, state in [(-295, NOT_ASKED), (-294, INFORMATION)]
    ],
    *[
        Story(
            "Shown by drug and route.",
            [event("pregnancy_start", -50), *given],
            INFORMATION,
            {"detail": detail},
        )
        for given, detail in [
            ([rx(0, 10)], "valacyclovir oral"),
            ([iv(0, 3), rx(3, 7)], "acyclovir, valacyclovir iv and oral"),
        ]
    ],
    Story("No pregnancy is recorded.", [rx(0, 10)], NOT_ASKED, as_of=day(200)),
]

CHAPTERS = {
    "hsct_prophylaxis": HSCT_PROPHYLAXIS,
    "pregnancy_review": PREGNANCY_REVIEW,
}
