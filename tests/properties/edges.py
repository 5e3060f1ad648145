"""Options at which the rules turn, the simplest first; repeated ones are likelier."""

from decimal import Decimal

D = Decimal

FEW_ROWS = {
    "immune_status": 2,
    "prescriptions": 3,
    "followups": 5,
    "labs": 3,
    "clinical_events": 1,
}
MANY_ROWS = {
    "immune_status": 4,
    "prescriptions": 24,
    "followups": 44,
    "labs": 12,
    "clinical_events": 4,
}

#: Ids that sort otherwise as numbers, without case, or by a language's alphabet.
ID_PREFIXES = ("p", "P", "1", "01", "é", "Z", "~")
SITES = ("north", "south", None)

#: Days before the as-of date around which a patient's story begins.
ANCHORS = (
    *(100, 200, 90, 60, 400, 150, 365, 300, 120, 250, 330),
    *(35, 34, 75, 74, 0, 7, 9, 16, 17, 20, 21, 22),
)
#: A patient's age by the calendar year of the story's start; None is not recorded.
AGES = (50, None, 30, 70, 50, 60, 40, None, 18, 17, 19, 3)
WEIGHTS = (D(70), None, D(50), D("62.5"), D("81.3"))

START_OFFSETS = (
    *(0, 0, 0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 14, 20, 21, 22, 23),
    *(28, 30, 35, -1, -5, -7, -10, -90, -91, 90, -365, -366, 365),
)
LENGTHS = (10, 7, 6, 5, 14, 8, 1, 2, 3, 21, 22, 28, 29, 30, 60, 89, 90, 91)
VISIT_OFFSETS = (
    *(8, 7, 6, 9, 10, 11, 7, 8, 9, 10, 0, 1, 2, 3, 4, 5),
    *(12, 14, 20, 21, 22, 23, 28, -1, -3, -7, -8, -14, -15),
)
LAB_OFFSETS = (
    *(5, 4, 0, 1, 2, 3, 6, 7, 8, 10, 14, 21, 22, 23, 24),
    *(30, 31, -1, -6, -7, -8, -9, -90, -91),
)
LAB_LAGS = (3, 0, 10, 30, None)
RARELY = (False,) * 7 + (True,)

CONDITION_OFFSETS = (-30, 0, 1, -1, -400, 10)
CONDITION_DAYS = (None, 0, 29, 30, 31, 400, 365)
CONDITIONS = (
    *["none_documented"] * 8,
    *["hiv"] * 3,
    "aids",
    "hsct_allogeneic",
    "hsct_autologous",
    "solid_organ_transplant",
    "haematological_malignancy",
    "immunosuppressive_medication",
    "primary_immunodeficiency",
    "hypogammaglobulinaemia",
    "other_immunocompromise",
)

_ORAL = (
    *[("valacyclovir", "oral")] * 10,
    *[("acyclovir", "oral")] * 5,
    *[("famciclovir", "oral")] * 4,
)
_IV = (*[("acyclovir", "iv")] * 5, ("penciclovir", "iv"), ("famciclovir", "iv"))
_SKIN = (("acyclovir", "topical"), ("acyclovir", "ophthalmic"))
_OTHERS = (
    ("foscarnet", "iv"),
    ("cidofovir", "topical"),
    ("trifluridine", "ophthalmic"),
    ("imiquimod", "topical"),
    ("ganciclovir", "iv"),
    ("ganciclovir", "ophthalmic"),
    ("valganciclovir", "oral"),
    ("pritelivir", "oral"),
    ("amenamevir", "oral"),
    ("brincidofovir", "oral"),
    ("ivig", "iv"),
)
DRUGS = (*_ORAL * 2, *_IV, *_SKIN, *_OTHERS)


def _doses(*daily: object, per_day: int = 2, unit: str = "mg") -> tuple:
    return tuple((D(str(dose)) / per_day, unit, D(per_day)) for dose in daily)


