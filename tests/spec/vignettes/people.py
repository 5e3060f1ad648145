"""Section 5, who the patient is on a day, and the mature courses of section 6."""

from tests.spec.vignettes.rows import (
    Vignette,
    condition,
    day,
    lab,
    rx,
    too_little,
)


def _flags(label: str, sentence: str, given: list, **expect) -> Vignette:
    return Vignette(f"person_{label}", sentence, [rx(), *given], [expect])


COMPETENT = condition("none_documented")
POSITIVE = {"result": "positive"}

CONDITIONS = [
    _flags(
        "without_any_status",
        "Nothing known: neither immunocompetent nor immunocompromised.",
        [],
        is_immunocompetent=False,
        is_immunocompromised=False,
        is_hiv=False,
        is_aids=False,
        risk_group="unknown",
    ),
    _flags(
        "none_documented",
        "`none_documented` and nothing else: immunocompetent.",
        [COMPETENT],
        is_immunocompetent=True,
        is_immunocompromised=False,
        risk_group="immunocompetent",
    ),
    *[
        _flags(
            f"hsct_until_day_{until}",
            "A row covers the day while to_date is empty or not before it.",
            [condition("hsct_allogeneic", -30, until)],
            is_hsct_allogeneic=covers,
            is_immunocompromised=covers,
            risk_group="hsct_allogeneic" if covers else "unknown",
        )
        for until, covers in [(-1, False), (0, True), (None, True)]
    ],
    *[
        _flags(
            f"transplant_since_day_{since}",
            "A row covers the day from its from_date on.",
            [COMPETENT, condition("solid_organ_transplant", since)],
            is_solid_organ_transplant=covers,
            is_immunocompromised=covers,
            is_immunocompetent=not covers,
            risk_group="solid_organ_transplant" if covers else "immunocompetent",
        )
        for since, covers in [(0, True), (1, False)]
    ],
    *[
        _flags(
            f"{name}_never_ends",
            "`hiv` and `aids` never end, whatever to_date says; aids is hiv too.",
            [condition(name, -30, -10)],
            is_hiv=True,
            is_aids=name == "aids",
            is_immunocompromised=True,
            risk_group="hiv",
        )
        for name in ("hiv", "aids")
    ],
    *[
        _flags(
            f"with_{name}",
            "Any other condition but none_documented is immunocompromise.",
            [COMPETENT, condition(name)],
            is_immunocompromised=True,
            is_immunocompetent=False,
            risk_group="other_immunocompromised",
        )
        for name in (
            "hsct_autologous",
            "haematological_malignancy",
            "immunosuppressive_medication",
            "primary_immunodeficiency",
            "hypogammaglobulinaemia",
            "other_immunocompromise",
        )
    ],
    _flags(
        "in_the_first_risk_group",
        "The risk group is the first that applies.",
        [
            condition("solid_organ_transplant"),
            condition("aids"),
            condition("hsct_allogeneic"),
        ],
        is_aids=True,
        is_solid_organ_transplant=True,
        risk_group="hsct_allogeneic",
    ),
]

TESTS = [
    *[
        _flags(
            f"hiv_test_{label}",
            "A positive hiv_test collected by the day and reported by A counts.",
            [COMPETENT, *results],
            is_hiv=found,
            is_immunocompetent=not found,
        )
        for label, results, found in [
            ("on_day_0", [lab("hiv_test", 0, **POSITIVE)], True),
            ("on_day_1", [lab("hiv_test", 1, **POSITIVE)], False),
            ("negative", [lab("hiv_test", -5, result="negative")], False),
            (
                "reported_by_as_of",
                [lab("hiv_test", 0, resulted_date=day(200), **POSITIVE)],
                True,
            ),
            (
                "reported_after_as_of",
                [lab("hiv_test", 0, resulted_date=day(201), **POSITIVE)],
                False,
            ),
            (
                "then_negative",
                [
                    lab("hiv_test", -3000, **POSITIVE),
                    lab("hiv_test", -2, result="negative"),
                ],
                True,
            ),
        ]
    ],
    *[
        _flags(
            f"cd4_{operator or 'equal'}_{value}",
            "With HIV, a CD4 below 200 is AIDS; `<200` counts and `<=200` does not.",
            [
                condition("hiv"),
                lab("cd4", -900, value=value, value_operator=operator),
            ],
            is_aids=found,
        )
        for operator, value, found in [
            (None, "199", True),
            (None, "199.9", True),
            (None, "200", False),
            ("<", "199", True),
            ("<", "200", True),
            ("<", "201", False),
            ("<=", "199", True),
            ("<=", "200", False),
            (">", "50", False),
            (">=", "50", False),
        ]
    ],
    *[
        _flags(
            f"cd4_collected_on_day_{when}",
            "A CD4 count counts from the day it was collected.",
            [condition("hiv"), lab("cd4", when, value=50)],
            is_aids=found,
        )
        for when, found in [(0, True), (1, False)]
    ],
    _flags(
        "cd4_low_without_hiv",
        "Without HIV a low CD4 count says nothing.",
        [COMPETENT, lab("cd4", -5, value=50)],
        is_aids=False,
        is_immunocompetent=True,
    ),
    _flags(
        "cd4_low_before_the_positive_test",
        "The count and the test may come in any order.",
        [lab("cd4", -50, value=50), lab("hiv_test", 0, **POSITIVE)],
        is_aids=True,
    ),
]


