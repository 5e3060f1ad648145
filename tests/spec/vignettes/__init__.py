"""The rule book as short stories, for the twin and for the SQL alike.

One module a chapter: prescriptions (2.1 to 2.3), doses (2.4 and 2.5), courses (2.6 to
2.12), outcomes (3), specimens, classes, undecided and watch (4), people (5 and 6).
Expected values are taken from the rule book by hand, none from a program.
"""

from tests.spec.vignettes import (
    classes,
    courses,
    doses,
    outcomes,
    people,
    prescriptions,
    specimens,
    undecided,
    watch,
)
from tests.spec.vignettes.rows import Vignette

__all__ = ["VIGNETTES", "Vignette"]

CHAPTERS = (
    prescriptions,
    doses,
    courses,
    outcomes,
    specimens,
    classes,
    undecided,
    watch,
    people,
)

#: Every vignette in reading order.
VIGNETTES: list[Vignette] = [
    vignette for chapter in CHAPTERS for vignette in chapter.VIGNETTES
]
