"""Which columns of a header hold direct identifiers; reads no row.

A surveillance run needs none of them, so their cells are copied nowhere.
"""

import csv
import re
from functools import cache

from pipeline import resources

WITHHELD = "(withheld)"
"""What stands for such a cell where its row is shown as it was delivered."""

_OF_WHOM = ("patient", "patients", "pat", "pt", "person", "subject", "client")


def is_identifying(header: str) -> bool:
    """Whether a column of this name holds names, addresses, numbers of people.

    Told by `seeds/identifier_columns.csv`, whatever the case and the marks between the
    words, and whether or not the header says whose they are.
    """
    name = _letters(header)
    whose = {name.removeprefix(word) for word in _OF_WHOM}
    return not whose.isdisjoint(_listed())


def _letters(name: str) -> str:
    return re.sub(r"[\W_]", "", name).casefold()


@cache
def _listed() -> frozenset[str]:
    path = resources.path("seeds", "identifier_columns.csv")
    with path.open(encoding="utf-8", newline="") as seed:
        return frozenset(_letters(row["column"]) for row in csv.DictReader(seed))
