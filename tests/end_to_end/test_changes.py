"""What changed since the previous run (report, question 3; the split is exact)."""

import itertools
import json
import random
import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.report.compose.since import CHANGES
from tests.end_to_end.conftest import Published, publish, settings
from tests.end_to_end.deliveries import Delivery, add_treated, read_csv, write_csv

MAY, JUNE = date(2026, 5, 31), date(2026, 6, 30)
APRIL, EARLY_MAY = date(2026, 4, 6), date(2026, 5, 4)


def first_delivery() -> Delivery:
    """Patients named for what will become of them, all treated adequately.

    In May all count as cases but ``matured`` (too young by then) and ``redefined``
    (responded); ``left`` began in the first month of the window of May.
    """
    found = Delivery()
    for patient in ("steady", "corrected", "retracted", "late"):
        add_treated(found, patient, APRIL, "unchanged", 8)
    add_treated(found, "left", date(2025, 6, 10), "unchanged", 8)
    add_treated(found, "matured", EARLY_MAY, "unchanged", 8)
    add_treated(found, "redefined", APRIL, "improving", 8)
    found.rows["prescriptions"][-1]["adherence"] = 0.85
    return found


def second_delivery() -> Delivery:
    """The same a month later: one adherence corrected, one course gone, two late."""
    found = first_delivery()
    for row in found.rows["prescriptions"]:
        if row["patient_id"] == "corrected":
            row["adherence"] = 0.5
    for extract in ("prescriptions", "followups"):
        found.rows[extract] = [
            row for row in found.rows[extract] if row["patient_id"] != "retracted"
        ]
    found.visit("late", APRIL + timedelta(10), "healed", followup_id="came_late")
    add_treated(found, "new", APRIL, "unchanged", 8)
    for place, row in enumerate(found.rows["prescriptions"][-1:]):
        row["prescription_id"] = f"new{place}"
    for place, row in enumerate(found.rows["followups"]):
        if row["patient_id"] == "new":
            row["followup_id"] = f"new{place}"
    return found


@pytest.fixture(scope="module")
def may(tmp_path_factory) -> Published:
    """The run of May, the first; those after it are published into a copy."""
    home = tmp_path_factory.mktemp("may")
    return publish(first_delivery().write(home / "in"), home / "out", as_of=MAY)


def after(may: Published, extracts: Path, home: Path, **asked: Any) -> Published:
    """A run of the delivery into a folder that holds the run of May."""
    out = shutil.copytree(may.out, home / "out", symlinks=True)
    return publish(extracts, out, **asked)


@pytest.fixture(scope="module")
def june(may, tmp_path_factory) -> Published:
    """The run of June, with another adherence."""
    home = tmp_path_factory.mktemp("june")
    delivery = second_delivery().write(home / "in")
    changed = settings(min_adherence=0.9)
    return after(may, delivery, home, as_of=JUNE, settings=changed)


def counts(run: Published, definition: str = "case") -> dict[str, tuple[int, int]]:
    """N and k of the rolling window by population, as the run published them."""
    rates = run.table("rates")
    found = rates[
        (rates["definition"] == definition)
        & (rates["rule"] == "headline")
        & (rates["unit"] == "patient")
        & (rates["syndrome"] == "hsv")
        & (rates["window_end"] == rates["as_of"])
    ]
    return {row.population: (row.n, row.k) for row in found.itertuples()}


def said(run: Published) -> str:
    """All text of the report's part that compares with the previous run."""
    document = json.loads((run.folder / "restricted/document.json").read_text("utf-8"))
    [part] = [each for each in document["sections"] if each["id"] == "q3-since"]
    return json.dumps(part, ensure_ascii=False)


def split(run: Published, definition: str) -> dict[str, dict[str, tuple[int, int]]]:
    """The published changes of n and k by population and kind."""
    rows = run.table("changes")
    found: dict[str, dict[str, tuple[int, int]]] = {}
    for row in rows[rows["definition"] == definition].itertuples():
        found.setdefault(row.population, {})[row.change] = (row.change_n, row.change_k)
    return found


def test_each_kind_of_change_takes_its_own(may, june):
    """Of 5 cases in 6 patients in May, 3 in 4 are left: steady, matured and new."""
    assert counts(may)["all"] == (6, 5)
    assert counts(june)["all"] == (4, 3)
    assert split(june, "case")["all"] == {
        "new": (1, 0),  # the new case, and the late visit by which `late` responded
        "matured": (1, 1),
        "left_window": (-1, -1),
        "corrected": (-1, -1),
        "retracted": (-1, -1),
        "redefined": (-1, 0),
    }


