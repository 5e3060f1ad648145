"""What changed since the previous run, and why: the split of every difference in counts.

The previous run is read from its published tables. Where only parameters differ, this
delivery was also classified under the former ones, so that what they changed is known
and not guessed; where the program differs, what nothing else explains is put to it.
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from pipeline import models, tables
from pipeline.contracts.compiler import Contract
from pipeline.contracts.sql_text import parquet
from pipeline.errors import InvariantBroken
from pipeline.extracts.accepted_rows import load_both
from pipeline.findings import Comparison, Redefinition
from pipeline.manifest import Published, canonical_json

PICKS = "patient_picks"
UNREDEFINED = models.UNREDEFINED

_PREVIOUS = {
    "previous_picks": (tables.PICKS, "true"),
    "previous_courses": (
        tables.COURSES,
        "classification in ('suspected', 'confirmed')",
    ),
}
_NAMED_BY_PYTHON = ("window_months", "resistant_ec50_ug_ml", "acyclovir_molar_mass")
"""Parameters that reach the SQL through another name or a window."""

_ASKED = "different_patients"
_COUNTS = (
    "select distinct population, definition, n, k from {source} "
    "where flags like '%provisional%' and unit = 'patient' and rule = 'headline' "
    "and syndrome = 'hsv' and definition <> 'ppv_adjusted'"
)


def redefinition(
    previous: Published | None,
    values: Mapping[str, Any],
    rules: str,
    versions: Mapping[str, str],
) -> Redefinition:
    """What differs between the rules of the previous run and the present ones."""
    if previous is None:
        return Redefinition()
    manifest = previous.manifest
    former = manifest["configuration"]
    present = json.loads(canonical_json(dict(values)))
    differing = [
        (name, str(former[name]), str(present[name]))
        for name in sorted(former.keys() & present.keys())
        if former[name] != present[name]
    ]
    is_other = manifest["rules"] != rules or manifest["versions"] != dict(versions)
    return Redefinition(tuple(differing), is_other)


def former_values(
    found: Redefinition, values: Mapping[str, Any]
) -> dict[str, Any] | None:
    """The parameters of the previous run, where the SQL names one that differs.

    None where nothing differs for the SQL, or where the program is another one.
    """
    named = set(
        re.findall(r"\$(\w+)", " ".join(m.select for m in models.read_everything()))
    )
    former = {
        name: type(values[name])(before)
        for name, before, _ in found.parameters
        if name in named or name in _NAMED_BY_PYTHON
    }
    if not former or found.is_other_program:
        return None
    return {**values, **former}


def compare(
    engine,
    previous: Published | None,
    found: Redefinition,
    parameters: Mapping[str, Any],
    window_start: date,
    last_dates: Mapping[str, date],
    *,
    contracts: Sequence[Contract],
    folder: Path,
    is_recounted: bool,
) -> Comparison:
    """The comparison with the previous run; the engine holds this run's tables.

    Where ``is_recounted``, `UNREDEFINED` among them: what the former parameters give.
    ``last_dates`` are the days on which this delivery's extracts end, ``folder`` that of
    this run, where its accepted rows lie already. Raises InvariantBroken where the split
    of a difference does not add up to it.
    """
    if previous is None or not _is_comparable(previous.folder):
        status = "first" if previous is None else "incomparable"
        return Comparison(status, previous and previous.name, found)
    _load_previous(engine, previous.folder.resolve())
    if not is_recounted:
        engine.create(UNREDEFINED, f"select * from {PICKS}")
    values = {
        **parameters,
        "window_start": window_start,
        "previous_as_of": date.fromisoformat(previous.manifest["as_of"]),
        "is_redefined": found.is_other_program,
    }
    _make(engine, models.DIFFERENT, values)
    engine.create(_ASKED, "select distinct patient_id from different_picks")
    now, before = (run / tables.FOLDER for run in (folder, previous.folder))
    load_both(engine, contracts, now.resolve(), before.resolve(), _ASKED)
    for name in models.CHANGES:
        _make(engine, name, values)
    for model in models.read_checks("changes"):
        if engine.rows(model.select, values):
            raise InvariantBroken(
                f"{model.what} This does not hold (check {model.table}).",
                "Nothing was published.",
            )
    return Comparison(
        "compared",
        previous.name,
        found,
        engine.frame("select * from changes order by population, definition, change"),
        engine.frame(
            "select * from changed_courses "
            "order by change, start_date, patient_id, dosing"
        ),
        _former_alarms(engine, previous.folder.resolve()),
        _older_extracts(previous, last_dates),
    )


def _make(engine, name: str, values: Mapping[str, Any]) -> None:
    model = models.read(name)
    engine.create(model.table, model.select, values)


def _former_alarms(engine, folder: Path) -> frozenset[tuple[str, str, str, str, date]]:
    source = parquet(folder / tables.SIGNALS)
    found = engine.frame(f"select * from {source} where signal = 'month'")
    is_raised = found["is_alarm"].fillna(False) | found["is_jump"].fillna(False)
    return frozenset(
        (
            *(row["population"], row["definition"], row["chart"]),
            *(row["baseline_id"], row["month"].date()),
        )
        for row in found[is_raised.astype(bool)].to_dict("records")
    )


def _older_extracts(
    previous: Published, last_dates: Mapping[str, date]
) -> tuple[tuple[str, date, date], ...]:
    before = {
        extract: date.fromisoformat(last)
        for extract, last in previous.manifest["last_dates"].items()
    }
    return tuple(
        (extract, before[extract], now)
        for extract, now in last_dates.items()
        if extract in before and now < before[extract]
    )


def _is_comparable(folder: Path) -> bool:
    read = [path for path, _ in _PREVIOUS.values()]
    needed = (*read, *tables.ACCEPTED.values(), tables.SIGNALS)
    return all((folder / path).is_file() for path in needed)


def _load_previous(engine, folder: Path) -> None:
    for table, (path, where) in _PREVIOUS.items():
        source = parquet(folder / path)
        engine.create(table, f"select * from {source} where {where}")
    source = parquet(folder / tables.RATES)
    engine.create("previous_counts", _COUNTS.format(source=source))