_GRAMS = (D("1.5"), "g", D(2))
_WRONG = ((D(1000), "mg/kg", D(3)), (D(5), "%", D(3)))
#: Each drug's minima a day, reached and just missed, most of them adequate for all.
ORAL_DOSES = {
    "valacyclovir": (
        *_doses(*[3000] * 14, 2000, 1000, 500),
        *_doses("2999.99", "1999.99", "999.99", "499.99"),
        _GRAMS,
        *_WRONG,
    ),
    "acyclovir": (
        *_doses(*[4000] * 12, 2000, 1000, 400, 2400, 1600, per_day=5),
        *_doses("3999.95", "1999.95", "999.95", "399.95", 1200, per_day=5),
        *_WRONG,
    ),
    "famciclovir": (
        *_doses(*[1500] * 8, 1000, 500, 250, 125),
        *_doses("1499.99", "999.99", "499.99", "249.99", "124.99"),
    ),
}
ANY_ORAL_DOSES = _doses(100, 1000)
#: mg/kg a day: 0.9 of each minimum, just less, the minimum, and more.
IV_DOSES = (
    *_doses(*[30] * 8, 15, per_day=3, unit="mg/kg"),
    *_doses(30, 15, "13.5", 27, per_day=1, unit="mg/kg"),
    *_doses("13.499", "26.999", "9", "8.999", per_day=1, unit="mg/kg"),
    *_doses("4.5", "4.499", "2.25", "2.249", 18, per_day=1, unit="mg/kg"),
    (D("0.7"), "g", D(3)),
    (D(5), "%", D(3)),
)
STRENGTHS = ((D(5), "%", D(4)), (D(100), "mg", D(2)))
MISSING = (*[None] * 37, "dose", "dose_unit", "doses_per_day")

INTENTS = ("treatment", "treatment", None, None, "prophylaxis")
INDICATIONS = ("hsv", "hsv", None, None, "zoster")
#: Averages of these over equal or halved days hit 0.8 exactly or just miss it.
ADHERENCES = (
    *[D("0.95"), None, D(1), D("0.9")] * 6,
    *(D("0.8"), D("0.8"), D("0.7"), D("0.7999"), D("0.6"), D("0.75")),
    *(D("0.799999999999"), D("0.800000000001"), D(0)),
)

STATUSES = (
    *("unchanged", "unchanged", "progressing", "progressing", "new"),
    *("improving", "improving", "healed"),
)
VISIT_SYNDROMES = (None, None, None, None, "hsv", "hsv", "zoster")

EVENTS = (
    "id_consult",
    "drug_reaction",
    "bacterial_superinfection",
    "fungal_superinfection",
    "other_etiology",
    "immune_review",
    "weight_loss",
    "lymphadenopathy",
    "pregnancy_start",
    "pregnancy_end",
    "death",
    "transfer_out",
)

_EC50 = "acyclovir_susceptibility"
_STATED = (
    (_EC50, "resistant"),
    (_EC50, "susceptible"),
    (_EC50, "susceptible"),
    (_EC50, "indeterminate"),
    (_EC50, None),
    ("genotype_ul23", "resistance_mutation"),
    ("genotype_ul30", "resistance_mutation"),
    ("genotype_ul23", "no_resistance_mutation"),
    ("foscarnet_susceptibility", "resistant"),
    ("hsv_culture", "positive"),
    ("hsv_pcr", "positive"),
    ("hsv_pcr", "negative"),
    ("vzv_pcr", "positive"),
    ("vzv_pcr", "positive"),
    ("hiv_test", "positive"),
    ("hiv_test", "negative"),
)
_VALUES = (
    *((_EC50, value, None) for value in ("8.88", "8.879999", "8.89", "1")),
    *((_EC50, value, "ug/ml") for value in ("2", "1.999999", "8")),
    *((_EC50, value, "umol/l") for value in ("8.88", "2")),
    *(("cd4", value, "cells/ul") for value in ("199", "200", "201", "199.9")),
    *(
        ("creatinine_clearance", value, unit)
        for value in ("10", "9.9", "20", "25", "30", "29.9", "40", "50", "49.9", "60")
        for unit in (None, "ml/min")
    ),
    ("igg", "399", "mg/dl"),
)
_OPERATORS = (None, None, None, None, "<", "<=", ">", ">=")
#: Test, result, value, operator, unit.
RESULTS = (
    *((test, result, None, None, None) for test, result in _STATED for _ in range(6)),
    *(
        (test, None, D(value), operator, unit)
        for test, value, unit in _VALUES
        for operator in _OPERATORS
    ),
    (_EC50, "indeterminate", D(20), None, None),
    (_EC50, "susceptible", D(20), None, None),
    ("creatinine_clearance", None, None, None, None),
    ("cd4", None, None, None, None),
)
