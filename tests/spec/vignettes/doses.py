"""Section 2, rules 4 and 5: daily dose and dosing."""

from tests.spec.vignettes.rows import Vignette, condition, day, iv, lab, patient, rx

COMPETENT = condition("none_documented")


def _dosing(id: str, sentence: str, given: list, dosing: str, **more) -> Vignette:
    return Vignette(id, sentence, given, [{"dosing": dosing}], **more)


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
    *[
        _dosing(
            f"dose_of_{dose}_grams_twice",
            "Grams are turned into milligrams.",
            [rx(dose=dose, dose_unit="g", doses_per_day=2), COMPETENT],
            dosing,
        )
        for dose, dosing in [("0.499999", "inadequate"), ("0.5", "adequate")]
    ],
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

VIGNETTES = [*DOSES, *DOSINGS, *RENAL, *AGES]
