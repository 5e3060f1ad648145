"""The funnel plots of sites, and the sites that stand outside them."""

from pipeline.findings import Findings
from pipeline.report import charts
from pipeline.report.charts import Funnel, Limits, Site
from pipeline.report.compose import cells, formats, people, sentences, wording
from pipeline.report.compose.records import Record, parameter, records
from pipeline.report.document import (
    Block,
    Cell,
    Figure,
    NotEnoughData,
    Row,
    Table,
    Value,
)
from pipeline.statistics import sites

MARKS = {
    "alarm_high": "high, outside the outer limit",
    "alert_high": "high, outside the inner limit",
    "alert_low": "low, outside the inner limit",
    "alarm_low": "low, outside the outer limit",
}
CURVE_POINTS = 60
Shown = list[Record]


def funnel_figure(findings: Findings) -> tuple[Block, ...]:
    """Cases by site against the published and against the network's own rate.

    Shown is the population with a published rate of which most cases are expected.
    """
    found = _shown(findings)
    n_sites = max((row["n_sites"] for row in found), default=0)
    if n_sites < 2:
        why = "one site alone cannot be set beside others" if n_sites else NOBODY
        return (NotEnoughData(f"no funnel plot: {why}"),)
    words = sentences.terms(findings)
    population = wording.POPULATIONS[found[0]["population"]]
    drawn = [
        each
        for target in ("baseline", "network")
        if (each := _funnel(findings, found, target, words))
    ]
    return (
        Figure(
            "q4-funnel",
            f"{population}: cases of evaluable patients by site. Each ring is a site; "
            "solid curves: outer limits; broken curves: inner limits. See whether a "
            "site lies outside: only such sites are named, filled outside the outer "
            "limits. A site inside may differ by chance alone.",
            _alt(population, found, drawn),
            charts.funnel(drawn, "Evaluable patients of the site (square-root scale)"),
            _table(findings, found, words),
        ),
    )


NOBODY = "no site has an evaluable patient of a population with a published rate"


def outside_table(findings: Findings) -> Table:
    """Every site that stands high in a funnel, and those that the screen finds."""
    words = sentences.terms(findings)
    found = [
        row
        for row in records(findings.monitoring.funnel)
        if row["definition"] in ("case", "confirmed")
        and (row["mark"].endswith("high") or row["finding"])
    ]
    n_low = sum(
        row["mark"].endswith("low") for row in records(findings.monitoring.funnel)
    )
    titled = (
        ("Site", "text"),
        ("Population", "text"),
        ("Definition", "text"),
        ("Against", "text"),
        ("Cases of evaluable", "text"),
        ("Rate", "percent", "%"),
        ("p", "number"),
        ("Where", "text"),
        ("Finding", "label"),
    )
    return Table(
        "q4-outside",
        "Sites that stand high in a funnel plot of any population, and those to review.",
        cells.columns(*titled),
        tuple(
            Row(tuple(_outside_row(row, words)), group=row["finding"] or "none")
            for row in sorted(found, key=_site_order)
        ),
        "No site stands high in a funnel plot of any population.",
        interactive=True,
        group_title="Finding",
        printed_rows=people.printed_rows(findings),
        note=f"{_levels(findings)} Low in a plot, and not listed: "
        f"{formats.count(n_low)}. A low site may be one whose failures are not seen.",
    )


def _levels(findings: Findings) -> str:
    inner, outer = (
        formats.percent(parameter(findings, name, default))
        for name, default in (("funnel_alert", 0.025), ("funnel_alarm", 0.001))
    )
    return (
        f"A site is outside the inner limit where chance would bring so many in {inner} "
        f"of such sites, outside the outer in {outer}; with two cases at least. Where "
        "sites vary more than chance the limits are widened."
    )


def _site_order(row: Record) -> tuple:
    order = list(wording.POPULATIONS)
    return row["site_id"], order.index(row["population"]), row["definition"]


def _shown(findings: Findings) -> Shown:
    rows = records(findings.monitoring.funnel, definition="case")
    weight: dict[str, float] = {}
    for row in rows:
        if row["target"] == "baseline" and row["n"]:
            name = row["population"]
            weight[name] = weight.get(name, 0) + row["n"] * row["theta"]
    if not weight:
        return []
    most = max(weight, key=lambda name: weight[name])
    return [row for row in rows if row["population"] == most and row["n"]]


