"""The walk: delivery, contracts, courses, classes, estimates, document, both reports.

Knows the order of the rooms and what passes between them; every rule is in one of them.
"""

import importlib
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline import (
    about,
    changes,
    code_words,
    handover,
    periods,
    person_level,
    pseudonyms,
    seeds,
    variations,
)
from pipeline.contracts.sql_text import parquet
from pipeline.engines import machine
from pipeline.engines.duck import Duck
from pipeline.errors import InputMissing
from pipeline.extracts.accepted_rows import last_dates
from pipeline.extracts.description import FileDescription, describe
from pipeline.extracts.profiles import read_profile
from pipeline.extracts.reception import (
    Reception,
    check_sums,
    first_lines,
    forget_set_aside,
    look_over,
    receive,
)
from pipeline.findings import Findings
from pipeline.parts import parts_of
from pipeline.requests import Request, Result
from pipeline.settings import read_key
from pipeline.store import (
    Published,
    Staging,
    Store,
    content_id,
    run_name,
)
from pipeline.tables import COURSES, LISTED, RATES

__all__ = ["Request", "Result", "run", "validate"]

LATER_ROOMS = (
    "pipeline.gather",
    "pipeline.outputs",
    "matplotlib.backends.backend_svg",
    "typst",
    "pikepdf",
)
"""What the walk enters last and takes as long to import as a small run takes in all.

A thread imports it while rows are read, and the walk imports each where it enters it.
"""

Progress = Callable[[str], None]
Commit = Callable[[], None]


@dataclass(frozen=True)
class Validation:
    """What became of a delivery's rows, how each file was read, where rules are broken.

    ``first_lines`` has extract, file, rule, n, first_lines.
    """

    reception: Reception
    files: tuple[FileDescription, ...]
    first_lines: pd.DataFrame


def nothing() -> None:
    """What is done before the last steps where nobody can stop them."""


def run(request: Request, *, progress: Progress, commit: Commit = nothing) -> Result:
    """The published run of a request, or the same run where it was published before.

    ``progress`` is told each step; ``commit`` is called once, right before the run gets
    its place or becomes current again. Either may raise to stop the run. Raises an
    AcvwatchError with its exit code; then nothing is published and what was published
    before is untouched, but where it says that only ``current`` could not be replaced.
    """
    handover.require(request.engine, request.settings)
    if request.dry_run:
        with tempfile.TemporaryDirectory() as folder:
            staging = Staging(Path(folder))
            staging.scratch.mkdir()
            return _walk(request, None, staging, progress)
    import_ahead()
    with Store(request.out, commit) as store, store.staging() as staging:
        return _walk(request, store, staging, progress)


def import_ahead() -> None:
    """Start to import `LATER_ROOMS` beside whatever goes on."""

    def work() -> None:
        for name in LATER_ROOMS:
            importlib.import_module(name)

    threading.Thread(target=work, daemon=True).start()


def validate(request: Request) -> Validation:
    """What would be accepted, set aside and quarantined, and why; nothing is written.

    A delivery that a run would refuse for its share in quarantine is told of all the same:
    its reception holds the refusals.
    """
    with (
        tempfile.TemporaryDirectory() as folder,
        _engine(request, Path(folder), ()) as engine,
    ):
        asked = _asked(request, Path(folder))
        files = describe(engine, request.extracts.resolve(), **asked)
        reception = look_over(engine, request.extracts.resolve(), **asked)
        check_sums(engine, reception)
        return Validation(reception, files, first_lines(engine, reception))


