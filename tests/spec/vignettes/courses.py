"""Section 2, rules 6 to 10: courses, absorbed ones, adherence, site and syndrome."""

from decimal import Decimal
from fractions import Fraction

from tests.spec.vignettes.rows import (
    Vignette,
    day,
    foscarnet,
    iv,
    rx,
    too_little,
    undosed,
    visit,
)

COURSES = [
    Vignette(
        "course_gap_of_2_days_joins",
        "The next joins while start <= latest end + 1 + 2; gap days have length.",
        [rx(0, 5), rx(7, 5)],
        [{"start_date": day(0), "end_date": day(11), "length_days": 12}],
    ),
    Vignette(
        "course_gap_of_3_days_parts",
        "Three uncovered days end a course.",
        [rx(0, 5), rx(8, 5)],
        [{"end_date": day(4)}, {"start_date": day(8), "end_date": day(12)}],
    ),
    Vignette(
        "course_gap_is_a_parameter",
        "With course_gap_days = 0 only an adjacent prescription joins.",
        [rx(0, 5), rx(5, 5), rx(11, 5)],
        [{"length_days": 10}, {"start_date": day(11)}],
        parameters={"course_gap_days": 0},
    ),
    Vignette(
        "course_gap_counts_from_the_latest_end",
        "The gap is counted from the latest end so far, not from the last start.",
        [rx(0, 20), rx(2, 3), rx(22, 3)],
        [{"length_days": 25, "n_prescriptions": 3}],
    ),
    Vignette(
        "course_goes_on_through_a_switch_inside_the_class",
        "A switch inside the class starts no new course; drugs are named once, sorted.",
        [rx(0, 5), rx(5, 5, drug="acyclovir", dose=800, doses_per_day=5), rx(10, 5)],
        [{"drugs": "acyclovir, valacyclovir", "length_days": 15, "n_prescriptions": 3}],
    ),
    Vignette(
        "course_is_of_one_dosing_value",
        "A change of dosing begins another course, even without a gap.",
        [too_little(0, 5), rx(5, 10)],
        [
            {"dosing": "inadequate", "end_date": day(4)},
            {"dosing": "adequate", "start_date": day(5)},
        ],
    ),
    Vignette(
        "course_is_continued_across_another_dosing",
        "Prescriptions of one dosing join past one of another dosing between them.",
        [rx(0, 5), too_little(5, 2), rx(7, 5)],
        [{"dosing": "adequate", "length_days": 12}],
        absorbed=1,
    ),
    Vignette(
        "course_is_systemic",
        "Topical acyclovir makes no course.",
        [rx(drug="acyclovir", route="topical", dose=5, dose_unit="%")],
        [],
    ),
    Vignette(
        "course_is_tk_dependent",
        "Neither an alternative nor immunoglobulin makes a course.",
        [foscarnet(0), iv(0, 1, drug="ivig", dose=400)],
        [],
    ),
    Vignette(
        "course_order_by_start_then_dosing",
        "Rows are sorted by patient, start and dosing.",
        [undosed(0, 20), rx(0, 5), too_little(0, 20)],
        [{"dosing": "adequate"}, {"dosing": "inadequate"}, {"dosing": "unknown"}],
    ),
]

ABSORBED = [
    *[
        Vignette(
            f"absorbed_{label}",
            "Dropped where one adequate course overlaps at least half of its days.",
            [other, rx(start, 10)],
            [{"dosing": "adequate"}]
            if dropped
            else [{"dosing": dosing}, {"dosing": "adequate"}],
            absorbed=int(dropped),
        )
        for label, other, start, dosing, dropped in [
            ("5_of_10_days", too_little(0, 10), 5, "inadequate", True),
            ("4_of_10_days", too_little(0, 10), 6, "inadequate", False),
            ("5_of_9_days", too_little(0, 9), 4, "inadequate", True),
            ("4_of_9_days", too_little(0, 9), 5, "inadequate", False),
            ("5_of_10_days_unknown", undosed(0, 10), 5, "unknown", True),
            ("4_of_10_days_unknown", undosed(0, 10), 6, "unknown", False),
        ]
    ],
    Vignette(
        "absorbed_by_one_course_not_by_two",
        "Two adequate courses that overlap 8 of 20 days each do not absorb together.",
        [too_little(0, 20), rx(0, 8), rx(11, 8)],
        [
            {"dosing": "adequate", "start_date": day(0)},
            {"dosing": "inadequate", "start_date": day(0)},
            {"dosing": "adequate", "start_date": day(11)},
        ],
    ),
    Vignette(
        "absorbed_by_an_overlap_not_by_a_later_course",
        "An adequate course that does not overlap absorbs nothing, however short.",
        [too_little(0, 1), rx(20, 10)],
        [{"dosing": "inadequate", "length_days": 1}, {"dosing": "adequate"}],
    ),
    Vignette(
        "absorbed_by_adequate_courses_only",
        "A course of unknown dosing absorbs nothing.",
        [too_little(0, 10), undosed(0, 10)],
        [{"dosing": "inadequate"}, {"dosing": "unknown"}],
    ),
    Vignette(
        "absorbed_overlap_is_of_spans",
        "Gap days belong to the span: two days inside a gap are overlapped.",
        [rx(0, 4), rx(6, 2), too_little(4, 2)],
        [{"dosing": "adequate", "length_days": 8}],
        absorbed=1,
    ),
    Vignette(
        "absorbed_course_is_no_next_course",
        "An absorbed course neither ends the usable days nor counts as repeated.",
        [rx(0, 14), too_little(5, 5), visit(9, "unchanged")],
        [{"deciding_day": 9, "classification": "suspected", "is_repeated": False}],
        absorbed=1,
    ),
]


