"""What a run writes for the team: tables, lists, both reports, and what sums them up.

Knows the names of the files; knows nothing of how they are published.
"""

import gc
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from pipeline import durable, models, tables
from pipeline.extracts.quarantine import write_quarantine
from pipeline.findings import Findings
from pipeline.report import html, pdf, stored
from pipeline.report.compose import compose
from pipeline.report.document import Document

DOCUMENT = "restricted/document.json"
"""The document value, from which the reports can be rendered again."""

HTML = "restricted/report.html"
PDF = "restricted/report.pdf"

IN_POSITION = "select * exclude (position) from published_table order by position"

QUARANTINE = "restricted/quarantine"


def render(document: Document) -> dict[str, bytes]:
    """The reports of a document: path within the run, bytes."""
    return {HTML: html.render(document).encode(), PDF: pdf.render(document)}


@contextmanager
def tables_written(engine, staging) -> Iterator[None]:
    """Write the tables that the engine holds into a staging folder, beside what is done
    within; what failed is raised at the end of it."""
    with ThreadPoolExecutor(max_workers=1) as beside:
        written = beside.submit(_write_tables, engine, staging)
        yield
        written.result()


def _write_tables(engine, staging) -> None:
    for name, select in tables.SELECTS.items():
        with staging.file(f"{tables.FOLDER}/{name}.parquet") as path:
            engine.write_parquet(select(), path)


def write_findings(engine, findings: Findings, staging) -> None:
    """Write the tables that estimates and sums make, and the line list."""
    for name, frame in (
        ("rates", tables.rates(findings)),
        ("flow", tables.flow(findings)),
        ("quality", tables.quality(findings)),
        ("signals", tables.signals(findings)),
        ("sites", tables.sites(findings)),
        ("changes", tables.changes(findings)),
        ("variations", tables.variations(findings)),
        ("changed_courses", tables.changed_courses(findings)),
    ):
        engine.load("published_table", frame.assign(position=range(len(frame))))
        with staging.file(f"{tables.FOLDER}/{name}.parquet") as path:
            engine.write_parquet(IN_POSITION, path)
    with staging.file("restricted/line_list.csv") as path:
        tables.write_line_list(findings, path)


def write_quarantined(engine, reception, staging) -> None:
    """Write the quarantined rows as delivered, each with every rule that it broke."""
    if len(reception.quarantine_rules):
        durable.make_folder(staging.folder / QUARANTINE)
        write_quarantine(engine, reception, staging.folder / QUARANTINE)


def write_accepted(engine, reception, staging) -> None:
    """Take over the accepted rows, which `acvwatch explain` walks again for one patient.

    The engine reads them from here on where they lie now.
    """
    for table, path in tables.ACCEPTED.items():
        with staging.file(path) as written:
            os.replace(reception.accepted[table], written)
        engine.read(table, staging.folder.resolve() / path)


def write(engine, findings: Findings, audience: str, staging) -> None:
    """Write what a run says beside `tables_written`: the document, both reports, findings.

    The PDF is set beside the HTML page. The tables that the engine holds go, and it is
    closed: their memory is the printer's, and nothing is asked of it afterwards.
    """
    with ThreadPoolExecutor(max_workers=2) as beside:
        dropped = beside.submit(_drop_tables, engine)
        with _nothing_collected():
            document = compose(findings, audience)
            printed = beside.submit(pdf.printed, pdf.manuscript(document))
            staging.write(HTML, html.render(document).encode())
            staging.write(DOCUMENT, stored.to_json(document))
        dropped.result()
        write_findings(engine, findings, staging)
        engine.close()
        staging.write(PDF, printed.result())


def _drop_tables(engine) -> None:
    for table in models.READ_AFTERWARDS:
        engine.drop(table)


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """Without the collector of cycles: a document has none, and is a large heap to search."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def summary(findings: Findings) -> Mapping[str, Any]:
    """What the history of runs shows: cases, verdicts, calls, open cases."""
    found = findings.rates
    headline = found[
        (found["definition"] == "case")
        & (found["rule"] == "headline")
        & (found["unit"] == "patient")
        & (found["syndrome"] == "hsv")
        & (found["window_end"] == findings.rolling_end)
    ]
    judged = headline[headline["baseline_id"] != ""]
    return {
        "cases": int(headline.loc[headline["population"] == "all", "k"].iloc[0]),
        "verdicts": dict(zip(judged["baseline_id"], judged["verdict"], strict=True)),
        "calls_for_action": list(findings.calls_for_action),
        "n_line_list": len(findings.line_list),
        "notes": list(findings.notes),
    }
