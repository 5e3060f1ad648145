"""What the benchmark keeps, compares and says; no program is measured here."""

import pytest

from benchmarks import rendering
from benchmarks.records import Case, Record, Results, disagreeing
from benchmarks.targets import LARGE, reached

RUN, FLOOR = Case("run", "run", LARGE), Case("floor", "floor", LARGE)


def record(case, wall, *, session="first", round=0, checksum=None):
    stages = {"extracts": wall / 4, "courses": wall / 2} if case.kind == "run" else {}
    return Record(case, session, round, wall, wall, 100, checksum, stages)


@pytest.fixture
def results(tmp_path):
    found = Results(tmp_path)
    for session in ("first", "second"):
        found.sessions[session] = {
            "processor": "p",
            "cores": 2,
            "memory_gib": 4,
            "system": "s",
            "python": "3",
            "versions": {"duckdb": "2"},
            "commit": "c",
        }
    return found


def test_a_ratio_is_formed_within_a_round(results):
    for number, (wall, floor) in enumerate([(10, 2), (30, 3), (8, 1)]):
        results.add(record(RUN, wall, round=number))
        results.add(record(FLOOR, floor, round=number))
    assert results.ratio(RUN, FLOOR) == 8
    assert results.median(RUN, "wall") == 10


def test_nothing_is_compared_across_sessions(results):
    results.add(record(RUN, 10))
    results.add(record(FLOOR, 2, session="second"))
    assert results.ratio(RUN, FLOOR) is None


def test_a_case_measured_anew_replaces_what_it_was(results, tmp_path):
    results.add(record(RUN, 10))
    results.fail(RUN, "first")
    assert results.of(RUN) == []
    results.add(record(RUN, 12, session="second"))
    kept = Results(tmp_path)
    assert [each.wall for each in kept.records] == [12]
    assert kept.failed == {}
    assert list(kept.sessions) == ["second"]


def test_courses_that_differ_are_found(results):
    results.add(record(RUN, 10, checksum="1 rows a"))
    results.add(record(Case("run", "run", LARGE, "csv"), 9, checksum="1 rows a"))
    assert disagreeing(results.checksums().values()) == []
    results.add(record(Case("peer", "pandas", LARGE), 9, checksum="1 rows b"))
    (found,) = disagreeing(results.checksums().values())
    assert found["1 rows b"] == {"pandas, 10,000,000, parquet"}


def test_targets_are_said_to_be_reached_or_not(results, tmp_path):
    results.add(record(RUN, 30))
    results.add(record(FLOOR, 2))
    first, *_ = reached(results)
    assert (first.found, first.verdict) == ("15.0", "not reached")
    rendering.write(results, tmp_path)
    text = (tmp_path / rendering.FILE).read_text("utf-8")
    assert "| 10 million, times the floor | at most 10.0 | 15.0 | not reached |" in text
    assert "Not measured." in text
