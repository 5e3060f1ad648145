"""Every row of every seed says where it comes from."""

import csv
from pathlib import Path

import pytest

from pipeline import seeds

SEEDS = sorted((Path(__file__).resolve().parents[2] / "seeds").glob("*.csv"))


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem)
def test_every_row_has_a_source(path):
    found = rows(path)
    assert found
    for number, row in enumerate(found, 2):
        assert None not in row, f"line {number} has another width"
        assert None not in row.values(), f"line {number} has another width"
        assert row["source"].strip(), f"line {number} has no source"


def test_every_source_of_a_seed_is_in_the_list_of_sources():
    listed = {row["source"] for row in rows(SEEDS[0].parent / "sources.csv")}
    for path in SEEDS:
        if path.stem == "synonyms":
            continue  # a code is looked up where it stands: each names its own place
        used = {row["source"] for row in rows(path)}
        if path.stem.startswith("simulation_"):
            used -= {"invented for simulation"}
        assert used <= listed, f"{path.stem}: {sorted(used - listed)}"


def test_no_seed_is_left_unread():
    shipped = {path.stem for path in SEEDS}
    simulated = {name for name in shipped if name.startswith("simulation_")}
    assert shipped - simulated == set(seeds.NAMES)


def test_parameters_are_named_once_and_state_whose_they_are():
    found = rows(SEEDS[0].parent / "parameters.csv")
    names = [row["name"] for row in found]
    assert len(names) == len(set(names))
    assert {row["origin"] for row in found} == {"documents", "ours"}
    assert all(row["meaning"] and row["section"] for row in found)
