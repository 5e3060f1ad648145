"""Section 3: usable days, the deciding visit, the outcome, headline and strict."""

from tests.spec.vignettes.rows import (
    Vignette,
    day,
    event,
    foscarnet,
    rx,
    too_little,
    undosed,
    visit,
)

NOTHING = {"outcome": None, "deciding_day": None, "reason": "no_followup"}
LEFT, NEXT = "died_or_left", "no_followup"
PERSISTENT = {"outcome": "failed", "failure_kind": "persistent"}
PROGRESSIVE = {"outcome": "failed", "failure_kind": "progressive"}
RESPONDED = {"outcome": "responded", "failure_kind": None}


def _seen(id: str, sentence: str, visits: list, expect: dict, days: int = 10):
    return Vignette(id, sentence, [rx(0, days), *visits], [expect])


STATUSES = [
    _seen(
        f"status_{status}",
        "improving and healed respond; unchanged persists; progressing and new spread.",
        [visit(8, status)],
        {**outcome, "deciding_status": status, "deciding_date": day(8)},
    )
    for status, outcome in [
        ("healed", RESPONDED),
        ("improving", RESPONDED),
        ("unchanged", PERSISTENT),
        ("new", PROGRESSIVE),
        ("progressing", PROGRESSIVE),
    ]
]

WORST = [
    _seen(
        f"worst_of_{better}_and_{worse}",
        "A day's status is the worst of the day over all lesions.",
        [visit(8, better), visit(8, worse), visit(8, better)],
        {"deciding_status": worse},
    )
    for better, worse in [
        ("healed", "improving"),
        ("improving", "unchanged"),
        ("unchanged", "new"),
        ("new", "progressing"),
        ("healed", "progressing"),
    ]
]

DECIDING = [
    _seen(
        "deciding_last_in_the_window",
        "The last usable day in [7, 10] decides.",
        [visit(7, "progressing"), visit(10, "improving"), visit(11, "progressing")],
        {**RESPONDED, "deciding_day": 10},
    ),
    _seen(
        "deciding_day_7_is_in_the_window",
        "Day 7 lies in the window: it goes before the first day after it.",
        [visit(7, "unchanged"), visit(11, "healed")],
        {**PERSISTENT, "deciding_day": 7},
    ),
    _seen(
        "deciding_day_6_is_before_the_window",
        "Day 6 does not: the first usable day after the window decides.",
        [visit(6, "unchanged"), visit(11, "healed")],
        {**RESPONDED, "deciding_day": 11},
    ),
    _seen(
        "deciding_first_after_the_window",
        "Without a day in the window, the first after it decides, not the last.",
        [visit(11, "unchanged"), visit(14, "healed")],
        {**PERSISTENT, "deciding_day": 11},
    ),
    _seen(
        "deciding_early_response",
        "Without a later day, the last before the window counts if it responds.",
        [visit(3, "unchanged"), visit(6, "improving")],
        {**RESPONDED, "deciding_day": 6},
    ),
    _seen(
        "deciding_early_failure_decides_nothing",
        "A failure before the window decides nothing.",
        [visit(6, "unchanged")],
        NOTHING,
    ),
    _seen(
        "deciding_last_early_day_only",
        "It is the last early day that must respond, not an earlier one.",
        [visit(3, "healed"), visit(6, "unchanged")],
        NOTHING,
    ),
    _seen(
        "deciding_without_a_visit",
        "Without a visit there is no outcome.",
        [],
        NOTHING,
    ),
]

USABLE = [
    _seen(
        "usable_not_on_day_0",
        "The first day of treatment is not usable.",
        [visit(0, "healed")],
        NOTHING,
    ),
    _seen(
        "usable_from_day_1",
        "Day 1 is usable.",
        [visit(1, "healed")],
        {**RESPONDED, "deciding_day": 1},
    ),
    _seen(
        "usable_until_day_21",
        "Day 21 is usable.",
        [visit(21, "unchanged")],
        {**PERSISTENT, "deciding_day": 21},
        days=28,
    ),
    _seen(
        "usable_not_on_day_22",
        "Day 22 is not.",
        [visit(22, "unchanged")],
        NOTHING,
        days=28,
    ),
    _seen(
        "usable_until_7_days_after_the_end",
        "The seventh day after the end is usable (though it comes after therapy).",
        [visit(13, "unchanged")],
        {**PERSISTENT, "deciding_day": 13, "reason": "after_therapy"},
        days=7,
    ),
    _seen(
        "usable_not_8_days_after_the_end",
        "The eighth is not.",
        [visit(14, "unchanged")],
        NOTHING,
        days=7,
    ),
    Vignette(
        "usable_until_a_planned_end",
        "An end planned after the as-of date bounds nothing yet.",
        [rx(0, 28), visit(8, "unchanged")],
        [PERSISTENT],
        as_of=day(8),
    ),
    *[
        Vignette(
            f"usable_on_day_{when}_with_the_next_course_on_day_10",
            "A visit on the next course's first day still belongs to this course.",
            [rx(0, 7), rx(10, 10), visit(when, "unchanged")],
            [first, NOTHING],
        )
        for when, first in [
            (10, {**PERSISTENT, "deciding_day": 10}),
            (11, NOTHING),
        ]
    ],
    Vignette(
        "usable_until_a_next_course_of_any_dosing",
        "The next course ends the usable days whatever its dosing.",
        [rx(0, 10), too_little(8, 10), visit(9, "unchanged")],
        [NOTHING, {"dosing": "inadequate"}],
    ),
    Vignette(
        "usable_past_a_course_of_the_same_start",
        "The next course starts strictly later: one of the same start is none.",
        [rx(0, 7), too_little(0, 20), visit(8, "unchanged")],
        [
            {"dosing": "adequate", **PERSISTENT},
            {"dosing": "inadequate", **PERSISTENT},
        ],
    ),
    *[
        Vignette(
            f"usable_on_day_{when}_with_a_switch_on_day_8",
            "A visit on the day of the switch still counts, one after it does not.",
            [rx(), foscarnet(8), visit(when, "progressing")],
            [expect],
        )
        for when, expect in [
            (8, {**PROGRESSIVE, "deciding_day": 8}),
            (9, {"outcome": None, "reason": "switched_early"}),
        ]
    ],
    *[
        Vignette(
            f"usable_on_day_{when}_with_a_{leaving}_on_day_8",
            "A visit on the day of a death or transfer counts, one after it does not.",
            [rx(), event(leaving, 8), visit(when, "progressing")],
            [expect],
        )
        for leaving in ("death", "transfer_out")
        for when, expect in [
            (8, {**PROGRESSIVE, "deciding_day": 8}),
            (9, {"outcome": None, "reason": "died_or_left"}),
        ]
    ],
    *[
        Vignette(
            f"usable_until_the_first_{label}",
            "Of several the first counts, not the last.",
            [rx(0, 28), *given, visit(12, "unchanged")],
            [{"outcome": None, "reason": reason}, *others],
        )
        for label, given, reason, others in [
            ("switch", [foscarnet(25), foscarnet(6)], "switched_early", []),
            ("leaving", [event("death", 25), event("transfer_out", 6)], LEFT, []),
            ("next_course", [too_little(9, 60), undosed(25, 60)], NEXT, [{}, {}]),
        ]
    ],
    Vignette(
        "usable_after_an_earlier_transfer",
        "A transfer before the start ends nothing.",
        [rx(), event("transfer_out", -1), visit(8, "unchanged")],
        [PERSISTENT],
    ),
]

