"""Section 4, specimens: whose a result is, and whether it is resistant."""

from decimal import Decimal

from tests.spec.vignettes.rows import (
    Vignette,
    day,
    lab,
    resistant,
    rx,
    susceptible,
    too_little,
    undosed,
    visit,
)

CONFIRMED = {"classification": "confirmed", "reason": "laboratory", "in_rate": True}
REFUTED = {"classification": "refuted", "reason": "susceptible_isolate"}
SUSPECTED = {"classification": "suspected", "reason": "persistent"}
UNSEEN = {"classification": "not_evaluable", "reason": "no_followup"}
FAILING = [rx(), visit(8, "unchanged")]
FAILING_ZOSTER = [rx(indication="zoster"), visit(8, "unchanged")]

BELONGING = [
    *[
        Vignette(
            f"specimen_collected_on_day_{when}",
            "A result belongs where collected in [start - 7, end + 30], days -7 to 39.",
            [rx(), resistant(when)],
            [CONFIRMED if belongs else UNSEEN],
            unattached=int(not belongs),
        )
        for when, belongs in [(-8, False), (-7, True), (39, True), (40, False)]
    ],
    *[
        Vignette(
            f"specimen_reported_on_day_{reported}",
            "Only results reported by the as-of date, day 200, count.",
            [*FAILING, resistant(8, resulted_date=when)],
            [CONFIRMED if known else SUSPECTED],
        )
        for reported, when, known in [
            ("200", day(200), True),
            ("201", day(201), False),
            ("never", None, False),
        ]
    ],
    *[
        Vignette(
            f"specimen_of_two_courses_collected_on_day_{when}",
            "Of several courses the one with the latest start: from day 3 the second.",
            [rx(0, 7), rx(10, 10), resistant(when)],
            [first, second],
        )
        for when, first, second in [
            (2, CONFIRMED, UNSEEN),
            (3, UNSEEN, CONFIRMED),
        ]
    ],
    Vignette(
        "specimen_tie_goes_to_adequate",
        "Courses of one start: adequate goes before inadequate.",
        [too_little(0, 20), rx(0, 5), resistant(3)],
        [
            {"dosing": "adequate", **CONFIRMED},
            {"dosing": "inadequate", "reason": "inadequate_dosing"},
        ],
    ),
    Vignette(
        "specimen_tie_goes_to_unknown",
        "Courses of one start: unknown goes before inadequate.",
        [too_little(0, 20), undosed(0, 20), resistant(3)],
        [
            {"dosing": "inadequate", "reason": "inadequate_dosing"},
            {"dosing": "unknown", "classification": "confirmed", "in_rate": False},
        ],
    ),
    Vignette(
        "specimen_of_kept_courses_only",
        "An absorbed course takes no specimen.",
        [rx(0, 14), too_little(5, 3), resistant(6)],
        [CONFIRMED],
        absorbed=1,
    ),
    Vignette(
        "specimen_belonging_is_decided_first",
        "A genotype of a zoster course says nothing, and not of the HSV course before.",
        [
            rx(0, 7),
            rx(10, 10, indication="zoster"),
            lab("genotype_ul23", 8, result="resistance_mutation"),
        ],
        [UNSEEN, UNSEEN],
    ),
    Vignette(
        "specimen_without_any_course",
        "A resistant result of a patient without courses is listed.",
        [resistant(0), lab("genotype_ul30", 0, result="resistance_mutation")],
        [],
        unattached=2,
    ),
]

