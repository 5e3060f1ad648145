"""The columns of each shipped seed, its key, and what its cells may hold.

Knows names and patterns; reads no file.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True)
class CellRule:
    """What a cell of a column may hold; ``most`` is the greatest number allowed."""

    pattern: re.Pattern[str]
    expectation: str
    most: float | None = None

    def allows(self, cell: str) -> bool:
        """Whether the cell holds what it may hold."""
        if not self.pattern.fullmatch(cell):
            return False
        return self.most is None or not cell or float(cell) <= self.most


@dataclass(frozen=True)
class SeedContract:
    """One seed: its columns in order, how many of the first are the key, its rules.

    ``refers`` gives, by column, the seed and the column that have to list its cells.
    """

    columns: tuple[str, ...]
    n_key: int = 1
    rules: Mapping[str, CellRule] = field(default_factory=dict)
    refers: Mapping[str, tuple[str, str]] = field(default_factory=dict)


_ABOVE_ZERO = r"(?=.*[1-9])[0-9]{1,12}(\.[0-9]{1,6})?"
_NUMBER = r"[0-9]{1,12}(\.[0-9]{1,6})?"

TEXT = CellRule(re.compile(r"(?s).*\S.*"), "a text that is not empty")
AMOUNT = CellRule(re.compile(_ABOVE_ZERO), "a number above 0")
BOUND = CellRule(re.compile(_NUMBER), "a number from 0 on")
OPEN_BOUND = CellRule(re.compile(f"({_NUMBER})?"), "empty or a number from 0 on")
SHARE = CellRule(re.compile(_NUMBER), "a share from 0 to 1", most=1)
OPEN_SHARE = CellRule(re.compile(f"({_NUMBER})?"), "empty or a share from 0 to 1", 1)
WHOLE = CellRule(re.compile("[1-9][0-9]{0,8}"), "a whole number above 0")
RANK = CellRule(re.compile("[1-9][0-9]?"), "a whole number from 1 to 99")
PLAIN_NAME = CellRule(re.compile("[a-z][a-z0-9_]*"), "a name in lower case")
FLAG = CellRule(re.compile("true|false"), "true or false")


def _one_of(*words: str) -> CellRule:
    return CellRule(
        re.compile("|".join(map(re.escape, words))), f"one of {', '.join(words)}"
    )


def _seed(
    columns: str,
    n_key: int = 1,
    refers: Mapping[str, tuple[str, str]] = MappingProxyType({}),
    **rules: CellRule,
) -> SeedContract:
    names = tuple(columns.split())
    own = dict.fromkeys(names[:n_key], TEXT) | {"source": TEXT}
    own |= {name: FLAG for name in names if name.startswith("is_")}
    return SeedContract(names, n_key, MappingProxyType(own | rules), refers)


SEEDS: Mapping[str, SeedContract] = MappingProxyType(
    {
        "baselines": _seed(
            "baseline_id population kind low high is_approximate printed unit "
            "denominator site_exclusions note source source_row",
            refers={"population": ("populations", "population")},
            kind=_one_of("upper_bound", "band", "point", "share"),
            low=OPEN_SHARE,
            high=SHARE,
        ),
        # A confirmed course counts one way in a rate and another outside of it.
        "classes": _seed(
            "classification in_rate pick_rank is_case source",
            n_key=2,
            in_rate=FLAG,
            pick_rank=RANK,
        ),
        "conditions": _seed(
            "condition label is_hiv is_aids is_hsct_allogeneic "
            "is_solid_organ_transplant is_immunocompromised is_none_documented "
            "never_ends source",
            never_ends=FLAG,
        ),
        "dose_units": _seed(
            "route dose_unit factor is_per_kg source",
            n_key=2,
            refers={"route": ("routes", "route")},
            factor=WHOLE,
        ),
        "dosings": _seed("dosing dosing_rank source", dosing_rank=RANK),
        "drugs": _seed("drug drug_class source verified", drug_class=TEXT),
        "events": _seed(
            "event label is_alternative_diagnosis ends_followup source",
            ends_followup=FLAG,
        ),
        "foscarnet_regimens": _seed(
            "dose_mg_per_kg doses_per_day is_of_documents source",
            n_key=2,
            dose_mg_per_kg=AMOUNT,
            doses_per_day=RANK,
        ),
        "identifier_columns": _seed("column kind source", column=PLAIN_NAME, kind=TEXT),
        "indicators": _seed(
            "indicator place label asks denominator met_when rests_on is_information "
            "source citation",
            place=RANK,
            label=TEXT,
            asks=TEXT,
            denominator=TEXT,
            met_when=TEXT,
            rests_on=_one_of("", "labs", "clinical_events"),
            citation=TEXT,
        ),
        "lesion_statuses": _seed(
            "lesion_status status_rank is_responding failure_kind source",
            status_rank=RANK,
        ),
        "parameters": _seed(
            "name type default minimum maximum unit origin section source meaning"
        ),
        "populations": _seed(
            "population_key population label flag source",
            population_key=RANK,
            population=TEXT,
            flag=TEXT,
        ),
        "prophylaxis_regimens": _seed(
            "drug dose_mg doses_per_day source",
            refers={"drug": ("drugs", "drug")},
            dose_mg=AMOUNT,
            doses_per_day=RANK,
        ),
        "reasons": _seed(
            "reason classification source",
            refers={"classification": ("classes", "classification")},
        ),
        "regimens": _seed(
            "drug route syndrome immune_status crcl_from crcl_below min_daily_dose "
            "unit regimen source verified",
            n_key=5,
            refers={"drug": ("drugs", "drug"), "route": ("routes", "route")},
            syndrome=_one_of("hsv", "zoster"),
            immune_status=_one_of("any", "immunocompetent", "immunocompromised"),
            crcl_from=BOUND,
            crcl_below=OPEN_BOUND,
            min_daily_dose=AMOUNT,
            unit=_one_of("mg", "mg/kg"),
        ),
        "risk_groups": _seed("risk_group urgency_rank label source", urgency_rank=RANK),
        "routes": _seed("route is_systemic source"),
        "sources": _seed("source kind citation note"),
        "synonyms": _seed("field synonym code verified source", n_key=2, code=TEXT),
        "tests": _seed(
            "test label is_resistance_test can_show_acyclovir_resistance is_genotype "
            "default_unit source",
            can_show_acyclovir_resistance=FLAG,
        ),
        "variations": _seed("variation label parameter value source"),
        "topical_regimens": _seed(
            "drug strength_from strength_to doses_from doses_to days_from days_to source",
            refers={"drug": ("drugs", "drug")},
            strength_from=OPEN_BOUND,
            strength_to=OPEN_BOUND,
            doses_from=OPEN_BOUND,
            doses_to=OPEN_BOUND,
            days_from=OPEN_BOUND,
            days_to=OPEN_BOUND,
        ),
    }
)
"""The contract of every seed that a run reads."""
