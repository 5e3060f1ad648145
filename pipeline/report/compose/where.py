"""Where? Sites beside one another, observed against expected, cases close together."""

from pipeline.findings import Findings
from pipeline.report.compose import (
    cells,
    formats,
    people,
    sentences,
    usable,
    window,
    wording,
)
from pipeline.report.compose.clusters import clusters_section
from pipeline.report.compose.funnels import funnel_figure, outside_table
from pipeline.report.compose.records import (
    Record,
    headline,
    parameter,
    records,
    rolling,
)
from pipeline.report.document import (
    Block,
    Bullets,
    Cell,
    NotEnoughData,
    Paragraph,
    Row,
    Section,
    Table,
    Value,
)

SITES = "Site by site"


def where_sections(findings: Findings) -> tuple[Section, ...]:
    """The sections of the fourth question; no site is ranked and none is called above."""
    why = _why_not(findings)
    if why:
        reason = NotEnoughData(f"sites cannot be looked at: {why}")
        return (
            Section("q4", wording.QUESTIONS["q4"], (reason,)),
            Section("q4-sites", SITES, (reason,), level=2),
            clusters_section(findings),
        )
    return (
        Section(
            "q4",
            wording.QUESTIONS["q4"],
            (
                Paragraph(_how(findings)),
                *funnel_figure(findings),
                outside_table(findings),
            ),
        ),
        Section("q4-sites", SITES, _sites(findings), level=2),
        clusters_section(findings),
    )


def _why_not(findings: Findings) -> str:
    why = usable.why_nothing_is_judged(findings)
    if why:
        return why
    if any(row["site_id"] for row in records(findings.monitoring.observed_expected)):
        return ""
    if findings.monitoring.n_without_site:
        return "no course with an evaluable patient names a site"
    return f"the {window.name(findings)} holds no evaluable patient"


def _how(findings: Findings) -> str:
    lost = findings.monitoring.n_without_site
    without = "Every evaluable patient has a site."
    if lost:
        without = (
            f"{formats.plural(lost, 'evaluable patient')} "
            f"{'has' if lost == 1 else 'have'} no site and "
            f"{'stands' if lost == 1 else 'stand'} under none."
        )
    return (
        f"Patients of the {window.name(findings)}, headline rule, at the site of the "
        f"course that stands for them. {without} Many sites are looked at, so some "
        "stand out by chance alone: a finding is a reason to review, and no verdict. "
        "Sites are in the order of their names and have no rank."
    )


def _sites(findings: Findings) -> tuple[Block, ...]:
    return (
        Bullets(tuple(_network(findings))),
        _site_table(findings),
    )


def _network(findings: Findings) -> list[str]:
    words = sentences.terms(findings)
    floor = rolling(findings, **headline(definition="confirmed"))
    is_under = any(
        "under_tested" in (rate["flags"] or ())
        for rate in floor
        if rate["population"] == "all"
    )
    said = []
    for row in records(findings.monitoring.observed_expected, site_id=""):
        name = wording.DEFINITIONS[row["definition"]]
        if not row["n"]:
            said.append(f"{name}: no evaluable patient of a risk group with a rate.")
            continue
        word = row["verdict"]
        said.append(
            f"{name}, the network: {formats.count(row['observed'])} observed among "
            f"{formats.plural(row['n'], 'evaluable patient')}, "
            f"{row['expected']:.1f} expected at the published rates of their risk "
            f"groups; ratio {_ratio_text(row)}: {wording.VERDICTS[word]}. "
            f"{_without(row)}"
            f"{_UNDER_TESTED if _floor(row, is_under) else ''}"
            f"{sentences.excess(words).capitalize()} is "
            f"{'' if row['p_excl'] <= words.a_excl and not _floor(row, is_under) else 'not '}"
            "excluded."
        )
    return said


_UNDER_TESTED = (
    "Too few failures were tested for confirmed cases to reassure, "
    "however few they are. "
)


def _floor(row: Record, is_under: bool) -> bool:
    return is_under and row["definition"] == "confirmed"


