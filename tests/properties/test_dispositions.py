"""Damaged random deliveries: no row is lost, and no order matters.

P1 and P4 of reliability.md: received is the sum of the dispositions by file and
extract, and the same rows in other files, orders and formats are decided alike.
"""

import random
from collections import Counter
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.errors import AcvwatchError
from pipeline.extracts.dispositions import DISPOSITIONS
from pipeline.extracts.reception import check_sums
from tests.spec.extracts.receiving import ROWS, Delivery, as_csv

CELLS = {
    "prescription_id": ["RX1", "RX2", "RX3", ""],
    "drug": ["acyclovir", "Aciclovir", "aspirin", "", "foscarnet"],
    "dose": ["400", "400.0", "x", "", "-1", "0.4e3"],
    "start_date": ["2026-01-05", "2026-07-01", "2026-02-30", "", "2026-01-05T10:00"],
    "end_date": ["2026-01-14", "2026-01-01", "", "2027-01-01"],
    "days_supply": ["", "10", "0"],
    "recorded_at": ["", "2026-01-20", "2026-01-21", "2026-01-21T00:00:00", "?"],
    "site_id": ["north", "south", "", "a,b", 'say "x"'],
}
"""For each column the cells that decide differently, alike ones among them."""

QUICK = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


@st.composite
def rows(draw):
    """Rows of prescriptions, many of which share an id, agree, differ or are broken."""
    base = dict(ROWS["prescriptions"]) | {"recorded_at": ""}
    count = draw(st.integers(1, 14))
    drawn = []
    for _ in range(count):
        changed = draw(st.sets(st.sampled_from(sorted(CELLS)), max_size=3))
        row = {name: draw(st.sampled_from(CELLS[name])) for name in sorted(changed)}
        drawn.append({**base, **row})
    return drawn


def deliver(files: list[list[dict[str, str]]], *, parquet: bool = False):
    """What a delivery of prescriptions in so many files becomes.

    Returns the flow by file, and how often each row, as delivered, ended in which way.
    """
    with TemporaryDirectory() as home:
        delivery = Delivery(Path(home))
        delivery.remove("prescriptions.csv")
        written = {}
        for number, file in enumerate(files):
            name = f"prescriptions_{number}.csv"
            if file:
                delivery.write(name, as_csv(file))
                written[name] = file
        if parquet:
            written = _as_parquet(delivery, written)
        with delivery.received() as received:
            check_sums(received.engine, received.reception)
            ends = Counter()
            for label, line, disposition, broken in received.rows("prescriptions"):
                first = 1 if parquet else 2
                cells = tuple(written[label][line - first].values())
                ends[cells, disposition, broken] += 1
            return received.reception.flow, ends


def _as_parquet(delivery, written):
    renamed = {}
    with duckdb.connect() as connection:
        for name, file in written.items():
            target = name.replace("csv", "parquet")
            connection.execute(
                f"copy (from read_csv('{delivery.folder}/{name}', all_varchar = true, "
                f"header = true, auto_detect = true)) to '{delivery.folder}/{target}'"
            )
            delivery.remove(name)
            renamed[target] = file
    return renamed


def split(drawn, cuts):
    """The rows dealt to files."""
    files = [[], [], []]
    for row, file in zip(drawn, cuts, strict=True):
        files[file].append(row)
    return files


@QUICK
@given(rows(), st.randoms(use_true_random=False))
def test_received_is_the_sum_of_the_dispositions_by_file(drawn, chance):
    cuts = [chance.randrange(3) for _ in drawn]
    flow, ends = deliver(split(drawn, cuts))
    for _, file in flow.groupby(["extract", "file"]):
        terms = dict(zip(file["term"], file["n"], strict=True))
        assert terms["received"] == sum(terms[term] for term in DISPOSITIONS)
    assert sum(ends.values()) == len(drawn)


@QUICK
@given(rows(), st.randoms(use_true_random=False))
def test_neither_the_order_of_rows_nor_of_files_matters(drawn, chance):
    """Which of two equal rows is the duplicate is free: both are written alike."""
    _, ends = deliver([drawn])
    shuffled = chance.sample(drawn, len(drawn))
    cuts = [chance.randrange(3) for _ in shuffled]
    _, again = deliver(split(shuffled, cuts))
    assert typed(again) == typed(ends)


@QUICK
@given(rows())
def test_the_format_does_not_matter(drawn):
    _, ends = deliver([drawn])
    _, again = deliver([drawn], parquet=True)
    assert again == ends


