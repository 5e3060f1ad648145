"""What this checkout costs: whole runs, their stages, the floor, and the same work elsewhere.

    python -m benchmarks                                  all of it, which takes hours
    python -m benchmarks --sizes 1 --repeat 1             one million prescriptions, once
    python -m benchmarks --sizes 10 --parts peers         the peers alone
    python -m benchmarks --parts                          render RESULTS.md anew

Deliveries are simulated once and kept. Every program runs in a process of its own; a floor
is measured in the same round as the runs that are compared with it. Ends with 1 where the
courses are not the same for all, or where a program failed.
"""

import argparse
import json
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks import machine, rendering
from benchmarks.measuring import Measured, ProgramFailed, measure
from benchmarks.peers.rules import missing
from benchmarks.records import Case, Record, Results, disagreeing

FOLDER = Path(__file__).resolve().parent
AS_OF = "2026-06-30"
"""The last day of a simulated network."""

PARTS = ("runs", "sums", "peers", "profile", "start")
PEERS = ("duckdb", "pandas", "polars", "spark")
NO_LIMIT = "none"
COURSES = "current/restricted/tables/courses.parquet"


class Benchmark:
    """One session: what is asked for, measured and kept case by case."""

    def __init__(self, asked: argparse.Namespace):
        self._asked = asked
        self._results = Results(asked.out)
        self._session = machine.session_name()
        self._results.sessions[self._session] = machine.description()

    def run(self) -> int:
        """Measure every part; the exit code."""
        asked = self._asked
        sizes = sorted(round(millions * 1_000_000) for millions in asked.sizes)
        if "start" in asked.parts:
            self._start()
        for size in sizes:
            if "runs" in asked.parts:
                self._runs(size)
            if "sums" in asked.parts and size == sizes[0]:
                self._sums(size)
            if "peers" in asked.parts and size <= asked.peers_up_to * 1_000_000:
                self._peers(size)
            if "profile" in asked.parts:
                self._profile(size)
        rendering.write(self._results, asked.out)
        wrong = disagreeing(self._results.checksums().values())
        for found in wrong:
            print("The courses are not the same for all:")
            for checksum, cases in found.items():
                print(f"  {checksum}: {'; '.join(sorted(cases))}")
        return 1 if wrong or self._session in self._results.failed.values() else 0

    def _runs(self, size: int) -> None:
        asked = self._asked
        for number in range(asked.repeat):
            for file_format in asked.formats:
                delivery = self._network(size, file_format)
                self._keep(
                    Case("floor", "floor", size, file_format),
                    number,
                    measure(["benchmarks.floor", str(delivery), file_format]),
                )
                for limit in asked.limits:
                    chosen = None if limit == NO_LIMIT else limit
                    case = Case("run", "run", size, file_format, limit=chosen)
                    self._try(self._whole_run, case, delivery, number)

    def _sums(self, size: int) -> None:
        delivery = self._network(size, "parquet")
        for threads in self._asked.threads:
            case = Case("run", "run", size, threads=threads)
            self._try(self._whole_run, case, delivery, 0)
        copy = delivery.with_name(f"{delivery.name}_shuffled")
        measure(["benchmarks.network", str(copy), "--shuffled", str(delivery)])
        case = Case("run", "run", size, is_shuffled=True)
        self._try(self._whole_run, case, copy, 0)

    def _peers(self, size: int) -> None:
        delivery = self._network(size, "parquet")
        rows = delivery.with_name(f"{delivery.name}_accepted")
        arguments = ["--accepted", str(delivery), "--as-of", AS_OF]
        measure(["benchmarks.network", str(rows), *arguments])
        peers = [peer for peer in self._asked.peers if is_there(peer)]
        for number in range(self._asked.repeat):
            for peer in peers:
                self._try(self._peer, Case("peer", peer, size), rows, number)

    def _try(
        self,
        program: Callable[[Case, Path, int], None],
        case: Case,
        folder: Path,
        number: int,
    ) -> None:
        """Measure a case; one that fails is noted, and the others go on."""
        if self._results.failed.get(str(case)) == self._session:
            return
        try:
            program(case, folder, number)
        except ProgramFailed as failure:
            print(f"{case!s:<45} failed: {failure}", flush=True)
            self._results.fail(case, self._session)

    def _peer(self, case: Case, rows: Path, number: int) -> None:
        with self._scratch() as scratch:
            out = Path(scratch) / "courses.parquet"
            program = f"benchmarks.peers.{case.name}_peer"
            found = measure([program, str(rows), str(out), "--as-of", AS_OF])
            self._keep(case, number, found, checksum=_checksum(out))

    def _profile(self, size: int) -> None:
        delivery = self._network(size, "parquet")
        with self._scratch() as scratch:
            out = str(Path(scratch) / "out")
            found = measure(["benchmarks.operators", str(delivery), AS_OF, out])
        case = Case("profile", "profile", size)
        self._keep(case, 0, found, shares=json.loads(found.stdout))

    def _start(self) -> None:
        for number in range(self._asked.repeat):
            with self._scratch() as scratch:
                demo = ["pipeline", "demo", "--out", str(Path(scratch) / "out")]
                self._keep(Case("start", "demo"), number, measure(demo))
            helped = measure(["pipeline", "--help"])
            self._keep(Case("start", "help"), number, helped)

    def _whole_run(self, case: Case, delivery: Path, number: int) -> None:
        options = []
        if case.limit:
            options += ["--set", f"memory_limit={case.limit}"]
        if case.threads:
            options += ["--set", f"threads={case.threads}"]
        with self._scratch() as scratch:
            out = Path(scratch) / "out"
            found = measure(
                [
                    *("pipeline", "run", str(delivery), "--as-of", AS_OF),
                    *("--out", str(out), "--log-format", "json", *options),
                ]
            )
            checksum = _checksum(out / COURSES)
        stages = _stages(found.stderr)
        self._keep(case, number, found, checksum=checksum, stages=stages)

    def _keep(self, case: Case, number: int, found: Measured, **more) -> None:
        record = Record(
            *(case, self._session, number),
            *(round(found.wall, 3), round(found.cpu, 3), round(found.peak_mib)),
            **more,
        )
        self._results.add(record)
        said = f"{record.wall:8.1f} s {record.cpu:8.1f} s CPU {record.peak_mib:7,} MiB"
        print(f"{case!s:<45} {said}  {record.checksum or ''}", flush=True)

    def _network(self, size: int, file_format: str) -> Path:
        folder = self._asked.data / f"{size}_{file_format}"
        arguments = ["--prescriptions", str(size), "--format", file_format]
        measure(["benchmarks.network", str(folder), *arguments])
        return folder

    def _scratch(self) -> tempfile.TemporaryDirectory:
        return tempfile.TemporaryDirectory(dir=self._asked.data)


