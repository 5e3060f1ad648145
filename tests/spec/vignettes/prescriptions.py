"""Section 2, rules 1 to 5: interval, intent, syndrome, daily dose, dosing."""

from tests.spec.vignettes.rows import (
    Vignette,
    condition,
    day,
    iv,
    lab,
    patient,
    rx,
    visit,
)

COMPETENT = condition("none_documented")
LONG = {"days": 60, "intent": None}


def _dosing(id: str, sentence: str, given: list, dosing: str, **more) -> Vignette:
    return Vignette(id, sentence, given, [{"dosing": dosing}], **more)


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

DOSES = [
    *[
        _dosing(
            f"dose_without_{name}",
            "The daily dose is unknown where a part, the unit included, is missing.",
            [rx(**{name: None})],
            "unknown",
        )
        for name in ("dose", "dose_unit", "doses_per_day")
    ],
    *[
        _dosing(
            f"dose_oral_in_{unit}",
            "The daily dose is unknown where the unit does not fit the route.",
            [rx(dose_unit=unit), patient(weight_kg=70)],
            "unknown",
        )
        for unit in ("mg/kg", "%")
    ],
    _dosing(
        "dose_in_grams",
        "Grams are turned into milligrams.",
        [rx(dose="0.5", dose_unit="g", doses_per_day=2), COMPETENT],
        "adequate",
    ),
    *[
        _dosing(
            f"dose_oral_of_{dose}_mg_twice",
            "A minimum in mg (1,000 a day) is reached exactly or not at all.",
            [rx(dose=dose, doses_per_day=2), COMPETENT],
            dosing,
        )
        for dose, dosing in [("499.999", "inadequate"), (500, "adequate")]
    ],
    *[
        _dosing(
            f"dose_iv_of_{dose}_mg_per_kg_thrice",
            "A minimum in mg/kg (15 a day) is reached at 0.9 of it.",
            [iv(dose=dose)],
            dosing,
        )
        for dose, dosing in [("4.499", "inadequate"), ("4.5", "adequate")]
    ],
    *[
        _dosing(
            f"dose_iv_of_{dose}_{unit}_over_weight",
            "An intravenous dose in mg or g is divided by the weight: 13.5 at 70 kg.",
            [iv(dose=dose, dose_unit=unit), patient(weight_kg=70)],
            dosing,
        )
        for dose, unit, dosing in [
            ("314.999", "mg", "inadequate"),
            (315, "mg", "adequate"),
            ("0.315", "g", "adequate"),
        ]
    ],
    _dosing(
        "dose_iv_in_mg_without_weight",
        "Without a weight an intravenous dose in mg is unknown.",
        [iv(dose=700, dose_unit="mg"), patient(birth_year=1970)],
        "unknown",
    ),
    _dosing(
        "dose_iv_in_percent",
        "A strength is no intravenous dose.",
        [iv(dose_unit="%"), patient(weight_kg=70)],
        "unknown",
    ),
]

DOSINGS = [
    _dosing(
        "dosing_without_a_regimen",
        "No row for a combination of drug and route: unknown.",
        [iv(drug="famciclovir", dose=50)],
        "unknown",
    ),
    _dosing(
        "dosing_of_penciclovir",
        "Penciclovir is of the class but has no regimen.",
        [iv(drug="penciclovir", dose=50)],
        "unknown",
    ),
    *[
        _dosing(
            f"dosing_immunocompromised_at_{dose}_mg_twice",
            "The immunocompromised need 2,000 mg of valacyclovir a day for HSV.",
            [rx(dose=dose, doses_per_day=2), condition("hiv")],
            dosing,
        )
        for dose, dosing in [(999, "inadequate"), (1000, "adequate")]
    ],
    *[
        _dosing(
            f"dosing_immune_status_unknown_at_{dose}_mg_twice",
            "Immune status unknown: adequate if all minima, inadequate if none.",
            [rx(dose=dose, doses_per_day=2)],
            dosing,
        )
        for dose, dosing in [
            (499, "inadequate"),
            (500, "unknown"),
            (999, "unknown"),
            (1000, "adequate"),
        ]
    ],
    *[
        _dosing(
            f"dosing_syndrome_unknown_at_{dose}_mg_thrice",
            "Syndrome unknown: minima of 1,000 (HSV) and 3,000 (zoster) both count.",
            [rx(dose=dose, indication=None), COMPETENT],
            dosing,
        )
        for dose, dosing in [
            (333, "inadequate"),
            (334, "unknown"),
            (999, "unknown"),
            (1000, "adequate"),
        ]
    ],
    Vignette(
        "dosing_absent_status_configured_as_immunocompetent",
        "By configuration a patient without any status is taken for immunocompetent.",
        [rx(dose=500, doses_per_day=2)],
        [
            {
                "dosing": "adequate",
                "is_immunocompetent": True,
                "is_immunocompromised": False,
                "risk_group": "immunocompetent",
            }
        ],
        parameters={"absent_immune_status": "immunocompetent"},
    ),
    _dosing(
        "dosing_status_on_the_prescriptions_start",
        "The immune status is that of the prescription's start, not of a day after it.",
        [rx(dose=500, doses_per_day=2), COMPETENT, condition("hiv", since=1)],
        "adequate",
    ),
]


