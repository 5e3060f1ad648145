"""Stories of what came of a case, all walked as one delivery; what the walk says of each."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from pipeline import models, person_level
from tests.classification import Workbench
from tests.spec.test_vignettes_in_sql import _prefixed as prefixed
from tests.spec.vignettes.rows import Given, Vignette, foscarnet

STEPS = (
    "needs_culture",
    "needs_id_consult",
    "needs_stop",
    "needs_trifluridine",
    "needs_foscarnet",
    "needs_cidofovir",
    "awaits_result",
    "may_need_foscarnet",
    "needs_review",
    "needs_last_look",
    "stays_off_class",
)


def accessible(given: Given) -> Given:
    """The visit, of a lesion within reach of a topical drug."""
    return Given(given.extract, {**given.values, "accessible": True})


def trifluridine(start: int, days: int = 21) -> Given:
    """Topical trifluridine."""
    return foscarnet(
        start, days, drug="trifluridine", route="topical", dose=1, dose_unit="%"
    )


def cidofovir(start: int, days: int = 5, route: str = "topical") -> Given:
    """Cidofovir gel."""
    return foscarnet(start, days, drug="cidofovir", route=route, dose=1, dose_unit="%")


class Stories:
    """Stories told so far; each is of a patient of its own."""

    def __init__(self) -> None:
        self._told: list[list[Given]] = []

    def __call__(self, *given: Given) -> int:
        """The number of a story."""
        self._told.append([*given])
        return len(self._told) - 1

    @contextmanager
    def walked(self, as_of: date) -> Iterator["Told"]:
        """What one walk says of every story."""
        delivery = defaultdict(list)
        for number, given in enumerate(self._told):
            for extract, rows in Vignette("case", "", given, []).delivery.items():
                delivery[extract] += [prefixed(row, f"{number:04}:") for row in rows]
        with Workbench() as workbench:
            workbench.classify(delivery, as_of, until="followed/open_cases")
            yield Told(workbench, as_of)


class Told:
    """The rows of every story, in the order of their courses."""

    def __init__(self, workbench: Workbench, as_of: date) -> None:
        self.engine = workbench.engine
        self._parameters = person_level.sql_parameters(as_of, workbench.parameters)
        self._tables = {
            table: self._by_story(workbench, table)
            for table in ("next_steps", "followed_courses", "open_cases")
        }

    def broken(self, check: str) -> list[tuple[Any, ...]]:
        """The rows of a check, which is to have none."""
        return self.engine.rows(models.read(f"checks/{check}").select, self._parameters)

    @staticmethod
    def _by_story(workbench: Workbench, table: str) -> dict[int, list[dict[str, Any]]]:
        rows = workbench.engine.frame(
            f"select courses.patient_id as who, courses.start_date as began, {table}.* "
            f"from {table} "
            f"inner join courses on {table}.course_key = courses.course_key "
            f"order by {table}.course_key"
        )
        found = defaultdict(list)
        for row in rows.astype(object).where(rows.notna(), None).to_dict("records"):
            found[int(row["who"][:4])].append(row)
        return found

    def due(self, number: int, place: int = 0) -> set[str]:
        """The steps that are due for the first case of the story, or a later one."""
        row = self._tables["next_steps"][number][place]
        return {step for step in STEPS if row[step]}

    def is_closed(self, number: int) -> bool:
        """Whether the first case of the story is closed."""
        return self._tables["followed_courses"][number][0]["is_closed"]

    def listed(self, number: int) -> list[dict[str, Any]]:
        """The rows of the story on the line list."""
        return self._tables["open_cases"][number]
