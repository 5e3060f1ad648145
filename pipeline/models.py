"""The SQL models in reading order, with what their headers say; knows no engine."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import chain, groupby

from pipeline import resources

OF_THE_DELIVERY = ("staging/held_extracts",)
"""What is asked of a whole delivery before its patients are walked."""

OF_PATIENTS = (
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
    "courses/index_dates",
    "courses/conditions_held",
    "courses/recent_therapy",
    "courses/patient_flags",
    "courses/renal_function",
    "courses/treatment_prescriptions",
    "courses/built_courses",
    "courses/kept_courses",
    "courses/built_flow",
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
    "conformance/flag_days",
    "conformance/lesion_days",
    "conformance/flagged_courses",
    "conformance/given_instead",
    "conformance/alternative_treatments",
    "conformance/treatment_days",
    "conformance/ivig_starts",
    "conformance/culture_and_susceptibility",
    "conformance/culture_before_switch",
    "conformance/no_cross_resistant_switch",
    "conformance/failing_drug_stopped",
    "conformance/id_consult",
    "conformance/alternative_therapy_started",
    "conformance/topical_first_if_accessible",
    "conformance/foscarnet_dose",
    "conformance/foscarnet_duration",
    "conformance/topical_regimen",
    "conformance/cidofovir_after_foscarnet",
    "conformance/hiv_test_offered",
    "conformance/immune_status_reviewed",
    "conformance/iv_for_severe",
    "conformance/no_ivig_for_active_infection",
    "conformance/ivig_indicated",
    "conformance/antiviral_not_delayed_for_ivig",
    "conformance/renal_monitoring",
    "conformance/hsct_prophylaxis",
    "conformance/pregnancy_review",
    "conformance/indicators",
    "followed/followed_courses",
    "followed/done_so_far",
    "followed/next_steps",
    "followed/open_cases",
    "followed/case_timelines",
    "followed/watched_courses",
    "followed/open_failures",
    "followed/breakthroughs",
    "followed/course_notes",
    "measures/sites_seen",
    "measures/delivery_counts",
    "measures/course_populations",
    "measures/ranked_courses",
    "measures/patient_windows",
    "measures/patient_picks",
    "measures/population_cases",
    "measures/pick_counts",
    "measures/course_counts",
    "measures/month_counts",
    "measures/site_picks",
)
"""The models that look at one patient's rows at a time, and counts of patients.

Each reads only those before it. A large delivery is walked in parts: ranges of patients.
"""

OF_ALL = (
    "totals/rate_counts",
    "totals/monthly_counts",
    "totals/adherence_split",
    "totals/ppv_counts",
    "totals/site_counts",
    "totals/course_flow",
    "totals/patient_flow",
    "totals/laboratory_flow",
    "totals/reasons",
    "totals/silent_sites",
    "totals/genotyped_courses",
    "totals/indicator_counts",
    "totals/indicator_details",
    "lists/line_list",
    "lists/missed_indicators",
    "lists/watch_list",
    "lists/explained_failures",
    "lists/breakthrough_list",
    "lists/unattached_results",
    "lists/turnaround",
    "lists/timelines",
)
"""The models that sum up and order what was found of the patients, in whatever parts."""

READING_ORDER = (*OF_THE_DELIVERY, *OF_PATIENTS, *OF_ALL)
"""Every model that a run makes, each reading only those before it."""

PARTS = "parts/patient_parts"
"""Which patient is in which part of a large delivery."""

DOSSIER = (
    "dossier/course_prescriptions",
    "dossier/course_visits",
    "dossier/course_results",
    "dossier/course_conditions",
    "dossier/course_events",
)
"""What is read of one patient's walk where his courses are explained."""

DIFFERENT = "changes/different_picks"
"""Who counts otherwise than in the previous run; what was delivered of them is read next."""

CHANGES = (
    "changes/changed_patients",
    "changes/changed_picks",
    "changes/changes",
    "changes/changed_courses",
)
"""The models that set a run beside the previous one, after `DIFFERENT`, in reading order."""

UNREDEFINED = "unredefined_picks"
"""The picks of this delivery under the rules of the previous run, where they differ."""