def _clearance(when: int, value: object, **changes) -> object:
    return lab("creatinine_clearance", when, value=value, **changes)


def _zoster(dose: int, *given, **more) -> list:
    return [rx(dose=dose, doses_per_day=1, indication="zoster"), *given]


RENAL = [
    *[
        _dosing(
            f"renal_{dose}_mg_at_{value}",
            "Zoster, valacyclovir: 3,000 from 50 mL/min, 2,000 from 30, 1,000 from 10.",
            _zoster(dose, _clearance(-5, value)),
            dosing,
        )
        for dose, value, dosing in [
            (2000, "49.9", "adequate"),
            (2000, "50", "inadequate"),
            (1999, "30", "inadequate"),
            (2000, "30", "adequate"),
            (1000, "29.9", "adequate"),
            (1000, "10", "adequate"),
            (500, "10", "inadequate"),
            (500, "9.9", "adequate"),
            (499, "0", "inadequate"),
        ]
    ],
    *[
        _dosing(
            f"renal_collected_on_day_{when}",
            "Clearances collected in [start - 90, start] count, others do not.",
            _zoster(2000, _clearance(when, 40)),
            dosing,
        )
        for when, dosing in [
            (-91, "inadequate"),
            (-90, "adequate"),
            (0, "adequate"),
            (1, "inadequate"),
        ]
    ],
    _dosing(
        "renal_none_is_the_band_without_upper_limit",
        "Without a clearance the band without an upper limit holds.",
        _zoster(2999),
        "inadequate",
    ),
    _dosing(
        "renal_lowest_of_the_latest_day",
        "The lowest of the latest day counts: 45, neither the older 20 nor the 60.",
        _zoster(1999, _clearance(-10, 20), _clearance(-2, 60), _clearance(-2, 45)),
        "inadequate",
    ),
    _dosing(
        "renal_lowest_of_the_latest_day_reached",
        "The same patient's 2,000 mg reach the minimum of the band that holds 45.",
        _zoster(2000, _clearance(-10, 20), _clearance(-2, 60), _clearance(-2, 45)),
        "adequate",
    ),
    _dosing(
        "renal_without_value_is_passed_over",
        "The latest day is sought among the clearances with a value.",
        _zoster(2000, _clearance(-10, 40), _clearance(-2, None)),
        "adequate",
    ),
    _dosing(
        "renal_censored_counts_as_its_number",
        "`<50` counts as 50, which is not below 50.",
        _zoster(2000, _clearance(-5, 50, value_operator="<")),
        "inadequate",
    ),
    *[
        _dosing(
            f"renal_reported_on_day_{reported}",
            "A clearance counts when it was reported by the as-of date, day 200.",
            _zoster(2000, _clearance(-5, 40, resulted_date=day(reported))),
            dosing,
        )
        for reported, dosing in [(200, "adequate"), (201, "inadequate")]
    ],
    _dosing(
        "renal_not_yet_resulted",
        "A clearance without a resulted_date is not reported.",
        _zoster(2000, _clearance(-5, 40, resulted_date=None)),
        "inadequate",
    ),
]

AGES = [
    *[
        _dosing(
            f"age_oral_born_{birth_year}",
            "Oral dosing is unknown while year(start_date) - birth_year < 18.",
            [rx(), patient(birth_year=birth_year)],
            dosing,
        )
        for birth_year, dosing in [(2008, "adequate"), (2009, "unknown")]
    ],
    _dosing(
        "age_oral_too_little_in_a_child",
        "A child's oral dosing is unknown even below every minimum.",
        [rx(dose=1), patient(birth_year=2015)],
        "unknown",
    ),
    _dosing(
        "age_intravenous_in_a_child",
        "Intravenous dosing is judged at every age.",
        [iv(), patient(birth_year=2020)],
        "adequate",
    ),
    _dosing(
        "age_without_a_birth_year",
        "Without a birth year the patient is taken for an adult.",
        [rx(), patient(weight_kg=12)],
        "adequate",
    ),
]

VIGNETTES = [*INTERVALS, *INTENTS, *SYNDROMES, *DOSES, *DOSINGS, *RENAL, *AGES]
