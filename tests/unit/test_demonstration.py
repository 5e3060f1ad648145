"""A simulated network never takes the place of real extracts, nor mixes its formats."""

import pytest

from pipeline import demonstration, simulate
from pipeline.errors import CannotCreateOutput
from pipeline.simulate import Scenario

SMALL = Scenario(patients=20)


def names(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def expected(file_format: str) -> list[str]:
    extracts = (f"{extract}.{file_format}" for extract in simulate.EXTRACTS)
    return sorted([*extracts, "truth.parquet"])


@pytest.mark.parametrize(
    "name",
    [
        "prescriptions.csv",
        "followups_north_2026-05.csv.gz",
        "labs.parquet",
        "Patients.CSV",
        "immune_status-2.csv",
    ],
)
def test_a_folder_of_real_extracts_is_left_as_it_is(tmp_path, name):
    (tmp_path / name).write_bytes(b"real")
    with pytest.raises(CannotCreateOutput, match=name) as caught:
        demonstration.simulate_network(tmp_path, SMALL, "csv")
    assert caught.value.exit_code == 73
    assert all(sentence.endswith(".") for sentence in caught.value.sentences)
    assert names(tmp_path) == [name]
    assert (tmp_path / name).read_bytes() == b"real"


def test_a_folder_of_an_extracts_name_is_one_too(tmp_path):
    (tmp_path / "labs").mkdir()
    (tmp_path / "truth.parquet").write_bytes(b"")
    with pytest.raises(CannotCreateOutput, match="labs"):
        demonstration.simulate_network(tmp_path, SMALL, "csv")


def test_an_extract_put_beside_a_simulation_is_not_mixed_with_it(tmp_path):
    """The truth vouches only for the names that a simulation writes."""
    demonstration.simulate_network(tmp_path, SMALL, "csv")
    (tmp_path / "labs_north.csv").write_bytes(b"real")
    with pytest.raises(CannotCreateOutput, match="labs_north.csv"):
        demonstration.simulate_network(tmp_path, SMALL, "parquet")
    assert names(tmp_path) == sorted([*expected("csv"), "labs_north.csv"])


@pytest.mark.parametrize("formats", [("csv", "parquet"), ("parquet", "csv", "csv")])
def test_an_earlier_simulation_is_replaced_whole(tmp_path, formats):
    folder = tmp_path / "new" / "network"
    for file_format in formats:
        demonstration.simulate_network(folder, SMALL, file_format)
        assert names(folder) == expected(file_format)


def test_other_files_of_the_folder_stay(tmp_path):
    (tmp_path / "README.md").write_bytes(b"mine")
    (tmp_path / "labsheets.csv").write_bytes(b"mine")
    demonstration.simulate_network(tmp_path, SMALL, "csv")
    kept = ["README.md", "labsheets.csv"]
    assert names(tmp_path) == sorted([*expected("csv"), *kept])
    assert all((tmp_path / name).read_bytes() == b"mine" for name in kept)


def test_a_simulation_that_stops_midway_leaves_the_earlier_one(tmp_path, monkeypatch):
    demonstration.simulate_network(tmp_path, SMALL, "csv")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def stop(engine, folder, file_format):
        (folder / "prescriptions.csv").write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(simulate, "write", stop)
    with pytest.raises(KeyboardInterrupt):
        demonstration.simulate_network(tmp_path, Scenario(patients=30), "csv")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_the_demo_keeps_to_the_same_rule(tmp_path):
    folder = tmp_path / demonstration.EXTRACTS
    folder.mkdir()
    (folder / "prescriptions.csv").write_bytes(b"real")
    with pytest.raises(CannotCreateOutput, match=r"prescriptions\.csv"):
        demonstration.demo(tmp_path, None, progress=lambda *_: None)
    assert names(tmp_path) == [demonstration.EXTRACTS]
    assert names(folder) == ["prescriptions.csv"]
