"""A seed that a site has broken is named with its line and column, and never read."""

import csv
import io
import shutil
from pathlib import Path

import pandas as pd
import pytest

from pipeline import resources, seeds
from pipeline.errors import ConfigurationError

SHIPPED = resources.path("seeds")


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """A copy of the seeds, which is read in their place."""
    copy = tmp_path / "seeds"
    shutil.copytree(SHIPPED, copy)
    monkeypatch.setattr(resources, "path", lambda *parts: tmp_path.joinpath(*parts))
    return copy


def change(folder: Path, name: str, line: int, **cells: str) -> None:
    """Write other cells into one line of a seed."""
    path = folder / f"{name}.csv"
    rows = list(csv.reader(path.read_text("utf-8").splitlines()))
    for column, cell in cells.items():
        rows[line - 1][rows[0].index(column)] = cell
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    path.write_text(text.getvalue(), "utf-8")


def refused(name: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        seeds.read(name)
    assert caught.value.exit_code == 78
    assert all(sentence.endswith(".") for sentence in caught.value.sentences)
    return str(caught.value)


@pytest.mark.parametrize("name", seeds.NAMES)
def test_a_shipped_seed_is_read_cell_by_cell(name):
    """As another reader of CSV, which checks nothing, reads it."""
    path = SHIPPED / f"{name}.csv"
    expected = pd.read_csv(path, dtype=str, keep_default_na=False)
    pd.testing.assert_frame_equal(seeds.read(name), expected)


@pytest.mark.parametrize(
    ("name", "column", "cell"),
    [
        ("regimens", "min_daily_dose", "abc"),
        ("regimens", "min_daily_dose", "-400"),
        ("regimens", "min_daily_dose", "0"),
        ("regimens", "min_daily_dose", ""),
        ("regimens", "min_daily_dose", "nan"),
        ("regimens", "min_daily_dose", "1e3"),
        ("regimens", "crcl_from", ""),
        ("regimens", "crcl_from", "ten"),
        ("regimens", "crcl_below", "-1"),
        ("regimens", "unit", "g"),
        ("regimens", "syndrome", "herpes"),
        ("regimens", "immune_status", "unknown"),
        ("regimens", "source", " "),
        ("baselines", "low", "5%"),
        ("baselines", "high", "1.01"),
        ("baselines", "high", "-0.05"),
        ("baselines", "high", ""),
        ("baselines", "kind", "about"),
        ("baselines", "is_approximate", "yes"),
        ("dose_units", "factor", "0"),
        ("dose_units", "factor", "1.5"),
        ("classes", "pick_rank", "first"),
        ("dosings", "dosing_rank", "-1"),
        ("lesion_statuses", "status_rank", ""),
        ("risk_groups", "urgency_rank", "1.5"),
        ("populations", "population_key", "x"),
        ("events", "ends_followup", "maybe"),
        ("drugs", "drug", ""),
        ("sources", "source", ""),
    ],
)
def test_a_cell_that_cannot_be_is_named(folder, name, column, cell):
    change(folder, name, 3, **{column: cell})
    assert f"seeds/{name}.csv, line 3: {column} is {cell!r}" in refused(name)


@pytest.mark.parametrize(
    ("name", "column", "other"),
    [
        ("regimens", "drug", "drugs"),
        ("regimens", "route", "routes"),
        ("dose_units", "route", "routes"),
        ("baselines", "population", "populations"),
        ("reasons", "classification", "classes"),
    ],
)
def test_a_cell_that_another_seed_does_not_list_is_named(folder, name, column, other):
    """A baseline of an unknown population would lose its verdict without a word."""
    change(folder, name, 2, **{column: "nobody"})
    sentence = refused(name)
    assert f"seeds/{name}.csv, line 2: {column} is 'nobody'" in sentence
    assert f"seeds/{other}.csv does not list" in sentence


@pytest.mark.parametrize("mark", [";", "\t"])
@pytest.mark.parametrize("name", seeds.NAMES)
def test_another_delimiter_is_refused(folder, name, mark):
    path = folder / f"{name}.csv"
    path.write_text(path.read_text("utf-8").replace(",", mark), "utf-8")
    assert f"seeds/{name}.csv, line 1: the columns have to be" in refused(name)


def test_a_renamed_column_is_named_with_the_one_that_is_missing(folder):
    path = folder / "drugs.csv"
    path.write_text(path.read_text("utf-8").replace("drug_class", "class", 1), "utf-8")
    assert "(drug_class missing; 'class' unknown)" in refused("drugs")


@pytest.mark.parametrize(
    ("line", "width"), [("oral,mg", 2), ("oral,mg,1,false,acvwatch criteria,x", 6)]
)
def test_another_number_of_cells_is_refused(folder, line, width):
    with (folder / "dose_units.csv").open("a") as file:
        file.write(line + "\n")
    assert f"line 7: it has {width} cells where the header has 5" in refused(
        "dose_units"
    )


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("drugs", "drug 'acyclovir'"),
        ("baselines", "baseline_id 'immunocompetent_upper'"),
        ("dose_units", "route and dose_unit 'oral', 'mg'"),
    ],
)
def test_a_key_that_is_there_twice_is_named_with_both_lines(folder, name, key):
    """A join would count every course of it twice."""
    path = folder / f"{name}.csv"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join([*lines, lines[1]]), "utf-8")
    assert f"line {len(lines) + 1}: {key} is in line 2 already." in refused(name)


