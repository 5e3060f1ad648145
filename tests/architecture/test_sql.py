"""Every SQL file: its header, its name, and no number, clock or chance in it."""

import re
from pathlib import Path

import pytest

from pipeline import models

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "sql").rglob("*.sql"))
RULES = [path for path in FILES if path.parent.name != "simulation"]

HEADER = re.compile(r"-- \S.*\n-- grain: \S.*\n-- units: \S.*\n-- source: \S.*\n(?!--)")
NUMBER = re.compile(r"(?<![\w$.])\d+(?:\.\d+)?")
TYPE = re.compile(r"decimal\(\d+, \d+\)")
STRUCTURAL = {"0", "1"}
"""Nothing, and one more: a first row, the day after, more than one."""

CLOCK_OR_CHANCE = re.compile(
    r"\b(current_date|current_timestamp|now\(|today\(|random\(|uuid\(|setseed\()"
)
MOST_WORDS = 3
"""More codes in a row than this are a list, and lists are seeds."""


def label(path: Path) -> str:
    return path.relative_to(ROOT / "sql").as_posix()


def statement(path: Path) -> str:
    """The file without its comments."""
    return re.sub(r"--[^\n]*", "", path.read_text("utf-8"))


@pytest.mark.parametrize("path", FILES, ids=label)
def test_a_file_says_what_it_is_in_four_lines(path):
    assert HEADER.match(path.read_text("utf-8"))


@pytest.mark.parametrize("path", FILES, ids=label)
def test_a_file_is_one_bare_select_named_for_its_table(path):
    text = statement(path).strip()
    assert re.match(r"(select|with|from)\b", text)
    assert ";" not in text
    assert "{" not in re.sub(r"'[^']*'", "", text), "no template"
    assert re.fullmatch(r"[a-z][a-z0-9_]*", path.stem)


@pytest.mark.parametrize("path", RULES, ids=label)
def test_a_number_is_a_parameter(path):
    text = TYPE.sub("", re.sub(r"'[^']*'", "", statement(path)))
    assert set(NUMBER.findall(text)) <= STRUCTURAL


@pytest.mark.parametrize("path", RULES, ids=label)
def test_a_code_list_is_a_seed(path):
    for words in re.findall(r"\bin\s*\(((?:\s*'[^']*'\s*,?)+)\)", statement(path)):
        assert words.count("'") // 2 <= MOST_WORDS, words


@pytest.mark.parametrize("path", FILES, ids=label)
def test_nothing_depends_on_the_clock_or_on_chance(path):
    assert not CLOCK_OR_CHANCE.search(statement(path))


def test_every_model_is_read_once_and_in_an_order_that_exists():
    written = {label(path).removesuffix(".sql") for path in RULES}
    checks = {name for name in written if name.startswith("checks/")}
    assert len(set(models.READING_ORDER)) == len(models.READING_ORDER)
    read = {*models.READING_ORDER, *models.DOSSIER, *models.CHANGES}
    read |= {models.DIFFERENT, models.VARIED, models.PARTS}
    assert read == written - checks
    chapters = [*(name for name, _ in models.chapters(models.READING_ORDER)), "changes"]
    found = [check for name in chapters for check in models.read_checks(name)]
    assert {check.name for check in found} == checks


def test_table_names_are_unique():
    stems = [path.stem for path in RULES]
    assert len(stems) == len(set(stems))