def _walk(
    request: Request, store: Store | None, staging: Staging, progress: Progress
) -> Result:
    previous = store.previous(request.as_of) if store else None
    key = _key(request)
    pseudonyms.require_same_key(previous, key)
    progress("extracts")
    with (
        handover.shared_folder(request.settings, staging.scratch) as shared,
        _received(
            request, staging.scratch, (shared, *_folders(staging, previous))
        ) as received,
    ):
        engine, reception = received
        identity = _identity(request, reception, previous, key)
        name = run_name(request.as_of, content_id(identity))
        if store and (published := store.published(name)):
            return _unchanged(published, store)
        from pipeline import outputs

        if key:
            pseudonyms.replace_ids(engine, reception.accepted, key)
        if store:
            outputs.write_quarantined(engine, reception, staging)
            outputs.write_accepted(engine, reception, staging)
        forget_set_aside(engine, reception)
        parameters = person_level.sql_parameters(request.as_of, request.settings.values)
        findings = _find(
            *(request, engine, reception, parameters, name, previous),
            staging.folder,
            shared,
            outputs.tables_written(engine, staging) if store else nullcontext(),
            progress,
        )
        if store is None:
            return _result(name, None, findings, ())
        progress("reports")
        outputs.write(engine, findings, request.audience, staging)
    progress("publish")
    manifest = _manifest(request, identity, findings)
    store.note_others(request.as_of, name)
    folder = store.publish(staging, name, manifest).folder
    return _result(name, folder, findings, tuple(store.notes), store.current())


def _find(
    request: Request,
    engine: Duck,
    reception: Reception,
    parameters: dict[str, Any],
    name: str,
    previous: Published | None,
    folder: Path,
    shared: Path,
    beside: AbstractContextManager[None],
    progress: Progress,
) -> Findings:
    counted = _windows(request, request.settings.values)
    ends = last_dates(engine, reception.contracts)
    redefined = changes.redefinition(
        previous, request.settings.values, about.rules_digest(), about.versions()
    )
    former = changes.former_values(redefined, request.settings.values)
    varied = _classify(
        request, engine, parameters, counted, previous, former, shared, progress
    )
    progress("changes")
    comparison = changes.compare(
        engine,
        previous,
        redefined,
        parameters,
        counted[0].start,
        ends,
        contracts=reception.contracts,
        folder=folder,
        is_recounted=former is not None,
    )
    progress("estimates")
    from pipeline import gather

    with beside:
        return gather.gather(
            engine,
            reception,
            as_of=request.as_of,
            parameters=parameters,
            counted=counted,
            comparison=comparison,
            varied=varied,
            about={
                "run": name,
                "version": about.version(),
                "engine": request.engine,
                "last_dates": ends,
                "previous_run": previous.name if previous else None,
                "versions": about.versions(),
                "parameter_table": about.parameter_table(
                    seeds.read("parameters"), request.settings
                ),
            },
        )


def _classify(
    request: Request,
    engine: Duck,
    parameters: dict[str, Any],
    counted: Sequence[person_level.Window],
    previous: Published | None,
    former: dict[str, Any] | None,
    shared: Path,
    progress: Progress,
) -> pd.DataFrame | None:
    """Walk under the run's rules, after any others; what was counted under variations.

    The last walk leaves its tables in ``engine``, whichever engine walked.
    """
    values = request.settings.values
    [(size,)] = engine.rows("select count(*) from accepted_prescriptions")
    varied = None
    with handover.walking(
        request.engine, engine, shared, request.settings, debug=request.debug
    ) as walker:
        progress("parts")
        person_level.prepare(walker)
        parts = parts_of(walker, shared)
        if size <= values["vary_up_to_prescriptions"]:
            progress("variations")
            varied = variations.count(walker, parts, request.as_of, values, counted)
        if former:
            progress("former rules")
            person_level.walk(
                walker,
                person_level.sql_parameters(request.as_of, former),
                _windows(request, former),
                parts=parts,
                only_for=changes.PICKS,
            )
            walker.create(changes.UNREDEFINED, f"select * from {changes.PICKS}")
        person_level.walk(walker, parameters, counted, parts=parts, progress=progress)
    person_level.load_previous_list(
        engine, previous and (previous.folder / LISTED, previous.folder / COURSES)
    )
    person_level.sum_up(engine, parameters, counted, progress=progress)
    return varied


def _windows(request: Request, values: Mapping[str, Any]) -> list[person_level.Window]:
    return person_level.windows(
        request.as_of,
        months=values["window_months"],
        period_start=request.period_start,
        months_shown=periods.months_since_january(
            request.as_of, values["chart_months"]
        ),
    )


