"""What the patients who could not be evaluated could change: best, worst, and the tip.

Knows the bounds of `statistics.md` section g (Manski 2003); knows nothing of frames, files
or SQL.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pipeline.statistics import families
from pipeline.statistics.families import Comparison
from pipeline.statistics.proportions import CONFIDENCE, clopper_pearson
from pipeline.statistics.verdicts import Thresholds


@dataclass(frozen=True)
class Bounds:
    """The words if none, and if all, of the not evaluable had been resistant.

    ``tipping_point`` is the smallest number of them that, counted as resistant and the
    others as not, gives another word than the one that was printed; None where none does.
    """

    best: str
    worst: str
    tipping_point: int | None

    def is_sensitive(self, word: str) -> bool:
        """Whether either end has another word than the one printed."""
        return {self.best, self.worst} != {word}


def rates(k: int, n: int, unknown: int) -> tuple[float, float]:
    """The rate if none of the unknown, and if all of them, were cases."""
    return k / (n + unknown), (k + unknown) / (n + unknown)


def interval(
    k: int, n: int, unknown: int, confidence: float = CONFIDENCE
) -> tuple[float, float]:
    """From the exact lower limit of the best case to the exact upper one of the worst."""
    lower, _ = clopper_pearson(k, n + unknown, confidence)
    _, upper = clopper_pearson(k + unknown, n + unknown, confidence)
    return float(lower), float(upper)


def alone(
    comparison: Comparison, unknown: int, word: str, thresholds: Thresholds
) -> Bounds:
    """The bounds of a comparison that is in no family; ``word`` is the one printed."""
    return _bounds(
        comparison, unknown, word, lambda each: families.word_alone(each, thresholds)
    )


def in_family(
    family: Sequence[Comparison],
    unknown: Sequence[int],
    words: Sequence[str],
    thresholds: Thresholds,
) -> list[Bounds]:
    """The bounds of each comparison under the family's correction, the others as seen."""
    return [
        _bounds(
            comparison,
            more,
            word,
            lambda each, place=place: families.word_if(family, place, each, thresholds),
        )
        for place, (comparison, more, word) in enumerate(
            zip(family, unknown, words, strict=True)
        )
    ]


def _bounds(
    comparison: Comparison,
    unknown: int,
    word: str,
    word_of: Callable[[Comparison], str],
) -> Bounds:
    n = comparison.n + unknown

    def with_resistant(j: int) -> str:
        return word_of(replace(comparison, k=comparison.k + j, n=n))

    best, worst = with_resistant(0), with_resistant(unknown)
    if best != word:
        return Bounds(best, worst, 0)
    if worst == word:
        return Bounds(best, worst, None)
    # at one n the word never moves down as k grows, so the change is found by halving
    low, high = 0, unknown
    while high - low > 1:
        middle = (low + high) // 2
        if with_resistant(middle) == word:
            low = middle
        else:
            high = middle
    return Bounds(best, worst, high)
