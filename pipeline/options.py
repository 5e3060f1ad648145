"""The options of the command line, each said once; knows nothing of what they do."""

import sys
from collections.abc import Callable
from pathlib import Path

import click

from pipeline.terminal import FORMATS, Log


def _use_log(context: click.Context, _: click.Parameter, log_format: str) -> None:
    context.obj.log = Log(sys.stderr, log_format)


def _use_debug(context: click.Context, _: click.Parameter, is_debug: bool) -> None:
    context.obj.is_debug = is_debug


PATH = click.Path(path_type=Path, readable=False)
"""Whether it may be read is asked where it is read: that is no fault of the usage."""
OUT = click.option(
    "--out",
    type=PATH,
    default=Path("surveillance"),
    show_default=True,
    help="The folder that holds the runs.",
)
CONFIGURATION = (
    click.option(
        "--config",
        type=PATH,
        help="The configuration file; else acvwatch.toml of the working folder, if any.",
    ),
    click.option(
        "--set",
        "changes",
        multiple=True,
        metavar="KEY=VALUE",
        help="Set one key of the configuration; may be given again.",
    ),
)
DELIVERY = (
    click.option(
        "--profile", type=PATH, help="A file that names a site's own columns."
    ),
    click.option(
        "--from",
        "layout",
        type=click.Choice(["extracts", "omop", "fhir"]),
        default="extracts",
        show_default=True,
        help="The layout of the delivery.",
    ),
    click.option(
        "--allow-future",
        is_flag=True,
        help="Take an as-of date more than a day ahead of this host's.",
    ),
)
JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
_OF_EVERY_COMMAND = (
    click.option(
        "--log-format",
        type=click.Choice(FORMATS),
        default="text",
        show_default=True,
        callback=_use_log,
        is_eager=True,
        expose_value=False,
        help="How the log on stderr is written.",
    ),
    click.option(
        "--debug",
        is_flag=True,
        callback=_use_debug,
        is_eager=True,
        expose_value=False,
        help="Show where an error happened; this may show patients' values.",
    ),
)


AS_OF = click.option(
    "--as-of",
    required=True,
    metavar="DATE",
    help="The day up to which the run looks, such as 2026-06-30, or today.",
)
SPARK = (
    click.option(
        "--spark-master",
        metavar="URL",
        help="The master, such as spark://host:7077; this machine's cores by default.",
    ),
    click.option(
        "--spark-remote", metavar="URL", help="A Spark Connect server, sc://host."
    ),
    click.option(
        "--spark-folder",
        metavar="PATH",
        help="A folder that this machine and every worker of Spark see.",
    ),
)
RUN = (
    click.option(
        "--period-start", metavar="DATE", help="The first day of the window judged."
    ),
    click.option(
        "--engine",
        type=click.Choice(["duckdb", "spark"]),
        default="duckdb",
        show_default=True,
        help="What applies the rules to the rows that were accepted.",
    ),
    *SPARK,
    click.option(
        "--audience",
        type=click.Choice(["team", "shareable", "both"]),
        default="team",
        show_default=True,
        help="Who the report is for.",
    ),
    click.option(
        "--signal-exit-code",
        is_flag=True,
        help="Exit with 10 where the run is published and something calls for action.",
    ),
    click.option("--dry-run", is_flag=True, help="Do everything but publish."),
)
SCENARIO = (
    click.option("--patients", type=int, help="How many patients."),
    click.option("--seed", type=int, help="Another seed, another network."),
    click.option(
        "--format",
        "file_format",
        type=click.Choice(["csv", "parquet"]),
        default="csv",
        show_default=True,
        help="The format of the extracts.",
    ),
    click.option("--as-of", metavar="DATE", help="The last day of the data."),
    click.option("--months", type=int, help="Months that are watched."),
    click.option("--history-months", type=int, help="Months before those."),
    click.option("--sites", type=int, help="How many sites."),
    click.option(
        "--resistance",
        multiple=True,
        metavar="POPULATION=SHARE",
        help="The true share of resistance in a population; may be given again.",
    ),
    click.option(
        "--mix",
        multiple=True,
        metavar="POPULATION=WEIGHT",
        help="A population's weight in the network; may be given again.",
    ),
    click.option("--underdosed", type=float, help="Share of courses under-dosed."),
    click.option(
        "--nonadherent", type=float, help="Share of courses with doses missed."
    ),
    click.option("--other-diagnosis", type=float, help="Share with another diagnosis."),
    click.option("--lost", type=float, help="Share of courses without follow-up."),
    click.option("--tested", type=float, help="Share of failures that are tested."),
    click.option(
        "--reporting-delay", type=float, help="Mean days until it is recorded."
    ),
    click.option(
        "--cluster",
        metavar="SITE,MONTH,CASES",
        help="Extra resistant cases at a site, such as s03,2026-03,5.",
    ),
    click.option(
        "--change",
        metavar="MONTH,ODDS,POPULATION",
        help="Odds of resistance multiplied from a month on, such as 2026-01,4,hiv.",
    ),
)


def of(*given: Callable) -> Callable[[Callable], Callable]:
    """A decorator that gives a command these options and those that all commands have."""

    def decorate(command: Callable) -> Callable:
        for option in reversed((*given, *_OF_EVERY_COMMAND)):
            command = option(command)
        return click.pass_obj(command)

    return decorate
