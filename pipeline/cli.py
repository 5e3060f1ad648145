"""The command line: parses, calls, prints; the only place that prints.

What takes long to import is imported by the command that needs it, so that help is there
at once.
"""

import os
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline import options
from pipeline.boundary import Session, guarded
from pipeline.durable import require_readable
from pipeline.errors import ConfigurationError, InputMissing, UsageError
from pipeline.periods import parse_as_of, parse_date

if TYPE_CHECKING:
    from pipeline.requests import Request
    from pipeline.settings import Settings

CALLS_FOR_ACTION = 10
"""The exit code of a published run that calls for action (outputs)."""

_CONFIGURATION = Path("acvwatch.toml")


def main() -> None:
    """Run the command line of this process and exit with its code."""
    sys.exit(run_command(sys.argv[1:], is_last=True))


def run_command(arguments: list[str], *, is_last: bool = False) -> int:
    """The exit code of one command, which may be the last of its process."""
    return guarded(
        lambda session: acvwatch.main(
            arguments, prog_name="acvwatch", standalone_mode=False, obj=session
        ),
        is_last=is_last,
    )


@click.group(
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="acvwatch", message="acvwatch %(version)s")
@click.pass_context
def acvwatch(context: click.Context) -> None:
    """Population surveillance of herpes that no longer responds to acyclovir."""
    if context.invoked_subcommand is None:
        _say(context.get_help())


@acvwatch.command()
@click.argument("extracts", type=options.PATH)
@options.of(
    options.AS_OF,
    options.OUT,
    *options.CONFIGURATION,
    *options.DELIVERY,
    *options.RUN,
    options.JSON,
)
def run(
    session: Session, /, signal_exit_code: bool, as_json: bool, **asked: Any
) -> int | None:
    """Read a delivery and publish its report.

    EXTRACTS is the folder that holds the delivery. Without --period-start the windows are
    the 12 months that end on the as-of date, and the last complete year.
    """
    request = _request(session, **asked)
    from pipeline import results
    from pipeline import run as walk

    found = walk.run(request, progress=session.step, commit=session.commit)
    session.log.finish()
    for note in found.notes:
        session.log.note(note)
    _say(results.run_as_json(found) if as_json else results.run_as_text(found))
    is_signal = signal_exit_code and found.folder and found.calls_for_action
    return CALLS_FOR_ACTION if is_signal else None


@acvwatch.command()
@options.of(options.OUT, *options.CONFIGURATION, options.JSON)
def demo(
    session: Session, /, out: Path, config: Path | None, changes: tuple, as_json: bool
) -> None:
    """Simulate a network, run it, and print where the reports are."""
    settings = _settings(config, changes)
    from pipeline import demonstration, results

    found, extracts = demonstration.demo(
        out, settings, progress=session.step, commit=session.commit
    )
    session.log.finish()
    session.log.note(f"The simulated delivery is in {extracts}.")
    session.log.note(demonstration.ALIKE)
    _say(results.run_as_json(found) if as_json else results.run_as_text(found))


@acvwatch.command()
@click.argument("extracts", type=options.PATH)
@options.of(
    click.option(
        "--as-of",
        default="today",
        show_default=True,
        metavar="DATE",
        help="The day after which rows are deferred.",
    ),
    *options.CONFIGURATION,
    *options.DELIVERY,
    options.JSON,
)
def validate(session: Session, /, as_json: bool, **asked: Any) -> None:
    """Check a delivery against the contracts; write nothing.

    Prints what would be accepted, set aside and quarantined, and why; where too much would
    be quarantined for a run, it ends as the run would.
    """
    request = _request(session, **asked)
    from pipeline import results
    from pipeline import run as walk
    from pipeline.extracts.intake import raise_together

    found = walk.validate(request)
    _say(
        results.validation_as_json(found)
        if as_json
        else results.validation_as_text(found)
    )
    raise_together(found.reception.refusals)


@acvwatch.command()
@click.argument("folder", type=options.PATH)
@options.of(
    *options.SCENARIO,
)
def simulate(session: Session, /, folder: Path, file_format: str, **asked: Any) -> None:
    """Write the extracts of a simulated network.

    They go into FOLDER, with the truth beside them. What is not given is as in the demo.
    """
    from pipeline import demonstration, scenarios

    scenario = scenarios.parse(asked)
    session.step("simulate")
    demonstration.simulate_network(folder, scenario, file_format)
    session.log.finish()
    _say(f"{folder}")


@acvwatch.command()
@click.argument("run", metavar="RUN", type=options.PATH)
@options.of()
def report(session: Session, /, run: Path) -> None:
    """Render the reports of a stored run again, to the same bytes.

    RUN is its folder, such as surveillance/current.
    """
    folder = _stored(run)
    from pipeline import review

    session.step("reports")
    review.render_again(folder)
    session.log.finish()
    for path in sorted((folder / "restricted").glob("report.*")):
        _say(f"{path}")


@acvwatch.command()
@options.of(options.OUT, options.JSON)
def runs(session: Session, /, out: Path, as_json: bool) -> None:
    """List the runs: as-of date, engine, cases, verdicts, state."""
    from pipeline import results, store

    entries = store.history(out)
    _say(
        results.history_as_json(entries)
        if as_json
        else results.history_as_text(entries)
    )


