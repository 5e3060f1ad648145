"""What a run is asked for and what it answers; knows nothing of how it is done."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from pipeline.settings import Settings


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
    """What a run published; ``folder`` is None after a dry run.

    ``rates`` is the table of `statistics.md` section j, ``current`` the run that
    ``current`` points to now. A run that was published before ``is_current_again`` where
    another one was current until it was asked for.
    """

    run_name: str
    folder: Path | None
    is_unchanged: bool
    rates: pd.DataFrame
    notes: tuple[str, ...]
    calls_for_action: tuple[str, ...]
    n_line_list: int
    current: str | None = None
    is_current_again: bool = False
