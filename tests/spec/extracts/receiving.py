"""A delivery folder written by a test, and what became of each of its rows."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline import code_words
from pipeline.engines.duck import Duck
from pipeline.extracts.profiles import Profile
from pipeline.extracts.reception import Reception, receive

AS_OF = date(2026, 6, 30)
PARAMETERS: Mapping[str, Any] = {
    "max_quarantined_share": "1",
    "min_quarantined_rows": 20,
    "allow_empty": False,
    "allow_missing": (),
    "max_expanded_bytes": 1 << 30,
    "max_expansion_ratio": 200,
}
"""Those of the seeds, but that no share of quarantined rows stops a run."""

GATE: Mapping[str, Any] = {"max_quarantined_share": "0.05"}
"""The share that stops a run where nobody sets another."""

DRUGS = pd.DataFrame(
    {"drug": ["acyclovir", "valacyclovir", "foscarnet", "ganciclovir"]}
)
SYNONYMS = pd.DataFrame(
    [
        ("drug", "aciclovir", "acyclovir"),
        ("drug", "Zovirax", "acyclovir"),
        ("drug", "rxnorm:73645", "valacyclovir"),
        ("drug", "atc:j05ab11", "valacyclovir"),
        ("route", "po", "oral"),
        ("route", "tp", "topical"),
        ("dose_unit", "gm", "g"),
        ("result", "r", "resistant"),
        ("unit", "mcg/ml", "ug/ml"),
        ("unit", "µmol/l", "umol/l"),
    ],
    columns=["field", "synonym", "code"],
)

ROWS: Mapping[str, Mapping[str, str]] = {
    "prescriptions": {
        "prescription_id": "RX1",
        "patient_id": "P1",
        "drug": "acyclovir",
        "route": "oral",
        "dose": "400",
        "dose_unit": "mg",
        "doses_per_day": "5",
        "start_date": "2026-01-05",
        "end_date": "2026-01-14",
        "days_supply": "",
        "intent": "",
        "indication": "hsv",
        "adherence": "",
        "site_id": "north",
    },
    "followups": {
        "followup_id": "F1",
        "patient_id": "P1",
        "visit_date": "2026-01-12",
        "lesion_status": "improving",
        "severity": "",
        "syndrome": "",
        "accessible": "",
        "site_id": "north",
    },
    "immune_status": {
        "patient_id": "P1",
        "condition": "hiv",
        "from_date": "2020-01-01",
        "to_date": "",
    },
    "labs": {
        "lab_id": "L1",
        "patient_id": "P1",
        "collected_date": "2026-01-12",
        "resulted_date": "2026-01-20",
        "test": "hsv_culture",
        "result": "positive",
        "value": "",
        "unit": "",
    },
    "clinical_events": {
        "event_id": "E1",
        "patient_id": "P1",
        "event_date": "2026-01-13",
        "event": "id_consult",
    },
    "patients": {"patient_id": "P1", "birth_year": "1980", "weight_kg": "70"},
}
"""A row of each extract that is accepted as it stands."""


def table(extract: str, *changes: Mapping[str, str | None], drop: Iterable[str] = ()):
    """The rows of a table: the accepted row with each of the changes."""
    dropped = set(drop)
    rows = [{**ROWS[extract], **change} for change in changes or ({},)]
    names = list(dict.fromkeys(name for row in rows for name in row))
    return [
        {name: row.get(name, "") for name in names if name not in dropped}
        for row in rows
    ]


def as_csv(rows: Sequence[Mapping[str, Any]], *, delimiter: str = ",") -> str:
    """The rows as CSV with a header and plain line ends."""
    text = io.StringIO()
    writer = csv.DictWriter(
        text, list(rows[0]), delimiter=delimiter, lineterminator="\n"
    )
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


@dataclass(frozen=True)
class Received:
    """What a delivery became: its counts, and its rows in the engine."""

    engine: Duck
    reception: Reception

    def rows(self, extract: str) -> list[tuple[str, int, str, str]]:
        """Each row of an extract: file, line, disposition and the rules it broke."""
        labels = {file.file_id: file.label for file in self.reception.files}
        rules = {
            contract.extract: contract.rule_names
            for contract in self.reception.contracts
        }[extract]
        found = self.engine.rows(
            "select file_id, line, 'accepted' as disposition, 0 as broken "
            f"from accepted_{extract} union all "
            "select file_id, line, disposition, broken "
            f"from set_aside_{extract} order by file_id, line"
        )
        return [
            (
                labels[file_id],
                line,
                disposition,
                ";".join(name for bit, name in enumerate(rules) if broken >> bit & 1),
            )
            for file_id, line, disposition, broken in found
        ]

    def decided(self, extract: str) -> list[str]:
        """The dispositions of an extract's rows, by file and line."""
        return [disposition for _, _, disposition, _ in self.rows(extract)]

    def broken(self, extract: str) -> list[str]:
        """The rules that each row of an extract broke, by file and line."""
        return [rules for _, _, _, rules in self.rows(extract)]

    def accepted(self, extract: str, columns: str) -> list[tuple[Any, ...]]:
        """Some columns of the accepted rows, by file and line."""
        return self.engine.rows(
            f"select {columns} from accepted_{extract} order by file_id, line"
        )

    def terms(self, extract: str) -> dict[str, int]:
        """The rows of an extract by term of its flow, zeros left out."""
        flow = self.reception.flow
        mine = flow[(flow["extract"] == extract) & (flow["n"] > 0)]
        return {
            str(term): int(n) for term, n in mine.groupby("term")["n"].sum().items()
        }

    def has_note(self, *words: str) -> bool:
        """Whether one of the notes holds all the words."""
        return any(all(word in note for word in words) for note in self.reception.notes)


