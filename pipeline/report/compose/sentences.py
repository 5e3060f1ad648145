"""One rate against one published rate, said in words.

The text rule of `statistics.md` section j: k of n, interval, the published rate with its
kind, and whether the excess is excluded. What cannot be told is said to be so.
"""

from dataclasses import dataclass
from datetime import date

from pipeline.findings import Findings
from pipeline.report.compose import formats, usable, wording
from pipeline.report.compose.records import Record, headline, parameter, records


@dataclass(frozen=True)
class Terms:
    """What a verdict's words rest on: the margin, the level, the published words."""

    or_margin: float
    a_excl: float
    published: dict[str, str]
    missing: str = ""
    """Why nothing at all can be judged; empty where it can be."""
    turning: frozenset[tuple[str, str, date]] = frozenset()
    """Population, baseline and window start of the verdicts that a varied rule changes."""


def terms(findings: Findings) -> Terms:
    """The terms of a run: its parameters, and each baseline as its source prints it."""
    return Terms(
        parameter(findings, "or_margin", 2.0),
        parameter(findings, "a_excl", 0.05),
        {row["baseline_id"]: _printed(row) for row in records(findings.baselines)},
        usable.why_nothing_is_judged(findings),
        _turning(findings),
    )


def _turning(findings: Findings) -> frozenset[tuple[str, str, date]]:
    varied = findings.variations
    if varied is None:
        return frozenset()
    return frozenset(
        (row["population"], row["baseline_id"], findings.rolling_start)
        for row in records(varied)
        if row["is_changed"]
    )


def population(rate: Record) -> str:
    """The population's name."""
    return wording.POPULATIONS[rate["population"]]


def verdict(rate: Record) -> str:
    """The verdict's word; empty where the rate is set against nothing."""
    return wording.VERDICTS[rate["verdict"]] if rate["verdict"] else ""


def published(rate: Record, words: Terms) -> str:
    """The published rate with its kind: ``5–7% (band)``."""
    kind = wording.BASELINE_KINDS.get(rate["kind"], rate["kind"])
    return f"{words.published[rate['baseline_id']]} ({kind})"


def observed(rate: Record, unit: str = "evaluable patient") -> str:
    """The counts, the rate and its interval: ``7 of 96 evaluable patients, 7.3%, ...``."""
    if not rate["n"]:
        return f"0 of 0 {unit}s, no rate and no interval"
    if _is_adjusted(rate):
        return _adjusted(rate, unit)
    counts = f"{formats.count(rate['k'])} of {formats.plural(rate['n'], unit)}"
    share = formats.percent(rate["rate"])
    if rate["cp_lo"] is None:  # courses of one patient (statistics a)
        return f"{counts}, {share}, no interval"
    return f"{counts}, {share}, 95% CI {formats.interval(rate['cp_lo'], rate['cp_hi'])}"


def short(rate: Record) -> str:
    """The same for a cell: ``7/96: 7.3% (3.0–14.4)``."""
    if not rate["n"]:
        return "0/0: no evaluable patient"
    if _is_adjusted(rate):
        return _adjusted_short(rate)
    counts = f"{formats.count(rate['k'])}/{formats.count(rate['n'])}"
    share = formats.percent(rate["rate"])
    if rate["cp_lo"] is None:  # courses of one patient (statistics a)
        return f"{counts}: {share} (no interval)"
    return f"{counts}: {share} ({formats.interval(rate['cp_lo'], rate['cp_hi'])})"


def excess(words: Terms) -> str:
    """The margin in words: a doubling of the odds, unless it is configured otherwise."""
    if words.or_margin == 2:
        return "a doubling of the odds"
    return f"odds {words.or_margin:g} times as high"


def is_excess_excluded(rate: Record, words: Terms) -> bool:
    """Whether the excess is excluded: enough tested, and the exact test says so."""
    p_excl = rate["p_excl"]
    if _is_untested_floor(rate) or p_excl is None:
        return False
    return p_excl <= words.a_excl


def exclusion(rate: Record, words: Terms) -> str:
    """Whether the excess is excluded, in words, with the rate that it would be."""
    to = f"{excess(words)}, to {formats.percent(rate['margin'])}"
    if is_excess_excluded(rate, words):
        return f"{to}, is excluded"
    is_excluded_alone = rate["p_excl"] is not None and rate["p_excl"] <= words.a_excl
    if _is_untested_floor(rate) and is_excluded_alone:
        return f"{to}, is not excluded, for too few failures were tested"
    return f"{to}, is not excluded"


def compared(rate: Record, words: Terms) -> str:
    """A whole sentence: population, counts, published rate, verdict and exclusion."""
    return (
        f"{population(rate)}: {observed(rate)}; published {published(rate, words)}: "
        f"{_verdict_words(rate, words)}; {exclusion(rate, words)}.{_warning(rate)}"
        f"{_caution(rate, words)}"
    )


