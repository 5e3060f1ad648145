"""All wording of a report: findings in, one document out.

Knows the frames of findings and the nouns of a document; knows nothing of SQL, files,
HTML or PDF. One module a question.
"""

from pipeline.errors import UsageError
from pipeline.findings import Findings
from pipeline.report.compose import formats, wording
from pipeline.report.compose.change import change_sections
from pipeline.report.compose.front import messages
from pipeline.report.compose.lists import lists_sections
from pipeline.report.compose.methods import methods_sections
from pipeline.report.compose.rates import rates_sections
from pipeline.report.compose.trust import trust_sections
from pipeline.report.compose.where import where_sections
from pipeline.report.document import Document

__all__ = ["compose"]


def compose(findings: Findings, audience: str = "team") -> Document:
    """The whole report for one audience, sections in the order of the questions.

    Raises UsageError for another audience than ``team``: a shareable report needs small
    numbers withheld first, and nothing here does that.
    """
    if audience != "team":
        raise UsageError(
            f"The audience {audience!r} is not offered: small numbers are not yet "
            "withheld, so only the team's report can be written. Use --audience team."
        )
    start, end = formats.iso(findings.rolling_start), formats.iso(findings.rolling_end)
    return Document(
        title=wording.TITLE,
        subtitle=wording.SUBTITLE,
        period=f"{start} to {end}",
        as_of=formats.iso(findings.as_of),
        run=findings.run,
        audience=audience,
        messages=messages(findings),
        sections=(
            *rates_sections(findings),
            *lists_sections(findings),
            *change_sections(findings),
            *where_sections(findings),
            *trust_sections(findings),
            *methods_sections(findings),
        ),
        footer=wording.ADVISORY,
        metadata={"version": findings.version, "engine": findings.engine},
    )
