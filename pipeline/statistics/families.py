"""Verdicts that are taken together: one family of comparisons, one correction.

Knows `statistics.md` sections b 5 and c (family 1) and the cap of an under-tested floor;
knows nothing of frames, files or SQL.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.statistics import verdicts
from pipeline.statistics.baselines import Baseline
from pipeline.statistics.proportions import at_least
from pipeline.statistics.verdicts import Thresholds


@dataclass(frozen=True)
class Comparison:
    """k cases of n patients against a baseline; of courses, their effective numbers.

    ``is_under_tested``: too few of the failures were tested for a floor to reassure.
    """

    k: float
    n: float
    baseline: Baseline
    is_under_tested: bool = False


@dataclass(frozen=True)
class Judgement:
    """A comparison's word and flags; the correction's numbers where one was made."""

    verdict: str
    flags: frozenset[str]
    p_holm: float | None = None
    family_size: int | None = None


def judge_alone(comparison: Comparison, thresholds: Thresholds) -> Judgement:
    """The judgement of one comparison without any correction."""
    word = _word(comparison, thresholds, None)
    words = {
        _word(neighbour, thresholds, None) for neighbour in _neighbours(comparison)
    }
    return Judgement(word, _flags(comparison, thresholds, word, word, words))


def word_alone(comparison: Comparison, thresholds: Thresholds) -> str:
    """The word of one comparison without any correction."""
    return _word(comparison, thresholds, None)


def word_if(
    family: Sequence[Comparison],
    place: int,
    changed: Comparison,
    thresholds: Thresholds,
) -> str:
    """The word that ``changed`` would have in that place, the others being as they are."""
    return _word(changed, thresholds, _holm_with(family, place, changed))


def judge_family(
    family: Sequence[Comparison], thresholds: Thresholds
) -> list[Judgement]:
    """The judgements of a family under Holm's correction, in its order.

    A comparison without a patient is left out of the family: it has no probability.
    """
    corrected = verdicts.holm([_p_excess(each) for each in family])
    size = sum(p is not None for p in corrected)
    judged = []
    for place, (comparison, p_holm) in enumerate(zip(family, corrected, strict=True)):
        word = _word(comparison, thresholds, p_holm)
        unadjusted = _word(comparison, thresholds, None)
        words = {
            word_if(family, place, neighbour, thresholds)
            for neighbour in _neighbours(comparison)
        }
        flags = _flags(comparison, thresholds, word, unadjusted, words)
        counted = None if p_holm is None else size
        judged.append(Judgement(word, flags, p_holm, counted))
    return judged


def _p_excess(comparison: Comparison) -> float | None:
    if comparison.n == 0:
        return None
    return float(at_least(comparison.k, comparison.n, comparison.baseline.upper))


def _holm_with(
    family: Sequence[Comparison], place: int, changed: Comparison
) -> float | None:
    others = [_p_excess(each) for each in family]
    others[place] = _p_excess(changed)
    return verdicts.holm(others)[place]


def _neighbours(comparison: Comparison) -> list[Comparison]:
    near = (comparison.k - 1, comparison.k + 1)
    return [replace(comparison, k=k) for k in near if 0 <= k <= comparison.n]


def _word(comparison: Comparison, thresholds: Thresholds, p_above: float | None) -> str:
    word = verdicts.verdict(
        comparison.k, comparison.n, comparison.baseline, thresholds, p_above
    )
    # an untested failure is not a susceptible one: such a floor cannot reassure
    if comparison.is_under_tested and word in (verdicts.CONSISTENT, verdicts.BELOW):
        return verdicts.INCONCLUSIVE
    return word


def _flags(
    comparison: Comparison,
    thresholds: Thresholds,
    word: str,
    unadjusted: str,
    neighbouring: set[str],
) -> frozenset[str]:
    found = verdicts.tails(comparison.k, comparison.n, comparison.baseline, thresholds)
    is_above = word == verdicts.ABOVE
    raised = {
        "excess_below_margin": is_above and found.excluded <= thresholds.a_excl,
        "nominal_excess": unadjusted == verdicts.ABOVE and not is_above,
        "fragile": bool(neighbouring - {word}),
    }
    return frozenset(name for name, is_raised in raised.items() if is_raised)
