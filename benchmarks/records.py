"""What was measured, one record a program run, kept in results.json; and their medians.

A *case* is what was run: kind (run, floor, peer, profile, start), name, size, format,
memory limit, threads, order of rows. A case measured anew replaces its older records.
Times are compared only within one session, which is one call of the benchmark.
"""

import json
import statistics
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

FILE = "results.json"


@dataclass(frozen=True)
class Case:
    """What is run; ``size`` in prescriptions, ``limit`` and ``threads`` None as given."""

    kind: str
    name: str
    size: int = 0
    format: str = "parquet"
    limit: str | None = None
    threads: int | None = None
    is_shuffled: bool = False

    def __str__(self) -> str:
        said = [self.name]
        if self.size:
            said.append(f"{self.size:,}")
            said.append(self.format)
        if self.limit:
            said.append(f"limit {self.limit}")
        if self.threads:
            said.append(f"threads {self.threads}")
        if self.is_shuffled:
            said.append("shuffled")
        return ", ".join(said)


@dataclass(frozen=True)
class Record:
    """One measured program; ``round`` counts the repeats within its session."""

    case: Case
    session: str
    round: int
    wall: float
    cpu: float
    peak_mib: float
    checksum: str | None = None
    stages: dict[str, float] = field(default_factory=dict)
    shares: dict[str, Any] = field(default_factory=dict)


class Results:
    """All records, and the description of each session that made one."""

    def __init__(self, folder: Path):
        self._path = folder / FILE
        self.sessions: dict[str, dict[str, Any]] = {}
        self.records: list[Record] = []
        self.failed: dict[str, str] = {}
        """The session in which a case last failed, by the case in words."""
        if self._path.is_file():
            kept = json.loads(self._path.read_text("utf-8"))
            self.sessions, self.failed = kept["sessions"], kept["failed"]
            self.records = [
                Record(**{**row, "case": Case(**row["case"])})
                for row in kept["records"]
            ]

    def add(self, record: Record) -> None:
        """Keep a record, in place of those of the same case from other sessions."""
        if self.failed.get(str(record.case)) != record.session:
            self.failed.pop(str(record.case), None)
        self.records = [
            each
            for each in self.records
            if each.case != record.case or each.session == record.session
        ]
        self.records.append(record)
        self.save()

    def fail(self, case: Case, session: str) -> None:
        """Keep that a case failed, in place of what it took before."""
        self.records = [each for each in self.records if each.case != case]
        self.failed[str(case)] = session
        self.save()

    def save(self) -> None:
        """Write the file; sessions that no record is of any more are left out."""
        used = {each.session for each in self.records} | set(self.failed.values())
        kept = {
            "sessions": {
                key: self.sessions[key] for key in self.sessions if key in used
            },
            "failed": self.failed,
            "records": [asdict(each) for each in self.records],
        }
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")

    def cases(self, kind: str) -> list[Case]:
        """The cases of a kind in the order of size, as measured."""
        found = dict.fromkeys(
            each.case for each in self.records if each.case.kind == kind
        )
        return sorted(found, key=lambda case: case.size)

    def freest(self, size: int) -> Case:
        """The run of a size from Parquet without a memory limit, else with the highest.

        A limit only slows a run down: its growth is no less than that without one.
        """
        limits = (None, "4GB", "2GB")
        cases = [Case("run", "run", size, limit=limit) for limit in limits]
        return next((case for case in cases if self.of(case)), cases[0])

    def of(self, case: Case) -> list[Record]:
        """The records of a case."""
        return [each for each in self.records if each.case == case]

    def median(self, case: Case, column: str) -> float | None:
        """The median of a column of a case; None where it was not measured."""
        found = [getattr(each, column) for each in self.of(case)]
        return statistics.median(found) if found else None

    def ratio(self, case: Case, other: Case) -> float | None:
        """The median of wall over the other's wall, each pair from one round.

        None where no session measured both.
        """
        walls = {(each.session, each.round): each.wall for each in self.of(other)}
        found = [
            each.wall / walls[each.session, each.round]
            for each in self.of(case)
            if (each.session, each.round) in walls
        ]
        return statistics.median(found) if found else None

    def stages(self, case: Case) -> dict[str, float]:
        """The median seconds of each stage of a case."""
        found = [each.stages for each in self.of(case)]
        return {
            name: statistics.median(each[name] for each in found)
            for name in (found[0] if found else ())
        }

    def checksums(self) -> dict[int, dict[str, set[str]]]:
        """By size and checksum, the cases that came to it."""
        by_size: dict[int, dict[str, set[str]]] = {}
        for each in self.records:
            if each.checksum:
                found = by_size.setdefault(each.case.size, {})
                found.setdefault(each.checksum, set()).add(str(each.case))
        return by_size


def disagreeing(checksums: Iterable[dict[str, set[str]]]) -> list[dict[str, set[str]]]:
    """The sizes at which the courses are not the same for all."""
    return [found for found in checksums if len(found) > 1]
