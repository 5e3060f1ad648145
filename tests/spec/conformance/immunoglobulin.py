"""IVIG: not alone, not without reason, not before the antiviral."""

from tests.spec.conformance.stories import (
    CANNOT_JUDGE,
    MET,
    MISSED,
    NOT_ASKED,
    Story,
    ivig,
    pending,
    trifluridine,
)
from tests.spec.vignettes.rows import foscarnet, lab, rx, visit

ACTIVE = [visit(-2, "progressing"), ivig(0)]


def reported(collected: int, value: object, operator: str | None = None):
    """An immunoglobulin G in mg/dL, reported two days later."""
    return lab("igg", collected, value=value, value_operator=operator)


ASKED_OF = [
    *[
        Story(
            f"IVIG on day 0; lesions {status} on day {when}.",
            [visit(when, status), ivig(0)],
            state,
        )
        for when, status, state in [
            (-15, "unchanged", NOT_ASKED),
            (-14, "unchanged", MISSED),
            (-1, "improving", MISSED),
            (0, "new", MISSED),
            (1, "new", NOT_ASKED),
            (-2, "healed", NOT_ASKED),
        ]
    ],
    Story("Healed here, open there.", [visit(-2, "healed"), *ACTIVE], MISSED),
    Story("No lesion was seen.", [ivig(0)], NOT_ASKED),
]

NO_IVIG_FOR_ACTIVE_INFECTION = [
    *ASKED_OF,
    *[
        Story(
            f"Valacyclovir on days {start} to {start + days - 1}.",
            [*ACTIVE, rx(start, days)],
            state,
        )
        for start, days, state in [
            (-5, 5, MISSED),
            (-5, 6, MET),
            (0, 10, MET),
            (1, 10, MISSED),
        ]
    ],
    *[
        Story(f"With {name}.", [*ACTIVE, given], MET)
        for name, given in [
            ("foscarnet", foscarnet(-1)),
            ("ganciclovir", foscarnet(-1, drug="ganciclovir")),
            ("topical trifluridine", trifluridine(-1)),
            ("prophylaxis", rx(-30, 60, intent="prophylaxis")),
        ]
    ],
    Story(
        "Two infusions, the second with foscarnet.",
        [*ACTIVE, foscarnet(5), ivig(7)],
        (MISSED, MET),
    ),
]

IVIG_INDICATED = [
    *[
        Story(f"IgG {operator or ''}{value} mg/dL.", [*ACTIVE, given], state)
        for value, operator, state in [
            *[("399.9", None, MET), (400, None, MISSED), (401, None, MISSED)],
            *[(400, "<", MET), (400, "<=", CANNOT_JUDGE), (399, "<=", MET)],
            *[(400, ">", MISSED), (400, ">=", MISSED), (399, ">", CANNOT_JUDGE)],
            *[(500, "<", CANNOT_JUDGE)],
        ]
        for given in [reported(-5, value, operator)]
    ],
    *[
        Story(f"IgG 300 mg/dL on day {when}.", [*ACTIVE, reported(when, 300)], state)
        for when, state in [
            *[(-181, CANNOT_JUDGE), (-180, MET), (0, MET), (1, CANNOT_JUDGE)],
        ]
    ],
    Story(
        "The last one counts: 300, then 700.",
        [*ACTIVE, reported(-20, 300), reported(-10, 700)],
        MISSED,
    ),
    Story(
        "Two on one day: the lower one counts.",
        [*ACTIVE, reported(-10, 700), reported(-10, 300)],
        MET,
    ),
    Story("Not yet reported.", [*ACTIVE, pending("igg", -5)], CANNOT_JUDGE),
    Story("None was taken.", ACTIVE, CANNOT_JUDGE, {"detail": "without_igg"}),
    Story("No lesion was seen.", [ivig(0), reported(-5, 700)], NOT_ASKED),
]

OPEN_LESION = visit(-9, "progressing")

ANTIVIRAL_NOT_DELAYED_FOR_IVIG = [
    *[
        Story(
            f"Lesions on day -9; IVIG on day {when}, valacyclovir on days 0 to 9.",
            [OPEN_LESION, ivig(when), rx(0, 10)],
            state,
        )
        for when, state in [
            *[(-8, NOT_ASKED), (-7, MISSED), (-1, MISSED)],
            *[(0, MET), (9, MET), (10, NOT_ASKED)],
        ]
    ],
    Story(
        "Begun on day -8 and still running on day -7: asked, and not in those days.",
        [OPEN_LESION, ivig(-8, 2), rx(0, 10)],
        MET,
    ),
    Story("No lesion before IVIG.", [ivig(-3), rx(0, 10)], MET),
    Story(
        "Lesions were healed before IVIG.",
        [visit(-4, "healed"), ivig(-3), rx(0, 10)],
        MET,
    ),
    Story("A lesion came after IVIG.", [ivig(-3), visit(-2, "new"), rx(0, 10)], MET),
    Story("No IVIG.", [OPEN_LESION, rx(0, 10)], NOT_ASKED),
]

CHAPTERS = {
    "no_ivig_for_active_infection": NO_IVIG_FOR_ACTIVE_INFECTION,
    "ivig_indicated": IVIG_INDICATED,
    "antiviral_not_delayed_for_ivig": ANTIVIRAL_NOT_DELAYED_FOR_IVIG,
}
