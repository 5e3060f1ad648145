"""With a key, patients' references take the place of their ids in all that is published."""

import hashlib
import hmac
import re
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from pipeline.errors import ConfigurationError
from pipeline.review import explain, render_again
from tests.end_to_end.conftest import Published, publish, settings
from tests.end_to_end.deliveries import read_csv

KEY = hashlib.sha512(b"a key of this test").digest()[:40]
AUGUST = date(2026, 8, 31)


def reference(patient_id: str, key: bytes = KEY) -> str:
    """128 bits of HMAC-SHA256 (reliability, Shareable), by the standard library."""
    return hmac.new(key, patient_id.encode(), hashlib.sha256).hexdigest()[:32]


def with_key(folder: Path, key: bytes = KEY):
    path = folder / "key"
    path.write_bytes(key)
    path.chmod(0o600)
    return settings(pseudonym_key_file=path)


@pytest.fixture(scope="module")
def keyed(network, tmp_path_factory) -> Published:
    folder = tmp_path_factory.mktemp("keyed")
    return publish(network, folder / "out", settings=with_key(folder))


@pytest.fixture(scope="module")
def plain(network, tmp_path_factory) -> Published:
    return publish(network, tmp_path_factory.mktemp("plain") / "out")


@pytest.fixture(scope="module")
def ids(network) -> set[str]:
    """Every patient id of the delivery."""
    return {
        row["patient_id"]
        for path in network.glob("*.csv")
        for row in read_csv(path)
        if row.get("patient_id")
    }


def tables(published: Published) -> dict[str, pd.DataFrame]:
    folder = published.folder / "restricted/tables"
    return {path.stem: published.table(path.stem) for path in folder.glob("*.parquet")}


def test_nothing_that_is_published_has_a_delivered_id(keyed, ids):
    named = re.compile(r"(?<![\w-])(" + "|".join(map(re.escape, ids)) + r")(?![\w-])")
    texts = ("report.html", "document.json", "line_list.csv")
    for name in texts:
        text = (keyed.folder / "restricted" / name).read_text("utf-8")
        assert not named.search(text), name
    references = {reference(each) for each in ids}
    listed = 0
    for name, table in tables(keyed).items():
        for column in table.select_dtypes(["object", "string"]):
            held = set(table[column].dropna().map(str))
            assert not held & ids, (name, column)
        if "patient_id" in table:
            listed += 1
            assert set(table["patient_id"].dropna()) <= references, name
    assert listed >= 12, "courses, picks, listed, indicators, the lists, six extracts"
    rows = pd.read_csv(keyed.folder / "restricted/line_list.csv", dtype=str)
    assert len(rows)
    assert set(rows["patient_id"]) <= references


def test_no_file_holds_the_key(keyed):
    for path in keyed.folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert KEY not in data
            assert KEY.hex().encode() not in data


def test_no_verdict_depends_on_it(keyed, plain):
    key = ["patient_id", "start_date", "dosing"]
    for name in ("courses", "indicators", "picks"):
        now = keyed.table(name)
        before = plain.table(name)
        before["patient_id"] = before["patient_id"].map(reference)
        columns = [column for column in [*key, *now] if column in now]
        order = list(dict.fromkeys(columns))
        pd.testing.assert_frame_equal(
            *(frame.sort_values(order, ignore_index=True) for frame in (now, before)),
        )
    for name in ("rates", "flow", "quality", "sites"):
        pd.testing.assert_frame_equal(keyed.table(name), plain.table(name))


def test_the_key_is_part_of_what_a_run_is(keyed, plain, network, tmp_path):
    other = publish(
        network, tmp_path / "out", settings=with_key(tmp_path, bytes(range(32)))
    )
    names = {run.folder.name for run in (keyed, plain, other)}
    assert len(names) == 3


def test_a_course_is_explained_by_its_reference(keyed, plain):
    course = plain.table("courses").iloc[0]
    start = course["start_date"].date()
    named = reference(course["patient_id"])
    told = explain(keyed.folder, named, start)
    before = explain(plain.folder, course["patient_id"], start)
    assert told == before.replace(course["patient_id"], named)


def test_the_report_is_rendered_again_to_the_same_bytes(keyed):
    render_again(keyed.folder)


def test_the_next_run_is_compared_patient_by_patient(
    keyed, plain, network, tmp_path_factory
):
    now = publish(network, keyed.out, as_of=AUGUST, settings=settings_of(keyed))
    before = publish(network, plain.out, as_of=AUGUST)
    pd.testing.assert_frame_equal(now.table("changes"), before.table("changes"))
    assert len(now.table("changed_courses")) == len(before.table("changed_courses"))


def settings_of(published: Published):
    path = published.out.parent / "key"
    return settings(pseudonym_key_file=path)


@pytest.mark.parametrize("key", [None, bytes(range(32))], ids=["none", "another"])
def test_a_run_is_not_compared_with_one_of_another_key(keyed, network, tmp_path, key):
    given = with_key(tmp_path, key) if key else settings()
    with pytest.raises(ConfigurationError, match="by another key") as refusal:
        publish(network, keyed.out, as_of=date(2026, 9, 30), settings=given)
    assert refusal.value.exit_code == 78


@pytest.mark.parametrize("size", [32, 64, 65, 200])
def test_the_reference_is_hmac_for_a_key_of_any_length(tmp_path, size):
    from pipeline.engines.duck import Duck
    from pipeline.pseudonyms import replace_ids

    key = bytes(n % 256 for n in range(7, 7 + size))
    names = ["P1", "é☃", "0012", "x" * 64]
    with Duck(tmp_path / "work.duckdb", folders=[tmp_path]) as engine:
        engine.load("given", pd.DataFrame({"patient_id": names, "line": range(4)}))
        path = tmp_path / "accepted.parquet"
        engine.create_in_file("accepted", "select * from given order by line", path)
        replace_ids(engine, {"accepted": path}, key)
        found = engine.rows("select patient_id, line from accepted")
    assert found == [(reference(name, key), n) for n, name in enumerate(names)]
    with duckdb.connect() as connection:
        held = connection.read_parquet(str(path)).fetchall()
    assert held == found
