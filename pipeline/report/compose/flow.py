"""The flow from rows received to patients in the rate, drawn and tabled."""

from pipeline.findings import Findings
from pipeline.report import charts
from pipeline.report.charts import Step
from pipeline.report.compose import cells, formats, window, wording
from pipeline.report.compose.records import records
from pipeline.report.document import Figure, Table, Value

Counts = dict[str, int]


def flow_figure(findings: Findings) -> Figure:
    """The diagram in the manner of STROBE, with the same numbers in a table."""
    rows = _summed(findings)
    courses = {row["term"]: row["n"] for row in records(findings.course_flow)}
    patients = {
        row["term"]: row["n"] for row in records(findings.patient_flow, syndrome="hsv")
    }
    steps = [
        *_row_steps(rows),
        *_course_steps(courses),
        *_patient_steps(patients, window.name(findings)),
    ]
    return Figure(
        "q6-flow",
        "From rows received to cases: what was left out at each step, and why. See "
        "where most is lost: what is lost there, the rates cannot speak of.",
        "Flow diagram. " + "; ".join(f"{s.label}: {s.amount}" for s in steps) + ".",
        charts.flow(steps),
        _table(findings, steps),
    )


def _summed(findings: Findings) -> Counts:
    rows: Counts = dict.fromkeys(wording.DISPOSITIONS, 0)
    for row in records(findings.extract_flow):
        rows[row["term"]] += row["n"]
    return rows


def _row_steps(rows: Counts) -> list[Step]:
    left = [
        (title, formats.count(rows[term]))
        for term, title in wording.DISPOSITIONS.items()
        if term not in ("received", "accepted")
    ]
    received, accepted = (
        formats.plural(rows[term], "row") for term in ("received", "accepted")
    )
    return [
        Step("Received, all extracts", received, tuple(left), "Not used"),
        Step("Accepted", accepted),
    ]


def _course_steps(courses: Counts) -> list[Step]:
    built, absorbed = courses.get("built", 0), courses.get("absorbed", 0)
    kept = formats.plural(built - absorbed, "course")
    by_class = tuple(
        (title, formats.count(courses.get(term, 0)))
        for term, title in wording.CLASSES.items()
    )
    overlapped = (("Absorbed by an overlapping course", formats.count(absorbed)),)
    return [
        Step("Courses of treatment built", formats.plural(built, "course"), overlapped),
        Step("Courses kept, whole delivery", kept, by_class, "By class"),
    ]


def _patient_steps(patients: Counts, named: str) -> list[Step]:
    left = tuple(
        (wording.PATIENT_TERMS[term], formats.count(patients.get(term, 0)))
        for term in ("excluded", "not_evaluable", "immature", "confirmed_outside")
    )
    number, evaluable, cases = (
        formats.plural(patients.get(term, 0), "patient")
        for term in ("patients", "evaluable", "cases")
    )
    title = f"Herpes simplex, treated in the {named}"
    return [
        Step(title, number, left, "Not in the rate"),
        Step("Evaluable", evaluable),
        Step("Cases: suspected or confirmed in the rate", cases),
    ]


def _table(findings: Findings, steps: list[Step]) -> Table:
    rows = []
    for step in steps:
        rows.append((step.label, step.amount))
        rows += [(f"{step.label}: {name}", amount) for name, amount in step.aside]
    for row in records(findings.patient_flow, syndrome="zoster"):
        term = wording.PATIENT_TERMS.get(row["term"], row["term"])
        label = f"Zoster, {window.name(findings)}: {term}"
        rows.append((label, formats.count(row["n"])))
    return Table(
        "q6-flow-numbers",
        "The numbers of the flow diagram; zoster apart.",
        cells.columns(("Step", "text"), ("Number", "integer")),
        cells.rows((Value(label), Value(amount)) for label, amount in rows),
        "Nothing was received.",
    )