SYNDROMES = [
    _seen(
        "syndrome_another_is_left_out_before_the_worst",
        "A visit of another syndrome is left out before the day's worst is taken.",
        [visit(8, "progressing", "zoster"), visit(8, "improving", "hsv")],
        {**RESPONDED, "deciding_status": "improving"},
    ),
    _seen(
        "syndrome_not_named_is_used",
        "A visit that names no syndrome is used.",
        [visit(8, "progressing"), visit(8, "improving", "hsv")],
        PROGRESSIVE,
    ),
    Vignette(
        "syndrome_unknown_uses_every_visit",
        "A course of unknown syndrome has no other syndrome.",
        [
            rx(indication=None),
            visit(-1, "new", "hsv"),
            visit(-1, "new", "zoster"),
            visit(8, "unchanged", "zoster"),
        ],
        [{"syndrome": "unknown", **PERSISTENT}],
    ),
]

RECURRENCES = [
    _seen(
        "recurrence_not_on_the_last_day",
        "New lesions on the last day of therapy are spread.",
        [visit(9, "new")],
        PROGRESSIVE,
    ),
    _seen(
        "recurrence_after_the_end",
        "After the end, new lesions are a recurrence: the day is not usable.",
        [visit(10, "new")],
        NOTHING,
    ),
    _seen(
        "recurrence_whatever_else_was_seen",
        "It is not usable, whatever better was seen that day.",
        [visit(10, "new"), visit(10, "improving")],
        NOTHING,
    ),
    _seen(
        "recurrence_by_the_days_worst",
        "A day whose worst status is progressing is no recurrence.",
        [visit(10, "new"), visit(10, "progressing")],
        {**PROGRESSIVE, "deciding_status": "progressing"},
    ),
    _seen(
        "recurrence_leaves_the_earlier_day",
        "A recurrence on day 10 leaves day 8 as the last of the window.",
        [visit(8, "improving"), visit(10, "new")],
        {**RESPONDED, "deciding_day": 8},
    ),
]

STRICT = [
    _seen(
        "strict_day_10_decides_both",
        "A failure on day 10 is one at both ends of the window.",
        [visit(10, "unchanged")],
        {
            **PERSISTENT,
            "strict_outcome": "failed",
            "strict_deciding_day": 10,
            "strict_classification": "suspected",
            "strict_reason": "persistent",
            "strict_in_rate": True,
        },
    ),
    _seen(
        "strict_failure_on_day_9_decides_nothing",
        "Under the strict rule day 9 lies before the window.",
        [visit(9, "unchanged")],
        {
            "classification": "suspected",
            "in_rate": True,
            "strict_outcome": None,
            "strict_deciding_day": None,
            "strict_classification": "not_evaluable",
            "strict_reason": "no_followup",
            "strict_in_rate": False,
        },
    ),
    _seen(
        "strict_response_on_day_9_counts",
        "A response before the strict window counts as one before day 7 does.",
        [visit(9, "improving")],
        {
            **RESPONDED,
            "strict_outcome": "responded",
            "strict_deciding_day": 9,
            "strict_in_rate": True,
        },
    ),
    _seen(
        "strict_chooses_again",
        "The deciding visit is chosen again: day 8 fails, day 12 responds.",
        [visit(8, "unchanged"), visit(12, "improving")],
        {
            "classification": "suspected",
            "deciding_day": 8,
            "strict_classification": "responded",
            "strict_reason": None,
            "strict_deciding_day": 12,
        },
    ),
]

VIGNETTES = [
    *STATUSES,
    *WORST,
    *DECIDING,
    *USABLE,
    *SYNDROMES,
    *RECURRENCES,
    *STRICT,
]