def is_there(peer: str) -> bool:
    """Whether a peer can be run; where not, that and why is printed."""
    reason = missing(peer)
    if reason:
        print(f"{peer} is left out: {reason}", flush=True)
    return reason is None


def _checksum(courses: Path) -> str:
    return measure(["benchmarks.checksum", str(courses)]).stdout.strip()


def _stages(log: str) -> dict[str, float]:
    """Seconds by stage; a delivery walked in parts comes to most of them again."""
    found: dict[str, float] = {}
    for line in log.splitlines():
        if line.startswith("{"):
            said = json.loads(line)
            if said["event"] == "step":
                name = said["message"]
                found[name] = round(found.get(name, 0) + said["seconds"], 2)
    return found


def parsed(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """What is asked for on the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--sizes", nargs="+", type=float, default=[1, 10, 50], help="in millions")
    add("--parts", nargs="*", choices=PARTS, default=PARTS, help="none: render only")
    add("--formats", nargs="+", choices=["parquet", "csv"], default=["parquet", "csv"])
    add("--limits", nargs="+", default=[NO_LIMIT, "4GB", "2GB"], help="none, 4GB ...")
    add("--threads", nargs="*", type=int, default=[1, 2, 4], help="for the part sums")
    add("--peers", nargs="+", choices=PEERS, default=PEERS)
    add("--peers-up-to", type=float, default=10, help="largest size, in millions")
    add("--repeat", type=int, default=3)
    add("--data", type=Path, default=FOLDER / ".data", help="where deliveries are kept")
    add("--out", type=Path, default=FOLDER, help="where results are written")
    return parser.parse_args(arguments)


def main() -> None:
    """Measure what is asked for, print it, write it."""
    asked = parsed()
    asked.data = asked.data.resolve()
    asked.data.mkdir(parents=True, exist_ok=True)
    raise SystemExit(Benchmark(asked).run())


if __name__ == "__main__":
    main()
