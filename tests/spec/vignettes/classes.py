"""Section 4, the table of classes: rows 1 to 11 and the order of the rows."""

from decimal import Decimal

from tests.spec.vignettes.rows import (
    Vignette,
    day,
    event,
    foscarnet,
    lab,
    resistant,
    rx,
    susceptible,
    too_little,
    undosed,
    visit,
)

POOR = Decimal("0.5")
FAILED = visit(8, "unchanged")
HEALED = visit(8, "healed")


def _class(found: str, reason: str | None = None, **more) -> dict:
    return {"classification": found, "reason": reason, **more}


SUSPECTED = _class("suspected", "persistent", in_rate=True)
RESPONDED = _class("responded", in_rate=True)
OTHER_DIAGNOSIS = _class("refuted", "alternative_diagnosis", in_rate=True)

CONFIRMED = [
    Vignette(
        f"row_1_{label}",
        "A resistant result confirms; it is in the rate where rows 2 to 5 do not apply.",
        [*given, resistant(5)],
        [_class("confirmed", "laboratory", in_rate=in_rate, outcome=outcome)],
    )
    for label, given, in_rate, outcome in [
        ("failed", [rx(), FAILED], True, "failed"),
        ("responded", [rx(), HEALED], True, "responded"),
        ("without_outcome", [rx()], True, None),
        ("switched_early", [rx(), foscarnet(3)], True, None),
        ("after_therapy", [rx(0, 7), visit(12, "unchanged")], True, "failed"),
        ("therapy_too_short", [rx(0, 6), FAILED], True, "failed"),
        ("inadequate", [too_little(), FAILED], False, "failed"),
        ("poor_adherence", [rx(adherence=POOR), FAILED], False, "failed"),
        ("dosing_unknown", [undosed(), FAILED], False, "failed"),
        ("concurrent", [rx(), foscarnet(0), HEALED], False, "responded"),
    ]
]

ORDER = [
    Vignette(f"row_{label}", sentence, given, [expect])
    for label, sentence, given, expect in [
        (
            "2_before_3",
            "Inadequate dosing goes before poor adherence.",
            [too_little(adherence=POOR), HEALED],
            _class("excluded", "inadequate_dosing", outcome="responded"),
        ),
        (
            "3_before_4",
            "Poor adherence goes before unknown dosing.",
            [undosed(adherence=POOR), FAILED],
            _class("excluded", "poor_adherence", outcome="failed", in_rate=False),
        ),
        (
            "4_before_5",
            "Unknown dosing goes before a concurrent drug.",
            [undosed(), foscarnet(0), FAILED],
            _class("not_evaluable", "dosing_unknown", in_rate=False),
        ),
        (
            "5_before_6",
            "A course with a concurrent drug is not evaluable, though it responded.",
            [rx(), foscarnet(-2, 5), HEALED],
            _class("not_evaluable", "concurrent_alternative", outcome="responded"),
        ),
        (
            "6_short_course",
            "A short course can respond.",
            [rx(0, 1), visit(3, "healed")],
            RESPONDED,
        ),
        (
            "7_before_8",
            "After therapy goes before too short a therapy.",
            [rx(0, 5), visit(9, "unchanged")],
            _class("not_evaluable", "after_therapy", in_rate=False),
        ),
        (
            "8_before_9",
            "Too short a therapy goes before a susceptible isolate.",
            [rx(0, 6), FAILED, susceptible(6)],
            _class("not_evaluable", "therapy_too_short", in_rate=False),
        ),
        (
            "9_before_10",
            "A susceptible isolate goes before another diagnosis.",
            [rx(), FAILED, susceptible(6), event("drug_reaction", 6)],
            _class("refuted", "susceptible_isolate", in_rate=True),
        ),
        (
            "9_not_for_a_response",
            "A susceptible isolate refutes no response.",
            [rx(), HEALED, susceptible(6)],
            RESPONDED,
        ),
        (
            "11_progressive",
            "A suspected course has its kind for a reason.",
            [rx(), visit(8, "new")],
            _class("suspected", "progressive", in_rate=True),
        ),
        (
            "12_before_13",
            "An early switch goes before an early death.",
            [rx(), foscarnet(4), event("death", 6)],
            _class("not_evaluable", "switched_early", in_rate=False),
        ),
    ]
]

CONCURRENT = [
    Vignette(
        f"concurrent_{label}",
        "An alternative (any route) or systemic other active drug that covers start.",
        [rx(), drug, FAILED],
        [_class("not_evaluable", "concurrent_alternative") if covers else SUSPECTED],
    )
    for label, drug, covers in [
        ("ends_the_day_before", foscarnet(-5, 5), False),
        ("ends_on_the_first_day", foscarnet(-5, 6), True),
        ("starts_on_the_first_day", foscarnet(0), True),
        (
            "trifluridine_ophthalmic",
            foscarnet(-1, drug="trifluridine", route="ophthalmic"),
            True,
        ),
        ("ganciclovir_iv", foscarnet(-1, drug="ganciclovir"), True),
        (
            "ganciclovir_ophthalmic",
            foscarnet(-1, drug="ganciclovir", route="ophthalmic"),
            False,
        ),
        (
            "valganciclovir_prophylaxis",
            foscarnet(-1, drug="valganciclovir", route="oral", intent="prophylaxis"),
            True,
        ),
        ("ivig", foscarnet(-1, drug="ivig"), False),
        ("topical_acyclovir", rx(-1, drug="acyclovir", route="topical"), False),
    ]
]

