"""The tables that a run publishes for the team, each with its columns and total order."""

from functools import partial
from pathlib import Path

import pandas as pd

from pipeline import models
from pipeline.findings import Findings

FOLDER = "restricted/tables"
"""Where the tables lie in a run."""

LISTED = f"{FOLDER}/listed.parquet"
"""The line list's courses, which the next run reads."""

SIGNALS = f"{FOLDER}/signals.parquet"
"""The months of the charts, of which the next run tells those that are new."""

RATES = f"{FOLDER}/rates.parquet"
"""The rates, which a run that was published before shows again."""

ACCEPTED = {table: f"{FOLDER}/{table}.parquet" for table in models.ACCEPTED}
"""The accepted rows as delivered, from which a course is explained."""

COURSES = f"{FOLDER}/courses.parquet"
PICKS = f"{FOLDER}/picks.parquet"
"""What the next run is compared with, beside `ACCEPTED`: courses, and who counted."""

COURSE_COLUMNS = (
    "patient_id",
    "start_date",
    "end_date",
    "length_days",
    "drugs",
    "dosing",
    "adherence",
    "syndrome",
    "site_id",
    "outcome",
    "deciding_day",
    "deciding_date",
    "deciding_status",
    "failure_kind",
    "classification",
    "reason",
    "strict_classification",
    "strict_reason",
    "strict_outcome",
    "strict_deciding_day",
    "in_rate",
    "strict_in_rate",
    "is_mature",
    "is_lab_mature",
    "watch",
    "conflicting_labs",
    "is_hiv",
    "is_aids",
    "is_hsct_allogeneic",
    "is_solid_organ_transplant",
    "is_immunocompromised",
    "is_immunocompetent",
    "is_prolonged",
    "is_repeated",
    "risk_group",
    "n_prescriptions",
)
"""The columns of courses.parquet (outputs)."""

PICK_COLUMNS = (
    *("patient_id", "population", "definition", "start_date"),
    *("is_immature", "is_in_rate", "is_numerator"),
)
"""The columns of picks.parquet."""

INDICATOR_COLUMNS = (
    *("patient_id", "start_date", "dosing", "drugs", "site_id", "classification"),
    *("indicator", "state", "due_date", "found_date", "detail"),
)
"""The columns of indicators.parquet, whose rows stand patient by patient."""

LISTS = (
    "watch_list",
    "explained_failures",
    "breakthrough_list",
    "unattached_results",
)
"""The lists of criteria 9 beside the line list; a page may hold only their first rows."""

# The key of a course counts in the order of patient_id, start_date and dosing.

_FORMULA_STARTS = ("=", "+", "-", "@", "\t")


def courses() -> str:
    """The select of courses.parquet, whose rows stand in the order of their keys."""
    columns = ", ".join(COURSE_COLUMNS)
    return f"select {columns} from courses"


def listed() -> str:
    """The select of listed.parquet: the line list's courses, for the next run."""
    return (
        "select patient_id, start_date, dosing from line_list "
        "order by patient_id, start_date, dosing"
    )


def picks() -> str:
    """The select of picks.parquet: who counts in the rolling window, patient by patient."""
    columns = ", ".join(PICK_COLUMNS)
    return f"select {columns} from patient_picks"


def indicators() -> str:
    """The select of indicators.parquet: one row a indicator and what it is asked of."""
    return f"select {', '.join(INDICATOR_COLUMNS)} from indicators"


def in_order(table: str) -> str:
    """The select of one of the lists of criteria 9, in the order of the report."""
    return f"select * exclude (place) from {table} order by place"


SELECTS = {
    "indicators": indicators,
    "picks": picks,
    "courses": courses,
    "listed": listed,
    **{table: partial(in_order, table) for table in LISTS},
}
"""The tables that are written straight from the engine, those that read most first."""


def flow(findings: Findings) -> pd.DataFrame:
    """The sums of criteria 6, one row a term: table, extract, term, n."""
    extracts = findings.extract_flow.assign(table="rows")
    courses = findings.course_flow.assign(table="courses", extract="")
    results = findings.laboratory_flow.assign(table="results", extract="")
    columns = ["table", "extract", "term", "n"]
    return pd.concat([frame[columns] for frame in (extracts, courses, results)])


def quality(findings: Findings) -> pd.DataFrame:
    """Completeness and broken rules: extract, measure, name, n, out_of."""
    present = findings.completeness.rename(
        columns={"field": "name", "n_present": "n", "n_accepted": "out_of"}
    ).assign(measure="present")
    received = findings.extract_flow.query("term == 'received'").set_index("extract")[
        "n"
    ]
    broken = findings.quarantine_rules.rename(columns={"rule": "name"}).assign(
        measure="quarantined"
    )
    broken["out_of"] = broken["extract"].map(received)
    columns = ["extract", "measure", "name", "n", "out_of"]
    return pd.concat([present[columns], broken[columns]])


def rates(findings: Findings) -> pd.DataFrame:
    """The rates with their flags as one text, joined by spaces."""
    return findings.rates.assign(flags=findings.rates["flags"].map(" ".join))


def signals(findings: Findings) -> pd.DataFrame:
    """Every month of every chart, every trend and every cluster: ``signal`` says which."""
    found = findings.monitoring
    return _together(
        "signal", month=found.charts, trend=found.trends, cluster=found.clusters
    )


def sites(findings: Findings) -> pd.DataFrame:
    """Every site in every funnel, and observed against expected: ``measure`` says which."""
    found = findings.monitoring
    return _together(
        "measure", funnel=found.funnel, observed_expected=found.observed_expected
    )


def _together(name: str, **frames: pd.DataFrame) -> pd.DataFrame:
    """The frames under one another, each row naming its frame; absent columns are null."""
    named = [
        frame.assign(**{name: kind}).astype(
            {
                column: "boolean" if dtype.kind == "b" else "Int64"
                for column, dtype in frame.dtypes.items()
                if dtype.kind in "bi"
            }
        )
        for kind, frame in frames.items()
    ]
    columns = dict.fromkeys(column for frame in frames.values() for column in frame)
    typed = [frame.dropna(axis="columns", how="all") for frame in named if len(frame)]
    together = pd.concat(typed, ignore_index=True) if typed else pd.DataFrame()
    return together.reindex(columns=[name, *columns])


def changes(findings: Findings) -> pd.DataFrame:
    """The split of every difference from the previous run; empty for the first."""
    return findings.comparison.split


def changed_courses(findings: Findings) -> pd.DataFrame:
    """The courses flagged, confirmed or cleared since the previous run."""
    return findings.comparison.courses


def variations(findings: Findings) -> pd.DataFrame:
    """Counts and verdicts under each variation; no row where none was asked for."""
    if findings.variations is None:
        return pd.DataFrame({"variation": pd.Series(dtype="str")})
    return findings.variations.drop(columns="label")


def write_line_list(findings: Findings, path: Path) -> None:
    """Write line_list.csv: one row an open case, safe to open in a spreadsheet."""
    rows = findings.line_list.copy()
    for column in (
        "not_ruled_out",
        "further_steps",
        "missed_indicators",
        "open_indicators",
    ):
        rows[column] = rows[column].map(" ".join)
    for column in rows.select_dtypes(include=["object", "string"]):
        rows[column] = rows[column].map(_as_safe_cell)
    rows.to_csv(path, index=False, lineterminator="\n", date_format="%Y-%m-%d")


def _as_safe_cell(value: object) -> object:
    is_formula = isinstance(value, str) and value.startswith(_FORMULA_STARTS)
    return f"'{value}" if is_formula else value