@contextmanager
def _received(
    request: Request, scratch: Path, folders: tuple[Path, ...]
) -> Iterator[tuple[Duck, Reception]]:
    with _engine(request, scratch, folders) as engine:
        asked = _asked(request, scratch)
        reception = receive(engine, request.extracts.resolve(), **asked)
        check_sums(engine, reception)
        yield engine, reception


def _engine(request: Request, scratch: Path, folders: tuple[Path, ...]) -> Duck:
    extracts = request.extracts
    if not extracts.is_dir():
        raise InputMissing(
            f"There is no folder {extracts}.",
            "Name the folder that holds the extracts.",
        )
    engine = Duck(
        scratch.resolve() / "work.duckdb",
        folders=[folder.resolve() for folder in (scratch, extracts, *folders)],
        memory_limit=request.settings.memory_limit or machine.memory_limit(),
        threads=request.settings.threads,
        debug=request.debug,
    )
    engine.store_as_numbers(code_words.COLUMNS, code_words.words())
    return engine


def _asked(request: Request, scratch: Path) -> dict[str, Any]:
    """What the reading of a delivery is given, beside engine and folder."""
    return {
        "as_of": request.as_of,
        "parameters": request.settings.values,
        "synonyms": seeds.read("synonyms"),
        "drugs": seeds.read("drugs"),
        "profile": read_profile(request.profile) if request.profile else None,
        "scratch": scratch.resolve(),
    }


def _folders(staging: Staging, previous: Published | None) -> tuple[Path, ...]:
    return (staging.folder, previous.folder) if previous else (staging.folder,)


def _key(request: Request) -> bytes | None:
    path = request.settings.pseudonym_key_file
    return read_key(path) if path else None


def _identity(
    request: Request,
    reception: Reception,
    previous: Published | None,
    key: bytes | None,
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
        pseudonyms.IN_MANIFEST: pseudonyms.fingerprint(key),
    }


def _manifest(
    request: Request, identity: dict[str, Any], findings: Findings
) -> dict[str, Any]:
    from pipeline.outputs import summary

    return {
        **identity,
        "content_id": content_id(identity),
        "engine": request.engine,
        "inputs": findings.inputs.to_dict("records"),
        "last_dates": dict(findings.last_dates),
        "row_sums": findings.extract_flow.to_dict("records"),
        "course_sums": findings.course_flow.to_dict("records"),
        "summary": summary(findings),
    }


def _result(
    name: str,
    folder: Path | None,
    findings: Findings,
    notes: tuple[str, ...],
    current: str | None = None,
) -> Result:
    return Result(
        name,
        folder,
        is_unchanged=False,
        rates=findings.rates,
        notes=notes + tuple(findings.notes) + _of_older_delivery(findings),
        calls_for_action=tuple(findings.calls_for_action),
        n_line_list=len(findings.line_list),
        current=current,
    )


def _of_older_delivery(findings: Findings) -> tuple[str, ...]:
    return tuple(
        f"{extract} ends on {now}, in the previous run on {before}: it may be an old "
        "delivery."
        for extract, before, now in findings.comparison.older_extracts
    )


def _unchanged(published: Published, store: Store) -> Result:
    path = published.folder / RATES
    with tempfile.TemporaryDirectory() as scratch:
        database = Path(scratch) / "work.duckdb"
        with Duck(database, folders=[published.folder.resolve()]) as engine:
            found = engine.frame(f"select * from {parquet(path.resolve())}")
    summary = published.manifest["summary"]
    is_current_again = store.renew(published.name)
    return Result(
        published.name,
        published.folder,
        is_unchanged=True,
        rates=found.assign(flags=found["flags"].str.split()),
        notes=(*store.notes, *summary["notes"]),
        calls_for_action=tuple(summary["calls_for_action"]),
        n_line_list=summary["n_line_list"],
        current=store.current(),
        is_current_again=is_current_again,
    )