def changes_with_a_rule(rate: Record, words: Terms) -> bool:
    """Whether a rule that was varied alone gives a headline rate another verdict."""
    is_headline = all(rate.get(name) == value for name, value in headline().items())
    key = rate["population"], rate["baseline_id"], rate.get("window_start")
    return is_headline and key in words.turning


def alone(rate: Record) -> str:
    """A whole sentence for a population without a published rate."""
    return (
        f"{population(rate)}: {observed(rate)}; no published rate to set it against, "
        "so no verdict."
    )


def failures(floor: Record) -> int | None:
    """The failures in a floor's rate, of which ``n_tested`` is a share; None if unknown."""
    if not floor["tested_share"]:
        return None
    return round((floor["n_tested"] or 0) / floor["tested_share"])


def what_is_counted(findings: Findings) -> str:
    """What the adjusted rate's counts and the share of tested failures are made of."""
    from_day = int(parameter(findings, "refute_from_day", 5))
    return (
        "Adjusted, in question: patients suspected, confirmed, or refuted by a susceptible "
        "isolate; settled: the confirmed and the refuted of them. Failures tested: of all "
        "patients in the floor's rate whose lesions failed, those with any resistant or "
        "susceptible result. The two differ: a confirmed patient whose lesions healed is "
        "settled and no failure; a failure that another diagnosis explains is not in "
        f"question; a susceptible isolate from before day {from_day} is a test and "
        "settles nothing."
    )


def _is_adjusted(rate: Record) -> bool:
    return rate.get("definition") == "ppv_adjusted"


def _adjusted(rate: Record, unit: str) -> str:
    """The adjusted rate is no share of its patients: what it is made from is said."""
    asked = (
        f"{formats.count(rate['k'])} of {formats.plural(rate['n'], unit)} in question"
    )
    settled = (
        f"{formats.count(rate['n_tested'] or 0)} of them settled by the laboratory"
    )
    if rate["rate"] is None:
        return f"{asked}, {settled}, so no adjusted rate and no interval"
    limits = formats.interval(rate["cp_lo"], rate["cp_hi"])
    share = formats.percent(rate["rate"])
    return f"{asked}, {settled}, adjusted rate {share}, 95% CI {limits}"


def _adjusted_short(rate: Record) -> str:
    settled = f"{formats.count(rate['n_tested'] or 0)} settled"
    counts = (
        f"{formats.count(rate['k'])}/{formats.count(rate['n'])} in question, {settled}"
    )
    if rate["rate"] is None:
        return f"{counts}: no rate"
    limits = formats.interval(rate["cp_lo"], rate["cp_hi"])
    return f"{counts}: {formats.percent(rate['rate'])} ({limits})"


def _is_untested_floor(rate: Record) -> bool:
    """Untested failures are not susceptible ones: such a floor excludes nothing."""
    return rate["definition"] == "confirmed" and "under_tested" in (rate["flags"] or ())


def _printed(baseline: Record) -> str:
    """`criteria.md` section 7: a band's and a point's numbers, a bound as it is printed."""
    if baseline["kind"] == "upper_bound":
        return str(baseline["printed"])
    low, high = (f"{100 * float(baseline[edge]):g}" for edge in ("low", "high"))
    if low != high:
        return f"{low}–{high}%"
    is_about = str(baseline["is_approximate"]).lower() == "true"
    return f"about {high}%" if is_about else f"{high}%"


def _verdict_words(rate: Record, words: Terms) -> str:
    word = verdict(rate)
    if rate["verdict"] == "above":
        return f"{word}, {_what_is_above(rate)}"
    if rate["verdict"] == "insufficient_data":
        return f"{word}, {words.missing or _what_is_missing(rate)}"
    return word


def _what_is_missing(rate: Record) -> str:
    if rate["n_min"] and rate["n"] < rate["n_min"]:
        needed = formats.plural(rate["n_min"], "evaluable patient")
        return f"{needed} are the least that could tell"
    if _is_adjusted(rate):
        return "too few failures were tested to tell"
    return "too little was tested to tell"


def _what_is_above(rate: Record) -> str:
    if rate["definition"] == "case":
        return "clinical failures above the published resistance rate, to be tested"
    return "resistance above the published rate"


def _warning(rate: Record) -> str:
    is_failure = rate["definition"] == "case" and rate["verdict"] == "above"
    if is_failure and rate["population"] == "immunocompetent":
        return f" {wording.IMMUNOCOMPETENT_WARNING}"
    return ""


def _caution(rate: Record, words: Terms) -> str:
    if not changes_with_a_rule(rate, words):
        return ""
    return f" The verdict {wording.CHANGES_WITH_A_RULE}."
