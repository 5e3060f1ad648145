"""The same delivery gives the same bytes, however and wherever it is run (P4).

Threads, hash seed, time zone and locale belong to the machine; the order of rows, columns
and files to the delivery. The first must not change a byte, the second no result.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from random import Random

import pandas as pd
import pytest

from pipeline import models
from tests.end_to_end.conftest import Published, publish, settings
from tests.end_to_end.deliveries import AS_OF, read_csv, write_csv
from tests.end_to_end.folders import content
from tests.end_to_end.pages import Table

MACHINES: list[Mapping[str, str]] = [
    {
        "ACVWATCH_THREADS": "1",
        "PYTHONHASHSEED": "0",
        "TZ": "UTC",
        "LC_ALL": "C",
        "LANG": "C",
    },
    {
        "ACVWATCH_THREADS": "2",
        "PYTHONHASHSEED": "4711",
        "TZ": "Pacific/Kiritimati",  # 14 hours ahead: another day, for most of it
        "LC_ALL": "de_DE.UTF-8",
        "LANG": "tr_TR.UTF-8",
    },
]

ARRIVAL = {
    "prescriptions": "start_date",
    "followups": "visit_date",
    "labs": "collected_date",
    "clinical_events": "event_date",
    "immune_status": "from_date",
    "patients": "birth_year",
}
"""By which column each extract is cut into two files."""


def _start(delivery: Path, out: Path, machine: Mapping[str, str]) -> subprocess.Popen:
    command = "import sys; from pipeline.cli import main; sys.exit(main())"
    asked = ["run", str(delivery), "--as-of", AS_OF.isoformat(), "--allow-future"]
    inherited = {
        name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ
    }
    return subprocess.Popen(
        [sys.executable, "-c", command, *asked, "--out", str(out)],
        cwd=Path(__file__).parents[2],
        env={**inherited, **machine},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture(scope="module")
def machines(network, tmp_path_factory) -> list[Path]:
    """The output folders of the same run on two machines, made side by side."""
    outs = [tmp_path_factory.mktemp("machine") for _ in MACHINES]
    started = [
        _start(network, out, machine)
        for out, machine in zip(outs, MACHINES, strict=True)
    ]
    for process in started:
        _, log = process.communicate(timeout=600)
        assert process.returncode == 0, log
    return outs


def test_every_byte_is_the_same_on_every_machine(machines, network_run):
    expected = content(network_run.out / "runs")
    names = {Path(path).name for path in expected}
    assert {"report.html", "report.pdf", "courses.parquet", "manifest.json"} <= names
    for out in machines:
        found = content(out / "runs")
        assert found.keys() == expected.keys()
        assert [path for path in expected if found[path] != expected[path]] == []
        assert (out / "current").readlink() == (network_run.out / "current").readlink()


@pytest.fixture(scope="module")
def shuffled(network, tmp_path_factory) -> Published:
    """The run of the same rows: shuffled, columns reversed, the later half first."""
    folder = tmp_path_factory.mktemp("shuffled")
    extracts = folder / "extracts"
    extracts.mkdir()
    random = Random(20260630)
    for extract, column in ARRIVAL.items():
        rows = read_csv(network / f"{extract}.csv")
        random.shuffle(rows)
        cut = sorted(row[column] for row in rows)[len(rows) // 2]
        columns = list(rows[0])[::-1]
        later = [row for row in rows if row[column] >= cut]
        earlier = [row for row in rows if row[column] < cut]
        assert later
        assert earlier
        write_csv(extracts / f"{extract}_1_later.csv", columns, later)
        write_csv(extracts / f"{extract}_2_earlier.csv", columns, earlier)
    return publish(extracts, folder / "out", settings=settings(varied=True))


@pytest.mark.parametrize("name", ["courses", "rates", "flow", "quality"])
def test_the_order_of_a_delivery_changes_no_table(name, network_run, shuffled):
    expected = network_run.table(name)
    assert len(expected) > 0
    pd.testing.assert_frame_equal(shuffled.table(name), expected, check_exact=True)


@pytest.mark.parametrize("table", sorted(models.ACCEPTED))
def test_the_order_of_a_delivery_changes_no_kept_row_but_its_place(
    table, network_run, shuffled
):
    def without_place(run: Published) -> pd.DataFrame:
        rows = run.table(table).drop(columns=["file_id", "line"])
        return rows.sort_values(list(rows), ignore_index=True)

    pd.testing.assert_frame_equal(
        without_place(shuffled), without_place(network_run), check_exact=True
    )


def test_the_order_of_a_delivery_changes_no_list(network_run, shuffled):
    def line_list(run: Published) -> bytes:
        return (run.folder / "restricted/line_list.csv").read_bytes()

    assert line_list(shuffled).count(b"\n") > 1
    assert line_list(shuffled) == line_list(network_run)


def test_the_order_of_a_delivery_changes_no_table_of_the_report(network_run, shuffled):
    def tables(run: Published) -> dict[str, Table]:
        found = run.page().tables
        # they name the run and its files
        return {
            name: table
            for name, table in found.items()
            if name not in ("q7-input-files", "q7-versions")
        }

    expected = tables(network_run)
    assert {"q1-headline", "q2-line-list", "q3-monthly-numbers"} <= expected.keys()
    assert tables(shuffled) == expected
