"""Section 2, rules 1 to 3: interval, intent, syndrome."""

from tests.spec.vignettes.rows import Vignette, day, rx, visit

LONG = {"days": 60, "intent": None}


INTERVALS = [
    Vignette(
        "interval_from_days_supply",
        "Without an end_date the last day is start_date + days_supply - 1.",
        [rx(end_date=None, days_supply=10)],
        [{"end_date": day(9), "length_days": 10}],
    ),
    Vignette(
        "interval_given_end_goes_first",
        "An end_date as given goes before days_supply.",
        [rx(days=7, days_supply=30)],
        [{"end_date": day(6), "length_days": 7}],
    ),
    Vignette(
        "interval_planned_end_after_as_of",
        "An end after the as-of date is used as planned.",
        [rx(days=10)],
        [{"end_date": day(9), "length_days": 10}],
        as_of=day(5),
    ),
]

INTENTS = [
    Vignette(
        "intent_prophylaxis_starts_no_course",
        "Prophylaxis prevents reactivation: it starts no course.",
        [rx(intent="prophylaxis"), visit(0, "progressing")],
        [],
    ),
    Vignette(
        "intent_given_treatment_however_long",
        "An intent is used as given, whatever the span.",
        [rx(days=90, intent="treatment")],
        [{"length_days": 90}],
    ),
    Vignette(
        "intent_span_28_is_treatment",
        "A run without a visit is treatment while its span does not exceed 28 days.",
        [rx(days=28, intent=None)],
        [{"length_days": 28}],
    ),
    Vignette(
        "intent_span_29_is_prophylaxis",
        "A run without a visit whose span exceeds 28 days is prophylaxis.",
        [rx(days=29, intent=None)],
        [],
    ),
    Vignette(
        "intent_gap_of_7_joins_a_run",
        "Uncovered days 14 to 20 part no run: 14 + 7 + 14 days are prophylaxis.",
        [rx(0, 14, intent=None), rx(21, 14, intent=None)],
        [],
    ),
    Vignette(
        "intent_gap_of_8_parts_a_run",
        "After eight uncovered days a new run begins: two treatments of 14 days.",
        [rx(0, 14, intent=None), rx(22, 14, intent=None)],
        [{"start_date": day(0)}, {"start_date": day(22)}],
    ),
    *[
        Vignette(
            f"intent_unhealed_visit_on_day_{when}",
            "An unhealed visit in [run start - 7, run start + 3] makes it treatment.",
            [rx(**LONG), visit(when, "unchanged")],
            [{"length_days": 60}] if treated else [],
        )
        for when, treated in [(-8, False), (-7, True), (3, True), (4, False)]
    ],
    Vignette(
        "intent_healed_visit_is_no_sign_of_treatment",
        "A healed visit does not make a run treatment.",
        [rx(**LONG), visit(0, "healed")],
        [],
    ),
    Vignette(
        "intent_one_unhealed_lesion_is_enough",
        "A visit of any status but healed counts, though another lesion was healed.",
        [rx(**LONG), visit(0, "healed"), visit(0, "improving")],
        [{"length_days": 60}],
    ),
    Vignette(
        "intent_visit_is_asked_of_the_run_not_of_a_refill",
        "A visit at a refill lies outside the run's first days: prophylaxis.",
        [rx(0, 30, intent=None), rx(30, 30, intent=None), visit(30, "unchanged")],
        [],
    ),
    Vignette(
        "intent_runs_are_of_prescriptions_without_intent",
        "A refill with an intent does not lengthen the run: 14 days are treatment.",
        [rx(0, 14, intent=None), rx(14, 20)],
        [{"length_days": 34, "n_prescriptions": 2}],
    ),
    Vignette(
        "intent_latest_end_so_far_carries_a_run",
        "A long prescription carries the run past the end of a shorter, later one.",
        [rx(0, 20, intent=None), rx(2, 3, intent=None), rx(27, 2, intent=None)],
        [],
    ),
]

SYNDROMES = [
    Vignette(
        "syndrome_indication_goes_first",
        "The indication is the syndrome, whatever visits name.",
        [rx(indication="zoster"), visit(0, "unchanged", "hsv")],
        [{"syndrome": "zoster"}],
    ),
    *[
        Vignette(
            f"syndrome_from_a_visit_on_day_{when}",
            "Without an indication, visits in [start - 14, start + 21] name it.",
            [rx(indication=None), visit(when, "healed", "zoster")],
            [{"syndrome": syndrome}],
        )
        for when, syndrome in [
            (-15, "unknown"),
            (-14, "zoster"),
            (21, "zoster"),
            (22, "unknown"),
        ]
    ],
    Vignette(
        "syndrome_of_the_earliest_naming_day",
        "Of the visits that name a syndrome, those of the earliest day count.",
        [
            rx(indication=None),
            visit(2, "unchanged", "hsv"),
            visit(-3, "unchanged", "zoster"),
            visit(-5, "unchanged"),
        ],
        [{"syndrome": "zoster"}],
    ),
    Vignette(
        "syndrome_both_on_the_earliest_day",
        "Unknown where the earliest naming day names both, whatever follows.",
        [
            rx(indication=None),
            visit(1, "unchanged", "hsv"),
            visit(1, "unchanged", "zoster"),
            visit(2, "unchanged", "hsv"),
        ],
        [{"syndrome": "unknown"}],
    ),
]

VIGNETTES = [*INTERVALS, *INTENTS, *SYNDROMES]