@acvwatch.command()
@click.argument("run", metavar="RUN", type=options.PATH)
@options.of(
    click.option("--patient", required=True, metavar="ID", help="As in the line list."),
    click.option("--start", metavar="DATE", help="The course that starts on this day."),
)
def explain(session: Session, /, run: Path, patient: str, start: str | None) -> None:
    """Show a patient's courses rule by rule.

    Prints the inputs, the result, the rows and the citation of each. RUN is the folder of
    a stored run, such as surveillance/current.
    """
    first_day = _date(start, "--start")
    folder = _stored(run)
    from pipeline import review

    _say(review.explain(folder, patient, first_day))


@acvwatch.command()
@options.of(options.JSON)
def criteria(session: Session, /, as_json: bool) -> None:
    """Print every rule and parameter with its citation."""
    from pipeline import results

    _say(results.criteria_as_json() if as_json else results.criteria_as_text())


@acvwatch.command()
@options.of(options.OUT, *options.CONFIGURATION, options.JSON)
def doctor(
    session: Session, /, out: Path, config: Path | None, changes: tuple, as_json: bool
) -> int:
    """Examine whether a run could be made here; change nothing.

    Looks at versions, fonts, configuration, write access, lock and disk. Exits with the
    code that a run would end with.
    """
    from pipeline import doctor as examination
    from pipeline import results

    checks = examination.examine(out, lambda: _settings(config, changes))
    _say(results.checks_as_json(checks) if as_json else results.checks_as_text(checks))
    return examination.exit_code(checks)


def _request(
    session: Session,
    *,
    extracts: Path,
    as_of: str,
    config: Path | None,
    changes: tuple[str, ...],
    profile: Path | None,
    layout: str,
    allow_future: bool,
    out: Path | None = None,
    period_start: str | None = None,
    engine: str = "duckdb",
    spark_master: str | None = None,
    spark_remote: str | None = None,
    spark_folder: str | None = None,
    audience: str = "team",
    dry_run: bool = False,
) -> "Request":
    day = parse_as_of(as_of, date.today(), allow_future)
    first_day = _date(period_start, "--period-start")
    require_readable(extracts, "The folder")
    if profile:
        require_readable(profile, "The profile")
    _refuse_what_is_not_here_yet(layout, audience)
    if first_day and first_day > day:
        raise UsageError("--period-start is later than --as-of; give an earlier day.")
    if out and out.resolve().is_relative_to(extracts.resolve()):
        raise ConfigurationError(
            f"--out is {out}, which lies in the delivery {extracts}.",
            "Name a folder elsewhere: a run never writes where it reads.",
        )
    where = {
        "spark_master": spark_master,
        "spark_remote": spark_remote,
        "spark_folder": spark_folder,
    }
    given = {key: text for key, text in where.items() if text is not None}
    if given and engine != "spark":
        option = f"--{min(given).replace('_', '-')}"
        raise UsageError(
            f"{option} is given without --engine spark, so Spark would not be used.",
            f"Add --engine spark, or leave {option} out.",
        )
    changes += tuple(f"{key}={text}" for key, text in given.items())
    settings = _settings(config, changes)
    from pipeline.requests import Request

    return Request(
        extracts=extracts,
        as_of=day,
        out=out or Path(os.devnull),
        settings=settings,
        profile=profile,
        period_start=first_day,
        audience=audience,
        engine=engine,
        dry_run=dry_run,
        debug=session.is_debug,
    )


def _refuse_what_is_not_here_yet(layout: str, audience: str) -> None:
    if layout != "extracts":
        raise UsageError(
            f"--from {layout} is not available in this version.",
            "Deliver the extracts of docs/extracts.md and leave --from out.",
        )
    if audience != "team":
        raise UsageError(
            f"--audience {audience} is not available in this version.",
            "Leave --audience out for the team's report; it must not be shared.",
        )


def _settings(config: Path | None, changes: tuple[str, ...]) -> "Settings":
    overrides = dict(_pair(change) for change in changes)
    from pipeline import seeds
    from pipeline.settings import resolve

    file = config or (_CONFIGURATION if _CONFIGURATION.exists() else None)
    if file:
        require_readable(file, "The configuration file")
    return resolve(
        seeds.read("parameters"), file=file, environment=os.environ, overrides=overrides
    )


def _pair(change: str) -> tuple[str, str]:
    name, equals, text = change.partition("=")
    if not equals:
        raise UsageError(
            f"--set is {change!r}; write KEY=VALUE, such as window_from=6."
        )
    return name.strip(), text.strip()


def _date(text: str | None, option: str) -> date | None:
    return parse_date(text, option) if text else None


def _stored(run: Path) -> Path:
    require_readable(run, "The run")
    folder = run.resolve()  # `current` is a link
    if not folder.is_dir():
        raise InputMissing(
            f"There is no run {run}.", "acvwatch runs lists those that are there."
        )
    from pipeline import store

    if not store.is_run_name(folder.name):
        raise InputMissing(
            f"{run} is not a stored run, whose folder is named by its day and content, "
            "such as 2026-06-30-3f9a1c0b7d2e.",
            "Name surveillance/current, or one of those that acvwatch runs lists.",
        )
    return folder


def _say(text: str) -> None:
    """Print a result; a reader that has gone away has had enough of it."""
    try:
        click.echo(text)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
