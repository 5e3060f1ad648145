"""Section 4, the table of classes: rows 12 to 15, courses without an outcome."""

from tests.spec.vignettes.rows import Vignette, day, event, foscarnet, rx, visit

NO_FOLLOWUP = {
    "classification": "not_evaluable",
    "reason": "no_followup",
    "in_rate": False,
}
PENDING = {"classification": "pending", "reason": None, "in_rate": False}
SWITCHED = {"classification": "not_evaluable", "reason": "switched_early"}
LEFT = {"classification": "not_evaluable", "reason": "died_or_left"}

UNDECIDED = [
    *[
        Vignette(
            f"switch_on_day_{when}",
            "Without an outcome, a switch in (start, start + 10] leaves it not evaluable.",
            [rx(0, 14), foscarnet(when)],
            [expect],
        )
        for when, expect in [
            (1, SWITCHED),
            (10, SWITCHED),
            (11, NO_FOLLOWUP),
        ]
    ],
    Vignette(
        "switch_of_any_intent",
        "A switch counts whatever its intent.",
        [rx(), foscarnet(5, drug="valganciclovir", route="oral", intent="prophylaxis")],
        [SWITCHED],
    ),
    Vignette(
        "switch_to_a_topical",
        "A switch to an alternative counts by any route.",
        [rx(), foscarnet(5, drug="imiquimod", route="topical")],
        [SWITCHED],
    ),
    *[
        Vignette(
            f"switch_to_{drug}_{route}",
            "Alternatives count by any route, other active drugs only systemically.",
            [rx(), foscarnet(5, drug=drug, route=route)],
            [SWITCHED if counts else NO_FOLLOWUP],
        )
        for drug, route, counts in [
            ("cidofovir", "iv", True),
            ("cidofovir", "topical", True),
            ("trifluridine", "ophthalmic", True),
            ("ganciclovir", "iv", True),
            ("ganciclovir", "ophthalmic", False),
            ("brincidofovir", "oral", True),
            ("pritelivir", "oral", True),
            ("pritelivir", "topical", False),
            ("amenamevir", "oral", True),
            ("ivig", "iv", False),
        ]
    ],
    Vignette(
        "switch_after_an_early_response",
        "A switch after an early response leaves the response.",
        [rx(), visit(4, "improving"), foscarnet(5)],
        [{"classification": "responded", "reason": None, "in_rate": True}],
    ),
    *[
        Vignette(
            f"{leaving}_on_day_{when}",
            "Without an outcome, a death or transfer in [start, start + 10] ends it.",
            [rx(0, 14), event(leaving, when)],
            [expect],
        )
        for leaving in ("death", "transfer_out")
        for when, expect in [
            (-1, NO_FOLLOWUP),
            (0, LEFT),
            (10, LEFT),
            (11, NO_FOLLOWUP),
        ]
    ],
    *[
        Vignette(
            f"pending_{days}_days_on_day_{as_of}",
            "Pending while A is before the last usable day: start + 21 or end + 7.",
            [rx(0, days)],
            [expect],
            as_of=day(as_of),
        )
        for days, as_of, expect in [
            (10, 0, PENDING),
            (10, 15, PENDING),
            (10, 16, NO_FOLLOWUP),
            (14, 19, PENDING),
            (14, 20, NO_FOLLOWUP),
            (28, 20, PENDING),
            (28, 21, NO_FOLLOWUP),
        ]
    ],
    Vignette(
        "pending_ends_with_the_next_course",
        "On the next course's first day nothing more can be usable.",
        [rx(0, 7), rx(10, 7)],
        [NO_FOLLOWUP, PENDING],
        as_of=day(10),
    ),
    Vignette(
        "pending_ends_with_a_late_transfer",
        "After a transfer on day 12 nothing more can be usable.",
        [rx(0, 14), event("transfer_out", 12)],
        [NO_FOLLOWUP],
        as_of=day(12),
    ),
    Vignette(
        "pending_under_the_strict_rule_alone",
        "A failure on day 8 is suspected; under the strict rule it is still open.",
        [rx(), visit(8, "unchanged")],
        [
            {
                "classification": "suspected",
                "strict_classification": "pending",
                "strict_reason": None,
            }
        ],
        as_of=day(9),
    ),
]

VIGNETTES = UNDECIDED