@cache
def _code_words() -> tuple[str, ...]:
    return code_words.words()


class Delivery:
    """A folder of extracts; the two required ones hold one accepted row each."""

    def __init__(self, home: Path):
        self.home = home
        self.folder = home / "delivery"
        self.folder.mkdir(parents=True)
        self._runs = 0
        self.write("prescriptions.csv", as_csv(table("prescriptions")))
        self.write("followups.csv", as_csv(table("followups")))

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a file of the delivery, as UTF-8 where it is text."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def rows(self, extract: str, *changes: Mapping[str, str | None]) -> Path:
        """Write an extract as CSV: its accepted row with each of the changes."""
        return self.write(f"{extract}.csv", as_csv(table(extract, *changes)))

    def remove(self, name: str) -> None:
        """Take a file out of the delivery."""
        (self.folder / name).unlink()

    @contextmanager
    def engine(self) -> Iterator[tuple[Duck, Path]]:
        """An engine that may read the delivery, and its scratch folder."""
        self._runs += 1
        scratch = self.home / f"scratch{self._runs}"
        scratch.mkdir()
        folders = [self.folder, scratch]
        with Duck(scratch / "work.db", folders=folders, threads=2) as engine:
            engine.store_as_numbers(code_words.COLUMNS, _code_words())
            yield engine, scratch

    @contextmanager
    def received(
        self, *, profile: Profile | None = None, as_of: date = AS_OF, **parameters: Any
    ) -> Iterator[Received]:
        """The delivery received; parameters stand over the defaults."""
        with self.engine() as (engine, scratch):
            reception = receive(
                engine,
                self.folder,
                as_of=as_of,
                parameters={**PARAMETERS, **parameters},
                synonyms=SYNONYMS,
                drugs=DRUGS,
                profile=profile,
                scratch=scratch,
            )
            yield Received(engine, reception)

    def refused(self, kind: type[Exception], **parameters: Any) -> str:
        """What is said where the delivery is refused with this error."""
        try:
            with self.received(**parameters):
                pass
        except kind as error:
            assert type(error) is kind
            return str(error)
        raise AssertionError("the delivery was received")
