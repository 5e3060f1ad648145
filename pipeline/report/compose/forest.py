"""The forest plot of observed rates over the published ones, with its words."""

from collections.abc import Mapping

from pipeline.findings import Findings
from pipeline.report import charts
from pipeline.report.charts import ForestRow, Mark
from pipeline.report.compose import comparisons, formats, sentences, wording
from pipeline.report.compose.records import (
    Record,
    by_baseline,
    headline,
    parameter,
    rolling,
    with_baseline,
)
from pipeline.report.compose.sentences import Terms
from pipeline.report.document import Block, Figure

NAMES = {"case": "case", "ppv_adjusted": "adjusted", "confirmed": "confirmed"}
SHAPES = {"case": "disc", "ppv_adjusted": "diamond", "confirmed": "square"}
Keyed = Mapping[tuple[str, str], Record]


def forest_figure(findings: Findings, words: Terms) -> list[Block]:
    """The figure, or nothing where no rate is set against a published one."""
    cases = by_baseline(with_baseline(rolling(findings, **headline())))
    if not cases:
        return []
    others = [
        by_baseline(rolling(findings, **headline(definition=definition)))
        for definition in ("ppv_adjusted", "confirmed")
    ]
    rows = [
        _row(case, [case, *(other.get(key) for other in others)], words)
        for key, case in cases.items()
    ]
    return [
        Figure(
            "q1-forest",
            "Observed rates over published ones. Disc: cases (ceiling); diamond: "
            "adjusted by the tested failures; hollow square: confirmed (floor); line: "
            "95% interval; shaded band: the published rate. See whether a whole line "
            "lies right of its band: only then can a rate be above what is published. "
            f"{_tolerance(findings, cases)}The scale widens small rates.",
            _alt(cases, words),
            charts.forest(rows, "Rate in per cent of evaluable patients, 95% interval"),
            _table(findings, words),
        )
    ]


def _tolerance(findings: Findings, cases: Keyed) -> str:
    """How the band of a rate that is printed as about was made: it is ours."""
    if not any(_is_widened(case) for case in cases.values()):
        return ""
    tolerance = parameter(findings, "point_tolerance", 1.25)
    return (
        "The band of a rate that its source says is about so much is our tolerance: "
        f"from its odds divided by {tolerance:g} to its odds times {tolerance:g}. "
    )


def _is_widened(case: Record) -> bool:
    is_band = case["baseline_low"] != case["baseline_high"]
    return case["kind"] == "point" and is_band


def _published(case: Record, words: Terms) -> str:
    said = f"published {words.published[case['baseline_id']]}"
    if not _is_widened(case):
        return said
    drawn = formats.interval(case["baseline_low"], case["baseline_high"])
    return f"{said}\nband {drawn}%, ours"


def _row(case: Record, found: list[Record | None], words: Terms) -> ForestRow:
    return ForestRow(
        sentences.population(case),
        _published(case, words),
        0 if case["kind"] == "upper_bound" else case["baseline_low"],
        case["baseline_high"],
        tuple(_mark(rate) for rate in found if rate is not None),
    )


def _mark(rate: Record) -> Mark:
    name, is_above = rate["definition"], rate["verdict"] == "above"
    label = f"{NAMES[name]} {_beside(rate)}{' above' if is_above else ''}"
    shape = SHAPES[name]
    if rate["rate"] is None:
        return Mark(label, shape=shape)
    limits = rate["rate"], rate["cp_lo"], rate["cp_hi"]
    return Mark(label, *limits, shape=shape, is_above=is_above)


def _beside(rate: Record) -> str:
    if rate["definition"] != "ppv_adjusted" or not rate["n"]:
        return sentences.short(rate)
    if rate["rate"] is None:
        return "none: no failure was tested"
    limits = formats.interval(rate["cp_lo"], rate["cp_hi"])
    return f"{formats.percent(rate['rate'])} ({limits})"


def _alt(cases: Keyed, words: Terms) -> str:
    said = "; ".join(
        f"{sentences.population(rate)} {sentences.short(rate)}, published "
        f"{words.published[rate['baseline_id']]}, {sentences.verdict(rate)}"
        for rate in cases.values()
    )
    return f"Forest plot of case rates over published rates. {said}."


def _table(findings: Findings, words: Terms) -> comparisons.Table:
    sides = [
        (title, rolling(findings, **headline(definition=definition)))
        for definition, title in wording.DEFINITIONS.items()
    ]
    caption = "The numbers of the forest plot."
    note = sentences.what_is_counted(findings).partition(" Failures tested:")[0]
    return comparisons.judged_table(
        "q1-forest-numbers", caption, sides, words, note=note
    )
