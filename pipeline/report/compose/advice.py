"""What to do about a watched course or an explained failure, as things stand on the as-of
date; knows nothing of tables."""

from datetime import timedelta

from pipeline.findings import Findings
from pipeline.report.compose import formats, wording
from pipeline.report.compose.records import Record, parameter


def of_watched(row: Record, findings: Findings) -> str:
    """The advice of a row of the watch list.

    Before the last day of the outcome window it names the days that lie ahead; after it,
    and once therapy is over, it says what can still be done.
    """
    watch = row["watch"]
    last_day = row["start_date"] + timedelta(_day(findings, "window_to"))
    is_late = {
        "progressing_early": last_day < findings.as_of,
        "relapse_on_therapy": _is_over(row, findings),
    }.get(watch, False)
    chosen = wording.WATCH_ACTIONS_LATE if is_late else wording.WATCH_ACTIONS
    return _filled(chosen.get(watch, "See again."), row, findings)


def of_explained(row: Record, findings: Findings) -> str:
    """What to put right of an explained failure: now, or once therapy is over."""
    reason = row["reason"]
    over = wording.REMEDIES_OVER if _is_over(row, findings) else {}
    text = over.get(reason) or wording.REMEDIES.get(reason, "Look again.")
    return _filled(text, row, findings)


def _is_over(row: Record, findings: Findings) -> bool:
    """Whether the course's last day, given or planned, is past."""
    return row["end_date"] < findings.as_of


def _filled(text: str, row: Record, findings: Findings) -> str:
    first, last = (_day(findings, name) for name in ("window_from", "window_to"))
    first_date = row["start_date"] + timedelta(first)
    last_date = formats.iso(row["start_date"] + timedelta(last))
    is_ahead = findings.as_of < first_date
    when = (
        f"{formats.iso(first_date)} to {last_date}" if is_ahead else f"by {last_date}"
    )
    return formats.sentence(
        text.format(
            window=f"day {first} to {last}",
            when=when,
            min_days=_day(findings, "min_therapy_days"),
        )
    )


def _day(findings: Findings, name: str) -> int:
    defaults = {"window_from": 7, "window_to": 10, "min_therapy_days": 7}
    return int(parameter(findings, name, defaults[name]))
