"""Section 4, the watch list: three kinds that are in no rate."""

from tests.spec.vignettes.rows import (
    Vignette,
    day,
    event,
    foscarnet,
    rx,
    too_little,
    visit,
)

EARLY = "progressing_early"
SWITCHED = "switched_while_progressing"
RELAPSE = "relapse_on_therapy"


def _watch(label: str, sentence: str, given: list, kind: str | None, **more):
    return Vignette(f"watch_{label}", sentence, given, [{"watch": kind}], **more)


PROGRESSING_EARLY = [
    *[
        _watch(
            f"{status}_on_day_{when}_seen_on_day_{as_of}",
            "Pending or without follow-up, the last usable day spreading on day 3 to 6.",
            [rx(), visit(when, status)],
            kind,
            as_of=day(as_of),
        )
        for status, when, as_of, kind in [
            ("progressing", 2, 8, None),
            ("progressing", 3, 8, EARLY),
            ("new", 6, 8, EARLY),
            ("unchanged", 6, 8, None),
            ("progressing", 6, 200, EARLY),
            ("progressing", 7, 8, None),
        ]
    ],
    *[
        _watch(
            f"progressing_on_day_{when}_before_a_window_from_day_9",
            "Day 6 is the last that is early, also where day 7 decides nothing.",
            [rx(), visit(when, "progressing")],
            kind,
            parameters={"window_from": 9},
        )
        for when, kind in [(6, EARLY), (7, None)]
    ],
    _watch(
        "last_usable_day_only",
        "Spread that has stopped on the last usable day is not watched.",
        [rx(), visit(4, "progressing"), visit(5, "unchanged")],
        None,
    ),
    _watch(
        "not_of_an_excluded_course",
        "An excluded course is not watched.",
        [too_little(), visit(4, "progressing")],
        None,
    ),
    _watch(
        "not_of_a_patient_who_left",
        "Neither pending nor without follow-up: a patient who died is not watched.",
        [rx(), visit(4, "progressing"), event("death", 5)],
        None,
    ),
]

SWITCHED_WHILE_PROGRESSING = [
    _watch(
        f"switch_while_{status}_on_day_{when}",
        "Switched early, with spread on the last usable day, whichever it is.",
        [rx(), visit(when, status), foscarnet(5)],
        kind,
    )
    for status, when, kind in [
        ("progressing", 1, SWITCHED),
        ("new", 5, SWITCHED),
        ("unchanged", 5, None),
        ("progressing", 6, None),
    ]
]

RELAPSES = [
    *[
        _watch(
            f"relapse_{status}_on_day_{when}_of_a_14_day_course",
            "A response with spread after the deciding day, up to the end of therapy.",
            [rx(0, 14), visit(8, "improving"), visit(when, status)],
            kind,
        )
        for status, when, kind in [
            ("progressing", 11, RELAPSE),
            ("new", 13, RELAPSE),
            ("progressing", 14, None),
            ("unchanged", 13, None),
            ("progressing", 6, None),
        ]
    ],
    _watch(
        "relapse_long_after",
        "There is no limit of 21 days: day 59 of a course of 60 days.",
        [rx(0, 60), visit(8, "improving"), visit(59, "new")],
        RELAPSE,
    ),
    *[
        Vignette(
            f"watch_relapse_on_day_{when}_with_a_next_course_on_day_11",
            "Up to the day of the next course.",
            [rx(0, 14), too_little(11, 20), visit(8, "healed"), visit(when, "new")],
            [{"watch": kind}, {"dosing": "inadequate", "watch": None}],
        )
        for when, kind in [(11, RELAPSE), (12, None)]
    ],
    *[
        _watch(
            f"relapse_on_day_{when}_with_a_switch_on_day_11",
            "Up to the day of the switch.",
            [rx(0, 14), foscarnet(11), visit(8, "healed"), visit(when, "new")],
            kind,
        )
        for when, kind in [(11, RELAPSE), (12, None)]
    ],
    *[
        _watch(
            f"relapse_on_day_{when}_with_a_transfer_on_day_11",
            "Up to the day of a transfer.",
            [
                rx(0, 14),
                event("transfer_out", 11),
                visit(8, "healed"),
                visit(when, "new"),
            ],
            kind,
        )
        for when, kind in [(11, RELAPSE), (12, None)]
    ],
    _watch(
        "relapse_of_another_syndrome",
        "Visits of another known syndrome are left out.",
        [rx(0, 14), visit(8, "improving", "hsv"), visit(11, "new", "zoster")],
        None,
    ),
]

VIGNETTES = [*PROGRESSING_EARLY, *SWITCHED_WHILE_PROGRESSING, *RELAPSES]
