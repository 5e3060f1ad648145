"""A path reaches a reader of the engine as the path of that file, never as a pattern."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PIPELINE = Path(__file__).resolve().parents[2] / "pipeline"
READER = re.compile(r"\b(read_csv|read_parquet|parquet_[a-z_]+)\s*\(")

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def readers(path: Path) -> Iterator[ast.FunctionDef]:
    """The functions of a module whose SQL calls a reader."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, FUNCTIONS):
            said = ast.get_docstring(node, clean=False)
            texts = (
                each.value
                for each in ast.walk(node)
                if isinstance(each, ast.Constant) and isinstance(each.value, str)
            )
            if any(READER.search(text) for text in texts if text != said):
                yield node


MODULES = [path for path in sorted(PIPELINE.rglob("*.py")) if any(readers(path))]


def test_the_modules_that_read_files_are_found():
    assert {"sql_text.py", "sources.py"} <= {path.name for path in MODULES}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_a_reader_is_given_a_path_as_it_has_to_be_named(path):
    for function in readers(path):
        assert "as_named(" in ast.unparse(function), function.name


@pytest.mark.parametrize("path", sorted(PIPELINE.rglob("*.py")), ids=lambda p: p.name)
def test_a_text_of_sql_is_no_bare_path(path):
    """What `copy` writes is no pattern: the engine's own module may say it so."""
    if path.name != "duck.py":
        assert "literal(str(" not in path.read_text("utf-8")
