"""Is resistance above what is published? The first question's sentences and tables."""

from collections.abc import Sequence

from pipeline.findings import Findings
from pipeline.report.compose import (
    cells,
    comparisons,
    sentences,
    usable,
    window,
    wording,
)
from pipeline.report.compose.bounds import bounds_section
from pipeline.report.compose.forest import forest_figure
from pipeline.report.compose.records import (
    Record,
    headline,
    rolling,
    with_baseline,
)
from pipeline.report.compose.sentences import Terms
from pipeline.report.document import (
    Block,
    Bullets,
    Cell,
    NotEnoughData,
    Paragraph,
    Section,
    Table,
    Value,
)
from pipeline.statistics import proportions

NOBODY = "no evaluable patient"
BESIDE_TITLE = "What stands beside each rate"
NO_RATES = NotEnoughData(
    "this run counted no rate, so nothing can be said about resistance"
)


def rates_sections(findings: Findings) -> tuple[Section, ...]:
    """The sections of the first question, the answer in sentences first."""
    words = sentences.terms(findings)
    found = rolling(findings, **headline())
    judged = with_baseline(found)
    answer: list[Block] = [*usable.blocking_notes(findings)]
    answer += [Paragraph(_what_is_counted(findings))]
    answer += _sentences(judged, words)
    answer += [_headline_table(findings, judged, words)] if judged else []
    answer += forest_figure(findings, words)
    return (
        Section("q1", wording.QUESTIONS["q1"], tuple(answer)),
        Section("q1-beside", BESIDE_TITLE, _beside(found, words), level=2),
        Section(
            "q1-definitions",
            "Ceiling and floor, windows, rules, units",
            (
                *comparisons.comparison_blocks(findings, words),
                *_thymidine_kinase_share(findings, words),
            ),
            level=2,
        ),
        Section("q1-size", "How large n must be", _size(judged, words), level=2),
        bounds_section(findings),
    )


def _what_is_counted(findings: Findings) -> str:
    moves = "The window moves with the as-of date"
    if not window.is_rolling(findings):
        moves = "The window was asked for and ends on the as-of date"
    return (
        "Patients with herpes simplex whose treatment started "
        f"{window.days(findings)} and is mature; a case is suspected or confirmed. "
        f"{moves}, so these numbers are provisional. A clinical failure is not yet "
        "resistance: the rate of cases is a ceiling, the rate of confirmed cases a "
        "floor, and between them stands the rate that is adjusted by the share of "
        "tested failures that proved resistant. Published rates count resistant "
        "isolates or patients."
    )


def _sentences(judged: Sequence[Record], words: Terms) -> list[Block]:
    if not judged:
        return [NO_RATES]
    said = tuple(sentences.compared(rate, words) for rate in judged)
    return [Bullets(said), Paragraph(wording.THREE_CASES)]


def _headline_table(
    findings: Findings, judged: Sequence[Record], words: Terms
) -> Table:
    excluded = "Doubling excluded" if words.or_margin == 2 else "Excess excluded"
    return Table(
        "q1-headline",
        f"Cases against published rates: {window.name(findings)}, headline rule, "
        "patients, herpes simplex.",
        cells.columns(
            ("Population", "text"),
            ("Published", "text"),
            ("Cases", "integer", "patients"),
            ("Evaluable", "integer", "patients"),
            ("Rate", "percent", "%"),
            ("95% CI", "percent", "%"),
            ("Verdict", "label"),
            (excluded, "label"),
        ),
        cells.rows(_headline_row(rate, words) for rate in judged),
        "No population was set against a published rate.",
        note="The verdict is taken after Holm's correction over the published rates "
        f"of this table; the excess is {sentences.excess(words)} (an odds ratio of "
        f"{words.or_margin:g}).",
    )


def _headline_row(rate: Record, words: Terms) -> tuple:
    is_excluded = sentences.is_excess_excluded(rate, words)
    return (
        cells.words(sentences.population(rate)),
        cells.words(sentences.published(rate, words)),
        cells.whole(rate["k"]),
        cells.whole(rate["n"]),
        cells.share(rate["rate"], NOBODY),
        cells.limits(rate["cp_lo"], rate["cp_hi"], NOBODY),
        comparisons.verdict_cell(rate),
        Value("yes" if is_excluded else "no", float(is_excluded)),
    )


def _beside(found: Sequence[Record], words: Terms) -> tuple[Block, ...]:
    if not found:
        return (NO_RATES,)
    without = [rate for rate in found if not rate["baseline_id"]]
    blocks: list[Block] = [_beside_table(found, words)]
    if without:
        said = tuple(sentences.alone(rate) for rate in without)
        blocks += [Bullets(said)]
    return (*blocks, comparisons.evidence_table(with_baseline(found), words))


