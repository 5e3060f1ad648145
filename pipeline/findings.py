"""What a run found, as frames of counts, estimates and lists: all that the wording reads.

Knows nothing of SQL, files or formats. Person-level rows appear only in the five
lists and that of what was missed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import pandas as pd


@dataclass(frozen=True)
class Redefinition:
    """What of the rules is not as it was in the previous run."""

    parameters: tuple[tuple[str, str, str], ...] = ()
    """Name, former value, present value."""
    is_other_program: bool = False
    """Whether seeds, SQL or program differ, so that former rules cannot be applied."""

    def __bool__(self) -> bool:
        return bool(self.parameters) or self.is_other_program


def _no_rows(**types: str) -> pd.DataFrame:
    return pd.DataFrame(
        {name: pd.Series(dtype=type_name) for name, type_name in types.items()}
    )


@dataclass(frozen=True)
class Comparison:
    """A run beside the previous one; frames as `sql/changes` says."""

    status: str = "first"
    """``first`` (no earlier run), ``incomparable`` (an earlier version's) or ``compared``."""
    previous: str | None = None
    redefinition: Redefinition = Redefinition()
    split: pd.DataFrame = field(
        default_factory=lambda: _no_rows(
            population="str",
            definition="str",
            change="str",
            change_n="int64",
            change_k="int64",
        )
    )
    """population, definition, change, change_n, change_k."""
    courses: pd.DataFrame = field(
        default_factory=lambda: _no_rows(
            patient_id="str",
            site_id="str",
            start_date="datetime64[us]",
            dosing="str",
            previous_classification="str",
            classification="str",
            reason="str",
            change="str",
        )
    )
    """patient_id, site_id, start_date, dosing, previous_classification, classification,
    reason, change (newly_flagged, newly_confirmed, newly_cleared)."""
    alarms: frozenset[tuple[str, str, str, str, date]] = frozenset()
    """Population, definition, chart, baseline_id, month: what was over a limit then."""
    older_extracts: tuple[tuple[str, date, date], ...] = ()
    """Extracts that end earlier than in the previous run: name, then and now."""


@dataclass(frozen=True)
class Monitoring:
    """What the months and the sites show; columns as in `pipeline.statistics`.

    `alarm_courses` and `cluster_courses` hold people.
    """

    charts: pd.DataFrame = field(default_factory=pd.DataFrame)
    """`signals.COLUMNS`, one row a chart and month."""
    trends: pd.DataFrame = field(default_factory=pd.DataFrame)
    """`trends.COLUMNS`, one row a population and definition."""
    alarm_courses: pd.DataFrame = field(default_factory=pd.DataFrame)
    """population, definition, chart, baseline_id, patient_id, site_id, start_date, drugs,
    classification, risk_group, flag_date: the cases behind an alarm of the window."""
    clusters: pd.DataFrame = field(default_factory=pd.DataFrame)
    """`clusters.COLUMNS`, one row a cluster."""
    cluster_courses: pd.DataFrame = field(default_factory=pd.DataFrame)
    """cluster, patient_id, site_id, start_date, drugs, classification, risk_group,
    flag_date: the cases of the clusters to review."""
    funnel: pd.DataFrame = field(default_factory=pd.DataFrame)
    """`sites.FUNNEL_COLUMNS`, one row a site and funnel."""
    observed_expected: pd.DataFrame = field(default_factory=pd.DataFrame)
    """`sites.RATIO_COLUMNS`, one row a definition and site."""
    n_without_site: int = 0
    """Evaluable patients of the rolling window whose course names no site."""
    n_cases_without_site: int = 0
    """Cases flagged in the rolling window whose course names no site."""
    calls_for_action: Sequence[str] = ()


@dataclass(frozen=True)
class Findings:
    """Everything that a report says, before it is put into words.

    Each frame's columns are stated beside it; an absent value is null. Counts are
    integers, shares and rates are proportions (0 to 1), lengths are days.
    """

    as_of: date
    run: str
    version: str
    engine: str
    previous_run: str | None
    rolling_start: date
    rolling_end: date
    year_start: date
    year_end: date
    history_from: date | None
    """The first day from which 365 days of prescriptions can be seen."""

    rates: pd.DataFrame
    """`statistics.md` section j, one row a key."""
    monthly: pd.DataFrame
    """population, definition, month (first day), n, k, is_mature."""
    adherence_split: pd.DataFrame
    """population, adherence_known (bool), n, k: rolling window, case, headline, patients."""
    extract_flow: pd.DataFrame
    """extract, term (received, accepted, out_of_scope, deferred, duplicate, superseded,
    quarantined), n."""
    course_flow: pd.DataFrame
    """term (built, absorbed and the seven classes), n: every course of the delivery."""
    patient_flow: pd.DataFrame
    """syndrome, term (patients, evaluable, cases, excluded, not_evaluable, immature,
    confirmed_outside), n: population all, rolling window."""
    laboratory_flow: pd.DataFrame
    """term (reported, attached, unattached), n: results of the resistance tests."""
    reasons: pd.DataFrame
    """classification, reason, n_headline, n_strict: mature courses, rolling window."""
    completeness: pd.DataFrame
    """extract, field, n_accepted, n_present."""
    quarantine_rules: pd.DataFrame
    """extract, rule, n."""
    turnaround: pd.DataFrame
    """step (flag_to_specimen, specimen_to_result, flag_to_alternative), n, median_days,
    p90_days, n_without."""
    silent_sites: pd.DataFrame
    """site_id, last_date: sites seen before that sent nothing lately."""

    indicators: pd.DataFrame
    """The seed's columns, n_denominator, n_met, n_missed, n_open, n_information,
    n_other_guidance, n_cannot_judge: rolling window, in the order of criteria 8."""
    indicator_details: pd.DataFrame
    """indicator, state, detail, n: rolling window."""
    missed: pd.DataFrame
    """patient_id, site_id, start_date, drugs, classification, missed_indicators (list):
    rolling window, cases first, then by the latest start."""

    line_list: pd.DataFrame
    """patient_id, site_id, start_date, end_date, drugs, syndrome, classification, reason,
    flag_date, deciding_day, deciding_status, risk_group, is_immunocompetent, is_repeated,
    is_shedding, not_ruled_out (list of codes), next_step (code), further_steps (list of
    codes), days_open, is_new, is_newly_confirmed, in_rate, set_aside_reason (why not),
    last_status, last_visit_date, has_conflicting_labs, has_prior_confirmed,
    later_confirmed_date, missed_indicators (list), open_indicators (list); most urgent
    first."""
    watch_list: pd.DataFrame
    """patient_id, site_id, start_date, end_date, drugs, watch, last_visit_date,
    last_status, risk_group, classification."""
    explained_failures: pd.DataFrame
    """patient_id, site_id, start_date, end_date, drugs, deciding_date, deciding_status,
    classification, reason, risk_group, is_within_other_guidance."""
    breakthrough: pd.DataFrame
    """patient_id, site_id, drug, prescription_start, prescription_end, first_visit_date,
    last_visit_date, n_visits, risk_group."""
    unattached: pd.DataFrame
    """patient_id, test, result, collected_date, resulted_date."""

    counts: Mapping[str, int]
    """n_line_list_closed, n_explained_closed, n_unlinked_followups,
    n_quarantined_resistant, n_without_birth_year, n_within_other_guidance, n_deaths,
    n_courses, n_unknown_syndrome, n_cases_unknown_adherence, n_patients, n_watch_closed,
    n_breakthrough_closed, n_genotyped, n_ul23_mutation, n_unknown_immune_status."""
    parameters: pd.DataFrame
    """name, value, default, unit, origin, section, source, meaning, is_changed."""
    baselines: pd.DataFrame
    """the seed."""
    sources: pd.DataFrame
    """the seed."""
    models: pd.DataFrame
    """model, what, grain, units, source: the headers of the SQL files, in reading order."""
    inputs: pd.DataFrame
    """label, extract, bytes, sha256, rows."""
    monitoring: Monitoring = Monitoring()
    """Charts, trends, clusters and sites."""
    posteriors: pd.DataFrame = field(default_factory=pd.DataFrame)
    """`ascertainment.posteriors`: the compared rates under two priors."""
    calls_for_action: Sequence[str] = ()
    """What of rates, charts and clusters calls for action (`statistics.md` b 11)."""
    timelines: pd.DataFrame = field(
        default_factory=lambda: _no_rows(
            place="int64",
            lane="str",
            day_from="int64",
            day_to="int64",
            label="str",
            state="str",
        )
    )
    """place (of the line list's row, from 1), lane (therapy, visit, specimen, event),
    day_from, day_to, label, state: what its picture shows."""
    comparison: Comparison = Comparison()
    """This run beside the previous one."""
    variations: pd.DataFrame | None = None
    """variation, label, population, baseline_id, n, k, rate, cp_lo, cp_hi, verdict,
    is_changed: parameters varied one at a time; None where it was not asked for."""
    last_dates: Mapping[str, date] = field(default_factory=dict)
    """The last day that an accepted row of each dated extract names."""
    absent_extracts: Sequence[str] = ()
    notes: Sequence[str] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
