"""The SQL models run on rows given by a test, without a delivery around them."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

import pandas as pd

from pipeline import code_words, models, person_level, seeds
from pipeline.engines.duck import Duck
from tests.properties.tables import Delivery, load_accepted

_TYPES = {"integer": int, "decimal": Decimal}


def default_parameters() -> dict[str, Any]:
    """Every parameter with its default, typed."""
    return {
        row.name: _TYPES.get(row.type, str)(row.default)
        for row in seeds.read("parameters").itertuples(index=False)
    }


class Workbench:
    """An engine with the seeds loaded once, for many small deliveries."""

    def __enter__(self) -> Self:
        self._folder = TemporaryDirectory()
        path = Path(self._folder.name)
        self.engine = Duck(path / "work.duckdb", folders=[path], threads=2, debug=True)
        self.engine.store_as_numbers(code_words.COLUMNS, code_words.words())
        seeds.load(self.engine)
        self.parameters = default_parameters()
        return self

    def __exit__(self, *_: object) -> None:
        self.engine.close()
        self._folder.cleanup()

    def classify(
        self,
        delivery: Delivery,
        as_of: date,
        parameters: Mapping[str, Any] | None = None,
        until: str = "classification/courses",
    ) -> pd.DataFrame:
        """The rows of ``courses``, once it is made and what the named model rests on."""
        values = self.parameters | dict(parameters or {})
        sql_parameters = person_level.sql_parameters(as_of, values)
        load_accepted(self.engine, delivery)
        for model in _made_until(until):
            person_level.make(self.engine, model, sql_parameters)
        return self.engine.frame(
            "select * from courses order by patient_id, start_date, dosing"
        )


@cache
def _made_until(last: str) -> list[models.Model]:
    courses = models.READING_ORDER.index("classification/courses")
    walked = [models.read(name) for name in models.READING_ORDER[: courses + 1]]
    names = {model.name for model in walked}
    return [*walked, *(m for m in models.made_for(last) if m.name not in names)]