STATED = [
    *[
        Vignette(
            f"stated_{test}_{result}",
            "What a result of a resistance test says of a failing HSV course.",
            [*FAILING, lab(test, 8, result=result)],
            [expect],
        )
        for test, result, expect in [
            ("acyclovir_susceptibility", "resistant", CONFIRMED),
            ("acyclovir_susceptibility", "susceptible", REFUTED),
            ("acyclovir_susceptibility", "indeterminate", SUSPECTED),
            ("acyclovir_susceptibility", None, SUSPECTED),
            ("genotype_ul23", "resistance_mutation", CONFIRMED),
            ("genotype_ul30", "resistance_mutation", CONFIRMED),
            ("genotype_ul23", "no_resistance_mutation", SUSPECTED),
            ("genotype_ul30", "susceptible", SUSPECTED),
            ("genotype_ul23", "resistant", SUSPECTED),
            ("foscarnet_susceptibility", "resistant", SUSPECTED),
            ("foscarnet_susceptibility", "susceptible", SUSPECTED),
            ("hsv_culture", "positive", SUSPECTED),
        ]
    ],
    *[
        Vignette(
            f"stated_{result}_goes_before_the_value",
            "The cut-off reads a susceptibility without a result only.",
            [
                *FAILING,
                lab("acyclovir_susceptibility", 8, result=result, value=value),
            ],
            [expect],
        )
        for result, value, expect in [
            ("susceptible", 20, REFUTED),
            ("resistant", 1, CONFIRMED),
            ("indeterminate", 20, SUSPECTED),
        ]
    ],
    *[
        Vignette(
            f"stated_{result}_counts_in_zoster",
            "A stated susceptibility counts in a zoster course too.",
            [
                *FAILING_ZOSTER,
                lab("acyclovir_susceptibility", 8, result=result),
            ],
            [expect],
        )
        for result, expect in [("resistant", CONFIRMED), ("susceptible", REFUTED)]
    ],
    *[
        Vignette(
            f"zoster_{label}",
            "Genotypes and the cut-off say nothing in a zoster course.",
            [*FAILING_ZOSTER, result],
            [SUSPECTED],
        )
        for label, result in [
            ("genotype", lab("genotype_ul23", 8, result="resistance_mutation")),
            ("high_ec50", lab("acyclovir_susceptibility", 8, value=50)),
            ("low_ec50", lab("acyclovir_susceptibility", 8, value="0.1")),
        ]
    ],
    Vignette(
        "genotype_counts_where_the_syndrome_is_unknown",
        "Only a zoster course is closed to genotypes.",
        [rx(indication=None), lab("genotype_ul23", 8, result="resistance_mutation")],
        [{"syndrome": "unknown", **CONFIRMED}],
    ),
    Vignette(
        "conflicting_results",
        "A resistant and a susceptible result in one course: resistant, conflicting.",
        [*FAILING, susceptible(9), resistant(2)],
        [{**CONFIRMED, "conflicting_labs": True}],
    ),
    Vignette(
        "conflicting_results_need_both",
        "Two resistant results do not conflict.",
        [*FAILING, resistant(9), resistant(2)],
        [{**CONFIRMED, "conflicting_labs": False}],
    ),
    Vignette(
        "conflicting_results_in_one_course",
        "A susceptible result of another course does not conflict.",
        [rx(0, 7), rx(20, 7), susceptible(5), resistant(22)],
        [
            {**UNSEEN, "conflicting_labs": False},
            {**CONFIRMED, "conflicting_labs": False},
        ],
    ),
]

CUT_OFFS = [
    Vignette(
        f"ec50_{operator or 'equal'}_{value}_{(unit or 'no unit').replace('/', '_per_')}",
        "Resistant at 2 ug/mL, which is 8.88 umol/L, or above; censored values by side.",
        [
            *FAILING,
            lab(
                "acyclovir_susceptibility",
                8,
                value=value,
                value_operator=operator,
                unit=unit,
            ),
        ],
        [expect],
    )
    for unit, operator, value, expect in [
        (None, None, "8.87", REFUTED),
        (None, None, "8.879999", REFUTED),
        (None, None, "8.88", CONFIRMED),
        (None, None, "8.89", CONFIRMED),
        ("umol/l", None, "8.87", REFUTED),
        ("umol/l", None, "8.88", CONFIRMED),
        ("ug/ml", None, "1.999999", REFUTED),
        ("ug/ml", None, "2", CONFIRMED),
        ("ug/ml", None, "2.01", CONFIRMED),
        (None, ">", "8.87", SUSPECTED),
        (None, ">", "8.88", CONFIRMED),
        (None, ">=", "8.87", SUSPECTED),
        (None, ">=", "8.88", CONFIRMED),
        (None, "<", "8.87", REFUTED),
        (None, "<", "8.88", REFUTED),
        (None, "<", "8.89", SUSPECTED),
        (None, "<=", "8.87", REFUTED),
        (None, "<=", "8.88", SUSPECTED),
        ("ug/ml", ">", "2", CONFIRMED),
        ("ug/ml", ">=", "1.99", SUSPECTED),
        ("ug/ml", "<", "2", REFUTED),
        ("ug/ml", "<=", "2", SUSPECTED),
    ]
]

CUT_OFF_PARAMETER = [
    Vignette(
        f"ec50_{value}_at_a_cut_off_of_{cut_off}_ug_ml",
        "1000 x the cut-off / 225.2, rounded half up to two decimals.",
        [*FAILING, lab("acyclovir_susceptibility", 8, value=value)],
        [expect],
        parameters={"resistant_ec50_ug_ml": Decimal(cut_off)},
    )
    for cut_off, value, expect in [
        ("1", "4.43", REFUTED),
        ("1", "4.44", CONFIRMED),
        # 8.885 exactly: half up is 8.89.
        ("2.000902", "8.88", REFUTED),
        ("2.000902", "8.89", CONFIRMED),
    ]
]

VIGNETTES = [*BELONGING, *STATED, *CUT_OFFS, *CUT_OFF_PARAMETER]
