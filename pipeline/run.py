"""The walk of a run: delivery, contracts, classes, estimates, document, both reports.

Knows the order of the rooms and what passes between them; every rule is in one of them.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline import about, dossier, gather, person_level, seeds, simulate, tables
from pipeline.engines import machine
from pipeline.engines.duck import Duck
from pipeline.errors import InputMissing, InvariantBroken, UsageError
from pipeline.extracts import Reception, profiles, receive, write_quarantine
from pipeline.findings import Findings
from pipeline.report import html, pdf, stored
from pipeline.report.compose import compose
from pipeline.settings import Settings
from pipeline.statistics import rates
from pipeline.store import Published, Staging, Store, content_id, run_name, verify

REPORT_PARTS = {"report.html": html.render, "report.pdf": pdf.render}
"""The renderings of the one document value."""

_DOCUMENT = "restricted/document.json"
_TABLES = "restricted/tables"
_SIGNAL_MONTHS = 24


@dataclass(frozen=True)
class Request:
    """What a run is asked for."""

    extracts: Path
    as_of: date
    out: Path
    settings: Settings
    profile: Path | None = None
    period_start: date | None = None
    audience: str = "team"
    engine: str = "duckdb"
    dry_run: bool = False
    debug: bool = False


@dataclass(frozen=True)
class Result:
    """What a run published; ``folder`` is None after a dry run."""

    run_name: str
    folder: Path | None
    is_unchanged: bool
    rates: pd.DataFrame
    notes: tuple[str, ...]
    calls_for_action: tuple[str, ...]
    n_line_list: int


def run(request: Request, *, progress: Callable[[str], None]) -> Result:
    """The published run of a request, or the same run where it was published before.

    Raises an AcvwatchError with its exit code; then nothing is published and what was
    published before is untouched.
    """
    if request.dry_run:
        with tempfile.TemporaryDirectory() as folder:
            staging = Staging(Path(folder))
            staging.scratch.mkdir()
            return _walk(request, None, staging, progress)
    with Store(request.out) as store, store.staging() as staging:
        return _walk(request, store, staging, progress)


def validate(request: Request) -> Reception:
    """What would be accepted, set aside and quarantined, and why; nothing is written."""
    with (
        tempfile.TemporaryDirectory() as folder,
        _received(request, Path(folder), (), lambda step: None) as (_, reception),
    ):
        return reception


def render_again(folder: Path) -> Path:
    """The folder of a stored run whose reports were rendered again, to the same bytes.

    Raises InvariantBroken where the bytes differ: another version made them.
    """
    manifest = verify(folder).manifest
    document = stored.from_json((folder / _DOCUMENT).read_bytes())
    for name, render in REPORT_PARTS.items():
        if render(document) != (folder / "restricted" / name).read_bytes():
            raise InvariantBroken(
                f"{name} of this run is not what this version renders.",
                f"It was made by version {manifest['versions'][about.DISTRIBUTION]}.",
            )
    return folder


def explain(folder: Path, patient_id: str, start: date | None) -> str:
    """The dossiers of a patient's courses in a stored run, as text.

    Raises UsageError where the run holds no such course.
    """
    published = verify(folder)
    with _engine(Path(folder), (), None) as engine:
        asked = {"patient_id": patient_id, "start": start}
        courses = engine.frame(dossier.COURSES, asked | _paths(folder))
        evidence = engine.frame(dossier.EVIDENCE, asked | _paths(folder))
    if courses.empty:
        raise UsageError(
            "This run holds no such course.",
            "Check --patient and --start against the line list or courses.parquet.",
        )
    return dossier.describe(courses, evidence, published.manifest)


def demo(
    out: Path, settings: Settings, *, progress: Callable[[str], None]
) -> tuple[Result, Path]:
    """The run of a simulated network, and the folder that its extracts lie in."""
    folder = out / "demo_extracts"
    scenario = simulate.Scenario()
    progress("simulate")
    simulate_network(folder, scenario, "parquet")
    request = Request(folder, scenario.as_of, out, settings)
    return run(request, progress=progress), folder


def simulate_network(folder: Path, scenario: simulate.Scenario, format: str) -> None:
    """Write the extracts of a simulated network, and its truth, into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as scratch,
        Duck(Path(scratch) / "work.duckdb", folders=[folder.resolve()]) as engine,
    ):
        simulate.make(engine, scenario)
        simulate.write(engine, folder.resolve(), format)


def _walk(
    request: Request,
    store: Store | None,
    staging: Staging,
    progress: Callable[[str], None],
) -> Result:
    previous = store.previous(request.as_of) if store else None
    folders = (staging.folder, *([previous.folder] if previous else []))
    with _received(request, staging.scratch, folders, progress) as (engine, reception):
        identity = _identity(request, reception, previous)
        name = run_name(request.as_of, content_id(identity))
        published = store.published(name) if store else None
        if published:
            return _unchanged(published, tuple(store.notes))
        parameters = person_level.sql_parameters(
            request.as_of, request.settings.values
        )
        counted = person_level.windows(
            request.as_of,
            months=request.settings["window_months"],
            period_start=request.period_start,
            months_shown=_SIGNAL_MONTHS,
        )
        person_level.classify(
            engine,
            parameters,
            counted,
            previous.folder / _TABLES / "courses.parquet" if previous else None,
            progress=progress,
        )
        progress("estimates")
        findings = gather.gather(
            engine,
            reception,
            as_of=request.as_of,
            parameters=parameters,
            counted=counted,
            about=_about(request, name, previous),
        )
        result = _result(name, findings, tuple(store.notes) if store else ())
        if store is None:
            return result
        progress("tables")
        _write_tables(engine, reception, findings, staging)
    progress("reports")
    _write_reports(findings, request.audience, staging)
    progress("publish")
    manifest = _manifest(request, identity, findings, previous)
    folder = store.publish(staging, name, manifest).folder
    return _result(name, findings, result.notes, folder)


