"""The SQL models in reading order, with what their headers say; knows no engine."""

import re
from dataclasses import dataclass

from pipeline import resources

READING_ORDER = (
    "staging/patients",
    "staging/prescriptions",
    "staging/visits",
    "staging/immune_periods",
    "staging/results",
    "staging/specimens_taken",
    "staging/events",
    "staging/regimens",
    "courses/intents",
    "courses/systemic_prescriptions",
    "courses/syndromes",
    "courses/exposure_spans",
    "courses/patient_flags",
    "courses/patient_risk_groups",
    "courses/renal_function",
    "courses/treatment_prescriptions",
    "courses/built_courses",
    "courses/kept_courses",
    "courses/repeated_therapy",
    "classification/rules",
    "classification/course_visit_days",
    "classification/outcomes",
    "classification/specimens",
    "classification/course_laboratory",
    "classification/alternative_diagnoses",
    "classification/classes",
    "classification/watch",
    "classification/courses",
    "measures/course_populations",
    "measures/ranked_courses",
    "measures/window_courses",
    "measures/patient_picks",
    "measures/rate_counts",
    "measures/monthly_counts",
    "measures/adherence_split",
    "measures/course_flow",
    "measures/patient_flow",
    "measures/laboratory_flow",
    "measures/reasons",
    "measures/silent_sites",
    "measures/genotyped_courses",
    "lists/followed_courses",
    "lists/done_so_far",
    "lists/line_list",
    "lists/watch_list",
    "lists/explained_failures",
    "lists/breakthroughs",
    "lists/breakthrough_list",
    "lists/unattached_results",
    "lists/turnaround",
    "lists/evidence",
)
"""Every model that a run makes, each reading only those before it."""

_HEADER = re.compile(
    r"-- (?P<what>[^\n]+)\n-- grain: (?P<grain>[^\n]+)\n"
    r"-- units: (?P<units>[^\n]+)\n-- source: (?P<source>[^\n]+)\n"
)


@dataclass(frozen=True)
class Model:
    """One SQL file: the table it makes, its select, and the four lines of its header."""

    name: str
    chapter: str
    table: str
    select: str
    what: str
    grain: str
    units: str
    source: str


def read(name: str) -> Model:
    """The model of a name such as ``courses/built_courses``.

    Raises ValueError where its header does not hold the four lines that every model has.
    """
    chapter, table = name.rsplit("/", 1)
    text = resources.path("sql", f"{name}.sql").read_text(encoding="utf-8")
    header = _HEADER.match(text)
    if header is None:
        raise ValueError(f"sql/{name}.sql does not begin with its four header lines")
    return Model(
        name, chapter, table, text[header.end() :].strip(), **header.groupdict()
    )


def read_all() -> list[Model]:
    """Every model in reading order."""
    return [read(name) for name in READING_ORDER]


def read_checks() -> list[Model]:
    """The checks: each a select that must return no rows, in the order of their names."""
    folder = resources.path("sql", "checks")
    return [read(f"checks/{path.stem}") for path in sorted(folder.glob("*.sql"))]
