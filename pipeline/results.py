"""What a command answers, as text that a person reads or as JSON; prints nothing.

Knows the frames of a run and a reception; knows nothing of options or exit codes.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pandas as pd

from pipeline import models, seeds

if TYPE_CHECKING:
    from pipeline.doctor import Check
    from pipeline.extracts.description import FileDescription
    from pipeline.requests import Result
    from pipeline.run import Validation
    from pipeline.store import Entry

_HEADLINE = {"rule": "headline", "unit": "patient", "syndrome": "hsv"}
_DEFINITIONS = ("case", "confirmed", "ppv_adjusted")
_ABSENT = "-"
_UNJUDGED = "no_followups"
"""The flag of rates that are not judged for want of follow-ups."""

LEAST_SHOWN = 20
"""Rows that share a text that is not listed before it is shown."""

MOST_SHOWN = 10
"""Texts of a column that are not listed and shown in words; JSON has up to 50."""


def run_as_text(result: "Result") -> str:
    """Where the reports are, the headline rates, the alarms and the open courses."""
    if result.folder is None:
        lines = [f"Dry run of {result.run_name}: nothing was published."]
    else:
        folder = result.folder / "restricted"
        lines = [
            f"{_done(result)}: {result.folder}",
            *(f"  {path}" for path in sorted(folder.glob("report.*"))),
        ]
        if result.current not in (None, result.run_name):
            lines.append(
                f"Current stays {result.current}: a run of a later day was published "
                "after this one."
            )
    rows = [_rate_row(rate) for rate in _headline(result.rates).to_dict("records")]
    heads = ("population", "definition", "k/n", "rate", "95% CI", "baseline", "verdict")
    lines += ["", _table(heads, rows), ""]
    calls = [f"Calls for action: {call}" for call in result.calls_for_action]
    lines += calls or [_no_signal(result.rates)]
    lines.append(f"Courses open on the line list: {result.n_line_list:,}.")
    return "\n".join(lines)


def _done(result: "Result") -> str:
    again = ", and current again" if result.is_current_again else ""
    return f"Unchanged{again}" if result.is_unchanged else "Published"


def run_as_json(result: "Result") -> str:
    """The run with all its rates."""
    return _json(
        {
            "run": result.run_name,
            "folder": str(result.folder) if result.folder else None,
            "is_unchanged": result.is_unchanged,
            "current": result.current,
            "is_current_again": result.is_current_again,
            "calls_for_action": list(result.calls_for_action),
            "n_line_list": result.n_line_list,
            "notes": list(result.notes),
            "rates": result.rates.to_dict("records"),
        }
    )


def validation_as_text(found: "Validation") -> str:
    """How each file was read, what became of the rows, which rules they broke and where."""
    reception = found.reception
    flow = reception.flow.pivot_table(
        index="extract", columns="term", values="n", aggfunc="sum", sort=False
    ).reset_index()
    is_refused = bool(reception.refusals)
    lines = [
        line
        for file in found.files
        for line in _file_lines(file, is_refused=is_refused)
    ]
    lines += [_frame_table(flow)]
    if len(found.first_lines):
        told = found.first_lines.assign(
            first_lines=found.first_lines["first_lines"].map(_line_numbers)
        )
        lines += ["", _frame_table(told.rename(columns={"first_lines": "first lines"}))]
    lines += ["", *reception.notes] if reception.notes else []
    if reception.absent:
        lines += ["", f"Absent: {', '.join(reception.absent)}."]
    return "\n".join(lines)


def validation_as_json(found: "Validation") -> str:
    """The files as they were read, the flow, the broken rules and the notes."""
    reception = found.reception
    return _json(
        {
            "files": [
                {
                    "label": file.label,
                    "extract": file.extract,
                    "rows": file.n_rows,
                    "columns": file.columns.to_dict("records"),
                    "unknown": list(file.unknown),
                    "codes": _shown_codes(
                        file, is_refused=bool(reception.refusals)
                    ).to_dict("records"),
                }
                for file in found.files
            ],
            "flow": reception.flow.to_dict("records"),
            "quarantine_rules": reception.quarantine_rules.to_dict("records"),
            "first_lines": found.first_lines.to_dict("records"),
            "refusals": [
                line for each in reception.refusals for line in each.sentences
            ],
            "inputs": [asdict(file) for file in reception.inputs],
            "absent": list(reception.absent),
            "notes": list(reception.notes),
        }
    )


def _line_numbers(lines: Sequence[int]) -> str:
    return ", ".join(map(str, lines))


def _file_lines(file: "FileDescription", *, is_refused: bool) -> list[str]:
    columns = file.columns
    read = columns[columns["state"] != "absent"]
    pairs = ", ".join(
        column if column == delivered else f"{column} from {delivered}"
        for column, delivered in zip(read["column"], read["delivered_as"], strict=True)
    )
    absent = ", ".join(columns.loc[columns["state"] == "absent", "column"])
    shown = _shown_codes(file, is_refused=is_refused)
    unlisted = shown[(shown["code"] == "") & (shown["text"] != "")]
    lines = [f"{file.label}: {file.extract}, {file.n_rows:,} rows", f"  read: {pairs}"]
    lines += [f"  not there: {absent}"] if absent else []
    lines += [f"  ignored: {', '.join(file.unknown)}"] if file.unknown else []
    for column, texts in unlisted.groupby("column", sort=False):
        most = texts.head(MOST_SHOWN)[["text", "n"]].itertuples(index=False)
        named = ", ".join(f"{text!r} ({n:,} rows)" for text, n in most)
        lines.append(f"  not listed in {column}, the most frequent: {named}")
    if is_refused and (file.codes["code"] == "").any():
        lines.append("  not listed: not shown of a delivery that a run would refuse")
    return [*lines, ""]


def _shown_codes(file: "FileDescription", *, is_refused: bool) -> pd.DataFrame:
    """The codes, but no rare text that is not listed: it may be a misplaced value.

    Of a delivery so much of which does not fit, any may be.
    """
    codes = file.codes
    is_frequent = (codes["n"] >= LEAST_SHOWN) & (not is_refused)
    return codes[(codes["code"] != "") | is_frequent]


def history_as_text(entries: Sequence["Entry"]) -> str:
    """One line a run, in the order in which they became current."""
    if not entries:
        return "No run was published yet."
    rows = []
    for entry in entries:
        summary = entry.manifest.get("summary", {})
        rows.append(
            (
                entry.name,
                entry.as_of.isoformat(),
                entry.manifest.get("engine", _ABSENT),
                summary.get("cases", _ABSENT),
                _verdicts(summary.get("verdicts", {})),
                entry.state,
            )
        )
    return _table(("run", "as-of", "engine", "cases", "verdicts", "state"), rows)


def history_as_json(entries: Sequence["Entry"]) -> str:
    """The runs with what their manifests sum up."""
    return _json(
        [
            {
                "run": entry.name,
                "as_of": entry.as_of,
                "engine": entry.manifest.get("engine"),
                **entry.manifest.get("summary", {}),
                "state": entry.state,
            }
            for entry in entries
        ]
    )


def checks_as_text(checks: Sequence["Check"]) -> str:
    """One line a check, then what is wrong and what to do."""
    rows = [
        (check.name, "wrong" if check.fault else "ok", check.found) for check in checks
    ]
    lines = [_table(("check", "state", "found"), rows)]
    for check in checks:
        if check.fault:
            told = " ".join(check.fault.sentences)
            lines += ["", f"{check.name} (exit code {check.fault.exit_code}): {told}"]
    return "\n".join(lines)


def checks_as_json(checks: Sequence["Check"]) -> str:
    """The checks, each with its fault and exit code; 0 where nothing is wrong."""
    return _json(
        [
            {
                "check": check.name,
                "is_sound": check.fault is None,
                "found": check.found,
                "sentences": list(check.fault.sentences) if check.fault else [],
                "exit_code": check.fault.exit_code if check.fault else 0,
            }
            for check in checks
        ]
    )


def criteria_as_text() -> str:
    """Every rule, parameter and baseline, each with where it comes from."""
    lines = ["RULES, in the order in which they are applied"]
    for model in models.read_all():
        lines += ["", model.name, f"  {model.what}", f"  source: {model.source}"]
    lines += ["", "PARAMETERS"]
    for row in seeds.read("parameters").to_dict("records"):
        origin = f"{row['origin']}, {row['section']}; {row['source']}"
        default = f"{row['default'] or 'none'} {row['unit']}".rstrip()
        lines += [
            "",
            f"{row['name']} = {default}",
            f"  {row['meaning']}",
            f"  {origin}",
        ]
    lines += ["", "INDICATORS of conformance, in words with the defaults"]
    defaults = {
        row.name: row.default
        for row in seeds.read("parameters").itertuples(index=False)
    }
    for row in seeds.read("indicators").to_dict("records"):
        lines += [
            "",
            f"{row['indicator']}: {row['asks']}",
            f"  of whom: {row['denominator'].format_map(defaults)}",
            f"  met: {row['met_when'].format_map(defaults)}",
            f"  {row['citation']}",
        ]
    lines += ["", "BASELINES"]
    for row in seeds.read("baselines").to_dict("records"):
        lines += ["", f"{row['baseline_id']}: {row['printed']}", f"  {row['source']}"]
    return "\n".join(lines)


def criteria_as_json() -> str:
    """The same as JSON."""
    return _json(
        {
            "rules": [
                {"name": model.name, "what": model.what, "source": model.source}
                for model in models.read_all()
            ],
            "parameters": seeds.read("parameters").to_dict("records"),
            "indicators": seeds.read("indicators").to_dict("records"),
            "baselines": seeds.read("baselines").to_dict("records"),
        }
    )


def _headline(rates: pd.DataFrame) -> pd.DataFrame:
    """The rolling window is the one that ends last."""
    chosen = rates["window_end"] == rates["window_end"].max()
    for column, value in _HEADLINE.items():
        chosen &= rates[column] == value
    return rates[chosen & rates["definition"].isin(_DEFINITIONS)]


def _no_signal(rates: pd.DataFrame) -> str:
    """No alarm is not the same as nothing to do, and says nothing unless judged."""
    if any(_UNJUDGED in (flags or ()) for flags in rates["flags"]):
        return "No rate could be judged: no follow-up is usable."
    return "No signal by the rules for alarms (statistics b 11)."


def _rate_row(rate: Mapping[str, Any]) -> tuple[str, ...]:
    low, high = _percent(rate["cp_lo"]), _percent(rate["cp_hi"])
    return (
        rate["population"],
        rate["definition"],
        _counted(rate),
        _percent(rate["rate"]),
        _ABSENT if _ABSENT in (low, high) else f"{low} to {high}",
        _plain(rate["baseline_id"]) or _ABSENT,
        str(_plain(rate["verdict"]) or _ABSENT).replace("_", " "),
    )


def _counted(rate: Mapping[str, Any]) -> str:
    """The adjusted rate is not its counts over one another, and says so."""
    counts = f"{rate['k']}/{rate['n']}"
    return f"{counts} in question" if rate["definition"] == "ppv_adjusted" else counts


def _percent(share: Any) -> str:
    return _ABSENT if pd.isna(share) else f"{100 * share:.1f}%"


def _verdicts(verdicts: Mapping[str, str]) -> str:
    """What is above by name, the rest by number."""
    above = [name for name, word in sorted(verdicts.items()) if word == "above"]
    others = Counter(word for word in verdicts.values() if word != "above")
    told = [f"above: {', '.join(above)}"] if above else []
    told += [f"{n} {word.replace('_', ' ')}" for word, n in sorted(others.items())]
    return "; ".join(told) or _ABSENT


def _frame_table(frame: pd.DataFrame) -> str:
    return _table(frame.columns, frame.to_numpy(dtype=object).tolist())


def _table(heads: Iterable[str], rows: Sequence[Sequence[Any]]) -> str:
    cells = [list(map(str, heads)), *(list(map(_cell, row)) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        "  ".join(
            text.ljust(width) for text, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in cells
    )


def _cell(value: Any) -> str:
    plain = _plain(value)
    return _ABSENT if plain is None else str(plain)


def _json(value: Any) -> str:
    return json.dumps(_plain(value), indent=1, ensure_ascii=False, allow_nan=False)


def _plain(value: Any) -> Any:
    """The value in what JSON has; what is absent in any of its spellings is null."""
    match value:
        case None | bool() | str() | int():
            return value
        case Mapping():
            return {str(key): _plain(held) for key, held in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_plain(held) for held in value]
        case Decimal():
            return str(value)
    if is_dataclass(value):
        return _plain(asdict(value))
    if hasattr(value, "tolist"):  # a scalar or an array of numpy
        return _plain(value.tolist())
    if pd.isna(value):
        return None
    return value.isoformat() if isinstance(value, date) else value
