"""Methods: rules, parameters, baselines, models, inputs and versions of a run."""

from collections import defaultdict

import pandas as pd

from pipeline.findings import Findings
from pipeline.report.compose import cells, formats, sentences, window, wording
from pipeline.report.compose.records import records
from pipeline.report.compose.rules import RULES
from pipeline.report.document import Cell, Paragraph, Section, Table, Value


def methods_sections(findings: Findings) -> tuple[Section, ...]:
    """The sections on how the numbers were made and where each rule comes from."""
    return (
        Section(
            "q7",
            wording.QUESTIONS["q7"],
            (Paragraph(wording.ADVISORY), Paragraph(_how(findings)), _rules(findings)),
        ),
        Section("q7-parameters", "Parameters", (_parameters(findings),), level=2),
        Section("q7-baselines", "Published rates", (_baselines(findings),), level=2),
        Section("q7-models", "Models", (_models(findings),), level=2),
        Section("q7-sources", "Sources", (_sources(findings),), level=2),
        Section(
            "q7-inputs",
            "Inputs and versions",
            (_inputs(findings), _versions(findings)),
            level=2,
        ),
    )


def _how(findings: Findings) -> str:
    history = (
        f"From {formats.iso(findings.history_from)} on, 365 days of prescriptions can "
        "be seen; prolonged and repeated therapy before that day may be missed."
        if findings.history_from and findings.history_from <= findings.as_of
        else "No day has 365 days of prescriptions before it, so prolonged and repeated "
        "therapy may be missed throughout."
    )
    return (
        f"As of {formats.iso(findings.as_of)}. {_window_title(findings)}: "
        f"{formats.iso(findings.rolling_start)} to {formats.iso(findings.rolling_end)}. "
        f"Calendar year: {formats.iso(findings.year_start)} to "
        f"{formats.iso(findings.year_end)}. {history}"
    )


def _window_title(findings: Findings) -> str:
    return "Rolling window" if window.is_rolling(findings) else "Window asked for"


def _rules(findings: Findings) -> Table:
    values: dict[str, str] = defaultdict(lambda: "the configured number of")
    values |= {row["name"]: row["value"] for row in records(findings.parameters)}
    return Table(
        "q7-rules",
        "The rules in words, each the documents' or ours, with its place in the rule "
        "book.",
        cells.columns(
            ("Topic", "text"),
            ("Rule", "text 4"),
            ("Whose", "label"),
            ("Source", "text 2"),
        ),
        cells.rows(
            (
                cells.words(rule.topic),
                cells.words(rule.text.format_map(values)),
                cells.words(rule.origin),
                cells.words(rule.source),
            )
            for rule in RULES
        ),
        "No rule.",
        note=f"SIGNS: “{wording.SIGNS}”. RASH: “{wording.RASH}”. IVIG: “{wording.IVIG}”.",
    )


def _parameters(findings: Findings) -> Table:
    return Table(
        "q7-parameter-values",
        "Every parameter of the run. Changed ones differ from the default.",
        cells.columns(
            ("Parameter", "text"),
            ("Value", "text"),
            ("Default", "text"),
            ("Unit", "text"),
            ("Whose", "label"),
            ("Changed", "label"),
            ("Meaning and source", "text 5"),
        ),
        cells.rows(
            (
                cells.words(row["name"]),
                _setting(row["value"]),
                _setting(row["default"]),
                Value(row["unit"] or "none"),
                cells.words("ours" if row["origin"] == "ours" else "documents'"),
                Value("changed", 1.0, "warn")
                if row["is_changed"]
                else Value("no", 0.0),
                cells.words(f"{row['meaning']}. {row['section']}; {row['source']}"),
            )
            for row in records(findings.parameters)
        ),
        "This run states no parameter.",
        landscape=True,
    )


def _setting(value: object) -> Cell:
    text = "" if value is None else str(value)
    return Value(text, text) if text else Value("none", "", "muted")


def _baselines(findings: Findings) -> Table:
    printed = sentences.terms(findings).published
    titled = (
        ("Population", "text"),
        ("Published", "text"),
        ("Kind", "text"),
        ("Counted", "text"),
        ("Denominator", "text"),
        ("Sites left out", "text"),
        ("Note", "text 4"),
        ("Source", "text 2"),
    )
    return Table(
        "q7-baseline-values",
        "The published rates: what each counts, and what it must not be used for.",
        cells.columns(*titled),
        cells.rows(
            (
                cells.words(wording.POPULATIONS.get(row["population"])),
                cells.words(printed[row["baseline_id"]]),
                cells.words(wording.BASELINE_KINDS.get(row["kind"], row["kind"])),
                *(
                    cells.words(row[name])
                    for name in (
                        *("unit", "denominator", "site_exclusions"),
                        *("note", "source"),
                    )
                ),
            )
            for row in records(findings.baselines)
        ),
        "This run states no published rate.",
        landscape=True,
    )


def _models(findings: Findings) -> Table:
    caption = "The SQL models in reading order, as their headers state them."
    return _as_is("q7-model-headers", caption, findings.models)


def _sources(findings: Findings) -> Table:
    return _as_is("q7-source-list", "What is cited, and how.", findings.sources)


def _as_is(table_id: str, caption: str, frame: pd.DataFrame) -> Table:
    titles = [name.replace("_", " ").capitalize() for name in frame.columns]
    rows = [[_setting(value) for value in row.values()] for row in records(frame)]
    columns = cells.columns(*((title, "text") for title in titles or ["Entry"]))
    empty = "This run states none."
    return Table(table_id, caption, columns, cells.rows(rows), empty)


def _inputs(findings: Findings) -> Table:
    return Table(
        "q7-input-files",
        "The files that were read. A SHA-256 is printed in four groups of 16.",
        cells.columns(
            ("File", "text"),
            ("Extract", "text"),
            ("Rows", "integer"),
            ("Size", "integer", "bytes"),
            ("SHA-256", "text 3"),
        ),
        cells.rows(
            (
                cells.words(row["label"]),
                cells.words(wording.EXTRACTS.get(row["extract"], row["extract"])),
                cells.whole(row["rows"]),
                cells.whole(row["bytes"]),
                cells.words(_grouped(row["sha256"])),
            )
            for row in records(findings.inputs)
        ),
        "No file was read.",
    )


def _grouped(digest: str) -> str:
    return " ".join(digest[i : i + 16] for i in range(0, len(digest), 16))


def _versions(findings: Findings) -> Table:
    own = {"acvwatch": findings.version, "engine": findings.engine}
    own |= {"run": findings.run, "previous run": findings.previous_run or "none"}
    return Table(
        "q7-versions",
        "The program, its engine and the libraries of this run.",
        cells.columns(("What", "text"), ("Version", "text")),
        cells.rows(
            (cells.words(name), cells.words(version))
            for name, version in (own | dict(findings.versions)).items()
        ),
        "No version is stated.",
    )