def typed(ends):
    """How rows ended, with cells that are read alike counted together."""
    alike = {"400.0": "400", "0.4e3": "400", "Aciclovir": "acyclovir"}
    alike |= {"2026-01-05T10:00": "2026-01-05", "2026-01-21T00:00:00": "2026-01-21"}
    counted = Counter()
    for (cells, disposition, broken), n in ends.items():
        read = tuple(alike.get(cell, cell) for cell in cells)
        counted[read, disposition, broken] += n
    return counted


@QUICK
@given(rows())
def test_dispositions_are_those_of_a_plain_reading_of_the_rules(drawn):
    """The rules of extracts.md once more, row by row, in Python."""
    _, ends = deliver([drawn])
    found = Counter()
    for (cells, disposition, _), n in ends.items():
        found[cells, disposition] += n
    cells_of = [tuple(row.values()) for row in drawn]
    assert found == Counter(zip(cells_of, plainly(drawn), strict=True))


def plainly(drawn) -> list[str]:
    """The disposition of each row, decided without SQL."""
    read = [_plain_row(row) for row in drawn]
    by_id = {}
    for place, row in enumerate(read):
        if row["end"] != "out_of_scope" and row["id"]:
            by_id.setdefault(row["id"], []).append(place)
    for places in by_id.values():
        _decide_shared([read[place] for place in places])
    return [row["end"] for row in read]


def _plain_row(row):
    listed = {
        "acyclovir": "acyclovir",
        "aciclovir": "acyclovir",
        "foscarnet": "foscarnet",
    }
    dose = {"400": 400, "400.0": 400, "0.4e3": 400, "": None}.get(row["dose"], "bad")
    start, end = row["start_date"][:10], row["end_date"]
    moment = row["recorded_at"]
    drug = listed.get(row["drug"].lower())
    broken = (
        not row["prescription_id"]
        or not row["drug"]
        or dose == "bad"
        or start in ("", "2026-02-30")
        or (end and start != "2026-02-30" and end < start)
        or (not end and not row["days_supply"])
        or row["days_supply"] == "0"
        or moment == "?"
    )
    faults = (
        dose == "bad",
        start == "2026-02-30",
        row["days_supply"] == "0",
        moment == "?",
    )
    read_start = None if start == "2026-02-30" else start
    read_supply = None if row["days_supply"] == "0" else row["days_supply"]
    content = (drug, dose, read_start, end, read_supply, row["site_id"], moment[:10])
    end_as = "accepted"
    if row["drug"] and drug is None:
        end_as = "out_of_scope"
    elif broken:
        end_as = "quarantined"
    elif start > "2026-06-30":
        end_as = "deferred"
    return {
        "id": row["prescription_id"],
        "end": end_as,
        "content": (content, faults),
        "at": datetime.fromisoformat(moment) if moment not in ("", "?") else None,
    }


def _decide_shared(group):
    contents = {row["content"] for row in group}
    if len(contents) > 1:
        moments = [row["at"] for row in group]
        latest = max(moments) if None not in moments else None
        newest = {row["content"] for row in group if row["at"] == latest}
        if latest is None or len(newest) > 1:
            for row in group:
                row["end"] = "quarantined"
            return
        for row in group:
            if row["at"] < latest and row["end"] == "accepted":
                row["end"] = "superseded"
    seen = set()
    for row in group:
        if row["end"] == "accepted":
            row["end"] = "duplicate" if row["content"] in seen else "accepted"
            seen.add(row["content"])


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_no_damage_to_the_bytes_ends_in_anything_but_a_named_error(seed):
    """P8: a mutated file is received or refused; never a traceback or a lost row."""
    chance = random.Random(seed)
    base = [
        {**ROWS["prescriptions"], "prescription_id": f"RX{number}"}
        for number in range(8)
    ]
    content = bytearray(as_csv(base).encode())
    for _ in range(chance.randint(1, 4)):
        _damage(content, chance)
    with TemporaryDirectory() as home:
        delivery = Delivery(Path(home))
        delivery.write("prescriptions.csv", bytes(content))
        try:
            with delivery.received() as received:
                check_sums(received.engine, received.reception)
        except AcvwatchError as error:
            assert error.exit_code in (64, 65)
            assert "RX" not in str(error)


def _damage(content: bytearray, chance: random.Random) -> None:
    place = chance.randrange(len(content) + 1)
    match chance.randrange(5):
        case 0:
            content[place : place + chance.randint(1, 60)] = b""
        case 1:
            content[place:place] = bytes([chance.randrange(256)])
        case 2:
            content[place : place + 1] = chance.choice(
                [b'"', b"\r", b"\n", b",", b"\0"]
            )
        case 3:
            content[place:place] = content[: chance.randint(1, 80)]
        case 4:
            del content[place:]
    if not content:
        content.extend(b"x")