def _shares(*parts: tuple[int, object]) -> list:
    given, start = [], 0
    for days, share in parts:
        adherence = None if share is None else Decimal(str(share))
        given.append(rx(start, days, adherence=adherence))
        start += days
    return [*given, visit(8, "unchanged")]


ADHERENCE = [
    *[
        Vignette(
            f"adherence_{share}",
            "Poor below 0.8, which itself is not poor.",
            _shares((10, share)),
            [{"classification": found, "reason": reason}],
        )
        for share, found, reason in [
            ("0.799999999999", "excluded", "poor_adherence"),
            ("0.8", "suspected", "persistent"),
            ("0.800000000001", "suspected", "persistent"),
        ]
    ],
    Vignette(
        "adherence_weighted_by_days",
        "(0.7 x 10 + 1 x 5) / 15 is exactly 0.8.",
        _shares((10, "0.7"), (5, "1")),
        [{"adherence": Fraction(4, 5), "classification": "suspected"}],
    ),
    Vignette(
        "adherence_weighted_just_below",
        "(0.7 x 10 + 0.999999 x 5) / 15 is below 0.8.",
        _shares((10, "0.7"), (5, "0.999999")),
        [{"reason": "poor_adherence"}],
    ),
    Vignette(
        "adherence_in_thirds",
        "(0.75 + 0.75 + 0.9) x 5 / 15 is exactly 0.8.",
        _shares((5, "0.75"), (5, "0.75"), (5, "0.9")),
        [{"adherence": Fraction(4, 5), "classification": "suspected"}],
    ),
    Vignette(
        "adherence_of_known_values",
        "A prescription without a value has no weight.",
        _shares((5, "0.9"), (20, None)),
        [{"adherence": Fraction(9, 10)}],
    ),
    Vignette(
        "adherence_unknown",
        "Unknown where none is known; a suspected course stays suspected.",
        _shares((10, None)),
        [{"adherence": None, "classification": "suspected"}],
    ),
    Vignette(
        "adherence_intravenous_counts_as_1",
        "(1 x 5 + 0.6 x 5) / 10 = 0.8: an iv prescription is given by staff.",
        [
            iv(0, 5),
            rx(5, 5, adherence=Decimal("0.6")),
            visit(8, "unchanged"),
        ],
        [{"adherence": Fraction(4, 5), "classification": "suspected"}],
    ),
    Vignette(
        "adherence_intravenous_as_given",
        "An iv prescription with a value is used with it.",
        [iv(0, 10, adherence=Decimal("0.5")), visit(8, "unchanged")],
        [{"adherence": Fraction(1, 2), "reason": "poor_adherence"}],
    ),
    Vignette(
        "adherence_days_count_twice_in_an_overlap",
        "Days are those of the prescriptions: (0.5 x 10 + 1 x 10) / 20.",
        [
            rx(0, 10, adherence=Decimal("0.5")),
            rx(5, 10, adherence=Decimal(1)),
        ],
        [{"adherence": Fraction(3, 4), "length_days": 15}],
    ),
]

FIRST = [
    Vignette(
        "first_prescription_by_start",
        "Site and syndrome are those of the earliest start.",
        [
            rx(3, 5, prescription_id="a", site_id="south", indication="zoster"),
            rx(0, 5, prescription_id="b", site_id=None, indication="hsv"),
        ],
        [{"site_id": None, "syndrome": "hsv"}],
    ),
    *[
        Vignette(
            f"first_prescription_{smaller}_before_{larger}",
            "A tie goes to the smallest prescription_id, compared as UTF-8 bytes.",
            [
                rx(0, 5, prescription_id=larger, site_id="south", indication="zoster"),
                rx(0, 9, prescription_id=smaller, site_id="north", indication="hsv"),
            ],
            [{"site_id": "north", "syndrome": "hsv"}],
        )
        for smaller, larger in [("10", "9"), ("B", "a"), ("z", "é")]
    ],
]

VIGNETTES = [*COURSES, *ABSORBED, *ADHERENCE, *FIRST]
