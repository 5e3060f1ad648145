"""Stored runs looked at again: their reports rendered, their courses explained."""

import tempfile
from datetime import date
from pathlib import Path

from pipeline import about, dossier, outputs, replay
from pipeline.engines.duck import Duck
from pipeline.errors import InvariantBroken, UsageError
from pipeline.manifest import verify
from pipeline.report import stored


def render_again(folder: Path) -> None:
    """Render the reports of a stored run again; they must be the very same bytes.

    Raises InvariantBroken where they are not: another version made them.
    """
    published = verify(folder)
    document = stored.from_json((folder / outputs.DOCUMENT).read_bytes())
    for path, data in outputs.render(document).items():
        if data != (folder / path).read_bytes():
            made_by = published.manifest["versions"][about.DISTRIBUTION]
            raise InvariantBroken(
                f"{Path(path).name} of this run is not what this version renders.",
                f"Version {made_by} made it; its report stays as it was published.",
            )


def explain(folder: Path, patient_id: str, start: date | None) -> str:
    """The dossiers of a patient's courses in a stored run, as text.

    Raises UsageError where the run holds no such course.
    """
    published = verify(folder)
    with tempfile.TemporaryDirectory() as scratch:
        database = Path(scratch).resolve() / "work.duckdb"
        with Duck(database, folders=[database.parent, folder.resolve()]) as engine:
            found = replay.walk_again(
                engine, folder.resolve(), published.manifest, patient_id
            )
    courses = dossier.cases(found, start, published.manifest)
    if not courses:
        raise UsageError(
            "This run holds no such course.",
            "Check --patient and --start against the line list or courses.parquet.",
        )
    return dossier.describe(courses, published.manifest)