OFF_THERAPY = [
    Vignette(
        f"after_therapy_on_day_{when}_of_a_{days}_day_course",
        "A failure decided after end + 4 is not evaluable; day 10 of 7 still decides.",
        [rx(0, days), visit(when, "unchanged")],
        [expect],
    )
    for days, when, expect in [
        (7, 9, SUSPECTED),
        (7, 10, SUSPECTED),
        (7, 11, _class("not_evaluable", "after_therapy", in_rate=False)),
        (6, 9, _class("not_evaluable", "therapy_too_short", in_rate=False)),
        (8, 9, SUSPECTED),
    ]
]

REFUTED = [
    Vignette(
        f"susceptible_on_day_{when}",
        "A susceptible isolate refutes from day 5 on, until it no longer belongs.",
        [rx(), FAILED, susceptible(when)],
        [expect],
    )
    for when, expect in [
        (-2, SUSPECTED),
        (4, SUSPECTED),
        (5, _class("refuted", "susceptible_isolate", in_rate=True)),
        (39, _class("refuted", "susceptible_isolate", in_rate=True)),
        (40, SUSPECTED),
    ]
]


def _pcr(test: str, when: int = 3, **changes) -> object:
    return lab(test, when, **{"result": "positive", **changes})


MIMICS = [
    *[
        Vignette(
            f"mimic_{name}_on_day_{when}",
            "Events in [start - 7, deciding date + 14], days -7 to 22, explain a failure.",
            [rx(), FAILED, event(name, when)],
            [expect],
        )
        for name, when, expect in [
            ("drug_reaction", -8, SUSPECTED),
            ("drug_reaction", -7, OTHER_DIAGNOSIS),
            ("drug_reaction", 22, OTHER_DIAGNOSIS),
            ("drug_reaction", 23, SUSPECTED),
            ("bacterial_superinfection", 3, OTHER_DIAGNOSIS),
            ("fungal_superinfection", 3, OTHER_DIAGNOSIS),
            ("other_etiology", 3, OTHER_DIAGNOSIS),
            ("id_consult", 3, SUSPECTED),
        ]
    ],
    *[
        Vignette(
            f"mimic_vzv_{label}",
            "An HSV course with a positive vzv_pcr and no positive HSV test: zoster.",
            [rx(indication=indication), FAILED, *results],
            [expect],
        )
        for label, indication, results, expect in [
            ("alone", "hsv", [_pcr("vzv_pcr")], OTHER_DIAGNOSIS),
            ("in_zoster", "zoster", [_pcr("vzv_pcr")], SUSPECTED),
            ("in_unknown", None, [_pcr("vzv_pcr")], SUSPECTED),
            ("negative", "hsv", [_pcr("vzv_pcr", result="negative")], SUSPECTED),
            ("with_hsv_pcr", "hsv", [_pcr("vzv_pcr"), _pcr("hsv_pcr")], SUSPECTED),
            (
                "with_hsv_culture",
                "hsv",
                [_pcr("vzv_pcr"), _pcr("hsv_culture")],
                SUSPECTED,
            ),
            (
                "with_negative_hsv_pcr",
                "hsv",
                [_pcr("vzv_pcr"), _pcr("hsv_pcr", result="negative")],
                OTHER_DIAGNOSIS,
            ),
            ("on_day_-8", "hsv", [_pcr("vzv_pcr", -8)], SUSPECTED),
            ("on_day_-7", "hsv", [_pcr("vzv_pcr", -7)], OTHER_DIAGNOSIS),
            ("on_day_22", "hsv", [_pcr("vzv_pcr", 22)], OTHER_DIAGNOSIS),
            ("on_day_23", "hsv", [_pcr("vzv_pcr", 23)], SUSPECTED),
            (
                "with_hsv_pcr_outside_the_window",
                "hsv",
                [_pcr("vzv_pcr"), _pcr("hsv_pcr", -8)],
                OTHER_DIAGNOSIS,
            ),
            (
                "not_reported",
                "hsv",
                [_pcr("vzv_pcr", resulted_date=day(201))],
                SUSPECTED,
            ),
            (
                "with_hsv_pcr_not_reported",
                "hsv",
                [_pcr("vzv_pcr"), _pcr("hsv_pcr", resulted_date=None)],
                OTHER_DIAGNOSIS,
            ),
        ]
    ],
    Vignette(
        "mimic_by_the_strict_deciding_date",
        "The window ends 14 days after the deciding date of the rule in question.",
        [rx(0, 14), FAILED, visit(12, "unchanged"), event("other_etiology", 24)],
        [
            {
                **SUSPECTED,
                "strict_classification": "refuted",
                "strict_reason": "alternative_diagnosis",
                "strict_in_rate": True,
            }
        ],
    ),
]

VIGNETTES = [*CONFIRMED, *ORDER, *CONCURRENT, *OFF_THERAPY, *REFUTED, *MIMICS]