def _without(row: Record) -> str:
    lost = row["n_without"]
    if not lost:
        return ""
    return (
        f"{formats.plural(lost, 'patient')} of unknown immune status "
        f"{'is' if lost == 1 else 'are'} left out. "
    )


def _site_table(findings: Findings) -> Table:
    found = findings.monitoring
    ratios = {
        (row["definition"], row["site_id"]): row
        for row in records(found.observed_expected)
        if row["site_id"]
    }
    rates = {
        row["site_id"]: row
        for row in records(
            found.funnel, population="all", definition="case", target="network"
        )
    }
    titled = (
        ("Site", "text"),
        ("Cases of evaluable", "text"),
        ("Rate", "percent", "%"),
        ("Shrunken rate", "text", "%, 95%"),
        ("Expected", "number", "cases"),
        ("Observed/expected", "text", "95% CI"),
        ("Confirmed: observed/expected", "text", "95% CI"),
        ("Finding", "label"),
    )
    return Table(
        "q4-by-site",
        "Each site: its rate of cases, that rate drawn towards the network's, and its "
        "cases against those expected at the published rates of its risk groups.",
        cells.columns(*titled),
        tuple(
            Row(
                tuple(_site_row(site, rates[site], ratios)),
                group=_finding_word(ratios, site),
            )
            for site in sorted(rates)
        ),
        "No site has an evaluable patient.",
        interactive=True,
        group_title="Finding",
        printed_rows=people.printed_rows(findings),
        note=f"{_shrunken_note(rates)} Review: the exact test of a site's cases stays "
        "at a false discovery rate of "
        f"{formats.percent(parameter(findings, 'screen_q', 0.05))} over all sites of at "
        f"least {formats.count(parameter(findings, 'n_floor', 5))} patients (Benjamini "
        "and Hochberg).",
    )


def _shrunken_note(rates: dict[str, Record]) -> str:
    by = {row["shrunken_by"] for row in rates.values()}
    if "no_variation" in by:
        return (
            "Shrunken: no variation between sites can be told from chance, so every site "
            "has the network's rate."
        )
    if "sites" in by:
        return (
            "Shrunken: small sites lean on the network's rate, large ones on their own, "
            "by as much as sites differ more than by chance."
        )
    return "Shrunken: not given, for too few sites are known to lean on one another."


def _site_row(site: str, rate: Record, ratios: dict) -> list[Cell]:
    case, floor = ratios.get(("case", site)), ratios.get(("confirmed", site))
    counts = f"{formats.count(rate['k'])}/{formats.count(rate['n'])}"
    shrunken: Cell = NotEnoughData("too few sites")
    if rate["shrunken"] is not None:
        limits = formats.interval(rate["shrunken_lo"], rate["shrunken_hi"])
        text = f"{formats.bare_percent(rate['shrunken'])} ({limits})"
        shrunken = Value(text, rate["shrunken"])
    expected = case["expected"] if case and case["n"] else None
    word = _finding_word(ratios, site)
    return [
        cells.words(site),
        Value(counts, float(rate["k"])),
        cells.share(rate["rate"], "no evaluable patient"),
        shrunken,
        cells.decimal(expected and round(expected, 1), "no risk group with a rate"),
        _ratio(case),
        _ratio(floor),
        Value(word, word, "warn" if word == "review" else "muted"),
    ]


def _finding_word(ratios: dict, site: str) -> str:
    found = [ratios.get((name, site)) for name in ("case", "confirmed")]
    return "review" if any(r and r["finding"] for r in found) else "none"


def _ratio(row: Record | None) -> Cell:
    if row is None or not row["n"] or row["sir"] is None:
        return NotEnoughData("nothing expected")
    return Value(f"{formats.count(row['observed'])}: {_ratio_text(row)}", row["sir"])


def _ratio_text(row: Record) -> str:
    return f"{row['sir']:.2f} ({row['sir_lo']:.2f}–{row['sir_hi']:.2f})"
