"""What bounds the answer: testing, turnaround, silent sites, deaths, loose results."""

from pipeline.findings import Findings
from pipeline.report.compose import cells, formats, sentences, usable, wording
from pipeline.report.compose.records import (
    Record,
    headline,
    parameter,
    records,
    rolling,
)
from pipeline.report.document import Block, Bullets, NotEnoughData, Section, Table

_OF_THE_LABORATORY = ("flag_to_specimen", "specimen_to_result")


def bounds_section(findings: Findings) -> Section:
    """The section on what the rates of the first question cannot see."""
    blocks: tuple[Block, ...] = (
        Bullets(
            (
                _tested(findings),
                _deaths(findings),
                _unattached(findings),
                _quarantined(findings),
                _unknown_syndrome(findings),
            )
        ),
        _turnaround(findings),
        _silent_sites(findings),
    )
    return Section("q1-bounds", "What bounds the answer", blocks, level=2)


def _tested(findings: Findings) -> str:
    key = headline(definition="confirmed")
    found = [r for r in rolling(findings, **key) if r["population"] == "all"]
    tested = found[0]["n_tested"] if found else None
    if not usable.is_usable(findings, "labs"):
        return (
            f"Tested: not known, {usable.missing(findings, 'labs')}, so the confirmed "
            "rate cannot reassure."
        )
    if not tested:
        return (
            "Tested: no failure in the rate has a resistant or susceptible result, so "
            "the confirmed rate cannot reassure."
        )
    share = formats.percent(found[0]["tested_share"])
    failures = sentences.failures(found[0])
    return (
        f"Tested: {formats.count(tested)} of {formats.plural(failures, 'failure')} in "
        f"the rate of confirmed cases, {share}, with a resistant or susceptible result. "
        "The others may be either."
    )


def _deaths(findings: Findings) -> str:
    if not usable.is_usable(findings, "clinical_events"):
        return f"Deaths: not known, {usable.missing(findings, 'clinical_events')}."
    deaths = findings.counts.get("n_deaths", 0)
    return (
        f"Deaths: {formats.plural(deaths, 'death')} recorded in the whole delivery. A "
        "death before an outcome leaves a course not evaluable."
    )


def _unattached(findings: Findings) -> str:
    if not usable.is_usable(findings, "labs"):
        return f"Without a course: not known, {usable.missing(findings, 'labs')}."
    number = len(findings.unattached)
    return (
        f"Without a course: {formats.plural(number, 'resistant result')} that "
        f"{'belongs' if number == 1 else 'belong'} to no course of treatment, and so "
        "to no rate."
    )


def _quarantined(findings: Findings) -> str:
    if not usable.is_delivered(findings, "labs"):
        return f"Quarantined: not known, {usable.missing(findings, 'labs')}."
    number = findings.counts.get("n_quarantined_resistant", 0)
    return (
        f"Quarantined: {formats.plural(number, 'resistant result')} in rows that break "
        "a rule of the extracts, and so in no rate and on no list."
    )


def _unknown_syndrome(findings: Findings) -> str:
    if not usable.has_course(findings):
        return "Syndrome not known: no course could be built."
    unknown = findings.counts.get("n_unknown_syndrome", 0)
    total = findings.counts.get("n_courses", 0)
    return (
        f"Syndrome not known: {formats.count(unknown)} of "
        f"{formats.plural(total, 'course')} of the whole delivery, counted as herpes "
        "simplex."
    )


def _turnaround(findings: Findings) -> Table:
    by_step = {row["step"]: row for row in records(findings.turnaround)}
    return Table(
        "q1-turnaround",
        "How long it takes from the flag to an answer and to another therapy.",
        cells.columns(
            ("Step", "text"),
            ("Done", "integer", "courses"),
            ("Median", "number", "days"),
            ("90th percentile", "number", "days"),
            ("Not done", "integer", "courses"),
        ),
        cells.rows(
            _turnaround_row(findings, title, step, by_step.get(step))
            for step, title in wording.TURNAROUND.items()
        ),
        "No course was flagged, so no time can be measured.",
    )


def _turnaround_row(
    findings: Findings, title: str, step: str, row: Record | None
) -> tuple:
    if step in _OF_THE_LABORATORY and not usable.is_usable(findings, "labs"):
        reason = NotEnoughData(usable.missing(findings, "labs"))
        return cells.words(title), reason, reason, reason, reason
    found = row or {"n": 0, "median_days": None, "p90_days": None, "n_without": 0}
    return (
        cells.words(title),
        cells.whole(found["n"]),
        cells.decimal(found["median_days"], "none done"),
        cells.decimal(found["p90_days"], "none done"),
        cells.whole(found["n_without"]),
    )


def _silent_sites(findings: Findings) -> Table:
    return Table(
        "q1-silent",
        "Sites that fell silent: their patients are missing from the latest numbers.",
        cells.columns(("Site", "text"), ("Last row dated", "date")),
        cells.rows(
            (cells.words(row["site_id"]), cells.day(row["last_date"]))
            for row in records(findings.silent_sites)
        ),
        _no_silent_site(findings),
    )


def _no_silent_site(findings: Findings) -> str:
    named = sum(
        row["n_present"]
        for row in records(findings.completeness, field="site_id")
        if row["extract"] in ("prescriptions", "followups")
    )
    if not named:
        return (
            "Not known: no accepted row names a site, so none can be seen to be silent."
        )
    days = formats.plural(int(parameter(findings, "silent_site_days", 35)), "day")
    months = formats.plural(int(parameter(findings, "silent_site_months", 3)), "month")
    return (
        f"Every site seen in the last {months} has sent something in the last {days}. "
        "Sites that are silent for longer are not looked for."
    )
