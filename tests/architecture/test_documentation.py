"""Every command, option and parameter is in the manual."""

import re
from pathlib import Path

import click
import pytest

from pipeline import seeds, settings
from pipeline.cli import acvwatch

ROOT = Path(__file__).resolve().parents[2]
MANUAL = (ROOT / "docs" / "command-line.md").read_text("utf-8")
CONFIGURATION = (ROOT / "docs" / "configuration.md").read_text("utf-8")
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text("utf-8")


def section(name: str) -> str:
    """The manual's text on one command."""
    found = re.search(
        rf"^## acvwatch {name}\b.*?(?=^## |\Z)", MANUAL, re.MULTILINE | re.DOTALL
    )
    assert found, f"docs/command-line.md has no section on {name}"
    return found.group()


@pytest.mark.parametrize("name", sorted(acvwatch.commands))
def test_a_command_and_its_options_are_in_the_manual(name):
    text = section(name)
    everywhere = MANUAL.split("## acvwatch ")[0]
    for option in acvwatch.commands[name].params:
        if isinstance(option, click.Argument):
            assert option.make_metavar(click.Context(acvwatch)) in text
            continue
        for spelling in option.opts:
            assert f"`{spelling}" in text + everywhere, f"{name} {spelling}"


def test_the_manual_invents_no_option():
    known = {
        spelling
        for command in acvwatch.commands.values()
        for option in command.params
        for spelling in option.opts
    } | {"--help", "--version"}
    assert set(re.findall(r"--[a-z][a-z-]*", MANUAL)) <= known


def test_the_manual_invents_no_command():
    named = re.findall(r"^## acvwatch ([a-z]+)", MANUAL, re.MULTILINE)
    assert sorted(named) == sorted(acvwatch.commands)


def test_every_exit_code_is_in_the_manual():
    """The table of the specification (outputs, Exit codes)."""
    codes = (0, 10, 64, 65, 66, 69, 70, 71, 73, 74, 75, 77, 78, 130, 143)
    for code in codes:
        assert re.search(rf"^\| .*\b{code}\b.* \|", MANUAL, re.MULTILINE), code


def test_every_parameter_is_in_the_table_of_configuration():
    rows = {
        cells[0].strip("` "): [cell.strip() for cell in cells]
        for line in CONFIGURATION.splitlines()
        if line.startswith("| `")
        for cells in [line.strip("|").split("|")]
    }
    for row in seeds.read("parameters").to_dict("records"):
        name, default, unit, allowed = rows.pop(row["name"])[:4]
        assert name == f"`{row['name']}`"
        assert default == (row["default"] or "none")
        assert unit == row["unit"]
        parameter = settings.Parameter(
            row["name"], row["type"], row["minimum"], row["maximum"], row["unit"]
        )
        for bound in parameter.allowed if row["type"] in ("choice", "list") else ():
            assert bound in allowed
        if row["type"] in ("integer", "decimal"):
            assert allowed == f"{row['minimum']} to {row['maximum']}"
    assert sorted(rows) == sorted(key.name for key in settings.ENGINE_KEYS)


def test_the_glossary_has_a_word_for_each_idea():
    words = ["patient", "course", "visit", "deciding", "class", "case"]
    words += ["evaluable", "baseline", "verdict"]
    for word in words:
        assert re.search(rf"^\| \*\*{word}\b", GLOSSARY, re.MULTILINE), word


def test_the_readme_says_how_the_tests_are_run():
    assert "uv run pytest" in (ROOT / "README.md").read_text("utf-8")
