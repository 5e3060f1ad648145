"""Cases close together at one site, and how likely chance is to bring them."""

from pipeline.findings import Findings
from pipeline.report.compose import cells, formats, people, usable, wording
from pipeline.report.compose.records import Record, parameter, records
from pipeline.report.document import (
    Block,
    Cell,
    NotEnoughData,
    Paragraph,
    Row,
    Section,
    Table,
    Value,
)


def clusters_section(findings: Findings) -> Section:
    """The part of the fourth question on clusters."""
    return Section("q4-clusters", "Cases close together", _clusters(findings), level=2)


def to_review(findings: Findings) -> list[Record]:
    """The clusters that chance is not likely to bring."""
    return [
        r for r in records(findings.monitoring.clusters) if r["finding"] == "review"
    ]


def _clusters(findings: Findings) -> tuple[Block, ...]:
    why = usable.why_nothing_is_judged(findings)
    if why:
        return (NotEnoughData(f"cases close together cannot be looked for: {why}"),)
    days = formats.plural(parameter(findings, "cluster_days", 28), "day")
    least = formats.plural(parameter(findings, "cluster_patients", 2), "patient")
    lost = findings.monitoring.n_cases_without_site
    without = (
        f" {formats.plural(lost, 'case')} without a site could not be looked at."
        if lost
        else ""
    )
    said = (
        f"A cluster is a run of flag days of at least {least} of one site, each at most "
        f"{days} after the one before. Its probability is that of as many patients "
        f"within {days} somewhere in the window, if the site's cases come at the "
        "network's rates for its risk groups; it is corrected over all sites. A large "
        f"site has such runs by chance.{without}"
    )
    return (Paragraph(said), _cluster_table(findings), _cluster_courses(findings))


def _cluster_table(findings: Findings) -> Table:
    found = records(findings.monitoring.clusters)
    titled = (
        ("Cluster", "text"),
        ("Site", "text"),
        ("First flag", "date"),
        ("Last flag", "date"),
        ("Patients", "integer"),
        ("Most at once", "integer", "patients"),
        ("Expected", "number", "cases in the window"),
        ("p", "number"),
        ("q, all sites", "number"),
        ("Finding", "label"),
    )
    unknown = "no evaluable patient at the site"
    return Table(
        "q4-cluster-list",
        "Cases close together at one site, by flag day, and how likely chance is to "
        "bring them.",
        cells.columns(*titled),
        tuple(
            Row(
                (
                    cells.words(f"{row['cluster']}"),
                    cells.words(row["site_id"]),
                    cells.day(row["first_date"]),
                    cells.day(row["last_date"]),
                    cells.whole(row["n_patients"]),
                    cells.whole(row["most_within"]),
                    _expected(row["expected_cases"], unknown),
                    cells.probability(row["p"], unknown),
                    cells.probability(row["q_bh"], unknown),
                    Value("review", "review", "act")
                    if row["finding"] == "review"
                    else Value("none", "none", "muted"),
                ),
                group=row["finding"] or "none",
            )
            for row in found
        ),
        "No site has cases of different patients close together.",
        interactive=True,
        group_title="Finding",
        printed_rows=people.printed_rows(findings),
        note="Most at once: the most patients within the days of a cluster. Where "
        "nothing is known to be expected, a cluster is to be reviewed.",
    )


def _expected(number: float | None, reason: str) -> Cell:
    if number is None:
        return NotEnoughData(reason)
    return Value(f"{number:.2f}", float(number))


def _cluster_courses(findings: Findings) -> Table:
    titled = (
        ("Cluster", "text", 0.6),
        ("Site", "text", 1),
        ("Patient", "text", 1),
        ("Flagged", "date", 0),
        ("Start", "date", 0),
        ("Drugs", "text", 1.2),
        ("Class", "label", 0),
        ("Risk group", "text", 1.3),
    )
    return Table(
        "q4-cluster-courses",
        "The courses of every cluster to review.",
        people.columns(*titled),
        tuple(
            Row(
                (
                    cells.words(f"{row['cluster']}"),
                    cells.words(row["site_id"]),
                    cells.words(row["patient_id"]),
                    cells.day(row["flag_date"]),
                    cells.day(row["start_date"]),
                    cells.words(people.drugs(row["drugs"])),
                    cells.words(wording.CLASSES[row["classification"]]),
                    people.risk_group(row),
                ),
                group=row["site_id"],
            )
            for row in people.listed(findings, findings.monitoring.cluster_courses)
        ),
        "No cluster is to be reviewed.",
        interactive=True,
        file="tables/courses.parquet",
        n_unlisted=people.n_unlisted(findings, findings.monitoring.cluster_courses),
        group_title="Site",
        printed_rows=people.printed_rows(findings),
    )