def test_every_fault_of_a_seed_is_said_at_once(folder):
    change(folder, "regimens", 2, min_daily_dose="abc")
    change(folder, "regimens", 5, drug="aspirin", crcl_from="x")
    assert len(refused("regimens").splitlines()) == 3


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "line 1"),
        (b"route,is_systemic,source\n", "has no row"),
        (b"route,is_systemic,source\noral,true,\xff\n", "line 2: it is not UTF-8"),
        (b'route,is_systemic,source\noral,true,"a"b\n', "line 2: it is not CSV"),
    ],
)
def test_what_is_no_table_is_refused(folder, data, words):
    (folder / "routes.csv").write_bytes(data)
    assert words in refused("routes")


def test_a_seed_that_is_not_there_is_named(folder):
    (folder / "routes.csv").unlink()
    assert "seeds/routes.csv" in refused("routes")


def test_a_spreadsheets_mark_and_line_ends_are_no_fault(folder):
    path = folder / "routes.csv"
    text = path.read_text("utf-8").replace("\n", "\r\n")
    before = seeds.read("routes")
    path.write_bytes(b"\xef\xbb\xbf" + text.encode() + b"\r\n")
    pd.testing.assert_frame_equal(seeds.read("routes"), before)


def test_ivig_is_known_by_its_generic_names_and_no_other_globulin_is():
    """`criteria.md` section 1: intravenous and normal; hyperimmune globulins are not it."""
    synonyms = seeds.read("synonyms")
    drugs = synonyms[synonyms["field"] == "drug"].set_index("synonym")["code"]
    generic = (
        *("immune globulin", "immune globulin intravenous", "immunoglobulin g"),
        *("intravenous immunoglobulin", "immunoglobulins, normal human"),
    )
    assert {drugs[name] for name in generic} == {"ivig"}
    others = (
        *("hepatitis b immune globulin", "varicella-zoster immune globulin"),
        *("cytomegalovirus immune globulin", "rho(d) immune globulin"),
        *("rabies immune globulin", "tetanus immune globulin", "hizentra"),
        *("immune globulin subcutaneous", "anti-thymocyte globulin (rabbit)"),
        *("rxnorm:26744", "rxnorm:39385", "rxnorm:22178", "atc:j06ba01"),
    )
    assert not set(others) & set(drugs.index)
    words = ("sub", "topical", "ophthalmic", "hyper", "anti", "virus", "toxin")
    named = " ".join(drugs.index[drugs == "ivig"])
    assert not [word for word in words if word in named]