def _before(start: int, days: int, **changes) -> object:
    return rx(start, days, **{"intent": "prophylaxis", **changes})


PROLONGED = [
    _flags(
        f"prolonged_{label}",
        "90 distinct days of systemic tk_dependent drugs in [d - 365, d - 1].",
        given,
        is_prolonged=found,
    )
    for label, given, found in [
        ("by_90_days", [_before(-90, 90)], True),
        ("not_by_89_days", [_before(-89, 89)], False),
        ("not_by_the_day_itself", [_before(-89, 100)], False),
        ("not_twice_a_day", [_before(-60, 60), _before(-60, 60)], False),
        ("by_two_periods", [_before(-300, 45), _before(-100, 45)], True),
        ("by_intravenous_days", [_before(-95, 90, route="iv")], True),
        ("until_90_days_of_history", [_before(-400, 125)], True),
        ("until_89_days_of_history", [_before(-400, 124)], False),
        (
            "not_by_a_topical",
            [_before(-95, 90, drug="acyclovir", route="topical")],
            False,
        ),
        ("not_by_an_alternative", [_before(-95, 90, drug="valganciclovir")], False),
    ]
]

AIDS_PROLONGED = [
    Vignette(
        "person_prolonged_by_treatment_too",
        "Days of any intent count, treatment as well.",
        [rx(-95, 90), rx()],
        [{"is_prolonged": False}, {"start_date": day(0), "is_prolonged": True}],
    ),
    _flags(
        "aids_and_prolonged",
        "`aids_prolonged` needs both and goes before `hiv`.",
        [condition("aids"), _before(-90, 90)],
        risk_group="aids_prolonged",
    ),
    _flags(
        "hiv_and_prolonged",
        "Prolonged therapy without AIDS remains `hiv`.",
        [condition("hiv"), _before(-90, 90)],
        risk_group="hiv",
    ),
]

REPEATED = [
    *[
        Vignette(
            f"repeated_first_on_day_{first}",
            "Three kept courses, this one included, start in [d - 365, d].",
            [rx(first, 7), rx(-100, 7), rx(0, 7)],
            [{}, {}, {"start_date": day(0), "is_repeated": found}],
        )
        for first, found in [(-366, False), (-365, True), (-364, True)]
    ],
    Vignette(
        "repeated_not_by_two",
        "Two courses are not repeated, nor is the second of three.",
        [rx(-200, 7), rx(-100, 7), rx(0, 7)],
        [{"is_repeated": False}, {"is_repeated": False}, {"is_repeated": True}],
    ),
    Vignette(
        "repeated_by_courses_of_any_dosing",
        "A kept course counts whatever its dosing, one of the same start included.",
        [rx(-100, 7), rx(0, 7), too_little(0, 30)],
        [{"is_repeated": False}, {"is_repeated": True}, {"is_repeated": True}],
    ),
]

MATURE = [
    Vignette(
        f"mature_on_day_{as_of}",
        "Mature 35 days after the start, laboratory-mature 75 days after it.",
        [rx()],
        [{"is_mature": mature, "is_lab_mature": lab_mature}],
        as_of=day(as_of),
    )
    for as_of, mature, lab_mature in [
        (34, False, False),
        (35, True, False),
        (74, True, False),
        (75, True, True),
    ]
]

VIGNETTES = [
    *CONDITIONS,
    *TESTS,
    *PROLONGED,
    *AIDS_PROLONGED,
    *REPEATED,
    *MATURE,
]
