"""A delivery that is walked in parts gives what one gives that is walked at once."""

from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest

from pipeline import changes, models, parts
from pipeline.engines.duck import Duck
from pipeline.errors import InvariantBroken
from pipeline.tables import FOLDER
from tests.end_to_end.conftest import Published, publish, settings, spoil, walk
from tests.end_to_end.deliveries import AS_OF, Delivery, add_treated
from tests.end_to_end.folders import content

BEFORE = AS_OF - timedelta(60)


@pytest.fixture
def in_parts(monkeypatch) -> list[int]:
    """Parts of some 500 rows of the largest extract; how many there were of each walk."""
    monkeypatch.setattr(parts, "ROWS", 500)
    monkeypatch.setattr(parts, "_AT_ONCE", 600)
    walked = []
    whole = parts.Divided.each

    def each(divided, engine):
        walked.append(divided._parts)
        return whole(divided, engine)

    monkeypatch.setattr(parts.Divided, "each", each)
    return walked


def assert_same(found: Published, expected: Published) -> None:
    """Every byte but those of tables: Parquet packs rows as they arrive."""
    one, other = (content(run.folder) for run in (found, expected))
    assert one.keys() == other.keys()
    differing = {path for path in one if one[path] != other[path]} - {"manifest.json"}
    assert all(path.startswith(FOLDER) for path in differing)
    for path in differing:
        name = Path(path).stem
        pd.testing.assert_frame_equal(
            found.table(name), expected.table(name), check_exact=True
        )


def test_a_run_in_parts_says_the_same(network, network_run, in_parts, tmp_path):
    found = publish(network, tmp_path / "out", settings=settings(varied=True))
    assert_same(found, network_run)
    assert len(in_parts) == 2, "the variations, then the run's own walk"
    assert min(in_parts) > 2


def test_runs_in_parts_have_the_same_bytes_on_any_machine(network, in_parts, tmp_path):
    one, other = (
        publish(network, tmp_path / threads, settings=settings(threads=threads))
        for threads in ("1", "2")
    )
    assert content(one.out / "runs") == content(other.out / "runs")


def test_a_comparison_in_parts_says_the_same(network, monkeypatch, tmp_path):
    """The walk under the former parameters is in parts too."""
    published = []
    for name in ("at_once", "in_parts"):
        if name == "in_parts":
            monkeypatch.setattr(parts, "_AT_ONCE", 600)
            monkeypatch.setattr(parts, "ROWS", 500)
        out = tmp_path / name
        publish(network, out, as_of=BEFORE)
        published.append(publish(network, out, settings=settings(min_adherence=0.9)))
    assert_same(*published)
    changed = published[0].table("changes")
    assert set(changed["change"]) >= {"redefined", "matured"}


def test_parts_without_a_row_of_an_extract_or_of_all(in_parts, monkeypatch, tmp_path):
    """Two patients in three parts, with no result, event or immune status."""
    delivery = Delivery()
    for patient in ("one", "two"):
        add_treated(delivery, patient, AS_OF - timedelta(90), "unchanged", 8)
    extracts = delivery.write(tmp_path / "in")
    at_once = publish(extracts, tmp_path / "at_once")
    monkeypatch.setattr(parts, "_AT_ONCE", 1)
    monkeypatch.setattr(parts, "ROWS", 0.7)
    found = publish(extracts, tmp_path / "in_parts")
    assert in_parts == [3]
    assert_same(found, at_once)
    assert len(found.table("courses")) == 2


@pytest.mark.parametrize("table", sorted(models.ACCEPTED))
def test_a_row_that_is_in_no_part_ends_the_run(table, network, in_parts, tmp_path):
    sound = Duck.write_parquet

    def lossy(engine, select, path, *given, by=None, **further):
        if by and path.name == table:
            select = f"select * from ({select}) limit 1"
        sound(engine, select, path, *given, by=by, **further)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Duck, "write_parquet", lossy)
        with pytest.raises(InvariantBroken, match=f"Of {table} other rows"):
            walk(network, tmp_path / "out")


def test_a_patient_in_two_parts_ends_the_run(network, in_parts, monkeypatch, tmp_path):
    spoil(
        monkeypatch,
        "patient_parts",
        "insert into {table} select patient_id, part % 2 + 1 from {table}",
    )
    with pytest.raises(InvariantBroken):
        walk(network, tmp_path / "out")


def test_what_is_kept_of_a_part_is_all_that_is_read_later():
    """Else a run of one part would know a table that one of many parts does not."""
    kept = models.kept_tables()
    assert {changes.PICKS, "courses", "pick_counts", "case_timelines"} <= kept
    assert not kept & {"prescriptions", "visits", "ranked_courses", "patient_windows"}