def test_courses_flagged_and_cleared_are_named(june):
    found = june.table("changed_courses")
    changes = dict(zip(found["patient_id"], found["change"], strict=True))
    assert changes == {
        "new": "newly_flagged",
        "corrected": "newly_cleared",
        "retracted": "newly_cleared",
        "late": "newly_cleared",
    }
    assert "The parameter min_adherence was 0.8 and is 0.9." in said(june)


def test_the_first_run_says_that_there_is_nothing_to_compare_with(may):
    assert "no run of an earlier day to compare with" in said(may)


def test_the_report_says_with_which_run_it_is_compared(may, june):
    told = f"Compared with the run {may.folder.name}, the last one published for the"
    assert told in said(june)
    assert "other runs as of this day are never compared" in said(june)


def test_a_delivery_that_ends_earlier_than_the_one_before_says_so(may, tmp_path):
    older = first_delivery()
    older.rows["followups"] = [
        row for row in older.rows["followups"] if row["visit_date"] < EARLY_MAY
    ]
    run = after(may, older.write(tmp_path / "older"), tmp_path, as_of=JUNE)
    assert "This delivery ends earlier than the one before" in said(run)


def _delivered(
    network: Path, folder: Path, until: date, *, seed: int, spoiled: bool
) -> Path:
    """Three in ten patients as delivered at a day: late rows missing, some corrected."""
    folder.mkdir()
    chance = random.Random(seed)
    for path in sorted(network.glob("*.csv")):
        rows = [row for row in read_csv(path) if row["patient_id"][-1] in "147"]
        columns = list(rows[0])
        dated = {"prescriptions": "start_date", "followups": "visit_date"}.get(
            path.stem
        )
        if dated:
            late = (until - timedelta(30)).isoformat()
            rows = [r for r in rows if r[dated] <= until.isoformat()]
            rows = [r for r in rows if r[dated] < late or chance.random() < 0.8]
        if spoiled and path.stem == "prescriptions":
            rows = [r for r in rows if chance.random() > 0.02]
            for row in rows:
                if chance.random() < 0.03:
                    row["adherence"] = "0.4"
        write_csv(folder / path.name, columns, rows)
    return folder


def test_three_months_of_a_network_add_up_for_every_population(network, tmp_path):
    """Late rows, corrections, retractions and one parameter changed."""
    months = (
        (date(2026, 4, 30), {}, False),
        (MAY, {}, True),
        (JUNE, {"min_adherence": 0.9}, True),
    )
    published: list[Published] = []
    for place, (as_of, changed, spoiled) in enumerate(months):
        delivery = _delivered(
            network, tmp_path / f"d{place}", as_of, seed=place, spoiled=spoiled
        )
        published.append(
            publish(
                delivery, tmp_path / "out", as_of=as_of, settings=settings(**changed)
            )
        )
    kinds = set()
    for before, now in itertools.pairwise(published):
        for definition in ("case", "confirmed"):
            then, present = counts(before, definition), counts(now, definition)
            found = split(now, definition)
            for population, (n, k) in present.items():
                changes = found.get(population, {}).values()
                assert n - then[population][0] == sum(dn for dn, _ in changes)
                assert k - then[population][1] == sum(dk for _, dk in changes)
            kinds |= {kind for changes in found.values() for kind in changes}
    assert kinds == set(CHANGES)


def test_the_same_delivery_a_day_later_changes_little_and_explains_it(may, tmp_path):
    run = after(may, may.extracts, tmp_path, as_of=MAY + timedelta(1))
    assert run.manifest()["previous"] == may.folder.name
    assert set(split(run, "case").get("all", {})) <= {"matured", "left_window"}


def alarming_delivery(n_failed: int) -> Delivery:
    """Two years and more with 20 treated a month; in the last but one so many fail."""
    found = Delivery()
    for place in range(28):
        year, month = divmod(2024 * 12 + place, 12)
        for patient in range(20):
            fails = patient < (n_failed if place == 25 else place % 2)
            status = "unchanged" if fails else "healed"
            name = f"p{place}_{patient}"
            add_treated(
                found, name, date(year, month + 1, 3), status, 8 if fails else 10
            )
    return found


def test_the_next_run_tells_the_months_that_were_over_a_limit_before(tmp_path):
    """February 2026 stands out in the run of May, and again in that of June."""
    delivery = alarming_delivery(15)
    may = publish(delivery.write(tmp_path / "may"), tmp_path / "out", as_of=MAY)
    june = publish(delivery.write(tmp_path / "june"), tmp_path / "out", as_of=JUNE)
    before, after = (
        (run.folder / "restricted/document.json").read_text("utf-8")
        for run in (may, june)
    )
    assert "over a limit" in before
    assert "over a limit" in after
    assert "In the previous run" not in before
    assert "In the previous run" in after
    assert "No alarm is new since the previous run" in after