VARIED = "variations/varied_counts"
"""The counts that are made anew under each variation of a parameter."""

ACCEPTED = (
    "accepted_prescriptions",
    "accepted_followups",
    "accepted_immune_status",
    "accepted_labs",
    "accepted_clinical_events",
    "accepted_patients",
)
"""What reading a delivery leaves in the engine."""

READ_AFTERWARDS = (
    "patients",
    "courses",
    "patient_picks",
    "population_cases",
    "indicators",
    "delivery_counts",
    "course_notes",
    "followed_courses",
    "breakthroughs",
    *(name.rpartition("/")[2] for name in OF_ALL),
)
"""The tables that findings are gathered from; all others go as soon as they can."""

_LAST_LINE = "select * from final"

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


def inside(name: str, step: str) -> str:
    """The select of one of a model's steps, so that a rule's inputs can be looked at.

    Raises ValueError where the model has no such step.
    """
    select = read(name).select
    if f"\n{step} as (" not in select or not select.endswith(_LAST_LINE):
        raise ValueError(f"sql/{name}.sql has no step {step}")
    return f"{select.removesuffix(_LAST_LINE)}select * from {step}"


def read_all() -> list[Model]:
    """Every model in reading order."""
    return [read(name) for name in READING_ORDER]


def read_checks(chapter: str) -> list[Model]:
    """The checks of a chapter: each a select that must return no rows, by their names."""
    folder = resources.path("sql", "checks")
    found = sorted((folder / chapter).glob("*.sql"))
    return [read(f"checks/{chapter}/{path.stem}") for path in found]


def read_everything() -> list[Model]:
    """Every model of a run, all checks among them."""
    checks = (read_checks(chapter) for chapter, _ in chapters(READING_ORDER))
    return [*read_all(), *chain.from_iterable(checks)]


def chapters(
    names: Sequence[str], until: str | None = None
) -> list[tuple[str, list[Model]]]:
    """The chapters of these models in their order, each with its models.

    Where ``until`` names a table, they end with the chapter that makes it.
    """
    by_chapter = groupby(map(read, names), key=lambda model: model.chapter)
    found = []
    for chapter, of_chapter in by_chapter:
        found.append((chapter, list(of_chapter)))
        if until in {model.table for model in found[-1][1]}:
            break
    return found


def made_for(name: str) -> list[Model]:
    """The models that the named one rests on, and it, in reading order."""
    wanted, needed = [read(name)], set()
    words = set(re.findall(r"\w+", wanted[0].select))
    for model in reversed(read_all()):
        if model.table in words:
            words |= set(re.findall(r"\w+", model.select))
            needed.add(model.name)
    return [*(model for model in read_all() if model.name in needed), *wanted]


def affected_by(parameters: Collection[str], found: Sequence[Model]) -> list[Model]:
    """Those of the models that name one of the parameters, or read what one makes."""
    changed, names = [], {f"${name}" for name in parameters}
    tables: set[str] = set()
    for model in found:
        words = set(re.findall(r"\$?\w+", model.select))
        if words & (names | tables):
            changed.append(model)
            tables.add(model.table)
    return changed


def last_reads(
    names: Sequence[str], given: Collection[str], kept: Collection[str]
) -> dict[str, str]:
    """The last of these models and their checks that reads a table, by table.

    It is ``""`` where none does. The tables are those ``given`` and those made; what is
    ``kept`` is left out.
    """
    read_by: dict[str, str] = dict.fromkeys(given, "")
    for chapter, found in chapters(names):
        for step in [*found, *read_checks(chapter)]:
            words = set(re.findall(r"\w+", step.select))
            read_by |= dict.fromkeys(words & read_by.keys(), step.name)
            if step.chapter == chapter:
                read_by[step.table] = ""
    return {table: name for table, name in read_by.items() if table not in kept}


def kept_tables() -> set[str]:
    """What the walk of patients leaves: what is read of it when they are all walked."""
    read_by_all = {
        word
        for chapter, found in chapters(OF_ALL)
        for step in [*found, *read_checks(chapter)]
        for word in re.findall(r"\w+", step.select)
    }
    made = {read(name).table for name in OF_PATIENTS}
    return made & (read_by_all | set(READ_AFTERWARDS))