def _of_target(found: Shown, target: str) -> Shown:
    rows = [row for row in found if row["target"] == target]
    first = rows[0]["baseline_id"] if rows else ""
    return [row for row in rows if row["baseline_id"] == first]


def _funnel(
    findings: Findings, found: Shown, target: str, words: sentences.Terms
) -> Funnel | None:
    rows = _of_target(found, target)
    theta = rows[0]["theta"]
    if theta is None or not 0 < theta < 1:
        return None
    rho = rows[0]["rho"] if rows[0]["is_overdispersed"] else 0.0
    alert = parameter(findings, "funnel_alert", 0.025)
    alarm = parameter(findings, "funnel_alarm", 0.001)
    levels = (alarm, alert, 1 - alert, 1 - alarm)
    curve = [
        Limits(n, *map(float, sites.limits(n, theta, levels, rho)))
        for n in _sizes(max(row["n"] for row in rows))
    ]
    title, centre = "Against the network", f"all its sites: {formats.percent(theta)}"
    if target == "baseline":
        title = "Against the published rate"
        centre = f"published {words.published[rows[0]['baseline_id']]}"
        centre += f", judged at {formats.percent(theta)}"
    marks = tuple(Site(r["site_id"], r["n"], r["rate"], r["mark"]) for r in rows)
    return Funnel(title, centre, theta, marks, tuple(curve))


def _sizes(largest: int) -> list[int]:
    root = largest**0.5
    places = (1 + (root - 1) * step / CURVE_POINTS for step in range(CURVE_POINTS + 1))
    return sorted({max(1, round(place**2)) for place in places})


def _alt(population: str, found: Shown, drawn: list[Funnel]) -> str:
    said = []
    for each in drawn:
        named = [f"{site.name} {MARKS[site.mark]}" for site in each.sites if site.mark]
        told = formats.enumeration(named) if named else "none"
        said.append(
            f"{each.title.lower()} ({each.centre}), {formats.count(len(each.sites))} "
            f"sites, outside the limits: {told}"
        )
    return f"Funnel plots of {population} by site: {'; '.join(said)}."


def _table(findings: Findings, found: Shown, words: sentences.Terms) -> Table:
    targets = [_of_target(found, target) for target in ("baseline", "network")]
    keyed = [{row["site_id"]: row for row in rows} for rows in targets]
    titled = (
        ("Site", "text"),
        ("Cases of evaluable", "text"),
        ("Rate", "percent", "%"),
        ("p, published rate", "number"),
        ("Against the published rate", "text"),
        ("p, network", "number"),
        ("Against the network", "text"),
    )
    return Table(
        "q4-funnel-numbers",
        "The numbers of the funnel plots. p: how likely chance is to bring so many.",
        cells.columns(*titled),
        cells.rows(
            (
                cells.words(site),
                _counts(row),
                cells.share(row["rate"], "no evaluable patient"),
                *(cell for rows in keyed for cell in _placed(rows[site])),
            )
            for site, row in sorted(keyed[0].items())
        ),
        NOBODY,
        printed_rows=people.printed_rows(findings),
    )


def _placed(row: Record) -> tuple[Cell, Cell]:
    where = MARKS.get(row["mark"], "inside")
    emphasis = "warn" if row["mark"].endswith("high") else ""
    p = cells.probability(row["p_high"], "no case in the network")
    return p, Value(where, where, emphasis or ("muted" if where == "inside" else ""))


def _outside_row(row: Record, words: sentences.Terms) -> list[Cell]:
    compared = "the network"
    if row["target"] == "baseline":
        compared = f"published {words.published[row['baseline_id']]}"
    where = MARKS.get(row["mark"], "inside")
    word = row["finding"] or "none"
    return [
        cells.words(row["site_id"]),
        cells.words(wording.POPULATIONS[row["population"]]),
        cells.words(wording.DEFINITIONS[row["definition"]]),
        cells.words(compared),
        _counts(row),
        cells.share(row["rate"], "no evaluable patient"),
        cells.probability(row["p_high"], "no case in the network"),
        cells.words(where),
        Value(word, word, "warn" if row["finding"] else "muted"),
    ]


def _counts(row: Record) -> Cell:
    return Value(
        f"{formats.count(row['k'])}/{formats.count(row['n'])}", float(row["k"])
    )