@contextmanager
def _received(
    request: Request,
    scratch: Path,
    folders: tuple[Path, ...],
    progress: Callable[[str], None],
) -> Iterator[tuple[Duck, Reception]]:
    extracts = request.extracts
    if not extracts.is_dir():
        raise InputMissing(
            f"There is no folder {extracts}.", "Name the folder that holds the extracts."
        )
    profile = profiles.load(request.profile) if request.profile else None
    progress("extracts")
    with _engine(scratch, (extracts, *folders), request) as engine:
        yield (
            engine,
            receive(
                engine,
                extracts.resolve(),
                as_of=request.as_of,
                parameters=request.settings.values,
                synonyms=seeds.read("synonyms"),
                drugs=seeds.read("drugs"),
                profile=profile,
                scratch=scratch.resolve(),
            ),
        )


def _engine(scratch: Path, folders: tuple[Path, ...], request: Request | None) -> Duck:
    settings = request.settings if request else None
    return Duck(
        scratch.resolve() / "work.duckdb",
        folders=[folder.resolve() for folder in (scratch, *folders)],
        memory_limit=(settings.memory_limit if settings else None)
        or machine.memory_limit(),
        threads=settings.threads if settings else None,
        debug=bool(request and request.debug),
    )


def _identity(
    request: Request, reception: Reception, previous: Published | None
) -> dict[str, Any]:
    """Everything that decides the bytes of a run; the engine is not among it."""
    return {
        "as_of": request.as_of,
        "period_start": request.period_start,
        "audience": request.audience,
        "inputs": sorted((file.label, file.sha256) for file in reception.inputs),
        "profile": request.profile.read_text("utf-8") if request.profile else None,
        "configuration": dict(request.settings.values),
        "rules": about.rules_digest(),
        "versions": about.versions(),
        "previous": previous.name if previous else None,
    }


def _about(request: Request, name: str, previous: Published | None) -> dict[str, Any]:
    return {
        "run": name,
        "version": about.version(),
        "engine": request.engine,
        "previous_run": previous.name if previous else None,
        "versions": about.versions(),
        "parameter_table": _parameter_table(request.settings),
    }


def _parameter_table(settings: Settings) -> pd.DataFrame:
    table = seeds.read("parameters")
    table["value"] = [_as_text(settings[name]) for name in table["name"]]
    table["is_changed"] = table["name"].isin(settings.changed)
    return table


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def _result(
    name: str, findings: Findings, notes: tuple[str, ...], folder: Path | None = None
) -> Result:
    return Result(
        name,
        folder,
        is_unchanged=False,
        rates=findings.rates,
        notes=notes + tuple(findings.notes),
        calls_for_action=tuple(rates.calls_for_action(findings.rates)),
        n_line_list=len(findings.line_list),
    )


def _unchanged(published: Published, notes: tuple[str, ...]) -> Result:
    with _engine_beside(published.folder) as engine:
        found = engine.frame(
            "select * from read_parquet($path)",
            {"path": str(published.folder / _TABLES / "rates.parquet")},
        )
    summary = published.manifest["summary"]
    return Result(
        published.name,
        published.folder,
        is_unchanged=True,
        rates=found.assign(flags=found["flags"].str.split()),
        notes=notes,
        calls_for_action=tuple(summary["calls_for_action"]),
        n_line_list=summary["n_line_list"],
    )


@contextmanager
def _engine_beside(folder: Path) -> Iterator[Duck]:
    with (
        tempfile.TemporaryDirectory() as scratch,
        Duck(Path(scratch) / "work.duckdb", folders=[folder.resolve()]) as engine,
    ):
        yield engine


def _write_tables(
    engine: Duck, reception: Reception, findings: Findings, staging: Staging
) -> None:
    for name, select in (("courses", tables.COURSES), ("evidence", tables.EVIDENCE)):
        with staging.file(f"{_TABLES}/{name}.parquet") as path:
            engine.write_parquet(select, path)
    for name in ("rates", "flow", "quality"):
        engine.load("published_table", getattr(tables, name)(findings))
        with staging.file(f"{_TABLES}/{name}.parquet") as path:
            engine.write_parquet("select * from published_table order by all", path)
    with staging.file("restricted/line_list.csv") as path:
        tables.write_line_list(findings, path)
    write_quarantine(engine, reception, staging.folder / "restricted" / "quarantine")


def _write_reports(findings: Findings, audience: str, staging: Staging) -> None:
    document = compose(findings, audience)
    staging.write(_DOCUMENT, stored.to_json(document))
    for name, render in REPORT_PARTS.items():
        staging.write(f"restricted/{name}", render(document))


def _manifest(
    request: Request,
    identity: dict[str, Any],
    findings: Findings,
    previous: Published | None,
) -> dict[str, Any]:
    flow = tables.flow(findings)
    return {
        **identity,
        "content_id": content_id(identity),
        "engine": request.engine,
        "inputs": findings.inputs.to_dict("records"),
        "sums": flow.to_dict("records"),
        "summary": {
            "calls_for_action": list(rates.calls_for_action(findings.rates)),
            "n_line_list": len(findings.line_list),
            "cases": int(tables.headline(findings)["k"].sum()),
            "verdicts": tables.verdicts(findings),
        },
        "previous": previous.name if previous else None,
    }
