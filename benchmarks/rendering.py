"""RESULTS.md from the records: targets first, then runs, stages, peers, operators.

Knows the targets of this project; a number that was not measured is said to be missing.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.records import Case, Results
from benchmarks.targets import reached

FILE = "RESULTS.md"
DECADE = 500_000_000
_MOST = 12
_MISSING = "not measured"
_PREFACE = """# Results of the benchmark

Written by `python -m benchmarks` from `results.json`; do not edit. Every program ran in a
process of its own; a number is the median of its repeats. A ratio is formed of programs of
one round of one session, then the median of the rounds is taken. The floor is a scan of the
needed columns of prescriptions and visits and one hash aggregate by patient, in DuckDB, its
start included. Without a memory limit given, a run takes half of the machine's memory as
its own. CPU is of all processes of a program, peak memory of its largest."""
_PEERS = """Each peer starts from the rows that our reception accepted, written once as
Parquet, and writes `courses`; its start is included. `duckdb` and `spark` are our own SQL
without counts, lists, checks and reports. All of them come to the same courses, or the
benchmark fails."""


def write(results: Results, folder: Path) -> None:
    """Write RESULTS.md into the folder."""
    text = "\n\n".join(part for part in _parts(results) if part)
    (folder / FILE).write_text(text + "\n", "utf-8")


def _parts(results: Results) -> Iterator[str]:
    yield _PREFACE
    yield "## Targets"
    rows = [
        (target.what, target.wanted, target.found or _MISSING, target.verdict)
        for target in reached(results)
    ]
    yield _table(("what", "target", "measured", ""), rows)
    if results.failed:
        yield f"Failed: {'; '.join(sorted(results.failed))}."
    yield "## Whole runs"
    yield _table(
        ("run", "wall s", "CPU s", "peak MiB", "times the floor"), _runs(results)
    )
    yield "## Growth"
    yield from _growth(results)
    yield "## Stages of a run, seconds"
    yield _stages(results)
    yield "## The same work elsewhere"
    yield _PEERS
    columns = ("prescriptions", "peer", "wall s", "CPU s", "peak MiB", "times ours")
    yield _table(columns, _peers(results))
    yield "## Where the time goes"
    yield from _profiles(results)
    yield "## The courses"
    yield _table(("prescriptions", "checksum", "cases"), _checksums(results))
    yield "## Machines"
    yield from _machines(results)


def _runs(results: Results) -> Iterator[Sequence[str]]:
    for case in [*results.cases("floor"), *results.cases("run")]:
        floor = Case("floor", "floor", case.size, case.format)
        ratio = results.ratio(case, floor) if case.kind == "run" else None
        yield str(case), *_measured(results, case), _number(ratio)


def _growth(results: Results) -> Iterator[str]:
    rows = []
    for case in _plain_runs(results):
        millions = case.size / 1_000_000
        wall = results.median(case, "wall")
        seconds = _number(wall / millions, 2)
        under = f", limit {case.limit}" if case.limit else ""
        rows.append((f"{case.size:,}{under}", *_measured(results, case), seconds))
    columns = ("prescriptions", "wall s", "CPU s", "peak MiB", "s a million")
    yield _table(columns, rows)
    computed = decade_seconds(results)
    if computed:
        yield (
            f"Computed, not measured: {DECADE:,} prescriptions (a nation's decade) would "
            f"take {computed / 3600:.1f} h on this machine, as the line through the two "
            "largest of these runs goes on."
        )


def decade_seconds(results: Results) -> float | None:
    """The seconds that `DECADE` prescriptions would take, from the two largest runs."""
    cases = _plain_runs(results)
    if len(cases) < 2:
        return None
    before, last = cases[-2:]
    walls = [results.median(case, "wall") for case in (before, last)]
    slope = (walls[1] - walls[0]) / (last.size - before.size)
    return walls[1] + slope * (DECADE - last.size)


def _plain_runs(results: Results) -> list[Case]:
    found = [results.freest(case.size) for case in results.cases("run")]
    measured = [case for case in dict.fromkeys(found) if results.median(case, "wall")]
    return sorted(measured, key=lambda case: case.size)


def _peers(results: Results) -> Iterator[Sequence[str]]:
    for case in results.cases("peer"):
        ours = Case("peer", "duckdb", case.size)
        ratio = _number(results.ratio(case, ours), 2)
        yield f"{case.size:,}", case.name, *_measured(results, case), ratio


def _measured(results: Results, case: Case) -> tuple[str, str, str]:
    digits = 1 if (results.median(case, "wall") or 0) >= 10 else 2
    return (
        _number(results.median(case, "wall"), digits),
        _number(results.median(case, "cpu"), digits),
        _number(results.median(case, "peak_mib"), 0),
    )


def _stages(results: Results) -> str:
    cases = [case for case in results.cases("run") if results.stages(case)]
    names = list(dict.fromkeys(n for case in cases for n in results.stages(case)))
    rows = []
    for case in cases:
        found = results.stages(case)
        rest = results.median(case, "wall") - sum(found.values())
        seconds = [*(found.get(name) for name in names), rest]
        rows.append((str(case), *(_number(each, 2) for each in seconds)))
    return _table(("run", *names, "start and end"), rows)


def _profiles(results: Results) -> Iterator[str]:
    for case in results.cases("profile"):
        found = results.of(case)[-1].shares
        wall = found["wall"]
        elsewhere = wall - sum(found["statements"].values())
        yield (
            f"{case.size:,} prescriptions, {case.format}, every statement under `explain "
            f"analyze`: {wall:.1f} s, of which {elsewhere:.1f} s outside the engine "
            "(Python, files, both reports). Operators are summed over threads."
        )
        for title, part in (("statement", "statements"), ("operator", "operators")):
            total = sum(found[part].values())
            top = sorted(found[part].items(), key=lambda pair: -pair[1])[:_MOST]
            rows = [
                (name, _number(seconds, 2), f"{seconds / total:.0%}")
                for name, seconds in top
            ]
            yield _table((title, "s", f"of {total:.1f} s"), rows)


def _checksums(results: Results) -> Iterator[Sequence[str]]:
    for size, found in sorted(results.checksums().items()):
        for checksum, cases in found.items():
            yield f"{size:,}", checksum, str(len(cases))


def _machines(results: Results) -> Iterator[str]:
    used = {each.session for each in results.records}
    for session, found in results.sessions.items():
        if session not in used:
            continue
        versions = ", ".join(f"{name} {v}" for name, v in found["versions"].items())
        yield (
            f"{session}: {found['processor']}, {found['cores']} cores, "
            f"{found['memory_gib']} GiB, {found['system']}; Python {found['python']}, "
            f"{versions}; commit {found['commit']}."
        )


def _number(value: float | None, digits: int = 1) -> str:
    return "" if value is None else f"{value:,.{digits}f}"


def _table(header: Sequence[str], rows) -> str:
    found = list(rows)
    if not found:
        return f"{_MISSING[0].upper()}{_MISSING[1:]}."
    lines = [header, ["---"] * len(header), *found]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
