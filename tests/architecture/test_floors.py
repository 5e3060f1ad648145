"""A module imports only from lower floors; what may leave a room, and what may enter."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PIPELINE = Path(__file__).resolve().parents[2] / "pipeline"

FLOORS = (
    ("errors",),
    ("periods", "resources", "durable", "terminal", "findings"),
    ("settings", "contracts", "models", "manifest", "boundary", "options"),
    ("seeds", "extracts", "simulate", "engines", "about", "requests"),
    ("parts",),
    (
        "statistics",
        "disclosure",
        "person_level",
        "code_words",
        "handover",
        "pseudonyms",
        "dossier",
        "lists",
        "tables",
    ),
    ("monitoring",),
    (
        "gather",
        "changes",
        "variations",
        "replay",
        "report.document",
        "report.palette",
    ),
    ("report.charts", "report.drawing", "report.reading", "report.stored"),
    ("report.compose", "report.columns"),
    ("report.packing", "report.page_style", "report.paper"),
    ("report.html", "report.pdf"),
    ("store", "outputs"),
    ("run", "review", "doctor"),
    ("demonstration", "results", "scenarios"),
    ("cli",),
    ("__main__",),
)
"""The rooms from the lowest floor up; those of one floor do not know one another."""

FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
ONLY_IN = {
    "duckdb": ("pipeline.engines.duck",),
    "pyspark": ("pipeline.engines.spark", "pipeline.engines.spark_session"),
    "py4j": ("pipeline.engines.spark",),
    "grpc": ("pipeline.engines.spark_session",),
    "sqlglot": ("pipeline.engines.spark",),
    "click": ("pipeline.cli", "pipeline.options", "pipeline.boundary"),
    "filelock": ("pipeline.store",),
}
"""Libraries that these modules alone may import."""

MODULES = sorted(PIPELINE.rglob("*.py"))


def name_of(path: Path) -> str:
    parts = path.relative_to(PIPELINE.parent).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def room_of(module: str) -> str | None:
    """The room of a dotted name below ``pipeline``, if it has one."""
    parts = module.split(".")[1:]
    for length in (2, 1):
        if ".".join(parts[:length]) in FLOOR_OF:
            return ".".join(parts[:length])
    return None


@cache
def imports_of(path: Path) -> tuple[str, ...]:
    """Every imported name, those inside functions too; a module or what is in it."""
    return tuple(_imports(path))


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} imports relatively"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_has_a_room(path):
    name = name_of(path)
    is_package = path.name == "__init__.py" and name in ("pipeline", "pipeline.report")
    assert is_package or room_of(name), f"{name} is on no floor: see FLOORS"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_imports_only_from_lower_floors(path):
    room = room_of(name_of(path))
    for imported in imports_of(path):
        other = room_of(imported) if imported.startswith("pipeline.") else None
        if room is None or other in (None, room):
            continue
        assert FLOOR_OF[other] < FLOOR_OF[room], f"{room} imports {other}"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_library_enters_by_its_own_door(path):
    for imported in imports_of(path):
        allowed = ONLY_IN.get(imported.split(".")[0])
        if allowed:
            assert name_of(path) in allowed, f"{name_of(path)} imports {imported}"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_modules_of_a_room_do_not_import_in_circles(path):
    known = {name_of(module): module for module in MODULES}

    def reached(start: Path, seen: set[str]) -> set[str]:
        for imported in imports_of(start):
            is_module = imported in known
            name = imported if is_module else imported.rpartition(".")[0]
            if name in known and name not in seen:
                seen.add(name)
                reached(known[name], seen)
        return seen

    assert name_of(path) not in reached(path, set())


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_only_the_command_line_prints(path):
    if name_of(path) in ("pipeline.cli", "pipeline.terminal", "pipeline.boundary"):
        return
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            assert called not in ("print", "click.echo", "sys.stdout.write"), called
