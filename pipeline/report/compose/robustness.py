"""What the verdicts rest on: the rule, the unit, the cautions, the posteriors."""

from pipeline.findings import Findings
from pipeline.report.compose import cells, comparisons, formats, sentences, wording
from pipeline.report.compose.records import (
    Record,
    by_baseline,
    headline,
    one_a_population,
    records,
    rolling,
    with_baseline,
)
from pipeline.report.document import Block, Cell, NotEnoughData, Table, Value
from pipeline.statistics import ascertainment

NOTHING = "No population was set against a published rate."
NOBODY = "no evaluable patient"


def robustness_blocks(findings: Findings) -> tuple[Block, ...]:
    """Strict beside headline, courses beside patients, every caution, two priors."""
    words = sentences.terms(findings)
    return (
        _strict(findings, words),
        _courses(findings),
        _flags(findings),
        _posteriors(findings, words),
    )


def _strict(findings: Findings, words: sentences.Terms) -> Table:
    pairs = [
        row
        for row in records(ascertainment.strict_against_headline(findings.rates))
        if row["baseline_id"]
        and row["population"] in wording.POPULATIONS
        and (row["window_start"], row["window_end"])
        == (findings.rolling_start, findings.rolling_end)
    ]
    titled = (
        ("Population", "text"),
        ("Definition", "text"),
        ("Published", "text"),
        ("Headline", "text"),
        ("Verdict", "label"),
        ("Strict", "text"),
        ("Verdict", "label"),
        ("Another word", "label"),
    )
    order = list(wording.POPULATIONS)
    return Table(
        "q6-strict",
        "The strict rule beside the headline rule: does the verdict hang on the day "
        "from which a visit decides?",
        cells.columns(*titled),
        cells.rows(
            _strict_row(row, words)
            for row in sorted(pairs, key=lambda row: order.index(row["population"]))
        ),
        NOTHING,
        note="The strict verdicts are not corrected for several comparisons.",
    )


def _strict_row(row: Record, words: sentences.Terms) -> list[Cell]:
    is_adjusted = row["definition"] == "ppv_adjusted"
    sides = [
        {
            "definition": row["definition"],
            **{name: row[f"{name}_{side}"] for name in ("n", "k", "rate", "verdict")},
        }
        for side in ("headline", "strict")
    ]
    cells_of_sides: list[Cell] = []
    for side in sides:
        counts = f"{formats.count(side['k'])}/{formats.count(side['n'])}"
        counts += " in question" if is_adjusted else ""
        rate: Cell = NotEnoughData("nothing tested" if side["n"] else NOBODY)
        if side["rate"] is not None:
            text = f"{formats.percent(side['rate'])} ({counts})"
            rate = Value(text, side["rate"])
        cells_of_sides += [rate, comparisons.verdict_cell(side)]
    is_other = row["is_different"]
    return [
        cells.words(wording.POPULATIONS[row["population"]]),
        cells.words(wording.SHORT_DEFINITIONS[row["definition"]]),
        comparisons.published_cell(row, words),
        *cells_of_sides,
        Value("yes", 1.0, "warn") if is_other else Value("no", 0.0, "muted"),
    ]


def _courses(findings: Findings) -> Table:
    patients = one_a_population(rolling(findings, **headline()))
    courses = {
        rate["population"]: rate
        for rate in one_a_population(rolling(findings, **headline(unit="course")))
    }
    titled = (
        ("Population", "text"),
        ("Patients", "text"),
        ("Courses", "text"),
        ("Effective number", "number", "courses"),
        ("Design effect", "number"),
    )
    return Table(
        "q6-courses",
        "Courses beside patients: cases of evaluable, with 95% intervals.",
        cells.columns(*titled),
        cells.rows(
            _courses_row(rate, courses[rate["population"]])
            for rate in patients
            if rate["population"] in courses
        ),
        "No course was counted.",
        note="Courses of one patient are alike, so fewer of them count: the interval is "
        "Korn and Graubard's on the effective number. The design effect is how many "
        "courses weigh as one.",
    )


def _courses_row(patient: Record, course: Record) -> list[Cell]:
    cells_of_units = [
        Value(sentences.short(rate), rate["rate"] or 0.0)
        if rate["n"]
        else NotEnoughData(NOBODY)
        for rate in (patient, course)
    ]
    effect: Cell = NotEnoughData("all or none are cases, or one patient")
    if course["deff"] is not None:
        effect = Value(f"{course['deff']:.2f}", course["deff"])
    number = course["n_eff"] and round(course["n_eff"], 1)
    return [
        cells.words(sentences.population(patient)),
        *cells_of_units,
        cells.decimal(number, "courses of one patient, or of none"),
        effect,
    ]


def _flags(findings: Findings) -> Table:
    judged = {
        definition: with_baseline(rolling(findings, **headline(definition=definition)))
        for definition in wording.DEFINITIONS
    }
    raised = {
        flag: text
        for flag, text in wording.FLAGS.items()
        if any(flag in (r["flags"] or ()) for rates in judged.values() for r in rates)
    }
    titled = [("Caution", "text 2")]
    titled += [
        (name.capitalize(), "text 2") for name in wording.SHORT_DEFINITIONS.values()
    ]
    return Table(
        "q6-flags",
        "What to keep in mind, and of which populations, by definition.",
        cells.columns(*titled),
        cells.rows(
            (cells.words(text), *(_flagged(rates, flag) for rates in judged.values()))
            for flag, text in raised.items()
        ),
        "No caution was raised." if any(judged.values()) else NOTHING,
    )


def _flagged(rates: list[Record], flag: str) -> Cell:
    of_all = dict.fromkeys(sentences.population(rate) for rate in rates)
    found = dict.fromkeys(
        sentences.population(rate) for rate in rates if flag in (rate["flags"] or ())
    )
    if not found:
        return Value("none", "", "muted")
    return cells.words("all" if found == of_all else "; ".join(found))


def _posteriors(findings: Findings, words: sentences.Terms) -> Table:
    found = findings.posteriors
    shown = {}
    if len(found):
        shown = by_baseline(
            row
            for row in records(found, **headline())
            if (row["window_start"], row["window_end"])
            == (findings.rolling_start, findings.rolling_end)
        )
    titled = (
        ("Population", "text"),
        ("Published", "text"),
        ("Cases of evaluable", "text"),
        ("P(rate > published)", "number"),
        ("P(rate > excess)", "number"),
        ("P(rate > published), published prior", "number"),
        ("P(rate > excess), published prior", "number"),
    )
    names = ("post_gt_U", "post_gt_M", "post_gt_U_published", "post_gt_M_published")
    order = list(wording.POPULATIONS)
    return Table(
        "q6-posteriors",
        "How likely the true rate of cases lies above the published one, under two "
        "priors. Shown, and deciding nothing.",
        cells.columns(*titled),
        cells.rows(
            (
                cells.words(sentences.population(row)),
                comparisons.published_cell(row, words),
                Value(
                    f"{formats.count(row['k'])}/{formats.count(row['n'])}",
                    float(row["k"]),
                ),
                *(cells.probability(row[name], NOBODY) for name in names),
            )
            for row in sorted(
                shown.values(), key=lambda row: order.index(row["population"])
            )
        ),
        NOTHING,
        note="Without a word: the prior Beta(0.5, 0.5). The published prior weighs as "
        "much as some patients at the published rate (parameter prior_patients). Where "
        f"the two differ, the data are few. The excess is {sentences.excess(words)}.",
    )