def _beside_table(found: Sequence[Record], words: Terms) -> Table:
    titled = (
        ("Population", "text"),
        ("Published", "text"),
        ("Not evaluable", "integer"),
        ("Excluded", "integer"),
        ("Immature", "integer"),
        ("Confirmed outside", "integer"),
        ("Responded early", "integer"),
        ("Cautions", "text"),
    )
    return Table(
        "q1-counts",
        "Patients who are not in the rate, and what to keep in mind.",
        cells.columns(*titled),
        cells.rows(
            (
                cells.words(sentences.population(rate)),
                comparisons.published_cell(rate, words),
                *(cells.whole(rate[name]) for name in _BESIDE),
                cells.words(_cautions(rate, words) or "none"),
            )
            for rate in found
        ),
        "No rate was counted.",
        note="Confirmed outside: confirmed, but under-dosed, poorly adherent, of "
        "unknown dose or on another active drug, so not in the rate. Responded early: "
        "with fewer than 7 days of therapy or before day 7; they hold the rate down. Of "
        "every row: the window is provisional, and clinical failures are set against a "
        "laboratory rate.",
    )


_BESIDE = ("not_evaluable", "excluded", "immature", "confirmed_outside", "n_short")


def _cautions(rate: Record, words: Terms) -> str:
    of_all = ("provisional", "definition_mismatch")
    flags = [flag for flag in rate["flags"] or () if flag not in of_all]
    said = [wording.FLAGS.get(flag, flag) for flag in flags]
    if sentences.changes_with_a_rule(rate, words):
        said.append(f"the verdict {wording.CHANGES_WITH_A_RULE}")
    return "; ".join(said)


def _size(judged: Sequence[Record], words: Terms) -> tuple[Block, ...]:
    if not judged:
        return (NO_RATES,)
    titled = (
        ("Population", "text"),
        ("Published", "text"),
        ("Evaluable now", "integer", "patients"),
        ("Least n", "integer", "patients"),
        ("n for 80% power", "integer", "patients"),
        ("Detectable odds ratio", "number"),
        ("Can it be answered?", "label"),
    )
    intro = Paragraph(
        "A small number of patients cannot answer the question, whatever is seen. "
        f"Below the least n, not even 0 cases would exclude {sentences.excess(words)}; "
        "from the n for 80% power on, a true rate of that size is found above in at "
        "least 80% of samples. Pooling sites and longer windows is the way there."
    )
    table = Table(
        "q1-needed",
        "How many evaluable patients the question needs, and what can be seen now.",
        cells.columns(*titled),
        cells.rows(_size_row(rate, words) for rate in judged),
        "No population was set against a published rate.",
        note="Detectable odds ratio: the smallest that would be found above with 80% "
        "power at the number of patients evaluable now.",
    )
    return intro, table


def _size_row(rate: Record, words: Terms) -> tuple:
    return (
        cells.words(sentences.population(rate)),
        comparisons.published_cell(rate, words),
        cells.whole(rate["n"]),
        cells.whole(rate["n_min"], "not computed"),
        cells.whole(rate["n80_all"], "not computed"),
        _detectable(rate),
        Value(*_answerable(rate)),
    )


def _detectable(rate: Record) -> Cell:
    ratio = rate["detectable_or80"]
    if ratio is None:
        return Value("none at this n", float("inf"), "muted")
    return Value(f"{ratio:.1f}", float(ratio))


def _answerable(rate: Record) -> tuple[str, float, str]:
    if rate["n"] < (rate["n_min"] or 0):
        return "not yet", 0, "muted"
    if rate["n"] < (rate["n80_all"] or 0):
        return "in part", 1, ""
    return "yes", 2, "good"


def _thymidine_kinase_share(findings: Findings, words: Terms) -> list[Block]:
    k, n = findings.counts["n_ul23_mutation"], findings.counts["n_genotyped"]
    lo, hi = proportions.clopper_pearson(k, n)
    share = {"k": k, "n": n, "rate": k / n if n else None, "cp_lo": lo, "cp_hi": hi}
    published = words.published["tk_deficient_share"]
    return [
        Paragraph(
            "Confirmed courses of the window with a genotype result that carry a UL23 "
            f"mutation (thymidine kinase): {sentences.observed(share, 'course')}; "
            f"published {published} of resistant isolates. The share is shown and not "
            "judged."
        )
    ]
